/* What the files of the aanf process share. */
#ifndef LK_ROLE_AANF_PROCESS_H
#define LK_ROLE_AANF_PROCESS_H

#include "io/http.h"
#include "io/log.h"
#include "role/aanf.h"
#include "base/budget.h"
#include "base/budgets.h"
#include "role/durable.h"
#include "role/process.h"
#include "role/seen.h"
#include "role/store_view.h"

enum { LK_AANF_JOBS_BITS = 8, LK_AANF_JOBS = 1 << LK_AANF_JOBS_BITS, LK_AANF_BODY = 2048 };

/* A registration that waits to be durable. */
struct lk_aanf_job {
    uint32_t generation; /* an answer for its forerunner is told by it */
    struct lk_http_request *request; /* NULL: free */
};

struct lk_aanf_process {
    struct lk_process process;
    struct lk_seen seen;
    struct lk_http *http;
    struct lk_store_view store;
    struct lk_durable durable;
    struct lk_budgets *rates;
    struct lk_budget af_budget[LK_CONFIG_NAFS]; /* of the row in aanf.afs */
    unsigned ticks;
    struct lk_aanf_job jobs[LK_AANF_JOBS];
};

/* ---- aanf_serve.c ---- */

void lk_aanf_request(void *context, struct lk_http_request *request, const char *path);
/* Of lk_durable, a session. */
void lk_aanf_written(struct lk_aanf_process *aanf, const struct lk_write *write);
bool lk_aanf_is_idle(const struct lk_aanf_process *aanf);
/* A line in the log, where it may be said now; it counts those that were left out before. */
void lk_aanf_log(const char *what, const char *by, const char *ua, const struct lk_imsi *imsi);

#endif
