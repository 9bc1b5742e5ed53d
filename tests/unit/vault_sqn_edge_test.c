/* vault/sqn: the edges of a correction, each to the last SEQ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vault/sqn.h"

static const struct lk_imsi imsi = { .digits = "001010000000001" };
static const uint64_t TICK = UINT64_C(17600000000);
static struct lk_sqn sqn;
static struct lk_sqn_record row;

static void octets_of(uint8_t octets[LK_SQN_LEN], uint64_t seq)
{
    uint64_t number = seq << LK_SQN_IND_BITS;

    for (size_t i = LK_SQN_LEN; i > 0; i--, number >>= 8)
        octets[i - 1] = (uint8_t)number;
}

/* A node in time mode and a row whose next SEQ at TICK is seq. */
static void prepare(uint64_t seq)
{
    uint8_t last[LK_SQN_LEN];

    free(sqn.recent);
    assert_int_equal(lk_sqn_init(&sqn, LK_SQN_TIME, 0, 0, calloc(1, lk_sqn_recent_size())), LK_OK);
    assert_non_null(sqn.recent);
    sqn.ceiling = TICK + 100000;
    octets_of(last, seq - 1);
    assert_int_equal(lk_sqn_record_start(&row, LK_SQN_TIME, last, TICK), LK_OK);
}

static bool corrected(uint64_t seq_ms)
{
    uint8_t octets[LK_SQN_LEN];
    bool changed = false;

    octets_of(octets, seq_ms);
    assert_int_equal(lk_sqn_correct(&sqn, &imsi, &row, &changed, octets, TICK), LK_REASON_NONE);
    return changed;
}

static uint64_t next_at(struct lk_sqn_record *of, uint64_t tick, uint8_t out[LK_SQN_LEN])
{
    bool changed = false;

    assert_int_equal(lk_sqn_next(out, &sqn, &imsi, of, &changed, tick, 2), LK_REASON_NONE);
    return lk_sqn_seq(out);
}

/* spec: TS 33.102 C.2.1 - a USIM takes a jump of DELTA, and none of DELTA + 1. */
static void a_jump_of_delta_needs_no_correction(void **state)
{
    prepare(LK_SQN_DELTA + 10);
    assert_false(corrected(10));
    assert_int_equal(row.epoch, 0);
    prepare(LK_SQN_DELTA + 11);
    assert_true(corrected(10));
    assert_int_equal(row.epoch, 1);
}

/* Only a fall of SEQ counts as one: a card that is ahead is followed as often as it says so. */
static void rises_do_not_count_as_falls(void **state)
{
    uint8_t out[LK_SQN_LEN];

    prepare(1);
    for (uint64_t i = 1; i <= 3 * LK_SQN_EPOCH_MAX; i++) {
        assert_true(corrected(i * 1000));
        assert_int_equal(row.epoch, 0);
        assert_int_equal(next_at(&row, TICK + i, out), i * 1000 + 1 + i);
    }
}

/* The row of before a rise is still under way: whatever it yields lies above what was corrected to.
 */
static void the_row_of_before_a_rise_stays_above_it(void **state)
{
    struct lk_sqn_record stale;
    uint8_t out[LK_SQN_LEN];

    prepare(1);
    stale = row;
    assert_true(corrected(6));
    assert_int_equal(next_at(&stale, TICK, out), 7);
    prepare(1);
    stale = row;
    assert_true(corrected(6));
    assert_int_equal(next_at(&row, TICK, out), 7);
    assert_int_equal(next_at(&stale, TICK + 3, out), 8);
}

/* Above the SQN that a fall began from nothing is remembered against the row that fell. */
static void a_fall_is_served_at_once(void **state)
{
    uint8_t out[LK_SQN_LEN];

    prepare(2 * LK_SQN_DELTA);
    assert_int_equal(next_at(&row, TICK, out), 2 * LK_SQN_DELTA);
    assert_true(corrected(10));
    assert_int_equal(next_at(&row, TICK, out), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_of_delta_needs_no_correction),
        cmocka_unit_test(rises_do_not_count_as_falls),
        cmocka_unit_test(the_row_of_before_a_rise_stays_above_it),
        cmocka_unit_test(a_fall_is_served_at_once),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(sqn.recent);
    return failed;
}
