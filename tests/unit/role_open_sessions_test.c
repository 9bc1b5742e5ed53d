/* role/open_sessions: what a list of accounting records leaves open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/accounting.h"
#include "role/open_sessions.h"

struct line {
    uint32_t kind;
    const char *client, *session, *called;
};

static struct lk_accounting record_of(const struct line *line)
{
    struct lk_accounting record = { .kind = line->kind };

    (void)snprintf(record.client, sizeof record.client, "%s", line->client);
    (void)snprintf(record.session, sizeof record.session, "%s", line->session);
    (void)snprintf(record.called, sizeof record.called, "%s", line->called);
    return record;
}

static size_t open_of(const struct lk_open_sessions *sessions)
{
    size_t open = 0;

    for (size_t i = 0; i < sessions->count; i++)
        open += sessions->item[i].kind != 0;
    return open;
}

/* spec: RFC 2866 5.1 - start, interim, stop, on and off. */
static void what_began_and_did_not_end_is_open(void **state)
{
    static const struct {
        struct line line;
        size_t open;
    } table[] = {
        { { LK_ACCT_START, "a", "1", "x" }, 1 },
        { { LK_ACCT_START, "a", "1", "x" }, 1 },
        { { LK_ACCT_INTERIM, "a", "1", "x" }, 1 },
        { { LK_ACCT_INTERIM, "a", "2", "y" }, 2 },
        { { LK_ACCT_START, "b", "1", "x" }, 3 },
        { { LK_ACCT_STOP, "a", "3", "x" }, 3 },
        { { LK_ACCT_STOP, "b", "1", "x" }, 2 },
        { { LK_ACCT_STOP, "b", "1", "x" }, 2 },
        { { LK_ACCT_START, "b", "1", "x" }, 3 },
        { { LK_ACCT_ON, "a", "", "y" }, 2 },
        { { LK_ACCT_OFF, "a", "", "" }, 1 },
        { { LK_ACCT_ON, "c", "", "" }, 1 },
    };
    struct lk_open_sessions sessions = { 0 };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct lk_accounting record = record_of(&table[i].line);

        lk_open_sessions_take(&sessions, &record);
        assert_int_equal(open_of(&sessions), table[i].open);
    }
    lk_open_sessions_free(&sessions);
}

/* RFC 2869 5.3: an access point that said at some time that it has none said nothing of later ones,
 * however late it arrives. */
static void what_began_later_is_not_ended_by_an_older_on(void **state)
{
    static const struct line line[] = { { LK_ACCT_START, "a", "1", "x" },
                                        { LK_ACCT_ON, "a", "", "" } };
    struct lk_open_sessions sessions = { 0 };

    for (uint64_t at_ms = 999; at_ms <= 1000; at_ms++) {
        struct lk_accounting begun = record_of(&line[0]), on = record_of(&line[1]);

        begun.at_ms = 1000;
        on.at_ms = at_ms;
        lk_open_sessions_take(&sessions, &begun);
        lk_open_sessions_take(&sessions, &on);
        assert_int_equal(open_of(&sessions), at_ms < 1000 ? 1 : 0);
    }
    lk_open_sessions_free(&sessions);
}

/* The table grows with those that are open, not with the records. */
static void many_records_cost_what_is_open(void **state)
{
    struct lk_open_sessions sessions = { 0 };
    struct line line = { .client = "a", .called = "" };
    char name[16];

    line.session = name;
    for (unsigned i = 0; i < 20000; i++) {
        struct lk_accounting record;

        (void)snprintf(name, sizeof name, "%u", i);
        line.kind = LK_ACCT_START;
        record = record_of(&line);
        lk_open_sessions_take(&sessions, &record);
        if (i % 1000 == 0)
            continue;
        line.kind = LK_ACCT_STOP;
        record = record_of(&line);
        lk_open_sessions_take(&sessions, &record);
    }
    assert_int_equal(open_of(&sessions), 20);
    assert_true(sessions.cap <= 1024);
    lk_open_sessions_free(&sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_began_and_did_not_end_is_open),
        cmocka_unit_test(what_began_later_is_not_ended_by_an_older_on),
        cmocka_unit_test(many_records_cost_what_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
