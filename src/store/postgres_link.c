/* The connection to PostgreSQL, and statements run within their time.
 *
 * Every wait is bounded: a statement that takes longer than WAIT_MS counts as failed and the
 * connection is dropped. A dropped connection is made anew by the next call, not more often than
 * once in RETRY_MS, so that a server that is away costs its callers an error and no time. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "store/postgres_link.h"

enum { WAIT_MS = 5500, RETRY_MS = 1000 };

struct lk_postgres *lk_postgres_of(struct lk_store *store)
{
    return (struct lk_postgres *)(void *)store;
}

static uint64_t mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- running a statement within its time ---- */

static bool wait_ready(PGconn *connection, short events, uint64_t deadline)
{
    for (;;) {
        struct pollfd one = { .fd = PQsocket(connection), .events = events };
        uint64_t now = mono_ms();
        int ready = now >= deadline ? 0 : poll(&one, 1, (int)(deadline - now));

        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* The last result of what was sent; NULL when the time is over or the connection lost. */
static PGresult *await_result(PGconn *connection, uint64_t deadline)
{
    PGresult *last = NULL, *next;
    int left;

    while ((left = PQflush(connection)) == 1)
        if (!wait_ready(connection, POLLIN | POLLOUT, deadline) || PQconsumeInput(connection) == 0)
            return NULL;
    if (left < 0)
        return NULL;
    for (;;) {
        while (PQisBusy(connection))
            if (!wait_ready(connection, POLLIN, deadline) || PQconsumeInput(connection) == 0) {
                PQclear(last);
                return NULL;
            }
        next = PQgetResult(connection);
        if (next == NULL)
            return last;
        PQclear(last);
        last = next;
    }
}

void lk_postgres_drop(struct lk_postgres *s)
{
    PQfinish(s->connection);
    s->connection = NULL;
    s->in_transaction = false;
}

/* Serialisation and deadlock (class 40), and a lock that was not to be had. */
static bool may_work_later(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state != NULL && (strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0);
}

enum lk_status lk_postgres_take(struct lk_postgres *s, PGresult **result)
{
    PGresult *got = await_result(s->connection, mono_ms() + WAIT_MS);
    ExecStatusType code = PQresultStatus(got);
    enum lk_status status;

    if (got != NULL && (code == PGRES_COMMAND_OK || code == PGRES_TUPLES_OK)) {
        *result = got;
        return LK_OK;
    }
    if (got == NULL || PQstatus(s->connection) != CONNECTION_OK) {
        status = lk_store_fail(&s->store, LK_E_STORE, "postgresql: no answer within %d ms: %.160s",
                               WAIT_MS, PQerrorMessage(s->connection));
        lk_postgres_drop(s);
    } else {
        status = lk_store_fail(&s->store, may_work_later(got) ? LK_E_BUSY : LK_E_STORE,
                               "postgresql: %.200s", PQresultErrorMessage(got));
    }
    PQclear(got);
    return status;
}

enum lk_status lk_postgres_command(struct lk_postgres *s, const char *text)
{
    PGresult *result;
    enum lk_status status;

    if (PQsendQuery(s->connection, text) == 0)
        return lk_store_fail(&s->store, LK_E_STORE, "postgresql: %.200s",
                             PQerrorMessage(s->connection));
    status = lk_postgres_take(s, &result);
    if (status == LK_OK)
        PQclear(result);
    return status;
}

/* ---- the connection ---- */

static const struct {
    const char *name;
    const char *text;
} statements[LK_PG_STATEMENTS] = {
    [LK_PG_ROWS] = { "lk_rows",
                     "SELECT imsi, row, akma, mip FROM subscriber"
                     " WHERE imsi = ANY ($1::bigint[])" },
    [LK_PG_SWAP] = { "lk_swap", "UPDATE subscriber SET row = $3::bytea"
                                " WHERE imsi = $1::bigint AND row = $2::bytea" },
    [LK_PG_EXISTS] = { "lk_exists", "SELECT 1 FROM subscriber WHERE imsi = $1::bigint" },
    [LK_PG_ADD] = { "lk_add", "INSERT INTO subscriber (imsi, row, akma)"
                              " SELECT i, r, CASE a WHEN 1 THEN true WHEN 2 THEN false END FROM"
                              " unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS n (i, r, a)"
                              " ON CONFLICT DO NOTHING RETURNING imsi" },
    [LK_PG_REPLACE] = { "lk_replace",
                        "INSERT INTO subscriber (imsi, row, akma)"
                        " SELECT i, r, CASE a WHEN 1 THEN true WHEN 2 THEN false END FROM"
                        " unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS n (i, r, a)"
                        " ON CONFLICT (imsi) DO UPDATE SET row = excluded.row,"
                        " akma = coalesce(excluded.akma, subscriber.akma) RETURNING imsi" },
    [LK_PG_REMOVE] = { "lk_remove", "WITH clock AS (SELECT extract(epoch FROM now())::bigint AS s),"
                                    " gone AS (UPDATE key_session SET identity = '',"
                                    " name = 'over ' || imsi, alias = '', created_ms ="
                                    " greatest(created_ms + 1, 1000 * s - 1), expires_s = 240 + s,"
                                    " sealed = '\\x00' FROM clock WHERE imsi = $1::bigint)"
                                    " DELETE FROM subscriber WHERE imsi = $1::bigint" },
    [LK_PG_SET_AKMA] = { "lk_set_akma", "WITH gone AS (DELETE FROM key_session WHERE $2::int = 0"
                                        " AND kind = $3::int AND imsi = $1::bigint)"
                                        " UPDATE subscriber SET akma = $2::int <> 0"
                                        " WHERE imsi = $1::bigint" },
    [LK_PG_SET_MIP] = { "lk_set_mip",
                        "UPDATE subscriber SET mip = $2::int WHERE imsi = $1::bigint" },
    [LK_PG_COUNT] = { "lk_count", "SELECT count(*) FROM subscriber" },
    [LK_PG_PAGE] = { "lk_page", "SELECT imsi, row, akma, mip FROM subscriber"
                                " WHERE imsi > $1::bigint ORDER BY imsi LIMIT $2::int" },
    [LK_PG_ACCOUNT] = { "lk_account",
                        "INSERT INTO accounting (at_ms, kind, client, session, username, called,"
                        " calling, imsi, input_octets, output_octets, session_s, terminate_cause)"
                        " VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::text,"
                        " $7::text, $8::text, $9::numeric, $10::numeric, $11::numeric, $12::bigint)"
                        " ON CONFLICT DO NOTHING" },
    [LK_PG_ACCOUNTS] = { "lk_accounts",
                         "SELECT number, at_ms, kind, client, session, username, called, calling,"
                         " imsi, input_octets, output_octets, session_s, terminate_cause"
                         " FROM accounting WHERE number > $1::bigint ORDER BY number LIMIT "
                         "$2::int" },
    [LK_PG_PUT_MARK] = { "lk_put_mark",
                         "INSERT INTO epoch_mark (imsi, service, epoch, row) SELECT * FROM"
                         " unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])" },
    [LK_PG_PAGE_MARK] = { "lk_page_mark",
                          "SELECT imsi, service, epoch, row, number FROM epoch_mark"
                          " WHERE number > $1::bigint ORDER BY number LIMIT $2::int" },
    [LK_PG_LOG_NEWEST] = { "lk_log_newest", "SELECT number, writer FROM binding_log"
                                            " ORDER BY number DESC LIMIT 1" },
    [LK_PG_LOG_APPEND] = { "lk_log_append",
                           "INSERT INTO binding_log (writer, batch) VALUES ($1::bigint, $2::bytea)"
                           " RETURNING number" },
    [LK_PG_LOG_FORGET] = { "lk_log_forget",
                           "DELETE FROM binding_log WHERE number IN (SELECT number FROM binding_log"
                           " WHERE number < $1::bigint ORDER BY number LIMIT $2::int)" },
    [LK_PG_LOG_READ] = { "lk_log_read",
                         "SELECT number, batch FROM binding_log WHERE number < $1::bigint"
                         " ORDER BY number DESC LIMIT $2::int" },
    [LK_PG_COUNTER_SAVE] = { "lk_counter_save",
                             "INSERT INTO wt_counter (print, next, at_ms)"
                             " VALUES ($1::bytea, $2::bigint, $3::bigint) ON CONFLICT (print)"
                             " DO UPDATE SET next = greatest(wt_counter.next, excluded.next),"
                             " at_ms = excluded.at_ms" },
    [LK_PG_COUNTER_FORGET] = { "lk_counter_forget",
                               "DELETE FROM wt_counter WHERE print IN (SELECT print FROM wt_counter"
                               " WHERE at_ms < $1::bigint ORDER BY at_ms LIMIT $2::int)" },
    [LK_PG_COUNTER_READ] = { "lk_counter_read",
                             "SELECT next FROM wt_counter WHERE print = $1::bytea" },
    [LK_PG_SESSION_KEEP] = { "lk_session_keep",
                             "INSERT INTO key_session (kind, imsi, identity, name, alias,"
                             " created_ms, expires_s, sealed) SELECT $1::int, $2::bigint, $3::text,"
                             " $4::text, $5::text, $6::bigint, $7::bigint, $8::bytea"
                             " WHERE NOT EXISTS (SELECT 1 FROM key_session WHERE kind = $1::int"
                             " AND name = $4::text AND imsi <> $2::bigint)"
                             " ON CONFLICT (kind, imsi) DO UPDATE SET"
                             " identity = excluded.identity, name = excluded.name,"
                             " alias = excluded.alias, created_ms = excluded.created_ms,"
                             " expires_s = excluded.expires_s, sealed = excluded.sealed"
                             " WHERE excluded.created_ms > key_session.created_ms"
                             " OR excluded.name = key_session.name" },
    [LK_PG_SESSION_BY_NAME] = { "lk_session_by_name",
                                "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed"
                                " FROM key_session WHERE kind = $1::int AND name = $2::text"
                                " AND expires_s > $3::bigint AND identity <> ''" },
    [LK_PG_SESSION_BY_ALIAS] = { "lk_session_by_alias",
                                 "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed"
                                 " FROM key_session WHERE kind = $1::int AND alias = $2::text"
                                 " AND expires_s > $3::bigint LIMIT 1" },
    [LK_PG_SESSION_END] = { "lk_session_end",
                            "UPDATE key_session SET identity = '', name = 'over ' || imsi,"
                            " alias = '', created_ms = greatest(created_ms + 1,"
                            " 1000 * $3::bigint - 1), expires_s = $4::bigint, sealed = '\\x00'"
                            " WHERE kind = $1::int AND imsi = $2::bigint AND identity <> ''" },
    [LK_PG_SESSION_REMOVE] = { "lk_session_remove", "DELETE FROM key_session WHERE kind = $1::int"
                                                    " AND imsi = $2::bigint" },
    [LK_PG_SESSION_SWEEP] = { "lk_session_sweep",
                              "DELETE FROM key_session WHERE (kind, imsi) IN (SELECT kind, imsi"
                              " FROM key_session WHERE expires_s < $1::bigint ORDER BY expires_s"
                              " LIMIT $2::int)" },
    [LK_PG_SESSION_PAGE] = { "lk_session_page",
                             "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed"
                             " FROM key_session WHERE kind = $1::int AND imsi > $2::bigint"
                             " AND identity <> '' ORDER BY imsi LIMIT $3::int" },
};

/* Two nodes that start at once must not both make the tables: hence the lock. Columns that came
 * later are added to tables of before. */
static const char schema[] =
    "BEGIN; SELECT pg_advisory_xact_lock(7311001);"
    "CREATE TABLE IF NOT EXISTS subscriber (imsi bigint PRIMARY KEY, row bytea NOT NULL);"
    "ALTER TABLE subscriber ADD COLUMN IF NOT EXISTS akma boolean;"
    "ALTER TABLE subscriber ADD COLUMN IF NOT EXISTS mip int;"
    "CREATE TABLE IF NOT EXISTS accounting (number bigserial PRIMARY KEY, at_ms bigint NOT NULL,"
    " kind bigint NOT NULL, client text NOT NULL, session text NOT NULL, username text NOT NULL,"
    " called text NOT NULL, calling text NOT NULL, imsi text NOT NULL,"
    " input_octets numeric(20) NOT NULL, output_octets numeric(20) NOT NULL,"
    " session_s numeric(20) NOT NULL, terminate_cause bigint NOT NULL,"
    " UNIQUE (client, session, kind, at_ms));"
    "CREATE TABLE IF NOT EXISTS binding_log (number bigserial PRIMARY KEY, writer bigint NOT NULL,"
    " batch bytea NOT NULL); ALTER TABLE binding_log ALTER batch SET STORAGE EXTERNAL;"
    "CREATE TABLE IF NOT EXISTS epoch_mark (number bigserial PRIMARY KEY, imsi bigint NOT NULL,"
    " service text NOT NULL, epoch bigint NOT NULL, row bytea NOT NULL);"
    "CREATE TABLE IF NOT EXISTS wt_counter (print bytea PRIMARY KEY, next bigint NOT NULL,"
    " at_ms bigint NOT NULL);"
    "CREATE INDEX IF NOT EXISTS wt_counter_at ON wt_counter (at_ms);"
    "CREATE TABLE IF NOT EXISTS key_session (kind int NOT NULL, imsi bigint NOT NULL,"
    " identity text NOT NULL, name text NOT NULL, alias text NOT NULL, created_ms bigint NOT NULL,"
    " expires_s bigint NOT NULL, sealed bytea NOT NULL, PRIMARY KEY (kind, imsi),"
    " UNIQUE (kind, name));"
    "CREATE INDEX IF NOT EXISTS key_session_alias ON key_session (kind, alias);"
    "CREATE INDEX IF NOT EXISTS key_session_expires ON key_session (expires_s); COMMIT";

/* An account without the right to make tables is fine where they are there. */
static enum lk_status make_tables(struct lk_postgres *s)
{
    PGresult *result;
    enum lk_status status;
    bool there;

    if (PQsendQuery(s->connection,
                    "SELECT (SELECT count(*) = 2 FROM pg_attribute WHERE attname IN ('akma', 'mip')"
                    " AND attrelid = to_regclass('subscriber'))"
                    " AND to_regclass('accounting') IS NOT NULL"
                    " AND to_regclass('binding_log') IS NOT NULL"
                    " AND to_regclass('epoch_mark') IS NOT NULL"
                    " AND to_regclass('wt_counter') IS NOT NULL"
                    " AND to_regclass('key_session') IS NOT NULL") == 0)
        return LK_E_STORE;
    status = lk_postgres_take(s, &result);
    if (status != LK_OK)
        return status;
    there = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return there ? LK_OK : lk_postgres_command(s, schema);
}

static enum lk_status prepare(struct lk_postgres *s)
{
    enum lk_status status =
        lk_postgres_command(s, "SET statement_timeout = '5s'; SET lock_timeout = '4s';"
                               "SET synchronous_commit = on; SET client_min_messages ="
                               " warning; SET idle_in_transaction_session_timeout ="
                               " '120s'");

    if (status == LK_OK)
        status = make_tables(s);
    for (size_t i = 0; status == LK_OK && i < LK_PG_STATEMENTS; i++) {
        PGresult *result;

        if (PQsendPrepare(s->connection, statements[i].name, statements[i].text, 0, NULL) == 0)
            return lk_store_fail(&s->store, LK_E_STORE, "postgresql: %.200s",
                                 PQerrorMessage(s->connection));
        status = lk_postgres_take(s, &result);
        if (status == LK_OK)
            PQclear(result);
    }
    return status;
}

/* The user's own settings in the URL come last and win. */
enum lk_status lk_postgres_connect(struct lk_postgres *s)
{
    const char *const names[] = { "connect_timeout",  "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", "tcp_user_timeout", "application_name",
                                  "client_encoding",  "dbname",           NULL };
    const char *const values[] = { "4", "5", "2", "3", "5000", "latchkey", "UTF8", s->url, NULL };
    enum lk_status status;

    s->tried_ms = mono_ms();
    s->connection = PQconnectdbParams(names, values, 1);
    if (PQstatus(s->connection) != CONNECTION_OK) {
        status = lk_store_fail(&s->store, LK_E_STORE, "postgresql: cannot connect: %.180s",
                               PQerrorMessage(s->connection));
        lk_postgres_drop(s);
        return status;
    }
    PQsetnonblocking(s->connection, 1);
    status = prepare(s);
    if (status != LK_OK && s->connection != NULL)
        lk_postgres_drop(s);
    return status;
}

enum lk_status lk_postgres_connected(struct lk_postgres *s)
{
    if (s->connection != NULL && PQstatus(s->connection) == CONNECTION_OK)
        return LK_OK;
    if (s->connection != NULL)
        lk_postgres_drop(s);
    if (s->tried_ms != 0 && mono_ms() - s->tried_ms < RETRY_MS)
        return LK_E_STORE; /* the reason is still that of the last attempt */
    return lk_postgres_connect(s);
}

enum lk_status lk_postgres_execute(struct lk_postgres *s, enum lk_postgres_statement which,
                                   int count, const char *const *values, const int *lens,
                                   PGresult **result)
{
    bool repeatable =
        !s->in_transaction &&
        (which == LK_PG_ROWS || which == LK_PG_PAGE || which == LK_PG_COUNT ||
         which == LK_PG_EXISTS || which == LK_PG_ACCOUNTS || which == LK_PG_PAGE_MARK ||
         which == LK_PG_LOG_READ || which == LK_PG_COUNTER_READ || which == LK_PG_SESSION_BY_NAME ||
         which == LK_PG_SESSION_BY_ALIAS || which == LK_PG_SESSION_PAGE);
    int formats[16] = { 0 };

    LK_ASSERT(count <= 16);
    for (int i = 0; lens != NULL && i < count; i++)
        formats[i] = lens[i] >= 0;
    for (int attempt = 0;; attempt++) {
        enum lk_status status = lk_postgres_connected(s);

        if (status != LK_OK)
            return status;
        if (PQsendQueryPrepared(s->connection, statements[which].name, count, values, lens, formats,
                                which != LK_PG_ACCOUNTS) == 0)
            status = lk_store_fail(&s->store, LK_E_STORE, "postgresql: %.200s",
                                   PQerrorMessage(s->connection));
        else
            status = lk_postgres_take(s, result);
        if (status == LK_OK || !repeatable || attempt > 0 || s->connection != NULL)
            return status;
        s->tried_ms = 0;
    }
}

enum lk_status lk_postgres_changed_one(struct lk_postgres *s, enum lk_postgres_statement which,
                                       int count, const char *const *values, const int *lens,
                                       bool *one)
{
    PGresult *result;
    enum lk_status status = lk_postgres_execute(s, which, count, values, lens, &result);

    if (status != LK_OK)
        return status;
    *one = which == LK_PG_EXISTS ? PQntuples(result) == 1 : strcmp(PQcmdTuples(result), "1") == 0;
    PQclear(result);
    return LK_OK;
}
