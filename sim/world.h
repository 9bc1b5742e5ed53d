/* What every world is made of: time, chance, a queue of events, actors who take them, links between
 * the actors, and invariants.
 *
 * A world is a row (sim.h) in worlds[] of world.c, with files of its own: its header says what its
 * actors are. An actor is a row as well: how many there are, which kinds of events they take, what
 * may happen on the way to what travels, and which events restart them. */
#ifndef LK_SIM_WORLD_H
#define LK_SIM_WORLD_H

#include "base/check.h"
#include "sim/ledger.h"
#include "sim/queue.h"
#include "sim/random.h"
#include "sim/sim.h"

enum {
    SIM_KINDS = 48,
    SIM_FAULTS_END = 26, /* the one kind that is everybody's; numbers of kinds are in traces */
    SIM_DATAGRAM_MAX = 4096,
};
#define SIM_EPOCH_MS UINT64_C(1790000000000) /* the wall clock when a world begins */

/* What happens to an event of this kind on its way. */
enum sim_link {
    SIM_LINK_NONE,     /* it does not travel */
    SIM_LINK_DATAGRAM, /* loss, duplication, overtaking, corruption, replay */
    SIM_LINK_CHANNEL,  /* loss, duplication, overtaking; nobody else can write into it */
};

/* What there is of each on one leg, while there are faults. */
struct sim_leg {
    unsigned loss, duplicate, corrupt, replay; /* of a thousand */
    unsigned least_ms; /* always; below 1 is 1 */
    unsigned delay_ms; /* more, at most */
    uint64_t *last_ms; /* nothing overtakes: when the last one arrives; NULL: whatever may */
    unsigned *lost;    /* counts; NULL: nobody asks */
};

struct sim_kind {
    unsigned number;
    const char *name;
    enum sim_link link;
    /* An attacker sends what he has seen: perhaps to somebody else, or as somebody else. NULL: to
     * the same as the same, and of a channel not at all. */
    void (*elsewhere)(struct sim_world *world, struct sim_event *event);
    /* NULL: what the options say. */
    struct sim_leg (*leg)(struct sim_world *world, const struct sim_event *event,
                          struct lk_span octets);
};

struct sim_actor {
    const char *name;
    unsigned count; /* 0: one a UE */
    const struct sim_kind *kinds;
    size_t kind_count;
    unsigned restarts[2]; /* kinds of events; 0: none */
    void (*make)(struct sim_world *world, unsigned index);
    void (*unmake)(struct sim_world *world, unsigned index); /* NULL: nothing to free */
    void (*take)(struct sim_world *world, const struct sim_event *event);
};

/* What an attacker has seen. */
struct sim_seen {
    struct sim_event event; /* its octets and len: those beside it */
    size_t len;
    uint8_t octets[SIM_DATAGRAM_MAX];
};

struct sim_aaa; /* aaa.h */
struct sim_lwa; /* lwa.h */
struct sim_mis; /* mis.h */
struct sim_e2e; /* e2e.h */
struct sim_mip; /* mip.h */

struct sim_world {
    const struct lk_sim_options *options;
    struct lk_sim_report *report;
    const struct sim_actor *taker[SIM_KINDS]; /* by kind */
    const struct sim_kind *kind[SIM_KINDS];
    struct sim_random random;
    struct sim_queue queue;
    uint64_t now_ms;
    bool faults;      /* they are on */
    uint64_t heal_ms; /* when they end */
    struct sim_seen *seen;
    struct sim_ledger ledger; /* the invariants' memory */
    struct sim_aaa *aaa; /* in the worlds of access points and AAA nodes, */
    struct sim_lwa *lwa; /* in that of LTE-WLAN aggregation, */
    struct sim_mis *mis; /* in that of MIS, */
    struct sim_e2e *e2e; /* in that of end-to-end keys, */
    struct sim_mip *mip; /* in that of Mobile IP */
};

/* Puts an event in, delay_ms from now. */
void sim_later(struct sim_world *world, struct sim_event event, uint64_t delay_ms,
               const void *octets, size_t len);
void sim_say(const struct sim_world *world, const char *format, ...) LK_PRINTF(2, 3);
/* The invariant of that name does not hold: the first that breaks ends the run. One that is not in
 * the world's row is not watched in it. */
void sim_break(struct sim_world *world, const char *name, const char *format, ...)
    LK_PRINTF(3, 4);

/* link.c: octets go their way as the link of the event's kind lets them. */
void sim_link(struct sim_world *world, struct sim_event event, struct lk_span octets);


#endif
