/* What authenticator, supplicant and CCMP hold in memory when a handshake is over, given up or
 * refused: nothing that they do not need any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rsn_rig.h"

static struct rsn_rig rig;

static const struct lk_rsn_event expired = { .kind = LK_RSN_EV_EXPIRED };
static const struct lk_rsn_event left = { .kind = LK_RSN_EV_LEFT };

static bool holds(const void *at, size_t len, uint8_t octet)
{
    const uint8_t *octets = at;
    unsigned run = 0;

    for (size_t i = 0; i < len && run < 16; i++)
        run = octets[i] == octet ? run + 1 : 0;
    return run == 16;
}

static void assert_wiped(const void *at, size_t len)
{
    const uint8_t *octets = at;

    for (size_t i = 0; i < len; i++)
        assert_int_equal(octets[i], 0);
}

static void old_keys_are_wiped(void **state)
{
    rsn_live(&rig, LK_AKM_PSK);
    assert_true(holds(&rig.s, sizeof rig.s, 1));
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_true(holds(&rig.s, sizeof rig.s, 1)); /* the WT may still mean it */
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    rsn_run(&rig);
    assert_false(holds(&rig.s, sizeof rig.s, 1));
    assert_false(holds(&rig.a, sizeof rig.a, 1));
    assert_wiped(&rig.a.fresh, sizeof rig.a.fresh);
    assert_wiped(&rig.ap.ccmp.next, sizeof rig.ap.ccmp.next);
    assert_wiped(&rig.s.fresh, sizeof rig.s.fresh);
    assert_wiped(&rig.s.trying, sizeof rig.s.trying);
    assert_wiped(rig.s.snonce, sizeof rig.s.snonce);
    assert_wiped(&rig.s.pending, sizeof rig.s.pending);
    assert_int_equal(rsn_to_ap(&rig, left), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, left), LK_OK);
    assert_wiped(&rig.a.ptk, sizeof rig.a.ptk);
    assert_wiped(&rig.s.ptk, sizeof rig.s.ptk);
    assert_false(holds(&rig.s, sizeof rig.s, 0x61));
    assert_int_equal(rig.s.gtk_in, 0);
}

/* ---- the authenticator ---- */

/* A re-key up to message 3, with the TK of it prepared and a newer key that waits. */
static void bring_to_await_m4(void)
{
    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(3)), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    rig.sta.sent.len = 0;
    assert_true(holds(&rig.a, sizeof rig.a, 3));
}

static void assert_ap_has_nothing(void)
{
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_IDLE);
    assert_wiped(&rig.a.pmk, sizeof rig.a.pmk);
    assert_wiped(&rig.a.next, sizeof rig.a.next);
    assert_wiped(&rig.a.ptk, sizeof rig.a.ptk);
    assert_wiped(&rig.a.fresh, sizeof rig.a.fresh);
}

/* The station leaves; a handshake fails, by its tries, by another element; and keys are not changed
 * in place. */
static void the_authenticator_keeps_nothing_of_an_end(void **state)
{
    bring_to_await_m4();
    assert_int_equal(rsn_to_ap(&rig, left), LK_OK);
    assert_ap_has_nothing();

    bring_to_await_m4();
    for (unsigned i = 0; rig.ap.failures == 0 && i < 32; i++)
        assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    assert_int_equal(rig.ap.failures, 1);
    assert_ap_has_nothing();

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    rig.s.sta_rsne.octets[20] ^= 0x80;
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(3)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rig.ap.code, LK_80211_REASON_RSNE_DIFFERS);
    assert_ap_has_nothing();

    bring_to_await_m4();
    rig.ap.config.in_place = false;
    rsn_run(&rig); /* message 3, message 4, and then the newer key */
    assert_int_equal(rig.ap.reassociates, 1);
    assert_ap_has_nothing();
}

/* A PMK that waited is where it belongs, and nowhere else. */
static void a_key_that_waited_is_there_once(void **state)
{
    for (unsigned by_time = 0; by_time < 2; by_time++) {
        bring_to_await_m4();
        if (by_time)
            for (unsigned i = 0; i < rig.ap.config.tries; i++)
                assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
        else
            rsn_run(&rig); /* the station does not know it: silence */
        assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_AWAIT_M2);
        assert_true(holds(&rig.a.pmk, sizeof rig.a.pmk, 3));
        assert_wiped(&rig.a.next, sizeof rig.a.next);
    }
}

/* A message 2 with a wrong MIC leaves no PTK of its own, and the one that may be in use stays. */
static void a_wrong_message_2_leaves_no_key(void **state)
{
    struct rsn_frame m2;
    struct lk_ptk before;

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    m2 = rig.sta.sent;
    m2.octets[20] ^= 1; /* of its nonce */
    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_OK);
    assert_int_equal(rig.ap.reason, LK_REASON_RSN_M2_MIC);
    assert_wiped(&rig.a.fresh, sizeof rig.a.fresh);

    bring_to_await_m4();
    before = rig.a.fresh;
    for (unsigned i = 0; i < rig.ap.config.tries; i++)
        assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    m2.octets[16] = (uint8_t)rig.a.replay;
    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_OK);
    assert_int_equal(rig.ap.reason, LK_REASON_RSN_M2_MIC);
    assert_memory_equal(&rig.a.fresh, &before, sizeof before);
}

/* ---- the supplicant ---- */

static void the_supplicant_keeps_nothing_of_a_handshake(void **state)
{
    for (unsigned how = 0; how < 3; how++) { /* it leaves, gives up, associates anew */
        rsn_live(&rig, LK_AKM_PSK_SHA256);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
        memset(rig.sta.entropy, 0x5a, sizeof rig.sta.entropy);
        assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
        assert_true(holds(&rig.s.trying, sizeof rig.s.trying, 2));
        assert_true(holds(rig.s.snonce, sizeof rig.s.snonce, 0x5a));
        assert_int_equal(rsn_to_sta(&rig, how == 0   ? left
                                          : how == 1 ? expired
                                                     : rsn_associated(&rig)), LK_OK);
        assert_wiped(&rig.s.trying, sizeof rig.s.trying);
        assert_wiped(&rig.s.fresh, sizeof rig.s.fresh);
        assert_wiped(rig.s.snonce, sizeof rig.s.snonce);
        assert_int_equal(rig.s.has_ptk, how == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_keys_are_wiped),
        cmocka_unit_test(the_authenticator_keeps_nothing_of_an_end),
        cmocka_unit_test(a_key_that_waited_is_there_once),
        cmocka_unit_test(a_wrong_message_2_leaves_no_key),
        cmocka_unit_test(the_supplicant_keeps_nothing_of_a_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
