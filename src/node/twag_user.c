/* The user plane of the TWAG: frames of devices to the anchor, packets of the anchor to devices.
 *
 * A frame is let through when the identity that it is sent to is a connection's that is up, it
 * comes from the device that has it, and its source is the address that this connection was given
 * (T33). So nobody speaks for another one, here or behind the anchor. Frames to a device go to the
 * address that its channel proved, and there to a port that has answered (T13). */
#include <string.h>

#include "node/twag_parts.h"
#include "wire/ip.h"

enum {
    HEADER = 2 * LK_WLCP_MAC_LEN + 2,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    ICMPV6_ROUTER_SOLICITATION = 133,
    ICMPV6_ROUTER_ADVERTISEMENT = 134,
    ADVERTISEMENT_LEN = 16 + 8 + 32,
    HOPS = 255,
};

static bool is_up(const struct lk_wlcp_twag_pdn *c)
{
    return c->state == LK_WLCP_TWAG_ACTIVE || c->state == LK_WLCP_TWAG_MODIFY_PENDING;
}

static bool is_own(const struct lk_twag_link *link, const struct lk_address *address)
{
    if (lk_address_is_v4(address))
        return link->has_ipv4 &&
               lk_span_equal(lk_span_of(address->octets + 12, 4), LK_SPAN(link->ipv4));
    return link->has_prefix &&
           lk_span_equal(lk_span_of(address->octets, 8), LK_SPAN(link->prefix));
}

static bool is_link_local(const struct lk_address *address)
{
    return address->octets[0] == 0xfe && (address->octets[1] & 0xc0) == 0x80;
}

static enum lk_status foreign(struct lk_twag *twag, const struct lk_twag_session *s,
                              const char *what, struct lk_twag_outbox *out)
{
    twag->counters.frames_foreign++;
    lk_twag_refuse(out, s, LK_REASON_WLCP_FRAME_FOREIGN, NULL, what);
    return LK_E_DENIED;
}

/* T01: the device's own programs have its addresses too; the port is the connection manager's. */
static bool is_from(const struct lk_twag *twag, const struct lk_twag_session *s,
                    const struct lk_twag_event *event, const uint8_t mac[LK_WLCP_MAC_LEN])
{
    return lk_span_equal(LK_SPAN(s->mac), lk_span_of(mac, LK_WLCP_MAC_LEN)) && s->has_address &&
           lk_address_equal(&s->address, &event->packet.from) &&
           (twag->config.any_source_port || event->packet.from_port == twag->config.user_port);
}

/* A frame to the device of that connection, whose octets behind the header the caller writes. */
static struct lk_writer frame_to(const struct lk_twag *twag, uint32_t row, uint16_t type,
                                 struct lk_twag_outbox *out)
{
    const struct lk_twag_session *s = &twag->session[twag->pool.row[row].owner];
    size_t room = sizeof out->octets - out->used;
    struct lk_writer w = lk_writer_of(out->octets + out->used,
                                      room < LK_TWAG_FRAME_MAX ? room : LK_TWAG_FRAME_MAX);
    uint8_t mac[LK_WLCP_MAC_LEN];

    lk_wlcp_twag_user_plane(mac, &twag->pool, row, twag->pool.row[row].epoch);
    lk_put_octets(&w, s->mac, sizeof s->mac);
    lk_put_octets(&w, mac, sizeof mac);
    lk_put_be16(&w, type);
    return w;
}

static enum lk_status put_frame(struct lk_twag *twag, uint32_t row, const struct lk_writer *w,
                                uint16_t port, struct lk_twag_outbox *out)
{
    const struct lk_wlcp_twag_pdn *c = &twag->pool.row[row];
    const struct lk_twag_session *s = &twag->session[c->owner];
    enum lk_status status = lk_writer_end(w);
    struct lk_twag_output *item;

    if (status != LK_OK || !s->has_address)
        return status != LK_OK ? status : LK_E_NOT_FOUND;
    item = lk_twag_out(out, LK_TWAG_OUT_FRAME, s);
    item->packet.ref = (struct lk_twag_ref){ .row = row, .epoch = c->epoch };
    item->packet.octets = lk_writer_span(w);
    item->packet.to = s->address;
    item->packet.to_port = port;
    out->used += w->len;
    twag->counters.frames_down++;
    return LK_OK;
}

/* To where its device has proven to be. */
static enum lk_status put_proven(struct lk_twag *twag, uint32_t row, const struct lk_writer *w,
                                 struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = &twag->session[twag->pool.row[row].owner];

    return put_frame(twag, row, w, lk_path_to(&s->path, twag->now_ms), out);
}

/* ---- the path ---- */

static struct lk_path_owner owner_of(const struct lk_twag_session *s)
{
    return (struct lk_path_owner){ .number = s->handle, .address = &s->address };
}

/* T13: a frame came from that port. If it is not the proven one, it is asked first. */
static void meet(struct lk_twag *twag, uint32_t row, uint16_t port, struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = &twag->session[twag->pool.row[row].owner];
    struct lk_path_owner owner = owner_of(s);
    struct lk_path_token token;
    struct lk_writer w;

    switch (lk_path_seen(&s->path, port, twag->now_ms)) {
    case LK_PATH_ASK:
        lk_path_ask(&token, &twag->path_key, &owner, port);
        w = frame_to(twag, row, LK_PATH_ETHER_TYPE, out);
        lk_put_octets(&w, token.octets, sizeof token.octets);
        (void)put_frame(twag, row, &w, port, out);
        break;
    case LK_PATH_REFUSED:
        lk_twag_refuse(out, s, LK_REASON_PATH_UNPROVEN, "an answer to a token", NULL);
        break;
    case LK_PATH_PROVEN:
    case LK_PATH_SILENT:
    case LK_PATH_STRANGER: /* from port 0: nobody can answer to it */
        break;
    }
}

static enum lk_status answered(struct lk_twag *twag, struct lk_twag_session *s, uint16_t port,
                               struct lk_span token)
{
    struct lk_path_owner owner = owner_of(s);

    return lk_path_answered(&s->path, &twag->path_key, &owner, port, token) ? LK_OK : LK_E_DENIED;
}

/* ---- the router's word ---- */

static uint16_t checksum(const struct lk_address *source, const struct lk_address *destination,
                         struct lk_span message)
{
    uint8_t room[2 * LK_ADDRESS_LEN + 8 + ADVERTISEMENT_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_reader r;
    uint32_t sum = 0;

    lk_put_octets(&w, source->octets, LK_ADDRESS_LEN);
    lk_put_octets(&w, destination->octets, LK_ADDRESS_LEN);
    lk_put_be32(&w, (uint32_t)message.len);
    lk_put_be32(&w, LK_IP_ICMPV6);
    lk_put_span(&w, message);
    r = lk_reader_of(lk_writer_span(&w));
    while (r.left >= 2)
        sum += lk_get_be16(&r);
    while (sum > 0xffff)
        sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)~sum;
}

/* spec: RFC 4861 4.2 - a router advertisement; spec: RFC 5213 6.7 - with the device's own prefix in
 * it, from which it makes its address, on a link of its own. */
void lk_twag_advertise(struct lk_twag *twag, uint32_t row, struct lk_twag_outbox *out)
{
    static const struct lk_address router = { { 0xfe, 0x80, [15] = 1 } };
    static const struct lk_address all = { { 0xff, 0x02, [15] = 1 } };
    uint8_t message[ADVERTISEMENT_LEN], mac[LK_WLCP_MAC_LEN];
    struct lk_writer m = lk_writer_of(message, sizeof message), w;

    if (!twag->link[row].has_prefix)
        return;
    lk_wlcp_twag_user_plane(mac, &twag->pool, row, twag->pool.row[row].epoch);
    lk_put_u8(&m, ICMPV6_ROUTER_ADVERTISEMENT);
    lk_put_zeroes(&m, 3);         /* code, checksum */
    lk_put_be32(&m, 64u << 24 | 1800); /* hop limit, flags, lifetime in seconds */
    lk_put_zeroes(&m, 8);
    lk_put_be16(&m, 0x0101); /* our link-layer address */
    lk_put_octets(&m, mac, sizeof mac);
    lk_put_be16(&m, 0x0304); /* prefix information: for addresses of its own, not on the link */
    lk_put_be16(&m, 64u << 8 | 0x40);
    lk_put_be32(&m, UINT32_MAX);
    lk_put_be32(&m, UINT32_MAX);
    lk_put_zeroes(&m, 4);
    lk_put_octets(&m, twag->link[row].prefix, sizeof twag->link[row].prefix);
    lk_put_zeroes(&m, 8);
    lk_patch_be16(&m, 2, checksum(&router, &all, lk_writer_span(&m)));
    w = frame_to(twag, row, TYPE_IPV6, out);
    lk_put_be32(&w, 6u << 28);
    lk_put_be16(&w, (uint16_t)m.len);
    lk_put_be16(&w, LK_IP_ICMPV6 << 8 | HOPS);
    lk_put_octets(&w, router.octets, LK_ADDRESS_LEN);
    lk_put_octets(&w, all.octets, LK_ADDRESS_LEN);
    lk_put_span(&w, lk_writer_span(&m));
    (void)put_proven(twag, row, &w, out);
}

static bool asks_for_router(const struct lk_ip_packet *packet)
{
    return packet->version == 6 && packet->protocol == LK_IP_ICMPV6 && packet->hops == HOPS &&
           packet->payload.len >= 8 && packet->payload.at[0] == ICMPV6_ROUTER_SOLICITATION;
}

/* ---- frames and packets ---- */

enum lk_status lk_twag_on_frame(struct lk_twag *twag, const struct lk_twag_event *event,
                                struct lk_twag_outbox *out)
{
    struct lk_reader r = lk_reader_of(event->packet.octets);
    struct lk_span to = lk_get_span(&r, LK_WLCP_MAC_LEN), from = lk_get_span(&r, LK_WLCP_MAC_LEN);
    uint16_t type = lk_get_be16(&r);
    struct lk_ip_packet packet;
    struct lk_twag_session *s;
    struct lk_twag_output *item;
    uint32_t row;

    if (r.status != LK_OK)
        return LK_E_SHORT;
    row = lk_wlcp_twag_row_of(to.at, &twag->pool);
    if (row == LK_WLCP_NO_ROW)
        return foreign(twag, NULL, "a user plane identity of nobody", out);
    s = &twag->session[twag->pool.row[row].owner];
    if (!is_up(&twag->pool.row[row])) {
        twag->counters.frames_unbound++;
        return LK_E_NOT_FOUND;
    }
    if (!is_from(twag, s, event, from.at))
        return foreign(twag, s, "another device's frame", out);
    if (type == LK_PATH_ETHER_TYPE)
        return answered(twag, s, event->packet.from_port, lk_get_rest(&r));
    if (lk_ip_read(&packet, lk_get_rest(&r)) != LK_OK ||
        type != (packet.version == 4 ? TYPE_IPV4 : TYPE_IPV6))
        return LK_E_VALUE;
    if (asks_for_router(&packet) &&
        (is_link_local(&packet.source) || lk_address_is_any(&packet.source))) {
        lk_twag_advertise(twag, row, out);
        meet(twag, row, event->packet.from_port, out);
        return LK_OK;
    }
    if (!is_own(&twag->link[row], &packet.source))
        return foreign(twag, s, "a source address that is not the connection's", out);
    meet(twag, row, event->packet.from_port, out);
    twag->counters.frames_up++;
    item = lk_twag_out(out, LK_TWAG_OUT_TUNNEL, s);
    item->packet.ref = (struct lk_twag_ref){ .row = row, .epoch = twag->pool.row[row].epoch };
    item->packet.octets = packet.whole;
    return LK_OK;
}

enum lk_status lk_twag_on_packet(struct lk_twag *twag, const struct lk_twag_event *event,
                                 struct lk_twag_outbox *out)
{
    struct lk_ip_packet packet;
    enum lk_status status = lk_ip_read(&packet, event->packet.octets);
    struct lk_writer w;
    uint32_t row;

    if (status != LK_OK)
        return status;
    if (packet.version == 4)
        row = lk_twag_find_row(twag, LK_TWAG_BY_IPV4,
                               lk_span_of(packet.destination.octets + 12, 4));
    else
        row = lk_twag_find_row(twag, LK_TWAG_BY_PREFIX, lk_span_of(packet.destination.octets, 8));
    if (row == LK_WLCP_NO_ROW || !is_up(&twag->pool.row[row])) {
        twag->counters.packets_unbound++;
        return LK_E_NOT_FOUND;
    }
    w = frame_to(twag, row, packet.version == 4 ? TYPE_IPV4 : TYPE_IPV6, out);
    lk_put_span(&w, packet.whole);
    return put_proven(twag, row, &w, out);
}
