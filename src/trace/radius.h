/* RADIUS in a trace: what protocol_radius's row is made of. */
#ifndef LK_TRACE_RADIUS_H
#define LK_TRACE_RADIUS_H

#include "proto/radius/private.h"
#include "trace/protocol.h"
#include "wire/eap_mode.h"

/* The enterprise number of the private attributes, as configurations have it by default. */
enum { LK_TRACE_ENTERPRISE = 32473 };

/* "WLCP-Key"; NULL when it is none of ours. */
const char *lk_trace_private_name(uint32_t vendor, uint8_t type);

void lk_radius_fields(const struct lk_teller *teller, const struct lk_trace_message *message);

#endif
