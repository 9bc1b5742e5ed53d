/* Between the files of the MN's machine only: mn.c (rules and step), mn_act.c (handlers) and
 * mn_answer.c (what is taken of an SPoS's answer). */
#ifndef LK_PROTO_MIS_MN_PARTS_H
#define LK_PROTO_MIS_MN_PARTS_H

#include "proto/mis/mn.h"

/* One step under way: mn is the draft. */
struct lk_mis_mn_work {
    struct lk_mis_mn *mn;
    const struct lk_mis_mn_config *config;
    const struct lk_mis_mn_event *event;
    struct lk_mis_mn_outbox *out;
};

/* mn_act.c */
struct lk_mis_mn_output *lk_mis_mn_put(struct lk_mis_mn_work *w, enum lk_mis_mn_output_kind kind);
void lk_mis_mn_arm(struct lk_mis_mn_work *w, uint64_t at_ms);
/* The run is over, and did not lead to an SA. */
enum lk_status lk_mis_mn_fail(struct lk_mis_mn_work *w, enum lk_reason reason,
                              enum lk_mis_reason told);
/* The same, by what the PoS that was asked answers; by whom it names as target (T45). */
enum lk_status lk_mis_mn_refused(struct lk_mis_mn_work *w, const struct lk_mis_message *answer);
enum lk_status lk_mis_mn_not_there(struct lk_mis_mn_work *w, struct lk_span named);
enum lk_status lk_mis_mn_want(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_go_on(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_note(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_ready(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_serve(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_authenticated(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_retry(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_lost(struct lk_mis_mn_work *w);
enum lk_status lk_mis_mn_give_up(struct lk_mis_mn_work *w);

/* mn_answer.c */
enum lk_status lk_mis_mn_answer(struct lk_mis_mn_work *w);

#endif
