/* What will happen: events by virtual time, and among equals in the order they were put in.
 *
 * A ring of milliseconds, each with a list: putting and taking cost the same however many events
 * there are. What lies further ahead than the ring is long waits in its place for a later round. */
#ifndef LK_SIM_QUEUE_H
#define LK_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_event {
    uint64_t at_ms;
    unsigned kind;   /* as its world numbers them */
    unsigned who;    /* which of the actors that take it */
    unsigned from;   /* by whom, or about what */
    uint64_t life;   /* of who: an event for a former life is void; or a timer's generation */
    size_t len;
    void *octets;    /* the queue's */
};

struct sim_queue {
    struct sim_place *ring; /* a place for each ms: at_ms modulo its length */
    uint64_t now_ms;        /* of the last that was taken */
    size_t count;
    size_t octets;          /* that all events hold */
};

/* Takes a copy of the event, which is not before the last that was taken nor weeks behind it, and
 * of the len octets. */
void sim_queue_put(struct sim_queue *queue, const struct sim_event *event, const void *octets,
                   size_t len);
/* The next one, until sim_queue_done; NULL: there is none. */
struct sim_event *sim_queue_take(struct sim_queue *queue);
void sim_queue_done(struct sim_queue *queue, struct sim_event *event);
void sim_queue_free(struct sim_queue *queue);

#endif
