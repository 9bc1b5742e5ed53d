/* Frames out of a stream of octets, for protocols whose frame says at its beginning how long it is.
 *
 * One buffer of one frame, and a frame that is all there is not copied into it. A length that
 * cannot be ends the stream, for behind it nobody knows any more where a frame begins. */
#ifndef LK_WIRE_FRAMING_H
#define LK_WIRE_FRAMING_H

#include "base/octets.h"

struct lk_framing {
    size_t head; /* octets that say how long a frame is */
    /* Of the whole frame, its head among them, at least head; LK_E_LENGTH when it cannot be. */
    enum lk_status (*length_of)(size_t *len, const uint8_t *head);
};

/* buffer holds *len octets of a frame that has begun, and there is room for the longest. Takes
 * octets from the front of input. LK_OK: frame is a whole one, a view into buffer or input, good
 * until the next call; there may be more. LK_E_SHORT: input is used up, and what it began is kept.
 * LK_E_LENGTH: the stream is to be closed. */
LK_MUST_CHECK enum lk_status lk_framing_next(const struct lk_framing *framing, uint8_t *buffer,
                                             size_t *len, struct lk_span *frame,
                                             struct lk_span *input);

#endif
