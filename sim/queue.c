#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum {
    RING_MS = 1 << 15,
    AHEAD_MS = 1 << 30, /* twelve days: what is further off than that is a mistake */
};

struct sim_waiting {
    struct sim_event event;
    struct sim_waiting *next;
    uint8_t octets[];
};

/* In the order they were put in, whichever round of the ring they are of. */
struct sim_place {
    struct sim_waiting *first, *last;
};

static struct sim_place *place_of(const struct sim_queue *queue, uint64_t at_ms)
{
    return &queue->ring[at_ms % RING_MS];
}

void sim_queue_put(struct sim_queue *queue, const struct sim_event *event, const void *octets,
                   size_t len)
{
    struct sim_waiting *waiting = malloc(sizeof *waiting + len);
    struct sim_place *place;

    if (queue->ring == NULL)
        queue->ring = calloc(RING_MS, sizeof *queue->ring);
    LK_ASSERT(queue->ring != NULL && waiting != NULL);
    LK_ASSERT(event->at_ms >= queue->now_ms && event->at_ms - queue->now_ms < AHEAD_MS);
    waiting->event = *event;
    waiting->event.len = len;
    waiting->event.octets = waiting->octets;
    waiting->next = NULL;
    if (len > 0)
        memcpy(waiting->octets, octets, len);
    place = place_of(queue, event->at_ms);
    if (place->first == NULL)
        place->first = waiting;
    else
        place->last->next = waiting;
    place->last = waiting;
    queue->octets += len;
    queue->count++;
}

/* The first of this millisecond. */
static struct sim_waiting *take_now(struct sim_queue *queue)
{
    struct sim_place *place = place_of(queue, queue->now_ms);
    struct sim_waiting *before = NULL, *at = place->first;

    while (at != NULL && at->event.at_ms != queue->now_ms) {
        before = at;
        at = at->next;
    }
    if (at == NULL)
        return NULL;
    if (before == NULL)
        place->first = at->next;
    else
        before->next = at->next;
    if (place->last == at)
        place->last = before;
    return at;
}

struct sim_event *sim_queue_take(struct sim_queue *queue)
{
    struct sim_waiting *taken;

    if (queue->count == 0)
        return NULL;
    for (taken = take_now(queue); taken == NULL; taken = take_now(queue))
        queue->now_ms++;
    queue->count--;
    return &taken->event;
}

void sim_queue_done(struct sim_queue *queue, struct sim_event *event)
{
    queue->octets -= event->len;
    free(event); /* the first of what it waited in */
}

void sim_queue_free(struct sim_queue *queue)
{
    struct sim_event *event;

    while ((event = sim_queue_take(queue)) != NULL)
        sim_queue_done(queue, event);
    free(queue->ring);
    *queue = (struct sim_queue){ 0 };
}
