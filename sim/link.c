/* The network between access points and nodes: loss, duplication, delay (hence reordering),
 * corruption, and an attacker who sends again what he has seen. */
#include "sim/gateway.h"
#include "sim/invariants.h"

#include <string.h>

static void remember(struct sim_world *world, enum sim_event_kind kind, unsigned to, unsigned from,
                     struct lk_span octets)
{
    struct sim_seen *seen = &world->seen[sim_random_below(&world->random, SIM_SEEN)];

    if (octets.len > sizeof seen->octets)
        return;
    *seen = (struct sim_seen){ .to = to, .from = from, .kind = kind, .len = octets.len };
    memcpy(seen->octets, octets.at, octets.len);
    if (world->seen_count < SIM_SEEN)
        world->seen_count++;
}

static void deliver(struct sim_world *world, enum sim_event_kind kind, unsigned to, unsigned from,
                    struct lk_span octets)
{
    struct sim_event event = { .kind = kind, .who = to, .from = from };
    uint64_t delay = 1;

    if (world->faults)
        delay += sim_random_below(&world->random, world->options->delay_ms + 1);
    sim_later(world, event, delay, octets.at, octets.len);
}

static void deliver_corrupt(struct sim_world *world, enum sim_event_kind kind, unsigned to,
                            unsigned from, struct lk_span octets)
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
    deliver(world, kind, to, from, lk_span_of(copy, len));
}

static bool is_request(enum sim_event_kind kind)
{
    return kind == SIM_AT_NODE || kind == SIM_AT_TWAP;
}

static unsigned from_elsewhere(struct sim_world *world, enum sim_event_kind kind)
{
    if (kind == SIM_AT_NODE && world->wlan != NULL)
        return sim_twap_as_client(world, (unsigned)sim_random_below(&world->random, SIM_TWAPS));
    return (unsigned)sim_random_below(&world->random, world->options->ues);
}

static void replay(struct sim_world *world)
{
    const struct sim_seen *seen = &world->seen[sim_random_below(&world->random, SIM_SEEN)];
    unsigned from = seen->from, to = seen->to;

    if (seen->len == 0)
        return;
    if (is_request(seen->kind) && sim_random_chance(&world->random, 300))
        to = (unsigned)sim_random_below(&world->random, SIM_NODES); /* to another node, or TWAP */
    if (is_request(seen->kind) && sim_random_chance(&world->random, 200))
        from = from_elsewhere(world, seen->kind);
    deliver(world, seen->kind, to, from, lk_span_of(seen->octets, seen->len));
}

static void carry(struct sim_world *world, enum sim_event_kind kind, unsigned to, unsigned from,
                  struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;

    world->report->datagrams++;
    if (!world->faults) {
        deliver(world, kind, to, from, octets);
        return;
    }
    remember(world, kind, to, from, octets);
    if (sim_random_chance(&world->random, o->replay))
        replay(world);
    if (sim_random_chance(&world->random, o->duplicate))
        deliver(world, kind, to, from, octets);
    if (sim_random_chance(&world->random, o->corrupt))
        deliver_corrupt(world, kind, to, from, octets);
    else if (!sim_random_chance(&world->random, o->loss))
        deliver(world, kind, to, from, octets);
}

void sim_link_to_node(struct sim_world *world, unsigned ue, unsigned node, struct lk_span octets)
{
    sim_check_datagram(world, ue, false, octets);
    carry(world, SIM_AT_NODE, node, ue, octets);
}

void sim_link_to_point(struct sim_world *world, unsigned node, unsigned ue, struct lk_span octets)
{
    sim_check_datagram(world, ue, true, octets);
    carry(world, SIM_AT_POINT, ue, node, octets);
}

void sim_link_to_twap(struct sim_world *world, unsigned ue, unsigned twap, struct lk_span octets)
{
    sim_check_datagram(world, ue, false, octets);
    carry(world, SIM_AT_TWAP, twap, ue, octets);
}

void sim_link_twap_to_node(struct sim_world *world, unsigned twap, unsigned node,
                           struct lk_span octets)
{
    carry(world, SIM_AT_NODE, node, sim_twap_as_client(world, twap), octets);
}

void sim_link_node_to_twap(struct sim_world *world, unsigned node, unsigned twap,
                           struct lk_span octets)
{
    sim_check_wlcp_hidden(world, octets);
    carry(world, SIM_BACK_AT_TWAP, twap, node, octets);
}

void sim_link_twap_to_point(struct sim_world *world, unsigned twap, unsigned ue,
                            struct lk_span octets)
{
    sim_check_datagram(world, ue, true, octets);
    sim_check_wlcp_hidden(world, octets);
    sim_check_stripped(world, octets);
    carry(world, SIM_AT_POINT, ue, twap, octets);
}

/* Nobody can change a record of a channel, or send it again as his own. But a gateway that was
 * captured may say what the other one says. */
void sim_link_channel(struct sim_world *world, struct sim_event event, struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;
    unsigned copies = 1;

    world->report->datagrams++;
    if (world->faults && sim_random_chance(&world->random, o->loss))
        copies--;
    if (world->faults && sim_random_chance(&world->random, o->duplicate))
        copies++;
    if (event.kind == SIM_AT_ANCHOR && world->faults &&
        sim_random_chance(&world->random, o->replay)) {
        struct sim_event captured = { .kind = SIM_AT_ANCHOR, .life = 1,
                                      .from = (event.from + 1) % SIM_TWAPS };

        sim_later(world, captured, 1 + sim_random_below(&world->random, o->delay_ms + 1),
                  octets.at, octets.len);
    }
    for (; copies > 0; copies--)
        sim_later(world, event,
                  1 + (world->faults ? sim_random_below(&world->random, o->delay_ms + 1) : 0),
                  octets.at, octets.len);
}
