/* The seeded world: peers, access points, AAA nodes, vaults and a store, in virtual time.
 *
 * The very machines of the daemon are driven here, with a network, disks and clocks that fail as
 * the seed decides. After every event the invariants of the room are checked (invariants.h). The
 * same binary and the same seed give the same run to the last octet; its hash is in the report. */
#ifndef LK_SIM_SIM_H
#define LK_SIM_SIM_H

#include "base/octets.h"

enum { LK_SIM_UES_MAX = 10000, LK_SIM_DETAIL = 200 };

struct lk_sim_options {
    uint64_t seed;
    unsigned ues;
    unsigned seconds;   /* with faults; then they stop, and everybody must get in once more */
    unsigned loss, duplicate, corrupt, replay; /* of a thousand datagrams */
    unsigned delay_ms;  /* at most; datagrams overtake each other */
    unsigned restart_s; /* mean time between restarts; 0: none */
    unsigned wlan;      /* 1: a trusted WLAN: TWAPs stand before the nodes */
    bool verbose;       /* one line an event to standard error */
};

struct lk_sim_report {
    uint64_t events, datagrams;
    uint64_t attempts, full, fast, refused, unanswered, resyncs, restarts;
    uint64_t sessions, rolled; /* handed over by TWAPs; with a new key for the one before */
    uint64_t connections; /* PDN connections that came up */
    uint64_t trace;  /* hash over every event */
    const char *broken; /* the invariant's name, or NULL: none was broken */
    unsigned number; /* in security.md section 3 */
    uint64_t at_ms;
    char detail[LK_SIM_DETAIL];
};

/* Moderate faults of every kind; what the seed decides is then within them. */
void lk_sim_defaults(struct lk_sim_options *options);
/* "loss 20" and so on, one a line, # comments: the files in sim/scenarios. Writes the number of the
 * line that is off to *line. */
LK_MUST_CHECK enum lk_status lk_sim_scenario(struct lk_sim_options *options, unsigned *line,
                                             struct lk_span text);
void lk_sim_run(struct lk_sim_report *report, const struct lk_sim_options *options);

#endif
