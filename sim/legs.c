/* Datagrams of RADIUS on their way, and what nobody may read in them. */
#include "sim/invariants.h"

static void send(struct sim_world *world, enum sim_aaa_kind kind, unsigned to, unsigned from,
                 struct lk_span octets)
{
    sim_link(world, (struct sim_event){ .kind = kind, .who = to, .from = from }, octets);
}

void sim_leg_to_node(struct sim_world *world, unsigned ue, unsigned node, struct lk_span octets)
{
    sim_check_datagram(world, ue, false, octets);
    send(world, SIM_AT_NODE, node, ue, octets);
}

void sim_leg_to_point(struct sim_world *world, unsigned node, unsigned ue, struct lk_span octets)
{
    sim_check_datagram(world, ue, true, octets);
    send(world, SIM_AT_POINT, ue, node, octets);
}

void sim_leg_to_twap(struct sim_world *world, unsigned ue, unsigned twap, struct lk_span octets)
{
    sim_check_datagram(world, ue, false, octets);
    send(world, SIM_AT_TWAP, twap, ue, octets);
}

void sim_leg_twap_to_node(struct sim_world *world, unsigned twap, unsigned node,
                          struct lk_span octets)
{
    send(world, SIM_AT_NODE, node, sim_twap_as_client(world, twap), octets);
}

void sim_leg_node_to_twap(struct sim_world *world, unsigned node, unsigned twap,
                          struct lk_span octets)
{
    sim_check_wlcp_hidden(world, octets);
    send(world, SIM_BACK_AT_TWAP, twap, node, octets);
}

void sim_leg_twap_to_point(struct sim_world *world, unsigned twap, unsigned ue,
                           struct lk_span octets)
{
    sim_check_datagram(world, ue, true, octets);
    sim_check_wlcp_hidden(world, octets);
    sim_check_stripped(world, octets);
    send(world, SIM_AT_POINT, ue, twap, octets);
}
