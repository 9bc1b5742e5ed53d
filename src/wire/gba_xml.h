/* BootstrappingInfo (TS 24.109 C.1): what a BSF says at the end of a bootstrapping. Written here;
 * reading XML is a library's, above io. */
#ifndef LK_WIRE_GBA_XML_H
#define LK_WIRE_GBA_XML_H

#include "base/octets.h"

enum { LK_GBA_XML_MAX = 1536, LK_XML_TIME_LEN = 20 };

struct lk_bootstrapping_info {
    struct lk_span b_tid;
    uint64_t expires_s;  /* since the epoch: absolute */
    uint64_t current_s;  /* in the extension; 0: it is not there */
    struct lk_span home_agent; /* FQDN, in the extension; empty: it is not there */
    struct lk_span home_agent_address; /* as text, beside the name; empty: it is not there */
};

/* LK_E_VALUE: a character that XML does not have, or a time behind the year 9999; LK_E_FULL. */
LK_MUST_CHECK enum lk_status lk_bootstrapping_info_encode(struct lk_writer *w,
                                                          const struct lk_bootstrapping_info *info);
/* "2026-11-21T21:30:00Z", without a terminator; LK_E_VALUE behind the year 9999. */
LK_MUST_CHECK enum lk_status lk_xml_time(char text[LK_XML_TIME_LEN], uint64_t seconds);
/* An xs:dateTime in UTC: as above, perhaps with parts of seconds, which do not count. */
LK_MUST_CHECK enum lk_status lk_xml_time_read(uint64_t *seconds, struct lk_span text);

#endif
