/* S-KWTs that a capture does not tell, and may still let know: of a KeNB that it has as a line, and
 * a WT Counter that RRC shows. */
#ifndef LK_TRACE_S_KWT_H
#define LK_TRACE_S_KWT_H

#include "trace/trace.h"

/* WT Counters that RRC tells a device, each once, in their order. */
enum { LK_WT_COUNTERS_MAX = 256 };
struct lk_wt_counters {
    size_t count;
    uint16_t counter[LK_WT_COUNTERS_MAX];
};
void lk_wt_counters_of(struct lk_wt_counters *counters, const struct lk_trace *trace,
                       const uint8_t station[LK_STATION_LEN]);

/* Keeps the S-KWT that the PMKID of message 1 at that index names, when a KeNB of its device makes
 * it at one of the last WT Counters before. None does: nothing is kept. */
LK_MUST_CHECK enum lk_status lk_s_kwt_find(struct lk_trace *trace, size_t index, enum lk_akm akm);

#endif
