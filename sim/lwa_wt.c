/* The WT, wired as role/wt wires it. */
#include <stdlib.h>
#include <string.h>

#include "sim/lwa_invariants.h"
#include "sim/lwa_seam.h"

enum { DRB = 1 };

static void begin(struct sim_world *world, struct sim_wt *wt)
{
    uint8_t seed[LK_WT_SEED_LEN];

    sim_random_fill(&world->random, seed, sizeof seed);
    wt->wt = lk_wt_init(wt->memory, &wt->config, seed);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_wt *wt = &world->lwa->wt;

    (void)index;
    wt->memory = malloc(lk_wt_size(&wt->config));
    LK_ASSERT(wt->memory != NULL);
    begin(world, wt);
}

static void unmake(struct sim_world *world, unsigned index)
{
    (void)index;
    free(world->lwa->wt.memory);
}

/* ---- a step ---- */

static void send_xw(struct sim_world *world, const struct lk_wt_output *item)
{
    struct sim_event event = { .kind = SIM_ENB_XW, .who = item->xw.link };

    if (item->xw.link < SIM_CELLS)
        event.life = world->lwa->xw[item->xw.link].life;
    if (item->xw.link < SIM_CELLS && sim_xw_is_up(world, item->xw.link))
        sim_link(world, event, item->xw.octets);
}

static void send_frame(struct sim_world *world, const struct lk_wt_output *item)
{
    const struct sim_phone *phone = sim_phone_of(world, item->mac);

    sim_check_air(world, phone, item->frame);
    sim_link(world, (struct sim_event){ .kind = SIM_PHONE_FRAME, .who = phone->index },
             item->frame);
}

static void wake_at(struct sim_world *world, uint64_t at_ms)
{
    struct sim_event wake = { .kind = SIM_WT_WAKE, .life = ++world->lwa->wt.wake };

    if (sim_lwa_goes_on(world, at_ms))
        sim_later(world, wake, at_ms > world->now_ms ? at_ms - world->now_ms : 0, NULL, 0);
}

static void carry_out(struct sim_world *world, const struct lk_wt_output *item)
{
    struct sim_phone *phone = sim_phone_of(world, item->mac);

    switch (item->kind) {
    case LK_WT_OUT_XW: send_xw(world, item); break;
    case LK_WT_OUT_FRAME: send_frame(world, item); break;
    case LK_WT_OUT_DATA_UP: sim_check_packet(world, phone, SIM_END_WT, item->up.pdu); break;
    case LK_WT_OUT_KEYS: sim_check_wt_keys(world, phone, item); break;
    case LK_WT_OUT_FACT: sim_check_wt_fact(world, phone, item); break;
    case LK_WT_OUT_WAKE: wake_at(world, item->wake_at_ms); break;
    case LK_WT_OUT_REFUSAL:
    case LK_WT_OUT_NOTICE:
        sim_say(world, "wt: %s", lk_reason_row(item->refusal.reason)->code);
        break;
    }
}

static void step(struct sim_world *world, struct lk_wt_event *event)
{
    struct sim_wt *wt = &world->lwa->wt;

    event->now_ms = world->now_ms;
    (void)!sim_seam_wt(world, event);
    for (size_t i = 0; i < wt->out.count; i++)
        carry_out(world, &wt->out.item[i]);
}

/* ---- events ---- */

void sim_wt_xw(struct sim_world *world, unsigned cell, bool up)
{
    struct lk_wt_event event = { .kind = up ? LK_WT_EV_XW_UP : LK_WT_EV_XW_DOWN };

    event.xw.link = cell;
    step(world, &event);
}

void sim_wt_speak(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_DATA_DOWN, .down = { .drb = DRB } };
    uint8_t packet[SIM_PACKET_LEN];
    struct lk_wt_told told;

    if (!lk_wt_told_of(&told, world->lwa->wt.wt, phone->mac) || !told.has_tk)
        return;
    sim_packet(packet, phone, SIM_END_WT);
    event.down.wt_ue_id = told.wt_ue_id;
    event.down.pdu = LK_SPAN(packet);
    step(world, &event);
}

/* With a key that it made for its own. */
static struct lk_span claim_of(uint8_t octets[LK_XWAP_MAX], const struct sim_phone *phone)
{
    static const uint8_t key[LK_XWAP_KEY_LEN] = { 0xee };
    struct lk_xwap m = { .type = LK_XWAP_ADDITION_REQUEST, .enb_ue_id = phone->index,
                         .key = LK_SPAN(key), .added.count = 1, .mobility_set.count = 1 };
    struct lk_writer w = lk_writer_of(octets, LK_XWAP_MAX);

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_UE_IDENTITY);
    lk_xwap_mark(&m, LK_XWAP_SECURITY);
    lk_xwap_mark(&m, LK_XWAP_TO_BE_ADDED);
    lk_xwap_mark(&m, LK_XWAP_MOBILITY_SET);
    memcpy(m.ue_identity, phone->mac, sizeof m.ue_identity);
    m.added.bearer[0].e_rab_id = m.added.bearer[0].drb_id = DRB;
    m.added.bearer[0].qos = (struct lk_xwap_qos){ .present = true, .qci = 9, .priority = 15 };
    m.added.bearer[0].endpoint.address_bits = 32;
    m.mobility_set.id[0].has_bssid = true;
    LK_ASSERT(lk_xwap_encode(&w, &m) == LK_OK);
    return lk_writer_span(&w);
}

void sim_wt_claim(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_XW, .xw = { .link = SIM_CELLS } };
    struct lk_wt_told before = { .has_tk = false }, after = { .has_tk = false };
    uint8_t octets[LK_XWAP_MAX];

    (void)lk_wt_told_of(&before, world->lwa->wt.wt, phone->mac);
    event.xw.octets = claim_of(octets, phone);
    step(world, &event);
    (void)lk_wt_told_of(&after, world->lwa->wt.wt, phone->mac);
    if (before.link < SIM_CELLS)
        sim_check_place(world, phone, &before, &after);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct lk_wt_event came = { .kind = LK_WT_EV_EXPIRED };
    uint64_t replayed;

    if (event->kind == SIM_WT_WAKE && event->life != world->lwa->wt.wake)
        return;
    if (event->kind == SIM_WT_XW) {
        if (event->life != world->lwa->xw[event->from].life)
            return; /* it was under way when Xw was cut */
        came.kind = LK_WT_EV_XW;
        came.xw.link = event->from;
        came.xw.octets = lk_span_of(event->octets, event->len);
    } else if (event->kind == SIM_WT_FRAME) {
        came.kind = LK_WT_EV_FRAME;
        came.frame = lk_span_of(event->octets, event->len);
    }
    replayed = lk_wt_counted(world->lwa->wt.wt)->replayed;
    step(world, &came);
    if (event->kind != SIM_WT_FRAME)
        return;
    world->lwa->phone[event->from].lost +=
        lk_wt_counted(world->lwa->wt.wt)->replayed != replayed; /* overtaken, or a copy */
    sim_check_wt_row(world, &world->lwa->phone[event->from]);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_WT_XW, .name = "xw at wt", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_WT_FRAME, .name = "frame at wt", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_WT_WAKE, .name = "wt wakes" },
};

const struct sim_actor sim_wt_actor = {
    .name = "wt", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .unmake = unmake, .take = take,
};
