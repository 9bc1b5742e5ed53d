#include "wire/ieee80211.h"

enum {
    RADIOTAP_FLAGS = 1 << 1,
    VERSION_MASK = 0x03,
    TYPE_MASK = 0x0c,
    TYPE_MANAGEMENT = 0x00,
    TYPE_DATA = 0x08,
    SUBTYPE_QOS = 0x80,
    DS_MASK = LK_80211_TO_DS | LK_80211_FROM_DS,
    FRAGMENT_MAX = 15,
    LWAAP_DRB = 0x1f,
};

/* ---- radiotap ---- */

void lk_radiotap_put(struct lk_writer *w)
{
    lk_put_u8(w, 0);
    lk_put_u8(w, 0);
    lk_put_le16(w, LK_RADIOTAP_LEN);
    lk_put_zeroes(w, 4); /* which fields are there: none */
}

enum lk_status lk_radiotap_decode(struct lk_span *frame, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t version = lk_get_u8(&r);
    uint16_t length, present;

    (void)lk_get_u8(&r);
    length = lk_get_le16(&r);
    present = lk_get_le16(&r);
    (void)lk_get_le16(&r);
    if (r.status == LK_OK && length < LK_RADIOTAP_LEN)
        lk_reader_fail(&r, LK_E_LENGTH);
    else if (r.status == LK_OK)
        (void)lk_get_span(&r, (size_t)length - LK_RADIOTAP_LEN);
    *frame = lk_get_rest(&r);
    if (r.status != LK_OK)
        return r.status;
    return version != 0 || (present & RADIOTAP_FLAGS) != 0 ? LK_E_UNKNOWN : LK_OK;
}

/* ---- MAC header ---- */

bool lk_80211_is_management(const struct lk_80211_header *header)
{
    return (header->kind & TYPE_MASK) == TYPE_MANAGEMENT;
}

bool lk_80211_is_qos(const struct lk_80211_header *header)
{
    return !lk_80211_is_management(header) && (header->kind & SUBTYPE_QOS) != 0;
}

bool lk_80211_has_a4(const struct lk_80211_header *header)
{
    return !lk_80211_is_management(header) && (header->flags & DS_MASK) == DS_MASK;
}

static bool has_ht_control(const struct lk_80211_header *header)
{
    return (header->flags & LK_80211_ORDER) != 0 &&
           (lk_80211_is_management(header) || lk_80211_is_qos(header));
}

/* spec: IEEE 802.11 9.2.4.1 - the version is 0; the DS bits are for data. */
static enum lk_status frame_control_status(const struct lk_80211_header *header)
{
    if ((header->kind & VERSION_MASK) != 0 || ((header->kind & TYPE_MASK) != TYPE_MANAGEMENT &&
                                               (header->kind & TYPE_MASK) != TYPE_DATA))
        return LK_E_UNKNOWN;
    return lk_80211_is_management(header) && (header->flags & DS_MASK) != 0 ? LK_E_VALUE : LK_OK;
}

/* spec: IEEE 802.11 9.2.3 - frame control, duration, three addresses, sequence control; then the
 * fourth address, QoS control and HT control where frame control says so. */
enum lk_status lk_80211_decode(struct lk_80211_header *header, struct lk_span *body,
                               struct lk_span frame)
{
    struct lk_reader r = lk_reader_of(frame);
    enum lk_status status;
    uint16_t sequence;

    *header = (struct lk_80211_header){ .kind = lk_get_u8(&r) };
    header->flags = lk_get_u8(&r);
    status = frame_control_status(header);
    if (r.status == LK_OK && status != LK_OK)
        lk_reader_fail(&r, status);
    header->duration = lk_get_le16(&r);
    lk_get_copy(&r, header->a1, sizeof header->a1);
    lk_get_copy(&r, header->a2, sizeof header->a2);
    lk_get_copy(&r, header->a3, sizeof header->a3);
    sequence = lk_get_le16(&r);
    header->sequence = sequence >> 4;
    header->fragment = sequence & FRAGMENT_MAX;
    if (lk_80211_has_a4(header))
        lk_get_copy(&r, header->a4, sizeof header->a4);
    if (lk_80211_is_qos(header))
        header->qos = lk_get_le16(&r);
    if (has_ht_control(header))
        lk_get_copy(&r, header->ht_control, sizeof header->ht_control);
    *body = lk_get_rest(&r);
    return r.status;
}

enum lk_status lk_80211_header_encode(struct lk_writer *w, const struct lk_80211_header *header)
{
    enum lk_status status = frame_control_status(header);

    if (status != LK_OK)
        return status;
    if (header->sequence > LK_80211_SEQUENCE_MAX || header->fragment > FRAGMENT_MAX)
        return LK_E_VALUE;
    lk_put_u8(w, header->kind);
    lk_put_u8(w, header->flags);
    lk_put_le16(w, header->duration);
    lk_put_octets(w, header->a1, sizeof header->a1);
    lk_put_octets(w, header->a2, sizeof header->a2);
    lk_put_octets(w, header->a3, sizeof header->a3);
    lk_put_le16(w, (uint16_t)(header->sequence << 4 | header->fragment));
    if (lk_80211_has_a4(header))
        lk_put_octets(w, header->a4, sizeof header->a4);
    if (lk_80211_is_qos(header))
        lk_put_le16(w, header->qos);
    if (has_ht_control(header))
        lk_put_octets(w, header->ht_control, sizeof header->ht_control);
    return lk_writer_end(w);
}

/* ---- data bodies ---- */

static const uint8_t llc_snap[] = { 0xaa, 0xaa, 0x03, 0, 0, 0 };

/* spec: RFC 1042 Header - LLC of SNAP, an OUI of zero, the EtherType. */
enum lk_status lk_80211_payload_decode(struct lk_80211_payload *payload,
                                       const struct lk_80211_header *header, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    struct lk_span llc = lk_get_span(&r, sizeof llc_snap);

    payload->ethertype = lk_get_be16(&r);
    payload->octets = lk_get_rest(&r);
    if (header->kind != LK_80211_DATA && header->kind != LK_80211_QOS_DATA)
        return LK_E_UNKNOWN;
    if ((header->flags & LK_80211_MORE_FRAGMENTS) != 0 || header->fragment != 0 ||
        (lk_80211_is_qos(header) && (header->qos & LK_80211_QOS_AGGREGATE) != 0))
        return LK_E_UNSUPPORTED;
    if (r.status != LK_OK)
        return r.status;
    return lk_span_equal(llc, LK_SPAN(llc_snap)) ? LK_OK : LK_E_VALUE;
}

void lk_80211_payload_put(struct lk_writer *w, const struct lk_80211_payload *payload)
{
    lk_put_octets(w, llc_snap, sizeof llc_snap);
    lk_put_be16(w, payload->ethertype);
    lk_put_span(w, payload->octets);
}

/* spec: TS 36.360 6.2 - the low five bits name the bearer; the others are reserved. */
enum lk_status lk_lwaap_decode(struct lk_lwaap *lwaap, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    lwaap->drb = lk_get_u8(&r) & LWAAP_DRB;
    lwaap->pdu = lk_get_rest(&r);
    return r.status;
}

enum lk_status lk_lwaap_encode(struct lk_writer *w, const struct lk_lwaap *lwaap)
{
    if (lwaap->drb > LK_LWAAP_DRB_MAX)
        return LK_E_VALUE;
    lk_put_u8(w, lwaap->drb);
    lk_put_span(w, lwaap->pdu);
    return lk_writer_end(w);
}
