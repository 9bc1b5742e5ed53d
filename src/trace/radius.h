/* RADIUS in a trace: what protocol_radius's row is made of. */
#ifndef LK_TRACE_RADIUS_H
#define LK_TRACE_RADIUS_H

#include "trace/protocol.h"

void lk_radius_fields(const struct lk_teller *teller, const struct lk_trace_message *message);

#endif
