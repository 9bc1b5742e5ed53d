/* Octets as an Internet packet: what reads lies inside them, an echo answers as long as it was
 * asked, and a hop less reads the same. */
#include "fuzz.h"

#include "wire/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[65600];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_ip_packet packet, next;

    if (lk_ip_read(&packet, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(packet.whole.len <= len && packet.payload.len <= packet.whole.len);
    if (lk_ip_echo(&w, &packet) == LK_OK) {
        LK_ASSERT(w.len <= packet.whole.len);
        LK_ASSERT(lk_ip_read(&next, lk_writer_span(&w)) == LK_OK);
    }
    w = lk_writer_of(room, sizeof room);
    if (lk_ip_hop(&w, &packet) == LK_OK) {
        LK_ASSERT(w.len == packet.whole.len);
        LK_ASSERT(lk_ip_read(&next, lk_writer_span(&w)) == LK_OK);
        LK_ASSERT(next.hops == packet.hops - 1);
    }
    return 0;
}
