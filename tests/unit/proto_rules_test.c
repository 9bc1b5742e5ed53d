/* Rule tables: the one finder, and what must be true of every machine's table. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/rules.h"

enum { IDLE, ASKED, OPEN, STATES };
enum { START, GRANT, AGAIN, EVENTS };
#define TO(state) (1u << (state))

struct knock {
    int asked;
};

static enum lk_status ask(struct knock *k)
{
    k->asked++;
    return LK_OK;
}

static enum lk_status other(struct knock *k)
{
    return LK_E_VALUE;
}

static const char *const state_names[STATES] = { "IDLE", "ASKED", "OPEN" };
static const char *const on_names[EVENTS] = { "START", "GRANT", "AGAIN" };

static const struct knock_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct knock *k);
} rows[] = {
    { { TO(IDLE), START, TO(ASKED), "ask", "KNOCK 1" }, ask },
    { { TO(ASKED), GRANT, TO(OPEN) | TO(IDLE), "other", "KNOCK 2" }, other },
    { { TO(ASKED) | TO(OPEN), AGAIN, 0, "other", "KNOCK 3" }, other },
};

static const struct lk_rule_table table = {
    .name = "knock",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = STATES,
    .on_count = EVENTS,
    .first = TO(IDLE),
    .last = TO(OPEN),
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static void a_row_is_found_by_state_and_event(void **state)
{
    static const struct {
        unsigned in, on;
        enum lk_status status;
        size_t row;
    } wanted[] = {
        { IDLE, START, LK_OK, 0 },
        { IDLE, GRANT, LK_E_UNEXPECTED, 0 },
        { IDLE, AGAIN, LK_E_UNEXPECTED, 0 },
        { ASKED, START, LK_E_UNEXPECTED, 0 },
        { ASKED, GRANT, LK_OK, 1 },
        { ASKED, AGAIN, LK_OK, 2 },
        { OPEN, START, LK_E_UNEXPECTED, 0 },
        { OPEN, GRANT, LK_E_UNEXPECTED, 0 },
        { OPEN, AGAIN, LK_OK, 2 },
        { IDLE, EVENTS, LK_E_UNEXPECTED, 0 }, /* what a machine calls nothing */
    };
    struct knock k = { 0 };
    size_t row;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_int_equal(lk_rule_find(&row, &table, wanted[i].in, wanted[i].on),
                         wanted[i].status);
        if (wanted[i].status == LK_OK)
            assert_int_equal(row, wanted[i].row);
    }
    assert_int_equal(lk_rule_find(&row, &table, IDLE, START), LK_OK);
    assert_int_equal(rows[row].act(&k), LK_OK);
    assert_int_equal(k.asked, 1);
}

static void a_row_of_several_states_is_shown_for_each(void **state)
{
    static const struct lk_rule_view wanted[] = {
        { IDLE, "START", "ask", TO(ASKED), "KNOCK 1" },
        { ASKED, "GRANT", "other", TO(OPEN) | TO(IDLE), "KNOCK 2" },
        { ASKED, "AGAIN", "other", TO(ASKED), "KNOCK 3" },
        { OPEN, "AGAIN", "other", TO(OPEN), "KNOCK 3" },
    };
    struct lk_rule_view view;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_true(lk_rule_show(&view, &table, i));
        assert_int_equal(view.in, wanted[i].in);
        assert_int_equal(view.may_enter, wanted[i].may_enter);
        assert_string_equal(view.on, wanted[i].on);
        assert_string_equal(view.act, wanted[i].act);
        assert_string_equal(view.clause, wanted[i].clause);
    }
    assert_false(lk_rule_show(&view, &table, LK_COUNT_OF(wanted)));
    assert_string_equal(lk_rule_state_name(&table, OPEN), "OPEN");
}

static bool stops(size_t row, unsigned from, unsigned to)
{
    pid_t child = fork();
    int how = 0;

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
        lk_rule_check(&rows[row].rule, from, to);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT;
}

static void leading_elsewhere_than_the_row_says_stops(void **state)
{
    assert_false(stops(1, ASKED, OPEN));
    assert_false(stops(1, ASKED, IDLE));
    assert_true(stops(1, ASKED, ASKED));
    assert_true(stops(0, IDLE, OPEN));
    assert_false(stops(2, OPEN, OPEN)); /* stays where it is */
    assert_true(stops(2, OPEN, ASKED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_state_and_event),
        cmocka_unit_test(a_row_of_several_states_is_shown_for_each),
        cmocka_unit_test(leading_elsewhere_than_the_row_says_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
