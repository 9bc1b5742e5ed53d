/* Between the files of the MN only: mis_device.c (events), mis_device_link.c (PDUs in and out),
 * mis_device_move.c (handovers), mis_device_auth.c (full establishment) and mis_device_keys.c (link
 * keys). */
#ifndef LK_NODE_MIS_DEVICE_PARTS_H
#define LK_NODE_MIS_DEVICE_PARTS_H

#include "node/mis_device.h"

/* One step under way. */
struct lk_mis_device_work {
    struct lk_mis_device *d;
    const struct lk_mis_device_config *config;
    const struct lk_mis_device_event *event;
    struct lk_mis_device_outbox *out;
    struct lk_draw draw;
};

/* A message that was heard, on one link. */
struct lk_mis_device_heard {
    uint8_t link;
    const struct lk_mis_header *header;
    const struct lk_mis_opened *opened; /* NULL: it came in clear */
    const struct lk_mis_message *message;
};

/* mis_device.c */
struct lk_mis_device_output *lk_mis_device_add(struct lk_mis_device_work *w,
                                               enum lk_mis_device_output_kind kind, uint8_t link);
struct lk_mis_device_output *lk_mis_device_tell(struct lk_mis_device_work *w,
                                                enum lk_mis_device_fact what, uint8_t link);
void lk_mis_device_refuse(struct lk_mis_device_work *w, enum lk_reason reason,
                          const char *expected, const char *came);
uint8_t lk_mis_device_target(const struct lk_mis_device *d); /* which link */

/* mis_device_link.c */
/* That PoS is at the other end from now on; what there was with another one is over.
 * LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_mis_device_name(struct lk_mis_device_work *w, uint8_t link,
                                                const struct lk_mis_pos *pos);
/* The way there: with the first message, or before it, so that a connection is there by then. */
void lk_mis_device_open(struct lk_mis_device_work *w, uint8_t link);
/* Nobody is at the other end any more. */
void lk_mis_device_leave(struct lk_mis_device_work *w, uint8_t link);
void lk_mis_device_drop_sa(struct lk_mis_device_work *w, uint8_t link);
/* As whom we speak on that link. */
struct lk_span lk_mis_device_self(const struct lk_mis_device_link *link, bool secured);
/* A new SA in the place of what stands there, with the time when it is to be renewed. */
void lk_mis_device_put_sa(struct lk_mis_device_work *w, uint8_t link, const struct lk_mis_sa *sa);
void lk_mis_device_end_before(struct lk_mis_device_work *w, uint8_t link);
/* Behind a new SA: what was asked under the one before, and has no answer, is asked under it. */
void lk_mis_device_ask_again(struct lk_mis_device_work *w, uint8_t link);
/* A message with that list. answers: the request that it answers, or NULL. It goes under the SA
 * where secured. */
struct lk_mis_device_saying {
    enum lk_mis_action action;
    enum lk_mis_opcode opcode;
    struct lk_span list;
    bool secured;
    const struct lk_mis_header *answers;
};
LK_MUST_CHECK enum lk_status lk_mis_device_say(struct lk_mis_device_work *w, uint8_t link,
                                               const struct lk_mis_device_saying *saying);
LK_MUST_CHECK enum lk_status lk_mis_device_hear(struct lk_mis_device_work *w, uint8_t link,
                                                struct lk_span octets);
/* What a PoS asks for under the SA is done, or not, and it is told so under it. */
void lk_mis_device_answer(struct lk_mis_device_work *w, const struct lk_mis_device_heard *heard,
                          enum lk_mis_status result);
/* The way is gone: what was asked of a PoS that is attached to will not be answered. */
void lk_mis_device_cut(struct lk_mis_device_work *w, uint8_t link);
/* What is due on the link; and when. */
void lk_mis_device_settle(struct lk_mis_device_work *w, uint8_t link);
uint64_t lk_mis_device_due_ms(struct lk_mis_device_work *w, uint8_t link);

/* mis_device_move.c */
enum lk_status lk_mis_device_hand_over(struct lk_mis_device_work *w);
enum lk_status lk_mis_device_switch(struct lk_mis_device_work *w);
/* Prereg_Xfer that came; and, where it has a key of X25519, once Z is there. */
enum lk_status lk_mis_device_prereg(struct lk_mis_device_work *w,
                                    const struct lk_mis_device_heard *heard);
enum lk_status lk_mis_device_shared(struct lk_mis_device_work *w);
/* Steps the machine of optimised establishment, and carries out what it says. */
enum lk_status lk_mis_device_to_mn(struct lk_mis_device_work *w, struct lk_mis_mn_event *event);

/* mis_device_keys.c */
/* Push_key that came. */
enum lk_status lk_mis_device_link_keys(struct lk_mis_device_work *w,
                                       const struct lk_mis_device_heard *heard);

/* mis_device_auth.c */
/* A K for that target which only the home has beside us; initiate is where its Initiate is put.
 * LK_E_NOT_FOUND: there is nothing to make one of. */
LK_MUST_CHECK enum lk_status lk_mis_device_own_k(struct lk_mis_device_work *w,
                                                 struct lk_mis_mn_own *own,
                                                 uint8_t initiate[LK_ERP_EARLY_MAX],
                                                 struct lk_span target);
enum lk_status lk_mis_device_authenticate(struct lk_mis_device_work *w, uint8_t link,
                                          bool background);
void lk_mis_device_stop_auth(struct lk_mis_device_work *w);
enum lk_status lk_mis_device_auth_heard(struct lk_mis_device_work *w,
                                        const struct lk_mis_device_heard *heard);
enum lk_status lk_mis_device_card(struct lk_mis_device_work *w);
void lk_mis_device_auth_expired(struct lk_mis_device_work *w);
void lk_mis_device_auth_silent(struct lk_mis_device_work *w, uint8_t link);

#endif
