/* wire/ieee80211: frames written out by hand, every truncation of them, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/ieee80211.h"

#define AP 2, 0, 0, 0, 0, 1
#define STA 2, 0, 0, 0, 0, 2
#define OTHER 2, 0, 0, 0, 0, 3

/* ---- radiotap ---- */

static void radiotap_is_passed(void **state)
{
    static const struct {
        uint8_t octets[14];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 0, 0, 8, 0, 0, 0, 0, 0, 0xaa }, 9, LK_OK },
        { { 0, 0, 12, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0xaa }, 13, LK_OK }, /* a second bitmap */
        { { 0, 0, 9, 0, 4, 0, 0, 0, 2, 0xaa }, 10, LK_OK },              /* a rate */
        { { 0, 0, 9, 0, 2, 0, 0, 0, 0x10, 0xaa }, 10, LK_E_UNKNOWN },    /* flags */
        { { 1, 0, 8, 0, 0, 0, 0, 0, 0xaa }, 9, LK_E_UNKNOWN },
        { { 0, 0, 7, 0, 0, 0, 0, 0, 0xaa }, 9, LK_E_LENGTH },
        { { 0, 0, 9, 0, 0, 0, 0, 0 }, 8, LK_E_SHORT },
        { { 0, 0, 8, 1, 0, 0, 0, 0 }, 8, LK_E_SHORT },
    };
    uint8_t room[LK_RADIOTAP_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_span frame;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_int_equal(lk_radiotap_decode(&frame, lk_span_of(rows[i].octets, rows[i].len)),
                         rows[i].want);
        if (rows[i].want == LK_OK) {
            assert_int_equal(frame.len, 1);
            assert_int_equal(frame.at[0], 0xaa);
        }
    }
    lk_radiotap_put(&w);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_memory_equal(room, rows[0].octets, sizeof room);
    for (size_t len = 0; len <= sizeof room; len++)
        assert_int_equal(lk_radiotap_decode(&frame, lk_span_of(room, len)),
                         len < sizeof room ? LK_E_SHORT : LK_OK);
}

/* ---- MAC header ---- */

static const struct header_row {
    uint8_t octets[40];
    size_t len;
    bool management, qos, a4;
} headers[] = {
    { { 0xb0, 0, 0x3a, 1, AP, STA, AP, 0x10, 0 }, 24, true, false, false },
    { { 0xc0, 0x48, 0, 0, STA, AP, AP, 0xf0, 0xff }, 24, true, false, false },
    { { 0xb0, 0x80, 0, 0, AP, STA, AP, 0x10, 0, 1, 2, 3, 4 }, 28, true, false, false },
    { { 0x08, 1, 0, 0, AP, STA, OTHER, 0x21, 0x43 }, 24, false, false, false },
    { { 0x88, 0x42, 0, 0, STA, AP, OTHER, 0x20, 0, 5, 0 }, 26, false, true, false },
    { { 0x08, 3, 0, 0, AP, STA, OTHER, 0x20, 0, STA }, 30, false, false, true },
    { { 0x88, 3, 0, 0, AP, STA, OTHER, 0x20, 0, STA, 7, 0 }, 32, false, true, true },
    { { 0x88, 0x83, 0, 0, AP, STA, OTHER, 0x20, 0, STA, 7, 0, 1, 2, 3, 4 }, 36, false, true, true },
    { { 0x08, 0x81, 0, 0, AP, STA, OTHER, 0x20, 0 }, 24, false, false, false },
};

/* spec: IEEE 802.11 9.2.3 - which fields a header has. */
static void headers_come_back_octet_by_octet(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(headers); i++) {
        const struct header_row *row = &headers[i];
        uint8_t frame[64], room[64];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_80211_header h;
        struct lk_span body;

        memcpy(frame, row->octets, row->len);
        memcpy(frame + row->len, "body", 4);
        assert_int_equal(lk_80211_decode(&h, &body, lk_span_of(frame, row->len + 4)), LK_OK);
        assert_true(lk_span_equal(body, lk_span_text("body")));
        assert_int_equal(h.kind, row->octets[0]);
        assert_int_equal(lk_80211_is_management(&h), row->management);
        assert_int_equal(lk_80211_is_qos(&h), row->qos);
        assert_int_equal(lk_80211_has_a4(&h), row->a4);
        assert_int_equal(lk_80211_header_encode(&w, &h), LK_OK);
        assert_int_equal(w.len, row->len);
        assert_memory_equal(room, row->octets, row->len);
        for (size_t len = 0; len < row->len; len++) {
            uint8_t *copy = test_malloc(len + 1);

            memcpy(copy, frame, len);
            assert_int_equal(lk_80211_decode(&h, &body, lk_span_of(copy, len)), LK_E_SHORT);
            assert_int_equal(body.len, 0);
            test_free(copy);
        }
    }
}

static void a_header_says_what_its_octets_say(void **state)
{
    struct lk_80211_header h;
    struct lk_span body;
    static const uint8_t ap[] = { AP }, sta[] = { STA }, other[] = { OTHER };

    assert_int_equal(lk_80211_decode(&h, &body, lk_span_of(headers[3].octets, 24)), LK_OK);
    assert_int_equal(h.kind, LK_80211_DATA);
    assert_int_equal(h.flags, LK_80211_TO_DS);
    assert_memory_equal(h.a1, ap, sizeof ap);
    assert_memory_equal(h.a2, sta, sizeof sta);
    assert_memory_equal(h.a3, other, sizeof other);
    assert_int_equal(h.sequence, 0x432);
    assert_int_equal(h.fragment, 1);
    assert_int_equal(lk_80211_decode(&h, &body, lk_span_of(headers[0].octets, 24)), LK_OK);
    assert_int_equal(h.duration, 0x013a);
    assert_int_equal(lk_80211_decode(&h, &body, lk_span_of(headers[4].octets, 26)), LK_OK);
    assert_int_equal(h.flags, LK_80211_FROM_DS | LK_80211_PROTECTED);
    assert_int_equal(h.qos & LK_80211_QOS_TID, 5);
}

/* spec: IEEE 802.11 9.2.4.1 - version, type, DS bits. */
static void frame_control_is_judged(void **state)
{
    static const struct {
        uint8_t kind, flags;
        enum lk_status want;
    } rows[] = {
        { 0x09, 0, LK_E_UNKNOWN }, { 0x0a, 0, LK_E_UNKNOWN }, { 0xb4, 0, LK_E_UNKNOWN },
        { 0x0c, 0, LK_E_UNKNOWN }, { 0xb0, 1, LK_E_VALUE },   { 0xb0, 2, LK_E_VALUE },
        { 0xc8, 0, LK_OK },        { 0x80, 0, LK_OK },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t frame[26] = { rows[i].kind, rows[i].flags }, room[26];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_80211_header h;
        struct lk_span body;

        assert_int_equal(lk_80211_decode(&h, &body, LK_SPAN(frame)), rows[i].want);
        assert_int_equal(lk_80211_header_encode(&w, &h), rows[i].want);
    }
    for (int i = 0; i < 2; i++) {
        struct lk_80211_header h = { .kind = LK_80211_DATA, .sequence = i ? 0 : 4096,
                                     .fragment = i ? 16 : 0 };
        uint8_t room[26];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_80211_header_encode(&w, &h), LK_E_VALUE);
    }
}

/* ---- management ---- */

static const uint8_t request[] = {
    0x11, 0, 10, 0, 0, 3, 'l', 'w', 'a', 1, 4, 0x82, 0x84, 0x8b, 0x96, 50, 2, 0x30, 0x48,
    48, 4, 1, 0, 0, 0x0f,
};
static const uint8_t again[] = {
    0x11, 0, 10, 0, AP, 0, 3, 'l', 'w', 'a', 1, 1, 0x82, 48, 2, 1, 0,
};
static const uint8_t response[] = { 0x11, 0, 0, 0, 1, 0xc0, 1, 2, 0x82, 0x84, 48, 2, 1, 0 };

static enum lk_status request_again(struct lk_span body, bool is_again, struct lk_writer *w)
{
    struct lk_80211_association_request m;
    enum lk_status status = lk_80211_association_request_decode(&m, is_again, body);

    if (status == LK_OK)
        assert_int_equal(lk_80211_association_request_encode(w, &m), LK_OK);
    return status;
}

static enum lk_status response_again(struct lk_span body, struct lk_writer *w)
{
    struct lk_80211_association_response m;
    enum lk_status status = lk_80211_association_response_decode(&m, body);

    if (status == LK_OK)
        assert_int_equal(lk_80211_association_response_encode(w, &m), LK_OK);
    return status;
}

/* Cuts between two elements are bodies too, if nothing is missing then: those are listed. */
static void come_back(struct lk_span body, int kind, const size_t *whole)
{
    for (size_t len = 0; len <= body.len; len++) {
        uint8_t *copy = test_malloc(len + 1), room[128];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        enum lk_status status;

        memcpy(copy, body.at, len);
        status = kind < 2 ? request_again(lk_span_of(copy, len), kind == 1, &w)
                          : response_again(lk_span_of(copy, len), &w);
        if (len == *whole || len == body.len) {
            assert_int_equal(status, LK_OK);
            assert_int_equal(w.len, len);
            assert_memory_equal(room, copy, len);
            whole += *whole != 0;
        } else {
            assert_true(status == LK_E_SHORT || status == LK_E_MISSING);
        }
        test_free(copy);
    }
}

/* spec: IEEE 802.11 9.3.3 - association, reassociation, and the answer.
 * spec: IEEE 802.11 9.4.1 - the fields before the elements. */
static void associations_come_back_octet_by_octet(void **state)
{
    struct lk_80211_association_request m;
    struct lk_80211_association_response answer;
    static const uint8_t ap[] = { AP };

    come_back(LK_SPAN(request), 0, (const size_t[]){ 15, 19, 0 });
    come_back(LK_SPAN(again), 1, (const size_t[]){ 18, 0 });
    come_back(LK_SPAN(response), 2, (const size_t[]){ 10, 0 });
    assert_int_equal(lk_80211_association_request_decode(&m, true, LK_SPAN(again)), LK_OK);
    assert_int_equal(m.capabilities, LK_80211_ESS | LK_80211_PRIVACY);
    assert_int_equal(m.listen_interval, 10);
    assert_memory_equal(m.current, ap, sizeof ap);
    assert_true(lk_span_equal(m.elements.ssid, lk_span_text("lwa")));
    assert_true(lk_span_equal(m.elements.rsne, lk_span_of(again + sizeof again - 4, 4)));
    assert_int_equal(lk_80211_association_response_decode(&answer, LK_SPAN(response)), LK_OK);
    assert_int_equal(answer.aid, 1);
    assert_int_equal(answer.status, LK_80211_SUCCESS);
    assert_true(lk_span_equal(answer.elements.rsne, lk_span_of(response + 10, 4)));
}

/* spec: IEEE 802.11 9.4.2 - lengths, repeats, order, and elements that are not ours. */
static void elements_are_judged(void **state)
{
    static const struct {
        uint8_t octets[20];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 1, 1, 2, 0, 1, 'x' }, 6, LK_OK },                      /* in another order */
        { { 0, 1, 'x', 127, 2, 9, 9, 1, 1, 2, 221, 0 }, 12, LK_OK }, /* with others */
        { { 0, 1, 'x' }, 3, LK_E_MISSING },
        { { 1, 1, 2 }, 3, LK_E_MISSING },
        { { 0, 0, 1, 1, 2 }, 5, LK_E_LENGTH },
        { { 0, 1, 'x', 1, 0 }, 5, LK_E_LENGTH },
        { { 0, 1, 'x', 1, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 14, LK_E_LENGTH },
        { { 0, 1, 'x', 1, 1, 2, 48, 1, 1 }, 9, LK_E_LENGTH },
        { { 0, 1, 'x', 1, 1, 2, 50, 0 }, 8, LK_E_LENGTH },
        { { 0, 1, 'x', 1, 1, 2, 0, 1, 'y' }, 9, LK_E_TWICE },
        { { 0, 1, 'x', 1, 1, 2, 48, 2, 1, 0, 48, 2, 1, 0 }, 14, LK_E_TWICE },
        { { 0, 1, 'x', 1, 1, 2, 48 }, 7, LK_E_SHORT },
        { { 0, 1, 'x', 1, 1, 2, 99, 1 }, 8, LK_E_SHORT },
    };
    struct lk_80211_association_request m = { .elements = { .rates = lk_span_text("r") } };
    uint8_t room[64], ssid[LK_80211_SSID_MAX + 1] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t body[24] = { 1 };
        struct lk_80211_association_request read;

        memcpy(body + 4, rows[i].octets, rows[i].len);
        assert_int_equal(
            lk_80211_association_request_decode(&read, false, lk_span_of(body, rows[i].len + 4)),
            rows[i].want);
    }
    assert_int_equal(lk_80211_association_request_encode(&w, &m), LK_E_MISSING);
    m.elements.ssid = LK_SPAN(ssid);
    assert_int_equal(lk_80211_association_request_encode(&w, &m), LK_E_LENGTH);
    w = lk_writer_of(room, sizeof room);
    m.elements.ssid.len = LK_80211_SSID_MAX;
    assert_int_equal(lk_80211_association_request_encode(&w, &m), LK_OK);
    w = lk_writer_of(room, w.len - 1);
    assert_int_equal(lk_80211_association_request_encode(&w, &m), LK_E_FULL);
}

static void an_answer_is_judged(void **state)
{
    static const struct {
        uint8_t body[9];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 1, 0, 53, 0, 0, 0 }, 6, LK_OK }, /* a refusal has nothing else */
        { { 1, 0, 0, 0, 1, 0xc0 }, 6, LK_E_MISSING },
        { { 1, 0, 0, 0, 0, 0xc0, 1, 1, 2 }, 9, LK_E_VALUE },
        { { 1, 0, 0, 0, 0xd7, 0xc7, 1, 1, 2 }, 9, LK_OK },
        { { 1, 0, 0, 0, 0xd8, 0xc7, 1, 1, 2 }, 9, LK_E_VALUE },
        { { 1, 0, 53, 0, 0xff, 0xff }, 6, LK_E_VALUE },
    };
    struct lk_80211_association_response m = { .aid = 1 };
    uint8_t room[16];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_80211_association_response read;

        assert_int_equal(
            lk_80211_association_response_decode(&read, lk_span_of(rows[i].body, rows[i].len)),
            rows[i].want);
    }
    assert_int_equal(lk_80211_association_response_encode(&w, &m), LK_E_MISSING);
    m.status = LK_80211_INVALID_PMKID;
    m.aid = LK_80211_AID_MAX + 1;
    assert_int_equal(lk_80211_association_response_encode(&w, &m), LK_E_VALUE);
}

/* spec: IEEE 802.11 9.3.3 - authentication; deauthentication and disassociation. */
static void authentication_and_its_end_come_back(void **state)
{
    static const uint8_t open[] = { 0, 0, 2, 0, 14, 0, 221, 1, 9 };
    static const uint8_t end[] = { 15, 0, 221, 0 };
    uint16_t reason;

    for (size_t len = 0; len <= sizeof open; len++) {
        struct lk_80211_authentication m;
        uint8_t *copy = test_malloc(len + 1), room[16];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        memcpy(copy, open, len);
        assert_int_equal(lk_80211_authentication_decode(&m, lk_span_of(copy, len)),
                         len < 6 ? LK_E_SHORT : LK_OK);
        if (len >= 6) {
            assert_int_equal(m.algorithm, LK_80211_OPEN_SYSTEM);
            assert_int_equal(m.transaction, 2);
            assert_int_equal(m.status, LK_80211_OUT_OF_SEQUENCE);
            assert_int_equal(m.elements.len, len - 6);
            assert_int_equal(lk_80211_authentication_encode(&w, &m), LK_OK);
            assert_memory_equal(room, open, len);
        }
        test_free(copy);
    }
    for (size_t len = 0; len <= sizeof end; len++) {
        assert_int_equal(lk_80211_reason_decode(&reason, lk_span_of(end, len)),
                         len < 2 ? LK_E_SHORT : LK_OK);
        assert_int_equal(reason, len < 2 ? 0 : LK_80211_REASON_HANDSHAKE_TIMEOUT);
    }
}

/* ---- data ---- */

/* spec: RFC 1042 Header - LLC, SNAP, EtherType.
 * spec: TS 36.360 6.2 - LWAAP before the PDCP PDU. */
static void a_bearer_comes_back(void **state)
{
    static const uint8_t body[] = { 0xaa, 0xaa, 3, 0, 0, 0, 0x9e, 0x65, 0x1f, 0x80, 7 };
    struct lk_80211_header h = { .kind = LK_80211_DATA };
    struct lk_80211_payload p;
    struct lk_lwaap lwaap;
    uint8_t room[sizeof body];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    for (size_t len = 0; len < sizeof body; len++)
        assert_int_equal(lk_80211_payload_decode(&p, &h, lk_span_of(body, len)),
                         len < LK_LLC_LEN ? LK_E_SHORT : LK_OK);
    assert_int_equal(lk_80211_payload_decode(&p, &h, LK_SPAN(body)), LK_OK);
    assert_int_equal(p.ethertype, LK_LWA_ETHERTYPE);
    assert_int_equal(lk_lwaap_decode(&lwaap, lk_span_of(p.octets.at, 0)), LK_E_SHORT);
    assert_int_equal(lk_lwaap_decode(&lwaap, lk_span_of("\xe3", 1)), LK_OK);
    assert_int_equal(lwaap.drb, 3); /* whatever the reserved bits are */
    assert_int_equal(lk_lwaap_decode(&lwaap, p.octets), LK_OK);
    assert_int_equal(lwaap.drb, 31);
    assert_int_equal(lwaap.pdu.len, 2);
    p.octets = lk_span_of(NULL, 0);
    lk_80211_payload_put(&w, &p);
    assert_int_equal(lk_lwaap_encode(&w, &lwaap), LK_OK);
    assert_int_equal(w.len, sizeof body);
    assert_memory_equal(room, body, sizeof body);
    lwaap.drb = 32;
    assert_int_equal(lk_lwaap_encode(&w, &lwaap), LK_E_VALUE);
}

/* A04: no fragment is taken, under whatever key, so none is ever joined with another; nor is an
 * aggregate, whose mark CCMP does not protect. */
static void fragments_and_aggregates_are_refused(void **state)
{
    static const uint8_t body[] = { 0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e, 1 };
    static const struct {
        struct lk_80211_header header;
        enum lk_status want;
    } rows[] = {
        { { .kind = LK_80211_DATA }, LK_OK },
        { { .kind = LK_80211_QOS_DATA, .qos = 0x0007 }, LK_OK },
        { { .kind = LK_80211_DATA, .flags = LK_80211_MORE_FRAGMENTS }, LK_E_UNSUPPORTED },
        { { .kind = LK_80211_DATA, .fragment = 1 }, LK_E_UNSUPPORTED },
        { { .kind = LK_80211_QOS_DATA, .fragment = 15 }, LK_E_UNSUPPORTED },
        { { .kind = LK_80211_QOS_DATA, .qos = LK_80211_QOS_AGGREGATE }, LK_E_UNSUPPORTED },
        { { .kind = 0x48 }, LK_E_UNKNOWN }, /* no data in it */
        { { .kind = 0xc8 }, LK_E_UNKNOWN },
        { { .kind = LK_80211_AUTHENTICATION }, LK_E_UNKNOWN },
    };
    struct lk_80211_payload p;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_80211_payload_decode(&p, &rows[i].header, LK_SPAN(body)),
                         rows[i].want);
    for (size_t at = 0; at < 6; at++) {
        uint8_t changed[sizeof body];

        memcpy(changed, body, sizeof body);
        changed[at] ^= 1;
        assert_int_equal(lk_80211_payload_decode(&p, &rows[0].header, LK_SPAN(changed)),
                         LK_E_VALUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(radiotap_is_passed),
        cmocka_unit_test(headers_come_back_octet_by_octet),
        cmocka_unit_test(a_header_says_what_its_octets_say),
        cmocka_unit_test(frame_control_is_judged),
        cmocka_unit_test(associations_come_back_octet_by_octet),
        cmocka_unit_test(elements_are_judged),
        cmocka_unit_test(an_answer_is_judged),
        cmocka_unit_test(authentication_and_its_end_come_back),
        cmocka_unit_test(a_bearer_comes_back),
        cmocka_unit_test(fragments_and_aggregates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
