/* Mobility messages in IPv6 packets.
 *
 *     IPv6 | destination options (60): 201, home address | Mobility Header (135)   from the node
 *     IPv6 | routing (43): type 2, home address          | Mobility Header (135)   to the node */
#include "wire/mip6.h"

#include <string.h>

#include "wire/ip.h"
#include "wire/pmip.h"

enum {
    ROUTING = 43,
    DESTINATION_OPTIONS = 60,
    PAD1 = 0,
    PADN = 1,
    HOME_ADDRESS = 0xc9,
    SKIPPED = 0xc0, /* an option with neither bit is skipped by who does not know it */
    UNIT = 8,
    HEADER_UNITS = 2, /* of either header, less one: 24 octets */
    TYPE_2 = 2,
    SEGMENTS = 1,
    HOPS = 64,
    CHECKSUM_AT = 4,
};

static void set_home(struct lk_reader *r, struct lk_mip6_packet *p, enum lk_mip6_home way)
{
    if (p->way != LK_MIP6_HOME_NONE)
        lk_reader_fail(r, LK_E_TWICE);
    p->way = (uint8_t)way;
    lk_get_copy(r, p->home.octets, sizeof p->home.octets);
}

/* spec: RFC 6275 6.3 - one Home Address option, of 16 octets.
 * spec: RFC 8200 4.2 - the two highest bits of an option say what becomes of who does not know it.
 */
static enum lk_status get_options(struct lk_mip6_packet *p, struct lk_span data)
{
    struct lk_reader r = lk_reader_of(data);

    while (r.status == LK_OK && r.left > 0) {
        uint8_t type = lk_get_u8(&r);
        struct lk_reader inner;

        if (type == PAD1)
            continue;
        inner = lk_reader_of(lk_get_lv8(&r));
        if (type == HOME_ADDRESS) {
            set_home(&inner, p, LK_MIP6_HOME_OPTION);
            if (r.status == LK_OK && lk_reader_end(&inner) != LK_OK)
                lk_reader_fail(&r, inner.status != LK_OK ? inner.status : LK_E_LENGTH);
        } else if (type != PADN && (type & SKIPPED) != 0) {
            lk_reader_fail(&r, LK_E_VALUE);
        }
    }
    return r.status;
}

/* spec: RFC 6275 6.4 - a type 2 routing header has one address, and is for one more hop. */
static enum lk_status get_route(struct lk_mip6_packet *p, struct lk_span data)
{
    struct lk_reader r = lk_reader_of(data);
    uint8_t type = lk_get_u8(&r), left = lk_get_u8(&r);

    (void)lk_get_be32(&r);
    if (type != TYPE_2)
        return LK_E_UNKNOWN;
    if (left != SEGMENTS)
        return LK_E_VALUE;
    set_home(&r, p, LK_MIP6_HOME_ROUTE);
    return lk_reader_end(&r) == LK_E_TRAILING ? LK_E_LENGTH : r.status;
}

/* spec: RFC 6275 6.1.1 - of the home address where one is told, not of what stands for it. */
static uint16_t sum_of(const struct lk_mip6_packet *p, struct lk_span message)
{
    return lk_mobility_sum(p->way == LK_MIP6_HOME_OPTION ? &p->home : &p->source,
                           p->way == LK_MIP6_HOME_ROUTE ? &p->home : &p->destination, message);
}

static enum lk_status judge_message(const struct lk_mip6_packet *p)
{
    struct lk_span m = p->message;

    if (m.len < UNIT)
        return LK_E_SHORT;
    if (m.len > LK_MOBILITY_MAX)
        return LK_E_LENGTH;
    return sum_of(p, m) == (m.at[CHECKSUM_AT] << 8 | m.at[CHECKSUM_AT + 1]) ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_mip6_read(struct lk_mip6_packet *packet, struct lk_span octets)
{
    struct lk_ip_packet ip;
    struct lk_reader r;
    uint8_t next;
    enum lk_status status = lk_ip_read(&ip, octets);

    memset(packet, 0, sizeof *packet);
    if (status != LK_OK)
        return status;
    if (ip.version != 6)
        return LK_E_UNKNOWN;
    packet->source = ip.source;
    packet->destination = ip.destination;
    r = lk_reader_of(ip.payload);
    for (next = ip.protocol; next == DESTINATION_OPTIONS || next == ROUTING;) {
        bool options = next == DESTINATION_OPTIONS;
        struct lk_span data;
        size_t units;

        next = lk_get_u8(&r);
        units = lk_get_u8(&r);
        data = lk_get_span(&r, (units + 1) * UNIT - 2);
        if (r.status != LK_OK)
            return r.status;
        status = options ? get_options(packet, data) : get_route(packet, data);
        if (status != LK_OK)
            return status;
    }
    if (next != LK_MOBILITY_NEXT_HEADER)
        return LK_E_UNKNOWN;
    packet->message = lk_get_rest(&r);
    return judge_message(packet);
}

/* spec: RFC 6275 6.3 - the option begins at 8n + 6. */
static void put_home(struct lk_writer *w, const struct lk_mip6_packet *p)
{
    if (p->way == LK_MIP6_HOME_NONE)
        return;
    lk_put_u8(w, LK_MOBILITY_NEXT_HEADER);
    lk_put_u8(w, HEADER_UNITS);
    if (p->way == LK_MIP6_HOME_OPTION) {
        static const uint8_t head[] = { PADN, 2, 0, 0, HOME_ADDRESS, LK_ADDRESS_LEN };

        lk_put_octets(w, head, sizeof head);
    } else {
        lk_put_u8(w, TYPE_2);
        lk_put_u8(w, SEGMENTS);
        lk_put_be32(w, 0);
    }
    lk_put_octets(w, p->home.octets, sizeof p->home.octets);
}

enum lk_status lk_mip6_write(struct lk_writer *w, const struct lk_mip6_packet *packet)
{
    static const uint8_t next[] = {
        [LK_MIP6_HOME_NONE] = LK_MOBILITY_NEXT_HEADER,
        [LK_MIP6_HOME_OPTION] = DESTINATION_OPTIONS,
        [LK_MIP6_HOME_ROUTE] = ROUTING,
    };
    size_t home = packet->way == LK_MIP6_HOME_NONE ? 0 : (HEADER_UNITS + 1) * UNIT, at;

    if (packet->message.len < UNIT || packet->message.len > LK_MOBILITY_MAX)
        return LK_E_LENGTH;
    lk_put_be32(w, (uint32_t)6 << 28);
    lk_put_be16(w, (uint16_t)(home + packet->message.len));
    lk_put_u8(w, next[packet->way]);
    lk_put_u8(w, HOPS);
    lk_put_octets(w, packet->source.octets, LK_ADDRESS_LEN);
    lk_put_octets(w, packet->destination.octets, LK_ADDRESS_LEN);
    put_home(w, packet);
    at = w->len;
    lk_put_span(w, packet->message);
    if (w->status == LK_OK)
        lk_patch_be16(w, at + CHECKSUM_AT, sum_of(packet, packet->message));
    return lk_writer_end(w);
}
