/* A TWAP, wired as role/wlan wires it: datagrams of both sides, the clock, sessions handed over. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { DOWN_MS = 2000, RESTART_MS = 1, TICK_MS = 500, SEEN = 4, ASKS = 4 };

unsigned sim_twap_as_client(const struct sim_world *world, unsigned twap)
{
    return world->options->ues + twap;
}

/* Loopback: only there may a leg without TLS carry a WLCP key (T04). */
struct lk_address sim_twap_address(unsigned twap)
{
    const uint8_t octets[4] = { 127, 0, 1, (uint8_t)(1 + twap) };

    return lk_address_v4(octets);
}

unsigned sim_ue_of_mac(const uint8_t mac[LK_STATION_LEN])
{
    return (unsigned)mac[4] << 8 | mac[5];
}

/* ---- making ---- */

static void begin_life(struct sim_world *world, struct sim_twap *twap)
{
    twap->life++;
    twap->ticking = false;
    lk_twap_in(&twap->twap, twap->memory, &twap->limits, sim_random_next(&world->random));
    for (unsigned i = 0; i < world->options->ues; i++)
        twap->session[i].on = false;
}

static void configure(struct sim_world *world, struct sim_twap *twap)
{
    struct lk_twap_config *c = &twap->config;

    c->clients = world->aaa->clients;
    c->enterprise = LK_RADIUS_ENTERPRISE;
    c->access.modes = LK_TWAN_MULTI;
    c->access.twag.has_ipv4 = true;
    memcpy(c->access.twag.ipv4, (const uint8_t[4]){ 192, 0, 2, (uint8_t)(1 + twap->index) }, 4);
    for (unsigned n = 0; n < SIM_NODES; n++) {
        c->upstream[n].secret = world->aaa->wlan->client[twap->index].secret;
        c->upstream[n].may_carry_keys = true;
        c->route[n].realm[0] = '*';
        c->route[n].server = (uint8_t)((n + twap->index) % SIM_NODES);
    }
    c->upstream_count = c->route_count = SIM_NODES;
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_twap *twap = &world->aaa->wlan->twap[index];

    twap->index = index;
    twap->limits = (struct lk_twap_limits){ .upstreams = SIM_NODES, .legs = 1, .seen = SEEN,
                                            .sessions = world->options->ues, .asks = ASKS,
                                            .lifetime_ms = SIM_TWAP_LIFE_MS };
    twap->size = lk_twap_size(&twap->limits);
    twap->memory = aligned_alloc(16, (twap->size + SIM_GUARD_LEN + 15) / 16 * 16);
    twap->session = calloc(world->options->ues, sizeof *twap->session);
    LK_ASSERT(twap->memory != NULL && twap->session != NULL);
    memset(twap->memory + twap->size, SIM_GUARD, SIM_GUARD_LEN);
    configure(world, twap);
    begin_life(world, twap);
}

static void unmake(struct sim_world *world, unsigned index)
{
    free(world->aaa->wlan->twap[index].memory);
    free(world->aaa->wlan->twap[index].session);
}

static void restart(struct sim_world *world, struct sim_twap *twap)
{
    begin_life(world, twap);
    sim_gateway_restart(world, &world->aaa->mobility->gateway[twap->index]);
    twap->down_until_ms = world->now_ms + RESTART_MS + sim_random_below(&world->random, DOWN_MS);
    world->report->restarts++;
}

/* ---- a step ---- */

static void on_session(struct sim_world *world, struct sim_twap *twap,
                       const struct lk_wlan_session *session)
{
    struct sim_session *kept = &twap->session[sim_ue_of_mac(session->ue_mac)];

    sim_check_session(world, twap, session);
    world->report->count[SIM_SESSIONS]++;
    world->report->count[SIM_ROLLED] += kept->on;
    kept->on = true;
    kept->generation = session->generation;
    kept->key = session->key;
    sim_gateway_session(world, &world->aaa->mobility->gateway[twap->index], session);
}

static void carry_out(struct sim_world *world, struct sim_twap *twap)
{
    const struct lk_twap_outbox *out = &world->aaa->wlan->out;

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_twap_output *item = &out->item[i];

        switch (item->kind) {
        case LK_TWAP_OUT_AP:
            sim_leg_twap_to_point(world, twap->index, item->send.address_port - SIM_POINT_PORT,
                                   item->send.octets);
            break;
        case LK_TWAP_OUT_AAA:
            sim_leg_twap_to_node(world, twap->index, item->send.upstream, item->send.octets);
            break;
        case LK_TWAP_OUT_SESSION:
            on_session(world, twap, &item->session);
            break;
        case LK_TWAP_OUT_SESSION_END:
        case LK_TWAP_OUT_SESSION_FAILED:
            sim_say(world, "twap %u: the session of ue %u ends", twap->index,
                    sim_ue_of_mac(item->end.ue_mac));
            twap->session[sim_ue_of_mac(item->end.ue_mac)].on = false;
            sim_gateway_end(world, &world->aaa->mobility->gateway[twap->index], item);
            break;
        case LK_TWAP_OUT_NOTED:
            sim_say(world, "twap %u: %s", twap->index, lk_reason_row(item->noted)->code);
            break;
        case LK_TWAP_OUT_DYNAMIC:
        case LK_TWAP_OUT_AP_DYNAMIC:
            break;
        }
    }
}

static bool is_busy(struct sim_twap *twap)
{
    for (size_t i = 0; i < twap->twap.upstreams; i++)
        if (lk_radius_proxy_next(&twap->twap.proxy[i][LK_RADIUS_AUTH_PORT], NULL) != NULL)
            return true;
    return false;
}

static void step(struct sim_world *world, struct sim_twap *twap, struct lk_twap_event *event)
{
    struct sim_event tick = { .kind = SIM_TWAP_TICK, .who = twap->index, .life = twap->life };

    event->now_ms = SIM_EPOCH_MS + world->now_ms;
    sim_random_fill(&world->random, event->entropy, sizeof event->entropy);
    lk_twap_outbox_empty(&world->aaa->wlan->out);
    sim_seam_twap(world, twap, event);
    carry_out(world, twap);
    sim_check_twap(world, twap);
    if (!twap->ticking && is_busy(twap)) {
        twap->ticking = true;
        sim_later(world, tick, TICK_MS, NULL, 0);
    }
    lk_twap_outbox_wipe(&world->aaa->wlan->out);
}

static void receive(struct sim_world *world, struct sim_twap *twap, unsigned from,
                      struct lk_span datagram)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AP, .octets = datagram,
                                   .source = world->aaa->ue[from].nas_config.address,
                                   .source_port = (uint16_t)(SIM_POINT_PORT + from),
                                   .port = LK_RADIUS_AUTH_PORT };

    if (world->now_ms >= twap->down_until_ms)
        step(world, twap, &event);
}

static void answered(struct sim_world *world, struct sim_twap *twap, unsigned from,
                       struct lk_span datagram)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AAA, .octets = datagram,
                                   .upstream = (uint8_t)from };

    if (world->now_ms >= twap->down_until_ms)
        step(world, twap, &event);
}

static void on_tick(struct sim_world *world, struct sim_twap *twap)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_TICK };

    twap->ticking = false;
    step(world, twap, &event);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_twap *twap = &world->aaa->wlan->twap[event->who];
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (event->kind == SIM_AT_TWAP)
        receive(world, twap, event->from, octets);
    else if (event->kind == SIM_BACK_AT_TWAP)
        answered(world, twap, event->from, octets);
    else if (event->kind == SIM_TWAP_RESTART)
        restart(world, twap);
    else if (event->life == twap->life)
        on_tick(world, twap);
}

/* To the other TWAP, or of another device. */
static void elsewhere(struct sim_world *world, struct sim_event *event)
{
    if (sim_random_chance(&world->random, 300))
        event->who = (unsigned)sim_random_below(&world->random, SIM_TWAPS);
    if (sim_random_chance(&world->random, 200))
        event->from = (unsigned)sim_random_below(&world->random, world->options->ues);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_TWAP, .name = "at twap", .link = SIM_LINK_DATAGRAM,
      .elsewhere = elsewhere },
    { .number = SIM_BACK_AT_TWAP, .name = "back at twap", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_TWAP_TICK, .name = "twap ticks" },
    { .number = SIM_TWAP_RESTART, .name = "twap restarts" },
};

const struct sim_actor sim_twap_actor = {
    .name = "twap", .count = SIM_TWAPS, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_TWAP_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
