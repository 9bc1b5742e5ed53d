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

unsigned sim_ue_of_mac(const uint8_t mac[LK_WLAN_MAC_LEN])
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

    c->clients = world->clients;
    c->enterprise = LK_RADIUS_ENTERPRISE;
    c->access.modes = LK_TWAN_MULTI;
    c->access.twag.has_ipv4 = true;
    memcpy(c->access.twag.ipv4, (const uint8_t[4]){ 192, 0, 2, (uint8_t)(1 + twap->index) }, 4);
    for (unsigned n = 0; n < SIM_NODES; n++) {
        c->upstream[n].secret = world->wlan->client[twap->index].secret;
        c->upstream[n].may_carry_keys = true;
        c->route[n].realm[0] = '*';
        c->route[n].server = (uint8_t)((n + twap->index) % SIM_NODES);
    }
    c->upstream_count = c->route_count = SIM_NODES;
}

static void make_twap(struct sim_world *world, struct sim_twap *twap, unsigned index)
{
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

static void make_clients(struct sim_wlan *wlan)
{
    static const char *const prefix[SIM_TWAPS] = { "127.0.1.1/32", "127.0.1.2/32" };
    static const char *const secret[SIM_TWAPS] = { "secret of a TWAP", "secret of the other" };
    static const char *const mag[SIM_TWAPS] = { "mag-a", "mag-b" };

    for (unsigned i = 0; i < SIM_TWAPS; i++) {
        struct lk_radius_client *client = &wlan->client[i];
        enum lk_status status = lk_address_prefix_parse(&client->prefix, prefix[i]);

        if (status == LK_OK)
            status = lk_radius_secret_set(&client->secret, lk_span_text(secret[i]));
        LK_ASSERT(status == LK_OK);
        memcpy(client->mag, mag[i], strlen(mag[i]) + 1);
    }
}

static void make_mobility(struct sim_world *world)
{
    struct sim_mobility *m = calloc(1, sizeof *m);

    LK_ASSERT(m != NULL);
    world->mobility = m;
    m->device = calloc(world->options->ues, sizeof *m->device);
    LK_ASSERT(m->device != NULL);
    for (unsigned i = 0; i < world->options->ues; i++)
        sim_device_make(world, &m->device[i]);
    for (unsigned i = 0; i < SIM_TWAPS; i++)
        sim_gateway_make(world, &m->gateway[i], i);
    sim_anchor_make(world);
}

void sim_wlan_make(struct sim_world *world)
{
    struct sim_wlan *wlan = calloc(1, sizeof *wlan);
    enum lk_status status;

    LK_ASSERT(wlan != NULL);
    world->wlan = wlan;
    lk_wlcp_kdf_defaults(&wlan->kdf);
    make_clients(wlan);
    for (unsigned i = 0; i < SIM_TWAPS; i++)
        make_twap(world, &wlan->twap[i], i);
    make_mobility(world);
    status = lk_radius_clients_set(&wlan->clients, wlan->client, SIM_TWAPS);
    LK_ASSERT(status == LK_OK);
}

void sim_wlan_free(struct sim_world *world)
{
    if (world->wlan == NULL)
        return;
    for (unsigned i = 0; i < SIM_TWAPS; i++) {
        free(world->wlan->twap[i].memory);
        free(world->wlan->twap[i].session);
    }
    for (unsigned i = 0; i < SIM_TWAPS; i++)
        sim_gateway_free(&world->mobility->gateway[i]);
    sim_anchor_free(world);
    free(world->mobility->device);
    free(world->mobility);
    free(world->wlan);
}

void sim_twap_restart(struct sim_world *world, struct sim_twap *twap)
{
    begin_life(world, twap);
    sim_gateway_restart(world, &world->mobility->gateway[twap->index]);
    twap->down_until_ms = world->now_ms + RESTART_MS + sim_random_below(&world->random, DOWN_MS);
    world->report->restarts++;
}

/* ---- a step ---- */

static void on_session(struct sim_world *world, struct sim_twap *twap,
                       const struct lk_wlan_session *session)
{
    struct sim_session *kept = &twap->session[sim_ue_of_mac(session->ue_mac)];

    sim_check_session(world, twap, session);
    world->report->sessions++;
    world->report->rolled += kept->on;
    kept->on = true;
    kept->generation = session->generation;
    kept->key = session->key;
    sim_gateway_session(world, &world->mobility->gateway[twap->index], session);
}

static void carry_out(struct sim_world *world, struct sim_twap *twap)
{
    const struct lk_twap_outbox *out = &world->wlan->out;

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_twap_output *item = &out->item[i];

        switch (item->kind) {
        case LK_TWAP_OUT_AP:
            sim_link_twap_to_point(world, twap->index, item->send.address_port - SIM_POINT_PORT,
                                   item->send.octets);
            break;
        case LK_TWAP_OUT_AAA:
            sim_link_twap_to_node(world, twap->index, item->send.upstream, item->send.octets);
            break;
        case LK_TWAP_OUT_SESSION:
            on_session(world, twap, &item->session);
            break;
        case LK_TWAP_OUT_SESSION_END:
        case LK_TWAP_OUT_SESSION_FAILED:
            sim_say(world, "twap %u: the session of ue %u ends", twap->index,
                    sim_ue_of_mac(item->end.ue_mac));
            twap->session[sim_ue_of_mac(item->end.ue_mac)].on = false;
            sim_gateway_end(world, &world->mobility->gateway[twap->index], item);
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
    lk_twap_outbox_empty(&world->wlan->out);
    sim_seam_twap(world, twap, event);
    carry_out(world, twap);
    sim_check_twap(world, twap);
    if (!twap->ticking && is_busy(twap)) {
        twap->ticking = true;
        sim_later(world, tick, TICK_MS, NULL, 0);
    }
    lk_twap_outbox_wipe(&world->wlan->out);
}

void sim_twap_receive(struct sim_world *world, struct sim_twap *twap, unsigned from,
                      struct lk_span datagram)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AP, .octets = datagram,
                                   .source = world->ue[from].nas_config.address,
                                   .source_port = (uint16_t)(SIM_POINT_PORT + from),
                                   .port = LK_RADIUS_AUTH_PORT };

    if (world->now_ms >= twap->down_until_ms)
        step(world, twap, &event);
}

void sim_twap_answered(struct sim_world *world, struct sim_twap *twap, unsigned from,
                       struct lk_span datagram)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AAA, .octets = datagram,
                                   .upstream = (uint8_t)from };

    if (world->now_ms >= twap->down_until_ms)
        step(world, twap, &event);
}

void sim_twap_tick(struct sim_world *world, struct sim_twap *twap)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_TICK };

    twap->ticking = false;
    step(world, twap, &event);
}

/* ---- the device ---- */

void sim_wlan_peer_grant(struct sim_world *world, struct sim_ue *ue, const struct lk_grant *grant)
{
    lk_wipe(&ue->wlcp, sizeof ue->wlcp);
    ue->multi = grant->mode == LK_TWAN_MULTI;
    if (!ue->multi) {
        sim_device_lost(world, ue->index);
        return;
    }
    sim_seam_wlcp(&ue->wlcp, grant, &world->wlan->kdf);
    sim_check_peer_wlcp(world, ue, grant);
    sim_device_key(world, ue->index);
}
