/* What the commands that talk to a running daemon have in common: -c, --set, --json, and the way
 * to its control socket. */
#ifndef LK_APP_DAEMON_CALL_H
#define LK_APP_DAEMON_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "role/config.h"

enum { LK_DAEMON_CALL_SETS = 64 };

struct lk_daemon_call {
    const char *name; /* of the command */
    const char *help; /* printed by --help */
    bool takes_words; /* that are no options */
    const char *file;
    const char *sets[LK_DAEMON_CALL_SETS];
    size_t set_count;
    bool json;
    int words_at; /* index in argv of the first word that is no option */
    struct lk_config config;
};

/* Reads the options and the configuration. False: *exit_code says how to end; problems have been
 * printed. The caller wipes call->config. */
bool lk_daemon_call_read(struct lk_daemon_call *call, int *exit_code, int argc, char **argv);

/* One request; the answer when the daemon granted it, else NULL and *exit_code set, why printed (as
 * JSON to standard output with --json). */
json_t *lk_daemon_call_ask(const struct lk_daemon_call *call, const json_t *request,
                           int timeout_ms, int *exit_code);

#endif
