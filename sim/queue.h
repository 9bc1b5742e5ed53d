/* What will happen: events by virtual time, and among equals in the order they were put in. */
#ifndef LK_SIM_QUEUE_H
#define LK_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_event {
    uint64_t at_ms;
    uint64_t order;
    unsigned kind;   /* as its world numbers them */
    unsigned who;    /* which of the actors that take it */
    unsigned from;   /* by whom, or about what */
    uint64_t life;   /* of who: an event for a former life is void; or a timer's generation */
    size_t len;
    void *octets;    /* owned */
};

struct sim_queue {
    struct sim_event *heap;
    size_t count, cap;
    uint64_t order;
    size_t octets; /* that all events hold */
};

/* Takes a copy of the len octets. */
void sim_queue_put(struct sim_queue *queue, const struct sim_event *event, const void *octets,
                   size_t len);
/* The next one; the caller frees its octets with sim_queue_done. False when there is none. */
bool sim_queue_take(struct sim_queue *queue, struct sim_event *event);
void sim_queue_done(struct sim_queue *queue, struct sim_event *event);
void sim_queue_free(struct sim_queue *queue);

#endif
