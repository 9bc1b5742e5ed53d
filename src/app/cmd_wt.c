/* latchkey wt VERB: the UEs of the running daemon's WT, and the end of one. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey wt ues [STATION] [OPTIONS]\n"
    "       latchkey wt release STATION [OPTIONS]\n\n"
    "Asks the running daemon with role wt about the UEs that eNBs have announced to it: their\n"
    "stations, by MAC address, where they are, and whether they have keys. release asks the eNB\n"
    "of one to let it go; that is not waited for: ues tells what became of it.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_row(const json_t *row)
{
    const char *station = "", *enb = "", *state = "", *address = "-";
    int associated = 0, keys = 0;
    json_int_t port = 0;

    (void)json_unpack((json_t *)(uintptr_t)row, "{s:s, s:s, s:s, s:b, s:b, s?s, s?I}", "station",
                      &station, "enb", &enb, "state", &state, "associated", &associated, "keys",
                      &keys, "address", &address, "port", &port);
    printf("%s  of %-8s %-20s at %s port %" JSON_INTEGER_FORMAT ", %s, %s\n", station, enb, state,
           address, port, associated ? "associated" : "not associated",
           keys ? "with keys" : "without keys");
}

int lk_cmd_wt(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "wt", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };
    const char *verb;
    bool lists, releases;
    json_t *request;
    int exit_code, words;

    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    verb = call.words_at < argc ? argv[call.words_at] : "";
    words = argc - call.words_at - 1;
    lists = strcmp(verb, "ues") == 0 && words <= 1;
    releases = strcmp(verb, "release") == 0 && words == 1;
    request = json_pack("{s:s}", "op", lists ? "wt-ues" : "wt-release");
    if (words == 1)
        (void)json_object_set_new(request, "station", json_string(argv[call.words_at + 1]));
    if (!lists && !releases) {
        fprintf(stderr, "latchkey wt: expected ues [STATION] or release STATION, found '%s'; "
                        "latchkey wt --help\n", verb);
        exit_code = LK_EXIT_USAGE;
    } else {
        exit_code = lists ? lk_daemon_call_list(&call, request, "ues", print_row)
                          : lk_daemon_call_wish(&call, request);
    }
    json_decref(request);
    lk_config_wipe(&call.config);
    return exit_code;
}
