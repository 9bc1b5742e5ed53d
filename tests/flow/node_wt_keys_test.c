/* How long keys stay at the WT: the TK before, the S-KWT of an association that is over; and what
 * goes out before there is a TK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/wt_parts.h"
#include "wt_case.h"

enum { A = 0, ID_A = 100 };

static bool has(const void *what, size_t what_len)
{
    size_t size = lk_wt_size(&rig.config);

    for (size_t i = 0; i + what_len <= size; i++)
        if (lk_span_equal(lk_span_of(rig.memory + i, what_len), lk_span_of(what, what_len)))
            return true;
    return false;
}

static bool has_pmk(uint8_t key)
{
    uint8_t pmk[LK_XWAP_KEY_LEN];

    memset(pmk, key, sizeof pmk);
    return has(pmk, sizeof pmk);
}

static void rekey(uint8_t key)
{
    struct lk_xwap m = rig_key(&rig, A, ID_A, key);

    rig_station_key(&rig, A, key);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
}

static void leave(void)
{
    struct lk_80211_header header = { .kind = LK_80211_DISASSOCIATION };
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    memcpy(header.a1, rig.config.lwa.mac, LK_STATION_LEN);
    memcpy(header.a2, rig.station[A].mac, LK_STATION_LEN);
    memcpy(header.a3, rig.config.lwa.mac, LK_STATION_LEN);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, LK_80211_REASON_LEAVING);
    assert_int_equal(rig_frame(&rig, lk_writer_span(&w)), LK_OK);
}

/* The TK before a re-key is gone with the first frame under the new one; at a station that says
 * nothing, with its time. */
static void the_tk_before_goes_in_time(void **state)
{
    for (unsigned quiet = 0; quiet < 2; quiet++) {
        struct lk_tk tk;

        rig_open(&rig, LK_AKM_PSK_SHA256);
        rig_live(&rig, A);
        tk = rig.station[A].ccmp.now.tk;
        rekey(2);
        rig_run(&rig);
        assert_true(has(&tk, sizeof tk)); /* message 4 came under it */
        if (quiet) {
            rig_wait(&rig, LK_RSN_OLD_TK_MS - 1);
            assert_true(has(&tk, sizeof tk));
            rig_wait(&rig, 1);
        } else {
            assert_int_equal(rig_send_up(&rig, A, "up"), LK_OK);
        }
        assert_false(has(&tk, sizeof tk));
        rig_wait(&rig, LK_RSN_OLD_TK_MS); /* and nothing else is due by it */
        rig_assert_agrees(&rig, A);
        assert_int_equal(rig.station[A].deauthentications, 0);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* spec: TS 33.401 G.2 - the newest key is for the next association, and the one of the association
 * that is over is forgotten with it, whatever it was doing. */
static void a_key_goes_with_its_association(void **state)
{
    for (unsigned passed = 0; passed < 5; passed++) {
        struct lk_ptk ptk, fresh;
        struct lk_wt_ue *ue;

        rig_open(&rig, LK_AKM_PSK_SHA256);
        rig_live(&rig, A);
        rekey(2);
        rig_pass(&rig, passed); /* so many messages of the handshake; 4: it is over */
        if (passed < 4)
            rekey(3); /* waits for its end */
        ue = lk_wt_of_mac(rig.wt, rig.station[A].mac);
        ptk = ue->rsn.ptk;
        fresh = ue->rsn.fresh;
        leave();
        assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_AWAIT_UE);
        assert_false(has(&ptk.tk, sizeof ptk.tk));
        assert_false(has(&ptk.kck, sizeof ptk.kck));
        if (passed == 2 || passed == 3)
            assert_false(has(&fresh.tk, sizeof fresh.tk));
        assert_false(has_pmk(1));
        assert_int_equal(has_pmk(2), passed == 4);
        assert_int_equal(has_pmk(3), passed < 4);
        rekey(9); /* while it is away */
        assert_false(has_pmk(2) || has_pmk(3));
        rig_associate(&rig, A);
        rig_assert_agrees(&rig, A);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* A context that is being released has none either, once the station has gone. */
static void a_context_that_goes_has_no_key(void **state)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_RELEASE };

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    memcpy(event.want.mac, rig.station[A].mac, LK_STATION_LEN);
    assert_int_equal(rig_step(&rig, event), LK_OK);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_RELEASING);
    leave();
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_RELEASING);
    assert_false(has_pmk(1));
}

/* A05: data for a station whose first handshake is under way does not go out.
 *
 * spec: IEEE 802.11 12.7.9 - before there is a TK nothing but EAPOL goes out */
static void no_data_goes_out_before_the_tk(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 1);
    rig_authenticate(&rig, A);
    rig_pass(&rig, 3);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_HANDSHAKE);
    rig.flying = 0;
    assert_int_equal(rig_send_down(&rig, A, "in clear"), LK_E_BUSY);
    assert_int_equal(lk_wt_counted(rig.wt)->down_dropped, 1);
    assert_int_equal(rig.station[A].heard[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_tk_before_goes_in_time),
        CASE(a_key_goes_with_its_association),
        CASE(a_context_that_goes_has_no_key),
        CASE(no_data_goes_out_before_the_tk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
