/* Octets as an ERP packet, of the suite that it says and of each: what decodes encodes, and that
 * decodes to the same again. */
#include "fuzz.h"

#include "wire/erp.h"

static void once(struct lk_span octets, uint8_t suite)
{
    uint8_t first[LK_ERP_PACKET_MAX], second[LK_ERP_PACKET_MAX];
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_erp packet, again;

    if (lk_erp_decode(&packet, octets, suite) != LK_OK)
        return;
    LK_ASSERT(packet.whole.len <= octets.len);
    if (packet.type == LK_ERP_REAUTH) {
        LK_ASSERT(packet.tag.len == lk_erp_tag_len(packet.suite));
        LK_ASSERT(packet.covered.len + packet.tag.len == packet.whole.len);
        LK_ASSERT(suite == 0 || suite == packet.suite);
    }
    if (packet.whole.len > LK_ERP_PACKET_MAX)
        return;
    LK_ASSERT(lk_erp_encode(&w1, &packet) == LK_OK);
    LK_ASSERT(lk_erp_decode(&again, lk_writer_span(&w1), packet.suite) == LK_OK);
    LK_ASSERT(again.present == packet.present && again.seq == packet.seq);
    LK_ASSERT(lk_span_equal(again.keyname_nai, packet.keyname_nai));
    LK_ASSERT(lk_erp_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    for (uint8_t suite = 0; suite <= LK_ERP_HMAC_SHA256_256 + 1; suite++)
        once(lk_span_of(octets, len), suite);
    return 0;
}
