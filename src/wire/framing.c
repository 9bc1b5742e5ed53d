#include "wire/framing.h"

#include <string.h>

static struct lk_span cut(struct lk_span *input, size_t len)
{
    struct lk_span front = lk_span_of(input->at, len < input->len ? len : input->len);

    if (front.len > 0)
        input->at += front.len;
    input->len -= front.len;
    return front;
}

/* Fills the buffer up to wanted octets, as far as input goes. */
static bool gather(uint8_t *buffer, size_t *len, struct lk_span *input, size_t wanted)
{
    struct lk_span more = cut(input, wanted - *len);

    if (more.len > 0)
        memcpy(buffer + *len, more.at, more.len);
    *len += more.len;
    return *len == wanted;
}

enum lk_status lk_framing_next(const struct lk_framing *framing, uint8_t *buffer, size_t *len,
                               struct lk_span *frame, struct lk_span *input)
{
    size_t whole;

    if (*len == 0 && input->len >= framing->head) {
        if (framing->length_of(&whole, input->at) != LK_OK)
            return LK_E_LENGTH;
        if (input->len >= whole) {
            *frame = cut(input, whole);
            return LK_OK;
        }
    }
    if (*len < framing->head && !gather(buffer, len, input, framing->head))
        return LK_E_SHORT;
    if (framing->length_of(&whole, buffer) != LK_OK)
        return LK_E_LENGTH;
    if (!gather(buffer, len, input, whole))
        return LK_E_SHORT;
    *frame = lk_span_of(buffer, whole);
    *len = 0;
    return LK_OK;
}
