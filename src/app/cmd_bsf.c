/* latchkey bsf VERB: who has bootstrapped with the running daemon, and the end of a session. */
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "wire/gba_xml.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey bsf sessions [OPTIONS]\n"
    "       latchkey bsf release IMSI [OPTIONS]\n\n"
    "Asks the running daemon with role bsf who has bootstrapped (GBA), at any node on its store,\n"
    "and until when. release ends the session of one: NAFs that ask from then on are refused.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static void print_session(const json_t *row)
{
    const char *impi = "", *b_tid = "";
    json_int_t expires_s = 0;
    char until[LK_XML_TIME_LEN + 1] = "?";

    (void)json_unpack((json_t *)(uintptr_t)row, "{s:s, s:s, s:I}", "impi", &impi, "b_tid", &b_tid,
                      "expires_s", &expires_s);
    if (lk_xml_time(until, (uint64_t)expires_s) == LK_OK)
        until[LK_XML_TIME_LEN] = '\0';
    printf("%s  %s  until %s\n", impi, b_tid, until);
}

static const struct lk_daemon_verb verbs[] = {
    { .name = "sessions", .op = "bsf-sessions", .rows = "sessions", .print = print_session },
    { .name = "release", .op = "bsf-release", .words = { "imsi" }, .words_least = 1 },
};

int lk_cmd_bsf(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "bsf", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };

    return lk_daemon_call_verb(&call, verbs, LK_COUNT_OF(verbs), "sessions or release IMSI", argc,
                               argv);
}
