/* Inside the page: html.c has the frame, steps, causes and key trees, html_ladder.c the ladders. */
#ifndef LK_TRACE_HTML_PARTS_H
#define LK_TRACE_HTML_PARTS_H

#include "trace/html.h"
#include "trace/run_keys.h"

/* run LK_TRACE_NONE: the messages of none. keys may be NULL. */
void lk_page_ladder(FILE *to, const struct lk_trace *trace, size_t run,
                    const struct lk_run_keys *keys);

#endif
