/* The store in SQLite: what came of bootstrappings of GBA. */
#include <string.h>

#include "store/sqlite_parts.h"

enum lk_status lk_sqlite_gba_keep(struct lk_store *store, const struct lk_gba_row *row)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_GBA_KEEP];
    enum lk_status status;

    sqlite3_bind_int64(statement, 1, lk_store_key(&row->imsi));
    lk_sqlite_bind_text(statement, 2, row->impi, sizeof row->impi);
    lk_sqlite_bind_text(statement, 3, row->b_tid, sizeof row->b_tid);
    lk_sqlite_bind_text(statement, 4, row->tmpi, sizeof row->tmpi);
    sqlite3_bind_int64(statement, 5, (int64_t)row->created_s);
    sqlite3_bind_int64(statement, 6, (int64_t)row->expires_s);
    sqlite3_bind_blob(statement, 7, row->sealed, row->sealed_len, SQLITE_STATIC);
    status = lk_sqlite_run(s, LK_SQLITE_GBA_KEEP);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    return lk_store_fail(store, LK_E_CONFLICT, "the subscriber has bootstrapped since");
}

static enum lk_status column_session(struct lk_sqlite *s, struct lk_gba_row *row,
                                     sqlite3_stmt *statement)
{
    const void *sealed = sqlite3_column_blob(statement, 6);
    int len = sqlite3_column_bytes(statement, 6);

    memset(row, 0, sizeof *row);
    if (len <= 0 || len > LK_GBA_ROW_SEALED || sealed == NULL ||
        lk_store_key_imsi(&row->imsi, sqlite3_column_int64(statement, 0)) != LK_OK)
        return lk_store_fail(&s->store, LK_E_STORE, "sqlite: a session of GBA that is none");
    lk_sqlite_text(statement, 1, row->impi, sizeof row->impi);
    lk_sqlite_text(statement, 2, row->b_tid, sizeof row->b_tid);
    lk_sqlite_text(statement, 3, row->tmpi, sizeof row->tmpi);
    row->created_s = (uint64_t)sqlite3_column_int64(statement, 4);
    row->expires_s = (uint64_t)sqlite3_column_int64(statement, 5);
    row->sealed_len = (uint16_t)len;
    memcpy(row->sealed, sealed, (size_t)len);
    return LK_OK;
}

enum lk_status lk_sqlite_gba_find(struct lk_store *store, struct lk_gba_row *row, enum lk_gba_by by,
                                  struct lk_span name, uint64_t now_s)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[by == LK_GBA_BY_TMPI ? LK_SQLITE_GBA_BY_TMPI
                                                                 : LK_SQLITE_GBA_BY_B_TID];
    enum lk_status status;
    int code;

    sqlite3_bind_text(statement, 1, (const char *)name.at, (int)name.len, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (int64_t)now_s);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        status = column_session(s, row, statement);
    else
        status = code == SQLITE_DONE ? LK_E_NOT_FOUND : lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}

enum lk_status lk_sqlite_gba_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    enum lk_status status;

    sqlite3_bind_int64(s->statements[LK_SQLITE_GBA_REMOVE], 1, lk_store_key(imsi));
    status = lk_sqlite_run(s, LK_SQLITE_GBA_REMOVE);
    if (status != LK_OK || sqlite3_changes(s->db) == 1)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has not bootstrapped");
}

enum lk_status lk_sqlite_gba_sweep(struct lk_store *store, uint64_t now_s)
{
    struct lk_sqlite *s = lk_sqlite_of(store);

    sqlite3_bind_int64(s->statements[LK_SQLITE_GBA_SWEEP], 1, (int64_t)now_s);
    sqlite3_bind_int(s->statements[LK_SQLITE_GBA_SWEEP], 2, LK_STORE_BATCH);
    return lk_sqlite_run(s, LK_SQLITE_GBA_SWEEP);
}

enum lk_status lk_sqlite_gba_page(struct lk_store *store, int64_t after, struct lk_gba_row *rows,
                                  size_t *count)
{
    struct lk_sqlite *s = lk_sqlite_of(store);
    sqlite3_stmt *statement = s->statements[LK_SQLITE_GBA_PAGE];
    enum lk_status status = LK_OK;
    int code = SQLITE_DONE;

    *count = 0;
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int(statement, 2, LK_STORE_BATCH);
    while (status == LK_OK && *count < LK_STORE_BATCH &&
           (code = sqlite3_step(statement)) == SQLITE_ROW)
        status = column_session(s, &rows[(*count)++], statement);
    if (status == LK_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = lk_sqlite_failed(s);
    sqlite3_reset(statement);
    return status;
}
