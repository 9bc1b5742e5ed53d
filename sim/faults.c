/* When processes die, and when all of it stops. */
#include "sim/wlan.h"

static void plan(struct sim_world *world, enum sim_event_kind kind, unsigned node)
{
    uint64_t mean_ms = (uint64_t)world->options->restart_s * 1000;
    uint64_t at = 0;

    if (mean_ms == 0)
        return;
    for (;;) {
        at += 1 + sim_random_below(&world->random, 2 * mean_ms);
        if (at >= world->heal_ms)
            return;
        sim_later(world, (struct sim_event){ .kind = kind, .who = node }, at, NULL, 0);
    }
}

void sim_faults_plan(struct sim_world *world)
{
    struct sim_event end = { .kind = SIM_FAULTS_END };

    world->faults = true;
    world->heal_ms = (uint64_t)world->options->seconds * 1000;
    for (unsigned n = 0; n < SIM_NODES; n++) {
        plan(world, SIM_NODE_RESTART, n);
        plan(world, SIM_VAULT_RESTART, n);
    }
    for (unsigned n = 0; world->wlan != NULL && n < SIM_TWAPS; n++)
        plan(world, SIM_TWAP_RESTART, n);
    if (world->wlan != NULL)
        plan(world, SIM_ANCHOR_RESTART, 0);
    sim_later(world, end, world->heal_ms, NULL, 0);
}

/* From here on the network is faithful, and whoever does not try already tries once more. */
void sim_faults_end(struct sim_world *world)
{
    world->faults = false;
    sim_say(world, "faults end");
    for (unsigned n = 0; n < SIM_NODES; n++)
        world->node[n].skew_ms = 0;
    for (unsigned i = 0; i < world->options->ues; i++)
        if (!world->ue[i].running)
            sim_later(world, (struct sim_event){ .kind = SIM_UE_BEGINS, .who = i },
                      SIM_SETTLE_MS + sim_random_below(&world->random, 1000), NULL, 0);
}
