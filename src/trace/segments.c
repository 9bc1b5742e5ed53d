#include "trace/segments.h"

struct lk_span lk_segments_take(struct lk_segments *stream, bool *anew,
                                const struct lk_datagram *segment)
{
    uint32_t begin = segment->sequence + (segment->begins ? 1 : 0), behind;
    struct lk_span none = { NULL, 0 }, fresh;

    *anew = segment->begins || !stream->is_set;
    if (*anew)
        *stream = (struct lk_segments){ .is_set = true, .next = begin };
    behind = stream->next - begin;
    if (segment->payload.len > 0 && behind >= UINT32_C(1) << 31) {
        stream->lost = true; /* a piece is missing */
        *anew = true;
    }
    if (stream->lost || behind >= segment->payload.len)
        return none;
    fresh = lk_span_of(segment->payload.at + behind, segment->payload.len - behind);
    stream->next += (uint32_t)fresh.len;
    return fresh;
}

static bool same_end(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    return a->v6 == b->v6 && a->port == b->port &&
           lk_span_equal(LK_SPAN(a->address), LK_SPAN(b->address));
}

size_t lk_flow_find(const struct lk_flow *flows, size_t count, const struct lk_datagram *datagram)
{
    size_t i = 0;

    while (i < count && !(flows[i].is_set &&
                          flows[i].tcp == (datagram->carrier == LK_CARRIER_TCP) &&
                          same_end(&flows[i].from, &datagram->from) &&
                          same_end(&flows[i].to, &datagram->to)))
        i++;
    return i;
}

size_t lk_flow_take(struct lk_flow *flows, size_t count, bool *anew,
                    const struct lk_datagram *datagram)
{
    size_t place = lk_flow_find(flows, count, datagram);
    uint64_t latest = 0;

    *anew = place == count;
    for (size_t i = 0; i < count; i++) {
        latest = flows[i].used > latest ? flows[i].used : latest;
        if (*anew && (place == count || flows[i].used < flows[place].used))
            place = i;
    }
    flows[place] = (struct lk_flow){ .is_set = true,
                                     .tcp = datagram->carrier == LK_CARRIER_TCP,
                                     .from = datagram->from,
                                     .to = datagram->to,
                                     .used = latest + 1 };
    return place;
}
