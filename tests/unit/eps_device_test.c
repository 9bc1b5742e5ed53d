/* The device's end of an attach: every state meets every event; what it refuses, and what it then
 * says; cards that answer late; repeats; tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eps_hand.h"

/* A run of which each state can be had again: what the network said in it. */
enum { SAID_CHALLENGE, SAID_COMMAND, SAID_AS_COMMAND, SAID_COUNT };
static struct lk_eps_pdu said[SAID_COUNT];
static struct lk_kasme kasme; /* of that run */
static struct lk_kenb kenb;
static struct eps_rig rig;

static enum lk_status card(void)
{
    struct lk_eps_event event;

    assert_true(rig.at_device.asks);
    rig.at_device.asks = false;
    eps_card(&rig, &event);
    return eps_device(&rig, &event);
}

static struct lk_eps_pdu with_mac_off(struct lk_eps_pdu pdu)
{
    pdu.octets[pdu.len - 1] ^= 1;
    return pdu;
}

static struct lk_eps_event verdict_of(enum lk_card_verdict verdict)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_CARD, .asked = rig.device.asked };

    event.card.verdict = verdict;
    event.card.output.res_len = verdict == LK_CARD_OK ? 8 : 0;
    return event;
}

static void bring_to(enum lk_eps_device_state to)
{
    struct lk_eps_event event;

    eps_begin(&rig);
    if (to >= LK_EPS_DEVICE_AWAIT_CHALLENGE)
        assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    if (to >= LK_EPS_DEVICE_AWAIT_CARD)
        assert_int_equal(eps_device_hears(&rig, &said[SAID_CHALLENGE]), LK_OK);
    if (to == LK_EPS_DEVICE_AWAIT_ANOTHER) {
        event = verdict_of(LK_CARD_MAC_WRONG);
        assert_int_equal(eps_device(&rig, &event), LK_OK);
    }
    if (to > LK_EPS_DEVICE_AWAIT_ANOTHER)
        assert_int_equal(card(), LK_OK);
    if (to >= LK_EPS_DEVICE_AWAIT_AS)
        assert_int_equal(eps_device_hears(&rig, &said[SAID_COMMAND]), LK_OK);
    if (to >= LK_EPS_DEVICE_ATTACHED)
        assert_int_equal(eps_device_hears(&rig, &said[SAID_AS_COMMAND]), LK_OK);
    assert_int_equal(rig.device.state, to);
}

static int record(void **state)
{
    struct lk_eps_event event;

    eps_begin(&rig);
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    for (size_t i = 0; i < SAID_COUNT; i++) {
        assert_int_equal(eps_network_hears(&rig, &rig.at_device.pdu), LK_OK);
        if (i == SAID_CHALLENGE) {
            eps_vector(&rig, &event);
            kasme = event.vector.kasme;
            assert_int_equal(eps_network(&rig, &event), LK_OK);
        }
        said[i] = rig.at_network.pdu;
        assert_int_equal(eps_device_hears(&rig, &said[i]), LK_OK);
        if (i == SAID_CHALLENGE)
            assert_int_equal(card(), LK_OK);
    }
    kenb = rig.at_device.context.kenb;
    return 0;
}

/* ---- a network made by hand ---- */

static struct lk_eps_pdu nas_of(const struct lk_nas *nas)
{
    return eps_nas_of(LK_RRC_DOWNLINK_NAS, nas);
}

/* A SECURITY MODE COMMAND under the right key. */
static struct lk_eps_pdu command_of(const struct lk_nas *nas, enum lk_nas_security security)
{
    uint8_t plain[64];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);

    assert_int_equal(lk_nas_encode(&w, nas), LK_OK);
    return eps_nas_under(LK_RRC_DOWNLINK_NAS, &kasme, security, 0, lk_writer_span(&w));
}

/* A message of RRC under the right key. */
static struct lk_eps_pdu as_command_of(const struct lk_rrc_attach *rrc)
{
    return eps_rrc_under(&kenb, true, 2, rrc);
}

/* What the device said last. */
static struct lk_nas heard(void)
{
    return eps_heard(&rig.at_device, false);
}

static struct lk_nas challenge_with(const uint8_t *autn)
{
    static const uint8_t rand[LK_RAND_LEN] = { 9 };

    return (struct lk_nas){ .type = LK_NAS_AUTHENTICATION_REQUEST, .ksi = 1, .rand = rand,
                            .autn = autn };
}

/* ---- every state meets every event ---- */

enum { ATTACH, CHALLENGE, OTHER_CHALLENGE, CARD, COMMAND, AS_COMMAND, REJECTED, EXPIRED, STOP,
       GARBAGE, NOT_MINE, GIVEN };

static enum lk_status give(unsigned what)
{
    static const uint8_t autn[LK_AUTN_LEN] = { [6] = 0x80 };
    struct lk_nas other = challenge_with(autn), reject = { .type = LK_NAS_AUTHENTICATION_REJECT };
    struct lk_eps_pdu pdu = { .len = 0 };
    struct lk_eps_event event;

    switch (what) {
    case ATTACH: return eps_device_on(&rig, LK_EPS_EV_ATTACH);
    case CHALLENGE: return eps_device_hears(&rig, &said[SAID_CHALLENGE]);
    case OTHER_CHALLENGE: pdu = nas_of(&other); break;
    case CARD: event = verdict_of(LK_CARD_OK); return eps_device(&rig, &event);
    case COMMAND: return eps_device_hears(&rig, &said[SAID_COMMAND]);
    case AS_COMMAND: return eps_device_hears(&rig, &said[SAID_AS_COMMAND]);
    case REJECTED: pdu = nas_of(&reject); break;
    case EXPIRED: rig.now_ms = rig.device.due_ms; return eps_device_on(&rig, LK_EPS_EV_EXPIRED);
    case STOP: return eps_device_on(&rig, LK_EPS_EV_STOP);
    case NOT_MINE: return eps_device_on(&rig, LK_EPS_EV_VECTOR);
    default: break;
    }
    return eps_device_hears(&rig, &pdu);
}

/* spec: TS 24.301 5.4.2.3 - a challenge goes to the card once; its repeat gets the same answer.
 * spec: TS 24.301 5.4.3.3 - SECURITY MODE COMMAND has its place behind RES.
 * spec: TS 36.331 5.3.4.3 - SecurityModeCommand has its place behind it.
 * Y23: what has no place changes nothing (the rig looks). */
static void every_state_meets_every_event(void **state)
{
    enum { I = LK_EPS_DEVICE_IDLE, W, C, O, N, A, D, X };
    static const unsigned then[LK_EPS_DEVICE_STATE_COUNT][GIVEN] = {
        /*      ATT CHA OTH CAR COM ASC REJ EXP STO GAR NOT */
        [I] = { W,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X },
        [W] = { W,  C,  C,  X,  X,  X,  I,  W,  I,  X,  X },
        [C] = { W,  X,  X,  N,  X,  X,  X,  I,  I,  X,  X },
        [O] = { W,  O,  C,  X,  X,  X,  I,  I,  I,  X,  X },
        [N] = { W,  N,  X,  X,  A,  X,  I,  I,  I,  X,  X },
        [A] = { W,  X,  X,  X,  A,  D,  X,  I,  I,  X,  X },
        [D] = { W,  X,  X,  X,  X,  D,  X,  X,  I,  X,  X },
    };

    for (unsigned in = 0; in < LK_EPS_DEVICE_STATE_COUNT; in++)
        for (unsigned what = 0; what < GIVEN; what++) {
            enum lk_status status;

            bring_to(in);
            status = give(what);
            if ((status == LK_OK) != (then[in][what] != X) ||
                rig.device.state != (then[in][what] == X ? in : then[in][what]))
                fail_msg("state %u, event %u: %s, state %u", in, what, lk_status_name(status),
                         rig.device.state);
            if (in == D && status != LK_OK)
                assert_int_equal(status, LK_E_UNEXPECTED);
        }
}

/* ---- the card ---- */

/* spec: TS 24.301 5.4.2.6 - MAC failure, synch failure with AUTS, and a challenge that is not for
 * EPS, which no card is asked about; nothing else is in the answers (A07). */
static void a_refused_challenge_says_why(void **state)
{
    uint8_t autn[LK_AUTN_LEN] = { 0 };
    struct lk_nas early = challenge_with(autn);
    struct lk_eps_pdu pdu = nas_of(&early);
    struct lk_eps_event event;

    bring_to(LK_EPS_DEVICE_AWAIT_CARD);
    event = verdict_of(LK_CARD_MAC_WRONG);
    assert_int_equal(eps_device(&rig, &event), LK_OK);
    assert_int_equal(heard().type, LK_NAS_AUTHENTICATION_FAILURE);
    assert_int_equal(heard().cause, LK_NAS_CAUSE_MAC);
    assert_null(heard().auts);
    bring_to(LK_EPS_DEVICE_AWAIT_CARD);
    event = verdict_of(LK_CARD_SQN_RANGE);
    event.card.auts[3] = 7;
    assert_int_equal(eps_device(&rig, &event), LK_OK);
    assert_int_equal(heard().cause, LK_NAS_CAUSE_SYNCH);
    assert_int_equal(heard().auts[3], 7);
    /* spec: TS 33.401 6.1.1 - the separation bit. */
    bring_to(LK_EPS_DEVICE_AWAIT_CHALLENGE);
    autn[6] = 0x7f;
    pdu = nas_of(&early);
    assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
    assert_int_equal(heard().cause, LK_NAS_CAUSE_NON_EPS);
    assert_int_equal(rig.at_device.questions, 0);
    assert_int_equal(rig.device.state, LK_EPS_DEVICE_AWAIT_ANOTHER);
    /* A challenge that names no key set. */
    early.ksi = LK_NAS_NO_KSI;
    pdu = nas_of(&early);
    assert_int_equal(eps_device_hears(&rig, &pdu), LK_E_VALUE);
}

/* spec: TS 24.301 5.4.2.7 - the third refusal ends the run; the second AUTS does at once. */
static void an_impostor_is_left_alone(void **state)
{
    static const enum lk_card_verdict verdicts[] = { LK_CARD_MAC_WRONG, LK_CARD_SQN_RANGE };
    static const unsigned until[] = { LK_EPS_FAILURES_MAX, 2 };
    static const enum lk_reason reasons[] = { LK_REASON_EPS_AUTN_MAC, LK_REASON_EPS_AUTS_TWICE };
    uint8_t autn[LK_AUTN_LEN] = { [6] = 0x80 };

    for (size_t v = 0; v < LK_COUNT_OF(verdicts); v++) {
        bring_to(LK_EPS_DEVICE_AWAIT_CHALLENGE);
        for (unsigned i = 1; i <= until[v]; i++) {
            struct lk_nas challenge = challenge_with(autn);
            struct lk_eps_pdu pdu;
            struct lk_eps_event event;

            autn[15] = (uint8_t)i;
            pdu = nas_of(&challenge);
            assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
            event = verdict_of(verdicts[v]);
            assert_int_equal(eps_device(&rig, &event), LK_OK);
            assert_int_equal(rig.device.state,
                             i < until[v] ? LK_EPS_DEVICE_AWAIT_ANOTHER : LK_EPS_DEVICE_IDLE);
        }
        assert_int_equal(rig.at_device.why.reason, reasons[v]);
    }
}

/* spec: TS 24.301 5.4.2.5 - a refusal of the network ends the run. That of a network whose
 * challenge the card refused is told as the card's; after a challenge that it took, or AUTS, as the
 * network's. */
static void the_cards_own_reason_is_told(void **state)
{
    static const struct {
        enum lk_card_verdict verdict;
        enum lk_reason reason;
    } rows[] = {
        { LK_CARD_MAC_WRONG, LK_REASON_EPS_AUTN_MAC },
        { LK_CARD_SQN_RANGE, LK_REASON_EPS_REJECTED },
        { LK_CARD_OK, LK_REASON_EPS_REJECTED },
    };
    struct lk_eps_event event = verdict_of(LK_CARD_MAC_WRONG);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        for (unsigned before = 0; before < 2; before++) {
            bring_to(LK_EPS_DEVICE_AWAIT_CARD);
            if (before) {
                event = verdict_of(LK_CARD_MAC_WRONG);
                assert_int_equal(eps_device(&rig, &event), LK_OK);
                assert_int_equal(give(OTHER_CHALLENGE), LK_OK);
            }
            event = verdict_of(rows[i].verdict);
            assert_int_equal(eps_device(&rig, &event), LK_OK);
            assert_int_equal(give(REJECTED), LK_OK);
            assert_int_equal(rig.at_device.why.reason, rows[i].reason);
        }
}

static void a_card_answers_its_own_question(void **state)
{
    struct lk_eps_event event;

    bring_to(LK_EPS_DEVICE_AWAIT_CARD);
    event = verdict_of(LK_CARD_OK);
    assert_int_equal(give(ATTACH), LK_OK);
    assert_int_equal(give(CHALLENGE), LK_OK);
    assert_int_equal(eps_device(&rig, &event), LK_E_UNEXPECTED);
    event = verdict_of(LK_CARD_OK);
    event.card.output.res_len = LK_RES_MAX + 1;
    assert_int_equal(eps_device(&rig, &event), LK_E_LENGTH);
    event.card.output.res_len = LK_NAS_RES_MIN - 1;
    assert_int_equal(eps_device(&rig, &event), LK_E_LENGTH);
}

/* ---- security ---- */

/* spec: TS 24.301 5.4.3.5 - what is wrong with a command, and what the device says to it.
 * spec: TS 24.301 4.4.4.2 - without protection it is none. */
static void a_wrong_command_is_refused(void **state)
{
    static const uint8_t ours[] = { 0x80, 0x20 }, less[] = { 0x80, 0x60 },
                         more[] = { 0x80, 0x20, 0x00 };
    static const struct {
        uint8_t ksi, ciphering, integrity, cause;
        struct lk_span capability;
        enum lk_nas_security security;
        enum lk_reason reason;
    } rows[] = {
        { 0, 0, 2, 0, { ours, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_NONE },
        { 1, 0, 2, 24, { ours, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_ALGORITHMS },
        { 0, 0, 0, 24, { ours, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_ALGORITHMS },
        { 0, 0, 1, 24, { ours, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_ALGORITHMS },
        { 0, 2, 2, 24, { ours, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_ALGORITHMS },
        { 0, 0, 2, 23, { less, 2 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_BIDDING_DOWN },
        { 0, 0, 2, 23, { more, 3 }, LK_NAS_NEW_INTEGRITY, LK_REASON_EPS_BIDDING_DOWN },
        { 0, 0, 2, 24, { ours, 2 }, LK_NAS_INTEGRITY, LK_REASON_EPS_COMMAND_MAC },
        { 0, 0, 2, 24, { ours, 2 }, LK_NAS_NEW_CIPHERED, LK_REASON_EPS_COMMAND_MAC },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_nas nas = { .type = LK_NAS_SECURITY_COMMAND, .ksi = rows[i].ksi,
                              .ciphering = rows[i].ciphering, .integrity = rows[i].integrity,
                              .capability = rows[i].capability };
        struct lk_eps_pdu pdu = command_of(&nas, rows[i].security);

        bring_to(LK_EPS_DEVICE_AWAIT_NAS);
        assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
        if (rows[i].reason == LK_REASON_NONE) {
            assert_int_equal(heard().type, LK_NAS_SECURITY_COMPLETE);
            pdu = nas_of(&nas);
            bring_to(LK_EPS_DEVICE_AWAIT_NAS);
            assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
            assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_COMMAND_MAC);
            continue;
        }
        assert_int_equal(heard().type, LK_NAS_SECURITY_REJECT);
        assert_int_equal(heard().cause, rows[i].cause);
        assert_int_equal(rig.at_device.why.reason, rows[i].reason);
        assert_int_equal(rig.device.state, LK_EPS_DEVICE_IDLE);
    }
}

/* A question that claims protection, while there is none, is not taken. */
static void a_protected_challenge_is_none(void **state)
{
    static const uint8_t autn[LK_AUTN_LEN] = { [6] = 0x80 };
    struct lk_nas challenge = challenge_with(autn), reject = { .type = LK_NAS_ATTACH_REJECT };
    struct lk_eps_pdu pdu = command_of(&challenge, LK_NAS_INTEGRITY);

    bring_to(LK_EPS_DEVICE_AWAIT_CHALLENGE);
    assert_int_equal(eps_device_hears(&rig, &pdu), LK_E_UNEXPECTED);
    pdu = command_of(&reject, LK_NAS_INTEGRITY);
    assert_int_equal(eps_device_hears(&rig, &pdu), LK_E_UNEXPECTED);
    pdu = nas_of(&reject);
    assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_REJECTED);
}

/* spec: TS 36.331 5.3.4.3 - a SecurityModeCommand under another key, or that asks for more or less
 * than 128-EIA2 without ciphering, is answered with SecurityModeFailure. */
static void a_wrong_bearer_is_refused(void **state)
{
    for (unsigned integrity = 0; integrity <= LK_RRC_ALGORITHM_MAX; integrity++)
        for (unsigned ciphering = 0; ciphering < 2; ciphering++)
            for (unsigned off = 0; off < 2; off++) {
                struct lk_rrc_attach rrc = { .type = LK_RRC_SECURITY_COMMAND, .transaction = 2,
                                             .ciphering = (uint8_t)ciphering,
                                             .integrity = (uint8_t)integrity };
                bool right = integrity == LK_EPS_EIA2 && ciphering == 0 && off == 0;
                struct lk_eps_pdu pdu = as_command_of(&rrc);

                if (off)
                    pdu = with_mac_off(pdu);
                bring_to(LK_EPS_DEVICE_AWAIT_AS);
                assert_int_equal(eps_device_hears(&rig, &pdu), LK_OK);
                assert_int_equal(rig.at_device.contexts, right);
                if (!right)
                    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_AS_COMMAND);
            }
}

/* ---- repeats, tries ---- */

/* spec-not: TS 24.301 4.4.3.1 - a repeat is the same message and uses no COUNT; it gets the same
 * answer, octet for octet, and asks no card. */
static void a_repeat_gets_the_same_answer(void **state)
{
    static const struct {
        enum lk_eps_device_state in;
        unsigned question;
    } rows[] = {
        { LK_EPS_DEVICE_AWAIT_ANOTHER, SAID_CHALLENGE },
        { LK_EPS_DEVICE_AWAIT_NAS, SAID_CHALLENGE },
        { LK_EPS_DEVICE_AWAIT_AS, SAID_COMMAND },
        { LK_EPS_DEVICE_ATTACHED, SAID_AS_COMMAND },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_eps_device before;
        struct lk_eps_pdu answer, off = with_mac_off(said[rows[i].question]);
        unsigned questions;

        bring_to(rows[i].in);
        before = rig.device;
        answer = rig.at_device.pdu;
        questions = rig.at_device.questions;
        memset(&rig.at_device.pdu, 0, sizeof rig.at_device.pdu);
        assert_int_equal(eps_device_hears(&rig, &said[rows[i].question]), LK_OK);
        assert_int_equal(rig.at_device.pdu.len, answer.len);
        assert_memory_equal(rig.at_device.pdu.octets, answer.octets, answer.len);
        assert_memory_equal(&before, &rig.device, sizeof before);
        assert_int_equal(rig.at_device.questions, questions);
        assert_int_equal(rig.at_device.contexts, rows[i].in == LK_EPS_DEVICE_ATTACHED);
        assert_int_not_equal(eps_device_hears(&rig, &off), LK_OK);
    }
}

/* spec: TS 24.301 5.5.1.2.6 - ATTACH REQUEST some times, everything else is waited for once. */
static void tries_end(void **state)
{
    for (enum lk_eps_device_state in = LK_EPS_DEVICE_AWAIT_CHALLENGE;
         in <= LK_EPS_DEVICE_AWAIT_AS; in++) {
        unsigned tries = in == LK_EPS_DEVICE_AWAIT_CHALLENGE ? 5 : 1;

        bring_to(in);
        assert_int_equal(rig.at_device.timer_ms, rig.device.due_ms);
        assert_int_equal(eps_device_on(&rig, LK_EPS_EV_EXPIRED), LK_E_UNEXPECTED);
        for (unsigned i = 1; i < tries; i++) {
            assert_int_equal(give(EXPIRED), LK_OK);
            assert_int_equal(heard().type, LK_NAS_ATTACH_REQUEST);
            assert_int_equal(rig.device.state, in);
        }
        assert_int_equal(give(EXPIRED), LK_OK);
        assert_int_equal(rig.device.state, LK_EPS_DEVICE_IDLE);
        assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_NO_ANSWER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(a_refused_challenge_says_why),
        cmocka_unit_test(an_impostor_is_left_alone),
        cmocka_unit_test(the_cards_own_reason_is_told),
        cmocka_unit_test(a_card_answers_its_own_question),
        cmocka_unit_test(a_wrong_command_is_refused),
        cmocka_unit_test(a_protected_challenge_is_none),
        cmocka_unit_test(a_wrong_bearer_is_refused),
        cmocka_unit_test(a_repeat_gets_the_same_answer),
        cmocka_unit_test(tries_end),
    };

    return cmocka_run_group_tests(tests, record, NULL);
}
