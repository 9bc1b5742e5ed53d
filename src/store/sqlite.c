/* The store in SQLite: one file, write-ahead log, every commit on the disk before it is told.
 *
 * Several processes open the file at once: the workers read, the supervisor and the command line
 * write. A batch of reads is one read transaction, which costs one look at the log's index. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite_parts.h"

enum { BUSY_MS = 5000 };

static const char *const texts[STATEMENTS] = {
    [LK_SQLITE_BEGIN_READ] = "BEGIN",
    [LK_SQLITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [LK_SQLITE_COMMIT] = "COMMIT",
    [LK_SQLITE_ROLLBACK] = "ROLLBACK",
    [LK_SQLITE_ROW] = "SELECT row, akma, mip FROM subscriber WHERE imsi = ?1",
    [LK_SQLITE_SWAP] = "UPDATE subscriber SET row = ?3 WHERE imsi = ?1 AND row = ?2",
    [LK_SQLITE_ADD] = "INSERT OR IGNORE INTO subscriber (imsi, row, akma) VALUES (?1, ?2, ?3)",
    [LK_SQLITE_REPLACE] =
        "INSERT INTO subscriber (imsi, row, akma) VALUES (?1, ?2, ?3) ON CONFLICT (imsi)"
        " DO UPDATE SET row = excluded.row, akma = coalesce(excluded.akma, akma)",
    [LK_SQLITE_REMOVE] = "DELETE FROM subscriber WHERE imsi = ?1",
    /* As LK_SQLITE_SESSION_END, for longer than any challenge is answered. */
    [LK_SQLITE_REMOVE_SESSIONS] =
        "UPDATE key_session SET identity = '', name = 'over ' || imsi, alias = '',"
        " created_ms = max(created_ms + 1, 1000 * strftime('%s', 'now') - 1),"
        " expires_s = 240 + strftime('%s', 'now'), sealed = x'00' WHERE imsi = ?1",
    [LK_SQLITE_SET_AKMA] = "UPDATE subscriber SET akma = ?2 WHERE imsi = ?1",
    [LK_SQLITE_SET_MIP] = "UPDATE subscriber SET mip = ?2 WHERE imsi = ?1",
    [LK_SQLITE_COUNT] = "SELECT count(*) FROM subscriber",
    [LK_SQLITE_PAGE] =
        "SELECT imsi, row, akma, mip FROM subscriber WHERE imsi > ?1 ORDER BY imsi LIMIT ?2",
    [LK_SQLITE_ACCOUNT] =
        "INSERT OR IGNORE INTO accounting (at_ms, kind, client, session, username, called,"
        " calling, imsi, input_octets, output_octets, session_s, terminate_cause)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [LK_SQLITE_ACCOUNTS] =
        "SELECT number, at_ms, kind, client, session, username, called, calling, imsi,"
        " input_octets, output_octets, session_s, terminate_cause"
        " FROM accounting WHERE number > ?1 ORDER BY number LIMIT ?2",
    [LK_SQLITE_PUT_MARK] =
        "INSERT INTO epoch_mark (imsi, service, epoch, row) VALUES (?1, ?2, ?3, ?4)",
    [LK_SQLITE_PAGE_MARK] =
        "SELECT imsi, service, epoch, row, number FROM epoch_mark WHERE number > ?1"
        " ORDER BY number LIMIT ?2",
    [LK_SQLITE_LOG_NEWEST] = "SELECT number, writer FROM binding_log ORDER BY number DESC LIMIT 1",
    [LK_SQLITE_LOG_APPEND] = "INSERT INTO binding_log (writer, batch) VALUES (?1, ?2)",
    [LK_SQLITE_LOG_FORGET] =
        "DELETE FROM binding_log WHERE number IN (SELECT number FROM binding_log"
        " WHERE number < ?1 ORDER BY number LIMIT ?2)",
    [LK_SQLITE_LOG_READ] = "SELECT batch FROM binding_log ORDER BY number DESC",
    [LK_SQLITE_COUNTER_SAVE] = "INSERT INTO wt_counter (print, next, at_ms) VALUES (?1, ?2, ?3)"
                               " ON CONFLICT (print) DO UPDATE SET next = max(next, excluded.next),"
                               " at_ms = excluded.at_ms",
    [LK_SQLITE_COUNTER_FORGET] =
        "DELETE FROM wt_counter WHERE print IN (SELECT print FROM wt_counter"
        " WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
    [LK_SQLITE_COUNTER_READ] = "SELECT next FROM wt_counter WHERE print = ?1",
    [LK_SQLITE_SESSION_KEEP] =
        "INSERT INTO key_session (kind, imsi, identity, name, alias, created_ms, expires_s, sealed)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM key_session"
        " WHERE kind = ?1 AND name = ?4 AND imsi <> ?2) ON CONFLICT (kind, imsi) DO UPDATE SET"
        " identity = excluded.identity, name = excluded.name, alias = excluded.alias,"
        " created_ms = excluded.created_ms, expires_s = excluded.expires_s,"
        " sealed = excluded.sealed"
        " WHERE excluded.created_ms > created_ms OR excluded.name = name",
    [LK_SQLITE_SESSION_BY_NAME] =
        "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed FROM key_session"
        " WHERE kind = ?1 AND name = ?2 AND expires_s > ?3 AND identity <> ''",
    [LK_SQLITE_SESSION_BY_ALIAS] =
        "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed FROM key_session"
        " WHERE kind = ?1 AND alias = ?2 AND expires_s > ?3",
    /* A millisecond before now_s: what is agreed in that second, and has another challenge, is
     * taken. */
    [LK_SQLITE_SESSION_END] =
        "UPDATE key_session SET identity = '', name = 'over ' || imsi, alias = '',"
        " created_ms = max(created_ms + 1, 1000 * ?3 - 1), expires_s = ?4, sealed = x'00'"
        " WHERE kind = ?1 AND imsi = ?2 AND identity <> ''",
    [LK_SQLITE_SESSION_REMOVE] = "DELETE FROM key_session WHERE kind = ?1 AND imsi = ?2",
    [LK_SQLITE_SESSION_SWEEP] =
        "DELETE FROM key_session WHERE (kind, imsi) IN (SELECT kind, imsi FROM key_session"
        " WHERE expires_s < ?1 ORDER BY expires_s LIMIT ?2)",
    [LK_SQLITE_SESSION_PAGE] =
        "SELECT imsi, identity, name, alias, created_ms, expires_s, sealed FROM key_session"
        " WHERE kind = ?1 AND imsi > ?2 AND identity <> '' ORDER BY imsi LIMIT ?3",
};

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE IF NOT EXISTS subscriber (imsi INTEGER PRIMARY KEY, row BLOB NOT NULL,"
    " akma INTEGER, mip INTEGER);"
    "CREATE TABLE IF NOT EXISTS accounting (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, client TEXT NOT NULL, session TEXT NOT NULL, username TEXT NOT NULL,"
    " called TEXT NOT NULL, calling TEXT NOT NULL, imsi TEXT NOT NULL,"
    " input_octets INTEGER NOT NULL, output_octets INTEGER NOT NULL, session_s INTEGER NOT NULL,"
    " terminate_cause INTEGER NOT NULL, UNIQUE (client, session, kind, at_ms));"
    "CREATE TABLE IF NOT EXISTS binding_log (number INTEGER PRIMARY KEY, writer INTEGER NOT NULL,"
    " batch BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS epoch_mark (number INTEGER PRIMARY KEY, imsi INTEGER NOT NULL,"
    " service TEXT NOT NULL, epoch INTEGER NOT NULL, row BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS wt_counter (print BLOB PRIMARY KEY, next INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS wt_counter_at ON wt_counter (at_ms);"
    "CREATE TABLE IF NOT EXISTS key_session (kind INTEGER NOT NULL, imsi INTEGER NOT NULL,"
    " identity TEXT NOT NULL, name TEXT NOT NULL, alias TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " expires_s INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (kind, imsi),"
    " UNIQUE (kind, name)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS key_session_alias ON key_session (kind, alias);"
    "CREATE INDEX IF NOT EXISTS key_session_expires ON key_session (expires_s);";

/* FULL, because a lost tail of the log would bring an old row back. Pages are read, not mapped: a
 * mapping would grow with the subscribers that were seen. */
static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
                               "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;";

struct lk_sqlite *lk_sqlite_of(struct lk_store *store)
{
    return (struct lk_sqlite *)(void *)store;
}

enum lk_status lk_sqlite_failed(struct lk_sqlite *s)
{
    int code = sqlite3_errcode(s->db);

    return lk_store_fail(&s->store, code == SQLITE_BUSY ? LK_E_BUSY : LK_E_STORE, "sqlite: %s%s",
                         sqlite3_errmsg(s->db), code == SQLITE_FULL ? " (is the disk full?)" : "");
}

/* Steps a statement that yields nothing. */
enum lk_status lk_sqlite_run(struct lk_sqlite *s, enum lk_sqlite_statement which)
{
    sqlite3_stmt *statement = s->statements[which];
    int code = sqlite3_step(statement);
    enum lk_status status = code == SQLITE_DONE ? LK_OK : lk_sqlite_failed(s);

    sqlite3_reset(statement);
    return status;
}

static bool in_transaction(const struct lk_sqlite *s)
{
    return sqlite3_get_autocommit(s->db) == 0;
}

static enum lk_akma_said column_akma(sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return LK_AKMA_UNSAID;
    return sqlite3_column_int(statement, column) != 0 ? LK_AKMA_ALLOWED : LK_AKMA_REFUSED;
}

static void bind_blob(sqlite3_stmt *statement, int at, const struct lk_sealed_row *row)
{
    sqlite3_bind_blob(statement, at, row->octets, row->len, SQLITE_STATIC);
}

static enum lk_status column_row(struct lk_sqlite *s, struct lk_sealed_row *row,
                                 sqlite3_stmt *statement, int column)
{
    const void *octets = sqlite3_column_blob(statement, column);
    int len = sqlite3_column_bytes(statement, column);

    if (len < 0 || len > LK_ROW_MAX || (len > 0 && octets == NULL))
        return lk_store_fail(&s->store, LK_E_STORE, "sqlite: a row of %d octets", len);
    row->len = (uint16_t)len;
    if (len > 0)
        memcpy(row->octets, octets, (size_t)len);
    row->akma = column_akma(statement, column + 1);
    row->mip_refused = (uint8_t)sqlite3_column_int(statement, column + 2); /* NULL: 0 */
    return LK_OK;
}

static enum lk_status read_row(struct lk_sqlite *s, const struct lk_imsi *imsi,
                               struct lk_sealed_row *row, bool *found)
{
    sqlite3_stmt *statement = s->statements[LK_SQLITE_ROW];
    enum lk_status status = LK_OK;
    int code;

    sqlite3_bind_int64(statement, 1, lk_store_key(imsi));
    code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        status = column_row(s, row, statement, 0);
    else if (code != SQLITE_DONE)
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_rows(struct lk_store *store, const struct lk_imsi *imsis, size_t count,
                                  struct lk_sealed_row *rows, bool *found)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    bool own = count > 1 && !in_transaction(s);
    enum lk_status status = own ? lk_sqlite_run(s, LK_SQLITE_BEGIN_READ) : LK_OK;

    if (status != LK_OK)
        return status;
    for (size_t i = 0; status == LK_OK && i < count; i++)
        status = read_row(s, &imsis[i], &rows[i], &found[i]);
    if (own && lk_sqlite_run(s, LK_SQLITE_COMMIT) != LK_OK &&
        lk_sqlite_run(s, LK_SQLITE_ROLLBACK) != LK_OK)
        status = LK_E_STORE;
    return status;
}

static enum lk_status sqlite_swap_row(struct lk_store *store, const struct lk_imsi *imsi,
                                      const struct lk_sealed_row *old,
                                      const struct lk_sealed_row *row)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    struct lk_sealed_row there;
    enum lk_status status;
    bool found = false;

    sqlite3_bind_int64(s->statements[LK_SQLITE_SWAP], 1, lk_store_key(imsi));
    bind_blob(s->statements[LK_SQLITE_SWAP], 2, old);
    bind_blob(s->statements[LK_SQLITE_SWAP], 3, row);
    status = lk_sqlite_run(s, LK_SQLITE_SWAP);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    status = read_row(s, imsi, &there, &found);
    if (status != LK_OK)
        return status;
    return found ? lk_store_fail(store, LK_E_CONFLICT, "the row was changed by another")
                 : lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
}

static enum lk_status sqlite_add_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                      const struct lk_sealed_row *rows, size_t count, bool replace,
                                      bool *there)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    bool own = count > 1 && !in_transaction(s);
    enum lk_sqlite_statement which = replace ? LK_SQLITE_REPLACE : LK_SQLITE_ADD;
    enum lk_status status = own ? lk_sqlite_run(s, LK_SQLITE_BEGIN_WRITE) : LK_OK;

    if (status != LK_OK)
        return status;
    for (size_t i = 0; status == LK_OK && i < count; i++) {
        sqlite3_bind_int64(s->statements[which], 1, lk_store_key(&imsis[i]));
        bind_blob(s->statements[which], 2, &rows[i]);
        if (rows[i].akma == LK_AKMA_UNSAID)
            sqlite3_bind_null(s->statements[which], 3);
        else
            sqlite3_bind_int(s->statements[which], 3, rows[i].akma == LK_AKMA_ALLOWED);
        status = lk_sqlite_run(s, which);
        there[i] = status == LK_OK && !replace && sqlite3_changes(s->db) == 0;
    }
    if (own && status == LK_OK)
        status = lk_sqlite_run(s, LK_SQLITE_COMMIT);
    if (own && status != LK_OK)
        lk_store_rollback(store);
    return status;
}

/* Runs change, of one subscriber, and then its sequel, if any, in one transaction. */
static enum lk_status change_one(struct lk_sqlite *s, enum lk_sqlite_statement change,
                                 const enum lk_sqlite_statement *sequel)
{
    bool own = !in_transaction(s);
    enum lk_status status = own ? lk_sqlite_run(s, LK_SQLITE_BEGIN_WRITE) : LK_OK;

    if (status != LK_OK)
        return status;
    status = lk_sqlite_run(s, change);
    if (status == LK_OK && sqlite3_changes(s->db) == 0)
        status = lk_store_fail(&s->store, LK_E_NOT_FOUND, "no such subscriber");
    if (status == LK_OK && sequel != NULL)
        status = lk_sqlite_run(s, *sequel);
    if (own && status == LK_OK)
        status = lk_sqlite_run(s, LK_SQLITE_COMMIT);
    if (own && status != LK_OK)
        lk_store_rollback(&s->store);
    return status;
}

static enum lk_status sqlite_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    static const enum lk_sqlite_statement sequel = LK_SQLITE_REMOVE_SESSIONS;
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_REMOVE], 1, lk_store_key(imsi));
    sqlite3_bind_int64(s->statements[sequel], 1, lk_store_key(imsi));
    return change_one(s, LK_SQLITE_REMOVE, &sequel);
}

static enum lk_status sqlite_set_akma(struct lk_store *store, const struct lk_imsi *imsi,
                                      bool allowed)
{
    static const enum lk_sqlite_statement sequel = LK_SQLITE_SESSION_REMOVE;
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_SET_AKMA], 1, lk_store_key(imsi));
    sqlite3_bind_int(s->statements[LK_SQLITE_SET_AKMA], 2, allowed);
    sqlite3_bind_int(s->statements[sequel], 1, (int)LK_SESSION_AKMA);
    sqlite3_bind_int64(s->statements[sequel], 2, lk_store_key(imsi));
    return change_one(s, LK_SQLITE_SET_AKMA, allowed ? NULL : &sequel);
}

static enum lk_status sqlite_set_mip(struct lk_store *store, const struct lk_imsi *imsi,
                                     uint8_t refused)
{
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_SET_MIP], 1, lk_store_key(imsi));
    sqlite3_bind_int(s->statements[LK_SQLITE_SET_MIP], 2, refused);
    return change_one(s, LK_SQLITE_SET_MIP, NULL);
}

static enum lk_status sqlite_count(struct lk_store *store, uint64_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_COUNT];
    enum lk_status status = LK_OK;

    if (sqlite3_step(statement) == SQLITE_ROW)
        *count = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_page(struct lk_store *store, int64_t after, struct lk_imsi *imsis,
                                  struct lk_sealed_row *rows, size_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_PAGE];
    enum lk_status status = LK_OK;
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int(statement, 2, LK_STORE_BATCH);
    while (status == LK_OK && *count < LK_STORE_BATCH &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (lk_store_key_imsi(&imsis[*count], sqlite3_column_int64(statement, 0)) != LK_OK)
            status = lk_store_fail(store, LK_E_STORE, "sqlite: a subscriber without an IMSI");
        else
            status = column_row(s, &rows[*count], statement, 1);
        (*count)++;
    }
    if (status == LK_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_begin(struct lk_store *store)
{
    return lk_sqlite_run(lk_sqlite_of(store), LK_SQLITE_BEGIN_WRITE);
}

static enum lk_status sqlite_commit(struct lk_store *store)
{
    return lk_sqlite_run(lk_sqlite_of(store), LK_SQLITE_COMMIT);
}

static void sqlite_rollback(struct lk_store *store)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    char why[LK_STORE_ERROR_TEXT];

    /* What led here is what the caller wants to read. */
    memcpy(why, store->error, sizeof why);
    if (in_transaction(s) && lk_sqlite_run(s, LK_SQLITE_ROLLBACK) == LK_OK)
        memcpy(store->error, why, sizeof why);
}

void lk_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text, size_t cap)
{
    sqlite3_bind_text(statement, at, text, (int)strnlen(text, cap), SQLITE_STATIC);
}

static enum lk_status sqlite_account(struct lk_store *store, const struct lk_accounting *a)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_ACCOUNT];

    sqlite3_bind_int64(statement, 1, (int64_t)a->at_ms);
    sqlite3_bind_int64(statement, 2, a->kind);
    lk_sqlite_bind_text(statement, 3, a->client, sizeof a->client);
    lk_sqlite_bind_text(statement, 4, a->session, sizeof a->session);
    lk_sqlite_bind_text(statement, 5, a->user, sizeof a->user);
    lk_sqlite_bind_text(statement, 6, a->called, sizeof a->called);
    lk_sqlite_bind_text(statement, 7, a->calling, sizeof a->calling);
    lk_sqlite_bind_text(statement, 8, a->imsi.digits, sizeof a->imsi.digits);
    sqlite3_bind_int64(statement, 9, (int64_t)a->input_octets);
    sqlite3_bind_int64(statement, 10, (int64_t)a->output_octets);
    sqlite3_bind_int64(statement, 11, (int64_t)a->session_s);
    sqlite3_bind_int64(statement, 12, a->terminate_cause);
    return lk_sqlite_run(s, LK_SQLITE_ACCOUNT);
}

void lk_sqlite_text(sqlite3_stmt *statement, int column, char *to, size_t cap)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    snprintf(to, cap, "%s", text == NULL ? "" : (const char *)text);
}

static void column_accounting(struct lk_accounting *a, sqlite3_stmt *statement)
{
    memset(a, 0, sizeof *a);
    a->at_ms = (uint64_t)sqlite3_column_int64(statement, 1);
    a->kind = (uint32_t)sqlite3_column_int64(statement, 2);
    lk_sqlite_text(statement, 3, a->client, sizeof a->client);
    lk_sqlite_text(statement, 4, a->session, sizeof a->session);
    lk_sqlite_text(statement, 5, a->user, sizeof a->user);
    lk_sqlite_text(statement, 6, a->called, sizeof a->called);
    lk_sqlite_text(statement, 7, a->calling, sizeof a->calling);
    lk_sqlite_text(statement, 8, a->imsi.digits, sizeof a->imsi.digits);
    a->input_octets = (uint64_t)sqlite3_column_int64(statement, 9);
    a->output_octets = (uint64_t)sqlite3_column_int64(statement, 10);
    a->session_s = (uint64_t)sqlite3_column_int64(statement, 11);
    a->terminate_cause = (uint32_t)sqlite3_column_int64(statement, 12);
}

static enum lk_status sqlite_accounts(struct lk_store *store, int64_t *after,
                                      struct lk_accounting *records, size_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_ACCOUNTS];
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int64(statement, 1, *after);
    sqlite3_bind_int(statement, 2, LK_STORE_BATCH);
    while (*count < LK_STORE_BATCH && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *after = sqlite3_column_int64(statement, 0);
        column_accounting(&records[(*count)++], statement);
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? LK_OK : lk_sqlite_failed(s);
}

static void sqlite_close(struct lk_store *store)
{
    struct lk_sqlite *s = lk_sqlite_of(store);

    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    free(s);
}

static enum lk_status sqlite_present(struct lk_store *store)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    int moved = 0;

    if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved != 0)
        return lk_store_fail(store, LK_E_STORE, "sqlite: the file was moved or removed");
    return LK_OK;
}

static const struct lk_store_backend sqlite_backend = {
    .close = sqlite_close,
    .present = sqlite_present,
    .rows = sqlite_rows,
    .swap_row = sqlite_swap_row,
    .add_rows = sqlite_add_rows,
    .remove = sqlite_remove,
    .set_akma = sqlite_set_akma,
    .set_mip = sqlite_set_mip,
    .count = sqlite_count,
    .page = sqlite_page,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .account = sqlite_account,
    .accounts = sqlite_accounts,
    .put_marks = lk_sqlite_put_marks,
    .page_marks = lk_sqlite_page_marks,
    .log_newest = lk_sqlite_log_newest,
    .log_append = lk_sqlite_log_append,
    .log_forget = lk_sqlite_log_forget,
    .log_read = lk_sqlite_log_read,
    .counter_save = lk_sqlite_counter_save,
    .counter_read = lk_sqlite_counter_read,
    .session_keep = lk_sqlite_session_keep,
    .session_find = lk_sqlite_session_find,
    .session_end = lk_sqlite_session_end,
    .session_remove = lk_sqlite_session_remove,
    .session_sweep = lk_sqlite_session_sweep,
    .session_page = lk_sqlite_session_page,
};

/* Makes the file before SQLite does, so that nobody else may read it. */
static enum lk_status make_file(struct lk_store *store, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return lk_store_fail(store, LK_E_STORE, "%.160s: cannot open: %s", path, strerror(errno));
    close(fd);
    return LK_OK;
}

/* Runs text, and tells whether it works. */
static bool works(struct lk_sqlite *s, const char *text)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK;
}

/* A file of before there was AKMA, or Mobile IP, for some: NULL is what it was for all. Of two that
 * come at once the second waits for the first, and then has nothing to add. */
static bool complete_tables(struct lk_sqlite *s)
{
    static const char both[] = "SELECT akma, mip FROM subscriber LIMIT 0";

    if (works(s, both))
        return true;
    if (!works(s, "BEGIN IMMEDIATE"))
        return false;
    if (!works(s, "SELECT akma FROM subscriber LIMIT 0") &&
        !works(s, "ALTER TABLE subscriber ADD COLUMN akma INTEGER"))
        return false;
    if (!works(s, both) && !works(s, "ALTER TABLE subscriber ADD COLUMN mip INTEGER"))
        return false;
    return works(s, "COMMIT");
}

static enum lk_status prepare(struct lk_sqlite *s, const char *path)
{
    enum lk_status status = make_file(&s->store, path);

    if (status != LK_OK)
        return status;
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK || !works(s, settings) ||
        !works(s, schema) || !complete_tables(s))
        return lk_store_fail(&s->store, LK_E_STORE, "%.160s: %s", path, sqlite3_errmsg(s->db));
    for (size_t i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i],
                               NULL) != SQLITE_OK)
            return lk_store_fail(&s->store, LK_E_STORE, "%.160s: %s", path, sqlite3_errmsg(s->db));
    return LK_OK;
}

enum lk_status lk_store_sqlite_open(struct lk_store **store, const char *path,
                                    char error[LK_STORE_ERROR_TEXT])
{
    struct lk_sqlite *s = calloc(1, sizeof *s);
    enum lk_status status;

    if (s == NULL)
        return LK_E_SYSTEM;
    s->store.backend = &sqlite_backend;
    status = prepare(s, path);
    if (status == LK_OK) {
        *store = &s->store;
        return LK_OK;
    }
    memcpy(error, s->store.error, LK_STORE_ERROR_TEXT);
    sqlite_close(&s->store);
    return status;
}
