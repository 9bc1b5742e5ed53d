/* wire/mis_types: the length rule, bitmaps in both orders, each data type there and back, and what
 * it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/mis_types.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

/* spec: IEEE 802.21-2017 8.4 - 0 to 128 in one octet, more as 0x80 + k and k octets of n - 128. */
static void lengths_of_every_size(void **state)
{
    static const struct {
        size_t n;
        const char *octets;
        size_t len;
    } rows[] = {
        { 0, "\x00", 1 },
        { 1, "\x01", 1 },
        { 31, "\x1f", 1 },
        { 32, "\x20", 1 },
        { 33, "\x21", 1 },
        { 34, "\x22", 1 },
        { 35, "\x23", 1 },
        { 127, "\x7f", 1 },
        { 128, "\x80", 1 },
        { 129, "\x81\x01", 2 },
        { 130, "\x81\x02", 2 },
        { 255, "\x81\x7f", 2 },
        { 256, "\x81\x80", 2 },
        { 383, "\x81\xff", 2 },
        { 384, "\x82\x01\x00", 3 },
        { 1000, "\x82\x03\x68", 3 },
        { 128 + 0xffff, "\x82\xff\xff", 3 },
        { 128 + 0x10000, "\x83\x01\x00\x00", 4 },
        { 128 + 0xffffff, "\x83\xff\xff\xff", 4 },
        { 128 + (size_t)0x1000000, "\x84\x01\x00\x00\x00", 5 },
        { 128 + (size_t)0xffffffff, "\x84\xff\xff\xff\xff", 5 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_reader r = lk_reader_of(lk_span_of(rows[i].octets, rows[i].len));
        uint8_t room[8];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        lk_mis_put_length(&w, rows[i].n);
        assert_int_equal(w.len, rows[i].len);
        assert_memory_equal(room, rows[i].octets, rows[i].len);
        assert_int_equal(lk_mis_length_len(rows[i].n), rows[i].len);
        assert_true(lk_mis_get_length(&r) == rows[i].n);
        assert_int_equal(lk_reader_end(&r), LK_OK);
        for (size_t cut = 0; cut < rows[i].len; cut++) {
            r = lk_reader_of(lk_span_of(rows[i].octets, cut));
            assert_true(lk_mis_get_length(&r) == 0);
            assert_int_equal(lk_reader_end(&r), LK_E_SHORT);
        }
    }
}

/* A length may take more octets than it needs, up to four; nothing is read beyond. */
static void lengths_that_are_not_ours(void **state)
{
    static const uint8_t longer[] = { 0x84, 0, 0, 0, 1 }, zero[] = { 0x81, 0 };
    uint8_t first[10] = { 0 };
    struct lk_reader r = lk_reader_of(LK_SPAN(longer));
    struct lk_writer w = lk_writer_of(first, sizeof first);

    assert_int_equal(lk_mis_get_length(&r), 129);
    r = lk_reader_of(LK_SPAN(zero));
    assert_int_equal(lk_mis_get_length(&r), 128);
    for (unsigned octet = 0x85; octet < 0x100; octet++) {
        first[0] = (uint8_t)octet;
        r = lk_reader_of(LK_SPAN(first));
        assert_int_equal(lk_mis_get_length(&r), 0);
        assert_int_equal(r.status, LK_E_LENGTH);
    }
    lk_mis_put_length(&w, 129 + (size_t)0xffffffff);
    assert_int_equal(w.status, LK_E_LENGTH);
}

/* Values of 3 and 4 length octets go through a whole string. */
static void long_strings(void **state)
{
    static const size_t sizes[] = { 128, 129, 384, 128 + 0x10000, 128 + 0x1000000 };

    for (size_t i = 0; i < LK_COUNT_OF(sizes); i++) {
        uint8_t *value = malloc(sizes[i]), *room = malloc(sizes[i] + 8);
        struct lk_writer w = lk_writer_of(room, sizes[i] + 8);
        struct lk_span back;
        struct lk_reader r;

        memset(value, (int)i + 1, sizes[i]);
        lk_put_octets(&w, value, sizes[i]);
        lk_mis_put_length_at(&w, 0);
        assert_int_equal(lk_writer_end(&w), LK_OK);
        r = lk_reader_of(lk_writer_span(&w));
        back = lk_mis_get_string(&r, 0, SIZE_MAX);
        assert_int_equal(lk_reader_end(&r), LK_OK);
        assert_true(lk_span_equal(back, lk_span_of(value, sizes[i])));
        r = lk_reader_of(lk_span_of(room, w.len - 1));
        assert_int_equal(lk_mis_get_string(&r, 0, SIZE_MAX).len, 0);
        assert_int_equal(r.status, LK_E_SHORT);
        w = lk_writer_of(room, sizes[i]);
        lk_put_octets(&w, value, sizes[i]);
        lk_mis_put_length_at(&w, 0);
        assert_int_equal(lk_writer_end(&w), LK_E_FULL);
        free(value);
        free(room);
    }
}

/* spec: IEEE 802.21-2017 E - bit 0 of a BITMAP is leftmost; by a switch rightmost in its octet. */
static void bitmaps_in_both_orders(void **state)
{
    struct lk_mis_codes turned = *codes;
    static const struct {
        uint64_t value;
        unsigned bits;
        const char *ours, *turned;
    } rows[] = {
        { 0x7, 32, "\xe0\0\0\0", "\x07\0\0\0" },
        { 0x100, 16, "\0\x80", "\0\x01" },
        { 0x8001, 16, "\x80\x01", "\x01\x80" },
        { 0x4, 8, "\x20", "\x04" },
        { UINT64_C(1) << 63, 64, "\0\0\0\0\0\0\0\x01", "\0\0\0\0\0\0\0\x80" },
    };

    turned.least_bit_first = true;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        for (unsigned way = 0; way < 2; way++) {
            const struct lk_mis_codes *set = way == 0 ? codes : &turned;
            const char *octets = way == 0 ? rows[i].ours : rows[i].turned;
            struct lk_reader r = lk_reader_of(lk_span_of(octets, rows[i].bits / 8));
            uint8_t room[8];
            struct lk_writer w = lk_writer_of(room, sizeof room);

            lk_mis_put_bitmap(&w, rows[i].value, rows[i].bits, set);
            assert_int_equal(lk_writer_end(&w), LK_OK);
            assert_memory_equal(room, octets, rows[i].bits / 8);
            assert_true(lk_mis_get_bitmap(&r, rows[i].bits, set) == rows[i].value);
            assert_int_equal(lk_reader_end(&r), LK_OK);
        }
    }
}

static void a_bitmap_too_narrow(void **state)
{
    uint8_t room[8];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mis_put_bitmap(&w, 0x100, 8, codes);
    assert_int_equal(lk_writer_end(&w), LK_E_VALUE);
}

/* ---- types by their octets: read, written to the same, cut at every length ---- */

union any {
    struct lk_address address;
    struct lk_mis_link_tuple link;
    struct lk_mis_target target;
    struct lk_mis_said said;
    struct lk_mis_security security;
    struct lk_mis_capability capability;
    struct lk_mis_key_envelope envelope;
    struct lk_mis_pos pos;
    struct lk_mis_link_key link_key;
};

enum type { ADDRESS, LINK, TARGET, SAID, SECURITY, CAPABILITY, ENVELOPE, POS, LINK_KEY };

static void get(enum type type, struct lk_reader *r, union any *value)
{
    switch (type) {
    case ADDRESS: lk_mis_get_address(r, &value->address); break;
    case LINK: lk_mis_get_link_tuple(r, &value->link); break;
    case TARGET: lk_mis_get_target(r, &value->target); break;
    case SAID: lk_mis_get_said(r, &value->said); break;
    case SECURITY: lk_mis_get_security(r, &value->security); break;
    case CAPABILITY: lk_mis_get_capability(r, &value->capability, codes); break;
    case ENVELOPE: lk_mis_get_key_envelope(r, &value->envelope, codes); break;
    case POS: lk_mis_get_pos(r, &value->pos); break;
    case LINK_KEY: lk_mis_get_link_key(r, &value->link_key); break;
    }
}

static void put(enum type type, struct lk_writer *w, const union any *value)
{
    switch (type) {
    case ADDRESS: lk_mis_put_address(w, &value->address); break;
    case LINK: lk_mis_put_link_tuple(w, &value->link); break;
    case TARGET: lk_mis_put_target(w, &value->target); break;
    case SAID: lk_mis_put_said(w, &value->said); break;
    case SECURITY: lk_mis_put_security(w, &value->security); break;
    case CAPABILITY: lk_mis_put_capability(w, &value->capability, codes); break;
    case ENVELOPE: lk_mis_put_key_envelope(w, &value->envelope, codes); break;
    case POS: lk_mis_put_pos(w, &value->pos); break;
    case LINK_KEY: lk_mis_put_link_key(w, &value->link_key); break;
    }
}

#define OCTETS(literal) literal, sizeof literal - 1
#define MAC "\x13\x00\x00\x06\x06\x00\x11\x22\x33\x44\x55"
#define K16 "\x10" "0123456789abcdef"

/* spec: IEEE 802.21-2017 E - CHOICE by a selector, SEQUENCE back to back, addresses by family.
 * spec: IEEE 802.21.1 5.14.2 - four types of SA. */
static const struct {
    enum type type;
    const char *octets;
    size_t len;
    enum lk_status status;
} rows[] = {
    { ADDRESS, OCTETS("\x00\x01\x04\xc0\x00\x02\x01"), LK_OK },
    { ADDRESS, OCTETS("\x00\x02\x10" "\x20\x01" "01234567890123"), LK_OK },
    { ADDRESS, OCTETS("\x00\x01\x03\xc0\x00\x02"), LK_E_VALUE },
    { ADDRESS, OCTETS("\x00\x02\x04\xc0\x00\x02\x01"), LK_E_VALUE },
    { ADDRESS, OCTETS("\x00\x06\x06\x00\x11\x22\x33\x44\x55"), LK_E_VALUE },
    { LINK, OCTETS(MAC "\x00"), LK_OK },
    { LINK, OCTETS(MAC "\x01\x00\x00\x06\x06\x00\x11\x22\x33\x44\x66"), LK_OK },
    { LINK, OCTETS("\x17\x01\x00\xf1\x10\x01\x02\x03\x04\x00"), LK_OK },
    { LINK, OCTETS("\x01\x02\x00\xf1\x10\x01\x02\x03\x04\x00"), LK_OK },
    { LINK, OCTETS("\x17\x03\x02gp\x01\x05\x00"), LK_OK },
    { LINK, OCTETS("\x17\x04\x81\x01" "0123456789012345678901234567890123456789"
                   "0123456789012345678901234567890123456789"
                   "0123456789012345678901234567890123456789" "012345678" "\x00"), LK_OK },
    { LINK, OCTETS(MAC "\x02"), LK_E_VALUE },
    { LINK, OCTETS("\x13\x06\x00\x00"), LK_E_VALUE },
    { LINK, OCTETS("\x13\x00\x00\x06\x05\x00\x11\x22\x33\x44\x00"), LK_E_LENGTH },
    { LINK, OCTETS("\x13\x00\x00\x07\x00\x00"), LK_E_LENGTH },
    { TARGET, OCTETS("\x00\x04home\x01"), LK_OK },
    { TARGET, OCTETS("\x00\x04home\x00\x03" "aux"), LK_OK },
    { TARGET, OCTETS("\x01\x00\x00\x06\x06\x00\x11\x22\x33\x44\x55"), LK_OK },
    { TARGET, OCTETS("\x00\x04home\x02"), LK_E_VALUE },
    { TARGET, OCTETS("\x02\x04home\x01"), LK_E_VALUE },
    { SAID, OCTETS("\x03\x04Zabc"), LK_OK },
    { SAID, OCTETS("\x00\x20" "01234567890123456789012345678901"), LK_OK },
    { SAID, OCTETS("\x03\x03" "abc"), LK_E_LENGTH },
    { SAID, OCTETS("\x03\x21" "012345678901234567890123456789012"), LK_E_LENGTH },
    { SAID, OCTETS("\x04\x04Zabc"), LK_E_VALUE },
    { SECURITY, OCTETS("\x00\x03tls"), LK_OK },
    { SECURITY, OCTETS("\x01\x03" "ccm\x01"), LK_OK },
    { SECURITY, OCTETS("\x01\x03" "cbc\x00\x04hmac"), LK_OK },
    { SECURITY, OCTETS("\x01\x03" "cbc\x02"), LK_E_VALUE },
    { SECURITY, OCTETS("\x02\x03" "cbc\x01"), LK_E_VALUE },
    { CAPABILITY, OCTETS("\x01\x00"), LK_OK },
    { CAPABILITY, OCTETS("\x00\x01\xa0\x40\xc0\xe0"), LK_OK },
    { CAPABILITY, OCTETS("\x00\x02\xa0\x40\xc0\xe0"), LK_E_VALUE },
    { ENVELOPE, OCTETS(K16 "\x00\x00\x0e\x10\x01\x03\x00"), LK_OK },
    { ENVELOPE, OCTETS(K16 "\x00\x00\x0e\x10\x01\x03\x03"), LK_E_VALUE },
    { ENVELOPE, OCTETS("\x0f" "0123456789abcde\x00\x00\x0e\x10\x01\x03\x00"), LK_E_LENGTH },
    { POS, OCTETS("\x03pos\x00\x01\x04\xc0\x00\x02\x01\x11\xc7"), LK_OK },
    { POS, OCTETS("\x00\x00\x01\x04\xc0\x00\x02\x01\x11\xc7"), LK_E_LENGTH },
    { LINK_KEY, OCTETS(MAC "\x00" K16 "\x00\x00\x0e\x10"), LK_OK },
    { LINK_KEY, OCTETS(MAC "\x00\x00\x00\x00\x0e\x10"), LK_E_LENGTH },
};

static void types_come_back_or_are_refused(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_reader r = lk_reader_of(lk_span_of(rows[i].octets, rows[i].len));
        union any value = { 0 };
        uint8_t room[256];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        get(rows[i].type, &r, &value);
        assert_int_equal(lk_reader_end(&r), rows[i].status);
        if (rows[i].status != LK_OK)
            continue;
        put(rows[i].type, &w, &value);
        assert_int_equal(lk_writer_end(&w), LK_OK);
        assert_true(lk_span_equal(lk_writer_span(&w), lk_span_of(rows[i].octets, rows[i].len)));
        if (rows[i].type == SECURITY)
            assert_int_equal(lk_mis_security_len(&value.security), rows[i].len);
        for (size_t cut = 0; cut < rows[i].len; cut++) {
            r = lk_reader_of(lk_span_of(rows[i].octets, cut));
            get(rows[i].type, &r, &value);
            assert_int_equal(lk_reader_end(&r), LK_E_SHORT);
        }
    }
}

/* A PRF is a bit, and which bit is a choice; one that is not known is nobody's. */
static void prfs_by_their_codes(void **state)
{
    struct lk_mis_codes others = *codes;
    static const uint8_t all = 0xff, two = 0x60;
    struct lk_reader r = lk_reader_of(lk_span_of(&all, 1));
    uint8_t room[4];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_mis_get_prfs(&r, codes), 7);
    r = lk_reader_of(lk_span_of(&two, 1));
    assert_int_equal(lk_mis_get_prfs(&r, codes),
                     1 << LK_MIS_PRF_HMAC_SHA1 | 1 << LK_MIS_PRF_HMAC_SHA256);
    others.prf[LK_MIS_PRF_HMAC_SHA256] = 7;
    lk_mis_put_prfs(&w, 1 << LK_MIS_PRF_HMAC_SHA256, &others);
    assert_int_equal(room[0], 0x01);
    lk_mis_put_prfs(&w, 8, codes);
    assert_int_equal(w.status, LK_E_VALUE);
}

static enum lk_status put_status(enum type type, const union any *value)
{
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    put(type, &w, value);
    return lk_writer_end(&w);
}

static void what_cannot_be_is_not_written(void **state)
{
    union any v;

    v = (union any){ .said = { 4, lk_span_text("Zabc") } };
    assert_int_equal(put_status(SAID, &v), LK_E_VALUE);
    v = (union any){ .said = { 3, lk_span_text("abc") } };
    assert_int_equal(put_status(SAID, &v), LK_E_LENGTH);
    v = (union any){ .envelope = { .key = lk_span_text("short") } };
    assert_int_equal(put_status(ENVELOPE, &v), LK_E_LENGTH);
    v = (union any){ .link = { .link.addr = { 6, 0, { NULL, 0 } } } };
    assert_int_equal(put_status(LINK, &v), LK_E_VALUE);
    v = (union any){ .link = { .link.addr = { LK_MIS_ADDR_2G_CELL, 0, lk_span_text("cell") } } };
    assert_int_equal(put_status(LINK, &v), LK_E_LENGTH);
    v = (union any){ .link = { .link.addr = { LK_MIS_ADDR_MAC, 6, lk_span_text("mac") } } };
    assert_int_equal(put_status(LINK, &v), LK_E_LENGTH);
    v = (union any){ .link_key = { .key = { NULL, 0 } } };
    v.link_key.link.link.addr = (struct lk_mis_link_addr){ LK_MIS_ADDR_OTHER, 0, { NULL, 0 } };
    assert_int_equal(put_status(LINK_KEY, &v), LK_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_of_every_size),
        cmocka_unit_test(lengths_that_are_not_ours),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(bitmaps_in_both_orders),
        cmocka_unit_test(a_bitmap_too_narrow),
        cmocka_unit_test(types_come_back_or_are_refused),
        cmocka_unit_test(prfs_by_their_codes),
        cmocka_unit_test(what_cannot_be_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
