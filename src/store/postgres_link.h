/* A connection to PostgreSQL, between the files of the store in it. */
#ifndef LK_STORE_POSTGRES_LINK_H
#define LK_STORE_POSTGRES_LINK_H

#include <libpq-fe.h>

#include "store/backend.h"

struct lk_postgres {
    struct lk_store store;
    PGconn *connection; /* NULL: lost */
    char *url;
    bool in_transaction;
    uint64_t tried_ms; /* when it was last attempted to connect */
};

enum lk_postgres_statement {
    LK_PG_ROWS,
    LK_PG_SWAP,
    LK_PG_EXISTS,
    LK_PG_ADD,
    LK_PG_REPLACE,
    LK_PG_REMOVE,
    LK_PG_SET_AKMA,
    LK_PG_SET_MIP,
    LK_PG_COUNT,
    LK_PG_PAGE,
    LK_PG_ACCOUNT,
    LK_PG_ACCOUNTS,
    LK_PG_PUT_MARK,
    LK_PG_PAGE_MARK,
    LK_PG_LOG_NEWEST,
    LK_PG_LOG_APPEND,
    LK_PG_LOG_FORGET,
    LK_PG_LOG_READ,
    LK_PG_COUNTER_SAVE,
    LK_PG_COUNTER_FORGET,
    LK_PG_COUNTER_READ,
    LK_PG_SESSION_KEEP,
    LK_PG_SESSION_BY_NAME,
    LK_PG_SESSION_BY_ALIAS,
    LK_PG_SESSION_END,
    LK_PG_SESSION_REMOVE,
    LK_PG_SESSION_SWEEP,
    LK_PG_SESSION_PAGE,
    LK_PG_STATEMENTS
};

struct lk_postgres *lk_postgres_of(struct lk_store *store);

/* Connects, makes the tables where they are missing, prepares the statements. */
LK_MUST_CHECK enum lk_status lk_postgres_connect(struct lk_postgres *s);
/* LK_OK when connected, perhaps anew. */
LK_MUST_CHECK enum lk_status lk_postgres_connected(struct lk_postgres *s);
void lk_postgres_drop(struct lk_postgres *s);

/* Runs text, which yields nothing that counts. */
LK_MUST_CHECK enum lk_status lk_postgres_command(struct lk_postgres *s, const char *text);
/* Takes the result of what was just sent. On failure notes why; *result is set on LK_OK alone. */
LK_MUST_CHECK enum lk_status lk_postgres_take(struct lk_postgres *s, PGresult **result);
/* Runs a prepared statement with parameters in binary where lens[i] is not negative, all in text
 * when lens is NULL; results come in binary but for ACCOUNTS. A read outside a transaction that
 * loses the connection is tried again on a new one. */
LK_MUST_CHECK enum lk_status lk_postgres_execute(struct lk_postgres *s,
                                                 enum lk_postgres_statement which, int count,
                                                 const char *const *values, const int *lens,
                                                 PGresult **result);
/* The same, of a statement that changes a row or (EXISTS) finds it: whether it was one. */
LK_MUST_CHECK enum lk_status lk_postgres_changed_one(struct lk_postgres *s,
                                                     enum lk_postgres_statement which, int count,
                                                     const char *const *values, const int *lens,
                                                     bool *one);

/* ---- values, in PostgreSQL's binary form ---- */

enum { LK_PG_INT8 = 20, LK_PG_BYTEA = 17, LK_PG_TEXT = 25, LK_PG_ARRAY_HEAD = 20 };
/* The head of an array of one dimension. */
void lk_postgres_array(struct lk_writer *w, uint32_t type, size_t count);
int64_t lk_postgres_int64(const PGresult *result, int row, int column);

/* postgres_bindings.c */
enum lk_status lk_postgres_put_marks(struct lk_store *store, const struct lk_mark_row *rows,
                                     size_t count);
enum lk_status lk_postgres_page_marks(struct lk_store *store, int64_t after,
                                      struct lk_mark_row *rows, size_t *count);
enum lk_status lk_postgres_log_newest(struct lk_store *store, int64_t *number, int64_t *writer);
enum lk_status lk_postgres_log_append(struct lk_store *store, int64_t writer, struct lk_span batch,
                                      int64_t *number);
enum lk_status lk_postgres_log_forget(struct lk_store *store, int64_t before);
enum lk_status lk_postgres_log_read(struct lk_store *store,
                                    bool (*visit)(void *context, struct lk_span batch),
                                    void *context);

/* postgres_counters.c */
enum lk_status lk_postgres_counter_save(struct lk_store *store,
                                        const struct lk_store_counter *counter);
enum lk_status lk_postgres_counter_read(struct lk_store *store, uint32_t *next,
                                        const uint8_t *print);

/* postgres_sessions.c */
enum lk_status lk_postgres_session_keep(struct lk_store *store, const struct lk_session_row *row);
enum lk_status lk_postgres_session_find(struct lk_store *store, struct lk_session_row *row,
                                        enum lk_session_kind kind, enum lk_session_by by,
                                        struct lk_span name, uint64_t now_s);
enum lk_status lk_postgres_session_end(struct lk_store *store, enum lk_session_kind kind,
                                       const struct lk_imsi *imsi, uint64_t now_s,
                                       uint64_t until_s);
enum lk_status lk_postgres_session_remove(struct lk_store *store, enum lk_session_kind kind,
                                          const struct lk_imsi *imsi);
enum lk_status lk_postgres_session_sweep(struct lk_store *store, uint64_t now_s);
enum lk_status lk_postgres_session_page(struct lk_store *store, enum lk_session_kind kind,
                                        int64_t after, struct lk_session_row *rows, size_t *count);

#endif
