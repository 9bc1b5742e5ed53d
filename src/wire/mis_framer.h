/* MIS over TCP (RFC 5677 5): the payload length of the header says where a message ends, and
 * nothing else does. */
#ifndef LK_WIRE_MIS_FRAMER_H
#define LK_WIRE_MIS_FRAMER_H

#include "wire/mis.h"

/* A longer message than that ends the stream: ours are far shorter, and each connection keeps so
 * much. */
enum { LK_MIS_FRAME_MAX = 8192 };

struct lk_mis_framer {
    size_t len; /* octets of a message that has begun */
    uint8_t octets[LK_MIS_FRAME_MAX];
};

/* What is in it may hold a key: it is wiped. At the beginning, and at the end. */
void lk_mis_framer_wipe(struct lk_mis_framer *framer);
/* As lk_framing_next: message is a whole one with its header, for lk_mis_decode. */
LK_MUST_CHECK enum lk_status lk_mis_framer_next(struct lk_mis_framer *framer,
                                                struct lk_span *message, struct lk_span *input);

#endif
