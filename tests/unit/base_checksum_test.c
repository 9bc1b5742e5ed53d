/* The Internet checksum against the sentence of RFC 1071 1: the one's complement sum of 16-bit
 * words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/checksum.h"

enum { MOST = 300 };

static uint16_t by_the_word(const uint8_t *octets, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i += 2) {
        sum += (uint32_t)octets[i] << 8 | (i + 1 < len ? octets[i + 1] : 0);
        if (sum > UINT16_MAX)
            sum -= UINT16_MAX;
    }
    return (uint16_t)~sum;
}

/* Every length, of octets with many carries; also in two parts, of which the first is even. */
static void test_every_length(void **state)
{
    uint8_t octets[MOST];

    (void)state;
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(0xff - i * i % 97);
    for (size_t len = 0; len <= sizeof octets; len++) {
        uint16_t wanted = by_the_word(octets, len);

        assert_int_equal(lk_checksum_of(lk_checksum_add(0, lk_span_of(octets, len))), wanted);
        for (size_t first = 0; first <= len; first += 2) {
            uint32_t sum = lk_checksum_add(0, lk_span_of(octets, first));

            sum = lk_checksum_add(sum, lk_span_of(octets + first, len - first));
            assert_int_equal(lk_checksum_of(sum), wanted);
        }
    }
}

/* In its place it makes the sum what says that nothing is wrong. */
static void test_in_place(void **state)
{
    uint8_t octets[] = { 0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7 };
    uint16_t sum = lk_checksum_of(lk_checksum_add(0, LK_SPAN(octets)));

    (void)state;
    octets[10] = (uint8_t)(sum >> 8);
    octets[11] = (uint8_t)sum;
    assert_int_equal(lk_checksum_of(lk_checksum_add(0, LK_SPAN(octets))), 0);
    octets[19] ^= 1;
    assert_int_not_equal(lk_checksum_of(lk_checksum_add(0, LK_SPAN(octets))), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
