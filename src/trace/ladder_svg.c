/* The ladder as one SVG drawing, in light colours (svg.h). Text stands above and below its arrow
 * and may run over lanes, never beyond the drawing or into other text: widths are estimated, and
 * what would not fit is cut. */
#include <stdio.h>
#include <string.h>

#include "trace/ladder.h"
#include "trace/svg.h"

enum {
    LEFT = 150,    /* of the first lane */
    RIGHT = 125,   /* of the last lane */
    LEAST = 600,   /* of the drawing */
    WIDE = 235,    /* between few lanes */
    NARROW = 170,  /* between many */
    FEW = 4,
    HEAD = 84,     /* of a run */
    RUNG = 58,
    VAULT_RUNG = 34,
    NAME_TENTHS = 74,    /* of a pixel: a letter of a name */
    SUMMARY_TENTHS = 58, /* and of the line below */
};

/* The classes of a rung are those of lk_rung_kind_name. */
static const struct lk_svg_class classes[] = {
    { "back", LK_SVG_BACK, LK_SVG_UNSAID, NULL },
    { "title", LK_SVG_INK, LK_SVG_UNSAID, "font-size=\"16\" font-weight=\"600\"" },
    { "part", LK_SVG_INK, LK_SVG_UNSAID, NULL },
    { "name", LK_SVG_INK, LK_SVG_UNSAID, "font-weight=\"600\"" },
    { "soft", LK_SVG_SOFT, LK_SVG_UNSAID, "font-size=\"11\"" },
    { "time", LK_SVG_SOFT, LK_SVG_UNSAID,
      "font-size=\"11\" font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\"" },
    { "lane", LK_SVG_UNSAID, LK_SVG_LINE, "stroke-width=\"1.5\"" },
    { "head", LK_SVG_CARD, LK_SVG_LINE, NULL },
    { "plain", LK_SVG_PLAIN, LK_SVG_PLAIN, NULL },
    { "challenge", LK_SVG_CHALLENGE, LK_SVG_CHALLENGE, NULL },
    { "fast", LK_SVG_FAST, LK_SVG_FAST, NULL },
    { "sync", LK_SVG_SYNC, LK_SVG_SYNC, NULL },
    { "refused", LK_SVG_REFUSED, LK_SVG_REFUSED, NULL },
    { "granted", LK_SVG_GRANTED, LK_SVG_GRANTED, NULL },
};

/* Where things are in the picture of one run. */
struct picture {
    FILE *to;
    const struct lk_trace *trace;
    struct lk_lanes lanes;
    int lane, width;
};

static struct picture picture_of(FILE *to, const struct lk_trace *trace, size_t run)
{
    struct picture p = { .to = to, .trace = trace };

    lk_lanes_of(&p.lanes, trace, run);
    p.lane = p.lanes.count > FEW ? NARROW : WIDE;
    p.width = LEFT + p.lane * (int)(p.lanes.count > 0 ? p.lanes.count - 1 : 0) + RIGHT;
    return p;
}

static int lane_x(const struct picture *p, enum lk_lane lane)
{
    return LEFT + p->lane * (int)p->lanes.place[lane];
}

static void paint(FILE *to, const char *class)
{
    lk_svg_paint(to, classes, LK_COUNT_OF(classes), class);
}

static void write_text(FILE *to, const char *class, int x, int y, const char *anchor,
                       const char *text)
{
    for (int halo = 1; halo >= 0; halo--) {
        fprintf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"%s", x, y, anchor,
                halo ? " aria-hidden=\"true\"" : "");
        (halo ? lk_svg_halo : lk_svg_paint)(to, classes, LK_COUNT_OF(classes), class);
        fputc('>', to);
        lk_escape(to, text);
        fprintf(to, "</text>\n");
    }
}

static void stroke(const struct picture *p, enum lk_lane from, enum lk_lane target, int y,
                   const char *kind, bool air, bool head)
{
    int x1 = lane_x(p, from), x2 = lane_x(p, target), back = x2 > x1 ? -9 : 9;

    fprintf(p->to, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke-width=\"1.8\"%s", x1, y,
            x2 + (head ? back : 0), y, air ? " stroke-dasharray=\"6 4\"" : "");
    paint(p->to, kind);
    fprintf(p->to, "/>\n");
    if (head) {
        fprintf(p->to, "<path d=\"M%d %dl%d -4.5v9z\"", x2, y, back);
        paint(p->to, kind);
        fprintf(p->to, "/>\n");
    }
}

static void draw_lanes(const struct picture *p, int top, int bottom)
{
    for (size_t i = 0; i < p->lanes.count; i++) {
        int x = lane_x(p, p->lanes.lane[i]);

        fprintf(p->to, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"", x, top, x, bottom);
        paint(p->to, "lane");
        fprintf(p->to, "/>\n<rect x=\"%d\" y=\"%d\" width=\"120\" height=\"26\" rx=\"7\"",
                x - 60, top - 26);
        paint(p->to, "head");
        fprintf(p->to, "/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\"", x, top - 8);
        paint(p->to, "part");
        fprintf(p->to, ">%s</text>\n", lk_lane_name(p->lanes.lane[i])->full);
    }
}

/* A line of text from x on, or, where that is too near the edge, up to the edge. */
static void put_text(const struct picture *p, const char *class, int x, int y, char *text,
                     int tenths)
{
    size_t len = strlen(text), most = (size_t)((p->width - LEFT / 2) * 10 / tenths);
    bool early;

    if (len > most) {
        memcpy(text + most - 3, "...", 4);
        len = most;
    }
    early = x + (int)len * tenths / 10 > p->width - 8;
    write_text(p->to, class, early ? p->width - 8 : x, y, early ? "end" : "start", text);
}

static void write_words(const struct picture *p, const struct lk_trace_message *m,
                        const struct lk_rung *rung, int y)
{
    char name[LK_TRACE_NAME_MAX + 16], carrier[LK_TRACE_NAME_MAX], text[512];
    char summary[LK_TRACE_SUMMARY_MAX];
    int left = lane_x(p, rung->from), right = left, ends[2] = { lane_x(p, rung->to), left };
    bool gap;

    if (rung->air != LK_LANE_NONE)
        ends[1] = lane_x(p, rung->air);
    for (size_t i = 0; i < LK_COUNT_OF(ends); i++) {
        left = ends[i] < left ? ends[i] : left;
        right = ends[i] > right ? ends[i] : right;
    }
    gap = p->lanes.count <= FEW && right >= left + 2 * p->lane
          && right + p->lane <= p->width - RIGHT;
    lk_trace_message_name(name, m);
    lk_trace_carrier_name(carrier, m);
    lk_trace_summary(summary, m);
    if (m->repeats != LK_TRACE_NONE)
        memcpy(name + strlen(name), " (again)", sizeof " (again)");
    put_text(p, "name", left + 10, y - 7, name, NAME_TENTHS);
    snprintf(text, sizeof text, "%s%s%zu octets%s", carrier, carrier[0] != '\0' ? ", " : "",
             m->octets.len, m->opened ? ", opened" : "");
    if (gap) {
        write_text(p->to, "soft", right + p->lane / 2, y + 4, "middle", text);
        text[0] = '\0';
    }
    if (summary[0] != '\0')
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                 text[0] != '\0' ? ": " : "", summary);
    put_text(p, "soft", left + 10, y + 16, text, SUMMARY_TENTHS);
}

static int draw_rung(const struct picture *p, size_t index, uint64_t since, int y)
{
    const struct lk_trace_message *m = &p->trace->messages[index];
    const char *kind;
    struct lk_rung rung;
    char time[32];

    lk_rung_of(&rung, p->trace, index);
    kind = lk_rung_kind_name(rung.kind);
    if (rung.asks_vault) {
        stroke(p, LK_LANE_VAULT, rung.from, y + 22, "plain", true, true);
        write_text(p->to, "soft", (lane_x(p, rung.from) + lane_x(p, LK_LANE_VAULT)) / 2, y + 16,
                   "middle", "one vector");
        y += VAULT_RUNG;
    }
    y += 30;
    snprintf(time, sizeof time, "%.3f", (double)(int64_t)(m->at_ns - since) / 1e6);
    write_text(p->to, "time", 74, y + 4, "end", time);
    if (rung.air != LK_LANE_NONE && rung.air_first)
        stroke(p, rung.air, rung.from, y, kind, true, false);
    stroke(p, rung.from, rung.to, y, kind, false, rung.air == LK_LANE_NONE || rung.air_first);
    if (rung.air != LK_LANE_NONE && !rung.air_first)
        stroke(p, rung.to, rung.air, y, kind, true, true);
    if (rung.air != LK_LANE_NONE) {
        fprintf(p->to, "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\"",
                lane_x(p, rung.air_first ? rung.from : rung.to), y);
        paint(p->to, kind);
        fprintf(p->to, "/>\n");
    }
    write_words(p, m, &rung, y);
    return y + RUNG - 30;
}

/* ---- the whole ---- */

static size_t end_of(const struct lk_trace *trace, size_t run)
{
    return run == LK_TRACE_NONE ? trace->count : trace->runs[run].last + 1;
}

static size_t start_of(const struct lk_trace *trace, size_t run)
{
    return run == LK_TRACE_NONE ? 0 : trace->runs[run].first;
}

/* Of the rungs of one run, or of those of none. */
static int height_of(const struct lk_trace *trace, size_t run)
{
    struct lk_rung rung;
    int height = 0;

    for (size_t i = start_of(trace, run); i < end_of(trace, run); i++) {
        if (trace->messages[i].run != run || !lk_trace_is_shown(&trace->messages[i]))
            continue;
        lk_rung_of(&rung, trace, i);
        height += RUNG + (rung.asks_vault ? VAULT_RUNG : 0);
    }
    return height;
}

static int draw_run(FILE *to, const struct lk_trace *trace, size_t run, int y)
{
    struct picture p = picture_of(to, trace, run);
    char title[LK_TRACE_TITLE_MAX + 32];
    size_t first = start_of(trace, run);

    if (p.lanes.count == 0)
        return y;
    snprintf(title, sizeof title, "%s%s%s",
             run == LK_TRACE_NONE ? "Other messages" : trace->runs[run].title,
             run == LK_TRACE_NONE ? "" : ": ",
             run == LK_TRACE_NONE ? "" : lk_trace_outcome_name(&trace->runs[run]));
    write_text(to, "title", 24, y + 32, "start", title);
    draw_lanes(&p, y + HEAD - 6, y + HEAD + height_of(trace, run));
    y += HEAD;
    for (size_t i = first; i < end_of(trace, run); i++)
        if (trace->messages[i].run == run && lk_trace_is_shown(&trace->messages[i]))
            y = draw_rung(&p, i, trace->messages[first].at_ns, y);
    return y + 20;
}

void lk_ladder_svg(FILE *to, const struct lk_trace *trace, size_t run)
{
    size_t from = run == LK_TRACE_NONE ? 0 : run;
    size_t end = run == LK_TRACE_NONE ? trace->run_count : run + 1;
    int width = LEAST, height = 20, y = 0;

    for (size_t r = from; r <= end; r++) {
        size_t this_run = r < end ? r : LK_TRACE_NONE;
        struct picture p = picture_of(to, trace, this_run);

        if (r == end && run != LK_TRACE_NONE)
            break;
        width = p.width > width ? p.width : width;
        height += p.lanes.count > 0 ? height_of(trace, this_run) + HEAD + 20 : 0;
    }
    fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"message ladder\" %s>\n"
            "<rect width=\"100%%\" height=\"100%%\"", width, height, width, height, lk_svg_letters);
    paint(to, "back");
    fprintf(to, "/>\n");
    for (size_t r = from; r < end; r++)
        y = draw_run(to, trace, r, y);
    if (run == LK_TRACE_NONE)
        (void)draw_run(to, trace, LK_TRACE_NONE, y);
    fprintf(to, "</svg>\n");
}
