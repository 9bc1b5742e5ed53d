/* Between the files of the eNBs' node only: enb.c (table and step), enb_ue.c (a UE's machines). */
#ifndef LK_NODE_ENB_PARTS_H
#define LK_NODE_ENB_PARTS_H

#include "node/due.h"
#include "node/enb.h"

enum { LK_ENB_SIDES = 2 }; /* the cell that serves, and the one that the UE goes to */

/* A machine at a cell. */
struct lk_enb_leg {
    bool used;
    uint32_t cell;
    uint32_t epoch;      /* of the cell's way to the WT, as the machine was told */
    uint32_t generation; /* of the id for the WT */
    struct lk_lwa_enb machine;
};

struct lk_enb_ue {
    bool used;
    uint8_t serving; /* side */
    bool has_chain;
    uint8_t ncc; /* of nh */
    struct lk_kasme kasme;
    struct lk_nh nh;
    struct lk_enb_leg leg[LK_ENB_SIDES];
};

struct lk_enb_cell {
    bool up;
    uint32_t epoch; /* each time that the way to the WT comes or goes */
};

struct lk_enb {
    struct lk_enb_config config;
    struct lk_enb_ue *ue;
    struct lk_due due; /* of legs */
    uint32_t count;    /* UEs */
    uint32_t touched;  /* places from here on were never used */
    uint32_t untold;   /* legs from here on may not know of their cell's way */
    struct lk_enb_cell cell[LK_ENB_CELLS_MAX];
    uint64_t now_ms, wake_ms;
    struct lk_enb_counters counters;
};

/* enb_ue.c */
uint32_t lk_enb_legs(const struct lk_enb_config *config);
struct lk_enb_output *lk_enb_out(struct lk_enb_outbox *out, enum lk_enb_output_kind kind,
                                 uint32_t ue, uint32_t cell);
/* The UE of a place; NULL. */
struct lk_enb_ue *lk_enb_ue_at(struct lk_enb *enb, uint32_t place);
uint32_t lk_enb_next_id(const struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side);
void lk_enb_open_leg(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side, uint32_t cell);
void lk_enb_end_ue(struct lk_enb *enb, struct lk_enb_ue *ue);
/* Steps a machine and carries what it says. LK_E_UNEXPECTED: there is none on that side. */
LK_MUST_CHECK enum lk_status lk_enb_feed(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                                         struct lk_lwa_enb_event *event, struct lk_enb_outbox *out);
LK_MUST_CHECK enum lk_status lk_enb_tell(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                                         enum lk_lwa_enb_event_kind kind,
                                         struct lk_enb_outbox *out);
/* A machine hears of its cell's way to the WT before anything else. */
void lk_enb_tell_way(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                     struct lk_enb_outbox *out);

#endif
