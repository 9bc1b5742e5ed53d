/* What the files of the UE's machine share: a step in work, and the handlers. */
#ifndef LK_PROTO_WLCP_UE_PARTS_H
#define LK_PROTO_WLCP_UE_PARTS_H

#include "proto/wlcp/ue.h"

struct lk_wlcp_ue_work {
    struct lk_wlcp_ue *ue;           /* the draft */
    struct lk_wlcp_ue_connection *c; /* the connection in question */
    const struct lk_wlcp_ue_config *config;
    const struct lk_wlcp_event *event;
    const struct lk_wlcp_message *message; /* RECEIVED */
    struct lk_wlcp_outbox *out;
};

enum lk_status lk_wlcp_ue_ask(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_take_back(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_complete(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_complete_again(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_rejected(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_disconnect(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_disconnected(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_not_disconnected(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_let_go(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_modify(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_modified(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_not_modified(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_accept_modification(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_refuse_modification(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_again(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_stopped(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_lost(struct lk_wlcp_ue_work *w);
enum lk_status lk_wlcp_ue_moved(struct lk_wlcp_ue_work *w);

/* An answer without contents of its own: type, PTI, and a cause where the type has one. With keep,
 * it is there for a repeat of the request. */
enum lk_status lk_wlcp_ue_answer(struct lk_wlcp_ue_work *w, enum lk_wlcp_type type, uint8_t cause,
                                 bool keep);
/* STATUS with the PTI of the message, and the notice of it. */
enum lk_status lk_wlcp_ue_status(struct lk_wlcp_ue_work *w, uint8_t pti, uint8_t cause,
                                 enum lk_reason reason);

#endif
