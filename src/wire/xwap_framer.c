#include "wire/xwap_framer.h"

#include "base/secret.h"
#include "wire/framing.h"

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
    size_t message = lk_get_be32(&r);

    *len = LK_XWAP_FRAME_HEAD + message;
    return message > LK_XWAP_MAX ? LK_E_LENGTH : LK_OK;
}

enum lk_status lk_xwap_framer_next(struct lk_xwap_framer *framer, struct lk_span *message,
                                   struct lk_span *input)
{
    static const struct lk_framing framing = { LK_XWAP_FRAME_HEAD, length_of };
    struct lk_span frame;
    enum lk_status status =
        lk_framing_next(&framing, framer->octets, &framer->len, &frame, input);

    if (status == LK_OK)
        *message = lk_span_of(frame.at + LK_XWAP_FRAME_HEAD, frame.len - LK_XWAP_FRAME_HEAD);
    return status;
}
