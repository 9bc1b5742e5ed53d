/* latchkey sim: seeds of the simulated world, invariants checked after every event. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/args.h"
#include "app/commands.h"
#include "sim/sim.h"

enum { SCENARIO_MAX = 4096 };

struct call {
    struct lk_sim_options options;
    uint64_t seeds;
    bool json, invariants, rate;
};

enum { OPTION_SEED = 256, OPTION_SEEDS, OPTION_SCENARIO, OPTION_JSON, OPTION_WORLD,
       OPTION_INVARIANTS, OPTION_RATE, OPTION_VERBOSE, OPTION_HELP, OPTION_WORD, OPTIONS_MAX = 64 };

static const struct option fixed_options[] = {
    { "seed", required_argument, NULL, OPTION_SEED },
    { "seeds", required_argument, NULL, OPTION_SEEDS },
    { "scenario", required_argument, NULL, OPTION_SCENARIO },
    { "world", required_argument, NULL, OPTION_WORLD },
    { "invariants", no_argument, NULL, OPTION_INVARIANTS },
    { "rate", no_argument, NULL, OPTION_RATE },
    { "json", no_argument, NULL, OPTION_JSON },
    { "verbose", no_argument, NULL, OPTION_VERBOSE },
    { "help", no_argument, NULL, OPTION_HELP },
};

static size_t add_words(struct option *options, size_t at, const struct lk_sim_word *words,
                        size_t count)
{
    LK_ASSERT(at + count < OPTIONS_MAX);
    for (size_t i = 0; i < count; i++)
        options[at++] = (struct option){ words[i].name, required_argument, NULL, OPTION_WORD };
    return at;
}

/* What every world has, and each world's own. */
static void list_options(struct option options[OPTIONS_MAX])
{
    const struct lk_sim_row *world;
    size_t count, at = LK_COUNT_OF(fixed_options);
    const struct lk_sim_word *common = lk_sim_common_words(&count);

    memset(options, 0, OPTIONS_MAX * sizeof *options);
    memcpy(options, fixed_options, sizeof fixed_options);
    at = add_words(options, at, common, count);
    for (size_t i = 0; (world = lk_sim_world(i)) != NULL; i++)
        at = add_words(options, at, world->words, world->word_count);
}

static void usage_words(FILE *to, const struct lk_sim_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  --%-14s %s (%u)\n", words[i].name, words[i].help, words[i].usual);
}

static void usage(FILE *to)
{
    const struct lk_sim_row *world;
    size_t count;
    const struct lk_sim_word *common = lk_sim_common_words(&count);

    fputs("usage: latchkey sim [OPTIONS]\n\n"
          "A world of the daemon's own machines, in virtual time, under loss, duplication,\n"
          "reordering, corruption, replay and restarts. Its invariants are checked after every\n"
          "event. The same binary and the same seed give the same trace. See docs/rooms/sim.md.\n\n"
          "  --seed N         the first seed (1)\n"
          "  --seeds COUNT    how many, one after the other (1)\n"
          "  --world NAME     one of those below (aaa)\n"
          "  --scenario FILE  options from a file of sim/scenarios; those behind it win\n"
          "  --invariants     says what is watched in the world, and nothing else\n"
          "  --rate           and how much of it came to pass in a second of ours\n"
          "  --verbose        one line an event to standard error\n"
          "  --json           one object a seed, a line each\n\n"
          "With a number, in every world:\n", to);
    usage_words(to, common, count);
    fputs("\nWorlds:\n", to);
    for (size_t i = 0; (world = lk_sim_world(i)) != NULL; i++) {
        fprintf(to, "  %-16s %s\n", world->name, world->help);
        usage_words(to, world->words, world->word_count);
    }
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
    fprintf(stderr, "latchkey sim: %s:%u: wanted is a word and a number, such as 'loss 100', or "
            "'world wlan'\n", path, line);
    return false;
}

static bool read_world(struct lk_sim_options *options, const char *name)
{
    const struct lk_sim_row *world = lk_sim_world_named(name);

    if (world != NULL) {
        lk_sim_set_world(options, world);
        return true;
    }
    fputs("latchkey sim: --world is", stderr);
    for (size_t i = 0; (world = lk_sim_world(i)) != NULL; i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : " or", world->name);
    fprintf(stderr, ", not '%s'\n", name);
    return false;
}

static bool read_word(struct lk_sim_options *options, const char *name, const char *text)
{
    enum lk_status status = lk_sim_set(options, name, text);

    if (status == LK_E_UNKNOWN)
        fprintf(stderr, "latchkey sim: the world %s has no --%s\n", options->world->name, name);
    else if (status != LK_OK)
        fprintf(stderr, "latchkey sim: --%s takes no '%s'\n", name, text);
    return status == LK_OK;
}

static bool take_option(struct call *call, int option, const char *name, const char *text)
{
    struct lk_sim_options *o = &call->options;

    switch (option) {
    case OPTION_SEED:
        return lk_arg_number(&o->seed, 0, UINT64_MAX, "--seed", text) == LK_OK;
    case OPTION_SEEDS:
        return lk_arg_number(&call->seeds, 1, UINT64_MAX, "--seeds", text) == LK_OK;
    case OPTION_SCENARIO: return read_scenario(o, text);
    case OPTION_WORLD: return read_world(o, text);
    case OPTION_WORD: return read_word(o, name, text);
    case OPTION_INVARIANTS: return call->invariants = true;
    case OPTION_RATE: return call->rate = true;
    case OPTION_VERBOSE: return o->verbose = true;
    case OPTION_JSON: return call->json = true;
    default: return false;
    }
}

static void print_invariants(const struct lk_sim_row *world)
{
    for (size_t i = 0; i < world->invariant_count; i++)
        printf("%2u %-24s %s\n", world->invariants[i].number, world->invariants[i].name,
               world->invariants[i].says);
}

static void print_table_json(const struct lk_sim_table *table, const struct lk_sim_report *r)
{
    printf("\"%s\": {", table->name);
    for (size_t c = 0; c < table->columns; c++) {
        printf("%s\"%s\": [", c == 0 ? "" : ", ", table->column[c]);
        for (size_t i = 0; i < table->rows; i++)
            printf("%s%llu", i == 0 ? "" : ", ", (unsigned long long)r->table[i][c]);
        printf("]");
    }
    printf("}, ");
}

static void print_table(const struct lk_sim_table *table, const struct lk_sim_report *r)
{
    printf("  %s\n  %-38s", table->says, "");
    for (size_t c = 0; c < table->columns; c++)
        printf("%10s", table->column[c]);
    printf("\n");
    for (size_t i = 0; i < table->rows; i++) {
        printf("    %-36s", table->row[i]);
        for (size_t c = 0; c < table->columns; c++)
            printf("%10llu", (unsigned long long)r->table[i][c]);
        printf("\n");
    }
}

static void print_json(const struct lk_sim_options *o, const struct lk_sim_report *r)
{
    const struct lk_sim_row *world = o->world;

    printf("{\"seed\": %llu, \"ues\": %u, \"seconds\": %u, \"events\": %llu, \"datagrams\": %llu, ",
           (unsigned long long)o->seed, o->ues, o->seconds, (unsigned long long)r->events,
           (unsigned long long)r->datagrams);
    for (size_t i = 0; i < world->count_count; i++)
        printf("\"%s\": %llu, ", world->counts[i], (unsigned long long)r->count[i]);
    if (world->table != NULL)
        print_table_json(world->table, r);
    printf("\"restarts\": %llu, \"trace\": \"%016llx\", \"broken\": ",
           (unsigned long long)r->restarts, (unsigned long long)r->trace);
    if (r->broken == NULL)
        printf("null}\n");
    else /* names and details hold nothing that JSON would want escaped */
        printf("{\"invariant\": \"%s\", \"number\": %u, \"at_ms\": %llu, \"detail\": \"%s\"}}\n",
               r->broken->name, r->broken->number, (unsigned long long)r->at_ms, r->detail);
}

static void print_text(const struct lk_sim_options *o, const struct lk_sim_report *r)
{
    const struct lk_sim_row *world = o->world;

    printf("seed %llu: trace %016llx, %llu events", (unsigned long long)o->seed,
           (unsigned long long)r->trace, (unsigned long long)r->events);
    for (size_t i = 0; i < world->count_count; i++)
        printf(", %llu %s", (unsigned long long)r->count[i], world->counts[i]);
    printf(", %llu restarts: ", (unsigned long long)r->restarts);
    if (r->broken == NULL)
        printf("clean\n");
    else
        printf("BROKEN %s at %llu ms: %s\n", r->broken->name, (unsigned long long)r->at_ms,
               r->detail);
    if (world->table != NULL)
        print_table(world->table, r);
}

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_rate(const struct call *call, uint64_t events, uint64_t done, double seconds)
{
    const struct lk_sim_row *world = call->options.world;
    const char *what = world->counts[world->main_count];

    printf(call->json ? "{\"seconds\": %.3f, \"events_per_s\": %.0f, \"per_s\": %.0f, "
                        "\"of\": \"%s\"}\n"
                      : "%.1f s; a second: %.0f events, %.0f %s\n",
           seconds, (double)events / seconds, (double)done / seconds, what);
}

/* How many seeds broke. */
static uint64_t run(struct call *call)
{
    uint64_t first = call->options.seed, broken = 0, events = 0, done = 0;
    double began = seconds_now();

    for (uint64_t i = 0; i < call->seeds; i++) {
        struct lk_sim_report report;

        call->options.seed = first + i;
        lk_sim_run(&report, &call->options);
        broken += report.broken != NULL;
        events += report.events;
        done += report.count[call->options.world->main_count];
        if (call->json)
            print_json(&call->options, &report);
        else if (call->seeds <= 10 || report.broken != NULL)
            print_text(&call->options, &report);
        fflush(stdout);
    }
    if (!call->json && call->seeds > 10)
        printf("%llu seeds, %llu broken\n", (unsigned long long)call->seeds,
               (unsigned long long)broken);
    if (call->rate)
        print_rate(call, events, done, seconds_now() - began);
    return broken;
}

static bool fits(const struct lk_sim_options *o)
{
    if (o->ues > 0 && o->ues <= o->world->ues_max && o->seconds > 0)
        return true;
    fprintf(stderr, "latchkey sim: --ues is 1 to %u in the world %s, --seconds 1 or more\n",
            o->world->ues_max, o->world->name);
    return false;
}

int lk_cmd_sim(int argc, char **argv)
{
    struct call call = { .seeds = 1 };
    struct option options[OPTIONS_MAX];
    int option, index = 0;

    lk_sim_defaults(&call.options);
    list_options(options);
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
        if (option == OPTION_HELP) {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (!take_option(&call, option, options[index].name, optarg))
            return LK_EXIT_USAGE;
    }
    if (optind != argc) {
        fprintf(stderr, "latchkey sim: no word is wanted behind the options; see --help\n");
        return LK_EXIT_USAGE;
    }
    if (!fits(&call.options))
        return LK_EXIT_USAGE;
    if (call.invariants) {
        print_invariants(call.options.world);
        return LK_EXIT_OK;
    }
    return run(&call) == 0 ? LK_EXIT_OK : LK_EXIT_REFUSED;
}
