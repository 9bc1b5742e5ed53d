/* The anchor with its store, wired as role/anchor wires it. */
#include <stdlib.h>
#include <string.h>

#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { DOWN_MS = 2000, TICK_MS = 500 };

static uint32_t rows(const struct sim_world *world)
{
    return world->options->ues * SIM_APNS;
}

static struct sim_kept *kept_of(struct sim_world *world, const struct lk_binding_record *record)
{
    const struct sim_ue *ue = sim_ue_of(world, &record->imsi);
    unsigned service = strcmp(record->service, sim_apn[0]) == 0 ? 0 : 1;

    LK_ASSERT(ue != NULL);
    return &world->aaa->mobility->anchor.store[ue->index * SIM_APNS + service];
}

static void begin_life(struct sim_world *world)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    uint64_t now_ms = SIM_EPOCH_MS + world->now_ms;

    a->life++;
    free(a->table);
    a->table = aligned_alloc(16, (lk_binding_table_size(rows(world)) + 15) / 16 * 16);
    LK_ASSERT(a->table != NULL);
    a->table = lk_binding_table_in(a->table, rows(world), sim_random_next(&world->random), now_ms);
    lk_anchor_init(&a->anchor, &a->config, a->table, now_ms);
    for (unsigned i = 0; i < rows(world); i++)
        if (a->store[i].there && lk_anchor_load(&a->anchor, &a->store[i].record, now_ms) != LK_OK)
            sim_break(world, "one-binding", "a binding of the store does not load");
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    struct lk_address none = { { 0 } };
    struct lk_address_prefix prefix;
    enum lk_status status = lk_address_prefix_parse(&prefix, "10.45.0.0/16");

    lk_anchor_defaults(&a->config);
    lk_radius_class_key_derive(&a->config.class_key, &world->aaa->node_key);
    a->config.lma.window_ms = world->options->delay_ms + 1000;
    a->config.mag_count = SIM_TWAPS;
    for (unsigned i = 0; i < SIM_TWAPS; i++)
        memcpy(a->config.mag[i].name, world->aaa->wlan->client[i].mag,
               strlen(world->aaa->wlan->client[i].mag) + 1);
    a->config.service_count = SIM_APNS;
    for (unsigned i = 0; i < SIM_APNS; i++)
        memcpy(a->config.service[i].name, sim_apn[i], strlen(sim_apn[i]) + 1);
    if (status == LK_OK)
        status = lk_pool_of(&a->config.pool4[0], &prefix, 128, &none);
    LK_ASSERT(status == LK_OK);
    a->config.pool4_count = 1;
    a->store = calloc(rows(world), sizeof *a->store);
    a->order = calloc(rows(world), sizeof *a->order);
    LK_ASSERT(a->store != NULL && a->order != NULL);
    begin_life(world);
    (void)index;
    sim_later(world, (struct sim_event){ .kind = SIM_ANCHOR_TICK }, TICK_MS, NULL, 0);
}

static void unmake(struct sim_world *world, unsigned index)
{
    (void)index;
    free(world->aaa->mobility->anchor.table);
    free(world->aaa->mobility->anchor.store);
    free(world->aaa->mobility->anchor.order);
}

static void restart(struct sim_world *world)
{
    begin_life(world);
    world->aaa->mobility->anchor.down_until_ms = world->now_ms + sim_random_below(&world->random,
                                                                             DOWN_MS);
    world->report->restarts++;
}

/* What is to last is durable before an answer leaves; the power may go between the two. */
static void carry_out(struct sim_world *world)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    const struct lk_anchor_outbox *out = &a->out;
    struct sim_event pba = { .kind = SIM_BACK_AT_MAG };

    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_ANCHOR_OUT_STORE)
            *kept_of(world, &out->item[i].store.record) =
                (struct sim_kept){ true, out->item[i].store.record };
    if (world->faults && sim_random_chance(&world->random, 5)) {
        restart(world);
        return;
    }
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_anchor_output *item = &out->item[i];

        if (item->kind == LK_ANCHOR_OUT_REFUSED)
            sim_say(world, "anchor: %s", lk_reason_row(item->refused.refusal.reason)->code);
        if (item->kind != LK_ANCHOR_OUT_SEND)
            continue;
        pba.who = item->mag - 1;
        sim_link(world, pba, item->octets);
    }
}

/* Returns whether there is more to do. */
static bool step(struct sim_world *world, struct lk_anchor_event *event)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    struct lk_binding_record stored[LK_ANCHOR_OUTPUTS];
    uint64_t life = a->life;
    size_t count = 0;
    bool more = false;

    event->now_ms = SIM_EPOCH_MS + world->now_ms;
    sim_check_anchor_before(world);
    sim_seam_anchor(world, event);
    sim_check_anchor(world, event);
    if (a->captured)
        sim_check_captured(world);
    for (size_t i = 0; i < a->out.count; i++) {
        more = more || a->out.item[i].kind == LK_ANCHOR_OUT_MORE;
        if (a->out.item[i].kind == LK_ANCHOR_OUT_STORE)
            stored[count++] = a->out.item[i].store.record;
    }
    carry_out(world);
    for (size_t i = 0; i < count && a->life == life; i++) {
        struct lk_anchor_event done = { .kind = LK_ANCHOR_EV_STORED, .now_ms = event->now_ms,
                                        .stored = &stored[i] };

        lk_anchor_step(&a->anchor, &done, &a->out);
    }
    return more && a->life == life;
}

static void receive(struct sim_world *world, unsigned gateway, bool captured,
                        struct lk_span pbu)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_DATAGRAM, .mag = gateway + 1,
                                     .octets = pbu };

    if (world->now_ms < world->aaa->mobility->anchor.down_until_ms)
        return;
    world->aaa->mobility->anchor.captured = captured;
    (void)step(world, &event);
    world->aaa->mobility->anchor.captured = false;
}

static void on_tick(struct sim_world *world)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TICK };

    while (step(world, &event))
        continue;
    if (world->now_ms < world->heal_ms + SIM_CALM_MS)
        sim_later(world, (struct sim_event){ .kind = SIM_ANCHOR_TICK }, TICK_MS, NULL, 0);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_AT_ANCHOR)
        receive(world, event->from, event->life == 1, lk_span_of(event->octets, event->len));
    else if (event->kind == SIM_ANCHOR_TICK)
        on_tick(world);
    else
        restart(world);
}

/* A captured gateway says what the other one says. */
static void captured(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    event->life = 1;
    event->from = (event->from + 1) % SIM_TWAPS;
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_ANCHOR, .name = "at anchor", .link = SIM_LINK_CHANNEL,
      .elsewhere = captured },
    { .number = SIM_ANCHOR_TICK, .name = "anchor ticks" },
    { .number = SIM_ANCHOR_RESTART, .name = "anchor restarts" },
};

const struct sim_actor sim_anchor_actor = {
    .name = "anchor", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_ANCHOR_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
