/* What a ladder needs to know of a message: between which lanes it goes, and what kind it is. */
#ifndef LK_TRACE_RUNG_H
#define LK_TRACE_RUNG_H

#include "trace/trace.h"

/* From left to right. */
enum lk_lane {
    LK_LANE_APPLICATION,
    LK_LANE_DEVICE,
    LK_LANE_MN,
    LK_LANE_SPOS,
    LK_LANE_TPOS,
    LK_LANE_HPOS,
    LK_LANE_ENB,
    LK_LANE_WT,
    LK_LANE_ACCESS_POINT,
    LK_LANE_TWAP,
    LK_LANE_TWAG,
    LK_LANE_FA,
    LK_LANE_ANCHOR,
    LK_LANE_AAA,
    LK_LANE_BSF,
    LK_LANE_VAULT,
    LK_LANE_COUNT,
    LK_LANE_NONE = LK_LANE_COUNT,
};

/* What kind of message it is, for its colour. */
enum lk_rung_kind {
    LK_RUNG_PLAIN,     /* identities, accounting, the rest */
    LK_RUNG_CHALLENGE, /* challenge and its response */
    LK_RUNG_FAST,      /* re-authentication */
    LK_RUNG_SYNC,      /* synchronisation failure */
    LK_RUNG_REFUSED,
    LK_RUNG_GRANTED,
    LK_RUNG_KIND_COUNT
};

struct lk_rung {
    enum lk_rung_kind kind;
    enum lk_lane from, to; /* of what is in the capture */
    enum lk_lane air;      /* NONE, or where what is carried comes from (air_first) or goes on to */
    bool air_first;
    bool asks_vault;       /* who sent this must have asked the vault before */
};

void lk_rung_of(struct lk_rung *rung, const struct lk_trace *trace, size_t index);
const char *lk_rung_kind_name(enum lk_rung_kind kind);

/* The lanes that a run needs, from left to right; run LK_TRACE_NONE: those that the messages of no
 * run need. */
struct lk_lanes {
    size_t count;
    enum lk_lane lane[LK_LANE_COUNT];
    size_t place[LK_LANE_COUNT]; /* of each lane that is there */
};

void lk_lanes_of(struct lk_lanes *lanes, const struct lk_trace *trace, size_t run);

struct lk_lane_name {
    const char *full, *brief, *plain; /* "Access point", "AP", "access pt" */
    const char *part;                 /* "RADIUS client" */
};
const struct lk_lane_name *lk_lane_name(enum lk_lane lane);

#endif
