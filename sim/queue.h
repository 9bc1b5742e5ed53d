/* What will happen: events by virtual time, and among equals in the order they were put in. */
#ifndef LK_SIM_QUEUE_H
#define LK_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_event_kind {
    SIM_UE_BEGINS = 1, /* an attempt of a UE */
    SIM_CARD_AWAKE,    /* a card that took its time */
    SIM_UE_TIMER,      /* its access point's repeat */
    SIM_AT_NODE,       /* a datagram arrives at a node */
    SIM_AT_POINT,      /* ... at a UE's access point */
    SIM_ROW_READ,      /* the store's answer to a node's job */
    SIM_AT_VAULT,      /* a request reaches the vault */
    SIM_VAULT_SAID,    /* the vault's answer reaches the node */
    SIM_ROW_SWAPPED,   /* the store has written a row, or not */
    SIM_NODE_RESTART,
    SIM_VAULT_RESTART,
    SIM_AT_TWAP,       /* a datagram of an access point arrives at a TWAP */
    SIM_BACK_AT_TWAP,  /* ... of a node */
    SIM_TWAP_TICK,
    SIM_TWAP_RESTART,  /* and of its TWAG and MAG */
    SIM_AT_TWAG,       /* a record of a device; life: the channel's handle */
    SIM_AT_DEVICE,     /* a record of a TWAG; the same */
    SIM_DEVICE_TURN,
    SIM_DEVICE_TIMER,  /* of its WLCP machine's connection from */
    SIM_TWAG_WAKE,
    SIM_MAG_WAKE,
    SIM_AT_ANCHOR,     /* a message of a MAG; life 1: of a captured one */
    SIM_BACK_AT_MAG,
    SIM_ANCHOR_TICK,
    SIM_ANCHOR_RESTART,
    SIM_FAULTS_END,
    SIM_EVENT_KIND_COUNT
};

struct sim_event {
    uint64_t at_ms;
    uint64_t order;
    enum sim_event_kind kind;
    unsigned who;    /* UE, node or TWAP */
    unsigned from;   /* UE, node, TWAP (sim_twap_as_client), or job */
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
