/* base/budgets: what several budgets are of at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/budgets.h"

/* Where one of several has none left, nothing is taken of the others, whichever comes first. */
static void test_all_are_taken_or_none(void **state)
{
    void *memory = calloc(1, lk_budgets_size());
    struct lk_budgets *budgets = lk_budgets_in(memory, 7);
    const struct lk_budget_share wide = { lk_span_text("wide"), { 2, 1000000 } },
                                 narrow = { lk_span_text("narrow"), { 1, 1000000 } };
    const struct lk_budget_share both[] = { wide, narrow };

    assert_non_null(memory);
    assert_true(lk_budgets_take_each(budgets, both, 2, 5));
    assert_false(lk_budgets_have(budgets, both, 2, 5));
    for (unsigned i = 0; i < 3; i++)
        assert_false(lk_budgets_take_each(budgets, both, 2, 5));
    assert_true(lk_budgets_take_each(budgets, both, 1, 5)); /* the second of the wide one */
    assert_false(lk_budgets_take_each(budgets, both, 1, 5));
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_taken_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
