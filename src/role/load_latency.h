/* Latencies in logarithmic buckets: 32 to each doubling, so that a percentile is off by at most
 * three per cent, in a fixed amount of memory. */
#ifndef LK_ROLE_LOAD_LATENCY_H
#define LK_ROLE_LOAD_LATENCY_H

#include <stdint.h>

enum { LK_LATENCY_PER_DOUBLING = 32, LK_LATENCY_DOUBLINGS = 44 };

struct lk_latency {
    uint64_t count;
    uint64_t max_ns;
    uint64_t bucket[LK_LATENCY_PER_DOUBLING * LK_LATENCY_DOUBLINGS];
};

void lk_latency_add(struct lk_latency *latency, uint64_t ns);
/* The value below which share (0 to 1) of all lie, in microseconds; 0 when there is none. */
double lk_latency_percentile_us(const struct lk_latency *latency, double share);

#endif
