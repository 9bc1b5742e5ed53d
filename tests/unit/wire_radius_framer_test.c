/* wire/radius_framer: packets out of a stream, however it was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/radius_framer.h"

static const size_t lengths[] = { 20, 21, 38, 20, 259, 512 };
static uint8_t stream[1024];
static size_t stream_len;

static int set_up(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        uint8_t *at = stream + stream_len;

        for (size_t j = 0; j < lengths[i]; j++)
            at[j] = (uint8_t)(i * 16 + j);
        at[2] = (uint8_t)(lengths[i] >> 8);
        at[3] = (uint8_t)lengths[i];
        stream_len += lengths[i];
    }
    return 0;
}

/* Feeds input and counts, from packet number next on; returns the number behind the last. */
static size_t feed(struct lk_radius_framer *framer, size_t next, struct lk_span input,
                   enum lk_status end)
{
    struct lk_span packet;
    enum lk_status status;

    while ((status = lk_radius_framer_next(framer, &packet, &input)) == LK_OK) {
        size_t at = 0;

        assert_true(next < LK_COUNT_OF(lengths));
        for (size_t i = 0; i < next; i++)
            at += lengths[i];
        assert_int_equal(packet.len, lengths[next]);
        assert_memory_equal(packet.at, stream + at, packet.len);
        next++;
    }
    assert_int_equal(status, end);
    if (end == LK_E_SHORT)
        assert_int_equal(input.len, 0);
    return next;
}

/* spec: RFC 6613 2.6.3 - where a packet ends, its length says. */
static void every_split_yields_the_same_packets(void **state)
{
    struct lk_radius_framer framer;

    for (size_t a = 0; a <= stream_len; a++) {
        size_t step = a % 97 == 0 ? 1 : 61;

        for (size_t b = a; b <= stream_len; b += step) {
            size_t next;

            lk_radius_framer_init(&framer);
            next = feed(&framer, 0, lk_span_of(stream, a), LK_E_SHORT);
            next = feed(&framer, next, lk_span_of(stream + a, b - a), LK_E_SHORT);
            next = feed(&framer, next, lk_span_of(stream + b, stream_len - b), LK_E_SHORT);
            assert_int_equal(next, LK_COUNT_OF(lengths));
            assert_int_equal(framer.len, 0);
        }
    }
    lk_radius_framer_init(&framer);
    for (size_t i = 0, next = 0; i < stream_len; i++)
        next = feed(&framer, next, lk_span_of(stream + i, 1), LK_E_SHORT);
    assert_int_equal(framer.len, 0);
}

static void the_longest_packet_fits(void **state)
{
    static uint8_t longest[LK_RADIUS_PACKET_MAX] = { 1, 0, 0x10, 0x00 };
    struct lk_radius_framer framer;
    struct lk_span packet, input;

    for (size_t cut = 1; cut < sizeof longest; cut += 1021) {
        lk_radius_framer_init(&framer);
        input = lk_span_of(longest, cut);
        assert_int_equal(lk_radius_framer_next(&framer, &packet, &input), LK_E_SHORT);
        input = lk_span_of(longest + cut, sizeof longest - cut);
        assert_int_equal(lk_radius_framer_next(&framer, &packet, &input), LK_OK);
        assert_int_equal(packet.len, sizeof longest);
    }
}

/* spec: RFC 6613 2.6.3 - a length below 20 or above 4096 closes the connection; it is found as soon
 * as the length is there. */
static void a_length_that_cannot_be_ends_the_stream(void **state)
{
    static const uint16_t wrong[] = { 0, 1, 19, 4097, 65535 };

    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++)
        for (size_t cut = 0; cut < 4; cut++) {
            const uint8_t octets[4] = { 1, 0, (uint8_t)(wrong[i] >> 8), (uint8_t)wrong[i] };
            struct lk_radius_framer framer;
            struct lk_span packet, input = lk_span_of(octets, cut);

            lk_radius_framer_init(&framer);
            assert_int_equal(lk_radius_framer_next(&framer, &packet, &input), LK_E_SHORT);
            input = lk_span_of(octets + cut, sizeof octets - cut);
            assert_int_equal(lk_radius_framer_next(&framer, &packet, &input), LK_E_LENGTH);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_yields_the_same_packets),
        cmocka_unit_test(the_longest_packet_fits),
        cmocka_unit_test(a_length_that_cannot_be_ends_the_stream),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
