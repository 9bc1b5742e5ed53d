/* vault/clock: the logical clock of a node, and its ceiling on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vault/sqn.h"

static void ceiling_slots_survive_any_torn_write(void **state)
{
    uint8_t slots[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN], whole[LK_CEILING_SLOT_LEN];
    struct lk_ceiling old = { 2, 6, 1000 }, next = { 2, 7, 2000 }, read;

    lk_ceiling_encode(slots[0], &old);
    lk_ceiling_encode(whole, &next);
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        memset(slots[1], 0x5a, sizeof slots[1]);
        memcpy(slots[1], whole, cut);
        assert_int_equal(lk_ceiling_decode(&read, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots),
                         LK_OK);
        assert_int_equal(read.tick, 1000);
        assert_int_equal(read.node, 2);
    }
    memcpy(slots[1], whole, sizeof whole);
    assert_int_equal(lk_ceiling_decode(&read, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots), LK_OK);
    assert_int_equal(read.tick, 2000);
    memset(slots, 0, sizeof slots);
    assert_int_equal(lk_ceiling_decode(&read, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots),
                     LK_E_NOT_FOUND);
}

/* A slot with any bit changed is no slot. */
static void a_changed_slot_does_not_count(void **state)
{
    uint8_t slots[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN] = { 0 };
    struct lk_ceiling one = { 1, 9, 77 }, read;

    lk_ceiling_encode(slots[1], &one);
    for (size_t bit = 0; bit < 8 * LK_CEILING_SLOT_LEN; bit++) {
        slots[1][bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(lk_ceiling_decode(&read, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots),
                         LK_E_NOT_FOUND);
        slots[1][bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(lk_ceiling_decode(&read, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots), LK_OK);
    assert_int_equal(read.generation, 9);
}

/* Y21: the later of wall clock and ceiling, then the monotonic clock alone. */
static void the_clock_begins_above_the_ceiling_and_follows_the_monotonic_one(void **state)
{
    struct lk_sqn_clock clock;

    lk_sqn_clock_start(&clock, 1000000, 500, 0);
    assert_int_equal(lk_sqn_clock_tick(&clock, 500), 10000);
    assert_int_equal(lk_sqn_clock_tick(&clock, 599), 10000);
    assert_int_equal(lk_sqn_clock_tick(&clock, 600), 10001);
    assert_int_equal(lk_sqn_clock_tick(&clock, 0), 10000);
    lk_sqn_clock_start(&clock, 1000000, 500, 12345);
    assert_int_equal(lk_sqn_clock_tick(&clock, 500), 12345);
    assert_int_equal(lk_sqn_clock_tick(&clock, 1500), 12355);
}

static void the_ceiling_is_raised_ahead_of_use(void **state)
{
    struct lk_sqn sqn;
    uint64_t wanted = 0;

    assert_int_equal(lk_sqn_init(&sqn, LK_SQN_TIME, 0, 0, NULL), LK_OK);
    assert_true(lk_sqn_ceiling_wanted(&sqn, 1000, &wanted));
    assert_true(wanted > 1000 + LK_SQN_AHEAD_MAX);
    sqn.ceiling = wanted;
    for (uint64_t tick = 1000; tick <= 1000 + LK_SQN_CEILING_STEP; tick++)
        assert_false(lk_sqn_ceiling_wanted(&sqn, tick, &wanted));
    assert_true(lk_sqn_ceiling_wanted(&sqn, 1001 + LK_SQN_CEILING_STEP, &wanted));
    sqn.ceiling = 1000 + LK_SQN_AHEAD_MAX; /* the farthest vector of the tick lies below it */
    assert_true(lk_sqn_ceiling_wanted(&sqn, 1000, &wanted));
    sqn.ceiling++;
    assert_false(lk_sqn_ceiling_wanted(&sqn, 1000, &wanted));
    sqn.mode = LK_SQN_COUNTER;
    assert_false(lk_sqn_ceiling_wanted(&sqn, 1 << 30, &wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceiling_slots_survive_any_torn_write),
        cmocka_unit_test(a_changed_slot_does_not_count),
        cmocka_unit_test(the_clock_begins_above_the_ceiling_and_follows_the_monotonic_one),
        cmocka_unit_test(the_ceiling_is_raised_ahead_of_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
