/* wire/mis_framer: messages out of a stream, however it is cut; the longest; one that is longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/mis_framer.h"

enum { STREAM_MAX = 16384 };

static struct lk_mis_framer framer;

/* All frames of the vectors one behind the other. */
static size_t fill(uint8_t stream[STREAM_MAX], const json_t *list)
{
    struct lk_writer w = lk_writer_of(stream, STREAM_MAX);

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "hex");

        lk_put_span(&w, vector_span(&octets));
    }
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

/* spec: RFC 5677 5 - the header's length is all that frames a stream. */
static void frames_come_out_as_they_went_in(void **state)
{
    static uint8_t stream[STREAM_MAX];
    json_t *file = vectors_load("mis-frames");
    const json_t *list = vectors_list(file, "vectors");
    size_t len = fill(stream, list);

    for (size_t step = 1; step < 2000; step = step * 5 / 4 + 1) {
        size_t count = 0;

        lk_mis_framer_wipe(&framer);
        for (size_t at = 0; at < len; at += step) {
            struct lk_span part = lk_span_of(stream + at, len - at < step ? len - at : step);
            struct lk_span message;
            enum lk_status status;

            while ((status = lk_mis_framer_next(&framer, &message, &part)) == LK_OK)
                assert_vector(json_array_get(list, count++), "hex", message.at, message.len);
            assert_int_equal(status, LK_E_SHORT);
            assert_int_equal(part.len, 0);
        }
        assert_int_equal(count, json_array_size(list));
    }
    json_decref(file);
}

static void the_longest_and_one_more(void **state)
{
    static uint8_t octets[LK_MIS_FRAME_MAX] = { 0x10, 0, 0x14, 1, 0, 1, 0x1f, 0xf8 };
    static const uint8_t more[] = { 0x10, 0, 0x14, 1, 0, 1, 0x1f, 0xf9 };
    struct lk_span input = LK_SPAN(octets), message;

    lk_mis_framer_wipe(&framer);
    assert_int_equal(lk_mis_framer_next(&framer, &message, &input), LK_OK);
    assert_int_equal(message.len, LK_MIS_FRAME_MAX);
    for (size_t at = 0; at <= sizeof more; at++) {
        struct lk_span first = lk_span_of(more, at), rest = lk_span_of(more + at, sizeof more - at);

        lk_mis_framer_wipe(&framer);
        assert_int_equal(lk_mis_framer_next(&framer, &message, &first),
                         at < sizeof more ? LK_E_SHORT : LK_E_LENGTH);
        if (at < sizeof more)
            assert_int_equal(lk_mis_framer_next(&framer, &message, &rest), LK_E_LENGTH);
    }
    lk_mis_framer_wipe(&framer);
    for (size_t i = 0; i < sizeof framer.octets; i++)
        assert_int_equal(framer.octets[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_as_they_went_in),
        cmocka_unit_test(the_longest_and_one_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
