#include "wire/radius_framer.h"

#include "wire/framing.h"

enum { LENGTH_AT = 2, LENGTH_END = 4 };

void lk_radius_framer_init(struct lk_radius_framer *framer)
{
    framer->len = 0;
}

/* spec: RFC 6613 2.6.3 - a length below 20 or above 4096 closes the connection. */
static enum lk_status length_of(size_t *len, const uint8_t *header)
{
    *len = (size_t)header[LENGTH_AT] << 8 | header[LENGTH_AT + 1];
    return *len < LK_RADIUS_HEADER_LEN || *len > LK_RADIUS_PACKET_MAX ? LK_E_LENGTH : LK_OK;
}

enum lk_status lk_radius_framer_next(struct lk_radius_framer *framer, struct lk_span *packet,
                                     struct lk_span *input)
{
    static const struct lk_framing framing = { LENGTH_END, length_of };

    return lk_framing_next(&framing, framer->octets, &framer->len, packet, input);
}
