/* The chart of a stream: a bar for each of some hundred pieces of its time, the places where
 * nothing came in another colour, and a numbered line for each mark. The numbers are those of the
 * table below the drawing. */
#include "trace/stream_svg.h"

#include "base/check.h"
#include "base/octets.h"
#include "trace/svg.h"

enum { WIDTH = 1000, LEFT = 78, RIGHT = 980, TOP = 52, BASE = 212, HEIGHT = 244, BINS = 180,
       A_BIN = 2, /* samples, at least */
       LEVELS = 3, /* of the marks' numbers: steps may begin close together */
       GAP_MS = 200 };

static const struct lk_svg_class classes[] = {
    { "stream-soft", LK_SVG_SOFT, LK_SVG_UNSAID, "font-size=\"11.5\"" },
    { "stream-bar", LK_SVG_CHALLENGE, LK_SVG_UNSAID, NULL },
    { "stream-gap", LK_SVG_REFUSED, LK_SVG_UNSAID, "fill-opacity=\"0.25\"" },
    { "stream-line", LK_SVG_UNSAID, LK_SVG_LINE, NULL },
    { "stream-mark", LK_SVG_UNSAID, LK_SVG_SYNC, "stroke-dasharray=\"4 3\"" },
};

static void paint(FILE *to, const char *name)
{
    lk_svg_paint(to, classes, LK_COUNT_OF(classes), name);
}

static void text(FILE *to, double x, double y, const char *anchor)
{
    fprintf(to, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"", x, y, anchor);
    paint(to, "stream-soft");
    fputc('>', to);
}

static void line(FILE *to, const char *name, double x1, double y1, double x2, double y2)
{
    fprintf(to, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"", x1, y1, x2, y2);
    paint(to, name);
    fprintf(to, "/>\n");
}

static void rect(FILE *to, const char *name, double x, double y, double wide, double high)
{
    fprintf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", x, y, wide, high);
    paint(to, name);
    fprintf(to, "/>\n");
}

static double x_of(const struct lk_stream_chart *c, uint32_t ms)
{
    uint32_t end = c->sample[c->samples - 1].ms;

    return ms >= end ? RIGHT : LEFT + (double)(RIGHT - LEFT) * ms / end;
}

/* What came in each piece; the most of them. */
static uint64_t fill(uint64_t bin[BINS], const struct lk_stream_chart *c, size_t bins)
{
    uint32_t end = c->sample[c->samples - 1].ms;
    uint64_t most = 1;

    for (size_t i = 1; i < c->samples; i++) {
        size_t at = (size_t)((uint64_t)c->sample[i].ms * bins / (end + 1u));

        LK_ASSERT(at < bins); /* samples ascend */
        bin[at] += c->sample[i].octets - c->sample[i - 1].octets;
        most = bin[at] > most ? bin[at] : most;
    }
    return most;
}

uint32_t lk_stream_longest_gap(const struct lk_stream_chart *c, uint32_t from_ms,
                               uint32_t until_ms)
{
    uint32_t longest = 0;

    for (size_t i = 0; i < c->samples; i++) {
        uint32_t since = c->sample[i].gap_at_ms, ms = since + c->sample[i].gap_ms;

        since = since < from_ms ? from_ms : since;
        if (since < until_ms && ms > since && ms - since > longest)
            longest = ms - since;
    }
    return longest;
}

static void write_gaps(FILE *to, const struct lk_stream_chart *c)
{
    uint32_t since = c->sample[0].ms;

    for (size_t i = 1; i < c->samples; i++) {
        if (c->sample[i].octets == c->sample[i - 1].octets && i + 1 < c->samples)
            continue;
        if (c->sample[i].ms - since >= GAP_MS)
            rect(to, "stream-gap", x_of(c, since), TOP, x_of(c, c->sample[i].ms) - x_of(c, since),
                 BASE - TOP);
        since = c->sample[i].ms;
    }
}

void lk_stream_svg(FILE *to, const struct lk_stream_chart *c)
{
    size_t bins = c->samples / A_BIN < BINS ? c->samples / A_BIN : BINS;
    uint64_t bin[BINS] = { 0 }, most;
    double wide = (double)(RIGHT - LEFT) / (double)(bins > 0 ? bins : 1);
    uint32_t end = c->samples > 1 ? c->sample[c->samples - 1].ms : 0;

    if (end == 0)
        return;
    most = fill(bin, c, bins);
    fprintf(to, "<div class=\"sheet chart stream\"><svg xmlns=\"http://www.w3.org/2000/svg\" "
            "role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" %s>\n<title>Octets that "
            "came in each %u ms of %.1f s; shaded: nothing came for %d ms or more; numbered lines: "
            "what happened</title>\n", WIDTH, HEIGHT, WIDTH, HEIGHT, lk_svg_letters,
            end / (unsigned)bins, end / 1e3, GAP_MS);
    lk_svg_theme(to, classes, LK_COUNT_OF(classes), "stream");
    write_gaps(to, c);
    for (size_t i = 0; i < bins; i++)
        if (bin[i] > 0) {
            double high = (double)(BASE - TOP) * (double)bin[i] / (double)most;

            rect(to, "stream-bar", LEFT + wide * (double)i, BASE - high, wide - 1, high);
        }
    line(to, "stream-line", LEFT, BASE, RIGHT, BASE);
    for (size_t i = 0; i < c->marks; i++) {
        line(to, "stream-mark", x_of(c, c->mark[i].ms), TOP - 8, x_of(c, c->mark[i].ms), BASE);
        text(to, x_of(c, c->mark[i].ms), TOP - 12 - 12 * (double)(i % LEVELS), "middle");
        fprintf(to, "%zu</text>\n", i + 1);
    }
    text(to, LEFT - 8, TOP + 10, "end");
    fprintf(to, "%.0f kB/s</text>\n", (double)most * (double)bins / end);
    text(to, LEFT, BASE + 20, "start");
    fprintf(to, "0 s</text>\n");
    text(to, RIGHT, BASE + 20, "end");
    fprintf(to, "%.1f s</text>\n</svg></div>\n", end / 1e3);
}
