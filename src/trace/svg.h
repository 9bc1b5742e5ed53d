/* What is common to our drawings: how an element of a class is painted. Each element carries its
 * light colours and its letters as attributes, because a text processor and many a viewer know
 * nothing of variables in a style sheet. A drawing within a page of ours (html.h) follows the
 * page's theme besides, by a style sheet made from the same rows. */
#ifndef LK_TRACE_SVG_H
#define LK_TRACE_SVG_H

#include <stddef.h>
#include <stdio.h>

enum lk_svg_colour {
    LK_SVG_UNSAID, LK_SVG_NO_COLOUR, LK_SVG_INK, LK_SVG_SOFT, LK_SVG_LINE, LK_SVG_BACK, LK_SVG_CARD,
    LK_SVG_PLAIN, LK_SVG_CHALLENGE, LK_SVG_FAST, LK_SVG_SYNC, LK_SVG_REFUSED, LK_SVG_GRANTED,
    LK_SVG_COLOURS,
};

struct lk_svg_class {
    const char *name;
    enum lk_svg_colour fill, stroke;
    const char *more; /* attributes, NULL for none */
};

/* Attributes of the outermost element: the letters of all text. */
extern const char lk_svg_letters[];

/* Writes class="NAME" and what its row in classes[0..count) says; NAME is among them. */
void lk_svg_paint(FILE *to, const struct lk_svg_class *classes, size_t count, const char *name);
/* The same letters in the colour of the ground and wide: drawn first, under the text, so that no
 * line crosses it. (Not every viewer would do it in one element, by paint-order.) */
void lk_svg_halo(FILE *to, const struct lk_svg_class *classes, size_t count, const char *name);
/* Writes the style sheet by which elements within .SCOPE have the colours of the page. */
void lk_svg_theme(FILE *to, const struct lk_svg_class *classes, size_t count, const char *scope);

#endif
