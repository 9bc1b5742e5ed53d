/* Between the files of the WT's machine only: wt.c (rules and step), wt_act.c (handlers) and
 * wt_say.c (messages, and what is admitted of a message). */
#ifndef LK_PROTO_LWA_WT_PARTS_H
#define LK_PROTO_LWA_WT_PARTS_H

#include "proto/lwa/wt.h"

/* One step under way: wt is the draft. */
struct lk_lwa_wt_work {
    struct lk_lwa_wt *wt;
    const struct lk_lwa_wt_config *config;
    const struct lk_lwa_wt_event *event;
    struct lk_lwa_wt_outbox *out;
};

/* wt_say.c */
struct lk_lwa_wt_output *lk_lwa_wt_put(struct lk_lwa_wt_outbox *out,
                                       enum lk_lwa_wt_output_kind kind);
void lk_lwa_wt_refused(struct lk_lwa_wt_work *w, enum lk_reason reason, const char *expected,
                       const char *came);
void lk_lwa_wt_notice(struct lk_lwa_wt_work *w, enum lk_reason reason, const char *expected,
                      const char *came);
/* Turns down what came, with a cause of the radio network. */
enum lk_status lk_lwa_wt_turn_down(struct lk_lwa_wt_work *w, uint8_t cause, enum lk_reason reason);
/* What of the bearers of an addition can be served; the rest with why. */
void lk_lwa_wt_admit(struct lk_lwa_wt_work *w, struct lk_xwap *answer);
/* The same of a modification: what it adds, changes and takes away. */
void lk_lwa_wt_change(struct lk_lwa_wt_work *w, struct lk_xwap *answer);
void lk_lwa_wt_remove(struct lk_lwa_wt *wt, uint8_t e_rab_id);
/* A message with both ids, to fill in. */
struct lk_xwap lk_lwa_wt_message(const struct lk_lwa_wt *wt, enum lk_xwap_type type);
void lk_lwa_wt_send(struct lk_lwa_wt_work *w, const struct lk_xwap *message);
/* The same, unless the link is down. */
void lk_lwa_wt_ask(struct lk_lwa_wt_work *w);
void lk_lwa_wt_confirm(struct lk_lwa_wt_work *w);
/* To the eNB that had the UE before. */
void lk_lwa_wt_say_taken(struct lk_lwa_wt_work *w, const struct lk_lwa_wt *before);

/* wt_act.c */
enum lk_status lk_lwa_wt_add(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_claim(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_take_over(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_refuse_leaving(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_refuse_foreign(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_modify(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_confirmed(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_not_confirmed(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_released(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_begin(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_finish(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_lose(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_release(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_require(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_expire(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_go_down(struct lk_lwa_wt_work *w);
enum lk_status lk_lwa_wt_come_up(struct lk_lwa_wt_work *w);

#endif
