/* latchkey session VERB: which sessions access points have told of, and to end one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "base/secret.h"
#include "role/disconnect.h"
#include "role/open_sessions.h"

static const char help[] =
    "usage: latchkey session list [IMSI] [-c FILE] [--set KEY=VALUE] [--json]\n"
    "       latchkey session end IMSI|SESSION... [-c FILE] [--set KEY=VALUE] [--json]\n\n"
    "Sessions are known by accounting, in the store of that configuration. SESSION is the\n"
    "Acct-Session-Id that list shows. end sends a Disconnect-Request (RFC 5176) to the RADIUS\n"
    "client that told of the session, with its secret in radius.clients, on dynamic.port (3799);\n"
    "a client over TLS is asked by the running daemon, over the connection that it holds.\n"
    "Exit code 0 when each one named was ended, 1 when not, 3 when there is no store.\n";

static void row_json(json_t *list, const struct lk_accounting *a, const char *ended,
                     const char *why)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "session",
                            a->session, "imsi", a->imsi.digits, "user", a->user, "client",
                            a->client, "station", a->calling, "access_point", a->called, "heard_ms",
                            (json_int_t)a->at_ms, "seconds", (json_int_t)a->session_s, "input",
                            (json_int_t)a->input_octets, "output", (json_int_t)a->output_octets);

    if (row == NULL)
        return;
    if (ended != NULL)
        (void)json_object_set_new(row, "result", json_string(ended));
    if (why != NULL)
        (void)json_object_set_new(row, "why", json_string(why));
    (void)json_array_append_new(list, row);
}

static int finish(const struct lk_daemon_call *call, json_t *list, int exit_code)
{
    if (call->json) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        (void)putchar('\n');
    }
    json_decref(list);
    return exit_code;
}

static int list_sessions(const struct lk_daemon_call *call, const struct lk_open_sessions *sessions,
                         const char *imsi)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sessions->count; i++) {
        const struct lk_accounting *a = &sessions->item[i];

        if (imsi != NULL && strcmp(imsi, a->imsi.digits) != 0)
            continue;
        if (call->json)
            row_json(list, a, NULL, NULL);
        else
            printf("%-24s %-15s %-17s %-15s %" PRIu64 " s\n", a->session,
                   a->imsi.digits[0] != '\0' ? a->imsi.digits : "-", a->calling, a->client,
                   a->session_s);
    }
    return finish(call, list, LK_EXIT_OK);
}

static bool is_named(const struct lk_accounting *a, const char *word)
{
    return strcmp(word, a->session) == 0 ||
           (a->imsi.digits[0] != '\0' && strcmp(word, a->imsi.digits) == 0);
}

static int end_sessions(const struct lk_daemon_call *call, const struct lk_open_sessions *sessions,
                        char *const *words, int count)
{
    const struct lk_disconnect how = {
        .config = &call->config,
        .port = (uint16_t)(call->config.dynamic.port != 0 ? call->config.dynamic.port : 3799),
    };
    json_t *list = json_array();
    int exit_code = LK_EXIT_OK;

    for (int w = 0; w < count; w++) {
        size_t found = 0;

        for (size_t i = 0; i < sessions->count; i++) {
            const struct lk_accounting *a = &sessions->item[i];
            char why[LK_DISCONNECT_TEXT] = "";
            bool ended;

            if (!is_named(a, words[w]))
                continue;
            found++;
            ended = lk_disconnect(&how, a, why) == LK_OK;
            if (!ended)
                exit_code = LK_EXIT_REFUSED;
            if (call->json)
                row_json(list, a, ended ? "ended" : "not ended", ended ? NULL : why);
            else
                printf("%s at %s: %s%s\n", a->session, a->client, ended ? "ended" : "not ended, ",
                       why);
        }
        if (found == 0) {
            fprintf(stderr, "latchkey session end: no open session of '%s'\n", words[w]);
            exit_code = LK_EXIT_REFUSED;
        }
    }
    return finish(call, list, exit_code);
}

/* Reads them; NULL in *exit_code's place says nothing went wrong. */
static bool read_sessions(const struct lk_daemon_call *call, struct lk_open_sessions *sessions,
                          int *exit_code)
{
    char error[LK_STORE_ERROR_TEXT];
    struct lk_store *store;

    *exit_code = LK_EXIT_SYSTEM;
    if (lk_store_open_existing(&store, call->config.store.url, error) != LK_OK) {
        fprintf(stderr, "latchkey session: %s\n", error);
        return false;
    }
    if (lk_open_sessions_read(sessions, store) == LK_OK)
        *exit_code = LK_EXIT_OK;
    else
        fprintf(stderr, "latchkey session: %s\n",
                sessions->failed ? "no memory" : lk_store_error(store));
    lk_store_close(store);
    if (*exit_code != LK_EXIT_OK)
        lk_open_sessions_free(sessions);
    return *exit_code == LK_EXIT_OK;
}

int lk_cmd_session(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "session", .help = help, .takes_words = true };
    static struct lk_open_sessions sessions;
    const char *verb;
    int exit_code, count;
    char **words;

    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    verb = call.words_at < argc ? argv[call.words_at] : "";
    words = argv + call.words_at + 1;
    count = argc - call.words_at - 1;
    if ((strcmp(verb, "list") != 0 || count > 1) && (strcmp(verb, "end") != 0 || count < 1)) {
        fprintf(stderr, "latchkey session: expected list [IMSI], or end IMSI|SESSION..., found "
                        "'%s'; latchkey session --help\n", verb);
        exit_code = LK_EXIT_USAGE;
    } else if (read_sessions(&call, &sessions, &exit_code)) {
        exit_code = strcmp(verb, "list") == 0
                        ? list_sessions(&call, &sessions, count == 1 ? words[0] : NULL)
                        : end_sessions(&call, &sessions, words, count);
        lk_open_sessions_free(&sessions);
    }
    lk_wipe(&call.config, sizeof call.config);
    return exit_code;
}
