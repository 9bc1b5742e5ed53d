/* crypto: the running hash, put into octets and taken up again at every point, and every octets
 * that saving cannot have written refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

enum { MESSAGE_LEN = 200 }; /* more than three blocks */

static void fill(uint8_t *message)
{
    for (size_t i = 0; i < MESSAGE_LEN; i++)
        message[i] = (uint8_t)(i * 7 + 1);
}

static void hash_once(uint8_t out[32], enum lk_hash_kind kind, struct lk_span message)
{
    if (kind == LK_HASH_SHA1)
        lk_sha1(out, &message, 1);
    else
        lk_sha256(out, &message, 1);
}

static size_t save(uint8_t *saved, size_t cap, const struct lk_running_hash *h)
{
    struct lk_writer w = lk_writer_of(saved, cap);

    lk_hash_save(h, &w);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_true(w.len <= LK_RUNNING_HASH_MAX);
    return w.len;
}

static enum lk_status reload(struct lk_running_hash *h, const uint8_t *saved, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(saved, len));
    enum lk_status status = lk_hash_load(h, &r);

    return status == LK_OK ? lk_reader_end(&r) : status;
}

static void every_split_gives_the_same_value(void **state)
{
    static const enum lk_hash_kind kinds[] = { LK_HASH_SHA1, LK_HASH_SHA256 };
    uint8_t message[MESSAGE_LEN], want[32], came[32], saved[LK_RUNNING_HASH_MAX];

    fill(message);
    for (size_t k = 0; k < LK_COUNT_OF(kinds); k++) {
        hash_once(want, kinds[k], LK_SPAN(message));
        for (size_t cut = 0; cut <= MESSAGE_LEN; cut++) {
            struct lk_running_hash h, taken_up;
            size_t len, value_len;

            lk_hash_start(&h, kinds[k]);
            lk_hash_add(&h, lk_span_of(message, cut));
            len = save(saved, sizeof saved, &h);
            memset(&taken_up, 0xff, sizeof taken_up);
            assert_int_equal(reload(&taken_up, saved, len), LK_OK);
            lk_hash_add(&taken_up, lk_span_of(message + cut, MESSAGE_LEN - cut));
            value_len = lk_hash_value(&taken_up, came);
            assert_int_equal(value_len, kinds[k] == LK_HASH_SHA1 ? 20 : 32);
            assert_memory_equal(came, want, value_len);
            /* asking for the value did not end it */
            assert_int_equal(lk_hash_value(&taken_up, came), value_len);
            assert_memory_equal(came, want, value_len);
        }
    }
}

static void saved_octets_cut_short_are_refused(void **state)
{
    uint8_t message[MESSAGE_LEN], saved[LK_RUNNING_HASH_MAX];
    struct lk_running_hash h, before;
    size_t len;

    fill(message);
    lk_hash_start(&h, LK_HASH_SHA256);
    lk_hash_add(&h, lk_span_of(message, 127)); /* a full open block: the longest form */
    len = save(saved, sizeof saved, &h);
    assert_int_equal(len, LK_RUNNING_HASH_MAX);
    before = h;
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(reload(&h, saved, cut), LK_E_SHORT);
        assert_memory_equal(&h, &before, sizeof h); /* and nothing was taken over */
    }
}

static void saved_octets_that_cannot_be_are_refused(void **state)
{
    uint8_t message[MESSAGE_LEN], saved[LK_RUNNING_HASH_MAX];
    struct lk_running_hash h;
    size_t len;

    fill(message);
    lk_hash_start(&h, LK_HASH_SHA1);
    lk_hash_add(&h, lk_span_of(message, 63));
    len = save(saved, sizeof saved, &h);
    for (int kind = 0; kind < 256; kind++) { /* no such hash, or not that many octets */
        if (kind == 20)
            continue;
        saved[0] = (uint8_t)kind;
        assert_int_not_equal(reload(&h, saved, len), LK_OK);
    }
    saved[0] = 20;
    for (size_t i = 1; i <= 20; i++) { /* no block yet, and another chaining value */
        saved[i] ^= 1;
        assert_int_equal(reload(&h, saved, len), LK_E_VALUE);
        saved[i] ^= 1;
    }
    memset(saved + 21, 0xff, 3); /* a count near its end: adding must never be able to reach it */
    assert_int_equal(reload(&h, saved, len), LK_E_VALUE);
    memset(saved + 21, 0, 3);
    saved[24] = 62; /* the count and the open block disagree */
    assert_int_equal(reload(&h, saved, len), LK_E_TRAILING);
    saved[24] = 63;
    assert_int_equal(reload(&h, saved, len), LK_OK);
}

static void a_full_writer_says_so(void **state)
{
    struct lk_running_hash h;
    uint8_t room[LK_RUNNING_HASH_MAX];

    lk_hash_start(&h, LK_HASH_SHA256);
    for (size_t cap = 0; cap < 1 + 32 + 4; cap++) {
        struct lk_writer w = lk_writer_of(room, cap);

        lk_hash_save(&h, &w);
        assert_int_equal(lk_writer_end(&w), LK_E_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_gives_the_same_value),
        cmocka_unit_test(saved_octets_cut_short_are_refused),
        cmocka_unit_test(saved_octets_that_cannot_be_are_refused),
        cmocka_unit_test(a_full_writer_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
