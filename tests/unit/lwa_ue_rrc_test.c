/* The UE of LTE-WLAN aggregation: keys through handovers and contexts, and what becomes of
 * questions that are repeated, altered, cut, played again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/rsn.h"
#include "lwa_ue_bench.h"

/* ---- the same question ---- */

/* T53: a Complete was lost. The question comes once more: it is answered once more, no key is
 * handed on and no association begun. */
static void a_question_that_comes_again_is_answered_again(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(1);
    struct lk_lwa_ue_lwa before;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    config.reassociate = true;
    ue_ask(m);
    m.transaction = (enb.transaction + LK_RRC_TRANSACTION_MAX) & LK_RRC_TRANSACTION_MAX;
    before = ue.lwa;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ue_hear(lwa_ask_again(&enb, &m)), LK_OK);
        assert_int_equal(out.count, 1);
        ue_assert_complete(&enb, m.transaction);
        assert_memory_equal(&before, &ue.lwa, sizeof before);
    }
    /* Another question in between, and it is new. */
    ue_ask(lwa_rekey(2));
    assert_int_equal(ue_hear(lwa_ask_again(&enb, &m)), LK_OK);
    assert_non_null(ue_find(LK_LWA_UE_OUT_PMK));
}

/* spec: TS 36.323 5.1.2.2 - the same octets again are a replay: dropped, LWA as it was. */
static void what_is_played_again_is_dropped(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(1), n = lwa_rekey(2);
    uint8_t kept[LWA_PDU_MAX];
    struct lk_span pdu;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    pdu = lwa_ask(&enb, &m);
    memcpy(kept, pdu.at, pdu.len);
    assert_int_equal(ue_hear(pdu), LK_OK);
    assert_int_equal(ue_hear(lk_span_of(kept, pdu.len)), LK_E_MAC);
    assert_int_equal(ue_hear(lwa_ask(&enb, &n)), LK_OK);
    assert_int_equal(ue_hear(lk_span_of(kept, pdu.len)), LK_E_MAC);
}

/* spec: TS 36.323 5.7 - what the UE said itself is of the other direction. */
static void its_own_words_are_dropped(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(1);
    uint8_t kept[LWA_PDU_MAX];
    struct lk_span pdu;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    pdu = ue_find(LK_LWA_UE_OUT_SEND)->send;
    memcpy(kept, pdu.at, pdu.len);
    assert_int_equal(ue_hear(lk_span_of(kept, pdu.len)), LK_E_MAC);
}

/* ---- handover ---- */

/* spec: TS 33.401 7.2.8.4 - the NCC in use: of the KeNB. Another: the NH that many steps on, up to
 * seven, over the end of the three bits too; the first is of the initial KeNB, also after a step
 * without.
 * spec: TS 36.331 5.3.5.4 - with the WT kept LWA stays, and the counter is of the new KeNB. */
static void keys_follow_every_ncc(void **state)
{
    for (unsigned first = 0; first < 8; first++)
        for (unsigned steps = 0; steps < 8; steps++) {
            ue_bring_to(LK_LWA_UE_ACTIVE);
            ue_move(lwa_enb_target(&enb, first, 2), LK_RRC_WT_KEPT);
            ue_move(lwa_enb_target(&enb, steps, 3), LK_RRC_WT_KEPT);
            assert_int_equal(out.count, 1);
            assert_int_equal(ue.state, LK_LWA_UE_ACTIVE);
            ue_ask(lwa_rekey(0));
            ue_assert_pmk(&enb, 0);
        }
}

/* Within the cell: the KeNB is refreshed, for a counter or a COUNT at its end (T52). */
static void a_key_is_refreshed_within_the_cell(void **state)
{
    struct lwa_enb old;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue_ask(lwa_rekey(65535));
    old = enb;
    ue_move(lwa_enb_target(&enb, 0, enb.cell.pci), LK_RRC_WT_KEPT_END_MARKER);
    assert_memory_not_equal(&old.kenb, &enb.kenb, sizeof enb.kenb);
    ue_ask(lwa_rekey(0));
    ue_assert_pmk(&enb, 0);
}

static void a_frequency_that_is_not_told_stays(void **state)
{
    struct lwa_enb target;
    struct lk_rrc_reconfiguration m;

    ue_bring_to(LK_LWA_UE_CONNECTED);
    target = enb;
    target.cell.earfcn_dl = 70000;
    target = lwa_enb_target(&target, 0, 9);
    m = lwa_hand_over(&target, LK_RRC_WT_RELEASED);
    m.handover.has_earfcn = true;
    m.handover.earfcn_dl = 70000;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_complete(&target, m.transaction);
    enb = target;
    ue_move(lwa_enb_target(&enb, 1, 10), LK_RRC_WT_RELEASED);
}

/* spec: TS 36.331 5.3.5.4 - LWA is released first, unless the WT is kept; what the same message
 * sets up comes after that, under the new KeNB. */
static void a_handover_releases_lwa_first(void **state)
{
    struct lk_rrc_reconfiguration m, with_lwa = lwa_set_up(4);
    struct lwa_enb target;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue_move(lwa_enb_target(&enb, 1, 2), LK_RRC_WT_RELEASED);
    assert_int_equal(ue.state, LK_LWA_UE_CONNECTED);
    assert_true(ue_find(LK_LWA_UE_OUT_LEAVE)->forget);
    assert_false(ue.lwa.has_key);

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_RELEASED);
    m.has_lwa = true;
    m.lwa = with_lwa.lwa;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    assert_int_equal(out.item[0].kind, LK_LWA_UE_OUT_LEAVE);
    ue_assert_pmk(&target, 4);
    ue_assert_complete(&target, m.transaction);
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
    /* What was there before is no part of it. */
    ue_bring_to(LK_LWA_UE_ACTIVE);
    m = lwa_hand_over(&target, LK_RRC_WT_RELEASED);
    m.has_lwa = true;
    m.lwa = lwa_rekey(4).lwa;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_INCOMPLETE);
    assert_int_equal(ue.state, LK_LWA_UE_ACTIVE);
}

static void a_handover_may_bring_a_key_or_a_release(void **state)
{
    struct lk_rrc_reconfiguration m;
    struct lwa_enb target;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    m.has_lwa = true;
    m.lwa = lwa_rekey(0).lwa;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    assert_int_equal(out.count, 2);
    ue_assert_pmk(&target, 0);

    ue_bring_to(LK_LWA_UE_ACTIVE);
    m.lwa = lwa_release().lwa;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    assert_int_equal(ue.state, LK_LWA_UE_CONNECTED);
    assert_int_equal(ue_count_of(LK_LWA_UE_OUT_LEAVE), 1);
    ue_assert_complete(&target, m.transaction);
}

/* A KeNB of a new KASME would need NAS: passed over, the old keys go on. */
static void a_handover_without_keys_of_ours_is_passed_over(void **state)
{
    struct lwa_enb target;
    struct lk_rrc_reconfiguration m;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    m.handover.key_change = true;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_KEY_CHANGE);
    ue_ask(lwa_rekey(1));
}

/* T53: the Complete of a handover was lost, and the source asks again: the answer goes to the
 * target, the keys do not move on. When the target has spoken, the source's key is gone. */
static void a_handover_that_comes_again_is_answered_again(void **state)
{
    struct lk_rrc_reconfiguration m, other = lwa_rekey(1);
    struct lwa_enb source, target;
    struct lk_lwa_ue_context before;
    static const struct lk_lwa_ue_bearer none;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK); /* its answer is lost */
    before = ue.context;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ue_hear(lwa_ask_again(&enb, &m)), LK_OK);
        assert_int_equal(out.count, 1);
        ue_assert_complete(&target, m.transaction);
        assert_memory_equal(&before, &ue.context, sizeof before);
    }
    /* Nothing else is taken from the source. */
    assert_int_equal(ue_hear(lwa_ask(&enb, &other)), LK_E_MAC);
    source = enb;
    enb = target;
    ue_ask(lwa_rekey(0));
    assert_memory_equal(&none, &ue.before, sizeof none);
    assert_int_equal(ue_hear(lwa_ask_again(&source, &m)), LK_E_MAC);
}

/* spec: TS 36.323 5.7 - on the source's bearer, too, a PDU counts once: what came again is played
 * again to nobody's answer. */
static void what_the_source_said_is_not_answered_twice(void **state)
{
    struct lk_rrc_reconfiguration m;
    struct lwa_enb target;
    uint8_t kept[LWA_PDU_MAX];
    struct lk_span pdu;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    pdu = lwa_ask_again(&enb, &m);
    memcpy(kept, pdu.at, pdu.len);
    assert_int_equal(ue_hear(lk_span_of(kept, pdu.len)), LK_OK);
    ue_assert_complete(&target, m.transaction);
    assert_int_equal(ue_hear(lk_span_of(kept, pdu.len)), LK_E_MAC);
    assert_int_equal(ue_hear(lwa_ask_again(&enb, &m)), LK_OK); /* said once more, it is new */
}

/* ---- context ---- */

/* A new context: what was before it is gone, and a source that still asks is nobody. */
static void a_new_context_knows_no_source(void **state)
{
    static const struct lk_lwa_ue_bearer none;
    struct lk_rrc_reconfiguration m;
    struct lwa_enb source, target;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    assert_true(ue.before.is_set);
    source = enb;
    lwa_enb_begin(&enb, 0x43);
    assert_int_equal(ue_give(LK_LWA_UE_EV_CONTEXT), LK_OK);
    assert_memory_equal(&ue.before, &none, sizeof none);
    assert_int_equal(ue_hear(lwa_ask_again(&source, &m)), LK_E_MAC);
}

/* spec: TS 33.401 A.18 - the function code is the configured one. */
static void the_function_code_is_the_configured_one(void **state)
{
    struct lk_s_kwt s_kwt;
    struct lk_pmk pmk;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    config.s_kwt_fc = LK_S_KWT_FC + 1;
    ue_ask(lwa_rekey(7));
    lk_s_kwt_derive(&s_kwt, &enb.kenb, LK_S_KWT_FC + 1, 7);
    lk_pmk_of_s_kwt(&pmk, &s_kwt);
    assert_memory_equal(&ue_find(LK_LWA_UE_OUT_PMK)->pmk, &pmk, sizeof pmk);
}

/* spec: TS 36.331 5.3.7.5 - a new context is one without LWA; keys of the old one are gone. */
static void a_new_context_releases_lwa(void **state)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_CONTEXT };

    ue_bring_to(LK_LWA_UE_ACTIVE);
    lwa_enb_begin(&enb, 0x42);
    assert_int_equal(ue_give(LK_LWA_UE_EV_CONTEXT), LK_OK);
    assert_int_equal(out.count, 1);
    assert_true(ue_find(LK_LWA_UE_OUT_LEAVE)->forget);
    ue_ask(lwa_set_up(0));
    ue_assert_pmk(&enb, 0);
    /* One that comes from elsewhere, with an NH. */
    ue_bring_to(LK_LWA_UE_OFF);
    enb = lwa_enb_target(&enb, 3, 5);
    assert_int_equal(ue_give(LK_LWA_UE_EV_CONTEXT), LK_OK);
    ue_move(lwa_enb_target(&enb, 2, 6), LK_RRC_WT_RELEASED);
    /* What cannot be. */
    for (unsigned i = 0; i < 4; i++) {
        event.context = lwa_enb_context(&enb);
        event.context.ncc = i == 0 ? 8 : event.context.ncc;
        event.context.has_nh = i != 1;
        event.context.cell.pci = i == 2 ? 504 : 0;
        event.context.cell.earfcn_dl = i == 3 ? LK_EARFCN_MAX + 1 : 0;
        assert_int_equal(ue_step(event), LK_E_VALUE);
    }
}

/* spec: TS 36.331 5.6.14.3 - the eNB releases. spec: TS 36.331 5.3.12 - or the device leaves. */
static void what_is_over_is_wiped(void **state)
{
    static const struct lk_lwa_ue none = { .state = LK_LWA_UE_OFF };

    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue_ask(lwa_release());
    assert_true(ue_find(LK_LWA_UE_OUT_LEAVE)->forget);
    assert_memory_equal(&none.lwa, &ue.lwa, sizeof none.lwa);
    ue_ask(lwa_release());
    assert_null(ue_find(LK_LWA_UE_OUT_LEAVE));
    ue_bring_to(LK_LWA_UE_ACTIVE);
    assert_int_equal(ue_give(LK_LWA_UE_EV_LEAVE), LK_OK);
    assert_true(ue_find(LK_LWA_UE_OUT_LEAVE)->forget);
    assert_memory_equal(&none, &ue, sizeof none);
}

/* ---- COUNT at its end ---- */

/* spec: TS 36.323 5.1 - no COUNT twice: without one there is no answer, and the message is not
 * followed; a report is lost, and said to be. */
static void without_a_count_nothing_is_sent(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(1);

    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue.now.srb.send_next = UINT32_MAX;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_E_FULL);
    ue_bring_to(LK_LWA_UE_JOINING);
    ue.now.srb.send_next = UINT32_MAX;
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    assert_int_equal(out.count, 1);
    ue_assert_notice(LK_REASON_LWA_COUNT_END);
    /* A handover brings new ones: its answer is the first under the new key. */
    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue.now.srb.send_next = UINT32_MAX;
    ue_move(lwa_enb_target(&enb, 0, 1), LK_RRC_WT_KEPT);
    assert_int_equal(ue.now.srb.send_next, 1);
}

/* ---- hostile messages ---- */

/* spec: TS 36.323 5.7 - a PDU that is cut, or has one bit changed, is dropped; LWA is as it was. */
static void an_altered_pdu_is_dropped(void **state)
{
    struct lwa_enb target;
    struct lk_rrc_reconfiguration m;
    uint8_t octets[LWA_PDU_MAX];
    struct lk_span pdu;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    target = lwa_enb_target(&enb, 1, 2);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    m.has_lwa = true;
    m.lwa = lwa_set_up(0).lwa;
    pdu = lwa_ask(&enb, &m);
    memcpy(octets, pdu.at, pdu.len);
    for (size_t len = 0; len < pdu.len; len++)
        assert_int_not_equal(ue_hear(lk_span_of(octets, len)), LK_OK);
    for (size_t bit = 0; bit < pdu.len * 8; bit++) {
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* Three bits of the header are not read, but the MAC-I is over them. */
        assert_int_not_equal(ue_hear(lk_span_of(octets, pdu.len)), LK_OK);
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(ue_hear(lk_span_of(octets, pdu.len)), LK_OK);
    ue_assert_complete(&target, m.transaction);
}

/* The eNB itself says something that cannot be read, in every way that a bit or a cut makes: a
 * notice, or another message than before; the bearer goes on. */
static void what_the_enb_says_wrongly_is_passed_over(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(1);
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    unsigned unreadable = 0;

    assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m), LK_OK);
    for (size_t i = 0; i < w.len * 9; i++) {
        size_t len = i < w.len ? i : w.len;

        ue_bring_to(LK_LWA_UE_ACTIVE);
        if (i >= w.len)
            octets[(i - w.len) / 8] ^= (uint8_t)(1u << i % 8);
        if (len > 0)
            assert_int_equal(ue_hear(lwa_pdu_of(&enb, lk_span_of(octets, len))), LK_OK);
        if (i >= w.len)
            octets[(i - w.len) / 8] ^= (uint8_t)(1u << i % 8);
        if (len > 0 && ue_find(LK_LWA_UE_OUT_NOTICE) != NULL) {
            assert_int_equal(out.count, 1);
            assert_int_equal(ue.state, LK_LWA_UE_ACTIVE);
            unreadable++;
            ue_ask(lwa_rekey(1));
        }
    }
    assert_true(unreadable > w.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_that_comes_again_is_answered_again),
        cmocka_unit_test(what_is_played_again_is_dropped),
        cmocka_unit_test(its_own_words_are_dropped),
        cmocka_unit_test(keys_follow_every_ncc),
        cmocka_unit_test(a_key_is_refreshed_within_the_cell),
        cmocka_unit_test(a_frequency_that_is_not_told_stays),
        cmocka_unit_test(a_handover_releases_lwa_first),
        cmocka_unit_test(a_handover_may_bring_a_key_or_a_release),
        cmocka_unit_test(a_handover_without_keys_of_ours_is_passed_over),
        cmocka_unit_test(a_handover_that_comes_again_is_answered_again),
        cmocka_unit_test(what_the_source_said_is_not_answered_twice),
        cmocka_unit_test(a_new_context_knows_no_source),
        cmocka_unit_test(the_function_code_is_the_configured_one),
        cmocka_unit_test(a_new_context_releases_lwa),
        cmocka_unit_test(what_is_over_is_wiped),
        cmocka_unit_test(without_a_count_nothing_is_sent),
        cmocka_unit_test(an_altered_pdu_is_dropped),
        cmocka_unit_test(what_the_enb_says_wrongly_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
