/* The store of the anchor, and the writer before it: while one batch is being written the next one
 * fills, and answers wait with the records that they tell of (role/anchor_writer.c). A batch is one
 * transaction. What was written is there after any crash; of what was being written all is, or
 * nothing. */
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"

enum {
    BATCH = 2048, STEP_ROOM = 8, /* as role/anchor_parts.h has them */
    WRITE_MS = 12, RETRY_MS = 500, FAILS = 10,
};

static struct sim_mip_batch *working(struct sim_agent *agent)
{
    return &agent->batch[agent->filling ^ 1];
}

bool sim_writer_has_room(const struct sim_agent *agent)
{
    const struct sim_mip_batch *b = &agent->batch[agent->filling];

    return b->records + STEP_ROOM <= BATCH && b->marks + STEP_ROOM <= BATCH &&
           b->answers + STEP_ROOM <= BATCH;
}

/* ---- filling ---- */

static void room(struct sim_mip_batch *b)
{
    if (b->record != NULL)
        return;
    b->record = calloc(BATCH, sizeof *b->record);
    b->mark = calloc(BATCH, sizeof *b->mark);
    b->answer = calloc(BATCH, sizeof *b->answer);
    LK_ASSERT(b->record != NULL && b->mark != NULL && b->answer != NULL);
}

static void put_answer(struct sim_mip_batch *b, const struct lk_anchor_output *item)
{
    struct sim_mip_answer *answer = &b->answer[b->answers++];

    LK_ASSERT(item->octets.len <= sizeof answer->octets);
    answer->mag = item->mag;
    answer->to = item->to;
    answer->len = (uint16_t)item->octets.len;
    memcpy(answer->octets, item->octets.at, item->octets.len);
}

void sim_writer_take(struct sim_agent *agent)
{
    struct sim_mip_batch *b = &agent->batch[agent->filling];

    room(b);
    for (size_t i = 0; i < agent->out.count; i++) {
        const struct lk_anchor_output *item = &agent->out.item[i];

        if (item->kind == LK_ANCHOR_OUT_STORE)
            b->record[b->records++] = item->store.record;
        else if (item->kind == LK_ANCHOR_OUT_MARK)
            b->mark[b->marks++] = item->mark;
        else if (item->kind == LK_ANCHOR_OUT_SEND)
            put_answer(b, item);
    }
}

static void write_later(struct sim_world *world, uint64_t ms)
{
    sim_later(world, (struct sim_event){ .kind = SIM_AGENT_STORED,
                                         .life = world->mip->agent.life }, ms, NULL, 0);
}

void sim_writer_flush(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;
    const struct sim_mip_batch *b = &a->batch[a->filling];

    if (a->busy || b->records + b->marks == 0)
        return;
    a->filling ^= 1;
    a->busy = true;
    write_later(world, 1 + sim_random_below(&world->random, WRITE_MS));
}

/* ---- written ---- */

static void become_durable(struct sim_world *world, const struct sim_mip_batch *b)
{
    struct sim_agent *a = &world->mip->agent;

    for (size_t i = 0; i < b->records; i++) {
        const struct sim_mobile *node = sim_mobile_of(world, &b->record[i].imsi);

        LK_ASSERT(node != NULL);
        a->store[node->index] = (struct sim_mip_kept){ true, b->record[i] };
        sim_check_durable(world, &b->record[i]);
    }
    for (size_t i = 0; i < b->marks; i++)
        sim_check_mark_durable(world, &b->mark[i]);
}

static void tell(struct sim_world *world, const struct sim_mip_batch *b)
{
    struct sim_agent *a = &world->mip->agent;
    static struct lk_anchor_outbox none;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED,
                                     .now_ms = sim_mip_clock(world) };

    for (size_t i = 0; i < b->records; i++) {
        event.stored = &b->record[i];
        lk_anchor_step(&a->anchor, &event, &none);
    }
    for (size_t i = 0; i < b->answers; i++)
        sim_agent_send(world, b->answer[i].mag, &b->answer[i].to,
                       lk_span_of(b->answer[i].octets, b->answer[i].len));
}

static void empty(struct sim_mip_batch *b)
{
    b->records = b->marks = b->answers = 0;
}

void sim_writer_stored(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;
    struct sim_mip_batch *b = working(a);

    if (world->faults && sim_random_chance(&world->random, FAILS)) {
        b->answers = 0; /* who asked asks again */
        write_later(world, RETRY_MS);
        return;
    }
    become_durable(world, b);
    if (a->dies) {
        empty(b);
        a->busy = false;
        sim_agent_dies(world);
        return;
    }
    tell(world, b);
    empty(b);
    a->busy = false;
    sim_writer_flush(world);
}

void sim_writer_crash(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;

    if (a->busy && sim_random_chance(&world->random, 500))
        become_durable(world, working(a));
    empty(&a->batch[0]);
    empty(&a->batch[1]);
    a->busy = false;
}

void sim_writer_free(struct sim_agent *agent)
{
    for (unsigned i = 0; i < 2; i++) {
        free(agent->batch[i].record);
        free(agent->batch[i].mark);
        free(agent->batch[i].answer);
    }
}
