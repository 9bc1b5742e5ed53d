/* EAP in a trace, whatever carries it: RADIUS or MIS. */
#ifndef LK_TRACE_EAP_SEEN_H
#define LK_TRACE_EAP_SEEN_H

#include "trace/protocol.h"

/* What a packet tells of its run: method, identity, resynchronisation. */
void lk_eap_note(struct lk_trace_run *run, const struct lk_eap_packet *eap);
/* status is that of the octets' decoder. */
void lk_eap_seen_name(char name[LK_TRACE_NAME_MAX], struct lk_span octets, enum lk_status status,
                      const struct lk_eap_packet *eap);
void lk_eap_seen_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_eap_packet *eap);
enum lk_rung_kind lk_eap_seen_kind(const struct lk_eap_packet *eap);
void lk_eap_tell(const struct lk_teller *v, struct lk_span octets, enum lk_status status,
                 const struct lk_eap_packet *eap);
/* "4: multi" */
void lk_modes_text(char text[LK_FIELD_VALUE_MAX], uint32_t modes);

#endif
