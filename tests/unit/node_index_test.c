/* Numbers by their hashes, against a plain list; and what a seed gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "node/draw.h"
#include "node/index.h"

enum { NUMBERS = 40, HASHES = 12 };

static void every_number_is_found_by_its_hash(void **state)
{
    static uint64_t memory[NUMBERS * 4];
    static bool in[NUMBERS];
    static uint64_t hash[NUMBERS];
    struct lk_index index;
    uint32_t drawn = 1;

    assert_true(lk_index_size(NUMBERS) <= sizeof memory);
    lk_index_in(&index, memory, NUMBERS);
    for (unsigned i = 0; i < 5000; i++) {
        unsigned count[HASHES] = { 0 }, want[HASHES] = { 0 };
        uint32_t number;

        drawn = drawn * 1664525 + 1013904223;
        number = (drawn >> 8) % NUMBERS;
        if (in[number])
            lk_index_take(&index, number);
        else
            lk_index_put(&index, number, hash[number] = (uint64_t)(drawn >> 20) % HASHES << 3);
        in[number] = !in[number];
        for (uint32_t n = 0; n < NUMBERS; n++)
            want[hash[n] >> 3] += in[n];
        for (unsigned h = 0; h < HASHES; h++)
            for (uint32_t n = lk_index_first(&index, (uint64_t)h << 3); n != LK_INDEX_NONE;
                 n = lk_index_next(&index, n)) {
                assert_true(in[n] && hash[n] == (uint64_t)h << 3);
                count[h]++;
            }
        assert_memory_equal(count, want, sizeof count);
    }
    (void)state;
}

static void what_is_drawn_is_new_and_of_the_seed(void **state)
{
    static const uint8_t seed[LK_DRAW_SEED_LEN] = { 7 }, zero[8];
    uint8_t a[80], b[80];
    struct lk_draw one, two;

    lk_draw_in(&one, seed);
    lk_draw_in(&two, seed);
    lk_draw(&one, a, sizeof a);
    lk_draw(&two, b, 32);
    lk_draw(&two, b + 32, 48);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, a + 32, 32);
    assert_memory_not_equal(a + 72, zero, sizeof zero);
    assert_memory_not_equal(one.key, seed, sizeof seed);
    lk_draw(&one, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_found_by_its_hash),
        cmocka_unit_test(what_is_drawn_is_new_and_of_the_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
