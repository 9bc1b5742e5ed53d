/* The ladder as one SVG drawing. Colours follow the viewer's light or dark setting. */
#include <stdio.h>
#include <string.h>

#include "trace/ladder.h"

enum {
    WIDTH = 980,
    LEFT = 150,   /* of the first lane */
    LANE = 235,   /* between lanes */
    HEAD = 84,    /* of a run */
    RUNG = 58,
    VAULT_RUNG = 34,
};

static const char style[] =
    "<style>\n"
    ":root{--ink:#1b2430;--soft:#5d6b7d;--line:#c9d2dd;--back:#fbfcfe;--card:#eef2f7;"
    "--plain:#5d6b7d;--challenge:#1f6feb;--fast:#7a4fd6;--sync:#b26a00;--refused:#c8323f;"
    "--granted:#1a8a4a}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e7edf5;--soft:#97a5b8;--line:#364252;"
    "--back:#11161d;--card:#1b232e;--plain:#97a5b8;--challenge:#6aa8ff;--fast:#b395ff;"
    "--sync:#f0b04f;--refused:#ff7b86;--granted:#57d08b}}\n"
    "svg{background:var(--back);font:13px system-ui,sans-serif}text{fill:var(--ink)}"
    ".soft{fill:var(--soft);font-size:11px}.time{fill:var(--soft);font:11px ui-monospace,monospace}"
    ".title{font-size:16px;font-weight:600}.lane{stroke:var(--line);stroke-width:1.5}"
    ".head{fill:var(--card);stroke:var(--line)}.name{font-weight:600}"
    ".plain{stroke:var(--plain);fill:var(--plain)}.challenge{stroke:var(--challenge);"
    "fill:var(--challenge)}.fast{stroke:var(--fast);fill:var(--fast)}.sync{stroke:var(--sync);"
    "fill:var(--sync)}.refused{stroke:var(--refused);fill:var(--refused)}"
    ".granted{stroke:var(--granted);fill:var(--granted)}.air{stroke-dasharray:6 4}\n"
    "</style>\n";

static int lane_x(enum lk_lane lane)
{
    return LEFT + LANE * (int)lane;
}

static void arrow(FILE *to, enum lk_lane from, enum lk_lane target, int y, const char *kind,
                  const char *more)
{
    int x1 = lane_x(from), x2 = lane_x(target), back = x2 > x1 ? -9 : 9;

    fprintf(to, "<line class=\"%s%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
            "stroke-width=\"1.8\"/>\n", kind, more, x1, y, x2 + back, y);
    fprintf(to, "<path class=\"%s\" d=\"M%d %dl%d -4.5v9z\"/>\n", kind, x2, y, back);
}

static void lanes(FILE *to, int top, int bottom)
{
    for (int i = 0; i < LK_LANE_COUNT; i++) {
        int x = lane_x((enum lk_lane)i);

        fprintf(to, "<line class=\"lane\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x, top, x,
                bottom);
        fprintf(to, "<rect class=\"head\" x=\"%d\" y=\"%d\" width=\"120\" height=\"26\" rx=\"7\"/>"
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x - 60, top - 26, x,
                top - 8, lk_lane_name((enum lk_lane)i));
    }
}

static int rung(FILE *to, const struct lk_trace *trace, size_t index, uint64_t since, int y)
{
    const struct lk_trace_message *m = &trace->messages[index];
    const char *kind = lk_rung_kind_name(lk_rung_kind_of(m));
    char name[LK_TRACE_NAME_MAX], radius[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    int device = lane_x(LK_LANE_DEVICE), access = lane_x(LK_LANE_ACCESS_POINT);
    int middle = (access + lane_x(LK_LANE_AAA)) / 2;

    lk_trace_message_name(name, m);
    lk_trace_radius_name(radius, m);
    lk_trace_summary(summary, m);
    if (lk_rung_shows_vault(trace, index)) {
        arrow(to, LK_LANE_VAULT, LK_LANE_AAA, y + 22, "plain", " air");
        fprintf(to, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">one vector"
                "</text>\n", (lane_x(LK_LANE_AAA) + lane_x(LK_LANE_VAULT)) / 2, y + 16);
        y += VAULT_RUNG;
    }
    y += 30;
    fprintf(to, "<text class=\"time\" x=\"74\" y=\"%d\" text-anchor=\"end\">%.3f</text>\n", y + 4,
            (double)(int64_t)(m->at_ns - since) / 1e6);
    if (m->request) {
        if (m->has_eap)
            fprintf(to, "<line class=\"%s air\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
                    "stroke-width=\"1.8\"/>\n", kind, device, y, access, y);
        arrow(to, LK_LANE_ACCESS_POINT, LK_LANE_AAA, y, kind, "");
    } else {
        fprintf(to, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
                "stroke-width=\"1.8\"/>\n", kind, access, y, lane_x(LK_LANE_AAA), y);
        arrow(to, LK_LANE_ACCESS_POINT, m->has_eap ? LK_LANE_DEVICE : LK_LANE_ACCESS_POINT, y,
              kind, " air");
    }
    fprintf(to, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"3.5\"/>\n", kind, access, y);
    fprintf(to, "<text class=\"name\" x=\"%d\" y=\"%d\">", device + 10, y - 7);
    lk_escape(to, name);
    fprintf(to, "%s</text>\n<text class=\"soft\" x=\"%d\" y=\"%d\">",
            m->repeats != LK_TRACE_NONE ? " (again)" : "", device + 10, y + 16);
    if (strlen(summary) > 70)
        memcpy(summary + 67, "...", 4);
    lk_escape(to, summary);
    fprintf(to, "</text>\n<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
            middle + 50, y - 7);
    lk_escape(to, radius);
    fprintf(to, ", %zu octets</text>\n", m->radius.len);
    return y + RUNG - 30;
}

static int height_of(const struct lk_trace *trace, size_t run)
{
    int height = 0;

    for (size_t i = 0; i < trace->count; i++) {
        if (trace->messages[i].run == LK_TRACE_NONE
            || (run != LK_TRACE_NONE && trace->messages[i].run != run))
            continue;
        height += RUNG + (lk_rung_shows_vault(trace, i) ? VAULT_RUNG : 0);
    }
    return height;
}

void lk_ladder_svg(FILE *to, const struct lk_trace *trace, size_t run)
{
    int runs = run == LK_TRACE_NONE ? (int)trace->run_count : 1;
    int height = height_of(trace, run) + runs * (HEAD + 20) + 20, y = 0;

    fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"message ladder\">\n%s", WIDTH, height,
            WIDTH, height, style);
    for (size_t r = 0; r < trace->run_count; r++) {
        const struct lk_trace_run *this_run = &trace->runs[r];

        if (run != LK_TRACE_NONE && r != run)
            continue;
        fprintf(to, "<text class=\"title\" x=\"24\" y=\"%d\">", y + 32);
        lk_escape(to, this_run->title);
        fprintf(to, ": %s</text>\n", lk_trace_outcome_name(this_run->outcome));
        lanes(to, y + HEAD - 6, y + HEAD + height_of(trace, r));
        y += HEAD;
        for (size_t i = this_run->first; i <= this_run->last; i++)
            if (trace->messages[i].run == r)
                y = rung(to, trace, i, trace->messages[this_run->first].at_ns, y);
        y += 20;
    }
    fprintf(to, "</svg>\n");
}
