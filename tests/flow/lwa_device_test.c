/* The device of LTE-WLAN aggregation through its procedures: set-up, data, re-keys in either order,
 * handovers, and every way to lose an association and to come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_device_rig.h"
#include "wire/rsne.h"

static struct lwa_device_rig rig;

static const struct lk_lwa_device_event leave = { .kind = LK_LWA_DEVICE_EV_LEAVE };

static unsigned fact(enum lk_lwa_device_fact what)
{
    return rig.facts[what];
}

/* The UE has a new key and has said so; then the WT gets it (S3, proposal 2). */
static void rekey(uint16_t counter)
{
    lwa_rig_ask(&rig, lwa_rekey(counter));
    assert_int_equal(rig.to_ap.count, 0);
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, counter));
    lwa_run(&rig);
}

static void move(struct lwa_enb target, enum lk_rrc_wt_change wt)
{
    struct lk_rrc_reconfiguration question = lwa_hand_over(&target, wt);
    struct lk_span pdu = lwa_ask(&rig.enb, &question);
    uint8_t octets[LWA_PDU_MAX];

    memcpy(octets, pdu.at, pdu.len);
    rig.enb = target; /* the answer is for the target */
    assert_int_equal(lwa_rig_rrc(&rig, lk_span_of(octets, pdu.len)), LK_OK);
}

/* ---- set-up, data, re-key ---- */

/* spec: IEEE 802.11 12.6.10 - with AKM 1 and 5 the association names the PMK.
 * spec: IEEE 802.11 12.6.3 - keys are bound to the elements of both ends.
 * spec: TS 36.360 6.2 - data has the number of its bearer. */
static void set_up_leads_to_data_both_ways(void **state)
{
    static const enum lk_akm akms[] = { LK_AKM_PSK, LK_AKM_PSK_SHA256, LK_AKM_8021X,
                                        LK_AKM_8021X_SHA256 };

    for (size_t i = 0; i < LK_COUNT_OF(akms); i++) {
        lwa_live(&rig, akms[i]);
        assert_int_equal(rig.completes, 1);
        assert_int_equal(rig.reports, 1);
        assert_int_equal(rig.report, LK_RRC_WLAN_ASSOCIATED);
        assert_int_equal(fact(LK_LWA_DEVICE_ASSOCIATED), 1);
        assert_int_equal(fact(LK_LWA_DEVICE_KEYED), 1);
        assert_int_equal(fact(LK_LWA_DEVICE_USABLE), 1);
        lwa_talk(&rig);
        assert_int_equal(rig.up_drb, 3);
        assert_int_equal(rig.down_drb, 4);
        assert_true(lk_span_equal(lk_span_of(rig.up, rig.up_len), lk_span_text("up")));
        assert_true(lk_span_equal(lk_span_of(rig.down, rig.down_len), lk_span_text("down")));
        assert_memory_equal(rig.up_to, lwa_ap, sizeof rig.up_to);
        rekey(1);
        lwa_talk(&rig);
        assert_int_equal(rig.d.counters.rekeys, 1);
        assert_int_equal(rig.refusals + rig.notices, 0);
        assert_int_equal(rig.wake_ms == LK_LWA_DEVICE_NEVER || rig.wake_ms > rig.now_ms, 1);
    }
}

/* S3, proposals 2 and 3: the association lives on; data passes before, between and after the
 * messages. T54: each TK is put in once. */
static void a_rekey_keeps_the_association(void **state)
{
    lwa_live(&rig, LK_AKM_PSK_SHA256);
    for (uint16_t counter = 1; counter <= 5; counter++) {
        lwa_rig_ask(&rig, lwa_rekey(counter));
        assert_int_equal(rig.to_ap.count, 0);
        lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, counter));
        for (unsigned i = 0; i < 8; i++) { /* a frame each way, and data behind it */
            struct lwa_frame up, down = lwa_take(&rig.to_device);

            assert_int_equal(lwa_rig_frame(&rig, &down), LK_OK);
            assert_int_equal(lwa_rig_up(&rig, 3, "up"), LK_OK);
            lwa_ap_down(&rig, 4, "down");
            up = lwa_take(&rig.to_ap);
            lwa_ap_hear(&rig, &up);
        }
        lwa_run(&rig);
        assert_int_equal(rig.ap_data, 9 * counter - 1);
        assert_int_equal(rig.data_down, 9 * counter - 1);
        lwa_talk(&rig);
        assert_int_equal(rig.d.counters.installs, counter + 1);
        assert_int_equal(rig.reports, counter + 1);
    }
    assert_int_equal(rig.ap_joins, 1);
    assert_int_equal(rig.d.counters.installs_refused, 0);
    assert_int_equal(fact(LK_LWA_DEVICE_REKEYED), 5);
    assert_int_equal(fact(LK_LWA_DEVICE_USABLE), 1);
    assert_int_equal(fact(LK_LWA_DEVICE_UNUSABLE), 0);
}

/* Ten handovers with the WT kept: the keys follow, nothing is said on the WLAN but handshakes.
 * spec: TS 36.331 5.3.5.4 - LWA is kept when the message says so. */
static void handovers_keep_the_association(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    for (uint16_t i = 0; i < 10; i++) {
        rig.now_ms += 20;
        move(lwa_enb_target(&rig.enb, i % 3, i + 2), LK_RRC_WT_KEPT);
        assert_int_equal(rig.to_ap.count, 0);
        lwa_talk(&rig);
        rekey(0);
        lwa_talk(&rig);
    }
    assert_int_equal(rig.ap_joins, 1);
    assert_int_equal(rig.d.counters.rekeys, 10);
}

/* T51: two counters before the WT has acted on the first: whichever it means is there. */
static void the_wt_may_be_one_key_behind(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    lwa_rig_ask(&rig, lwa_rekey(1));
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 0)); /* still the old one */
    lwa_run(&rig);
    lwa_talk(&rig);
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 1));
    lwa_run(&rig);
    lwa_talk(&rig);
    assert_int_equal(rig.ap_joins, 1);
}

/* T50, S3's option 1: the WT has the key first. The device is silent, is thrown out, and joins
 * again, under the key that came meanwhile. */
static void the_wrong_order_costs_the_association(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    rig.now_ms += 1000;
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 1));
    lwa_run(&rig);
    assert_int_equal(rig.reason, LK_REASON_RSN_PMKID_UNKNOWN);
    lwa_rig_ask(&rig, lwa_rekey(1));
    rig.now_ms += 1;
    lwa_ap_deauthenticate(&rig, LK_80211_REASON_HANDSHAKE_TIMEOUT);
    lwa_run(&rig);
    assert_int_equal(fact(LK_LWA_DEVICE_DEAUTHENTICATED), 1);
    assert_int_equal(fact(LK_LWA_DEVICE_UNUSABLE), 1);
    assert_int_equal(rig.ap_joins, 2);
    assert_int_equal(fact(LK_LWA_DEVICE_USABLE), 2);
    lwa_talk(&rig);
}

/* The order that begins at the UE: a whole new association for each key. */
static void the_device_may_begin(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    rig.config.ue.reassociate = true;
    lwa_rig_ask(&rig, lwa_rekey(1));
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 1));
    rig.to_device.count = 0; /* a message 1 of the old association */
    lwa_run(&rig);
    assert_int_equal(rig.ap_joins, 2);
    assert_int_equal(fact(LK_LWA_DEVICE_LEFT), 1);
    assert_int_equal(fact(LK_LWA_DEVICE_KEYED), 2);
    lwa_talk(&rig);
}

/* A05: a radio that does not change keys in place leaves at message 1, and the next association has
 * the new key; nothing goes out in clear (the rig looks). */
static void a_radio_may_want_a_new_association(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    rig.now_ms += 1000;
    rig.config.rsn.in_place = false;
    rekey(1);
    assert_int_equal(rig.ap_joins, 2);
    assert_int_equal(rig.reason, LK_REASON_RSN_NOT_IN_PLACE);
    assert_int_equal(rig.d.counters.rekeys, 0);
    lwa_talk(&rig);
}

/* ---- losses ---- */

/* T53: thrown out, the device is back at once, with the keys that it has. */
static void a_lost_association_comes_back(void **state)
{
    lwa_live(&rig, LK_AKM_PSK_SHA256);
    rig.now_ms += 1000;
    lwa_ap_deauthenticate(&rig, LK_80211_REASON_INACTIVE);
    lwa_run(&rig);
    assert_int_equal(fact(LK_LWA_DEVICE_DEAUTHENTICATED), 1);
    assert_int_equal(rig.ap_joins, 2);
    assert_int_equal(rig.reports, 1);
    lwa_talk(&rig);
}

/* T53: thrown out again and again: at its pace, and not for ever. */
static void who_throws_out_again_and_again_is_met_at_a_pace(void **state)
{
    uint64_t begin_ms;

    lwa_live(&rig, LK_AKM_PSK);
    begin_ms = rig.now_ms;
    for (unsigned i = 0; i < 20; i++) {
        lwa_ap_deauthenticate(&rig, LK_80211_REASON_INACTIVE);
        lwa_run(&rig);
        if (rig.d.ue.state == LK_LWA_UE_PAUSED) {
            assert_int_equal(lwa_rig_expire(&rig), LK_OK);
            lwa_run(&rig);
        }
        assert_int_equal(rig.d.ue.state, LK_LWA_UE_ACTIVE);
    }
    assert_true(rig.now_ms - begin_ms >= 20 * rig.config.ue.retry_ms);
    /* And when it is not let in at all, T351 ends it. */
    rig.shuts_out = true;
    lwa_ap_deauthenticate(&rig, LK_80211_REASON_INACTIVE);
    lwa_run(&rig);
    for (unsigned i = 0; i < 200 && rig.d.ue.state != LK_LWA_UE_STOPPED; i++) {
        assert_int_equal(lwa_rig_expire(&rig), LK_OK);
        lwa_run(&rig);
    }
    assert_int_equal(rig.d.ue.state, LK_LWA_UE_STOPPED);
    assert_int_equal(rig.report, LK_RRC_WLAN_TIMEOUT);
    assert_int_equal(rig.reason, LK_REASON_LWA_T351);
    assert_int_equal(rig.wake_ms, LK_LWA_DEVICE_NEVER);
    assert_int_equal(lwa_rig_up(&rig, 3, "up"), LK_E_NOT_FOUND);
    assert_int_equal(rig.reason, LK_REASON_LWA_NO_LINK);
}

/* T53: an access point that says nothing: tries end, T351 ends all. Then the eNB sets up anew. */
static void silence_ends(void **state)
{
    lwa_rig_open(&rig, LK_AKM_PSK);
    rig.silent = true;
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    lwa_rig_ask(&rig, lwa_set_up(0));
    for (unsigned i = 0; i < 500 && rig.d.ue.state != LK_LWA_UE_STOPPED; i++) {
        assert_int_equal(lwa_rig_expire(&rig), LK_OK);
        lwa_run(&rig);
    }
    assert_int_equal(rig.now_ms, 11000);
    assert_int_equal(rig.report, LK_RRC_WLAN_TIMEOUT);
    assert_true(rig.d.counters.joins > 10 && rig.d.counters.joins <= 25);
    rig.silent = false;
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 1));
    lwa_rig_ask(&rig, lwa_rekey(1));
    lwa_run(&rig);
    lwa_talk(&rig);
}

/* T53: the WT gets the key late. The device is turned away until then, and gets in within its
 * pace after it. */
static void a_wt_without_the_key_is_asked_again(void **state)
{
    lwa_rig_open(&rig, LK_AKM_PSK);
    rig.shuts_out = true;
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    lwa_rig_ask(&rig, lwa_set_up(0));
    lwa_run(&rig);
    assert_int_equal(rig.reason, LK_REASON_RSN_REFUSED_KEY);
    assert_int_equal(rig.d.ue.state, LK_LWA_UE_PAUSED);
    rig.shuts_out = false;
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 0));
    assert_int_equal(lwa_rig_expire(&rig), LK_OK);
    assert_int_equal(rig.now_ms, 1000 + rig.config.ue.retry_ms);
    lwa_run(&rig);
    lwa_talk(&rig);
}

/* A handshake that does not end: the device leaves with a code, and comes again. */
static void a_handshake_that_does_not_end_is_left(void **state)
{
    lwa_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    lwa_rig_ask(&rig, lwa_set_up(0));
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 7)); /* another key */
    lwa_run(&rig);
    assert_int_equal(rig.reason, LK_REASON_RSN_PMKID_UNKNOWN);
    assert_int_equal(lwa_rig_expire(&rig), LK_OK);
    assert_int_equal(rig.d.counters.joins, 2);
    assert_int_equal(fact(LK_LWA_DEVICE_LEFT), 1);
    assert_int_equal(rig.code, LK_80211_REASON_HANDSHAKE_TIMEOUT);
    assert_int_equal(rig.refusals, 1);
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 0));
    lwa_run(&rig);
    lwa_talk(&rig);
}

/* Message 4 of the first handshake is lost: the access point has no TK yet, and message 3 comes
 * again in clear. It is answered under the TK, and nothing is put in a second time (A02). So in
 * each association. */
static void a_lost_message_4_costs_nothing(void **state)
{
    lwa_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 0));
    for (unsigned round = 1; round <= 2; round++) {
        if (round == 1)
            lwa_rig_ask(&rig, lwa_set_up(0));
        else
            lwa_ap_deauthenticate(&rig, LK_80211_REASON_INACTIVE);
        while (rig.d.counters.installs < round) {
            bool up = rig.to_ap.count > 0;
            struct lwa_frame frame = lwa_take(up ? &rig.to_ap : &rig.to_device);

            if (up)
                lwa_ap_hear(&rig, &frame);
            else
                assert_int_equal(lwa_rig_frame(&rig, &frame), LK_OK);
        }
        (void)lwa_take(&rig.to_ap);
        lwa_ap_expire(&rig);
        lwa_run(&rig);
        assert_int_equal(rig.ap_opens, round);
        assert_int_equal(rig.d.counters.installs, round);
        assert_int_equal(rig.d.counters.in_clear, 0);
        lwa_talk(&rig);
        assert_int_equal(rig.ap_joins, round);
        rig.now_ms += 1000;
    }
}

/* ---- the end ---- */

static bool holds(const void *at, size_t len, const void *octets, size_t count)
{
    for (size_t i = 0; i + count <= len; i++)
        if (lk_span_equal(lk_span_of((const uint8_t *)at + i, count), lk_span_of(octets, count)))
            return true;
    return false;
}

/* spec: IEEE 802.11 11.3.5 - what an association had is gone with it.
 * spec: TS 36.331 5.6.14.3 - and the PMK with LWA. */
static void keys_are_wiped(void **state)
{
    struct lk_pmk pmk;
    struct lk_tk tk;

    for (unsigned how = 0; how < 5; how++) {
        lwa_live(&rig, LK_AKM_PSK);
        pmk = lwa_pmk(&rig.enb, 0);
        tk = rig.d.ccmp.now.tk;
        assert_true(holds(&rig.d, sizeof rig.d, &pmk, sizeof pmk));
        assert_true(holds(&rig.d, sizeof rig.d, &tk, sizeof tk));
        switch (how) {
        case 0: lwa_ap_deauthenticate(&rig, 3); lwa_run(&rig); break;
        case 1: lwa_rig_ask(&rig, lwa_release()); break;
        case 2: assert_int_equal(lwa_rig_context(&rig), LK_OK); break;
        case 3: assert_int_equal(lwa_rig_step(&rig, leave), LK_OK); break;
        default: move(lwa_enb_target(&rig.enb, 1, 2), LK_RRC_WT_RELEASED); break;
        }
        assert_false(holds(&rig.d, sizeof rig.d, &tk, sizeof tk));
        assert_int_equal(holds(&rig.d, sizeof rig.d, &pmk, sizeof pmk), how == 0);
        assert_int_equal(fact(LK_LWA_DEVICE_UNUSABLE), 1);
        if (how > 0) {
            assert_int_equal(fact(LK_LWA_DEVICE_LEFT), 1);
            assert_int_equal(rig.code, 0);
            lwa_run(&rig);
            assert_false(rig.in);
        }
        if (how == 3) /* the KeNB and what is above it too */
            assert_false(holds(&rig.d, sizeof rig.d, &rig.enb.kenb, sizeof rig.enb.kenb));
    }
}

/* spec: IEEE 802.11 12.6.10 - with AKM 1 and 5 an association names the PMKs that there are, the
 * newest first. */
static void the_newest_key_is_named_first(void **state)
{
    const struct lk_rsn_element *element = &rig.d.station.rsne;
    uint8_t named[2 * LK_PMKID_LEN];
    struct lk_rsne rsne;
    struct lk_pmk pmk;

    lwa_live(&rig, LK_AKM_8021X_SHA256);
    rig.now_ms += 1000;
    lwa_rig_ask(&rig, lwa_rekey(1));
    lwa_ap_deauthenticate(&rig, LK_80211_REASON_INACTIVE);
    lwa_run(&rig);
    assert_int_equal(rig.ap_joins, 2);
    for (unsigned i = 0; i < 2; i++) {
        pmk = lwa_pmk(&rig.enb, (uint16_t)(1 - i));
        lk_pmkid_derive(named + i * LK_PMKID_LEN, LK_AKM_8021X_SHA256, &pmk, rig.d.target.ap,
                        rig.d.mac);
    }
    assert_int_equal(lk_rsne_decode(&rsne, lk_span_of(element->octets, element->len)), LK_OK);
    assert_true(lk_span_equal(rsne.pmkid, LK_SPAN(named)));
}

/* The TK before a re-key goes in its time, also when nothing is heard under the new one. */
static void the_tk_before_goes_in_time(void **state)
{
    struct lk_tk tk;
    uint64_t end_ms;

    lwa_live(&rig, LK_AKM_PSK);
    tk = rig.d.ccmp.now.tk;
    rig.now_ms += 1000;
    end_ms = rig.now_ms + LK_RSN_OLD_TK_MS;
    rekey(1);
    while (rig.now_ms < end_ms) {
        assert_true(holds(&rig.d, sizeof rig.d, &tk, sizeof tk));
        assert_int_equal(lwa_rig_expire(&rig), LK_OK); /* when WAKE said */
    }
    assert_int_equal(rig.now_ms, end_ms);
    assert_false(holds(&rig.d, sizeof rig.d, &tk, sizeof tk));
    lwa_talk(&rig);
}

/* T53: the eNB begins anew under another KeNB; the UE does as well. */
static void a_new_context_sets_up_anew(void **state)
{
    lwa_live(&rig, LK_AKM_PSK);
    lwa_enb_begin(&rig.enb, 0x42);
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    lwa_run(&rig);
    lwa_ap_pmk(&rig, lwa_pmk(&rig.enb, 0));
    lwa_rig_ask(&rig, lwa_set_up(0));
    lwa_run(&rig);
    assert_int_equal(rig.ap_joins, 2);
    lwa_talk(&rig);
}

/* ---- questions, timers, data that cannot go ---- */

static void what_is_not_the_enbs_is_dropped_and_counted(void **state)
{
    struct lk_rrc_reconfiguration m = lwa_release();
    struct lwa_enb stranger;

    lwa_live(&rig, LK_AKM_PSK);
    stranger = rig.enb;
    stranger.key.octets[0] ^= 1;
    assert_int_equal(lwa_rig_rrc(&rig, lwa_ask(&stranger, &m)), LK_E_MAC);
    assert_int_equal(rig.reason, LK_REASON_LWA_RRC_MAC);
    assert_int_equal(lwa_rig_rrc(&rig, lk_span_of(NULL, 0)), LK_E_SHORT);
    assert_int_equal(rig.reason, LK_REASON_LWA_RRC_UNREADABLE);
    rig.d.ue.now.srb.send_next = UINT32_MAX;
    assert_int_equal(lwa_rig_rrc(&rig, lwa_ask(&rig.enb, &m)), LK_E_FULL);
    assert_int_equal(rig.reason, LK_REASON_LWA_COUNT_END);
    assert_int_equal(rig.d.counters.rrc_dropped, 3);
    lwa_talk(&rig);
}

static void a_wake_that_is_early_is_told_again(void **state)
{
    uint64_t wake_ms;

    lwa_rig_open(&rig, LK_AKM_PSK);
    rig.silent = true;
    assert_int_equal(lwa_rig_context(&rig), LK_OK);
    assert_int_equal(rig.wake_ms, LK_LWA_DEVICE_NEVER);
    lwa_rig_ask(&rig, lwa_set_up(0));
    wake_ms = rig.wake_ms;
    assert_int_equal(wake_ms, rig.now_ms + rig.config.station.retry_ms);
    rig.wake_ms = rig.now_ms + 1;
    assert_int_equal(lwa_rig_expire(&rig), LK_OK);
    assert_int_equal(rig.wake_ms, wake_ms);
    assert_int_equal(rig.out.count, 1);
}

static void data_that_cannot_go_is_refused(void **state)
{
    static uint8_t octets[LK_LWA_DEVICE_PDU_MAX + 1];
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_DATA_UP };

    lwa_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(lwa_rig_up(&rig, 1, "up"), LK_E_NOT_FOUND);
    assert_int_equal(rig.reason, LK_REASON_LWA_NO_LINK);
    lwa_live(&rig, LK_AKM_PSK);
    assert_int_equal(lwa_rig_up(&rig, LK_LWAAP_DRB_MAX + 1, "up"), LK_E_VALUE);
    event.up = (struct lk_lwaap){ 1, LK_SPAN(octets) };
    assert_int_equal(lwa_rig_step(&rig, event), LK_E_FULL);
    assert_int_equal(rig.to_ap.count, 0);
    event.up.pdu.len--;
    assert_int_equal(lwa_rig_step(&rig, event), LK_OK);
    assert_int_equal(rig.to_ap.count, 1);
    assert_int_equal(rig.d.counters.up_dropped, 2);
    /* No packet number is left: nothing goes out (A02). */
    rig.d.ccmp.now.sent = LK_CCMP_PN_MAX;
    assert_int_equal(lwa_rig_up(&rig, 1, "up"), LK_E_EXPIRED);
    assert_int_equal(rig.to_ap.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_up_leads_to_data_both_ways),
        cmocka_unit_test(a_rekey_keeps_the_association),
        cmocka_unit_test(handovers_keep_the_association),
        cmocka_unit_test(the_wt_may_be_one_key_behind),
        cmocka_unit_test(the_wrong_order_costs_the_association),
        cmocka_unit_test(the_device_may_begin),
        cmocka_unit_test(a_radio_may_want_a_new_association),
        cmocka_unit_test(a_lost_association_comes_back),
        cmocka_unit_test(who_throws_out_again_and_again_is_met_at_a_pace),
        cmocka_unit_test(silence_ends),
        cmocka_unit_test(a_wt_without_the_key_is_asked_again),
        cmocka_unit_test(a_handshake_that_does_not_end_is_left),
        cmocka_unit_test(a_lost_message_4_costs_nothing),
        cmocka_unit_test(keys_are_wiped),
        cmocka_unit_test(the_newest_key_is_named_first),
        cmocka_unit_test(the_tk_before_goes_in_time),
        cmocka_unit_test(a_new_context_sets_up_anew),
        cmocka_unit_test(what_is_not_the_enbs_is_dropped_and_counted),
        cmocka_unit_test(a_wake_that_is_early_is_told_again),
        cmocka_unit_test(data_that_cannot_go_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
