/* RADIUS in a trace: what protocol_radius's row is made of. */
#ifndef LK_TRACE_RADIUS_H
#define LK_TRACE_RADIUS_H

#include "proto/radius/private_mip.h"
#include "trace/protocol.h"
#include "wire/eap_mode.h"

/* The enterprise number of the private attributes, as configurations have it by default. */
enum { LK_TRACE_ENTERPRISE = 32473 };

/* "WLCP-Key"; NULL when it is none of ours. */
const char *lk_trace_private_name(uint32_t vendor, uint8_t type);

/* ---- radius_mip.c ---- */

/* An agent of Mobile IP asks, however badly. */
bool lk_radius_seen_asks_mip(const struct lk_trace_message *m);
/* What it asks; room as lk_radius_take_mip_ask has it. */
bool lk_radius_seen_mip(struct lk_radius_mip_ask *ask, const struct lk_trace_message *m,
                        uint8_t *room, size_t cap);
/* The registration that it is about, or LK_TRACE_NONE; and whose question it is. */
size_t lk_radius_seen_mip_run(const struct lk_trace *trace, size_t index);
enum lk_lane lk_radius_seen_mip_lane(const struct lk_trace_message *m);
/* False: it is neither question nor answer of that kind. */
bool lk_radius_seen_mip_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m);
/* Of a private attribute; false: there are no words for it. */
bool lk_radius_seen_mip_text(char text[LK_FIELD_VALUE_MAX],
                             const struct lk_radius_attribute *attribute);

void lk_radius_fields(const struct lk_teller *teller, const struct lk_trace_message *message);

#endif
