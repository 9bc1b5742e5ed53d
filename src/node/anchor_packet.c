/* The anchor's user plane: packets between gateways' tunnels and the network behind the anchor. */
#include <string.h>

#include "node/anchor_parts.h"

/* Traffic passes while the binding has an owner who has not released it. */
static bool passes(const struct lk_binding *b)
{
    return lk_binding_stands(b).passes;
}

/* T16: so many octets a second, and a second's worth at once. */
static bool polices(struct lk_binding_bucket *bucket, uint32_t rate, size_t octets,
                    uint64_t now_ms)
{
    uint32_t passed_ms = (uint32_t)now_ms - bucket->at_ms;
    uint64_t gained;

    if (rate == 0)
        return true;
    gained = (uint64_t)passed_ms * rate / 1000;
    if (passed_ms >= 1000 || bucket->octets + gained > rate) {
        bucket->octets = rate;
        bucket->at_ms = (uint32_t)now_ms;
    } else {
        bucket->octets += (uint32_t)gained;
        /* Time that was worth nothing yet is kept. */
        bucket->at_ms += (uint32_t)((gained * 1000 + rate - 1) / rate);
    }
    if (bucket->octets < octets)
        return false;
    bucket->octets -= (uint32_t)octets;
    return true;
}

static void to_tunnel(struct lk_anchor *anchor, struct lk_binding *b, struct lk_span packet,
                      uint64_t now_ms, struct lk_anchor_outbox *out)
{
    const struct lk_anchor_place there = lk_anchor_place_of(b);
    bool device = there.by != 0;
    struct lk_anchor_output *item;

    if (!polices(&b->down, anchor->config->policed_octets, packet.len, now_ms)) {
        anchor->counters.policed++;
        return;
    }
    lk_anchor_probe(anchor, b, now_ms, out);
    if (device && !lk_anchor_may_reach(anchor, LK_ANCHOR_SENT_TRAFFIC, b, now_ms))
        return;
    b->volume.down_octets += packet.len;
    b->volume.down_packets++;
    anchor->counters.down_octets += packet.len;
    anchor->counters.down_packets++;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_TUNNEL, device ? 0 : lk_binding_stands(b).owner);
    item->to = there;
    item->octets = packet;
}

static bool is_gateway(const struct lk_anchor_config *config, const struct lk_address *address)
{
    const struct lk_pool *pool = lk_anchor_pool_of(config, address);

    return pool != NULL && lk_address_equal(&pool->gateway, address);
}

/* T16: an echo goes to whoever is bound and proved to be, as long as it was asked, and not more
 * than so many a second. No other ICMP is ever made. */
static void echo(struct lk_anchor *anchor, struct lk_binding *b, const struct lk_ip_packet *packet,
                 uint64_t now_ms, struct lk_anchor_outbox *out)
{
    struct lk_writer w = lk_writer_of(out->octets, sizeof out->octets);
    uint32_t rate = anchor->config->icmp_rate;

    if (lk_ip_echo(&w, packet) != LK_OK)
        return;
    if (!lk_budget_take(&anchor->icmp, rate, rate, now_ms)) {
        anchor->counters.echo_limited++;
        return;
    }
    anchor->counters.echoed++;
    out->used += w.len;
    to_tunnel(anchor, b, lk_writer_span(&w), now_ms, out);
}

/* From one device of ours to another. */
static void across(struct lk_anchor *anchor, const struct lk_ip_packet *packet, uint64_t now_ms,
                   struct lk_anchor_outbox *out)
{
    struct lk_binding *to = lk_binding_at(anchor->table, &packet->destination);
    struct lk_writer w = lk_writer_of(out->octets, sizeof out->octets);

    if (to == NULL || !passes(to)) {
        anchor->counters.down_unbound++;
    } else if (lk_ip_hop(&w, packet) != LK_OK) {
        anchor->counters.hops++;
    } else {
        out->used += w.len;
        to_tunnel(anchor, to, lk_writer_span(&w), now_ms, out);
    }
}

/* What a tunnel of Mobile IPv4 has about the packet is taken off; a packet of MIPv6 is as it is.
 * False: it is none of ours. */
static bool carried(struct lk_span *packet, const struct lk_anchor_event *event)
{
    struct lk_mip_tunnel tunnel;

    if (event->kind != LK_ANCHOR_EV_MIP)
        return true;
    if (lk_mip_tunnel_decode(&tunnel, event->octets) != LK_OK ||
        tunnel.encapsulation != LK_MIP_IN_IP)
        return false;
    *packet = tunnel.packet;
    return true;
}

/* T33: a gateway's tunnel is the gateway's; a device's is from where it registered. */
static bool is_owners(const struct lk_binding *b, const struct lk_anchor_event *event)
{
    bool six = event->kind == LK_ANCHOR_EV_MIP6;
    const struct lk_anchor_place from = { event->from, event->port,
                                          six ? LK_BINDING_MIP6 : LK_BINDING_MIP };

    return six || event->kind == LK_ANCHOR_EV_MIP ? lk_anchor_is_at(b, &from)
                                                  : lk_binding_stands(b).owner == event->mag;
}

void lk_anchor_from_tunnel(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                           struct lk_anchor_outbox *out)
{
    struct lk_anchor_counters *c = &anchor->counters;
    struct lk_span octets = event->octets;
    struct lk_ip_packet packet;
    struct lk_binding *b;

    if (!carried(&octets, event) || octets.len > LK_IP_PACKET_MAX ||
        lk_ip_read(&packet, octets) != LK_OK) {
        c->up_malformed++;
        return;
    }
    /* T33: the source is an address of a binding, and the tunnel is that of its owner. */
    b = lk_binding_at(anchor->table, &packet.source);
    if (b == NULL || !passes(b)) {
        c->up_unbound++;
        return;
    }
    if (!is_owners(b, event)) {
        c->up_foreign++;
        return;
    }
    if (is_gateway(anchor->config, &packet.destination) && lk_anchor_reached(anchor, b, &packet))
        return;
    if (!polices(&b->up, anchor->config->policed_octets, packet.whole.len, event->now_ms)) {
        c->policed++;
        return;
    }
    b->volume.up_octets += packet.whole.len;
    b->volume.up_packets++;
    c->up_octets += packet.whole.len;
    c->up_packets++;
    if (is_gateway(anchor->config, &packet.destination))
        echo(anchor, b, &packet, event->now_ms, out);
    else if (lk_anchor_pool_of(anchor->config, &packet.destination) != NULL)
        across(anchor, &packet, event->now_ms, out);
    else
        lk_anchor_add(out, LK_ANCHOR_OUT_NETWORK, event->mag)->octets = packet.whole;
}

/* T16: what has no binding is dropped before anything else is done with it. */
void lk_anchor_from_network(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                            struct lk_anchor_outbox *out)
{
    struct lk_ip_packet packet;
    struct lk_binding *b;

    if (event->octets.len > LK_IP_PACKET_MAX || lk_ip_read(&packet, event->octets) != LK_OK) {
        anchor->counters.down_malformed++;
        return;
    }
    b = lk_binding_at(anchor->table, &packet.destination);
    if (b == NULL || !passes(b)) {
        anchor->counters.down_unbound++;
        return;
    }
    to_tunnel(anchor, b, packet.whole, event->now_ms, out);
}
