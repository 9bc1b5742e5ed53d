/* The chart of the laboratory, one SVG drawing for paper and screen: a lane for each way, in it how
 * long data was suspended in a handover, and beside it how often the association was lost. What was
 * modelled is in the caption, so that the chart can stand alone. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "app/lab.h"
#include "trace/ladder.h"
#include "trace/svg.h"

enum {
    WIDTH = 1000,
    LEFT = 246, RIGHT = 696,   /* of the distribution */
    ZERO = 26,                 /* from LEFT to the middle of the column of zeroes, */
    ONE = 64,                  /* and to 1 ms */
    BESIDE = 740, BESIDE_END = 930,
    TOP = 92, LANE = 92, BAR = 62, /* a bar of all handovers */
    BINS = 64, A_DECADE = 12,
    LINE = 16, CAPTION_LETTERS = 158, CAPTION_MAX = 2400,
};

static const struct lk_svg_class classes[] = {
    { "lab-soft", LK_SVG_SOFT, LK_SVG_UNSAID, "font-size=\"11.5\"" },
    { "lab-title", LK_SVG_INK, LK_SVG_UNSAID, "font-size=\"16\" font-weight=\"600\"" },
    { "lab-way", LK_SVG_INK, LK_SVG_UNSAID, "font-weight=\"600\"" },
    { "lab-line", LK_SVG_UNSAID, LK_SVG_LINE, "stroke-width=\"1\"" },
    { "lab-back", LK_SVG_BACK, LK_SVG_UNSAID, NULL },
    { "lab-bar", LK_SVG_CHALLENGE, LK_SVG_UNSAID, NULL },
    { "lab-lost", LK_SVG_REFUSED, LK_SVG_UNSAID, NULL },
    { "lab-anew", LK_SVG_NO_COLOUR, LK_SVG_SYNC, "stroke-width=\"1.5\"" },
};

struct chart {
    FILE *to;
    const struct lk_lab_table *table;
    unsigned lanes, decades; /* of the axis of ms */
    double most;             /* of the axis beside it, a handover */
};

/* ---- scales ---- */

static double x_of_ms(const struct chart *c, double ms)
{
    if (ms <= 0)
        return LEFT + ZERO;
    return LEFT + ONE + log10(ms < 1 ? 1 : ms) / c->decades * (RIGHT - LEFT - ONE);
}

static double x_beside(const struct chart *c, double number)
{
    return BESIDE + number / c->most * (BESIDE_END - BESIDE);
}

static double each(uint64_t number, const struct lk_lab_result *r)
{
    return r->done == 0 ? 0 : (double)number / (double)r->done;
}

static void scale(struct chart *c)
{
    c->decades = 2;
    c->most = 1;
    for (unsigned i = 0; i < LK_LAB_WAYS; i++) {
        const struct lk_lab_result *r = &c->table->result[i];
        double lost = each(r->deauthentications, r), anew = each(r->associations, r);

        if (!c->table->wanted[i])
            continue;
        c->lanes++;
        while (r->suspension.most > pow(10, c->decades))
            c->decades++;
        while (lost > c->most || anew > c->most)
            c->most++;
    }
}

/* ---- parts ---- */

static void paint(const struct chart *c, const char *class)
{
    lk_svg_paint(c->to, classes, LK_COUNT_OF(classes), class);
}

static void write_text(const struct chart *c, double x, double y, const char *class,
                       const char *anchor, const char *text)
{
    fprintf(c->to, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"", x, y, anchor);
    paint(c, class);
    fputc('>', c->to);
    lk_escape(c->to, text);
    fprintf(c->to, "</text>\n");
}

static void write_line(const struct chart *c, const char *class, double x, double y, double x2,
                       double y2)
{
    fprintf(c->to, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"", x, y, x2, y2);
    paint(c, class);
    fprintf(c->to, "/>\n");
}

static void write_rect(const struct chart *c, const char *class, double x, double y, double width,
                       double height)
{
    fprintf(c->to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", x, y, width,
            height);
    paint(c, class);
    fprintf(c->to, "/>\n");
}

static void write_axes(const struct chart *c)
{
    double end = TOP + LANE * c->lanes;
    char text[32];

    write_text(c, LEFT + ZERO, end + 18, "lab-soft", "middle", "0");
    write_line(c, "lab-line", LEFT + ZERO, TOP, LEFT + ZERO, end);
    for (unsigned d = 0; d <= c->decades; d++) {
        double x = x_of_ms(c, pow(10, d));

        snprintf(text, sizeof text, "%.0f", pow(10, d));
        write_line(c, "lab-line", x, TOP, x, end);
        write_text(c, x, end + 18, "lab-soft", "middle", text);
    }
    write_text(c, (LEFT + RIGHT) / 2.0, end + 38, "lab-soft", "middle",
               "WLAN data suspended in a handover, ms (logarithmic; 0 apart)");
    for (unsigned i = 0; i <= (unsigned)c->most; i++) {
        double x = x_beside(c, i);

        snprintf(text, sizeof text, "%u", i);
        write_line(c, "lab-line", x, TOP, x, end);
        write_text(c, x, end + 18, "lab-soft", "middle", text);
    }
    write_text(c, (BESIDE + BESIDE_END) / 2.0, end + 38, "lab-soft", "middle",
               "a handover");
}

static unsigned bin_of(uint32_t ms)
{
    return ms == 0 ? 0 : 1 + (unsigned)(log10(ms) * A_DECADE + 1e-9);
}

static void write_distribution(const struct chart *c, const struct lk_lab_result *r, double base)
{
    double wide = (double)(RIGHT - LEFT - ONE) / c->decades / A_DECADE;
    size_t count[BINS] = { 0 };

    for (size_t i = 0; i < r->samples; i++)
        count[bin_of(r->suspension_ms[i]) < BINS ? bin_of(r->suspension_ms[i]) : BINS - 1]++;
    for (unsigned bin = 0; bin < BINS; bin++) {
        double share = (double)count[bin] / (double)r->samples;
        double height = share * BAR < 2 ? 2 : share * BAR; /* one of many shows too */
        double x = bin == 0 ? LEFT + ZERO - wide / 2
                            : x_of_ms(c, pow(10, (bin - 1.0) / A_DECADE));

        if (count[bin] > 0)
            write_rect(c, "lab-bar", x + 1, base - height, wide - 2, height);
    }
}

static void write_lane(const struct chart *c, enum lk_lab_way way, double top)
{
    const struct lk_lab_result *r = &c->table->result[way];
    double base = top + LANE - 8, lost = each(r->deauthentications, r),
           anew = each(r->associations, r);
    char text[96];

    write_text(c, 16, top + 26, "lab-way", "start", lk_lab_way_rows[way].title);
    snprintf(text, sizeof text, "median %u, p99 %u, most %u ms", r->suspension.median,
             r->suspension.p99, r->suspension.most);
    write_text(c, 16, top + 45, "lab-soft", "start", text);
    snprintf(text, sizeof text, "%llu of %llu with equal keys", (unsigned long long)r->equal,
             (unsigned long long)r->done);
    write_text(c, 16, top + 62, "lab-soft", "start", text);
    snprintf(text, sizeof text, "new key in use after %u, p99 %u ms", r->rekey.median,
             r->rekey.p99);
    write_text(c, 16, top + 79, "lab-soft", "start", text);
    write_line(c, "lab-line", LEFT, base, RIGHT, base);
    write_line(c, "lab-line", BESIDE, base, BESIDE_END, base);
    if (r->samples > 0)
        write_distribution(c, r, base);
    write_rect(c, "lab-lost", BESIDE, top + 30, x_beside(c, lost) - BESIDE, 16);
    snprintf(text, sizeof text, "%.2f", lost);
    write_text(c, x_beside(c, lost) + 6, top + 42, "lab-soft", "start", text);
    write_rect(c, "lab-anew", BESIDE, top + 56, x_beside(c, anew) - BESIDE, 16);
    snprintf(text, sizeof text, "%.2f", anew);
    write_text(c, x_beside(c, anew) + 6, top + 68, "lab-soft", "start", text);
}

/* ---- the caption ---- */

static void put(char text[CAPTION_MAX], const char *format, ...) LK_PRINTF(2, 3);

static void put(char text[CAPTION_MAX], const char *format, ...)
{
    size_t len = strlen(text);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text + len, CAPTION_MAX - len, format, args);
    va_end(args);
}

static void caption_of(char text[CAPTION_MAX], const struct lk_lab_table *table)
{
    const struct lk_lab_options *o = &table->options;
    char range[32];

    text[0] = '\0';
    put(text, "%u handovers asked for, %u ms apart, seeds: %llu; the WT is kept; %u.%u %% "
        "of the frames on the air and %u.%u %% of the messages of RRC lost. Bars: share of the "
        "handovers; full height is all of them. Modelled, drawn evenly:", o->handovers,
        o->spacing_ms, (unsigned long long)o->seeds, o->loss / 10, o->loss % 10, o->uu_loss / 10,
        o->uu_loss % 10);
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        put(text, " %s %s (%s)%s", lk_lab_delay_rows[i].help,
            lk_lab_range_text(range, &o->delay[i]), lk_lab_delay_rows[i].source,
            i + 1 < LK_LAB_DELAYS ? ";" : "; keys take no time. Timers (ours):");
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        put(text, " %s %u%s%s", lk_lab_timer_rows[i].name, o->timer[i],
            i == LK_LAB_TRIES ? "" : " ms", i + 1 < LK_LAB_TIMERS ? "," : ".");
    if (lk_lab_rejoin_shows(table))
        put(text, " The second peak of WT first is rejoin, from one association to the next.");
    put(text, " latchkey %s: %s", LK_VERSION, table->command);
}

/* How many lines it takes. */
static unsigned write_caption(const struct chart *c, double top, bool write)
{
    char text[CAPTION_MAX], line[CAPTION_LETTERS + 1], *at = text;
    unsigned lines = 0;

    caption_of(text, c->table);
    while (*at != '\0') {
        size_t len = strlen(at);

        if (len > CAPTION_LETTERS)
            for (len = CAPTION_LETTERS; len > 1 && at[len] != ' ';)
                len--;
        memcpy(line, at, len);
        line[len] = '\0';
        at += len;
        at += *at == ' ';
        if (write)
            write_text(c, 16, top + LINE * lines, "lab-soft", "start", line);
        lines++;
    }
    return lines;
}

/* ---- the whole ---- */

static void write_head(const struct chart *c)
{
    write_text(c, 16, 30, "lab-title", "start",
               "LTE-WLAN aggregation: a new key at each handover, the WT kept");
    write_text(c, 16, 52, "lab-soft", "start",
               "Who is told first: what that does to the WLAN association and to its data");
    write_text(c, LEFT, TOP - 8, "lab-soft", "start", "Suspension of data");
    write_rect(c, "lab-lost", BESIDE, TOP - 36, 10, 10);
    write_text(c, BESIDE + 16, TOP - 27, "lab-soft", "start", "deauthentications by the WT");
    write_rect(c, "lab-anew", BESIDE, TOP - 18, 10, 10);
    write_text(c, BESIDE + 16, TOP - 9, "lab-soft", "start", "associations anew");
}

void lk_lab_svg(FILE *to, const struct lk_lab_table *table, bool alone)
{
    struct chart c = { .to = to, .table = table };
    unsigned lane = 0, height;
    double end;

    scale(&c);
    end = TOP + LANE * c.lanes + 68;
    height = (unsigned)end + LINE * write_caption(&c, 0, false);
    fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lab\" role=\"img\" "
            "width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" %s>\n"
            "<title>Suspension of WLAN data and associations lost, for each order of re-keying"
            "</title>\n", WIDTH, height, WIDTH, height, lk_svg_letters);
    if (alone)
        write_rect(&c, "lab-back", 0, 0, WIDTH, height);
    else
        lk_svg_theme(to, classes, LK_COUNT_OF(classes), "lab");
    write_head(&c);
    write_axes(&c);
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            write_lane(&c, (enum lk_lab_way)i, TOP + LANE * lane++);
    (void)write_caption(&c, end, true);
    fprintf(to, "</svg>\n");
}
