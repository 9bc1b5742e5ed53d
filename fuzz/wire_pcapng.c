/* Any octets as a capture: every packet lies inside them, and reading ends. */
#include "fuzz.h"

#include "trace/pcapng_read.h"

static bool inside(struct lk_span whole, struct lk_span part)
{
    return part.len == 0
           || (part.at >= whole.at && part.len <= whole.len
               && (size_t)(part.at - whole.at) <= whole.len - part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span file = lk_span_of(octets, len);
    struct lk_pcapng_reader reader = lk_pcapng_reader_of(file);
    struct lk_pcapng_packet packet;
    struct lk_datagram datagram;
    size_t packets = 0;
    enum lk_status status;

    while ((status = lk_pcapng_next(&reader, &packet)) == LK_OK) {
        LK_ASSERT(++packets <= len / 12);
        LK_ASSERT(inside(file, packet.octets) && inside(file, packet.comment));
        if (lk_datagram_read(&datagram, packet.link, packet.octets) == LK_OK)
            LK_ASSERT(inside(packet.octets, datagram.payload)
                      && inside(packet.octets, datagram.dissector));
    }
    LK_ASSERT(lk_pcapng_next(&reader, &packet) == status);
    for (uint16_t link = 0; link < 300; link++)
        if (lk_datagram_read(&datagram, link, file) == LK_OK)
            LK_ASSERT(inside(file, datagram.payload));
    return 0;
}
