/* The TWAP, and somebody who records what access points ask and sends it once more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twap_rig.h"

/* T06, A28: the AAA accepts an exchange again when its last request comes once more, State and all,
 * from another port: the key of it is not a new one, neither for the session nor after its end.
 * spec: TS 33.402 7.2.3.2.2 - each (re-)authentication brings a key of its own. */
static void a_key_that_was_handed_on_does_not_come_back(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(0, MAC_A);
    const struct twap_ask begun = ask;
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    uint8_t before[LK_SHA256_LEN], recorded[LK_RADIUS_PACKET_MAX];
    size_t recorded_len;

    ask.state = "the last";
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, twap_rig_ask(rig, &ask), &answer));
    recorded_len = rig->asked_len;
    memcpy(recorded, rig->asked, recorded_len);
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 2);
    for (unsigned i = 0; i < 2; i++) {
        const struct lk_twap_output *sent;
        struct lk_span forwarded;

        lk_twap_digest(before, &rig->twap);
        rig->ap_port++;
        twap_rig_from_ap(rig, 0, LK_RADIUS_AUTH_PORT, lk_span_of(recorded, recorded_len));
        sent = twap_rig_out(rig, LK_TWAP_OUT_AAA);
        assert_non_null(sent);
        forwarded = lk_span_of(rig->forwarded, sent->send.octets.len);
        memcpy(rig->forwarded, sent->send.octets.at, sent->send.octets.len);
        twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
        assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_KEY_AGAIN);
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
        twap_rig_same(rig, before);
        if (i == 0) /* and once there is no session */
            twap_rig_reject(rig, &begun, IMSI_A);
    }
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* A request that was recorded is rejected for its State, long after: the session stays. T20: only
 * the answer to the last challenge says that the device has failed. */
static void a_recorded_request_does_not_fail_a_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(0, MAC_A);
    const struct twap_answer first = { .code = LK_RADIUS_ACCESS_CHALLENGE, .state = "first" };
    const struct twap_answer second = { .code = LK_RADIUS_ACCESS_CHALLENGE, .state = "second" };
    uint8_t before[LK_SHA256_LEN];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    lk_twap_digest(before, &rig->twap);
    ask.state = "of before";
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    ask.state = NULL;
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, twap_rig_ask(rig, &ask), &first));
    ask.state = "first";
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, twap_rig_ask(rig, &ask), &second));
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    twap_rig_same(rig, before);
    ask.state = "second";
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_non_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION_FAILED));
}

/* ---- accounting ---- */

static struct twap_ask accounting_of(const char *mac, uint32_t status, const char *session)
{
    return (struct twap_ask){ .code = LK_RADIUS_ACCOUNTING_REQUEST, .mac = mac, .user = USER,
                              .acct_status = status, .acct_session = session };
}

/* Whether the access point's sessions end at this request; it came from a port of its own. */
static bool sweeps(struct twap_rig *rig, struct lk_span octets)
{
    enum lk_reason noted;
    size_t ended = 0;

    rig->ap_port++;
    twap_rig_from_ap(rig, 0, LK_RADIUS_ACCT_PORT, octets);
    noted = twap_rig_noted(rig);
    for (bool again = rig->out.again; again; again = rig->out.again) {
        twap_rig_tick(rig);
        ended += twap_rig_count(rig, LK_TWAP_OUT_SESSION_END);
    }
    assert_int_equal(noted, ended > 0 ? LK_REASON_NONE : LK_REASON_TWAP_ACCOUNTING);
    return ended > 0;
}

static bool sweeps_when_asked(struct twap_rig *rig, const struct twap_ask *ask)
{
    return sweeps(rig, twap_rig_request(rig, ask));
}

/* What was sent, as who listened keeps it. */
static struct lk_span record(uint8_t room[LK_RADIUS_PACKET_MAX], const struct twap_rig *rig)
{
    memcpy(room, rig->asked, rig->asked_len);
    return lk_span_of(room, rig->asked_len);
}

/* Invariant 11, and spec: RFC 2869 5.3 - it happened at its Event-Timestamp, and once: sent again,
 * from the past, from before the start or from a time to come it ends nothing. Each access point
 * has its own. */
static void a_recorded_accounting_on_ends_no_sessions(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask on = accounting_of(NULL, 7, NULL);
    uint8_t room[LK_RADIUS_PACKET_MAX];
    struct lk_span recorded;

    rig->now_ms += 1000000;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    for (int at_s = -301; at_s <= 301; at_s += 602) {
        on.event_s = (uint32_t)(RIG_START_S + 1000 + at_s);
        assert_false(sweeps_when_asked(rig, &on));
    }
    on.event_s = RIG_START_S + 999; /* just before the TWAP began */
    assert_false(sweeps_when_asked(rig, &on));
    rig->now_ms += 301000;
    on.event_s = RIG_START_S + 1001;
    assert_true(sweeps_when_asked(rig, &on));
    recorded = record(room, rig);
    for (uint8_t i = 0; i < 4; i++) {
        twap_rig_attach(rig, 0, MAC_A, IMSI_A, (uint8_t)(2 + i));
        assert_false(sweeps(rig, recorded));
        on.event_s--; /* another one of then that never arrived */
        assert_false(sweeps_when_asked(rig, &on));
        rig->now_ms += 400000;
    }
    on.event_s = 0; /* of before the access point had a clock */
    assert_false(sweeps_when_asked(rig, &on));
    on.event_s = RIG_START_S + 2800;
    assert_true(sweeps_when_asked(rig, &on));
    on.nas = "another"; /* has a time of its own */
    assert_int_not_equal(twap_rig_ask(rig, &on).len, 0);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_NONE);
}

/* Invariant 11: without a clock the same octets count once, and those of so many restarts only that
 * all are remembered. */
static void an_access_point_without_a_clock_is_swept_once_by_the_same_octets(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask on = accounting_of(NULL, 8, NULL);
    uint8_t room[LK_TWAP_BOOTS_SEEN][LK_RADIUS_PACKET_MAX];
    struct lk_span recorded[LK_TWAP_BOOTS_SEEN];

    for (uint8_t i = 0; i < LK_TWAP_BOOTS_SEEN; i++) {
        twap_rig_attach(rig, 0, MAC_A, IMSI_A, (uint8_t)(1 + i));
        assert_true(sweeps_when_asked(rig, &on));
        recorded[i] = record(room[i], rig);
        twap_rig_attach(rig, 0, MAC_A, IMSI_A, (uint8_t)(20 + i));
        assert_false(sweeps(rig, recorded[i]));
    }
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 99);
    for (uint8_t i = 0; i < LK_TWAP_BOOTS_SEEN; i++)
        assert_false(sweeps(rig, recorded[i]));
    assert_false(sweeps_when_asked(rig, &on));
    for (uint8_t i = 0; i < LK_TWAP_BOOTS_SEEN; i++)
        assert_false(sweeps(rig, recorded[i]));
}

/* Somebody who is an access point of ours makes the others' timestamps neither old nor forgotten:
 * where there is no row left, nothing ends. */
static void no_access_point_crowds_out_what_another_said(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask on = accounting_of(NULL, 7, NULL);
    uint8_t room[LK_RADIUS_PACKET_MAX];
    struct lk_span recorded;
    char nas[] = "0000";

    on.event_s = RIG_START_S;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    assert_true(sweeps_when_asked(rig, &on));
    recorded = record(room, rig);
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 2);
    on.nas = nas;
    for (unsigned i = 0; i < LK_TWAP_BOOTS; i++) {
        for (unsigned j = 0, rest = i; j < 4; j++, rest /= 8)
            nas[j] = (char)('0' + rest % 8);
        (void)twap_rig_ask(rig, &on);
        twap_rig_tick(rig);
        rig->now_ms += 200;
        rig->ap_port++;
    }
    nas[0] = 'x';
    (void)twap_rig_ask(rig, &on);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_FULL);
    assert_false(sweeps(rig, recorded));
    assert_int_equal(twap_rig_sessions(rig), 1);
    rig->now_ms += 301000; /* and what is stale by itself makes room */
    on.event_s += 301;
    (void)twap_rig_ask(rig, &on);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_NONE);
}

/* Whether the session ends at this one; if not, it is as before. */
static bool ends(struct twap_rig *rig, const struct twap_ask *ask)
{
    rig->ap_port++;
    assert_int_not_equal(twap_rig_ask(rig, ask).len, 0);
    return twap_rig_out(rig, LK_TWAP_OUT_SESSION_END) != NULL;
}

/* T20, and spec: RFC 2866 5.5 - a stop of the session before, with its start or without, neither
 * ends this one nor says what this one is called.
 * spec: RFC 2869 5.3 - and no Class and no identifier that is used again makes it newer. */
static void a_recorded_stop_ends_no_later_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask start = accounting_of(MAC_A, 1, "s-1"), stop = accounting_of(MAC_A, 2, "s-1");
    struct twap_ask own = accounting_of(MAC_A, 1, "s-2");
    uint8_t before[LK_SHA256_LEN];

    rig->now_ms += 100000;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    lk_twap_digest(before, &rig->twap);
    assert_false(ends(rig, &stop));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_ACCOUNTING);
    assert_false(ends(rig, &start));
    assert_false(ends(rig, &stop));
    start.event_s = stop.event_s = RIG_START_S + 94;
    assert_false(ends(rig, &start));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_ACCOUNTING);
    assert_false(ends(rig, &stop));
    start.class_value = stop.class_value = lk_span_text("class-001"); /* always the same */
    assert_false(ends(rig, &start));
    assert_false(ends(rig, &stop));
    start.event_s = stop.event_s = RIG_START_S + 100 + 301;
    assert_false(ends(rig, &start));
    assert_false(ends(rig, &stop));
    twap_rig_same(rig, before);

    own.event_s = RIG_START_S + 100;
    assert_false(ends(rig, &own));
    start.event_s = stop.event_s = own.event_s = 0;
    start.class_value = stop.class_value = (struct lk_span){ 0 };
    assert_false(ends(rig, &start));
    assert_false(ends(rig, &stop));
    own.acct_status = 2;
    assert_true(ends(rig, &own));
}

/* What an access point need not send: either of Class and identifier says whose stop it is. */
static void a_stop_of_this_session_ends_it_whichever_way_it_says_so(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask stop = accounting_of(MAC_A, 2, "s-1");

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    stop.class_value = lk_span_text("class-001");
    assert_true(ends(rig, &stop));
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 2);
    rig->now_ms += 1000000;
    stop.class_value = lk_span_text("class-002");
    stop.event_s = RIG_START_S; /* it took long to arrive */
    assert_true(ends(rig, &stop));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twap_rig_set_up, twap_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_key_that_was_handed_on_does_not_come_back),
        TEST(a_recorded_request_does_not_fail_a_session),
        TEST(a_recorded_accounting_on_ends_no_sessions),
        TEST(an_access_point_without_a_clock_is_swept_once_by_the_same_octets),
        TEST(no_access_point_crowds_out_what_another_said),
        TEST(a_recorded_stop_ends_no_later_session),
        TEST(a_stop_of_this_session_ends_it_whichever_way_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
