/* The eNB's machine of LTE-WLAN aggregation at a handover with the WT kept: source and target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"

static void assert_key(const struct lk_kenb *kenb, uint16_t counter)
{
    struct lk_s_kwt want;

    lk_s_kwt_derive(&want, kenb, LK_S_KWT_FC, counter);
    assert_memory_equal(xw_key, want.octets, sizeof want.octets);
}

static void assert_silent(void)
{
    assert_int_equal(told_count, 0);
    assert_int_equal(xw_count, 0);
}

/* ---- handover ---- */

/* Source. spec: TS 33.401 7.2.8.4 - KeNB* of a fresh NH, or else of the KeNB.
 * spec: TS 36.463 8.11 - the WT keeps the context of a UE that went to another cell. */
static void a_source_hands_the_ue_over(void **state)
{
    struct lk_lwa_enb_event nh = { .kind = LK_LWA_ENB_EV_NH, .nh = { .ncc = 2 } };
    const struct lk_eps_cell cell = { 2, 1850 };
    struct lk_kenb want = kenb_of(0x11);
    const struct lk_lwa_enb_output *context;

    nh.nh.nh.octets[0] = 9;
    bring_to(LK_LWA_ENB_HANDOVER_TARGET);
    context = has(LK_LWA_ENB_OUT_CONTEXT);
    assert_int_equal(context->context.target.id, 2);
    assert_true(context->context.handover.kept && context->context.handover.wanted);
    assert_int_equal(context->context.handover.wt_ue_id, WT_UE_ID);
    assert_int_equal(context->context.handover.ncc, 0);
    lk_kenb_star_horizontal(&want, &want, &cell);
    assert_memory_equal(context->context.handover.kenb.octets, want.octets, 32);
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(step(&nh), LK_OK);
    assert_int_equal(hand_over_to(2), LK_OK);
    context = has(LK_LWA_ENB_OUT_CONTEXT);
    assert_int_equal(context->context.handover.ncc, 2);
    lk_kenb_star_vertical(&want, &nh.nh.nh, &cell);
    assert_memory_equal(context->context.handover.kenb.octets, want.octets, 32);
    assert_false(enb.has_nh); /* used once */

    bring_to(LK_LWA_ENB_HANDOVER_UE);
    assert_int_equal(told[0].handover.pci, 2);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(told[0].handover.pci, 2); /* again */
    assert_int_equal(happens(LK_LWA_ENB_EV_HANDED_OVER), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_true(lk_xwap_has(&xw_said[0], LK_XWAP_CONTEXT_KEPT));
    assert_int_equal(enb.state, LK_LWA_ENB_IDLE);
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(hand_over_to(1), LK_E_EXISTS); /* it is there */
}

/* T53: no command, or no word of the target: the UE stays, and a re-key finds out what the WT
 * knows. */
static void a_handover_that_fails_ends(void **state)
{
    struct lk_lwa_enb_event command = { .kind = LK_LWA_ENB_EV_COMMAND };
    struct lk_rrc_reconfiguration no_handover = { .transaction = 1 };
    uint8_t room[32];
    struct lk_writer rrc = lk_writer_of(room, sizeof room);

    bring_to(LK_LWA_ENB_HANDOVER_TARGET);
    assert_int_equal(lk_rrc_reconfiguration_encode(&rrc, &no_handover), LK_OK);
    command.command = lk_writer_span(&rrc);
    assert_int_equal(step(&command), LK_E_VALUE);
    assert_int_equal(expires(), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_HANDOVER_CANCEL));
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
    bring_to(LK_LWA_ENB_HANDOVER_UE);
    for (unsigned i = 0; i < config.tries; i++)
        assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_HANDOVER_UE);
    assert_int_equal(enb.timer_ms, now_ms + config.handover_ms);
    assert_int_equal(expires(), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_HANDOVER_CANCEL));
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
}

/* T52: a handover fails after the target had KeNB*, under which it may have spoken. The next has
 * another, as COUNT begins at 0 there: the KeNB is refreshed first, unless there is an NH. */
static void no_kenb_star_is_given_twice(void **state)
{
    struct lk_lwa_enb_event nh = { .kind = LK_LWA_ENB_EV_NH, .nh = { .ncc = 2 } };
    struct lk_kenb first, want = kenb_of(0x11);
    const struct lk_eps_cell target = { 2, 1850 };
    const struct lk_lwa_enb_output *context;

    bring_to(LK_LWA_ENB_READY);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(hand_over_to(2), LK_OK);
        if (i > 0) {
            assert_int_equal(enb.state, LK_LWA_ENB_REFRESH);
            assert_null(has(LK_LWA_ENB_OUT_CONTEXT));
            assert_int_equal(told[0].handover.pci, config.cell.pci);
            ue_moves(&config.cell, NULL);
            lk_kenb_star_horizontal(&want, &want, &config.cell);
            assert_int_equal(ue_completes(), LK_OK);
        }
        assert_int_equal(enb.state, LK_LWA_ENB_HANDOVER_TARGET);
        context = has(LK_LWA_ENB_OUT_CONTEXT);
        lk_kenb_star_horizontal(&first, &want, &target);
        assert_memory_equal(context->context.handover.kenb.octets, first.octets, 32);
        assert_int_equal(expires(), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_READY);
    }
    nh.nh.nh.octets[0] = 9;
    assert_int_equal(step(&nh), LK_OK);
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_HANDOVER_TARGET);
}

/* T53: whoever waits for the end of LWA hears of it, also when a handover came before the release.
 */
static void a_release_ends_with_a_handover(void **state)
{
    struct lk_lwa_enb_event command = { .kind = LK_LWA_ENB_EV_COMMAND };

    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(ue_reports(LK_RRC_WLAN_TIMEOUT), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_RELEASE_UE);
    assert_null(has(LK_LWA_ENB_OUT_RELEASED));
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_false(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.wanted);
    command.command = command_of(2);
    assert_int_equal(step(&command), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_HANDED_OVER), LK_OK);
    assert_released(LK_REASON_LWA_NO_ASSOCIATION, false);
    bring_to(LK_LWA_ENB_HANDOVER_UE);
    assert_int_equal(happens(LK_LWA_ENB_EV_HANDED_OVER), LK_OK);
    assert_null(has(LK_LWA_ENB_OUT_RELEASED)); /* it goes on */
    bring_to(LK_LWA_ENB_HANDOVER_UE);
    assert_int_equal(ue_reports(LK_RRC_WLAN_TIMEOUT), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_HANDED_OVER), LK_OK);
    assert_released(LK_REASON_LWA_NO_ASSOCIATION, false);
}

/* A UE that LWA is only being set up for comes without, and is set up there. */
static void what_is_half_set_up_is_not_kept(void **state)
{
    bring_to(LK_LWA_ENB_SETUP_UE);
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_false(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.kept);
    assert_true(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.wanted);
}

/* Target. spec: TS 36.463 8.8 - the WT's identity of the UE instead of a key.
 * spec: TS 36.331 5.3.5.4 - the UE is told that its WT stays. */
static void a_target_takes_the_ue_and_changes_its_key(void **state)
{
    struct lk_kenb kenb = kenb_of(0x44);
    struct lk_rrc_reconfiguration command;

    open_bench();
    assert_int_equal(incoming(true), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_ADDITION_REQUEST);
    assert_true(lk_xwap_has(&xw_said[0], LK_XWAP_WT_UE_ID));
    assert_int_equal(xw_said[0].wt_ue_id, WT_UE_ID);
    assert_false(lk_xwap_has(&xw_said[0], LK_XWAP_SECURITY));
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_silent();
    assert_int_equal(lk_rrc_reconfiguration_decode(&command,
                                                   has(LK_LWA_ENB_OUT_COMMAND)->octets), LK_OK);
    assert_int_equal(command.handover.pci, 1);
    assert_int_equal(command.handover.wt, LK_RRC_WT_KEPT);
    assert_true(command.handover.has_security);
    assert_int_equal(command.transaction, 2); /* not the source's last */
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(told_count, 1); /* a question that says nothing */
    assert_false(told[0].has_handover || told[0].has_lwa);
    assert_int_equal(told[0].transaction, 2);
    assert_int_equal(ue_completes(), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_HANDED_OVER));
    assert_silent();
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(told[0].lwa.wt_counter, 0); /* of the new KeNB */
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    assert_key(&kenb, 0);
}

/* T51: the target does not disturb a handshake that the source began, and does not wait for ever.
 */
static void a_target_waits_for_the_handshake_under_way(void **state)
{
    bring_to(LK_LWA_ENB_INCOMING_ASSOCIATION);
    assert_int_equal(enb.timer_ms, now_ms + config.lock_ms);
    assert_int_equal(expires(), LK_OK);
    assert_notice(LK_REASON_LWA_LOCK_EXPIRED);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
    bring_to(LK_LWA_ENB_INCOMING_UE); /* mostly the WT says it at once */
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
}

/* T53: a handover does not wait for a WT: the UE comes without, and LWA is set up anew. */
static void a_ue_comes_without_a_wt_that_does_not_answer(void **state)
{
    for (unsigned how = 0; how < 4; how++) {
        struct lk_rrc_reconfiguration command;
        enum lk_status status;

        open_bench();
        if (how == 3)
            assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
        status = incoming(true);
        if (how == 0)
            status = expires();
        if (how == 1)
            status = wt_says(LK_XWAP_ADDITION_REJECT);
        if (how == 2)
            status = happens(LK_LWA_ENB_EV_XW_DOWN);
        assert_int_equal(status, LK_OK);
        assert_int_equal(lk_rrc_reconfiguration_decode(&command,
                                                       has(LK_LWA_ENB_OUT_COMMAND)->octets),
                         LK_OK);
        assert_int_equal(command.handover.wt, LK_RRC_WT_RELEASED);
        assert_int_equal(ue_completes(), LK_OK);
        assert_non_null(has(LK_LWA_ENB_OUT_HANDED_OVER));
        if (how >= 2)
            assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    }
}

static void assert_asks_by_id(bool by_id)
{
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_ADDITION_REQUEST);
    assert_int_equal(lk_xwap_has(&xw_said[0], LK_XWAP_WT_UE_ID), by_id);
    assert_true(lk_xwap_has(&xw_said[0], LK_XWAP_SECURITY));
    if (by_id)
        assert_int_equal(xw_said[0].wt_ue_id, WT_UE_ID);
}

/* spec: TS 36.463 8.8 - another eNB does not get a UE of the WT by its MAC address: who has the id
 * from the cell before names it when LWA is set up, with the key, until the WT has answered. One
 * that does not know the id is asked without. */
static void who_knows_the_id_names_it(void **state)
{
    struct lk_lwa_enb_event again = context_of(0x55);

    for (unsigned rejected = 0; rejected < 2; rejected++) {
        open_bench();
        assert_int_equal(incoming(true), LK_OK);
        assert_int_equal(rejected ? wt_says(LK_XWAP_ADDITION_REJECT) : expires(), LK_OK);
        assert_int_equal(ue_completes(), LK_OK);
        assert_asks_by_id(!rejected);
        assert_int_equal(wt_says(LK_XWAP_ADDITION_REJECT), LK_OK);
        assert_asks_by_id(false);
    }
    open_bench();
    assert_int_equal(incoming(false), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_asks_by_id(false);
    /* it is not forgotten by the next context here, and goes along to the next cell */
    open_bench();
    assert_int_equal(incoming(true), LK_OK);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(step(&again), LK_OK);
    assert_asks_by_id(true);
    assert_int_equal(hand_over_to(3), LK_OK);
    assert_false(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.kept);
    assert_true(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.wt_knows);
    assert_int_equal(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.wt_ue_id, WT_UE_ID);
    /* acknowledged, it is the id that there is, and after that nobody's */
    bring_to(LK_LWA_ENB_INCOMING_UE);
    assert_int_equal(ue_completes(), LK_OK);
    assert_false(enb.wt_knows);
    /* from whoever drives the machine: of a cell that could not say the end */
    open_bench();
    again.context.wt_knows = true;
    again.context.wt_ue_id = WT_UE_ID;
    assert_int_equal(step(&again), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_asks_by_id(true);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_true(enb.has_wt && !enb.wt_knows);
    open_bench();
    again.context.wt_ue_id = LK_XWAP_UE_ID_MAX + 1;
    assert_int_equal(step(&again), LK_E_VALUE);
}

/* T53: a UE that does not come is given up, after the source's tries and before its patience. */
static void a_ue_that_does_not_come_is_given_up(void **state)
{
    bring_to(LK_LWA_ENB_INCOMING_UE);
    while (enb.state == LK_LWA_ENB_INCOMING_UE)
        assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_IDLE);
    assert_non_null(has(LK_LWA_ENB_OUT_HANDOVER_FAILED));
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
}

/* T51: handovers that come while one is under way are one, the newest. */
static void the_newest_handover_waits_for_the_one_under_way(void **state)
{
    bring_to(LK_LWA_ENB_INCOMING_UE);
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_int_equal(hand_over_to(3), LK_OK);
    assert_int_equal(out.count, 0);
    assert_int_equal(ue_completes(), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_HANDED_OVER));
    assert_int_equal(has(LK_LWA_ENB_OUT_CONTEXT)->context.target.id, 3);
    assert_true(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_hands_the_ue_over),
        cmocka_unit_test(a_handover_that_fails_ends),
        cmocka_unit_test(no_kenb_star_is_given_twice),
        cmocka_unit_test(a_release_ends_with_a_handover),
        cmocka_unit_test(what_is_half_set_up_is_not_kept),
        cmocka_unit_test(a_target_takes_the_ue_and_changes_its_key),
        cmocka_unit_test(a_target_waits_for_the_handshake_under_way),
        cmocka_unit_test(a_ue_comes_without_a_wt_that_does_not_answer),
        cmocka_unit_test(who_knows_the_id_names_it),
        cmocka_unit_test(a_ue_that_does_not_come_is_given_up),
        cmocka_unit_test(the_newest_handover_waits_for_the_one_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
