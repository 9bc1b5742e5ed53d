/* Who could read this, as a drawing: a row an SA, a column a PoS or home, in light colours (svg.h)
 * that a page of ours replaces by its own. */
#include <stdio.h>
#include <string.h>

#include "trace/ladder.h"
#include "trace/reach.h"
#include "trace/svg.h"

enum {
    LEFT = 430,   /* of the first column */
    COLUMN = 164,
    CELL = 146,
    HEAD = 84,
    ROW = 46,
    LEGEND = 22,
    EDGE = 24,
    LETTERS = 20, /* of a name above a column */
    TITLE = 44,   /* letters of a run's */
};

static const struct lk_svg_class classes[] = {
    { "back", LK_SVG_BACK, LK_SVG_UNSAID, NULL },
    { "title", LK_SVG_INK, LK_SVG_UNSAID, "font-size=\"16\" font-weight=\"600\"" },
    { "name", LK_SVG_INK, LK_SVG_UNSAID, "font-weight=\"600\"" },
    { "soft", LK_SVG_SOFT, LK_SVG_UNSAID, "font-size=\"11\"" },
    { "word", LK_SVG_INK, LK_SVG_UNSAID, "font-size=\"12\"" },
    { "on", LK_SVG_BACK, LK_SVG_UNSAID, "font-size=\"12\" font-weight=\"600\"" },
    { "line", LK_SVG_UNSAID, LK_SVG_LINE, NULL },
    { "own", LK_SVG_CARD, LK_SVG_GRANTED, "stroke-width=\"1.8\"" },
    { "made", LK_SVG_CARD, LK_SVG_SYNC, "stroke-width=\"1.8\"" },
    { "hears", LK_SVG_CARD, LK_SVG_FAST, "stroke-width=\"1.8\"" },
    { "active", LK_SVG_NO_COLOUR, LK_SVG_SOFT, "stroke-width=\"1.4\" stroke-dasharray=\"4 3\"" },
    { "captured", LK_SVG_REFUSED, LK_SVG_REFUSED, NULL },
    { "column", LK_SVG_NO_COLOUR, LK_SVG_REFUSED, "stroke-width=\"2\"" },
    { "cut", LK_SVG_UNSAID, LK_SVG_GRANTED, "stroke-width=\"2.5\"" },
};

static void paint(FILE *to, const char *class)
{
    lk_svg_paint(to, classes, LK_COUNT_OF(classes), class);
}

static void put(FILE *to, const char *class, int x, int y, const char *anchor, const char *text)
{
    fprintf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"", x, y, anchor);
    paint(to, class);
    fputc('>', to);
    lk_escape(to, text);
    fprintf(to, "</text>\n");
}

static void box(FILE *to, const char *class, int x, int y, int width, int height)
{
    fprintf(to, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"", x, y, width, height);
    paint(to, class);
    fprintf(to, "/>\n");
}

static int column_x(size_t part)
{
    return LEFT + COLUMN * (int)part;
}

static bool shows_captured(const struct lk_reach *reach, const struct lk_reach_sa *sa, size_t part)
{
    return part == reach->captured && !sa->unused && !sa->cell[part].active_only;
}

static void draw_cell(FILE *to, const struct lk_reach *reach, const struct lk_reach_sa *sa,
                      size_t part, int y)
{
    static const char *const words[] = {
        [LK_REACH_HEARS] = "works it out", [LK_REACH_DOMAIN] = "may work it out",
        [LK_REACH_MADE] = "made K", [LK_REACH_HOME] = "authenticated", [LK_REACH_OWN] = "own SA",
    };
    static const char *const kinds[] = {
        [LK_REACH_HEARS] = "hears", [LK_REACH_DOMAIN] = "hears", [LK_REACH_MADE] = "made",
        [LK_REACH_HOME] = "own", [LK_REACH_OWN] = "own",
    };
    const struct lk_reach_cell *cell = &sa->cell[part];
    bool passive = shows_captured(reach, sa, part);
    int x = column_x(part);

    if (cell->how == LK_REACH_NOT)
        return;
    box(to, passive ? "captured" : cell->active_only ? "active" : kinds[cell->how], x, y, CELL, 28);
    put(to, passive ? "on" : "word", x + CELL / 2, y + 18, "middle",
        cell->active_only ? "only by altering" :
        sa->unused && cell->how == LK_REACH_OWN ? "own, unused" : words[cell->how]);
}

static const char *sa_words(const struct lk_reach_sa *sa, const struct lk_trace_run *run)
{
    const struct lk_trace_establishment *of = &run->mis;

    if (run->kind == LK_TRACE_CHANNEL)
        return "by DTLS, with a key of the home: no K";
    if (!sa->cut)
        return of->optimised ? "optimised" : "by ERP with a domain";
    if (of->optimised)
        return "by a key of the home: no chain";
    return of->erp ? "by ERP: the chain begins anew" : "in full: the chain begins anew";
}

static void draw_row(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace, size_t i,
                     int y)
{
    const struct lk_reach_sa *sa = &reach->sa[i];
    const struct lk_trace_establishment *of = &trace->runs[sa->run].mis;
    const struct lk_trace_run *run = &trace->runs[sa->run];
    char pos[LK_MIS_TEXT], text[LK_REACH_TITLE];

    lk_reach_pos_text(pos, trace, sa->run);
    fprintf(to, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"", EDGE, y,
            column_x(reach->parts), y);
    paint(to, sa->cut ? "cut" : "line");
    fprintf(to, "/>\n");
    (void)snprintf(text, sizeof text, "%zu  %.*s", sa->run + 1, TITLE, run->title);
    put(to, "name", EDGE, y + 20, "start", text);
    (void)snprintf(text, sizeof text, "%.22s, %s%s%s", pos,
                   sa_words(sa, run),
                   of->dh_mn && of->dh_pos ? ", X25519 mixed in" : "",
                   sa->unused ? "; the MN did not come" :
                   run->outcome == LK_TRACE_ACCEPTED ? "" : "; what followed is not here");
    put(to, "soft", EDGE, y + 36, "start", text);
    for (size_t part = 0; part < reach->parts; part++)
        draw_cell(to, reach, sa, part, y + 9);
    if (reach->captured != LK_TRACE_NONE && sa->cell[reach->captured].how == LK_REACH_NOT)
        put(to, "word", column_x(reach->captured) + CELL / 2, y + 27, "middle",
            lk_reach_captured_text(reach, trace, i));
}

static void draw_head(FILE *to, const struct lk_reach *reach, bool titled)
{
    char name[LK_MIS_TEXT];

    if (titled)
        put(to, "title", EDGE, 32, "start", "Who could read this");
    for (size_t part = 0; part < reach->parts; part++) {
        (void)snprintf(name, sizeof name, "%.*s%s", LETTERS, reach->part[part],
                       strlen(reach->part[part]) > LETTERS ? "..." : "");
        put(to, "name", column_x(part) + CELL / 2, HEAD - 12, "middle", name);
        if (part == reach->captured)
            put(to, "soft", column_x(part) + CELL / 2, HEAD - 30, "middle", "captured");
    }
}

/* ---- the legend: of what is drawn ---- */

enum { HOWS = LK_REACH_OWN + 1 };

struct drawn {
    bool how[HOWS], active, cut, unused, captured, nothing, cut_off, unknown;
};

static struct drawn drawn_of(const struct lk_reach *reach, const struct lk_trace *trace)
{
    struct drawn drawn = { .active = false };

    for (size_t i = 0; i < reach->sas; i++) {
        const struct lk_reach_sa *sa = &reach->sa[i];

        drawn.cut = drawn.cut || sa->cut;
        drawn.unused = drawn.unused || sa->unused;
        for (size_t part = 0; part < reach->parts; part++) {
            const struct lk_reach_cell *cell = &sa->cell[part];

            drawn.active = drawn.active || cell->active_only;
            if (!cell->active_only)
                drawn.how[cell->how] = true;
            drawn.captured = drawn.captured || (cell->how != LK_REACH_NOT &&
                                                shows_captured(reach, sa, part));
        }
        if (reach->captured != LK_TRACE_NONE && sa->cell[reach->captured].how == LK_REACH_NOT) {
            const char *word = lk_reach_captured_text(reach, trace, i);

            drawn.cut_off = drawn.cut_off || strcmp(word, "cut off") == 0;
            drawn.unknown = drawn.unknown || strcmp(word, "not known") == 0;
            drawn.nothing = drawn.nothing || strcmp(word, "nothing") == 0;
        }
    }
    return drawn;
}

/* How many lines; to: NULL: they are only counted. */
static int draw_legend(FILE *to, const struct drawn *drawn, int y)
{
    const struct {
        bool is_drawn;
        const char *text;
    } lines[] = {
        { drawn->how[LK_REACH_OWN], "Own SA: it is an end of it." },
        { drawn->unused, "Own, unused: it was made ready, and the MN did not come; nothing is "
                         "under it, and it is not counted." },
        { drawn->how[LK_REACH_MADE], "Made K: it made the K of this SA, or handed it on." },
        { drawn->how[LK_REACH_HOME], "Authenticated: the home of the MN, whose keys it stems "
                                     "from." },
        { drawn->how[LK_REACH_HEARS], "Works it out: K went to the MN under an SA whose K it has; "
                                      "it need only have listened." },
        { drawn->how[LK_REACH_DOMAIN], "May work it out: an ER server of its domain has the key "
                                       "that it stems from." },
        { drawn->active, "Only by altering: X25519 was mixed in; who only listened has nothing." },
        { drawn->cut, "Green line: established without a PoS of the chain, which ends what was "
                      "captured before." },
        { drawn->captured, "Red: what the captured one gives away, whatever of it was recorded." },
        { drawn->nothing, "Nothing: the captured one has no key of it." },
        { drawn->cut_off, "Cut off: it had the MN's SA before, and nothing of this one." },
        { drawn->unknown, "Not known: nothing went through that channel that names its PoS." },
    };
    int count = 0;

    for (size_t i = 0; i < LK_COUNT_OF(lines); i++) {
        if (!lines[i].is_drawn)
            continue;
        count++;
        if (to != NULL)
            put(to, "soft", EDGE, y + LEGEND * count, "start", lines[i].text);
    }
    return count;
}

void lk_reach_svg(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace, bool titled)
{
    struct drawn drawn = drawn_of(reach, trace);
    int width = column_x(reach->parts) + EDGE, rows = ROW * (int)reach->sas;
    int height = HEAD + rows + LEGEND * (draw_legend(NULL, &drawn, 0) + 1);

    if (width < 640)
        width = 640;
    fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"who could read which SA\" %s>\n"
            "<rect width=\"100%%\" height=\"100%%\"", width, height, width, height, lk_svg_letters);
    paint(to, "back");
    fprintf(to, "/>\n");
    draw_head(to, reach, titled);
    for (size_t i = 0; i < reach->sas; i++)
        draw_row(to, reach, trace, i, HEAD + ROW * (int)i);
    if (reach->captured != LK_TRACE_NONE)
        box(to, "column", column_x(reach->captured) - 9, HEAD - 48, COLUMN, rows + 54);
    (void)draw_legend(to, &drawn, HEAD + rows);
    fprintf(to, "</svg>\n");
}

void lk_reach_theme(FILE *to)
{
    lk_svg_theme(to, classes, LK_COUNT_OF(classes), "reach");
}
