/* The colours of our drawings, for paper here and by name for a page, and who wears them. */
#include <string.h>

#include "base/check.h"
#include "trace/svg.h"

const char lk_svg_letters[] =
    "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\" font-size=\"13\"";

static const struct {
    const char *light, *of_page;
} colours[LK_SVG_COLOURS] = {
    [LK_SVG_NO_COLOUR] = { "none", "none" },
    [LK_SVG_INK] = { "#1b2430", "var(--ink)" },
    [LK_SVG_SOFT] = { "#5d6b7d", "var(--soft)" },
    [LK_SVG_LINE] = { "#c9d2dd", "var(--line)" },
    [LK_SVG_BACK] = { "#ffffff", "var(--back)" },
    [LK_SVG_CARD] = { "#eef2f7", "var(--card)" },
    [LK_SVG_PLAIN] = { "#5d6b7d", "var(--plain)" },
    [LK_SVG_CHALLENGE] = { "#1f6feb", "var(--challenge)" },
    [LK_SVG_FAST] = { "#7a4fd6", "var(--fast)" },
    [LK_SVG_SYNC] = { "#b26a00", "var(--sync)" },
    [LK_SVG_REFUSED] = { "#c8323f", "var(--refused)" },
    [LK_SVG_GRANTED] = { "#1a8a4a", "var(--granted)" },
};

static const struct lk_svg_class *class_of(const struct lk_svg_class *classes, size_t count,
                                           const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    return NULL;
}

void lk_svg_paint(FILE *to, const struct lk_svg_class *classes, size_t count, const char *name)
{
    const struct lk_svg_class *c = class_of(classes, count, name);

    LK_ASSERT(c != NULL);
    fprintf(to, " class=\"%s\"", name);
    if (c->fill != LK_SVG_UNSAID)
        fprintf(to, " fill=\"%s\"", colours[c->fill].light);
    if (c->stroke != LK_SVG_UNSAID)
        fprintf(to, " stroke=\"%s\"", colours[c->stroke].light);
    if (c->more != NULL)
        fprintf(to, " %s", c->more);
}

void lk_svg_halo(FILE *to, const struct lk_svg_class *classes, size_t count, const char *name)
{
    const struct lk_svg_class *c = class_of(classes, count, name);
    const char *ground = colours[LK_SVG_BACK].light;

    LK_ASSERT(c != NULL);
    fprintf(to, " fill=\"%s\" stroke=\"%s\" stroke-width=\"4\" stroke-linejoin=\"round\"",
            ground, ground);
    if (c->more != NULL)
        fprintf(to, " %s", c->more);
}

void lk_svg_theme(FILE *to, const struct lk_svg_class *classes, size_t count, const char *scope)
{
    fprintf(to, "<style>\n");
    for (size_t i = 0; i < count; i++) {
        const struct lk_svg_class *c = &classes[i];

        fprintf(to, ".%s .%s{", scope, c->name);
        if (c->fill != LK_SVG_UNSAID)
            fprintf(to, "fill:%s;", colours[c->fill].of_page);
        if (c->stroke != LK_SVG_UNSAID)
            fprintf(to, "stroke:%s", colours[c->stroke].of_page);
        fprintf(to, "}\n");
    }
    fprintf(to, "</style>\n");
}
