/* The network's end of an attach: every state meets every event; what it refuses, and what it then
 * says; vectors that come late; tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eps_network_bench.h"
#include "wire/pdcp.h"

/* SECURITY MODE COMPLETE under the key of the run. */
static struct lk_eps_pdu complete_of(enum lk_nas_security security, uint8_t count)
{
    static const uint8_t plain[] = { 0x07, LK_NAS_SECURITY_COMPLETE };

    return eps_nas_under(LK_RRC_UPLINK_NAS, &rig.network.kasme, security, count, LK_SPAN(plain));
}

/* SecurityModeComplete under the key of the run. */
static struct lk_eps_pdu as_complete_of(uint8_t transaction)
{
    const struct lk_rrc_attach rrc = { .type = LK_RRC_SECURITY_COMPLETE,
                                       .transaction = transaction };

    return eps_rrc_under(&rig.network.kenb, false, 0, &rrc);
}

/* ---- every state meets every event ---- */

enum { ATTACH, OTHER_ATTACH, VECTOR, NO_VECTOR, NOBODY, RES, SYNCH, MAC, COMPLETE, REJECT,
       AS_COMPLETE, AS_FAILURE, EXPIRED, STOP, GARBAGE, NOT_MINE, GIVEN };

static enum lk_status give(unsigned what)
{
    static const uint8_t can[] = { 0x80, 0x20 }, esm[] = { 2, 1, 0xd0, 0x11 };
    struct lk_nas other = { .type = LK_NAS_ATTACH_REQUEST, .ksi = LK_NAS_NO_KSI, .attach = 1,
                            .has_imsi = true, .imsi = { "001010000000007" },
                            .capability = LK_SPAN(can), .esm = LK_SPAN(esm) };
    struct lk_nas reject = { .type = LK_NAS_SECURITY_REJECT, .cause = LK_NAS_CAUSE_CAPABILITIES };
    struct lk_rrc_attach failure = { .type = LK_RRC_SECURITY_FAILURE };
    struct lk_eps_pdu pdu = { .len = 0 };
    struct lk_eps_event event;

    switch (what) {
    case ATTACH: return eps_network_hears(&rig, &said[SAID_ATTACH]);
    case OTHER_ATTACH: pdu = nas_of(&other); break;
    case VECTOR: eps_vector(&rig, &event); return eps_network(&rig, &event);
    case NO_VECTOR:
        event = (struct lk_eps_event){ .kind = LK_EPS_EV_NO_VECTOR, .asked = rig.network.asked };
        event.no_vector = LK_REASON_SUBSCRIBER_ROW_BAD;
        return eps_network(&rig, &event);
    case NOBODY: return nobody();
    case RES: return eps_network_hears(&rig, &said[SAID_RES]);
    case SYNCH: pdu = failure_of(LK_NAS_CAUSE_SYNCH, true); break;
    case MAC: pdu = failure_of(LK_NAS_CAUSE_MAC, false); break;
    case COMPLETE: return eps_network_hears(&rig, &said[SAID_COMPLETE]);
    case REJECT: pdu = nas_of(&reject); break;
    case AS_COMPLETE: return eps_network_hears(&rig, &said[SAID_AS_COMPLETE]);
    case AS_FAILURE: pdu = eps_pdu_of(&failure); break;
    case EXPIRED: rig.now_ms = rig.network.due_ms; return eps_network_on(&rig, LK_EPS_EV_EXPIRED);
    case STOP: return eps_network_on(&rig, LK_EPS_EV_STOP);
    case NOT_MINE: return eps_network_on(&rig, LK_EPS_EV_CARD);
    default: break;
    }
    return eps_network_hears(&rig, &pdu);
}

/* spec: TS 24.301 5.4.2.4 - RES is looked at when a challenge is out.
 * spec: TS 24.301 5.4.3.4 - SECURITY MODE COMPLETE when its command is.
 * spec: TS 24.301 5.5.1.2.7 - another ATTACH REQUEST begins anew, the same one goes on.
 * Y23: what has no place changes nothing (the rig looks). */
static void every_state_meets_every_event(void **state)
{
    enum { I = LK_EPS_NETWORK_IDLE, V, R, N, A, D, X };
    static const unsigned then[LK_EPS_NETWORK_STATE_COUNT][GIVEN] = {
        /*      ATT OTH VEC NOV NOB RES SYN MAC COM REJ ASC ASF EXP STO GAR NOT */
        [I] = { V,  V,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X },
        [V] = { V,  V,  R,  I,  R,  X,  X,  X,  X,  X,  X,  X,  I,  I,  X,  X },
        [R] = { R,  V,  X,  X,  X,  N,  V,  I,  X,  X,  X,  X,  R,  I,  X,  X },
        [N] = { N,  V,  X,  X,  X,  X,  X,  X,  A,  I,  X,  X,  N,  I,  X,  X },
        [A] = { A,  V,  X,  X,  X,  X,  X,  X,  X,  X,  D,  I,  A,  I,  X,  X },
        [D] = { V,  V,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  I,  X,  X },
    };

    for (unsigned in = 0; in < LK_EPS_NETWORK_STATE_COUNT; in++)
        for (unsigned what = 0; what < GIVEN; what++) {
            enum lk_status status;

            bring_to(in);
            status = give(what);
            if ((status == LK_OK) != (then[in][what] != X) ||
                rig.network.state != (then[in][what] == X ? in : then[in][what]))
                fail_msg("state %u, event %u: %s, state %u", in, what, lk_status_name(status),
                         rig.network.state);
            if (in == D && status != LK_OK)
                assert_int_equal(status, LK_E_UNEXPECTED);
        }
}

/* ---- what it says to whom it does not attach ---- */

/* spec: TS 24.301 5.4.2.5 - a wrong RES gets AUTHENTICATION REJECT, as do refusals that no new
 * challenge can mend. */
static void a_refusal_is_said(void **state)
{
    struct lk_eps_pdu wrong = said[SAID_RES], none = failure_of(LK_NAS_CAUSE_SYNCH, false);

    wrong.octets[wrong.len - 6] ^= 1;
    bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
    assert_int_equal(eps_network_hears(&rig, &wrong), LK_OK);
    assert_int_equal(heard().type, LK_NAS_AUTHENTICATION_REJECT);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_RES_WRONG);
    bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
    assert_int_equal(give(MAC), LK_OK);
    assert_int_equal(heard().type, LK_NAS_AUTHENTICATION_REJECT);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_AUTN_REFUSED);
    bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
    assert_int_equal(eps_network_hears(&rig, &none), LK_E_MISSING);
    bring_to(LK_EPS_NETWORK_AWAIT_NAS);
    assert_int_equal(give(REJECT), LK_OK);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_SECURITY_REJECTED);
    bring_to(LK_EPS_NETWORK_AWAIT_AS);
    assert_int_equal(give(AS_FAILURE), LK_OK);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_AS_REJECTED);
}

/* Each octet of RES counts, and its length. */
static void res_is_right_or_wrong_as_a_whole(void **state)
{
    static const uint8_t none[LK_RES_MAX];
    uint8_t res[LK_NAS_RES_MAX];
    size_t len;

    for (size_t octet = 0; octet < 8; octet++) {
        struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_RESPONSE };
        struct lk_eps_pdu pdu;

        bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
        len = rig.network.xres_len;
        memcpy(res, rig.network.xres, len);
        res[octet] ^= 0x10;
        nas.res = lk_span_of(res, len);
        pdu = nas_of(&nas);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
        assert_int_equal(rig.network.state, LK_EPS_NETWORK_IDLE);
    }
    for (len = LK_NAS_RES_MIN; len <= LK_NAS_RES_MAX; len++) {
        struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_RESPONSE };
        struct lk_eps_pdu pdu;

        bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
        memset(res, 0, sizeof res);
        memcpy(res, rig.network.xres, rig.network.xres_len);
        nas.res = lk_span_of(res, len);
        pdu = nas_of(&nas);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
        assert_int_equal(rig.network.state,
                         len == 8 ? LK_EPS_NETWORK_AWAIT_NAS : LK_EPS_NETWORK_IDLE);
        assert_memory_equal(rig.network.xres, none, sizeof none);
    }
}

/* A18: whatever else the home network's reason is, a device hears the same octets. */
static void no_vector_is_one_answer(void **state)
{
    static const enum lk_reason reasons[] = {
        LK_REASON_SUBSCRIBER_ROW_BAD, LK_REASON_VECTORS_TOO_FAST, LK_REASON_VAULT_UNAVAILABLE,
        LK_REASON_STORE_UNAVAILABLE, LK_REASON_AUTS_WRONG,
    };
    struct lk_eps_pdu first = { .len = 0 };

    for (size_t i = 0; i < LK_COUNT_OF(reasons); i++) {
        struct lk_eps_event event = { .kind = LK_EPS_EV_NO_VECTOR, .asked = 1 };

        bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
        event.no_vector = reasons[i];
        assert_int_equal(eps_network(&rig, &event), LK_OK);
        assert_int_equal(heard().type, LK_NAS_ATTACH_REJECT);
        assert_int_equal(heard().cause, LK_NAS_CAUSE_NETWORK);
        assert_int_equal(rig.at_network.why.reason, reasons[i]);
        if (i == 0)
            first = rig.at_network.pdu;
        assert_int_equal(rig.at_network.pdu.len, first.len);
        assert_memory_equal(rig.at_network.pdu.octets, first.octets, first.len);
    }
    /* Nor does it differ when nobody answers at all. */
    bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
    assert_int_equal(give(EXPIRED), LK_OK);
    assert_memory_equal(rig.at_network.pdu.octets, first.octets, first.len);
}

/* spec-not: TS 24.301 5.4.4.1 - another identity than an IMSI is refused.
 * spec: TS 33.401 7.2.4.4 - what is replayed is what came, but for the bit that is no algorithm. */
static void who_and_what_a_device_is_is_looked_at(void **state)
{
    static const struct {
        const char *capability;
        size_t len, replayed;
        const char *as;
    } rows[] = {
        { "\x80\x20", 2, 2, "\x80\x20" },
        { "\xe0\xe0\xc0", 3, 3, "\xe0\xe0\xc0" },
        { "\xe0\xe0\xc0\xff", 4, 4, "\xe0\xe0\xc0\x7f" },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 13, 4, "\xff\xff\xff\x7f" },
        { "\x80\x40", 2, 0, NULL },
        { "\x60\x20", 2, 0, NULL },
    };
    static const uint8_t esm[] = { 2, 1, 0xd0, 0x11 };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_nas nas = { .type = LK_NAS_ATTACH_REQUEST, .ksi = LK_NAS_NO_KSI, .attach = 1,
                              .has_imsi = true, .imsi = { "001010123456789" },
                              .capability = { (const uint8_t *)rows[i].capability, rows[i].len },
                              .esm = LK_SPAN(esm) };
        struct lk_eps_pdu pdu = nas_of(&nas);

        eps_begin(&rig);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
        if (rows[i].as == NULL) {
            assert_int_equal(heard().type, LK_NAS_ATTACH_REJECT);
            assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_CAPABILITY);
            continue;
        }
        vector();
        assert_int_equal(eps_network_hears(&rig, &said[SAID_RES]), LK_OK);
        assert_true(lk_span_equal(heard().capability,
                                  lk_span_of(rows[i].as, rows[i].replayed)));
    }
    /* A GUTI in the place of the IMSI. */
    for (unsigned kind = 0; kind < 8; kind++) {
        struct lk_eps_pdu pdu = said[SAID_ATTACH];
        unsigned at = 8 + 19 + 4 * 8 + 5; /* the kind of identity: three bits of its first octet */

        for (unsigned bit = 0; bit < 3; bit++) {
            pdu.octets[(at + bit) / 8] &= (uint8_t)~(0x80 >> (at + bit) % 8);
            if ((kind >> (2 - bit) & 1) != 0)
                pdu.octets[(at + bit) / 8] |= (uint8_t)(0x80 >> (at + bit) % 8);
        }
        eps_begin(&rig);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
        if (kind == 1)
            continue;
        assert_int_equal(heard().cause, LK_NAS_CAUSE_NO_IDENTITY);
        assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_IDENTITY);
    }
}

/* ---- vectors ---- */

/* The vector of a question of before is not taken for that of another subscriber. */
static void a_vector_answers_its_own_question(void **state)
{
    struct lk_eps_event event;

    bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
    eps_vector(&rig, &event);
    assert_int_equal(give(OTHER_ATTACH), LK_OK);
    assert_int_equal(rig.at_network.questions, 2);
    assert_int_equal(eps_network(&rig, &event), LK_E_UNEXPECTED);
    event.kind = LK_EPS_EV_NO_VECTOR;
    assert_int_equal(eps_network(&rig, &event), LK_E_UNEXPECTED);
    assert_string_equal(rig.ask_vector.imsi.digits, "001010000000007");
}

static void a_vector_without_kasme_is_none(void **state)
{
    struct lk_eps_event event;

    bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
    eps_vector(&rig, &event);
    event.vector.keys = LK_VECTOR_CK_IK;
    assert_int_equal(eps_network(&rig, &event), LK_E_VALUE);
    event.vector.keys = LK_VECTOR_KASME;
    event.vector.xres_len = LK_RES_MIN - 1;
    assert_int_equal(eps_network(&rig, &event), LK_E_VALUE);
    event.vector.xres_len = LK_RES_MAX + 1;
    assert_int_equal(eps_network(&rig, &event), LK_E_VALUE);
    event.vector.xres_len = 8;
    assert_int_equal(eps_network(&rig, &event), LK_OK);
}

/* spec: TS 24.301 5.5.1.2.7 - the same IMSI with other capabilities is another request: what is
 * replayed is never what somebody said before. */
static void a_request_is_the_same_or_another(void **state)
{
    static const uint8_t can[] = { 0xc0, 0x20 }, esm[] = { 2, 1, 0xd0, 0x11 };
    struct lk_nas nas = { .type = LK_NAS_ATTACH_REQUEST, .ksi = LK_NAS_NO_KSI, .attach = 1,
                          .has_imsi = true, .imsi = { "001010123456789" },
                          .capability = LK_SPAN(can), .esm = LK_SPAN(esm) };
    struct lk_eps_pdu pdu = nas_of(&nas);

    bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
    assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
    assert_int_equal(rig.network.state, LK_EPS_NETWORK_AWAIT_VECTOR);
    assert_int_equal(rig.network.capability[0], 0xc0);
}

/* A08: one AUTS in a run; it goes with the RAND that is outstanding, and no key of before is left.
 */
static void a_second_auts_ends_the_run(void **state)
{
    static const struct lk_kasme none;

    bring_to(LK_EPS_NETWORK_AWAIT_RESPONSE);
    rig.deaf = true;
    assert_int_equal(give(SYNCH), LK_OK);
    assert_true(rig.ask_vector.resync);
    assert_memory_equal(rig.ask_vector.rand, rig.network.rand, LK_RAND_LEN);
    assert_int_equal(rig.ask_vector.auts[2], 3);
    assert_memory_equal(&rig.network.kasme, &none, sizeof none);
    vector();
    assert_int_equal(give(SYNCH), LK_OK);
    assert_int_equal(heard().type, LK_NAS_AUTHENTICATION_REJECT);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_AUTS_TWICE);
    assert_int_equal(rig.at_network.questions, 2);
    /* In the next run there is one again. */
    assert_int_equal(give(ATTACH), LK_OK);
    vector();
    assert_int_equal(give(SYNCH), LK_OK);
    assert_int_equal(rig.network.state, LK_EPS_NETWORK_AWAIT_VECTOR);
}

/* ---- protection ---- */

/* spec: TS 24.301 4.4.3.3 - the MAC of NAS is over sequence number and message.
 * spec: TS 24.301 4.4.4.3 - SECURITY MODE COMPLETE without protection is none, nor under another
 * kind of it; every bit of the message is under its MAC. */
static void security_begins_with_a_mac(void **state)
{
    struct lk_nas nas = { .type = LK_NAS_SECURITY_COMPLETE };
    struct lk_eps_pdu plain = nas_of(&nas), pdu;
    struct lk_kenb kenb;

    /* spec: TS 33.401 7.2.6.1 - KeNB is of the COUNT that came. */
    for (uint8_t count = 0; count < 3; count++) {
        bring_to(LK_EPS_NETWORK_AWAIT_NAS);
        lk_kenb_derive(&kenb, &rig.network.kasme, count);
        pdu = complete_of(LK_NAS_NEW_INTEGRITY, count);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_E_MAC);
        pdu = complete_of(LK_NAS_NEW_CIPHERED, count);
        assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
        assert_memory_equal(&kenb, &rig.network.kenb, sizeof kenb);
        assert_int_equal(rig.network.nas_uplink, count + 1);
    }
    bring_to(LK_EPS_NETWORK_AWAIT_NAS);
    assert_int_equal(eps_network_hears(&rig, &plain), LK_E_MAC);
    for (size_t bit = 0; bit < said[SAID_COMPLETE].len * 8; bit++) {
        pdu = said[SAID_COMPLETE];
        pdu.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        bring_to(LK_EPS_NETWORK_AWAIT_NAS);
        if (eps_network_hears(&rig, &pdu) == LK_OK)
            assert_true(bit < 8 || rig.network.state == LK_EPS_NETWORK_IDLE); /* a REJECT */
    }
    for (size_t bit = 0; bit < said[SAID_AS_COMPLETE].len * 8; bit++) {
        pdu = said[SAID_AS_COMPLETE];
        pdu.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        bring_to(LK_EPS_NETWORK_AWAIT_AS);
        assert_int_not_equal(eps_network_hears(&rig, &pdu), LK_OK);
    }
}

/* spec: TS 36.331 5.3.4.3 - the answer has the transaction of the command. */
static void the_bearer_is_begun_by_its_own_answer(void **state)
{
    for (uint8_t transaction = 0; transaction < 4; transaction++) {
        struct lk_eps_pdu pdu;

        bring_to(LK_EPS_NETWORK_AWAIT_AS);
        pdu = as_complete_of(transaction);
        assert_int_equal(eps_network_hears(&rig, &pdu),
                         transaction == 2 ? LK_OK : LK_E_UNEXPECTED);
    }
}

/* ---- tries ---- */

/* spec: TS 24.301 5.4.2.7 - T3460: the same question again, octet for octet, and then no more. */
static void tries_end(void **state)
{
    for (enum lk_eps_network_state in = LK_EPS_NETWORK_AWAIT_RESPONSE;
         in <= LK_EPS_NETWORK_AWAIT_AS; in++) {
        struct lk_eps_pdu question;

        bring_to(in);
        question = rig.at_network.pdu;
        assert_int_equal(rig.at_network.timer_ms, rig.network.due_ms);
        assert_int_equal(eps_network_on(&rig, LK_EPS_EV_EXPIRED), LK_E_UNEXPECTED);
        for (unsigned i = 1; i < rig.network_config.tries; i++) {
            memset(&rig.at_network.pdu, 0, sizeof rig.at_network.pdu);
            assert_int_equal(give(EXPIRED), LK_OK);
            assert_int_equal(rig.network.state, in);
            assert_int_equal(rig.at_network.pdu.len, question.len);
            assert_memory_equal(rig.at_network.pdu.octets, question.octets, question.len);
        }
        assert_int_equal(give(EXPIRED), LK_OK);
        assert_int_equal(rig.network.state, LK_EPS_NETWORK_IDLE);
        assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_NO_ANSWER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(a_refusal_is_said),
        cmocka_unit_test(res_is_right_or_wrong_as_a_whole),
        cmocka_unit_test(no_vector_is_one_answer),
        cmocka_unit_test(who_and_what_a_device_is_is_looked_at),
        cmocka_unit_test(a_vector_answers_its_own_question),
        cmocka_unit_test(a_vector_without_kasme_is_none),
        cmocka_unit_test(a_second_auts_ends_the_run),
        cmocka_unit_test(security_begins_with_a_mac),
        cmocka_unit_test(the_bearer_is_begun_by_its_own_answer),
        cmocka_unit_test(a_request_is_the_same_or_another),
        cmocka_unit_test(tries_end),
    };

    return cmocka_run_group_tests(tests, record, NULL);
}
