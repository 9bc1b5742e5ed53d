/* node/anchor_aaa: when the home agent asks its AAA, what it keeps meanwhile (nothing), and what it
 * does with the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"
#include "base/ntp.h"
#include "node/binding_protocol.h"

enum { ROWS = 16, MN_SPI = 600, AGENT_SPI = 5000, AAA_SPI = 1000, PUSHED_SPI = 777, PORT = 434 };
#define NAI "0001010000000007@realm"

static struct anchor_rig *rig;
static void *msas_memory, *unproven_memory;
static struct lk_imsi imsi;
static struct lk_mip_msa aaa, given; /* with the AAA; that it gives */
static uint8_t nonce[LK_MIP_NONCE_LEAST] = { 1, 2, 3 };
static struct lk_mip_grant grant;

static struct lk_mip_msa msa_of(uint32_t spi, uint32_t spi_back, uint8_t octet)
{
    struct lk_mip_msa msa = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5,
                                         .secret = { .len = 16 } },
                              .spi_back = spi_back, .replay = LK_MIP_TIMESTAMPS,
                              .ends_ms = UINT64_MAX - 1 }; /* not configured */

    memset(msa.there.secret.octets, octet, 16);
    return msa;
}

static int setup(void **state)
{
    rig = anchor_rig_open(ROWS);
    msas_memory = calloc(1, lk_mip_msas_size(ROWS));
    unproven_memory = calloc(1, lk_budgets_size());
    assert_true(msas_memory != NULL && unproven_memory != NULL);
    rig->config.mip.serves = rig->config.mip.asks_keys = true;
    rig->config.mip.asks_pushed = false;
    rig->config.mip.agent = anchor_address("192.0.2.1");
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, ROWS, 1),
                        lk_budgets_in(unproven_memory, 2));
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010000000007")), LK_OK);
    aaa = msa_of(AAA_SPI, AAA_SPI, 0x41);
    given = msa_of(AGENT_SPI, MN_SPI, 0x6b);
    grant = (struct lk_mip_grant){ .mn_ha = true, .msa = given,
                                   .mn_ha_key = { .lifetime_s = 600, .aaa_spi = AAA_SPI,
                                                  .agent_spi = AGENT_SPI,
                                                  .algorithm = LK_MIP_HMAC_MD5,
                                                  .replay = LK_MIP_TIMESTAMPS,
                                                  .nonce = LK_SPAN(nonce) } };
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    free(msas_memory);
    free(unproven_memory);
    return 0;
}

struct sends {
    bool keys, no_nai, leaves, nai_behind;
    const char *b_tid;
    const struct lk_mip_msa *signs; /* Mobile-Home; NULL: none */
    const struct lk_mip_msa *agent; /* Foreign-Home; NULL: none */
    const char *from;               /* NULL: the usual place */
    const struct lk_mip_grant *grant;
    const struct lk_mip_msa *key;   /* pushed */
};

static struct lk_span last;

/* The code of the reply; -1: none. */
static int sends(const struct sends *s)
{
    static uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const char *from = s->from == NULL ? "198.51.100.23" : s->from;
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = s->leaves ? 0 : 600,
        .agent = anchor_address("192.0.2.1"), .care_of = anchor_address(from),
        .identification = lk_ntp_of(rig->now_ms, 0),
    };
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                     .from = anchor_address(from), .port = PORT,
                                     .grant = s->grant, .key = s->key };
    struct lk_mip_extensions has;
    const struct lk_anchor_output *sent;
    struct lk_mip_reply reply;

    memset(&has, 0, sizeof has);
    has.nai = lk_span_text(NAI);
    has.mn_ha_spi = MN_SPI;
    has.udp_request.encapsulation = LK_MIP_IN_IP;
    lk_mip_request_put(&w, &request);
    if (!s->no_nai && !s->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    if (s->keys)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &has);
    if (s->b_tid != NULL) {
        has.vendor_count = 1;
        has.vendor[0] = (struct lk_mip_vendor){ .id = rig->config.enterprise,
                                                .type = LK_MIP_VENDOR_B_TID,
                                                .value = lk_span_text(s->b_tid) };
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &has);
    }
    if (s->signs != NULL)
        lk_mip_msa_sign(&w, s->signs, s->signs->there.spi, LK_MIP_MN_HA_AUTH);
    if (s->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (s->keys)
        lk_mip_msa_sign_aaa(&w, &aaa, lk_span_of(NULL, 0));
    if (s->agent != NULL)
        lk_mip_msa_sign(&w, s->agent, s->agent->there.spi, LK_MIP_FA_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    event.octets = last = lk_span_of(octets, w.len);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    sent = anchor_find(rig, LK_ANCHOR_OUT_SEND);
    if (sent == NULL)
        return -1;
    assert_int_equal(lk_mip_reply_decode(&reply, sent->octets), LK_OK);
    if (s->grant != NULL) { /* T25: the nonce is in front of the proof that its key makes */
        assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
        assert_true(lk_mip_msa_proves(&given, MN_SPI, &reply.extensions, LK_MIP_MN_HA_AUTH,
                                      rig->now_ms));
    }
    return reply.code;
}

/* The octets that were sent last, again: whether they are answered. */
static bool repeats(const struct sends *s)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                     .from = anchor_address("198.51.100.23"), .port = PORT,
                                     .octets = last, .grant = s->grant };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
    return anchor_find(rig, LK_ANCHOR_OUT_SEND) != NULL;
}

static const struct lk_mip_msa *has(uint32_t spi)
{
    return lk_mip_msas_find(rig->anchor.msas, lk_imsi_number(&imsi), spi, rig->now_ms);
}

static enum lk_radius_mip_wants asked(void)
{
    const struct lk_anchor_output *ask = anchor_find(rig, LK_ANCHOR_OUT_ASK);

    if (ask == NULL)
        return 0;
    assert_string_equal(ask->ask.imsi.digits, imsi.digits);
    return ask->ask.wants;
}

static bool refused_for(enum lk_reason reason)
{
    const struct lk_anchor_output *refused = anchor_find(rig, LK_ANCHOR_OUT_REFUSED);

    return refused != NULL && refused->refused.refusal.reason == reason;
}

/* spec: RFC 3957 4 - the AAA proves the node; until then there is no row and no key of it. */
static void keys_are_asked_for_and_kept_with_the_binding(void **state)
{
    struct sends s = { .keys = true };

    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), LK_RADIUS_MIP_KEYS);
    assert_int_equal(lk_binding_count(rig->anchor.table), 0);
    s.grant = &grant;
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(asked(), 0);
    assert_int_equal(lk_binding_count(rig->anchor.table), 1);
    assert_non_null(has(AGENT_SPI));
    rig->now_ms += 10;
    s = (struct sends){ .signs = &given };
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(asked(), 0); /* once */
}

/* T26: beside the key that there was, until the node has used it. */
static void a_new_key_is_beside_the_old_one(void **state)
{
    struct lk_mip_msa old = msa_of(300, 300, 0x55);
    struct sends s = { .keys = true, .signs = &old, .grant = &grant };

    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &old, rig->now_ms);
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    assert_true(has(300) != NULL && has(AGENT_SPI) != NULL);
    lk_binding_of(rig->anchor.table, lk_imsi_number(&imsi), 0)->reached = true; /* T13 */
    rig->now_ms += 10;
    s = (struct sends){ .signs = &old };
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED); /* the reply was lost */
    assert_true(has(300) != NULL && has(AGENT_SPI) != NULL);
    rig->now_ms += 10;
    s.signs = &given;
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    assert_true(has(300) == NULL && has(AGENT_SPI) != NULL);
}

/* T26: and however many come, the one that is used stays; T10: nor does any of another's take its
 * place, or that of the first that was given, where the table is full. */
static void a_key_in_use_stays(void **state)
{
    struct lk_mip_msa old = msa_of(300, 300, 0x55), other = msa_of(900, 900, 0x56);
    struct lk_mip_grant next = grant;
    struct sends s = { .keys = true, .grant = &next };

    next.msa.ends_ms = rig->now_ms + 1000000;
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    for (uint64_t subject = 1; subject < 4 * ROWS; subject++)
        lk_mip_msas_put(rig->anchor.msas, subject, &other, rig->now_ms);
    assert_non_null(has(AGENT_SPI));
    rig->now_ms += 1000000;
    old.ends_ms = rig->now_ms + 3600000;
    s = (struct sends){ .signs = &old, .key = &old };
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    lk_binding_of(rig->anchor.table, lk_imsi_number(&imsi), 0)->reached = true; /* T13 */
    s.keys = true;
    s.grant = &next;
    for (uint32_t i = 1; i <= 3; i++) {
        next.msa = given;
        next.msa.there.spi = next.mn_ha_key.agent_spi = AGENT_SPI + i;
        rig->now_ms += 10;
        assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
        assert_true(has(AGENT_SPI + i) != NULL && has(300) != NULL);
    }
}

/* T26, invariant 11: what comes a second time is answered by the key that it was answered with, or
 * not at all: the AAA may have begun anew and have given another. */
static void a_repeat_has_no_other_key(void **state)
{
    struct lk_mip_grant another = grant;
    struct sends s = { .keys = true, .grant = &grant };

    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    lk_binding_of(rig->anchor.table, lk_imsi_number(&imsi), 0)->reached = true; /* T13 */
    rig->now_ms += 200;
    assert_true(repeats(&s));
    another.msa = msa_of(AGENT_SPI + 1, MN_SPI, 0x6c);
    another.mn_ha_key.agent_spi = AGENT_SPI + 1;
    s.grant = &another;
    assert_false(repeats(&s));
    assert_true(has(AGENT_SPI) != NULL && has(AGENT_SPI + 1) == NULL);
}

/* T14: who has left its gateway says by Mobile IP that it leaves: what was forwarded until then is
 * marked all the same. */
static void who_leaves_by_another_protocol_is_accounted(void **state)
{
    struct anchor_ask wlan = { .n = 7, .mag = 1, .lifetime = 900 };
    struct lk_mip_msa own = msa_of(300, 300, 0x55);
    const struct sends gone = { .signs = &own, .leaves = true };
    struct lk_binding *row;

    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &own, rig->now_ms);
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    row = lk_binding_of(rig->anchor.table, lk_imsi_number(&imsi), 0);
    assert_non_null(row);
    row->volume.down_octets = 1234;
    rig->now_ms += 1000;
    wlan.lifetime = 0;
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    rig->now_ms += 1000;
    assert_int_equal(sends(&gone), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(lk_binding_stands(row).owner, 0);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_MARK));
    assert_true(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.down_octets == 1234);
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "mag-1");
    assert_true(row->volume.down_octets == 0);
}

/* A refusal is signed by the new key, and the key is not kept. */
static void a_key_of_a_refused_request_is_not_kept(void **state)
{
    struct sends s = { .keys = true, .grant = &grant };

    rig->config.mip.ha.floor = UINT64_MAX;
    assert_int_equal(sends(&s), LK_MIP_CODE_HA_IDENTIFICATION);
    assert_null(has(AGENT_SPI));
    assert_int_equal(lk_binding_count(rig->anchor.table), 0);
}

/* S4 7.3.6, case 1. */
static void an_unknown_spi_may_be_pushed(void **state)
{
    struct lk_mip_msa pushed = msa_of(PUSHED_SPI, PUSHED_SPI, 0x70);
    struct lk_mip_msa junk = msa_of(PUSHED_SPI, PUSHED_SPI, 0x71), ended = pushed;
    struct sends s = { .signs = &pushed };

    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), 0);
    assert_true(refused_for(LK_REASON_MIP_SPI));
    rig->config.mip.asks_pushed = true;
    ended.ends_ms = rig->now_ms;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), LK_RADIUS_MIP_PUSHED);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_ASK)->ask.spi, PUSHED_SPI);
    assert_int_equal(lk_binding_count(rig->anchor.table), 0);
    s.key = &junk; /* T10: under which it does not verify */
    assert_int_equal(sends(&s), LK_MIP_CODE_HA_MN_AUTH);
    assert_null(has(PUSHED_SPI));
    s.key = &ended; /* of no use, and nobody is asked twice for one request */
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), 0);
    assert_true(refused_for(LK_REASON_MIP_SPI));
    assert_int_equal(lk_binding_count(rig->anchor.table), 0);
    s.key = &pushed;
    assert_int_equal(sends(&s), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(asked(), 0);
    assert_non_null(has(PUSHED_SPI));
}

/* T27: a name that the request's proof does not cover may be anybody's: no key is asked for under
 * it. The control: the same in front. */
static void t27_a_name_behind_the_proof_is_nobodys(void **state)
{
    struct lk_mip_msa pushed = msa_of(PUSHED_SPI, PUSHED_SPI, 0x70);
    struct sends s = { .signs = &pushed, .nai_behind = true };

    rig->config.mip.asks_pushed = true;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), 0);
    assert_true(refused_for(LK_REASON_MIP_SPI));
    s.nai_behind = false;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), LK_RADIUS_MIP_PUSHED);
}

/* Who has both to ask asks the BSF for a B-TID, whatever it has asked the AAA before. */
static void a_b_tid_is_no_question_for_the_aaa(void **state)
{
    struct lk_mip_msa own = msa_of(700, 700, 0x71);
    struct sends s = { .keys = true };

    rig->config.mip.asks = true;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), LK_RADIUS_MIP_KEYS);
    s = (struct sends){ .signs = &own, .b_tid = "b-tid@bsf" };
    assert_int_equal(sends(&s), -1);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    assert_int_equal(asked(), 0);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_ASK)->ask.spi, 700);
}

static void who_is_not_asked_for(void **state)
{
    struct sends s = { .keys = true };

    rig->config.mip.asks_keys = false;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), 0);
    rig->config.mip.asks_keys = true;
    s.no_nai = true;
    assert_int_equal(sends(&s), -1);
    assert_int_equal(asked(), 0);
    rig->config.mip.asks_pushed = true;
    s = (struct sends){ .keys = false };
    assert_int_equal(sends(&s), -1); /* nothing proves it */
    assert_true(refused_for(LK_REASON_MIP_AUTH_MISSING));
}

/* T15: of one place few, and that costs no other place; whom a foreign agent has signed for is of
 * no place's account, and who says so without its key is. */
static void strangers_are_asked_for_seldom(void **state)
{
    const struct lk_mip_msa agent = msa_of(400, 400, 0x66), thief = msa_of(400, 400, 0x67);
    struct sends s = { .keys = true }, other = { .keys = true, .from = "198.51.100.24" };
    unsigned count = 0;

    for (unsigned i = 0; i < 200; i++) {
        (void)sends(&s);
        count += asked() != 0;
    }
    assert_int_equal(count, 64);
    assert_true(refused_for(LK_REASON_MIP_TOO_FAST));
    (void)sends(&other);
    assert_int_equal(asked(), LK_RADIUS_MIP_KEYS);
    rig->now_ms += 1000;
    (void)sends(&s);
    assert_int_equal(asked(), LK_RADIUS_MIP_KEYS);
    rig->config.mip.fa_count = 1;
    rig->config.mip.fa[0] = (struct lk_anchor_fa){ .name = "fa", .msa = agent, .address_count = 1,
                                                   .address = { anchor_address("198.51.100.9") } };
    other.from = "198.51.100.9";
    other.agent = &agent;
    for (unsigned i = 0; i < 200; i++) {
        (void)sends(&other);
        assert_int_equal(asked(), LK_RADIUS_MIP_KEYS);
    }
    other.agent = &thief;
    count = 0;
    for (unsigned i = 0; i < 200; i++) {
        (void)sends(&other);
        count += asked() != 0;
    }
    assert_int_equal(count, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_asked_for_and_kept_with_the_binding, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_new_key_is_beside_the_old_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_in_use_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_repeat_has_no_other_key, setup, teardown),
        cmocka_unit_test_setup_teardown(who_leaves_by_another_protocol_is_accounted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_key_of_a_refused_request_is_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_spi_may_be_pushed, setup, teardown),
        cmocka_unit_test_setup_teardown(t27_a_name_behind_the_proof_is_nobodys, setup, teardown),
        cmocka_unit_test_setup_teardown(a_b_tid_is_no_question_for_the_aaa, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_not_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(strangers_are_asked_for_seldom, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
