/* A foreign agent's machine, a node that asks of it, and its home agent: for mip_fa_test. */
#ifndef LK_TEST_MIP_FA_RIG_H
#define LK_TEST_MIP_FA_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mip/fa.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { PORT = 5000 };

static struct lk_mip_fa_config config;
static struct lk_mip_fa_outbox out;
static struct lk_mip_msa home, foreign, agents; /* MN-HA, MN-FA, FA-HA */

static inline struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static inline struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static inline int setup(void **state)
{
    lk_mip_fa_defaults(&config);
    config.care_of = ipv4(203, 0, 113, 1);
    home = msa(256, 1);
    foreign = msa(300, 2);
    agents = msa(400, 3);
    return 0;
}

/* ---- the node, and its home agent ---- */

struct node {
    uint8_t flags;
    uint16_t lifetime_s; /* 0: 600 */
    bool gone;           /* a deregistration */
    uint8_t care_of;     /* last octet of another; 0: ours */
    bool must, none;     /* config: a reverse tunnel is a must, is not to be had */
    bool no_agent, no_home, no_proof, foreign_first, critical, proof_first;
    const char *challenge; /* NULL: the one that was given */
    bool no_challenge, udp, udp_behind, denied;
    const struct lk_mip_msa *foreign;
};

static uint8_t asked[1024], answered[1024];
static struct lk_mip_request request;
static struct lk_mip_reply reply;
static size_t home_end; /* of asked: what the home agent is to have */

static inline void put_request(struct lk_writer *w, const struct node *n)
{
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.challenge = lk_span_text(n->challenge != NULL ? n->challenge : "now!");
    to.vendor_count = 1;
    to.vendor[0].critical = true;
    if (n->proof_first)
        lk_mip_msa_sign(w, &home, 256, LK_MIP_MN_AAA_AUTH);
    if (!n->no_challenge)
        lk_mip_extension_put(w, LK_MIP_CHALLENGE, &to);
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    if (n->udp)
        lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
    if (n->critical)
        lk_mip_extension_put(w, LK_MIP_VENDOR_CRITICAL, &to);
    if (n->foreign_first)
        lk_mip_msa_sign(w, &foreign, 300, LK_MIP_MN_FA_AUTH);
    if (!n->no_proof)
        lk_mip_msa_sign(w, &home, 256, LK_MIP_MN_HA_AUTH);
    if (!n->no_proof && !n->proof_first)
        lk_mip_msa_sign(w, &home, 256, LK_MIP_MN_AAA_AUTH);
    home_end = w->len;
    if (n->udp_behind)
        lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
    if (n->foreign != NULL)
        lk_mip_msa_sign(w, n->foreign, n->foreign->there.spi, LK_MIP_MN_FA_AUTH);
}

static inline struct lk_mip_fa_event asks(struct node n)
{
    struct lk_writer w = lk_writer_of(asked, sizeof asked);
    const struct lk_mip_request fixed = {
        .flags = n.flags, .lifetime_s = n.gone ? 0 : n.lifetime_s != 0 ? n.lifetime_s : 600,
        .home = n.no_home ? (struct lk_address){ { 0 } } : ipv4(10, 45, 0, 7),
        .agent = n.no_agent ? (struct lk_address){ { 0 } } : ipv4(192, 0, 2, 1),
        .care_of = ipv4(203, 0, 113, n.care_of != 0 ? n.care_of : 1),
        .identification = UINT64_C(0x1122334455667788) };

    lk_mip_request_put(&w, &fixed);
    put_request(&w, &n);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(lk_mip_request_decode(&request, lk_writer_span(&w)), LK_OK);
    return (struct lk_mip_fa_event){ .kind = LK_MIP_FA_EV_REQUEST, .now_ms = NOW,
                                     .with = n.foreign, .home_with = &agents,
                                     .next = lk_span_text("next"), .request = &request,
                                     .from = ipv4(203, 0, 113, 77), .port = PORT,
                                     .given = { lk_span_text("old!"), lk_span_text("now!") },
                                     .deny = { n.denied ? LK_MIP_CODE_FA_RESOURCES : 0,
                                               LK_REASON_MIP_TABLE_FULL } };
}

struct answer {
    uint8_t code;
    uint16_t lifetime_s; /* 0: as asked */
    bool no_home, other_home, critical, behind; /* behind: something is, of Foreign-Home */
    bool udp, udp_declined;
    uint64_t identification; /* 0: as asked */
    const char *challenge;
    bool nonce;
    const struct lk_mip_msa *agents;
};

static inline struct lk_mip_fa_event answers(struct answer a)
{
    static const uint8_t nonce[16] = { 7 };
    struct lk_writer w = lk_writer_of(answered, sizeof answered);
    const struct lk_mip_reply fixed = {
        .code = a.code, .lifetime_s = a.lifetime_s != 0 ? a.lifetime_s : request.lifetime_s,
        .home = a.no_home ? (struct lk_address){ { 0 } }
                          : ipv4(10, 45, 0, a.other_home ? 8 : 7),
        .agent = ipv4(192, 0, 2, 1),
        .identification = a.identification != 0 ? a.identification : request.identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.challenge = lk_span_text(a.challenge != NULL ? a.challenge : "");
    to.vendor_count = 1;
    to.vendor[0].critical = true;
    to.mn_fa_key = (struct lk_mip_key_reply){ .lifetime_s = 60, .agent_spi = 300,
                                              .algorithm = LK_MIP_HMAC_MD5,
                                              .nonce = LK_SPAN(nonce) };
    lk_mip_reply_put(&w, &fixed);
    if (a.challenge != NULL)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    if (a.critical)
        lk_mip_extension_put(&w, LK_MIP_VENDOR_CRITICAL, &to);
    lk_mip_msa_sign(&w, &home, home.spi_back, LK_MIP_MN_HA_AUTH);
    if (a.nonce)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, &to);
    to.udp_reply.code = a.udp_declined ? LK_MIP_UDP_DECLINED : LK_MIP_UDP_ACCEPTED;
    if (a.udp)
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
    if (a.agents != NULL)
        lk_mip_msa_sign(&w, a.agents, a.agents->spi_back, LK_MIP_FA_HA_AUTH);
    to.nai = lk_span_text("who@realm");
    if (a.behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(lk_mip_reply_decode(&reply, lk_writer_span(&w)), LK_OK);
    return (struct lk_mip_fa_event){ .kind = LK_MIP_FA_EV_REPLY, .now_ms = NOW,
                                     .home_with = &agents, .next = lk_span_text("next"),
                                     .reply = &reply };
}

static inline void step(struct lk_mip_fa *fa, const struct lk_mip_fa_event *event)
{
    assert_int_equal(lk_mip_fa_step(fa, &config, event, &out), LK_OK);
}

static inline struct lk_mip_fa pending(void)
{
    const struct lk_mip_fa_event event = asks((struct node){ .flags = 0 });
    struct lk_mip_fa fa;

    lk_mip_fa_init(&fa);
    step(&fa, &event);
    assert_int_equal(fa.state, LK_MIP_FA_PENDING);
    return fa;
}

static inline struct lk_mip_fa served(void)
{
    struct lk_mip_fa fa = pending();
    const struct lk_mip_fa_event event = answers((struct answer){ .agents = &agents });

    step(&fa, &event);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
    return fa;
}

/* What the node is told. */
static inline struct lk_mip_reply told(void)
{
    const struct lk_mip_fa_output *item = lk_mip_fa_find(&out, LK_MIP_FA_OUT_SEND);
    const struct lk_address node = ipv4(203, 0, 113, 77);
    struct lk_mip_reply heard;

    assert_non_null(item);
    assert_true(lk_address_equal(&item->send.to, &node) && item->send.port == PORT);
    assert_int_equal(lk_mip_reply_decode(&heard, item->send.octets), LK_OK);
    assert_true(heard.identification == request.identification);
    return heard;
}

static inline void is_refused(uint8_t code, enum lk_reason reason)
{
    const struct lk_mip_fa_output *item = lk_mip_fa_find(&out, LK_MIP_FA_OUT_REFUSED);

    assert_int_equal(told().code, code);
    assert_non_null(item);
    assert_int_equal(item->refused.code, code);
    assert_int_equal(item->refused.refusal.reason, reason);
    assert_null(lk_mip_fa_find(&out, LK_MIP_FA_OUT_RELAY));
}

#endif
