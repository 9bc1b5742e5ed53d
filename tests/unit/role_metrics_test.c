/* /metrics: which reasons it shows, under which role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "role/metrics.h"

enum {
    ALL_ROLES = LK_ROLE_AAA | LK_ROLE_TWAP | LK_ROLE_TWAG | LK_ROLE_ANCHOR | LK_ROLE_UE |
                LK_ROLE_WT
};

static char page[LK_METRICS_MAX];

static size_t page_of(const struct lk_shared *shared, unsigned roles)
{
    const struct lk_metrics_view view = { .shared = shared, .roles = roles, .healthy = -1 };

    return lk_metrics_text(page, sizeof page, &view);
}

/* The number behind a reason under a role; -1: it is not on the page. */
static long shown(const char *role, const char *reason)
{
    char line[128];
    const char *at;
    long count = -1;

    (void)snprintf(line, sizeof line, "latchkey_refused_total{role=\"%s\",reason=\"%s\"} ", role,
                   reason);
    at = strstr(page, line);
    if (at != NULL)
        assert_int_equal(sscanf(at + strlen(line), "%ld", &count), 1);
    return count;
}

static void a_reason_stands_under_those_who_may_count_it(void **state)
{
    struct lk_shared *shared = lk_shared_new(1);

    (void)state;
    assert_non_null(shared);
    assert_true(page_of(shared, ALL_ROLES) < sizeof page - 1);
    assert_int_equal(shown("aaa", "eap-aka.res-wrong"), 0);
    assert_int_equal(shown("wlan", "eap-aka.res-wrong"), -1);
    assert_int_equal(shown("anchor", "pmip.stale"), 0);
    assert_int_equal(shown("aaa", "pmip.stale"), -1);
    assert_int_equal(shown("wlan", "wlcp.key-retired"), 0);
    assert_int_equal(shown("aaa", "wlcp.key-retired"), -1);
    assert_int_equal(shown("ue", "manager.stranger"), 0);
    assert_int_equal(shown("wlan", "manager.stranger"), -1);
    assert_int_equal(shown("aaa", "none"), -1);
}

static void a_reason_that_came_is_shown_whoever_counted_it(void **state)
{
    struct lk_shared *shared = lk_shared_new(1);

    (void)state;
    assert_non_null(shared);
    shared->slot[lk_kind_slot(&lk_anchor_kind, 0, 0)]->count.refused[LK_REASON_RES_WRONG] = 3;
    (void)page_of(shared, ALL_ROLES);
    assert_int_equal(shown("anchor", "eap-aka.res-wrong"), 3);
}

static void a_role_that_does_not_run_has_no_line(void **state)
{
    struct lk_shared *shared = lk_shared_new(1);

    (void)state;
    assert_non_null(shared);
    (void)page_of(shared, LK_ROLE_ANCHOR);
    assert_int_equal(shown("anchor", "pmip.stale"), 0);
    assert_null(strstr(page, "role=\"aaa\""));
    assert_null(strstr(page, "role=\"wlan\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_stands_under_those_who_may_count_it),
        cmocka_unit_test(a_reason_that_came_is_shown_whoever_counted_it),
        cmocka_unit_test(a_role_that_does_not_run_has_no_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
