/* What the files of the TWAG's machine share: a step in work, the pool, and the handlers. */
#ifndef LK_PROTO_WLCP_TWAG_PARTS_H
#define LK_PROTO_WLCP_TWAG_PARTS_H

#include "proto/wlcp/twag.h"

struct lk_wlcp_twag_work {
    struct lk_wlcp_twag *ue;        /* drafts, all three */
    struct lk_wlcp_twag_pool *pool;
    struct lk_wlcp_twag_pdn pdn;
    uint32_t row;                   /* of pdn; LK_WLCP_NO_ROW: there is none to be had */
    bool has_pdn;
    bool fresh;                     /* the row is not the UE's yet */
    const struct lk_wlcp_twag_config *config;
    const struct lk_wlcp_event *event;
    const struct lk_wlcp_message *message; /* RECEIVED */
    uint8_t digest[LK_WLCP_DIGEST_LEN];    /* of its octets */
    struct lk_wlcp_outbox *out;
};

/* The pool: a row for use, the first that is free, taken into the UE; given back. */
void lk_wlcp_twag_pool_load(struct lk_wlcp_twag_work *w, uint32_t row);
void lk_wlcp_twag_pool_fresh(struct lk_wlcp_twag_work *w);
void lk_wlcp_twag_pool_commit(struct lk_wlcp_twag_work *w);
uint8_t lk_wlcp_twag_pool_id(const struct lk_wlcp_twag_work *w);

enum lk_status lk_wlcp_twag_judge(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_one_only(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_wait(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_accept(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_accept_again(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_refused(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_no_binding(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_turn_down(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_completed(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_given_up(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_release(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_unbound(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_note_unbound(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_let_go(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_disconnected(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_accept_modification(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_refuse_modification(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_modify(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_modified(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_not_modified(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_again(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_lost(struct lk_wlcp_twag_work *w);
enum lk_status lk_wlcp_twag_moved(struct lk_wlcp_twag_work *w);

/* What an answer that may be asked for again is made of. */
struct lk_wlcp_reply {
    enum lk_wlcp_type type;
    uint8_t cause; /* 0: none */
    uint8_t tw1;   /* 0: none */
    uint8_t dns;   /* servers to tell */
    bool keep;
};
enum lk_status lk_wlcp_twag_reply(struct lk_wlcp_twag_work *w, const struct lk_wlcp_reply *reply);
enum lk_status lk_wlcp_twag_repeat(struct lk_wlcp_twag_work *w,
                                   const struct lk_wlcp_answer *answer);
enum lk_status lk_wlcp_twag_notice(struct lk_wlcp_twag_work *w, enum lk_reason reason,
                                   uint8_t cause);

#endif
