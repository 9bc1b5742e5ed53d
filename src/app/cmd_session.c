/* latchkey session VERB: which sessions access points have told of, and to end one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "app/printable.h"
#include "base/station.h"
#include "io/control.h"
#include "role/disconnect.h"
#include "role/open_sessions.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey session list [IMSI] [-c FILE] [--set KEY=VALUE] [--json]\n"
    "       latchkey session end IMSI|SESSION|STATION... [-c FILE] [--set KEY=VALUE] [--json]\n\n"
    "Sessions are known by accounting, in the store of that configuration, and by the TWAP and\n"
    "the TWAG of its running daemon. SESSION is the Acct-Session-Id that list shows; STATION the\n"
    "device's MAC address. end sends a Disconnect-Request (RFC 5176) to the RADIUS client that\n"
    "told of the session, with its secret in radius.clients, on dynamic.port (3799); a client\n"
    "over TLS is asked by the running daemon, over the connection that it holds. What accounting\n"
    "does not know is ended at the TWAP of the running daemon.\n"
    "Exit code 0 when each one named was ended, 1 when not, 3 when there is neither store nor\n"
    "daemon.\n";

static bool same_station(const char *a, const char *b)
{
    uint8_t mac[2][LK_STATION_LEN];

    return strcmp(a, b) == 0 || (lk_station_parse(mac[0], lk_span_text(a)) == LK_OK &&
                                 lk_station_parse(mac[1], lk_span_text(b)) == LK_OK &&
                                 lk_span_equal(LK_SPAN(mac[0]), LK_SPAN(mac[1])));
}

/* Each access point writes it as it likes; what is no MAC address is told as it came. */
static const char *station_of(char text[LK_STATION_TEXT], const struct lk_accounting *a)
{
    uint8_t mac[LK_STATION_LEN];

    if (lk_station_parse(mac, lk_span_text(a->calling)) != LK_OK)
        return a->calling;
    lk_station_text(text, mac);
    return text;
}

static void row_json(json_t *list, const struct lk_accounting *a, const char *ended,
                     const char *why)
{
    char station[LK_STATION_TEXT];
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "session",
                            a->session, "imsi", a->imsi.digits, "user", a->user, "client",
                            a->client, "station", station_of(station, a), "access_point", a->called,
                            "heard_ms", (json_int_t)a->at_ms, "seconds", (json_int_t)a->session_s,
                            "input", (json_int_t)a->input_octets, "output",
                            (json_int_t)a->output_octets);

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

/* ---- what TWAP and TWAG of the running daemon know ---- */

/* All rows; NULL when no daemon answers, or none of these roles. */
static json_t *ask_wlan(const struct lk_daemon_call *call)
{
    json_t *request = json_pack("{s:s}", "op", "wlan-sessions"), *answer = NULL, *all = NULL;
    char error[LK_CONTROL_ERROR_TEXT];

    if (lk_daemon_call_parts(&answer, call, request, "sessions", error) == LK_OK)
        all = json_incref(json_object_get(answer, "sessions"));
    if (!call->json)
        lk_printable(all);
    json_decref(answer);
    json_decref(request);
    return all;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text == NULL ? "" : text;
}

static bool row_is_named(const json_t *row, const char *word)
{
    return word[0] != '\0' &&
           (strcmp(word, text_of(row, "imsi")) == 0 || strcmp(word, text_of(row, "session")) == 0 ||
            same_station(word, text_of(row, "station")));
}

/* The row of a session that accounting knows too. */
static json_t *row_of(const json_t *wlan, const struct lk_accounting *a)
{
    json_t *row;
    size_t i;

    json_array_foreach(wlan, i, row)
        if (strcmp(a->session, text_of(row, "session")) == 0 &&
            (a->imsi.digits[0] != '\0' ? strcmp(a->imsi.digits, text_of(row, "imsi")) == 0
                                       : same_station(a->calling, text_of(row, "station"))))
            return row;
    return NULL;
}

static void print_gateway(const json_t *row)
{
    json_int_t connections = json_integer_value(json_object_get(row, "connections"));

    if (json_object_get(row, "channel") == NULL)
        printf("at the TWAP\n");
    else
        printf("%s, %" JSON_INTEGER_FORMAT " connection%s\n",
               json_is_true(json_object_get(row, "channel")) ? "channel" : "no channel",
               connections, connections == 1 ? "" : "s");
}

static void print_row(const json_t *row)
{
    printf("%-24s %-15s %-17s %-15s ", text_of(row, "session")[0] == '\0' ? "-"
                                                                       : text_of(row, "session"),
           text_of(row, "imsi"), text_of(row, "station"),
           text_of(row, "client")[0] == '\0' ? "-" : text_of(row, "client"));
    print_gateway(row);
}

/* ---- list ---- */

static void list_accounted(const struct lk_daemon_call *call, json_t *list, json_t *row,
                           const struct lk_accounting *a)
{
    char station[LK_STATION_TEXT];

    if (call->json) {
        row_json(list, a, NULL, NULL);
        if (row != NULL)
            (void)json_object_update_missing(
                json_array_get(list, json_array_size(list) - 1), row);
        return;
    }
    printf("%-24s %-15s %-17s %-15s %" PRIu64 " s%s", a->session,
           a->imsi.digits[0] != '\0' ? a->imsi.digits : "-", station_of(station, a), a->client,
           a->session_s, row == NULL ? "\n" : ", ");
    if (row != NULL)
        print_gateway(row);
}

static int list_sessions(const struct lk_daemon_call *call, const struct lk_open_sessions *sessions,
                         const json_t *wlan, const char *imsi)
{
    json_t *list = json_array(), *row;
    size_t i;

    for (i = 0; i < sessions->count; i++) {
        const struct lk_accounting *a = &sessions->item[i];

        if (imsi != NULL && strcmp(imsi, a->imsi.digits) != 0)
            continue;
        row = row_of(wlan, a);
        list_accounted(call, list, row, a);
        if (row != NULL)
            (void)json_object_set_new(row, "accounted", json_true());
    }
    json_array_foreach(wlan, i, row) {
        if (json_object_get(row, "accounted") != NULL || (imsi != NULL && !row_is_named(row, imsi)))
            continue;
        if (call->json)
            (void)json_array_append(list, row);
        else
            print_row(row);
    }
    return finish(call, list, LK_EXIT_OK);
}

/* ---- end ---- */

static bool is_named(const struct lk_accounting *a, const char *word)
{
    return strcmp(word, a->session) == 0 ||
           (a->imsi.digits[0] != '\0' && strcmp(word, a->imsi.digits) == 0);
}

struct ends {
    const struct lk_daemon_call *call;
    const struct lk_open_sessions *sessions;
    json_t *wlan; /* or NULL */
    json_t *list;
    size_t found, ended; /* of the word */
};

/* Over RFC 5176, at the client that told of it. */
static void end_accounted(struct ends *ends, const char *word)
{
    const struct lk_config *config = &ends->call->config;
    const struct lk_disconnect how = {
        .config = config,
        .port = (uint16_t)(config->dynamic.port != 0 ? config->dynamic.port : 3799),
    };

    for (size_t i = 0; i < ends->sessions->count; i++) {
        const struct lk_accounting *a = &ends->sessions->item[i];
        char why[LK_DISCONNECT_TEXT] = "";
        bool ended;

        if (!is_named(a, word))
            continue;
        ended = lk_disconnect(&how, a, why) == LK_OK;
        ends->found++;
        ends->ended += ended;
        if (ends->call->json)
            row_json(ends->list, a, ended ? "ended" : "not ended", ended ? NULL : why);
        else
            printf("%s at %s: %s%s\n", a->session, a->client, ended ? "ended" : "not ended, ", why);
    }
}

/* At the TWAP of the running daemon. */
static void end_known(struct ends *ends, const char *word)
{
    json_t *row;
    size_t i;

    json_array_foreach(ends->wlan, i, row) {
        json_t *request, *answer = NULL;
        char error[LK_CONTROL_ERROR_TEXT] = "";
        const char *why;
        bool ended;

        if (!row_is_named(row, word))
            continue;
        request = json_pack("{s:s, s:s}", "op", "wlan-session-end", "station",
                            text_of(row, "station"));
        ended = lk_control_ask(&answer, ends->call->config.control, request, TIMEOUT_MS, error) ==
                    LK_OK &&
                json_is_true(json_object_get(answer, "ok"));
        why = error[0] != '\0' ? error : text_of(answer, "error");
        ends->found++;
        ends->ended += ended;
        (void)json_object_set_new(row, "result", json_string(ended ? "ended" : "not ended"));
        (void)json_array_append(ends->list, row);
        if (!ends->call->json)
            printf("%s, %s: %s%s\n", text_of(row, "imsi"), text_of(row, "station"),
                   ended ? "ended" : "not ended, ", ended ? "" : why);
        json_decref(request);
        json_decref(answer);
    }
}

static int end_sessions(const struct lk_daemon_call *call, const struct lk_open_sessions *sessions,
                        json_t *wlan, char *const *words, int count)
{
    struct ends ends = { .call = call, .sessions = sessions, .wlan = wlan, .list = json_array() };
    int exit_code = LK_EXIT_OK;
    bool all;

    for (int w = 0; w < count; w++) {
        ends.found = ends.ended = 0;
        end_accounted(&ends, words[w]);
        all = ends.ended == ends.found;
        if (ends.ended == 0) {
            end_known(&ends, words[w]);
            all = ends.ended > 0;
        }
        if (ends.found == 0)
            fprintf(stderr, "latchkey session end: no open session of '%s'\n", words[w]);
        if (!all)
            exit_code = LK_EXIT_REFUSED;
    }
    return finish(call, ends.list, exit_code);
}

/* Of the store; false, with what is wrong, when they cannot be read. */
static bool read_sessions(const struct lk_daemon_call *call, struct lk_open_sessions *sessions,
                          char error[LK_STORE_ERROR_TEXT])
{
    struct lk_store *store;
    bool read;

    if (lk_store_open_existing(&store, call->config.store.url, error) != LK_OK)
        return false;
    read = lk_open_sessions_read(sessions, store) == LK_OK;
    if (!read)
        (void)snprintf(error, LK_STORE_ERROR_TEXT, "%s",
                       sessions->failed ? "no memory" : lk_store_error(store));
    lk_store_close(store);
    if (!read)
        lk_open_sessions_free(sessions);
    return read;
}

static int carry_out(const struct lk_daemon_call *call, const char *verb, char *const *words,
                     int count)
{
    static struct lk_open_sessions sessions;
    char error[LK_STORE_ERROR_TEXT];
    bool read = read_sessions(call, &sessions, error);
    json_t *wlan = ask_wlan(call);
    int exit_code = LK_EXIT_SYSTEM;

    if (!read && wlan == NULL)
        fprintf(stderr, "latchkey session: %s\n", error);
    else
        exit_code = strcmp(verb, "list") == 0
                        ? list_sessions(call, &sessions, wlan, count == 1 ? words[0] : NULL)
                        : end_sessions(call, &sessions, wlan, words, count);
    if (read)
        lk_open_sessions_free(&sessions);
    json_decref(wlan);
    return exit_code;
}

int lk_cmd_session(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "session", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };
    const char *verb;
    int exit_code, count;

    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    verb = call.words_at < argc ? argv[call.words_at] : "";
    count = argc - call.words_at - 1;
    if ((strcmp(verb, "list") != 0 || count > 1) && (strcmp(verb, "end") != 0 || count < 1)) {
        fprintf(stderr, "latchkey session: expected list [IMSI], or end IMSI|SESSION..., found "
                        "'%s'; latchkey session --help\n", verb);
        exit_code = LK_EXIT_USAGE;
    } else {
        exit_code = carry_out(&call, verb, argv + call.words_at + 1, count);
    }
    lk_config_wipe(&call.config);
    return exit_code;
}
