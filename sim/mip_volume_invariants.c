/* What is accounted to a subscriber in the world of Mobile IP, and what was forwarded for it (T14):
 * see mip_invariants.h. */
#include "sim/mip_invariants.h"

enum { ECHO_REQUEST = 8, HOME_NETWORK = 10 };

void sim_check_mark(struct sim_world *world, const struct lk_binding_mark *mark)
{
    const struct sim_mobile *node = sim_mobile_of(world, &mark->imsi);
    struct sim_mip_truth *t;

    if (node == NULL)
        return;
    t = sim_truth_of(world, node);
    if (mark->up_octets != t->up || mark->down_octets != t->down)
        sim_break(world, "volume-right", "node %u: %llu and %llu octets are marked, of %llu, %llu",
                  node->index, (unsigned long long)mark->up_octets,
                  (unsigned long long)mark->down_octets, (unsigned long long)t->up,
                  (unsigned long long)t->down);
    t->marked += mark->up_octets + mark->down_octets;
    t->up = t->down = 0;
}

static bool is_probe(struct lk_span packet)
{
    struct lk_ip_packet read;

    return lk_ip_read(&read, packet) == LK_OK && read.protocol == LK_IP_ICMP &&
           read.payload.len > 0 && read.payload.at[0] == ECHO_REQUEST;
}

/* What went on, and whose it is: by the packet's own addresses. */
void sim_check_packet_on(struct sim_world *world, const struct lk_anchor_output *item)
{
    bool down = item->kind == LK_ANCHOR_OUT_TUNNEL;
    struct sim_mobile *node =
        sim_owner_of(world, item->octets.at + (down ? SIM_ADDRESS_AT : SIM_SOURCE_AT));
    struct sim_mip_truth *t;
    const struct lk_binding *row;

    if (node == NULL || is_probe(item->octets))
        return;
    t = sim_truth_of(world, node);
    row = sim_row_of(world, node);
    *(down ? &t->down : &t->up) += item->octets.len;
    t->forwarded += item->octets.len;
    if (row == NULL || row->volume.up_octets != t->up || row->volume.down_octets != t->down)
        sim_break(world, "volume-right", "node %u: %llu and %llu octets are forwarded, %llu and "
                  "%llu accounted", node->index, (unsigned long long)t->up,
                  (unsigned long long)t->down,
                  row == NULL ? 0 : (unsigned long long)row->volume.up_octets,
                  row == NULL ? 0 : (unsigned long long)row->volume.down_octets);
}

/* What a node writes to the home network itself, its gateway or another node, is taken there. */
void sim_check_within(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct lk_span octets = event->octets;
    struct lk_mip_tunnel data;
    struct lk_ip_packet packet;
    struct sim_mobile *node;
    const struct lk_binding *row;
    struct sim_mip_truth *t;

    if (event->kind == LK_ANCHOR_EV_MIP && lk_mip_tunnel_decode(&data, octets) == LK_OK)
        octets = data.packet;
    else if (event->kind != LK_ANCHOR_EV_TUNNEL && event->kind != LK_ANCHOR_EV_MIP6)
        return;
    if (lk_ip_read(&packet, octets) != LK_OK ||
        (packet.version == 4 && octets.at[SIM_ADDRESS_AT] != HOME_NETWORK))
        return;
    node = packet.version == 6 ? sim_owner6_of(world, &packet.source)
                               : sim_owner_of(world, octets.at + SIM_SOURCE_AT);
    row = node == NULL ? NULL : sim_row_of(world, node);
    if (row == NULL)
        return;
    t = sim_truth_of(world, node);
    if (row->volume.up_octets == t->up + packet.whole.len) {
        t->up += packet.whole.len;
        t->forwarded += packet.whole.len;
    }
}

void sim_check_mark_durable(struct sim_world *world, const struct lk_binding_mark *mark)
{
    sim_truth_of(world, sim_mobile_of(world, &mark->imsi))->marked_durable +=
        mark->up_octets + mark->down_octets;
}

/* At rest. */
void sim_check_account(struct sim_world *world, const struct sim_mobile *node)
{
    const struct sim_mip_truth *t = sim_truth_of(world, node);
    const struct lk_binding *row = sim_row_of(world, node);
    uint64_t accounted = t->marked;

    if (row != NULL)
        accounted += row->volume.up_octets + row->volume.down_octets;
    if (accounted != t->forwarded)
        sim_break(world, "volume-right", "node %u: %llu octets are accounted, of %llu",
                  node->index, (unsigned long long)accounted, (unsigned long long)t->forwarded);
}
