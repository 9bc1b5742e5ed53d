/* The TWAP's sessions: one a subscriber, however many devices he takes; who makes room when
 * there is none left; and whose failure ends one. How they begin is in twap_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twap_rig.h"

static const uint8_t mac_a[] = { 2, 0, 0, 0, 0, 10 };

/* spec: TS 24.244 5.1.5 - a re-authentication that fails has the TWAG disconnect. Invariant 7: but
 * at another access point, or as another device, it leaves every session as it was. */
static void a_failure_counts_only_where_the_device_is(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(1, MAC_A);
    uint8_t before[LK_SHA256_LEN];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    twap_rig_attach(rig, 0, MAC_B, IMSI_B, 2);
    lk_twap_digest(before, &rig->twap);
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_int_equal(rig->out.count, 1);
    twap_rig_same(rig, before);
    ask = twap_rig_access(0, MAC_A);
    ask.called = "CELLAR";
    twap_rig_reject(rig, &ask, IMSI_A);
    twap_rig_same(rig, before);
    ask = twap_rig_access(0, MAC_A);
    ask.ap = 1; /* which says that it is the other one */
    twap_rig_reject(rig, &ask, IMSI_A);
    twap_rig_same(rig, before);
    ask = twap_rig_access(0, MAC_A);
    ask.nas = "another behind that address";
    twap_rig_reject(rig, &ask, IMSI_A);
    twap_rig_same(rig, before);
    ask = twap_rig_access(0, "02-00-00-00-00-0C");
    twap_rig_reject(rig, &ask, IMSI_A);
    twap_rig_same(rig, before);
    ask = twap_rig_access(0, MAC_A);
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_FAILED)->end.imsi.digits, IMSI_A);
    assert_int_equal(twap_rig_sessions(rig), 1);
}

/* T02: who takes the device's MAC address where it is, and is rejected there, does nothing to its
 * session, unless the AAA says that it was this subscriber. T04, A18: to the access point both
 * Rejects are alike. */
static void a_strangers_failure_is_his_own(void **state)
{
    static const char *const who[] = { NULL, IMSI_B, IMSI_A };
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    uint8_t before[LK_SHA256_LEN];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    twap_rig_attach(rig, 0, MAC_B, IMSI_B, 2);
    lk_twap_digest(before, &rig->twap);
    for (size_t i = 0; i < LK_COUNT_OF(who); i++) {
        struct lk_radius_packet packet;
        struct lk_span value;

        twap_rig_reject(rig, &ask, who[i]);
        assert_int_equal(
            lk_radius_decode(&packet, twap_rig_out(rig, LK_TWAP_OUT_AP)->send.octets), LK_OK);
        assert_int_equal(packet.code, LK_RADIUS_ACCESS_REJECT);
        assert_false(lk_radius_find(&packet, LK_RADIUS_VENDOR_SPECIFIC, &value));
        if (i == 2)
            continue;
        assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_REJECT);
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION_FAILED));
        twap_rig_same(rig, before);
    }
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_FAILED)->end.imsi.digits, IMSI_A);
}

/* T02: he has one session, on the device where he was accepted last: on the one before there is
 * none of his that its next user could end. T20: and a late answer brings none back. */
static void a_subscriber_has_one_session(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    const struct twap_ask gone = { .code = LK_RADIUS_ACCOUNTING_REQUEST, .mac = MAC_A,
                                   .user = USER, .acct_status = 2, .acct_session = "s-0",
                                   .class_value = lk_span_text("class-003") };
    struct lk_wlcp_key key = { { 9 } };
    const struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    const struct lk_twap_output *ended, *begun;
    uint8_t old[2][LK_RADIUS_PACKET_MAX], before[LK_SHA256_LEN];
    size_t len = 0;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    for (size_t i = 0; i < 2; i++) {
        struct lk_span forwarded = twap_rig_ask(rig, &ask);

        memcpy(old[i], forwarded.at, len = forwarded.len);
    }
    twap_rig_attach(rig, 0, MAC_B, IMSI_A, 2);
    ended = twap_rig_out(rig, LK_TWAP_OUT_SESSION_END);
    begun = twap_rig_out(rig, LK_TWAP_OUT_SESSION);
    assert_true(ended != NULL && ended < begun);
    assert_memory_equal(ended->end.ue_mac, mac_a, sizeof mac_a);
    assert_int_equal(ended->end.why, LK_WLAN_END_REPLACED);
    assert_true(begun->session.generation > ended->end.generation);
    assert_int_equal(twap_rig_sessions(rig), 1);
    lk_twap_digest(before, &rig->twap);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(old[0], len), &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    assert_int_not_equal(twap_rig_ask(rig, &gone).len, 0);
    twap_rig_same(rig, before);
    twap_rig_attach(rig, 0, MAC_A, IMSI_B, 3);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END));
    assert_int_not_equal(twap_rig_ask(rig, &gone).len, 0);
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.imsi.digits, IMSI_B);
    twap_rig_same(rig, before);
}

/* T20: also of a request that was asked on a device where he has never been. */
static void an_overtaken_answer_moves_no_subscriber(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 9 } };
    const struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    uint8_t old[LK_RADIUS_PACKET_MAX], before[LK_SHA256_LEN];
    struct lk_span forwarded = twap_rig_ask(rig, &ask);

    memcpy(old, forwarded.at, forwarded.len);
    forwarded.at = old;
    twap_rig_attach(rig, 1, MAC_B, IMSI_A, 2);
    lk_twap_digest(before, &rig->twap);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
    twap_rig_same(rig, before);
}

/* The i-th subscriber, on the i-th device. */
static void attach_number(struct twap_rig *rig, unsigned i)
{
    char mac[] = "02-00-00-00-01-00", imsi[] = "001010000000000";

    mac[15] = imsi[13] = (char)('0' + i / 10);
    mac[16] = imsi[14] = (char)('0' + i % 10);
    twap_rig_attach(rig, 0, mac, imsi, (uint8_t)rig->count);
}

/* T02: however many addresses one subscriber takes, there is room for the others. */
static void no_subscriber_fills_the_table(void **state)
{
    struct twap_rig *rig = *state;
    char mac[] = "02-00-00-00-02-00";

    for (unsigned i = 0; i < 3 * RIG_SESSIONS; i++) {
        mac[15] = (char)('0' + i / 10);
        mac[16] = (char)('0' + i % 10);
        twap_rig_attach(rig, 0, mac, IMSI_A, (uint8_t)i);
        assert_int_equal(twap_rig_sessions(rig), 1);
    }
    for (unsigned i = 1; i < RIG_SESSIONS; i++)
        attach_number(rig, i);
    assert_int_equal(twap_rig_sessions(rig), RIG_SESSIONS);
}

static void a_full_table_makes_no_session_and_loses_none(void **state)
{
    struct twap_rig *rig = *state;
    uint8_t before[LK_SHA256_LEN];

    for (unsigned i = 0; i < RIG_SESSIONS; i++)
        attach_number(rig, i);
    lk_twap_digest(before, &rig->twap);
    rig->now_ms += RIG_IDLE_MS - 1;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 99);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_FULL);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
    twap_rig_same(rig, before);
}

/* Who was not heard of for an hour, and of those who for the longest time, makes room; whoever is
 * authenticated again, or accounted for, was heard of. */
static void the_oldest_idle_session_makes_room(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask interim = { .code = LK_RADIUS_ACCOUNTING_REQUEST, .user = USER,
                                      .mac = "02-00-00-00-01-01", .acct_status = 3,
                                      .acct_session = "s-1" };
    const struct lk_twap_output *ended;

    for (unsigned i = 0; i < RIG_SESSIONS; i++, rig->now_ms++)
        attach_number(rig, i);
    attach_number(rig, 0);
    assert_int_not_equal(twap_rig_ask(rig, &interim).len, 0);
    rig->now_ms += RIG_IDLE_MS;
    for (unsigned i = 0; i < RIG_SESSIONS; i++) {
        attach_number(rig, RIG_SESSIONS + i);
        ended = twap_rig_out(rig, LK_TWAP_OUT_SESSION_END);
        assert_non_null(ended);
        assert_int_equal(ended->end.why, LK_WLAN_END_LOST);
        assert_int_equal(ended->end.ue_mac[5] / 16 * 10 + ended->end.ue_mac[5] % 16,
                         (i + 2) % RIG_SESSIONS);
        assert_int_equal(twap_rig_sessions(rig), RIG_SESSIONS);
    }
    attach_number(rig, 99);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_FULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twap_rig_set_up, twap_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_failure_counts_only_where_the_device_is),
        TEST(a_strangers_failure_is_his_own),
        TEST(a_subscriber_has_one_session),
        TEST(an_overtaken_answer_moves_no_subscriber),
        TEST(no_subscriber_fills_the_table),
        TEST(a_full_table_makes_no_session_and_loses_none),
        TEST(the_oldest_idle_session_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
