/* What the files of the bsf process share. */
#ifndef LK_ROLE_BSF_PROCESS_H
#define LK_ROLE_BSF_PROCESS_H

#include "base/budget.h"
#include "io/entropy.h"
#include "io/http.h"
#include "io/log.h"
#include "proto/gba/bsf.h"
#include "role/bsf.h"
#include "role/seen.h"
#include "role/vector_sources.h"
#include "role/vectors.h"

enum { LK_BSF_JOBS_BITS = 8, LK_BSF_JOBS = 1 << LK_BSF_JOBS_BITS };

/* A request that waits for the vault, or for what came of it to be durable. Secret in parts. */
struct lk_bsf_job {
    bool busy;
    uint32_t generation; /* an answer for its forerunner is told by it */
    struct lk_http_request *request;
    struct lk_address from;
    struct lk_gba_bsf machine;
    struct lk_gba_bsf_outbox out;
    struct lk_question question;
    bool nobody; /* what was asked for has no IMSI */
    struct lk_imsi counted_as; /* whose budgets it takes of, where it is nobody's */
};

struct lk_bsf_process {
    struct lk_process process;
    struct lk_entropy entropy;
    struct lk_seen seen;
    struct lk_http *ub, *zn; /* zn NULL: none is wanted */
    struct lk_gba_bsf_config machine;
    struct lk_gba_bsf_limit limit[LK_CONFIG_BSF_USERS]; /* of bsf.users */
    struct lk_seal_keys keys; /* of opaque */
    struct lk_vectors vectors;
    struct lk_vector_sources sources;
    struct lk_budgets *rates;
    struct lk_budget zn_budget[LK_CONFIG_NAFS]; /* of the row in bsf.nafs */
    struct lk_durable durable;
    uv_poll_t vault_poll;
    unsigned ticks;
    struct lk_bsf_job *jobs; /* LK_BSF_JOBS */
};

/* ---- bsf_ub.c ---- */

void lk_bsf_ub_request(void *context, struct lk_http_request *request, const char *path);
/* Of lk_durable, a session. */
void lk_bsf_ub_written(struct lk_bsf_process *bsf, const struct lk_write *write);
bool lk_bsf_ub_is_idle(const struct lk_bsf_process *bsf);
extern const struct lk_vectors_calls lk_bsf_vectors_calls;

/* ---- bsf_zn.c ---- */

enum { LK_BSF_ZN_BODY = 4096 };
void lk_bsf_zn_request(void *context, struct lk_http_request *request, const char *path);

/* ---- bsf.c ---- */

/* The machine's configuration of this moment. */
const struct lk_gba_bsf_config *lk_bsf_machine_config(struct lk_bsf_process *bsf, uint64_t now_ms);

#endif
