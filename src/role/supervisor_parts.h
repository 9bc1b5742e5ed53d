/* Inside the supervisor: what its files share. supervisor.c begins and ends, supervisor_workers.c
 * has sockets and processes, supervisor_reload.c the change of configuration, supervisor_console.c
 * the answers on the control socket and over HTTP. */
#ifndef LK_ROLE_SUPERVISOR_PARTS_H
#define LK_ROLE_SUPERVISOR_PARTS_H

#include <uv.h>

#include "io/control.h"
#include "io/datagrams.h"
#include "io/http.h"
#include "io/log.h"
#include "role/aaa.h"
#include "role/node_key.h"
#include "role/privileges.h"
#include "role/probe.h"
#include "role/shared.h"
#include "role/supervisor.h"
#include "store/store.h"
#include "vault/vault.h"

enum {
    LK_SUPERVISOR_TICK_MS = 100,
    LK_WORKER_READY_WITHIN_MS = 5000,
    LK_WORKER_LEAVES_WITHIN_MS = 3000,
    LK_WORKER_HANGS_AFTER_MS = 10000,
    LK_WORKER_SHORT_LIFE_MS = 1000,
    LK_WORKER_RETRY_MAX_MS = 5000,
    LK_ENDPOINTS = 4 * LK_CONFIG_LISTENS, /* two sets overlap in a reload */
};

/* One address and port that is listened on: as many sockets as there are workers. */
struct lk_endpoint {
    char address[64];
    uint16_t port;
    enum lk_radius_port kind;
    bool wanted; /* by the configuration now in force, or about to be */
    size_t count;
    int fds[LK_CONFIG_WORKERS];
};

struct lk_worker {
    pid_t pid; /* 0: none */
    int line;
    uv_poll_t poll;
    bool polled;       /* poll is open */
    bool ready;
    bool leaving;
    uint64_t since_ms; /* forked, or told to leave */
    unsigned short_lives;
    uint64_t retry_ms; /* when to fork it again; 0: not waiting */
};

struct lk_supervisor {
    struct lk_supervisor_setup setup;
    struct lk_config *config;
    struct lk_node_key node_key;
    bool master_key_made; /* in this start: no row can have been sealed under it */
    struct lk_identity identity;
    uv_loop_t loop;
    uv_signal_t on_term, on_int, on_hup, on_chld;
    uv_timer_t tick;
    struct lk_vault vault;
    size_t vault_clients;
    uint32_t vault_questions; /* asked by the supervisor itself so far */
    bool vault_up;
    uint64_t vault_since_ms, vault_retry_ms;
    unsigned vault_short_lives;
    struct lk_shared *shared;
    struct lk_endpoint endpoints[LK_ENDPOINTS];
    size_t endpoint_count;
    unsigned generation; /* even or odd: which half of the slots serves */
    struct lk_worker workers[LK_SHARED_SLOTS];
    bool said_ready, stopping;
    int exit_code;
    uint64_t started_ms, stop_by_ms, watchdog_ms, watchdog_last_ms;
    uint64_t worker_restarts, vault_restarts, reloads, reloads_refused;
    /* a reload under way */
    struct lk_config *next;
    struct lk_node_key next_node_key;
    uint64_t next_since_ms;
    struct lk_control_call *reload_call; /* who asked; NULL: a signal did */
    bool reload_wanted;                  /* a signal came when none could begin */
    struct lk_control *control;
    struct lk_http *http;
    struct lk_probe *probe;
};

/* ---- supervisor_workers.c ---- */

/* Half the slots are one generation's. */
static inline unsigned lk_slot_of(unsigned generation, unsigned index)
{
    return (generation & 1) * LK_CONFIG_WORKERS + index;
}

/* The first connection is the supervisor's own; of the rest, too, half are one generation's,
 * however many workers each has. */
static inline size_t lk_vault_seat_of(size_t vault_clients, unsigned generation, unsigned index)
{
    return 1 + (generation & 1) * ((vault_clients - 1) / 2) + index;
}

/* Nobody else serves there. Our own sockets would share a port with those of a second daemon of the
 * same user, and half of the requests would go to each. */
LK_MUST_CHECK enum lk_status lk_endpoints_are_free(const struct lk_config *config,
                                                   char error[LK_SOCKET_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_endpoints_open(struct lk_supervisor *s,
                                               const struct lk_config *config,
                                               char error[LK_SOCKET_ERROR_TEXT]);
/* Closes what the configuration in force does not want. */
void lk_endpoints_trim(struct lk_supervisor *s, const struct lk_config *config);

LK_MUST_CHECK enum lk_status lk_supervisor_vault_start(struct lk_supervisor *s,
                                                       char error[LK_VAULT_ERROR_TEXT]);
/* Forks all workers of a generation. */
void lk_workers_start(struct lk_supervisor *s, unsigned generation,
                      const struct lk_config *config, const struct lk_node_key *node_key);
/* Asks all of a generation to finish and leave. */
void lk_workers_leave(struct lk_supervisor *s, unsigned generation);
bool lk_workers_any(const struct lk_supervisor *s);
/* A process ended. */
void lk_supervisor_reap(struct lk_supervisor *s);
void lk_supervisor_tick(struct lk_supervisor *s);

/* ---- supervisor_reload.c ---- */

/* call: who is told the outcome, or NULL. */
void lk_supervisor_reload(struct lk_supervisor *s, struct lk_control_call *call);
/* All workers of the next generation are ready: it takes over. */
void lk_reload_finish(struct lk_supervisor *s);
void lk_reload_abort(struct lk_supervisor *s, const char *error, const char *fix);

/* ---- supervisor_console.c ---- */

LK_MUST_CHECK enum lk_status lk_console_start(struct lk_supervisor *s,
                                              char error[LK_HTTP_ERROR_TEXT]);
void lk_supervisor_control(void *context, struct lk_control_call *call, const json_t *request);

/* ---- supervisor.c ---- */

void lk_supervisor_stop(struct lk_supervisor *s, int exit_code);
void lk_supervisor_log_setup(const struct lk_config *config, const char *process);

#endif
