/* The laboratory of LTE-WLAN aggregation: S3's question, in numbers. In which order are UE and WT
 * to be told of a new key, when the UE goes from eNB to eNB and the WT is kept?
 *
 * One device is handed over again and again, under each way of doing it, on the nodes of the daemon
 * and the legs of the world `lwa` (lwa.h), with delays that are drawn evenly from ranges. What is
 * measured comes of the stamps of events in virtual time, in whole milliseconds; nothing is
 * computed from the delays. The same options give the same numbers. */
#ifndef LK_SIM_LAB_H
#define LK_SIM_LAB_H

#include "sim/sim.h"

enum {
    LK_LAB_SAMPLES_MAX = 1000000, /* handovers times seeds */
    LK_LAB_SPACING_MAX = 600000,
    LK_LAB_LOSS_MAX = 900,        /* of a thousand */
    LK_LAB_DELAY_MAX = 10000,
    LK_LAB_PACKETS_MAX = 2000000, /* of one seed */
};

struct lk_lab_range {
    uint32_t least, most; /* ms */
};

/* What takes time. */
enum lk_lab_delay {
    LK_LAB_UU,    /* between UE and eNB, one way */
    LK_LAB_RRC,   /* at the UE, until a reconfiguration is done */
    LK_LAB_XW,    /* between eNB and WT, one way */
    LK_LAB_AIR,   /* between UE and access point, one way */
    LK_LAB_AP,    /* at the access point, for authentication and for association */
    LK_LAB_STORE, /* until the WT Counter is kept */
    LK_LAB_DELAYS
};

struct lk_lab_delay_row {
    const char *name, *help, *source;
    struct lk_lab_range usual;
    uint32_t least; /* that can be asked for */
};
extern const struct lk_lab_delay_row lk_lab_delay_rows[LK_LAB_DELAYS];

/* Timers of the nodes, and how often there is data. */
enum lk_lab_timer { LK_LAB_RETRY, LK_LAB_TRIES, LK_LAB_REJOIN, LK_LAB_LOCK, LK_LAB_DATA,
                    LK_LAB_TIMERS };

struct lk_lab_timer_row {
    const char *name, *unit, *help;
    uint32_t usual, least, most;
};
extern const struct lk_lab_timer_row lk_lab_timer_rows[LK_LAB_TIMERS];

/* A way of doing it: a row of the table. */
enum lk_lab_way {
    LK_LAB_RRC_FIRST,
    LK_LAB_WT_FIRST,
    LK_LAB_WT_FIRST_PATIENT,
    LK_LAB_UE_INITIATED,
    LK_LAB_WAYS
};

struct lk_lab_way_row {
    const char *key;   /* one word, unlike any other's */
    const char *order; /* of --order; two ways may be of one order */
    const char *title;
    const char *says;
};
extern const struct lk_lab_way_row lk_lab_way_rows[LK_LAB_WAYS];

struct lk_lab_options {
    uint64_t seed, seeds;
    unsigned handovers; /* of each seed */
    unsigned spacing_ms;
    unsigned loss, uu_loss; /* of a thousand: frames on the air, messages of RRC */
    struct lk_lab_range delay[LK_LAB_DELAYS];
    uint32_t timer[LK_LAB_TIMERS];
    /* Called now and then, for who waits: handovers asked for so far, all seeds together. NULL:
     * nobody waits. */
    void (*progress)(void *context, enum lk_lab_way way, uint64_t asked);
    void *progress_context;
};

/* 100 handovers two seconds apart, nothing lost. */
void lk_lab_defaults(struct lk_lab_options *options);
/* False: why says what is not possible. */
LK_MUST_CHECK bool lk_lab_check(const char **why, const struct lk_lab_options *options);

enum lk_lab_message { LK_LAB_M_RRC, LK_LAB_M_XWAP, LK_LAB_M_EAPOL, LK_LAB_M_MANAGEMENT,
                      LK_LAB_MESSAGES };
extern const char *const lk_lab_message_names[LK_LAB_MESSAGES];

/* Of many numbers; zeroes when there is none. */
struct lk_lab_spread {
    uint32_t median, p99, most;
    uint64_t sum;
};

/* What came of one way, all seeds together. */
struct lk_lab_result {
    uint64_t asked;       /* handovers; one that comes while another is under way may be */
    uint64_t done;        /* overtaken by the next, and is not done */
    uint64_t equal;       /* of those done: in the end UE and WT had the newest key, and one TK */
    uint64_t rekeys;      /* begun */
    uint64_t collapsed;   /* handovers whose key was never in use: a later one's came first */
    uint64_t deauthentications; /* by the WT */
    uint64_t associations; /* beyond the first of each seed */
    uint64_t releases;    /* of LWA, by an eNB */
    uint64_t connections; /* RRC connections that were lost */
    uint64_t suspended;   /* handovers with data suspended */
    uint64_t message[LK_LAB_MESSAGES]; /* data is none of them */
    uint64_t sent, lost;  /* packets of data on the WLAN, both ways */
    uint64_t trace;       /* hash over every event */
    const struct lk_sim_invariant *broken; /* NULL: none was */
    uint64_t broken_seed;
    /* A handover that was asked for is a sample: how long data could not pass on the WLAN in
     * outages that began before the next one. Sorted. */
    uint32_t *suspension_ms;
    size_t samples;
    struct lk_lab_spread suspension;
    struct lk_lab_spread rekey; /* ms from the UE at the new eNB until the new key is in use */
    uint64_t never_up;    /* seeds that ended without both ends under one key */
};

/* Runs one way. result is freed by lk_lab_free. */
void lk_lab_run(struct lk_lab_result *result, const struct lk_lab_options *options,
                enum lk_lab_way way);
void lk_lab_free(struct lk_lab_result *result);

#endif
