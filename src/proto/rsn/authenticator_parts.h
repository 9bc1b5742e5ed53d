/* Between the files of the authenticator only: authenticator.c (rules and step) and
 * authenticator_act.c (handlers). */
#ifndef LK_PROTO_RSN_AUTHENTICATOR_PARTS_H
#define LK_PROTO_RSN_AUTHENTICATOR_PARTS_H

#include "proto/rsn/authenticator.h"
#include "proto/rsn/parts.h"

/* One step under way: a is the draft, frame is set when the event is RECEIVED. */
struct lk_rsn_authenticator_work {
    struct lk_rsn_authenticator *a;
    const struct lk_rsn_config *config;
    const struct lk_rsn_event *event;
    const struct lk_rsn_frame *frame;
    struct lk_rsn_outbox *out;
};

enum lk_status lk_rsn_authenticator_keep_pmk(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_keep_next(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_keep_group(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_owe_group(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_associate(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_rekey(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_take_m2(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_take_m4(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_take_used(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_install_used(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_tell_group(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_ask(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_take_g2(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_retry(struct lk_rsn_authenticator_work *w);
enum lk_status lk_rsn_authenticator_leave(struct lk_rsn_authenticator_work *w);

#endif
