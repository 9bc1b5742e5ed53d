/* The process of the eNBs with its store, wired as role/enb wires it. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/lwa_invariants.h"
#include "sim/lwa_seam.h"

enum { WISH_MS = 3000, DIED_BEFORE = 500 };

static void step(struct sim_world *world, struct lk_enb_event *event);

/* ---- making ---- */

static void begin(struct sim_enb *enb)
{
    enb->life++;
    enb->node = lk_enb_init(enb->memory, &enb->config);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_enb *enb = &world->lwa->enb;
    enum lk_lwa_enb_setting wrong;

    (void)index;
    LK_ASSERT(lk_enb_config_check(&wrong, &enb->config) == LK_REASON_NONE);
    enb->memory = malloc(lk_enb_size(&enb->config));
    enb->saved = calloc(world->options->ues, sizeof *enb->saved);
    LK_ASSERT(enb->memory != NULL && enb->saved != NULL);
    begin(enb);
    for (unsigned cell = 0; cell < SIM_CELLS; cell++)
        sim_enb_xw(world, cell, true);
}

static void unmake(struct sim_world *world, unsigned index)
{
    (void)index;
    free(world->lwa->enb.memory);
    free(world->lwa->enb.saved);
}

/* Every connection is over; what the store had in hand may still be done. */
static void restart(struct sim_world *world)
{
    struct sim_lwa *lwa = world->lwa;

    begin(&lwa->enb);
    world->report->restarts++;
    for (unsigned cell = 0; cell < SIM_CELLS; cell++)
        if (sim_xw_is_up(world, cell)) {
            sim_xw_turn(world, cell);
            sim_xw_turn(world, cell);
        }
    for (unsigned i = 0; i < world->options->ues; i++)
        if (lwa->phone[i].connection > 0)
            sim_lwa_lost(world, &lwa->phone[i]);
}

/* ---- what a step puts out ---- */

static void send_rrc(struct sim_world *world, const struct lk_enb_output *item)
{
    const struct sim_phone *phone = &world->lwa->phone[item->ue];
    struct sim_event event = { .kind = SIM_AT_PHONE, .who = item->ue, .from = item->cell,
                               .life = phone->connection };

    sim_check_uu(world, phone, item->octets);
    sim_link(world, event, item->octets);
}

static void send_xw(struct sim_world *world, const struct lk_enb_output *item)
{
    struct sim_event event = { .kind = SIM_WT_XW, .from = item->cell,
                               .life = world->lwa->xw[item->cell].life };

    sim_check_xw(world, item->octets);
    if (sim_xw_is_up(world, item->cell))
        sim_link(world, event, item->octets);
}

static void save(struct sim_world *world, const struct lk_enb_output *item)
{
    struct sim_event saved = { .kind = SIM_ENB_SAVED, .from = item->ue,
                               .life = world->lwa->enb.life };

    sim_check_saved(world, &item->save);
    sim_later(world, saved,
              world->lwa->store_least_ms + sim_random_below(&world->random, world->lwa->store_ms),
              &item->save, sizeof item->save);
}

static void wake_at(struct sim_world *world, uint64_t at_ms)
{
    struct sim_event wake = { .kind = SIM_ENB_WAKE, .life = ++world->lwa->enb.wake };

    if (sim_lwa_goes_on(world, at_ms))
        sim_later(world, wake, at_ms > world->now_ms ? at_ms - world->now_ms : 0, NULL, 0);
}

/* Whoever wanted LWA for the device wants it still. */
static void on_released(struct sim_world *world, const struct lk_enb_output *item)
{
    struct sim_event wish = { .kind = SIM_ENB_WISH, .from = item->ue };

    sim_say(world, "enb: ue %u: released, %s%s", item->ue,
            lk_reason_row(item->released.reason)->code, item->released.again ? ", again" : "");
    world->report->count[SIM_LWA_RELEASED]++;
    if (!item->released.again)
        sim_later(world, wish, 1 + sim_random_below(&world->random, WISH_MS), NULL, 0);
}

static void carry_out(struct sim_world *world, const struct lk_enb_output *item)
{
    switch (item->kind) {
    case LK_ENB_OUT_RRC: send_rrc(world, item); break;
    case LK_ENB_OUT_XW: send_xw(world, item); break;
    case LK_ENB_OUT_SAVE: save(world, item); break;
    case LK_ENB_OUT_WAKE: wake_at(world, item->wake_at_ms); break;
    case LK_ENB_OUT_REKEY_BEGUN:
        sim_say(world, "enb: ue %u: counter %u", item->ue, item->key.counter);
        sim_check_counter(world, item->ue, item->key.counter);
        break;
    case LK_ENB_OUT_ACTIVE:
        sim_say(world, "enb: ue %u: active, counter %u", item->ue, item->key.counter);
        sim_check_counter(world, item->ue, item->key.counter);
        break;
    case LK_ENB_OUT_HANDED_OVER:
        sim_say(world, "enb: ue %u: at cell %u", item->ue, item->cell);
        world->report->count[SIM_LWA_HANDOVERS]++;
        break;
    case LK_ENB_OUT_RELEASED: on_released(world, item); break;
    case LK_ENB_OUT_NOTICE:
        sim_say(world, "enb: ue %u: %s", item->ue, lk_reason_row(item->notice.reason)->code);
        break;
    case LK_ENB_OUT_REFRESHED:
    case LK_ENB_OUTPUT_KIND_COUNT: break;
    }
}

/* A device that no cell knows, or that has gone to another than that which serves it, loses its
 * radio link. */
static void look_after(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_enb_told told;

    if (phone->connection == 0)
        return;
    if (!lk_enb_told_of(&told, world->lwa->enb.node, phone->index) ||
        (!told.hands_over && told.cell != sim_phone_cell(phone)))
        sim_lwa_lost(world, phone);
}

static void step(struct sim_world *world, struct lk_enb_event *event)
{
    struct sim_enb *enb = &world->lwa->enb;

    event->now_ms = world->now_ms;
    (void)!sim_seam_enb(world, event);
    for (size_t i = 0; i < enb->out.count; i++)
        carry_out(world, &enb->out.item[i]);
    for (size_t i = 0; i < enb->out.count; i++)
        if (enb->out.item[i].ue < world->options->ues)
            look_after(world, &world->lwa->phone[enb->out.item[i].ue]);
}

/* ---- events ---- */

void sim_enb_connected(struct sim_world *world, const struct sim_phone *phone)
{
    const struct lk_lwa_saved *saved = &world->lwa->enb.saved[phone->index];
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = phone->index,
                                  .cell = sim_phone_cell(phone) };

    memcpy(event.context.mac, phone->mac, sizeof event.context.mac);
    event.context.has_kasme = true;
    event.context.kasme = phone->kasme;
    event.context.ul_nas_count = phone->nas_count;
    event.context.has_saved = saved->next > 0;
    event.context.saved = *saved;
    step(world, &event);
    event = (struct lk_enb_event){ .kind = LK_ENB_EV_ADD, .ue = phone->index };
    step(world, &event);
    lk_wipe(&event, sizeof event);
}

void sim_enb_handover(struct sim_world *world, const struct sim_phone *phone, unsigned cell)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_HANDOVER, .ue = phone->index, .cell = cell };

    step(world, &event);
}

void sim_enb_xw(struct sim_world *world, unsigned cell, bool up)
{
    struct lk_enb_event event = { .kind = up ? LK_ENB_EV_XW_UP : LK_ENB_EV_XW_DOWN, .cell = cell };

    step(world, &event);
}

/* Where the process has died meanwhile, the store may have done it or not. */
static void on_saved(struct sim_world *world, const struct sim_event *event)
{
    struct sim_enb *enb = &world->lwa->enb;
    bool alive = event->life == enb->life;
    unsigned fails = alive ? world->lwa->store_fails : DIED_BEFORE;
    bool done = !(world->faults && sim_random_chance(&world->random, fails));
    struct lk_enb_event saved = { .kind = LK_ENB_EV_SAVED, .ue = event->from };

    memcpy(&saved.saved.what, event->octets, sizeof saved.saved.what);
    saved.saved.done = done;
    if (done)
        enb->saved[event->from] = saved.saved.what;
    if (alive)
        step(world, &saved);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct lk_enb_event came = { .kind = LK_ENB_EV_EXPIRED, .cell = event->who };

    if (event->kind == SIM_ENB_RESTART) {
        restart(world);
        return;
    }
    if (event->kind == SIM_ENB_SAVED) {
        on_saved(world, event);
        return;
    }
    if ((event->kind == SIM_ENB_WAKE && event->life != world->lwa->enb.wake) ||
        (event->kind == SIM_ENB_XW && event->life != world->lwa->xw[event->who].life) ||
        (event->kind == SIM_AT_CELL && event->life != world->lwa->phone[event->from].connection))
        return;
    if (event->kind == SIM_ENB_XW)
        came.kind = LK_ENB_EV_XW;
    else if (event->kind == SIM_AT_CELL)
        came.kind = LK_ENB_EV_RRC;
    else if (event->kind == SIM_ENB_WISH)
        came.kind = LK_ENB_EV_ADD;
    came.ue = event->from;
    if (event->len > 0)
        came.octets = lk_span_of(event->octets, event->len);
    step(world, &came);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_CELL, .name = "at cell", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_ENB_XW, .name = "xw at cell", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_ENB_SAVED, .name = "store has kept" },
    { .number = SIM_ENB_WISH, .name = "is to have LWA again" },
    { .number = SIM_ENB_WAKE, .name = "eNBs wake" },
    { .number = SIM_ENB_RESTART, .name = "eNBs restart" },
};

const struct sim_actor sim_enb_actor = {
    .name = "eNBs", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_ENB_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
