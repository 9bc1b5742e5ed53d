/* Between the files of the BSF only: bsf.c (rules and step), bsf_act.c (handlers). */
#ifndef LK_PROTO_GBA_BSF_PARTS_H
#define LK_PROTO_GBA_BSF_PARTS_H

#include "proto/gba/bsf.h"

/* One step under way: s is the draft. */
struct lk_gba_bsf_work {
    struct lk_gba_bsf *s;
    const struct lk_gba_bsf_config *config;
    const struct lk_gba_bsf_event *event;
    struct lk_gba_bsf_outbox *out;
};

enum lk_status lk_gba_bsf_judge(struct lk_gba_bsf_work *w);
enum lk_status lk_gba_bsf_named(struct lk_gba_bsf_work *w);
enum lk_status lk_gba_bsf_unnamed(struct lk_gba_bsf_work *w);
enum lk_status lk_gba_bsf_challenge(struct lk_gba_bsf_work *w);
enum lk_status lk_gba_bsf_no_vector(struct lk_gba_bsf_work *w);
enum lk_status lk_gba_bsf_no_resync(struct lk_gba_bsf_work *w);

#endif
