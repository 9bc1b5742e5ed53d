#include "lwa_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bssid[6] = { 2, 0, 0, 0, 0, 1 }, mac[6] = { 2, 0, 0, 0, 0, 2 };
/* How long each leg takes, unless the test says otherwise. */
static const uint64_t delays_ms[LWA_LEGS] = { 4, 4, 2, 2, 1, 1, 1 };

static struct lk_enb_outbox enb_out;
static struct lk_wt_outbox wt_out;
static struct lk_lwa_device_outbox device_out;

static uint64_t draw(struct lwa_world *world)
{
    uint64_t x = world->drawn += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct lwa_sent *post(struct lwa_world *world, enum lwa_leg leg, uint32_t cell,
                             struct lk_span octets)
{
    struct lwa_sent *sent = &world->queue[world->count];
    bool xw = leg == LWA_XW_DOWN || leg == LWA_XW_UP;

    world->messages[leg]++;
    if (world->deaf[leg] || (xw && world->cut) || draw(world) % 100 < world->lose[leg])
        return NULL;
    assert_true(world->count++ < LWA_WORLD_QUEUE && octets.len <= LWA_WORLD_OCTETS);
    *sent = (struct lwa_sent){ .leg = leg, .at_ms = world->now_ms + world->delay_ms[leg],
                               .number = world->number++, .cell = cell, .len = octets.len };
    if (octets.len > 0)
        memcpy(sent->octets, octets.at, octets.len);
    return sent;
}

/* ---- the nodes ---- */

static enum lk_status enb_step(struct lwa_world *world, struct lk_enb_event event)
{
    enum lk_status status;

    event.now_ms = world->now_ms;
    status = lk_enb_step(world->enb, &event, &enb_out);
    for (size_t i = 0; i < enb_out.count; i++) {
        const struct lk_enb_output *o = &enb_out.item[i];
        struct lwa_sent *sent;

        if (o->kind == LK_ENB_OUT_RRC && o->ue == LWA_UE)
            (void)post(world, LWA_RRC_DOWN, o->cell, o->octets);
        if (o->kind == LK_ENB_OUT_XW)
            (void)post(world, LWA_XW_DOWN, o->cell, o->octets);
        if (o->kind == LK_ENB_OUT_SAVE) {
            sent = post(world, LWA_STORE, o->cell, lk_span_of(NULL, 0));
            if (sent != NULL) {
                sent->saved = o->save;
                sent->ue = o->ue;
            }
        }
        if (o->kind == LK_ENB_OUT_WAKE)
            world->enb_wake_ms = o->wake_at_ms;
        if (o->ue == LWA_OTHER_UE) {
            world->others_failures += o->kind == LK_ENB_OUT_RELEASED;
            continue;
        }
        world->active += o->kind == LK_ENB_OUT_ACTIVE;
        if (o->kind == LK_ENB_OUT_ACTIVE)
            world->active_at_ms = world->now_ms;
        world->handed_over += o->kind == LK_ENB_OUT_HANDED_OVER;
        world->released += o->kind == LK_ENB_OUT_RELEASED;
        if (o->kind == LK_ENB_OUT_RELEASED)
            world->reason = o->released.reason;
    }
    lk_enb_outbox_wipe(&enb_out);
    return status;
}

static void wt_step(struct lwa_world *world, struct lk_wt_event event)
{
    event.now_ms = world->now_ms;
    (void)(lk_wt_step(world->wt, &event, &wt_out) == LK_OK);
    for (size_t i = 0; i < wt_out.count; i++) {
        const struct lk_wt_output *o = &wt_out.item[i];

        if (o->kind == LK_WT_OUT_XW)
            (void)post(world, LWA_XW_UP, o->xw.link, o->xw.octets);
        if (o->kind == LK_WT_OUT_FRAME)
            (void)post(world, LWA_AIR_DOWN, 0, o->frame);
        if (o->kind == LK_WT_OUT_WAKE)
            world->wt_wake_ms = o->wake_at_ms;
        if (o->kind == LK_WT_OUT_FACT)
            world->wt_facts[o->fact.fact]++;
    }
    lk_wt_outbox_wipe(&wt_out);
}

static void device_step(struct lwa_world *world, struct lk_lwa_device_event event)
{
    struct lk_writer w = lk_writer_of(event.entropy, sizeof event.entropy);

    for (unsigned i = 0; i < 4; i++)
        lk_put_be64(&w, draw(world));
    event.now_ms = world->now_ms;
    (void)(lk_lwa_device_step(&world->device, &world->device_config, &event, &device_out) ==
           LK_OK);
    for (size_t i = 0; i < device_out.count; i++) {
        const struct lk_lwa_device_output *o = &device_out.item[i];

        if (o->kind == LK_LWA_DEVICE_OUT_RRC)
            (void)post(world, LWA_RRC_UP, world->device.ue.context.cell.pci - 1u, o->send);
        if (o->kind == LK_LWA_DEVICE_OUT_FRAME)
            (void)post(world, LWA_AIR_UP, 0, o->send);
        if (o->kind == LK_LWA_DEVICE_OUT_WAKE)
            world->device_wake_ms = o->wake_ms;
        if (o->kind == LK_LWA_DEVICE_OUT_FACT)
            world->device_facts[o->fact.what]++;
        world->data_down += o->kind == LK_LWA_DEVICE_OUT_DATA_DOWN;
    }
    lk_lwa_device_outbox_wipe(&device_out);
}

/* ---- what arrives ---- */

static void to_enb(struct lwa_world *world, const struct lwa_sent *sent)
{
    struct lk_enb_event event = { .kind = sent->leg == LWA_RRC_UP ? LK_ENB_EV_RRC : LK_ENB_EV_XW,
                                  .ue = LWA_UE, .cell = sent->cell };

    event.octets = lk_span_of(sent->octets, sent->len);
    (void)enb_step(world, event);
}

static void to_store(struct lwa_world *world, const struct lwa_sent *sent)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_SAVED, .ue = sent->ue };

    event.saved.what = sent->saved;
    event.saved.done = !world->store_fails;
    if (event.saved.done && sent->ue == LWA_UE)
        world->saved = sent->saved.next;
    (void)enb_step(world, event);
}

static void to_wt(struct lwa_world *world, const struct lwa_sent *sent)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_FRAME };

    if (sent->leg == LWA_XW_DOWN) {
        event.kind = LK_WT_EV_XW;
        event.xw.link = sent->cell;
        event.xw.octets = lk_span_of(sent->octets, sent->len);
    } else {
        event.frame = lk_span_of(sent->octets, sent->len);
    }
    wt_step(world, event);
}

static void to_device(struct lwa_world *world, const struct lwa_sent *sent)
{
    struct lk_lwa_device_event event = {
        .kind = sent->leg == LWA_RRC_DOWN ? LK_LWA_DEVICE_EV_RRC : LK_LWA_DEVICE_EV_FRAME };

    event.octets = lk_span_of(sent->octets, sent->len);
    device_step(world, event);
}

static void arrive(struct lwa_world *world, const struct lwa_sent *sent)
{
    if (world->watch != NULL)
        world->watch(world->watch_context, world, sent);
    switch (sent->leg) {
    case LWA_RRC_UP:
    case LWA_XW_UP: to_enb(world, sent); break;
    case LWA_STORE: to_store(world, sent); break;
    case LWA_XW_DOWN:
    case LWA_AIR_UP: to_wt(world, sent); break;
    case LWA_RRC_DOWN:
    case LWA_AIR_DOWN: to_device(world, sent); break;
    case LWA_LEGS: break;
    }
}

/* The next of the queue; NULL: it is empty. */
static struct lwa_sent *next(struct lwa_world *world)
{
    struct lwa_sent *first = NULL;

    for (unsigned i = 0; i < world->count; i++)
        if (first == NULL || world->queue[i].at_ms < first->at_ms ||
            (world->queue[i].at_ms == first->at_ms && world->queue[i].number < first->number))
            first = &world->queue[i];
    return first;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void lwa_world_run(struct lwa_world *world, uint64_t ms)
{
    uint64_t until = world->now_ms + ms;

    for (;;) {
        struct lwa_sent *first = next(world), sent;
        uint64_t wake = least(world->enb_wake_ms, least(world->wt_wake_ms,
                                                        world->device_wake_ms));
        uint64_t at = least(wake, first != NULL ? first->at_ms : UINT64_MAX);

        if (at > until)
            break;
        if (at > world->now_ms)
            world->now_ms = at;
        if (first != NULL && first->at_ms == at) {
            sent = *first;
            *first = world->queue[--world->count];
            arrive(world, &sent);
            continue;
        }
        if (world->enb_wake_ms == wake) {
            world->enb_wake_ms = UINT64_MAX;
            (void)enb_step(world, (struct lk_enb_event){ .kind = LK_ENB_EV_EXPIRED });
        } else if (world->wt_wake_ms == wake) {
            world->wt_wake_ms = UINT64_MAX;
            wt_step(world, (struct lk_wt_event){ .kind = LK_WT_EV_EXPIRED });
        } else {
            world->device_wake_ms = UINT64_MAX;
            device_step(world,
                        (struct lk_lwa_device_event){ .kind = LK_LWA_DEVICE_EV_EXPIRED });
        }
    }
    world->now_ms = until;
}

/* ---- beginning and end ---- */

void lwa_world_defaults(struct lwa_world *world)
{
    memset(world, 0, sizeof *world);
    memcpy(world->delay_ms, delays_ms, sizeof delays_ms);
    lk_enb_defaults(&world->enb_config);
    lk_wt_defaults(&world->wt_config);
    lk_lwa_device_defaults(&world->device_config);
    world->enb_config.ues = 8;
    world->enb_config.cells = LWA_CELLS;
    for (unsigned i = 0; i < LWA_CELLS; i++) {
        world->enb_config.cell[i].mobility.count = 1;
        world->enb_config.cell[i].mobility.id[0].has_bssid = true;
        memcpy(world->enb_config.cell[i].mobility.id[0].bssid, bssid, sizeof bssid);
    }
    memcpy(world->wt_config.lwa.mac, bssid, sizeof bssid);
    world->wt_config.ssid_len = world->device_config.ue.ssid_len;
    memcpy(world->wt_config.ssid, world->device_config.ue.ssid, world->wt_config.ssid_len);
    world->wt_config.rsn = world->device_config.rsn;
}

void lwa_world_open(struct lwa_world *world, uint64_t seed)
{
    uint8_t wt_seed[LK_WT_SEED_LEN] = { 7 };
    enum lk_lwa_enb_setting wrong;

    assert_int_equal(lk_enb_config_check(&wrong, &world->enb_config), LK_REASON_NONE);
    world->drawn = seed;
    world->enb_wake_ms = world->wt_wake_ms = world->device_wake_ms = UINT64_MAX;
    world->enb = lk_enb_init(malloc(lk_enb_size(&world->enb_config)), &world->enb_config);
    world->wt = lk_wt_init(malloc(lk_wt_size(&world->wt_config)), &world->wt_config, wt_seed);
    lk_lwa_device_init(&world->device, mac);
    lwa_world_cut(world, false);
}

void lwa_world_close(struct lwa_world *world)
{
    lk_enb_wipe(world->enb);
    lk_wt_wipe(world->wt);
    free(world->enb);
    free(world->wt);
}

void lwa_world_cut(struct lwa_world *world, bool cut)
{
    world->cut = cut;
    for (uint32_t cell = 0; cell < LWA_CELLS; cell++) {
        struct lk_wt_event event = { .kind = cut ? LK_WT_EV_XW_DOWN : LK_WT_EV_XW_UP };

        event.xw.link = cell;
        wt_step(world, event);
        (void)enb_step(world, (struct lk_enb_event){
                                  .kind = cut ? LK_ENB_EV_XW_DOWN : LK_ENB_EV_XW_UP,
                                  .cell = cell });
    }
}

static void attach(struct lwa_world *world, uint32_t cell, uint32_t ul_nas_count,
                   uint32_t saved_next)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = LWA_UE, .cell = cell };
    struct lk_lwa_device_event device = { .kind = LK_LWA_DEVICE_EV_CONTEXT };

    memset(world->kasme.octets, 0x5a, sizeof world->kasme.octets);
    memcpy(event.context.mac, mac, sizeof mac);
    event.context.has_kasme = true;
    event.context.kasme = world->kasme;
    event.context.ul_nas_count = ul_nas_count;
    device.context.kasme = world->kasme;
    lk_kenb_derive(&device.context.kenb, &world->kasme, ul_nas_count);
    device.context.cell = world->enb_config.cell[cell].cell;
    event.context.used = (struct lk_srb_used){ .sent = 30, .received = 40 };
    device.context.used = (struct lk_srb_used){ .sent = 40, .received = 30 };
    event.context.has_saved = saved_next > 0;
    event.context.saved.next = saved_next;
    lk_kenb_print(event.context.saved.print, &device.context.kenb);
    device_step(world, device);
    assert_int_equal(enb_step(world, event), LK_OK);
}

void lwa_world_attach(struct lwa_world *world, uint32_t ul_nas_count, uint32_t saved_next)
{
    attach(world, 0, ul_nas_count, saved_next);
}

void lwa_world_attach_at(struct lwa_world *world, uint32_t cell, uint32_t ul_nas_count)
{
    attach(world, cell, ul_nas_count, 0);
}

void lwa_world_claim(struct lwa_world *world, uint32_t cell)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = LWA_OTHER_UE, .cell = cell };

    memcpy(event.context.mac, mac, sizeof mac);
    memset(event.context.kenb.octets, 0x66, sizeof event.context.kenb.octets);
    assert_int_equal(enb_step(world, event), LK_OK);
    event = (struct lk_enb_event){ .kind = LK_ENB_EV_ADD, .ue = LWA_OTHER_UE };
    assert_int_equal(enb_step(world, event), LK_OK);
}

enum lk_status lwa_world_wish(struct lwa_world *world, enum lk_enb_event_kind kind, uint32_t cell)
{
    return enb_step(world,
                    (struct lk_enb_event){ .kind = kind, .ue = LWA_UE, .cell = cell });
}

bool lwa_world_talks(struct lwa_world *world)
{
    static const uint8_t pdu[] = { 1, 2, 3, 4 };
    struct lk_wt_event event = { .kind = LK_WT_EV_DATA_DOWN };
    struct lk_wt_told told;
    unsigned before = world->data_down;

    if (!lk_wt_told_of(&told, world->wt, mac))
        return false;
    event.down.wt_ue_id = told.wt_ue_id;
    event.down.drb = world->enb_config.cell[0].bearer.drb_id;
    event.down.pdu = LK_SPAN(pdu);
    wt_step(world, event);
    lwa_world_run(world, 5);
    return world->data_down == before + 1;
}
