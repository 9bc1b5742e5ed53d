/* Frames to datagrams: link, IPv4 or IPv6, UDP or TCP; Mobility Headers over IPv6; frames without
 * IP, also of IEEE 802.11; and messages in clear (LINKTYPE_WIRESHARK_UPPER_PDU). Fragments and
 * everything else are told apart from damage: a capture of a real machine is full of them. */
#include <string.h>

#include "trace/pcapng_read.h"
#include "wire/ieee80211.h"

enum {
    LINK_BSD_LOOPBACK = 0,
    LINK_RAW_BSD = 12,
    LINK_COOKED = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_COOKED_2 = 276,
    ETHER_IPV4 = 0x0800,
    ETHER_IPV6 = 0x86dd,
    ETHER_VLAN = 0x8100,
    ETHER_SERVICE_VLAN = 0x88a8,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    TCP_LEAST = 20,
    TCP_SYN = 2,
    PROTOCOL_MOBILITY = 135,
    ETHER_LEAST = 0x0600, /* below it is a length */
    VLAN_TAGS_MAX = 2,
    EXTENSIONS_MAX = 4,
    TAG_END = 0,
    TAG_DISSECTOR = 12,
    TAG_IPV4_SOURCE = 20,
    TAG_IPV4_DESTINATION = 21,
    TAG_IPV6_SOURCE = 22,
    TAG_IPV6_DESTINATION = 23,
    TAG_SOURCE_PORT = 25,
    TAG_DESTINATION_PORT = 26,
    TAGS_MAX = 64,
};

/* The ether type behind the link header, with r standing at the network header. */
static uint16_t read_link(struct lk_datagram *datagram, struct lk_reader *r, uint16_t link)
{
    uint16_t type = 0;

    switch (link) {
    case LK_LINK_ETHERNET:
        lk_get_copy(r, datagram->to_mac, 6);
        lk_get_copy(r, datagram->from_mac, 6);
        datagram->has_macs = true;
        type = lk_get_be16(r);
        for (int i = 0; i < VLAN_TAGS_MAX; i++)
            if (type == ETHER_VLAN || type == ETHER_SERVICE_VLAN) {
                (void)lk_get_be16(r);
                type = lk_get_be16(r);
            }
        return type;
    case LINK_COOKED:
        (void)lk_get_span(r, 14);
        return lk_get_be16(r);
    case LINK_COOKED_2:
        type = lk_get_be16(r);
        (void)lk_get_span(r, 18);
        return type;
    case LINK_BSD_LOOPBACK:
        (void)lk_get_be32(r);
        break;
    case LK_LINK_RAW_IP:
    case LINK_RAW_BSD:
    case LINK_IPV4:
    case LINK_IPV6:
        break;
    default:
        return 0;
    }
    if (r->left == 0)
        return 0;
    return r->at[0] >> 4 == 6 ? ETHER_IPV6 : r->at[0] >> 4 == 4 ? ETHER_IPV4 : 0;
}

static void get_address(struct lk_capture_end *end, struct lk_reader *r, bool v6)
{
    end->v6 = v6;
    lk_get_copy(r, end->address, v6 ? 16 : 4);
}

static enum lk_status read_ipv4(struct lk_datagram *datagram, struct lk_reader *r,
                                struct lk_span *body)
{
    uint8_t first = lk_get_u8(r);
    size_t header = (first & 0x0fu) * 4u;
    uint16_t total, fragment;
    uint8_t protocol;

    (void)lk_get_u8(r);
    total = lk_get_be16(r);
    (void)lk_get_be16(r);
    fragment = lk_get_be16(r);
    (void)lk_get_u8(r);
    protocol = lk_get_u8(r);
    (void)lk_get_be16(r);
    get_address(&datagram->from, r, false);
    get_address(&datagram->to, r, false);
    if (r->status != LK_OK)
        return LK_E_SHORT;
    if (first >> 4 != 4 || header < 20 || total < header)
        return LK_E_VALUE;
    datagram->number = protocol;
    if ((protocol != PROTOCOL_UDP && protocol != PROTOCOL_TCP) || (fragment & 0x3fff) != 0)
        return LK_E_UNKNOWN;
    (void)lk_get_span(r, header - 20);
    *body = lk_get_span(r, total - header);
    return r->status == LK_OK ? LK_OK : LK_E_SHORT;
}

static enum lk_status read_ipv6(struct lk_datagram *datagram, struct lk_reader *r,
                                struct lk_span *body)
{
    uint32_t first = lk_get_be32(r);
    uint16_t len = lk_get_be16(r);
    uint8_t next = lk_get_u8(r);
    struct lk_reader rest;

    (void)lk_get_u8(r);
    get_address(&datagram->from, r, true);
    get_address(&datagram->to, r, true);
    rest = lk_reader_of(lk_get_span(r, len));
    if (r->status != LK_OK)
        return LK_E_SHORT;
    if (first >> 28 != 6)
        return LK_E_VALUE;
    /* hop-by-hop, routing and destination options say their length in units of eight octets */
    for (int i = 0; i < EXTENSIONS_MAX && (next == 0 || next == 43 || next == 60); i++) {
        next = lk_get_u8(&rest);
        (void)lk_get_span(&rest, 6u + 8u * lk_get_u8(&rest));
    }
    if (rest.status != LK_OK)
        return LK_E_SHORT;
    datagram->number = next;
    if (next != PROTOCOL_UDP && next != PROTOCOL_TCP && next != PROTOCOL_MOBILITY)
        return LK_E_UNKNOWN;
    *body = lk_get_rest(&rest);
    return LK_OK;
}

static enum lk_status read_udp(struct lk_datagram *datagram, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint16_t len;

    datagram->from.port = lk_get_be16(&r);
    datagram->to.port = lk_get_be16(&r);
    len = lk_get_be16(&r);
    (void)lk_get_be16(&r);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (len < 8)
        return LK_E_LENGTH;
    datagram->payload = lk_get_span(&r, len - 8u);
    return r.status == LK_OK ? LK_OK : LK_E_SHORT;
}

/* spec: RFC 9293 3.1 - the data offset is in units of four octets, options are in it. */
static enum lk_status read_tcp(struct lk_datagram *datagram, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    size_t header;

    datagram->carrier = LK_CARRIER_TCP;
    datagram->from.port = lk_get_be16(&r);
    datagram->to.port = lk_get_be16(&r);
    datagram->sequence = lk_get_be32(&r);
    (void)lk_get_be32(&r);
    header = (lk_get_u8(&r) >> 4) * 4u;
    datagram->begins = (lk_get_u8(&r) & TCP_SYN) != 0;
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (header < TCP_LEAST || header > body.len)
        return LK_E_LENGTH;
    datagram->payload = lk_span_of(body.at + header, body.len - header);
    return LK_OK;
}

/* ---- IEEE 802.11 ---- */

static void use_macs(struct lk_datagram *datagram)
{
    datagram->from.mac = datagram->to.mac = true;
    memcpy(datagram->from.address, datagram->from_mac, sizeof datagram->from_mac);
    memcpy(datagram->to.address, datagram->to_mac, sizeof datagram->to_mac);
}

static enum lk_status read_80211(struct lk_datagram *datagram, struct lk_span frame)
{
    struct lk_80211_header header;
    struct lk_span body;
    enum lk_status status = lk_radiotap_decode(&datagram->payload, frame);

    if (status == LK_OK)
        status = lk_80211_decode(&header, &body, datagram->payload);
    if (status != LK_OK)
        return status;
    datagram->carrier = LK_CARRIER_80211;
    datagram->has_macs = true;
    memcpy(datagram->from_mac, header.a2, sizeof header.a2);
    memcpy(datagram->to_mac, header.a1, sizeof header.a1);
    use_macs(datagram);
    return LK_OK;
}

/* ---- exported PDUs ---- */

static void take_tag(struct lk_datagram *datagram, uint16_t tag, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);
    size_t len = 0;

    switch (tag) {
    case TAG_DISSECTOR:
        while (len < value.len && value.at[len] != '\0')
            len++;
        datagram->dissector = lk_span_of(value.at, len);
        break;
    case TAG_IPV4_SOURCE:
    case TAG_IPV6_SOURCE:
        get_address(&datagram->from, &r, tag == TAG_IPV6_SOURCE);
        break;
    case TAG_IPV4_DESTINATION:
    case TAG_IPV6_DESTINATION:
        get_address(&datagram->to, &r, tag == TAG_IPV6_DESTINATION);
        break;
    case TAG_SOURCE_PORT:
        datagram->from.port = (uint16_t)lk_get_be32(&r);
        break;
    case TAG_DESTINATION_PORT:
        datagram->to.port = (uint16_t)lk_get_be32(&r);
        break;
    default:
        break;
    }
}

/* Tags of type, length and value until the end tag, then the message. */
static enum lk_status read_opened(struct lk_datagram *datagram, struct lk_reader *r)
{
    datagram->carrier = LK_CARRIER_OPENED;
    for (int i = 0; i < TAGS_MAX; i++) {
        uint16_t tag = lk_get_be16(r);
        struct lk_span value = lk_get_lv16(r);

        if (r->status != LK_OK)
            return LK_E_SHORT;
        if (tag == TAG_END) {
            datagram->payload = lk_get_rest(r);
            return datagram->dissector.len > 0 ? LK_OK : LK_E_UNKNOWN;
        }
        take_tag(datagram, tag, value);
    }
    return LK_E_FULL;
}

enum lk_status lk_datagram_read(struct lk_datagram *datagram, uint16_t link, struct lk_span frame)
{
    struct lk_reader r = lk_reader_of(frame);
    struct lk_span body = lk_span_of(NULL, 0);
    enum lk_status status;
    uint16_t type;

    memset(datagram, 0, sizeof *datagram);
    if (link == LK_LINK_UPPER_PDU)
        return read_opened(datagram, &r);
    if (link == LK_LINK_RADIOTAP)
        return read_80211(datagram, frame);
    type = read_link(datagram, &r, link);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (type == ETHER_IPV4) {
        status = read_ipv4(datagram, &r, &body);
    } else if (type == ETHER_IPV6) {
        status = read_ipv6(datagram, &r, &body);
    } else if (datagram->has_macs && type >= ETHER_LEAST) {
        datagram->carrier = LK_CARRIER_ETHER;
        datagram->number = type;
        use_macs(datagram);
        datagram->payload = lk_get_rest(&r);
        return LK_OK;
    } else {
        return LK_E_UNKNOWN;
    }
    if (status != LK_OK)
        return status;
    if (datagram->number == PROTOCOL_UDP)
        return read_udp(datagram, body);
    if (datagram->number == PROTOCOL_TCP)
        return read_tcp(datagram, body);
    datagram->carrier = LK_CARRIER_IP;
    datagram->payload = body;
    return LK_OK;
}
