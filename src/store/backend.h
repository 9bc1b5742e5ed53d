/* What an engine under the store gives: for store.c, sqlite.c and postgres.c alone. */
#ifndef LK_STORE_BACKEND_H
#define LK_STORE_BACKEND_H

#include "store/bindings.h"
#include "store/sessions.h"

/* A row of the table of marks. */
enum { LK_MARK_ROW_MAX = 128 };
struct lk_mark_row {
    int64_t number;                           /* in the order of their being written */
    int64_t key;                              /* lk_store_key */
    char service[LK_BINDING_SERVICE_MAX + 1];
    int64_t epoch;
    uint16_t len;
    uint8_t octets[LK_MARK_ROW_MAX];
};

/* Of what is not needed any more, so many batches go with each new one. */
enum { LK_STORE_FORGET = 4 };

struct lk_store_backend {
    void (*close)(struct lk_store *store);
    enum lk_status (*present)(struct lk_store *store); /* NULL: a call tells soon enough */
    enum lk_status (*rows)(struct lk_store *store, const struct lk_imsi *imsis, size_t count,
                           struct lk_sealed_row *rows, bool *found);
    enum lk_status (*swap_row)(struct lk_store *store, const struct lk_imsi *imsi,
                               const struct lk_sealed_row *old, const struct lk_sealed_row *row);
    enum lk_status (*add_rows)(struct lk_store *store, const struct lk_imsi *imsis,
                               const struct lk_sealed_row *rows, size_t count, bool replace,
                               bool *there);
    enum lk_status (*remove)(struct lk_store *store, const struct lk_imsi *imsi);
    enum lk_status (*set_akma)(struct lk_store *store, const struct lk_imsi *imsi, bool allowed);
    enum lk_status (*set_mip)(struct lk_store *store, const struct lk_imsi *imsi,
                              uint8_t refused);
    enum lk_status (*count)(struct lk_store *store, uint64_t *count);
    /* At most LK_STORE_BATCH subscribers behind after, in order. */
    enum lk_status (*page)(struct lk_store *store, int64_t after, struct lk_imsi *imsis,
                           struct lk_sealed_row *rows, size_t *count);
    enum lk_status (*begin)(struct lk_store *store);
    enum lk_status (*commit)(struct lk_store *store);
    void (*rollback)(struct lk_store *store);
    enum lk_status (*account)(struct lk_store *store, const struct lk_accounting *record);
    /* At most LK_STORE_BATCH records behind after (their numbers), in order; *after moves on. */
    enum lk_status (*accounts)(struct lk_store *store, int64_t *after,
                               struct lk_accounting *records, size_t *count);
    /* At most LK_STORE_MARKS_BATCH rows; within a transaction. */
    enum lk_status (*put_marks)(struct lk_store *store, const struct lk_mark_row *rows,
                                size_t count);
    /* At most LK_STORE_MARKS_BATCH rows behind that number, in order. */
    enum lk_status (*page_marks)(struct lk_store *store, int64_t after, struct lk_mark_row *rows,
                                 size_t *count);
    /* The newest batch and whose it is; 0 and 0: there is none. Within a transaction, and until its
     * end nobody else comes through here. */
    enum lk_status (*log_newest)(struct lk_store *store, int64_t *number, int64_t *writer);
    /* Within the same transaction. */
    enum lk_status (*log_append)(struct lk_store *store, int64_t writer, struct lk_span batch,
                                 int64_t *number);
    enum lk_status (*log_forget)(struct lk_store *store, int64_t before);
    /* Each batch, the newest first, until visit returns false. */
    enum lk_status (*log_read)(struct lk_store *store,
                               bool (*visit)(void *context, struct lk_span batch), void *context);
    enum lk_status (*counter_save)(struct lk_store *store, const struct lk_store_counter *counter);
    enum lk_status (*counter_read)(struct lk_store *store, uint32_t *next, const uint8_t *print);
    enum lk_status (*session_keep)(struct lk_store *store, const struct lk_session_row *row);
    enum lk_status (*session_find)(struct lk_store *store, struct lk_session_row *row,
                                   enum lk_session_kind kind, enum lk_session_by by,
                                   struct lk_span name, uint64_t now_s);
    enum lk_status (*session_end)(struct lk_store *store, enum lk_session_kind kind,
                                  const struct lk_imsi *imsi, uint64_t now_s, uint64_t until_s);
    enum lk_status (*session_remove)(struct lk_store *store, enum lk_session_kind kind,
                                     const struct lk_imsi *imsi);
    enum lk_status (*session_sweep)(struct lk_store *store, uint64_t now_s);
    enum lk_status (*session_page)(struct lk_store *store, enum lk_session_kind kind, int64_t after,
                                   struct lk_session_row *rows, size_t *count);
};

/* The head of every engine's handle. */
struct lk_store {
    const struct lk_store_backend *backend;
    char error[LK_STORE_ERROR_TEXT];
};

LK_MUST_CHECK enum lk_status lk_store_sqlite_open(struct lk_store **store, const char *path,
                                                  char error[LK_STORE_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_store_postgres_open(struct lk_store **store, const char *url,
                                                    char error[LK_STORE_ERROR_TEXT]);

void lk_store_postgres_paths(const char *url,
                             void (*visit)(void *context, const char *path, bool write),
                             void *context);

/* Notes why a call failed and passes status on. */
enum lk_status lk_store_fail(struct lk_store *store, enum lk_status status, const char *format, ...)
    LK_PRINTF(3, 4);

/* The key of a subscriber in both engines: the digits with a 1 in front, as a number, so that
 * leading zeroes count and the order is that of the IMSIs. */
int64_t lk_store_key(const struct lk_imsi *imsi);
LK_MUST_CHECK enum lk_status lk_store_key_imsi(struct lk_imsi *imsi, int64_t key);

#endif
