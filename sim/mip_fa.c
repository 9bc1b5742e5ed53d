/* Foreign agents: the daemon's node (node/fa.h), wired as role/fa wires it. The last one is
 * nobody's (mip_nobody.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"

enum { NOTICE_MS = 1000, TICK_MS = 250, CHALLENGE_MS = 10000, FA_SPI = 300, ENDS_A_TURN = 512 };

bool sim_fa_is_nobodys(const struct sim_world *world, unsigned index)
{
    return index + 1 == world->mip->fas;
}

/* ---- a life ---- */

static void begin_life(struct sim_world *world, struct sim_fa *fa)
{
    fa->life++;
    if (sim_fa_is_nobodys(world, fa->index)) {
        sim_nobody_begin(world, fa);
        return;
    }
    sim_client_begin(world, 1 + fa->index);
    sim_random_fill(&world->random, fa->serves.challenge_key, sizeof fa->serves.challenge_key);
    memset(fa->memory, 0, lk_fa_size(&fa->serves));
    fa->node = lk_fa_init(fa->memory, &fa->serves, fa->sources, sim_random_next(&world->random));
}

static void configure(struct sim_world *world, struct sim_fa *fa)
{
    struct lk_anchor_place agent = sim_place_address(sim_place(SIM_PLACE_AGENT, 0));
    struct lk_fa_config *c = &fa->serves;
    unsigned ues = world->options->ues;

    lk_fa_defaults(c);
    c->mip.care_of = sim_place_address(sim_place(SIM_PLACE_FA, fa->index)).address;
    c->mip.challenge = true;
    c->home_agent_count = 1;
    c->home_agent[0].at = (struct lk_fa_place){ agent.address, agent.port };
    c->home_agent[0].msa = fa->msa;
    c->visitors = ues / 2 + 64;
    c->pending = c->visitors / 4;
    c->rate += ues;
    c->challenge_ms = CHALLENGE_MS;
    c->asks_aaa = true;
    c->enterprise = LK_AAA_ENTERPRISE;
}

static void own_key(struct sim_world *world, struct sim_fa *fa)
{
    fa->msa.there.spi = fa->msa.spi_back = FA_SPI + fa->index;
    fa->msa.there.algorithm = LK_MIP_HMAC_SHA256;
    fa->msa.replay = LK_MIP_TIMESTAMPS;
    fa->msa.ends_ms = UINT64_MAX;
    fa->msa.there.secret.len = 32;
    sim_random_fill(&world->random, fa->msa.there.secret.octets, 32);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_fa *fa = &world->mip->fa[index];
    uint32_t places = lk_anchor_places(world->options->ues);
    size_t size;

    fa->index = index;
    if (index >= world->mip->fas)
        return;
    if (sim_fa_is_nobodys(world, index)) {
        sim_nobody_make(world, fa);
    } else {
        own_key(world, fa);
        configure(world, fa);
        size = (lk_fa_size(&fa->serves) + 15) / 16 * 16;
        fa->memory = aligned_alloc(16, size);
        fa->sources = calloc(1, lk_budgets_size_for(places));
        LK_ASSERT(fa->memory != NULL && fa->sources != NULL);
        (void)lk_budgets_in_for(fa->sources, sim_random_next(&world->random), places);
        sim_later(world, (struct sim_event){ .kind = SIM_FA_TICK, .who = index }, TICK_MS, NULL, 0);
    }
    begin_life(world, fa);
}

static void unmake(struct sim_world *world, unsigned index)
{
    struct sim_fa *fa = &world->mip->fa[index];

    sim_nobody_unmake(fa);
    free(fa->memory);
    free(fa->sources);
}

/* ---- what the node says ---- */

static void send(struct sim_world *world, const struct sim_fa *fa, const struct lk_fa_output *item)
{
    const struct lk_anchor_place to = { item->send.to.address, item->send.to.port,
                                        LK_BINDING_MIP };
    unsigned place = sim_place_at(world, &to);

    if (sim_place_kind(place) == SIM_PLACE_AGENT) {
        sim_check_relayed(world, fa, item->send.octets);
        sim_link(world, (struct sim_event){ .kind = SIM_AT_AGENT,
                                            .from = sim_place(SIM_PLACE_FA, fa->index) },
                 item->send.octets);
    } else if (sim_place_kind(place) == SIM_PLACE_LINK) {
        sim_link(world, (struct sim_event){ .kind = SIM_AT_PLACE, .who = place, .from = fa->index },
                 item->send.octets);
    }
}

static bool give(struct sim_world *world, struct sim_fa *fa, struct lk_fa_event *event)
{
    const struct lk_anchor_place from = { event->from.address, event->from.port, LK_BINDING_MIP };
    bool more = false;

    event->now_ms = sim_mip_clock(world);
    sim_seam_fa(world, fa, event);
    sim_check_fa(world, fa, event);
    for (size_t i = 0; i < fa->out.count; i++) {
        const struct lk_fa_output *item = &fa->out.item[i];

        if (item->kind == LK_FA_OUT_SEND)
            send(world, fa, item);
        else if (item->kind == LK_FA_OUT_REFUSED)
            sim_say(world, "foreign agent %u: %s", fa->index,
                    lk_reason_row(item->refused.refusal.reason)->code);
        else if (item->kind == LK_FA_OUT_ASK_AAA)
            sim_client_ask(world, 1 + fa->index, LK_RADIUS_MIP_KEYS, sim_place_at(world, &from),
                           event->octets);
        more = more || item->kind == LK_FA_OUT_MORE;
    }
    return more;
}

/* ---- events ---- */

/* As role/fa_keys.c. */
void sim_fa_granted(struct sim_world *world, unsigned index, const struct sim_mip_held *held,
                    const struct lk_mip_aaa_answer *answer)
{
    const struct lk_anchor_place from = sim_place_address(held->from);
    struct lk_fa_grant grant = { .reason = answer->reason };
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .from = { from.address, from.port },
                                 .octets = lk_span_of(held->octets, held->len), .grant = &grant };

    grant.has_key = answer->reason == LK_REASON_NONE && answer->mip.secret.len > 0;
    if (grant.has_key) {
        world->report->count[SIM_MIP_GRANTED]++;
        lk_mip_aaa_msa(&grant.key, &answer->mip, sim_mip_clock(world));
    }
    (void)give(world, &world->mip->fa[index], &event);
    lk_wipe(&grant, sizeof grant);
}

static void on_datagram(struct sim_world *world, struct sim_fa *fa, const struct sim_event *event)
{
    const struct lk_anchor_place from = sim_place_address(event->from);
    struct lk_fa_event given = { .kind = LK_FA_EV_DATAGRAM, .from = { from.address, from.port },
                                 .octets = lk_span_of(event->octets, event->len) };

    (void)give(world, fa, &given);
}

static void on_tick(struct sim_world *world, struct sim_fa *fa)
{
    struct lk_fa_event tick = { .kind = LK_FA_EV_TICK };
    struct sim_event again = { .kind = SIM_FA_TICK, .who = fa->index };

    sim_client_tick(world, 1 + fa->index);
    for (unsigned i = 0; i < ENDS_A_TURN && give(world, fa, &tick); i++)
        continue;
    if (sim_mip_goes_on(world))
        sim_later(world, again, TICK_MS, NULL, 0);
}

/* It forgets its visitors; those who are there see by its advertisements that it has begun anew. */
static void restart(struct sim_world *world, struct sim_fa *fa)
{
    world->report->restarts++;
    begin_life(world, fa);
    for (unsigned i = 0; i < world->options->ues; i++) {
        struct sim_mobile *node = &world->mip->node[i];

        if (node->access == SIM_AT_AN_FA && node->at == fa->index)
            sim_mobile_returns(world, node, NOTICE_MS);
    }
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_fa *fa = &world->mip->fa[event->who];

    if (event->who >= world->mip->fas)
        return;
    if (event->kind == SIM_FA_RESTART)
        restart(world, fa);
    else if (event->kind == SIM_FA_TIMER)
        sim_nobody_timer(world, fa, event);
    else if (event->kind == SIM_FA_TICK)
        on_tick(world, fa);
    else if (sim_fa_is_nobodys(world, fa->index))
        sim_nobody_take(world, fa, event);
    else
        on_datagram(world, fa, event);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_FA, .name = "at foreign agent", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_FA_TIMER, .name = "a foreign agent's time" },
    { .number = SIM_FA_TICK, .name = "a foreign agent ticks" },
    { .number = SIM_FA_RESTART, .name = "a foreign agent restarts" },
};

const struct sim_actor sim_fa_actor = {
    .name = "foreign agent", .count = SIM_MIP_FAS + 1, .kinds = kinds,
    .kind_count = LK_COUNT_OF(kinds), .restarts = { SIM_FA_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
