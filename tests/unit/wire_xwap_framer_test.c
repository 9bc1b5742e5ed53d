/* wire/xwap_framer: messages out of a stream, however it is cut; probes; lengths at the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/xwap_framer.h"

static struct lk_xwap_framer framer;

static size_t put(uint8_t *to, size_t len, uint8_t fill)
{
    lk_xwap_frame_head(to, len);
    memset(to + LK_XWAP_FRAME_HEAD, fill, len);
    return LK_XWAP_FRAME_HEAD + len;
}

static void test_cut_at_every_length(void **state)
{
    uint8_t octets[64];
    size_t len = put(octets, 5, 'a');

    len += put(octets + len, 0, 0);
    len += put(octets + len, 20, 'b');
    for (size_t at = 0; at <= len; at++) {
        static const size_t wanted[] = { 5, 0, 20 };
        struct lk_span part[2] = { lk_span_of(octets, at), lk_span_of(octets + at, len - at) };
        struct lk_span message;
        size_t count = 0;

        lk_xwap_framer_wipe(&framer);
        for (size_t i = 0; i < 2; i++) {
            enum lk_status status;

            while ((status = lk_xwap_framer_next(&framer, &message, &part[i])) == LK_OK)
                assert_int_equal(message.len, wanted[count++]);
            assert_int_equal(status, LK_E_SHORT);
            assert_int_equal(part[i].len, 0);
        }
        assert_int_equal(count, 3);
    }
}

static void test_lengths(void **state)
{
    static uint8_t octets[LK_XWAP_FRAME_HEAD + LK_XWAP_MAX];
    static const uint8_t beyond[] = { 0, 0, 0x20, 1, 9 };
    static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 9 };
    struct lk_span input = lk_span_of(octets, put(octets, LK_XWAP_MAX, 7));
    struct lk_span message;

    lk_xwap_framer_wipe(&framer);
    assert_int_equal(lk_xwap_framer_next(&framer, &message, &input), LK_OK);
    assert_int_equal(message.len, LK_XWAP_MAX);
    input = LK_SPAN(beyond);
    assert_int_equal(lk_xwap_framer_next(&framer, &message, &input), LK_E_LENGTH);
    input = LK_SPAN(huge);
    assert_int_equal(lk_xwap_framer_next(&framer, &message, &input), LK_E_LENGTH);
    for (size_t i = 0; i + 1 < sizeof beyond; i++) { /* octet by octet it is the same */
        input = lk_span_of(beyond + i, 1);
        assert_int_equal(lk_xwap_framer_next(&framer, &message, &input),
                         i + 2 < sizeof beyond ? LK_E_SHORT : LK_E_LENGTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_every_length),
        cmocka_unit_test(test_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
