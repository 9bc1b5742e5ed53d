/* The foreign agent that is nobody's: no home agent knows it, and it rewrites what it passes on
 * (T12). The daemon's node takes no home agent that it has no key with, so here is the machine for
 * each visitor alone, a link, and the tunnel to the home agent. */
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"

enum { REWRITES = 500 };

/* Its visitors, by the home addresses that they were granted in this life of it. */
static struct sim_name home_name(const struct sim_fa *fa, struct lk_span ipv4)
{
    return sim_name_of((uint64_t)SIM_OF_VISITOR << 40 | (fa->life << 8 & 0xffffff00) | fa->index,
                       ipv4.at, ipv4.len);
}

static void remember(struct sim_world *world, const struct sim_fa *fa,
                     const struct lk_address *home, unsigned node)
{
    bool fresh;

    *sim_ledger_at(&world->ledger,
                   home_name(fa, lk_span_of(home->octets + LK_ADDRESS_LEN - 4, 4)), &fresh) = node;
}

void sim_nobody_begin(struct sim_world *world, struct sim_fa *fa)
{
    memset(fa->visitor, 0, world->options->ues * sizeof *fa->visitor);
}

void sim_nobody_make(struct sim_world *world, struct sim_fa *fa)
{
    fa->visitor = calloc(world->options->ues, sizeof *fa->visitor);
    fa->timer = calloc(world->options->ues, sizeof *fa->timer);
    LK_ASSERT(fa->visitor != NULL && fa->timer != NULL);
    lk_mip_fa_defaults(&fa->config);
    fa->config.care_of = sim_place_address(sim_place(SIM_PLACE_FA, fa->index)).address;
    fa->config.challenge = false; /* who has no key with it has nothing to prove one with */
}

void sim_nobody_unmake(struct sim_fa *fa)
{
    free(fa->visitor);
    free(fa->timer);
}

/* ---- what the machine says ---- */

/* One thing of the message, or several. */
static void rewrite(struct sim_world *world, uint8_t *octets, size_t len)
{
    static const uint8_t at[] = { 1, 2, 3, 7, 15, 19 }; /* flags, lifetime, addresses */

    world->report->count[SIM_MIP_FORGED]++;
    for (uint64_t n = 1 + sim_random_below(&world->random, 2); n > 0; n--)
        octets[at[sim_random_below(&world->random, sizeof at)] % len] ^=
            (uint8_t)(1 + sim_random_below(&world->random, 255));
}

static void relay(struct sim_world *world, const struct sim_fa *fa,
                  const struct lk_mip_fa_output *item)
{
    struct sim_event event = { .kind = SIM_AT_AGENT, .from = sim_place(SIM_PLACE_FA, fa->index) };
    uint8_t copy[LK_MIP_FA_OCTETS];

    memcpy(copy, item->send.octets.at, item->send.octets.len);
    if (world->faults && sim_random_chance(&world->random, REWRITES))
        rewrite(world, copy, item->send.octets.len);
    sim_link(world, event, lk_span_of(copy, item->send.octets.len));
}

static void step(struct sim_world *world, struct sim_fa *fa, unsigned node,
                 struct lk_mip_fa_event *event)
{
    uint64_t now_ms = sim_mip_clock(world);
    struct lk_mip_fa_outbox out;
    struct sim_event timer = { .kind = SIM_FA_TIMER, .who = fa->index, .from = node };
    struct sim_event back = { .kind = SIM_AT_PLACE, .who = sim_place(SIM_PLACE_LINK, node),
                              .from = fa->index };

    event->now_ms = now_ms;
    if (lk_mip_fa_step(&fa->visitor[node], &fa->config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_mip_fa_output *item = &out.item[i];

        switch (item->kind) {
        case LK_MIP_FA_OUT_RELAY: relay(world, fa, item); break;
        case LK_MIP_FA_OUT_SEND: sim_link(world, back, item->send.octets); break;
        case LK_MIP_FA_OUT_TIMER:
            timer.life = ++fa->timer[node];
            sim_later(world, timer, item->timer_ms > now_ms ? item->timer_ms - now_ms : 1, NULL, 0);
            break;
        case LK_MIP_FA_OUT_SERVED: remember(world, fa, &item->served.home, node); break;
        case LK_MIP_FA_OUT_ENDED:
        case LK_MIP_FA_OUT_REVOKE:
        case LK_MIP_FA_OUT_INFORM:
        case LK_MIP_FA_OUT_REFUSED: break;
        }
    }
}

/* ---- what comes ---- */

static void from_node(struct sim_world *world, struct sim_fa *fa, unsigned node,
                      struct lk_span octets)
{
    const struct lk_anchor_place link = sim_place_address(sim_place(SIM_PLACE_LINK, node));
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REQUEST, .from = link.address,
                                     .port = link.port };
    struct sim_event up = { .kind = SIM_AT_AGENT, .from = sim_place(SIM_PLACE_FA, fa->index) };
    struct lk_mip_request request;
    unsigned state = fa->visitor[node].state;

    if (lk_mip_type_of(octets) == LK_MIP_TUNNEL) {
        if (state == LK_MIP_FA_SERVED || state == LK_MIP_FA_SERVED_PENDING)
            sim_link(world, up, octets);
    } else if (lk_mip_request_decode(&request, octets) == LK_OK) {
        event.request = &request;
        step(world, fa, node, &event);
    }
}

static void to_visitor(struct sim_world *world, struct sim_fa *fa, struct lk_span octets)
{
    struct sim_event down = { .kind = SIM_AT_PLACE, .from = fa->index };
    struct lk_mip_tunnel data;
    const uint64_t *node;

    if (lk_mip_tunnel_decode(&data, octets) != LK_OK || data.packet.len < 20)
        return;
    node = sim_ledger_find(&world->ledger, home_name(fa, lk_span_of(data.packet.at + 16, 4)));
    if (node == NULL)
        return;
    down.who = sim_place(SIM_PLACE_LINK, (unsigned)*node);
    sim_link(world, down, octets);
}

static void from_agent(struct sim_world *world, struct sim_fa *fa, struct lk_span octets)
{
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REPLY };
    const struct sim_mobile *node;
    struct lk_mip_reply reply;

    if (lk_mip_type_of(octets) == LK_MIP_TUNNEL) {
        to_visitor(world, fa, octets);
        return;
    }
    if (lk_mip_reply_decode(&reply, octets) != LK_OK)
        return;
    node = sim_mobile_named(world, reply.extensions.nai);
    if (node == NULL || !lk_mip_fa_awaits(&fa->visitor[node->index], &reply))
        return;
    event.reply = &reply;
    step(world, fa, node->index, &event);
}

void sim_nobody_timer(struct sim_world *world, struct sim_fa *fa, const struct sim_event *event)
{
    struct lk_mip_fa_event expired = { .kind = LK_MIP_FA_EV_EXPIRED };

    if (event->life == fa->timer[event->from])
        step(world, fa, event->from, &expired);
}

void sim_nobody_take(struct sim_world *world, struct sim_fa *fa, const struct sim_event *event)
{
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (sim_place_kind(event->from) == SIM_PLACE_LINK)
        from_node(world, fa, sim_place_number(event->from), octets);
    else
        from_agent(world, fa, octets);
}
