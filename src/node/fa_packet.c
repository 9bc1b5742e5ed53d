/* The foreign agent's packets: from visitors to their home agents, and back. */
#include "node/fa_parts.h"
#include "wire/mip_agent.h"

enum { ENVELOPE = 4 };

/* One hop on, in the tunnel to there. */
static bool pass(struct lk_fa *fa, const struct lk_ip_packet *packet, const struct lk_fa_place *to,
                 struct lk_fa_outbox *out)
{
    uint8_t octets[ENVELOPE + LK_IP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    if (lk_ip_hop(&w, packet) != LK_OK) {
        fa->counters.hops++;
        return false;
    }
    lk_fa_send(out, to, lk_writer_span(&w));
    return true;
}

/* T16: what is for nobody who is served by that home agent is dropped. */
static void down(struct lk_fa *fa, const struct lk_ip_packet *packet,
                 const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct lk_fa_visitor *v = lk_fa_home(fa, &packet->destination, &event->from);

    if (v == NULL) {
        fa->counters.down_unbound++;
        return;
    }
    if (!pass(fa, packet, &v->at, out))
        return;
    v->down_packets++;
    v->down_octets += packet->whole.len;
    fa->counters.down_packets++;
    fa->counters.down_octets += packet->whole.len;
}

/* T33: only from where it registered, and only with its own address. spec: RFC 3024 4.2 - all of it
 * goes to its home agent. */
static void up(struct lk_fa *fa, const struct lk_ip_packet *packet,
               const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct lk_fa_visitor *v = lk_fa_at(fa, &event->from);

    if (v == NULL || !v->known || !lk_address_equal(&v->home, &packet->source)) {
        fa->counters.up_unbound++;
        return;
    }
    if (!pass(fa, packet, &v->agent, out))
        return;
    v->up_packets++;
    v->up_octets += packet->whole.len;
    fa->counters.up_packets++;
    fa->counters.up_octets += packet->whole.len;
}

/* spec: RFC 5944 2.1.1 - whoever asks for an agent, with or without an address. */
static bool solicits(const struct lk_ip_packet *packet)
{
    return packet->version == 4 && packet->protocol == LK_IP_ICMP && !packet->fragment &&
           packet->hops == 1 && packet->payload.len > 0 &&
           packet->payload.at[0] == LK_MIP_SOLICITATION &&
           lk_mip_solicitation_check(packet->payload) == LK_OK;
}

void lk_fa_packet(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct lk_mip_tunnel tunnel;
    struct lk_ip_packet packet;

    if (lk_mip_tunnel_decode(&tunnel, event->octets) != LK_OK ||
        tunnel.encapsulation != LK_MIP_IN_IP || tunnel.packet.len > LK_IP_PACKET_MAX ||
        lk_ip_read(&packet, tunnel.packet) != LK_OK || packet.version != 4) {
        fa->counters.packets_malformed++;
        return;
    }
    if (lk_fa_agent_at(fa->config, &event->from) != NULL)
        down(fa, &packet, event, out);
    else if (solicits(&packet))
        lk_fa_advertise(fa, event, out);
    else
        up(fa, &packet, event, out);
}
