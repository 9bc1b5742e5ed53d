/* latchkey fa visitors | revoke: who visits the running daemon's foreign agent, and the end of a
 * visit. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "proto/pmip/identity.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey fa visitors [HOME] [OPTIONS]\n"
    "       latchkey fa revoke HOME [OPTIONS]\n\n"
    "visitors: asks the running daemon with role fa which mobile nodes it serves, and whose first\n"
    "request is at its home agent: home address and home agent, where the node is, how long it is\n"
    "served, what it has sent and got in this stay, and its NAI, the IMSI in it masked unless\n"
    "log.mask_imsi is false. HOME: of that home address alone.\n\n"
    "revoke: the node of that home address is served no more. Its home agent is told (RFC 3543),\n"
    "which ends the binding and says whether the node hears of it. It may register again.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is, IMSIs whole\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static struct lk_daemon_call call = { .name = "fa", .help = help, .takes_words = true,
                                      .timeout_ms = TIMEOUT_MS };

static void print_nai(const char *nai)
{
    char masked[LK_IMSI_MAX_DIGITS + 1];
    struct lk_imsi imsi;

    if (!call.config.log.mask_imsi || lk_pmip_nai_imsi(&imsi, lk_span_text(nai)) != LK_OK) {
        printf("%s\n", nai);
        return;
    }
    lk_imsi_mask(masked, &imsi);
    printf("%c%s%s\n", nai[0], masked, strchr(nai, '@'));
}

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
           " s left, %" JSON_INTEGER_FORMAT " octets up, %" JSON_INTEGER_FORMAT " down  ",
           home, agent, address, port, state, proven ? ", with a key" : "", left, up, down);
    print_nai(nai);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "visitors", .op = "fa-visitors", .words = { "home" }, .rows = "visitors",
      .print = print_row },
    { .name = "revoke", .op = "fa-revoke", .words = { "home" }, .words_least = 1 },
};

int lk_cmd_fa(int argc, char **argv)
{
    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "visitors [HOME] or revoke HOME",
                               argc, argv);
}
