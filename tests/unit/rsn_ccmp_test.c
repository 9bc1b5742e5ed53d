/* proto/rsn/ccmp: packet numbers, replay counters, keys that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rsn_rig.h"

static struct rsn_rig rig;

static struct lk_tk tk_of(uint8_t octet)
{
    struct lk_tk tk;

    memset(tk.octets, octet, sizeof tk.octets);
    return tk;
}

static int open_rig(void **state)
{
    struct lk_tk tk = tk_of(1);

    rsn_rig_open(&rig, LK_AKM_PSK);
    assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &tk, 0), LK_OK);
    assert_int_equal(lk_rsn_ccmp_install(&rig.sta.ccmp, &tk, 0), LK_OK);
    return 0;
}

static enum lk_status up(uint8_t tid)
{
    return rsn_open(&rig, &rig.ap, rsn_seal(&rig.sta, true, tid, "up"));
}

/* A frame that stays when others are sealed. */
static struct lk_span keep(struct lk_span frame)
{
    static uint8_t room[8][256];
    static unsigned turn;
    uint8_t *place = room[turn++ % LK_COUNT_OF(room)];

    assert_true(frame.len <= sizeof room[0]);
    memcpy(place, frame.at, frame.len);
    return lk_span_of(place, frame.len);
}

/* spec: IEEE 802.11 12.5.3.3 - packet numbers from 1, one by one; when the last is used, nothing
 * more goes out. */
static void packet_numbers_only_rise(void **state)
{
    struct lk_span frame = rsn_seal(&rig.sta, true, 0, "one");
    struct lk_80211_header header = { .kind = LK_80211_DATA };
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(frame.at[26], 1);
    assert_int_equal(frame.at[29], 0x20);
    assert_int_equal(rsn_seal(&rig.sta, true, 0, "two").at[26], 2);
    rig.sta.ccmp.now.sent = LK_CCMP_PN_MAX - 1;
    assert_int_equal(up(0), LK_OK);
    assert_int_equal(lk_rsn_ccmp_seal(&rig.sta.ccmp, &w, &header, lk_span_text("no")),
                     LK_E_EXPIRED);
    assert_int_equal(w.len, 0);
}

/* spec: IEEE 802.11 12.5.3.4 - a replay counter for each TID; what is altered does not move it. */
static void a_replay_is_dropped_and_counted(void **state)
{
    struct lk_span first = keep(rsn_seal(&rig.sta, true, 0, "first"));
    struct lk_span second = keep(rsn_seal(&rig.sta, true, 0, "second"));
    struct lk_span other = keep(rsn_seal(&rig.sta, true, 5, "other"));
    struct lk_span third = keep(rsn_seal(&rig.sta, true, 0, "third"));
    uint8_t altered[256];

    memcpy(altered, third.at, third.len);
    altered[third.len - 1] ^= 1;
    assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(altered, third.len)), LK_E_MAC);
    assert_int_equal(rsn_open(&rig, &rig.ap, second), LK_OK);
    assert_int_equal(rsn_open(&rig, &rig.ap, second), LK_E_SYNC);
    assert_int_equal(rsn_open(&rig, &rig.ap, first), LK_E_SYNC);
    assert_int_equal(rsn_open(&rig, &rig.ap, third), LK_OK);
    assert_int_equal(rsn_open(&rig, &rig.ap, other), LK_OK);
    assert_int_equal(rig.ap.ccmp.replayed, 2);
    assert_int_equal(rig.ap.ccmp.altered, 1);
}

/* A02: a TK that is in is not installed again, nor one of zeroes; numbers and counters stay. */
static void a_key_is_installed_once(void **state)
{
    struct lk_tk zeroes = tk_of(0), first = tk_of(1), second = tk_of(2);
    struct lk_span old = keep(rsn_seal(&rig.sta, true, 0, "old"));

    assert_int_equal(rsn_open(&rig, &rig.ap, old), LK_OK);
    assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &zeroes, 0), LK_E_VALUE);
    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &zeroes), LK_E_VALUE);
    assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &first, 0), LK_E_EXISTS);
    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &first), LK_E_EXISTS);
    assert_int_equal(lk_rsn_ccmp_install(&rig.sta.ccmp, &first, 0), LK_E_EXISTS);
    assert_int_equal(rsn_open(&rig, &rig.ap, old), LK_E_SYNC);
    assert_int_equal(rig.sta.ccmp.now.sent, 1);
    /* Installed after it was prepared: with what it has received. */
    assert_int_equal(lk_rsn_ccmp_install(&rig.sta.ccmp, &second, rig.now_ms), LK_OK);
    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &second), LK_OK);
    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &second), LK_E_EXISTS);
    old = keep(rsn_seal(&rig.sta, true, 0, "new"));
    assert_int_equal(rsn_open(&rig, &rig.ap, old), LK_OK);
    assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &second, rig.now_ms), LK_OK);
    assert_int_equal(rsn_open(&rig, &rig.ap, old), LK_E_SYNC);
    assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &first, rig.now_ms), LK_E_EXISTS);
    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &first), LK_E_EXISTS);
}

/* T51: what comes under the key that is prepared is told of: the other end has it in. */
static void the_use_of_the_next_key_is_told(void **state)
{
    static struct lk_rsn_data data;
    struct lk_tk second = tk_of(2);

    assert_int_equal(lk_rsn_ccmp_prepare(&rig.ap.ccmp, &second), LK_OK);
    for (unsigned i = 0; i < 3; i++) { /* under now, under next, under it when it is now */
        struct lk_span frame = rsn_seal(&rig.sta, true, 0, "up");

        assert_int_equal(lk_rsn_ccmp_open(&rig.ap.ccmp, &data, frame, rig.now_ms), LK_OK);
        assert_int_equal(data.by_next, i == 1);
        assert_int_equal(lk_rsn_ccmp_open(&rig.ap.ccmp, &data, frame, rig.now_ms), LK_E_SYNC);
        assert_false(data.by_next);
        if (i == 0)
            assert_int_equal(lk_rsn_ccmp_install(&rig.sta.ccmp, &second, rig.now_ms), LK_OK);
        else if (i == 1)
            assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &second, rig.now_ms), LK_OK);
    }
}

/* The key before is received with until the first frame under the new one, or for its time: that of
 * docs/keys.md. */
static void the_old_key_goes(void **state)
{
    struct lk_tk second = tk_of(2);

    for (unsigned by_time = 0; by_time < 2; by_time++) {
        struct lk_span late, later;

        (void)open_rig(state);
        assert_int_equal(LK_RSN_OLD_TK_MS, 3000);
        assert_true(lk_rsn_ccmp_due_ms(&rig.ap.ccmp) == UINT64_MAX);
        late = keep(rsn_seal(&rig.sta, true, 1, "late"));
        later = keep(rsn_seal(&rig.sta, true, 1, "later"));
        assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &second, rig.now_ms), LK_OK);
        assert_int_equal(lk_rsn_ccmp_install(&rig.sta.ccmp, &second, rig.now_ms), LK_OK);
        assert_int_equal(lk_rsn_ccmp_due_ms(&rig.ap.ccmp), rig.now_ms + LK_RSN_OLD_TK_MS);
        rig.now_ms += LK_RSN_OLD_TK_MS - 1;
        lk_rsn_ccmp_expire(&rig.ap.ccmp, rig.now_ms);
        assert_int_equal(rsn_open(&rig, &rig.ap, late), LK_OK);
        if (by_time)
            rig.now_ms++;
        else
            assert_int_equal(up(0), LK_OK);
        assert_int_equal(rsn_open(&rig, &rig.ap, later), LK_E_MAC);
        assert_false(rig.ap.ccmp.old.is_set);
    }
}

/* A04: a fragment under one key and one under the next are never joined, as none is taken; nor is
 * an aggregate. */
static void pieces_are_refused(void **state)
{
    static const struct {
        uint8_t flags, fragment;
        uint16_t qos;
    } rows[] = { { LK_80211_MORE_FRAGMENTS, 0, 0 }, { 0, 1, 0 }, { 0, 0, LK_80211_QOS_AGGREGATE } };
    struct lk_tk second = tk_of(2);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_80211_header header = { .kind = LK_80211_QOS_DATA, .flags = rows[i].flags,
                                          .fragment = rows[i].fragment, .qos = rows[i].qos };
        uint8_t octets[256];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_span whole = keep(rsn_seal(&rig.sta, true, 0, "piece"));
        uint8_t piece[256];

        assert_int_equal(lk_rsn_ccmp_seal(&rig.ap.ccmp, &w, &header, lk_span_text("piece")),
                         LK_E_UNSUPPORTED);
        memcpy(piece, whole.at, whole.len);
        piece[1] |= rows[i].flags;
        piece[22] |= rows[i].fragment;
        piece[24] |= (uint8_t)rows[i].qos;
        assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(piece, whole.len)), LK_E_UNSUPPORTED);
        if (i == 0) /* the epoch changes between them */
            assert_int_equal(lk_rsn_ccmp_install(&rig.ap.ccmp, &second, 0), LK_OK);
    }
    assert_int_equal(rig.ap.ccmp.in_pieces, LK_COUNT_OF(rows));
}

/* A05: no clear frame goes out or is taken, whatever happens to the keys meanwhile. */
static void nothing_is_in_clear(void **state)
{
    struct lk_80211_header header = { .kind = LK_80211_DATA };
    struct lk_rsn_ccmp none;
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_span frame = keep(rsn_seal(&rig.sta, true, 0, "secret"));
    uint8_t clear[256];

    lk_rsn_ccmp_init(&none);
    assert_int_equal(lk_rsn_ccmp_seal(&none, &w, &header, lk_span_text("no")), LK_E_NOT_FOUND);
    assert_int_equal(w.len, 0);
    assert_int_equal(frame.at[1] & LK_80211_PROTECTED, LK_80211_PROTECTED);
    memcpy(clear, frame.at, frame.len);
    clear[1] &= (uint8_t)~LK_80211_PROTECTED;
    assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(clear, frame.len)), LK_E_DENIED);
    assert_int_equal(rig.ap.ccmp.in_clear, 1);
    lk_rsn_ccmp_wipe(&rig.ap.ccmp);
    assert_int_equal(rsn_open(&rig, &rig.ap, frame), LK_E_NOT_FOUND);
    assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(clear, frame.len)), LK_E_DENIED);
}

static void cut_frames_are_refused(void **state)
{
    enum { MIC_AT = 26 + LK_CCMP_HEADER_LEN };
    struct lk_span frame = keep(rsn_seal(&rig.sta, true, 0, ""));

    for (size_t len = 0; len < frame.len; len++) {
        enum lk_status status = rsn_open(&rig, &rig.ap, lk_span_of(frame.at, len));

        assert_int_not_equal(status, LK_OK);
        if (len >= MIC_AT)
            assert_int_equal(status, LK_E_SHORT);
    }
    assert_int_equal(rsn_open(&rig, &rig.ap, frame), LK_OK);
}

/* More than a frame can be has no room. */
static void frames_that_are_too_long_are_refused(void **state)
{
    static uint8_t octets[LK_80211_FRAME_MAX + 1];
    struct lk_span frame = keep(rsn_seal(&rig.sta, true, 0, "up"));

    memcpy(octets, frame.at, frame.len);
    assert_int_equal(rsn_open(&rig, &rig.ap, LK_SPAN(octets)), LK_E_LENGTH);
    assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(octets, LK_80211_FRAME_MAX)), LK_E_MAC);
    assert_int_equal(rig.ap.ccmp.altered, 1);
}

/* The key of a pair has key id 0, which nothing else protects: a frame of another is not ours. */
static void another_key_id_is_refused(void **state)
{
    struct lk_span frame = keep(rsn_seal(&rig.sta, true, 0, "up"));
    uint8_t other[256];

    for (unsigned key_id = 1; key_id < 4; key_id++) {
        memcpy(other, frame.at, frame.len);
        other[29] |= (uint8_t)(key_id << 6);
        assert_int_equal(rsn_open(&rig, &rig.ap, lk_span_of(other, frame.len)), LK_E_NOT_FOUND);
    }
    assert_int_equal(rsn_open(&rig, &rig.ap, frame), LK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(packet_numbers_only_rise, open_rig),
        cmocka_unit_test_setup(a_replay_is_dropped_and_counted, open_rig),
        cmocka_unit_test_setup(a_key_is_installed_once, open_rig),
        cmocka_unit_test_setup(the_use_of_the_next_key_is_told, open_rig),
        cmocka_unit_test_setup(the_old_key_goes, open_rig),
        cmocka_unit_test_setup(pieces_are_refused, open_rig),
        cmocka_unit_test_setup(nothing_is_in_clear, open_rig),
        cmocka_unit_test_setup(cut_frames_are_refused, open_rig),
        cmocka_unit_test_setup(frames_that_are_too_long_are_refused, open_rig),
        cmocka_unit_test_setup(another_key_id_is_refused, open_rig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
