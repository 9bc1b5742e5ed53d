/* Steps of a download: real packets, while other steps move the device.
 *
 *     download: { do: begin }       a server behind the anchor, a client on the device
 *     download: { do: check }       octets go on coming, on the same connection
 *     download: { do: end }         all of them have come, in their places
 *
 * Both daemons are asked where their network namespaces are. Where a machine allows none, these
 * steps are skipped, and say why. */
#include <stdlib.h>
#include <string.h>

#include "io/control.h"
#include "role/download.h"
#include "trace/stream_svg.h"
#include "role/journey_parts.h"
#include "trace/ladder.h"

enum {
    ASK_MS = 5000,
    PACE = 400000,    /* octets a second: several segments at each turn, little of a processor */
    CHECKED = 100000, /* octets */
    GOES_ON_MS = 60000,
    ENDS_MS = 90000,
};

static bool read_download(struct lk_journey_reading *r, struct lk_journey_step *step,
                          const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "download", lk_journey_argument_key, &step->call);
}

static bool check_download(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    const char *what = lk_journey_argument_of(&step->call, "do", "");

    return strcmp(what, "begin") == 0 || strcmp(what, "check") == 0 || strcmp(what, "end") == 0 ||
           lk_journey_mistake(r, step->line, "download: do is begin, check or end, not '%.40s'",
                              what);
}

/* ---- where ---- */

enum found { FOUND, UNAVAILABLE, FAILED };

static enum found find(struct lk_tun_apart_place *place, const struct lk_journey_daemon *daemon,
                       const char *socket, const char *op, char why[LK_JOURNEY_ERROR])
{
    json_t *request = json_pack("{s:s}", "op", op), *told = NULL;
    char path[128], error[LK_CONTROL_ERROR_TEXT];
    enum found found = FAILED;

    (void)snprintf(path, sizeof path, "%s/%s", daemon->state_dir, socket);
    if (lk_control_ask(&told, path, request, ASK_MS, error) != LK_OK) {
        (void)snprintf(why, LK_JOURNEY_ERROR, "%s: %.200s", op, error);
    } else if (json_is_true(json_object_get(told, "ok"))) {
        place->pid = (int32_t)json_integer_value(json_object_get(told, "pid"));
        place->user = (uint64_t)json_integer_value(json_object_get(told, "user"));
        place->net = (uint64_t)json_integer_value(json_object_get(told, "net"));
        found = FOUND;
    } else {
        const char *text = json_string_value(json_object_get(told, "error"));

        (void)snprintf(why, LK_JOURNEY_ERROR, "%.300s", text != NULL ? text : "refused");
        if (json_is_true(json_object_get(told, "unavailable")))
            found = UNAVAILABLE;
    }
    json_decref(told);
    json_decref(request);
    return found;
}

/* ---- the steps ---- */

static void put_counts(struct lk_journey_outcome *outcome, const struct lk_download_counts *c)
{
    lk_outcome_put(outcome, "octets", "%llu", (unsigned long long)c->received);
    lk_outcome_put(outcome, "wrong", "%llu", (unsigned long long)c->wrong);
    lk_outcome_put(outcome, "connections", "%u", c->connections);
    lk_outcome_put(outcome, "longest-gap-ms", "%u", c->longest_gap_ms);
}

static void skip(struct lk_journey_runner *r, size_t index)
{
    struct lk_journey_result *told = &r->report->step[index];

    told->skipped = true;
    (void)snprintf(told->result, sizeof told->result, "unavailable: %.140s", r->no_download);
}

static void fail(struct lk_journey_runner *r, size_t index, const char *why)
{
    (void)snprintf(r->report->step[index].failure, LK_JOURNEY_ERROR, "%.200s:%d: %.280s",
                   r->journey->file, r->journey->step[index].line, why);
}

static void begin(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    const struct lk_journey_call *words = &r->journey->step[index].call;
    struct lk_download_setup setup = { .octets_per_s = PACE };
    char why[LK_JOURNEY_ERROR] = "", error[LK_DOWNLOAD_ERROR];
    enum found found = find(&setup.server, &r->daemon, "control.sock", "anchor-namespace", why);

    if (found == FOUND)
        found = find(&setup.client, &r->device_daemon, "ue.sock", "namespace", why);
    if (found == UNAVAILABLE) {
        (void)snprintf(r->no_download, sizeof r->no_download, "%.150s", why);
        skip(r, index);
        return;
    }
    if (found == FAILED ||
        lk_address_parse(&setup.address, lk_journey_argument_of(words, "from", "192.0.2.80")) !=
            LK_OK ||
        r->download != NULL) {
        fail(r, index, r->download != NULL ? "another download is under way" : why);
        return;
    }
    if (lk_download_begin(&r->download, &setup, error) != LK_OK) {
        fail(r, index, error);
        return;
    }
    lk_outcome_put(outcome, "result", "begun");
    (void)snprintf(r->report->step[index].result, LK_JOURNEY_TEXT,
                   "TCP by the kernel, %d octets a second", PACE);
}

static void check(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    struct lk_download_counts counts;

    if (!lk_download_waits(r->download, CHECKED, GOES_ON_MS)) {
        fail(r, index, "no more octets came to the device");
        return;
    }
    lk_download_counts(r->download, &counts);
    lk_outcome_put(outcome, "result", "goes on");
    put_counts(outcome, &counts);
    (void)snprintf(r->report->step[index].result, LK_JOURNEY_TEXT,
                   "%llu octets so far, on %u connection%s", (unsigned long long)counts.received,
                   counts.connections, counts.connections == 1 ? "" : "s");
}

/* For the chart: what it looks at. */
struct drawn {
    struct lk_stream_sample sample[LK_DOWNLOAD_SAMPLES];
    struct lk_stream_mark mark[LK_DOWNLOAD_MARKS];
};

static struct lk_stream_chart chart_of(struct drawn *drawn, const struct lk_download *download)
{
    const struct lk_download_sample *samples;
    const struct lk_download_mark *marks;
    struct lk_stream_chart chart = { .sample = drawn->sample, .mark = drawn->mark };

    chart.samples = lk_download_samples(download, &samples);
    chart.marks = lk_download_marks(download, &marks);
    for (size_t i = 0; i < chart.samples; i++)
        drawn->sample[i] = (struct lk_stream_sample){ samples[i].ms, samples[i].octets,
                                                       samples[i].gap_at_ms, samples[i].gap_ms };
    for (size_t i = 0; i < chart.marks; i++)
        drawn->mark[i] = (struct lk_stream_mark){ marks[i].ms, marks[i].name };
    return chart;
}

/* What came when; the moves are the marks. */
static char *figure_of(const struct lk_download *download, const struct lk_download_counts *counts)
{
    const struct lk_download_mark *mark;
    size_t marks = lk_download_marks(download, &mark);
    static struct drawn drawn; /* too much for the stack */
    const struct lk_stream_chart chart = chart_of(&drawn, download);
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    LK_ASSERT(to != NULL);
    lk_stream_svg(to, &chart);
    fprintf(to, "<p>%llu octets by TCP of the kernel, from the network behind the anchor to the "
                "device, on one connection; every octet was looked at. The longest time without "
                "one was %u ms.</p><table><tr><th>#</th><th>at</th><th>octets so far</th>"
                "<th>longest gap until the next</th><th>what happens "
                "then</th></tr>\n", (unsigned long long)counts->received, counts->longest_gap_ms);
    for (size_t i = 0; i < marks; i++) {
        fprintf(to, "<tr><td>%zu</td><td>%.2f s</td><td>%llu</td><td>%u ms</td><td>", i + 1,
                mark[i].ms / 1000.0, (unsigned long long)mark[i].octets,
                lk_stream_longest_gap(&chart, mark[i].ms,
                                      i + 1 < marks ? mark[i + 1].ms : UINT32_MAX));
        lk_escape(to, mark[i].name);
        fputs("</td></tr>\n", to);
    }
    fputs("</table>\n", to);
    LK_ASSERT(fclose(to) == 0);
    return text;
}

static void end(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    struct lk_download_counts counts;
    bool ended = lk_download_end(r->download, ENDS_MS);

    lk_download_counts(r->download, &counts);
    lk_outcome_put(outcome, "result", ended ? "done" : "broken off");
    lk_outcome_put(outcome, "missing", "%llu",
                   (unsigned long long)(counts.sent - counts.received));
    put_counts(outcome, &counts);
    (void)snprintf(r->report->step[index].result, LK_JOURNEY_TEXT,
                   "%llu of %llu octets, %llu wrong, longest gap %u ms",
                   (unsigned long long)counts.received, (unsigned long long)counts.sent,
                   (unsigned long long)counts.wrong, counts.longest_gap_ms);
    r->figure[index] = figure_of(r->download, &counts);
    lk_download_free(r->download);
    r->download = NULL;
}

static void run_download(struct lk_journey_runner *r, size_t index,
                         struct lk_journey_outcome *outcome)
{
    const char *what = lk_journey_argument_of(&r->journey->step[index].call, "do", "");

    if (strcmp(what, "begin") == 0)
        begin(r, index, outcome);
    else if (r->no_download[0] != '\0')
        skip(r, index);
    else if (r->download == NULL)
        fail(r, index, "no download is under way: a step before begins one");
    else if (strcmp(what, "check") == 0)
        check(r, index, outcome);
    else
        end(r, index, outcome);
}

static const struct lk_journey_expectation expects[] = {
    { "result", "begun|goes on|done" }, { "octets", "#" },      { "missing", "#" },
    { "wrong", "#" },                   { "connections", "#" }, { "at-most-longest-gap-ms", "#" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_download_kind = {
    .name = "download", .read = read_download, .check = check_download, .run = run_download,
    .must_expect = true, .expects = expects,
};
