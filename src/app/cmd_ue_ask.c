/* latchkey ue connect|disconnect|list|ping|...: asks the connection manager of a running device. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/commands.h"
#include "io/control.h"

enum { TIMEOUT_MS = 60000 };

static const char *const ops[] = { "connect", "disconnect", "list",   "ping",
                                   "reauthenticate", "reattach", "detach", "state" };

static void usage(FILE *to)
{
    fputs("usage: latchkey ue OP [KEY=VALUE ...] [--socket PATH] [--json]\n\n"
          "Asks the connection manager of a device (latchkeyd with role ue).\n\n"
          "as an application of ue.applications, which the caller's user must be:\n"
          "  connect as=NAME [apn=APN] [type=ipv4|ipv6|ipv4v6]   a PDN connection\n"
          "  disconnect as=NAME pdn=NUMBER\n"
          "  list as=NAME                                        its own connections\n"
          "  ping as=NAME pdn=NUMBER to=ADDRESS [count=N]\n"
          "as the owner of the device, who is the user of its daemon, or root:\n"
          "  reattach         full authentication\n"
          "  reauthenticate   fast, where the network has given a name for it: a new WLCP key\n"
          "  detach\n"
          "  state\n\n"
          "  --socket PATH    of ue.socket (var/ue.sock, or in $LATCHKEY_STATE_DIR)\n"
          "  --json           the answer as it is\n\n"
          "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no device answers.\n", to);
}

bool lk_cmd_ue_asks(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(word, ops[i]) == 0)
            return true;
    return false;
}

static json_t *request_of(const char *op, int count, char **words)
{
    json_t *request = json_pack("{s:s}", "op", strcmp(op, "reattach") == 0 ? "attach" : op);

    for (int i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        char key[32];

        if (equals == NULL || (size_t)(equals - words[i]) >= sizeof key) {
            fprintf(stderr, "latchkey ue: '%s' is not KEY=VALUE\n", words[i]);
            json_decref(request);
            return NULL;
        }
        snprintf(key, sizeof key, "%.*s", (int)(equals - words[i]), words[i]);
        json_object_set_new(request, key, lk_control_word(equals + 1));
    }
    return request;
}

static void tell_list(const json_t *answer)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(answer, "connections"), i, item)
        printf("%-4lld %-24s %-12s %s\n", (long long)json_integer_value(json_object_get(item,
               "pdn")), json_string_value(json_object_get(item, "apn")),
               json_string_value(json_object_get(item, "state")),
               json_string_value(json_object_get(item, "address")));
}

static void tell_refusal(const json_t *answer, const char *told)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    const char *reason = json_string_value(json_object_get(answer, "reason"));
    const char *cause = json_string_value(json_object_get(answer, "cause"));
    const char *fix = json_string_value(json_object_get(answer, "fix"));
    const json_t *uid = json_object_get(answer, "uid");

    fprintf(stderr, "latchkey ue: %s\n", error != NULL ? error : told != NULL ? told : "refused");
    if (cause != NULL)
        fprintf(stderr, "  the network says: %s\n", cause);
    if (uid != NULL)
        fprintf(stderr, "  it was asked by user %lld\n", (long long)json_integer_value(uid));
    if (reason != NULL)
        fprintf(stderr, "  reason: %s\n", reason);
    if (fix != NULL)
        fprintf(stderr, "  %s\n", fix);
}

static int tell(const json_t *answer, bool json)
{
    const char *told = json_string_value(json_object_get(answer, "told"));
    bool ok = json_is_true(json_object_get(answer, "ok"));

    if (json) {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
        printf("\n");
    } else if (!ok) {
        tell_refusal(answer, told);
    } else if (told != NULL) {
        printf("%s\n", told);
    } else if (json_object_get(answer, "connections") != NULL
               && json_is_array(json_object_get(answer, "connections"))) {
        tell_list(answer);
    } else {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
        printf("\n");
    }
    return ok ? LK_EXIT_OK : LK_EXIT_REFUSED;
}

int lk_cmd_ue_ask(int argc, char **argv)
{
    static const struct option long_options[] = {
        { "socket", required_argument, NULL, 's' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    const char *place = getenv("LATCHKEY_STATE_DIR"), *socket = NULL;
    char path[108], error[LK_CONTROL_ERROR_TEXT];
    json_t *request, *answer = NULL;
    bool json = false;
    int option, exit_code = LK_EXIT_SYSTEM;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        if (option == 's') {
            socket = optarg;
        } else if (option == 'j') {
            json = true;
        } else {
            usage(option == 'h' ? stdout : stderr);
            return option == 'h' ? LK_EXIT_OK : LK_EXIT_USAGE;
        }
    request = request_of(argv[optind], argc - optind - 1, argv + optind + 1);
    if (request == NULL)
        return LK_EXIT_USAGE;
    snprintf(path, sizeof path, "%s%s", socket != NULL ? socket : place != NULL ? place : "var",
             socket != NULL ? "" : "/ue.sock");
    if (lk_control_ask(&answer, path, request, TIMEOUT_MS, error) == LK_OK)
        exit_code = tell(answer, json);
    else
        fprintf(stderr, "latchkey ue: %s\n", error);
    json_decref(answer);
    json_decref(request);
    return exit_code;
}
