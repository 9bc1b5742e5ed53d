/* The chart of a stream of octets: how much came when, where nothing came, and what happened. */
#ifndef LK_TRACE_STREAM_SVG_H
#define LK_TRACE_STREAM_SVG_H

#include <stdint.h>
#include <stdio.h>

struct lk_stream_sample {
    uint32_t ms;     /* from the beginning; ascending */
    uint64_t octets; /* that came so far */
    uint32_t gap_at_ms, gap_ms; /* the longest that ended since the sample before; 0: none */
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

/* The longest time without an octet that begins in that one, its end not included; and how much of
 * it is behind its end counts too; of one that a mark stands in, what is behind the mark. 0: there
 * is none. */
uint32_t lk_stream_longest_gap(const struct lk_stream_chart *chart, uint32_t from_ms,
                               uint32_t until_ms);
/* Within a page; of less than two samples nothing. */
void lk_stream_svg(FILE *to, const struct lk_stream_chart *chart);

#endif
