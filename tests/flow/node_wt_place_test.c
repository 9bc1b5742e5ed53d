/* The WT as a node: who has the place of a MAC address, when eNBs name the same one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/wt_parts.h"
#include "wt_case.h"

enum { OTHER_ENB = 1, A = 0, B = 1, ID_A = 100, ID_OTHER = 300, KEY_OTHER = 9 };

static enum lk_status claim(uint8_t key)
{
    struct lk_xwap m = rig_addition(A, ID_OTHER, key);

    rig_forget(&rig);
    return rig_xw(&rig, OTHER_ENB, &m);
}

static void assert_refused(void)
{
    assert_int_equal(claim(KEY_OTHER), LK_OK);
    assert_int_equal(rig.said_count, 1);
    assert_int_equal(rig.said[0].type, LK_XWAP_ADDITION_REJECT);
    assert_int_equal(rig.said_link[0], OTHER_ENB);
    assert_int_equal(rig.refusal, LK_REASON_LWA_MAC_HELD);
    assert_int_equal(rig_told(&rig, A).link, WT_ENB);
}

static void assert_taken(bool told)
{
    assert_int_equal(claim(KEY_OTHER), LK_OK);
    assert_int_equal(rig.said_count, told ? 2 : 1);
    assert_int_equal(rig.said[0].type, LK_XWAP_ADDITION_ACKNOWLEDGE);
    assert_int_equal(rig.said_link[0], OTHER_ENB);
    if (told) {
        assert_int_equal(rig.said[1].type, LK_XWAP_RELEASE_REQUIRED);
        assert_int_equal(rig.said_link[1], WT_ENB);
        assert_int_equal(rig.said[1].enb_ue_id, ID_A);
    }
    assert_int_equal(rig.notice, LK_REASON_LWA_MAC_TAKEN);
    assert_int_equal(rig_told(&rig, A).link, OTHER_ENB);
    assert_false(rig_told(&rig, A).associated);
    assert_false(rig_told(&rig, A).has_tk);
}

/* Whether these octets are anywhere in the WT's memory. */
static bool is_in_memory(const uint8_t *octets, size_t len)
{
    size_t size = lk_wt_size(&rig.config);

    for (size_t i = 0; i + len <= size; i++)
        if (lk_span_equal(lk_span_of(rig.memory + i, len), lk_span_of(octets, len)))
            return true;
    return false;
}

static void leave(void)
{
    struct wt_frame frame;
    struct lk_80211_header header = { .kind = LK_80211_DISASSOCIATION };
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets);

    memcpy(header.a1, rig.config.lwa.mac, LK_STATION_LEN);
    memcpy(header.a2, rig.station[A].mac, LK_STATION_LEN);
    memcpy(header.a3, rig.config.lwa.mac, LK_STATION_LEN);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, LK_80211_REASON_LEAVING);
    assert_int_equal(rig_frame(&rig, lk_writer_span(&w)), LK_OK);
}

/* The other eNB's device, which has the key that came with the claim, comes and is served. */
static void assert_serves_the_other(void)
{
    rig_station_key(&rig, A, KEY_OTHER);
    rig_associate(&rig, A);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.up_link, OTHER_ENB);
    assert_int_equal(rig.up_enb_ue_id, ID_OTHER);
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
}

/* spec: TS 36.463 8.8 - A subscriber of one eNB says the MAC address of one of another: the
 * association of the second lives on, with its data, its re-keys and its handovers (T51). */
static void a_claim_does_not_disturb_who_is_there(void **state)
{
    struct lk_xwap m;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    for (unsigned i = 0; i < 3; i++) {
        assert_refused();
        rig_run(&rig);
        rig_assert_agrees(&rig, A);
        assert_int_equal(rig.up_link, WT_ENB);
    }
    m = rig_key(&rig, A, ID_A, 2);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_pass(&rig, 2);
    assert_refused(); /* in the middle of the handshake */
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
    m = rig_addition(A, 200, 0);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    m.wt_ue_id = rig_told(&rig, A).wt_ue_id;
    assert_int_equal(rig_xw(&rig, OTHER_ENB + 1, &m), LK_OK);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.up_link, OTHER_ENB + 1);
    assert_int_equal(rig.station[A].deauthentications, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->associations, 1);
    assert_int_equal(lk_wt_counted(rig.wt)->xw_refused, 4);
}

/* From the addition to the end of the first handshake the place is the first one's too: the key of
 * the second is not used. */
static void a_claim_does_not_get_in_first(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    for (unsigned frames = 0; frames < 8; frames++) {
        rig_open(&rig, LK_AKM_PSK_SHA256);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_station_key(&rig, A, 1);
        rig_authenticate(&rig, A);
        rig_pass(&rig, frames);
        assert_refused();
        rig_run(&rig);
        rig_assert_agrees(&rig, A);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* The station left, and has not come back in the time that it has: another eNB gets the address,
 * the one before is told, and its word that it has understood troubles nobody. */
static void a_place_that_was_left_is_taken(void **state)
{
    struct lk_xwap confirm;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    confirm = rig_message(&rig, A, LK_XWAP_RELEASE_CONFIRM, ID_A);
    leave();
    rig_wait(&rig, rig.config.lwa.hold_ms - 1);
    assert_refused();
    rig_wait(&rig, 1);
    assert_taken(true);
    rig.refusal = LK_REASON_NONE;
    assert_int_equal(rig_xw(&rig, WT_ENB, &confirm), LK_E_NOT_FOUND);
    assert_int_equal(rig.refusal, LK_REASON_NONE);
    assert_serves_the_other();
}

/* A02, T53: the link of the eNB is lost for too long: its association ends by a word to the
 * station, and no key of it stays in memory. */
static void a_place_without_an_enb_is_taken(void **state)
{
    struct lk_wt_ue *ue;
    struct lk_tk tk;
    struct lk_pmk pmk;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    ue = lk_wt_of_mac(rig.wt, rig.station[A].mac);
    tk = ue->ccmp.now.tk;
    pmk = ue->lwa.key;
    assert_true(is_in_memory(tk.octets, sizeof tk.octets));
    assert_int_equal(rig_step(&rig, (struct lk_wt_event){ .kind = LK_WT_EV_XW_DOWN }), LK_OK);
    rig_wait(&rig, rig.config.lwa.hold_ms - 1);
    assert_refused();
    rig_assert_agrees(&rig, A);
    rig_wait(&rig, 1);
    assert_taken(false);
    assert_false(is_in_memory(tk.octets, sizeof tk.octets));
    assert_false(is_in_memory(pmk.octets, sizeof pmk.octets));
    rig_run(&rig);
    assert_int_equal(rig.station[A].deauthentications, 1);
    assert_serves_the_other();
    /* the eNB comes back: the UE is not its own any more */
    rig_forget(&rig);
    assert_int_equal(rig_step(&rig, (struct lk_wt_event){ .kind = LK_WT_EV_XW_UP }), LK_OK);
    rig_wait(&rig, 0);
    assert_int_equal(rig.said_count, 0);
}

/* A station that is there and says nothing is asked, and answers: it keeps its place, however often
 * somebody wants it, and no key is put in again (A02). */
static void a_quiet_station_is_asked(void **state)
{
    unsigned installs;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_assert_agrees(&rig, A);
    installs = rig.station[A].installs;
    assert_refused();
    assert_int_equal(rig.flying, 0); /* it was heard just now */
    for (unsigned i = 0; i < 3; i++) {
        rig_wait(&rig, 5000);
        assert_refused();
        assert_int_equal(rig.flying, 1);
        rig_wait(&rig, 1);
        assert_int_equal(lk_wt_of_mac(rig.wt, rig.station[A].mac)->heard_ms + 1, rig.now_ms);
        rig_wait(&rig, 2000);
        assert_refused();
        assert_int_equal(rig.flying, 0);
        rig_assert_agrees(&rig, A);
    }
    assert_int_equal(rig.station[A].installs, installs);
    assert_int_equal(rig.station[A].deauthentications, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
}

/* One that is gone without a word does not answer: its association ends, and its place is free
 * when the time is over that it has to come back. Being asked again and again does not put that
 * off. */
static void a_station_that_is_gone_is_found_out(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_wait(&rig, 5000);
    rig.lose = UINT32_MAX; /* all that is said to it, and by it */
    for (unsigned i = 0; i < 20; i++) {
        assert_refused();
        rig_wait(&rig, 100);
    }
    assert_false(rig_told(&rig, A).associated);
    assert_int_equal(lk_wt_counted(rig.wt)->deauthentications, 1);
    rig_wait(&rig, rig.config.lwa.hold_ms);
    rig.lose = 0;
    assert_taken(true);
    assert_serves_the_other();
}

/* Anybody can begin an association in another's name, and none that comes to nothing keeps the
 * address from whose it is. */
static void handshakes_that_fail_hold_nothing(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 77);
    for (uint64_t ms = 0; ms < rig.config.lwa.hold_ms; ms += 500) {
        if (!rig_told(&rig, A).associated)
            rig_associate(&rig, A);
        rig_wait(&rig, 500);
    }
    assert_true(rig.facts[LK_WT_ASSOCIATED] > 5);
    assert_taken(true);
    rig_run(&rig);
    assert_serves_the_other();
}

/* T53: nor does an eNB that releases its UE, and adds it again, as it does at each new attach: what
 * was never proven is held from its first addition on. */
static void releases_hold_nothing(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1), release;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 77);
    for (uint64_t ms = 0; ms + 1000 < rig.config.lwa.hold_ms; ms += 1000) {
        assert_refused();
        if (ms % 2000 == 0)
            rig_associate(&rig, A); /* a handshake that comes to nothing is under way, or not */
        if (ms % 3000 == 0)
            assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        release = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
        assert_int_equal(rig_xw(&rig, WT_ENB, &release), LK_OK);
        assert_int_equal(lk_wt_ue_count(rig.wt), 0);
        rig_wait(&rig, 500);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_wait(&rig, 500);
    }
    assert_refused();
    rig_wait(&rig, 1000);
    assert_taken(true);
    rig_run(&rig);
    assert_serves_the_other();
}

/* A UE that was there, and one that comes again when that is long ago, has its whole time. */
static void a_release_of_who_was_there_costs_nothing(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1), release;

    for (unsigned proven = 0; proven < 2; proven++) {
        rig_open(&rig, LK_AKM_PSK_SHA256);
        if (proven == 1)
            rig_live(&rig, A);
        else
            assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_wait(&rig, rig.config.lwa.hold_ms - 1);
        release = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
        assert_int_equal(rig_xw(&rig, WT_ENB, &release), LK_OK);
        rig_wait(&rig, proven == 1 ? 0 : rig.config.lwa.hold_ms);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_wait(&rig, rig.config.lwa.hold_ms - 1);
        assert_refused();
        rig_wait(&rig, 1);
        assert_taken(true);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* What one eNB released is nothing to the next one's time. */
static void a_release_costs_no_other_enb_its_time(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1), release;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_wait(&rig, rig.config.lwa.hold_ms - 1);
    release = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &release), LK_OK);
    assert_int_equal(claim(KEY_OTHER), LK_OK);
    assert_int_equal(rig_told(&rig, A).link, OTHER_ENB);
    rig_wait(&rig, rig.config.lwa.hold_ms - 1);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_equal(rig_told(&rig, A).link, OTHER_ENB);
    rig_wait(&rig, 1);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_int_equal(rig_told(&rig, A).link, WT_ENB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_claim_does_not_disturb_who_is_there),
        CASE(a_claim_does_not_get_in_first),
        CASE(a_place_that_was_left_is_taken),
        CASE(a_place_without_an_enb_is_taken),
        CASE(a_quiet_station_is_asked),
        CASE(a_station_that_is_gone_is_found_out),
        CASE(handshakes_that_fail_hold_nothing),
        CASE(releases_hold_nothing),
        CASE(a_release_of_who_was_there_costs_nothing),
        CASE(a_release_costs_no_other_enb_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
