/* Between the files of the store in SQLite. */
#ifndef LK_STORE_SQLITE_PARTS_H
#define LK_STORE_SQLITE_PARTS_H

#include <sqlite3.h>

#include "store/backend.h"

enum lk_sqlite_statement {
    LK_SQLITE_BEGIN_READ,
    LK_SQLITE_BEGIN_WRITE,
    LK_SQLITE_COMMIT,
    LK_SQLITE_ROLLBACK,
    LK_SQLITE_ROW,
    LK_SQLITE_SWAP,
    LK_SQLITE_ADD,
    LK_SQLITE_REPLACE,
    LK_SQLITE_REMOVE,
    LK_SQLITE_REMOVE_SESSIONS,
    LK_SQLITE_SET_AKMA,
    LK_SQLITE_SET_MIP,
    LK_SQLITE_COUNT,
    LK_SQLITE_PAGE,
    LK_SQLITE_ACCOUNT,
    LK_SQLITE_ACCOUNTS,
    LK_SQLITE_PUT_MARK,
    LK_SQLITE_PAGE_MARK,
    LK_SQLITE_LOG_NEWEST,
    LK_SQLITE_LOG_APPEND,
    LK_SQLITE_LOG_FORGET,
    LK_SQLITE_LOG_READ,
    LK_SQLITE_COUNTER_SAVE,
    LK_SQLITE_COUNTER_FORGET,
    LK_SQLITE_COUNTER_READ,
    LK_SQLITE_SESSION_KEEP,
    LK_SQLITE_SESSION_BY_NAME,
    LK_SQLITE_SESSION_BY_ALIAS,
    LK_SQLITE_SESSION_END,
    LK_SQLITE_SESSION_REMOVE,
    LK_SQLITE_SESSION_SWEEP,
    LK_SQLITE_SESSION_PAGE,
    STATEMENTS
};

struct lk_sqlite {
    struct lk_store store;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

struct lk_sqlite *lk_sqlite_of(struct lk_store *store);
enum lk_status lk_sqlite_failed(struct lk_sqlite *s);
/* Steps a statement that yields nothing. */
enum lk_status lk_sqlite_run(struct lk_sqlite *s, enum lk_sqlite_statement which);
void lk_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text, size_t cap);
void lk_sqlite_text(sqlite3_stmt *statement, int column, char *to, size_t cap);

/* sqlite_bindings.c */
enum lk_status lk_sqlite_put_marks(struct lk_store *store, const struct lk_mark_row *rows,
                                   size_t count);
enum lk_status lk_sqlite_page_marks(struct lk_store *store, int64_t after,
                                    struct lk_mark_row *rows, size_t *count);
enum lk_status lk_sqlite_log_newest(struct lk_store *store, int64_t *number, int64_t *writer);
enum lk_status lk_sqlite_log_append(struct lk_store *store, int64_t writer, struct lk_span batch,
                                    int64_t *number);
enum lk_status lk_sqlite_log_forget(struct lk_store *store, int64_t before);
enum lk_status lk_sqlite_log_read(struct lk_store *store,
                                  bool (*visit)(void *context, struct lk_span batch),
                                  void *context);
enum lk_status lk_sqlite_counter_save(struct lk_store *store,
                                      const struct lk_store_counter *counter);
enum lk_status lk_sqlite_counter_read(struct lk_store *store, uint32_t *next,
                                      const uint8_t *print);

/* sqlite_sessions.c */
enum lk_status lk_sqlite_session_keep(struct lk_store *store, const struct lk_session_row *row);
enum lk_status lk_sqlite_session_find(struct lk_store *store, struct lk_session_row *row,
                                      enum lk_session_kind kind, enum lk_session_by by,
                                      struct lk_span name, uint64_t now_s);
enum lk_status lk_sqlite_session_end(struct lk_store *store, enum lk_session_kind kind,
                                     const struct lk_imsi *imsi, uint64_t now_s, uint64_t until_s);
enum lk_status lk_sqlite_session_remove(struct lk_store *store, enum lk_session_kind kind,
                                        const struct lk_imsi *imsi);
enum lk_status lk_sqlite_session_sweep(struct lk_store *store, uint64_t now_s);
enum lk_status lk_sqlite_session_page(struct lk_store *store, enum lk_session_kind kind,
                                      int64_t after, struct lk_session_row *rows, size_t *count);

#endif
