/* Octets as a packet of SCTP: what DATA chunks have lies within it, one behind another, and the
 * walk ends. The checksum does not look at itself. */
#include "fuzz.h"

#include <string.h>

#include "wire/sctp.h"

enum { DATA_LEAST = 16, ROOM = 4200 }; /* of a DATA chunk, its header */

static void walk(struct lk_sctp *packet, struct lk_span octets)
{
    const uint8_t *behind = octets.at + LK_SCTP_HEADER_LEN;
    struct lk_sctp_data data;

    LK_ASSERT(packet->left.at == behind);
    while (lk_sctp_next(&data, packet) == LK_OK) {
        LK_ASSERT(data.octets.len > 0 && data.octets.at >= behind + DATA_LEAST);
        behind = data.octets.at + data.octets.len;
        LK_ASSERT(behind <= octets.at + octets.len);
    }
    LK_ASSERT(data.octets.len == 0 && packet->left.left <= octets.len - LK_SCTP_HEADER_LEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t other[ROOM];
    struct lk_sctp packet;

    if (lk_sctp_decode(&packet, lk_span_of(octets, len)) != LK_OK) {
        LK_ASSERT(len < LK_SCTP_HEADER_LEN);
        return 0;
    }
    walk(&packet, lk_span_of(octets, len));
    if (len > sizeof other)
        return 0;
    memcpy(other, octets, len);
    other[LK_SCTP_CHECKSUM_AT] ^= 0xff;
    LK_ASSERT(lk_sctp_checksum(lk_span_of(other, len)) ==
              lk_sctp_checksum(lk_span_of(octets, len)));
    return 0;
}
