/* base/octets, base/hex, base/imsi, base/secret, base/station, base/budget: every limit of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/budget.h"
#include "base/hex.h"
#include "base/imsi.h"
#include "base/octets.h"
#include "base/reason_rooms.h"
#include "base/secret.h"
#include "base/station.h"

static void reader_reads_down_and_judges_once(void **state)
{
    static const uint8_t octets[] = { 1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 2, 'o', 'k', 0, 1, 'x' };

    for (size_t len = 0; len <= sizeof octets; len++) {
        struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
        uint8_t one = lk_get_u8(&r);
        uint16_t two = lk_get_be16(&r);
        uint32_t three = lk_get_be24(&r);
        uint32_t four = lk_get_be32(&r);
        struct lk_span ok = lk_get_lv8(&r);
        struct lk_span x = lk_get_lv16(&r);

        if (len < sizeof octets) {
            assert_int_equal(lk_reader_end(&r), LK_E_SHORT);
            assert_int_equal(x.len, 0);
            continue;
        }
        assert_int_equal(lk_reader_end(&r), LK_OK);
        assert_int_equal(one, 1);
        assert_int_equal(two, 2);
        assert_int_equal(three, 3);
        assert_int_equal(four, 4);
        assert_true(lk_span_equal(ok, lk_span_text("ok")));
        assert_true(lk_span_equal(x, lk_span_text("x")));
    }
}

static void reader_names_what_is_left_over(void **state)
{
    static const uint8_t octets[] = { 1, 2 };
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));

    assert_int_equal(lk_get_u8(&r), 1);
    assert_int_equal(lk_reader_end(&r), LK_E_TRAILING);
}

static void least_octet_first(void **state)
{
    uint8_t room[2];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_reader r = lk_reader_of(LK_SPAN(room));

    lk_put_le16(&w, 0x0102);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_memory_equal(room, "\x02\x01", 2);
    assert_int_equal(lk_get_le16(&r), 0x0102);
    assert_int_equal(lk_reader_end(&r), LK_OK);
    for (size_t len = 0; len < sizeof room; len++) {
        w = lk_writer_of(room, len);
        lk_put_le16(&w, 1);
        assert_int_equal(lk_writer_end(&w), LK_E_FULL);
        r = lk_reader_of(lk_span_of(room, len));
        assert_int_equal(lk_get_le16(&r), 0);
        assert_int_equal(lk_reader_end(&r), LK_E_SHORT);
    }
}

static void writer_stops_at_its_end(void **state)
{
    uint8_t room[4];

    for (size_t cap = 0; cap <= sizeof room; cap++) {
        struct lk_writer w = lk_writer_of(room, cap);

        lk_put_be16(&w, 0x0102);
        lk_put_lv8(&w, lk_span_text("a"));
        assert_int_equal(lk_writer_end(&w), cap == 4 ? LK_OK : LK_E_FULL);
        assert_true(w.len <= cap);
    }
    assert_memory_equal(room, "\x01\x02\x01" "a", 4);
}

static void writer_puts_octets_before_others(void **state)
{
    uint8_t room[8];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_put_octets(&w, "adef", 4);
    lk_insert_octets(&w, 1, "bc", 2);
    lk_insert_octets(&w, 6, "g", 1);
    lk_insert_octets(&w, 0, NULL, 0);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text("abcdefg")));
    lk_insert_octets(&w, 0, "xy", 2);
    assert_int_equal(lk_writer_end(&w), LK_E_FULL);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text("abcdefg")));
}

static void writer_refuses_a_length_that_does_not_fit_its_field(void **state)
{
    static const uint8_t long_body[256];
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_put_lv8(&w, LK_SPAN(long_body));
    assert_int_equal(lk_writer_end(&w), LK_E_LENGTH);
}

static void hex_goes_both_ways_and_refuses_the_rest(void **state)
{
    uint8_t octets[3];
    char text[7];
    size_t len = 0;

    assert_int_equal(lk_hex_decode(octets, 3, &len, lk_span_text("00fFa5")), LK_OK);
    assert_int_equal(len, 3);
    assert_int_equal(lk_hex_encode(text, sizeof text, LK_SPAN(octets)), LK_OK);
    assert_string_equal(text, "00ffa5");
    assert_int_equal(lk_hex_encode(text, 6, LK_SPAN(octets)), LK_E_FULL);
    assert_int_equal(lk_hex_decode(octets, 3, &len, lk_span_text("0")), LK_E_LENGTH);
    assert_int_equal(lk_hex_decode(octets, 3, &len, lk_span_text("0g")), LK_E_VALUE);
    assert_int_equal(lk_hex_decode(octets, 1, &len, lk_span_text("0000")), LK_E_FULL);
}

static void imsi_round_trips_through_bcd(void **state)
{
    static const char *const good[] = { "001010", "001010000000001", "00101000000001" };
    uint8_t bcd[LK_IMSI_BCD_LEN];

    for (size_t i = 0; i < LK_COUNT_OF(good); i++) {
        struct lk_imsi imsi, back;
        struct lk_writer w = lk_writer_of(bcd, sizeof bcd);
        struct lk_reader r;

        assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(good[i])), LK_OK);
        lk_imsi_to_bcd(bcd, &imsi);
        assert_int_equal(lk_imsi_from_bcd(&back, bcd), LK_OK);
        assert_true(lk_imsi_equal(&imsi, &back));
        assert_string_equal(back.digits, good[i]);
        memset(bcd, 0, sizeof bcd);
        lk_imsi_put(&w, &imsi);
        assert_int_equal(lk_writer_end(&w), LK_OK);
        r = lk_reader_of(LK_SPAN(bcd));
        lk_imsi_get(&r, &back);
        assert_int_equal(lk_reader_end(&r), LK_OK);
        assert_string_equal(back.digits, good[i]);
    }
}

static void imsi_refuses_what_is_none(void **state)
{
    struct lk_imsi imsi;
    uint8_t hole[LK_IMSI_BCD_LEN] = { 0x00, 0xf1, 0x01, 0x00, 0, 0, 0, 0 };
    struct lk_reader r;

    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("00101")), LK_E_LENGTH);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("0010100000000012")), LK_E_LENGTH);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("00101x")), LK_E_VALUE);
    assert_int_equal(lk_imsi_from_bcd(&imsi, hole), LK_E_VALUE);
    r = lk_reader_of(LK_SPAN(hole));
    lk_imsi_get(&r, &imsi);
    assert_int_equal(r.status, LK_E_VALUE);
}

static void imsi_is_masked_in_logs(void **state)
{
    struct lk_imsi imsi;
    char masked[LK_IMSI_MAX_DIGITS + 1];

    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010000000001")), LK_OK);
    lk_imsi_mask(masked, &imsi);
    assert_string_equal(masked, "00101........01");
}

static void secrets_are_compared_and_wiped(void **state)
{
    uint8_t a[4] = { 1, 2, 3, 4 }, b[4] = { 1, 2, 3, 5 };
    static const uint8_t zero[4];

    assert_true(lk_same_secret(a, b, 3));
    assert_false(lk_same_secret(a, b, 4));
    lk_wipe(a, sizeof a);
    assert_memory_equal(a, zero, 4);
}

static void every_status_and_reason_has_its_words(void **state)
{
    for (int i = 0; i < LK_STATUS_COUNT; i++)
        assert_non_null(lk_status_name((enum lk_status)i));
    for (int i = 0; i < LK_REASON_COUNT; i++) {
        const struct lk_reason_row *row = lk_reason_row((enum lk_reason)i);
        unsigned rows = 0;

        assert_non_null(row->code);
        assert_non_null(row->clause);
        assert_non_null(row->what);
        assert_non_null(row->fix);
        for (size_t room = 0; room < LK_COUNT_OF(lk_reason_rooms); room++)
            rows += lk_reason_rooms[room][i].code != NULL;
        assert_int_equal(rows, i == LK_REASON_NONE ? 0 : 1);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(row->code, lk_reason_row((enum lk_reason)j)->code);
    }
}

static void a_budget_is_so_many_at_once_and_so_many_a_second(void **state)
{
    enum { AT_ONCE = 3, A_SECOND = 2 };
    static const struct {
        uint64_t at_ms;
        bool may;
    } table[] = {
        { 5000, true }, { 5000, true }, { 5000, true }, { 5000, false }, { 5499, false },
        { 5500, true }, { 5500, false }, { 6500, true }, { 6500, true }, { 6500, false },
        { 99000, true }, { 99000, true }, { 99000, true }, { 99000, false }, /* no more than that */
        { 1000, false }, { 1500, true }, { 1500, false }, /* a clock that stepped back */
        { UINT64_MAX, true }, { UINT64_MAX, true }, { UINT64_MAX, true }, { UINT64_MAX, false },
    };
    struct lk_budget budget = { 0 };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++)
        assert_int_equal(lk_budget_take(&budget, AT_ONCE, A_SECOND, table[i].at_ms), table[i].may);
    assert_false(lk_budget_take(&budget, 2, 0, UINT64_MAX)); /* fewer than are spent */
    assert_false(lk_budget_take(&budget, 0, A_SECOND, UINT64_MAX));
    budget = (struct lk_budget){ 0 };
    assert_true(lk_budget_take(&budget, 1, 1, 0));
    assert_false(lk_budget_take(&budget, 1, 1, 0));
}

/* A station's address as text, as access points and people write it, and as we tell it. */
static void a_station_is_twelve_digits_with_separators_or_nothing(void **state)
{
    static const uint8_t mac[] = { 0x02, 0xab, 0xcd, 0xef, 0x00, 0x9f };
    static const struct {
        const char *text;
        enum lk_status status;
    } table[] = {
        { "02-AB-CD-EF-00-9F", LK_OK }, { "02:ab:cd:ef:00:9f", LK_OK },
        { "02ab.cdef.009f", LK_OK }, { "02abcdef009f", LK_OK },
        { "", LK_E_VALUE }, { "02-AB-CD-EF-00-9", LK_E_VALUE },
        { "02-AB-CD-EF-00-9F-", LK_E_VALUE }, { "-02-AB-CD-EF-00-9F", LK_E_VALUE },
        { "02--AB-CD-EF-00-9F", LK_E_VALUE }, { "0-2AB-CD-EF-00-9F", LK_E_VALUE },
        { "02-AB-CD-EF-00-9F:wlan", LK_E_VALUE }, { "02-AB-CD-EF-00-9G", LK_E_VALUE },
        { "02 AB CD EF 00 9F", LK_E_VALUE }, { "02-AB-CD-EF-00-9F0", LK_E_VALUE },
    };
    char text[LK_STATION_TEXT];

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        uint8_t read[LK_STATION_LEN];

        assert_int_equal(lk_station_parse(read, lk_span_text(table[i].text)), table[i].status);
        if (table[i].status == LK_OK)
            assert_memory_equal(read, mac, sizeof mac);
    }
    lk_station_text(text, mac);
    assert_string_equal(text, "02:ab:cd:ef:00:9f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_is_so_many_at_once_and_so_many_a_second),
        cmocka_unit_test(a_station_is_twelve_digits_with_separators_or_nothing),
        cmocka_unit_test(reader_reads_down_and_judges_once),
        cmocka_unit_test(reader_names_what_is_left_over),
        cmocka_unit_test(least_octet_first),
        cmocka_unit_test(writer_stops_at_its_end),
        cmocka_unit_test(writer_puts_octets_before_others),
        cmocka_unit_test(writer_refuses_a_length_that_does_not_fit_its_field),
        cmocka_unit_test(hex_goes_both_ways_and_refuses_the_rest),
        cmocka_unit_test(imsi_round_trips_through_bcd),
        cmocka_unit_test(imsi_refuses_what_is_none),
        cmocka_unit_test(imsi_is_masked_in_logs),
        cmocka_unit_test(secrets_are_compared_and_wiped),
        cmocka_unit_test(every_status_and_reason_has_its_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
