/* The UE of LTE-WLAN aggregation: every state meets every event, set-up and re-key, which access
 * point, and how often it tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_ue_bench.h"
#include "vectors.h"

/* ---- every state meets every event ---- */

enum {
    CONTEXT, SETUP, COUNTER, RELEASE, PLAIN, AGAIN, STRANGE, KEEP, MOVE, FORGED, UP, DOWN, EXPIRED,
    LEAVE, GIVEN
};

static enum lk_status ask_what(unsigned what)
{
    struct lk_rrc_reconfiguration m = { .transaction = 0 };
    struct lwa_enb target = lwa_enb_target(&enb, 1, 2), stranger = enb;
    struct lk_span pdu;

    switch (what) {
    case SETUP: m = lwa_set_up(7); break;
    case COUNTER: m = lwa_rekey(8); break;
    case RELEASE: m = lwa_release(); break;
    case KEEP: m = lwa_hand_over(&target, LK_RRC_WT_KEPT); break;
    case MOVE: m = lwa_hand_over(&target, LK_RRC_WT_RELEASED); break;
    case STRANGE:
        m = lwa_hand_over(&target, LK_RRC_WT_RELEASED);
        m.handover.has_security = false;
        break;
    case AGAIN:
        pdu = lwa_ask(&enb, &m);
        if (ue_hear(pdu) != LK_OK)
            return LK_E_UNEXPECTED;
        return ue_hear(lwa_ask_again(&enb, &m));
    case FORGED:
        stranger.key.octets[0] ^= 1;
        pdu = lwa_ask(&stranger, &m);
        return ue_hear(pdu);
    default: break;
    }
    pdu = lwa_ask(&enb, &m);
    return ue_hear(pdu);
}

static enum lk_status give_what(unsigned what)
{
    switch (what) {
    case CONTEXT: lwa_enb_begin(&enb, 0x42); return ue_give(LK_LWA_UE_EV_CONTEXT);
    case UP: return ue_give(LK_LWA_UE_EV_LINK_UP);
    case DOWN: return ue_give(LK_LWA_UE_EV_LINK_DOWN);
    case EXPIRED: now_ms = ue.deadline_ms; return ue_give(LK_LWA_UE_EV_EXPIRED);
    case LEAVE: return ue_give(LK_LWA_UE_EV_LEAVE);
    default: return ask_what(what);
    }
}

/* Y23: what has no place changes nothing (see step). A counter without a WLAN, in CONNECTED, is
 * passed over. spec: TS 36.331 5.3.5.5 - what cannot be followed is not answered. */
static void every_state_meets_every_event(void **state)
{
    enum { O = LK_LWA_UE_OFF, C, J, P, A, S, NO };
    static const unsigned then[LK_LWA_UE_STATE_COUNT][GIVEN] = {
        /*     CTX SET CNT REL PLAIN AGAIN STRANGE KEEP MOVE FORGED UP  DOWN EXP LEAVE */
        [O] = { C, NO, NO, NO, NO,   NO,   NO,     NO,  NO,  NO,    NO, NO,  NO, NO },
        [C] = { C, J,  C,  C,  C,    C,    C,      C,   C,   NO,    NO, NO,  NO, O },
        [J] = { C, J,  J,  C,  J,    J,    J,      J,   C,   NO,    A,  P,   S,  O },
        [P] = { C, J,  J,  C,  P,    P,    P,      P,   C,   NO,    NO, NO,  S,  O },
        [A] = { C, A,  A,  C,  A,    A,    A,      A,   C,   NO,    A,  P,   NO, O },
        [S] = { C, J,  J,  C,  S,    S,    S,      S,   C,   NO,    NO, NO,  NO, O },
    };

    for (unsigned in = 0; in < LK_LWA_UE_STATE_COUNT; in++)
        for (unsigned what = 0; what < GIVEN; what++) {
            enum lk_status status;

            ue_bring_to(in);
            status = give_what(what);
            assert_int_equal(status == LK_OK, then[in][what] != NO);
            assert_int_equal(ue.state, then[in][what] == NO ? in : then[in][what]);
            if (what == STRANGE && status == LK_OK) {
                assert_int_equal(out.count, 1);
                ue_assert_notice(LK_REASON_LWA_KEY_CHANGE);
            }
        }
}

/* ---- set-up and re-key ---- */

/* spec: TS 36.331 5.6.14.2 - the key is handed on before the answer leaves; then the device
 * associates, for as long as T351 says. spec: TS 36.331 5.3.5.3 - the answer has the transaction.
 * spec: TS 33.401 A.7 - and is under a key of the KeNB. */
static void set_up_is_key_answer_association(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);
    const struct lk_lwa_ue_target *to;

    ue_bring_to(LK_LWA_UE_CONNECTED);
    enb.transaction = 2;
    ue_ask(m);
    assert_int_equal(out.count, 4);
    assert_int_equal(out.item[0].kind, LK_LWA_UE_OUT_PMK);
    assert_int_equal(out.item[1].kind, LK_LWA_UE_OUT_SEND);
    assert_int_equal(out.item[2].kind, LK_LWA_UE_OUT_ASSOCIATE);
    ue_assert_pmk(&enb, 0);
    to = &out.item[2].associate;
    assert_memory_equal(to->ap, lwa_ap, sizeof to->ap);
    assert_memory_equal(to->wt, lwa_ap, sizeof to->wt);
    assert_true(lk_span_equal(lk_span_of(to->ssid, to->ssid_len), lk_span_text("lwa")));
    assert_int_equal(out.item[3].timer_ms, now_ms + 10000);
}

/* The vectors' chain: the S-KWT of counters 0 and 1 under its KeNB.
 * spec: TS 33.401 A.18 - as the sheet has it. */
static void the_key_is_that_of_the_vectors(void **state)
{
    json_t *chain = vectors_load("lwa_chain");
    struct vector_octets kenb = vector_hex(chain, "kenb");
    struct lk_rrc_reconfiguration m;
    struct lwa_enb target;

    ue_bring_to(LK_LWA_UE_OFF);
    memcpy(enb.kenb.octets, kenb.at, sizeof enb.kenb.octets);
    lk_k_rrc_int_derive(&enb.key, &enb.kenb, 2);
    assert_int_equal(ue_give(LK_LWA_UE_EV_CONTEXT), LK_OK);
    ue_ask(lwa_set_up(0));
    assert_vector(chain, "s_kwt_by_wt_counter_source_kenb.src_0",
                  ue_find(LK_LWA_UE_OUT_PMK)->pmk.octets, 32);
    ue_ask(lwa_rekey(65535));
    assert_vector(chain, "s_kwt_by_wt_counter_source_kenb.src_65535",
                  ue_find(LK_LWA_UE_OUT_PMK)->pmk.octets, 32);
    /* spec: TS 33.401 A.5 - and of the next cell's, horizontally. */
    target = enb;
    target.cell.earfcn_dl = 561;
    target = lwa_enb_target(&target, 0, 32);
    m = lwa_hand_over(&target, LK_RRC_WT_KEPT);
    m.handover.has_earfcn = true;
    m.handover.earfcn_dl = 561;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    enb = target;
    ue_ask(lwa_rekey(1));
    assert_vector(chain, "s_kwt_by_wt_counter_target_kenb_horizontal.tgt_1",
                  ue_find(LK_LWA_UE_OUT_PMK)->pmk.octets, 32);
    json_decref(chain);
}

/* S3, proposal 2: a new counter is a key and an answer, and nothing on the WLAN. */
static void a_new_counter_does_nothing_on_the_wlan(void **state)
{
    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue_ask(lwa_rekey(1));
    assert_int_equal(out.count, 2);
    ue_assert_pmk(&enb, 1);
    /* spec: TS 36.331 5.6.15.2 - and when the WT has brought it in, success is reported once. */
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    ue_assert_report(LK_RRC_WLAN_ASSOCIATED);
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    assert_int_equal(out.count, 0);
}

/* The order that the seed compares with: the device associates anew as soon as it has the key. */
static void a_device_may_begin_itself(void **state)
{
    ue_bring_to(LK_LWA_UE_ACTIVE);
    config.reassociate = true;
    ue_ask(lwa_rekey(1));
    assert_int_equal(out.count, 4);
    assert_int_equal(out.item[2].kind, LK_LWA_UE_OUT_ASSOCIATE);
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
    /* A set-up that brings no key is none. */
    ue_bring_to(LK_LWA_UE_ACTIVE);
    config.reassociate = true;
    ue_ask((struct lk_rrc_reconfiguration){ .has_lwa = true });
    assert_null(ue_find(LK_LWA_UE_OUT_ASSOCIATE));
}

static void success_is_reported_where_it_was_asked_for(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);

    ue_bring_to(LK_LWA_UE_CONNECTED);
    m.lwa.success_report = false;
    ue_ask(m);
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    assert_int_equal(out.count, 0);
    ue_ask(lwa_rekey(1));
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    assert_int_equal(out.count, 0);
    /* Asked for later, while there is a link: it is there. */
    m = lwa_set_up(0);
    m.lwa.has_counter = false;
    ue_ask(m);
    assert_int_equal(ue_count_of(LK_LWA_UE_OUT_SEND), 2);
    assert_int_equal(lwa_hear(&enb, out.item[1].send).status, LK_RRC_WLAN_ASSOCIATED);
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
    assert_int_equal(out.count, 0);
}

/* ---- which access point ---- */

static struct lk_rrc_reconfiguration with_wlans(unsigned count, uint8_t last)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);

    m.lwa.to_add.count = (uint8_t)count;
    for (unsigned i = 0; i < count; i++) {
        m.lwa.to_add.id[i] = m.lwa.to_add.id[0];
        m.lwa.to_add.id[i].bssid[5] = (uint8_t)(last + i);
    }
    return m;
}

/* spec: TS 36.331 5.6.14.2 - WLANs go and come; the device stays with the one that it has while it
 * is one of them, and leaves it for another when it is not. */
static void the_access_point_is_one_of_the_mobility_set(void **state)
{
    struct lk_rrc_reconfiguration m = with_wlans(2, 1);

    ue_bring_to(LK_LWA_UE_ACTIVE);
    ue_ask(m);
    assert_null(ue_find(LK_LWA_UE_OUT_ASSOCIATE));
    assert_int_equal(ue.lwa.wlan_count, 2);
    m.lwa.to_release = m.lwa.to_add;
    m.lwa.to_release.count = 1;
    m.lwa.to_add.count = 0;
    m.lwa.has_counter = false;
    ue_ask(m);
    assert_int_equal(ue_find(LK_LWA_UE_OUT_ASSOCIATE)->associate.ap[5], 2);
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
    assert_int_equal(ue.lwa.wlan_count, 1);
    /* The last one goes: there is none to be with, and the message is passed over. */
    m.lwa.to_release.id[0].bssid[5] = 2;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_INCOMPLETE);
    assert_int_equal(ue.lwa.wlan_count, 1);
}

static void a_set_that_is_too_long_is_used_in_part(void **state)
{
    ue_bring_to(LK_LWA_UE_CONNECTED);
    ue_ask(with_wlans(LK_WLAN_SET_MAX, 1));
    assert_int_equal(ue.lwa.wlan_count, LK_LWA_UE_WLANS);
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
}

static void the_wts_address_will_do(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(0);

    ue_bring_to(LK_LWA_UE_CONNECTED);
    m.lwa.has_wt_mac = true;
    m.lwa.wt_mac[5] = 7;
    ue_ask(m);
    assert_int_equal(ue.target.ap[5], 7);
    assert_true(lk_span_equal(lk_span_of(ue.target.ssid, ue.target.ssid_len),
                              lk_span_text("latchkey")));
    /* Beside a WLAN with an address it is where data goes. */
    ue_bring_to(LK_LWA_UE_CONNECTED);
    m = lwa_set_up(0);
    m.lwa.has_wt_mac = true;
    m.lwa.wt_mac[5] = 7;
    ue_ask(m);
    assert_int_equal(ue.target.ap[5], 1);
    assert_int_equal(ue.target.wt[5], 7);
}

/* WLANs are told apart by all that names them; one without an address gives its name alone, and one
 * that is not there is not released. */
static void a_wlan_without_an_address_gives_its_name(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);
    struct lk_wlan_id *id = m.lwa.to_add.id;

    ue_bring_to(LK_LWA_UE_CONNECTED);
    m.lwa.has_wt_mac = true;
    m.lwa.wt_mac[5] = 7;
    m.lwa.to_add.count = 4;
    id[0].has_bssid = false;
    id[1] = id[2] = id[3] = id[0];
    id[1].has_hessid = id[2].has_hessid = true;
    id[2].hessid[0] = 2;
    m.lwa.to_release.count = 1;
    m.lwa.to_release.id[0] = id[2];
    ue_ask(m);
    assert_int_equal(ue.lwa.wlan_count, 3);
    assert_int_equal(ue.target.ap[5], 7);
    assert_true(lk_span_equal(lk_span_of(ue.target.ssid, ue.target.ssid_len),
                              lk_span_text("lwa")));
    m.lwa.to_add.count = 0;
    ue_ask(m);
    assert_int_equal(ue.lwa.wlan_count, 2);
    ue_ask(m);
    assert_int_equal(ue.lwa.wlan_count, 2);
}

static void half_a_set_up_is_passed_over(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);

    ue_bring_to(LK_LWA_UE_CONNECTED);
    m.lwa.has_counter = false;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_INCOMPLETE);
    assert_int_equal(out.count, 1);
    assert_int_equal(ue.state, LK_LWA_UE_CONNECTED);
    /* A WLAN without a name, and the device has none for it either. */
    config.ssid_len = 0;
    m = lwa_set_up(0);
    m.lwa.to_add.id[0].ssid_len = 0;
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_INCOMPLETE);
    /* It does not come back by the next message either. */
    m = lwa_rekey(0);
    assert_int_equal(ue_hear(lwa_ask(&enb, &m)), LK_OK);
    ue_assert_notice(LK_REASON_LWA_INCOMPLETE);
}

/* ---- the link ---- */

/* T53: thrown out, the device joins again, at once when that was long ago, else at its pace; it
 * ends with T351. spec: TS 36.331 5.6.15.4 - then it reports, and stops. */
static void joins_have_a_pace_and_an_end(void **state)
{
    unsigned joins = 0;

    ue_bring_to(LK_LWA_UE_ACTIVE);
    now_ms += config.retry_ms;
    assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_DOWN), LK_OK);
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
    assert_non_null(ue_find(LK_LWA_UE_OUT_ASSOCIATE));
    while (ue.state != LK_LWA_UE_STOPPED) {
        assert_true(++joins < 100);
        now_ms += 100;
        assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_DOWN), LK_OK);
        assert_int_equal(ue.state, LK_LWA_UE_PAUSED);
        assert_int_equal(ue_find(LK_LWA_UE_OUT_TIMER)->timer_ms, ue.joined_ms + config.retry_ms);
        assert_int_equal(ue_give(LK_LWA_UE_EV_EXPIRED), LK_E_UNEXPECTED);
        now_ms = ue.again_ms;
        assert_int_equal(ue_give(LK_LWA_UE_EV_EXPIRED), LK_OK);
    }
    assert_int_equal(joins, 10000 / config.retry_ms);
    assert_false(ue_find(LK_LWA_UE_OUT_LEAVE)->forget);
    ue_assert_notice(LK_REASON_LWA_T351);
    ue_assert_report(LK_RRC_WLAN_TIMEOUT);
    /* The eNB sets it up anew: it goes on. */
    ue_ask(lwa_rekey(1));
    assert_int_equal(ue.state, LK_LWA_UE_JOINING);
    assert_int_equal(ue.deadline_ms, now_ms + 10000);
}

/* Where the eNB gave no time, the device has one, and says that the link failed. */
static void joins_end_without_t351_too(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_set_up(0);

    ue_bring_to(LK_LWA_UE_CONNECTED);
    m.lwa.association_timer_s = 0;
    ue_ask(m);
    assert_int_equal(ue.deadline_ms, now_ms + config.associate_ms);
    now_ms = ue.deadline_ms - 1;
    assert_int_equal(ue_give(LK_LWA_UE_EV_EXPIRED), LK_E_UNEXPECTED);
    now_ms++;
    assert_int_equal(ue_give(LK_LWA_UE_EV_EXPIRED), LK_OK);
    ue_assert_notice(LK_REASON_LWA_LINK_LOST);
    ue_assert_report(LK_RRC_WLAN_RADIO_LINK_FAILURE);
}

/* spec: TS 36.331 5.6.14.2 - T351 is begun anew by a configuration that has it; a new key alone
 * does not prolong it. */
static void t351_begins_anew_when_it_is_told(void **state)
{
    uint64_t deadline_ms;

    ue_bring_to(LK_LWA_UE_JOINING);
    deadline_ms = ue.deadline_ms;
    now_ms += 100;
    ue_ask(lwa_rekey(1));
    assert_null(ue_find(LK_LWA_UE_OUT_ASSOCIATE));
    assert_int_equal(ue.deadline_ms, deadline_ms);
    ue_ask(lwa_set_up(2));
    assert_null(ue_find(LK_LWA_UE_OUT_ASSOCIATE));
    assert_int_equal(ue.deadline_ms, deadline_ms + 100);
    assert_int_equal(ue_find(LK_LWA_UE_OUT_TIMER)->timer_ms, deadline_ms + 100);
}

/* spec: TS 33.401 7.2.9 - no COUNT is used twice under one KeNB: what an attach used is over, and
 * the KeNB of a handover has all of them. */
static void srb1_goes_on_where_the_attach_ended(void **state)
{
    const struct lk_srb_used used = { .sent = 40, .received = 50 };
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_CONTEXT };
    struct lk_rrc_reconfiguration question = lwa_set_up(0);
    struct lk_span pdu;

    ue_bring_to(LK_LWA_UE_OFF);
    event.context = lwa_enb_context(&enb);
    event.context.used = used;
    assert_int_equal(ue_step(event), LK_OK);
    pdu = lwa_ask(&enb, &question);
    assert_int_equal(ue_hear(pdu), LK_E_MAC);
    enb.srb.send_next = used.received;
    enb.srb.receive_next = used.sent;
    ue_ask(question);
    assert_int_equal(enb.srb.receive_next, used.sent + 1);
    ue_move(lwa_enb_target(&enb, 1, 2), LK_RRC_WT_KEPT);
    assert_int_equal(enb.srb.receive_next, 1);
    assert_int_equal(ue.context.c_rnti, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(set_up_is_key_answer_association),
        cmocka_unit_test(the_key_is_that_of_the_vectors),
        cmocka_unit_test(a_new_counter_does_nothing_on_the_wlan),
        cmocka_unit_test(a_device_may_begin_itself),
        cmocka_unit_test(success_is_reported_where_it_was_asked_for),
        cmocka_unit_test(the_access_point_is_one_of_the_mobility_set),
        cmocka_unit_test(a_set_that_is_too_long_is_used_in_part),
        cmocka_unit_test(the_wts_address_will_do),
        cmocka_unit_test(a_wlan_without_an_address_gives_its_name),
        cmocka_unit_test(half_a_set_up_is_passed_over),
        cmocka_unit_test(joins_have_a_pace_and_an_end),
        cmocka_unit_test(joins_end_without_t351_too),
        cmocka_unit_test(t351_begins_anew_when_it_is_told),
        cmocka_unit_test(srb1_goes_on_where_the_attach_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
