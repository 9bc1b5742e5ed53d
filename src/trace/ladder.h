/* The ladder of a trace: who said what to whom, with a lane for each part that the capture shows.
 * As text, as SVG, and (html.h) as a page. */
#ifndef LK_TRACE_LADDER_H
#define LK_TRACE_LADDER_H

#include <stdio.h>

#include "trace/rung.h"

/* run LK_TRACE_NONE: all of them, and what belongs to none. */
void lk_ladder_text(FILE *to, const struct lk_trace *trace, size_t run);
void lk_ladder_svg(FILE *to, const struct lk_trace *trace, size_t run);

/* Writes text with &, <, > and quotes escaped for XML and HTML. */
void lk_escape(FILE *to, const char *text);

#endif
