/* The runner of a journey. One daemon, devices that keep their state from step to step, one
 * capture; the page is drawn from that capture as anybody could read it. */
#include "role/journey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/secret.h"
#include "role/journey_parts.h"
#include "trace/run_keys.h"

enum { PATH = 1024 };

/* ---- steps ---- */

static bool read_restart(struct lk_journey_reading *r, struct lk_journey_step *step,
                         const yaml_node_t *value)
{
    static const char *const restarts[] = { "daemon", "", NULL };
    int word;

    if (value->type == YAML_MAPPING_NODE)
        return lk_journey_each_key(r, value, "restart", lk_journey_argument_key, &step->call);
    return lk_journey_word(r, &word, value, "restart", restarts);
}

static void run_restart(struct lk_journey_runner *r, size_t index,
                        struct lk_journey_outcome *outcome)
{
    struct lk_journey_result *told = &r->report->step[index];
    bool ready;

    lk_journey_daemon_kill(&r->daemon);
    r->daemon.also = &r->journey->step[index].call;
    ready = lk_journey_daemon_start(&r->daemon, told->failure) == LK_OK;
    lk_outcome_put(outcome, "result", "%s", ready ? "ready" : "not ready");
    snprintf(told->result, sizeof told->result, "%s", ready ? "ready again" : "not ready");
}

static const struct lk_journey_expectation restart_expects[] = {
    { "result", "ready" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_restart_kind = {
    .name = "restart", .read = read_restart, .run = run_restart, .expects = restart_expects,
};

const struct lk_journey_kind_row *lk_journey_kind_row(enum lk_journey_kind kind)
{
    static const struct lk_journey_kind_row *const rows[LK_JOURNEY_KINDS] = {
        [LK_JOURNEY_ATTACH] = &lk_journey_attach_kind,
        [LK_JOURNEY_RESTART] = &lk_journey_restart_kind,
        [LK_JOURNEY_CALL] = &lk_journey_call_kind,
        [LK_JOURNEY_NETWORK] = &lk_journey_network_kind,
        [LK_JOURNEY_SPOOF] = &lk_journey_spoof_kind,
        [LK_JOURNEY_LAB] = &lk_journey_lab_kind,
        [LK_JOURNEY_APP] = &lk_journey_app_kind,
        [LK_JOURNEY_DOWNLOAD] = &lk_journey_download_kind,
    };

    return rows[kind];
}

static void run_step(struct lk_journey_runner *r, size_t index)
{
    const struct lk_journey_step *step = &r->journey->step[index];
    struct lk_journey_result *told = &r->report->step[index];
    struct lk_journey_outcome outcome = { 0 };
    uint64_t started = lk_mono_us();

    r->killed = false;
    told->ran = true;
    if (r->download != NULL && step->kind != LK_JOURNEY_DOWNLOAD)
        lk_download_mark(r->download, step->name);
    lk_journey_kind_row(step->kind)->run(r, index, &outcome);
    told->passed = !told->skipped && told->failure[0] == '\0'
                   && lk_journey_judge(told->failure, r, step, &outcome);
    if (r->killed && told->passed)
        snprintf(told->result + strlen(told->result), sizeof told->result - strlen(told->result),
                 ", daemon killed");
    told->ms = (double)(lk_mono_us() - started) / 1e3;
    if (told->passed)
        r->report->passed++;
    if (told->skipped)
        r->report->skipped++;
    if (r->options->progress != NULL)
        fprintf(r->options->progress, "%3zu  %-6s  %-46s %8.1f ms  %s\n", index + 1,
                told->passed ? "passed" : told->skipped ? "left" : "FAILED", step->name, told->ms,
                told->result);
}

/* ---- the page ---- */

static bool is_the_card_of(const struct lk_trace *trace, size_t run,
                           const struct lk_recompute_card *card)
{
    struct lk_run_keys keys;
    bool known;

    lk_run_keys(&keys, trace, run, card);
    known = keys.known;
    lk_wipe(&keys, sizeof keys);
    return known;
}

/* The device's daemon attaches with a card that is a subscriber's: the one that makes the MACs. */
static void find_card(struct lk_journey_runner *r, size_t step, const struct lk_trace *trace,
                      size_t run)
{
    struct lk_journey_attach attach = { .imsi = "" };

    for (size_t i = 0; i < r->journey->subscriber_count && r->facts[step].card == NULL; i++) {
        memcpy(attach.imsi, r->journey->subscriber[i].imsi, sizeof attach.imsi);
        lk_journey_card(&r->card[step], r->journey, &attach);
        if (is_the_card_of(trace, run, &r->card[step]))
            r->facts[step].card = &r->card[step];
    }
}

static void find_cards(struct lk_journey_runner *r, const struct lk_trace *trace)
{
    for (size_t run = 0; run < trace->run_count; run++)
        for (size_t i = 0; i < r->journey->step_count; i++)
            if (r->facts[i].card == NULL
                && trace->runs[run].kind == LK_TRACE_AUTHENTICATION
                && strcmp(trace->runs[run].title, r->journey->step[i].name) == 0)
                find_card(r, i, trace, run);
}

static enum lk_status write_page(struct lk_journey_runner *r, const char *capture)
{
    struct lk_page_step steps[LK_JOURNEY_STEPS];
    struct lk_page page = { .title = r->journey->name, .steps = steps,
                            .subtitle = "Every message that is drawn as on the wire went over a "
                            "real socket, and is in the capture beside it. Messages of Zn, Ua, "
                            "Naanf and end-to-end sessions are not: they go over TLS or are "
                            "closed, and the page has what came of them. Numbers of the "
                            "laboratory are of virtual time.",
                            .step_count = r->journey->step_count,
                            .captured = r->journey->captured[0] != '\0' ? r->journey->captured
                                                                        : NULL,
                            .show_keys = r->options->show_keys };
    struct lk_trace trace;
    char path[PATH];
    enum lk_status status = lk_trace_load(&trace, capture);
    FILE *to;

    if (status != LK_OK)
        return status;
    find_cards(r, &trace);
    for (size_t i = 0; i < r->journey->step_count; i++)
        steps[i] = (struct lk_page_step){ .name = r->journey->step[i].name,
            .what = r->journey->step[i].what,
            .result = r->report->step[i].failure[0] == '\0' ? r->report->step[i].result
                                                           : r->report->step[i].failure,
            .passed = r->report->step[i].passed, .skipped = r->report->step[i].skipped,
            .ms = r->report->step[i].ms,
            .facts = &r->facts[i], .figure = r->figure[i] };
    page.trace = &trace;
    snprintf(path, sizeof path, "%.900s/journey.html", r->options->out);
    to = fopen(path, "w");
    if (to != NULL) {
        lk_page_write(to, &page);
        if (fclose(to) != 0)
            status = LK_E_SYSTEM;
    } else {
        status = LK_E_SYSTEM;
    }
    lk_trace_free(&trace);
    return status;
}

/* ---- the whole ---- */

static enum lk_status open_daemon(struct lk_journey_runner *r, struct lk_journey_daemon *daemon,
                                  bool device)
{
    daemon->journey = r->journey;
    daemon->options = r->options;
    daemon->net = &r->net;
    daemon->device = device;
    return lk_journey_daemon_open(daemon, r->error);
}

static enum lk_status run_all(struct lk_journey_runner *r, const char *capture)
{
    enum lk_status status = LK_E_SYSTEM;

    if (mkdir(r->options->out, 0777) != 0 && errno != EEXIST) {
        snprintf(r->error, LK_JOURNEY_ERROR, "%.300s: %s; --out DIR takes another place",
                 r->options->out, strerror(errno));
        return LK_E_SYSTEM;
    }
    if (lk_capture_open(&r->capture, capture, &lk_seen_options) != LK_OK) {
        snprintf(r->error, LK_JOURNEY_ERROR, "%.300s: %s; --out DIR takes another place",
                 capture, strerror(errno));
        return LK_E_SYSTEM;
    }
    if (!lk_journey_net_choose(&r->net)) {
        snprintf(r->error, LK_JOURNEY_ERROR, "no part of 127.64.0.0/9 is free on port %d",
                 LK_JOURNEY_RADIUS_PORT);
        return LK_E_SYSTEM;
    }
    status = open_daemon(r, &r->daemon, false);
    for (size_t i = 0; status == LK_OK && i < r->journey->subscriber_count; i++)
        status = lk_journey_daemon_add(&r->daemon, &r->journey->subscriber[i], r->error);
    if (status == LK_OK && r->journey->device[0] != '\0')
        status = open_daemon(r, &r->device_daemon, true);
    for (size_t i = 0; status == LK_OK && i < r->journey->step_count; i++)
        run_step(r, i);
    return status;
}

enum lk_status lk_journey_run(const struct lk_journey *journey,
                              const struct lk_journey_options *options,
                              struct lk_journey_report *report, char error[LK_JOURNEY_ERROR])
{
    struct lk_journey_runner *r = calloc(1, sizeof *r);
    uint64_t started = lk_mono_us();
    char capture[PATH];
    enum lk_status status;

    memset(report, 0, sizeof *report);
    error[0] = '\0';
    if (r == NULL)
        return LK_E_SYSTEM;
    r->journey = journey;
    r->options = options;
    r->report = report;
    r->error = error;
    snprintf(capture, sizeof capture, "%.900s/journey.pcapng", options->out);
    status = run_all(r, capture);
    lk_journey_daemon_close(&r->device_daemon);
    lk_journey_daemon_close(&r->daemon);
    lk_capture_close(r->capture);
    lk_download_free(r->download);
    report->failed = journey->step_count - report->passed - report->skipped;
    report->ms = (double)(lk_mono_us() - started) / 1e3;
    if (status == LK_OK && write_page(r, capture) != LK_OK) {
        snprintf(error, LK_JOURNEY_ERROR, "%.200s/journey.html could not be written: %s",
                 options->out, strerror(errno));
        status = LK_E_SYSTEM;
    }
    for (size_t i = 0; i < journey->step_count; i++)
        free(r->figure[i]);
    lk_wipe(r, sizeof *r);
    free(r);
    return status;
}
