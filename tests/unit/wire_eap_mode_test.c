/* wire/eap_mode: the value of AT_TWAN_CONN_MODE both ways, cut everywhere, wrong each way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/eap.h"
#include "wire/eap_mode.h"

static struct lk_mode_layout layout;

static int defaults(void **state)
{
    lk_mode_layout_defaults(&layout);
    return 0;
}

static struct lk_mode_value full_value(void)
{
    return (struct lk_mode_value){
        .message = LK_MODE_RESULT, .modes = LK_TWAN_MULTI, .has_cause = true, .cause = 33,
        .has_back_off = true, .back_off_s = 0x01020304,
        .twag = { .has_ipv4 = true, .has_ipv6 = true, .ipv4 = { 192, 0, 2, 1 },
                  .ipv6 = { 0xfe, 0x80, 1 } },
    };
}

static bool same(const struct lk_mode_value *a, const struct lk_mode_value *b)
{
    return a->message == b->message && a->modes == b->modes && a->has_cause == b->has_cause &&
           a->cause == b->cause && a->has_back_off == b->has_back_off &&
           a->back_off_s == b->back_off_s &&
           memcmp(&a->twag, &b->twag, sizeof a->twag) == 0;
}

static size_t encode(uint8_t octets[LK_MODE_WRITTEN_MAX], const struct lk_mode_value *value)
{
    struct lk_writer w = lk_writer_of(octets, LK_MODE_WRITTEN_MAX);

    lk_mode_encode(&w, &layout, value);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

static enum lk_status decode(struct lk_mode_value *value, const void *octets, size_t len)
{
    return lk_mode_decode(value, &layout, lk_span_of(octets, len));
}

/* spec: TS 24.302 8.2.7 - every message with every set of modes and items comes back as it went,
 * and fills an attribute of EAP-AKA' up with zeroes. */
static void every_value_comes_back(void **state)
{
    for (unsigned i = 0; i < 3 * 8 * 16; i++) {
        struct lk_mode_value value = full_value(), back;
        uint8_t octets[LK_MODE_WRITTEN_MAX], room[8 + LK_MODE_WRITTEN_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        size_t len;

        value.message = (enum lk_mode_message)(i % 3);
        value.modes = (uint8_t)(i / 3 % 8);
        value.has_cause = (i / 24 & 1) != 0;
        value.cause = value.has_cause ? value.cause : 0;
        value.has_back_off = (i / 24 & 2) != 0;
        value.back_off_s = value.has_back_off ? value.back_off_s : 0;
        if ((i / 24 & 4) == 0)
            value.twag = (struct lk_twag_address){ .has_ipv6 = value.twag.has_ipv6,
                                                   .ipv6 = { 0xfe, 0x80, 1 } };
        if ((i / 24 & 8) == 0) {
            value.twag.has_ipv6 = false;
            memset(value.twag.ipv6, 0, sizeof value.twag.ipv6);
        }
        len = encode(octets, &value);
        assert_int_equal(decode(&back, octets, len), LK_OK);
        assert_true(same(&back, &value));
        lk_aka_put_raw(&w, LK_AT_TWAN_CONN_MODE, lk_span_of(octets, len));
        assert_int_equal(lk_writer_end(&w), LK_OK);
        assert_int_equal(w.len % 4, 0);
        assert_int_equal(w.len, 4u * room[1]);
        assert_int_equal(decode(&back, room + 2, w.len - 2), LK_OK);
        assert_true(same(&back, &value));
    }
}

/* The project's octets, as the room page shows them. */
static void the_layout_is_that_of_the_page(void **state)
{
    static const uint8_t want[] = { 3, 4, 1, 1, 33, 2, 4, 192, 0, 2, 1, 3, 16, 0xfe, 0x80, 1, 0, 0,
                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 1, 2, 3, 4 };
    struct lk_mode_value value = full_value();
    uint8_t octets[LK_MODE_WRITTEN_MAX];

    assert_int_equal(encode(octets, &value), sizeof want);
    assert_memory_equal(octets, want, sizeof want);
}

static void every_cut_and_one_octet_more_is_refused_or_less(void **state)
{
    struct lk_mode_value value = full_value(), back;
    const struct lk_mode_value none = { .message = LK_MODE_CAPABILITY };
    uint8_t octets[LK_MODE_WRITTEN_MAX + 4] = { 0 };
    size_t len = encode(octets, &value);

    for (size_t cut = 0; cut < len; cut++) {
        bool between = cut == 2 || cut == 5 || cut == 11 || cut == 29;

        assert_int_equal(decode(&back, octets, cut), between ? LK_OK : LK_E_SHORT);
        if (!between)
            assert_true(same(&back, &none));
    }
    for (size_t more = 1; more <= 4; more++)
        assert_int_equal(decode(&back, octets, len + more), more <= 3 ? LK_OK : LK_E_LENGTH);
    octets[len] = 9; /* an item of another day, without its length, then with one that lies */
    assert_int_equal(decode(&back, octets, len + 1), LK_E_SHORT);
    octets[len + 1] = 200;
    assert_int_equal(decode(&back, octets, len + 2), LK_E_SHORT);
}

static void odd_values_are_refused(void **state)
{
    static const struct bad {
        const char *octets;
        size_t len;
        enum lk_status status;
    } bad[] = {
        { "", 0, LK_E_SHORT },
        { "\1", 1, LK_E_SHORT },
        { "\0\4", 2, LK_E_UNKNOWN },
        { "\4\4", 2, LK_E_UNKNOWN },
        { "\xff\4", 2, LK_E_UNKNOWN },
        { "\3\4\1\0", 4, LK_E_LENGTH },             /* a cause of no octet, of two */
        { "\3\4\1\2\0\0", 6, LK_E_LENGTH },
        { "\3\4\2\3\1\2\3", 7, LK_E_LENGTH },       /* addresses of three and of five */
        { "\3\4\2\5\1\2\3\4\5", 9, LK_E_LENGTH },
        { "\3\4\3\4\1\2\3\4", 8, LK_E_LENGTH },
        { "\3\4\4\2\1\2", 6, LK_E_LENGTH },
        { "\3\4\1\1\1\1\1\1", 8, LK_E_TWICE },
        { "\3\4\2\4\1\2\3\4\2\4\1\2\3\4", 14, LK_E_TWICE },
        { "\3\4\0\1", 4, LK_E_VALUE },              /* what fills up is zeroes */
        { "\3\4\0\0\1", 5, LK_E_VALUE },
        { "\3\4\0\0\0\0", 6, LK_E_LENGTH },         /* and less than a word */
        { "\3\4\0\2\4\1\2\3\4", 9, LK_E_LENGTH },   /* nothing hides behind the end */
    };

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        struct lk_mode_value value;

        assert_int_equal(decode(&value, bad[i].octets, bad[i].len), bad[i].status);
        assert_int_equal(value.modes, 0);
        assert_false(value.twag.has_ipv4 || value.has_cause);
    }
}

/* spec: TS 29.273 5.2.3.25 - undefined mode bits are ignored; so are items of another day. */
static void what_is_not_known_is_skipped(void **state)
{
    static const uint8_t octets[] = { 1, 0xfc, 200, 3, 1, 2, 3, 200, 0, 2, 4, 127, 0, 0, 1, 0 };
    struct lk_mode_value value;

    assert_int_equal(decode(&value, octets, sizeof octets), LK_OK);
    assert_int_equal(value.message, LK_MODE_CAPABILITY);
    assert_int_equal(value.modes, LK_TWAN_MULTI);
    assert_true(value.twag.has_ipv4);
    assert_int_equal(value.twag.ipv4[0], 127);
}

static void the_longest_attribute_is_read(void **state)
{
    uint8_t octets[LK_MODE_VALUE_MAX] = { 1, 4 };
    struct lk_mode_value value;
    size_t at = 2;

    for (; at + 2 + 252 <= sizeof octets; at += 2 + 252) {
        octets[at] = 99;
        octets[at + 1] = 252;
    }
    assert_int_equal(sizeof octets - at, 0);
    assert_int_equal(decode(&value, octets, sizeof octets), LK_OK);
    assert_int_equal(value.modes, LK_TWAN_MULTI);
}

/* A layout comes from a configuration: numbers that would be confused are found. */
static void a_layout_is_sound_or_not(void **state)
{
    assert_true(lk_mode_layout_is_sound(&layout));
    layout.message[2] = layout.message[0];
    assert_false(lk_mode_layout_is_sound(&layout));
    lk_mode_layout_defaults(&layout);
    layout.multi = layout.single;
    assert_false(lk_mode_layout_is_sound(&layout));
    layout.multi = 6;
    assert_false(lk_mode_layout_is_sound(&layout));
    layout.multi = 0;
    assert_false(lk_mode_layout_is_sound(&layout));
    lk_mode_layout_defaults(&layout);
    layout.back_off = 0;
    assert_false(lk_mode_layout_is_sound(&layout));
    layout.back_off = layout.cause;
    assert_false(lk_mode_layout_is_sound(&layout));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_value_comes_back, defaults),
        cmocka_unit_test_setup(the_layout_is_that_of_the_page, defaults),
        cmocka_unit_test_setup(every_cut_and_one_octet_more_is_refused_or_less, defaults),
        cmocka_unit_test_setup(odd_values_are_refused, defaults),
        cmocka_unit_test_setup(what_is_not_known_is_skipped, defaults),
        cmocka_unit_test_setup(the_longest_attribute_is_read, defaults),
        cmocka_unit_test_setup(a_layout_is_sound_or_not, defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
