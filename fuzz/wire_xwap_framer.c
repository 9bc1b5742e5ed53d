/* Octets as a stream of XwAP frames: cut into pieces in whatever way, the same messages come out,
 * each of a length that a message may have, and a stream that cannot be ends at the same one. */
#include "fuzz.h"

#include "wire/xwap_framer.h"

struct seen {
    size_t messages;
    size_t octets;
    uint32_t sum;
    bool broken;
};

static void take(struct seen *seen, struct lk_span message)
{
    LK_ASSERT(message.len <= LK_XWAP_MAX);
    seen->messages++;
    seen->octets += message.len;
    for (size_t i = 0; i < message.len; i++)
        seen->sum = seen->sum * 31 + message.at[i];
}

static struct seen run(struct lk_span stream, size_t piece)
{
    static struct lk_xwap_framer framer;
    struct seen seen = { 0 };

    lk_xwap_framer_wipe(&framer);
    while (stream.len > 0 && !seen.broken) {
        struct lk_span input = lk_span_of(stream.at, stream.len < piece ? stream.len : piece);
        struct lk_span message;
        enum lk_status status;

        stream.at += input.len;
        stream.len -= input.len;
        while ((status = lk_xwap_framer_next(&framer, &message, &input)) == LK_OK)
            take(&seen, message);
        LK_ASSERT(status == LK_E_SHORT || status == LK_E_LENGTH);
        LK_ASSERT(status == LK_E_LENGTH || input.len == 0);
        seen.broken = status == LK_E_LENGTH;
    }
    LK_ASSERT(framer.len <= sizeof framer.octets);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span stream = lk_span_of(octets, len);
    struct seen whole = run(stream, len + 1);

    for (size_t piece = 1; piece <= 64; piece = piece * 2 + 1) {
        struct seen pieces = run(stream, piece);

        LK_ASSERT(pieces.messages == whole.messages && pieces.octets == whole.octets &&
                  pieces.sum == whole.sum && pieces.broken == whole.broken);
    }
    return 0;
}
