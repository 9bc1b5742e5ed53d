/* Who could read this: of each SA of MIS in a capture, which PoS, and which home, has its K or can
 * work it out. It is what the captures of one PoS would give away.
 *
 *     in full, or by ERP with the home    the PoS whose SA it is, and the home: nobody before
 *     by DTLS                             the same: its PSK is of the EMSK and for that PoS alone,
 *                                         and no K comes of it
 *     optimised                           the SPoS made its K, the target was given it; and whoever
 *                                         has the K of the SA that it went to the MN under, for he
 *                                         need only have listened
 *     the same, X25519 mixed in           the target; the others only if they altered what went by
 *
 * A channel of DTLS that nothing went through names nobody: its PoS is the address dialled.
 *
 * spec: IEEE 802.21.1 5.14.2 - a chain is lost from the captured PoS on, until an SA is
 * established in full. It follows from messages alone; no key is needed, and none is in it. */
#ifndef LK_TRACE_REACH_H
#define LK_TRACE_REACH_H

#include <stdio.h>

#include "trace/mis.h"

enum { LK_REACH_PARTS_MAX = 32, LK_REACH_SAS_MAX = 512 };

enum lk_reach_how {
    LK_REACH_NOT,
    LK_REACH_HEARS,  /* has the K that its K was sent under */
    LK_REACH_DOMAIN, /* an ER server of the domain, which a PoS may be, has what it stems from */
    LK_REACH_MADE,   /* made or handed on its K */
    LK_REACH_HOME,   /* authenticated the MN */
    LK_REACH_OWN,    /* its SA */
};

struct lk_reach_cell {
    uint8_t how;      /* enum lk_reach_how */
    bool active_only; /* and altered what went by */
};

struct lk_reach_sa {
    size_t run;
    size_t parent; /* the SA with the SPoS, an index; LK_TRACE_NONE: none in the capture */
    bool cut;      /* it stands on no PoS: who had the chain before has not this one */
    bool unused;   /* it was made, and the MN never came: nothing is under it to be read */
    struct lk_reach_cell cell[LK_REACH_PARTS_MAX];
};

/* Large: for the heap, or a static. */
struct lk_reach {
    size_t parts, sas;
    bool more; /* than there is room for */
    /* MISF IDs of PoS; "home.example (home)"; "127.0.0.5:4553" */
    char part[LK_REACH_PARTS_MAX][LK_MIS_TEXT];
    struct lk_reach_sa sa[LK_REACH_SAS_MAX];
    size_t captured; /* a part; LK_TRACE_NONE: none is asked for */
};

void lk_reach_make(struct lk_reach *reach, const struct lk_trace *trace);
/* False: no part of the capture has that name. */
bool lk_reach_capture(struct lk_reach *reach, const char *name);
/* Of the SA of a run: the PoS, or where nothing names it, its address and port. */
void lk_reach_pos_text(char text[LK_MIS_TEXT], const struct lk_trace *trace, size_t run);
/* What the captured one has of that SA: "reads", "reads if it alters", "cut off", "nothing"; "not
 * known" of a channel that names nobody; "" when none is asked for. */
const char *lk_reach_captured_text(const struct lk_reach *reach, const struct lk_trace *trace,
                                   size_t sa);
/* Of all SAs that are used, in a sentence or two: what the captured one reads, and what ends it; ""
 * when none is asked for. */
enum { LK_REACH_SENTENCE = 512 };
void lk_reach_sentence(char text[LK_REACH_SENTENCE], const struct lk_reach *reach,
                       const struct lk_trace *trace);
/* "EAP SA 5a010201 of mn1@home.example at a@north.example, in full" */
enum { LK_REACH_TITLE = 288 };
void lk_reach_title(char text[LK_REACH_TITLE], const struct lk_reach *reach,
                    const struct lk_trace *trace, size_t sa);

/* run LK_TRACE_NONE: of all. */
void lk_reach_print(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace,
                    size_t run);
/* A drawing: a row an SA, a column a part. titled: where nothing around it has the title. */
void lk_reach_svg(FILE *to, const struct lk_reach *reach, const struct lk_trace *trace,
                  bool titled);
/* The style sheet for it within a page's class "reach". */
void lk_reach_theme(FILE *to);

#endif
