/* The laboratory: its tables, its world, and what happens in it. The instruments are in
 * lab_measure.c. */
#include "sim/lab_parts.h"

#include <stdlib.h>
#include <string.h>

#include "sim/lwa_invariants.h"

enum {
    TELL_EVERY = 500,   /* handovers */
    LOOK_MS = 50,       /* until the first handover, how often it is looked whether LWA is there */
    SET_UP_MS = 5000,   /* all the time that may take */
    SETTLE_MS = 10000,  /* after the last handover, before loss ends */
    SPEAK_MS = 15000,   /* after that there is data still: who hears nothing may find out */
    FRAME_TYPE = 0x0c,  /* of the first octet of a frame: 0 is management */
};

const struct lk_lab_delay_row lk_lab_delay_rows[LK_LAB_DELAYS] = {
    [LK_LAB_UU] = { "uu", "between UE and eNB, one way", "ours", { 4, 6 }, 1 },
    [LK_LAB_RRC] = { "rrc", "at the UE, until a reconfiguration is done",
                     "TS 36.331 11.2: 15 to 20", { 15, 20 }, 0 },
    [LK_LAB_XW] = { "xw", "between eNB and WT, one way", "ours", { 2, 5 }, 1 },
    [LK_LAB_AIR] = { "air", "between UE and access point, one way", "ours", { 1, 2 }, 1 },
    [LK_LAB_AP] = { "ap", "at the access point, for each answer of management", "ours",
                    { 2, 5 }, 0 },
    [LK_LAB_STORE] = { "store", "until the WT Counter is kept", "ours", { 0, 1 }, 0 },
};

const struct lk_lab_timer_row lk_lab_timer_rows[LK_LAB_TIMERS] = {
    [LK_LAB_RETRY] = { "retry", "ms", "of the WT, between its tries of a message of a handshake",
                       250, 1, 60000 },
    [LK_LAB_TRIES] = { "tries", "tries", "of the WT", 4, 1, 16 },
    [LK_LAB_REJOIN] = { "rejoin", "ms", "of the UE, from one association to the next, at least",
                        500, 1, 60000 },
    [LK_LAB_LOCK] = { "lock", "ms", "of the eNB, for the WT's finished signal; 1 is without lock",
                      3000, 1, 60000 },
    [LK_LAB_DATA] = { "data", "ms", "between packets of data, each way, where data can pass", 20,
                      1, 60000 },
};

const struct lk_lab_way_row lk_lab_way_rows[LK_LAB_WAYS] = {
    [LK_LAB_RRC_FIRST] = { "rrc-first", "rrc-first", "RRC first",
        "the UE is told, then the WT, which begins the handshake (S3, option 2)" },
    [LK_LAB_WT_FIRST] = { "wt-first", "wt-first", "WT first",
        "the WT is told, then the UE, which answers under its old key; the WT then "
        "deauthenticates it (S3, option 1)" },
    [LK_LAB_WT_FIRST_PATIENT] = { "patient", "wt-first", "WT first, patient",
        "the same order, but the UE drops what names no key of its own, and the WT tries again" },
    [LK_LAB_UE_INITIATED] = { "ue-initiated", "ue-initiated", "UE-initiated",
        "the UE is told, and associates anew with the same access point" },
};

const char *const lk_lab_message_names[LK_LAB_MESSAGES] = {
    [LK_LAB_M_RRC] = "rrc", [LK_LAB_M_XWAP] = "xwap", [LK_LAB_M_EAPOL] = "eapol",
    [LK_LAB_M_MANAGEMENT] = "management",
};

/* ---- options ---- */

void lk_lab_defaults(struct lk_lab_options *options)
{
    *options = (struct lk_lab_options){ .seed = 1, .seeds = 1, .handovers = 100,
                                        .spacing_ms = 2000 };
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        options->delay[i] = lk_lab_delay_rows[i].usual;
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        options->timer[i] = lk_lab_timer_rows[i].usual;
}

static const char *wrong(const struct lk_lab_options *o)
{
    if (o->handovers < 1 || o->seeds < 1)
        return "at least one handover and one seed";
    if (o->handovers > LK_LAB_SAMPLES_MAX || o->seeds > LK_LAB_SAMPLES_MAX / o->handovers)
        return "at most 1000000 handovers, all seeds together";
    if (o->spacing_ms < 1 || o->spacing_ms > LK_LAB_SPACING_MAX)
        return "a spacing of 1 to 600000 ms";
    if (o->loss > LK_LAB_LOSS_MAX || o->uu_loss > LK_LAB_LOSS_MAX)
        return "a loss of at most 90 percent";
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        if (o->delay[i].least < lk_lab_delay_rows[i].least ||
            o->delay[i].least > o->delay[i].most || o->delay[i].most > LK_LAB_DELAY_MAX)
            return "delays of at most 10000 ms; uu, xw and air of at least 1 ms";
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        if (o->timer[i] < lk_lab_timer_rows[i].least || o->timer[i] > lk_lab_timer_rows[i].most)
            return "timers of 1 to 60000 ms, and 1 to 16 tries";
    if ((uint64_t)o->handovers * o->spacing_ms / o->timer[LK_LAB_DATA] > LK_LAB_PACKETS_MAX)
        return "at most 2000000 packets of data with a seed: a greater --data";
    return NULL;
}

bool lk_lab_check(const char **why, const struct lk_lab_options *options)
{
    *why = wrong(options);
    return *why == NULL;
}

/* ---- what becomes of what travels ---- */

static void draw_from(struct sim_leg *leg, const struct lk_lab_range *range)
{
    leg->least_ms += range->least;
    leg->delay_ms += range->most - range->least;
}

/* Nothing is lost before the first handover. What the UE must do with a message, and the access
 * point with a frame of management, is done before it arrives, or before the answer leaves. Nothing
 * overtakes. */
static struct sim_leg leg_of(struct sim_world *world, const struct sim_event *event,
                             struct lk_span octets)
{
    struct sim_lab *lab = sim_lab_of(world);
    const struct lk_lab_options *o = lab->options;
    struct sim_leg leg = sim_lwa_plain_leg(world, event);
    bool management = octets.len > 0 && (octets.at[0] & FRAME_TYPE) == 0;
    enum lk_lab_message message;

    if (event->kind == SIM_AT_CELL || event->kind == SIM_AT_PHONE) {
        message = LK_LAB_M_RRC;
        leg.loss = lab->begun ? o->uu_loss : 0;
        draw_from(&leg, &o->delay[LK_LAB_UU]);
        if (event->kind == SIM_AT_PHONE)
            draw_from(&leg, &o->delay[LK_LAB_RRC]);
    } else if (event->kind == SIM_ENB_XW || event->kind == SIM_WT_XW) {
        message = LK_LAB_M_XWAP;
        draw_from(&leg, &o->delay[LK_LAB_XW]);
    } else {
        message = management ? LK_LAB_M_MANAGEMENT : LK_LAB_M_EAPOL;
        leg.loss = lab->begun ? o->loss : 0;
        leg.last_ms = &lab->air_ms[event->kind == SIM_PHONE_FRAME];
        draw_from(&leg, &o->delay[LK_LAB_AIR]);
        if (management && event->kind == SIM_PHONE_FRAME)
            draw_from(&leg, &o->delay[LK_LAB_AP]);
    }
    if (lab->speaks)
        lab->result->sent++;
    else if (lab->begun)
        lab->result->message[message]++;
    return leg;
}

/* ---- the world ---- */

static void configure(struct sim_lwa *lwa, const struct sim_lab *lab)
{
    const struct lk_lab_options *o = lab->options;
    bool wt_first = lab->way == LK_LAB_WT_FIRST || lab->way == LK_LAB_WT_FIRST_PATIENT;

    lwa->leg = leg_of;
    lwa->store_least_ms = o->delay[LK_LAB_STORE].least;
    lwa->store_ms = o->delay[LK_LAB_STORE].most - o->delay[LK_LAB_STORE].least + 1;
    lwa->store_fails = 0;
    lwa->tries = o->timer[LK_LAB_TRIES];
    lwa->wt.config.group_ms = 0;
    lwa->wt.config.rsn.retry_ms = o->timer[LK_LAB_RETRY];
    lwa->wt.config.rsn.tries = (uint8_t)o->timer[LK_LAB_TRIES];
    lwa->wt.config.deauth_on_mismatch = lab->way != LK_LAB_WT_FIRST_PATIENT;
    lwa->phone_config.ue.retry_ms = o->timer[LK_LAB_REJOIN];
    lwa->phone_config.ue.reassociate = lab->way == LK_LAB_UE_INITIATED;
    lwa->phone_config.rsn.any_pmkid = lab->way == LK_LAB_WT_FIRST;
    for (unsigned i = 0; i < SIM_CELLS; i++) {
        struct lk_lwa_enb_config *cell = &lwa->enb.config.cell[i];

        cell->lock_ms = o->timer[LK_LAB_LOCK];
        cell->wt_tries = 0; /* not known: a lock may be too short here */
        cell->laboratory = true;
        cell->order = wt_first ? LK_LWA_WT_FIRST : LK_LWA_RRC_FIRST;
    }
}

static void make(struct sim_world *world)
{
    sim_lwa_make(world);
    configure(world->lwa, sim_lab_of(world));
}

static void calm(struct sim_world *world)
{
    (void)world;
}

static void make_hand(struct sim_world *world, unsigned index)
{
    (void)index;
    sim_later(world, (struct sim_event){ .kind = SIM_CONNECT }, 0, NULL, 0);
    sim_later(world, (struct sim_event){ .kind = SIM_HANDOVER }, LOOK_MS, NULL, 0);
    sim_later(world, (struct sim_event){ .kind = SIM_SPEAK }, LOOK_MS, NULL, 0);
}

static void on_speak(struct sim_world *world, const struct sim_event *event)
{
    struct sim_lab *lab = sim_lab_of(world);

    lab->speaks = true;
    sim_phone_speak(world, &world->lwa->phone[0]);
    sim_wt_speak(world, &world->lwa->phone[0]);
    lab->speaks = false;
    if (world->now_ms < world->heal_ms + SPEAK_MS)
        sim_later(world, *event, lab->options->timer[LK_LAB_DATA], NULL, 0);
}

static void on_handover(struct sim_world *world, const struct sim_event *event)
{
    struct sim_lab *lab = sim_lab_of(world);
    struct sim_phone *phone = &world->lwa->phone[0];

    if (!lab->begun && !sim_lab_is_up(world)) {
        if (world->faults)
            sim_later(world, *event, LOOK_MS, NULL, 0);
        return;
    }
    sim_lab_wish(world);
    if (lab->options->progress != NULL && lab->result->asked % TELL_EVERY == 0)
        lab->options->progress(lab->options->progress_context, lab->way, lab->result->asked);
    if (lab->wishes < lab->options->handovers)
        sim_later(world, *event, lab->options->spacing_ms, NULL, 0);
    sim_enb_handover(world, phone, (sim_phone_cell(phone) + 1) % SIM_CELLS);
}

static void take_hand(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_CONNECT)
        sim_lwa_connect(world, event);
    else if (event->kind == SIM_SPEAK)
        on_speak(world, event);
    else
        on_handover(world, event);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_CONNECT, .name = "connects" },
    { .number = SIM_HANDOVER, .name = "is to move" },
    { .number = SIM_SPEAK, .name = "speaks" },
};

static const struct sim_actor hand = {
    .name = "hand", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make_hand, .take = take_hand,
};

static const struct sim_actor *const actors[] = {
    &sim_enb_actor, &sim_wt_actor, &sim_phone_actor, &hand,
};

/* Those of the world lwa that hold in any order. */
static const struct lk_sim_invariant invariants[] = {
    { 4, "keys-distinct", "no two devices have one S-KWT or one TK" },
    { 0, "s-kwt-once", "no WT Counter serves twice under one KeNB, no S-KWT comes again (T52)" },
    { 6, "nothing-retired", "no handshake under a key that is older than the last" },
    { 17, "installed-once", "a TK is put in once at each end (A02, T54)" },
    { 17, "numbers-rise", "the packet number of a TK never goes back" },
    { 18, "keys-equal", "the WT never has a TK that the device has not" },
    { 24, "nothing-clear", "neither Uu nor the air shows an S-KWT or a TK" },
};

static const char *const counts[SIM_LWA_COUNTS] = {
    [SIM_LWA_CONNECTED] = "connected",   [SIM_LWA_HANDOVERS] = "handovers",
    [SIM_LWA_HANDSHAKES] = "handshakes", [SIM_LWA_REKEYS] = "rekeys",
    [SIM_LWA_RELEASED] = "released",     [SIM_LWA_FAILED] = "failed",
    [SIM_LWA_CUTS] = "cuts",             [SIM_LWA_WALKS] = "walks",
    [SIM_LWA_PACKETS] = "packets",
};

static const struct lk_sim_row row = {
    .name = "lab", .help = "the laboratory", .ues_max = 1,
    .counts = counts, .count_count = LK_COUNT_OF(counts), .main_count = SIM_LWA_HANDOVERS,
    .invariants = invariants, .invariant_count = LK_COUNT_OF(invariants),
    .actors = actors, .actor_count = LK_COUNT_OF(actors),
    .make = make, .unmake = sim_lwa_unmake, .calm = calm,
    .check = sim_lab_look, .check_end = sim_lab_end,
};

/* ---- running ---- */

static void run_seed(struct lk_lab_result *result, const struct lk_lab_options *options,
                     enum lk_lab_way way, uint64_t seed, uint32_t *rekey_ms)
{
    uint64_t span_ms = (uint64_t)options->handovers * options->spacing_ms;
    struct lk_sim_report report;
    struct sim_lab lab = { .sim = { .world = &row, .seed = seed, .ues = 1 }, .options = options,
                           .result = result, .way = way,
                           .rekey_ms = rekey_ms };

    lab.sim.seconds = (unsigned)((SET_UP_MS + span_ms + SETTLE_MS) / 1000);
    lk_sim_run(&report, &lab.sim);
    sim_trace_add(&result->trace, &report.trace, sizeof report.trace);
    if (report.broken != NULL && result->broken == NULL) {
        result->broken = report.broken;
        result->broken_seed = seed;
    }
}

void lk_lab_run(struct lk_lab_result *result, const struct lk_lab_options *options,
                enum lk_lab_way way)
{
    size_t most = options->handovers * (size_t)options->seeds;
    uint32_t *rekey_ms = calloc(most, sizeof *rekey_ms);

    *result = (struct lk_lab_result){ .suspension_ms = calloc(most, sizeof(uint32_t)) };
    LK_ASSERT(rekey_ms != NULL && result->suspension_ms != NULL && wrong(options) == NULL);
    for (uint64_t i = 0; i < options->seeds; i++)
        run_seed(result, options, way, options->seed + i, rekey_ms);
    result->lost += result->sent; /* what came was taken off already */
    sim_lab_sum_up(result, rekey_ms);
    free(rekey_ms);
}

void lk_lab_free(struct lk_lab_result *result)
{
    free(result->suspension_ms);
    result->suspension_ms = NULL;
}
