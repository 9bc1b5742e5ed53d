/* latchkey fa visitors | revoke: who visits the running daemon's foreign agent, and the end of a
 * visit. */
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey fa visitors [HOME] [OPTIONS]\n"
    "       latchkey fa revoke HOME [OPTIONS]\n\n"
    "visitors: asks the running daemon with role fa which mobile nodes it serves, and whose first\n"
    "request is at its home agent: home address and home agent, where the node is, how long it is\n"
    "served, and what it has sent and got in this stay. HOME: of that home address alone.\n\n"
    "revoke: the node of that home address is served no more. Its home agent is told (RFC 3543),\n"
    "which ends the binding and says whether the node hears of it. It may register again.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_row(const json_t *row)
{
    const char *state = "", *address = "", *home = "-", *agent = "-", *nai = "";
    json_int_t port = 0, left = 0, up = 0, down = 0;
    int proven = 0;

    (void)json_unpack((json_t *)(uintptr_t)row,
                      "{s:s, s:s, s:I, s:b, s:I, s:I, s:I, s?s, s?s, s?s}", "state", &state,
                      "address", &address, "port", &port, "proven", &proven, "left_s", &left,
                      "up_octets", &up, "down_octets", &down, "home", &home, "agent", &agent,
                      "nai", &nai);
    printf("%-15s of %-15s at %s port %" JSON_INTEGER_FORMAT ", %s%s, %" JSON_INTEGER_FORMAT
           " s left, %" JSON_INTEGER_FORMAT " octets up, %" JSON_INTEGER_FORMAT " down  %s\n",
           home, agent, address, port, state, proven ? ", with a key" : "", left, up, down, nai);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "visitors", .op = "fa-visitors", .words = { "home" }, .rows = "visitors",
      .print = print_row },
    { .name = "revoke", .op = "fa-revoke", .words = { "home" }, .words_least = 1 },
};

int lk_cmd_fa(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "fa", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "visitors [HOME] or revoke HOME",
                               argc, argv);
}
