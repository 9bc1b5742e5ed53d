/* Between the files of the supplicant only: supplicant.c (rules and step) and supplicant_act.c
 * (handlers). */
#ifndef LK_PROTO_RSN_SUPPLICANT_PARTS_H
#define LK_PROTO_RSN_SUPPLICANT_PARTS_H

#include "proto/rsn/parts.h"
#include "proto/rsn/supplicant.h"

/* One step under way: s is the draft, frame is set when the event is RECEIVED. */
struct lk_rsn_supplicant_work {
    struct lk_rsn_supplicant *s;
    const struct lk_rsn_config *config;
    const struct lk_rsn_event *event;
    const struct lk_rsn_frame *frame;
    struct lk_rsn_outbox *out;
};

enum lk_status lk_rsn_supplicant_take_pmk(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_associate(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_take_m1(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_take_m3(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_repeat_m4(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_take_g1(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_give_up(struct lk_rsn_supplicant_work *w);
enum lk_status lk_rsn_supplicant_leave(struct lk_rsn_supplicant_work *w);

#endif
