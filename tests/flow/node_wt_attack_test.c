/* The WT as a node among who means it no good: frames again, altered, cut, in clear, in pieces; and
 * what stays in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "wt_case.h"

enum { A = 0, B = 1, ID_A = 100 };

static enum lk_status rekey(uint8_t key)
{
    struct lk_xwap m = rig_key(&rig, A, ID_A, key);

    rig_station_key(&rig, A, key);
    return rig_xw(&rig, WT_ENB, &m);
}

static enum lk_status says(const struct wt_frame *frame)
{
    return rig_frame(&rig, lk_span_of(frame->octets, frame->len));
}

/* ---- frames again ---- */

/* A02, T54: message 3 twice, M1 M3 M1 M3, message 3 after data, and each answer of the station
 * again, in a set-up and in a re-key: one installation of each TK at both ends, and no packet
 * number is used twice. */
static void nothing_is_installed_twice(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    for (uint8_t key = 2; key < 6; key++) {
        struct wt_frame m1, m2, m3, m4;
        uint64_t sent, installs = lk_wt_counted(rig.wt)->installs;
        unsigned at_station = rig.station[A].installs;

        assert_int_equal(rekey(key), LK_OK);
        m1 = rig_take(&rig);
        rig_deliver(&rig, &m1);
        m2 = rig_take(&rig);
        rig_deliver(&rig, &m2);
        m3 = rig_take(&rig);
        rig_deliver(&rig, &m3);
        m4 = rig_take(&rig);
        rig_deliver(&rig, &m3); /* the same frame: its packet number was seen */
        rig_deliver(&rig, &m1);
        rig_deliver(&rig, &m3);
        assert_int_equal(says(&m2), LK_E_SYNC);
        assert_int_equal(says(&m4), LK_OK);
        rig_assert_agrees(&rig, A);
        sent = rig_told(&rig, A).sent;
        assert_true(sent > 0);
        rig_deliver(&rig, &m3);
        assert_int_not_equal(says(&m4), LK_OK);
        assert_int_not_equal(says(&m2), LK_OK);
        rig_run(&rig);
        rig_assert_agrees(&rig, A);
        assert_true(rig_told(&rig, A).sent > sent);
        assert_true(rig.station[A].ccmp.now.sent >= 2);
        assert_int_equal(lk_wt_counted(rig.wt)->installs, installs + 1);
        assert_int_equal(rig.station[A].installs, at_station + 1);
        assert_int_equal(rig.station[A].deauthentications, 0);
    }
    assert_true(lk_wt_counted(rig.wt)->replayed > 0);
    assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
}

/* A02: the set-up again, whose frames are in clear: message 4 twice, message 2 after it. */
static void a_first_handshake_is_not_played_again(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);
    struct wt_frame m1, m2, m3, m4;

    rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 1);
    rig_authenticate(&rig, A);
    rig_pass(&rig, 4);
    m1 = rig_take(&rig);
    rig_deliver(&rig, &m1);
    m2 = rig_take(&rig);
    rig_deliver(&rig, &m2);
    assert_int_equal(says(&m2), LK_E_SYNC);
    m3 = rig_take(&rig);
    rig_deliver(&rig, &m3);
    rig_deliver(&rig, &m1);
    rig_deliver(&rig, &m3);
    m4 = rig_take(&rig);
    rig_deliver(&rig, &m4);
    rig_assert_agrees(&rig, A);
    assert_int_equal(says(&m4), LK_E_DENIED); /* in clear: not looked at */
    assert_int_equal(says(&m2), LK_E_DENIED);
    assert_int_equal(lk_wt_counted(rig.wt)->in_clear, 2);
    assert_int_equal(lk_wt_counted(rig.wt)->installs, 1);
    rig_assert_agrees(&rig, A);
}

/* spec: IEEE 802.11 12.7.9 - A05: while there is a TK nothing in clear is taken, in a re-key too,
 * neither EAPOL nor data; and nobody gets data through before there is one. */
static void nothing_in_clear_is_taken(void **state)
{
    static const uint8_t pdu[] = { WT_DRB, 'x' };
    struct lk_xwap m = rig_addition(A, ID_A, 1);
    struct wt_frame frame, m2;
    struct lk_80211_header header;
    struct lk_span body;
    static struct lk_rsn_data data;
    struct lk_rsn_ccmp copy;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_authenticate(&rig, A);
    rig_pass(&rig, 4);
    frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), true);
    assert_int_equal(says(&frame), LK_E_DENIED);
    rig_close(&rig);
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), true);
    assert_int_equal(says(&frame), LK_E_DENIED);
    assert_int_equal(rekey(2), LK_OK);
    assert_int_equal(says(&frame), LK_E_DENIED);
    frame = rig_take(&rig);
    rig_deliver(&rig, &frame);
    m2 = rig_take(&rig);
    /* the true message 2, taken out of its protection by who has the key */
    copy = rig.station[A].ccmp;
    memset(copy.now.received, 0, sizeof copy.now.received);
    assert_int_equal(lk_80211_decode(&header, &body, lk_span_of(m2.octets, m2.len)), LK_OK);
    assert_int_equal(lk_rsn_ccmp_open(&copy, &data, lk_span_of(m2.octets, m2.len), rig.now_ms),
                     LK_OK);
    frame = rig_station_data(&rig, A, LK_EAPOL_ETHERTYPE,
                             lk_span_of(data.octets + LK_LLC_LEN, data.len - LK_LLC_LEN), true);
    assert_int_equal(says(&frame), LK_E_DENIED);
    assert_int_equal(lk_wt_counted(rig.wt)->in_clear, 3);
    assert_int_equal(rig.flying, 0);
    assert_int_equal(says(&m2), LK_OK);
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
}

/* A04: a fragment under one TK and its rest under the next, and an aggregate: none is taken. */
static void nothing_in_pieces_is_taken(void **state)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    for (unsigned part = 0; part < 2; part++) {
        struct wt_frame frame;
        static const uint8_t pdu[] = { WT_DRB, 'x' };

        frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), false);
        if (part == 0)
            frame.octets[1] |= LK_80211_MORE_FRAGMENTS;
        else
            frame.octets[22] |= 1; /* fragment number */
        rig.up[0] = '\0';
        assert_int_equal(says(&frame), LK_E_UNSUPPORTED);
        assert_string_equal(rig.up, "");
        assert_int_equal(rekey((uint8_t)(part + 2)), LK_OK);
        rig_run(&rig);
    }
    assert_int_equal(lk_wt_counted(rig.wt)->in_pieces, 2);
    rig_assert_agrees(&rig, A);
}

/* A frame of data again is dropped, and so is one of another station's address. */
static void data_is_taken_once_and_from_its_station(void **state)
{
    static const uint8_t pdu[] = { WT_DRB, 'x' };
    struct wt_frame frame;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_live(&rig, B);
    frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), false);
    frame.octets[0] ^= 0x40; /* a subtype that has no data: its number is not spent */
    assert_int_equal(says(&frame), LK_E_UNKNOWN);
    frame.octets[0] ^= 0x40;
    frame.octets[1] ^= LK_80211_FROM_DS;
    assert_int_equal(says(&frame), LK_E_VALUE);
    frame.octets[1] ^= LK_80211_FROM_DS;
    assert_int_equal(says(&frame), LK_OK);
    assert_int_equal(says(&frame), LK_E_SYNC);
    frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), false);
    frame.octets[15]++; /* from B */
    assert_int_equal(says(&frame), LK_E_MAC);
    frame.octets[15] += 7; /* from nobody */
    assert_int_equal(says(&frame), LK_E_NOT_FOUND);
    frame = rig_station_data(&rig, A, 0x0800, LK_SPAN(pdu), false);
    assert_int_equal(says(&frame), LK_E_UNKNOWN);
    assert_int_equal(lk_wt_counted(rig.wt)->data_up, 3);
}

/* A PDU goes up as long as there is room for it everywhere; a frame has room for more. */
static void a_pdu_that_is_too_long_is_dropped(void **state)
{
    static uint8_t lwa[1 + LK_WT_PDU_MAX + 100] = { WT_DRB };
    struct wt_frame frame;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    for (size_t len = LK_WT_PDU_MAX - 1; len < sizeof lwa; len++) {
        frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, lk_span_of(lwa, 1 + len), false);
        assert_int_equal(says(&frame), len <= LK_WT_PDU_MAX ? LK_OK : LK_E_LENGTH);
    }
    rig_assert_agrees(&rig, A);
}

/* Who sends to another access point, as a group, or under the WT's own address, and what goes the
 * wrong way, is not heard; nor is a management frame that says to be protected, or in pieces. */
static void frames_of_no_station_of_ours_are_not_heard(void **state)
{
    static const struct {
        size_t at;
        uint8_t mask, octet;
        enum lk_status data, management;
    } rows[] = {
        { 9, 0xff, 9, LK_E_NOT_FOUND, LK_E_NOT_FOUND },   /* to another */
        { 10, 0x01, 1, LK_E_NOT_FOUND, LK_E_NOT_FOUND },  /* from a group */
        { 15, 0xff, 1, LK_E_NOT_FOUND, LK_E_NOT_FOUND },  /* from ourselves */
        { 1, 0x03, LK_80211_FROM_DS, LK_E_VALUE, LK_OK }, /* not up; a bit of data alone */
        { 1, 0x03, 0, LK_E_VALUE, LK_OK },
        { 1, LK_80211_PROTECTED, LK_80211_PROTECTED, LK_OK, LK_E_UNSUPPORTED },
        { 1, LK_80211_MORE_FRAGMENTS, LK_80211_MORE_FRAGMENTS, LK_OK, LK_E_UNSUPPORTED },
        { 22, 0x0f, 1, LK_OK, LK_E_UNSUPPORTED },
    };
    static const uint8_t pdu[] = { WT_DRB, 'x' };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint64_t foreign;

        rig_open(&rig, LK_AKM_PSK_SHA256);
        rig_live(&rig, A);
        for (unsigned management = 0; management < 2; management++) {
            struct wt_frame frame = management ? rig_association_request(&rig, A, true)
                                               : rig_station_data(&rig, A, LK_LWA_ETHERTYPE,
                                                                  LK_SPAN(pdu), false);
            enum lk_status want = management ? rows[i].management : rows[i].data;

            if (want == LK_OK)
                continue;
            foreign = lk_wt_counted(rig.wt)->frames_foreign;
            frame.octets[rows[i].at] = (uint8_t)((frame.octets[rows[i].at] & ~rows[i].mask) |
                                                 rows[i].octet);
            assert_int_equal(says(&frame), want);
            assert_int_equal(rig.flying, 0);
            assert_int_equal(lk_wt_counted(rig.wt)->frames_foreign - foreign,
                             want == LK_E_NOT_FOUND);
        }
        rig_assert_agrees(&rig, A);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* T13: whoever drives the WT says that it came from where the station is not: who sent data is told
 * so, and the association has not heard it.
 *
 * spec: IEEE 802.11 11.3.2 - who believes to be associated where it is not is told */
static void a_frame_of_elsewhere_is_nothing_to_the_association(void **state)
{
    static const uint8_t pdu[] = { WT_DRB, 'x' };
    struct lk_wt_event event = { .kind = LK_WT_EV_ELSEWHERE };
    struct lk_wt_told before, after;
    struct wt_frame frame;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    before = rig_told(&rig, A);
    frame = rig_station_data(&rig, A, LK_LWA_ETHERTYPE, LK_SPAN(pdu), false);
    event.frame = lk_span_of(frame.octets, frame.len);
    event.from = lk_span_text("elsewhere");
    assert_int_equal(rig_step(&rig, event), LK_E_NOT_FOUND);
    assert_int_equal(rig.flying, 1);
    assert_int_equal(rig_take(&rig).octets[0], LK_80211_DEAUTHENTICATION);
    assert_int_equal(rig.facts[LK_WT_DEAUTHENTICATED], 0);
    event.frame.len = 3;
    assert_int_not_equal(rig_step(&rig, event), LK_OK);
    assert_int_equal(rig.flying, 0);
    after = rig_told(&rig, A);
    assert_true(before.state == after.state && before.sent == after.sent && after.has_tk);
    rig_assert_agrees(&rig, A);
}

/* ---- hostile octets ---- */

/* Each frame of a station, cut at every length and with each octet altered: nothing is installed,
 * nobody sent away who is not, and the true frame does its work after all that. */
static void altered_and_cut_frames_do_no_harm(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 1);
    rig_authenticate(&rig, A);
    for (unsigned i = 0; i < 8; i++) { /* both ways: authentication, association, handshake */
        struct wt_frame frame = rig_take(&rig), other;
        bool is_request = frame.octets[0] == LK_80211_ASSOCIATION_REQUEST;
        size_t flying = rig.flying;

        for (size_t len = 0; frame.to_wt && len < frame.len; len++)
            (void)rig_frame(&rig, lk_span_of(frame.octets, len));
        for (size_t at = 0; frame.to_wt && !is_request && at < frame.len; at++) {
            if (at < 24)
                continue; /* of whom and what it is: another frame altogether */
            other = frame;
            other.octets[at] ^= 0x10;
            (void)says(&other);
        }
        assert_int_equal(lk_wt_counted(rig.wt)->installs, 0);
        assert_int_equal(rig.facts[LK_WT_DEAUTHENTICATED], 0);
        rig.flying = flying; /* without what came of those */
        rig_deliver(&rig, &frame);
    }
    rig_run(&rig);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
    rig_assert_agrees(&rig, A);
}

/* spec: TS 36.463 10.3 - messages of Xw, cut and altered: what is not understood is rejected, where
 * that can be, and UEs stay as they are or become what a well made message makes them. */
static void altered_and_cut_messages_do_no_harm(void **state)
{
    uint8_t octets[256], other[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_wt_event event = { .kind = LK_WT_EV_XW };
    struct lk_xwap m;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    m = rig_key(&rig, A, ID_A, 2);
    assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
    for (size_t len = 0; len < w.len; len++) {
        event.xw.octets = lk_span_of(octets, len);
        assert_int_not_equal(rig_step(&rig, event), LK_OK);
        assert_int_equal(rig.refusal, LK_REASON_LWA_XW_MALFORMED);
    }
    assert_int_equal(rig.said_count, 0);
    memcpy(other, octets, sizeof other);
    other[8] = 99; /* the identifier of the first element: unknown, and to be rejected */
    event.xw.octets = lk_span_of(other, w.len);
    assert_int_equal(rig_step(&rig, event), LK_E_UNKNOWN);
    assert_int_equal(rig_told(&rig, A).state, LK_LWA_WT_ACTIVE);
    for (size_t bit = 0; bit < w.len * 8; bit++) {
        memcpy(other, octets, sizeof other);
        other[bit / 8] ^= (uint8_t)(1u << bit % 8);
        event.xw.octets = lk_span_of(other, w.len);
        (void)rig_step(&rig, event);
        rig.flying = 0;
    }
    assert_int_equal(lk_wt_ue_count(rig.wt), 1);
}

/* ---- secrets ---- */

static bool is_in(const uint8_t *octets, size_t len, const uint8_t *what, size_t what_len)
{
    for (size_t i = 0; i + what_len <= len; i++)
        if (lk_span_equal(lk_span_of(octets + i, what_len), lk_span_of(what, what_len)))
            return true;
    return false;
}

/* A released UE leaves no key in memory, and a WT that is wiped nothing at all. */
static void keys_are_wiped(void **state)
{
    uint8_t pmk[LK_XWAP_KEY_LEN];
    size_t size;
    struct lk_tk tk;
    struct lk_xwap m;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    size = lk_wt_size(&rig.config);
    tk = rig.station[A].ccmp.now.tk;
    memset(pmk, 1, sizeof pmk);
    assert_true(is_in(rig.memory, size, tk.octets, sizeof tk));
    assert_true(is_in(rig.memory, size, pmk, sizeof pmk));
    m = rig_message(&rig, A, LK_XWAP_RELEASE_REQUEST, ID_A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    assert_false(is_in(rig.memory, size, tk.octets, sizeof tk));
    assert_false(is_in(rig.memory, size, pmk, sizeof pmk));
    lk_wt_wipe(rig.wt);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(rig.memory[i], 0);
}

/* spec: IEEE 802.11 12.7.6.2 - each handshake has a nonce of its own, which comes of the seed. */
static void each_handshake_has_its_nonce(void **state)
{
    enum { NONCE_AT = 24 + LK_LLC_LEN + LK_EAPOL_HEADER_LEN + 13, HANDSHAKES = 8 };
    uint8_t nonces[HANDSHAKES][LK_RSN_NONCE_LEN];
    struct lk_xwap m = rig_addition(A, ID_A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    for (unsigned i = 0; i < HANDSHAKES; i++) {
        rig_authenticate(&rig, A);
        rig_pass(&rig, 4);
        memcpy(nonces[i], rig.air[0].octets + NONCE_AT, sizeof nonces[i]);
        rig.flying = 0;
        rig.lose = UINT32_MAX;
        rig_wait(&rig, (uint64_t)rig.config.rsn.retry_ms * rig.config.rsn.tries);
        rig.lose = 0;
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(nonces[i], nonces[j], sizeof nonces[i]);
    }
}

/* Keys are offered for a capture where the configuration says so, and else never. */
static void keys_are_offered_when_configured(void **state)
{
    for (unsigned on = 0; on < 2; on++) {
        rig_open(&rig, LK_AKM_PSK_SHA256);
        rig.config.offer_keys = on == 1;
        rig_begin(&rig);
        rig_live(&rig, A);
        rig_forget(&rig);
        assert_int_equal(rekey(2), LK_OK);
        assert_int_equal(rig.keys, on);
        rig_run(&rig);
        assert_int_equal(rig.keys, 2 * on);
        rig_close(&rig);
    }
}

static void a_configuration_may_change(void **state)
{
    struct lk_wt_config config;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    config = rig.config;
    config.ues = 1;
    config.rsn.akm = LK_AKM_PSK;
    config.rsn.in_place = false;
    lk_wt_configure(rig.wt, &config);
    assert_int_equal(rekey(2), LK_OK);
    rig_run(&rig);
    assert_int_equal(rig.station[A].deauthentications, 1);
    rig_associate(&rig, A);
    rig_assert_agrees(&rig, A);
    rig_live(&rig, B);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_installed_twice),
        CASE(a_first_handshake_is_not_played_again),
        CASE(nothing_in_clear_is_taken),
        CASE(nothing_in_pieces_is_taken),
        CASE(data_is_taken_once_and_from_its_station),
        CASE(a_pdu_that_is_too_long_is_dropped),
        CASE(frames_of_no_station_of_ours_are_not_heard),
        CASE(a_frame_of_elsewhere_is_nothing_to_the_association),
        CASE(altered_and_cut_frames_do_no_harm),
        CASE(altered_and_cut_messages_do_no_harm),
        CASE(keys_are_wiped),
        CASE(each_handshake_has_its_nonce),
        CASE(keys_are_offered_when_configured),
        CASE(a_configuration_may_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
