#include "fa_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fa_rig rig;
static void *memory, *budgets;

const struct lk_fa_output *fa_find(const struct lk_fa_outbox *out, enum lk_fa_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_address fa_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

struct lk_mip_msa fa_msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 32 } },
                            .spi_back = spi, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 32);
    return m;
}

int fa_rig_setup(void **state)
{
    rig.now_ms = FA_RIG_START;
    lk_fa_defaults(&rig.config);
    rig.config.visitors = FA_RIG_VISITORS;
    rig.config.pending = FA_RIG_PENDING;
    rig.config.mip.care_of = fa_ipv4(203, 0, 113, 1);
    rig.config.home_agent_count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        rig.config.home_agent[i].at.address = fa_ipv4(192, 0, 2, (uint8_t)(1 + i));
        rig.config.home_agent[i].at.port = (uint16_t)(434 + i);
        rig.config.home_agent[i].msa = fa_msa(400, (uint8_t)(3 + i));
    }
    rig.home = fa_msa(FA_RIG_SPI, 1);
    rig.foreign = fa_msa(FA_RIG_MN_FA, 2);
    memory = calloc(1, lk_fa_size(&rig.config));
    budgets = calloc(1, lk_budgets_size());
    assert_non_null(memory);
    assert_non_null(budgets);
    rig.fa = lk_fa_init(memory, &rig.config, lk_budgets_in(budgets, 5), 7);
    return 0;
}

int fa_rig_teardown(void **state)
{
    lk_fa_wipe(rig.fa);
    free(memory);
    free(budgets);
    return 0;
}

/* ---- nodes and their home agents ---- */

struct fa_node fa_node_at(uint8_t who, uint8_t place)
{
    return (struct fa_node){ .who = who, .at = { fa_ipv4(203, 0, 113, place), 5000 },
                          .lifetime_s = 600, .identification = FA_RIG_START * 1000 + who };
}

static const struct lk_fa_grant *granted;
static const struct lk_mip_msa *told;

void fa_give(const struct lk_fa_place *from, struct lk_span octets)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .now_ms = rig.now_ms,
                                       .from = *from, .octets = octets, .grant = granted,
                                       .key = told };

    lk_fa_step(rig.fa, &event, &rig.out);
}

void fa_ask(const struct fa_node *n)
{
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request request = {
        .flags = LK_MIP_REVERSE, .lifetime_s = n->lifetime_s, .home = fa_ipv4(10, 45, 0, n->who),
        .agent = fa_ipv4(192, 0, 2, (uint8_t)(1 + n->agent)), .care_of = rig.config.mip.care_of,
        .identification = n->identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.challenge = lk_span_of(n->challenge, n->challenge_len);
    to.nai = lk_span_text(n->nai == NULL ? "node@realm" : n->nai);
    lk_mip_request_put(&w, &request);
    to.vendor_count = 1;
    to.vendor[0] = (struct lk_mip_vendor){ .id = 32473, .type = LK_MIP_VENDOR_B_TID,
                                           .value = lk_span_text("b-tid@bsf") };
    to.mn_fa_spi = FA_RIG_MN_FA;
    if (n->named || n->foreign != NULL || n->asks_key)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (n->challenge_len > 0)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    if (n->names)
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &to);
    if (n->asks_key)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &to);
    lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_HA_AUTH);
    if (n->asks_key && !n->foreign_first)
        lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_AAA_AUTH);
    if (n->foreign != NULL)
        lk_mip_msa_sign(&w, n->foreign, n->foreign->there.spi, LK_MIP_MN_FA_AUTH);
    if (n->asks_key && n->foreign_first)
        lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_AAA_AUTH);
    assert_int_equal(w.status, LK_OK);
    granted = n->grant;
    told = n->key;
    fa_give(&n->at, lk_writer_span(&w));
    granted = NULL;
    told = NULL;
}

/* The home agent's word to that request. */
void fa_answer(const struct fa_node *n, uint8_t code)
{
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_fa_home_agent *agent = &rig.config.home_agent[n->agent];
    const struct lk_mip_reply reply = { .code = code, .lifetime_s = n->lifetime_s,
                                        .home = fa_ipv4(10, 45, 0, n->who),
                                        .agent = agent->at.address,
                                        .identification = n->identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    lk_mip_reply_put(&w, &reply);
    if (n->nonce != NULL) {
        to.mn_fa_key = (struct lk_mip_key_reply){ .lifetime_s = 60,
                                                  .agent_spi = n->nonce->there.spi,
                                                  .algorithm = LK_MIP_HMAC_SHA256,
                                                  .nonce = lk_span_of(n->nonce, 16) };
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, &to);
    }
    lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_HA_AUTH);
    if (n->lifetime_s > 0) {
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
        lk_mip_msa_sign(&w, &agent->msa, 400, LK_MIP_FA_HA_AUTH);
    }
    assert_int_equal(w.status, LK_OK);
    fa_give(&agent->at, lk_writer_span(&w));
}

/* The reply that the node at that place is sent. */
struct lk_mip_reply fa_heard(struct fa_node *n)
{
    const struct lk_fa_output *item = fa_find(&rig.out, LK_FA_OUT_SEND);
    struct lk_mip_reply reply;

    assert_non_null(item);
    assert_int_equal(item->send.to.port, n->at.port);
    assert_true(lk_address_equal(&item->send.to.address, &n->at.address));
    assert_int_equal(lk_mip_reply_decode(&reply, item->send.octets), LK_OK);
    n->challenge_len = reply.extensions.challenge.len;
    memcpy(n->challenge, reply.extensions.challenge.at, n->challenge_len);
    return reply;
}

bool fa_is_relayed(const struct fa_node *n)
{
    const struct lk_fa_output *item = fa_find(&rig.out, LK_FA_OUT_SEND);
    const struct lk_fa_place *to = &rig.config.home_agent[n->agent].at;

    return item != NULL && item->send.to.port == to->port &&
           lk_address_equal(&item->send.to.address, &to->address);
}

bool fa_has(const struct lk_mip_msa *key)
{
    const struct lk_mip_secret *secret = &key->there.secret;

    return memmem(memory, lk_fa_size(&rig.config), secret->octets, secret->len) != NULL;
}

enum lk_reason fa_refused(void)
{
    const struct lk_fa_output *item = fa_find(&rig.out, LK_FA_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

/* Asks for a challenge, and then with it. */
void fa_ask_well(struct fa_node *n)
{
    if (n->challenge_len == 0) {
        fa_ask(n);
        assert_int_equal(fa_heard(n).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    }
    n->identification += UINT64_C(1) << 20;
    fa_ask(n);
}
