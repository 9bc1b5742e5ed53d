/* latchkey anchor run | mip-revoke: the network behind the running daemon's anchor, and the end of
 * a binding of Mobile IP. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey anchor run [-c FILE] -- PROGRAM [WORDS]\n"
    "       latchkey anchor mip-revoke WHO [OPTIONS]\n\n"
    "run: a program in the network behind the anchor; latchkey anchor run --help tells more.\n\n"
    "mip-revoke: the running daemon's home agent ends the binding of WHO, a home address, an IMSI\n"
    "or an NAI (0IMSI@realm), and tells the foreign agent where the device is (RFC 3543), which\n"
    "serves it no more and tells the device. It may register again: who shall not is to have no\n"
    "key first (latchkey subscriber mip IMSI none, anchor.mip.nodes).\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static const struct lk_daemon_verb verbs[] = {
    { .name = "mip-revoke", .op = "mip-revoke", .words = { "who" }, .words_least = 1 },
};

int lk_cmd_anchor(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "anchor", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    if (argc > 1 && strcmp(argv[1], "run") == 0)
        return lk_cmd_run(argc - 1, argv + 1, false);
    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "run or mip-revoke WHO", argc,
                               argv);
}
