/* The WT as a node, when things are lost: frames of a handshake, stations, links, eNBs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/wt_parts.h"
#include "wt_case.h"

enum { OTHER_ENB = 1, A = 0, B = 1, C = 2, ID_A = 100 };

static enum lk_status rekey(unsigned station, uint8_t key)
{
    struct lk_xwap m = rig_key(&rig, station, ID_A + station, key);

    return rig_xw(&rig, WT_ENB, &m);
}

static enum lk_status happens(enum lk_wt_event_kind kind, uint32_t link)
{
    return rig_step(&rig, (struct lk_wt_event){ .kind = kind, .xw = { .link = link } });
}

/* ---- frames ---- */

/* T53: any one frame, and any two, of a re-key and of a set-up are lost: it ends with equal keys,
 * or with the station away and taken back in one association. */
static void any_frame_may_be_lost(void **state)
{
    for (unsigned first = 0; first < 2; first++)
        for (unsigned lose = 1; lose < 1u << 8; lose++) {
            if (__builtin_popcount(lose) > 2)
                continue;
            rig_open(&rig, LK_AKM_PSK_SHA256);
            if (first == 0) {
                rig_live(&rig, A);
                rig_station_key(&rig, A, 2);
                rig.lose = lose;
                assert_int_equal(rekey(A, 2), LK_OK);
            } else {
                struct lk_xwap m = rig_addition(A, ID_A, 1);

                assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
                rig_station_key(&rig, A, 1);
                rig.lose = lose;
                rig_associate(&rig, A);
            }
            rig_wait(&rig, 2000);
            rig.lose = 0;
            if (rig_told(&rig, A).state != LK_LWA_WT_ACTIVE)
                rig_associate(&rig, A);
            assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
            rig_assert_agrees(&rig, A);
            if (first == 0)
                assert_int_equal(rig.station[A].deauthentications, 0);
            rig_close(&rig);
        }
}

/* A re-key to key 2, up to message 4, which is lost. */
static void lose_message_4(void)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rekey(A, 2), LK_OK);
    rig_pass(&rig, 3);
    (void)rig_take(&rig);
    rig_forget(&rig);
}

/* T51: message 4 is lost, and data under its TK ends the handshake. */
static void data_speaks_for_message_4(void **state)
{
    lose_message_4();
    assert_int_equal(rig_send_up(&rig, A, "up"), LK_OK);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.station[A].deauthentications, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->installs, 2);
    assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
}

/* T51: message 4 is lost over all tries while a newer key waits, and so are some messages of the
 * next handshake: the association lives. */
static void the_next_key_comes_through_without_message_4(void **state)
{
    for (unsigned more = 0; more < 16; more++) {
        lose_message_4();
        rig_station_key(&rig, A, 3);
        assert_int_equal(rekey(A, 3), LK_OK);
        rig.lose = 7 | more << 3; /* message 3 three times, and what comes then */
        rig_wait(&rig, 4000);
        assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), more == 15 ? 0 : 1);
        assert_int_equal(rig.station[A].deauthentications, more == 15 ? 1 : 0);
        if (more < 15)
            rig_assert_agrees(&rig, A);
        assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
        if (more < 15)
            rig_close(&rig);
    }
}

/* A message 2 for the message 1 that is out, under no PMK. A re-key's comes under the TK before. */
static enum lk_status say_wrong_m2(unsigned station)
{
    struct lk_rsn_ccmp *ccmp = &rig.station[station].ccmp, held = *ccmp;
    const struct lk_wt_ue *ue = lk_wt_of_mac(rig.wt, rig.station[station].mac);
    struct lk_eapol_key key = lk_eapol_key_of(LK_EAPOL_M2, 3, ue->ccmp.now.is_set);
    static const uint8_t rsne[] = { 0x30, 2, 1, 0 };
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct wt_frame frame;

    key.replay = ue->rsn.replay;
    memset(key.nonce, 7, sizeof key.nonce);
    key.data = LK_SPAN(rsne);
    assert_int_equal(lk_eapol_key_encode(&w, &key), LK_OK);
    ccmp->now = ccmp->old;
    frame = rig_station_data(&rig, station, LK_EAPOL_ETHERTYPE, lk_writer_span(&w),
                             !ue->ccmp.now.is_set);
    *ccmp = held;
    return rig_frame(&rig, lk_span_of(frame.octets, frame.len));
}

/* A set-up, or a re-key, whose message 4 never comes while a newer key waits: the next handshake
 * has begun, and the TK of the last is prepared still. */
static void give_up_message_4(bool rekeys)
{
    if (rekeys) {
        lose_message_4();
    } else {
        struct lk_xwap m = rig_addition(A, ID_A, 1);

        rig_open(&rig, LK_AKM_PSK_SHA256);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_station_key(&rig, A, 1);
        rig_authenticate(&rig, A);
        rig_pass(&rig, 7); /* two requests and their answers, messages 1, 2 and 3 */
        (void)rig_take(&rig);
    }
    rig_station_key(&rig, A, 3);
    assert_int_equal(rekey(A, 3), LK_OK);
    rig.lose = 0xf; /* message 3 so often as there are tries, then a message 1 */
    for (unsigned i = 0; i < 10 && rig.lose != 0; i++)
        rig_wait(&rig, 100);
    assert_int_equal(lk_wt_of_mac(rig.wt, rig.station[A].mac)->rsn.state,
                     LK_RSN_AUTHENTICATOR_AWAIT_M2);
    assert_true(lk_wt_of_mac(rig.wt, rig.station[A].mac)->ccmp.next.is_set);
}

/* T51: a message 2 with a wrong MIC, of anybody or of the station, changes nothing of the TK that
 * is prepared: data under it is taken, and the handshake goes on. */
static void a_wrong_message_2_leaves_the_key_that_is_prepared(void **state)
{
    for (unsigned rekeys = 0; rekeys < 2; rekeys++) {
        give_up_message_4(rekeys == 1);
        assert_int_equal(say_wrong_m2(A), LK_OK);
        assert_int_equal(rig.notice, LK_REASON_RSN_M2_MIC);
        assert_int_equal(rig_send_up(&rig, A, "under it"), LK_OK);
        assert_string_equal(rig.up, "under it");
        rig_wait(&rig, 1000);
        assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
        rig_assert_agrees(&rig, A);
        assert_int_equal(rig.station[A].deauthentications, 0);
        assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* A TK that is prepared and that the authenticator does not know: its frames are dropped, no more.
 */
static void a_key_that_nobody_knows_is_not_installed(void **state)
{
    struct lk_wt_ue *ue;

    give_up_message_4(true);
    ue = lk_wt_of_mac(rig.wt, rig.station[A].mac);
    memset(&ue->rsn.fresh, 0, sizeof ue->rsn.fresh);
    assert_int_equal(rig_send_up(&rig, A, "up"), LK_E_SYNC);
    assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 1);
    assert_int_equal(lk_wt_counted(rig.wt)->up_dropped, 1);
}

/* ---- stations, links, eNBs ---- */

/* T53: the station is away when the key comes, and comes back with it. */
static void a_station_that_left_comes_back(void **state)
{
    struct wt_frame frame;
    struct lk_80211_header header = { .kind = LK_80211_DISASSOCIATION };
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    memcpy(header.a1, rig.config.lwa.mac, LK_STATION_LEN);
    memcpy(header.a2, rig.station[A].mac, LK_STATION_LEN);
    memcpy(header.a3, rig.config.lwa.mac, LK_STATION_LEN);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, LK_80211_REASON_LEAVING);
    assert_int_equal(rig_frame(&rig, lk_writer_span(&w)), LK_OK);
    assert_int_equal(rig.facts[LK_WT_LEFT], 1);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_AWAIT_UE);
    assert_false(rig_told(&rig, A).has_tk);
    assert_int_equal(rig_frame(&rig, lk_writer_span(&w)), LK_E_UNEXPECTED);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rekey(A, 2), LK_OK);
    assert_int_equal(rig.flying, 0);
    rig_associate(&rig, A);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    rig_assert_agrees(&rig, A);
    /* spec: IEEE 802.11 11.3.2 - one that the WT has forgotten is told so by its first frame */
    rig_begin(&rig);
    assert_int_equal(rig_send_up(&rig, A, "hello"), LK_E_NOT_FOUND);
    rig_run(&rig);
    assert_int_equal(rig.station[A].reason, LK_80211_REASON_NOT_ASSOCIATED);
}

/* T53: an eNB that was restarted adds the UE anew: the association stands, without data, nothing is
 * begun, and the station comes anew with the new key. */
static void a_restarted_enb_begins_anew(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 7);
    uint32_t before;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    before = rig_told(&rig, A).wt_ue_id;
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_not_equal(rig_told(&rig, A).wt_ue_id, before);
    assert_int_equal(rig.flying, 0);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_AWAIT_UE);
    assert_true(rig_told(&rig, A).associated);
    assert_int_equal(rig_send_up(&rig, A, "of before"), LK_E_NOT_FOUND);
    assert_int_equal(rig_send_down(&rig, A, "of now"), LK_E_BUSY);
    lk_rsn_supplicant_init(&rig.station[A].s); /* RRC re-establishment: LWA is released there */
    rig_station_key(&rig, A, 7);
    rig_associate(&rig, A);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 1);
    assert_int_equal(rig.station[A].deauthentications, 0);
    rig_assert_agrees(&rig, A);
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
}

/* T53: the link is down while the handshake ends; when it is up the eNB is told, once for each of
 * its UEs, and the other eNB's are left alone. */
static void a_link_comes_back(void **state)
{
    struct lk_xwap m;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_live(&rig, B);
    m = rig_addition(C, 300, 1);
    assert_int_equal(rig_xw(&rig, OTHER_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rekey(A, 2), LK_OK);
    assert_int_equal(happens(LK_WT_EV_XW_DOWN, WT_ENB), LK_OK);
    rig_forget(&rig);
    rig_run(&rig);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
    assert_int_equal(rig.said_count, 0);
    assert_int_equal(happens(LK_WT_EV_XW_UP, WT_ENB), LK_OK);
    rig_wait(&rig, 0);
    assert_int_equal(rig.said_count, 2);
    assert_int_equal(rig_said(&rig, LK_XWAP_ASSOCIATION_CONFIRMATION), 2);
    assert_int_equal(rig.said_link[0], WT_ENB);
}

/* T53: who never comes is released, with or without an eNB that answers. */
static void a_ue_that_stays_away_is_released(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_wait(&rig, rig.config.lwa.away_ms - 1);
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
    rig_wait(&rig, 1);
    assert_int_equal(rig.notice, LK_REASON_LWA_UE_AWAY);
    rig_wait(&rig, 10000);
    assert_int_equal(rig_said(&rig, LK_XWAP_RELEASE_REQUIRED), 3);
    assert_int_equal(lk_wt_ue_count(rig.wt), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(data_speaks_for_message_4),
        CASE(the_next_key_comes_through_without_message_4),
        CASE(a_wrong_message_2_leaves_the_key_that_is_prepared),
        CASE(a_key_that_nobody_knows_is_not_installed),
        CASE(any_frame_may_be_lost),
        CASE(a_station_that_left_comes_back),
        CASE(a_restarted_enb_begins_anew),
        CASE(a_link_comes_back),
        CASE(a_ue_that_stays_away_is_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
