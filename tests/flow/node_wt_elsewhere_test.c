/* The WT as a node: who asks for an association elsewhere than where the station has one, and a
 * station that has moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/wt_parts.h"
#include "wt_case.h"

/* Of those of an association: authentication, association, messages 1 to 4. */
enum { LOSE_M1 = 1 << 4, LOSE_M3 = 1 << 6 };
enum { A = 0, M1_AT = 24 + 8, NONCE_AT = M1_AT + 17, MIC_AT = M1_AT + 81 };

static struct lk_wt_ue *row(void)
{
    return lk_wt_of_mac(rig.wt, rig.station[A].mac);
}

static void open_live(void)
{
    rig_open(&rig, LK_AKM_PSK_SHA256);
    rig_live(&rig, A);
}

/* Authentication and association request of that place, and message 1 that answers; what is said
 * at the place before is lost. */
static struct wt_frame ask_from(const char *place)
{
    struct wt_frame frame;

    rig.elsewhere = lk_span_text(place);
    rig.flying = 0;
    rig_authenticate(&rig, A);
    rig_pass(&rig, 1);
    assert_int_equal(rig_take(&rig).octets[0], LK_80211_AUTHENTICATION);
    frame = rig_association_request(&rig, A, false);
    assert_int_equal(rig_frame(&rig, lk_span_of(frame.octets, frame.len)), LK_OK);
    assert_int_equal(rig_take(&rig).octets[0], LK_80211_ASSOCIATION_RESPONSE);
    frame = rig_take(&rig);
    assert_int_equal(rig.flying, 0);
    assert_int_equal(frame.octets[0], LK_80211_DATA);
    assert_int_equal(frame.octets[1] & 0x40, 0);
    return frame;
}

/* The station's message 2, as it would be sent; nothing has been delivered. */
static struct wt_frame answer_from(const char *place)
{
    rig.elsewhere = lk_span_text(place);
    rig_authenticate(&rig, A);
    rig_pass(&rig, 5); /* and its answer, the request, and its answer, and message 1 */
    assert_int_equal(rig.flying, 1);
    return rig_take(&rig);
}

static enum lk_status say_from(const char *place, const struct wt_frame *frame)
{
    rig.elsewhere = lk_span_text(place);
    return rig_frame(&rig, lk_span_of(frame->octets, frame->len));
}

/* A02, T13: a stranger who knows the address asks for as long as he likes, from wherever: the
 * association has its keys, its place, its data and its re-keys all the time. */
static void who_asks_elsewhere_disturbs_nobody(void **state)
{
    static const char *const places[] = { "Q", "R" };
    struct lk_xwap m;
    struct lk_tk tk;
    struct wt_frame m2;

    open_live();
    tk = row()->ccmp.now.tk;
    for (unsigned i = 0; i < 40; i++) {
        (void)ask_from(places[i % 2]);
        rig_station_key(&rig, A, 1);
        rig.elsewhere.len = 0;
        rig_wait(&rig, 400);
        assert_memory_equal(row()->ccmp.now.tk.octets, tk.octets, sizeof tk.octets);
        rig_assert_agrees(&rig, A);
    }
    m = rig_key(&rig, A, 100 + A, 2);
    rig_station_key(&rig, A, 2);
    (void)ask_from("Q");
    rig.elsewhere.len = 0;
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_pass(&rig, 1);
    m2 = rig_take(&rig);
    (void)ask_from("Q"); /* in the middle of it */
    rig.elsewhere.len = 0;
    rig_deliver(&rig, &m2);
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.station[A].opens, 2);
    assert_int_equal(rig.station[A].deauthentications, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->associations, 1);
    assert_int_equal(lk_wt_counted(rig.wt)->deauthentications, 0);
}

/* T13: nor does he by ending it, or by a message 2 with another MIC. */
static void nor_whatever_else_he_says(void **state)
{
    struct lk_80211_header header = { .kind = LK_80211_DEAUTHENTICATION };
    struct wt_frame frame = { .len = 0 }, m2;
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets);
    struct wt_station kept;

    open_live();
    memcpy(header.a1, rig.config.lwa.mac, LK_STATION_LEN);
    memcpy(header.a2, rig.station[A].mac, LK_STATION_LEN);
    memcpy(header.a3, rig.config.lwa.mac, LK_STATION_LEN);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, LK_80211_REASON_LEAVING);
    frame.len = w.len;
    assert_int_equal(say_from("Q", &frame), LK_E_DENIED);
    kept = rig.station[A];
    m2 = answer_from("Q");
    m2.octets[MIC_AT] ^= 1;
    assert_int_equal(say_from("Q", &m2), LK_E_MAC);
    rig.station[A] = kept;
    rig.elsewhere.len = 0;
    rig_assert_agrees(&rig, A);
    assert_int_equal(lk_wt_counted(rig.wt)->associations, 1);
}

/* A station that has moved shows its key by message 2, and is there from then on, at once; the keys
 * before are gone (A02). */
static void a_station_that_moves_is_there(void **state)
{
    struct lk_tk tk;

    open_live();
    tk = row()->ccmp.now.tk;
    for (unsigned i = 1; i < 4; i++) {
        rig.elsewhere = lk_span_text("Q");
        rig_associate(&rig, A);
        rig_assert_agrees(&rig, A);
        assert_int_equal(lk_wt_counted(rig.wt)->associations, 1 + i);
        assert_memory_not_equal(row()->ccmp.now.tk.octets, tk.octets, sizeof tk.octets);
    }
    assert_int_equal(lk_wt_counted(rig.wt)->installs_refused, 0);
    assert_int_equal(lk_wt_counted(rig.wt)->handshakes, 4);
}

/* A02, T53: a stranger who was first has the place of the first handshake: the station comes
 * nevertheless, in the middle of it or when it is over, however often he begins it anew. */
static void who_comes_first_holds_nothing(void **state)
{
    struct lk_xwap m = rig_addition(A, 100 + A, 1);

    for (unsigned ms = 0; ms < 2500; ms += 50) {
        rig_open(&rig, LK_AKM_PSK_SHA256);
        assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
        rig_station_key(&rig, A, 77);
        for (unsigned at = 0; at <= ms; at += 50) {
            rig_associate(&rig, A);
            rig_wait(&rig, 50);
        }
        rig_associate(&rig, A);
        assert_true(rig_told(&rig, A).associated);
        rig_station_key(&rig, A, 1);
        rig.elsewhere = lk_span_text("P");
        rig_associate(&rig, A);
        rig_assert_agrees(&rig, A);
        rig_close(&rig);
    }
    rig_open(&rig, LK_AKM_PSK_SHA256);
}

/* T53: a request that comes again is answered and begins nothing: the handshake without keys ends
 * when its tries are over, and that is told. */
static void a_first_handshake_has_one_deadline(void **state)
{
    struct lk_xwap m = rig_addition(A, 100 + A, 1);
    uint64_t all_ms;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    all_ms = (uint64_t)rig.config.rsn.retry_ms * rig.config.rsn.tries;
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 77);
    rig_associate(&rig, A);
    for (uint64_t ms = 0; ms < all_ms; ms += 50) {
        assert_int_equal(rig.station[A].deauthentications, 0);
        rig_associate(&rig, A);
        assert_int_equal(rig.station[A].status, LK_80211_SUCCESS);
        rig_wait(&rig, 50);
    }
    assert_int_equal(rig.station[A].deauthentications, 1);
    assert_int_equal(rig.facts[LK_WT_HANDSHAKE_BEGAN], 1);
    assert_int_equal(rig.facts[LK_WT_ASSOCIATED], 1);
    /* but under a newer key it begins anew: the station may have that one alone */
    rig_station_key(&rig, A, 1);
    rig.lose = LOSE_M1;
    rig_associate(&rig, A);
    assert_int_equal(rig.facts[LK_WT_ASSOCIATED], 2);
    m = rig_key(&rig, A, 100 + A, 2);
    rig_station_key(&rig, A, 2);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_associate(&rig, A);
    rig_assert_agrees(&rig, A);
}

/* A station that begins anew where it is has a handshake of its own at once: when its keys are
 * being changed, and when message 3 of the first one was lost. */
static void a_station_that_begins_anew_need_not_wait(void **state)
{
    struct lk_xwap m = rig_addition(A, 100 + A, 1);

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 1);
    rig.lose = LOSE_M3;
    rig_associate(&rig, A);
    assert_false(rig_told(&rig, A).has_tk);
    rig_associate(&rig, A);
    rig_assert_agrees(&rig, A);
    m = rig_key(&rig, A, 100 + A, 2);
    rig_station_key(&rig, A, 2);
    rig.lose = 1; /* message 1 */
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_associate(&rig, A);
    rig_assert_agrees(&rig, A);
    assert_int_equal(rig.facts[LK_WT_ASSOCIATED], 3);
}

/* T54: an invitation is for one place and for one time, and is taken once; its ANonce is of no
 * other. */
static void an_invitation_is_taken_once(void **state)
{
    uint8_t nonce[4][LK_RSN_NONCE_LEN];
    struct wt_frame m2, frame;
    struct lk_tk tk;

    open_live();
    frame = ask_from("Q");
    memcpy(nonce[0], frame.octets + NONCE_AT, sizeof nonce[0]);
    frame = ask_from("R");
    memcpy(nonce[1], frame.octets + NONCE_AT, sizeof nonce[1]);
    frame = ask_from("Q");
    assert_memory_equal(frame.octets + NONCE_AT, nonce[0], sizeof nonce[0]);
    m2 = answer_from("Q");
    assert_int_equal(say_from("R", &m2), LK_E_MAC);
    assert_int_equal(say_from("Q", &m2), LK_OK);
    assert_int_equal(rig.elsewhere.len, 0);
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
    tk = row()->ccmp.now.tk;
    assert_int_equal(say_from("Q", &m2), LK_E_SYNC);
    frame = ask_from("Q");
    memcpy(nonce[2], frame.octets + NONCE_AT, sizeof nonce[2]);
    assert_int_not_equal(say_from("Q", &m2), LK_OK);
    m2 = answer_from("R");
    rig.now_ms += (uint64_t)rig.config.rsn.retry_ms * rig.config.rsn.tries;
    assert_int_equal(say_from("R", &m2), LK_E_SYNC);
    frame = ask_from("Q");
    memcpy(nonce[3], frame.octets + NONCE_AT, sizeof nonce[3]);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(nonce[i], nonce[j], sizeof nonce[i]);
    assert_memory_equal(row()->ccmp.now.tk.octets, tk.octets, sizeof tk.octets);
    assert_int_equal(lk_wt_counted(rig.wt)->associations, 2);
}

/* The association of the stranger ends between message 1 and message 2 of who was invited: he is
 * there nevertheless. */
static void an_invitation_outlives_what_was_there(void **state)
{
    struct lk_xwap m = rig_addition(A, 100 + A, 1);
    struct lk_wt_event event = { .kind = LK_WT_EV_FRAME };
    struct wt_frame m2;

    rig_open(&rig, LK_AKM_PSK_SHA256);
    assert_int_equal(rig_xw(&rig, WT_ENB, &m), LK_OK);
    rig_station_key(&rig, A, 1);
    rig.lose = LOSE_M1;
    rig_associate(&rig, A);
    rig.lose = UINT32_MAX;
    rig_wait(&rig, 700);
    rig.lose = 0;
    assert_true(rig_told(&rig, A).associated);
    m2 = answer_from("P");
    rig.lose = UINT32_MAX;
    rig.elsewhere.len = 0;
    rig_wait(&rig, 400); /* with another message 1 to there */
    rig.lose = 0;
    assert_false(rig_told(&rig, A).associated);
    event.frame = lk_span_of(m2.octets, m2.len);
    event.from = lk_span_text("P");
    assert_int_equal(rig_step(&rig, event), LK_OK);
    rig_run(&rig);
    rig_assert_agrees(&rig, A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_asks_elsewhere_disturbs_nobody),
        CASE(nor_whatever_else_he_says),
        CASE(a_station_that_moves_is_there),
        CASE(who_comes_first_holds_nothing),
        CASE(a_first_handshake_has_one_deadline),
        CASE(a_station_that_begins_anew_need_not_wait),
        CASE(an_invitation_is_taken_once),
        CASE(an_invitation_outlives_what_was_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
