/* The eNB's machine of LTE-WLAN aggregation: set-up, the order and the lock of re-keys, counters,
 * release; T50 to T52. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"
#include "proto/lwa/enb_parts.h"

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

/* ---- set-up ---- */

/* spec: TS 36.463 8.8 - the WT has the UE by its MAC address, with the key.
 * spec: TS 33.401 G.2 - the first S-KWT of a KeNB is of counter 0.
 * spec: TS 36.331 5.3.5.3 - the UE is told the counter, and where and how long it may try. */
static void lwa_is_set_up_at_the_wt_then_at_the_ue(void **state)
{
    struct lk_kenb kenb = kenb_of(0x11);

    bring_to(LK_LWA_ENB_SETUP_SAVED);
    assert_silent();
    assert_int_equal(saved_last.next, 1);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_ADDITION_REQUEST);
    assert_memory_equal(xw_said[0].ue_identity, enb.ue_mac, 6);
    assert_int_equal(xw_said[0].mobility_set.count, 1);
    assert_false(lk_xwap_has(&xw_said[0], LK_XWAP_WT_UE_ID));
    assert_key(&kenb, 0);
    assert_int_equal(told_count, 0);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_true(told[0].has_lwa && told[0].lwa.has_counter && told[0].lwa.has_mobility);
    assert_int_equal(told[0].lwa.wt_counter, 0);
    assert_int_equal(told[0].lwa.association_timer_s, 10);
    assert_true(told[0].lwa.success_report && told[0].lwa.has_wt_mac);
    assert_int_equal(told[0].lwa.wt_mac[5], 9);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_ASSOCIATION);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_ACTIVE));
    assert_false(has(LK_LWA_ENB_OUT_ACTIVE)->key.rekey);
    assert_int_equal(enb.timer_ms, LK_LWA_NEVER);
}

/* The Complete is late, and the UE was faster on the WLAN. */
static void an_association_may_be_confirmed_before_the_complete(void **state)
{
    bring_to(LK_LWA_ENB_SETUP_UE);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_UE);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
}

static void an_acknowledgement_of_other_bearers_is_refused(void **state)
{
    struct lk_xwap message;

    bring_to(LK_LWA_ENB_SETUP_WT);
    message = wt_message(LK_XWAP_ADDITION_ACKNOWLEDGE);
    message.added.bearer[0].e_rab_id++;
    assert_int_equal(hears(&message), LK_E_VALUE);
}

/* Two acknowledgements of an addition that was asked twice: the last is the WT's context. */
static void the_last_acknowledgement_of_an_addition_counts(void **state)
{
    struct lk_xwap again;

    bring_to(LK_LWA_ENB_SETUP_WT);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_ADDITION_REQUEST);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    again = wt_message(LK_XWAP_ADDITION_ACKNOWLEDGE);
    again.wt_ue_id = OTHER_WT_UE_ID;
    assert_int_equal(hears(&again), LK_OK);
    assert_int_equal(enb.wt_ue_id, OTHER_WT_UE_ID);
    assert_int_equal(hears(&again), LK_E_UNEXPECTED);
}

/* It comes when LWA is not wanted any more: the WT is told so. */
static void a_late_acknowledgement_is_disowned(void **state)
{
    bring_to(LK_LWA_ENB_SETUP_WT);
    assert_int_equal(happens(LK_LWA_ENB_EV_RELEASE), LK_OK);
    assert_released(LK_REASON_LWA_ORDERED, false);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_int_equal(xw_said[0].wt_ue_id, WT_UE_ID);
}

/* ---- T50: the order ---- */

/* T50: the WT gets the key when the UE has said that it has it, and not before.
 * spec: TS 36.331 5.6.14.2 - the UE derives S-KWT before it answers. */
static void the_ue_is_told_before_the_wt(void **state)
{
    struct lk_kenb kenb = kenb_of(0x11);

    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    assert_silent();
    assert_int_equal(is_saved(true), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_REKEY_BEGUN));
    assert_int_equal(xw_count, 0);
    assert_true(told[0].lwa.has_counter && !told[0].lwa.has_mobility);
    assert_int_equal(told[0].lwa.wt_counter, 1);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(told_count, 1);
    assert_int_equal(xw_count, 0);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    assert_int_equal(xw_said[0].wt_ue_id, WT_UE_ID);
    assert_key(&kenb, 1);
}

/* T50: the other order is refused outside a laboratory, and does not run there by mistake. */
static void the_other_order_is_for_a_laboratory(void **state)
{
    enum lk_lwa_enb_setting wrong;

    bring_to(LK_LWA_ENB_ACTIVE);
    config.order = LK_LWA_WT_FIRST;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_LWA_WT_FIRST);
    rekey_to(LK_LWA_ENB_REKEY_UE);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_UE);
    assert_int_equal(xw_count, 0);

    bring_to(LK_LWA_ENB_ACTIVE);
    config.order = LK_LWA_WT_FIRST;
    config.laboratory = true;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_NONE);
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    assert_int_equal(told_count, 0);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(told[0].lwa.wt_counter, 1);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK); /* before the Complete */
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_non_null(has(LK_LWA_ENB_OUT_ACTIVE));
    rekey_to(LK_LWA_ENB_REKEY_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_FINISHED);
}

/* ---- T51: the lock ---- */

/* T51: wishes while a re-key is under way are one, which begins when the WT has finished. */
static void the_next_rekey_waits_for_finished(void **state)
{
    static const enum lk_lwa_enb_state locked[] = {
        LK_LWA_ENB_REKEY_UE, LK_LWA_ENB_REKEY_WT, LK_LWA_ENB_REKEY_FINISHED };

    for (size_t i = 0; i < LK_COUNT_OF(locked); i++) {
        bring_to(locked[i]);
        for (unsigned wish = 0; wish < 5; wish++) {
            assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
            assert_int_equal(out.count, 0);
            assert_int_equal(enb.state, locked[i]);
        }
        if (enb.state == LK_LWA_ENB_REKEY_UE)
            assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
        if (enb.state == LK_LWA_ENB_REKEY_WT)
            assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_REKEY_FINISHED);
        assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
        assert_non_null(has(LK_LWA_ENB_OUT_ACTIVE));
        assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
        assert_int_equal(is_saved(true), LK_OK);
        assert_int_equal(told[0].lwa.wt_counter, 2);
        assert_int_equal(ue_completes(), LK_OK);
        assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
        assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE); /* the five were one */
    }
}

/* T51: what ends a lock by time outlasts the WT's tries, and is noticed. */
static void a_lock_ends_by_time_with_a_notice(void **state)
{
    enum lk_lwa_enb_setting wrong;

    bring_to(LK_LWA_ENB_REKEY_FINISHED);
    assert_int_equal(enb.timer_ms, now_ms + config.lock_ms);
    now_ms += config.lock_ms - 1;
    assert_int_equal(happens(LK_LWA_ENB_EV_EXPIRED), LK_E_UNEXPECTED); /* too early */
    assert_int_equal(expires(), LK_OK);
    assert_notice(LK_REASON_LWA_LOCK_EXPIRED);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    config.lock_ms = 2u * config.wt_tries * config.wt_retry_ms;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_LWA_LOCK_SHORT);
    config.lock_ms++;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_NONE);
}

/* T51: the answer to an earlier question opens nothing: not the UE's, */
static void a_late_complete_opens_nothing(void **state)
{
    uint8_t late;

    bring_to(LK_LWA_ENB_REKEY_UE);
    late = enb.transaction;
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    rekey_to(LK_LWA_ENB_REKEY_UE);
    assert_int_equal(ue_completes_as(late), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_UE);
    assert_silent();
}

/* T51: nor the WT's: a request was asked twice, and the second answer comes in the next re-key. */
static void a_late_acknowledgement_opens_nothing(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    rekey_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK); /* of the last key */
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_WT);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_E_UNEXPECTED);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_FINISHED);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_E_UNEXPECTED); /* unasked */
}

/* T51: nor where the UE's word is awaited: the WT is told nothing, nor taken to know the key. */
static void a_late_acknowledgement_is_not_the_ues_word(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    rekey_to(LK_LWA_ENB_REKEY_UE);
    assert_int_equal(enb.open_requests, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct lk_lwa_enb before = enb;

        assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE),
                         i == 0 ? LK_OK : LK_E_UNEXPECTED);
        assert_int_equal(enb.open_requests, 0);
        assert_int_equal(out.count, 0);
        before.open_requests = 0; /* it is counted, and nothing else */
        assert_memory_equal(&before, &enb, sizeof enb);
    }
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK); /* of the key before */
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_UE);
    assert_int_not_equal(enb.key_deadline_ms, 0);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
}

/* ---- T52: the counter ---- */

/* T52: nothing is derived, and nobody told, before the store has the next counter; a store that
 * cannot keep it ends the wish, and the key in use stays.
 * spec: TS 33.401 G.2.4 - a WT Counter is used once under a KeNB. */
static void the_counter_is_saved_before_it_is_used(void **state)
{
    struct lk_lwa_enb_event wrong = { .kind = LK_LWA_ENB_EV_SAVED };

    bring_to(LK_LWA_ENB_REKEY_SAVED);
    assert_silent();
    assert_int_equal(saved_last.next, 2);
    wrong.saved.done = true;
    wrong.saved.what = saved_last;
    wrong.saved.what.next--;
    assert_int_equal(step(&wrong), LK_E_VALUE);
    wrong.saved.what = saved_last;
    wrong.saved.what.print[0] ^= 1;
    assert_int_equal(step(&wrong), LK_E_VALUE);
    assert_int_equal(is_saved(false), LK_OK);
    assert_notice(LK_REASON_LWA_COUNTER_NOT_KEPT);
    assert_silent();
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_int_equal(enb.next_counter, 1);
    rekey_to(LK_LWA_ENB_REKEY_SAVED);
    for (unsigned tries = 1; tries < config.tries; tries++) {
        assert_int_equal(expires(), LK_OK);
        assert_non_null(has(LK_LWA_ENB_OUT_SAVE));
    }
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    /* Without a store no set-up either. */
    bring_to(LK_LWA_ENB_SETUP_SAVED);
    for (unsigned i = 0; i < 100 && enb.timer_ms != LK_LWA_NEVER; i++)
        assert_int_equal(enb.state == LK_LWA_ENB_READY ? expires() : is_saved(false), LK_OK);
    assert_released(LK_REASON_LWA_COUNTER_NOT_KEPT, false);
}

/* T52: a restarted eNB with the same KeNB goes on where the store says, and a context that is
 * there already is refused: SRB1 would begin anew under one key. */
static void a_saved_counter_is_gone_on_with(void **state)
{
    struct lk_lwa_enb_event event;

    open_bench();
    event = context_of(0x11);
    event.context.has_saved = true;
    lk_kenb_print(event.context.saved.print, &event.context.kenb);
    event.context.saved.next = 77;
    assert_int_equal(step(&event), LK_OK);
    assert_int_equal(enb.next_counter, 77);
    assert_int_equal(step(&event), LK_E_EXISTS);
    event.context.kenb = kenb_of(0x12); /* of another KeNB: that begins at 0 */
    assert_int_equal(step(&event), LK_OK);
    assert_int_equal(enb.next_counter, 0);
    event.context.kenb = kenb_of(0x13);
    event.context.saved.next = LK_LWA_COUNTERS + 1;
    assert_int_equal(step(&event), LK_E_VALUE);
}

/* T52: what is saved goes to a file, and of the KeNB nothing may: no eight octets in a row. */
static void what_is_saved_says_nothing_of_the_kenb(void **state)
{
    struct lk_lwa_enb_event event;

    open_bench();
    event = context_of(0);
    for (unsigned i = 0; i < sizeof event.context.kenb.octets; i++)
        event.context.kenb.octets[i] = (uint8_t)(0x40 + i);
    assert_int_equal(step(&event), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_SAVE));
    for (unsigned i = 0; i + 8 <= sizeof event.context.kenb.octets; i++)
        for (unsigned j = 0; j + 8 <= sizeof saved_last.print; j++)
            assert_memory_not_equal(saved_last.print + j, event.context.kenb.octets + i, 8);
}

/* Answers all that a re-key asks; at most so many steps. */
static void run_rekey(struct lk_s_kwt *key)
{
    for (unsigned i = 0; i < 10; i++)
        switch ((int)enb.state) {
        case LK_LWA_ENB_REKEY_SAVED: assert_int_equal(is_saved(true), LK_OK); break;
        case LK_LWA_ENB_REFRESH:
            assert_true(told[0].has_handover);
            assert_int_equal(told[0].handover.pci, config.cell.pci);
            assert_int_equal(told[0].handover.wt, LK_RRC_WT_KEPT);
            ue_moves(&config.cell, NULL);
            assert_int_equal(ue_completes(), LK_OK);
            break;
        case LK_LWA_ENB_REKEY_UE: assert_int_equal(ue_completes(), LK_OK); break;
        case LK_LWA_ENB_REKEY_WT:
            memcpy(key->octets, xw_key, sizeof key->octets);
            assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
            break;
        case LK_LWA_ENB_REKEY_FINISHED:
            assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
            break;
        default: assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE); return;
        }
}

/* T52: from the last counter but one, three re-keys are three keys, the third of a new KeNB.
 * spec: TS 33.401 7.2.9.2 - the KeNB is refreshed before a counter would repeat. */
static void at_the_end_of_the_counter_the_kenb_goes_first(void **state)
{
    struct lk_s_kwt key[3];
    struct lk_kenb kenb = kenb_of(0x11);

    bring_to(LK_LWA_ENB_ACTIVE);
    enb.next_counter = LK_LWA_COUNTERS - 2;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
        run_rekey(&key[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(key[i].octets, key[j].octets, sizeof key[i].octets);
    }
    lk_kenb_star_horizontal(&kenb, &kenb, &config.cell);
    assert_key(&kenb, 0);
    assert_int_equal(enb.next_counter, 1);
}

/* The end of SRB1's COUNT is one as well, in either direction. */
static void at_the_end_of_count_the_kenb_goes_first(void **state)
{
    for (unsigned uplink = 0; uplink < 2; uplink++) {
        struct lk_s_kwt key;

        bring_to(LK_LWA_ENB_ACTIVE);
        if (uplink) {
            enb.as.srb.receive_next = ue.srb.send_next = UINT32_MAX - 60;
        } else {
            enb.as.srb.send_next = ue.srb.receive_next = UINT32_MAX - 60;
        }
        assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_REFRESH);
        run_rekey(&key);
        assert_int_equal(enb.counter, 0);
        assert_true(enb.as.srb.send_next < 10);
    }
}

/* The command or the Complete of a refresh is lost: the UE is asked under both KeNBs. Its answer
 * under the new one alone ends it. */
static void a_refresh_is_asked_for_again(void **state)
{
    bring_to(LK_LWA_ENB_REFRESH);
    assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REFRESH);
    assert_int_equal(expires(), LK_OK);
    assert_true(told_count == 1 && told[0].has_handover); /* the command, to a UE that missed it */
    ue_moves(&config.cell, NULL);
    assert_int_equal(expires(), LK_OK);
    assert_true(told_count == 1 && !told[0].has_handover); /* a question, to one that has moved */
    assert_int_equal(ue_completes(), LK_OK);
    assert_non_null(has(LK_LWA_ENB_OUT_REFRESHED));
    bring_to(LK_LWA_ENB_REFRESH);
    while (enb.state == LK_LWA_ENB_REFRESH)
        assert_int_equal(expires(), LK_OK);
    assert_released(LK_REASON_LWA_UE_SILENT, false);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
}

/* ---- release ---- */

/* spec: TS 36.463 8.11 - by the eNB.  spec: TS 36.463 8.12 - by the WT. */
static void lwa_is_released_by_either(void **state)
{
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(happens(LK_LWA_ENB_EV_RELEASE), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_false(lk_xwap_has(&xw_said[0], LK_XWAP_CONTEXT_KEPT));
    assert_true(told[0].lwa.release);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_ORDERED, false);
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(wt_says(LK_XWAP_RELEASE_REQUIRED), LK_OK);
    assert_int_equal(xw_count, 1);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_CONFIRM);
    assert_true(told[0].lwa.release);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_WT_RELEASED, false);
    assert_int_equal(enb.state, LK_LWA_ENB_READY);
    /* What is wished during a release comes after it. */
    bring_to(LK_LWA_ENB_RELEASE_UE);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
}

/* spec: TS 36.463 8.9.4 - refused while the eNB's own request is open, confirmed otherwise. */
static void what_the_wt_requires_is_answered(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_REQUIRED), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REFUSE);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_WT);
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_REQUIRED), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_CONFIRM);
}

/* spec: TS 36.331 5.3.7.5 - a new context: LWA is gone at the UE, and comes anew. */
static void a_new_context_begins_anew(void **state)
{
    struct lk_kenb kenb = kenb_of(0x22);

    bring_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(context_comes(0x22), LK_OK);
    assert_int_equal(xw_count, 0); /* the addition replaces what the WT has */
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_key(&kenb, 0);
}

/* ---- keys ---- */

static bool holds(const void *at, size_t len, const uint8_t *secret)
{
    for (size_t i = 0; i + 16 <= len; i++)
        if (memcmp((const uint8_t *)at + i, secret, 16) == 0)
            return true;
    return false;
}

/* A released context is wiped, and a refresh leaves nothing of the KeNB before. */
static void nothing_is_left_of_a_ue_that_is_gone(void **state)
{
    static const struct lk_lwa_as nothing;
    struct lk_kenb kenb = kenb_of(0x11), star = kenb_of(0x11);
    struct lk_s_kwt s_kwt;

    bring_to(LK_LWA_ENB_REFRESH);
    assert_true(holds(&enb, sizeof enb, kenb.octets));
    ue_moves(&config.cell, NULL);
    assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
    assert_false(holds(&enb, sizeof enb, kenb.octets));
    assert_memory_equal(&enb.next, &nothing, sizeof nothing);
    lk_kenb_star_horizontal(&star, &star, &config.cell);
    assert_true(holds(&enb, sizeof enb, star.octets));
    lk_s_kwt_derive(&s_kwt, &star, LK_S_KWT_FC, 0);
    assert_int_equal(is_saved(true), LK_OK);
    assert_false(holds(&enb, sizeof enb, s_kwt.octets)); /* made when it is sent, and not kept */
    assert_int_equal(happens(LK_LWA_ENB_EV_LEFT), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_false(holds(&enb, sizeof enb, star.octets));
    assert_int_equal(enb.state, LK_LWA_ENB_IDLE);
    assert_true(enb.xw_up);
}

/* spec: TS 33.401 7.2.9 - no COUNT is used twice under one KeNB: what an attach used is over. */
static void srb1_goes_on_where_the_attach_ended(void **state)
{
    struct lk_lwa_enb_event event = context_of(0x12);

    bring_to(LK_LWA_ENB_READY);
    event.context.used = (struct lk_srb_used){ .sent = 40, .received = 50 };
    lk_lwa_as_begin(&ue, &event.context.kenb, 0, config.algorithm);
    lk_srb_go_on(&ue.srb, LK_EIA_UPLINK, &(struct lk_srb_used){ .sent = 50, .received = 40 });
    assert_int_equal(step(&event), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(told_count, 1);
    assert_int_equal(enb.as.srb.send_next, 41);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.as.srb.receive_next, 51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lwa_is_set_up_at_the_wt_then_at_the_ue),
        cmocka_unit_test(an_association_may_be_confirmed_before_the_complete),
        cmocka_unit_test(an_acknowledgement_of_other_bearers_is_refused),
        cmocka_unit_test(the_last_acknowledgement_of_an_addition_counts),
        cmocka_unit_test(a_late_acknowledgement_is_disowned),
        cmocka_unit_test(the_ue_is_told_before_the_wt),
        cmocka_unit_test(the_other_order_is_for_a_laboratory),
        cmocka_unit_test(the_next_rekey_waits_for_finished),
        cmocka_unit_test(a_lock_ends_by_time_with_a_notice),
        cmocka_unit_test(a_late_complete_opens_nothing),
        cmocka_unit_test(a_late_acknowledgement_opens_nothing),
        cmocka_unit_test(a_late_acknowledgement_is_not_the_ues_word),
        cmocka_unit_test(the_counter_is_saved_before_it_is_used),
        cmocka_unit_test(a_saved_counter_is_gone_on_with),
        cmocka_unit_test(what_is_saved_says_nothing_of_the_kenb),
        cmocka_unit_test(at_the_end_of_the_counter_the_kenb_goes_first),
        cmocka_unit_test(at_the_end_of_count_the_kenb_goes_first),
        cmocka_unit_test(a_refresh_is_asked_for_again),
        cmocka_unit_test(lwa_is_released_by_either),
        cmocka_unit_test(what_the_wt_requires_is_answered),
        cmocka_unit_test(a_new_context_begins_anew),
        cmocka_unit_test(nothing_is_left_of_a_ue_that_is_gone),
        cmocka_unit_test(srb1_goes_on_where_the_attach_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
