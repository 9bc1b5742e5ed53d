/* Between the files of the serving PoS's machine only: spos.c (rules and step) and spos_act.c
 * (handlers). */
#ifndef LK_PROTO_MIS_SPOS_PARTS_H
#define LK_PROTO_MIS_SPOS_PARTS_H

#include "proto/mis/spos.h"

/* One step under way: spos is the draft. */
struct lk_mis_spos_work {
    struct lk_mis_spos *spos;
    const struct lk_mis_spos_config *config;
    const struct lk_mis_spos_event *event;
    struct lk_mis_spos_outbox *out;
};

enum lk_status lk_mis_spos_request(struct lk_mis_spos_work *w);
enum lk_status lk_mis_spos_answer(struct lk_mis_spos_work *w);
enum lk_status lk_mis_spos_no_target(struct lk_mis_spos_work *w);
enum lk_status lk_mis_spos_forget(struct lk_mis_spos_work *w);

#endif
