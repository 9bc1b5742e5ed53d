/* The world of LTE-WLAN aggregation: its weather, its MME, and its row. */
#include "sim/lwa.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/lwa_invariants.h"
#include "sim/lwa_seam.h"

enum {
    /* After the faults: then nobody begins anything any more. The WT has released whoever left it
     * and does not know, by a frame that came late (lk_lwa_wt_config's away_ms). */
    CALM_MS = 420000,
    LAST_WORD_MS = 30000, /* ... and nobody has any more data */
    CONNECT_MS = 5000, /* in which everybody connects at first */
    NOTICE_MS = 1000,  /* until a device sees that its connection is over */
    AIR_MOST_MS = 100, /* a try of a handshake comes and is answered before the next */
    GROUP_MS = 25000,  /* a key of the group lives */
    STORE_MS = 20, STORE_FAILS = 10,
};

/* The world's own words, as they stand in words[]. */
enum word { HANDOVER_MS, SPEAK_MS, UU_LOSS, CUT_S, CUT_MS, AWAY_S, AWAY_MS, CLAIM_S };

static unsigned own(const struct sim_world *world, enum word word)
{
    return world->options->own[word];
}

bool sim_lwa_goes_on(const struct sim_world *world, uint64_t at_ms)
{
    return at_ms <= world->heal_ms + CALM_MS;
}

struct sim_phone *sim_phone_of(struct sim_world *world, const uint8_t mac[LK_STATION_LEN])
{
    unsigned index = (unsigned)mac[3] << 16 | (unsigned)mac[4] << 8 | mac[5];

    LK_ASSERT(index < world->options->ues);
    return &world->lwa->phone[index];
}

void sim_cell(struct lk_eps_cell *cell, unsigned index)
{
    *cell = (struct lk_eps_cell){ .pci = (uint16_t)index, .earfcn_dl = 1850 };
}

/* ---- legs ---- */

struct sim_leg sim_lwa_plain_leg(struct sim_world *world, const struct sim_event *event)
{
    struct sim_lwa *lwa = world->lwa;

    switch (event->kind) {
    case SIM_AT_CELL: return (struct sim_leg){ .last_ms = &lwa->phone[event->from].up_ms };
    case SIM_AT_PHONE: return (struct sim_leg){ .last_ms = &lwa->phone[event->who].down_ms };
    case SIM_ENB_XW: return (struct sim_leg){ .last_ms = &lwa->xw[event->who].last_ms[0] };
    case SIM_WT_XW: return (struct sim_leg){ .last_ms = &lwa->xw[event->from].last_ms[1] };
    case SIM_WT_FRAME: return (struct sim_leg){ .lost = &lwa->phone[event->from].lost };
    default: return (struct sim_leg){ .lost = &lwa->phone[event->who].lost };
    }
}

struct sim_leg sim_lwa_leg(struct sim_world *world, const struct sim_event *event,
                           struct lk_span octets)
{
    return world->lwa->leg(world, event, octets);
}

static struct sim_leg weather_leg(struct sim_world *world, const struct sim_event *event,
                                  struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;
    struct sim_leg leg = sim_lwa_plain_leg(world, event);
    unsigned phone = event->kind == SIM_WT_FRAME ? event->from : event->who;

    (void)octets;
    leg.delay_ms = o->delay_ms / 8;
    if (event->kind == SIM_AT_CELL || event->kind == SIM_AT_PHONE) {
        leg.loss = own(world, UU_LOSS);
    } else if (event->kind == SIM_ENB_XW || event->kind == SIM_WT_XW) {
        leg.duplicate = o->duplicate;
    } else {
        leg.loss = world->lwa->phone[phone].away ? 1000 : o->loss;
        leg.duplicate = o->duplicate;
        leg.delay_ms = o->delay_ms / 4 < AIR_MOST_MS ? o->delay_ms / 4 : AIR_MOST_MS;
    }
    return leg;
}

bool sim_xw_is_up(const struct sim_world *world, unsigned cell)
{
    return world->lwa->xw[cell].life % 2 == 1;
}

void sim_xw_turn(struct sim_world *world, unsigned cell)
{
    struct sim_xw *xw = &world->lwa->xw[cell];
    bool up = !sim_xw_is_up(world, cell);

    xw->life++;
    xw->last_ms[0] = xw->last_ms[1] = 0;
    sim_say(world, "xw of cell %u is %s", cell, up ? "whole" : "cut");
    sim_wt_xw(world, cell, up);
    sim_enb_xw(world, cell, up);
}

/* ---- the MME ---- */

/* A connection, at first or after one that is over, in any cell: both ends have a new KeNB. */
static void connect(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_lwa_ue_context context = { .ncc = 0 };

    context.kasme = phone->kasme;
    phone->nas_count = sim_seam_nas_count(phone);
    lk_kenb_derive(&context.kenb, &phone->kasme, phone->nas_count);
    sim_cell(&context.cell, (unsigned)sim_random_below(&world->random, SIM_CELLS));
    phone->connection++;
    phone->up_ms = phone->down_ms = 0;
    world->report->count[SIM_LWA_CONNECTED]++;
    sim_phone_connected(world, phone, &context);
    sim_enb_connected(world, phone);
    lk_wipe(&context, sizeof context);
}

void sim_lwa_lost(struct sim_world *world, struct sim_phone *phone)
{
    struct sim_event event = { .kind = SIM_CONNECT, .who = phone->index,
                               .life = phone->connection };

    sim_later(world, event, 1 + sim_random_below(&world->random, NOTICE_MS), NULL, 0);
}

/* ---- weather ---- */

static void again(struct sim_world *world, const struct sim_event *event, uint64_t mean_ms)
{
    if (mean_ms > 0)
        sim_later(world, *event, 1 + sim_random_below(&world->random, 2 * mean_ms), NULL, 0);
}

static void make_weather(struct sim_world *world, unsigned index)
{
    struct sim_event cut = { .kind = SIM_XW_CUT }, claim = { .kind = SIM_CLAIM };

    (void)index;
    for (cut.who = 0; cut.who < SIM_CELLS; cut.who++)
        again(world, &cut, (uint64_t)own(world, CUT_S) * 1000);
    again(world, &claim, (uint64_t)own(world, CLAIM_S) * 1000);
    for (unsigned i = 0; i < world->options->ues; i++) {
        struct sim_event first = { .kind = SIM_CONNECT, .who = i };

        sim_later(world, first, sim_random_below(&world->random, CONNECT_MS), NULL, 0);
        first.kind = SIM_HANDOVER;
        again(world, &first, own(world, HANDOVER_MS));
        first.kind = SIM_SPEAK;
        again(world, &first, own(world, SPEAK_MS));
        first.kind = SIM_WALK;
        again(world, &first, (uint64_t)own(world, AWAY_S) * 1000);
    }
}

static void on_handover(struct sim_world *world, const struct sim_event *event)
{
    struct sim_phone *phone = &world->lwa->phone[event->who];
    unsigned step = 1 + (unsigned)sim_random_below(&world->random, SIM_CELLS - 1);

    if (!world->faults)
        return;
    sim_enb_handover(world, phone, (sim_phone_cell(phone) + step) % SIM_CELLS);
    again(world, event, own(world, HANDOVER_MS));
}

static void on_walk(struct sim_world *world, const struct sim_event *event)
{
    struct sim_phone *phone = &world->lwa->phone[event->who];

    if (!world->faults)
        return;
    phone->away = !phone->away;
    world->report->count[SIM_LWA_WALKS] += phone->away;
    again(world, event, phone->away ? own(world, AWAY_MS) : (uint64_t)own(world, AWAY_S) * 1000);
}

static void on_cut(struct sim_world *world, const struct sim_event *event)
{
    bool up;

    if (!world->faults)
        return;
    sim_xw_turn(world, event->who);
    up = sim_xw_is_up(world, event->who);
    world->report->count[SIM_LWA_CUTS] += !up;
    again(world, event, up ? (uint64_t)own(world, CUT_S) * 1000 : own(world, CUT_MS));
}

static void on_speak(struct sim_world *world, const struct sim_event *event)
{
    struct sim_phone *phone = &world->lwa->phone[event->who];

    sim_phone_speak(world, phone);
    sim_wt_speak(world, phone);
    if (world->now_ms < world->heal_ms + LAST_WORD_MS)
        again(world, event, own(world, SPEAK_MS));
}

static void on_claim(struct sim_world *world, const struct sim_event *event)
{
    unsigned index = (unsigned)sim_random_below(&world->random, world->options->ues);

    if (!world->faults)
        return;
    sim_wt_claim(world, &world->lwa->phone[index]);
    again(world, event, (uint64_t)own(world, CLAIM_S) * 1000);
}

void sim_lwa_connect(struct sim_world *world, const struct sim_event *event)
{
    struct sim_phone *phone = &world->lwa->phone[event->who];

    if (event->life == phone->connection)
        connect(world, phone);
}

static void take_weather(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_CONNECT)
        sim_lwa_connect(world, event);
    else if (event->kind == SIM_HANDOVER)
        on_handover(world, event);
    else if (event->kind == SIM_WALK)
        on_walk(world, event);
    else if (event->kind == SIM_SPEAK)
        on_speak(world, event);
    else if (event->kind == SIM_XW_CUT)
        on_cut(world, event);
    else if (event->kind == SIM_CLAIM)
        on_claim(world, event);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_CONNECT, .name = "connects" },
    { .number = SIM_HANDOVER, .name = "is to move" },
    { .number = SIM_WALK, .name = "walks" },
    { .number = SIM_SPEAK, .name = "speaks" },
    { .number = SIM_XW_CUT, .name = "xw turns" },
    { .number = SIM_CLAIM, .name = "another eNB adds" },
};

const struct sim_actor sim_weather_actor = {
    .name = "weather", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make_weather, .take = take_weather,
};

/* ---- the world ---- */

static void configure(struct sim_world *world, struct sim_lwa *lwa)
{
    static const uint8_t ap[] = { 2, 0xaa, 0, 0, 0, 1 };
    static const char ssid[] = "simulated";

    lk_lwa_device_defaults(&lwa->phone_config);
    lk_wt_defaults(&lwa->wt.config);
    memcpy(lwa->wt.config.lwa.mac, ap, sizeof ap);
    lwa->wt.config.ssid_len = sizeof ssid - 1;
    memcpy(lwa->wt.config.ssid, ssid, sizeof ssid - 1);
    lwa->wt.config.ues = world->options->ues;
    lwa->wt.config.group_ms = GROUP_MS;
    lwa->wt.config.offer_keys = true;
    lwa->tries = lwa->wt.config.rsn.tries;
    lwa->leg = weather_leg;
    lwa->store_ms = STORE_MS;
    lwa->store_fails = STORE_FAILS;
    lk_enb_defaults(&lwa->enb.config);
    lwa->enb.config.ues = world->options->ues;
    lwa->enb.config.cells = SIM_CELLS;
    for (unsigned i = 0; i < SIM_CELLS; i++) {
        struct lk_lwa_enb_config *cell = &lwa->enb.config.cell[i];

        sim_cell(&cell->cell, i);
        cell->deadline_ms = SIM_DEADLINE_MS;
        cell->mobility.count = 1;
        cell->mobility.id[0].ssid_len = sizeof ssid - 1;
        memcpy(cell->mobility.id[0].ssid, ssid, sizeof ssid - 1);
        cell->mobility.id[0].has_bssid = true;
        memcpy(cell->mobility.id[0].bssid, ap, sizeof ap);
    }
}

void sim_lwa_make(struct sim_world *world)
{
    struct sim_lwa *lwa = calloc(1, sizeof *lwa);

    LK_ASSERT(lwa != NULL);
    world->lwa = lwa;
    lwa->phone = calloc(world->options->ues, sizeof *lwa->phone);
    LK_ASSERT(lwa->phone != NULL);
    configure(world, lwa);
    for (unsigned cell = 0; cell < SIM_CELLS; cell++)
        lwa->xw[cell].life = 1;
    sim_lwa_seam_start(world);
}

void sim_lwa_unmake(struct sim_world *world)
{
    free(world->lwa->phone);
    free(world->lwa);
}

static void calm(struct sim_world *world)
{
    for (unsigned cell = 0; cell < SIM_CELLS; cell++)
        if (!sim_xw_is_up(world, cell))
            sim_xw_turn(world, cell);
    for (unsigned i = 0; i < world->options->ues; i++)
        world->lwa->phone[i].away = false;
}

static const struct lk_sim_word words[] = {
    [HANDOVER_MS] = { "handover-ms", 1000000, 4000, "mean time between a device's handovers" },
    [SPEAK_MS] = { "speak-ms", 1000000, 2000, "mean time between its packets; 0: none" },
    [UU_LOSS] = { "uu-loss", 900, 20, "of a thousand messages of RRC" },
    [CUT_S] = { "cut-s", 1000000, 30, "mean time until Xw is cut; 0: it never is" },
    [CUT_MS] = { "cut-ms", 1000000, 6000, "mean time until it is whole again" },
    [AWAY_S] = { "away-s", 1000000, 40, "mean time until a device leaves the WLAN; 0: none does" },
    [AWAY_MS] = { "away-ms", 1000000, 8000, "mean time until it is back" },
    [CLAIM_S] = { "claim-s", 1000000, 10, "mean time until another eNB names a device's address" },
};

static const char *const counts[SIM_LWA_COUNTS] = {
    [SIM_LWA_CONNECTED] = "connected",   [SIM_LWA_HANDOVERS] = "handovers",
    [SIM_LWA_HANDSHAKES] = "handshakes", [SIM_LWA_REKEYS] = "rekeys",
    [SIM_LWA_RELEASED] = "released",     [SIM_LWA_FAILED] = "failed",
    [SIM_LWA_CUTS] = "cuts",             [SIM_LWA_WALKS] = "walks",
    [SIM_LWA_PACKETS] = "packets",
};

static const struct lk_sim_invariant invariants[] = {
    { 4, "keys-distinct", "no two devices have one S-KWT or one TK" },
    { 0, "s-kwt-once", "no WT Counter serves twice under one KeNB, no S-KWT comes again (T52)" },
    { 0, "device-first", "the WT has the key of a live association after the device (T50)" },
    { 6, "nothing-retired", "no handshake under a key that is older than the last" },
    { 13, "memory-bounded", "the world fits into base plus users times budget" },
    { 17, "installed-once", "a TK is put in once at each end (A02, T54)" },
    { 17, "numbers-rise", "the packet number of a TK never goes back" },
    { 17, "data-once", "no packet of data comes through twice" },
    { 16, "data-of-one", "what comes through an association is of its device" },
    { 18, "keys-equal", "the WT never has a TK that the device has not" },
    { 18, "association-lives", "a re-key ends no association, but where each try is lost (T51)" },
    { 18, "same-in-time", "device and WT never have two keys for longer than the deadline (T53)" },
    { 18, "place-held", "no other eNB gets the place of a device that is there, by its address" },
    { 24, "nothing-clear", "neither Uu nor the air shows an S-KWT or a TK" },
    { 25, "live", "once faults stop, every device is in, and data passes" },
};

static const struct sim_actor *const actors[] = {
    &sim_enb_actor, &sim_wt_actor, &sim_phone_actor, &sim_weather_actor,
};

const struct lk_sim_row sim_lwa_row = {
    .name = "lwa",
    .help = "eNBs with four cells, a WT, devices that are handed over under LTE-WLAN aggregation",
    .ues_max = SIM_LWA_UES_MAX,
    .words = words,
    .word_count = LK_COUNT_OF(words),
    .counts = counts,
    .count_count = LK_COUNT_OF(counts),
    .main_count = SIM_LWA_HANDOVERS,
    .invariants = invariants,
    .invariant_count = LK_COUNT_OF(invariants),
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = sim_lwa_make,
    .unmake = sim_lwa_unmake,
    .calm = calm,
    .check = sim_check_lwa_event,
    .check_end = sim_check_lwa_end,
};
