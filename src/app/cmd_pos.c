/* latchkey pos VERB: the mobile nodes and links of the running daemon's points of service, the end
 * of an SA, and link keys. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey pos mns [MN] [OPTIONS]\n"
    "       latchkey pos links [OPTIONS]\n"
    "       latchkey pos release MN [POS] [OPTIONS]\n"
    "       latchkey pos push MN LINK POA [POS] [OPTIONS]\n\n"
    "Asks the running daemon with role pos about the mobile nodes at its points of service, by\n"
    "MISF ID: what their SAs are of, how much of the chain is used, where they were heard; and\n"
    "about the links to partners. release ends the SA of one, at POS or wherever it has one.\n"
    "push gives one the key (MSPMK) of its link with address LINK at the point of attachment with\n"
    "address POA, both as 02:00:00:00:00:01, under its SA: at POS, or where it was heard\n"
    "last. No answer shows the key.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_mn(const json_t *row)
{
    const char *pos = "", *mn = "", *type = "", *way = "", *address = "", *spos = NULL;
    const char *announced_by = "";
    int half_open = 0, channel = 0, used = 0, max = 0, port = 0, left_s = 0, keys = 0;

    (void)json_unpack((json_t *)(uintptr_t)row,
                      "{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:i, s:i, s:i, s?s, s?s, s?i, s:i}",
                      "pos", &pos, "mn", &mn, "type", &type, "way", &way, "address", &address,
                      "half_open", &half_open, "channel", &channel, "used", &used, "max", &max,
                      "port", &port, "spos", &spos, "announced_by", &announced_by, "left_s",
                      &left_s, "link_keys", &keys);
    printf("%s  at %s", mn, pos);
    if (half_open)
        printf(", half-open, announced by %s, %d s left", announced_by, left_s);
    if (strcmp(type, "none") != 0)
        printf(", SA by %s%s%s, chain %d of %d", type, spos == NULL ? "" : ", handed over by ",
               spos == NULL ? "" : spos, used, max);
    if (channel)
        printf(", served over a channel now, an SA by tls");
    else if (strcmp(type, "none") == 0 && !half_open)
        printf(", with a key for a channel");
    if (strcmp(way, "nowhere") != 0)
        printf(", heard by %s from %s port %d", way, address, port);
    if (keys > 0)
        printf(", %d link key%s", keys, keys == 1 ? "" : "s");
    puts("");
}

static void print_link(const json_t *row)
{
    const char *pos = "", *partner = "", *address = "", *name = "";
    const char *reason = NULL, *why = "", *detail = "", *fix = "", *speaks_as = NULL;
    int up = 0, dials = 0, port = 0;

    (void)json_unpack((json_t *)(uintptr_t)row,
                      "{s:s, s:s, s:s, s:s, s:b, s:b, s:i, s?s, s?s, s?s, s?s, s?s}", "pos", &pos,
                      "partner", &partner, "name", &name, "address", &address, "up", &up, "dials",
                      &dials, "port", &port, "reason", &reason, "why", &why, "detail", &detail,
                      "fix", &fix, "speaks_as", &speaks_as);
    printf("%s  %s %s, %s at %s port %d\n", pos, dials ? "to" : "from", partner,
           up ? "up" : "down", address, port);
    if (speaks_as != NULL)
        printf("  it speaks as %s; expected %s\n  reason: %s\n  fix: %s\n", speaks_as, partner,
               reason, fix);
    else if (reason != NULL)
        printf("  %s: %s; expected a certificate of %s\n  reason: %s\n  fix: %s\n", why, detail,
               name, reason, fix);
    else if (!up && !dials)
        printf("  it is to call here, with a certificate of %s, and has not: latchkey pos links "
               "says why there;\n  who came and was refused is in this log as "
               "pos-link-stranger\n", name);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "mns", .op = "pos-mns", .words = { "mn" }, .rows = "mns", .print = print_mn },
    { .name = "links", .op = "pos-links", .rows = "links", .print = print_link },
    { .name = "release", .op = "pos-release", .words = { "mn", "pos" }, .words_least = 1 },
    { .name = "push", .op = "pos-push", .words = { "mn", "link", "poa", "pos" }, .words_least = 3 },
};

int lk_cmd_pos(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "pos", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs),
                               "mns [MN], links, release MN [POS] or push MN LINK POA [POS]", argc,
                               argv);
}
