/* Octets as a packet: a mobility message that is read is written so that the same is read again. */
#include "fuzz.h"

#include "wire/mip6.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[4096];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mip6_packet packet, again;

    if (lk_mip6_read(&packet, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(packet.message.len >= 8);
    LK_ASSERT(lk_mip6_write(&w, &packet) == LK_OK);
    LK_ASSERT(lk_mip6_read(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.way == packet.way && lk_address_equal(&again.home, &packet.home));
    LK_ASSERT(lk_span_equal(again.message, packet.message));
    return 0;
}
