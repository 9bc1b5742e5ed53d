/* The network between access points and nodes: loss, duplication, delay (hence reordering),
 * corruption, and an attacker who sends again what he has seen. */
#include "sim/invariants.h"
#include "sim/world.h"

#include <string.h>

static void remember(struct sim_world *world, bool to_node, unsigned to, unsigned from,
                     struct lk_span octets)
{
    struct sim_seen *seen = &world->seen[sim_random_below(&world->random, SIM_SEEN)];

    if (octets.len > sizeof seen->octets)
        return;
    *seen = (struct sim_seen){ .to = to, .from = from, .to_node = to_node, .len = octets.len };
    memcpy(seen->octets, octets.at, octets.len);
    if (world->seen_count < SIM_SEEN)
        world->seen_count++;
}

static void deliver(struct sim_world *world, bool to_node, unsigned to, unsigned from,
                    struct lk_span octets)
{
    struct sim_event event = { .kind = to_node ? SIM_AT_NODE : SIM_AT_POINT, .who = to,
                               .from = from };
    uint64_t delay = 1;

    if (world->faults)
        delay += sim_random_below(&world->random, world->options->delay_ms + 1);
    sim_later(world, event, delay, octets.at, octets.len);
}

static void deliver_corrupt(struct sim_world *world, bool to_node, unsigned to, unsigned from,
                            struct lk_span octets)
{
    uint8_t copy[SIM_DATAGRAM_MAX];
    size_t len = octets.len;

    LK_ASSERT(len > 0 && len <= sizeof copy);
    memcpy(copy, octets.at, len);
    for (uint64_t n = 1 + sim_random_below(&world->random, 4); n > 0; n--)
        copy[sim_random_below(&world->random, len)] ^=
            (uint8_t)(1 + sim_random_below(&world->random, 255));
    if (sim_random_chance(&world->random, 250))
        len = sim_random_below(&world->random, len);
    deliver(world, to_node, to, from, lk_span_of(copy, len));
}

static void replay(struct sim_world *world)
{
    const struct sim_seen *seen = &world->seen[sim_random_below(&world->random, SIM_SEEN)];
    unsigned from = seen->from, to = seen->to;

    if (seen->len == 0)
        return;
    if (seen->to_node && sim_random_chance(&world->random, 300))
        to = (unsigned)sim_random_below(&world->random, SIM_NODES); /* to another node */
    if (seen->to_node && sim_random_chance(&world->random, 200))
        from = (unsigned)sim_random_below(&world->random, world->options->ues); /* from elsewhere */
    deliver(world, seen->to_node, to, from, lk_span_of(seen->octets, seen->len));
}

static void carry(struct sim_world *world, bool to_node, unsigned to, unsigned from,
                  struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;

    world->report->datagrams++;
    if (!world->faults) {
        deliver(world, to_node, to, from, octets);
        return;
    }
    remember(world, to_node, to, from, octets);
    if (sim_random_chance(&world->random, o->replay))
        replay(world);
    if (sim_random_chance(&world->random, o->duplicate))
        deliver(world, to_node, to, from, octets);
    if (sim_random_chance(&world->random, o->corrupt))
        deliver_corrupt(world, to_node, to, from, octets);
    else if (!sim_random_chance(&world->random, o->loss))
        deliver(world, to_node, to, from, octets);
}

void sim_link_to_node(struct sim_world *world, unsigned ue, unsigned node, struct lk_span octets)
{
    sim_check_datagram(world, ue, false, octets);
    carry(world, true, node, ue, octets);
}

void sim_link_to_point(struct sim_world *world, unsigned node, unsigned ue, struct lk_span octets)
{
    sim_check_datagram(world, ue, true, octets);
    carry(world, false, ue, node, octets);
}
