/* Inside an aaa worker: what its files share. aaa.c has the loop, aaa_jobs.c the way of a request
 * through the node, aaa_vault.c the questions to store and vault, aaa_writer.c what must be durable
 * first, aaa_radsec.c RADIUS over TLS, aaa_disconnect.c what is asked of clients over it. */
#ifndef LK_ROLE_AAA_WORKER_H
#define LK_ROLE_AAA_WORKER_H

#include <uv.h>

#include "io/datagrams.h"
#include "io/entropy.h"
#include "io/log.h"
#include "node/aaa.h"
#include "node/reply_cache.h"
#include "proto/radius/ask.h"
#include "role/aaa.h"
#include "role/process.h"
#include "role/radsec_server.h"
#include "store/store.h"

enum {
    LK_AAA_JOBS_BITS = 12,
    LK_AAA_JOBS = 1 << LK_AAA_JOBS_BITS,
    LK_AAA_JOB_PATIENCE_US = 3000000,
    LK_AAA_TRIES = 8,         /* row changed under our hands: read and ask again */
    LK_AAA_FLIGHT = 8,        /* batches at the vault at a time */
    LK_AAA_WRITES = 256,      /* in one transaction */
    LK_AAA_STORE_RETRY_MS = 1000,
    LK_AAA_ASKS = 16,
    LK_AAA_READ_ROUNDS = 4,   /* batches from one socket before the others have their turn */
};

#define LK_AAA_NOBODY UINT32_MAX
#define LK_AAA_PROBE_TAG UINT32_MAX /* the probe's entry is none of the configuration's */

enum lk_aaa_place {
    LK_AAA_FREE,
    LK_AAA_AT_QUEUE,  /* waits to be put to the vault */
    LK_AAA_AT_VAULT,
    LK_AAA_AT_WRITER,
};

/* A request that waits, and what it waits for. */
struct lk_aaa_waiting {
    struct lk_aaa_job node;
    enum lk_aaa_place place;
    uint32_t generation; /* of the slot: an answer for its forerunner is told by it */
    uint32_t next;       /* in the list of free ones */
    struct lk_datagram_peer peer; /* of a stream: its address, for the log */
    uint64_t stream;              /* where the answer goes; 0: to peer */
    struct lk_reply_key key;
    bool marked;         /* in the reply cache, as under way */
    bool is_probe;
    uint64_t began_us;
    /* the question */
    struct lk_imsi imsi;
    bool prime, resync, unknown;
    uint8_t rand[LK_RAND_LEN];
    uint8_t auts[LK_AUTS_LEN];
    struct lk_sealed_row row; /* as it was sent */
    unsigned tries;
};

enum lk_aaa_write_kind { LK_AAA_WRITE_ROW, LK_AAA_WRITE_RECORD };

struct lk_aaa_write {
    enum lk_aaa_write_kind kind;
    uint32_t id; /* of the job */
    enum lk_status status;
    struct lk_imsi imsi;
    struct lk_sealed_row old, row;
    struct lk_vector vector; /* secret: to be used once row is durable */
    struct lk_accounting record;
};

/* Two lists: one is filled while the other is written. */
struct lk_aaa_writer {
    struct lk_store *store; /* its own handle: used on the pool */
    uint64_t retry_ms;
    uv_work_t work;
    bool busy;
    size_t count, working_count;
    struct lk_aaa_write *filling, *working;
};

/* A Disconnect-Request that is out over TLS, and the question from the control socket behind it. */
struct lk_aaa_ask {
    uint32_t number;
    uint64_t stream;
    const struct lk_radius_client *client;
    struct lk_radius_ask ask;
};

struct lk_aaa_worker {
    struct lk_process process;
    const struct lk_worker_setup *setup;
    struct lk_counters *count;
    uv_poll_t socket_polls[LK_KIND_SOCKETS];
    uv_poll_t vault_poll;
    unsigned ticks;
    bool leaving;
    /* judging */
    struct lk_aaa_config node;
    struct lk_radius_clients clients;
    struct lk_radius_client *client_items;
    struct lk_radius_client probe_client;
    struct lk_radsec_server *radsec; /* NULL: no RADIUS over TLS */
    struct lk_aaa_ask asks[LK_AAA_ASKS];
    uint8_t ask_identifier; /* of the next one */
    struct lk_reply_cache *cache;
    struct lk_entropy entropy;
    struct lk_datagrams *in, *out;
    struct lk_aaa_out node_out;
    uint64_t now_ms; /* wall clock of this batch */
    /* waiting */
    struct lk_aaa_waiting *jobs; /* LK_AAA_JOBS */
    uint32_t free_first;
    uint32_t touched; /* slots below this one have been used */
    uint32_t queue[LK_AAA_JOBS];
    uint32_t queue_head, queue_len;
    unsigned in_flight;
    bool vault_gone;
    struct lk_store *store;
    uint64_t store_retry_ms;
    struct lk_aaa_writer writer;
};

/* ---- aaa_jobs.c ---- */

void lk_aaa_jobs_init(struct lk_aaa_worker *worker);
uint32_t lk_aaa_job_id(const struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job);
/* NULL when it is over already. */
struct lk_aaa_waiting *lk_aaa_job_by_id(struct lk_aaa_worker *worker, uint32_t id);
/* Where a request came from. */
struct lk_aaa_origin {
    enum lk_radius_port port;
    struct lk_datagram_peer peer;
    uint64_t stream;                      /* 0: a datagram */
    const struct lk_radius_client *client; /* of the stream */
};
/* One request, to wherever it gets without waiting. */
void lk_aaa_receive(struct lk_aaa_worker *worker, const struct lk_aaa_origin *origin,
                    struct lk_span octets);
void lk_aaa_tell_vector(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                        const struct lk_vector *vector);
void lk_aaa_tell_no_vector(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                           enum lk_reason reason);
void lk_aaa_tell_stored(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job, bool ok);
/* Ends a job in silence: its client asks again, or asks another server. */
void lk_aaa_give_up(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                    enum lk_reason reason);
/* Gives up the ones that wait too long; counts the rest. */
void lk_aaa_jobs_sweep(struct lk_aaa_worker *worker);

/* ---- aaa.c ---- */

/* The time of what comes now; and all that has gathered since goes out. */
void lk_aaa_turn_begin(struct lk_aaa_worker *worker);
void lk_aaa_turn_end(struct lk_aaa_worker *worker);

/* ---- aaa_radsec.c ---- */

/* A socket of setup serves RADIUS over TLS rather than a port of datagrams. */
enum { LK_AAA_SERVES_RADSEC = LK_RADIUS_ACCT_PORT + 1 };
/* Reads certificate and key; false, and logged, when that fails. Nothing when it is not wanted. */
bool lk_aaa_radsec_begin(struct lk_aaa_worker *worker);

/* ---- aaa_disconnect.c ---- */

/* A question from the control socket. */
void lk_aaa_asked(void *context, uint32_t number, const char *op, const json_t *request);
/* The answer of a client to a request of ours. */
void lk_aaa_ask_answered(struct lk_aaa_worker *worker, const struct lk_radsec_source *source,
                         struct lk_span packet);
/* Gives up the requests that wait too long. */
void lk_aaa_asks_sweep(struct lk_aaa_worker *worker);

/* ---- aaa_vault.c ---- */

void lk_aaa_store_open(struct lk_aaa_worker *worker);
/* Now and then: a file that was removed or replaced is let go. */
void lk_aaa_store_check(struct lk_aaa_worker *worker);
/* Takes a place in the queue for the vault. */
void lk_aaa_ask(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job);
/* Puts what is queued to the vault, in batches. */
void lk_aaa_ask_flush(struct lk_aaa_worker *worker);
/* Gives up those that have waited too long for their turn. */
void lk_aaa_ask_expire(struct lk_aaa_worker *worker, uint64_t now_us);
/* Takes the answers that are there. */
void lk_aaa_vault_receive(struct lk_aaa_worker *worker);

/* ---- aaa_writer.c ---- */

LK_MUST_CHECK bool lk_aaa_writer_init(struct lk_aaa_worker *worker);
/* A place to fill in, or NULL when there is none. */
struct lk_aaa_write *lk_aaa_write_add(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                      enum lk_aaa_write_kind kind);
/* Hands what was added to the pool, unless it works already. */
void lk_aaa_write_flush(struct lk_aaa_worker *worker);

#endif
