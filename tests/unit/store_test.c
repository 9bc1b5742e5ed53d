/* store: one suite for both engines (store_rig.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_rig.h"

static int setup(void **state)
{
    *state = store_rig_setup();
    return 0;
}

static int teardown(void **state)
{
    store_rig_teardown(*state);
    return 0;
}

static struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "" };

    snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", n);
    return imsi;
}

static struct lk_sealed_row row_of(unsigned n, uint16_t len)
{
    struct lk_sealed_row row = { .len = len };

    for (size_t i = 0; i < len; i++)
        row.octets[i] = (uint8_t)(n * 31 + i * 7);
    return row;
}

static bool row_equal(const struct lk_sealed_row *a, const struct lk_sealed_row *b)
{
    return lk_span_equal(lk_span_of(a->octets, a->len), lk_span_of(b->octets, b->len));
}

static void what_is_added_is_found(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi imsis[LK_STORE_BATCH];
    struct lk_sealed_row rows[LK_STORE_BATCH];
    bool found[LK_STORE_BATCH];
    uint64_t count;

    for (unsigned i = 0; i < LK_STORE_BATCH; i++) {
        struct lk_sealed_row row = row_of(i, (uint16_t)(i == 0 ? LK_ROW_MAX : 40 + i));

        imsis[i] = imsi_of(i);
        if (i % 3 != 2)
            assert_int_equal(lk_store_add(store, &imsis[i], &row, false), LK_OK);
    }
    assert_int_equal(lk_store_rows(store, imsis, LK_STORE_BATCH, rows, found), LK_OK);
    for (unsigned i = 0; i < LK_STORE_BATCH; i++) {
        struct lk_sealed_row row = row_of(i, (uint16_t)(i == 0 ? LK_ROW_MAX : 40 + i));

        assert_int_equal(found[i], i % 3 != 2);
        assert_true(!found[i] || row_equal(&rows[i], &row));
    }
    assert_int_equal(lk_store_count(store, &count), LK_OK);
    assert_int_equal(count, LK_STORE_BATCH - LK_STORE_BATCH / 3);
    assert_int_equal(lk_store_rows(store, imsis, 0, rows, found), LK_OK);
}

static void the_same_imsi_twice_in_a_batch_is_found_twice(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi imsis[3] = { imsi_of(1), imsi_of(2), imsi_of(1) };
    struct lk_sealed_row row = row_of(1, 90), rows[3];
    bool found[3];

    assert_int_equal(lk_store_add(store, &imsis[0], &row, false), LK_OK);
    assert_int_equal(lk_store_rows(store, imsis, 3, rows, found), LK_OK);
    assert_true(found[0] && !found[1] && found[2]);
    assert_true(row_equal(&rows[2], &row));
}

static void there_is_one_row_a_subscriber(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi imsi = imsi_of(7), shorter, zeroless;
    struct lk_sealed_row first = row_of(1, 100), second = row_of(2, 100), read;
    bool found;

    assert_int_equal(lk_store_add(store, &imsi, &first, false), LK_OK);
    assert_int_equal(lk_store_add(store, &imsi, &second, false), LK_E_EXISTS);
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_true(found && row_equal(&read, &first));
    assert_int_equal(lk_store_add(store, &imsi, &second, true), LK_OK);
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_true(found && row_equal(&read, &second));
    /* Leading zeroes count. */
    assert_int_equal(lk_imsi_parse(&shorter, lk_span_text("01010000000007")), LK_OK);
    assert_int_equal(lk_imsi_parse(&zeroless, lk_span_text("1010000000007")), LK_OK);
    assert_int_equal(lk_store_rows(store, &shorter, 1, &read, &found), LK_OK);
    assert_false(found);
    assert_int_equal(lk_store_rows(store, &zeroless, 1, &read, &found), LK_OK);
    assert_false(found);
    assert_int_equal(lk_store_delete(store, &imsi), LK_OK);
    assert_int_equal(lk_store_delete(store, &imsi), LK_E_NOT_FOUND);
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_false(found);
}

static enum lk_akma_said said_of(struct lk_store *store, const struct lk_imsi *imsi)
{
    struct lk_sealed_row read;
    bool found;

    assert_int_equal(lk_store_rows(store, imsi, 1, &read, &found), LK_OK);
    assert_true(found);
    return read.akma;
}

/* What is said of AKMA stands beside the row: a row that is replaced, or swapped, leaves it. */
static void what_is_said_of_akma_stays_until_it_is_said_anew(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi said = imsi_of(1), unsaid = imsi_of(2), none = imsi_of(3);
    struct lk_sealed_row no = row_of(1, 100), row = row_of(2, 100), next = row_of(3, 100);
    struct lk_sealed_row yes = row;

    no.akma = LK_AKMA_REFUSED;
    yes.akma = LK_AKMA_ALLOWED;
    assert_int_equal(lk_store_add(store, &said, &no, false), LK_OK);
    assert_int_equal(lk_store_add(store, &unsaid, &row, false), LK_OK);
    assert_int_equal(said_of(store, &said), LK_AKMA_REFUSED);
    assert_int_equal(said_of(store, &unsaid), LK_AKMA_UNSAID);
    assert_int_equal(lk_store_add(store, &said, &row, true), LK_OK);
    assert_int_equal(lk_store_swap_row(store, &said, &row, &next), LK_OK);
    assert_int_equal(said_of(store, &said), LK_AKMA_REFUSED);
    assert_int_equal(lk_store_add(store, &said, &yes, true), LK_OK);
    assert_int_equal(said_of(store, &said), LK_AKMA_ALLOWED);
    assert_int_equal(lk_store_set_akma(store, &unsaid, false), LK_OK);
    assert_int_equal(said_of(store, &unsaid), LK_AKMA_REFUSED);
    assert_int_equal(said_of(store, &said), LK_AKMA_ALLOWED);
    assert_int_equal(lk_store_set_akma(store, &unsaid, true), LK_OK);
    assert_int_equal(said_of(store, &unsaid), LK_AKMA_ALLOWED);
    assert_int_equal(lk_store_set_akma(store, &none, false), LK_E_NOT_FOUND);
}

static uint8_t ways_of(struct lk_store *store, const struct lk_imsi *imsi)
{
    struct lk_sealed_row read;
    bool found;

    assert_int_equal(lk_store_rows(store, imsi, 1, &read, &found), LK_OK);
    assert_true(found);
    return read.mip_refused;
}

static void the_ways_to_mobile_ip_stay_until_they_are_said_anew(void **state)
{
    struct lk_imsi one = imsi_of(1), other = imsi_of(2), nobody = imsi_of(3);
    struct lk_sealed_row row = row_of(1, 100), next = row_of(2, 100);

    assert_int_equal(lk_store_add(*state, &one, &row, false), LK_OK);
    assert_int_equal(lk_store_add(*state, &other, &row, false), LK_OK);
    assert_int_equal(lk_store_set_mip(*state, &one, 5), LK_OK);
    assert_int_equal(lk_store_set_mip(*state, &nobody, 5), LK_E_NOT_FOUND);
    assert_int_equal(lk_store_swap_row(*state, &one, &row, &next), LK_OK);
    assert_int_equal(ways_of(*state, &one), 5);
    assert_int_equal(ways_of(*state, &other), 0);
    assert_int_equal(lk_store_set_mip(*state, &one, 0), LK_OK);
    assert_int_equal(ways_of(*state, &one), 0);
}

/* A database of before: its subscribers stay, and may have AKMA, as they could. Many come at once,
 * and none fails; a program of before goes on writing to it. */
static void a_database_of_before_is_completed(void **state)
{
    enum { PROCESSES = 4 };
    static const char *const postgres[] = { "(1001010000000001, decode('aabb', 'hex'))",
                                            "(1001010000000002, decode('ccdd', 'hex'))" };
    static const char *const sqlite[] = { "(1001010000000001, x'aabb')",
                                          "(1001010000000002, x'ccdd')" };
    const char *const *values = store_rig_is_postgres() ? postgres : sqlite;
    struct lk_imsi old = imsi_of(1), later = imsi_of(2);
    struct lk_sealed_row row;
    char text[200];
    bool found;

    lk_store_close(*state);
    (void)snprintf(text, sizeof text, "ALTER TABLE subscriber DROP COLUMN mip;"
                   "ALTER TABLE subscriber DROP COLUMN akma;"
                   "INSERT INTO subscriber (imsi, row) VALUES %s", values[0]);
    store_rig_sql(text);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            lk_store_close(store_rig_open());
            _exit(0);
        }
    for (int p = 0; p < PROCESSES; p++) {
        int how;

        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
    *state = store_rig_open();
    assert_int_equal(lk_store_rows(*state, &old, 1, &row, &found), LK_OK);
    assert_true(found && row.len == 2 && row.octets[0] == 0xaa && row.akma == LK_AKMA_UNSAID);
    assert_int_equal(lk_store_set_akma(*state, &old, false), LK_OK);
    assert_int_equal(said_of(*state, &old), LK_AKMA_REFUSED);
    (void)snprintf(text, sizeof text, "INSERT INTO subscriber (imsi, row) VALUES %s", values[1]);
    store_rig_sql(text);
    assert_int_equal(said_of(*state, &later), LK_AKMA_UNSAID);
}

static void swap_is_compare_and_swap(void **state)
{
    struct lk_store *store = *state, *other = store_rig_open();
    struct lk_imsi imsi = imsi_of(1);
    struct lk_sealed_row a = row_of(1, 100), b = row_of(2, 102), c = row_of(3, 100), read;
    bool found;

    assert_int_equal(lk_store_swap_row(store, &imsi, &a, &b), LK_E_NOT_FOUND);
    assert_int_equal(lk_store_add(store, &imsi, &a, false), LK_OK);
    assert_int_equal(lk_store_swap_row(store, &imsi, &a, &b), LK_OK);
    assert_int_equal(lk_store_swap_row(other, &imsi, &a, &c), LK_E_CONFLICT);
    assert_int_equal(lk_store_rows(other, &imsi, 1, &read, &found), LK_OK);
    assert_true(found && row_equal(&read, &b));
    assert_int_equal(lk_store_swap_row(other, &imsi, &b, &c), LK_OK);
    assert_int_equal(lk_store_swap_row(store, &imsi, &b, &a), LK_E_CONFLICT);
    assert_true(lk_store_error(store)[0] != '\0');
    lk_store_close(other);
}

/* Many processes swap one row; each success was against the row it had read. */
static void swaps_of_many_processes_are_lost_by_none(void **state)
{
    enum { PROCESSES = 4, SWAPS = 25 };
    struct lk_store *store = *state;
    struct lk_imsi imsi = imsi_of(1);
    struct lk_sealed_row row = { .len = 8 };
    bool found;

    assert_int_equal(lk_store_add(store, &imsi, &row, false), LK_OK);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            struct lk_store *own = store_rig_open();

            for (int done = 0; done < SWAPS;) {
                struct lk_sealed_row old, next;
                enum lk_status status;

                if (lk_store_rows(own, &imsi, 1, &old, &found) != LK_OK || !found)
                    _exit(1);
                next = old;
                next.octets[0]++;
                status = lk_store_swap_row(own, &imsi, &old, &next);
                if (status != LK_OK && status != LK_E_CONFLICT)
                    _exit(2);
                done += status == LK_OK;
            }
            lk_store_close(own);
            _exit(0);
        }
    for (int p = 0; p < PROCESSES; p++) {
        int how;

        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
    assert_int_equal(lk_store_rows(store, &imsi, 1, &row, &found), LK_OK);
    assert_int_equal(row.octets[0], PROCESSES * SWAPS);
}

static void rows_are_added_in_bulk(void **state)
{
    struct lk_store *store = *state;
    static struct lk_imsi imsis[LK_STORE_ADD_BATCH];
    static struct lk_sealed_row rows[LK_STORE_ADD_BATCH];
    static bool there[LK_STORE_ADD_BATCH];
    struct lk_sealed_row read;
    uint64_t count;
    bool found;

    for (unsigned i = 0; i < LK_STORE_ADD_BATCH; i++) {
        imsis[i] = imsi_of(i * 7 % LK_STORE_ADD_BATCH);
        rows[i] = row_of(i, 102);
    }
    assert_int_equal(lk_store_add(store, &imsis[5], &rows[0], false), LK_OK);
    assert_int_equal(lk_store_add(store, &imsis[511], &rows[0], false), LK_OK);
    assert_int_equal(lk_store_add_rows(store, imsis, rows, LK_STORE_ADD_BATCH, false, there),
                     LK_OK);
    for (unsigned i = 0; i < LK_STORE_ADD_BATCH; i++)
        assert_int_equal(there[i], i == 5 || i == 511);
    assert_int_equal(lk_store_count(store, &count), LK_OK);
    assert_int_equal(count, LK_STORE_ADD_BATCH);
    assert_int_equal(lk_store_rows(store, &imsis[5], 1, &read, &found), LK_OK);
    assert_true(row_equal(&read, &rows[0]));
    assert_int_equal(lk_store_add_rows(store, imsis, rows, LK_STORE_ADD_BATCH, true, there), LK_OK);
    assert_int_equal(lk_store_rows(store, &imsis[5], 1, &read, &found), LK_OK);
    assert_true(row_equal(&read, &rows[5]));
}

struct listing {
    struct lk_store *store;
    unsigned next, step, stop;
    bool renew;
};

static bool list_visit(void *context, const struct lk_imsi *imsi, const struct lk_sealed_row *row)
{
    struct listing *l = context;
    struct lk_imsi expected = imsi_of(l->next);
    struct lk_sealed_row wanted = row_of(l->next, 60);

    assert_string_equal(imsi->digits, expected.digits);
    assert_true(row_equal(row, &wanted));
    if (l->renew)
        assert_int_equal(lk_store_swap_row(l->store, imsi, row, row), LK_OK);
    l->next += l->step;
    return l->next < l->stop;
}

static void all_are_listed_in_order_from_anywhere(void **state)
{
    struct lk_store *store = *state;
    struct listing l = { .store = store, .step = 1, .stop = 1000 };
    struct lk_imsi after = imsi_of(41);

    assert_int_equal(lk_store_list(store, NULL, list_visit, &l), LK_OK);
    assert_int_equal(l.next, 0);
    assert_int_equal(lk_store_begin(store), LK_OK);
    for (unsigned i = 0; i < 150; i++) {
        struct lk_imsi imsi = imsi_of(149 - i);
        struct lk_sealed_row row = row_of(149 - i, 60);

        assert_int_equal(lk_store_add(store, &imsi, &row, false), LK_OK);
    }
    assert_int_equal(lk_store_commit(store), LK_OK);
    assert_int_equal(lk_store_list(store, NULL, list_visit, &l), LK_OK);
    assert_int_equal(l.next, 150);
    l = (struct listing){ .store = store, .next = 42, .step = 1, .stop = 100, .renew = true };
    assert_int_equal(lk_store_list(store, &after, list_visit, &l), LK_OK);
    assert_int_equal(l.next, 100);
}

static void a_transaction_is_all_or_nothing(void **state)
{
    struct lk_store *store = *state, *other = store_rig_open();
    struct lk_imsi imsi = imsi_of(1);
    struct lk_sealed_row row = row_of(1, 80), read;
    bool found;

    assert_int_equal(lk_store_begin(store), LK_OK);
    assert_int_equal(lk_store_add(store, &imsi, &row, false), LK_OK);
    assert_int_equal(lk_store_rows(other, &imsi, 1, &read, &found), LK_OK);
    assert_false(found);
    lk_store_rollback(store);
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_false(found);
    assert_int_equal(lk_store_begin(store), LK_OK);
    assert_int_equal(lk_store_add(store, &imsi, &row, false), LK_OK);
    assert_int_equal(lk_store_commit(store), LK_OK);
    assert_int_equal(lk_store_rows(other, &imsi, 1, &read, &found), LK_OK);
    assert_true(found);
    lk_store_close(other);
}

struct accounts {
    size_t count;
    struct lk_accounting last;
};

static bool accounts_visit(void *context, const struct lk_accounting *record)
{
    struct accounts *a = context;

    a->count++;
    a->last = *record;
    return true;
}

static void accounting_is_kept_once(void **state)
{
    struct lk_store *store = *state;
    struct accounts seen = { 0 };
    struct lk_accounting record = { .at_ms = UINT64_C(1760000000123),
                                    .kind = 2,
                                    .client = "127.0.0.1",
                                    .session = "s-1",
                                    .user = "6001010000000001@wlan",
                                    .called = "02-00-00-00-00-01:WLAN",
                                    .calling = "02-00-00-00-00-02",
                                    .imsi = imsi_of(1),
                                    .input_octets = UINT64_C(5000000000),
                                    .output_octets = 7,
                                    .session_s = 60,
                                    .terminate_cause = 1 };

    for (int i = 0; i < 3; i++)
        assert_int_equal(lk_store_account(store, &record), LK_OK);
    record.kind = 1;
    for (unsigned i = 0; i < 200; i++) {
        record.at_ms++;
        assert_int_equal(lk_store_account(store, &record), LK_OK);
    }
    /* What came off the wire is anything. */
    memcpy(record.user, "a\xff\xfe\x01'; --", 10);
    memset(record.session, 'x', sizeof record.session);
    record.session[sizeof record.session - 1] = '\0';
    assert_int_equal(lk_store_account(store, &record), LK_OK);
    assert_int_equal(lk_store_accounts(store, accounts_visit, &seen), LK_OK);
    assert_int_equal(seen.count, 202);
    assert_int_equal(seen.last.kind, 1);
    assert_string_equal(seen.last.session, record.session);
    assert_true(seen.last.input_octets == UINT64_C(5000000000));
    assert_int_equal(seen.last.session_s, 60);
    assert_string_equal(seen.last.imsi.digits, record.imsi.digits);
    assert_string_equal(seen.last.called, "02-00-00-00-00-01:WLAN");
}

/* Y20: a row that somebody else put there does not overrun anything. */
static void a_row_that_is_too_long_is_an_error(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi imsi = imsi_of(1);
    struct lk_sealed_row row;
    bool found;

    store_rig_sql(store_rig_is_postgres()
                      ? "INSERT INTO subscriber (imsi, row) VALUES (1001010000000001,"
                        " decode(repeat('00', 161), 'hex'))"
                      : "INSERT INTO subscriber (imsi, row) VALUES (1001010000000001,"
                        " zeroblob(161))");
    assert_int_equal(lk_store_rows(store, &imsi, 1, &row, &found), LK_E_STORE);
    assert_int_equal(lk_store_delete(store, &imsi), LK_OK);
}

/* T52: a WT Counter is there after the store was opened anew, and never lower than it was; those of
 * long ago go. */
static void counters_of_keys_are_kept_and_only_rise(void **state)
{
    struct lk_store *store = *state, *again;
    struct lk_store_counter counter = { .print = { 1, 0, 0xff }, .next = 7, .at_ms = 1000 };
    uint32_t next = 0;

    assert_int_equal(lk_store_counter_read(store, &next, counter.print), LK_E_NOT_FOUND);
    assert_int_equal(lk_store_counter_save(store, &counter), LK_OK);
    counter.next = 5;
    assert_int_equal(lk_store_counter_save(store, &counter), LK_OK);
    again = store_rig_open();
    assert_int_equal(lk_store_counter_read(again, &next, counter.print), LK_OK);
    assert_int_equal(next, 7);
    lk_store_close(again);
    counter.next = 65536;
    assert_int_equal(lk_store_begin(store), LK_OK);
    assert_int_equal(lk_store_counter_save(store, &counter), LK_OK);
    assert_int_equal(lk_store_commit(store), LK_OK);
    assert_int_equal(lk_store_counter_read(store, &next, counter.print), LK_OK);
    assert_int_equal(next, 65536);
    counter = (struct lk_store_counter){ { 2 }, 1, 5000, 1001 };
    assert_int_equal(lk_store_counter_save(store, &counter), LK_OK);
    assert_int_equal(lk_store_counter_read(store, &next, counter.print), LK_OK);
    counter.print[0] = 1;
    counter.print[2] = 0xff;
    assert_int_equal(lk_store_counter_read(store, &next, counter.print), LK_E_NOT_FOUND);
}

static void a_store_that_cannot_be_opened_says_why(void **state)
{
    struct lk_store *store = *state;
    char error[LK_STORE_ERROR_TEXT];
    static const struct {
        const char *url, *says;
    } bad[] = {
        { "mysql://x", "sqlite:PATH" },
        { "sqlite:/dev/null/store.db", "cannot open" },
        { "sqlite:/etc/passwd", "database" },
        { "postgresql://127.0.0.1:9/none", "cannot connect" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        struct lk_store *none = store;

        assert_int_not_equal(lk_store_open(&none, bad[i].url, error), LK_OK);
        assert_null(none);
        if (strstr(error, bad[i].says) == NULL && geteuid() == 0)
            fail_msg("%s: %s", bad[i].url, error);
    }
}

/* The file of SQLite is its owner's alone; PostgreSQL's connection comes back by itself. */
static void the_engine_does_its_part(void **state)
{
    struct lk_store *store = *state;
    struct lk_imsi imsi = imsi_of(1);
    struct lk_sealed_row row = row_of(1, 80), read;
    struct stat about;
    bool found;

    assert_int_equal(lk_store_add(store, &imsi, &row, false), LK_OK);
    if (!store_rig_is_postgres()) {
        assert_int_equal(stat(store_rig_path(), &about), 0);
        assert_int_equal(about.st_mode & 07777, 0600);
        return;
    }
    store_rig_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND application_name = 'latchkey'");
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_true(found);
    assert_int_equal(lk_store_begin(store), LK_OK);
    store_rig_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND application_name = 'latchkey'");
    assert_int_not_equal(lk_store_delete(store, &imsi), LK_OK);
    assert_int_not_equal(lk_store_commit(store), LK_OK);
    usleep(1100000);
    assert_int_equal(lk_store_rows(store, &imsi, 1, &read, &found), LK_OK);
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_added_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_imsi_twice_in_a_batch_is_found_twice, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(there_is_one_row_a_subscriber, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_said_of_akma_stays_until_it_is_said_anew, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_ways_to_mobile_ip_stay_until_they_are_said_anew, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_database_of_before_is_completed, setup, teardown),
        cmocka_unit_test_setup_teardown(swap_is_compare_and_swap, setup, teardown),
        cmocka_unit_test_setup_teardown(swaps_of_many_processes_are_lost_by_none, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_are_added_in_bulk, setup, teardown),
        cmocka_unit_test_setup_teardown(all_are_listed_in_order_from_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_is_all_or_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(accounting_is_kept_once, setup, teardown),
        cmocka_unit_test_setup_teardown(counters_of_keys_are_kept_and_only_rise, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_that_is_too_long_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_cannot_be_opened_says_why, setup, teardown),
        cmocka_unit_test_setup_teardown(the_engine_does_its_part, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
