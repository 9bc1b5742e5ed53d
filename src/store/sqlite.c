/* The store in SQLite: one file, write-ahead log, every commit on the disk before it is told.
 *
 * Several processes open the file at once: the workers read, the supervisor and the command line
 * write. A batch of reads is one read transaction, which costs one look at the log's index. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backend.h"

enum { BUSY_MS = 5000 };

enum statement {
    BEGIN_READ,
    BEGIN_WRITE,
    COMMIT,
    ROLLBACK,
    ROW,
    SWAP,
    ADD,
    REPLACE,
    REMOVE,
    COUNT,
    PAGE,
    ACCOUNT,
    ACCOUNTS,
    PUT_MARK,
    PAGE_MARK,
    LOG_NEWEST,
    LOG_APPEND,
    LOG_FORGET,
    LOG_READ,
    COUNTER_SAVE,
    COUNTER_FORGET,
    COUNTER_READ,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [ROW] = "SELECT row FROM subscriber WHERE imsi = ?1",
    [SWAP] = "UPDATE subscriber SET row = ?3 WHERE imsi = ?1 AND row = ?2",
    [ADD] = "INSERT OR IGNORE INTO subscriber (imsi, row) VALUES (?1, ?2)",
    [REPLACE] = "INSERT OR REPLACE INTO subscriber (imsi, row) VALUES (?1, ?2)",
    [REMOVE] = "DELETE FROM subscriber WHERE imsi = ?1",
    [COUNT] = "SELECT count(*) FROM subscriber",
    [PAGE] = "SELECT imsi, row FROM subscriber WHERE imsi > ?1 ORDER BY imsi LIMIT ?2",
    [ACCOUNT] = "INSERT OR IGNORE INTO accounting (at_ms, kind, client, session, username, called,"
                " calling, imsi, input_octets, output_octets, session_s, terminate_cause)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [ACCOUNTS] = "SELECT number, at_ms, kind, client, session, username, called, calling, imsi,"
                 " input_octets, output_octets, session_s, terminate_cause"
                 " FROM accounting WHERE number > ?1 ORDER BY number LIMIT ?2",
    [PUT_MARK] = "INSERT INTO epoch_mark (imsi, service, epoch, row) VALUES (?1, ?2, ?3, ?4)",
    [PAGE_MARK] = "SELECT imsi, service, epoch, row, number FROM epoch_mark WHERE number > ?1"
                  " ORDER BY number LIMIT ?2",
    [LOG_NEWEST] = "SELECT number, writer FROM binding_log ORDER BY number DESC LIMIT 1",
    [LOG_APPEND] = "INSERT INTO binding_log (writer, batch) VALUES (?1, ?2)",
    [LOG_FORGET] = "DELETE FROM binding_log WHERE number IN (SELECT number FROM binding_log"
                   " WHERE number < ?1 ORDER BY number LIMIT ?2)",
    [LOG_READ] = "SELECT batch FROM binding_log ORDER BY number DESC",
    [COUNTER_SAVE] = "INSERT INTO wt_counter (print, next, at_ms) VALUES (?1, ?2, ?3)"
                     " ON CONFLICT (print) DO UPDATE SET next = max(next, excluded.next),"
                     " at_ms = excluded.at_ms",
    [COUNTER_FORGET] = "DELETE FROM wt_counter WHERE print IN (SELECT print FROM wt_counter"
                       " WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
    [COUNTER_READ] = "SELECT next FROM wt_counter WHERE print = ?1",
};

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE IF NOT EXISTS subscriber (imsi INTEGER PRIMARY KEY, row BLOB NOT NULL);"
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
    "CREATE INDEX IF NOT EXISTS wt_counter_at ON wt_counter (at_ms);";

/* FULL, because a lost tail of the log would bring an old row back. Pages are read, not mapped: a
 * mapping would grow with the subscribers that were seen. */
static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
                               "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;";

struct sqlite_store {
    struct lk_store store;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

static struct sqlite_store *sqlite_of(struct lk_store *store)
{
    return (struct sqlite_store *)(void *)store;
}

static enum lk_status sqlite_failed(struct sqlite_store *s)
{
    int code = sqlite3_errcode(s->db);

    return lk_store_fail(&s->store, code == SQLITE_BUSY ? LK_E_BUSY : LK_E_STORE, "sqlite: %s%s",
                         sqlite3_errmsg(s->db), code == SQLITE_FULL ? " (is the disk full?)" : "");
}

/* Steps a statement that yields nothing. */
static enum lk_status run(struct sqlite_store *s, enum statement which)
{
    sqlite3_stmt *statement = s->statements[which];
    int code = sqlite3_step(statement);
    enum lk_status status = code == SQLITE_DONE ? LK_OK : sqlite_failed(s);

    sqlite3_reset(statement);
    return status;
}

static bool in_transaction(const struct sqlite_store *s)
{
    return sqlite3_get_autocommit(s->db) == 0;
}

static void bind_blob(sqlite3_stmt *statement, int at, const struct lk_sealed_row *row)
{
    sqlite3_bind_blob(statement, at, row->octets, row->len, SQLITE_STATIC);
}

static enum lk_status column_row(struct sqlite_store *s, struct lk_sealed_row *row,
                                 sqlite3_stmt *statement, int column)
{
    const void *octets = sqlite3_column_blob(statement, column);
    int len = sqlite3_column_bytes(statement, column);

    if (len < 0 || len > LK_ROW_MAX || (len > 0 && octets == NULL))
        return lk_store_fail(&s->store, LK_E_STORE, "sqlite: a row of %d octets", len);
    row->len = (uint16_t)len;
    if (len > 0)
        memcpy(row->octets, octets, (size_t)len);
    return LK_OK;
}

static enum lk_status read_row(struct sqlite_store *s, const struct lk_imsi *imsi,
                               struct lk_sealed_row *row, bool *found)
{
    sqlite3_stmt *statement = s->statements[ROW];
    enum lk_status status = LK_OK;
    int code;

    sqlite3_bind_int64(statement, 1, lk_store_key(imsi));
    code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        status = column_row(s, row, statement, 0);
    else if (code != SQLITE_DONE)
        status = sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_rows(struct lk_store *store, const struct lk_imsi *imsis, size_t count,
                                  struct lk_sealed_row *rows, bool *found)
{
    struct sqlite_store *s = sqlite_of(store);
    bool own = count > 1 && !in_transaction(s);
    enum lk_status status = own ? run(s, BEGIN_READ) : LK_OK;

    if (status != LK_OK)
        return status;
    for (size_t i = 0; status == LK_OK && i < count; i++)
        status = read_row(s, &imsis[i], &rows[i], &found[i]);
    if (own && run(s, COMMIT) != LK_OK && run(s, ROLLBACK) != LK_OK)
        status = LK_E_STORE;
    return status;
}

static enum lk_status sqlite_swap_row(struct lk_store *store, const struct lk_imsi *imsi,
                                      const struct lk_sealed_row *old,
                                      const struct lk_sealed_row *row)
{
    struct sqlite_store *s = sqlite_of(store);
    struct lk_sealed_row there;
    enum lk_status status;
    bool found = false;

    sqlite3_bind_int64(s->statements[SWAP], 1, lk_store_key(imsi));
    bind_blob(s->statements[SWAP], 2, old);
    bind_blob(s->statements[SWAP], 3, row);
    status = run(s, SWAP);
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
    struct sqlite_store *s = sqlite_of(store);
    bool own = count > 1 && !in_transaction(s);
    enum statement which = replace ? REPLACE : ADD;
    enum lk_status status = own ? run(s, BEGIN_WRITE) : LK_OK;

    if (status != LK_OK)
        return status;
    for (size_t i = 0; status == LK_OK && i < count; i++) {
        sqlite3_bind_int64(s->statements[which], 1, lk_store_key(&imsis[i]));
        bind_blob(s->statements[which], 2, &rows[i]);
        status = run(s, which);
        there[i] = status == LK_OK && !replace && sqlite3_changes(s->db) == 0;
    }
    if (own && status == LK_OK)
        status = run(s, COMMIT);
    if (own && status != LK_OK)
        lk_store_rollback(store);
    return status;
}

static enum lk_status sqlite_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    struct sqlite_store *s = sqlite_of(store);
    enum lk_status status;

    sqlite3_bind_int64(s->statements[REMOVE], 1, lk_store_key(imsi));
    status = run(s, REMOVE);
    if (status == LK_OK && sqlite3_changes(s->db) == 0)
        return lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
    return status;
}

static enum lk_status sqlite_count(struct lk_store *store, uint64_t *count)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[COUNT];
    enum lk_status status = LK_OK;

    if (sqlite3_step(statement) == SQLITE_ROW)
        *count = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        status = sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_page(struct lk_store *store, int64_t after, struct lk_imsi *imsis,
                                  struct lk_sealed_row *rows, size_t *count)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[PAGE];
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
        status = sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_begin(struct lk_store *store)
{
    return run(sqlite_of(store), BEGIN_WRITE);
}

static enum lk_status sqlite_commit(struct lk_store *store)
{
    return run(sqlite_of(store), COMMIT);
}

static void sqlite_rollback(struct lk_store *store)
{
    struct sqlite_store *s = sqlite_of(store);
    char why[LK_STORE_ERROR_TEXT];

    /* What led here is what the caller wants to read. */
    memcpy(why, store->error, sizeof why);
    if (in_transaction(s) && run(s, ROLLBACK) == LK_OK)
        memcpy(store->error, why, sizeof why);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text, size_t cap)
{
    sqlite3_bind_text(statement, at, text, (int)strnlen(text, cap), SQLITE_STATIC);
}

static enum lk_status sqlite_account(struct lk_store *store, const struct lk_accounting *a)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[ACCOUNT];

    sqlite3_bind_int64(statement, 1, (int64_t)a->at_ms);
    sqlite3_bind_int64(statement, 2, a->kind);
    bind_text(statement, 3, a->client, sizeof a->client);
    bind_text(statement, 4, a->session, sizeof a->session);
    bind_text(statement, 5, a->user, sizeof a->user);
    bind_text(statement, 6, a->called, sizeof a->called);
    bind_text(statement, 7, a->calling, sizeof a->calling);
    bind_text(statement, 8, a->imsi.digits, sizeof a->imsi.digits);
    sqlite3_bind_int64(statement, 9, (int64_t)a->input_octets);
    sqlite3_bind_int64(statement, 10, (int64_t)a->output_octets);
    sqlite3_bind_int64(statement, 11, (int64_t)a->session_s);
    sqlite3_bind_int64(statement, 12, a->terminate_cause);
    return run(s, ACCOUNT);
}

static void column_text(sqlite3_stmt *statement, int column, char *to, size_t cap)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    snprintf(to, cap, "%s", text == NULL ? "" : (const char *)text);
}

static void column_accounting(struct lk_accounting *a, sqlite3_stmt *statement)
{
    memset(a, 0, sizeof *a);
    a->at_ms = (uint64_t)sqlite3_column_int64(statement, 1);
    a->kind = (uint32_t)sqlite3_column_int64(statement, 2);
    column_text(statement, 3, a->client, sizeof a->client);
    column_text(statement, 4, a->session, sizeof a->session);
    column_text(statement, 5, a->user, sizeof a->user);
    column_text(statement, 6, a->called, sizeof a->called);
    column_text(statement, 7, a->calling, sizeof a->calling);
    column_text(statement, 8, a->imsi.digits, sizeof a->imsi.digits);
    a->input_octets = (uint64_t)sqlite3_column_int64(statement, 9);
    a->output_octets = (uint64_t)sqlite3_column_int64(statement, 10);
    a->session_s = (uint64_t)sqlite3_column_int64(statement, 11);
    a->terminate_cause = (uint32_t)sqlite3_column_int64(statement, 12);
}

static enum lk_status sqlite_accounts(struct lk_store *store, int64_t *after,
                                      struct lk_accounting *records, size_t *count)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[ACCOUNTS];
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int64(statement, 1, *after);
    sqlite3_bind_int(statement, 2, LK_STORE_BATCH);
    while (*count < LK_STORE_BATCH && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *after = sqlite3_column_int64(statement, 0);
        column_accounting(&records[(*count)++], statement);
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? LK_OK : sqlite_failed(s);
}

static enum lk_status sqlite_put_marks(struct lk_store *store, const struct lk_mark_row *rows,
                                       size_t count)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[PUT_MARK];
    enum lk_status status = LK_OK;

    for (size_t i = 0; status == LK_OK && i < count; i++) {
        sqlite3_bind_int64(statement, 1, rows[i].key);
        bind_text(statement, 2, rows[i].service, sizeof rows[i].service);
        sqlite3_bind_int64(statement, 3, rows[i].epoch);
        sqlite3_bind_blob(statement, 4, rows[i].octets, rows[i].len, SQLITE_STATIC);
        status = run(s, PUT_MARK);
    }
    return status;
}

static bool column_mark(struct lk_mark_row *row, sqlite3_stmt *statement)
{
    const void *octets = sqlite3_column_blob(statement, 3);
    int len = sqlite3_column_bytes(statement, 3);

    if (len <= 0 || len > LK_MARK_ROW_MAX || octets == NULL)
        return false;
    row->key = sqlite3_column_int64(statement, 0);
    column_text(statement, 1, row->service, sizeof row->service);
    row->epoch = sqlite3_column_int64(statement, 2);
    row->number = sqlite3_column_int64(statement, 4);
    row->len = (uint16_t)len;
    memcpy(row->octets, octets, (size_t)len);
    return true;
}

static enum lk_status sqlite_page_marks(struct lk_store *store, int64_t after,
                                        struct lk_mark_row *rows, size_t *count)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[PAGE_MARK];
    enum lk_status status = LK_OK;
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int(statement, 2, LK_STORE_MARKS_BATCH);
    while (status == LK_OK && *count < LK_STORE_MARKS_BATCH &&
           (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (!column_mark(&rows[(*count)++], statement))
            status = lk_store_fail(store, LK_E_STORE, "sqlite: a mark that is too long");
    if (status == LK_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

/* ---- the log of bindings: who has begun a write is alone ---- */

static enum lk_status sqlite_log_newest(struct lk_store *store, int64_t *number, int64_t *writer)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LOG_NEWEST];
    int code = sqlite3_step(statement);
    enum lk_status status = code == SQLITE_ROW || code == SQLITE_DONE ? LK_OK : sqlite_failed(s);

    *number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    *writer = code == SQLITE_ROW ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_log_append(struct lk_store *store, int64_t writer,
                                        struct lk_span batch, int64_t *number)
{
    struct sqlite_store *s = sqlite_of(store);
    enum lk_status status;

    sqlite3_bind_int64(s->statements[LOG_APPEND], 1, writer);
    sqlite3_bind_blob(s->statements[LOG_APPEND], 2, batch.at, (int)batch.len, SQLITE_STATIC);
    status = run(s, LOG_APPEND);
    *number = sqlite3_last_insert_rowid(s->db);
    return status;
}

static enum lk_status sqlite_log_forget(struct lk_store *store, int64_t before)
{
    struct sqlite_store *s = sqlite_of(store);

    sqlite3_bind_int64(s->statements[LOG_FORGET], 1, before);
    sqlite3_bind_int(s->statements[LOG_FORGET], 2, LK_STORE_FORGET);
    return run(s, LOG_FORGET);
}

static enum lk_status sqlite_log_read(struct lk_store *store,
                                      bool (*visit)(void *context, struct lk_span batch),
                                      void *context)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LOG_READ];
    enum lk_status status;
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (!visit(context, lk_span_of(sqlite3_column_blob(statement, 0),
                                       (size_t)sqlite3_column_bytes(statement, 0))))
            break;
    status = code == SQLITE_ROW || code == SQLITE_DONE ? LK_OK : sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static enum lk_status sqlite_counter_save(struct lk_store *store,
                                          const struct lk_store_counter *counter)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *save = s->statements[COUNTER_SAVE], *forget = s->statements[COUNTER_FORGET];
    enum lk_status status;

    sqlite3_bind_int64(forget, 1, (int64_t)counter->forget_ms);
    sqlite3_bind_int(forget, 2, LK_STORE_FORGET);
    status = run(s, COUNTER_FORGET);
    if (status != LK_OK)
        return status;
    sqlite3_bind_blob(save, 1, counter->print, sizeof counter->print, SQLITE_STATIC);
    sqlite3_bind_int64(save, 2, counter->next);
    sqlite3_bind_int64(save, 3, (int64_t)counter->at_ms);
    return run(s, COUNTER_SAVE);
}

static enum lk_status sqlite_counter_read(struct lk_store *store, uint32_t *next,
                                          const uint8_t *print)
{
    struct sqlite_store *s = sqlite_of(store);
    sqlite3_stmt *statement = s->statements[COUNTER_READ];
    enum lk_status status = LK_OK;
    int code;

    sqlite3_bind_blob(statement, 1, print, LK_STORE_PRINT_LEN, SQLITE_STATIC);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *next = (uint32_t)sqlite3_column_int64(statement, 0);
    else
        status = code == SQLITE_DONE ? LK_E_NOT_FOUND : sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

static void sqlite_close(struct lk_store *store)
{
    struct sqlite_store *s = sqlite_of(store);

    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    free(s);
}

static enum lk_status sqlite_present(struct lk_store *store)
{
    struct sqlite_store *s = sqlite_of(store);
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
    .count = sqlite_count,
    .page = sqlite_page,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .account = sqlite_account,
    .accounts = sqlite_accounts,
    .put_marks = sqlite_put_marks,
    .page_marks = sqlite_page_marks,
    .log_newest = sqlite_log_newest,
    .log_append = sqlite_log_append,
    .log_forget = sqlite_log_forget,
    .log_read = sqlite_log_read,
    .counter_save = sqlite_counter_save,
    .counter_read = sqlite_counter_read,
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

static enum lk_status prepare(struct sqlite_store *s, const char *path)
{
    enum lk_status status = make_file(&s->store, path);

    if (status != LK_OK)
        return status;
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
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
    struct sqlite_store *s = calloc(1, sizeof *s);
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
