/* latchkey: the command line. A table of subcommands, and nothing else. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct command commands[] = {
    { "keys", lk_cmd_keys, "derive any key from stated inputs, and explain it" },
    { "journey", lk_cmd_journey, "walk through every access, each step checked" },
    { "subscriber", lk_cmd_subscriber, "add, list, show, delete, import and export subscribers" },
    { "load", lk_cmd_load, "closed-loop load with percentiles" },
    { "trace", lk_cmd_trace, "ladder, keys and explanation of a capture" },
    { "ue", lk_cmd_ue, "a device with a USIM attaches" },
    { "session", lk_cmd_session, "list the sessions that access points tell of, end one" },
    { "enb", lk_cmd_enb, "devices at the cells: handovers, re-keys, LTE-WLAN aggregation" },
    { "pos", lk_cmd_pos, "mobile nodes and links of points of service of MIS; ends an SA" },
    { "anchor", lk_cmd_anchor, "bindings of the anchor, the end of one; runs a program behind it" },
    { "aanf", lk_cmd_aanf, "who has a key of AKMA at the AAnF, and its end" },
    { "bsf", lk_cmd_bsf, "who has bootstrapped with the BSF of GBA, and the end of a session" },
    { "naf", lk_cmd_naf, "what an application server of GBA has seen" },
    { "fa", lk_cmd_fa, "the visitors of a foreign agent of Mobile IP, and their end" },
    { "af", lk_cmd_af, "applications and sessions of a server with end-to-end keys" },
    { "wt", lk_cmd_wt, "UEs of LTE-WLAN aggregation at the WT, and the end of one" },
    { "status", lk_cmd_status, "what the running daemon does" },
    { "reload", lk_cmd_reload, "let the running daemon read its file again" },
    { "node-key", lk_cmd_node_key, "show or set the key that nodes share" },
    { "mis-key", lk_cmd_mis_key, "make the key of start marks of MIS, show its public half" },
    { "certificate", lk_cmd_certificate, "make certificates for RADIUS and Xw over TLS" },
    { "machine", lk_cmd_machine, "draw a protocol machine from its rule table" },
    { "sim", lk_cmd_sim, "a seeded world of devices and nodes, invariants checked at every event" },
    { "lab", lk_cmd_lab, "numbers of LTE-WLAN aggregation: re-keying in one order and in others" },
    { NULL, NULL, NULL },
};

static void usage(FILE *to)
{
    fprintf(to, "usage: latchkey COMMAND [OPTIONS]\n\nCommands:\n");
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-12s %s\n", c->name, c->summary);
    fprintf(to, "\nlatchkey COMMAND --help tells more. The daemon is latchkeyd.\n");
}

/* getopt begins its complaints with argv[0]: the whole name, as in all others. */
static int run(const struct command *command, int argc, char **argv)
{
    char name[32];

    (void)snprintf(name, sizeof name, "latchkey %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return LK_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return LK_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("latchkey %s\n", LK_VERSION);
        return LK_EXIT_OK;
    }
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(argv[1], c->name) == 0)
            return run(c, argc - 1, argv + 1);
    fprintf(stderr, "latchkey: no command '%s'; latchkey --help lists them\n", argv[1]);
    return LK_EXIT_USAGE;
}
