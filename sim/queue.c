#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void exchange(struct sim_event *a, struct sim_event *b)
{
    struct sim_event other = *a;

    *a = *b;
    *b = other;
}

void sim_queue_put(struct sim_queue *queue, const struct sim_event *event, const void *octets,
                   size_t len)
{
    struct sim_event *heap;
    size_t at = queue->count;

    if (queue->count == queue->cap) {
        queue->cap = queue->cap == 0 ? 256 : 2 * queue->cap;
        queue->heap = realloc(queue->heap, queue->cap * sizeof *queue->heap);
        LK_ASSERT(queue->heap != NULL);
    }
    heap = queue->heap;
    heap[at] = *event;
    heap[at].order = queue->order++;
    heap[at].len = len;
    heap[at].octets = malloc(len == 0 ? 1 : len);
    LK_ASSERT(heap[at].octets != NULL);
    if (len > 0)
        memcpy(heap[at].octets, octets, len);
    queue->octets += len;
    queue->count++;
    for (; at > 0 && before(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
        exchange(&heap[at], &heap[(at - 1) / 2]);
}

bool sim_queue_take(struct sim_queue *queue, struct sim_event *event)
{
    struct sim_event *heap = queue->heap;
    size_t at = 0;

    if (queue->count == 0)
        return false;
    *event = heap[0];
    heap[0] = heap[--queue->count];
    for (;;) {
        size_t least = at;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < queue->count; child++)
            if (before(&heap[child], &heap[least]))
                least = child;
        if (least == at)
            return true;
        exchange(&heap[at], &heap[least]);
        at = least;
    }
}

void sim_queue_done(struct sim_queue *queue, struct sim_event *event)
{
    queue->octets -= event->len;
    free(event->octets);
    event->octets = NULL;
}

void sim_queue_free(struct sim_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        free(queue->heap[i].octets);
    free(queue->heap);
    *queue = (struct sim_queue){ 0 };
}
