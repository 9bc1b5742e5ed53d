/* The store in SQLite: the keys that subscribers have agreed on. */
#include <string.h>

#include "store/sqlite_parts.h"

enum lk_status lk_sqlite_session_keep(struct lk_store *store, const struct lk_session_row *row)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_SESSION_KEEP];
    enum lk_status status;

    sqlite3_bind_int(statement, 1, (int)row->kind);
    sqlite3_bind_int64(statement, 2, lk_store_key(&row->imsi));
    lk_sqlite_bind_text(statement, 3, row->identity, sizeof row->identity);
    lk_sqlite_bind_text(statement, 4, row->name, sizeof row->name);
    lk_sqlite_bind_text(statement, 5, row->alias, sizeof row->alias);
    sqlite3_bind_int64(statement, 6, (int64_t)row->created_ms);
    sqlite3_bind_int64(statement, 7, (int64_t)row->expires_s);
    sqlite3_bind_blob(statement, 8, row->sealed, row->sealed_len, SQLITE_STATIC);
    status = lk_sqlite_run(s, LK_SQLITE_SESSION_KEEP);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    return lk_store_fail(store, LK_E_CONFLICT, "the subscriber has a newer session");
}

static enum lk_status column_session(struct lk_sqlite *s, struct lk_session_row *row,
                                     enum lk_session_kind kind, sqlite3_stmt *statement)
{
    const void *sealed = sqlite3_column_blob(statement, 6);
    int len = sqlite3_column_bytes(statement, 6);

    memset(row, 0, sizeof *row);
    row->kind = kind;
    if (len <= 0 || len > LK_SESSION_SEALED_MAX || sealed == NULL ||
        lk_store_key_imsi(&row->imsi, sqlite3_column_int64(statement, 0)) != LK_OK)
        return lk_store_fail(&s->store, LK_E_STORE, "sqlite: a session that is none");
    lk_sqlite_text(statement, 1, row->identity, sizeof row->identity);
    lk_sqlite_text(statement, 2, row->name, sizeof row->name);
    lk_sqlite_text(statement, 3, row->alias, sizeof row->alias);
    row->created_ms = (uint64_t)sqlite3_column_int64(statement, 4);
    row->expires_s = (uint64_t)sqlite3_column_int64(statement, 5);
    row->sealed_len = (uint16_t)len;
    memcpy(row->sealed, sealed, (size_t)len);
    return LK_OK;
}

enum lk_status lk_sqlite_session_find(struct lk_store *store, struct lk_session_row *row,
                                      enum lk_session_kind kind, enum lk_session_by by,
                                      struct lk_span name, uint64_t now_s)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[by == LK_SESSION_BY_ALIAS ? LK_SQLITE_SESSION_BY_ALIAS
                                                                      : LK_SQLITE_SESSION_BY_NAME];
    enum lk_status status;
    int code;

    sqlite3_bind_int(statement, 1, (int)kind);
    sqlite3_bind_text(statement, 2, (const char *)name.at, (int)name.len, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, (int64_t)now_s);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        status = column_session(s, row, kind, statement);
    else
        status = code == SQLITE_DONE ? LK_E_NOT_FOUND : lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

enum lk_status lk_sqlite_session_end(struct lk_store *store, enum lk_session_kind kind,
                                     const struct lk_imsi *imsi, uint64_t now_s, uint64_t until_s)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_SESSION_END];
    enum lk_status status;

    sqlite3_bind_int(statement, 1, (int)kind);
    sqlite3_bind_int64(statement, 2, lk_store_key(imsi));
    sqlite3_bind_int64(statement, 3, (int64_t)now_s);
    sqlite3_bind_int64(statement, 4, (int64_t)until_s);
    status = lk_sqlite_run(s, LK_SQLITE_SESSION_END);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has no session");
}

enum lk_status lk_sqlite_session_remove(struct lk_store *store, enum lk_session_kind kind,
                                        const struct lk_imsi *imsi)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    enum lk_status status;

    sqlite3_bind_int(s->statements[LK_SQLITE_SESSION_REMOVE], 1, (int)kind);
    sqlite3_bind_int64(s->statements[LK_SQLITE_SESSION_REMOVE], 2, lk_store_key(imsi));
    status = lk_sqlite_run(s, LK_SQLITE_SESSION_REMOVE);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has no session");
}

enum lk_status lk_sqlite_session_sweep(struct lk_store *store, uint64_t now_s)
{
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_SESSION_SWEEP], 1, (int64_t)now_s);
    sqlite3_bind_int(s->statements[LK_SQLITE_SESSION_SWEEP], 2, LK_STORE_BATCH);
    return lk_sqlite_run(s, LK_SQLITE_SESSION_SWEEP);
}

enum lk_status lk_sqlite_session_page(struct lk_store *store, enum lk_session_kind kind,
                                      int64_t after, struct lk_session_row *rows, size_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_SESSION_PAGE];
    enum lk_status status = LK_OK;
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int(statement, 1, (int)kind);
    sqlite3_bind_int64(statement, 2, after);
    sqlite3_bind_int(statement, 3, LK_STORE_BATCH);
    while (status == LK_OK && *count < LK_STORE_BATCH &&
           (code = sqlite3_step(statement)) == SQLITE_ROW)
        status = column_session(s, &rows[(*count)++], kind, statement);
    if (status == LK_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}
