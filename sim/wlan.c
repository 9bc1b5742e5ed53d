/* The world with a trusted WLAN: the way to its TWAPs, and its row. */
#include "sim/wlan.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

/* ---- access points speak to TWAPs ---- */

static bool wants_multi(struct sim_world *world)
{
    return sim_random_chance(&world->random, 800);
}

static void stand(struct sim_world *world, struct sim_ue *ue)
{
    ue->twap = (unsigned)sim_random_below(&world->random, SIM_TWAPS);
}

static void walk(struct sim_world *world, struct sim_ue *ue)
{
    if (!world->faults || !sim_random_chance(&world->random, 300))
        return;
    stand(world, ue);
    if (ue->twap != world->aaa->mobility->device[ue->index].gateway)
        sim_device_lost(world, ue->index);
}

static void to_twap(struct sim_world *world, const struct sim_ue *ue, struct lk_span octets)
{
    sim_leg_to_twap(world, ue->index, ue->twap, octets);
}

/* What the device's connection manager makes of the peer's grant. */
static void on_grant(struct sim_world *world, struct sim_ue *ue, const struct lk_grant *grant)
{
    lk_wipe(&ue->wlcp, sizeof ue->wlcp);
    ue->multi = grant->mode == LK_TWAN_MULTI;
    if (!ue->multi) {
        sim_device_lost(world, ue->index);
        return;
    }
    sim_seam_wlcp(&ue->wlcp, grant, &world->aaa->wlan->kdf);
    sim_check_peer_wlcp(world, ue, grant);
    sim_device_key(world, ue->index);
}

static unsigned some_twap(struct sim_world *world)
{
    return sim_twap_as_client(world, (unsigned)sim_random_below(&world->random, SIM_TWAPS));
}

static const struct sim_access trusted = {
    wants_multi, stand, walk, to_twap, on_grant, some_twap,
};

/* ---- making ---- */

static void make_clients(struct sim_wlan *wlan)
{
    static const char *const prefix[SIM_TWAPS] = { "127.0.1.1/32", "127.0.1.2/32" };
    static const char *const secret[SIM_TWAPS] = { "secret of a TWAP", "secret of the other" };
    static const char *const mag[SIM_TWAPS] = { "mag-a", "mag-b" };
    enum lk_status status = LK_OK;

    for (unsigned i = 0; i < SIM_TWAPS && status == LK_OK; i++) {
        struct lk_radius_client *client = &wlan->client[i];

        status = lk_address_prefix_parse(&client->prefix, prefix[i]);
        if (status == LK_OK)
            status = lk_radius_secret_set(&client->secret, lk_span_text(secret[i]));
        memcpy(client->mag, mag[i], strlen(mag[i]) + 1);
    }
    if (status == LK_OK)
        status = lk_radius_clients_set(&wlan->clients, wlan->client, SIM_TWAPS);
    LK_ASSERT(status == LK_OK);
}

static void make(struct sim_world *world)
{
    struct sim_wlan *wlan = calloc(1, sizeof *wlan);
    struct sim_mobility *mobility = calloc(1, sizeof *mobility);

    LK_ASSERT(wlan != NULL && mobility != NULL);
    sim_aaa_make(world, &trusted);
    world->aaa->wlan = wlan;
    world->aaa->mobility = mobility;
    lk_wlcp_kdf_defaults(&wlan->kdf);
    make_clients(wlan);
    mobility->device = calloc(world->options->ues, sizeof *mobility->device);
    LK_ASSERT(mobility->device != NULL);
}

static void unmake(struct sim_world *world)
{
    free(world->aaa->mobility->device);
    free(world->aaa->mobility);
    free(world->aaa->wlan);
    sim_aaa_unmake(world);
}

static void check_end(struct sim_world *world)
{
    sim_check_end(world);
    sim_check_wlan_end(world);
    sim_check_mobility_end(world);
}

static const struct sim_actor *const actors[] = {
    &sim_node_actor, &sim_twap_actor, &sim_device_actor, &sim_gateway_actor, &sim_anchor_actor,
    &sim_ue_actor,
};

const struct lk_sim_row sim_wlan_row = {
    .name = "wlan",
    .help = "over two TWAPs with a gateway each, and one anchor behind them",
    .ues_max = SIM_UES_MAX,
    .counts = sim_aaa_counts,
    .count_count = SIM_AAA_COUNTS,
    .main_count = SIM_ATTEMPTS,
    .invariants = sim_aaa_invariants,
    .invariant_count = SIM_WLAN_INVARIANTS,
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = make,
    .unmake = unmake,
    .calm = sim_aaa_calm,
    .check = sim_check_event,
    .check_end = check_end,
};
