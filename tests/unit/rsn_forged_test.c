/* Handshake frames that say something else than they should, with a right MIC or where none is
 * asked for: other nonces, PMKIDs, keys of the group; and counters over associations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rsn_rig.h"
#include "wire/rsne.h"

enum { NONCE_AT = LK_EAPOL_HEADER_LEN + 13, REPLAY_LAST_AT = LK_EAPOL_HEADER_LEN + 12 };

static struct rsn_rig rig;

static const struct lk_rsn_event expired = { .kind = LK_RSN_EV_EXPIRED };
static const struct lk_rsn_event left = { .kind = LK_RSN_EV_LEFT };

/* The frame with a MIC of that PTK. */
static void sign(struct rsn_frame *frame, const struct lk_ptk *ptk)
{
    uint8_t mic[LK_EAPOL_MIC_LEN];

    assert_int_equal(lk_eapol_mic(mic, &ptk->kck, lk_akm_key_version(rig.ap.config.akm),
                                  lk_span_of(frame->octets, frame->len)), LK_OK);
    memcpy(frame->octets + LK_EAPOL_MIC_AT, mic, sizeof mic);
}

/* Associated, with a message 1 on its way; a station with a key more than the WT. */
static struct rsn_frame first_message_1(void)
{
    rsn_rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(2)), LK_OK);
    rsn_associate(&rig);
    return rig.ap.sent;
}

/* A message 1 that names the key of that octet. */
static struct rsn_frame naming(const struct rsn_frame *m1, uint8_t key)
{
    struct lk_rsn_event pmk = rsn_pmk(key), who = rsn_associated(&rig);
    struct rsn_frame other = *m1;

    lk_pmkid_derive(other.octets + other.len - LK_PMKID_LEN, rig.ap.config.akm, &pmk.pmk,
                    who.associated.aa, who.associated.spa);
    return other;
}

static void hear_m1(const struct rsn_frame *m1, uint8_t entropy)
{
    memset(rig.sta.entropy, entropy, sizeof rig.sta.entropy);
    assert_int_equal(rsn_sta_receives(&rig, m1), LK_OK);
}

/* ---- message 1 ---- */

/* A repeat is one with the same ANonce and the same PMKID: any other gets an SNonce and a PTK of
 * its own, that of the key that it names. */
static void another_message_1_is_answered_anew(void **state)
{
    struct rsn_frame m1 = first_message_1(), other;
    struct lk_ptk ptk;

    hear_m1(&m1, 0x51);
    ptk = rig.s.fresh;
    hear_m1(&m1, 0x52); /* a repeat */
    assert_int_equal(rig.s.snonce[0], 0x51);
    assert_memory_equal(&rig.s.fresh, &ptk, sizeof ptk);

    other = m1;
    other.octets[NONCE_AT] ^= 1;
    hear_m1(&other, 0x53);
    assert_int_equal(rig.s.snonce[0], 0x53);
    assert_memory_equal(rig.s.anonce, other.octets + NONCE_AT, LK_RSN_NONCE_LEN);
    assert_memory_not_equal(&rig.s.fresh, &ptk, sizeof ptk);

    m1 = naming(&other, 2);
    hear_m1(&m1, 0x54);
    assert_int_equal(rig.s.snonce[0], 0x54);
    assert_int_equal(rig.s.trying.octets[0], 2);
}

/* The key of the handshake under way may be meant again, when a newer one has come since. */
static void the_key_that_is_tried_may_be_meant(void **state)
{
    struct rsn_frame m1 = first_message_1(), other = naming(&m1, 2);

    hear_m1(&other, 0x51);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(3)), LK_OK);
    other.octets[NONCE_AT] ^= 1;
    hear_m1(&other, 0x52);
    assert_int_equal(rig.sta.notices, 0);
    assert_int_equal(rig.s.snonce[0], 0x52);
    assert_int_equal(rig.s.trying.octets[0], 2);
}

/* ---- message 3 ---- */

/* spec: IEEE 802.11 12.7.6.4 - message 3 has the ANonce of message 1, the first and a repeat. */
static void message_3_has_the_anonce_of_message_1(void **state)
{
    struct rsn_frame m3, other;

    rsn_rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(&rig, rsn_pmk(1)), LK_OK);
    rsn_associate(&rig);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_OK);
    assert_int_equal(rsn_ap_receives(&rig, &rig.sta.sent), LK_OK);
    m3 = rig.ap.sent;
    for (unsigned round = 0; round < 2; round++) { /* before it is in, and after */
        other = m3;
        other.octets[REPLAY_LAST_AT] = (uint8_t)(m3.octets[REPLAY_LAST_AT] + round);
        other.octets[NONCE_AT] ^= 1;
        sign(&other, &rig.a.fresh);
        assert_int_equal(rsn_sta_receives(&rig, &other), LK_OK);
        assert_int_equal(rig.sta.out.item[0].kind, LK_RSN_OUT_NOTICE);
        assert_int_equal(rig.sta.sent.len, 0);
        assert_int_equal(rig.sta.installs, round);
        if (round == 0)
            assert_int_equal(rsn_sta_receives(&rig, &m3), LK_OK);
    }
    other.octets[NONCE_AT] ^= 1;
    sign(&other, &rig.a.fresh);
    assert_int_equal(rsn_sta_receives(&rig, &other), LK_OK);
    assert_true(rig.sta.sent.len > 0);
    assert_int_equal(rig.sta.installs, 1);
}

/* ---- the group's key ---- */

/* spec: IEEE 802.11 12.7.7 - a group's key comes with all 48 bits of the number it was used to. */
static void the_number_of_a_group_key_comes_whole(void **state)
{
    enum { RSC_AT = NONCE_AT + 32 + 16 };
    static const uint8_t rsc[] = { 0xf6, 0xe5, 0xd4, 0xc3, 0xb2, 0xa1, 0, 0 };

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x62, 2, UINT64_C(0xa1b2c3d4e5f6))), LK_OK);
    assert_memory_equal(rig.ap.sent.octets + RSC_AT, rsc, sizeof rsc);
    rsn_run(&rig);
    assert_true(rig.sta.group.rsc == UINT64_C(0xa1b2c3d4e5f6));
}

/* Key id 0 is the pair's; and a G1 that brings no key is none. */
static void a_group_key_has_its_place(void **state)
{
    rsn_live(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rsn_to_ap(&rig, rsn_group(0x62, 2, 0)), LK_OK);
    rig.a.group.key_id = 0;
    assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_E_VALUE);
    rig.a.has_group = false;
    assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    assert_int_equal(rsn_sta_receives(&rig, &rig.ap.sent), LK_E_MISSING);
    assert_int_equal(rig.sta.group_installs, 1);
    assert_int_equal(rig.s.gtk_in, 1u << 1);
}

/* ---- over associations ---- */

/* spec: IEEE 802.11 12.7.2 - the WT's counter goes on over associations; the station's begins anew
 * with each, as the WT may be another. */
static void counters_over_associations(void **state)
{
    uint64_t replay;

    rsn_live(&rig, LK_AKM_PSK_SHA256);
    for (unsigned leaves = 0; leaves < 2; leaves++) {
        replay = rig.a.replay;
        assert_true(replay > 0);
        if (leaves) {
            assert_int_equal(rsn_to_ap(&rig, left), LK_OK);
            assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
        }
        rsn_associate(&rig);
        assert_true(rig.a.replay == replay + 1);
        rsn_run(&rig);
    }
    assert_int_equal(rsn_to_sta(&rig, left), LK_OK);
    lk_rsn_authenticator_init(&rig.a);
    lk_rsn_ccmp_init(&rig.ap.ccmp);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    rsn_associate(&rig);
    assert_true(rig.a.replay == 1);
    rsn_run(&rig);
    assert_int_equal(rig.sta.opens, 4);
}

/* spec: IEEE 802.11 12.6.10 - with AKM 1 and 5 a new association means the newest key, also while
 * an older one is in a handshake. */
static void an_association_means_the_newest_key(void **state)
{
    struct lk_rsn_event pmk = rsn_pmk(2), event;
    uint8_t pmkid[LK_PMKID_LEN], element[LK_RSN_ELEMENT_MAX];
    struct lk_writer w = lk_writer_of(element, sizeof element);
    struct lk_rsne rsne = lk_rsne_of(LK_AKM_8021X, 0, LK_SPAN(pmkid));

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    event = rsn_associated(&rig);
    assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, pmk), LK_OK); /* waits */
    rig.ap.config.akm = LK_AKM_8021X;
    lk_pmkid_derive(pmkid, LK_AKM_8021X, &pmk.pmk, event.associated.aa, event.associated.spa);
    assert_int_equal(lk_rsne_encode(&w, &rsne), LK_OK);
    event.associated.sta_rsne = lk_writer_span(&w);
    assert_int_equal(rsn_to_ap(&rig, event), LK_OK);
    assert_int_equal(rig.ap.refusals, 0);
    assert_int_equal(rig.a.pmk.octets[0], 2);
    assert_false(rig.a.has_next);
}

/* A05: in a first handshake there is nothing to change in place: a newer key is taken, whatever the
 * radio can do. */
static void a_first_handshake_goes_on_with_the_newer_key(void **state)
{
    rsn_rig_open(&rig, LK_AKM_PSK);
    rig.ap.config.in_place = false;
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_associated(&rig)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, rsn_pmk(2)), LK_OK);
    assert_int_equal(rsn_to_ap(&rig, expired), LK_OK);
    assert_int_equal(rig.ap.reassociates, 0);
    assert_int_equal(rig.a.state, LK_RSN_AUTHENTICATOR_AWAIT_M2);
    assert_int_equal(rig.a.pmk.octets[0], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_message_1_is_answered_anew),
        cmocka_unit_test(the_key_that_is_tried_may_be_meant),
        cmocka_unit_test(message_3_has_the_anonce_of_message_1),
        cmocka_unit_test(the_number_of_a_group_key_comes_whole),
        cmocka_unit_test(a_group_key_has_its_place),
        cmocka_unit_test(counters_over_associations),
        cmocka_unit_test(an_association_means_the_newest_key),
        cmocka_unit_test(a_first_handshake_goes_on_with_the_newer_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
