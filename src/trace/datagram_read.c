/* Frames to UDP datagrams: link, IPv4 or IPv6, UDP. Fragments and everything else are told apart
 * from damage, because a capture of a real machine is full of them. */
#include <string.h>

#include "trace/pcapng_read.h"

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
    PROTOCOL_UDP = 17,
    VLAN_TAGS_MAX = 2,
    EXTENSIONS_MAX = 4,
};

/* The ether type behind the link header, with r standing at the network header. */
static uint16_t read_link(struct lk_reader *r, uint16_t link)
{
    uint16_t type = 0;

    switch (link) {
    case LK_LINK_ETHERNET:
        (void)lk_get_span(r, 12);
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
    if (protocol != PROTOCOL_UDP || (fragment & 0x3fff) != 0)
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
    if (next != PROTOCOL_UDP)
        return LK_E_UNKNOWN;
    *body = lk_get_rest(&rest);
    return LK_OK;
}

enum lk_status lk_datagram_read(struct lk_datagram *datagram, uint16_t link, struct lk_span frame)
{
    struct lk_reader r = lk_reader_of(frame);
    struct lk_span body = lk_span_of(NULL, 0);
    enum lk_status status;
    uint16_t type, len;

    memset(datagram, 0, sizeof *datagram);
    type = read_link(&r, link);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (type == ETHER_IPV4)
        status = read_ipv4(datagram, &r, &body);
    else if (type == ETHER_IPV6)
        status = read_ipv6(datagram, &r, &body);
    else
        return LK_E_UNKNOWN;
    if (status != LK_OK)
        return status;
    r = lk_reader_of(body);
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
