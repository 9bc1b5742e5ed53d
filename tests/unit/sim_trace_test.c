/* The hash of a simulated run covers the whole of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/ledger.h"

static uint64_t trace_of(uint64_t first, unsigned events)
{
    uint64_t trace = 0;

    sim_trace_add(&trace, &first, sizeof first);
    for (uint64_t i = 0; i < events; i++)
        sim_trace_add(&trace, &i, sizeof i);
    return trace;
}

static void test_what_began_otherwise_stays_so(void **state)
{
    (void)state;
    for (unsigned events = 0; events < 2000; events++) {
        assert_int_equal(trace_of(1, events), trace_of(1, events));
        assert_int_not_equal(trace_of(1, events), trace_of(2, events));
        assert_int_not_equal((uint32_t)trace_of(1, events), (uint32_t)trace_of(2, events));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_began_otherwise_stays_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
