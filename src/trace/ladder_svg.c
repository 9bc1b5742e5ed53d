/* The ladder as one SVG drawing. Colours follow the viewer's light or dark setting. Text stands
 * above and below its arrow and may run over lanes, never beyond the drawing or into other text:
 * widths are estimated, and what would not fit is cut. */
#include <stdio.h>
#include <string.h>

#include "trace/ladder.h"

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

static const char style[] =
    "<style>\n"
    ":root{--ink:#1b2430;--soft:#5d6b7d;--line:#c9d2dd;--back:#fbfcfe;--card:#eef2f7;"
    "--plain:#5d6b7d;--challenge:#1f6feb;--fast:#7a4fd6;--sync:#b26a00;--refused:#c8323f;"
    "--granted:#1a8a4a}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e7edf5;--soft:#97a5b8;--line:#364252;"
    "--back:#11161d;--card:#1b232e;--plain:#97a5b8;--challenge:#6aa8ff;--fast:#b395ff;"
    "--sync:#f0b04f;--refused:#ff7b86;--granted:#57d08b}}\n"
    "svg{background:var(--back);font:13px system-ui,sans-serif}text{fill:var(--ink);"
    "paint-order:stroke;stroke:var(--back);stroke-width:4px;stroke-linejoin:round}"
    ".soft{fill:var(--soft);font-size:11px}.time{fill:var(--soft);font:11px ui-monospace,monospace}"
    ".title{font-size:16px;font-weight:600}.lane{stroke:var(--line);stroke-width:1.5}"
    ".head{fill:var(--card);stroke:var(--line)}.head+text{stroke:none}.name{font-weight:600}"
    ".plain{stroke:var(--plain);fill:var(--plain)}.challenge{stroke:var(--challenge);"
    "fill:var(--challenge)}.fast{stroke:var(--fast);fill:var(--fast)}.sync{stroke:var(--sync);"
    "fill:var(--sync)}.refused{stroke:var(--refused);fill:var(--refused)}"
    ".granted{stroke:var(--granted);fill:var(--granted)}.air{stroke-dasharray:6 4}\n"
    "</style>\n";

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

static void stroke(const struct picture *p, enum lk_lane from, enum lk_lane target, int y,
                   const char *kind, bool air, bool head)
{
    int x1 = lane_x(p, from), x2 = lane_x(p, target), back = x2 > x1 ? -9 : 9;

    fprintf(p->to, "<line class=\"%s%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
            "stroke-width=\"1.8\"/>\n", kind, air ? " air" : "", x1, y, x2 + (head ? back : 0), y);
    if (head)
        fprintf(p->to, "<path class=\"%s\" d=\"M%d %dl%d -4.5v9z\"/>\n", kind, x2, y, back);
}

static void draw_lanes(const struct picture *p, int top, int bottom)
{
    for (size_t i = 0; i < p->lanes.count; i++) {
        int x = lane_x(p, p->lanes.lane[i]);

        fprintf(p->to, "<line class=\"lane\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x,
                top, x, bottom);
        fprintf(p->to, "<rect class=\"head\" x=\"%d\" y=\"%d\" width=\"120\" height=\"26\" "
                "rx=\"7\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x - 60,
                top - 26, x, top - 8, lk_lane_name(p->lanes.lane[i])->full);
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
    fprintf(p->to, "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>", class, early ? p->width - 8 : x, y,
            early ? " text-anchor=\"end\"" : "");
    lk_escape(p->to, text);
    fprintf(p->to, "</text>\n");
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
        fprintf(p->to, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                right + p->lane / 2, y + 4);
        lk_escape(p->to, text);
        fprintf(p->to, "</text>\n");
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

    lk_rung_of(&rung, p->trace, index);
    kind = lk_rung_kind_name(rung.kind);
    if (rung.asks_vault) {
        stroke(p, LK_LANE_VAULT, LK_LANE_AAA, y + 22, "plain", true, true);
        fprintf(p->to, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">one vector"
                "</text>\n", (lane_x(p, LK_LANE_AAA) + lane_x(p, LK_LANE_VAULT)) / 2, y + 16);
        y += VAULT_RUNG;
    }
    y += 30;
    fprintf(p->to, "<text class=\"time\" x=\"74\" y=\"%d\" text-anchor=\"end\">%.3f</text>\n",
            y + 4, (double)(int64_t)(m->at_ns - since) / 1e6);
    if (rung.air != LK_LANE_NONE && rung.air_first)
        stroke(p, rung.air, rung.from, y, kind, true, false);
    stroke(p, rung.from, rung.to, y, kind, false, rung.air == LK_LANE_NONE || rung.air_first);
    if (rung.air != LK_LANE_NONE && !rung.air_first)
        stroke(p, rung.to, rung.air, y, kind, true, true);
    if (rung.air != LK_LANE_NONE)
        fprintf(p->to, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"3.5\"/>\n", kind,
                lane_x(p, rung.air_first ? rung.from : rung.to), y);
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
    size_t first = start_of(trace, run);

    if (p.lanes.count == 0)
        return y;
    fprintf(to, "<text class=\"title\" x=\"24\" y=\"%d\">", y + 32);
    lk_escape(to, run == LK_TRACE_NONE ? "Other messages" : trace->runs[run].title);
    if (run != LK_TRACE_NONE)
        fprintf(to, ": %s", lk_trace_outcome_name(&trace->runs[run]));
    fprintf(to, "</text>\n");
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
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"message ladder\">\n%s", width, height,
            width, height, style);
    for (size_t r = from; r < end; r++)
        y = draw_run(to, trace, r, y);
    if (run == LK_TRACE_NONE)
        (void)draw_run(to, trace, LK_TRACE_NONE, y);
    fprintf(to, "</svg>\n");
}
