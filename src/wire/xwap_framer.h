/* XwAP over TCP: 4 octets of length, big-endian, then so many octets of one message. The standard
 * has SCTP only, so this is ours [D]. A length of 0 is a probe: nothing, from an end that lives. A
 * length beyond LK_XWAP_MAX ends the stream. */
#ifndef LK_WIRE_XWAP_FRAMER_H
#define LK_WIRE_XWAP_FRAMER_H

#include "wire/xwap.h"

enum { LK_XWAP_FRAME_HEAD = 4 };

struct lk_xwap_framer {
    size_t len; /* octets of a frame that has begun, its head among them */
    uint8_t octets[LK_XWAP_FRAME_HEAD + LK_XWAP_MAX];
};

/* What is in it may hold a key: it is wiped. At the beginning, and at the end. */
void lk_xwap_framer_wipe(struct lk_xwap_framer *framer);
/* Takes octets from the front of input. LK_OK: message is a whole one without its head, empty if it
 * is a probe, a view into the framer or into input, good until the next call; there may be more.
 * LK_E_SHORT: input is used up, and what it began is kept. LK_E_LENGTH: the stream is to be
 * closed. */
LK_MUST_CHECK enum lk_status lk_xwap_framer_next(struct lk_xwap_framer *framer,
                                                 struct lk_span *message, struct lk_span *input);
/* The head of a message of that length, at most LK_XWAP_MAX. */
void lk_xwap_frame_head(uint8_t head[LK_XWAP_FRAME_HEAD], size_t len);

#endif
