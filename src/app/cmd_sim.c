/* latchkey sim: seeds of the simulated world, invariants checked after every event. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/args.h"
#include "app/commands.h"
#include "sim/sim.h"

enum { SCENARIO_MAX = 4096 };

struct call {
    struct lk_sim_options options;
    uint64_t seeds;
    bool json;
};

enum { OPTION_SEED = 256, OPTION_SEEDS, OPTION_UES, OPTION_SECONDS, OPTION_SCENARIO, OPTION_JSON,
       OPTION_WORLD, OPTION_VERBOSE, OPTION_HELP };

static const struct option long_options[] = {
    { "seed", required_argument, NULL, OPTION_SEED },
    { "seeds", required_argument, NULL, OPTION_SEEDS },
    { "ues", required_argument, NULL, OPTION_UES },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "scenario", required_argument, NULL, OPTION_SCENARIO },
    { "world", required_argument, NULL, OPTION_WORLD },
    { "json", no_argument, NULL, OPTION_JSON },
    { "verbose", no_argument, NULL, OPTION_VERBOSE },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static void usage(FILE *to)
{
    fputs("usage: latchkey sim [OPTIONS]\n\n"
          "Peers, access points, two AAA nodes with their vaults and one store, in virtual time,\n"
          "under loss, duplication, reordering, corruption, replay and restarts. The invariants\n"
          "of docs/rooms/sim.md are checked after every event. The same binary and the same seed\n"
          "give the same trace.\n\n"
          "  --seed N         the first seed (1)\n"
          "  --seeds COUNT    how many, one after the other (1)\n"
          "  --ues N          devices (8)\n"
          "  --seconds N      of virtual time with faults (120); then everybody tries once more\n"
          "  --scenario FILE  faults from a file of sim/scenarios; options behind it win\n"
          "  --world NAME     aaa: access points speak to the nodes; wlan: over two TWAPs (aaa)\n"
          "  --verbose        one line an event to standard error\n"
          "  --json           one object a seed, a line each\n",
          to);
}

static bool read_scenario(struct lk_sim_options *options, const char *path)
{
    char text[SCENARIO_MAX];
    unsigned line = 0;
    FILE *file = fopen(path, "r");
    size_t len;

    if (file == NULL) {
        fprintf(stderr, "latchkey sim: %s cannot be read\n", path);
        return false;
    }
    len = fread(text, 1, sizeof text, file);
    fclose(file);
    if (len < sizeof text && lk_sim_scenario(options, &line, lk_span_of(text, len)) == LK_OK)
        return true;
    fprintf(stderr, "latchkey sim: %s:%u: wanted is a word and a number, such as 'loss 100'\n",
            path, line);
    return false;
}

static bool read_world(struct lk_sim_options *options, const char *name)
{
    options->wlan = strcmp(name, "wlan") == 0 ? 1 : 0;
    if (options->wlan == 1 || strcmp(name, "aaa") == 0)
        return true;
    fprintf(stderr, "latchkey sim: --world is aaa or wlan, not '%s'\n", name);
    return false;
}

static bool take_option(struct call *call, int option, const char *text)
{
    struct lk_sim_options *o = &call->options;
    uint64_t number = 0;

    switch (option) {
    case OPTION_SEED:
        return lk_arg_number(&o->seed, 0, UINT64_MAX, "--seed", text) == LK_OK;
    case OPTION_SEEDS:
        return lk_arg_number(&call->seeds, 1, UINT64_MAX, "--seeds", text) == LK_OK;
    case OPTION_UES:
        if (lk_arg_number(&number, 1, LK_SIM_UES_MAX, "--ues", text) != LK_OK)
            return false;
        o->ues = (unsigned)number;
        return true;
    case OPTION_SECONDS:
        if (lk_arg_number(&number, 1, 1000000, "--seconds", text) != LK_OK)
            return false;
        o->seconds = (unsigned)number;
        return true;
    case OPTION_SCENARIO: return read_scenario(o, text);
    case OPTION_WORLD: return read_world(o, text);
    case OPTION_VERBOSE: return o->verbose = true;
    case OPTION_JSON: return call->json = true;
    default: return false;
    }
}

static void print_json(const struct lk_sim_options *o, const struct lk_sim_report *r)
{
    printf("{\"seed\": %llu, \"ues\": %u, \"seconds\": %u, \"events\": %llu, \"datagrams\": %llu, ",
           (unsigned long long)o->seed, o->ues, o->seconds, (unsigned long long)r->events,
           (unsigned long long)r->datagrams);
    printf("\"attempts\": %llu, \"full\": %llu, \"fast\": %llu, \"refused\": %llu, "
           "\"unanswered\": %llu, \"resyncs\": %llu, \"restarts\": %llu, "
           "\"sessions\": %llu, \"rolled\": %llu, \"connections\": %llu, ",
           (unsigned long long)r->attempts, (unsigned long long)r->full,
           (unsigned long long)r->fast, (unsigned long long)r->refused,
           (unsigned long long)r->unanswered, (unsigned long long)r->resyncs,
           (unsigned long long)r->restarts, (unsigned long long)r->sessions,
           (unsigned long long)r->rolled, (unsigned long long)r->connections);
    printf("\"trace\": \"%016llx\", \"broken\": ", (unsigned long long)r->trace);
    if (r->broken == NULL)
        printf("null}\n");
    else /* names and details hold nothing that JSON would want escaped */
        printf("{\"invariant\": \"%s\", \"number\": %u, \"at_ms\": %llu, \"detail\": \"%s\"}}\n",
               r->broken, r->number, (unsigned long long)r->at_ms, r->detail);
}

static void print_text(const struct lk_sim_options *o, const struct lk_sim_report *r)
{
    printf("seed %llu: trace %016llx, %llu events, %llu attempts: %llu full, %llu fast, "
           "%llu refused, %llu unanswered; %llu resynchronisations, %llu restarts: ",
           (unsigned long long)o->seed, (unsigned long long)r->trace,
           (unsigned long long)r->events, (unsigned long long)r->attempts,
           (unsigned long long)r->full, (unsigned long long)r->fast,
           (unsigned long long)r->refused, (unsigned long long)r->unanswered,
           (unsigned long long)r->resyncs, (unsigned long long)r->restarts);
    if (r->broken == NULL)
        printf("clean\n");
    else
        printf("BROKEN %s at %llu ms: %s\n", r->broken, (unsigned long long)r->at_ms, r->detail);
}

/* How many seeds broke. */
static uint64_t run(struct call *call)
{
    uint64_t first = call->options.seed, broken = 0;

    for (uint64_t i = 0; i < call->seeds; i++) {
        struct lk_sim_report report;

        call->options.seed = first + i;
        lk_sim_run(&report, &call->options);
        broken += report.broken != NULL;
        if (call->json)
            print_json(&call->options, &report);
        else if (call->seeds <= 10 || report.broken != NULL)
            print_text(&call->options, &report);
        fflush(stdout);
    }
    if (!call->json && call->seeds > 10)
        printf("%llu seeds, %llu broken\n", (unsigned long long)call->seeds,
               (unsigned long long)broken);
    return broken;
}

int lk_cmd_sim(int argc, char **argv)
{
    struct call call = { .seeds = 1 };
    int option;

    lk_sim_defaults(&call.options);
    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (!take_option(&call, option, optarg))
            return LK_EXIT_USAGE;
    }
    if (optind != argc) {
        fprintf(stderr, "latchkey sim: no word is wanted behind the options; see --help\n");
        return LK_EXIT_USAGE;
    }
    return run(&call) == 0 ? LK_EXIT_OK : LK_EXIT_REFUSED;
}
