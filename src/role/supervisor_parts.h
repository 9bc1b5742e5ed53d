/* Inside the supervisor: what its files share. supervisor.c begins and ends, _sockets has what is
 * listened on, _vault and _workers the processes, _calls what is said to them, _reload the change
 * of configuration, _secrets what of all this a new process forgets, _console the answers on the
 * control socket and over HTTP. None of them knows
 * what a process does: that is in the rows of kinds.h. */
#ifndef LK_ROLE_SUPERVISOR_PARTS_H
#define LK_ROLE_SUPERVISOR_PARTS_H

#include <uv.h>

#include "io/control.h"
#include "io/datagrams.h"
#include "io/http.h"
#include "io/log.h"
#include "role/kinds.h"
#include "role/node_key.h"
#include "role/privileges.h"
#include "role/probe.h"
#include "role/process.h"
#include "role/seen.h"
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
    LK_VAULT_PING_EVERY_MS = 1000,
    LK_ENDPOINTS = 64, /* two sets overlap in a reload */
    LK_WORKER_NAME = 24,
    LK_CALLS = 32,
    LK_CALL_WITHIN_MS = 5000,
    LK_SUPERVISOR_NO_START = 3, /* exit code */
};

/* One address and port that is listened on: as many sockets as there are workers of its kind. */
struct lk_endpoint {
    const struct lk_process_kind *kind;
    char address[LK_CONFIG_ADDRESS]; /* of what was prepared: a name */
    uint16_t port;
    enum lk_transport transport;
    unsigned serves;
    size_t count;
    int fds[LK_CONFIG_WORKERS];
};

struct lk_worker {
    const struct lk_process_kind *kind; /* NULL: none was ever here */
    unsigned index;
    pid_t pid; /* 0: none */
    int line;
    uv_poll_t poll;
    bool polled; /* poll is open */
    bool ready;
    bool leaving;
    uint64_t since_ms; /* forked, or told to leave */
    unsigned short_lives;
    uint64_t retry_ms; /* when to fork it again; 0: not waiting */
    uint64_t restarts;
};

/* A question from the control socket that a process has been asked. */
struct lk_call {
    struct lk_control_call *call; /* NULL: this place is free */
    const json_t *request;        /* good until the call is answered */
    uint32_t number;
    size_t slot;
    unsigned left; /* processes of its kind behind that slot, which may be asked yet */
    uint64_t by_ms;
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
    uint64_t vault_ping_ms, vault_answer_ms; /* its last sign of life */
    unsigned vault_short_lives;
    struct lk_shared *shared;
    struct lk_endpoint endpoints[LK_ENDPOINTS];
    size_t endpoint_count;
    unsigned generation; /* even or odd: which half of the slots serves */
    struct lk_worker workers[LK_SHARED_SLOTS];
    struct lk_call calls[LK_CALLS];
    uint32_t call_number;
    bool serves; /* all of the start is done */
    bool said_ready, stopping;
    int exit_code;
    uint64_t started_ms, stop_by_ms, watchdog_ms, watchdog_last_ms;
    uint64_t worker_restarts, vault_restarts, reloads, reloads_refused;
    /* a reload under way */
    struct lk_config *next;
    struct lk_node_key next_node_key;
    uint64_t next_since_ms;
    struct lk_control_call *reload_call; /* who asked; NULL: a signal did */
    char reload_note[LK_KIND_UNFIT_TEXT]; /* what it is told besides; "": nothing */
    bool reload_wanted;                  /* a signal came when none could begin */
    struct lk_control *control;
    struct lk_http *http;
    struct lk_capture *capture; /* NULL: none is asked for */
    struct lk_probe *probe; /* NULL: nobody logs in here */
};

/* ---- supervisor_sockets.c ---- */

/* Nobody else serves there. Our own sockets would share a port with those of a second daemon of the
 * same user, and half of the requests would go to each. */
LK_MUST_CHECK enum lk_status lk_endpoints_are_free(const struct lk_config *config,
                                                   char error[LK_SOCKET_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_endpoints_open(struct lk_supervisor *s,
                                               const struct lk_config *config,
                                               char error[LK_SOCKET_ERROR_TEXT]);
/* Closes what the configuration in force does not want. */
void lk_endpoints_trim(struct lk_supervisor *s, const struct lk_config *config);

/* What kinds open for themselves, while there are privileges. */
LK_MUST_CHECK enum lk_status lk_endpoints_prepare(struct lk_supervisor *s,
                                                  char error[LK_KIND_ERROR_TEXT]);
/* Puts the sockets of one process into setup: kind, config and index are set. */
void lk_endpoints_give(struct lk_supervisor *s, struct lk_worker_setup *setup);

/* ---- supervisor_store.c ---- */

LK_MUST_CHECK bool lk_supervisor_store_ready(struct lk_supervisor *s);

/* ---- supervisor_vault.c ---- */

/* The vault's connections: the first is the supervisor's own, the next are of kinds that keep
 * state, one each; of the rest, half are one generation's, however many workers each has. One kind
 * without state has them all: two would need seats apart. */
size_t lk_supervisor_vault_clients(size_t workers);
size_t lk_supervisor_vault_seat(const struct lk_supervisor *s, const struct lk_process_kind *kind,
                                unsigned generation, unsigned index);
LK_MUST_CHECK enum lk_status lk_supervisor_vault_start(struct lk_supervisor *s,
                                                       char error[LK_VAULT_ERROR_TEXT]);
void lk_supervisor_vault_died(struct lk_supervisor *s);
/* Starts another when it is time; ends one that is stuck. */
void lk_supervisor_vault_tick(struct lk_supervisor *s);
void lk_supervisor_vault_end(struct lk_supervisor *s);

/* ---- supervisor_workers.c ---- */

/* Forks all processes of a generation; those that keep state only with keepers. */
void lk_workers_start(struct lk_supervisor *s, unsigned generation, const struct lk_config *config,
                      const struct lk_node_key *node_key, bool keepers);
/* Asks all of a generation to finish and leave, but for those that keep state. */
void lk_workers_leave(struct lk_supervisor *s, unsigned generation);
void lk_workers_leave_all(struct lk_supervisor *s);
/* Whether a process there is one of that generation; of those that keep state, there is but one. */
bool lk_slot_is_of(const struct lk_supervisor *s, size_t slot, unsigned generation);
void lk_worker_name(char name[LK_WORKER_NAME], const struct lk_process_kind *kind, unsigned index);
bool lk_workers_any(const struct lk_supervisor *s);
/* A process ended. */
void lk_supervisor_reap(struct lk_supervisor *s);
void lk_supervisor_tick(struct lk_supervisor *s);

/* ---- supervisor_secrets.c ---- */

/* In a worker just forked: wipes the secrets that its kind has no use for. */
void lk_supervisor_forget(struct lk_supervisor *s, const struct lk_worker_setup *setup);
/* In a vault just forked: all of them. */
void lk_supervisor_forget_all(void *supervisor);

/* ---- supervisor_calls.c ---- */

/* Hands a request to a process of a kind that has this op (in "role" of the request, when several
 * have it). False when there is none. */
bool lk_calls_ask(struct lk_supervisor *s, struct lk_control_call *call, const char *op,
                  const json_t *request);
/* What a process answered: number and JSON. */
void lk_calls_answer(struct lk_supervisor *s, size_t slot, const char *answer, size_t len);
/* It is gone. */
void lk_calls_give_up(struct lk_supervisor *s, size_t slot);
void lk_calls_expire(struct lk_supervisor *s, uint64_t now_ms);
/* Hands the configuration in force to all who keep state. */
void lk_calls_configure(struct lk_supervisor *s);

/* ---- supervisor_reload.c ---- */

/* call: who is told the outcome, or NULL. */
void lk_supervisor_reload(struct lk_supervisor *s, struct lk_control_call *call);
/* All workers of the next generation are ready: it takes over. */
void lk_reload_finish(struct lk_supervisor *s);
void lk_reload_abort(struct lk_supervisor *s, const char *error, const char *fix);

/* ---- supervisor_console.c ---- */

LK_MUST_CHECK enum lk_status lk_console_start(struct lk_supervisor *s,
                                              char error[LK_HTTP_ERROR_TEXT]);
/* Not to a process of the daemon. */
bool lk_supervisor_may_talk(void *context, pid_t pid);
void lk_supervisor_control(void *context, struct lk_control_call *call, const json_t *request);

/* ---- supervisor.c ---- */

/* Logs what did not let the daemon start; false. */
bool lk_supervisor_failed(const char *what, const char *why);
/* Whether anybody under that configuration has use for one. */
bool lk_supervisor_has_node_key(const struct lk_config *config);
void lk_supervisor_stop(struct lk_supervisor *s, int exit_code);
void lk_supervisor_log_setup(const struct lk_config *config, const char *process);

#endif
