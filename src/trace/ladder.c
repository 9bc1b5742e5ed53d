#include "trace/ladder.h"

#include <string.h>

void lk_escape(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        default:
            fputc(*text, to);
            break;
        }
}

/* ---- text ---- */

enum { COLUMN = 12, LINE = COLUMN * LK_LANE_COUNT + 1 };

/* Lanes as text: all of them but the vault, which asks for no column of its own. */
static size_t columns(const struct lk_lanes *lanes)
{
    size_t count = 0;

    while (count < lanes->count && lanes->lane[count] != LK_LANE_VAULT)
        count++;
    return count;
}

static void bars(char line[LINE], const struct lk_lanes *lanes)
{
    size_t count = columns(lanes);

    memset(line, ' ', LINE);
    for (size_t i = 0; i < count; i++)
        line[COLUMN * i] = '|';
    line[count == 0 ? 0 : COLUMN * (count - 1) + 1] = '\0';
}

static void stroke(char line[LINE], const struct lk_lanes *lanes, enum lk_lane from,
                   enum lk_lane to, bool head)
{
    size_t x1 = COLUMN * lanes->place[from], x2 = COLUMN * lanes->place[to];
    size_t low = x1 < x2 ? x1 : x2, high = x1 < x2 ? x2 : x1;

    for (size_t x = low + 1; x < high; x++)
        if (line[x] == ' ')
            line[x] = '-';
    if (head && x1 < x2)
        line[x2 - 1] = '>';
    if (head && x1 > x2)
        line[x2 + 1] = '<';
}

static void print_message(FILE *to, const struct lk_trace *trace, const struct lk_lanes *lanes,
                          size_t index, uint64_t since)
{
    const struct lk_trace_message *m = &trace->messages[index];
    char name[LK_TRACE_NAME_MAX], carrier[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    char empty[LINE], line[LINE];
    struct lk_rung rung;

    lk_rung_of(&rung, trace, index);
    lk_trace_message_name(name, m);
    lk_trace_carrier_name(carrier, m);
    lk_trace_summary(summary, m);
    bars(empty, lanes);
    memcpy(line, empty, sizeof line);
    stroke(line, lanes, rung.from, rung.to, true);
    if (rung.air != LK_LANE_NONE && rung.air_first)
        stroke(line, lanes, rung.air, rung.from, false);
    else if (rung.air != LK_LANE_NONE)
        stroke(line, lanes, rung.to, rung.air, true);
    if (rung.asks_vault)
        fprintf(to, "%13s%s<= vault: one vector\n", "", empty);
    fprintf(to, "%10.3f   %s %s%s\n", (double)(int64_t)(m->at_ns - since) / 1e6, line, name,
            m->repeats != LK_TRACE_NONE ? "  (again)" : "");
    fprintf(to, "%13s%s   %s%s%zu octets%s\n", "", empty, carrier, carrier[0] != '\0' ? ", " : "",
            m->octets.len, m->opened ? ", opened" : "");
    if (summary[0] != '\0')
        fprintf(to, "%13s%s   %s\n", "", empty, summary);
}

static void print_lanes(FILE *to, const struct lk_lanes *lanes)
{
    size_t count = columns(lanes);

    fprintf(to, "%10s   ", "ms");
    for (size_t i = 0; i < count; i++)
        fprintf(to, "%-*s", i + 1 < count ? COLUMN : 0, lk_lane_name(lanes->lane[i])->plain);
    fprintf(to, "\n");
}

static void print_head(FILE *to, const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_run *r = &trace->runs[run];

    fprintf(to, "\n== %s: %s%s%s, %zu messages, %.3f ms\n", r->title,
            r->eap_type == 0 ? "" : r->eap_type == LK_EAP_AKA ? "EAP-AKA " : "EAP-AKA' ",
            r->fast ? "fast re-authentication " : "", lk_trace_outcome_name(r), r->count,
            (double)(trace->messages[r->last].at_ns - trace->messages[r->first].at_ns) / 1e6);
}

static void print_rungs(FILE *to, const struct lk_trace *trace, size_t run)
{
    size_t first = run == LK_TRACE_NONE ? 0 : trace->runs[run].first;
    size_t end = run == LK_TRACE_NONE ? trace->count : trace->runs[run].last + 1;
    struct lk_lanes lanes;

    lk_lanes_of(&lanes, trace, run);
    if (lanes.count == 0)
        return;
    if (run == LK_TRACE_NONE)
        fprintf(to, "\n== other messages\n");
    print_lanes(to, &lanes);
    for (size_t i = first; i < end; i++)
        if (trace->messages[i].run == run && lk_trace_is_shown(&trace->messages[i]))
            print_message(to, trace, &lanes, i, trace->messages[first].at_ns);
}

void lk_ladder_text(FILE *to, const struct lk_trace *trace, size_t run)
{
    for (size_t r = 0; r < trace->run_count; r++) {
        if (run != LK_TRACE_NONE && r != run)
            continue;
        print_head(to, trace, r);
        print_rungs(to, trace, r);
    }
    if (run == LK_TRACE_NONE)
        print_rungs(to, trace, LK_TRACE_NONE);
}
