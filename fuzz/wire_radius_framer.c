/* Octets as a stream of RADIUS packets: cut into pieces in whatever way, the same packets come out,
 * each of a length that a packet may have, and a stream that cannot be ends at the same one. */
#include "fuzz.h"

#include "wire/radius_framer.h"

struct seen {
    size_t packets;
    size_t octets;
    uint32_t sum;
    bool broken;
};

static void take(struct seen *seen, struct lk_span packet)
{
    LK_ASSERT(packet.len >= LK_RADIUS_HEADER_LEN && packet.len <= LK_RADIUS_PACKET_MAX);
    seen->packets++;
    seen->octets += packet.len;
    for (size_t i = 0; i < packet.len; i++)
        seen->sum = seen->sum * 31 + packet.at[i];
}

static struct seen run(struct lk_span stream, size_t piece)
{
    static struct lk_radius_framer framer;
    struct seen seen = { 0 };

    lk_radius_framer_init(&framer);
    while (stream.len > 0 && !seen.broken) {
        struct lk_span input = lk_span_of(stream.at, stream.len < piece ? stream.len : piece);
        struct lk_span packet;
        enum lk_status status;

        stream.at += input.len;
        stream.len -= input.len;
        while ((status = lk_radius_framer_next(&framer, &packet, &input)) == LK_OK)
            take(&seen, packet);
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

        LK_ASSERT(pieces.packets == whole.packets && pieces.octets == whole.octets &&
                  pieces.sum == whole.sum && pieces.broken == whole.broken);
    }
    return 0;
}
