/* The store: subscribers' sealed rows and accounting records, in SQLite or PostgreSQL.
 *
 * One interface, one test suite, run on both. Nothing in here can read K: rows are sealed by the
 * vault. Calls block; a role calls the reading ones in batches from its loop, and the writing ones
 * from libuv's pool or where a write is rare. One handle serves one thread at a time. */
#ifndef LK_STORE_STORE_H
#define LK_STORE_STORE_H

#include "keys/types.h"

struct lk_store;

enum { LK_STORE_ERROR_TEXT = 256, LK_STORE_BATCH = 64, LK_STORE_ADD_BATCH = 512 };

/* url is "sqlite:PATH" or a libpq connection string or URL ("postgresql://..."). Creates the
 * tables where they are missing. On failure *store is NULL and error says why in a sentence. */
LK_MUST_CHECK enum lk_status lk_store_open(struct lk_store **store, const char *url,
                                           char error[LK_STORE_ERROR_TEXT]);
/* The same, for who serves: a file that is not there (any more) is not made anew. */
LK_MUST_CHECK enum lk_status lk_store_open_existing(struct lk_store **store, const char *url,
                                                    char error[LK_STORE_ERROR_TEXT]);
/* LK_E_STORE when what was opened is not what its URL names any more: the file was removed, or
 * another put in its place. Cheap; to be asked now and then. */
LK_MUST_CHECK enum lk_status lk_store_present(struct lk_store *store);
/* Calls visit for each file and directory that the engine of url may open while it serves, whether
 * it is there or not; write: it makes, changes and removes files there. */
void lk_store_paths(const char *url, void (*visit)(void *context, const char *path, bool write),
                    void *context);
/* The engine of url connects to a server. */
bool lk_store_connects(const char *url);
void lk_store_close(struct lk_store *store);
/* Why the last call on this handle failed, in a sentence. */
const char *lk_store_error(const struct lk_store *store);

/* Reads count (at most LK_STORE_BATCH) rows; found[i] says which exist. LK_E_STORE: none was
 * read. */
LK_MUST_CHECK enum lk_status lk_store_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                           size_t count, struct lk_sealed_row *rows, bool *found);
/* Writes row in place of old. LK_E_CONFLICT when the stored row is not old any more,
 * LK_E_NOT_FOUND when there is none. Durable when it returns LK_OK. */
LK_MUST_CHECK enum lk_status lk_store_swap_row(struct lk_store *store, const struct lk_imsi *imsi,
                                               const struct lk_sealed_row *old,
                                               const struct lk_sealed_row *row);
/* LK_E_EXISTS when the subscriber is there already (replace false). */
LK_MUST_CHECK enum lk_status lk_store_add(struct lk_store *store, const struct lk_imsi *imsi,
                                          const struct lk_sealed_row *row, bool replace);
/* The same for count (at most LK_STORE_ADD_BATCH) rows at once, for imports: there[i] says which
 * were there already and, replace being false, stayed as they were. All or none, unless within a
 * transaction of the caller's. */
LK_MUST_CHECK enum lk_status lk_store_add_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                               const struct lk_sealed_row *rows, size_t count,
                                               bool replace, bool *there);
/* Takes its sessions (store/sessions.h) with it. LK_E_NOT_FOUND when there is none. */
LK_MUST_CHECK enum lk_status lk_store_delete(struct lk_store *store, const struct lk_imsi *imsi);
/* Whether it may have keys of AKMA; who may not loses the one that there is. LK_E_NOT_FOUND when
 * there is no such subscriber. */
LK_MUST_CHECK enum lk_status lk_store_set_akma(struct lk_store *store, const struct lk_imsi *imsi,
                                               bool allowed);
/* The ways of Mobile IP that it may not use, bits of enum lk_mip_way. As above. */
LK_MUST_CHECK enum lk_status lk_store_set_mip(struct lk_store *store, const struct lk_imsi *imsi,
                                              uint8_t refused);
LK_MUST_CHECK enum lk_status lk_store_count(struct lk_store *store, uint64_t *count);
/* Calls visit for each subscriber in ascending order of IMSI (shorter ones first), beginning behind
 * after (NULL: from the first), until visit returns false. visit may write to the store. */
LK_MUST_CHECK enum lk_status lk_store_list(struct lk_store *store, const struct lk_imsi *after,
                                           bool (*visit)(void *context, const struct lk_imsi *imsi,
                                                         const struct lk_sealed_row *row),
                                           void *context);
/* Groups what follows into one transaction (an import, accounting of one loop turn). A reader is
 * not kept waiting by it; another writer is, for some seconds, and then is told LK_E_BUSY. */
LK_MUST_CHECK enum lk_status lk_store_begin(struct lk_store *store);
LK_MUST_CHECK enum lk_status lk_store_commit(struct lk_store *store);
void lk_store_rollback(struct lk_store *store);

/* One accounting message (RFC 2866) as it came; texts are cut to fit. A repeat of the same
 * (client, session, kind, event time) is stored once. */
struct lk_accounting {
    uint64_t at_ms;
    uint32_t kind;       /* Acct-Status-Type: 1 start, 2 stop, 3 interim, 7 on, 8 off */
    char client[48];     /* the RADIUS client: an address; over TLS "radsec:" and its name */
    char session[64];    /* Acct-Session-Id */
    char user[128];      /* User-Name */
    char called[64];     /* Called-Station-Id */
    char calling[64];    /* Calling-Station-Id */
    struct lk_imsi imsi; /* from Class when the Accept was ours; else empty */
    uint64_t input_octets, output_octets, session_s;
    uint32_t terminate_cause;
};
LK_MUST_CHECK enum lk_status lk_store_account(struct lk_store *store,
                                              const struct lk_accounting *record);
LK_MUST_CHECK enum lk_status
lk_store_accounts(struct lk_store *store,
                  bool (*visit)(void *context, const struct lk_accounting *record), void *context);

/* T52: the next WT Counter of a KeNB, which goes by its print (lk_kenb_print). Saving never takes
 * it back. Those that were saved last before forget_ms go, a few with each that is saved. */
enum { LK_STORE_PRINT_LEN = 16 };
struct lk_store_counter {
    uint8_t print[LK_STORE_PRINT_LEN];
    uint32_t next;
    uint64_t at_ms, forget_ms;
};
/* Durable when it returns LK_OK, or with the commit of the transaction that it is in. */
LK_MUST_CHECK enum lk_status lk_store_counter_save(struct lk_store *store,
                                                   const struct lk_store_counter *counter);
/* LK_E_NOT_FOUND: that KeNB has used none. */
LK_MUST_CHECK enum lk_status lk_store_counter_read(struct lk_store *store, uint32_t *next,
                                                   const uint8_t print[LK_STORE_PRINT_LEN]);

#endif
