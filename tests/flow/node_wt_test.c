/* The WT as a node: each procedure of LWA with stations that have real keys, from the ADDITION to
 * the release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wt_case.h"

enum { OTHER_ENB = 1, A = 0, B = 1, C = 2, ID_A = 100 };

static enum lk_status rekey(unsigned station, uint8_t key)
{
    struct lk_xwap m = rig_key(&rig, station, ID_A + station, key);

    return rig_xw(&rig, WT_ENB, &m);
}

/* ---- procedure 1 and 2 ---- */

/* spec: TS 33.401 G.2 - set-up: ADDITION with the key, association, handshake under it.
 * spec: TS 36.463 8.13 - then the CONFIRMATION, and data passes both ways.
 * spec: TS 36.300 22A.1.2 - under LWA's EtherType, by bearer. */
static void lwa_is_set_up(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_equal(rig_said(&rig, LK_XWAP_ADDITION_ACKNOWLEDGE), 1);
    assert_int_equal(rig_send_down(&rig, A, "too early"), LK_E_BUSY);
    rig_station_key(&rig, A, 1);
    rig_associate(&rig, A);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
    assert_int_equal(rig.station[A].opens, 1);
    assert_int_equal(rig.facts[LK_WT_ASSOCIATED], 1);
    assert_int_equal(rig.facts[LK_WT_HANDSHAKE_BEGAN], 1);
    assert_int_equal(rig.facts[LK_WT_HANDSHAKE_FINISHED], 1);
    assert_int_equal(rig.facts[LK_WT_SUSPENDED], 0);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.up_link, WT_ENB);
    assert_int_equal(rig.up_enb_ue_id, ID_A);
    assert_int_equal(lk_wt_counted(rig.wt)->data_up, 1);
    assert_int_equal(lk_wt_counted(rig.wt)->data_down, 1);
}

/* spec: TS 36.463 8.9 - the re-key of S3, proposals 2 and 3: the acknowledgement and message 1 at
 * once, the association lives, data is never suspended, the finished signal at the end. */
static void a_rekey_keeps_the_association(void **state)
{
    static const enum lk_akm akms[] = { LK_AKM_8021X, LK_AKM_PSK, LK_AKM_8021X_SHA256,
                                        LK_AKM_PSK_SHA256 };

    for (size_t i = 0; i < LK_COUNT_OF(akms); i++) {
        rig_open(&rig, akms[i]);
        rig_live(&rig, A);
        rig_station_key(&rig, A, 2);
        assert_int_equal(rekey(A, 2), LK_OK);
        assert_int_equal(rig_said(&rig, LK_XWAP_MODIFICATION_ACKNOWLEDGE), 1);
        assert_int_equal(rig.flying, 1); /* message 1 */
        rig_assert_agrees(&rig, A);      /* the handshake goes on meanwhile */
        rig_run(&rig);
        assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
        rig_assert_agrees(&rig, A);
        assert_int_equal(rig.station[A].installs, 2);
        assert_int_equal(rig.station[A].deauthentications, 0);
        assert_int_equal(rig.facts[LK_WT_SUSPENDED], 0);
        assert_int_equal(rekey(A, 2), LK_OK); /* again: answered at once, and nothing begins */
        assert_int_equal(rig.flying, 0);
        assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 2);
        rig_close(&rig);
    }
}

/* T51: 100 re-keys 10 ms apart, each after the finished signal of the last: no association is lost,
 * and the last keys are equal. Then two keys in one handshake: the newest wins, and finished is
 * said once, when it is over. */
static void rekeys_follow_each_other(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    for (uint8_t key = 2; key < 102; key++) {
        rig_station_key(&rig, A, key);
        assert_int_equal(rekey(A, key), LK_OK);
        rig_wait(&rig, 10);
        assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
        rig_assert_agrees(&rig, A);
    }
    rig_station_key(&rig, A, 102);
    rig_forget(&rig);
    assert_int_equal(rekey(A, 102), LK_OK);
    rig_pass(&rig, 3); /* messages 1, 2 and 3 */
    rig_station_key(&rig, A, 103);
    assert_int_equal(rekey(A, 103), LK_OK);
    rig_pass(&rig, 1); /* message 4: another handshake begins with it */
    assert_int_equal(rig.facts[LK_WT_HANDSHAKE_FINISHED], 1);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 0);
    rig_run(&rig);
    assert_int_equal(rig_said(&rig, LK_XWAP_MODIFICATION_ACKNOWLEDGE), 2);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    assert_int_equal(rig.facts[LK_WT_HANDSHAKE_FINISHED], 2);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.station[A].installs, 1 + 102);
    assert_int_equal(rig.station[A].deauthentications, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->deauthentications, 0);
}

/* ---- procedure 3 ---- */

/* T50: the WT is told first. The station does not know the key that message 1 names and says
 * nothing; the tries end, the association with them, and a full one follows when RRC has come. */
static void the_wrong_order_costs_the_association(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    assert_int_equal(rekey(A, 2), LK_OK);
    rig_wait(&rig, 2000);
    assert_int_equal(rig.station[A].reason, LK_80211_REASON_HANDSHAKE_TIMEOUT);
    assert_int_equal(rig.facts[LK_WT_DEAUTHENTICATED], 1);
    assert_int_equal(rig.deauth_reason, LK_REASON_RSN_NO_ANSWER);
    assert_int_equal(rig.facts[LK_WT_SUSPENDED], 1);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_AWAIT_UE);
    rig_station_key(&rig, A, 2);
    rig_wait(&rig, 50);
    rig_associate(&rig, A);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    assert_int_equal(rig.facts[LK_WT_RESUMED], 1);
    assert_true(rig.resumed_ms > rig.suspended_ms);
    rig_assert_agrees(&rig, A);
}

/* S3, option 1: with deauth_on_mismatch a message 2 under another key ends the association at once;
 * without, it is a notice, and the true one ends the handshake. */
static void a_mismatch_may_end_the_association(void **state)
{
    for (unsigned on = 0; on < 2; on++) {
        struct lk_xwap m = rig_addition(A, ID_A, 1);
        struct wt_frame m2, forged;

        rig_open(&rig, LK_AKM_PSK);
        rig.config.deauth_on_mismatch = on == 1;
        rig_begin(&rig);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_station_key(&rig, A, 1);
        rig_authenticate(&rig, A);
        rig_pass(&rig, 5); /* both ways of both, and message 1 */
        m2 = forged = rig_take(&rig);
        forged.octets[24 + 8 + LK_EAPOL_MIC_AT] ^= 1; /* behind the MAC header and LLC */
        rig_deliver(&rig, &forged);
        assert_int_equal(rig.notice, LK_REASON_RSN_M2_MIC);
        assert_int_equal(rig.facts[LK_WT_DEAUTHENTICATED], on);
        assert_int_equal(rig.deauth_reason, on ? LK_REASON_RSN_M2_MIC : LK_REASON_NONE);
        rig_deliver(&rig, &m2);
        rig_run(&rig);
        assert_int_equal(rig_told(&rig, A).state, on ? LK_LWA_WT_AWAIT_UE : LK_LWA_WT_ACTIVE);
        rig_close(&rig);
    }
}

/* The UE may begin: an association again, with the newest key. */
static void a_ue_may_associate_again(void **state)
{
    struct wt_frame frame;

    rig_open(&rig, LK_AKM_8021X_SHA256);
    rig_live(&rig, A);
    rig_wait(&rig, 10);
    rig_station_key(&rig, A, 2);
    frame = rig_association_request(&rig, A, true); /* before Xw: another PMKID, and no harm */
    rig_deliver(&rig, &frame);
    rig_run(&rig);
    assert_int_equal(rig.station[A].status, LK_80211_INVALID_PMKID);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rekey(A, 2), LK_OK);
    rig.flying = 0; /* message 1 is lost */
    frame = rig_association_request(&rig, A, true);
    rig_deliver(&rig, &frame);
    rig_run(&rig);
    assert_int_equal(rig.station[A].status, LK_80211_SUCCESS);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
    assert_int_equal(rig.facts[LK_WT_SUSPENDED], 1);
    assert_int_equal(rig.facts[LK_WT_RESUMED], 1);
    rig_assert_agrees(&rig, A);
}

/* A05: a WT that does not re-key in place sends the station away, and takes it back with the new
 * key. Nothing goes out in clear: the rig looks at every frame. */
static void keys_may_change_by_a_new_association(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig.config.rsn.in_place = false;
    rig_begin(&rig);
    rig_live(&rig, A);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rekey(A, 2), LK_OK);
    rig_run(&rig);
    assert_int_equal(rig.station[A].deauthentications, 1);
    assert_int_equal(rig.deauth_reason, LK_REASON_RSN_NOT_IN_PLACE);
    assert_int_equal(rig_send_down(&rig, A, "no key, no data"), LK_E_BUSY);
    rig_wait(&rig, 20);
    rig_associate(&rig, A);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    assert_int_equal(rig.resumed_ms - rig.suspended_ms, 20);
    rig_assert_agrees(&rig, A);
}

/* ---- procedure 4 ---- */

/* spec: TS 36.463 8.8 - a handover with the WT kept: the new eNB names our id, has the CONFIRMATION
 * at once and re-keys under its own KeNB; the old one is refused, and its release ends nothing. */
static void a_handover_keeps_the_association(void **state)
{
    struct lk_xwap m, old;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    old = rig_key(&rig, A, ID_A, 9);
    m = rig_addition(A, 200, 0);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    m.wt_ue_id = rig_told(&rig, A).wt_ue_id;
    assert_int_equal(rig_xw(&rig, OTHER_ENB, &m), LK_OK);
    assert_int_equal(rig.said_count, 2);
    assert_int_equal(rig.said[1].type, LK_XWAP_ASSOCIATION_CONFIRMATION);
    assert_int_equal(rig.said_link[1], OTHER_ENB);
    assert_int_equal(rig_xw(&rig, WT_ENB, &old), LK_OK);
    assert_int_equal(rig.refusal, LK_REASON_LWA_NOT_SERVING);
    old = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
    lk_xwap_mark(&old, LK_XWAP_CONTEXT_KEPT);
    assert_int_equal(rig_xw(&rig, WT_ENB, &old), LK_E_DENIED);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.up_link, OTHER_ENB);
    assert_int_equal(rig.up_enb_ue_id, 200);
    rig_station_key(&rig, A, 2);
    m = rig_key(&rig, A, 200, 2);
    assert_int_equal(rig_xw(&rig, OTHER_ENB, &m), LK_OK);
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.station[A].deauthentications, 0);
    m.wt_ue_id += 1; /* nobody's */
    assert_int_equal(rig_xw(&rig, OTHER_ENB, &m), LK_E_NOT_FOUND);
    assert_int_equal(rig.refusal, LK_REASON_LWA_UE_UNKNOWN);
}

/* ---- procedure 5 ---- */

/* spec: TS 36.463 8.11 - the eNB releases: the station is sent away, and nothing stays.
 * spec: TS 36.463 8.12 - the WT releases: it stays until the eNB has confirmed. */
static void a_release_leaves_nothing(void **state)
{
    struct lk_xwap m;
    struct lk_wt_event event = { .kind = LK_WT_EV_RELEASE };

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_live(&rig, B);
    m = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_run(&rig);
    assert_int_equal(rig.station[A].reason, LK_80211_REASON_LEAVING);
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_E_NOT_FOUND);
    rig_assert_agrees(&rig, B);
    memcpy(event.want.mac, rig.station[A].mac, LK_STATION_LEN);
    assert_int_equal(rig_step(&rig, event), LK_E_NOT_FOUND);
    memcpy(event.want.mac, rig.station[B].mac, LK_STATION_LEN);
    assert_int_equal(rig_step(&rig, event), LK_OK);
    assert_int_equal(rig_said(&rig, LK_XWAP_RELEASE_REQUIRED), 1);
    rig_wait(&rig, 1000);
    assert_int_equal(rig_said(&rig, LK_XWAP_RELEASE_REQUIRED), 2);
    assert_int_equal(rig.station[B].deauthentications, 0);
    m = rig_message(&rig, B, LK_XWAP_RELEASE_CONFIRM, ID_A + B);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_run(&rig);
    assert_int_equal(rig.station[B].deauthentications, 1);
    assert_int_equal(lk_wt_ue_count(rig.wt), 0);
}

/* spec: TS 36.463 8.10 - the WT gives up a bearer; its data is dropped when the eNB has confirmed.
 */
static void a_bearer_is_given_up(void **state)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_REMOVE };
    struct lk_xwap m;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    memcpy(event.want.mac, rig.station[A].mac, LK_STATION_LEN);
    event.want.e_rab_id = WT_BEARER;
    assert_int_equal(rig_step(&rig, event), LK_OK);
    rig_assert_agrees(&rig, A);
    m = rig_message(&rig, A, LK_XWAP_MODIFICATION_CONFIRM, ID_A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_equal(rig_send_down(&rig, A, "gone"), LK_E_NOT_FOUND);
    assert_int_equal(rig_send_up(&rig, A, "gone"), LK_E_NOT_FOUND);
    assert_int_equal(lk_wt_counted(rig.wt)->up_dropped, 1);
}

/* ---- the group, and room ---- */

/* spec: IEEE 802.11 12.7.7 - the group has a new key in its time, and each station is told. */
static void the_group_gets_a_new_key(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_live(&rig, B);
    assert_int_equal(rig.station[A].group_key_id, 1);
    rig_wait(&rig, rig.config.group_ms);
    assert_int_equal(rig.station[A].group_key_id, 2);
    assert_int_equal(rig.station[B].group_key_id, 2);
    assert_memory_not_equal(&rig.station[A].s.gtk[1], &rig.station[A].s.gtk[2],
                            sizeof(struct lk_gtk));
    assert_memory_equal(&rig.station[A].s.gtk[2], &rig.station[B].s.gtk[2], sizeof(struct lk_gtk));
    rig_assert_agrees(&rig, A);
    rig_live(&rig, C);
    assert_int_equal(rig.station[C].group_key_id, 2);
    assert_int_equal(rig.station[A].deauthentications, 0);
}

/* As many UEs as configured; a place that is free again has another id. */
static void room_is_bounded(void **state)
{
    struct lk_xwap m = rig_addition(C, 300, 1), old;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig.config.ues = 2;
    rig_begin(&rig);
    rig_live(&rig, A);
    rig_live(&rig, B);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_E_FULL);
    assert_int_equal(rig_said(&rig, LK_XWAP_ADDITION_REJECT), 1);
    assert_int_equal(rig.refusal, LK_REASON_LWA_WT_FULL);
    old = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &old), LK_OK);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_not_equal(rig_told(&rig, C).wt_ue_id, old.wt_ue_id);
    m.key = lk_span_of((uint8_t[LK_XWAP_KEY_LEN]){ 0 }, LK_XWAP_KEY_LEN);
    old = rig_message(&rig, B, LK_XWAP_RELEASE_REQUEST, ID_A + B);
    assert_int_equal(rig_xw(&rig, WT_ENB, &old), LK_OK);
    m.ue_identity[5] = 9; /* refused: no row stays */
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_equal(rig.refusal, LK_REASON_LWA_KEY);
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
}

/* A driver's timer may be early, and is used up then. */
static void a_wake_that_is_early_is_told_again(void **state)
{
    struct lk_wt_event expired = { .kind = LK_WT_EV_EXPIRED };
    uint64_t wake_ms;

    rig_open(&rig, LK_AKM_PSK);
    rig_live(&rig, A);
    assert_int_equal(rekey(A, 2), LK_OK);
    (void)rig_take(&rig); /* message 1 is lost */
    wake_ms = rig.wake_ms;
    rig.now_ms = wake_ms - 1;
    for (unsigned times = 0; times < 2; times++) {
        rig.wake_ms = UINT64_MAX;
        assert_int_equal(rig_step(&rig, expired), LK_OK);
        assert_int_equal(rig.wake_ms, wake_ms);
        assert_int_equal(rig.flying, 0);
    }
    rig.now_ms = wake_ms;
    assert_int_equal(rig_step(&rig, expired), LK_OK);
    assert_int_equal(rig.flying, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lwa_is_set_up),
        CASE(a_rekey_keeps_the_association),
        CASE(rekeys_follow_each_other),
        CASE(the_wrong_order_costs_the_association),
        CASE(a_mismatch_may_end_the_association),
        CASE(a_ue_may_associate_again),
        CASE(keys_may_change_by_a_new_association),
        CASE(a_handover_keeps_the_association),
        CASE(a_release_leaves_nothing),
        CASE(a_bearer_is_given_up),
        CASE(the_group_gets_a_new_key),
        CASE(room_is_bounded),
        CASE(a_wake_that_is_early_is_told_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
