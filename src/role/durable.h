/* What must be durable before something else happens, written on libuv's pool: all that one turn of
 * a loop gathered in one transaction, while the next one fills. Subscribers' rows (a changed row
 * first, the vector after), accounting records, WT Counters, sessions (store/sessions.h). */
#ifndef LK_ROLE_DURABLE_H
#define LK_ROLE_DURABLE_H

#include <uv.h>

#include "keys/eps.h"
#include "store/sessions.h"

enum { LK_DURABLE_WRITES = 256, LK_DURABLE_RETRY_MS = 1000 };

enum lk_write_kind {
    LK_WRITE_ROW,
    LK_WRITE_RECORD,
    LK_WRITE_COUNTER,
    LK_WRITE_SESSION,
    LK_WRITE_SESSIONS_OVER, /* those that expired before sessions_over_s go */
};

struct lk_write {
    enum lk_write_kind kind;
    uint32_t id; /* of whoever waits for it */
    enum lk_status status; /* when it comes back; LK_E_STORE: the store failed */
    union {
        struct {
            struct lk_imsi imsi;
            struct lk_sealed_row old, row;
            struct lk_vector vector; /* secret: to be used once row is durable */
        };
        struct lk_accounting record;
        struct lk_store_counter counter;
        struct lk_session_row session;
        uint64_t sessions_over_s;
    };
};

struct lk_durable {
    uv_loop_t *loop;
    const char *url; /* outlives this */
    void *context;
    /* Each that was written or was not; then, once, done, where it is not NULL. */
    void (*on_written)(void *context, const struct lk_write *write);
    void (*on_done)(void *context);
    struct lk_store *store; /* its own handle: used on the pool */
    uint64_t retry_ms;
    uv_work_t work;
    bool busy;
    size_t count, working_count;
    struct lk_write *filling, *working;
};

/* The members above store are set. False: no memory. */
LK_MUST_CHECK bool lk_durable_begin(struct lk_durable *durable);
/* A place to fill in, or NULL when there is none. */
struct lk_write *lk_durable_add(struct lk_durable *durable, enum lk_write_kind kind, uint32_t id);
/* Sessions that are over go, when there is a place for that. */
void lk_durable_sweep_sessions(struct lk_durable *durable);
/* Hands what was added to the pool, unless it works already. */
void lk_durable_flush(struct lk_durable *durable);
/* Nothing is on the pool, and nothing waits for it. */
bool lk_durable_is_idle(const struct lk_durable *durable);

#endif
