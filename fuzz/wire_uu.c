/* Any octets as a datagram of Uu: what is read is written again and says the same. */
#include <string.h>

#include "fuzz.h"

#include "wire/uu.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[65536 + LK_UU_HEAD_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_uu uu, again;
    struct lk_uu_alive alive;
    struct lk_uu_hello hello;

    if (lk_uu_decode(&uu, lk_span_of(octets, len)) == LK_OK && len <= 65536) {
        LK_ASSERT(uu.pdu.len > 0 && uu.pdu.at + uu.pdu.len == octets + len);
        LK_ASSERT(lk_uu_encode(&w, &uu) == LK_OK);
        LK_ASSERT(lk_uu_decode(&again, lk_writer_span(&w)) == LK_OK);
        LK_ASSERT(again.downlink == uu.downlink && again.ue_id == uu.ue_id &&
                  lk_span_equal(again.pdu, uu.pdu));
    }
    w = lk_writer_of(room, sizeof room);
    if (lk_uu_hello_decode(&hello, lk_span_of(octets, len)) == LK_OK) {
        LK_ASSERT(lk_uu_hello_encode(&w, &hello) == LK_OK);
        LK_ASSERT(lk_span_equal(lk_writer_span(&w), lk_span_of(octets, len)));
    }
    w = lk_writer_of(room, sizeof room);
    if (lk_uu_alive_decode(&alive, lk_span_of(octets, len)) == LK_OK) {
        LK_ASSERT(lk_uu_alive_encode(&w, &alive) == LK_OK);
        LK_ASSERT(lk_span_equal(lk_writer_span(&w), lk_span_of(octets, len)));
    }
    return 0;
}
