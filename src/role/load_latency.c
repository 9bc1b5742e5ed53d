#include "role/load_latency.h"

static unsigned bucket_of(uint64_t ns)
{
    unsigned doubling, sub;

    if (ns < LK_LATENCY_PER_DOUBLING)
        return (unsigned)ns;
    doubling = 63 - (unsigned)__builtin_clzll(ns) - 5; /* 2^5 = LK_LATENCY_PER_DOUBLING */
    sub = (unsigned)(ns >> doubling) & (LK_LATENCY_PER_DOUBLING - 1);
    if (doubling + 1 >= LK_LATENCY_DOUBLINGS)
        return LK_LATENCY_PER_DOUBLING * LK_LATENCY_DOUBLINGS - 1;
    return (doubling + 1) * LK_LATENCY_PER_DOUBLING + sub;
}

/* The middle of what falls into the bucket. */
static double value_of(unsigned bucket)
{
    unsigned doubling = bucket / LK_LATENCY_PER_DOUBLING;
    unsigned sub = bucket % LK_LATENCY_PER_DOUBLING;

    if (doubling == 0)
        return sub;
    return (LK_LATENCY_PER_DOUBLING + sub + 0.5) * (double)(1ull << (doubling - 1));
}

void lk_latency_add(struct lk_latency *latency, uint64_t ns)
{
    latency->count++;
    latency->bucket[bucket_of(ns)]++;
    if (ns > latency->max_ns)
        latency->max_ns = ns;
}

double lk_latency_percentile_us(const struct lk_latency *latency, double share)
{
    uint64_t below = 0;
    double target = share * (double)latency->count;

    for (unsigned i = 0; i < LK_LATENCY_PER_DOUBLING * LK_LATENCY_DOUBLINGS; i++) {
        below += latency->bucket[i];
        if (below > 0 && (double)below >= target)
            return value_of(i) / 1000;
    }
    return 0;
}
