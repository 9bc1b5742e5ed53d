/* Associations in a trace: what the frames of a station, the RRC of its device and the XwAP about
 * it have in common is the station's MAC address. A run is one association with all that led to
 * it, and ends where the next one begins.
 *
 * Where the capture has S-KWT, in XwAP or as lines of keys/log.h, PMKIDs and MICs are judged and
 * data is opened; the handshake of a re-key is data too. */
#ifndef LK_TRACE_ASSOCIATION_H
#define LK_TRACE_ASSOCIATION_H

#include "trace/protocol.h"

/* Puts the message into the run of that station; begins: it may begin the next one. */
LK_MUST_CHECK enum lk_status lk_association_place(struct lk_trace *trace, size_t index,
                                                  const uint8_t station[LK_STATION_LEN],
                                                  bool begins);
/* Of a message that is placed. */
LK_MUST_CHECK enum lk_status lk_association_judge(struct lk_trace *trace, size_t index);
/* wlan.c: EAPOL of a data frame. */
void lk_wlan_read_eapol(struct lk_trace_wlan *wlan, struct lk_span octets);
/* " (S-KWT, WT Counter 7)", or "". */
enum { LK_PMK_TEXT = 48 };
void lk_pmk_text(char text[LK_PMK_TEXT], const struct lk_trace *trace, size_t pmk);

#endif
