/* Authenticator and supplicant back to back: the handshakes of vectors/fourway_skwt octet by
 * octet, the wrong order, re-keys on a live association, and what an attacker or a bad link does
 * between the two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rsn_rig.h"
#include "vectors.h"

static json_t *fourway;

static int load(void **state)
{
    fourway = vectors_load("fourway_skwt");
    return 0;
}

static int unload(void **state)
{
    json_decref(fourway);
    return 0;
}

static const json_t *vector(const char *id)
{
    return vectors_find(fourway, "vectors", id);
}

/* ---- octet by octet ---- */

static struct lk_rsn_event pmk_of(const json_t *v, const char *path)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };
    struct vector_octets octets = vector_hex(v, path);

    assert_int_equal(octets.len, sizeof event.pmk.octets);
    memcpy(event.pmk.octets, octets.at, octets.len);
    return event;
}

static struct lk_rsn_event group_of(const json_t *v, uint64_t rsc)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_GROUP };
    struct vector_octets octets = vector_hex(v, "gtk");

    memcpy(event.group.gtk.octets, octets.at, octets.len);
    event.group.key_id = (uint8_t)vector_int(v, "gtk_key_id");
    event.group.rsc = rsc;
    return event;
}

static void draw(struct rsn_end *end, const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);

    memcpy(end->entropy, octets.at, sizeof end->entropy);
}

/* From the message 1 that is out to the end, each frame as the vector has it. */
static void shake(struct rsn_rig *rig, const json_t *v)
{
    assert_vector(v, "m1", rig->ap.sent.octets, rig->ap.sent.len);
    draw(&rig->sta, v, "snonce");
    assert_int_equal(rsn_sta_receives(rig, &rig->ap.sent), LK_OK);
    assert_vector(v, "m2", rig->sta.sent.octets, rig->sta.sent.len);
    assert_int_equal(rsn_ap_receives(rig, &rig->sta.sent), LK_OK);
    assert_vector(v, "m3", rig->ap.sent.octets, rig->ap.sent.len);
    assert_int_equal(rsn_sta_receives(rig, &rig->ap.sent), LK_OK);
    assert_vector(v, "m4", rig->sta.sent.octets, rig->sta.sent.len);
    assert_int_equal(rsn_ap_receives(rig, &rig->sta.sent), LK_OK);
    assert_vector(v, "tk", rig->ap.ccmp.now.tk.octets, sizeof rig->ap.ccmp.now.tk.octets);
    assert_vector(v, "tk", rig->sta.ccmp.now.tk.octets, sizeof rig->sta.ccmp.now.tk.octets);
    assert_vector(v, "gtk", rig->sta.group.gtk.octets, sizeof rig->sta.group.gtk.octets);
    assert_int_equal(rig->ap.opens, rig->sta.opens);
}

static void first_handshake(struct rsn_rig *rig, const json_t *v, enum lk_akm akm)
{
    rsn_rig_open(rig, akm);
    assert_vector(v, "rsne", rig->rsne, rig->rsne_len);
    assert_int_equal(rsn_to_ap(rig, group_of(v, 0)), LK_OK);
    assert_int_equal(rsn_to_ap(rig, pmk_of(v, "pmk")), LK_OK);
    assert_int_equal(rsn_to_sta(rig, pmk_of(v, "pmk")), LK_OK);
    draw(&rig->ap, v, "anonce");
    rsn_associate(rig);
    shake(rig, v);
    assert_int_equal(rig->sta.group.rsc, 0);
}

/* spec: IEEE 802.11 12.7.6.2 - ANonce and PMKID.
 * spec: IEEE 802.11 12.7.6.3 - SNonce and element.
 * spec: IEEE 802.11 12.7.6.4 - the group's key.
 * spec: IEEE 802.11 12.7.6.5 - the last message.
 * spec: TS 33.401 G.2 - the WT had the key before its station. */
static void handshakes_are_those_of_the_vectors(void **state)
{
    static const struct {
        enum lk_akm akm;
        const char *first, *rekey;
    } rows[] = { { LK_AKM_PSK, "initial-akm2", "rekey-akm2" },
                 { LK_AKM_PSK_SHA256, "initial-akm6", "rekey-akm6" } };
    struct rsn_rig rig;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const json_t *first = vector(rows[i].first), *rekey = vector(rows[i].rekey);

        first_handshake(&rig, first, rows[i].akm);
        assert_int_equal(rig.ap.rekeys, 0);
        /* The group's key has been used since: no handshake for that. */
        assert_int_equal(rsn_to_ap(&rig, group_of(rekey, 0x2a)), LK_OK);
        assert_int_equal(rig.ap.sent.len, 0);
        /* Proposal 2: the UE has the key first, and does nothing on the WLAN. */
        assert_int_equal(rsn_to_sta(&rig, pmk_of(rekey, "pmk")), LK_OK);
        assert_int_equal(rig.sta.out.count, 0);
        draw(&rig.ap, rekey, "anonce");
        assert_int_equal(rsn_to_ap(&rig, pmk_of(rekey, "pmk")), LK_OK);
        shake(&rig, rekey);
        assert_int_equal(rig.ap.rekeys, 1);
        assert_int_equal(rig.sta.rekeys, 1);
        assert_int_equal(rig.sta.group_installs, 1); /* the same key is not installed again */
    }
}

/* spec: IEEE 802.11 12.7.7 - the group key handshake. */
static void group_handshake_is_that_of_the_vector(void **state)
{
    const json_t *v = vector("group-akm2");
    struct rsn_rig rig;
    struct rsn_frame g1;

    first_handshake(&rig, vector("initial-akm2"), LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, group_of(v, 0)), LK_OK);
    assert_vector(v, "g1", rig.ap.sent.octets, rig.ap.sent.len);
    g1 = rig.ap.sent;
    assert_int_equal(rsn_sta_receives(&rig, &g1), LK_OK);
    assert_vector(v, "g2", rig.sta.sent.octets, rig.sta.sent.len);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_OPEN);
    assert_int_equal(rig.sta.group_installs, 2);
    assert_int_equal(rsn_sta_receives(&rig, &g1), LK_E_SYNC);
}

/* S3's option 1: the WT has the new key, the UE has not. The UE does not answer; an answer under
 * the old key is told apart from silence, so that the WT can deauthenticate for it. */
static void wrong_order_is_that_of_the_vector(void **state)
{
    const json_t *v = vector("wrong-order-akm2"), *rekey = vector("rekey-akm2");
    struct vector_octets forged = vector_hex(v, "m2_from_ue");
    struct rsn_frame m2 = { .len = forged.len }, m1;
    struct rsn_rig rig;

    memcpy(m2.octets, forged.at, forged.len);
    first_handshake(&rig, vector("initial-akm2"), LK_AKM_PSK);
    draw(&rig.ap, rekey, "anonce");
    assert_int_equal(rsn_to_ap(&rig, pmk_of(v, "wt_pmk")), LK_OK);
    assert_vector(v, "m1_from_wt", rig.ap.sent.octets, rig.ap.sent.len);
    m1 = rig.ap.sent;
    assert_int_equal(rsn_sta_receives(&rig, &m1), LK_OK);
    assert_int_equal(rig.sta.sent.len, 0);
    assert_int_equal(rig.sta.reason, LK_REASON_RSN_PMKID_UNKNOWN);
    assert_int_equal(rig.s.state, LK_RSN_SUPPLICANT_OPEN);

    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_OK);
    assert_int_equal(rig.ap.notices, 1);
    assert_int_equal(rig.ap.reason, LK_REASON_RSN_M2_MIC);
    assert_int_equal(rig.ap.failures, 0);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_AWAIT_M2);
    while (rig.ap.failures == 0) {
        rig.now_ms = rig.ap.timer_ms;
        assert_int_equal(rsn_to_ap(&rig, (struct lk_rsn_event){ .kind = LK_RSN_EV_EXPIRED }),
                         LK_OK);
    }
    assert_int_equal(rig.ap.reason, LK_REASON_RSN_M2_MIC);
    assert_int_equal(rig.ap.code, LK_80211_REASON_HANDSHAKE_TIMEOUT);

    /* The RRC message came meanwhile: the full association ends in equal keys. */
    assert_int_equal(rsn_to_sta(&rig, pmk_of(v, "wt_pmk")), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, pmk_of(v, "wt_pmk")), LK_OK);
    rsn_associate(&rig);
    rsn_run(&rig);
    assert_int_equal(rig.ap.opens, 2);
    assert_memory_equal(&rig.ap.ccmp.now.tk, &rig.sta.ccmp.now.tk, sizeof(struct lk_tk));
}

/* The PMK that is in stays usable until the PTK of the next is in: whichever the WT means. */
static void the_wt_may_mean_either_key(void **state)
{
    struct rsn_rig rig;

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK); /* the WT's key is still the old one */
    rsn_run(&rig);
    assert_int_equal(rig.sta.opens, 2);
    assert_true(rig.s.has_pending);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rig.sta.opens, 3);
    assert_false(rig.s.has_pending);
    /* Now the old one is gone, and no frame can bring it back. */
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rig.sta.sent.len, 0);
    assert_int_equal(rig.sta.reason, LK_REASON_RSN_PMKID_UNKNOWN);
}

/* ---- key reinstallation ---- */

static struct rsn_frame expire(struct rsn_rig *rig)
{
    rig->now_ms = rig->ap.timer_ms;
    assert_int_equal(rsn_to_ap(rig, (struct lk_rsn_event){ .kind = LK_RSN_EV_EXPIRED }), LK_OK);
    return rig->ap.sent;
}

static uint64_t talk(struct rsn_rig *rig)
{
    assert_int_equal(rsn_open(rig, &rig->ap, rsn_seal(&rig->sta, true, 0, "up")), LK_OK);
    return rig->sta.ccmp.now.sent;
}

/* A02: message 3 twice, M1 M3 M1 M3, message 3 after data: one installation, and the packet number
 * never falls. T54: in a re-key too, where the replay counter goes on. */
static void message_3_again_installs_nothing(void **state)
{
    struct rsn_frame m1, m3, again;
    struct rsn_rig rig;
    uint64_t sent;

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    for (unsigned round = 1; round <= 2; round++) { /* the first handshake, and a re-key */
        if (round == 1) {
            rsn_associate(&rig);
        } else {
            assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
            assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
        }
        m1 = rig.ap.sent;
        assert_int_equal(rsn_sta_receives(&rig, &m1), LK_OK);
        assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
        m3 = rig.ap.sent;
        assert_int_equal(rsn_sta_receives(&rig, &m3), LK_OK); /* its answer is lost */
        assert_int_equal(rig.sta.installs, round);
        sent = talk(&rig);
        assert_int_equal(rsn_sta_receives(&rig, &m3), LK_E_SYNC);
        assert_int_equal(rsn_sta_receives(&rig, &m1), LK_E_SYNC);
        assert_int_equal(rsn_sta_receives(&rig, &m3), LK_E_SYNC);
        again = expire(&rig);
        assert_int_equal(rsn_sta_receives(&rig, &again), LK_OK);
        assert_int_equal(rig.sta.installs, round);
        assert_null(lk_rsn_outbox_find(&rig.sta.out, LK_RSN_OUT_INSTALL_GROUP));
        assert_true(rig.sta.sent.len > 0);
        assert_true(rig.sta.ccmp.now.sent >= sent);
        assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
        assert_int_equal(rig.ap.installs, round);
        assert_true(talk(&rig) > sent);
        assert_int_equal(rsn_sta_receives(&rig, &again), LK_E_SYNC);
    }
}

/* T51: message 4 is lost, and a frame under the new TK says what it would have said. A02: once. */
static void data_under_the_new_key_ends_a_handshake(void **state)
{
    struct rsn_frame m3, m4;
    struct lk_tk used;
    struct rsn_rig rig;

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_ap(&rig, rsn_used(&rig.ap.ccmp.now.tk)), LK_E_UNEXPECTED);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    m3 = rig.ap.sent;
    assert_int_equal(rsn_to_ap(&rig, rsn_used(&rig.ap.ccmp.now.tk)), LK_E_SYNC);
    assert_int_equal(rsn_sta_receives(&rig, &m3), LK_OK);
    m4 = rig.sta.sent;
    (void)talk(&rig);
    used = rig.ap.ccmp.next.tk;
    assert_int_equal(rsn_to_ap(&rig, rsn_used(&used)), LK_OK);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_OPEN);
    assert_int_equal(rig.ap.rekeys, 1);
    assert_int_equal(rig.ap.installs, 2);
    assert_int_equal(rsn_ap_receives(&rig, &m4), LK_E_UNEXPECTED);
    assert_int_equal(rsn_to_ap(&rig, rsn_used(&used)), LK_E_UNEXPECTED);
    assert_int_equal(rig.ap.installs, 2);
    (void)talk(&rig);
    assert_int_equal(rsn_open(&rig, &rig.sta, rsn_seal(&rig.ap, false, 0, "down")), LK_OK);
}

/* T51: message 4 is lost over all tries while a newer key waits. The next handshake begins under
 * the TK before, which the station still reads, and goes on under the one that it has in. */
static void a_newer_key_comes_through_when_message_4_does_not(void **state)
{
    struct rsn_rig rig;

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(3)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(3)), LK_OK);
    for (unsigned i = 0; i < 2u * rig.ap.config.tries - 1; i++) /* all but the last message 1 */
        (void)expire(&rig);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_AWAIT_M2);
    assert_int_equal(rsn_open(&rig, &rig.sta, rsn_seal(&rig.ap, false, 0, "m1")), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    (void)talk(&rig); /* message 2 comes under it */
    assert_int_equal(rsn_to_ap(&rig, rsn_used(&rig.ap.ccmp.next.tk)), LK_OK);
    assert_int_equal(rig.ap.opens, 1); /* that one was given up */
    rsn_run(&rig);
    assert_int_equal(rig.a.pmk.octets[0], 3);
    assert_int_equal(rig.ap.installs, 3);
    assert_int_equal(rig.sta.installs, 3);
    assert_int_equal(rig.ap.opens, 2);
    (void)talk(&rig);
    assert_int_equal(rsn_open(&rig, &rig.sta, rsn_seal(&rig.ap, false, 0, "down")), LK_OK);
}

/* A02: an M1 that nobody has proven comes between: the repeat of message 3 is still answered, and
 * the keys that are in stay. */
static void a_forged_message_1_moves_nothing(void **state)
{
    struct rsn_frame forged, again;
    struct lk_tk before;
    struct rsn_rig rig;

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    rsn_associate(&rig);
    forged = rig.ap.sent;
    assert_int_equal(rsn_sta_receives(&rig, &forged), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK); /* message 4 is lost */
    before = rig.sta.ccmp.now.tk;
    forged.octets[9] = 0x7f;  /* a replay counter far ahead */
    forged.octets[20] ^= 1;   /* another ANonce */
    assert_int_equal(rsn_sta_receives(&rig, &forged), LK_OK);
    again = expire(&rig);
    assert_int_equal(rsn_sta_receives(&rig, &again), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    assert_int_equal(rig.ap.opens, 1);
    assert_int_equal(rig.sta.installs, 1);
    assert_memory_equal(&before, &rig.sta.ccmp.now.tk, sizeof before);
    assert_int_equal(rsn_to_sta(&rig, (struct lk_rsn_event){ .kind = LK_RSN_EV_EXPIRED }), LK_OK);
    assert_int_equal(rig.s.state, LK_RSN_SUPPLICANT_OPEN);
    assert_int_equal(rig.sta.failures, 0);
}

/* ---- a live association ---- */

/* Data goes both ways before, between and after the messages of a re-key, and none is lost. */
static void data_goes_on_through_a_rekey(void **state)
{
    struct rsn_rig rig;
    struct lk_span late;
    uint8_t kept[256];

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    late = rsn_seal(&rig.ap, false, 3, "late");
    memcpy(kept, late.at, late.len);
    late.at = kept;
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    for (unsigned i = 0; i < 4; i++) { /* M1 to M4 */
        struct rsn_frame frame = i % 2 == 0 ? rig.ap.sent : rig.sta.sent;

        assert_int_equal(i % 2 == 0 ? rsn_sta_receives(&rig, &frame)
                                    : rsn_ap_receives(&rig, &frame), LK_OK);
        assert_int_equal(rsn_open(&rig, &rig.ap, rsn_seal(&rig.sta, true, 0, "up")), LK_OK);
        if (i == 2) /* on its way since before the station's key was installed */
            assert_int_equal(rsn_open(&rig, &rig.sta, late), LK_OK);
        assert_int_equal(rsn_open(&rig, &rig.sta, rsn_seal(&rig.ap, false, 0, "down")), LK_OK);
    }
    assert_int_equal(rig.ap.rekeys, 1);
    assert_false(rig.sta.ccmp.old.is_set);
    assert_false(rig.ap.ccmp.old.is_set && rig.ap.ccmp.next.is_set);
}

/* T51: keys that come while a handshake is under way wait for its end, and the newest wins. */
static void the_newest_key_wins(void **state)
{
    struct rsn_frame m1, m2;
    struct rsn_rig rig;

    rsn_live(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    m1 = rig.ap.sent;
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(3)), LK_OK); /* while message 1 is out */
    assert_int_equal(rig.ap.sent.len, 0);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(5)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &m1), LK_OK);
    assert_int_equal(rig.sta.sent.len, 0); /* two keys are kept, and that is neither */
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &m1), LK_OK);
    m2 = rig.sta.sent;
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(5)), LK_OK); /* while message 2 is out */
    assert_int_equal(rsn_ap_receives(&rig, &m2), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(5)), LK_OK); /* while message 3 is out */
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    assert_int_equal(rig.ap.opens, 2);
    rsn_run(&rig);
    assert_int_equal(rig.ap.opens, 3);
    assert_int_equal(rig.sta.opens, 3);
    assert_int_equal(rig.s.pmk.octets[0], 5);
    assert_int_equal(rig.a.pmk.octets[0], 5);
    assert_int_equal(rig.ap.failures + rig.sta.failures, 0);
}

/* T51: the station has moved on to the newest key before message 1 of the last came: the WT does
 * not try that one to its end. */
static void a_key_that_was_passed_over_is_not_tried_to_its_end(void **state)
{
    struct rsn_rig rig;

    rsn_live(&rig, LK_AKM_PSK);
    for (uint8_t key = 2; key <= 3; key++)
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(key)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    rsn_run(&rig);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(3)), LK_OK);
    (void)expire(&rig);
    rsn_run(&rig);
    assert_int_equal(rig.ap.rekeys, 1);
    assert_int_equal(rig.sta.rekeys, 1);
    assert_int_equal(rig.ap.failures, 0);
}

/* A05: an end that cannot change keys in place leaves, and the new association has the new key. */
static void a_key_is_changed_by_association_where_it_must(void **state)
{
    for (unsigned who = 0; who < 2; who++) {
        struct rsn_rig rig;

        rsn_live(&rig, LK_AKM_PSK_SHA256);
        (who == 0 ? &rig.ap : &rig.sta)->config.in_place = false;
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
        rsn_run(&rig);
        assert_int_equal(rig.ap.reassociates, who == 0);
        assert_int_equal(rig.sta.reassociates, who == 1);
        assert_int_equal((who == 0 ? &rig.ap : &rig.sta)->reason, LK_REASON_RSN_NOT_IN_PLACE);
        assert_int_equal(rig.ap.opens, 1);
        lk_rsn_ccmp_wipe(&rig.ap.ccmp);
        lk_rsn_ccmp_wipe(&rig.sta.ccmp);
        if (who == 0) /* with the association its PMK went */
            assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
        rsn_associate(&rig);
        rsn_run(&rig);
        assert_int_equal(rig.ap.opens, 2);
        assert_int_equal(rig.a.pmk.octets[0], 2);
        assert_int_equal(rig.ap.rekeys, 0);
        (void)talk(&rig);
    }
}

/* Any frame lost, in any place: the tries bring it through, with one installation at each end. */
static void one_lost_frame_is_made_up_for(void **state)
{
    for (unsigned lost = 0; lost < 4; lost++) {
        struct rsn_rig rig;
        unsigned frame = 0;

        rsn_live(&rig, LK_AKM_PSK);
        assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
        assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
        while (rig.ap.opens < 2) {
            struct rsn_frame m = rig.ap.sent.len > 0 ? rig.ap.sent : rig.sta.sent;
            bool down = rig.ap.sent.len > 0;

            assert_true(frame < 10);
            rig.ap.sent.len = rig.sta.sent.len = 0;
            if (frame++ == lost)
                (void)expire(&rig);
            else
                assert_int_equal(down ? rsn_sta_receives(&rig, &m) : rsn_ap_receives(&rig, &m),
                                 LK_OK);
        }
        assert_int_equal(rig.ap.installs, 2);
        assert_int_equal(rig.sta.installs, 2);
        (void)talk(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_are_those_of_the_vectors),
        cmocka_unit_test(group_handshake_is_that_of_the_vector),
        cmocka_unit_test(wrong_order_is_that_of_the_vector),
        cmocka_unit_test(the_wt_may_mean_either_key),
        cmocka_unit_test(message_3_again_installs_nothing),
        cmocka_unit_test(data_under_the_new_key_ends_a_handshake),
        cmocka_unit_test(a_newer_key_comes_through_when_message_4_does_not),
        cmocka_unit_test(a_forged_message_1_moves_nothing),
        cmocka_unit_test(data_goes_on_through_a_rekey),
        cmocka_unit_test(the_newest_key_wins),
        cmocka_unit_test(a_key_that_was_passed_over_is_not_tried_to_its_end),
        cmocka_unit_test(a_key_is_changed_by_association_where_it_must),
        cmocka_unit_test(one_lost_frame_is_made_up_for),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
