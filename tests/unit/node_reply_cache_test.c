/* node/reply_cache: the same octets again, waiting marks, eviction of the oldest, nothing grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/reply_cache.h"

enum { SIZE = LK_REPLY_CACHE_MIN, LIFETIME = 30000 };

static struct lk_reply_cache *new_cache(void)
{
    void *memory = NULL;

    assert_int_equal(posix_memalign(&memory, 64, SIZE), 0);
    memset(memory, 0xa5, SIZE); /* it need not be zeroed */
    return lk_reply_cache_in(memory, SIZE, LIFETIME, 42);
}

static struct lk_reply_key key_of(uint32_t number)
{
    static const uint8_t loopback[4] = { 127, 0, 0, 1 };
    struct lk_reply_key key = { .client = lk_address_v4(loopback), .port = 1000 };

    memcpy(key.authenticator, &number, sizeof number);
    return key;
}

static struct lk_span answer_of(uint8_t *octets, uint32_t number)
{
    size_t len = 20 + number * 37 % 900;

    memset(octets, (int)(number & 0xff), len);
    memcpy(octets, &number, sizeof number);
    return lk_span_of(octets, len);
}

/* spec: RFC 5080 2.2.2 - the same client, port, identifier and authenticator get the same octets;
 * here the length counts too. */
static void the_same_request_gets_the_same_octets(void **state)
{
    struct lk_reply_cache *cache = new_cache();
    struct lk_reply_key key = key_of(1), other;
    struct lk_span answer;
    uint8_t octets[1024];
    struct lk_span given = answer_of(octets, 1);

    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 0), LK_REPLY_NONE);
    lk_reply_cache_wait(cache, &key, 0);
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 1), LK_REPLY_WAITS);
    lk_reply_cache_keep(cache, &key, 2, given);
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 3), LK_REPLY_ANSWER);
    assert_true(lk_span_equal(answer, given));
    assert_int_equal(lk_reply_cache_count(cache), 1);

    other = key; /* each part of the key counts */
    other.port++;
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);
    other = key;
    other.identifier++;
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);
    other = key;
    other.accounting = 1;
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);
    other = key;
    other.client.octets[15]++;
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);
    other = key;
    other.length++; /* Y26 */
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);
    other = key;
    other.authenticator[15]++;
    assert_int_equal(lk_reply_cache_find(cache, &answer, &other, 3), LK_REPLY_NONE);

    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 2 + LIFETIME), LK_REPLY_ANSWER);
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 3 + LIFETIME), LK_REPLY_NONE);
    free(cache);
}

static void a_mark_is_taken_away_and_an_answer_is_not(void **state)
{
    struct lk_reply_cache *cache = new_cache();
    struct lk_reply_key key = key_of(1);
    struct lk_span answer;

    lk_reply_cache_forget(cache, &key);
    lk_reply_cache_wait(cache, &key, 0);
    lk_reply_cache_forget(cache, &key);
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 0), LK_REPLY_NONE);
    assert_int_equal(lk_reply_cache_count(cache), 0);
    lk_reply_cache_keep(cache, &key, 0, lk_span_text("an answer"));
    lk_reply_cache_forget(cache, &key);
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 0), LK_REPLY_ANSWER);
    lk_reply_cache_keep(cache, &key, 0, lk_span_of(NULL, 0)); /* A29: an empty one */
    assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 0), LK_REPLY_ANSWER);
    assert_int_equal(answer.len, 0);
    free(cache);
}

/* A29: the cache filled, then 100,000 more: the newest are there, the oldest are not, and every
 * answer found is the one that was kept. T15: its memory is what it was given. */
static void full_it_drops_the_oldest(void **state)
{
    struct lk_reply_cache *cache = new_cache();
    uint8_t octets[1024];
    struct lk_span answer;

    for (uint32_t i = 0; i < 101000; i++) {
        struct lk_reply_key key = key_of(i);
        size_t there = 0;

        if (i % 3 == 0)
            lk_reply_cache_wait(cache, &key, i);
        if (i % 5 == 0)
            lk_reply_cache_forget(cache, &key);
        lk_reply_cache_keep(cache, &key, i, answer_of(octets, i));
        if (i % 1000 != 999)
            continue;
        for (uint32_t back = 0; back <= i && back < 1000; back++) {
            struct lk_reply_key old = key_of(i - back);
            bool found = lk_reply_cache_find(cache, &answer, &old, i) == LK_REPLY_ANSWER;

            if (found)
                assert_true(lk_span_equal(answer, answer_of(octets, i - back)));
            assert_true(!found || there == back); /* no gap: strictly by age */
            there += found;
        }
        assert_true(there > 50 && there < 200);
        assert_int_equal(there, lk_reply_cache_count(cache));
    }
    free(cache);
}

/* The longest answers, whose entries do not divide the ring. */
static void the_longest_answers_fit(void **state)
{
    static const uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_reply_cache *cache = new_cache();
    struct lk_span answer;

    for (uint32_t i = 0; i < 1000; i++) {
        struct lk_reply_key key = key_of(i);

        lk_reply_cache_keep(cache, &key, 0, lk_span_of(octets, sizeof octets - i % 2 * 4000));
        assert_int_equal(lk_reply_cache_find(cache, &answer, &key, 0), LK_REPLY_ANSWER);
        assert_int_equal(answer.len, sizeof octets - i % 2 * 4000);
    }
    free(cache);
}

static void a_key_is_read_from_a_datagram(void **state)
{
    uint8_t datagram[LK_RADIUS_HEADER_LEN] = { 1, 77, 0, 20, 1, 2, 3, 4 };
    struct lk_address client = { { 1 } };
    struct lk_reply_key key;

    for (size_t len = 0; len < sizeof datagram; len++)
        assert_int_equal(lk_reply_key_of(&key, &client, 5, true, lk_span_of(datagram, len)),
                         LK_E_SHORT);
    assert_int_equal(lk_reply_key_of(&key, &client, 5, true, LK_SPAN(datagram)), LK_OK);
    assert_int_equal(key.identifier, 77);
    assert_int_equal(key.port, 5);
    assert_int_equal(key.accounting, 1);
    assert_int_equal(key.length, sizeof datagram);
    assert_memory_equal(key.authenticator, datagram + 4, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_request_gets_the_same_octets),
        cmocka_unit_test(a_mark_is_taken_away_and_an_answer_is_not),
        cmocka_unit_test(full_it_drops_the_oldest),
        cmocka_unit_test(the_longest_answers_fit),
        cmocka_unit_test(a_key_is_read_from_a_datagram),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
