/* Between the files of the mobile node's machine of MIPv6 only: mn6.c (rules, the step), mn6_act.c
 * (handlers), mn6_update.c (what is sent), mn6_reply.c (what is believed). */
#ifndef LK_PROTO_MIP_MN6_PARTS_H
#define LK_PROTO_MIP_MN6_PARTS_H

#include "proto/mip/mn6.h"
#include "proto/mip/mn_time.h"

/* What came back. */
struct lk_mip_mn6_heard {
    struct lk_mobility_message ack;
    struct lk_address home; /* as its packet has it */
    enum lk_reason doubt;   /* why it is not believed; NONE: it is proven */
};

/* One step under way: mn is the draft. */
struct lk_mip_mn6_serving {
    struct lk_mip_mn6 *mn;
    const struct lk_mip_mn6_config *config;
    const struct lk_mip_mn6_event *event;
    const struct lk_mip_mn6_heard *heard;
    struct lk_mip_mn6_outbox *out;
};

/* ---- handlers ---- */

enum lk_status lk_mip_mn6_start(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_move(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_bound(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_released(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_again(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_refused(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_hint(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_drop(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_retry(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_renew(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_take_keys(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_use_keys(struct lk_mip_mn6_serving *s);
enum lk_status lk_mip_mn6_stop(struct lk_mip_mn6_serving *s);

struct lk_mip_mn6_output *lk_mip_mn6_add(struct lk_mip_mn6_outbox *out,
                                         enum lk_mip_mn6_output_kind kind);

/* ---- what is sent ---- */

/* The first of a new update. */
void lk_mip_mn6_prepare(struct lk_mip_mn6 *mn);
/* The update, with a sequence number and a MESG-ID of its own, and the time by which it is sent
 * again. LK_E_EXPIRED: there is no key to prove it by. */
enum lk_status lk_mip_mn6_send(struct lk_mip_mn6_serving *s);

/* ---- what is believed ---- */

/* Decodes the packet of the event and judges it by the update that is out: heard->doubt. */
void lk_mip_mn6_hear(struct lk_mip_mn6_heard *heard, const struct lk_mip_mn6 *mn,
                     const struct lk_mip_mn6_event *event);

#endif
