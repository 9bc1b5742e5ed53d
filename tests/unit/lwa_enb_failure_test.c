/* The eNB's machine of LTE-WLAN aggregation when nobody answers, or somebody who should not be
 * listened to: T53. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"

static void assert_silent(void)
{
    assert_int_equal(told_count, 0);
    assert_int_equal(xw_count, 0);
}

/* ---- T53: what does not answer ---- */

/* Until nothing is awaited any more; how many PDUs went out. False: there is no end. */
static bool runs_out(unsigned *pdus)
{
    *pdus = 0;
    for (unsigned i = 0; i < 200; i++) {
        if (enb.timer_ms == LK_LWA_NEVER)
            return true;
        if (enb.state == LK_LWA_ENB_SETUP_SAVED || enb.state == LK_LWA_ENB_REKEY_SAVED)
            assert_int_equal(is_saved(true), LK_OK);
        else if (enb.state == LK_LWA_ENB_SETUP_WT)
            assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
        else
            assert_int_equal(expires(), LK_OK);
        for (size_t j = 0; j < out.count; j++)
            *pdus += out.item[j].kind == LK_LWA_ENB_OUT_RRC;
    }
    return false;
}

/* T53: a UE that does not say Complete is asked so often and no more, LWA ends at the WT, is tried
 * again, and ends; fewer PDUs than its sequence numbers tell apart. */
static void a_silent_ue_ends_lwa(void **state)
{
    unsigned pdus;

    bring_to(LK_LWA_ENB_REKEY_UE);
    for (unsigned tries = 1; tries < config.tries; tries++) {
        assert_int_equal(expires(), LK_OK);
        assert_int_equal(told[0].lwa.wt_counter, 1);
    }
    assert_true(now_ms < 1000 + config.deadline_ms);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_RELEASE_UE);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_true(told[0].lwa.release);
    assert_true(runs_out(&pdus));
    assert_true(pdus < 28);
    assert_int_equal(enb.state, LK_LWA_ENB_READY);
    assert_false(enb.wanted);
    assert_released(LK_REASON_LWA_UE_SILENT, false);
    bring_to(LK_LWA_ENB_REKEY_UE); /* however patient it is configured */
    config.tries = config.attempts = 8;
    assert_true(runs_out(&pdus));
    assert_true(pdus < 31);
}

/* T53: and one that answers again gets LWA again. */
static void a_ue_that_was_silent_comes_back(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_UE);
    while (enb.state == LK_LWA_ENB_REKEY_UE)
        assert_int_equal(expires(), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_UE_SILENT, true);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(enb.counter, 2); /* never that of before */
}

/* T53: the way to the WT is cut after the UE has the new key: nothing is asked of the WT, LWA ends
 * at the deadline, and is set up when the way is there, at once. */
static void a_cut_way_ends_lwa_at_the_deadline(void **state)
{
    uint64_t begun;

    bring_to(LK_LWA_ENB_REKEY_UE);
    begun = now_ms;
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    now_ms += 100;
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_WT);
    assert_silent();
    assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(xw_count, 0);
    assert_true(told[0].lwa.release);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_DEADLINE, true);
    assert_int_equal(enb.state, LK_LWA_ENB_READY);
    assert_int_equal(enb.timer_ms, LK_LWA_NEVER);
    now_ms += 20000;
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST); /* what was owed */
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_ADDITION_REQUEST);
}

/* T53: the WT never says that the association lives under the newest key. A station that it has
 * deauthenticated, and that did not hear it, would go on in silence for ever: at the deadline LWA
 * ends, whatever came between. */
static void a_word_that_never_comes_ends_lwa(void **state)
{
    uint64_t begun;

    bring_to(LK_LWA_ENB_REKEY_UE);
    begun = now_ms;
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(expires(), LK_OK); /* the lock */
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK); /* one more begins no other deadline */
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
    assert_int_equal(expires(), LK_OK);
    assert_true(told[0].lwa.release);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_DEADLINE, true);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
}

/* T53: and a word that is late is a word. */
static void a_word_that_is_late_is_enough(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_FINISHED);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_true(has(LK_LWA_ENB_OUT_ACTIVE)->key.rekey);
    assert_int_equal(enb.timer_ms, LK_LWA_NEVER);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_null(has(LK_LWA_ENB_OUT_ACTIVE)); /* said once */
    bring_to(LK_LWA_ENB_REKEY_FINISHED);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    now_ms += config.deadline_ms / 2;
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK); /* of the key before */
    assert_int_equal(enb.deadline_ms, now_ms - config.deadline_ms / 2 + config.deadline_ms);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK); /* again */
    assert_int_equal(enb.deadline_ms, now_ms + config.deadline_ms / 2);
}

/* T53: the deadline goes along to the next cell: handovers, each of which comes before the lock
 * ends, do not keep a dead association. */
static void a_deadline_goes_along(void **state)
{
    const struct lk_lwa_enb_output *context;
    uint64_t begun;

    bring_to(LK_LWA_ENB_REKEY_UE);
    begun = now_ms;
    now_ms += 1000;
    assert_int_equal(hand_over_to(2), LK_OK);
    context = has(LK_LWA_ENB_OUT_CONTEXT);
    assert_int_equal(context->context.handover.deadline_ms, config.deadline_ms - 1000);
    now_ms = begun + config.deadline_ms + 1;
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(hand_over_to(2), LK_OK);
    assert_int_equal(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.deadline_ms, 0);

    open_bench();
    assert_int_equal(incoming_within(700), LK_OK);
    begun = now_ms;
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    now_ms += 100;
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_INCOMING_ASSOCIATION);
    assert_int_equal(enb.timer_ms, begun + 700);
    assert_int_equal(expires(), LK_OK);
    assert_true(told[0].lwa.release);
    open_bench();
    assert_int_equal(incoming_within(700), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(enb.deadline_ms, 0);
}

/* T53: the UE has a key that the WT has not, and is handed over. That the association lives, under
 * the key before, begins no other deadline for that key: handovers, each of which breaks a re-key
 * off, do not leave the two with two keys. */
static void a_key_that_the_wt_has_not_is_not_forgotten(void **state)
{
    const struct lk_lwa_enb_output *context;

    bring_to(LK_LWA_ENB_REKEY_UE);
    now_ms += 1000;
    assert_int_equal(hand_over_to(2), LK_OK);
    context = has(LK_LWA_ENB_OUT_CONTEXT);
    assert_int_equal(context->context.handover.key_deadline_ms, config.deadline_ms - 1000);
    bring_to(LK_LWA_ENB_REKEY_FINISHED); /* the WT has it: the word is enough */
    assert_int_equal(hand_over_to(2), LK_OK);
    context = has(LK_LWA_ENB_OUT_CONTEXT);
    assert_int_not_equal(context->context.handover.deadline_ms, 0);
    assert_int_equal(context->context.handover.key_deadline_ms, 0);

    open_bench();
    assert_int_equal(incoming_behind(700), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_UE);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(now_ms, 1000 + 700);
    assert_true(told[0].lwa.release);
}

/* T53: the KeNB has changed, by a refresh or by a handover with the WT kept, and no way leads to
 * the WT: data goes on under the S-KWT of the KeNB before, but no longer than to the deadline,
 * which is the same whatever comes between. */
static void a_key_of_a_kenb_before_has_an_end(void **state)
{
    for (unsigned how = 0; how < 4; how++) {
        uint64_t begun;

        bring_to(how % 2 == 0 ? LK_LWA_ENB_REFRESH : LK_LWA_ENB_INCOMING_UE);
        assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
        assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
        if (how % 2 == 0)
            ue_moves(&config.cell, NULL);
        begun = now_ms;
        assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
        assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
        if (how >= 2) { /* it heals, is cut, and the UE goes on to another cell */
            now_ms += 1000;
            assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
            assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
            assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
            assert_int_equal(is_saved(true), LK_OK);
            assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
            assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
            assert_int_equal(hand_over_to(2), LK_OK);
            assert_int_equal(has(LK_LWA_ENB_OUT_CONTEXT)->context.handover.key_deadline_ms,
                             config.deadline_ms - 1000);
            continue;
        }
        assert_int_equal(expires(), LK_OK);
        assert_true(told[0].lwa.release);
        assert_int_equal(ue_completes(), LK_OK);
        assert_released(LK_REASON_LWA_DEADLINE, true);
        assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
        assert_int_equal(enb.state, LK_LWA_ENB_SETUP_SAVED);
    }
}

/* T53: nor does a slow store keep it, nor the word that the association lives, which is of the key
 * of before. */
static void a_slow_store_does_not_keep_a_key_of_a_kenb_before(void **state)
{
    uint64_t begun;

    open_bench();
    config.save_ms = config.deadline_ms;
    assert_int_equal(incoming_within(700), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    begun = now_ms;
    assert_int_equal(ue_completes(), LK_OK);
    assert_int_equal(enb.timer_ms, begun + 700);
    now_ms += 100;
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
    assert_int_equal(enb.timer_ms, begun + config.deadline_ms);
    assert_int_equal(expires(), LK_OK);
    assert_true(told[0].lwa.release);
    bring_to(LK_LWA_ENB_ACTIVE); /* a key of the KeNB in use has no such end */
    config.save_ms = 2 * config.deadline_ms;
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    assert_int_equal(enb.timer_ms, now_ms + config.save_ms);
}

/* T52: no counter is kept for the new KeNB: the key of the KeNB before does not stay in its place,
 * and LWA ends; it would by silence of the store too. */
static void a_key_of_a_kenb_before_does_not_stay_without_a_store(void **state)
{
    for (unsigned how = 0; how < 3; how++) {
        bring_to(how == 1 ? LK_LWA_ENB_INCOMING_ASSOCIATION : LK_LWA_ENB_REFRESH);
        if (how == 1) {
            assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
        } else {
            ue_moves(&config.cell, NULL);
            assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
        }
        assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
        if (how == 2)
            while (enb.state == LK_LWA_ENB_REKEY_SAVED)
                assert_int_equal(expires(), LK_OK);
        else
            assert_int_equal(is_saved(false), LK_OK);
        assert_int_equal(has(LK_LWA_ENB_OUT_NOTICE) == NULL, how == 2); /* the deadline is first */
        assert_int_equal(enb.state, LK_LWA_ENB_RELEASE_UE);
        assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
        assert_true(told[0].lwa.release);
    }
}

/* T53: a way that heals before is used at once, with the same key. */
static void a_way_that_heals_is_used_at_once(void **state)
{
    uint8_t key[32];

    bring_to(LK_LWA_ENB_REKEY_WT);
    memcpy(key, xw_key, sizeof key);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    now_ms += 3000;
    assert_int_equal(happens(LK_LWA_ENB_EV_EXPIRED), LK_E_UNEXPECTED);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    assert_memory_equal(key, xw_key, sizeof key);
    /* A confirmation may be lost with the way: it is asked for. */
    bring_to(LK_LWA_ENB_REKEY_FINISHED);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
    bring_to(LK_LWA_ENB_SETUP_ASSOCIATION);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_MODIFICATION_REQUEST);
}

/* While it is down no re-key begins: UE and WT keep one key. */
static void a_rekey_waits_for_the_way(void **state)
{
    bring_to(LK_LWA_ENB_ACTIVE);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_int_equal(out.count, 0);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_REKEY_SAVED);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_ACTIVE);
    assert_silent();
    bring_to(LK_LWA_ENB_READY);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_DOWN), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_int_equal(out.count, 0);
}

/* T53: a WT that rejects, or does not answer, has LWA end at the UE and begin anew, so often. */
static void a_wt_that_will_not_ends_lwa(void **state)
{
    bring_to(LK_LWA_ENB_REKEY_WT);
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_REJECT), LK_OK);
    assert_notice(LK_REASON_LWA_WT_REJECTED);
    assert_true(told[0].lwa.release);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_WT_REJECTED, true);
    bring_to(LK_LWA_ENB_REKEY_WT);
    while (enb.state == LK_LWA_ENB_REKEY_WT)
        assert_int_equal(expires(), LK_OK);
    assert_int_equal(now_ms, 1000 + config.deadline_ms);
    assert_true(told[0].lwa.release);
    bring_to(LK_LWA_ENB_SETUP_WT);
    for (unsigned i = 0; i <= config.attempts; i++) {
        assert_int_equal(wt_says(LK_XWAP_ADDITION_REJECT), LK_OK);
        assert_released(LK_REASON_LWA_WT_REJECTED, i < config.attempts);
        if (enb.state == LK_LWA_ENB_READY && enb.timer_ms != LK_LWA_NEVER)
            assert_int_equal(expires(), LK_OK);
        if (enb.state == LK_LWA_ENB_SETUP_SAVED)
            assert_int_equal(is_saved(true), LK_OK);
    }
    assert_int_equal(enb.state, LK_LWA_ENB_READY);
    assert_int_equal(enb.timer_ms, LK_LWA_NEVER);
    bring_to(LK_LWA_ENB_SETUP_WT);
    for (unsigned i = 0; i < config.tries; i++)
        assert_int_equal(expires(), LK_OK);
    assert_released(LK_REASON_LWA_WT_SILENT, true);
}

/* spec: TS 36.331 5.6.15 - T351 has expired at the UE: it has stopped, and LWA ends. */
static void a_ue_that_does_not_associate_ends_lwa(void **state)
{
    bring_to(LK_LWA_ENB_SETUP_ASSOCIATION);
    assert_int_equal(ue_reports(LK_RRC_WLAN_UNAVAILABLE), LK_OK);
    assert_notice(LK_REASON_LWA_WLAN_LOST);
    assert_int_equal(enb.state, LK_LWA_ENB_SETUP_ASSOCIATION);
    assert_int_equal(ue_reports(LK_RRC_WLAN_TIMEOUT), LK_OK);
    assert_int_equal(xw_said[0].type, LK_XWAP_RELEASE_REQUEST);
    assert_int_equal(ue_completes(), LK_OK);
    assert_released(LK_REASON_LWA_NO_ASSOCIATION, false);
    bring_to(LK_LWA_ENB_SETUP_ASSOCIATION);
    assert_int_equal(enb.timer_ms, now_ms + 12000); /* nobody says anything */
    assert_int_equal(expires(), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_RELEASE_UE);
    bring_to(LK_LWA_ENB_REFRESH);
    assert_int_equal(ue_reports(LK_RRC_WLAN_TIMEOUT), LK_OK);
    ue_moves(&config.cell, NULL);
    assert_int_equal(ue_completes_as(enb.transaction), LK_OK);
    assert_int_equal(enb.state, LK_LWA_ENB_RELEASE_UE);
}

/* ---- who must not be listened to ---- */

/* Each PDU of the UE cut at each length, and with each bit turned: nothing changes.
 * spec: TS 36.323 5.7 - what does not prove itself is dropped. */
static void an_altered_pdu_changes_nothing(void **state)
{
    static const enum lk_lwa_enb_state awaits[] = {
        LK_LWA_ENB_SETUP_UE, LK_LWA_ENB_REKEY_UE, LK_LWA_ENB_REFRESH, LK_LWA_ENB_INCOMING_UE,
        LK_LWA_ENB_RELEASE_UE };
    uint8_t pdu[32], altered[32];

    for (size_t i = 0; i < LK_COUNT_OF(awaits); i++) {
        struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_RRC };
        struct lk_rrc_uplink complete = { .type = LK_RRC_COMPLETE };
        uint8_t room[16];
        struct lk_writer rrc = lk_writer_of(room, sizeof room);
        struct lk_writer w = lk_writer_of(pdu, sizeof pdu);

        bring_to(awaits[i]);
        if (awaits[i] == LK_LWA_ENB_REFRESH)
            ue_moves(&config.cell, NULL);
        complete.transaction = enb.transaction;
        assert_int_equal(lk_rrc_uplink_encode(&rrc, &complete), LK_OK);
        assert_int_equal(lk_srb_send(&ue.srb, &w, &ue.k_rrc_int, lk_writer_span(&rrc)), LK_OK);
        for (size_t len = 0; len < w.len; len++) {
            event.rrc = lk_span_of(pdu, len);
            assert_int_not_equal(step(&event), LK_OK);
        }
        for (size_t bit = 0; bit < w.len * 8; bit++) {
            memcpy(altered, pdu, w.len);
            altered[bit / 8] ^= (uint8_t)(1 << bit % 8);
            event.rrc = lk_span_of(altered, w.len);
            assert_int_not_equal(step(&event), LK_OK);
        }
        event.rrc = lk_span_of(pdu, w.len);
        assert_int_equal(step(&event), LK_OK);
        assert_int_not_equal(enb.state, awaits[i]);
        assert_int_not_equal(step(&event), LK_OK); /* played again */
    }
}

/* Each message of the WT with each bit turned: of another UE, it is refused; and the key of the UE
 * never goes to the WT because of it. Xw is protected below (TS 33.401 G.2.1), so what is of this
 * UE may move it. */
static void an_altered_message_is_of_nobody(void **state)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_ADDITION_ACKNOWLEDGE, LK_XWAP_ADDITION_REJECT, LK_XWAP_MODIFICATION_ACKNOWLEDGE,
        LK_XWAP_MODIFICATION_REJECT, LK_XWAP_MODIFICATION_REQUIRED, LK_XWAP_RELEASE_REQUIRED,
        LK_XWAP_ASSOCIATION_CONFIRMATION };

    for (size_t i = 0; i < LK_COUNT_OF(types); i++) {
        enum lk_lwa_enb_state in = i < 2 ? LK_LWA_ENB_SETUP_WT : LK_LWA_ENB_REKEY_WT;
        struct lk_xwap message, decoded;
        struct lk_xwap_diagnostics found;
        uint8_t room[512];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        bring_to(in);
        message = wt_message(types[i]);
        assert_int_equal(lk_xwap_encode(&w, &message), LK_OK);
        for (size_t bit = 0; bit < w.len * 8; bit++) {
            struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_XW, .xw = &decoded };
            struct lk_lwa_enb before = enb;
            bool of_ue;

            room[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (lk_xwap_decode(&decoded, &found, lk_writer_span(&w)) == LK_OK) {
                of_ue = decoded.enb_ue_id == ENB_UE_ID &&
                        (decoded.wt_ue_id == WT_UE_ID || i < 2);
                assert_true(of_ue || step(&event) != LK_OK);
                if (of_ue && step(&event) == LK_OK) {
                    for (unsigned x = 0; x < xw_count; x++)
                        assert_int_not_equal(xw_said[x].type, LK_XWAP_MODIFICATION_REQUEST);
                    enb = before;
                }
            }
            room[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void messages_of_other_ues_and_of_an_enb_are_refused(void **state)
{
    struct lk_xwap message;

    bring_to(LK_LWA_ENB_REKEY_FINISHED);
    message = wt_message(LK_XWAP_ASSOCIATION_CONFIRMATION);
    message.wt_ue_id = OTHER_WT_UE_ID;
    assert_int_equal(hears(&message), LK_E_NOT_FOUND);
    message = wt_message(LK_XWAP_ASSOCIATION_CONFIRMATION);
    message.enb_ue_id++;
    assert_int_equal(hears(&message), LK_E_NOT_FOUND);
    message = wt_message(LK_XWAP_RELEASE_CONFIRM); /* what an eNB says */
    assert_int_equal(hears(&message), LK_E_UNEXPECTED);
}

/* ---- configuration ---- */

static void what_cannot_work_is_refused(void **state)
{
    struct lk_lwa_enb_config good;
    enum lk_lwa_enb_setting wrong;

    open_bench();
    good = config;
#define WRONG(member, value)                                                              \
    config = good;                                                                        \
    config.member = (value);                                                              \
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_LWA_SETTING); \
    assert_int_not_equal(wrong, LK_LWA_ENB_SETTING_NONE)
    WRONG(cell.pci, 504);
    WRONG(cell.earfcn_dl, 262144);
    WRONG(algorithm, 1);
    WRONG(association_timer_s, 20);
    WRONG(tries, 0);
    WRONG(tries, 9);
    WRONG(attempts, 9);
    WRONG(rrc_ms, 0);
    WRONG(deadline_ms, 3600001);
    WRONG(mobility.count, 0);
    WRONG(mobility.count, 9);
    WRONG(mobility.id[0].has_bssid, false);
    WRONG(bearer.e_rab_id, 16);
    WRONG(bearer.endpoint.address_bits, 0);
    config = good;
    config.mobility.count = LK_LWA_MOBILITY_MAX; /* the largest fits what is sent */
    for (size_t i = 0; i < LK_LWA_MOBILITY_MAX; i++) {
        config.mobility.id[i] = (struct lk_wlan_id){ .ssid_len = 32, .has_bssid = true,
                                                     .has_hessid = true };
    }
    config.bearer.endpoint.address_bits = 160;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_NONE);
    assert_int_equal(context_comes(1), LK_OK);
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    assert_int_equal(is_saved(true), LK_OK);
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    assert_int_equal(told[0].lwa.to_add.count, LK_LWA_MOBILITY_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_ue_ends_lwa),
        cmocka_unit_test(a_ue_that_was_silent_comes_back),
        cmocka_unit_test(a_cut_way_ends_lwa_at_the_deadline),
        cmocka_unit_test(a_word_that_never_comes_ends_lwa),
        cmocka_unit_test(a_word_that_is_late_is_enough),
        cmocka_unit_test(a_deadline_goes_along),
        cmocka_unit_test(a_key_that_the_wt_has_not_is_not_forgotten),
        cmocka_unit_test(a_key_of_a_kenb_before_has_an_end),
        cmocka_unit_test(a_slow_store_does_not_keep_a_key_of_a_kenb_before),
        cmocka_unit_test(a_key_of_a_kenb_before_does_not_stay_without_a_store),
        cmocka_unit_test(a_way_that_heals_is_used_at_once),
        cmocka_unit_test(a_rekey_waits_for_the_way),
        cmocka_unit_test(a_wt_that_will_not_ends_lwa),
        cmocka_unit_test(a_ue_that_does_not_associate_ends_lwa),
        cmocka_unit_test(an_altered_pdu_changes_nothing),
        cmocka_unit_test(an_altered_message_is_of_nobody),
        cmocka_unit_test(messages_of_other_ues_and_of_an_enb_are_refused),
        cmocka_unit_test(what_cannot_work_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
