/* role/askers: a rate of each source, a share for strangers, and who is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "role/askers.h"

#define SECOND UINT64_C(1000000)
#define DAY (24 * 3600 * SECOND)
#define START (1000 * SECOND)

static struct lk_askers askers;

static int set_up(void **state)
{
    *state = calloc(1, lk_askers_size());
    lk_askers_in(&askers, *state, 7);
    return *state == NULL;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct lk_address address(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static void each_source_has_a_rate(void **state)
{
    const struct lk_address a = address("2001:db8::1"), same = address("2001:db8::2"),
                            b = address("192.0.2.1");

    (void)state;
    assert_true(lk_askers_may_come(&askers, &a, 2, START));
    assert_true(lk_askers_may_come(&askers, &same, 2, START));
    assert_false(lk_askers_may_come(&askers, &a, 2, START));
    assert_true(lk_askers_may_come(&askers, &b, 2, START));
}

/* Y02: however many strangers there are. */
static void strangers_share(void **state)
{
    const struct lk_address a = address("192.0.2.1"), b = address("192.0.2.2"),
                            known = address("2001:db8::1"), same = address("2001:db8::2");

    (void)state;
    assert_true(lk_askers_may_ask(&askers, &a, 2, START));
    assert_true(lk_askers_may_ask(&askers, &b, 2, START));
    assert_false(lk_askers_may_ask(&askers, &known, 2, START));
    lk_askers_proven(&askers, &known, START);
    for (unsigned i = 0; i < 100; i++)
        assert_true(lk_askers_may_ask(&askers, i % 2 == 0 ? &known : &same, 2, START));
    assert_false(lk_askers_may_ask(&askers, &a, 2, START));
    assert_true(lk_askers_may_ask(&askers, &a, 2, START + SECOND / 2));
    assert_true(lk_askers_know(&askers, &same, START + DAY - 1));
    assert_false(lk_askers_know(&askers, &known, START + DAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_source_has_a_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_share, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
