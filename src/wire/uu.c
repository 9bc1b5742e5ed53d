#include "wire/uu.h"

enum {
    NO_HEADER = 0, /* there is a PDCP header */
    PLANE_SIGNALLING = 1,
    NO_ROHC = 0,
    TAG_PDU = 0x01,
    TAG_SEQUENCE = 0x02,
    TAG_DIRECTION = 0x03,
    TAG_CHANNEL = 0x04,
    TAG_BEARER = 0x0d,
    TAG_UE = 0x0e,
    SEQUENCE_BITS = 5,
    UPLINK = 0,
    DOWNLINK = 1,
    CHANNEL_DCCH = 1,
    HELLO_VERSION = 2,
    ALIVE_VERSION = 1,
    ALIVE_ASKED = 0,
    ALIVE_GONE = 1,
    GROUP_ADDRESS = 1, /* bit of the first octet */
};

static const char start[] = "pdcp-lte", hello_start[] = "lk-hello", alive_start[] = "lk-alive";

static bool begins(struct lk_reader *r, const char *text)
{
    struct lk_span wanted = lk_span_text(text);

    return lk_span_equal(lk_get_span(r, wanted.len), wanted);
}

/* One value that may only be what we carry. */
static void take_only(struct lk_reader *r, unsigned value, unsigned wanted)
{
    if (value != wanted)
        lk_reader_fail(r, LK_E_UNSUPPORTED);
}

static void take_tag(struct lk_uu *uu, struct lk_reader *r, uint8_t tag)
{
    uint8_t direction;

    switch (tag) {
    case TAG_SEQUENCE:
        take_only(r, lk_get_u8(r), SEQUENCE_BITS);
        break;
    case TAG_DIRECTION:
        direction = lk_get_u8(r);
        if (direction > DOWNLINK)
            lk_reader_fail(r, LK_E_VALUE);
        uu->downlink = direction == DOWNLINK;
        break;
    case TAG_CHANNEL:
        take_only(r, lk_get_u8(r), CHANNEL_DCCH);
        break;
    case TAG_BEARER:
        take_only(r, lk_get_be16(r), LK_UU_SRB1);
        break;
    case TAG_UE:
        uu->ue_id = lk_get_be16(r);
        break;
    default:
        lk_reader_fail(r, LK_E_UNKNOWN);
        break;
    }
}

enum lk_status lk_uu_decode(struct lk_uu *uu, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);
    uint32_t seen = 0;
    uint8_t tag;

    *uu = (struct lk_uu){ 0 };
    if (!begins(&r, start))
        return LK_E_UNKNOWN;
    take_only(&r, lk_get_u8(&r), NO_HEADER);
    take_only(&r, lk_get_u8(&r), PLANE_SIGNALLING);
    take_only(&r, lk_get_u8(&r), NO_ROHC);
    while ((tag = lk_get_u8(&r)) != TAG_PDU && r.status == LK_OK) {
        uint32_t bit = tag < 32 ? UINT32_C(1) << tag : 0;

        if ((seen & bit) != 0)
            lk_reader_fail(&r, LK_E_TWICE);
        seen |= bit;
        take_tag(uu, &r, tag);
    }
    uu->pdu = lk_get_rest(&r);
    if (r.status != LK_OK)
        return r.status;
    if (uu->pdu.len == 0)
        return LK_E_SHORT;
    return (seen & 1u << TAG_DIRECTION) != 0 ? LK_OK : LK_E_MISSING;
}

enum lk_status lk_uu_encode(struct lk_writer *w, const struct lk_uu *uu)
{
    if (uu->pdu.len == 0)
        return LK_E_SHORT;
    lk_put_span(w, lk_span_text(start));
    lk_put_u8(w, NO_HEADER);
    lk_put_u8(w, PLANE_SIGNALLING);
    lk_put_u8(w, NO_ROHC);
    lk_put_u8(w, TAG_SEQUENCE);
    lk_put_u8(w, SEQUENCE_BITS);
    lk_put_u8(w, TAG_DIRECTION);
    lk_put_u8(w, uu->downlink ? DOWNLINK : UPLINK);
    lk_put_u8(w, TAG_CHANNEL);
    lk_put_u8(w, CHANNEL_DCCH);
    lk_put_u8(w, TAG_BEARER);
    lk_put_be16(w, LK_UU_SRB1);
    lk_put_u8(w, TAG_UE);
    lk_put_be16(w, uu->ue_id);
    lk_put_u8(w, TAG_PDU);
    lk_put_span(w, uu->pdu);
    return lk_writer_end(w);
}

/* ---- HELLO ---- */

enum lk_status lk_uu_hello_decode(struct lk_uu_hello *hello, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);

    *hello = (struct lk_uu_hello){ 0 };
    if (!begins(&r, hello_start) || lk_get_u8(&r) != HELLO_VERSION)
        return LK_E_UNKNOWN;
    lk_imsi_get(&r, &hello->imsi);
    lk_get_copy(&r, hello->mac, sizeof hello->mac);
    hello->connection = lk_get_be32(&r);
    if (r.status == LK_OK && (hello->mac[0] & GROUP_ADDRESS) != 0)
        lk_reader_fail(&r, LK_E_VALUE);
    return lk_reader_end(&r);
}

enum lk_status lk_uu_hello_encode(struct lk_writer *w, const struct lk_uu_hello *hello)
{
    if ((hello->mac[0] & GROUP_ADDRESS) != 0)
        return LK_E_VALUE;
    lk_put_span(w, lk_span_text(hello_start));
    lk_put_u8(w, HELLO_VERSION);
    lk_imsi_put(w, &hello->imsi);
    lk_put_octets(w, hello->mac, sizeof hello->mac);
    lk_put_be32(w, hello->connection);
    return lk_writer_end(w);
}

/* ---- whether a connection is there still ---- */

enum lk_status lk_uu_alive_decode(struct lk_uu_alive *alive, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);
    uint8_t which;

    *alive = (struct lk_uu_alive){ 0 };
    if (!begins(&r, alive_start) || lk_get_u8(&r) != ALIVE_VERSION)
        return LK_E_UNKNOWN;
    which = lk_get_u8(&r);
    if (which > ALIVE_GONE)
        lk_reader_fail(&r, LK_E_VALUE);
    alive->gone = which == ALIVE_GONE;
    alive->connection = lk_get_be32(&r);
    return lk_reader_end(&r);
}

enum lk_status lk_uu_alive_encode(struct lk_writer *w, const struct lk_uu_alive *alive)
{
    lk_put_span(w, lk_span_text(alive_start));
    lk_put_u8(w, ALIVE_VERSION);
    lk_put_u8(w, alive->gone ? ALIVE_GONE : ALIVE_ASKED);
    lk_put_be32(w, alive->connection);
    return lk_writer_end(w);
}
