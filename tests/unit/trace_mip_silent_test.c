/* trace, of Mobile IP: what silence behind an answer means. */
#include "mip_trace_rig.h"

/* T10: who was refused with 131 a moment ago hears nothing when he asks again. That is told as the
 * refusal that it was. */
static void a_refusal_and_silence_behind(void **state)
{
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9 };
    struct said s = { .code = LK_MIP_CODE_HA_MN_AUTH };
    uint8_t room[512];

    begin(true);
    s.identification = a.identification = time_of(0);
    add(&node, &ha, request(room, &a));
    add(&ha, &node, reply(room, &s));
    for (unsigned i = 1; i < 3; i++) {
        a.identification = time_of(i);
        add(&node, &ha, request(room, &a));
    }
    end();
    assert_int_equal(trace.run_count, 1);
    explain(0);
    assert_true(told.failed);
    assert_non_null(strstr(told.where, "The home agent refused with code 131"));
    assert_non_null(strstr(told.where, "has no answer"));
    assert_null(strstr(told.where, "Nobody"));
    assert_cause(LK_CAUSE_MIP_KEY, LK_POSSIBLE);
    assert_int_not_equal(told.causes[0].cause, LK_CAUSE_MIP_SILENT);
    lk_trace_free(&trace);
}

/* T10: where somebody has answered a moment ago an agent is, and may say no more for now. */
static void a_place_that_had_its_answer(void **state)
{
    static const uint64_t later_ms[] = { 250, 60000 };

    for (size_t i = 0; i < LK_COUNT_OF(later_ms); i++) {
        struct asked a = { .flags = 0x22, .lifetime_s = 0, .care_of = 9 };
        struct said s = { .code = LK_MIP_CODE_ACCEPTED };
        uint8_t room[512];

        begin(true);
        s.identification = a.identification = time_of(0);
        add(&node, &ha, request(room, &a));
        add(&ha, &node, reply(room, &s));
        now_ms += later_ms[i];
        a.identification = time_of((uint32_t)(1 + later_ms[i] / 1000));
        add(&node, &ha, request(room, &a));
        end();
        assert_int_equal(trace.run_count, 2);
        explain(1);
        assert_cause(LK_CAUSE_MIP_SILENT, LK_POSSIBLE);
        assert_int_equal(strstr(told.causes[0].evidence, "one refusal in 20 s") != NULL, i == 0);
        assert_non_null(strstr(told.where, "Nobody"));
        lk_trace_free(&trace);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_and_silence_behind),
        cmocka_unit_test(a_place_that_had_its_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
