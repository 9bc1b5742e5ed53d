/* What is due when: against a plain list of times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/due.h"

enum { NUMBERS = 50 };

static uint64_t least(const uint64_t at_ms[NUMBERS])
{
    uint64_t next_ms = LK_DUE_NEVER;

    for (unsigned i = 0; i < NUMBERS; i++)
        if (at_ms[i] < next_ms)
            next_ms = at_ms[i];
    return next_ms;
}

static void the_least_is_first(void **state)
{
    static uint64_t memory[NUMBERS * 2], at_ms[NUMBERS];
    uint32_t drawn = 1;
    struct lk_due due;

    assert_true(lk_due_size(NUMBERS) <= sizeof memory);
    lk_due_in(&due, memory, NUMBERS);
    for (unsigned i = 0; i < NUMBERS; i++)
        at_ms[i] = LK_DUE_NEVER;
    assert_int_equal(lk_due_next_ms(&due), LK_DUE_NEVER);
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t number;

        drawn = drawn * 1664525 + 1013904223;
        number = (drawn >> 8) % NUMBERS;
        at_ms[number] = (drawn >> 16) % 3 == 0 ? LK_DUE_NEVER : drawn >> 20;
        lk_due_set(&due, number, at_ms[number]);
        assert_int_equal(lk_due_next_ms(&due), least(at_ms));
        if (due.count > 0)
            assert_int_equal(at_ms[lk_due_first(&due)], least(at_ms));
    }
    for (unsigned i = 0; i < NUMBERS; i++)
        lk_due_set(&due, i, LK_DUE_NEVER);
    assert_int_equal(due.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_least_is_first) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
