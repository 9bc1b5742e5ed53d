#include "wire/mis_framer.h"

#include "base/secret.h"
#include "wire/framing.h"

enum { LENGTH_AT = 6 };

void lk_mis_framer_wipe(struct lk_mis_framer *framer)
{
    lk_wipe(framer, sizeof *framer);
}

/* spec: RFC 5677 5 - no framing over TCP but the length in the header, which counts what follows.
 */
static enum lk_status length_of(size_t *len, const uint8_t *head)
{
    *len = LK_MIS_HEADER_LEN + ((size_t)head[LENGTH_AT] << 8 | head[LENGTH_AT + 1]);
    return *len > LK_MIS_FRAME_MAX ? LK_E_LENGTH : LK_OK;
}

enum lk_status lk_mis_framer_next(struct lk_mis_framer *framer, struct lk_span *message,
                                  struct lk_span *input)
{
    static const struct lk_framing framing = { LK_MIS_HEADER_LEN, length_of };

    return lk_framing_next(&framing, framer->octets, &framer->len, message, input);
}
