/* wire/ccmp: the header, the standard's own example, and what the additional data leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/ccmp.h"

/* spec: IEEE 802.11 12.5.3.2 - where each octet of the packet number is. */
static void the_header_comes_back(void **state)
{
    static const uint8_t octets[] = { 0x0c, 0xe7, 0x00, 0x60, 0x76, 0x97, 0x03, 0xb5, 'x' };
    struct lk_ccmp_header ccmp;
    uint8_t room[LK_CCMP_HEADER_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));

    assert_int_equal(lk_ccmp_header_get(&ccmp, &r), LK_OK);
    assert_true(ccmp.pn == UINT64_C(0xb5039776e70c));
    assert_int_equal(ccmp.key_id, 1);
    assert_int_equal(r.left, 1);
    assert_int_equal(lk_ccmp_header_encode(&w, &ccmp), LK_OK);
    assert_memory_equal(room, octets, sizeof room);
    for (size_t len = 0; len < LK_CCMP_HEADER_LEN; len++) {
        r = lk_reader_of(lk_span_of(octets, len));
        assert_int_equal(lk_ccmp_header_get(&ccmp, &r), LK_E_SHORT);
        w = lk_writer_of(room, len);
        ccmp = (struct lk_ccmp_header){ .pn = 1 };
        assert_int_equal(lk_ccmp_header_encode(&w, &ccmp), LK_E_FULL);
    }
}

static void headers_that_are_none_are_refused(void **state)
{
    static const uint8_t wep[] = { 1, 0, 0, 0x00, 0, 0, 0, 0 };
    static const struct {
        struct lk_ccmp_header ccmp;
        enum lk_status want;
    } rows[] = {
        { { 0, 0 }, LK_E_EXPIRED },
        { { 1, 3 }, LK_OK },
        { { 1, 4 }, LK_E_VALUE },
        { { LK_CCMP_PN_MAX, 0 }, LK_OK },
        { { LK_CCMP_PN_MAX + 1, 0 }, LK_E_EXPIRED },
    };
    struct lk_reader r = lk_reader_of(LK_SPAN(wep));
    struct lk_ccmp_header ccmp;

    assert_int_equal(lk_ccmp_header_get(&ccmp, &r), LK_E_VALUE);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t room[LK_CCMP_HEADER_LEN];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_ccmp_header_encode(&w, &rows[i].ccmp), rows[i].want);
    }
}

/* spec: IEEE 802.11 12.5.3.3 - the example of annex J: its frame gives its nonce and its AAD. */
static void the_published_example_is_reproduced(void **state)
{
    static const uint8_t frame[] = {
        0x08, 0x48, 0xc3, 0x2c, 0x0f, 0xd2, 0xe1, 0x28, 0xa5, 0x7c, 0x50, 0x30, 0xf1, 0x84, 0x44,
        0x08, 0xab, 0xae, 0xa5, 0xb8, 0xfc, 0xba, 0x80, 0x33, 0x0c, 0xe7, 0x00, 0x20, 0x76, 0x97,
        0x03, 0xb5,
    };
    json_t *file = vectors_load("primitives");
    const json_t *v = vectors_find(file, "vectors", "ccmp-example");
    struct lk_80211_header h;
    struct lk_ccmp_header ccmp;
    struct lk_ccmp_input in;
    struct lk_span body;
    struct lk_reader r;

    assert_int_equal(lk_80211_decode(&h, &body, LK_SPAN(frame)), LK_OK);
    r = lk_reader_of(body);
    assert_int_equal(lk_ccmp_header_get(&ccmp, &r), LK_OK);
    in = lk_ccmp_input_of(&h, ccmp.pn);
    assert_vector(v, "nonce", in.nonce, sizeof in.nonce);
    assert_vector(v, "additional", in.aad, in.aad_len);
    json_decref(file);
}

static const struct lk_80211_header plain = {
    .kind = LK_80211_QOS_DATA,
    .flags = LK_80211_TO_DS | LK_80211_FROM_DS | LK_80211_PROTECTED,
    .a1 = { 1 }, .a2 = { 2 }, .a3 = { 3 }, .a4 = { 4 },
    .fragment = 5,
    .qos = 6,
};

static bool same_aad(const struct lk_80211_header *a, const struct lk_80211_header *b)
{
    struct lk_ccmp_input x = lk_ccmp_input_of(a, 1), y = lk_ccmp_input_of(b, 1);

    return lk_span_equal(lk_span_of(x.aad, x.aad_len), lk_span_of(y.aad, y.aad_len));
}

/* spec: IEEE 802.11 12.5.3.3 - what a retransmission may change, and no more, is left out. */
static void the_additional_data_covers_what_it_must(void **state)
{
    static const uint8_t octets[] = { 0x88, 0x43, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3,
                                      0,    0,    0, 0, 0, 5, 0, 4, 0, 0, 0, 0, 0, 6, 0 };
    struct lk_ccmp_input in = lk_ccmp_input_of(&plain, 1);
    const uint8_t left_out = LK_80211_RETRY | LK_80211_POWER | LK_80211_MORE_DATA | LK_80211_ORDER |
                             LK_80211_PROTECTED;
    struct lk_80211_header h;

    assert_int_equal(in.aad_len, LK_CCMP_AAD_MAX);
    assert_memory_equal(in.aad, octets, sizeof octets);
    for (unsigned bit = 0; bit < 8; bit++) {
        h = plain;
        h.flags ^= (uint8_t)(1 << bit);
        assert_int_equal(same_aad(&h, &plain), (left_out & 1 << bit) != 0);
        h = plain;
        h.kind ^= (uint8_t)(1 << bit);
        if (bit >= 4) /* another subtype: only that it is QoS is covered */
            assert_int_equal(same_aad(&h, &plain), bit < 7);
        h = plain;
        h.qos ^= (uint16_t)(1 << bit);
        assert_int_equal(same_aad(&h, &plain), bit >= 4);
        h = plain;
        h.qos ^= (uint16_t)(0x100 << bit);
        assert_true(same_aad(&h, &plain));
    }
    h = plain;
    h.sequence = 4095;
    h.duration = 9;
    assert_true(same_aad(&h, &plain));
    h.fragment = 4;
    assert_false(same_aad(&h, &plain));
}

static void its_length_follows_the_header(void **state)
{
    static const struct {
        struct lk_80211_header header;
        uint8_t len, nonce_flags;
    } rows[] = {
        { { .kind = LK_80211_DATA, .flags = LK_80211_TO_DS, .qos = 7 }, 22, 0 },
        { { .kind = LK_80211_QOS_DATA, .flags = LK_80211_FROM_DS, .qos = 0x17 }, 24, 7 },
        { { .kind = LK_80211_DATA, .flags = 3 }, 28, 0 },
        { { .kind = LK_80211_QOS_DATA, .flags = 3, .qos = 1 }, 30, 1 },
        { { .kind = LK_80211_DEAUTHENTICATION }, 22, 0x10 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_ccmp_input in = lk_ccmp_input_of(&rows[i].header, LK_CCMP_PN_MAX);

        assert_int_equal(in.aad_len, rows[i].len);
        assert_int_equal(in.nonce[0], rows[i].nonce_flags);
        assert_memory_equal(in.nonce + 7, "\xff\xff\xff\xff\xff\xff", 6);
    }
    /* Of a management frame all of the subtype is covered, and the order bit. */
    assert_int_equal(lk_ccmp_input_of(&rows[4].header, 1).aad[0], LK_80211_DEAUTHENTICATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_comes_back),
        cmocka_unit_test(headers_that_are_none_are_refused),
        cmocka_unit_test(the_published_example_is_reproduced),
        cmocka_unit_test(the_additional_data_covers_what_it_must),
        cmocka_unit_test(its_length_follows_the_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
