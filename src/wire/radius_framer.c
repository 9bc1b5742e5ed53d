#include "wire/radius_framer.h"

#include <string.h>

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

/* Fills the buffer up to wanted octets, as far as input goes. */
static bool gather(struct lk_radius_framer *framer, struct lk_span *input, size_t wanted)
{
    size_t more = wanted - framer->len;

    if (more > input->len)
        more = input->len;
    if (more > 0)
        memcpy(framer->octets + framer->len, input->at, more);
    framer->len += more;
    input->at += more;
    input->len -= more;
    return framer->len == wanted;
}

enum lk_status lk_radius_framer_next(struct lk_radius_framer *framer, struct lk_span *packet,
                                     struct lk_span *input)
{
    size_t len;

    if (framer->len == 0 && input->len >= LENGTH_END) {
        if (length_of(&len, input->at) != LK_OK)
            return LK_E_LENGTH;
        if (input->len >= len) { /* all of it is here: no copy */
            *packet = lk_span_of(input->at, len);
            input->at += len;
            input->len -= len;
            return LK_OK;
        }
    }
    if (framer->len < LENGTH_END && !gather(framer, input, LENGTH_END))
        return LK_E_SHORT;
    if (length_of(&len, framer->octets) != LK_OK)
        return LK_E_LENGTH;
    if (!gather(framer, input, len))
        return LK_E_SHORT;
    *packet = lk_span_of(framer->octets, len);
    framer->len = 0;
    return LK_OK;
}
