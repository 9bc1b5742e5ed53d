#include "app/daemon_call.h"

#include <getopt.h>
#include <stdio.h>

#include "app/commands.h"
#include "io/control.h"

static bool end_with(int *exit_code, int code)
{
    *exit_code = code;
    return false;
}

bool lk_daemon_call_read(struct lk_daemon_call *call, int *exit_code, int argc, char **argv)
{
    enum { OPT_SET = 256, OPT_JSON };
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' }, { "set", required_argument, NULL, OPT_SET },
        { "json", no_argument, NULL, OPT_JSON },    { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    static struct lk_config_report report;
    int option;

    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        if (option == 'c') {
            call->file = optarg;
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
    call->words_at = optind;
    if (optind < argc && !call->takes_words) {
        fprintf(stderr, "latchkey %s: '%s' is not expected here; latchkey %s --help\n", call->name,
                argv[optind], call->name);
        return end_with(exit_code, LK_EXIT_USAGE);
    }
    if (call->file == NULL)
        call->file = lk_config_default_file();
    if (lk_config_load(&call->config, &report, call->file, call->sets, call->set_count) == LK_OK)
        return true;
    for (size_t i = 0; i < report.count && i < LK_CONFIG_PROBLEMS; i++)
        fprintf(stderr, "%s\n", report.problem[i]);
    return end_with(exit_code, LK_EXIT_USAGE);
}

static void print_json(const json_t *value)
{
    (void)json_dumpf(value, stdout, JSON_INDENT(2));
    (void)putchar('\n');
}

json_t *lk_daemon_call_ask(const struct lk_daemon_call *call, const json_t *request,
                           int timeout_ms, int *exit_code)
{
    char error[LK_CONTROL_ERROR_TEXT];
    json_t *answer = NULL;
    enum lk_status status =
        lk_control_ask(&answer, call->config.control, request, timeout_ms, error);

    *exit_code = LK_EXIT_OK;
    if (status == LK_OK && json_is_true(json_object_get(answer, "ok"))) {
        if (call->json)
            print_json(answer);
        return answer;
    }
    *exit_code = status == LK_OK ? LK_EXIT_REFUSED : LK_EXIT_SYSTEM;
    if (status != LK_OK)
        answer = json_pack("{s:b, s:s}", "ok", 0, "error", error);
    if (call->json)
        print_json(answer);
    fprintf(stderr, "latchkey %s: %s\n", call->name,
            json_string_value(json_object_get(answer, "error")));
    if (json_string_value(json_object_get(answer, "fix")) != NULL)
        fprintf(stderr, "  fix: %s\n", json_string_value(json_object_get(answer, "fix")));
    json_decref(answer);
    return NULL;
}
