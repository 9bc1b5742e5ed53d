/* PDCP of the control plane (TS 36.323 6.2.2): a sequence number of five bits, a message of RRC,
 * and the MAC-I over both. Who computes it is proto/srb; here is no key. */
#ifndef LK_WIRE_PDCP_H
#define LK_WIRE_PDCP_H

#include "base/octets.h"

enum {
    LK_PDCP_SN_BITS = 5,
    LK_PDCP_SN_MAX = (1 << LK_PDCP_SN_BITS) - 1,
    LK_PDCP_HEADER_LEN = 1,
    LK_PDCP_MAC_LEN = 4,
};

struct lk_pdcp {
    uint8_t sn;
    struct lk_span covered; /* header and message: what the MAC-I is over */
    struct lk_span message; /* at least an octet */
    const uint8_t *mac_i;   /* LK_PDCP_MAC_LEN octets */
};

/* Views of the octets. LK_E_SHORT. */
LK_MUST_CHECK enum lk_status lk_pdcp_decode(struct lk_pdcp *pdu, struct lk_span octets);
/* Writes header and message; the MAC-I over them is the caller's to put behind. LK_E_VALUE: no such
 * sequence number, or no message. */
LK_MUST_CHECK enum lk_status lk_pdcp_encode(struct lk_writer *w, uint8_t sn,
                                            struct lk_span message);

#endif
