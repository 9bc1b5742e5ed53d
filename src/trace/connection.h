/* Connections in a trace: a run of a device and its TWAG, or of a TWAG and an anchor, is one DTLS
 * connection and the messages inside, where whoever ended it wrote them into the capture. */
#ifndef LK_TRACE_CONNECTION_H
#define LK_TRACE_CONNECTION_H

#include "trace/protocol.h"

/* Sets run, and request unless knows_side. anew: a connection begins here, if the one between the
 * same ends is decided. */
LK_MUST_CHECK enum lk_status lk_connection_place(struct lk_trace *trace, size_t index,
                                                 bool knows_side, bool anew,
                                                 enum lk_trace_run_kind kind);
/* The one request of a device that its TWAG has not answered yet; LK_TRACE_NONE when there is none,
 * or when more than one device waits. */
size_t lk_trace_asked_of_twag(const struct lk_trace *trace, size_t index);
/* The lanes of its two ends. */
void lk_connection_rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index);

#endif
