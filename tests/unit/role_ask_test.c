/* Questions from the control socket: tables of ops, and answers in parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "role/kinds.h"

/* Each row has one way to be answered, and no op is of two kinds: the supervisor could not tell
 * whom to ask. */
static void each_op_is_of_one_kind_and_has_one_function(void **state)
{
    size_t ops = 0;

    for (size_t i = 0; i < lk_kind_count(); i++)
        for (const struct lk_ask *ask = lk_kind_at(i)->asks; ask != NULL && ask->op != NULL;
             ask++) {
            ops++;
            assert_true((ask->answer != NULL) != (ask->later != NULL));
            for (size_t j = 0; j < lk_kind_count(); j++)
                assert_ptr_equal(lk_ask_find(lk_kind_at(j)->asks, ask->op), i == j ? ask : NULL);
        }
    assert_true(ops > 0);
}

static void what_is_not_in_the_table_is_not_found(void **state)
{
    static const struct lk_ask asks[] = { { .op = "a" }, { .op = "ab" }, { NULL } };

    assert_ptr_equal(lk_ask_find(asks, "ab"), &asks[1]);
    assert_null(lk_ask_find(asks, "abc"));
    assert_null(lk_ask_find(asks, ""));
    assert_null(lk_ask_find(NULL, "a"));
}

/* Of places 0 to all - 1 every step-th has a row: all are told once, in parts. */
static void walk(uint64_t all, uint64_t step)
{
    uint64_t told = 0, parts = 0;
    json_t *request = json_object(), *answer = NULL, *next = NULL;

    do {
        struct lk_part part;

        for (lk_part_begin(&part, request, all); lk_part_goes_on(&part); part.at++)
            if (part.at % step == 0)
                lk_part_add(&part, json_integer((json_int_t)part.at));
        json_decref(answer);
        answer = lk_part_end(&part, "rows");
        assert_true(json_array_size(json_object_get(answer, "rows")) <= LK_PART_ROWS);
        for (size_t i = 0; i < json_array_size(json_object_get(answer, "rows")); i++)
            assert_int_equal(
                json_integer_value(json_array_get(json_object_get(answer, "rows"), i)),
                step * told++);
        next = json_object_get(answer, "next");
        (void)json_object_set(request, "after", next);
        parts++;
    } while (next != NULL);
    assert_int_equal(told, (all + step - 1) / step);
    assert_true(parts * LK_PART_LOOKED_AT >= all);
    json_decref(answer);
    json_decref(request);
}

static void parts_are_the_whole(void **state)
{
    walk(0, 1);
    walk(1, 1);
    walk(LK_PART_ROWS, 1);
    walk(LK_PART_ROWS + 1, 1);
    walk(10 * LK_PART_ROWS - 1, 3);
    walk(2 * LK_PART_LOOKED_AT + 1, LK_PART_LOOKED_AT);
}

static void behind_the_end_is_nothing(void **state)
{
    static const json_int_t afters[] = { -1, 5, 6, INT64_MAX, INT64_MIN };

    for (size_t i = 0; i < LK_COUNT_OF(afters); i++) {
        json_t *request = json_pack("{s:I}", "after", afters[i]), *answer;
        struct lk_part part;

        lk_part_begin(&part, request, 5);
        assert_false(lk_part_goes_on(&part));
        answer = lk_part_end(&part, "rows");
        assert_true(json_is_true(json_object_get(answer, "ok")));
        assert_null(json_object_get(answer, "next"));
        json_decref(answer);
        json_decref(request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_op_is_of_one_kind_and_has_one_function),
        cmocka_unit_test(what_is_not_in_the_table_is_not_found),
        cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(behind_the_end_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
