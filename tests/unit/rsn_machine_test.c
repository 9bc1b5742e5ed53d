/* Authenticator and supplicant one by one: every state meets every event, and what is wrong with
 * frames, elements and keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rsn_rig.h"
#include "wire/rsne.h"

static struct rsn_rig rig;

static const struct lk_rsn_event expired = { .kind = LK_RSN_EV_EXPIRED };

/* ---- every state meets every event ---- */

enum { KINDS = LK_RSN_EV_LEFT };

/* An event of that kind; RECEIVED: octets that are no frame. */
static struct lk_rsn_event event_of(unsigned kind)
{
    switch ((enum lk_rsn_event_kind)kind) {
    case LK_RSN_EV_PMK: return rsn_pmk(7);
    case LK_RSN_EV_ASSOCIATED: return rsn_associated(&rig);
    case LK_RSN_EV_GROUP: return rsn_group(7, 2, 0);
    case LK_RSN_EV_USED: return rsn_used(&(struct lk_tk){ { 7 } }); /* not the one */
    case LK_RSN_EV_RECEIVED:
    case LK_RSN_EV_EXPIRED:
    case LK_RSN_EV_ASK:
    case LK_RSN_EV_LEFT: break;
    }
    return (struct lk_rsn_event){ .kind = (enum lk_rsn_event_kind)kind };
}

static void bring_ap_to(enum lk_rsn_authenticator_state to)
{
    rsn_rig_open(&rig, LK_AKM_PSK);
    if (to == LK_RSN_AUTHENTICATOR_IDLE)
        return;
    if (to == LK_RSN_AUTHENTICATOR_OPEN || to == LK_RSN_AUTHENTICATOR_AWAIT_G2) {
        rsn_live(&rig, LK_AKM_PSK);
        if (to == LK_RSN_AUTHENTICATOR_AWAIT_G2)
            assert_int_equal(rsn_to_ap(&rig, rsn_group(3, 2, 0)), LK_OK);
    } else {
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
        rsn_associate(&rig);
        if (to == LK_RSN_AUTHENTICATOR_AWAIT_M4) {
            assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
            assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
        }
    }
    assert_int_equal(rig.a.state, to);
}

static void the_authenticator_takes_what_its_rows_say(void **state)
{
    enum { I = LK_RSN_AUTHENTICATOR_IDLE, M2, M4, O, G2, NO };
    /* PMK, ASSOCIATED, RECEIVED, EXPIRED, GROUP, USED, ASK, LEFT */
    static const unsigned then[LK_RSN_AUTHENTICATOR_STATE_COUNT][KINDS] = {
        [I] = { I, I, NO, NO, I, NO, NO, NO },    [M2] = { M2, M2, NO, M2, M2, NO, NO, I },
        [M4] = { M4, M2, NO, M4, M4, NO, NO, I }, [O] = { M2, M2, NO, NO, G2, NO, G2, I },
        [G2] = { M2, M2, NO, G2, G2, NO, NO, I },
    };

    for (unsigned in = 0; in < LK_RSN_AUTHENTICATOR_STATE_COUNT; in++)
        for (unsigned kind = 1; kind <= KINDS; kind++) {
            unsigned want = then[in][kind - 1];
            enum lk_status status;

            bring_ap_to(in);
            status = rsn_to_ap(&rig, event_of(kind));
            assert_int_equal(status == LK_OK, want != NO);
            assert_int_equal(rig.a.state, want == NO ? in : want);
        }
}

static void bring_sta_to(enum lk_rsn_supplicant_state to)
{
    rsn_rig_open(&rig, LK_AKM_PSK);
    if (to == LK_RSN_SUPPLICANT_OPEN) {
        rsn_live(&rig, LK_AKM_PSK);
    } else if (to != LK_RSN_SUPPLICANT_IDLE) {
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
        rsn_associate(&rig);
        if (to == LK_RSN_SUPPLICANT_AWAIT_M3)
            assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    }
    assert_int_equal(rig.s.state, to);
}

/* spec: TS 36.331 5.6.14.2 - a new key moves nothing on the WLAN, in any state. */
static void the_supplicant_takes_what_its_rows_say(void **state)
{
    enum { I = LK_RSN_SUPPLICANT_IDLE, M1, M3, O, NO };
    static const unsigned then[LK_RSN_SUPPLICANT_STATE_COUNT][KINDS] = {
        [I] = { I, M1, NO, NO, NO, NO, NO, NO },
        [M1] = { M1, M1, NO, I, NO, NO, NO, I },
        [M3] = { M3, M1, NO, I, NO, NO, NO, I },
        [O] = { O, M1, NO, NO, NO, NO, NO, I },
    };

    for (unsigned in = 0; in < LK_RSN_SUPPLICANT_STATE_COUNT; in++)
        for (unsigned kind = 1; kind <= KINDS; kind++) {
            unsigned want = then[in][kind - 1];
            enum lk_status status;

            bring_sta_to(in);
            status = rsn_to_sta(&rig, event_of(kind));
            assert_int_equal(status == LK_OK, want != NO);
            assert_int_equal(rig.s.state, want == NO ? in : want);
            if (kind == LK_RSN_EV_PMK)
                assert_int_equal(rig.sta.out.count, 0);
        }
}

/* ---- wrong frames ---- */

enum { G1 = 5, G2, MESSAGES };

/* Up to that frame, which is on its way: of a re-key, or of the handshake of the group. */
static struct rsn_frame bring_to_message(unsigned message)
{
    rsn_live(&rig, message % 2 == 1 ? LK_AKM_PSK : LK_AKM_PSK_SHA256);
    if (message >= G1) {
        assert_int_equal(rsn_to_ap(&rig, rsn_group(2, 2, 0)), LK_OK);
    } else {
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    }
    for (unsigned i = message >= G1 ? G1 : 1; i < message; i++)
        assert_int_equal(i % 2 == 1 ? rsn_sta_receives(&rig, &rig.ap.sent)
                                    : rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    return message % 2 == 0 ? rig.sta.sent : rig.ap.sent;
}

static unsigned installs(void)
{
    return rig.ap.installs + rig.sta.installs + rig.sta.group_installs;
}

/* Every frame of a re-key and of the group key handshake with one octet altered, each octet once:
 * nothing is torn down, nothing installed, and the true frame still does its work. Message 1 has no
 * MIC: not asked of it.
 *
 * spec: IEEE 802.11 12.7.2 - the MIC covers all of the frame. */
static void an_altered_frame_is_dropped(void **state)
{
    for (unsigned message = 2; message < MESSAGES; message++) {
        struct rsn_frame true_frame = bring_to_message(message), altered;
        bool to_ap = message % 2 == 0;
        unsigned before = installs();

        rig.ap.sent.len = rig.sta.sent.len = 0;
        for (size_t at = 0; at < true_frame.len; at++) {
            enum lk_status status;

            altered = true_frame;
            altered.octets[at] ^= 0x80;
            status = to_ap ? rsn_ap_receives(&rig, &altered) : rsn_sta_receives(&rig, &altered);
            if (status == LK_OK)
                assert_int_equal((to_ap ? &rig.ap : &rig.sta)->out.item[0].kind,
                                 LK_RSN_OUT_NOTICE);
        }
        assert_int_equal(installs(), before);
        assert_int_equal(rig.ap.failures + rig.sta.failures, 0);
        assert_int_equal(to_ap ? rsn_ap_receives(&rig, &true_frame)
                               : rsn_sta_receives(&rig, &true_frame), LK_OK);
        rsn_run(&rig);
        assert_int_equal(rig.ap.opens, message >= G1 ? 1 : 2);
        assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_OPEN);
        assert_int_equal(rig.sta.group_installs, message >= G1 ? 2 : 1);
    }
}

/* Every frame, message 1 too, cut at every length: it is refused, and both machines are as they
 * were. */
static void a_cut_frame_changes_nothing(void **state)
{
    for (unsigned message = 1; message < MESSAGES; message++) {
        struct rsn_frame true_frame = bring_to_message(message), cut = true_frame;
        bool to_ap = message % 2 == 0;
        struct lk_rsn_authenticator a = rig.a;
        struct lk_rsn_supplicant s = rig.s;

        for (cut.len = 0; cut.len < true_frame.len; cut.len++) {
            assert_int_not_equal(to_ap ? rsn_ap_receives(&rig, &cut) : rsn_sta_receives(&rig, &cut),
                                 LK_OK);
            assert_memory_equal(&rig.a, &a, sizeof a);
            assert_memory_equal(&rig.s, &s, sizeof s);
        }
        assert_int_equal(to_ap ? rsn_ap_receives(&rig, &true_frame)
                               : rsn_sta_receives(&rig, &true_frame), LK_OK);
        assert_true(to_ap ? memcmp(&rig.a, &a, sizeof a) != 0 : memcmp(&rig.s, &s, sizeof s) != 0);
    }
}

static void a_frame_of_the_other_end_or_version_is_refused(void **state)
{
    struct rsn_frame m1, m2;

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    rsn_associate(&rig);
    m1 = rig.ap.sent;
    assert_int_equal(rsn_ap_receives(&rig, &m1), LK_E_UNEXPECTED); /* reflected */
    assert_int_equal(rsn_sta_receives(&rig, &m1), LK_OK);
    m2 = rig.sta.sent;
    assert_int_equal(rsn_sta_receives(&rig, &m2), LK_E_UNEXPECTED);
    rig.ap.config.akm = LK_AKM_PSK_SHA256;
    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_E_VALUE);
    rig.ap.config.akm = LK_AKM_PSK;
    m2.octets[16]++; /* the replay counter of a frame that never was */
    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_E_SYNC);
}

/* Message 1 again: the same SNonce while it is the same ANonce, and a fresh ANonce in the next
 * handshake. */
static void nonces_are_fresh_in_a_handshake_and_stay_in_it(void **state)
{
    uint8_t anonce[LK_RSN_NONCE_LEN], snonce[LK_RSN_NONCE_LEN];

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    rsn_associate(&rig);
    memcpy(anonce, rig.a.anonce, sizeof anonce);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    memcpy(snonce, rig.s.snonce, sizeof snonce);
    assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    assert_memory_equal(rig.a.anonce, anonce, sizeof anonce);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_memory_equal(rig.s.snonce, snonce, sizeof snonce);
    rsn_run(&rig);
    assert_int_equal(rig.ap.opens, 1);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_memory_not_equal(rig.a.anonce, anonce, sizeof anonce);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_memory_not_equal(rig.s.snonce, snonce, sizeof snonce);
}

/* ---- tries ---- */

/* spec: IEEE 802.11 12.7.6.6 - so many tries, then the association ends. */
static void tries_end(void **state)
{
    static const struct {
        enum lk_rsn_authenticator_state in;
        uint16_t code;
        enum lk_reason reason;
    } rows[] = {
        { LK_RSN_AUTHENTICATOR_AWAIT_M2, LK_80211_REASON_HANDSHAKE_TIMEOUT,
          LK_REASON_RSN_NO_ANSWER },
        { LK_RSN_AUTHENTICATOR_AWAIT_M4, LK_80211_REASON_HANDSHAKE_TIMEOUT,
          LK_REASON_RSN_NO_ANSWER },
        { LK_RSN_AUTHENTICATOR_AWAIT_G2, LK_80211_REASON_GROUP_TIMEOUT,
          LK_REASON_RSN_GROUP_NO_ANSWER },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint64_t replay;

        bring_ap_to(rows[i].in);
        for (unsigned tries = 1; tries < rig.ap.config.tries; tries++) {
            replay = rig.a.replay;
            assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
            assert_true(rig.ap.sent.len > 0);
            assert_int_equal(rig.a.replay, replay + 1);
        }
        assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
        assert_int_equal(rig.ap.failures, 1);
        assert_int_equal(rig.ap.code, rows[i].code);
        assert_int_equal(rig.ap.reason, rows[i].reason);
        assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_IDLE);
        assert_false(rig.a.has_pmk);
        assert_false(lk_rsn_authenticator_is_open(&rig.a));
    }
}

/* ---- associations ---- */

/* spec: IEEE 802.11 12.6.10 - with AKM 1 and 5 the station names the PMKSA in its element, and one
 * that is not here is refused; with 2 and 6 it need not. What is refused changes nothing.
 * A03: without a key from above there is no association, whatever the AKM. */
static void an_association_names_its_key(void **state)
{
    static const enum lk_akm akms[] = { LK_AKM_8021X, LK_AKM_PSK, LK_AKM_8021X_SHA256,
                                        LK_AKM_PSK_SHA256 };

    for (size_t i = 0; i < LK_COUNT_OF(akms); i++) {
        bool named = akms[i] == LK_AKM_8021X || akms[i] == LK_AKM_8021X_SHA256;
        struct lk_rsn_event event;
        uint8_t pmkid[LK_PMKID_LEN], element[LK_RSN_ELEMENT_MAX];
        struct lk_writer w = lk_writer_of(element, sizeof element);
        struct lk_rsne rsne;

        rsn_rig_open(&rig, akms[i]);
        event = rsn_associated(&rig);
        assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
        assert_int_equal(rig.ap.refusals, 1);
        assert_int_equal(rig.ap.reason, LK_REASON_RSN_NO_PMK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
        if (named) {
            assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
            assert_int_equal(rig.ap.refusals, 2);
            assert_int_equal(rig.ap.code, LK_80211_INVALID_PMKID);
            assert_int_equal(rig.ap.reason, LK_REASON_RSN_PMKID_UNKNOWN);
        }
        lk_pmkid_derive(pmkid, akms[i], &rig.a.pmk, event.associated.aa, event.associated.spa);
        rsne = lk_rsne_of((uint8_t)akms[i], 0, LK_SPAN(pmkid));
        assert_int_equal(lk_rsne_encode(&w, &rsne), LK_OK);
        event.associated.sta_rsne = lk_writer_span(&w);
        assert_int_equal(rsn_to_sta(&rig, event), LK_OK);
        assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
        rsn_run(&rig);
        assert_int_equal(rig.ap.opens, 1);
        assert_int_equal(rig.sta.opens, 1);
    }
}

static void another_suite_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t octet;
        uint16_t code;
    } rows[] = {
        { 13, 2, LK_80211_INVALID_PAIRWISE_CIPHER }, /* TKIP */
        { 19, 6, LK_80211_INVALID_AKM },
        { 0, 47, LK_80211_INVALID_ELEMENT },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_rsn_event event;
        uint8_t element[LK_RSN_ELEMENT_MAX];

        bring_ap_to(LK_RSN_AUTHENTICATOR_OPEN);
        event = rsn_associated(&rig);
        memcpy(element, rig.rsne, rig.rsne_len);
        element[rows[i].at] = rows[i].octet;
        event.associated.sta_rsne = lk_span_of(element, rig.rsne_len);
        assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
        assert_int_equal(rig.ap.code, rows[i].code);
        assert_true(lk_rsn_authenticator_is_open(&rig.a));
    }
}

/* spec: IEEE 802.11 12.7.6.3 - the element of message 2 is that of the association.
 * spec: IEEE 802.11 12.7.6.4 - and that of message 3 the beacon's: else one of them was forged. */
static void an_element_that_differs_ends_the_association(void **state)
{
    for (unsigned who = 0; who < 2; who++) {
        struct lk_rsn_event event;
        uint8_t element[LK_RSN_ELEMENT_MAX];

        rsn_rig_open(&rig, LK_AKM_PSK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
        event = rsn_associated(&rig);
        assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
        memcpy(element, rig.rsne, rig.rsne_len);
        element[20] = 0x80; /* capabilities: another word on protected management frames */
        if (who == 0)
            event.associated.sta_rsne = lk_span_of(element, rig.rsne_len);
        else
            event.associated.ap_rsne = lk_span_of(element, rig.rsne_len);
        assert_int_equal(rsn_to_sta(&rig, event), LK_OK);
        rsn_run(&rig);
        assert_int_equal(rig.ap.failures, who == 0);
        assert_int_equal(rig.sta.failures, who == 1);
        assert_int_equal((who == 0 ? &rig.ap : &rig.sta)->code, LK_80211_REASON_RSNE_DIFFERS);
        assert_int_equal(rig.ap.installs + rig.sta.installs, 0);
    }
}

/* ---- the group's key ---- */

/* spec: IEEE 802.11 12.7.7.4 - a group's key that is in is not installed again, whichever frame
 * brings it (A02: key id 1, then 2, then that of 1 again). */
static void a_group_key_is_installed_once(void **state)
{
    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig.sta.group_installs, 1);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x62, 2, 9)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rig.sta.group_installs, 2);
    assert_int_equal(rig.sta.group.rsc, 9);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x61, 1, 0)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rig.sta.group_installs, 2);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x63, 3, 0)), LK_E_VALUE);
}

/* A key of the group that comes while message 3 is out goes out when the handshake is over. */
static void a_group_key_that_came_late_is_told(void **state)
{
    bring_ap_to(LK_RSN_AUTHENTICATOR_AWAIT_M4);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x64, 2, 0)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_OPEN);
    assert_int_equal(rig.sta.group.key_id, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_authenticator_takes_what_its_rows_say),
        cmocka_unit_test(the_supplicant_takes_what_its_rows_say),
        cmocka_unit_test(an_altered_frame_is_dropped),
        cmocka_unit_test(a_cut_frame_changes_nothing),
        cmocka_unit_test(a_frame_of_the_other_end_or_version_is_refused),
        cmocka_unit_test(nonces_are_fresh_in_a_handshake_and_stay_in_it),
        cmocka_unit_test(tries_end),
        cmocka_unit_test(an_association_names_its_key),
        cmocka_unit_test(another_suite_is_refused),
        cmocka_unit_test(an_element_that_differs_ends_the_association),
        cmocka_unit_test(a_group_key_is_installed_once),
        cmocka_unit_test(a_group_key_that_came_late_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
