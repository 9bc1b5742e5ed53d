/* Between the files of the peer only: peer.c (rules and step), peer_act.c (handlers). */
#ifndef LK_PROTO_ERP_PEER_PARTS_H
#define LK_PROTO_ERP_PEER_PARTS_H

#include "proto/erp/peer.h"

enum lk_erp_peer_on {
    LK_ERP_PEER_ON_CONTEXT,
    LK_ERP_PEER_ON_START,
    LK_ERP_PEER_ON_EARLY,
    LK_ERP_PEER_ON_REAUTH_START, /* of an authenticator */
    LK_ERP_PEER_ON_FINISH,
    LK_ERP_PEER_ON_REFUSED, /* a Finish with R */
    LK_ERP_PEER_ON_EXPIRED,
    LK_ERP_PEER_ON_FORGET,
    LK_ERP_PEER_ON_COUNT,
};

/* One step under way: s is the draft; packet is set when the event is RECEIVED. */
struct lk_erp_peer_work {
    struct lk_erp_peer *s;
    const struct lk_erp_peer_config *config;
    const struct lk_erp_peer_event *event;
    const struct lk_erp *packet;
    struct lk_erp_outbox *out;
};

enum lk_status lk_erp_peer_take(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_begin(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_early(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_begin_anew(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_say_again(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_finish(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_refused(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_expired(struct lk_erp_peer_work *w);
enum lk_status lk_erp_peer_forget(struct lk_erp_peer_work *w);

#endif
