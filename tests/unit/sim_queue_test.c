/* What the simulator will do comes in the order of time, and among equals as it was put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/queue.h"
#include "sim/random.h"

enum { EVENTS = 20000, FAR_MS = 200000 };

static struct sim_queue queue;

static void put(uint64_t at_ms, unsigned who)
{
    struct sim_event event = { .at_ms = at_ms, .who = who };

    sim_queue_put(&queue, &event, &who, who % 2 == 0 ? sizeof who : 0);
}

static void take(uint64_t at_ms, unsigned who)
{
    struct sim_event *event = sim_queue_take(&queue);

    assert_non_null(event);
    assert_int_equal(event->at_ms, at_ms);
    assert_int_equal(event->who, who);
    if (who % 2 == 0)
        assert_memory_equal(event->octets, &who, sizeof who);
    assert_int_equal(event->len, who % 2 == 0 ? sizeof who : 0);
    sim_queue_done(&queue, event);
}

/* Of one millisecond of the ring: this round's, and those of later rounds before and behind it. */
static void rounds_do_not_mix(void **state)
{
    static const uint64_t round_ms = 1 << 15;

    put(7 + 2 * round_ms, 0);
    put(7, 1);
    put(7 + round_ms, 2);
    put(7, 3);
    take(7, 1);
    put(7, 4); /* now */
    take(7, 3);
    take(7, 4);
    put(7 + round_ms, 5);
    take(7 + round_ms, 2);
    take(7 + round_ms, 5);
    put(8 + round_ms, 6);
    take(8 + round_ms, 6);
    take(7 + 2 * round_ms, 0);
    assert_null(sim_queue_take(&queue));
    assert_int_equal(queue.count, 0);
    assert_int_equal(queue.octets, 0);
    sim_queue_free(&queue);
}

/* As a list that is searched would give them, while more are put in. */
static void all_come_in_order(void **state)
{
    static uint64_t at_ms[EVENTS];
    struct sim_random random;
    uint64_t last_ms = 0;
    unsigned last = 0;

    sim_random_start(&random, 1);
    for (unsigned i = 0; i < EVENTS; i++) {
        uint64_t reach_ms = i % 8 == 0 ? FAR_MS : 50;

        at_ms[i] = queue.now_ms + sim_random_below(&random, reach_ms);
        put(at_ms[i], i);
        if (i % 3 == 0)
            sim_queue_done(&queue, sim_queue_take(&queue));
    }
    for (struct sim_event *event; (event = sim_queue_take(&queue)) != NULL;) {
        assert_int_equal(event->at_ms, at_ms[event->who]);
        assert_true(event->at_ms > last_ms || (event->at_ms == last_ms && event->who > last));
        last_ms = event->at_ms;
        last = event->who;
        sim_queue_done(&queue, event);
    }
    assert_int_equal(queue.octets, 0);
    put(last_ms, 1); /* what is left is given back */
    sim_queue_free(&queue);
    assert_int_equal(queue.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_do_not_mix),
        cmocka_unit_test(all_come_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
