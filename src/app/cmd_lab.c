/* latchkey lab lwa: S3's question with numbers. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/lab.h"

enum { OPTION_SVG = 256, OPTION_JSON, OPTION_HELP, OPTION_WORD, OPTIONS_MAX = 32 };

struct call {
    struct lk_lab_table table;
    const char *svg; /* NULL: no chart */
    bool json, help;
};

static void usage(FILE *to)
{
    char help[LK_LAB_ERROR];
    const char *name;

    fputs("usage: latchkey lab lwa [OPTIONS]\n\n"
          "A device under LTE-WLAN aggregation is handed over from eNB to eNB, its WT is kept,\n"
          "and each handover brings a new key. In which order are UE and WT to be told? The\n"
          "daemon's own nodes do it in virtual time, in one order and in others; what is measured\n"
          "are stamps of events, in ms. The same options give the same numbers:\n"
          "docs/rooms/lwa-lab.md.\n\n"
          "  --order ORDER    rrc-first, wt-first, ue-initiated or all (all)\n"
          "  --svg FILE       a chart as well\n"
          "  --json           one object instead of the table\n\n"
          "With a number, or ms as a range, 4-6, of which each is drawn evenly:\n", to);
    for (size_t i = 0; i < lk_lab_word_count(); i++) {
        lk_lab_word(&name, help, i);
        fprintf(to, "  --%-14s %s\n", name, help);
    }
    fputs("\nExit: 0 when it ran, 1 when an invariant of the world did not hold, 2 when the call\n"
          "is wrong, 3 when the chart could not be written.\n", to);
}

static void list_options(struct option options[OPTIONS_MAX])
{
    static const struct option fixed[] = {
        { "svg", required_argument, NULL, OPTION_SVG },
        { "json", no_argument, NULL, OPTION_JSON },
        { "help", no_argument, NULL, OPTION_HELP },
        { "order", required_argument, NULL, OPTION_WORD },
    };
    char help[LK_LAB_ERROR];
    const char *name;
    size_t at = LK_COUNT_OF(fixed);

    LK_ASSERT(at + lk_lab_word_count() < OPTIONS_MAX);
    memset(options, 0, OPTIONS_MAX * sizeof *options);
    memcpy(options, fixed, sizeof fixed);
    for (size_t i = 0; i < lk_lab_word_count(); i++) {
        lk_lab_word(&name, help, i);
        options[at++] = (struct option){ name, required_argument, NULL, OPTION_WORD };
    }
}

static bool take_word(struct lk_lab_table *table, const char *name, const char *value)
{
    char error[LK_LAB_ERROR];

    if (lk_lab_take(table, name, value, error))
        return true;
    fprintf(stderr, "latchkey lab: --%s %s\n", name, error);
    return false;
}

static bool read_call(struct call *call, int argc, char **argv)
{
    struct option options[OPTIONS_MAX];
    char error[LK_LAB_ERROR];
    int option, index = 0;

    lk_lab_table_defaults(&call->table);
    list_options(options);
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
        switch (option) {
        case OPTION_HELP: return call->help = true;
        case OPTION_JSON: call->json = true; break;
        case OPTION_SVG: call->svg = optarg; break;
        case OPTION_WORD:
            if (!take_word(&call->table, options[index].name, optarg))
                return false;
            break;
        default: return false;
        }
    }
    if (optind + 1 != argc || strcmp(argv[optind], "lwa") != 0) {
        fprintf(stderr, "latchkey lab: wanted is the one word lwa beside the options; see "
                "--help\n");
        return false;
    }
    if (lk_lab_fits(&call->table, error))
        return true;
    fprintf(stderr, "latchkey lab: %s\n", error);
    return false;
}

/* ---- progress, where somebody looks ---- */

static void progress(void *context, enum lk_lab_way way, uint64_t asked)
{
    const struct lk_lab_options *o = context;

    fprintf(stderr, "\r%-18s %llu of %llu handovers\r", lk_lab_way_rows[way].title,
            (unsigned long long)asked, (unsigned long long)(o->handovers * o->seeds));
}

static void clear_progress(const struct lk_lab_options *o)
{
    if (o->progress != NULL)
        fprintf(stderr, "%*s\r", 60, "");
}

/* ---- the whole ---- */

static bool write_svg(const struct call *call)
{
    FILE *to = fopen(call->svg, "w");
    bool written = to != NULL;

    if (written) {
        lk_lab_svg(to, &call->table, true);
        written = ferror(to) == 0;
        written = fclose(to) == 0 && written;
    }
    if (!written)
        fprintf(stderr, "latchkey lab: %s could not be written\n", call->svg);
    return written;
}

static bool tell(const struct call *call)
{
    json_t *all;

    if (!call->json) {
        lk_lab_text(stdout, &call->table);
    } else {
        all = lk_lab_json(&call->table);
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(all);
    }
    fflush(stdout);
    return ferror(stdout) == 0;
}

int lk_cmd_lab(int argc, char **argv)
{
    static struct call call;
    struct lk_lab_table *table = &call.table;
    int exit = LK_EXIT_OK;

    if (!read_call(&call, argc, argv))
        return LK_EXIT_USAGE;
    if (call.help) {
        usage(stdout);
        return LK_EXIT_OK;
    }
    table->options.progress = isatty(STDERR_FILENO) ? progress : NULL;
    table->options.progress_context = &table->options;
    lk_lab_table_run(table);
    clear_progress(&table->options);
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->result[i].broken != NULL) {
            fprintf(stderr, "latchkey lab: %s, seed %llu: %s does not hold\n",
                    lk_lab_way_rows[i].title, (unsigned long long)table->result[i].broken_seed,
                    table->result[i].broken->name);
            exit = LK_EXIT_REFUSED;
        }
    if (!tell(&call) || (call.svg != NULL && !write_svg(&call)))
        exit = LK_EXIT_SYSTEM;
    lk_lab_table_free(table);
    return exit;
}
