/* The store in SQLite: the log of mobility bindings, marks, and WT Counters. */
#include <string.h>

#include "store/sqlite_parts.h"

enum lk_status lk_sqlite_put_marks(struct lk_store *store, const struct lk_mark_row *rows,
                                       size_t count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_PUT_MARK];
    enum lk_status status = LK_OK;

    for (size_t i = 0; status == LK_OK && i < count; i++) {
        sqlite3_bind_int64(statement, 1, rows[i].key);
        lk_sqlite_bind_text(statement, 2, rows[i].service, sizeof rows[i].service);
        sqlite3_bind_int64(statement, 3, rows[i].epoch);
        sqlite3_bind_blob(statement, 4, rows[i].octets, rows[i].len, SQLITE_STATIC);
        status = lk_sqlite_run(s, LK_SQLITE_PUT_MARK);
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
    lk_sqlite_text(statement, 1, row->service, sizeof row->service);
    row->epoch = sqlite3_column_int64(statement, 2);
    row->number = sqlite3_column_int64(statement, 4);
    row->len = (uint16_t)len;
    memcpy(row->octets, octets, (size_t)len);
    return true;
}

enum lk_status lk_sqlite_page_marks(struct lk_store *store, int64_t after,
                                        struct lk_mark_row *rows, size_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_PAGE_MARK];
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
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

/* ---- the log of bindings: who has begun a write is alone ---- */

enum lk_status lk_sqlite_log_newest(struct lk_store *store, int64_t *number, int64_t *writer)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_LOG_NEWEST];
    int code = sqlite3_step(statement);
    enum lk_status status = code == SQLITE_ROW || code == SQLITE_DONE ? LK_OK : lk_sqlite_failed(s);

    *number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    *writer = code == SQLITE_ROW ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return status;
}

enum lk_status lk_sqlite_log_append(struct lk_store *store, int64_t writer,
                                        struct lk_span batch, int64_t *number)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    enum lk_status status;

    sqlite3_bind_int64(s->statements[LK_SQLITE_LOG_APPEND], 1, writer);
    sqlite3_bind_blob(s->statements[LK_SQLITE_LOG_APPEND], 2, batch.at, (int)batch.len,
                      SQLITE_STATIC);
    status = lk_sqlite_run(s, LK_SQLITE_LOG_APPEND);
    *number = sqlite3_last_insert_rowid(s->db);
    return status;
}

enum lk_status lk_sqlite_log_forget(struct lk_store *store, int64_t before)
{
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_LOG_FORGET], 1, before);
    sqlite3_bind_int(s->statements[LK_SQLITE_LOG_FORGET], 2, LK_STORE_FORGET);
    return lk_sqlite_run(s, LK_SQLITE_LOG_FORGET);
}

enum lk_status lk_sqlite_log_read(struct lk_store *store,
                                      bool (*visit)(void *context, struct lk_span batch),
                                      void *context)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_LOG_READ];
    enum lk_status status;
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (!visit(context, lk_span_of(sqlite3_column_blob(statement, 0),
                                       (size_t)sqlite3_column_bytes(statement, 0))))
            break;
    status = code == SQLITE_ROW || code == SQLITE_DONE ? LK_OK : lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

enum lk_status lk_sqlite_counter_save(struct lk_store *store,
                                      const struct lk_store_counter *counter)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *save = s->statements[LK_SQLITE_COUNTER_SAVE];
    sqlite3_stmt *forget = s->statements[LK_SQLITE_COUNTER_FORGET];
    enum lk_status status;

    sqlite3_bind_int64(forget, 1, (int64_t)counter->forget_ms);
    sqlite3_bind_int(forget, 2, LK_STORE_FORGET);
    status = lk_sqlite_run(s, LK_SQLITE_COUNTER_FORGET);
    if (status != LK_OK)
        return status;
    sqlite3_bind_blob(save, 1, counter->print, sizeof counter->print, SQLITE_STATIC);
    sqlite3_bind_int64(save, 2, counter->next);
    sqlite3_bind_int64(save, 3, (int64_t)counter->at_ms);
    return lk_sqlite_run(s, LK_SQLITE_COUNTER_SAVE);
}

enum lk_status lk_sqlite_counter_read(struct lk_store *store, uint32_t *next,
                                          const uint8_t *print)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_COUNTER_READ];
    enum lk_status status = LK_OK;
    int code;

    sqlite3_bind_blob(statement, 1, print, LK_STORE_PRINT_LEN, SQLITE_STATIC);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *next = (uint32_t)sqlite3_column_int64(statement, 0);
    else
        status = code == SQLITE_DONE ? LK_E_NOT_FOUND : lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}
