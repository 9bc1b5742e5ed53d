/* Octets as base64 of either form: what decodes encodes to the same text, and no more octets are
 * written than there is room for. */
#include "fuzz.h"

#include "base/base64.h"
#include "base/base64url.h"

enum { ROOM = 512 };

static void once(struct lk_span text, size_t cap,
                 enum lk_status (*decode)(uint8_t *, size_t, size_t *, struct lk_span),
                 void (*put)(struct lk_writer *, struct lk_span))
{
    uint8_t octets[ROOM + 1], again[ROOM / 3 * 4 + 8];
    struct lk_writer w = lk_writer_of(again, sizeof again);
    size_t len = 0;

    octets[cap] = 0x5a;
    if (decode(octets, cap, &len, text) == LK_OK) {
        LK_ASSERT(len <= cap);
        put(&w, lk_span_of(octets, len));
        LK_ASSERT(lk_writer_end(&w) == LK_OK && lk_span_equal(lk_writer_span(&w), text));
    }
    LK_ASSERT(octets[cap] == 0x5a);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const size_t caps[] = { 0, 1, 16, ROOM };

    for (size_t i = 0; i < LK_COUNT_OF(caps); i++) {
        once(lk_span_of(octets, len), caps[i], lk_base64_decode, lk_base64_put);
        once(lk_span_of(octets, len), caps[i], lk_base64url_decode, lk_base64url_put);
    }
    return 0;
}
