/* The WT's machine of one UE: additions, handovers, re-keys, and keys that come again, at the wrong
 * time, or from the wrong eNB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_wt_bench.h"

/* ---- addition ---- */

/* spec: TS 36.463 8.8 - a context: our id, where to send each bearer's data, our address; the key
 * waits for the station.
 * spec: TS 36.463 8.13 - and its association is confirmed when the handshake is over. */
static void a_ue_is_added_and_associates(void **state)
{
    struct lk_xwap m;

    open_bench();
    config.mac[5] = 1;
    assert_int_equal(hears(addition(1)), LK_OK);
    assert_says(LK_XWAP_ADDITION_ACKNOWLEDGE, NOBODY);
    m = said(0, ENB);
    assert_int_equal(m.enb_ue_id, ENB_ID);
    assert_int_equal(m.wt_ue_id, OUR_ID);
    assert_int_equal(m.wt_mac[5], 1);
    assert_int_equal(m.added.count, 1);
    assert_int_equal(m.added.bearer[0].e_rab_id, BEARER);
    assert_int_equal(m.added.bearer[0].endpoint.teid, OUR_ID * 16 + BEARER);
    assert_null(has(LK_LWA_WT_OUT_KEY));
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, now_ms + config.away_ms);
    assert_false(lk_lwa_wt_is_open(&wt));
    assert_int_equal(lk_lwa_wt_bearer_of(&wt, 1)->e_rab_id, BEARER);
    assert_null(lk_lwa_wt_bearer_of(&wt, 2));
    assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, LK_LWA_WT_NEVER);
    assert_true(lk_lwa_wt_is_open(&wt));
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_says(LK_XWAP_ASSOCIATION_CONFIRMATION, NOBODY);
}

/* T53: an eNB that was restarted adds the UE anew. The newest wins and its key waits: a handshake
 * at once would be S3's option 1, as nobody has told the UE. */
static void another_addition_wins_and_starts_nothing(void **state)
{
    for (unsigned in = LK_LWA_WT_AWAIT_UE; in <= LK_LWA_WT_ACTIVE; in++) {
        struct lk_xwap m = addition(3), old = modification(4);

        bring_to(in);
        m.enb_ue_id = ENB_ID + 1;
        assert_int_equal(hears(m), LK_OK);
        assert_int_equal(said(0, ENB).wt_ue_id, FRESH_ID);
        assert_null(has(LK_LWA_WT_OUT_KEY));
        assert_null(has(LK_LWA_WT_OUT_TAKEN));
        assert_int_equal(wt.state, LK_LWA_WT_AWAIT_UE);
        assert_memory_equal(wt.key.octets, key_of(3).at, sizeof wt.key);
        /* a handshake of the context before, late */
        assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_E_UNEXPECTED);
        assert_int_equal(hears(old), LK_OK);
        assert_refuses(LK_XWAP_PROCEDURE_CANCELLED, LK_REASON_LWA_NOT_SERVING, ENB);
    }
}

/* T53: the same request again, as its answer was lost: the same answer, and the CONFIRMATION too
 * if there was one. */
static void the_same_addition_again_is_answered_again(void **state)
{
    bring_to(LK_LWA_WT_HANDSHAKE);
    assert_int_equal(hears(addition(1)), LK_OK);
    assert_says(LK_XWAP_ADDITION_ACKNOWLEDGE, NOBODY);
    assert_int_equal(said(0, ENB).wt_ue_id, OUR_ID);
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    config.finished_each_time = false;
    assert_int_equal(hears(addition(1)), LK_OK);
    assert_says(LK_XWAP_ADDITION_ACKNOWLEDGE, LK_XWAP_ASSOCIATION_CONFIRMATION);
    /* without a key it is another one */
    assert_int_equal(hears(addition(0)), LK_OK);
    assert_int_equal(wt.state, LK_LWA_WT_AWAIT_UE);
    assert_false(wt.has_key);
    assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_E_UNEXPECTED);
    assert_int_equal(hears(addition(0)), LK_OK);
    assert_int_equal(said(0, ENB).wt_ue_id, FRESH_ID);
}

/* spec: TS 36.463 9.2.4 - A03: a key that is not one of 256 bits, or of zeroes, is a security
 * failure, in each message that brings one, and changes nothing. */
static void a_key_that_is_none_is_refused(void **state)
{
    static const uint8_t zeroes[LK_XWAP_KEY_LEN], some[LK_XWAP_KEY_LEN + 1] = { 1 };
    const struct lk_span bad[] = { LK_SPAN(zeroes), lk_span_of(some, LK_XWAP_KEY_LEN - 1),
                                   LK_SPAN(some) };
    struct lk_xwap m[] = { addition(1), take_over(1), modification(1) };

    for (unsigned in = LK_LWA_WT_AWAIT_UE; in <= LK_LWA_WT_ACTIVE; in++)
        for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
            for (size_t j = 0; j < LK_COUNT_OF(m); j++) {
                struct lk_lwa_wt before;

                bring_to(in);
                before = wt;
                m[j].key = bad[i];
                assert_int_equal(hears(m[j]), LK_OK);
                assert_refuses(LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY, ENB);
                assert_memory_equal(&before, &wt, sizeof wt);
            }
    open_bench();
    m[0].key = lk_span_of(NULL, 0); /* the element without what it is for */
    assert_int_equal(hears(m[0]), LK_OK);
    assert_refuses(LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY, ENB);
    assert_int_equal(wt.state, LK_LWA_WT_IDLE);
}

/* Four bearers, each with a number that LWAAP can say; an addition without one is refused. */
static void bearers_are_admitted_as_far_as_they_go(void **state)
{
    struct lk_xwap m = addition(1), none = addition(2), known = take_over(0);

    open_bench();
    m.added.count = none.added.count = 0;
    for (uint8_t i = 0; i < 6; i++)
        add_bearer(&m, 5 + i, i == 1 ? 1 : 0); /* without a number: that of the E-RAB */
    add_bearer(&none, BEARER, LK_XWAP_DRB_MAX);
    m.added.bearer[2].e_rab_id = BEARER; /* twice */
    assert_int_equal(hears(m), LK_OK);
    assert_int_equal(said(0, ENB).added.count, LK_LWA_WT_BEARERS);
    assert_int_equal(said(0, ENB).not_admitted.count, 2);
    assert_int_equal(said(0, ENB).not_admitted.bearer[0].e_rab_id, BEARER);
    assert_non_null(lk_lwa_wt_bearer_of(&wt, 5));
    assert_int_equal(lk_lwa_wt_bearer_of(&wt, 1)->e_rab_id, 6);
    assert_int_equal(hears(none), LK_OK);
    assert_refuses(LK_XWAP_RADIO_UNSPECIFIED, LK_REASON_LWA_BEARERS, ENB);
    assert_int_equal(wt.bearers, LK_LWA_WT_BEARERS);
    known.added.bearer[0].drb_id = LK_XWAP_DRB_MAX;
    assert_int_equal(hears(known), LK_OK);
    assert_refuses(LK_XWAP_RADIO_UNSPECIFIED, LK_REASON_LWA_BEARERS, ENB);
    assert_memory_equal(wt.key.octets, key_of(1).at, sizeof wt.key);
}

/* ---- another eNB, by the MAC address alone ---- */

static struct lk_xwap claim(uint8_t key)
{
    struct lk_xwap m = addition(key);

    m.enb_ue_id = ENB_ID + 1;
    return m;
}

static void assert_held(uint8_t key)
{
    struct lk_xwap m = claim(key);
    struct lk_lwa_wt before = wt;

    assert_true(lk_lwa_wt_is_held(&wt, &config, now_ms));
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_refuses(LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_MAC_HELD, OTHER_ENB);
    assert_int_equal(said(0, OTHER_ENB).enb_ue_id, ENB_ID + 1);
    assert_int_equal(out.count, 2); /* and nothing else */
    assert_memory_equal(&before, &wt, sizeof wt);
}

/* The new eNB has the UE with its key, and who had it before is told, where there is a way. */
static void assert_taken(bool told)
{
    struct lk_xwap m = claim(5);
    uint32_t before = wt.wt_ue_id;

    assert_false(lk_lwa_wt_is_held(&wt, &config, now_ms));
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_int_equal(out.item[0].send.link, OTHER_ENB);
    assert_int_equal(wt.state, LK_LWA_WT_AWAIT_UE);
    assert_int_equal(wt.wt_ue_id, FRESH_ID);
    assert_memory_equal(wt.key.octets, key_of(5).at, sizeof wt.key);
    assert_non_null(has(LK_LWA_WT_OUT_TAKEN));
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_MAC_TAKEN);
    for (size_t i = 1; i < out.count; i++)
        if (out.item[i].kind == LK_LWA_WT_OUT_SEND) {
            struct lk_xwap_diagnostics found;
            struct lk_xwap end;

            assert_true(told);
            told = false;
            assert_int_equal(out.item[i].send.link, ENB);
            assert_int_equal(lk_xwap_decode(&end, &found, out.item[i].send.octets), LK_OK);
            assert_int_equal(end.type, LK_XWAP_RELEASE_REQUIRED);
            assert_int_equal(end.enb_ue_id, ENB_ID);
            assert_int_equal(end.wt_ue_id, before);
        }
    assert_false(told);
    m = message(LK_XWAP_RELEASE_CONFIRM); /* its answer is nobody's */
    assert_int_equal(hears(m), LK_E_DENIED);
}

/* spec: TS 36.463 8.8 - the UE's identity on Xw is a MAC address, which anybody can say: another
 * eNB that names it, and not our id, does not get a UE that is here, whatever key it brings. */
static void another_enb_does_not_get_a_ue_that_is_here(void **state)
{
    for (unsigned in = LK_LWA_WT_AWAIT_UE; in <= LK_LWA_WT_ACTIVE; in++)
        for (uint8_t key = 0; key < 3; key++) {
            bring_to(in);
            assert_held(key);
            now_ms += config.hold_ms - 1;
            assert_held(key);
            now_ms += config.away_ms;
            if (in == LK_LWA_WT_ACTIVE)
                assert_held(key);
        }
    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(hears(modification(2)), LK_OK); /* T51: nor during a re-key, however long */
    now_ms += config.hold_ms;
    assert_int_equal(wt.state, LK_LWA_WT_HANDSHAKE);
    assert_held(3);
}

/* One whose station has been away for so long is let go; one that the WT wants to be rid of at
 * once, and its eNB knows already. A key that is none, or no bearer that can be served, takes
 * nothing. */
static void another_enb_gets_a_ue_that_is_gone(void **state)
{
    struct lk_xwap m = claim(1);
    struct lk_lwa_wt before;

    bring_to(LK_LWA_WT_ACTIVE);
    now_ms += 7 * config.hold_ms;
    assert_int_equal(happens(LK_LWA_WT_EV_LEFT), LK_OK);
    now_ms += config.hold_ms - 1;
    assert_held(1);
    now_ms++;
    before = wt;
    m.key = lk_span_of(key_of(1).at, LK_XWAP_KEY_LEN - 1);
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_refuses(LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY, OTHER_ENB);
    m = claim(1);
    m.added.bearer[0].drb_id = LK_XWAP_DRB_MAX;
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_refuses(LK_XWAP_RADIO_UNSPECIFIED, LK_REASON_LWA_BEARERS, OTHER_ENB);
    assert_null(has(LK_LWA_WT_OUT_TAKEN));
    assert_memory_equal(&before, &wt, sizeof wt);
    assert_taken(true);
    bring_to(LK_LWA_WT_RELEASING);
    assert_taken(false);
    bring_to(LK_LWA_WT_ACTIVE);
    m = take_over(9); /* the station is to come anew, with this key */
    assert_int_equal(hears(m), LK_OK);
    assert_held(1);
    now_ms += config.hold_ms;
    assert_taken(true);
}

/* Who never associates does not keep the address from whose it is: neither by being added again and
 * again, nor by handshakes that come to nothing, which anybody can begin. */
static void a_claim_ends_when_nobody_comes(void **state)
{
    bring_to(LK_LWA_WT_AWAIT_UE);
    for (uint8_t key = 2; key < 12; key++) {
        now_ms += config.hold_ms / 10;
        assert_int_equal(hears(addition(key)), LK_OK);
        assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
        if (key < 11)
            assert_int_equal(happens(LK_LWA_WT_EV_LEFT), LK_OK);
    }
    assert_int_equal(wt.state, LK_LWA_WT_HANDSHAKE);
    assert_taken(true);
}

/* T53: an eNB that is away keeps its UEs for so long, however often the link goes meanwhile, and no
 * longer: there is no data for them. The association ends then. */
static void a_lost_link_holds_for_a_while(void **state)
{
    bring_to(LK_LWA_WT_ACTIVE);
    now_ms += 3 * config.hold_ms;
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    now_ms += config.hold_ms - 1;
    assert_held(1);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_UP), LK_OK);
    now_ms += config.hold_ms;
    assert_held(1);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    now_ms += config.hold_ms - 1;
    assert_held(1);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    now_ms++;
    assert_taken(false);
}

/* ---- handover ---- */

/* spec: TS 36.463 8.8 - an addition that names our id takes the UE over with its key, and is told
 * of the association at once, or as soon as no handshake is under way. The eNB before is refused,
 * and what it releases stays. */
static void another_enb_takes_the_ue_over(void **state)
{
    for (unsigned in = LK_LWA_WT_AWAIT_UE; in <= LK_LWA_WT_ACTIVE; in++) {
        struct lk_xwap m = take_over(0), old = modification(2);
        struct lk_xwap bye = message(LK_XWAP_RELEASE_REQUEST);

        bring_to(in);
        config.finished_each_time = false; /* the new eNB is told all the same */
        m.enb_ue_id = ENB_ID + 1;
        assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
        assert_int_equal(said(0, OTHER_ENB).type, LK_XWAP_ADDITION_ACKNOWLEDGE);
        assert_int_equal(said(0, OTHER_ENB).wt_ue_id, OUR_ID);
        assert_int_equal(said(1, OTHER_ENB).type,
                         in == LK_LWA_WT_ACTIVE ? LK_XWAP_ASSOCIATION_CONFIRMATION : NOBODY);
        assert_int_equal(wt.state, in);
        assert_memory_equal(wt.key.octets, key_of(1).at, sizeof wt.key);
        assert_int_equal(hears(old), LK_OK);
        assert_refuses(LK_XWAP_PROCEDURE_CANCELLED, LK_REASON_LWA_NOT_SERVING, ENB);
        lk_xwap_mark(&bye, LK_XWAP_CONTEXT_KEPT);
        assert_int_equal(hears(bye), LK_E_DENIED);
        if (in == LK_LWA_WT_HANDSHAKE) {
            assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
            assert_int_equal(said(0, OTHER_ENB).type, LK_XWAP_ASSOCIATION_CONFIRMATION);
        }
        old.enb_ue_id = ENB_ID + 1;
        assert_int_equal(hears_from(OTHER_ENB, &old), LK_OK);
        assert_int_equal(said(0, OTHER_ENB).type, LK_XWAP_MODIFICATION_ACKNOWLEDGE);
        assert_int_equal(has(LK_LWA_WT_OUT_KEY) != NULL, in != LK_LWA_WT_AWAIT_UE);
    }
}

/* A take-over must mean this UE; with a key of its own it is an addition that waits. */
static void a_take_over_of_somebody_else_is_refused(void **state)
{
    struct lk_xwap m = take_over(0);

    bring_to(LK_LWA_WT_ACTIVE);
    m.ue_identity[0] ^= 4;
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_refuses(LK_XWAP_UNKNOWN_WT_ID, LK_REASON_LWA_UE_UNKNOWN, OTHER_ENB);
    assert_int_equal(wt.link, ENB);
    m = take_over(1);
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_int_equal(wt.state, LK_LWA_WT_ACTIVE);
    m = take_over(9);
    assert_int_equal(hears_from(OTHER_ENB, &m), LK_OK);
    assert_int_equal(wt.state, LK_LWA_WT_AWAIT_UE);
    assert_null(has(LK_LWA_WT_OUT_KEY));
    assert_memory_equal(wt.key.octets, key_of(9).at, sizeof wt.key);
    bring_to(LK_LWA_WT_RELEASING);
    assert_int_equal(hears(take_over(0)), LK_OK);
    assert_refuses(LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_WT_LEAVING, ENB);
    assert_int_equal(hears(modification(2)), LK_OK);
    assert_refuses(LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_WT_LEAVING, ENB);
}

/* ---- re-key ---- */

/* spec: TS 36.463 8.9 - the acknowledgement comes at once, the finished signal when message 4 is
 * in. T51: of keys that come during a handshake the newest wins, each is acknowledged, and there is
 * one finished signal, for the newest. The same key again starts nothing, and is answered. */
static void keys_overlap_and_the_newest_wins(void **state)
{
    bring_to(LK_LWA_WT_ACTIVE);
    for (uint8_t key = 2; key < 100; key++) {
        assert_int_equal(hears(modification(key)), LK_OK);
        assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, NOBODY);
        assert_memory_equal(has(LK_LWA_WT_OUT_KEY)->key.octets, key_of(key).at, LK_XWAP_KEY_LEN);
        assert_int_equal(hears(modification(key)), LK_OK);
        assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, NOBODY);
        assert_null(has(LK_LWA_WT_OUT_KEY));
    }
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_says(LK_XWAP_ASSOCIATION_CONFIRMATION, NOBODY);
    assert_int_equal(hears(modification(99)), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, LK_XWAP_ASSOCIATION_CONFIRMATION);
    assert_null(has(LK_LWA_WT_OUT_KEY));
    assert_int_equal(wt.state, LK_LWA_WT_ACTIVE);
    assert_memory_equal(wt.key.octets, key_of(99).at, sizeof wt.key);
}

/* As the standard has it: after the first handshake alone. */
static void finished_may_be_said_once(void **state)
{
    open_bench();
    config.finished_each_time = false;
    assert_int_equal(hears(addition(1)), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_says(LK_XWAP_ASSOCIATION_CONFIRMATION, NOBODY);
    assert_int_equal(hears(modification(2)), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_int_equal(out.count, 0);
    assert_int_equal(hears(modification(2)), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, NOBODY);
}

/* T53: the station is not there, or goes away: the newest key is kept for the next association. */
static void a_key_waits_for_the_station(void **state)
{
    bring_to(LK_LWA_WT_HANDSHAKE);
    assert_int_equal(hears(modification(2)), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_LEFT), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, now_ms + config.away_ms);
    assert_memory_equal(wt.key.octets, key_of(2).at, sizeof wt.key);
    assert_int_equal(hears(modification(3)), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, NOBODY);
    assert_null(has(LK_LWA_WT_OUT_KEY));
    assert_memory_equal(wt.key.octets, key_of(3).at, sizeof wt.key);
    assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_says(LK_XWAP_ASSOCIATION_CONFIRMATION, NOBODY);
}

/* spec: TS 36.463 8.9 - bearers come, move and go without a key. */
static void bearers_change(void **state)
{
    struct lk_xwap m = modification(0);

    bring_to(LK_LWA_WT_ACTIVE);
    add_bearer(&m, OTHER_BEARER, 2);
    m.modified.count = 2;
    m.modified.bearer[0].e_rab_id = BEARER;
    m.modified.bearer[0].endpoint = (struct lk_xwap_endpoint){ .address_bits = 32, .teid = 9 };
    m.modified.bearer[1].e_rab_id = 9; /* nobody's */
    assert_int_equal(hears(m), LK_OK);
    assert_int_equal(said(0, ENB).added.count, 1);
    assert_int_equal(said(0, ENB).modified.count, 1);
    assert_int_equal(wt.bearers, 2);
    assert_int_equal(lk_lwa_wt_bearer_of(&wt, 1)->endpoint.teid, 9);
    m = modification(0);
    m.released.count = 1;
    m.released.bearer[0].e_rab_id = BEARER;
    m.modified.count = 1;
    m.modified.bearer[0].e_rab_id = OTHER_BEARER; /* as it was */
    assert_int_equal(hears(m), LK_OK);
    assert_int_equal(said(0, ENB).released.count, 1);
    assert_null(lk_lwa_wt_bearer_of(&wt, 1));
    assert_non_null(lk_lwa_wt_bearer_of(&wt, 2));
    assert_int_equal(wt.state, LK_LWA_WT_ACTIVE);
    assert_null(has(LK_LWA_WT_OUT_KEY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ue_is_added_and_associates),
        cmocka_unit_test(another_addition_wins_and_starts_nothing),
        cmocka_unit_test(the_same_addition_again_is_answered_again),
        cmocka_unit_test(a_key_that_is_none_is_refused),
        cmocka_unit_test(bearers_are_admitted_as_far_as_they_go),
        cmocka_unit_test(another_enb_does_not_get_a_ue_that_is_here),
        cmocka_unit_test(another_enb_gets_a_ue_that_is_gone),
        cmocka_unit_test(a_claim_ends_when_nobody_comes),
        cmocka_unit_test(a_lost_link_holds_for_a_while),
        cmocka_unit_test(another_enb_takes_the_ue_over),
        cmocka_unit_test(a_take_over_of_somebody_else_is_refused),
        cmocka_unit_test(keys_overlap_and_the_newest_wins),
        cmocka_unit_test(finished_may_be_said_once),
        cmocka_unit_test(a_key_waits_for_the_station),
        cmocka_unit_test(bearers_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
