/* Seeded worlds: the very machines of the daemon, in virtual time, with networks, disks and clocks
 * that fail as the seed decides.
 *
 * A world is a row (struct lk_sim_row): who acts in it, what can be set, what is counted, and the
 * invariants that are checked after every event. The same binary and the same seed give the same
 * run to the last octet; its hash is in the report. */
#ifndef LK_SIM_SIM_H
#define LK_SIM_SIM_H

#include "base/octets.h"

enum {
    LK_SIM_DETAIL = 200,
    LK_SIM_OWN = 16,
    LK_SIM_COUNTS = 28,
    LK_SIM_TABLE_ROWS = 8,
    LK_SIM_TABLE_COLUMNS = 2,
};

struct sim_actor; /* world.h */
struct sim_world;

/* A number that can be set: "loss 20" in a scenario, --loss 20 on the command line. */
struct lk_sim_word {
    const char *name;
    unsigned most, usual;
    const char *help;
};

struct lk_sim_invariant {
    unsigned number; /* in security.md section 3; 0: in none of its rows */
    const char *name;
    const char *says;
};

/* A small table of numbers that a report has beside its counts. */
struct lk_sim_table {
    const char *name, *says;
    const char *const *row;
    size_t rows;
    const char *const *column;
    size_t columns;
};

struct lk_sim_row {
    const char *name, *help;
    unsigned ues_max;
    const struct lk_sim_word *words; /* its own, beside those of every world */
    size_t word_count;
    const char *const *counts; /* what lk_sim_report.count has, as JSON names it */
    size_t count_count;
    size_t main_count; /* which of them says how much there was to do */
    const struct lk_sim_table *table; /* NULL: none */
    const struct lk_sim_invariant *invariants;
    size_t invariant_count;
    const struct sim_actor *const *actors; /* made in this order, after make */
    size_t actor_count;
    void (*make)(struct sim_world *world);
    void (*unmake)(struct sim_world *world); /* after its actors */
    void (*calm)(struct sim_world *world);   /* the faults have ended */
    void (*check)(struct sim_world *world);  /* after every event */
    void (*check_end)(struct sim_world *world);
};

struct lk_sim_options {
    const struct lk_sim_row *world;
    uint64_t seed;
    unsigned ues;
    unsigned seconds;   /* with faults; then they stop, and everybody must get in once more */
    unsigned loss, duplicate, corrupt, replay; /* of a thousand datagrams */
    unsigned delay_ms;  /* at most; datagrams overtake each other */
    unsigned restart_s; /* mean time between restarts; 0: none */
    unsigned own[LK_SIM_OWN]; /* of the world's own words, in their order */
    bool verbose;       /* one line an event to standard error */
};

struct lk_sim_report {
    uint64_t events, datagrams, restarts;
    uint64_t count[LK_SIM_COUNTS]; /* as the world's row names them */
    uint64_t table[LK_SIM_TABLE_ROWS][LK_SIM_TABLE_COLUMNS];
    uint64_t trace;  /* hash over every event */
    const struct lk_sim_invariant *broken; /* NULL: none was */
    uint64_t at_ms;
    char detail[LK_SIM_DETAIL];
};

/* By index; NULL behind the last. The first is the usual one. */
const struct lk_sim_row *lk_sim_world(size_t index);
/* NULL: there is none of that name. */
const struct lk_sim_row *lk_sim_world_named(const char *name);
/* The words that every world has. */
const struct lk_sim_word *lk_sim_common_words(size_t *count);

/* The first world, and moderate faults of every kind; what the seed decides is then within them. */
void lk_sim_defaults(struct lk_sim_options *options);
/* Its own words are what they usually are; the others stay. */
void lk_sim_set_world(struct lk_sim_options *options, const struct lk_sim_row *world);
/* LK_E_UNKNOWN: the world has no such word; LK_E_VALUE: it is no number, or too large. */
LK_MUST_CHECK enum lk_status lk_sim_set(struct lk_sim_options *options, const char *name,
                                        const char *value);
/* "loss 20" or "world wlan" and so on, one a line, # comments: the files in sim/scenarios. Writes
 * the number of the line that is off to *line. */
LK_MUST_CHECK enum lk_status lk_sim_scenario(struct lk_sim_options *options, unsigned *line,
                                             struct lk_span text);
void lk_sim_run(struct lk_sim_report *report, const struct lk_sim_options *options);

#endif
