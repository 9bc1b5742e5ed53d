/* Streams out of segments of TCP, for readers of captures: which octets of a segment are new, and
 * which of few flows it is of. A stream that is not seen from its beginning is taken to begin with
 * the first segment of it. Pure. */
#ifndef LK_TRACE_SEGMENTS_H
#define LK_TRACE_SEGMENTS_H

#include "trace/pcapng_read.h"

struct lk_segments {
    bool is_set, lost; /* lost: octets are missing, until it begins anew */
    uint32_t next;     /* the number that comes next */
};

/* What is new in it. anew: what had begun of a message is void. */
struct lk_span lk_segments_take(struct lk_segments *stream, bool *anew,
                                const struct lk_datagram *segment);

/* One direction between two ends. */
struct lk_flow {
    bool is_set, tcp;
    struct lk_capture_end from, to;
    uint64_t used;
};

/* The place of the datagram's flow; count: there is none. */
size_t lk_flow_find(const struct lk_flow *flows, size_t count, const struct lk_datagram *datagram);
/* The same, marked as used; or a new one, in the place of that which was used longest ago. Then
 * what the caller has beside it is void. */
size_t lk_flow_take(struct lk_flow *flows, size_t count, bool *anew,
                    const struct lk_datagram *datagram);

#endif
