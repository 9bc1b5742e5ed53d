#include "wire/xwap_framer.h"

#include <string.h>

#include "base/secret.h"

void lk_xwap_framer_wipe(struct lk_xwap_framer *framer)
{
    lk_wipe(framer, sizeof *framer);
}

void lk_xwap_frame_head(uint8_t head[LK_XWAP_FRAME_HEAD], size_t len)
{
    struct lk_writer w = lk_writer_of(head, LK_XWAP_FRAME_HEAD);

    LK_ASSERT(len <= LK_XWAP_MAX);
    lk_put_be32(&w, (uint32_t)len);
}

static enum lk_status length_of(size_t *len, const uint8_t *head)
{
    struct lk_reader r = lk_reader_of(lk_span_of(head, LK_XWAP_FRAME_HEAD));

    *len = lk_get_be32(&r);
    return *len > LK_XWAP_MAX ? LK_E_LENGTH : LK_OK;
}

static struct lk_span cut(struct lk_span *input, size_t len)
{
    struct lk_span front = lk_span_of(input->at, len < input->len ? len : input->len);

    input->at += front.len;
    input->len -= front.len;
    return front;
}

/* Fills the buffer up to wanted octets, as far as input goes. */
static bool gather(struct lk_xwap_framer *framer, struct lk_span *input, size_t wanted)
{
    struct lk_span more = cut(input, wanted - framer->len);

    if (more.len > 0)
        memcpy(framer->octets + framer->len, more.at, more.len);
    framer->len += more.len;
    return framer->len == wanted;
}

enum lk_status lk_xwap_framer_next(struct lk_xwap_framer *framer, struct lk_span *message,
                                   struct lk_span *input)
{
    size_t len;

    if (framer->len == 0 && input->len >= LK_XWAP_FRAME_HEAD) {
        if (length_of(&len, input->at) != LK_OK)
            return LK_E_LENGTH;
        if (input->len >= LK_XWAP_FRAME_HEAD + len) { /* all of it is here: no copy */
            (void)cut(input, LK_XWAP_FRAME_HEAD);
            *message = cut(input, len);
            return LK_OK;
        }
    }
    if (framer->len < LK_XWAP_FRAME_HEAD && !gather(framer, input, LK_XWAP_FRAME_HEAD))
        return LK_E_SHORT;
    if (length_of(&len, framer->octets) != LK_OK)
        return LK_E_LENGTH;
    if (!gather(framer, input, LK_XWAP_FRAME_HEAD + len))
        return LK_E_SHORT;
    *message = lk_span_of(framer->octets + LK_XWAP_FRAME_HEAD, len);
    framer->len = 0;
    return LK_OK;
}
