/* The worlds of access points and AAA nodes: what they share, and the row of the one in which
 * access points speak to the nodes themselves. */
#include "sim/aaa.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/invariants.h"
#include "sim/seam.h"

uint64_t sim_wall_ms(const struct sim_world *world, const struct sim_node *node)
{
    return SIM_EPOCH_MS + world->now_ms + (uint64_t)node->skew_ms;
}

void sim_event_of(struct sim_world *world, struct lk_event *event, enum lk_event_kind kind,
                  uint64_t now_ms)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->now_ms = now_ms;
    sim_random_fill(&world->random, event->entropy, sizeof event->entropy);
}

/* ---- making ---- */

static void make_client(struct sim_aaa *aaa)
{
    enum lk_status status = lk_address_prefix_parse(&aaa->client.prefix, "10.0.0.0/24");

    if (status == LK_OK)
        status = lk_radius_secret_set(&aaa->client.secret, lk_span_text("simulated secret"));
    if (status == LK_OK)
        status = lk_radius_clients_set(&aaa->clients, &aaa->client, 1);
    LK_ASSERT(status == LK_OK);
}

void sim_aaa_make(struct sim_world *world, const struct sim_access *access)
{
    struct sim_aaa *aaa = calloc(1, sizeof *aaa);
    unsigned ues = world->options->ues;
    struct lk_master_key master;

    LK_ASSERT(aaa != NULL);
    sim_seam_start();
    world->aaa = aaa;
    aaa->access = access;
    sim_random_fill(&world->random, &master, sizeof master);
    lk_row_key_derive(&aaa->row_key, &master);
    sim_random_fill(&world->random, &aaa->node_key, sizeof aaa->node_key);
    aaa->mode = sim_random_chance(&world->random, 700) ? LK_SQN_TIME : LK_SQN_COUNTER;
    aaa->block = (unsigned)(1 + sim_random_below(&world->random, 32));
    aaa->choices = sim_random_next(&world->random);
    aaa->ue = calloc(ues, sizeof *aaa->ue);
    aaa->row = calloc(ues, sizeof *aaa->row);
    aaa->sequence = calloc((size_t)ues * SIM_NODES, sizeof *aaa->sequence);
    aaa->corrections = calloc(ues, sizeof *aaa->corrections);
    aaa->corrected_ms = calloc(ues, sizeof *aaa->corrected_ms);
    LK_ASSERT(aaa->ue != NULL && aaa->row != NULL && aaa->sequence != NULL &&
              aaa->corrected_ms != NULL && aaa->corrections != NULL);
    make_client(aaa);
    lk_wipe(&master, sizeof master);
}

void sim_aaa_unmake(struct sim_world *world)
{
    struct sim_aaa *aaa = world->aaa;

    free(aaa->ue);
    free(aaa->row);
    free(aaa->sequence);
    free(aaa->corrections);
    free(aaa->corrected_ms);
    free(aaa);
}

/* From here on the network is faithful, and whoever does not try already tries once more. */
void sim_aaa_calm(struct sim_world *world)
{
    for (unsigned n = 0; n < SIM_NODES; n++)
        world->aaa->node[n].skew_ms = 0;
    for (unsigned i = 0; i < world->options->ues; i++)
        if (!world->aaa->ue[i].running)
            sim_later(world, (struct sim_event){ .kind = SIM_UE_BEGINS, .who = i },
                      SIM_SETTLE_MS + sim_random_below(&world->random, 1000), NULL, 0);
}

/* ---- access points speak to the nodes ---- */

static bool wants_no_multi(struct sim_world *world)
{
    (void)world;
    return false;
}

static void stay(struct sim_world *world, struct sim_ue *ue)
{
    (void)world;
    (void)ue;
}

static void to_node(struct sim_world *world, const struct sim_ue *ue, struct lk_span octets)
{
    sim_leg_to_node(world, ue->index, ue->node, octets);
}

static void keep_nothing(struct sim_world *world, struct sim_ue *ue, const struct lk_grant *grant)
{
    (void)world;
    (void)ue;
    (void)grant;
}

static unsigned some_point(struct sim_world *world)
{
    return (unsigned)sim_random_below(&world->random, world->options->ues);
}

static const struct sim_access access_points = {
    wants_no_multi, stay, stay, to_node, keep_nothing, some_point,
};

static void make(struct sim_world *world)
{
    sim_aaa_make(world, &access_points);
}

/* ---- rows ---- */

const struct lk_sim_invariant sim_aaa_invariants[SIM_WLAN_INVARIANTS] = {
    { 1, "sqn-once", "no SQN is used twice for one subscriber" },
    { 2, "sqn-rises", "a subscriber's SQN never falls at one node, but by a verified AUTS" },
    { 3, "auts-once", "an AUTS corrects a row at most once, and only for a RAND given out" },
    { 4, "keys-distinct", "MSK, EMSK and WLCP key of all sessions differ pairwise" },
    { 5, "proven-first", "no end uses keys before the other has proven itself" },
    { 6, "nothing-retired", "no State after its time, no re-authentication context twice" },
    { 7, "failure-changes-nothing", "what failed has changed nothing that lasts, and no card" },
    { 11, "same-reply", "a repeated request has the same reply and no second effect" },
    { 12, "nothing-left-behind", "each job in use waits for one thing; silence leaves nothing" },
    { 13, "memory-bounded", "the world fits into base plus users times budget" },
    { 24, "nothing-clear", "no log and no datagram shows a secret, no log and no reply an IMSI" },
    { 25, "live", "once faults stop, every UE that may get in does, and all comes to rest" },
    { 0, "keys-equal", "both ends finish with the same keys, or there is no success" },
    /* and where there is a trusted WLAN */
    { 8, "one-binding", "an address has one binding at most, of somebody authenticated" },
    { 9, "epochs-grow", "the epoch of a binding never falls" },
    { 10, "order-rises", "what orders the requests for a binding never falls" },
    { 15, "one-identity", "TWAP, AAA and device mean the same subscriber" },
    { 16, "channel-of-one", "a channel carries what is of the subscriber whose key opened it" },
    { 0, "same-address", "a device has the same address wherever it is" },
};

const char *const sim_aaa_counts[SIM_AAA_COUNTS] = {
    [SIM_ATTEMPTS] = "attempts",     [SIM_FULL] = "full",         [SIM_FAST] = "fast",
    [SIM_REFUSED] = "refused",       [SIM_UNANSWERED] = "unanswered",
    [SIM_RESYNCS] = "resyncs",       [SIM_SESSIONS] = "sessions", [SIM_ROLLED] = "rolled",
    [SIM_CONNECTIONS] = "connections",
};

static const struct sim_actor *const actors[] = { &sim_node_actor, &sim_ue_actor };

const struct lk_sim_row sim_aaa_row = {
    .name = "aaa",
    .help = "access points speak to two AAA nodes with a vault each and one store",
    .ues_max = SIM_UES_MAX,
    .counts = sim_aaa_counts,
    .count_count = SIM_SESSIONS,
    .main_count = SIM_ATTEMPTS,
    .invariants = sim_aaa_invariants,
    .invariant_count = SIM_AAA_INVARIANTS,
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = make,
    .unmake = sim_aaa_unmake,
    .calm = sim_aaa_calm,
    .check = sim_check_event,
    .check_end = sim_check_end,
};
