/* latchkey anchor run | bindings | mip-revoke: the network behind the running daemon's anchor, who
 * is bound to it, and the end of a binding of Mobile IPv4. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "role/shared.h"

enum { TIMEOUT_MS = 5000, MS_PER_S = 1000 };

static const char help[] =
    "usage: latchkey anchor run [-c FILE] -- PROGRAM [WORDS]\n"
    "       latchkey anchor bindings [IMSI] [OPTIONS]\n"
    "       latchkey anchor mip-revoke WHO [OPTIONS]\n\n"
    "run: a program in the network behind the anchor; latchkey anchor run --help tells more.\n\n"
    "bindings: asks the running daemon with role anchor which devices it has: home addresses\n"
    "(IPv4, prefix), protocol, state, care-of address (of PMIPv6 the gateway), what is left of\n"
    "the lifetime, and the IMSI, masked unless log.mask_imsi is false. A device that is away\n"
    "keeps its addresses until others need them. IMSI: of that one alone.\n\n"
    "mip-revoke: the running daemon's home agent ends the binding of Mobile IPv4 of WHO, a home\n"
    "address, an IMSI or an NAI (0IMSI@realm), and tells the foreign agent where the device is\n"
    "(RFC 3543), which serves it no more and tells the device. It may register again: who shall\n"
    "not is to have no key first (latchkey subscriber mip IMSI none, anchor.mip.nodes). One of\n"
    "MIPv6 has no such message, and ends with its lifetime.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is, IMSIs whole\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static struct lk_daemon_call call = { .name = "anchor", .help = help, .takes_words = true,
                                      .timeout_ms = TIMEOUT_MS };

static void shown_imsi(char text[LK_IMSI_MAX_DIGITS + 1], const char *digits)
{
    struct lk_imsi imsi;

    if (lk_imsi_parse(&imsi, lk_span_text(digits)) != LK_OK)
        (void)snprintf(text, LK_IMSI_MAX_DIGITS + 1, "?");
    else if (call.config.log.mask_imsi)
        lk_imsi_mask(text, &imsi);
    else
        (void)snprintf(text, LK_IMSI_MAX_DIGITS + 1, "%s", imsi.digits);
}

static void print_row(const json_t *row)
{
    const char *ipv4 = "-", *prefix = "-", *protocol = "", *state = "", *at = "", *digits = "";
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    json_int_t expires_ms = 0, left_s;

    (void)json_unpack((json_t *)(uintptr_t)row, "{s:s, s:s, s:s, s:s, s:I, s?s, s?s}", "imsi",
                      &digits, "protocol", &protocol, "state", &state, "mag", &at, "expires_ms",
                      &expires_ms, "ipv4", &ipv4, "prefix", &prefix);
    left_s = (expires_ms - (json_int_t)lk_wall_ms()) / MS_PER_S;
    shown_imsi(imsi, digits);
    printf("%-15s %-24s %-11s %-8s ", ipv4, prefix, protocol, state);
    if (at[0] == '\0')
        printf("away  %s\n", imsi);
    else
        printf("at %s, %" JSON_INTEGER_FORMAT " s left  %s\n", at, left_s > 0 ? left_s : 0, imsi);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "bindings", .op = "bindings", .words = { "imsi" }, .rows = "bindings",
      .print = print_row, .none = "no device has a home address" },
    { .name = "mip-revoke", .op = "mip-revoke", .words = { "who" }, .words_least = 1 },
};

int lk_cmd_anchor(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        return lk_cmd_run(argc - 1, argv + 1, false);
    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs),
                               "run, bindings [IMSI] or mip-revoke WHO", argc, argv);
}
