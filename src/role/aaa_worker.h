/* Inside an aaa worker: what its files share. aaa.c has the loop, aaa_jobs.c the way of a request
 * through the node, aaa_mis.c what points of service of MIS need, aaa_mip.c what agents of Mobile
 * IP ask for, aaa_radsec.c RADIUS over TLS, aaa_disconnect.c what is asked of clients over it;
 * vectors.c and durable.c have questions to store and vault, and what must be durable first. */
#ifndef LK_ROLE_AAA_WORKER_H
#define LK_ROLE_AAA_WORKER_H

#include <uv.h>

#include "io/datagrams.h"
#include "io/entropy.h"
#include "io/log.h"
#include "keys/mis_start.h"
#include "node/aaa.h"
#include "node/reply_cache.h"
#include "proto/radius/ask.h"
#include "role/aaa.h"
#include "role/radsec_server.h"
#include "role/seen.h"
#include "role/udp_port.h"
#include "role/vectors.h"

enum {
    LK_AAA_JOBS_BITS = 12,
    LK_AAA_JOBS = 1 << LK_AAA_JOBS_BITS,
    LK_AAA_ASKS = 16,
};

#define LK_AAA_NOBODY UINT32_MAX
#define LK_AAA_PROBE_TAG UINT32_MAX /* the probe's entry is none of the configuration's */

enum lk_aaa_place {
    LK_AAA_FREE,
    LK_AAA_ASKING,  /* has a question out */
    LK_AAA_STORING, /* waits for its record */
    LK_AAA_ASKING_BSF,
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
    struct lk_question question;
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
    struct lk_counters *count;
    struct lk_udp_owner udp;
    struct lk_udp_port port[LK_KIND_SOCKETS];
    size_t ports;
    uv_poll_t vault_poll;
    unsigned ticks;
    bool leaving;
    /* judging */
    struct lk_aaa_config node;
    struct lk_home_secret mark_key; /* start marks are signed with it, where node.mis.signs */
    struct lk_radius_clients clients;
    struct lk_radius_client *client_items;
    struct lk_radius_client probe_client;
    struct lk_radsec_server *radsec; /* NULL: no RADIUS over TLS */
    struct lk_aaa_ask asks[LK_AAA_ASKS];
    uint8_t ask_identifier; /* of the next one */
    struct lk_reply_cache *cache;
    struct lk_entropy entropy;
    struct lk_datagrams *out;
    struct lk_aaa_out node_out;
    uint64_t now_ms; /* wall clock of this batch */
    /* waiting */
    struct lk_aaa_waiting *jobs; /* LK_AAA_JOBS */
    uint32_t free_first;
    uint32_t touched; /* slots below this one have been used */
    struct lk_vectors vectors;
    struct lk_durable durable;
    struct lk_aaa_akma *akma; /* NULL: no AKMA */
    struct lk_aaa_home_mip *mip; /* NULL: this AAA is no NAF */
    struct lk_seen seen;         /* keys of Mobile IP, and no leg */
};

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_aaa_own {
    LK_AAA_OWN_AKMA_REGISTERED,
    LK_AAA_OWN_AKMA_LOST,
    LK_AAA_OWN_AKMA_NOT_ALLOWED,
    LK_AAA_OWN_AKMA_WAITING, /* gauge */
    LK_AAA_OWN_MIP_GRANTED,
    LK_AAA_OWN_MIP_REFUSED,
    LK_AAA_OWN_COUNT
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
/* Follows a verdict until the job waits or is over. */
void lk_aaa_follow(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                   enum lk_aaa_verdict verdict);
/* What lk_vectors and lk_durable call. */
extern const struct lk_vectors_calls lk_aaa_vectors_calls;
void lk_aaa_written(void *context, const struct lk_write *write);
/* Gives up the ones that wait too long; counts the rest. */
void lk_aaa_jobs_sweep(struct lk_aaa_worker *worker);

/* ---- aaa.c ---- */

/* The time of what comes now; and all that has gathered since goes out. */
void lk_aaa_turn_begin(struct lk_aaa_worker *worker);
void lk_aaa_turn_end(struct lk_aaa_worker *worker);

/* ---- aaa_mis.c ---- */

/* Answers ASK_ERP. T43: the context is out of the table while it is judged, and back before
 * anything is sent. */
enum lk_aaa_verdict lk_aaa_tell_erp(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job);
/* Answers SIGN. Where that fails, for want of memory, the PoS gets no mark, and a target refuses
 * it. */
enum lk_aaa_verdict lk_aaa_sign(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job);

/* ---- aaa_mip.c ---- */

bool lk_aaa_is_mip_naf(const struct lk_config *config);
void lk_aaa_mip_set(struct lk_mip_keygen_config *to, const struct lk_config_home_mip *from);
/* Nothing when this AAA is no NAF. */
LK_MUST_CHECK bool lk_aaa_mip_begin(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT]);
void lk_aaa_mip_end(struct lk_aaa_worker *worker);
/* Answers ASK_MIP at once, or ASK_MIP again: the BSF is asked. */
enum lk_aaa_verdict lk_aaa_ask_mip(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job);
/* What came besides the answer; false: this was nothing of Mobile IP. */
bool lk_aaa_mip_carry_out(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job);

/* ---- aaa_sources.c ---- */

/* Why the vault is not asked; NONE: it is. */
enum lk_reason lk_aaa_why_not_ask(const struct lk_aaa_worker *worker,
                                  const struct lk_aaa_waiting *job,
                                  const struct lk_output *question);
/* What the vault was asked came to no vector. */
void lk_aaa_had_none(const struct lk_aaa_worker *worker, const struct lk_question *q);
/* The subscriber has proven to be it: by the answer to a vector, or by what came of one. */
void lk_aaa_is_proven(const struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                      const struct lk_imsi *imsi, bool by_vector);

/* ---- aaa_akma.c ---- */

/* False: no memory. Nothing when it is not wanted. */
LK_MUST_CHECK bool lk_aaa_akma_begin_worker(struct lk_aaa_worker *worker);
void lk_aaa_akma_end(struct lk_aaa_worker *worker);
/* What node_out has of it is to reach the AAnF, some time after the answer. */
void lk_aaa_akma_keep(struct lk_aaa_worker *worker, const struct lk_imsi *imsi);
/* Behind the answers of a turn: what waits goes on its way. */
void lk_aaa_akma_go_on(struct lk_aaa_worker *worker);
bool lk_aaa_akma_is_idle(const struct lk_aaa_worker *worker);

/* ---- aaa_radsec.c ---- */

/* A socket of setup serves RADIUS over TLS rather than a port of datagrams. */
enum { LK_AAA_SERVES_RADSEC = LK_RADIUS_ACCT_PORT + 1 };
/* Reads certificate and key; false, and error says why, when that fails. Nothing when it is not
 * wanted. */
LK_MUST_CHECK bool lk_aaa_radsec_begin(struct lk_aaa_worker *worker,
                                       char error[LK_KIND_ERROR_TEXT]);

/* ---- aaa_disconnect.c ---- */

/* A question from the control socket. */
/* The answer of a client to a request of ours. */
void lk_aaa_ask_answered(struct lk_aaa_worker *worker, const struct lk_radsec_source *source,
                         struct lk_span packet);
/* Gives up the requests that wait too long. */
void lk_aaa_asks_sweep(struct lk_aaa_worker *worker);

extern const struct lk_ask lk_aaa_asks[]; /* aaa_disconnect.c */

#endif
