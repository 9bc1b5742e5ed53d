/* node/fa: replies of who is not the home agent, and what stands where nothing proves it (T10, T12,
 * T16, T26, T27). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fa_rig.h"
#include "wire/mip_agent.h"

static uint8_t octets[1024];

/* ---- what the home agent says ---- */

struct says {
    const struct lk_mip_msa *proves; /* Foreign-Home; NULL: there is none */
    const struct lk_mip_msa *nonce;  /* the key with the node, whose nonce it has; NULL: none */
    bool behind, revocable;
    uint8_t code;
    const struct lk_fa_place *from;  /* NULL: where the home agent is */
};

static void is_told(const struct fa_node *n, const struct says *s)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_fa_home_agent *agent = &rig.config.home_agent[n->agent];
    const struct lk_mip_reply reply = { .code = s->code, .lifetime_s = n->lifetime_s,
                                        .home = fa_ipv4(10, 45, 0, n->who),
                                        .agent = agent->at.address,
                                        .identification = n->identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.nai = lk_span_text("who@realm");
    to.revocable.timestamp = 1;
    lk_mip_reply_put(&w, &reply);
    if (s->nonce != NULL) {
        to.mn_fa_key = (struct lk_mip_key_reply){ .lifetime_s = 60,
                                                  .agent_spi = s->nonce->there.spi,
                                                  .algorithm = LK_MIP_HMAC_SHA256,
                                                  .nonce = lk_span_text("sixteen octets!!") };
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, &to);
    }
    lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_HA_AUTH);
    if (s->code == 0)
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
    if (s->revocable)
        lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &to);
    if (s->proves != NULL)
        lk_mip_msa_sign(&w, s->proves, 400, LK_MIP_FA_HA_AUTH);
    if (s->behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    assert_int_equal(w.status, LK_OK);
    fa_give(s->from == NULL ? &agent->at : s->from, lk_writer_span(&w));
}

/* T12, spec: RFC 5944 3.7.3.1 - a reply that the home agent's key does not prove, all of it, serves
 * nobody: without Foreign-Home, by another's, with something behind it. */
static void test_t12_a_reply_is_proven_to_the_agent(void **state)
{
    const struct lk_mip_msa *right = &rig.config.home_agent[0].msa;
    const struct says rows[] = {
        { .proves = NULL },
        { .proves = &rig.config.home_agent[1].msa },
        { .proves = right, .behind = true },
        { .proves = right },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct fa_node one = fa_node_at((uint8_t)(10 + i), (uint8_t)(77 + i));
        bool good = i == LK_COUNT_OF(rows) - 1; /* the control */

        fa_ask_well(&one);
        assert_true(fa_is_relayed(&one));
        is_told(&one, &rows[i]);
        assert_int_equal(fa_heard(&one).code, good ? 0 : LK_MIP_CODE_FA_HA_AUTH);
        assert_int_equal(lk_fa_served(rig.fa), good);
    }
}

/* T12: a home agent is known by its port, too: what comes from another of its host is nobody's. */
static void test_t12_a_home_agent_is_at_its_port(void **state)
{
    struct fa_node one = fa_node_at(7, 77);
    struct lk_fa_place beside = rig.config.home_agent[0].at;
    struct says s = { .proves = &rig.config.home_agent[0].msa, .from = &beside };

    fa_ask_well(&one);
    beside.port++;
    is_told(&one, &s);
    assert_int_equal(fa_refused(), LK_REASON_MIP_NOT_PENDING);
    assert_int_equal(lk_fa_served(rig.fa), 0);
    beside.port--; /* the control */
    is_told(&one, &s);
    assert_int_equal(fa_heard(&one).code, 0);
}

/* ---- what a node asks ---- */

enum part { NAI, KEY, B_TID, CHALLENGE, HOME, AAA, FOREIGN, PARTS };

/* A request whose parts stand in that order, ended by PARTS. */
static void asks_so(const struct fa_node *n, const uint8_t *order)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request request = {
        .flags = LK_MIP_REVERSE, .lifetime_s = n->lifetime_s, .home = fa_ipv4(10, 45, 0, n->who),
        .agent = rig.config.home_agent[0].at.address, .care_of = rig.config.mip.care_of,
        .identification = n->identification };
    const struct lk_mip_extensions to = {
        .nai = lk_span_text("node@realm"), .mn_fa_spi = FA_RIG_MN_FA, .vendor_count = 1,
        .vendor = { { .id = 32473, .type = LK_MIP_VENDOR_B_TID,
                      .value = lk_span_text("b-tid@bsf") } },
        .challenge = lk_span_of(n->challenge, n->challenge_len) };

    lk_mip_request_put(&w, &request);
    for (; *order != PARTS; order++)
        switch ((enum part)*order) {
        case NAI: lk_mip_extension_put(&w, LK_MIP_NAI, &to); break;
        case KEY: lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &to); break;
        case B_TID: lk_mip_extension_put(&w, LK_MIP_VENDOR, &to); break;
        case CHALLENGE: lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to); break;
        case HOME: lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_HA_AUTH); break;
        case AAA: lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_AAA_AUTH); break;
        case FOREIGN: lk_mip_msa_sign(&w, &rig.foreign, FA_RIG_MN_FA, LK_MIP_MN_FA_AUTH); break;
        case PARTS: break;
        }
    assert_int_equal(w.status, LK_OK);
    fa_give(&n->at, lk_writer_span(&w));
}

/* Whether that is asked, of a node that has a challenge. */
static bool is_asked(enum lk_fa_output_kind kind, const uint8_t *order, uint8_t place)
{
    struct fa_node one = fa_node_at(place, place);

    fa_ask(&one);
    (void)fa_heard(&one);
    asks_so(&one, order);
    return fa_find(&rig.out, kind) != NULL;
}

/* T27: the BSF is asked for a B-TID and an NAI that Mobile-Foreign covers: what stands behind it
 * anybody may have put there. The last is the control. */
static void test_t27_a_b_tid_is_before_its_proof(void **state)
{
    static const uint8_t rows[][8] = {
        { NAI, CHALLENGE, HOME, FOREIGN, B_TID, PARTS },
        { B_TID, CHALLENGE, HOME, FOREIGN, NAI, PARTS },
        { NAI, CHALLENGE, HOME, FOREIGN, PARTS },
        { NAI, B_TID, CHALLENGE, HOME, FOREIGN, PARTS },
    };

    rig.config.asks_bsf = true;
    rig.config.enterprise = 32473;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(is_asked(LK_FA_OUT_ASK_BSF, rows[i], (uint8_t)(50 + i)),
                         i == LK_COUNT_OF(rows) - 1);
}

/* T27, spec: RFC 3957 3 - and the home AAA for a key and an NAI that MN-AAA covers. */
static void test_t27_what_is_asked_is_before_its_proof(void **state)
{
    static const uint8_t rows[][8] = {
        { NAI, CHALLENGE, HOME, AAA, KEY, PARTS },
        { KEY, CHALLENGE, HOME, AAA, NAI, PARTS },
        { NAI, CHALLENGE, HOME, AAA, PARTS },
        { NAI, KEY, CHALLENGE, HOME, AAA, PARTS },
    };

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(is_asked(LK_FA_OUT_ASK_AAA, rows[i], (uint8_t)(50 + i)),
                         i == LK_COUNT_OF(rows) - 1);
}

/* ---- keys with nodes ---- */

static int asks_with(struct fa_node *n, const struct lk_mip_msa *key)
{
    n->foreign = key;
    fa_ask_well(n);
    return fa_is_relayed(n) ? 0 : fa_heard(n).code;
}

/* T26: a node that has lost its key asks for another: it is not held to the one that there is. The
 * control: one that asks for none is. */
static void test_t26_who_has_lost_his_key_asks_for_another(void **state)
{
    static const uint8_t keys[] = { NAI, KEY, CHALLENGE, HOME, AAA, PARTS };
    static const uint8_t none[] = { NAI, CHALLENGE, HOME, AAA, PARTS };

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    assert_true(is_asked(LK_FA_OUT_ASK_AAA, keys, 50));
    assert_false(is_asked(LK_FA_OUT_ASK_AAA, none, 51));
    assert_int_equal(fa_refused(), LK_REASON_MIP_MN_AUTH);
}

/* T24, T26: the key that the AAA has given for a request is the node's when the home agent has
 * accepted that: of a denial there is none, and nobody is held to it. */
static void test_t26_a_denial_gives_no_key(void **state)
{
    const struct lk_fa_grant grant = { .has_key = true, .key = rig.foreign };
    struct says s = { .proves = &rig.config.home_agent[0].msa, .nonce = &rig.foreign };

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    for (int accepted = 0; accepted < 2; accepted++) {
        struct fa_node one = fa_node_at(7, (uint8_t)(77 + accepted));

        one.asks_key = true;
        fa_ask(&one);
        (void)fa_heard(&one);
        one.identification += UINT64_C(1) << 20;
        one.grant = &grant;
        fa_ask(&one);
        assert_true(fa_is_relayed(&one));
        s.code = accepted ? 0 : LK_MIP_CODE_HA_PROHIBITED;
        is_told(&one, &s);
        assert_int_equal(fa_heard(&one).code, s.code);
        one.asks_key = false;
        one.grant = NULL;
        assert_int_equal(asks_with(&one, &rig.foreign), accepted ? 0 : LK_MIP_CODE_FA_MN_AUTH);
    }
}

/* How often the key stands in the agent's memory. */
static unsigned holds(const struct lk_mip_secret *secret)
{
    const uint8_t *memory = (const uint8_t *)rig.fa;
    unsigned times = 0;

    for (size_t i = 0; i + secret->len <= lk_fa_size(&rig.config); i++)
        times += memcmp(memory + i, secret->octets, secret->len) == 0;
    return times;
}

/* Invariant 23: of a renewal that is denied no octet of the new key stays behind, and of one that
 * is accepted it is in the table of keys alone. */
static void test_a_denied_key_is_gone(void **state)
{
    struct lk_mip_msa key = rig.foreign;
    struct lk_fa_grant grant = { .has_key = true };
    struct fa_node one = fa_node_at(7, 77);
    struct says s = { .proves = &rig.config.home_agent[0].msa };

    for (uint8_t i = 0; i < 32; i++)
        key.there.secret.octets[i] = (uint8_t)(0xa0 ^ i);
    grant.key = key;
    one.named = true;
    fa_ask_well(&one);
    is_told(&one, &s);
    assert_int_equal(fa_heard(&one).code, 0);
    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    s.nonce = &key;
    for (int accepted = 0; accepted < 2; accepted++) {
        one.asks_key = true;
        one.grant = &grant;
        fa_ask_well(&one);
        assert_true(fa_is_relayed(&one));
        assert_int_equal(holds(&key.there.secret), 1); /* the control */
        s.code = accepted ? 0 : LK_MIP_CODE_HA_PROHIBITED;
        is_told(&one, &s);
        assert_int_equal(fa_heard(&one).code, s.code);
        assert_int_equal(holds(&key.there.secret), accepted);
    }
}

/* T26: one that was used, and has served, ends those before it; a denial ends none. */
static void test_t26_the_older_key_goes_when_the_newer_has_served(void **state)
{
    struct lk_mip_msa newer = fa_msa(FA_RIG_MN_FA + 1, 9);
    struct fa_node one = fa_node_at(7, 77);
    struct says s = { .proves = &rig.config.home_agent[0].msa };

    rig.foreign.ends_ms = newer.ends_ms = rig.now_ms + 3600000; /* not of a configuration */
    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &newer, rig.now_ms);
    assert_int_equal(asks_with(&one, &newer), 0);
    s.code = LK_MIP_CODE_HA_PROHIBITED;
    is_told(&one, &s);
    assert_int_equal(fa_heard(&one).code, s.code);
    assert_int_equal(asks_with(&one, &rig.foreign), 0); /* it is there still */
    assert_int_equal(asks_with(&one, &newer), 0);
    s.code = 0;
    is_told(&one, &s);
    assert_int_equal(fa_heard(&one).code, 0);
    assert_int_equal(asks_with(&one, &rig.foreign), LK_MIP_CODE_FA_MN_AUTH);
    assert_int_equal(asks_with(&one, &newer), 0);
}

static struct lk_fa_told only_visitor(void)
{
    struct lk_fa_told told = { .state = 0 };
    unsigned there = 0;

    for (uint32_t i = 0; i < FA_RIG_VISITORS; i++)
        there += lk_fa_told_at(&told, rig.fa, i);
    assert_int_equal(there, 1);
    return told;
}

/* T10: whoever writes a visitor's place as his own takes neither its name nor its key from the stay
 * there, nor the answer from a request that its key has proven. The controls: in its own name, or
 * without one, for its home address, with its key; and in another when the visit is over. */
static void test_t10_a_place_is_its_visitors(void **state)
{
    const struct says s = { .proves = &rig.config.home_agent[0].msa };

    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    for (int served = 0; served < 2; served++) {
        struct fa_node one = fa_node_at(7, (uint8_t)(77 + served)), other;

        assert_int_equal(asks_with(&one, &rig.foreign), 0);
        if (served) {
            is_told(&one, &s);
            assert_int_equal(fa_heard(&one).code, 0);
        }
        for (int named = 0; named < 2; named++) {
            other = fa_node_at(9, (uint8_t)(77 + served));
            other.named = named;
            other.nai = "other@realm";
            fa_ask_well(&other);
            assert_int_equal(fa_heard(&other).code, LK_MIP_CODE_FA_MN_AUTH);
            assert_int_equal(fa_refused(), LK_REASON_MIP_TAKEN);
            assert_string_equal(only_visitor().nai, "node@realm");
            assert_true(only_visitor().proven);
        }
        if (!served) {
            is_told(&one, &s); /* it is still awaited */
            assert_int_equal(fa_heard(&one).code, 0);
        }
        other = one;
        other.named = false;
        other.foreign = NULL;
        fa_ask_well(&other);
        assert_int_equal(fa_heard(&other).code, LK_MIP_CODE_FA_MN_AUTH);
        assert_int_equal(fa_refused(), LK_REASON_MIP_MN_AUTH);
        assert_int_equal(asks_with(&one, &rig.foreign), 0); /* the controls */
        one.lifetime_s = 0;
        one.identification += UINT64_C(1) << 20;
        assert_int_equal(asks_with(&one, &rig.foreign), 0);
        is_told(&one, &(const struct says){ .proves = NULL });
        assert_int_equal(lk_fa_served(rig.fa), 0);
        other = fa_node_at(9, (uint8_t)(77 + served));
        other.named = true;
        other.nai = "other@realm";
        fa_ask_well(&other);
        assert_true(fa_is_relayed(&other));
        rig.now_ms += 60000;
        lk_fa_step(rig.fa, &(const struct lk_fa_event){ .kind = LK_FA_EV_TICK,
                                                        .now_ms = rig.now_ms }, &rig.out);
    }
}

/* ---- packets, and revocations ---- */

static bool passes(const struct lk_fa_place *from, struct lk_address source)
{
    const struct lk_address far = fa_ipv4(198, 51, 100, 1);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    assert_int_equal(lk_ip_ping(&w, &source, &far, 1, 1, lk_span_text("data")), LK_OK);
    fa_give(from, lk_writer_span(&w));
    return fa_find(&rig.out, LK_FA_OUT_SEND) != NULL;
}

/* T16, T33: who waits for his first answer has no address, and 0.0.0.0 is none. */
static void test_t16_who_waits_has_no_address(void **state)
{
    struct fa_node one = fa_node_at(7, 77);
    const struct says s = { .proves = &rig.config.home_agent[0].msa };

    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
    assert_false(passes(&one.at, fa_ipv4(0, 0, 0, 0)));
    assert_false(passes(&one.at, fa_ipv4(10, 45, 0, 7)));
    assert_int_equal(lk_fa_counted(rig.fa)->up_unbound, 2);
    is_told(&one, &s);
    assert_true(passes(&one.at, fa_ipv4(10, 45, 0, 7))); /* the control */
    assert_false(passes(&one.at, fa_ipv4(0, 0, 0, 0)));
}

static void acknowledges(uint32_t identifier, size_t agent)
{
    const struct lk_mip_revocation ack = { .home = fa_ipv4(10, 45, 0, 7),
                                           .identifier = identifier };
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mip_revocation_ack_put(&w, &ack);
    lk_mip_msa_sign(&w, &rig.config.home_agent[agent].msa, 400, LK_MIP_FA_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    fa_give(&rig.config.home_agent[agent].at, lk_writer_span(&w));
}

/* T12: that it has heard of a revocation says the home agent that was told, with its own key: by
 * the word of another one, which has a key as good, nothing is over. */
static void test_t12_who_acknowledges_was_told(void **state)
{
    struct fa_node one = fa_node_at(7, 77);
    const struct says s = { .proves = &rig.config.home_agent[0].msa, .revocable = true };
    const struct lk_fa_event revoke = { .kind = LK_FA_EV_REVOKE, .now_ms = rig.now_ms,
                                        .home = fa_ipv4(10, 45, 0, 7) };
    struct lk_mip_revocation said;

    fa_ask_well(&one);
    is_told(&one, &s);
    lk_fa_step(rig.fa, &revoke, &rig.out);
    assert_int_equal(lk_mip_revocation_decode(&said,
                                              fa_find(&rig.out, LK_FA_OUT_SEND)->send.octets),
                     LK_OK);
    acknowledges(said.identifier, 1);
    assert_int_equal(fa_refused(), LK_REASON_MIP_REVOCATION);
    assert_int_equal(lk_fa_counted(rig.fa)->revocations_acked, 0);
    acknowledges(said.identifier, 0); /* the control */
    assert_int_equal(lk_fa_counted(rig.fa)->revocations_acked, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, fa_rig_setup, fa_rig_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_t12_a_reply_is_proven_to_the_agent),
        TEST(test_t12_a_home_agent_is_at_its_port),
        TEST(test_t27_a_b_tid_is_before_its_proof),
        TEST(test_t27_what_is_asked_is_before_its_proof),
        TEST(test_t26_who_has_lost_his_key_asks_for_another),
        TEST(test_t26_a_denial_gives_no_key),
        TEST(test_a_denied_key_is_gone),
        TEST(test_t26_the_older_key_goes_when_the_newer_has_served),
        TEST(test_t10_a_place_is_its_visitors),
        TEST(test_t16_who_waits_has_no_address),
        TEST(test_t12_who_acknowledges_was_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
