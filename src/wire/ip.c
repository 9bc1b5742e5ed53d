#include "wire/ip.h"

#include <string.h>

#include "base/checksum.h"

enum {
    V4_HEADER = 20,
    V6_HEADER = 40,
    V4_CHECKSUM_AT = 10,
    ECHO_HEADER = 8,
    ECHO_CHECKSUM_AT = 2,
    V4_REPLY = 0,
    V4_REQUEST = 8,
    V6_REQUEST = 128,
    V6_REPLY = 129,
    HOPS = 64,
};

static struct lk_address get_v4(struct lk_reader *r)
{
    uint8_t octets[4];

    lk_get_copy(r, octets, sizeof octets);
    return lk_address_v4(octets);
}

/* spec: RFC 791 3.1 - the header; its length and the packet's are judged. */
static enum lk_status read_v4(struct lk_ip_packet *p, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    size_t header = (size_t)(lk_get_u8(&r) & 0x0f) * 4, total;

    (void)lk_get_u8(&r);
    total = lk_get_be16(&r);
    (void)lk_get_be16(&r);
    p->fragment = (lk_get_be16(&r) & 0x3fff) != 0;
    p->hops = lk_get_u8(&r);
    p->protocol = lk_get_u8(&r);
    (void)lk_get_be16(&r);
    p->source = get_v4(&r);
    p->destination = get_v4(&r);
    if (r.status != LK_OK)
        return r.status;
    if (header < V4_HEADER || total < header)
        return LK_E_LENGTH;
    if (total > octets.len)
        return LK_E_SHORT;
    p->whole = lk_span_of(octets.at, total);
    p->payload = lk_span_of(octets.at + header, total - header);
    return LK_OK;
}

/* spec: RFC 8200 3 - the header. An IPv4-mapped address in it is nobody's: it would be taken for an
 * IPv4 one. */
static enum lk_status read_v6(struct lk_ip_packet *p, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    size_t length;

    (void)lk_get_be32(&r);
    length = lk_get_be16(&r);
    p->protocol = lk_get_u8(&r);
    p->hops = lk_get_u8(&r);
    lk_get_copy(&r, p->source.octets, sizeof p->source.octets);
    lk_get_copy(&r, p->destination.octets, sizeof p->destination.octets);
    p->payload = lk_get_span(&r, length);
    if (r.status != LK_OK)
        return r.status;
    p->whole = lk_span_of(octets.at, V6_HEADER + length);
    return lk_address_is_v4(&p->source) || lk_address_is_v4(&p->destination) ? LK_E_VALUE : LK_OK;
}

enum lk_status lk_ip_read(struct lk_ip_packet *packet, struct lk_span octets)
{
    memset(packet, 0, sizeof *packet);
    if (octets.len == 0)
        return LK_E_SHORT;
    packet->version = octets.at[0] >> 4;
    switch (packet->version) {
    case 4: return read_v4(packet, octets);
    case 6: return read_v6(packet, octets);
    default: return LK_E_VALUE;
    }
}

enum lk_status lk_ip_addresses(struct lk_address *source, struct lk_address *destination,
                               struct lk_span octets)
{
    struct lk_ip_packet packet;
    enum lk_status status = lk_ip_read(&packet, octets);

    *source = packet.source;
    *destination = packet.destination;
    return status;
}

/* ---- checksums ---- */

/* spec: RFC 4443 2.3 - ICMPv6 is summed with a pseudo header, ICMP (RFC 792) without. */
static uint16_t icmp_sum(const struct lk_ip_packet *p, struct lk_span message)
{
    uint32_t sum = 0;

    if (p->version == 6) {
        sum = lk_checksum_add(sum, LK_SPAN(p->source.octets));
        sum = lk_checksum_add(sum, LK_SPAN(p->destination.octets));
        sum += (uint32_t)message.len + LK_IP_ICMPV6;
    }
    return lk_checksum_of(lk_checksum_add(sum, message));
}

/* Of an IPv4 header whose checksum is zero. */
static void seal_header(struct lk_writer *w, size_t from, size_t len)
{
    uint32_t sum = lk_checksum_add(0, lk_span_of(w->at + from, len));

    lk_patch_be16(w, from + V4_CHECKSUM_AT, lk_checksum_of(sum));
}

/* ---- echo ---- */

static uint8_t echo_type(const struct lk_ip_packet *packet, bool reply)
{
    if (packet->version == 4)
        return reply ? V4_REPLY : V4_REQUEST;
    return reply ? V6_REPLY : V6_REQUEST;
}

static bool is_echo(const struct lk_ip_packet *p, bool reply)
{
    return p->protocol == (p->version == 4 ? LK_IP_ICMP : LK_IP_ICMPV6) && !p->fragment &&
           p->payload.len >= ECHO_HEADER && p->payload.at[0] == echo_type(p, reply) &&
           p->payload.at[1] == 0 && icmp_sum(p, p->payload) == 0;
}

static void put_address(struct lk_writer *w, const struct lk_ip_packet *p,
                        const struct lk_address *address)
{
    size_t skip = p->version == 4 ? LK_ADDRESS_LEN - 4 : 0;

    lk_put_octets(w, address->octets + skip, LK_ADDRESS_LEN - skip);
}

/* An IP header without options in front of len octets of ICMP, with its hops. */
static void put_header(struct lk_writer *w, const struct lk_ip_packet *p, size_t len)
{
    size_t from = w->len;

    if (p->version == 4) {
        lk_put_be16(w, 0x4500);
        lk_put_be16(w, (uint16_t)(V4_HEADER + len));
        lk_put_be32(w, 0);
        lk_put_u8(w, p->hops);
        lk_put_u8(w, LK_IP_ICMP);
        lk_put_be16(w, 0);
    } else {
        lk_put_be32(w, 0x60000000);
        lk_put_be16(w, (uint16_t)len);
        lk_put_u8(w, LK_IP_ICMPV6);
        lk_put_u8(w, p->hops);
    }
    put_address(w, p, &p->source);
    put_address(w, p, &p->destination);
    if (p->version == 4 && w->status == LK_OK)
        seal_header(w, from, V4_HEADER);
}

static enum lk_status put_echo(struct lk_writer *w, const struct lk_ip_packet *p, bool reply,
                               uint32_t identifier_sequence, struct lk_span data)
{
    size_t from;

    put_header(w, p, ECHO_HEADER + data.len);
    from = w->len;
    lk_put_u8(w, echo_type(p, reply));
    lk_put_u8(w, 0);
    lk_put_be16(w, 0);
    lk_put_be32(w, identifier_sequence);
    lk_put_span(w, data);
    if (w->status == LK_OK)
        lk_patch_be16(w, from + ECHO_CHECKSUM_AT,
                      icmp_sum(p, lk_span_of(w->at + from, w->len - from)));
    return lk_writer_end(w);
}

static uint32_t identifier_of(struct lk_span echo)
{
    struct lk_reader r = lk_reader_of(lk_span_of(echo.at + 4, 4));

    return lk_get_be32(&r);
}

/* spec: RFC 792 1 - an echo reply has identifier, sequence number and data of the request.
 * spec: RFC 4443 4.2 - the same for IPv6. */
enum lk_status lk_ip_echo(struct lk_writer *w, const struct lk_ip_packet *request)
{
    struct lk_ip_packet reply = { .version = request->version, .hops = HOPS,
                                  .source = request->destination,
                                  .destination = request->source };

    if (!is_echo(request, false))
        return LK_E_UNKNOWN;
    return put_echo(w, &reply, true, identifier_of(request->payload),
                    lk_span_of(request->payload.at + ECHO_HEADER,
                               request->payload.len - ECHO_HEADER));
}

enum lk_status lk_ip_ping(struct lk_writer *w, const struct lk_address *source,
                          const struct lk_address *destination, uint16_t identifier,
                          uint16_t sequence, struct lk_span data)
{
    struct lk_ip_packet request = { .version = lk_address_is_v4(source) ? 4 : 6, .hops = HOPS,
                                    .source = *source, .destination = *destination };

    return put_echo(w, &request, false, (uint32_t)identifier << 16 | sequence, data);
}

enum lk_status lk_ip_icmp(struct lk_writer *w, const struct lk_address *source,
                          const struct lk_address *destination, uint8_t hops, struct lk_span icmp)
{
    const struct lk_ip_packet packet = { .version = 4, .hops = hops, .source = *source,
                                         .destination = *destination };

    put_header(w, &packet, icmp.len);
    lk_put_span(w, icmp);
    return lk_writer_end(w);
}

bool lk_ip_is_pong(const struct lk_ip_packet *packet, uint16_t identifier, uint16_t sequence)
{
    return is_echo(packet, true) &&
           identifier_of(packet->payload) == ((uint32_t)identifier << 16 | sequence);
}

/* spec: RFC 1812 5.3.1 - who forwards takes one from the time to live, and drops what has none. */
enum lk_status lk_ip_hop(struct lk_writer *w, const struct lk_ip_packet *packet)
{
    size_t from = w->len, hops_at = packet->version == 4 ? 8 : 7;

    if (packet->hops <= 1)
        return LK_E_EXPIRED;
    lk_put_span(w, packet->whole);
    lk_patch_u8(w, from + hops_at, (uint8_t)(packet->hops - 1));
    if (packet->version == 4 && w->status == LK_OK) {
        size_t header = (size_t)(w->at[from] & 0x0f) * 4;

        lk_patch_be16(w, from + V4_CHECKSUM_AT, 0);
        seal_header(w, from, header);
    }
    return lk_writer_end(w);
}
