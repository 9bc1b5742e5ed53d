/* The eNB's machine of LTE-WLAN aggregation: how often and when it says something again, what it
 * holds no more of than it has room for, and what it forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"

/* ---- tries ---- */

/* T53: each try waits twice as long as the one before. */
static void each_try_waits_twice_as_long(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_UE);
    for (unsigned i = 0; i < config.tries; i++) {
        assert_int_equal(enb.timer_ms, now_ms + ((uint64_t)config.rrc_ms << i));
        assert_int_equal(expires(), LK_OK);
    }
}

/* T53: a UE that was not heard for as many PDUs as its sequence numbers can tell apart is told
 * nothing again, wherever the machine is, though tries are left. */
static void an_unheard_ue_is_told_nothing_again(void **state)
{
    static const enum lk_lwa_enb_state awaits[] = {
        LK_LWA_ENB_SETUP_UE,    LK_LWA_ENB_REKEY_UE,    LK_LWA_ENB_REFRESH,
        LK_LWA_ENB_HANDOVER_UE, LK_LWA_ENB_INCOMING_UE, LK_LWA_ENB_RELEASE_UE };

    for (size_t i = 0; i < LK_COUNT_OF(awaits); i++) {
        bring_to(awaits[i]);
        enb.unheard = LK_LWA_UNHEARD_MAX;
        assert_int_equal(expires(), LK_OK);
        if (awaits[i] == LK_LWA_ENB_SETUP_UE || awaits[i] == LK_LWA_ENB_REKEY_UE)
            assert_true(told_count == 1 && told[0].lwa.release); /* something else, once */
        else
            assert_null(has(LK_LWA_ENB_OUT_RRC));
        if (awaits[i] == LK_LWA_ENB_HANDOVER_UE)
            assert_int_equal(enb.timer_ms, now_ms + config.handover_ms);
        else
            assert_int_not_equal(enb.state, awaits[i]);
    }
}

/* And one that was heard begins anew: a UE that answers is asked again after any number of PDUs. */
static void a_ue_that_was_heard_may_be_asked_again(void **state)
{
    bring_to(LK_LWA_ENB_ACTIVE);
    for (unsigned i = 0; i < 2 * LK_LWA_UNHEARD_MAX; i++)
        rekey_to(LK_LWA_ENB_ACTIVE);
    rekey_to(LK_LWA_ENB_REKEY_UE);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_UE);
    assert_int_equal(told_count, 1);
}

/* ---- what cannot be, or does not fit ---- */

/* spec: TS 33.401 7.2.8.1 - NCC has three bits. */
static void what_has_no_place_in_a_context_is_refused(void **state)
{
    struct lk_lwa_enb_event context, incoming = { .kind = LK_LWA_ENB_EV_INCOMING },
                                     nh = { .kind = LK_LWA_ENB_EV_NH };

    bring_to(LK_LWA_ENB_ACTIVE);
    nh.nh.ncc = LK_RRC_NCC_MAX + 1;
    assert_int_equal(step(&nh), LK_E_VALUE);
    context = context_of(0x12);
    context.context.ncc = LK_RRC_NCC_MAX + 1;
    assert_int_equal(step(&context), LK_E_VALUE);
    context = context_of(0x12);
    context.context.enb_ue_id = LK_XWAP_UE_ID_MAX + 1;
    assert_int_equal(step(&context), LK_E_VALUE);
    open_bench();
    incoming.incoming.from.ncc = LK_RRC_NCC_MAX + 1;
    assert_int_equal(step(&incoming), LK_E_VALUE);
    incoming.incoming.from.ncc = 0;
    incoming.incoming.from.transaction = LK_RRC_TRANSACTION_MAX + 1;
    assert_int_equal(step(&incoming), LK_E_VALUE);
}

/* A target's command that is longer than the machine has room for, though it can be read. */
static void a_command_that_is_too_long_is_refused(void **state)
{
    struct lk_lwa_enb_event command = { .kind = LK_LWA_ENB_EV_COMMAND };
    uint8_t room[1024];
    struct lk_rrc_reconfiguration m = {
        .has_handover = true,
        .handover = { .pci = 2, .has_security = true, .wt = LK_RRC_WT_KEPT },
        .has_lwa = true, .lwa = { .has_mobility = true } };

    for (uint8_t wlans = 1; wlans <= 4; wlans++) {
        struct lk_writer rrc = lk_writer_of(room, sizeof room);

        m.lwa.to_add.count = wlans;
        m.lwa.to_add.id[wlans - 1] = (struct lk_wlan_id){ .ssid_len = 32, .has_bssid = true };
        assert_int_equal(lk_rrc_reconfiguration_encode(&rrc, &m), LK_OK);
        bring_to(LK_LWA_ENB_HANDOVER_TARGET);
        command.command = lk_writer_span(&rrc);
        assert_int_equal(step(&command), rrc.len > LK_LWA_COMMAND_MAX ? LK_E_LENGTH : LK_OK);
        assert_int_equal(rrc.len > LK_LWA_COMMAND_MAX, wlans > 2);
    }
}

/* ---- keys ---- */

static bool holds(const void *at, size_t len, const uint8_t *secret)
{
    for (size_t i = 0; i + 16 <= len; i++)
        if (memcmp((const uint8_t *)at + i, secret, 16) == 0)
            return true;
    return false;
}

/* spec: TS 33.401 7.2.8.4 - an NH is for one KeNB: used, it is wiped, by a handover as by a
 * refresh. */
static void an_nh_that_was_used_is_wiped(void **state)
{
    struct lk_lwa_enb_event nh = { .kind = LK_LWA_ENB_EV_NH, .nh = { .ncc = 2 } };

    memset(nh.nh.nh.octets, 0x5a, sizeof nh.nh.nh.octets);
    for (unsigned refresh = 0; refresh < 2; refresh++) {
        bring_to(LK_LWA_ENB_ACTIVE);
        assert_int_equal(step(&nh), LK_OK);
        assert_true(holds(&enb, sizeof enb, nh.nh.nh.octets));
        if (refresh) {
            enb.next_counter = LK_LWA_COUNTERS;
            assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
            assert_int_equal(enb.next.ncc, 2);
        } else {
            assert_int_equal(hand_over_to(2), LK_OK);
        }
        assert_false(holds(&enb, sizeof enb, nh.nh.nh.octets));
    }
}

/* A refresh that the UE did not answer leaves nothing of the KeNB that it was for. */
static void a_refresh_that_is_lost_leaves_no_key(void **state)
{
    static const struct lk_lwa_as nothing;

    bring_to(LK_LWA_ENB_REFRESH);
    assert_memory_not_equal(&enb.next, &nothing, sizeof nothing);
    while (enb.state == LK_LWA_ENB_REFRESH)
        assert_int_equal(expires(), LK_OK);
    assert_memory_equal(&enb.next, &nothing, sizeof nothing);
}

/* spec: TS 33.401 A.18 - the function code is the configured one, of a set-up and of a re-key. */
static void the_function_code_is_the_configured_one(void **state)
{
    struct lk_kenb kenb = kenb_of(0x11);
    struct lk_s_kwt want;

    bring_to(LK_LWA_ENB_SETUP_SAVED);
    config.fc = LK_S_KWT_FC + 1;
    assert_int_equal(is_saved(true), LK_OK);
    lk_s_kwt_derive(&want, &kenb, LK_S_KWT_FC + 1, 0);
    assert_memory_equal(xw_key, want.octets, sizeof want.octets);
    bring_to(LK_LWA_ENB_REKEY_UE);
    config.fc = LK_S_KWT_FC + 1;
    assert_int_equal(ue_completes(), LK_OK);
    lk_s_kwt_derive(&want, &kenb, LK_S_KWT_FC + 1, 1);
    assert_memory_equal(xw_key, want.octets, sizeof want.octets);
}

/* T53: what the source had of a deadline is over when the UE comes without the WT: LWA that is set
 * up anew has none of it. */
static void a_set_up_has_no_deadline_of_before(void **state)
{
    open_bench();
    assert_int_equal(incoming_behind(700), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_REJECT), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_true(enb.deadline_ms == 0 && enb.key_deadline_ms == 0);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_int_equal(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.deadline_ms, 0);
}

/* T53: a WT that has no place for the UE, as another eNB's UE has its MAC address, may have one
 * later: it is asked more often than one that fails, each time after twice the time, and not for
 * ever. */
static void a_place_at_the_wt_is_waited_for(void **state)
{
    struct lk_xwap no = wt_message(LK_XWAP_ADDITION_REJECT);
    uint64_t began_ms;

    no.cause = (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, LK_XWAP_WLAN_NOT_AVAILABLE };
    bring_to(LK_LWA_ENB_SETUP_WT);
    began_ms = now_ms;
    for (unsigned i = 0; i <= LK_LWA_PATIENCE; i++) {
        assert_int_equal(hears(&no), LK_OK);
        assert_released(LK_REASON_LWA_WT_REJECTED, i < LK_LWA_PATIENCE);
        if (enb.state == LK_LWA_ENB_READY && enb.timer_ms != LK_LWA_NEVER)
            assert_int_equal(expires(), LK_OK);
        if (enb.state == LK_LWA_ENB_SETUP_SAVED)
            assert_int_equal(is_saved(true), LK_OK);
    }
    assert_int_equal(enb.state, LK_LWA_ENB_READY);
    assert_int_equal(enb.timer_ms, LK_LWA_NEVER);
    assert_int_equal(now_ms, began_ms + ((1u << (LK_LWA_PATIENCE - 1)) - 1) * config.again_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_try_waits_twice_as_long),
        cmocka_unit_test(an_unheard_ue_is_told_nothing_again),
        cmocka_unit_test(a_ue_that_was_heard_may_be_asked_again),
        cmocka_unit_test(what_has_no_place_in_a_context_is_refused),
        cmocka_unit_test(a_command_that_is_too_long_is_refused),
        cmocka_unit_test(an_nh_that_was_used_is_wiped),
        cmocka_unit_test(a_refresh_that_is_lost_leaves_no_key),
        cmocka_unit_test(the_function_code_is_the_configured_one),
        cmocka_unit_test(a_set_up_has_no_deadline_of_before),
        cmocka_unit_test(a_place_at_the_wt_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
