/* wire/mip_agent: advertisements and solicitations to structs and back, every truncation, every bad
 * octet; the Internet checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/checksum.h"
#include "wire/mip_agent.h"

static struct lk_address address(uint8_t last)
{
    const uint8_t octets[] = { 192, 0, 2, last };

    return lk_address_v4(octets);
}

static struct lk_mip_advertisement full(void)
{
    static const uint8_t bits[] = { 24, 16 };
    struct lk_mip_advertisement a = {
        .code = LK_MIP_ROUTES_MOBILE,
        .lifetime_s = 9,
        .router_count = 2,
        .has_agent = true,
        .sequence = 0x0102,
        .registration_s = 1800,
        .flags = LK_MIP_AGENT_REQUIRED | LK_MIP_AGENT_FOREIGN | LK_MIP_AGENT_UDP,
        .care_of_count = 2,
        .prefix_bits = LK_SPAN(bits),
        .challenge = lk_span_text("challenge"),
    };

    a.router[0] = (struct lk_mip_router){ address(1), 0 };
    a.router[1] = (struct lk_mip_router){ address(2), 0x80000000 };
    a.care_of[0] = address(3);
    a.care_of[1] = address(4);
    return a;
}

/* The message with a right checksum, as sent. */
static enum lk_status decode(struct lk_mip_advertisement *a, uint8_t *octets, size_t len)
{
    uint16_t sum;

    octets[2] = octets[3] = 0;
    sum = lk_checksum_of(lk_checksum_add(0, lk_span_of(octets, len)));
    octets[2] = (uint8_t)(sum >> 8);
    octets[3] = (uint8_t)sum;
    return lk_mip_advertisement_decode(a, lk_span_of(octets, len));
}

/* spec: RFC 1256 3 - addresses and preferences.
 * spec: RFC 5944 2.1.1 - the agent.
 * spec: RFC 5944 2.1.2 - prefix lengths.
 * spec: RFC 4721 2 - the challenge. */
static void an_advertisement_comes_back(void **state)
{
    struct lk_mip_advertisement a = full(), back;
    uint8_t room[256], again[256];
    struct lk_writer w = lk_writer_of(room, sizeof room), w2 = lk_writer_of(again, sizeof again);
    struct lk_address last = address(4);

    lk_mip_advertisement_put(&w, &a);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_memory_equal(room, "\x09\x10", 2);
    assert_memory_equal(room + 4, "\x02\x02\x00\x09\xc0\x00\x02\x01\0\0\0\0", 12);
    assert_memory_equal(room + 24, "\x10\x0e\x01\x02\x07\x08\x90\x80\xc0\x00\x02\x03", 12);
    assert_memory_equal(room + 40, "\x13\x02\x18\x10\x18\x09" "challenge", 15);
    assert_int_equal(lk_mip_advertisement_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.router_count, 2);
    assert_int_equal(back.router[1].preference, 0x80000000);
    assert_true(back.has_agent);
    assert_int_equal(back.sequence, 0x0102);
    assert_int_equal(back.registration_s, 1800);
    assert_int_equal(back.flags, a.flags);
    assert_int_equal(back.care_of_count, 2);
    assert_true(lk_address_equal(&back.care_of[1], &last));
    assert_true(lk_span_equal(back.prefix_bits, a.prefix_bits));
    assert_true(lk_span_equal(back.challenge, a.challenge));
    lk_mip_advertisement_put(&w2, &back);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
}

static void every_truncation_and_every_bit_is_noticed(void **state)
{
    struct lk_mip_advertisement a = full(), back;
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mip_advertisement_put(&w, &a);
    for (size_t i = 0; i < 8 * w.len; i++) {
        room[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_not_equal(lk_mip_advertisement_decode(&back, lk_writer_span(&w)), LK_OK);
        room[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < w.len; len++) {
        uint8_t *copy = test_malloc(len + 4); /* for a checksum to be written */
        enum lk_status status;

        memcpy(copy, room, len);
        status = decode(&back, copy, len);
        /* Between two extensions it is a whole message. */
        assert_true(status != LK_OK || len == 24 || len == 40 || len == 44);
        test_free(copy);
    }
}

#define OCTETS(text) { text, sizeof text - 1 }

/* spec: RFC 5944 2.1.3 - padding of one octet.
 * spec: RFC 5944 1.8 - unknown below 128, and above. */
static void bad_extensions_are_told_apart(void **state)
{
    static const struct {
        struct { const char *at; size_t len; } octets;
        enum lk_status status;
    } rows[] = {
        { OCTETS(""), LK_OK },
        { OCTETS("\0"), LK_OK },
        { OCTETS("\0\0\xff\1a\0"), LK_OK },
        { OCTETS("\x7f\0"), LK_E_UNKNOWN },
        { OCTETS("\x10\6\0\0\0\0\0\0"), LK_OK },
        { OCTETS("\x10\6\0\0\0\0\x10\0"), LK_E_VALUE }, /* F without care-of address */
        { OCTETS("\x10\5\0\0\0\0\0"), LK_E_LENGTH },
        { OCTETS("\x10\7\0\0\0\0\0\0\0"), LK_E_LENGTH },
        { OCTETS("\x10\x0a\0\0\0\0\0\0"), LK_E_SHORT },
        { OCTETS("\x10\6\0\0\0\0\0\0\x10\6\0\0\0\0\0\0"), LK_E_TWICE },
        { OCTETS("\x13\1\x18"), LK_OK },
        { OCTETS("\x13\2\x18\x18"), LK_E_LENGTH }, /* there is one router */
        { OCTETS("\x13\1\x18\x13\1\x18"), LK_E_TWICE },
        { OCTETS("\x18\3abc"), LK_E_LENGTH },
        { OCTETS("\x18\4abcd"), LK_OK },
        { OCTETS("\x18\4abcd\x18\4abcd"), LK_E_TWICE },
        { OCTETS("\x18"), LK_E_SHORT },
    };
    uint8_t octets[64] = { LK_MIP_ADVERTISEMENT, 0, 0, 0, 1, 2 };
    struct lk_mip_advertisement a;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        memcpy(octets + 16, rows[i].octets.at, rows[i].octets.len);
        if (decode(&a, octets, 16 + rows[i].octets.len) != rows[i].status)
            fail_msg("row %zu", i);
    }
    octets[5] = 1; /* an entry without preference */
    assert_int_equal(decode(&a, octets, 16), LK_E_LENGTH);
    octets[5] = 2;
    octets[0] = 8;
    assert_int_equal(decode(&a, octets, 16), LK_E_UNKNOWN);
}

static void entries_may_be_longer_and_more_than_we_keep(void **state)
{
    uint8_t octets[8 + 12 * 9 + 2 + 9 + 8 + 4 * 9] = { LK_MIP_ADVERTISEMENT, 0, 0, 0, 9, 3 };
    struct lk_mip_advertisement a;
    size_t at = 8 + 12 * 9;

    for (size_t i = 0; i < 9; i++)
        octets[8 + 12 * i + 3] = (uint8_t)i;
    octets[at] = 19;
    octets[at + 1] = 9;
    at += 2 + 9;
    octets[at] = 16;
    octets[at + 1] = 6 + 4 * 9;
    assert_int_equal(decode(&a, octets, sizeof octets), LK_OK);
    assert_int_equal(a.router_count, LK_MIP_ROUTERS);
    assert_int_equal(a.prefix_bits.len, LK_MIP_ROUTERS);
    assert_int_equal(a.router[7].address.octets[15], 7);
    assert_int_equal(a.care_of_count, LK_MIP_CARE_OFS);
}

static void a_solicitation(void **state)
{
    uint8_t room[9] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mip_solicitation_put(&w);
    assert_int_equal(w.len, 8);
    assert_memory_equal(room, "\x0a\0\xf5\xff\0\0\0\0", 8);
    assert_int_equal(lk_mip_solicitation_check(lk_writer_span(&w)), LK_OK);
    for (size_t len = 0; len < w.len; len++)
        assert_int_not_equal(lk_mip_solicitation_check(lk_span_of(room, len)), LK_OK);
    assert_int_equal(lk_mip_solicitation_check(LK_SPAN(room)), LK_E_TRAILING);
    memcpy(room, "\x0a\x01\xf5\xfe", 4);
    assert_int_equal(lk_mip_solicitation_check(lk_writer_span(&w)), LK_E_VALUE);
}

/* spec: RFC 5944 2.3.2 - 0 to 255 only after a start. */
static void sequence_numbers_show_a_start(void **state)
{
    assert_int_equal(lk_mip_sequence_next(0), 1);
    assert_int_equal(lk_mip_sequence_next(0xfffe), 0xffff);
    assert_int_equal(lk_mip_sequence_next(0xffff), 256);
}

/* The example of RFC 1071 3, and an odd octet. */
static void checksums(void **state)
{
    static const uint8_t octets[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

    assert_int_equal(lk_checksum_of(lk_checksum_add(0, LK_SPAN(octets))), (uint16_t)~0xddf2);
    assert_int_equal(lk_checksum_of(lk_checksum_add(0, lk_span_of(octets, 3))),
                     (uint16_t)~0xf201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_advertisement_comes_back),
        cmocka_unit_test(every_truncation_and_every_bit_is_noticed),
        cmocka_unit_test(bad_extensions_are_told_apart),
        cmocka_unit_test(entries_may_be_longer_and_more_than_we_keep),
        cmocka_unit_test(a_solicitation),
        cmocka_unit_test(sequence_numbers_show_a_start),
        cmocka_unit_test(checksums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
