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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twap_rig_set_up, twap_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_key_that_was_handed_on_does_not_come_back),
        TEST(a_recorded_request_does_not_fail_a_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
