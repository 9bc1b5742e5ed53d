/* latchkey ue connect|disconnect|list|ping|...: asks the connection manager of a running device. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/commands.h"
#include "io/control.h"
#include "role/config.h"

enum { TIMEOUT_MS = 60000, HELPED = -1 };

static const char *const ops[] = { "connect",    "disconnect", "list",  "ping",
                                   "reauthenticate", "reattach", "detach", "state",
                                   "lte-attach", "lte-status", "lwa-ping", "lte-detach" };

static void usage(FILE *to)
{
    fputs("usage: latchkey ue OP [KEY=VALUE ...] [-c FILE | --socket PATH] [--json]\n\n"
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
          "  state\n"
          "  lte-attach [cell=NAME]                   over LTE, where ue.lte has cells\n"
          "  lte-status [wait=STATE] [rekeys=N] [handovers=N] [associations=N] [ms=N]\n"
          "                   at once, or when it is so; off, joining, active, stopped\n"
          "  lwa-ping [count=N] [octets=N] [drb=N]    data over the WLAN and back\n"
          "  lte-detach\n\n"
          "  -c FILE          of the device's daemon: there stands where it is asked\n"
          "  --set KEY=VALUE  replaces what that file says\n"
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

static const char *text_of(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));

    return text != NULL ? text : "";
}

static void tell_lte(const json_t *answer)
{
    const char *cell = text_of(answer, "cell"), *ap = text_of(answer, "access-point");
    const char *name;
    json_t *number;

    printf("lte: %s%s%s\nlwa: %s%s%s\n", text_of(answer, "lte"), cell[0] != '\0' ? " at " : "",
           cell, text_of(answer, "lwa"), ap[0] != '\0' ? ", associated with " : "", ap);
    json_object_foreach(json_object_get(answer, "counts"), name, number)
        if (json_integer_value(number) != 0)
            printf("  %-20s %lld\n", name, (long long)json_integer_value(number));
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
    } else if (json_object_get(answer, "lwa") != NULL) {
        tell_lte(answer);
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

enum { SETS = 8, PATH_CAP = 108 };

struct place {
    const char *socket, *file;
    const char *sets[SETS];
    size_t set_count;
    bool json;
};

/* LK_EXIT_OK, or what to end with. */
static int read_options(struct place *place, int argc, char **argv)
{
    static const struct option long_options[] = {
        { "socket", required_argument, NULL, 's' },
        { "config", required_argument, NULL, 'c' },
        { "set", required_argument, NULL, '=' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1)
        if (option == 's') {
            place->socket = optarg;
        } else if (option == 'c') {
            place->file = optarg;
        } else if (option == '=' && place->set_count < SETS) {
            place->sets[place->set_count++] = optarg;
        } else if (option == 'j') {
            place->json = true;
        } else {
            usage(option == 'h' ? stdout : stderr);
            return option == 'h' ? HELPED : LK_EXIT_USAGE;
        }
    return LK_EXIT_OK;
}

/* What is said, or what the file says, or where it is when nothing is said. */
static bool find_socket(char path[PATH_CAP], const struct place *place)
{
    static struct lk_config config;
    static struct lk_config_report report;
    const char *state_dir = getenv("LATCHKEY_STATE_DIR");

    if (place->socket != NULL || place->file == NULL) {
        snprintf(path, PATH_CAP, "%s%s", place->socket != NULL ? place->socket
                                         : state_dir != NULL   ? state_dir
                                                               : "var",
                 place->socket != NULL ? "" : "/ue.sock");
        return true;
    }
    if (lk_config_load(&config, &report, place->file, place->sets, place->set_count) != LK_OK) {
        for (size_t i = 0; i < report.count && i < LK_CONFIG_PROBLEMS; i++)
            fprintf(stderr, "%s\n", report.problem[i]);
        return false;
    }
    snprintf(path, PATH_CAP, "%.107s", config.ue.socket);
    lk_config_wipe(&config);
    return true;
}

int lk_cmd_ue_ask(int argc, char **argv)
{
    struct place place = { 0 };
    char path[PATH_CAP], error[LK_CONTROL_ERROR_TEXT];
    json_t *request, *answer = NULL;
    int exit_code = read_options(&place, argc, argv);

    if (exit_code != LK_EXIT_OK)
        return exit_code == HELPED ? LK_EXIT_OK : exit_code;
    request = request_of(argv[optind], argc - optind - 1, argv + optind + 1);
    if (request == NULL || !find_socket(path, &place)) {
        json_decref(request);
        return LK_EXIT_USAGE;
    }
    exit_code = LK_EXIT_SYSTEM;
    if (lk_control_ask(&answer, path, request, TIMEOUT_MS, error) == LK_OK)
        exit_code = tell(answer, place.json);
    else
        fprintf(stderr, "latchkey ue: %s\n", error);
    json_decref(answer);
    json_decref(request);
    return exit_code;
}
