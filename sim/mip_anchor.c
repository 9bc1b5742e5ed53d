/* The anchor as home agent and LMA, wired as role/anchor wires it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntp.h"
#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"

enum { DOWN_MS = 2000, TICK_MS = 100, ENDS_A_TURN = 512, SPARE_ROWS = 64 };

static const char *const mag_names[SIM_MIP_MAGS] = { "mag0", "mag1" };

/* ---- a life ---- */

static void *memory(size_t size)
{
    void *at = aligned_alloc(16, (size + 15) / 16 * 16);

    LK_ASSERT(at != NULL);
    memset(at, 0, size);
    return at;
}

static void tables(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;
    uint32_t rows = world->options->ues + SPARE_ROWS;

    free(a->table);
    free(a->msas);
    free(a->budgets);
    a->table = lk_binding_table_in(memory(lk_binding_table_size(rows)), rows,
                                   sim_random_next(&world->random), sim_mip_clock(world));
    a->msas = lk_mip_msas_in(memory(lk_mip_msas_size(2 * rows)), 2 * rows,
                             sim_random_next(&world->random));
    a->budgets = lk_budgets_in_for(memory(lk_budgets_size_for(lk_anchor_places(rows))),
                                   sim_random_next(&world->random), lk_anchor_places(rows));
}

static void associations(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;

    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_mobile *node = &world->mip->node[i];
        struct lk_mip_msa msa;

        if (node->way != SIM_WAY_CONFIGURED)
            continue;
        sim_mip_configured(&msa, i);
        lk_mip_msas_put(a->msas, lk_imsi_number(&node->imsi), &msa, sim_mip_clock(world));
    }
}

static void begin_life(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;
    uint64_t now_ms = sim_mip_clock(world);

    a->life++;
    a->asking = 0;
    sim_client_begin(world, 0);
    tables(world);
    sim_random_fill(&world->random, &a->config.mip.probe_key, sizeof a->config.mip.probe_key);
    sim_random_fill(&world->random, a->config.mip.ha.nonce_key,
                    sizeof a->config.mip.ha.nonce_key);
    /* A22: as role/anchor_mip.c, where there is no store. */
    a->config.mip.ha.floor = a->config.mip.ha6.floor =
        a->durable ? 0 : lk_ntp_of(now_ms + a->config.mip.ha.window_ms, LK_NTP_SPARE);
    lk_anchor_init(&a->anchor, &a->config, a->table, now_ms);
    lk_anchor_serve_mip(&a->anchor, a->msas, a->budgets);
    associations(world);
    for (unsigned i = 0; a->durable && i < world->options->ues; i++)
        if (a->store[i].there && lk_anchor_load(&a->anchor, &a->store[i].record, now_ms) != LK_OK)
            sim_break(world, "one-binding", "a binding of the store does not load");
    sim_seam_agent_begin(world);
    sim_check_life(world);
}

static void configure_agents(struct sim_world *world, struct lk_anchor_mip_config *config)
{
    for (unsigned i = 0; i < world->mip->fas; i++) {
        const struct sim_fa *fa = &world->mip->fa[i];
        struct lk_anchor_fa *row = &config->fa[i];

        if (i + 1 == world->mip->fas)
            break; /* nobody's: the anchor does not know it */
        (void)snprintf(row->name, sizeof row->name, "fa%u", i);
        row->msa = fa->msa;
        row->address_count = 1;
        row->address[0] = sim_place_address(sim_place(SIM_PLACE_FA, i)).address;
        config->fa_count = i + 1;
    }
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_agent *a = &world->mip->agent;
    struct lk_address none = { { 0 } };
    struct lk_address_prefix prefix;
    enum lk_status status = lk_address_prefix_parse(&prefix, "10.0.0.0/8");

    (void)index;
    lk_anchor_defaults(&a->config);
    a->durable = !sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_VOLATILE));
    sim_random_fill(&world->random, &a->config.class_key, sizeof a->config.class_key);
    world->mip->class_key = a->config.class_key;
    a->config.lma.window_ms = world->options->delay_ms + 1000;
    a->config.mag_count = SIM_MIP_MAGS;
    for (unsigned i = 0; i < SIM_MIP_MAGS; i++)
        memcpy(a->config.mag[i].name, mag_names[i], strlen(mag_names[i]) + 1);
    if (status == LK_OK)
        status = lk_pool_of(&a->config.pool4[0], &prefix, 128, &none);
    if (status == LK_OK)
        status = lk_address_prefix_parse(&prefix, "2001:db8::/32");
    if (status == LK_OK)
        status = lk_pool_of(&a->config.pool6[0], &prefix, 64, &none);
    LK_ASSERT(status == LK_OK);
    a->config.pool4_count = a->config.pool6_count = 1;
    a->config.mip.serves6 = true;
    a->config.mip.agent6 = a->config.pool6[0].gateway;
    a->config.mip.serves = true;
    a->config.mip.asks = !world->mip->pushes;
    a->config.mip.asks_pushed = world->mip->pushes;
    a->config.mip.asks_keys = true;
    a->config.mip.agent = sim_place_address(sim_place(SIM_PLACE_AGENT, 0)).address;
    a->config.mip.ha.udp_mandatory = false; /* what foreign agents pass on needs none */
    configure_agents(world, &a->config.mip);
    a->store = calloc(world->options->ues, sizeof *a->store);
    LK_ASSERT(a->store != NULL);
    begin_life(world);
    sim_later(world, (struct sim_event){ .kind = SIM_AGENT_TICK }, TICK_MS, NULL, 0);
}

static void unmake(struct sim_world *world, unsigned index)
{
    struct sim_agent *a = &world->mip->agent;

    (void)index;
    free(a->table);
    free(a->msas);
    free(a->budgets);
    free(a->store);
    sim_writer_free(a);
}

/* The power goes: at any moment, and, in half of the cases, just behind a write. */
static void restart(struct sim_world *world, bool later)
{
    struct sim_agent *a = &world->mip->agent;

    if (later && a->durable && a->busy && sim_random_chance(&world->random, 500)) {
        a->dies = true;
        return;
    }
    a->dies = false;
    sim_writer_crash(world);
    sim_check_crash(world);
    begin_life(world);
    a->down_until_ms = world->now_ms + sim_random_below(&world->random, DOWN_MS);
    world->report->restarts++;
    world->report->count[SIM_MIP_CRASHES]++;
}

void sim_agent_dies(struct sim_world *world)
{
    restart(world, false);
}

/* ---- what leaves it ---- */

static void to_place(struct sim_world *world, const struct lk_anchor_place *to,
                     struct lk_span octets)
{
    unsigned place = sim_place_at(world, to);
    struct sim_event event = { .kind = SIM_AT_PLACE, .who = place,
                               .from = sim_place(SIM_PLACE_AGENT, 0),
                               .life = to->by == LK_BINDING_MIP6 };

    if (sim_place_kind(place) == SIM_PLACE_FA) {
        event.kind = SIM_AT_FA;
        event.who = sim_place_number(place);
        sim_check_said(world, event.who, octets);
    }
    if (place != 0)
        sim_link(world, event, octets);
}

void sim_agent_send(struct sim_world *world, uint32_t mag, const struct lk_anchor_place *to,
                    struct lk_span octets)
{
    sim_check_answer(world, mag, to, octets);
    if (mag == 0)
        to_place(world, to, octets);
    else
        sim_link(world, (struct sim_event){ .kind = SIM_MIP_AT_MAG, .who = mag - 1 }, octets);
}

static void tunnel(struct sim_world *world, const struct lk_anchor_output *item)
{
    const struct lk_mip_tunnel data = { .encapsulation = LK_MIP_IN_IP, .packet = item->octets };
    uint8_t octets[SIM_MIP_PACKET + 64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    sim_check_tunnel(world, item);
    if (item->mag != 0) {
        sim_link(world, (struct sim_event){ .kind = SIM_MIP_MAG_DOWN, .who = item->mag - 1 },
                 item->octets);
        return;
    }
    if (item->to.by == LK_BINDING_MIP6) {
        to_place(world, &item->to, item->octets); /* as it is */
        return;
    }
    lk_mip_tunnel_put(&w, &data);
    LK_ASSERT(w.status == LK_OK);
    to_place(world, &item->to, lk_writer_span(&w));
}

static void network(struct sim_world *world, struct lk_span packet)
{
    uint32_t serial;
    unsigned node;

    if (!sim_mip_packet_read(&node, &serial, packet) || node >= world->options->ues)
        return;
    world->report->count[SIM_MIP_PACKETS]++;
    if (serial > world->mip->node[node].heard_up)
        world->mip->node[node].heard_up = serial;
}

/* What has no store is told at once that it is stored, as role/anchor does. */
static void not_stored(struct sim_world *world, const struct lk_binding_record *record)
{
    struct sim_agent *a = &world->mip->agent;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED,
                                     .now_ms = sim_mip_clock(world), .stored = record };
    static struct lk_anchor_outbox none;

    lk_anchor_step(&a->anchor, &event, &none);
}

static void carry(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct sim_agent *a = &world->mip->agent;
    bool stores = false;

    for (size_t i = 0; i < a->out.count; i++)
        stores = stores || a->out.item[i].kind == LK_ANCHOR_OUT_STORE ||
                 a->out.item[i].kind == LK_ANCHOR_OUT_MARK;
    if (stores && a->durable)
        sim_writer_take(a);
    stores = sim_seam_answer_waits(a, stores);
    for (size_t i = 0; i < a->out.count; i++) {
        const struct lk_anchor_output *item = &a->out.item[i];

        switch (item->kind) {
        case LK_ANCHOR_OUT_SEND:
            if (!stores)
                sim_agent_send(world, item->mag, &item->to, item->octets);
            break;
        case LK_ANCHOR_OUT_STORE:
            if (!a->durable)
                not_stored(world, &item->store.record);
            break;
        case LK_ANCHOR_OUT_TUNNEL: tunnel(world, item); break;
        case LK_ANCHOR_OUT_NETWORK: network(world, item->octets); break;
        case LK_ANCHOR_OUT_ASK: sim_agent_ask(world, item, event); break;
        case LK_ANCHOR_OUT_REFUSED:
            sim_say(world, "anchor: %s", lk_reason_row(item->refused.refusal.reason)->code);
            break;
        case LK_ANCHOR_OUT_MARK:
        case LK_ANCHOR_OUT_PLACE:
        case LK_ANCHOR_OUT_MORE: break;
        }
    }
}

/* ---- events ---- */

bool sim_agent_give(struct sim_world *world, struct lk_anchor_event *event)
{
    struct sim_agent *a = &world->mip->agent;

    if (world->now_ms < a->down_until_ms ||
        (event->kind <= LK_ANCHOR_EV_TICK && !sim_writer_has_room(a)))
        return false;
    event->now_ms = sim_mip_clock(world);
    sim_check_agent_before(world, event);
    sim_seam_agent(world, event);
    sim_check_agent(world, event);
    carry(world, event);
    sim_writer_flush(world);
    return true;
}

static void on_tick(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TICK };

    sim_client_tick(world, 0);
    for (unsigned i = 0; i < ENDS_A_TURN; i++)
        if (!sim_agent_give(world, &event) || a->out.count == 0 ||
            a->out.item[a->out.count - 1].kind != LK_ANCHOR_OUT_MORE)
            break;
    if (sim_mip_goes_on(world))
        sim_later(world, (struct sim_event){ .kind = SIM_AGENT_TICK }, TICK_MS, NULL, 0);
}

static void on_datagram(struct sim_world *world, const struct sim_event *event)
{
    const struct lk_anchor_place from = sim_place_address(event->from);
    struct lk_anchor_event given = { .kind = event->life != 0 ? LK_ANCHOR_EV_MIP6
                                                              : LK_ANCHOR_EV_MIP,
                                     .from = from.address,
                                     .port = from.port,
                                     .octets = lk_span_of(event->octets, event->len) };

    (void)sim_agent_give(world, &given);
}

static void on_gateway(struct sim_world *world, const struct sim_event *event, bool packet)
{
    struct lk_anchor_event given = { .kind = packet ? LK_ANCHOR_EV_TUNNEL
                                                    : LK_ANCHOR_EV_DATAGRAM,
                                     .mag = event->from + 1,
                                     .octets = lk_span_of(event->octets, event->len) };

    (void)sim_agent_give(world, &given);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    bool now = event->life == world->mip->agent.life;

    switch (event->kind) {
    case SIM_AT_AGENT: on_datagram(world, event); break;
    case SIM_MIP_AT_ANCHOR: on_gateway(world, event, false); break;
    case SIM_MIP_MAG_UP: on_gateway(world, event, true); break;
    case SIM_AGENT_TICK: on_tick(world); break;
    case SIM_AGENT_STORED:
        if (now)
            sim_writer_stored(world);
        break;
    case SIM_AGENT_ASKED:
        if (now)
            sim_agent_asked(world, event);
        break;
    default: restart(world, true); break;
    }
}

/* T10: what was recorded comes again, as from the same or from a place of the thief's own. */
static void elsewhere(struct sim_world *world, struct sim_event *event)
{
    if (sim_random_chance(&world->random, 500))
        event->from = sim_place(SIM_PLACE_THIEF,
                                (unsigned)sim_random_below(&world->random, SIM_MIP_THIEVES));
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_AGENT, .name = "at the anchor", .link = SIM_LINK_DATAGRAM,
      .elsewhere = elsewhere },
    { .number = SIM_MIP_AT_ANCHOR, .name = "a gateway's message", .link = SIM_LINK_CHANNEL },
    { .number = SIM_MIP_MAG_UP, .name = "a gateway's packet", .link = SIM_LINK_CHANNEL },
    { .number = SIM_AGENT_TICK, .name = "the anchor ticks" },
    { .number = SIM_AGENT_STORED, .name = "a batch is written" },
    { .number = SIM_AGENT_ASKED, .name = "the BSF answers" },
    { .number = SIM_AGENT_RESTART, .name = "the anchor restarts" },
};

const struct sim_actor sim_agent_actor = {
    .name = "anchor", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_AGENT_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
