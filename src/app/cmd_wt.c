/* latchkey wt VERB: the UEs of the running daemon's WT, and the end of one. */
#include <stdio.h>

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

static const struct lk_daemon_verb verbs[] = {
    { .name = "ues", .op = "wt-ues", .words = { "station" }, .rows = "ues", .print = print_row },
    { .name = "release", .op = "wt-release", .words = { "station" }, .words_least = 1 },
};

int lk_cmd_wt(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "wt", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "ues [STATION] or release STATION",
                               argc, argv);
}
