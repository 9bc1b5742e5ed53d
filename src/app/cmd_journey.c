/* latchkey journey FILE.yaml: runs a journey and tells how each step went. */
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "app/commands.h"
#include "app/journey_app.h"
#include "app/lab.h"
#include "base/secret.h"
#include "role/journey.h"

static const struct option long_options[] = {
    { "out", required_argument, NULL, 'o' },
    { "daemon", required_argument, NULL, 'd' },
    { "show-keys", no_argument, NULL, 's' },
    { "keep-going", no_argument, NULL, 'k' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { 0 },
};

static void usage(FILE *to)
{
    fputs(
        "usage: latchkey journey FILE.yaml [--out DIR] [OPTIONS]\n\n"
        "Starts a daemon of its own on free ports, walks through the steps of the file over real\n"
        "sockets, and checks what each step expects. Leaves in DIR (out):\n"
        "  journey.pcapng   every datagram, with the name of its step as comment\n"
        "  journey.html     ladder, decoded messages, explanations, key tree\n"
        "  journey.log      of the daemon\n\n"
        "  --out DIR        where to (out)\n"
        "  --daemon FILE    latchkeyd (the one beside this program)\n"
        "  --show-keys      key values in the page\n"
        "  --keep-going     go on behind a failed step: always so\n"
        "  --json\n\n"
        "Exit: 0 when every step passed, 1 when one failed, 2 when the file or the call is wrong,\n"
        "3 when the daemon or a file was not to be had.\n",
        to);
}

/* latchkeyd is beside this program. */
static void find_daemon(char path[PATH_MAX], const char *given)
{
    char own[PATH_MAX];
    ssize_t len;

    if (given != NULL) {
        snprintf(path, PATH_MAX, "%s", given);
        return;
    }
    len = readlink("/proc/self/exe", own, sizeof own - 1);
    own[len > 0 ? len : 0] = '\0';
    snprintf(path, PATH_MAX, "%.*s/latchkeyd", PATH_MAX - 16, dirname(own));
}

static int tell_json(const struct lk_journey *journey, const struct lk_journey_report *report)
{
    json_t *steps = json_array(), *all;
    int failed;

    for (size_t i = 0; i < journey->step_count; i++) {
        const struct lk_journey_result *r = &report->step[i];

        json_array_append_new(steps, json_pack("{s:s, s:b, s:b, s:b, s:f, s:s, s:s, s:s}", "name",
            journey->step[i].name, "ran", (int)r->ran, "passed", (int)r->passed, "skipped",
            (int)r->skipped, "ms", r->ms, "result", r->result, "failure", r->failure,
            "explained", r->explained));
    }
    all = json_pack("{s:i, s:i, s:i, s:f, s:o}", "passed", (int)report->passed, "failed",
                    (int)report->failed, "skipped", (int)report->skipped, "ms", report->ms,
                    "steps", steps);
    failed = json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
    return failed == 0 ? LK_EXIT_OK : LK_EXIT_SYSTEM;
}

static void tell(const struct lk_journey *journey, const struct lk_journey_options *options,
                 const struct lk_journey_report *report)
{
    printf("\n");
    for (size_t i = 0; i < journey->step_count; i++) {
        const struct lk_journey_result *r = &report->step[i];

        if (r->passed && r->explained[0] != '\0')
            printf("step %zu, refused as it should be; %s\n", i + 1, r->explained);
        if (!r->ran)
            printf("step %zu, %s: not run\n", i + 1, journey->step[i].name);
        else if (r->skipped)
            printf("step %zu, %s: left out, %s\n", i + 1, journey->step[i].name, r->result);
        else if (!r->passed)
            printf("step %zu, %s: FAILED\n  %s\n%s%s%s", i + 1, journey->step[i].name, r->failure,
                   r->explained[0] != '\0' ? "  " : "", r->explained,
                   r->explained[0] != '\0' ? "\n" : "");
    }
    printf("\n%s/journey.pcapng\n%s/journey.html\n\n%zu passed, %zu failed", options->out,
           options->out, report->passed, report->failed);
    if (report->skipped > 0)
        printf(", %zu left out on this machine", report->skipped);
    printf(" in %.1f s\n", report->ms / 1000);
}

static bool nothing_ran(const struct lk_journey *journey, const struct lk_journey_report *report)
{
    for (size_t i = 0; i < journey->step_count; i++)
        if (report->step[i].ran)
            return false;
    return true;
}

static int run(const char *file, struct lk_journey_options *options, bool json)
{
    struct lk_journey *journey = calloc(1, sizeof *journey);
    struct lk_journey_report *report = calloc(1, sizeof *report);
    char error[LK_JOURNEY_ERROR];
    enum lk_status status = LK_E_SYSTEM;
    int exit = LK_EXIT_SYSTEM;

    if (journey == NULL || report == NULL)
        goto done;
    status = lk_journey_read(journey, file, error);
    if (status != LK_OK) {
        fprintf(stderr, "latchkey journey: %s\n", error);
        exit = status == LK_E_CONFIG ? LK_EXIT_USAGE : LK_EXIT_SYSTEM;
        goto done;
    }
    if (!lk_lab_journey_check(journey, error)) {
        fprintf(stderr, "latchkey journey: %s\n", error);
        exit = LK_EXIT_USAGE;
        goto done;
    }
    options->lab = lk_lab_journey;
    options->application = lk_journey_app;
    if (!json) {
        printf("%s\n\n", journey->name);
        options->progress = stdout;
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
    }
    status = lk_journey_run(journey, options, report, error);
    exit = status != LK_OK ? LK_EXIT_SYSTEM : report->failed > 0 ? LK_EXIT_REFUSED : LK_EXIT_OK;
    if (status != LK_OK)
        fprintf(stderr, "latchkey journey: %s\n", error);
    if (status != LK_OK && !json && nothing_ran(journey, report))
        goto done;
    if (json && tell_json(journey, report) != LK_EXIT_OK)
        exit = LK_EXIT_SYSTEM;
    if (!json)
        tell(journey, options, report);
done:
    if (journey != NULL)
        lk_wipe(journey, sizeof *journey);
    free(journey);
    free(report);
    return exit;
}

int lk_cmd_journey(int argc, char **argv)
{
    struct lk_journey_options options = { .out = "out" };
    const char *given = NULL;
    char daemon[PATH_MAX];
    bool json = false;
    int option;

    while ((option = getopt_long(argc, argv, "ho:", long_options, NULL)) != -1)
        switch (option) {
        case 'o':
            options.out = optarg;
            break;
        case 'd':
            given = optarg;
            break;
        case 's':
            options.show_keys = true;
            break;
        case 'j':
            json = true;
            break;
        case 'k':
            break;
        case 'h':
            usage(stdout);
            return LK_EXIT_OK;
        default:
            return LK_EXIT_USAGE;
        }
    if (argc - optind != 1) {
        usage(stderr);
        return LK_EXIT_USAGE;
    }
    find_daemon(daemon, given);
    options.daemon = daemon;
    return run(argv[optind], &options, json);
}
