/* The world of Mobile IP: its row, who is in it, and when it comes to rest. */
#include "sim/mip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"

enum {
    LIFETIME_S = 60,    /* that nodes ask for: they renew at half of it */
    LAST_MS = 12000,    /* between the last words of everybody, */
    LAST_TIMES = 4,     /* of which there are so many */
    SKEW_MS = 4000, FAR_OFF_MS = 3600000, FAR_OFF = 50,
    USIM = 600,
};

unsigned sim_mip_own(const struct sim_world *world, enum sim_mip_word word)
{
    return world->options->own[word];
}

uint64_t sim_mip_clock(const struct sim_world *world)
{
    return SIM_EPOCH_MS + world->now_ms;
}

uint64_t sim_mip_settle_ms(const struct sim_world *world)
{
    return (uint64_t)sim_mip_own(world, SIM_MIP_SETTLE_S) * 1000;
}

bool sim_mip_goes_on(const struct sim_world *world)
{
    return world->now_ms < world->heal_ms + sim_mip_settle_ms(world);
}

struct sim_mobile *sim_mobile_of(struct sim_world *world, const struct lk_imsi *imsi)
{
    uint64_t number = 0;

    if (strlen(imsi->digits) != 15 || strncmp(imsi->digits, "00101", 5) != 0)
        return NULL;
    for (size_t i = 5; i < 15; i++)
        number = number * 10 + (uint64_t)(imsi->digits[i] - '0');
    return number < world->options->ues ? &world->mip->node[number] : NULL;
}

struct sim_mobile *sim_mobile_named(struct sim_world *world, struct lk_span nai)
{
    struct lk_imsi imsi;

    return lk_pmip_nai_imsi(&imsi, nai) == LK_OK ? sim_mobile_of(world, &imsi) : NULL;
}

/* ---- making ---- */

static int64_t any_skew(struct sim_world *world)
{
    unsigned most = sim_random_chance(&world->random, FAR_OFF) ? FAR_OFF_MS : SKEW_MS;

    return (int64_t)sim_random_below(&world->random, 2 * (uint64_t)most + 1) - (int64_t)most;
}

static void make_node(struct sim_world *world, unsigned index)
{
    struct sim_mobile *node = &world->mip->node[index];
    char digits[LK_IMSI_MAX_DIGITS + 1];
    enum lk_status status;

    node->index = index;
    (void)snprintf(digits, sizeof digits, "00101%010u", index);
    status = lk_imsi_parse(&node->imsi, lk_span_text(digits));
    LK_ASSERT(status == LK_OK);
    (void)snprintf(node->nai, sizeof node->nai, "0%s@nai.epc.mnc001.mcc001.3gppnetwork.org",
                   digits);
    node->way = sim_random_chance(&world->random, 250) ? SIM_WAY_CONFIGURED : SIM_WAY_NAF;
    if (sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_BY_AAA)))
        node->way = SIM_WAY_AAA;
    node->usim = node->way == SIM_WAY_NAF ||
                 (node->way == SIM_WAY_AAA && sim_random_chance(&world->random, USIM));
    node->both = node->way == SIM_WAY_CONFIGURED ? index % 3 == 0
                                                 : node->way == SIM_WAY_NAF && !world->mip->pushes;
    node->both = node->both && sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_SIX));
    node->wlan = sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_WLAN));
    node->bombs = !node->wlan &&
                  sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_BOMBERS));
    node->skew_ms = any_skew(world);
}

static void make(struct sim_world *world)
{
    struct sim_mip *mip = calloc(1, sizeof *mip);

    LK_ASSERT(mip != NULL);
    world->mip = mip;
    mip->node = calloc(world->options->ues, sizeof *mip->node);
    LK_ASSERT(mip->node != NULL);
    mip->pushes = sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_PUSHED));
    mip->fas = sim_mip_own(world, SIM_MIP_FA_COUNT) + 1;
    sim_places_make(world);
    lk_mip_mn_defaults(&mip->mn_config);
    mip->mn_config.lifetime_s = LIFETIME_S;
    lk_mip_mn6_defaults(&mip->mn6_config);
    mip->mn6_config.lifetime = LIFETIME_S / LK_MOBILITY_LIFETIME_UNIT_S;
    lk_pmip_mag_defaults(&mip->mag_config);
    sim_mip_truth_make(world);
    for (unsigned i = 0; i < world->options->ues; i++)
        make_node(world, i);
}

static void unmake(struct sim_world *world)
{
    sim_places_unmake(world);
    sim_mip_truth_unmake(world);
    free(world->mip->node);
    free(world->mip);
}

/* Nobody names others any more, and everybody has something to say when all has come to rest. */
static void calm(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        struct sim_mobile *node = &world->mip->node[i];
        struct sim_event word = { .kind = SIM_MOBILE_SPEAKS, .who = i };
        bool nobodys = node->access == SIM_AT_AN_FA && node->at + 1 == world->mip->fas;

        if (node->access == SIM_NOWHERE || nobodys || node->bombs)
            sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_MOVES, .who = i },
                      1 + sim_random_below(&world->random, 1000), NULL, 0);
        for (unsigned n = 0; n < LAST_TIMES; n++)
            sim_later(world, word,
                      sim_mip_settle_ms(world) > (n + 1) * (uint64_t)LAST_MS
                          ? sim_mip_settle_ms(world) - n * (uint64_t)LAST_MS - 1000
                          : 1,
                      NULL, 0);
    }
}

static void check_end(struct sim_world *world)
{
    sim_gaps_report(world);
    sim_check_mip_end(world);
}

static const struct lk_sim_word words[] = {
    [SIM_MIP_FA_COUNT] = { "fas", SIM_MIP_FAS, 3,
                           "foreign agents; one more is nobody's, and rewrites; 0: none" },
    [SIM_MIP_MOVE_MS] = { "move-ms", 1000000, 6000, "mean time between a node's moves" },
    [SIM_MIP_SPEAK_MS] = { "speak-ms", 1000000, 1500, "mean time between its packets; 0: none" },
    [SIM_MIP_NAT] = { "nat", 1000, 400, "of a thousand places are behind a translator" },
    [SIM_MIP_WLAN] = { "wlan", 1000, 300, "of a thousand nodes go to gateways (PMIPv6) as well" },
    [SIM_MIP_REBIND_MS] = { "rebind-ms", 1000000, 8000,
                            "mean time until a translator gives another port; 0: none does" },
    [SIM_MIP_KS_S] = { "ks-s", 86400, 40, "that a bootstrapped key lives" },
    [SIM_MIP_THIEF_MS] = { "thief-ms", 1000000, 400,
                           "mean time between forged registrations; 0: none" },
    [SIM_MIP_FLOOD_S] = { "flood", 1000, 10, "datagrams a second from anywhere" },
    [SIM_MIP_BOMBERS] = { "bombers", 1000, 100,
                          "of a thousand nodes name others as their care-of address" },
    [SIM_MIP_VOLATILE] = { "volatile", 1000, 200, "of a thousand anchors have no store" },
    [SIM_MIP_DIES_S] = { "dies-s", 1000000, 60, "mean time until a node restarts; 0: none does" },
    [SIM_MIP_SETTLE_S] = { "settle-s", 1000000, 110,
                           "after the faults, in which all comes to rest" },
    [SIM_MIP_PUSHED] = { "pushed", 1000, 300,
                         "of a thousand home agents are no NAF: the AAA gives them the keys" },
    [SIM_MIP_BY_AAA] = { "by-aaa", 1000, 300,
                         "of a thousand nodes have keys of nonces, by the home AAA (RFC 3957)" },
    [SIM_MIP_SIX] = { "six", 1000, 800,
                      "of a thousand nodes with a key for it speak MIPv6 as well" },
};

static const char *const counts[SIM_MIP_COUNTS] = {
    [SIM_MIP_REGISTRATIONS] = "registrations", [SIM_MIP_MOVES] = "moves",
    [SIM_MIP_HANDOVERS] = "handovers",         [SIM_MIP_RELEASES] = "releases",
    [SIM_MIP_FAILURES] = "failures",           [SIM_MIP_BOOTSTRAPS] = "bootstraps",
    [SIM_MIP_ASKED] = "asked",                 [SIM_MIP_REBOUND] = "rebound",
    [SIM_MIP_REUSED] = "reused",               [SIM_MIP_FORGED] = "forged",
    [SIM_MIP_FLOODED] = "flooded",             [SIM_MIP_BOMBED] = "bombed",
    [SIM_MIP_PROVEN] = "proven",               [SIM_MIP_PACKETS] = "packets",
    [SIM_MIP_UNWRITTEN] = "unwritten",         [SIM_MIP_CRASHES] = "crashes",
    [SIM_MIP_GRANTED] = "granted",             [SIM_MIP_GIVEN] = "given",
    [SIM_MIP_ADVERTISED] = "advertised",       [SIM_MIP_VISITS] = "visits",
    [SIM_MIP_BOUND6] = "bound6",
};

static const struct lk_sim_invariant invariants[] = {
    { 7, "failure-changes-nothing", "what is refused, or not answered, changes no binding" },
    { 8, "one-binding", "an address has one binding, and what changes it its owner has said (T10, "
                        "T11, T12)" },
    { 9, "epochs-grow", "an epoch never falls, over restarts and protocols too" },
    { 10, "order-rises", "nothing older than what was answered counts, over restarts too (A22)" },
    { 11, "same-reply", "a repeated request has the same reply and no second effect" },
    { 13, "memory-bounded", "the world fits into base plus users times budget" },
    { 20, "keys-distinct", "home agent, foreign agents and AAA of a node have no two keys alike, "
                           "and nobody has another's" },
    { 20, "nonces-fresh", "no nonce is of two questions, nodes or roles (T24)" },
    { 20, "same-nonce", "a question has the nonce that it had, whoever asks (T26)" },
    { 25, "volume-right", "what is accounted to a subscriber is what was forwarded for it (T14)" },
    { 25, "visit-right", "what a foreign agent says of a stay is what it passed on (T14)" },
    { 0, "visitor-is-proven", "an agent serves whom the home agent said, with the address that it "
                              "said, and no other (T12, T16, T33)" },
    { 25, "ends-in-time", "what a node begins ends within its deadline" },
    { 25, "live", "once faults stop, every node is bound where it is, and packets pass" },
    { 0, "proven-place", "no place gets more than three packets before it was proven (T13)" },
    { 0, "outlives-its-key", "no binding ends because a key does (T30)" },
    { 0, "same-address", "a node has one address, by whatever protocol, over restarts too" },
};

static const struct sim_actor *const actors[] = {
    &sim_home_aaa_actor, &sim_fa_actor, &sim_agent_actor, &sim_mobile_actor, &sim_mip_thief_actor,
};

const struct lk_sim_row sim_mip_row = {
    .name = "mip",
    .help = "an anchor with its store, foreign agents, gateways, AAA, BSF, and mobile nodes",
    .ues_max = SIM_MIP_UES_MAX,
    .words = words,
    .word_count = LK_COUNT_OF(words),
    .counts = counts,
    .count_count = LK_COUNT_OF(counts),
    .main_count = SIM_MIP_REGISTRATIONS,
    .table = &sim_mip_gaps,
    .invariants = invariants,
    .invariant_count = LK_COUNT_OF(invariants),
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = make,
    .unmake = unmake,
    .calm = calm,
    .check = sim_check_mip_event,
    .check_end = check_end,
};
