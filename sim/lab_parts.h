/* Between the files of the laboratory only. */
#ifndef LK_SIM_LAB_PARTS_H
#define LK_SIM_LAB_PARTS_H

#include "sim/lab.h"
#include "sim/lwa.h"

/* One seed of one way. */
struct sim_lab {
    struct lk_sim_options sim; /* first: a world knows it */
    const struct lk_lab_options *options;
    struct lk_lab_result *result;
    enum lk_lab_way way;
    bool begun;      /* LWA was there, and handovers go on */
    bool speaks;     /* what is sent now is data */
    unsigned wishes; /* handovers that were asked for */
    uint32_t *rekey_ms;
    uint64_t air_ms[2]; /* when the last frame arrives: at the WT, at the UE */
    /* what was seen last */
    struct lk_enb_counters enb;
    struct lk_wt_counters wt;
    uint64_t looked_ms;
    bool down;       /* data cannot pass, */
    size_t down_of;  /* since that sample */
    uint64_t there_ms;  /* when the UE was at the eNB that it was handed over to last */
    uint64_t before;    /* name of the UE's key then */
    unsigned waiting;   /* handovers without a new key yet */
};

static inline struct sim_lab *sim_lab_of(const struct sim_world *world)
{
    return (struct sim_lab *)(void *)(uintptr_t)world->options;
}

/* lab_measure.c */
/* UE and WT have one TK, and data can pass. */
bool sim_lab_is_up(const struct sim_world *world);
/* A handover is about to be asked for. */
void sim_lab_wish(struct sim_world *world);
/* After every event, and at the end. */
void sim_lab_look(struct sim_world *world);
void sim_lab_end(struct sim_world *world);
/* Spreads of the samples; as many re-keys as result says were measured. */
void sim_lab_sum_up(struct lk_lab_result *result, uint32_t *rekey_ms);

#endif
