/* The page of a trace: one self-contained HTML file that opens anywhere, also without a network and
 * without scripts: a table of steps, and for each run what it was, the ladder with every message to
 * be opened, why it failed, and the key tree. Key values only when asked for. */
#ifndef LK_TRACE_HTML_H
#define LK_TRACE_HTML_H

#include <stdio.h>

#include "trace/explain.h"

/* One line of the table. Runs belong to the step whose name their packets carry as comment. */
struct lk_page_step {
    const char *name;
    const char *what;   /* one sentence about it; may be "" */
    const char *result; /* "accepted, fast, 4 messages"; may be "" */
    bool passed, skipped; /* neither: it failed */
    double ms;
    const struct lk_explain_facts *facts; /* NULL: none */
    const char *figure; /* HTML for a section of its own; NULL: there is none */
};

struct lk_page {
    const char *title;
    const char *subtitle;
    const struct lk_trace *trace;
    const struct lk_page_step *steps; /* NULL: one a run, by its outcome */
    size_t step_count;
    const struct lk_explain_facts *facts; /* of runs without a step */
    bool show_keys;
    const char *captured; /* a PoS, by its MISF ID; NULL: none */
};

void lk_page_write(FILE *to, const struct lk_page *page);

#endif
