/* The ladder of the page. Rungs that are alike, or that only together say something, lie in a fold:
 * the flights of a handshake, the packets of a ping, a message that is sent over and over. */
#include "trace/html_parts.h"

#include <string.h>

#include "trace/fields.h"
#include "trace/ladder.h"

static void write_field(void *context, const struct lk_field *field)
{
    FILE *to = context;

    fprintf(to, "<tr class=\"d%u\"><td>", field->depth);
    lk_escape(to, field->name);
    fprintf(to, "</td><td>");
    lk_escape(to, field->value);
    fprintf(to, "</td><td>");
    lk_escape(to, field->clause);
    fprintf(to, "</td></tr>\n");
}

/* Between lanes, which may be broken: style for whatever has the class "at". */
static void write_between(FILE *to, const char *class, double a, double b)
{
    fprintf(to, "<span class=\"at %s\" style=\"--a:%g;--b:%g\">", class, a < b ? a : b,
            a < b ? b : a);
}

static void write_stroke(FILE *to, const struct lk_lanes *lanes, enum lk_lane from,
                         enum lk_lane target, bool air, bool head)
{
    size_t a = lanes->place[from], b = lanes->place[target];
    char class[32];

    snprintf(class, sizeof class, "wire%s%s", air ? " air" : "",
             !head ? "" : a < b ? " to-right" : " to-left");
    write_between(to, class, (double)a, (double)b);
    fprintf(to, "</span>");
}

static void write_arrow(FILE *to, const struct lk_lanes *lanes, const struct lk_rung *rung)
{
    bool air = rung->air != LK_LANE_NONE;
    enum lk_lane captured = air && !rung->air_first ? rung->to : rung->from;

    if (air && rung->air_first)
        write_stroke(to, lanes, rung->air, rung->from, true, false);
    if (air && !rung->air_first)
        write_stroke(to, lanes, rung->to, rung->air, true, true);
    write_stroke(to, lanes, rung->from, rung->to, false, !air || rung->air_first);
    fprintf(to, "<span class=\"dot\" style=\"--a:%zu\"></span>", lanes->place[captured]);
}

/* Where the words of a rung stand: a from the lane most to the left, b at the lane most to the
 * right. Where few lanes leave room, the carrier has its place in the gap behind b; else words go
 * on to the edge, and begin earlier when that is too near. */
struct words {
    double a, b;
    bool gap, at_edge;
};

static struct words words_of(const struct lk_lanes *lanes, const struct lk_rung *rung)
{
    enum { FEW = 4, WIDTH = 980, LEAST = 400 };
    enum lk_lane ends[] = { rung->from, rung->to, rung->air };
    double need = LEAST * (double)lanes->count / WIDTH, edge = (double)lanes->count - .5;
    struct words words = { .a = (double)lanes->count, .b = 0 };

    for (size_t i = 0; i < LK_COUNT_OF(ends); i++) {
        double x;

        if (ends[i] == LK_LANE_NONE)
            continue;
        x = (double)lanes->place[ends[i]];
        words.a = x < words.a ? x : words.a;
        words.b = x > words.b ? x : words.b;
    }
    words.gap = lanes->count <= FEW && words.b >= words.a + 2
                && words.b + 1 < (double)lanes->count;
    if (words.gap)
        return words;
    words.b = edge;
    words.at_edge = words.a + need > edge;
    if (words.at_edge)
        words.a = edge - need > -.5 ? edge - need : -.5;
    return words;
}

/* The text of a rung: what it is, what carries it, what is in it. */
struct text {
    char name[LK_TRACE_NAME_MAX + 32], carrier[2 * LK_TRACE_NAME_MAX];
    char summary[LK_TRACE_SUMMARY_MAX];
    bool again;
};

static void text_of(struct text *text, const struct lk_trace_message *m)
{
    size_t len;

    lk_trace_message_name(text->name, m);
    lk_trace_carrier_name(text->carrier, m);
    lk_trace_summary(text->summary, m);
    text->again = m->repeats != LK_TRACE_NONE;
    len = strlen(text->carrier);
    snprintf(text->carrier + len, sizeof text->carrier - len, "%s%zu octets%s", len > 0 ? ", " : "",
             m->octets.len, m->opened && m->protocol != LK_TRACE_ASKED ? ", opened" : "");
}

static void write_words(FILE *to, const struct lk_lanes *lanes, const struct lk_rung *rung,
                        const struct text *text)
{
    struct words words = words_of(lanes, rung);

    write_between(to, words.at_edge ? "label end" : "label", words.a, words.b);
    fprintf(to, "<b>");
    lk_escape(to, text->name);
    fprintf(to, "</b>%s</span>", text->again ? " (again)" : "");
    if (text->summary[0] != '\0' || !words.gap) {
        write_between(to, words.at_edge ? "under end" : "under", words.a, words.b);
        fprintf(to, "<span>");
        if (!words.gap) {
            fprintf(to, "<i>");
            lk_escape(to, text->carrier);
            fprintf(to, "%s</i>", text->summary[0] != '\0' ? ": " : "");
        }
        lk_escape(to, text->summary);
        fprintf(to, "</span></span>");
    }
    if (words.gap) {
        write_between(to, "carrier", words.b, words.b + 1);
        fprintf(to, "<span>");
        lk_escape(to, text->carrier);
        fprintf(to, "</span></span>");
    }
}

static void write_vault(FILE *to, const struct lk_trace *trace, const struct lk_lanes *lanes,
                        const struct lk_trace_message *m, enum lk_lane from)
{
    double who = (double)lanes->place[from], vault = (double)lanes->place[LK_LANE_VAULT];
    struct lk_rung asked = { .kind = LK_RUNG_PLAIN };

    if (m->answers != LK_TRACE_NONE)
        lk_rung_of(&asked, trace, m->answers);
    fprintf(to, "<div class=\"msg vault\">");
    write_between(to, "wire air ask to-right", who, vault);
    fprintf(to, "</span>");
    write_between(to, "wire air told to-left", who, vault);
    fprintf(to, "</span>");
    write_between(to, "label", who, vault);
    fprintf(to, "<span>%s</span></span></div>\n",
            asked.kind == LK_RUNG_SYNC ? "AUTS in, one vector out" : "one vector");
}

static void write_message(FILE *to, const struct lk_trace *trace, const struct lk_lanes *lanes,
                          size_t index, uint64_t since, const struct lk_run_keys *keys)
{
    const struct lk_trace_message *m = &trace->messages[index];
    struct lk_rung rung;
    struct text text;

    lk_rung_of(&rung, trace, index);
    text_of(&text, m);
    if (rung.asks_vault)
        write_vault(to, trace, lanes, m, rung.from);
    fprintf(to, "<details class=\"msg k-%s%s\" id=\"m%zu\"><summary><time>%+.3f ms</time>",
            lk_rung_kind_name(rung.kind), m->repeats != LK_TRACE_NONE ? " again" : "", index + 1,
            (double)(int64_t)(m->at_ns - since) / 1e6);
    write_arrow(to, lanes, &rung);
    write_words(to, lanes, &rung, &text);
    fprintf(to, "</summary>\n<div class=\"fields\"><table>\n");
    lk_fields_visit(m, keys, write_field, to);
    fprintf(to, "</table></div></details>\n");
}

static void write_lanes(FILE *to, const struct lk_lanes *lanes)
{
    fprintf(to, "<div class=\"sheet ladder\" style=\"--lanes:%zu\"><div class=\"rails\">",
            lanes->count);
    for (size_t i = 0; i < lanes->count; i++)
        fprintf(to, "<i style=\"--n:%zu\"></i>", i);
    fprintf(to, "</div><div class=\"lanes\"><span></span>");
    for (size_t i = 0; i < lanes->count; i++) {
        const struct lk_lane_name *name = lk_lane_name(lanes->lane[i]);

        fprintf(to, "<span><b>%s</b><abbr>%s</abbr><small>%s</small></span>", name->full,
                name->brief, name->part);
    }
    fprintf(to, "</div>\n");
}

/* ---- folds ---- */

enum { FOLD_LEAST = 3, FOLD_PACKETS = 40 /* of a fold of packets that are shown */ };

/* Rungs from first on that are one fold; count 1: none. */
struct fold {
    size_t first, end, count;
};

static bool begins_step(const struct lk_trace_message *m, struct lk_span step)
{
    return m->comment.len > 0 && !lk_span_equal(m->comment, step);
}

/* A packet of a device: of the user plane, or in a tunnel of Mobile IP. */
static bool is_packet(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_USER ||
           ((m->protocol == LK_TRACE_MIP || m->protocol == LK_TRACE_MIP6) &&
            m->mip.kind == LK_TRACE_MIP_TUNNEL);
}

static bool go_together(const struct lk_trace_message *a, const struct lk_trace_message *b)
{
    char one[LK_TRACE_NAME_MAX], other[LK_TRACE_NAME_MAX];

    if (a->protocol != b->protocol || a->opened != b->opened)
        return false;
    if (a->protocol == LK_TRACE_DTLS || is_packet(a) || is_packet(b))
        return a->protocol == LK_TRACE_DTLS || (is_packet(a) && is_packet(b));
    lk_trace_message_name(one, a);
    lk_trace_message_name(other, b);
    return a->request == b->request && strcmp(one, other) == 0;
}

static struct fold fold_at(const struct lk_trace *trace, size_t first, size_t end)
{
    const struct lk_trace_message *m = &trace->messages[first];
    struct fold fold = { .first = first, .end = first + 1, .count = 1 };

    for (size_t i = first + 1; i < end; i++) {
        const struct lk_trace_message *next = &trace->messages[i];

        if (next->run != m->run || !lk_trace_is_shown(next))
            continue;
        if (begins_step(next, m->comment) || !go_together(m, next))
            break;
        fold.end = i + 1;
        fold.count++;
        if (next->protocol == LK_TRACE_DTLS && next->dtls.finished && !next->request)
            break; /* the handshake is done */
    }
    if (fold.count < FOLD_LEAST)
        fold = (struct fold){ .first = first, .end = first + 1, .count = 1 };
    return fold;
}

static bool is_in(const struct lk_trace *trace, size_t run, size_t index)
{
    return trace->messages[index].run == run && lk_trace_is_shown(&trace->messages[index]);
}

/* From the lane most to the left to the one most to the right, and the worst that is in it. */
static void fold_rung(struct lk_rung *all, const struct lk_trace *trace,
                      const struct lk_lanes *lanes, const struct fold *fold)
{
    size_t run = trace->messages[fold->first].run;
    struct lk_rung rung;

    lk_rung_of(all, trace, fold->first);
    if (lanes->place[all->from] > lanes->place[all->to]) {
        enum lk_lane from = all->from;

        all->from = all->to;
        all->to = from;
    }
    all->air = LK_LANE_NONE;
    for (size_t i = fold->first; i < fold->end; i++) {
        if (!is_in(trace, run, i))
            continue;
        lk_rung_of(&rung, trace, i);
        for (int end = 0; end < 2; end++) {
            enum lk_lane lane = end == 0 ? rung.from : rung.to;

            if (lanes->place[lane] < lanes->place[all->from])
                all->from = lane;
            if (lanes->place[lane] > lanes->place[all->to])
                all->to = lane;
        }
        if (all->kind != LK_RUNG_REFUSED
            && (rung.kind == LK_RUNG_REFUSED || rung.kind == LK_RUNG_GRANTED))
            all->kind = rung.kind;
    }
}

static void dtls_text(struct text *text, const struct lk_trace *trace, const struct fold *fold)
{
    size_t run = trace->messages[fold->first].run;
    struct lk_span identity = lk_span_of(NULL, 0);
    const char *suite = NULL;
    bool hello = false;

    for (size_t i = fold->first; i < fold->end; i++) {
        const struct lk_trace_dtls *dtls = &trace->messages[i].dtls;

        if (!is_in(trace, run, i))
            continue;
        hello = hello || dtls->hello;
        suite = dtls->suite != 0 ? lk_trace_suite_name(dtls->suite) : suite;
        identity = dtls->identity.len > 0 ? dtls->identity : identity;
    }
    snprintf(text->name, sizeof text->name, hello ? "DTLS handshake" : "DTLS");
    snprintf(text->carrier, sizeof text->carrier, "%zu flights", fold->count);
    snprintf(text->summary, sizeof text->summary, "%s%s%.*s", suite != NULL ? suite : "",
             identity.len > 0 ? ", identity " : "",
             (int)(identity.len < 64 ? identity.len : 64),
             identity.len > 0 ? (const char *)identity.at : "");
}

/* That packet is here for the second time: between gateway and anchor, or between two agents. */
static bool is_further(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    struct lk_rung rung;

    if (m->protocol == LK_TRACE_USER)
        return m->user.tunnel;
    lk_rung_of(&rung, trace, index);
    return rung.from != LK_LANE_MN && rung.to != LK_LANE_MN;
}

static void packets_text(struct text *text, const struct lk_trace *trace, const struct fold *fold)
{
    const struct lk_trace_message *first = &trace->messages[fold->first];
    size_t requests = 0, replies = 0, octets = 0;
    char name[LK_TRACE_NAME_MAX];

    for (size_t i = fold->first; i < fold->end; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (!is_in(trace, first->run, i))
            continue;
        octets += m->octets.len;
        lk_trace_message_name(name, m);
        requests += !is_further(trace, i) && strcmp(name, "Echo request") == 0;
        replies += !is_further(trace, i) && strcmp(name, "Echo reply") == 0;
    }
    lk_trace_summary(text->summary, first);
    if (strstr(text->summary, ", sequence") != NULL)
        *strstr(text->summary, ", sequence") = '\0';
    if (requests > 0)
        snprintf(text->name, sizeof text->name, "Ping: %zu asked, %zu answered", requests, replies);
    else
        snprintf(text->name, sizeof text->name, "Packets of the %s",
                 first->protocol == LK_TRACE_USER ? "user plane" : "tunnel");
    snprintf(text->carrier, sizeof text->carrier, "%zu datagrams, %zu octets", fold->count, octets);
}

static void write_step(FILE *to, const struct lk_trace_message *m, size_t index)
{
    char title[LK_TRACE_NAME_MAX];

    snprintf(title, sizeof title, "%.*s",
             (int)(m->comment.len < sizeof title ? m->comment.len : sizeof title - 1),
             (const char *)m->comment.at);
    fprintf(to, "<h3 class=\"step\" id=\"at-%zu\"><span>", index + 1);
    lk_escape(to, title);
    fprintf(to, "</span></h3>\n");
}

static void write_fold(FILE *to, const struct lk_trace *trace, const struct lk_lanes *lanes,
                       const struct fold *fold, uint64_t since)
{
    const struct lk_trace_message *m = &trace->messages[fold->first];
    struct text text = { .again = false };
    struct lk_rung rung;

    fold_rung(&rung, trace, lanes, fold);
    if (m->protocol == LK_TRACE_DTLS) {
        dtls_text(&text, trace, fold);
    } else if (is_packet(m)) {
        packets_text(&text, trace, fold);
    } else {
        char name[LK_TRACE_NAME_MAX];

        lk_trace_message_name(name, m);
        snprintf(text.name, sizeof text.name, "%zu times %s", fold->count, name);
        lk_trace_summary(text.summary, m);
    }
    fprintf(to, "<details class=\"msg fold k-%s\"><summary><time>%+.3f ms</time>",
            lk_rung_kind_name(rung.kind), (double)(int64_t)(m->at_ns - since) / 1e6);
    write_between(to, "wire both", (double)lanes->place[rung.from],
                  (double)lanes->place[rung.to]);
    fprintf(to, "</span>");
    write_words(to, lanes, &rung, &text);
    fprintf(to, "</summary>\n<div class=\"folded\">\n");
}

static void end_fold(FILE *to, size_t packets)
{
    if (packets > FOLD_PACKETS)
        fprintf(to, "<p class=\"more\">and %zu more; trace ladder has them all</p>\n",
                packets - FOLD_PACKETS);
    fprintf(to, "</div></details>\n");
}

void lk_page_ladder(FILE *to, const struct lk_trace *trace, size_t run,
                    const struct lk_run_keys *keys)
{
    bool strays = run == LK_TRACE_NONE;
    size_t first = strays ? 0 : trace->runs[run].first;
    size_t end = strays ? trace->count : trace->runs[run].last + 1, folded = 0, shown = 0;
    struct lk_span step = trace->messages[first].comment;
    uint64_t since = trace->messages[first].at_ns;
    struct lk_lanes lanes;

    lk_lanes_of(&lanes, trace, run);
    write_lanes(to, &lanes);
    for (size_t i = first; i < end; i++) {
        const struct lk_trace_message *m = &trace->messages[i];
        struct fold fold;

        if (!is_in(trace, run, i))
            continue;
        if (folded == 0 && begins_step(m, step)) {
            write_step(to, m, i);
            step = m->comment;
        }
        fold = folded == 0 ? fold_at(trace, i, end) : (struct fold){ .count = 1 };
        if (fold.count > 1) {
            write_fold(to, trace, &lanes, &fold, since);
            folded = fold.count;
            shown = 0;
        }
        if (folded == 0 || !is_packet(m) || shown++ < FOLD_PACKETS)
            write_message(to, trace, &lanes, i, since, keys);
        if (folded > 0 && --folded == 0)
            end_fold(to, shown);
    }
    fprintf(to, "</div>\n");
}
