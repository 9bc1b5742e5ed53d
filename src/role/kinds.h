/* The kinds of processes that the daemon is made of, besides supervisor and vault.
 *
 * A kind is a row: what it is called, which roles it plays, how many of it there are, where it
 * listens, what it needs and what it gives up, and the function that is it. Supervisor and
 * latchkeyd know nothing else of it: sockets, forks, restarts, reloads, watchdog, metrics, status
 * and --check come from the row. To add one: a file with the row, its name below, and a line in
 * kinds_table.c; docs/architecture.md has what a role takes besides.
 *
 * Two sorts. Without state: many processes, and a reload brings up a second generation on the same
 * sockets before the first one leaves. With state (keeps_state): one process, which a reload leaves
 * alone and hands the new configuration to. What it could not take without losing its sessions is
 * marked restart in the rows of the configuration, and a reload that changes that is refused as a
 * whole, so that all processes always run under one configuration. */
#ifndef LK_ROLE_KINDS_H
#define LK_ROLE_KINDS_H

#include "io/certificate.h"
#include "io/stream.h"
#include "proto/radius/state.h"
#include "role/ask.h"
#include "role/config.h"
#include "role/node_key.h"
#include "role/shared.h"
#include "vault/vault.h"

enum {
    /* What one process may be given: all of a kind's endpoints, where there are fewer processes
     * than a generation before it had. */
    LK_KIND_SOCKETS = 2 * LK_CONFIG_LISTENS * LK_CONFIG_WORKERS,
    LK_KIND_ERROR_TEXT = 256,
    LK_KIND_UNFIT_TEXT = 768,
};

enum lk_transport {
    LK_TRANSPORT_UDP,
    LK_TRANSPORT_TCP,      /* listens */
    LK_TRANSPORT_PREPARED, /* made by the kind itself, see prepare */
};

/* One that the supervisor opened; serves is what the kind said that it is for. */
struct lk_worker_socket {
    int fd;
    unsigned serves;
};

/* What a process is given. All of it is made before the fork. */
struct lk_worker_setup {
    const struct lk_process_kind *kind;
    const struct lk_config *config;
    const struct lk_node_key *node_key; /* NULL unless the kind needs it; so are those below */
    const struct lk_radius_class_key *class_key;
    struct lk_shared *shared;
    unsigned slot;                /* in shared: its signs of life and counters */
    unsigned index;               /* among those of its kind */
    struct lk_vault_client vault; /* fd -1 unless the kind has vault_keys */
    struct lk_worker_socket sockets[LK_KIND_SOCKETS];
    size_t socket_count;
    int line; /* to the supervisor; process.h speaks on it */
    int capture; /* open file, see role/seen.h; -1: none */
};

/* What a socket is for, by the number that it serves. */
struct lk_service {
    const char *what;
    const char *address, *port; /* the keys that say where; NULL: of what was prepared */
};

/* Tells of one address and port to be opened for the kind (port 0: none). serves: a number of the
 * kind's own. LK_OK, or why not: hand it on. */
typedef enum lk_status lk_endpoint_add(void *context, const char *address, unsigned port,
                                       enum lk_transport transport, unsigned serves);
/* Tells of one descriptor that prepare opened; it becomes the supervisor's. */
typedef enum lk_status lk_prepared_add(void *context, const char *name, int fd, unsigned serves);

/* A counter or gauge of a kind's own, in lk_worker_slot.own at the place of its row. Not the
 * refusals, which are counted by reason in lk_worker_slot.count.refused. */
struct lk_own_counter {
    const char *name; /* as in /metrics, without "latchkey_": "wlcp_handshakes_total" */
    const char *help;
    bool is_gauge;
};

/* An end of TLS: the section of the configuration, and the files that it names. */
struct lk_kind_tls {
    char section[LK_CONFIG_NAME];
    struct lk_stream_files files; /* certificate "": it does without TLS */
};

struct lk_process_kind {
    const char *name; /* "aaa": in log, metrics and status */
    unsigned roles;   /* of enum lk_config_role: those it plays */
    unsigned (*workers)(const struct lk_config *config); /* NULL: one */
    bool keeps_state;
    /* Y10: of the vault's vectors, those with these keys, bits 1 << enum lk_vector_keys; with any
     * it has a connection to the vault, and ends with it. */
    unsigned vault_keys;
    bool needs_node_key;  /* all that nodes derive from it */
    bool needs_class_key; /* what opens the AAA's tokens, and nothing else of it */
    bool needs_store; /* the supervisor sees to it, before it gives up root, that it is there */
    /* Where it listens under that configuration. NULL: nowhere. */
    enum lk_status (*endpoints)(const struct lk_config *config, lk_endpoint_add *add,
                                void *context);
    /* Opens, once, at start and with all privileges, what else they are needed for (a TUN device).
     * Descriptors stay with the supervisor and are given to each process of the kind. */
    enum lk_status (*prepare)(const struct lk_config *config, lk_prepared_add *add, void *context,
                              char error[LK_KIND_ERROR_TEXT]);
    /* Once it serves it makes no system call of enum lk_forbid (io/forbid.h), but for what this
     * says it needs: LK_FORBID_LISTENING, LK_FORBID_SOCKETS. NULL: neither. */
    unsigned (*permits)(const struct lk_config *config);
    /* The files that it may still open then. NULL: none. */
    void (*files)(const struct lk_config *config,
                  void (*visit)(void *context, const char *path, bool write), void *context);
    /* The files that each reload reads anew, by number: the supervisor opens them for it, for they
     * may be others by then, and it may open none. NULL: no more, or none at all. */
    const char *(*reads_again)(const struct lk_config *config, size_t index);
    /* Its ends of TLS, one after the other: a laboratory makes their files, --check looks at them.
     * False: there are no more. NULL: it has none. */
    bool (*tls)(struct lk_kind_tls *tls, const struct lk_config *config, size_t index);
    /* More names that a laboratory's certificate of that index has. NULL: none. */
    void (*tls_also)(const char *also[LK_CERTIFICATE_ALSO], const struct lk_config *config,
                     size_t index);
    bool reads_tls_again; /* libcurl does at each connection: they are among its files */
    /* --check, and before a reload where it reads files again: whether what else the configuration
     * names for it on this machine is there, and fits. False: unfit is the line that says what does
     * not. True: what is to be said all the same, or "". NULL: nothing to ask. */
    bool (*fits)(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT]);
    const struct lk_service *services; /* by number; all that it ever listens on are there */
    const struct lk_ask *asks; /* what it answers on the control socket. NULL: nothing */
    unsigned refuses;            /* of enum lk_reason_by: the reasons that it may count */
    const struct lk_own_counter *counters;
    size_t counter_count; /* at most LK_OWN_COUNTERS */
    /* It is the process: returns its exit code. */
    int (*run)(const struct lk_worker_setup *setup);
};

extern const struct lk_process_kind lk_aaa_kind;
extern const struct lk_process_kind lk_wlan_kind;
extern const struct lk_process_kind lk_anchor_kind;
extern const struct lk_process_kind lk_wt_kind;
extern const struct lk_process_kind lk_enb_kind;
extern const struct lk_process_kind lk_pos_kind;
extern const struct lk_process_kind lk_bsf_kind;
extern const struct lk_process_kind lk_af_kind;
extern const struct lk_process_kind lk_aanf_kind;
extern const struct lk_process_kind lk_naf_kind;
extern const struct lk_process_kind lk_fa_kind;
extern const struct lk_process_kind lk_ue_kind;

/* All, in the order in which they are started. */
size_t lk_kind_count(void);
const struct lk_process_kind *lk_kind_at(size_t index);

/* For .files: those of the store. */
void lk_kind_store_files(const struct lk_config *config,
                         void (*visit)(void *context, const char *path, bool write),
                         void *context);

/* Whether such processes are wanted, and how many. */
bool lk_kind_runs(const struct lk_process_kind *kind, const struct lk_config *config);
/* Which of its roles it plays then. */
unsigned lk_kind_roles(const struct lk_process_kind *kind, const struct lk_config *config);
unsigned lk_kind_workers(const struct lk_process_kind *kind, const struct lk_config *config);
/* Where its processes are in struct lk_shared: each has a place there in either generation, one
 * that keeps state the same in both. */
unsigned lk_kind_slot(const struct lk_process_kind *kind, unsigned generation, unsigned index);
/* The places from lk_kind_slot(kind, 0, 0) on. */
unsigned lk_kind_slots(const struct lk_process_kind *kind);
/* The word of a role that is configured and that nobody here plays; NULL when there is none. */
const char *lk_kinds_lack(const struct lk_config *config);

#endif
