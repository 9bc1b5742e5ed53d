/* Between the files of the UE only: ue.c (rules and step), ue_act.c (handlers). */
#ifndef LK_PROTO_GBA_UE_PARTS_H
#define LK_PROTO_GBA_UE_PARTS_H

#include "proto/gba/ue.h"

/* One step under way: s is the draft. */
struct lk_gba_ue_work {
    struct lk_gba_ue *s;
    const struct lk_gba_ue_config *config;
    const struct lk_gba_ue_event *event;
    struct lk_gba_ue_outbox *out;
};

enum lk_status lk_gba_ue_begin(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_challenged(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_respond(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_prove(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_finish(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_silent(struct lk_gba_ue_work *w);
enum lk_status lk_gba_ue_unread(struct lk_gba_ue_work *w);

#endif
