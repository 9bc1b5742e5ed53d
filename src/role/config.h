/* The configuration: one YAML file, read once into one plain struct.
 *
 * Every key has one row in config_rows.c: its path, its type, its limits and an example. A key that
 * no row knows, a value outside its limits, a key given twice: each is a problem with the file, the
 * line, what was expected, what was found and how to mend it. "--set a.b=value" replaces what the
 * file says. Defaults are those of the lab: loopback, test PLMN, nothing reachable from outside.
 *
 * Relative file names live under state_dir; a relative state_dir is under the current directory,
 * and the environment variable LATCHKEY_STATE_DIR replaces it (and --set that). All paths are
 * complete after loading. */
#ifndef LK_ROLE_CONFIG_H
#define LK_ROLE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/check.h"
#include "base/status.h"

enum {
    LK_CONFIG_PATH = 512,
    LK_CONFIG_LISTENS = 4,
    LK_CONFIG_CLIENTS = 256,
    LK_CONFIG_SECRET = 128,
    LK_CONFIG_NAME = 64,
    LK_CONFIG_WORKERS = 32,
    LK_CONFIG_PROBLEMS = 16,
    LK_CONFIG_PROBLEM_TEXT = 512,
};

enum lk_config_role { LK_ROLE_AAA = 1 << 0, LK_ROLE_VAULT = 1 << 1 };
enum lk_config_method { LK_CONFIG_AKA_PRIME = 1 << 0, LK_CONFIG_AKA = 1 << 1 };
enum lk_config_sqn { LK_CONFIG_SQN_TIME, LK_CONFIG_SQN_COUNTER };
enum lk_config_log_format { LK_CONFIG_LOG_TEXT, LK_CONFIG_LOG_JSON };

struct lk_config_client {
    char name[LK_CONFIG_NAME];
    struct lk_address_prefix address;
    bool has_address;
    char secret[LK_CONFIG_SECRET]; /* text, terminated */
};

struct lk_config {
    char file[LK_CONFIG_PATH]; /* where it came from; "" for the built-in defaults */
    unsigned roles;            /* enum lk_config_role */
    char state_dir[LK_CONFIG_PATH];
    char control[LK_CONFIG_PATH];  /* unix socket */
    char node_key[LK_CONFIG_PATH]; /* 32 octets in hex, shared by the nodes of one service */
    char user[LK_CONFIG_NAME];     /* to become when started as root; "" stays */
    unsigned workers;              /* 0 in the file: one per core; never 0 after loading */
    struct {
        char url[LK_CONFIG_PATH];
    } store;
    struct {
        char master_key[LK_CONFIG_PATH]; /* or "credential:NAME" (systemd) */
        char ceiling[LK_CONFIG_PATH]; /* the persisted ceiling of the time-based SQN */
        unsigned node;                /* 0..3 */
        enum lk_config_sqn sqn;
        char user[LK_CONFIG_NAME];
        unsigned block; /* counter: how many SEQs one reservation covers */
    } vault;
    struct {
        char listen[LK_CONFIG_LISTENS][64]; /* addresses, as text */
        size_t listen_count;
        unsigned port, accounting_port; /* accounting_port 0: no accounting */
        unsigned enterprise;            /* for vendor attributes of our own; none is sent yet */
        struct lk_config_client clients[LK_CONFIG_CLIENTS];
        size_t client_count;
    } radius;
    struct {
        char network_name[LK_CONFIG_NAME];
        unsigned methods; /* enum lk_config_method */
        bool pseudonyms, reauth, protect_success;
        unsigned reauth_max;       /* fast re-authentications before a full one */
        unsigned reauth_contexts;  /* entries of the shared table */
        unsigned state_lifetime_s; /* how long a challenge may be answered */
        unsigned session_timeout_s;
    } eap;
    struct {
        enum lk_config_log_format format;
        int level; /* enum lk_log_level of io/log.h */
        bool mask_imsi;
    } log;
    struct {
        char listen[64];
        unsigned port; /* 0: no console, no metrics */
    } console;
};

struct lk_config_report {
    size_t count; /* may exceed LK_CONFIG_PROBLEMS: only so many are kept */
    char problem[LK_CONFIG_PROBLEMS][LK_CONFIG_PROBLEM_TEXT];
};

/* Reads file (NULL: the built-in defaults), then the count overrides "path=value". LK_E_CONFIG, and
 * at least one problem in report, when anything is not valid; config is then not to be used.
 * Touches nothing but the file and the secret files it names. */
LK_MUST_CHECK enum lk_status lk_config_load(struct lk_config *config,
                                            struct lk_config_report *report, const char *file,
                                            const char *const *sets, size_t set_count);
/* Wipes it: it holds the RADIUS secrets. */
void lk_config_wipe(struct lk_config *config);

/* Which file a command without -c reads: $LATCHKEY_CONFIG, conf/lab.yaml, or
 * /etc/latchkey/latchkey.yaml, the first that exists; NULL when none does. */
const char *lk_config_default_file(void);
/* The directory of an SQLite store, where it is below the state directory; else false. */
bool lk_config_store_folder(char folder[LK_CONFIG_PATH], const struct lk_config *config);
/* Makes it. Opening the store says what is wrong when this did not help. */
void lk_config_make_store_folder(const struct lk_config *config);

/* Names of the first key that differs and cannot be changed by a reload; NULL when all is fine. */
const char *lk_config_needs_restart(const struct lk_config *running, const struct lk_config *next);

#endif
