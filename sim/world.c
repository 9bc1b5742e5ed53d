/* A run: makes a world of its row, then takes one event after the other. */
#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/aaa.h"
#include "sim/e2e.h"
#include "sim/lwa.h"
#include "sim/mip.h"
#include "sim/mis.h"

static const struct lk_sim_row *const worlds[] = { &sim_aaa_row, &sim_wlan_row, &sim_lwa_row,
                                                 &sim_mis_row, &sim_e2e_row, &sim_mip_row };

static const struct sim_kind faults_end = { .number = SIM_FAULTS_END, .name = "faults end" };

const struct lk_sim_row *lk_sim_world(size_t index)
{
    return index < LK_COUNT_OF(worlds) ? worlds[index] : NULL;
}

const struct lk_sim_row *lk_sim_world_named(const char *name)
{
    for (size_t i = 0; i < LK_COUNT_OF(worlds); i++)
        if (strcmp(worlds[i]->name, name) == 0)
            return worlds[i];
    return NULL;
}

void sim_later(struct sim_world *world, struct sim_event event, uint64_t delay_ms,
               const void *octets, size_t len)
{
    event.at_ms = world->now_ms + delay_ms;
    sim_queue_put(&world->queue, &event, octets, len);
}

void sim_say(const struct sim_world *world, const char *format, ...)
{
    va_list list;

    if (!world->options->verbose)
        return;
    fprintf(stderr, "%8llu ", (unsigned long long)world->now_ms);
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void sim_break(struct sim_world *world, const char *name, const char *format, ...)
{
    const struct lk_sim_row *row = world->options->world;
    struct lk_sim_report *r = world->report;
    va_list list;

    if (r->broken != NULL)
        return;
    for (size_t i = 0; i < row->invariant_count; i++)
        if (strcmp(row->invariants[i].name, name) == 0)
            r->broken = &row->invariants[i];
    if (r->broken == NULL)
        return;
    r->at_ms = world->now_ms;
    va_start(list, format);
    (void)vsnprintf(r->detail, sizeof r->detail, format, list);
    va_end(list);
}

/* ---- making ---- */

static unsigned count_of(const struct sim_world *world, const struct sim_actor *actor)
{
    return actor->count == 0 ? world->options->ues : actor->count;
}

static void make_actor(struct sim_world *world, const struct sim_actor *actor)
{
    for (size_t i = 0; i < actor->kind_count; i++) {
        unsigned number = actor->kinds[i].number;

        LK_ASSERT(number < SIM_KINDS && world->kind[number] == NULL);
        world->kind[number] = &actor->kinds[i];
        world->taker[number] = actor;
    }
    for (unsigned n = 0; n < count_of(world, actor); n++)
        actor->make(world, n);
}

static void make(struct sim_world *world)
{
    const struct lk_sim_row *row = world->options->world;

    sim_random_start(&world->random, world->options->seed);
    world->kind[SIM_FAULTS_END] = &faults_end;
    row->make(world);
    for (size_t i = 0; i < row->actor_count; i++)
        make_actor(world, row->actors[i]);
}

static void unmake(struct sim_world *world)
{
    const struct lk_sim_row *row = world->options->world;

    for (size_t i = 0; i < row->actor_count; i++)
        for (unsigned n = 0; row->actors[i]->unmake != NULL && n < count_of(world, row->actors[i]);
             n++)
            row->actors[i]->unmake(world, n);
    row->unmake(world);
    sim_queue_free(&world->queue);
    sim_ledger_free(&world->ledger);
    free(world->seen);
    free(world);
}

/* ---- when actors die, and when all of it stops ---- */

static void plan(struct sim_world *world, unsigned kind, unsigned who)
{
    uint64_t mean_ms = (uint64_t)world->options->restart_s * 1000;
    uint64_t at = 0;

    if (kind == 0 || mean_ms == 0)
        return;
    for (;;) {
        at += 1 + sim_random_below(&world->random, 2 * mean_ms);
        if (at >= world->heal_ms)
            return;
        sim_later(world, (struct sim_event){ .kind = kind, .who = who }, at, NULL, 0);
    }
}

static void plan_faults(struct sim_world *world)
{
    const struct lk_sim_row *row = world->options->world;

    world->faults = true;
    world->heal_ms = (uint64_t)world->options->seconds * 1000;
    for (size_t i = 0; i < row->actor_count; i++)
        for (unsigned n = 0; n < count_of(world, row->actors[i]); n++)
            for (size_t r = 0; r < LK_COUNT_OF(row->actors[i]->restarts); r++)
                plan(world, row->actors[i]->restarts[r], n);
    sim_later(world, (struct sim_event){ .kind = SIM_FAULTS_END }, world->heal_ms, NULL, 0);
}

/* ---- running ---- */

static void trace(struct sim_world *world, const struct sim_event *event)
{
    const uint64_t words[] = { event->at_ms, event->kind, event->who, event->from, event->len };

    sim_trace_add(&world->report->trace, words, sizeof words);
    if (world->kind[event->kind]->link != SIM_LINK_NONE)
        sim_trace_add(&world->report->trace, event->octets, event->len);
    sim_say(world, "%s %u from %u, %zu octets", world->kind[event->kind]->name, event->who,
            event->from, event->len);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind != SIM_FAULTS_END) {
        world->taker[event->kind]->take(world, event);
        return;
    }
    world->faults = false;
    sim_say(world, "faults end");
    world->options->world->calm(world);
}

void lk_sim_run(struct lk_sim_report *report, const struct lk_sim_options *options)
{
    struct sim_world *world = calloc(1, sizeof *world);
    struct sim_event *event;

    LK_ASSERT(world != NULL && options->ues > 0 && options->ues <= options->world->ues_max);
    memset(report, 0, sizeof *report);
    world->options = options;
    world->report = report;
    make(world);
    plan_faults(world);
    while (report->broken == NULL && (event = sim_queue_take(&world->queue)) != NULL) {
        world->now_ms = event->at_ms;
        report->events++;
        trace(world, event);
        take(world, event);
        sim_queue_done(&world->queue, event);
        options->world->check(world);
    }
    if (report->broken == NULL)
        options->world->check_end(world);
    unmake(world);
}
