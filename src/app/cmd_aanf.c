/* latchkey aanf VERB: who has a key of AKMA at the running daemon, and its end. */
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "wire/gba_xml.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey aanf contexts [OPTIONS]\n"
    "       latchkey aanf remove IMSI [OPTIONS]\n\n"
    "Asks the running daemon with role aanf who has a key of AKMA, at any node on its store, and\n"
    "until when. remove takes one away: AFs that ask from then on are refused, until the device\n"
    "authenticates again.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_context(const json_t *row)
{
    const char *imsi = "", *a_kid = "";
    json_int_t expires_s = 0;
    char until[LK_XML_TIME_LEN + 1] = "?";

    (void)json_unpack((json_t *)(uintptr_t)row, "{s:s, s:s, s:I}", "imsi", &imsi, "a_kid", &a_kid,
                      "expires_s", &expires_s);
    if (lk_xml_time(until, (uint64_t)expires_s) == LK_OK)
        until[LK_XML_TIME_LEN] = '\0';
    printf("%s  %s  until %s\n", imsi, a_kid, until);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "contexts", .op = "aanf-contexts", .rows = "contexts", .print = print_context,
      .none = "nobody: no AAA server has brought a key (its aaa.akma.aanf says to which AAnF)" },
    { .name = "remove", .op = "aanf-remove", .words = { "imsi" }, .words_least = 1 },
};

int lk_cmd_aanf(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "aanf", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "contexts or remove IMSI", argc,
                               argv);
}
