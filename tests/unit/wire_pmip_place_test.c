/* wire/pmip_place: the place of a tunnel's end, both families, every cut, and what is no place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/pmip_place.h"

/* Port, milliseconds between two Heartbeats, word, address. */
static const uint8_t v4[] = { 0x15, 0x3d, 0, 0, 3, 0xe8,
                              1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                              192, 0, 2, 1 };
static const uint8_t v6[] = { 0xff, 0xff, 0, 0x36, 0xee, 0x80,
                              1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                              0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 };

static void check(struct lk_span octets, const char *address, uint16_t port,
                  uint32_t beats_ms)
{
    struct lk_mobility_place place;
    uint8_t again[LK_MOBILITY_PLACE_MAX];
    struct lk_writer w = lk_writer_of(again, sizeof again);
    char text[LK_ADDRESS_TEXT];

    assert_int_equal(lk_mobility_place_get(&place, octets), LK_OK);
    lk_address_text(text, &place.address);
    assert_string_equal(text, address);
    assert_int_equal(place.port, port);
    assert_int_equal(place.beats_ms, beats_ms);
    assert_memory_equal(place.word, v4 + 6, sizeof place.word);
    lk_mobility_place_put(&w, &place);
    assert_true(lk_span_equal(lk_writer_span(&w), octets));
}

static void all_of_a_place(void **state)
{
    check(LK_SPAN(v4), "192.0.2.1", 5437, 1000);
    check(LK_SPAN(v6), "2001:db8::7", 65535, 3600000);
}

static void assert_none(struct lk_span octets, enum lk_status status)
{
    static const struct lk_mobility_place none;
    struct lk_mobility_place place = { .port = 1 };

    assert_int_equal(lk_mobility_place_get(&place, octets), status);
    assert_memory_equal(&place, &none, sizeof none);
}

static void every_other_length_is_refused(void **state)
{
    uint8_t octets[sizeof v6 + 3] = { 0 };

    memcpy(octets, v6, sizeof v6);
    for (size_t len = 0; len <= sizeof octets; len++)
        if (len != sizeof v4 && len != sizeof v6)
            assert_none(lk_span_of(octets, len), LK_E_LENGTH);
}

static void no_port_and_no_address_are_refused(void **state)
{
    static const uint8_t no_port[sizeof v4] = { [sizeof v4 - 1] = 1 };
    static const uint8_t any4[sizeof v4] = { 0x15, 0x3d };
    static const uint8_t any6[sizeof v6] = { 0x15, 0x3d };

    assert_none(LK_SPAN(no_port), LK_E_VALUE);
    assert_none(LK_SPAN(any4), LK_E_VALUE);
    assert_none(LK_SPAN(any6), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_place),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(no_port_and_no_address_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
