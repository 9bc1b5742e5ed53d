#include "wire/ccmp.h"

enum {
    EXTENDED_IV = 0x20,
    KEY_ID_AT = 6, /* bits */
    KEY_ID_MAX = 3,
    SUBTYPE_LOW = 0x70, /* bits 4 to 6 of frame control */
    NONCE_MANAGEMENT = 0x10,
};

/* spec: IEEE 802.11 12.5.3.2 - PN0 PN1, a reserved octet, key id with the extended IV bit, PN2 to
 * PN5; PN0 is the least significant. */
enum lk_status lk_ccmp_header_get(struct lk_ccmp_header *ccmp, struct lk_reader *r)
{
    uint64_t low = lk_get_le16(r), middle, high;
    uint8_t flags;

    (void)lk_get_u8(r);
    flags = lk_get_u8(r);
    middle = lk_get_le16(r);
    high = lk_get_le16(r);
    ccmp->pn = high << 32 | middle << 16 | low;
    ccmp->key_id = flags >> KEY_ID_AT;
    if (r->status == LK_OK && (flags & EXTENDED_IV) == 0)
        lk_reader_fail(r, LK_E_VALUE);
    return r->status;
}

enum lk_status lk_ccmp_header_encode(struct lk_writer *w, const struct lk_ccmp_header *ccmp)
{
    if (ccmp->pn == 0 || ccmp->pn > LK_CCMP_PN_MAX)
        return LK_E_EXPIRED;
    if (ccmp->key_id > KEY_ID_MAX)
        return LK_E_VALUE;
    lk_put_le16(w, (uint16_t)ccmp->pn);
    lk_put_u8(w, 0);
    lk_put_u8(w, (uint8_t)(ccmp->key_id << KEY_ID_AT | EXTENDED_IV));
    lk_put_le16(w, (uint16_t)(ccmp->pn >> 16));
    lk_put_le16(w, (uint16_t)(ccmp->pn >> 32));
    return lk_writer_end(w);
}

/* spec: IEEE 802.11 12.5.3.3 - what may change on a retransmission is masked: low subtype bits of
 * data, retry, power management, more data, order where there is QoS, and the sequence number; the
 * protected bit is set. Of QoS control the TID is left. */
static void put_aad(struct lk_writer *w, const struct lk_80211_header *header)
{
    const uint8_t masked = LK_80211_RETRY | LK_80211_POWER | LK_80211_MORE_DATA;
    uint8_t kind = header->kind, flags = (uint8_t)(header->flags & ~masked) | LK_80211_PROTECTED;

    if (!lk_80211_is_management(header))
        kind = (uint8_t)(kind & ~SUBTYPE_LOW);
    if (lk_80211_is_qos(header))
        flags = (uint8_t)(flags & ~LK_80211_ORDER);
    lk_put_u8(w, kind);
    lk_put_u8(w, flags);
    lk_put_octets(w, header->a1, sizeof header->a1);
    lk_put_octets(w, header->a2, sizeof header->a2);
    lk_put_octets(w, header->a3, sizeof header->a3);
    lk_put_le16(w, header->fragment);
    if (lk_80211_has_a4(header))
        lk_put_octets(w, header->a4, sizeof header->a4);
    if (lk_80211_is_qos(header))
        lk_put_le16(w, header->qos & LK_80211_QOS_TID);
}

/* spec: IEEE 802.11 12.5.3.3 - the nonce: priority and the management bit, the transmitter, PN5 to
 * PN0. */
static void put_nonce(struct lk_writer *w, const struct lk_80211_header *header, uint64_t pn)
{
    uint8_t flags = lk_80211_is_management(header) ? NONCE_MANAGEMENT : 0;

    if (lk_80211_is_qos(header))
        flags = header->qos & LK_80211_QOS_TID;
    lk_put_u8(w, flags);
    lk_put_octets(w, header->a2, sizeof header->a2);
    lk_put_be16(w, (uint16_t)(pn >> 32));
    lk_put_be32(w, (uint32_t)pn);
}

struct lk_ccmp_input lk_ccmp_input_of(const struct lk_80211_header *header, uint64_t pn)
{
    struct lk_ccmp_input in;
    struct lk_writer aad = lk_writer_of(in.aad, sizeof in.aad);
    struct lk_writer nonce = lk_writer_of(in.nonce, sizeof in.nonce);

    LK_ASSERT(pn <= LK_CCMP_PN_MAX);
    put_aad(&aad, header);
    put_nonce(&nonce, header, pn);
    LK_ASSERT(lk_writer_end(&aad) == LK_OK && lk_writer_end(&nonce) == LK_OK);
    LK_ASSERT(nonce.len == sizeof in.nonce);
    in.aad_len = (uint8_t)aad.len;
    return in;
}
