/* Between the files of the target PoS's machine only: tpos.c (rules and step) and tpos_act.c
 * (handlers). */
#ifndef LK_PROTO_MIS_TPOS_PARTS_H
#define LK_PROTO_MIS_TPOS_PARTS_H

#include "proto/mis/tpos.h"

/* One step under way: tpos is the draft; self is what it will be committed to. */
struct lk_mis_tpos_work {
    struct lk_mis_tpos *tpos;
    const struct lk_mis_tpos *self;
    const struct lk_mis_tpos_config *config;
    const struct lk_mis_tpos_event *event;
    struct lk_mis_tpos_outbox *out;
};

enum lk_status lk_mis_tpos_request(struct lk_mis_tpos_work *w);
enum lk_status lk_mis_tpos_told(struct lk_mis_tpos_work *w);
enum lk_status lk_mis_tpos_confirm(struct lk_mis_tpos_work *w);
enum lk_status lk_mis_tpos_confirm_again(struct lk_mis_tpos_work *w);
enum lk_status lk_mis_tpos_proven(struct lk_mis_tpos_work *w);
enum lk_status lk_mis_tpos_expire(struct lk_mis_tpos_work *w);

#endif
