/* Whom the WT does not let in: strangers, and stations that were told something else than it has;
 * and what it says of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wt_case.h"

enum { A = 0, B = 1, ID_A = 100 };

static enum lk_status says(const struct wt_frame *frame)
{
    return rig_frame(&rig, lk_span_of(frame->octets, frame->len));
}

/* A03: a key comes over Xw or not at all: without one there is no association, and who was not
 * announced is told the same. */
static void there_is_no_association_without_a_key(void **state)
{
    struct lk_xwap m = rig_addition(A, ID_A, 0);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_associate(&rig, A); /* a stranger */
    assert_int_equal(rig.station[A].status, LK_80211_INVALID_PMKID);
    assert_int_equal(rig.refusal, LK_REASON_LWA_STATION);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig.station[A].status = 0;
    rig_associate(&rig, A);
    assert_int_equal(rig.station[A].status, LK_80211_INVALID_PMKID);
    assert_int_equal(rig.refusal, LK_REASON_RSN_NO_PMK);
    assert_int_equal(rig.station[A].refusals, 2);
    assert_int_equal(lk_wt_counted(rig.wt)->handshakes, 0);
}

/* What the step before says of a refusal: for a log that is to tell what to mend. */
static void refused_for(enum lk_reason reason, const char *expected, const char *came)
{
    const struct lk_wt_output *item = NULL;

    for (size_t i = 0; i < rig.out.count; i++)
        if (rig.out.item[i].kind == LK_WT_OUT_REFUSAL)
            item = &rig.out.item[i];
    assert_non_null(item);
    assert_int_equal(item->refusal.reason, reason);
    assert_string_equal(item->refusal.expected, expected);
    assert_string_equal(item->refusal.came, came);
}

/* A device that was told another BSSID is heard asking for it. It is no answer's business, nor is
 * an authentication for a group; one address is told of once. */
static void who_asks_another_address_is_told_of(void **state)
{
    struct wt_frame frame;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_authenticate(&rig, A);
    frame = rig_take(&rig);
    frame.octets[9] = 0x99;
    assert_int_equal(says(&frame), LK_E_NOT_FOUND);
    refused_for(LK_REASON_LWA_BSSID, "02:00:00:00:00:01", "02:00:00:00:00:99");
    assert_int_equal(rig.flying, 0);
    assert_int_equal(says(&frame), LK_E_NOT_FOUND);
    assert_int_equal(rig.out.count, 0);
    frame.octets[4] = 3;
    assert_int_equal(says(&frame), LK_E_NOT_FOUND);
    assert_int_equal(rig.out.count, 0);
    frame = rig_association_request(&rig, A, false);
    frame.octets[9] = 0x98;
    assert_int_equal(says(&frame), LK_E_NOT_FOUND);
    assert_int_equal(rig.out.count, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->frames_foreign, 4);
}

/* Ten thousand stations that nobody has announced: each is answered, not one is kept. */
static void a_flood_of_strangers_leaves_nothing(void **state)
{
    struct wt_frame ask, join;
    uint8_t *before;
    size_t size;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    rig_authenticate(&rig, B);
    ask = rig_take(&rig);
    join = rig_association_request(&rig, B, false);
    size = lk_wt_size(&rig.config);
    before = test_malloc(size);
    memcpy(before, rig.memory, size);
    for (unsigned i = 0; i < 10000; i++) {
        ask.octets[12] = join.octets[12] = (uint8_t)(i >> 8);
        ask.octets[13] = join.octets[13] = (uint8_t)i;
        ask.octets[10] = join.octets[10] = 6; /* nobody's */
        assert_int_equal(says(&ask), LK_OK);
        assert_int_equal(says(&join), LK_E_DENIED);
        assert_int_equal(lk_wt_ue_count(rig.wt), 1);
        rig.flying = 0;
    }
    assert_int_equal(lk_wt_counted(rig.wt)->strangers_refused, 10000);
    /* but for counters, all is as it was: the rows lie behind the head */
    assert_memory_equal(before + size / 2, rig.memory + size / 2, size - size / 2);
    test_free(before);
    rig_assert_agrees(&rig, A);
}

/* spec: IEEE 802.11 11.3.4 - only open system, only a first message is answered.
 * spec: IEEE 802.11 11.3.5 - who was not authenticated does not associate; another SSID or element
 * is refused, and an association that there is goes on. */
static void associations_are_judged(void **state)
{
    struct wt_frame frame, good;
    struct lk_xwap m = rig_addition(B, ID_A + B, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    frame = rig_association_request(&rig, B, false);
    assert_int_equal(says(&frame), LK_E_UNEXPECTED);
    rig_run(&rig);
    assert_int_equal(rig.station[B].reason, LK_80211_REASON_NOT_AUTHENTICATED);
    rig_authenticate(&rig, A);
    good = frame = rig_take(&rig);
    frame.octets[24] = 1; /* shared key */
    assert_int_equal(says(&frame), LK_OK);
    assert_int_equal(rig.out.item[0].frame.at[28], LK_80211_ALGORITHM);
    rig.flying = 0;
    frame = good;
    frame.octets[26] = 2;
    assert_int_equal(says(&frame), LK_E_UNEXPECTED);
    assert_int_equal(rig.flying, 0);
    good = frame = rig_association_request(&rig, A, false);
    frame.octets[24 + 4 + 2] ^= 1; /* its SSID */
    assert_int_equal(says(&frame), LK_E_DENIED);
    refused_for(LK_REASON_LWA_SSID, "lwa", "mwa");
    frame = good;
    frame.octets[good.len - 3] = LK_AKM_PSK; /* the AKM, before the capabilities */
    rig.flying = 0;
    assert_int_equal(says(&frame), LK_E_DENIED);
    refused_for(LK_REASON_RSN_SUITE, "psk-sha256", "psk");
    rig_run(&rig);
    assert_int_equal(rig.station[A].status, LK_80211_INVALID_AKM);
    rig_assert_agrees(&rig, A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(there_is_no_association_without_a_key),
        CASE(who_asks_another_address_is_told_of),
        CASE(a_flood_of_strangers_leaves_nothing),
        CASE(associations_are_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
