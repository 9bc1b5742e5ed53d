/* Packets out of a stream of octets (RFC 6613): the length is in the header, and nothing else says
 * where one ends. One buffer of one packet; a length that cannot be ends the stream, for behind it
 * nobody knows any more where a packet begins. */
#ifndef LK_WIRE_RADIUS_FRAMER_H
#define LK_WIRE_RADIUS_FRAMER_H

#include "wire/radius.h"

struct lk_radius_framer {
    size_t len; /* octets of a packet that has begun */
    uint8_t octets[LK_RADIUS_PACKET_MAX];
};

void lk_radius_framer_init(struct lk_radius_framer *framer);
/* Takes octets from the front of input. LK_OK: packet is a whole one, a view into the framer or
 * into input, good until the next call; there may be more. LK_E_SHORT: input is used up, and what
 * it began is kept. LK_E_LENGTH: the stream is to be closed. */
LK_MUST_CHECK enum lk_status lk_radius_framer_next(struct lk_radius_framer *framer,
                                                   struct lk_span *packet, struct lk_span *input);

#endif
