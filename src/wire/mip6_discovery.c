#include "wire/mip6_discovery.h"

#include <string.h>

#include "base/checksum.h"
#include "wire/ip.h"

enum {
    REQUEST = 144,
    REPLY = 145,
    HEADER = 8,
    CHECKSUM_AT = 2,
    HOPS = 64,
    EUI64_BITS = 64,
    HOME_AGENTS = 0x7e, /* RFC 2526: the number of this anycast address, in seven bits */
};

/* spec: RFC 4443 2.3 - with a pseudo header. */
static uint16_t sum_of(const struct lk_mip6_discovery *d, struct lk_span message)
{
    uint32_t sum = lk_checksum_add(0, LK_SPAN(d->source.octets));

    sum = lk_checksum_add(sum, LK_SPAN(d->destination.octets));
    return lk_checksum_of(
        lk_checksum_add(sum + (uint32_t)message.len + LK_IP_ICMPV6, message));
}

/* spec: RFC 6275 6.5 - identifier, sixteen bits reserved.
 * spec: RFC 6275 6.6 - the same, and addresses of home agents. */
static enum lk_status get_message(struct lk_mip6_discovery *d, struct lk_span message)
{
    struct lk_reader r = lk_reader_of(message);

    d->reply = lk_get_u8(&r) == REPLY;
    if (lk_get_u8(&r) != 0)
        lk_reader_fail(&r, LK_E_VALUE);
    (void)lk_get_be16(&r);
    d->identifier = lk_get_be16(&r);
    (void)lk_get_be16(&r);
    if (r.left % LK_ADDRESS_LEN != 0 || d->reply != (r.left > 0))
        lk_reader_fail(&r, LK_E_LENGTH);
    while (r.status == LK_OK && r.left > 0) {
        struct lk_address agent;

        lk_get_copy(&r, agent.octets, sizeof agent.octets);
        if (d->agent_count < LK_MIP6_DISCOVERY_AGENTS)
            d->agent[d->agent_count++] = agent;
    }
    return lk_reader_end(&r);
}

enum lk_status lk_mip6_discovery_read(struct lk_mip6_discovery *discovery, struct lk_span octets)
{
    struct lk_ip_packet ip;
    enum lk_status status = lk_ip_read(&ip, octets);

    memset(discovery, 0, sizeof *discovery);
    if (status != LK_OK)
        return status;
    if (ip.version != 6 || ip.protocol != LK_IP_ICMPV6 || ip.payload.len == 0 ||
        (ip.payload.at[0] != REQUEST && ip.payload.at[0] != REPLY))
        return LK_E_UNKNOWN;
    discovery->source = ip.source;
    discovery->destination = ip.destination;
    if (ip.payload.len < HEADER)
        return LK_E_SHORT;
    return sum_of(discovery, ip.payload) == 0 ? get_message(discovery, ip.payload) : LK_E_VALUE;
}

enum lk_status lk_mip6_discovery_write(struct lk_writer *w,
                                       const struct lk_mip6_discovery *discovery)
{
    size_t count = discovery->reply ? discovery->agent_count : 0, at;
    size_t len = HEADER + count * LK_ADDRESS_LEN;

    if (count > LK_MIP6_DISCOVERY_AGENTS || (discovery->reply && count == 0))
        return LK_E_VALUE;
    lk_put_be32(w, (uint32_t)6 << 28);
    lk_put_be16(w, (uint16_t)len);
    lk_put_u8(w, LK_IP_ICMPV6);
    lk_put_u8(w, HOPS);
    lk_put_octets(w, discovery->source.octets, LK_ADDRESS_LEN);
    lk_put_octets(w, discovery->destination.octets, LK_ADDRESS_LEN);
    at = w->len;
    lk_put_u8(w, discovery->reply ? REPLY : REQUEST);
    lk_put_u8(w, 0);
    lk_put_be16(w, 0);
    lk_put_be16(w, discovery->identifier);
    lk_put_be16(w, 0);
    for (size_t i = 0; i < count; i++)
        lk_put_octets(w, discovery->agent[i].octets, LK_ADDRESS_LEN);
    if (w->status == LK_OK)
        lk_patch_be16(w, at + CHECKSUM_AT, sum_of(discovery, lk_span_of(w->at + at, len)));
    return lk_writer_end(w);
}

/* spec: RFC 2526 2 - in a network of 64 bits, whose identifiers are EUI-64, the universal bit is
 * zero; in another all bits in front of the last seven are one. */
struct lk_address lk_mip6_home_agents(const struct lk_address_prefix *network)
{
    struct lk_address address = network->address;

    for (unsigned bit = network->bits; bit < LK_ADDRESS_BITS; bit++)
        address.octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    if (network->bits == EUI64_BITS)
        address.octets[EUI64_BITS / 8] &= 0xfd;
    address.octets[LK_ADDRESS_LEN - 1] = 0x80 | HOME_AGENTS;
    return address;
}
