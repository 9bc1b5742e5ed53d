#include "app/daemon_call.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/printable.h"
#include "io/control.h"

/* ---- options and configuration ---- */

static bool end_with(int *exit_code, int code)
{
    *exit_code = code;
    return false;
}

static bool read_options(struct lk_daemon_call *call, const char **socket, int *exit_code,
                         int argc, char **argv)
{
    enum { OPT_SET = 256, OPT_JSON, OPT_SOCKET };
    static const struct option options[] = {
        { "socket", required_argument, NULL, OPT_SOCKET }, /* of devices alone */
        { "config", required_argument, NULL, 'c' }, { "set", required_argument, NULL, OPT_SET },
        { "json", no_argument, NULL, OPT_JSON },    { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", call->of_device ? options : options + 1,
                                 NULL)) != -1) {
        if (option == 'c') {
            call->file = optarg;
        } else if (option == OPT_SOCKET) {
            *socket = optarg;
        } else if (option == OPT_SET && call->set_count < LK_DAEMON_CALL_SETS) {
            call->sets[call->set_count++] = optarg;
        } else if (option == OPT_JSON) {
            call->json = true;
        } else if (option == '?') {
            fprintf(stderr, "latchkey %s --help lists the options\n", call->name);
            return end_with(exit_code, LK_EXIT_USAGE);
        } else if (option == OPT_SET) {
            fprintf(stderr, "latchkey %s: more than %d times --set\n", call->name,
                    LK_DAEMON_CALL_SETS);
            return end_with(exit_code, LK_EXIT_USAGE);
        } else {
            fputs(call->help, stdout);
            return end_with(exit_code, LK_EXIT_OK);
        }
    }
    return true;
}

/* Where a device is asked when nothing says which one: a configuration need not be there. */
static bool is_said(struct lk_daemon_call *call, const char *socket)
{
    static char usual[LK_CONFIG_PATH];
    const char *state_dir = getenv("LATCHKEY_STATE_DIR");

    if (!call->of_device || (socket == NULL && (call->file != NULL || call->set_count > 0)))
        return false;
    (void)snprintf(usual, sizeof usual, "%s/ue.sock", state_dir != NULL ? state_dir : "var");
    call->socket = socket != NULL ? socket : usual;
    return true;
}

static bool read_config(struct lk_daemon_call *call, int *exit_code)
{
    static struct lk_config_report report;

    if (call->file == NULL)
        call->file = lk_config_default_file();
    if (lk_config_load(&call->config, &report, call->file, call->sets, call->set_count) == LK_OK) {
        call->socket = call->of_device ? call->config.ue.socket : call->config.control;
        return true;
    }
    for (size_t i = 0; i < report.count && i < LK_CONFIG_PROBLEMS; i++)
        fprintf(stderr, "%s\n", report.problem[i]);
    return end_with(exit_code, LK_EXIT_USAGE);
}

bool lk_daemon_call_read(struct lk_daemon_call *call, int *exit_code, int argc, char **argv)
{
    const char *socket = NULL;

    if (!read_options(call, &socket, exit_code, argc, argv))
        return false;
    call->words_at = optind;
    if (optind < argc && !call->takes_words) {
        fprintf(stderr, "latchkey %s: '%s' is not expected here; latchkey %s --help\n", call->name,
                argv[optind], call->name);
        return end_with(exit_code, LK_EXIT_USAGE);
    }
    return is_said(call, socket) || read_config(call, exit_code);
}

/* ---- questions ---- */

static const char *text_of(const json_t *answer, const char *key)
{
    return json_string_value(json_object_get(answer, key));
}

static void tell_refusal(const struct lk_daemon_call *call, const json_t *answer)
{
    const char *error = text_of(answer, "error"), *told = text_of(answer, "told");
    const char *expected = text_of(answer, "expected"), *came = text_of(answer, "came");
    const json_t *uid = json_object_get(answer, "uid");

    fprintf(stderr, "latchkey %s: %s\n", call->name, error != NULL  ? error
                                                     : told != NULL ? told
                                                                    : "refused");
    if (text_of(answer, "cause") != NULL)
        fprintf(stderr, "  the network says: %s\n", text_of(answer, "cause"));
    if (uid != NULL)
        fprintf(stderr, "  it was asked by user %lld\n", (long long)json_integer_value(uid));
    if (text_of(answer, "reason") != NULL)
        fprintf(stderr, "  reason: %s\n", text_of(answer, "reason"));
    if (expected != NULL && expected[0] != '\0')
        fprintf(stderr, "  expected %s, came %s\n", expected,
                came != NULL && came[0] != '\0' ? came : "nothing");
    if (text_of(answer, "fix") != NULL)
        fprintf(stderr, "  fix: %s\n", text_of(answer, "fix"));
}

/* The answer when it grants what was asked for; else NULL, and it is told. Takes it over. */
static json_t *granted(const struct lk_daemon_call *call, json_t *answer, enum lk_status status,
                       const char *error, int *exit_code)
{
    bool is_granted = status == LK_OK && json_is_true(json_object_get(answer, "ok"));

    *exit_code = is_granted ? LK_EXIT_OK : status == LK_OK ? LK_EXIT_REFUSED : LK_EXIT_SYSTEM;
    if (status != LK_OK)
        answer = json_pack("{s:b, s:s}", "ok", 0, "error", error);
    if (call->json) {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
        (void)putchar('\n');
    }
    lk_printable(answer);
    if (is_granted)
        return answer;
    tell_refusal(call, answer);
    json_decref(answer);
    return NULL;
}

json_t *lk_daemon_call_ask(const struct lk_daemon_call *call, const json_t *request,
                           int *exit_code)
{
    char error[LK_CONTROL_ERROR_TEXT];
    json_t *answer = NULL;
    enum lk_status status =
        lk_control_ask(&answer, call->socket, request, call->timeout_ms, error);

    return granted(call, answer, status, error, exit_code);
}

enum lk_status lk_daemon_call_parts(json_t **answer, const struct lk_daemon_call *call,
                                    json_t *request, const char *rows, char *error)
{
    json_t *all = json_array(), *next;
    enum lk_status status;

    do {
        *answer = NULL;
        status = lk_control_ask(answer, call->socket, request, call->timeout_ms, error);
        next = status == LK_OK ? json_object_get(*answer, "next") : NULL;
        if (status == LK_OK)
            (void)json_array_extend(all, json_object_get(*answer, rows));
        if (next != NULL) {
            (void)json_object_set(request, "after", next);
            json_decref(*answer);
        }
    } while (next != NULL);
    if (status == LK_OK && json_is_true(json_object_get(*answer, "ok")))
        (void)json_object_set(*answer, rows, all);
    json_decref(all);
    return status;
}

int lk_daemon_call_list(const struct lk_daemon_call *call, json_t *request, const char *rows,
                        void (*print)(const json_t *row), const char *none)
{
    char error[LK_CONTROL_ERROR_TEXT];
    json_t *answer = NULL, *row;
    enum lk_status status = lk_daemon_call_parts(&answer, call, request, rows, error);
    int exit_code;
    size_t i;

    answer = granted(call, answer, status, error, &exit_code);
    if (answer != NULL && !call->json) {
        json_array_foreach(json_object_get(answer, rows), i, row)
            print(row);
        if (i == 0 && none != NULL)
            fprintf(stderr, "%s\n", none);
        if (text_of(answer, "told") != NULL)
            puts(text_of(answer, "told"));
    }
    json_decref(answer);
    return exit_code;
}

int lk_daemon_call_wish(const struct lk_daemon_call *call, const json_t *request)
{
    int exit_code;
    json_t *answer = lk_daemon_call_ask(call, request, &exit_code);

    if (answer != NULL && !call->json)
        puts(text_of(answer, "told") != NULL ? text_of(answer, "told") : "done");
    json_decref(answer);
    return exit_code;
}

/* ---- a command of verbs ---- */

static bool takes(const struct lk_daemon_verb *verb, int words)
{
    int most = 0;

    while (most < LK_DAEMON_VERB_WORDS && verb->words[most] != NULL)
        most++;
    return words >= verb->words_least && words <= most;
}

static int carry_out(const struct lk_daemon_call *call, const struct lk_daemon_verb *verb,
                     char *const *words, int count)
{
    json_t *request = json_pack("{s:s}", "op", verb->op);
    int exit_code;

    for (int i = 0; i < count; i++)
        (void)json_object_set_new(request, verb->words[i], json_string(words[i]));
    exit_code = verb->rows != NULL ? lk_daemon_call_list(call, request, verb->rows, verb->print,
                                                         verb->none)
                                   : lk_daemon_call_wish(call, request);
    json_decref(request);
    return exit_code;
}

int lk_daemon_call_verb(struct lk_daemon_call *call, const struct lk_daemon_verb *verbs,
                        size_t count, const char *expected, int argc, char **argv)
{
    const char *name;
    int exit_code, words;
    size_t i = 0;

    if (!lk_daemon_call_read(call, &exit_code, argc, argv))
        return exit_code;
    name = call->words_at < argc ? argv[call->words_at] : "";
    words = argc - call->words_at - 1;
    while (i < count && (strcmp(verbs[i].name, name) != 0 || !takes(&verbs[i], words)))
        i++;
    if (i < count) {
        exit_code = carry_out(call, &verbs[i], argv + call->words_at + 1, words);
    } else {
        fprintf(stderr, "latchkey %s: expected %s, found '%s'; latchkey %s --help\n", call->name,
                expected, name, call->name);
        exit_code = LK_EXIT_USAGE;
    }
    lk_config_wipe(&call->config);
    return exit_code;
}
