/* The invariants of foreign agents in the world of Mobile IP: who visits, and what is passed on for
 * it: see mip_invariants.h. */
#include <string.h>

#include "sim/mip_invariants.h"

/* Of a device at an agent, in this life of that. */
static struct sim_name stay(enum sim_mip_of of, const struct sim_fa *fa, unsigned node)
{
    const uint64_t who[] = { fa->index, fa->life, node };

    return sim_name_of(of, who, sizeof who);
}

static uint64_t *stay_of(struct sim_world *world, enum sim_mip_of of, const struct sim_fa *fa,
                         unsigned node)
{
    bool fresh;

    return sim_ledger_at(&world->ledger, stay(of, fa, node), &fresh);
}

static uint32_t ipv4_of(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t home_of(const struct lk_address *home)
{
    return ipv4_of(home->octets + LK_ADDRESS_LEN - 4);
}

/* The device on whose link that is; SIM_MIP_NOBODY. */
static unsigned on_link(const struct sim_world *world, const struct lk_fa_place *at)
{
    const struct lk_anchor_place place = { at->address, at->port, LK_BINDING_MIP };
    unsigned found = sim_place_at(world, &place);

    return sim_place_kind(found) == SIM_PLACE_LINK ? sim_place_number(found) : SIM_MIP_NOBODY;
}

static struct sim_name said(unsigned index, struct lk_span octets)
{
    return sim_name_of((uint64_t)SIM_OF_SAID << 32 | index, octets.at, octets.len);
}

void sim_check_said(struct sim_world *world, unsigned index, struct lk_span octets)
{
    bool fresh;

    if (lk_mip_type_of(octets) == LK_MIP_REPLY)
        (void)sim_ledger_at(&world->ledger, said(index, octets), &fresh);
}

/* ---- coming and going ---- */

/* T12: octet by octet what the home agent has said to this one, and the address in it. */
static void check_arrival(struct sim_world *world, const struct sim_fa *fa,
                          const struct lk_fa_event *event, const struct lk_fa_told *who)
{
    struct lk_mip_reply reply;

    if (on_link(world, &who->at) == SIM_MIP_NOBODY ||
        lk_mip_reply_decode(&reply, event->octets) != LK_OK ||
        reply.code > LK_MIP_CODE_ACCEPTED_SINGLE || !lk_address_equal(&reply.home, &who->home) ||
        sim_ledger_find(&world->ledger, said(fa->index, event->octets)) == NULL)
        sim_break(world, "visitor-is-proven", "foreign agent %u serves whom nobody said",
                  fa->index);
}

static void check_stay(struct sim_world *world, const struct sim_fa *fa,
                       const struct lk_fa_told *who, unsigned node)
{
    uint64_t up = *stay_of(world, SIM_OF_STAY_UP, fa, node);
    uint64_t down = *stay_of(world, SIM_OF_STAY_DOWN, fa, node);

    if (who->up_octets != up || who->down_octets != down)
        sim_break(world, "visit-right", "foreign agent %u, node %u: %llu and %llu octets, of %llu, "
                  "%llu", fa->index, node, (unsigned long long)who->up_octets,
                  (unsigned long long)who->down_octets, (unsigned long long)up,
                  (unsigned long long)down);
}

static void changed(struct sim_world *world, const struct sim_fa *fa,
                    const struct lk_fa_event *event, const struct lk_fa_output *item)
{
    const struct lk_fa_told *who = &item->changed.who;
    unsigned node = on_link(world, &who->at);

    if (item->changed.change == LK_FA_ARRIVED || item->changed.change == LK_FA_RENEWED)
        check_arrival(world, fa, event, who);
    if (node == SIM_MIP_NOBODY)
        return;
    if (item->changed.change == LK_FA_RENEWED)
        return;
    if (item->changed.change != LK_FA_ARRIVED)
        check_stay(world, fa, who, node);
    else
        world->report->count[SIM_MIP_VISITS]++;
    *stay_of(world, SIM_OF_STAY, fa, node) =
        item->changed.change == LK_FA_ARRIVED ? home_of(&who->home) : 0;
    *stay_of(world, SIM_OF_STAY_UP, fa, node) = 0;
    *stay_of(world, SIM_OF_STAY_DOWN, fa, node) = 0;
}

/* ---- packets ---- */

/* T16, T33: up from where its visitor is, with his address; down to where the visitor of that
 * address is. */
static void passed(struct sim_world *world, const struct sim_fa *fa,
                   const struct lk_fa_event *event, const struct lk_fa_output *item)
{
    bool down = on_link(world, &item->send.to) != SIM_MIP_NOBODY;
    unsigned node = on_link(world, down ? &item->send.to : &event->from);
    struct lk_mip_tunnel data;
    struct lk_ip_packet packet;

    if (lk_mip_tunnel_decode(&data, item->send.octets) != LK_OK ||
        lk_ip_read(&packet, data.packet) != LK_OK || packet.hops == 1)
        return; /* an advertisement is for the link alone */
    if (node == SIM_MIP_NOBODY ||
        *stay_of(world, SIM_OF_STAY, fa, node) !=
            ipv4_of(data.packet.at + (down ? SIM_ADDRESS_AT : SIM_SOURCE_AT))) {
        sim_break(world, "visitor-is-proven", "foreign agent %u passes a packet %s for nobody",
                  fa->index, down ? "down" : "up");
        return;
    }
    *stay_of(world, down ? SIM_OF_STAY_DOWN : SIM_OF_STAY_UP, fa, node) += packet.whole.len;
}

void sim_check_fa(struct sim_world *world, const struct sim_fa *fa,
                  const struct lk_fa_event *event)
{
    for (size_t i = 0; i < fa->out.count; i++) {
        const struct lk_fa_output *item = &fa->out.item[i];

        if (item->kind == LK_FA_OUT_CHANGED)
            changed(world, fa, event, item);
        else if (item->kind == LK_FA_OUT_SEND &&
                 lk_mip_type_of(item->send.octets) == LK_MIP_TUNNEL)
            passed(world, fa, event, item);
    }
}

void sim_check_visits(struct sim_world *world, const struct sim_fa *fa)
{
    struct lk_fa_told who;

    for (uint32_t i = 0; i < fa->serves.visitors; i++)
        if (lk_fa_told_at(&who, fa->node, i) && on_link(world, &who.at) != SIM_MIP_NOBODY)
            check_stay(world, fa, &who, on_link(world, &who.at));
}
