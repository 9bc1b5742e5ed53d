/* The counters as text, in the format that Prometheus reads. */
#ifndef LK_ROLE_METRICS_H
#define LK_ROLE_METRICS_H

#include "role/kinds.h"

enum { LK_METRICS_MAX = 64 * 1024 };

struct lk_metrics_view {
    const struct lk_shared *shared;
    uint64_t uptime_s;
    uint64_t worker_restarts;
    uint64_t restarts[LK_SHARED_SLOTS]; /* at the first slot of each kind */
    unsigned roles;
    uint64_t vault_restarts;
    uint64_t reloads;
    uint64_t reloads_refused;
    bool vault_up;
    int healthy; /* of the last probe; -1: none yet */
};

/* Writes at most cap characters and returns how many; text is terminated. */
size_t lk_metrics_text(char *text, size_t cap, const struct lk_metrics_view *view);

#endif
