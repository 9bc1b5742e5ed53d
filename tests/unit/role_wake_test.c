/* Timers by our clock, on a loop whose own is ahead of it by a millisecond or more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "role/shared.h"
#include "role/wake.h"

static uint64_t behind_ms;

/* In place of the one of role/shared.c: the loop's clock, and as far behind it. */
uint64_t lk_mono_ms(void)
{
    return uv_hrtime() / 1000000 - behind_ms;
}

struct seen {
    uint64_t at_ms;
    unsigned times, again;
};

static void on_due(struct lk_wake *wake)
{
    struct seen *seen = wake->context;

    assert_true(lk_mono_ms() >= seen->at_ms);
    assert_int_equal(wake->at_ms, LK_WAKE_NEVER);
    seen->times++;
    if (seen->again > 0) {
        seen->again--;
        lk_wake_at(wake, ++seen->at_ms);
    }
}

static void run(struct seen *seen, uint64_t in_ms)
{
    struct lk_wake wake;
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    lk_wake_begin(&wake, &loop, seen, on_due);
    seen->at_ms = lk_mono_ms() + in_ms;
    lk_wake_at(&wake, seen->at_ms);
    lk_wake_at(&wake, seen->at_ms);
    behind_ms += 2; /* from here on the loop's timers are early */
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    uv_close((uv_handle_t *)&wake.timer, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void it_is_never_early_and_never_lost(void **state)
{
    for (unsigned i = 0; i < 10; i++) {
        struct seen seen = { .again = 3 };

        run(&seen, i);
        assert_int_equal(seen.times, 4);
    }
}

static void what_is_past_is_due_at_once(void **state)
{
    struct seen seen = { 0 };
    struct lk_wake wake;
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    lk_wake_begin(&wake, &loop, &seen, on_due);
    lk_wake_at(&wake, 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(seen.times, 1);
    lk_wake_at(&wake, lk_mono_ms() + 3600000);
    lk_wake_at(&wake, LK_WAKE_NEVER);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0); /* nothing is left to wait for */
    assert_int_equal(seen.times, 1);
    uv_close((uv_handle_t *)&wake.timer, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_never_early_and_never_lost),
        cmocka_unit_test(what_is_past_is_due_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
