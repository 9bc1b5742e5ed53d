/* latchkey naf VERB: what the running daemon's application server of GBA has seen, and a user to be
 * forgotten. */
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey naf status [OPTIONS]\n"
    "       latchkey naf forget B-TID [OPTIONS]\n\n"
    "Asks the running daemon with role naf how many users it knows by their SIM (GBA), how many\n"
    "came and were refused, and how often it asked the BSF. forget forgets the keys of one: his\n"
    "next request asks the BSF again.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_server(const json_t *row)
{
    static const struct {
        const char *name, *what;
    } lines[] = {
        { "users", "keys of users that are here" },
        { "granted", "requests of HTTP that were granted" },
        { "refused", "refused" },
        { "replayed", "refused, because they had come before" },
        { "challenged", "challenged" },
        { "tls_keys", "keys given to TLS" },
        { "tls_refused", "keys not given to TLS: nobody's identity, or none of GBA" },
        { "questions", "questions to the BSF" },
        { "unanswered", "of them without an answer" },
        { "unknown", "of them about B-TIDs that are nobody's" },
        { "too_fast", "not asked: too many in a second" },
    };

    printf("%s, of %s\n", json_string_value(json_object_get(row, "name")),
           json_string_value(json_object_get(row, "bsf")));
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        printf("%10" JSON_INTEGER_FORMAT "  %s\n",
               json_integer_value(json_object_get(row, lines[i].name)), lines[i].what);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "status", .op = "naf-status", .rows = "servers", .print = print_server },
    { .name = "forget", .op = "naf-forget", .words = { "b_tid" }, .words_least = 1 },
};

int lk_cmd_naf(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "naf", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "status or forget B-TID", argc,
                               argv);
}
