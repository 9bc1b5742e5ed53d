/* What the commands that talk to a running daemon have in common: -c, --set, --json, --socket where
 * it is a device's, the way to the socket, and how a refusal is told. */
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
    bool of_device;   /* it is asked at ue.socket, which may be said without a configuration */
    int timeout_ms;   /* for an answer */
    const char *file;
    const char *sets[LK_DAEMON_CALL_SETS];
    size_t set_count;
    bool json;
    int words_at; /* index in argv of the first word that is no option */
    struct lk_config config; /* zero where the socket was said without it */
    const char *socket;
};

/* Reads the options and the configuration. False: *exit_code says how to end; problems have been
 * printed. The caller wipes call->config. */
bool lk_daemon_call_read(struct lk_daemon_call *call, int *exit_code, int argc, char **argv);

/* One request; the answer when the daemon granted it, else NULL and *exit_code set, why printed.
 * With --json the answer is printed, too, granted or not. */
json_t *lk_daemon_call_ask(const struct lk_daemon_call *call, const json_t *request,
                           int *exit_code);
/* For an op that answers in parts (role/ask.h): each of those rows is printed, or with --json one
 * answer with all of them; and what is told beside them; none: said on standard error where there
 * are no rows, or NULL. The exit code. */
int lk_daemon_call_list(const struct lk_daemon_call *call, json_t *request, const char *rows,
                        void (*print)(const json_t *row), const char *none);
/* One answer with all of those rows, and nothing is printed; error: why there is no answer. */
enum lk_status lk_daemon_call_parts(json_t **answer, const struct lk_daemon_call *call,
                                    json_t *request, const char *rows, char *error);
/* A wish: what the daemon tells of it is printed. The exit code. */
int lk_daemon_call_wish(const struct lk_daemon_call *call, const json_t *request);

/* What a command may be told to do: one op, of which words behind the verb are members in turn. */
enum { LK_DAEMON_VERB_WORDS = 4 };
struct lk_daemon_verb {
    const char *name, *op;
    const char *words[LK_DAEMON_VERB_WORDS]; /* NULL behind the last */
    int words_least;
    const char *rows; /* of lk_daemon_call_list; NULL: it is a wish */
    void (*print)(const json_t *row);
    const char *none; /* said on standard error where there are no rows; NULL: nothing */
};
/* A whole command that is a verb of those and its words; expected names them all for who has said
 * another. The exit code. */
int lk_daemon_call_verb(struct lk_daemon_call *call, const struct lk_daemon_verb *verbs,
                        size_t count, const char *expected, int argc, char **argv);

#endif
