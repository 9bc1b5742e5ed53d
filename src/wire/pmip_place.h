/* Where a gateway's end of the tunnel is, as the gateway tells it: data of a vendor-specific option
 * (RFC 5094) of subtype 2 in its Heartbeats: two octets of UDP port, four of milliseconds between
 * two Heartbeats, 16 that only the two ends know, and 4 or 16 of address. */
#ifndef LK_WIRE_PMIP_PLACE_H
#define LK_WIRE_PMIP_PLACE_H

#include "base/address.h"

enum {
    LK_MOBILITY_PLACE_SUBTYPE = 2,
    LK_MOBILITY_WORD_LEN = 16,
    LK_MOBILITY_PLACE_MAX = 2 + 4 + LK_MOBILITY_WORD_LEN + LK_ADDRESS_LEN,
};

struct lk_mobility_place {
    struct lk_address address;
    uint16_t port;
    uint32_t beats_ms; /* between two Heartbeats; 0: there is no second */
    uint8_t word[LK_MOBILITY_WORD_LEN]; /* by which a question at the place is answered (T13) */
};

/* LK_E_LENGTH for another length; LK_E_VALUE for port 0, and for no address (0.0.0.0, ::). place is
 * all zero then. */
LK_MUST_CHECK enum lk_status lk_mobility_place_get(struct lk_mobility_place *place,
                                                   struct lk_span data);
void lk_mobility_place_put(struct lk_writer *w, const struct lk_mobility_place *place);

#endif
