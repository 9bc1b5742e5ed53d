/* The chart of a stream of octets: how much came when, where nothing came, and what happened. */
#ifndef LK_TRACE_STREAM_SVG_H
#define LK_TRACE_STREAM_SVG_H

#include <stdint.h>
#include <stdio.h>

struct lk_stream_sample {
    uint32_t ms;     /* from the beginning; ascending */
    uint64_t octets; /* that came so far */
};

struct lk_stream_mark {
    uint32_t ms;
    const char *name;
};

struct lk_stream_chart {
    size_t samples, marks;
    const struct lk_stream_sample *sample;
    const struct lk_stream_mark *mark;
};

/* Within a page; of less than two samples nothing. */
void lk_stream_svg(FILE *to, const struct lk_stream_chart *chart);

#endif
