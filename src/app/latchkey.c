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
    { "load", lk_cmd_load, "closed-loop load with percentiles" },
    { "sim", lk_cmd_sim, "a seeded world of devices and nodes, invariants checked at every event" },
    { NULL, NULL, NULL },
};

static void usage(FILE *to)
{
    fprintf(to, "usage: latchkey COMMAND [OPTIONS]\n\nCommands:\n");
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-12s %s\n", c->name, c->summary);
    fprintf(to, "\nlatchkey COMMAND --help tells more. The daemon is latchkeyd.\n");
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
            return c->run(argc - 1, argv + 1);
    fprintf(stderr, "latchkey: no command '%s'; latchkey --help lists them\n", argv[1]);
    return LK_EXIT_USAGE;
}
