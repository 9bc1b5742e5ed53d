/* Between the files of the UE only: ue.c (rules and step), ue_rrc.c (what a PDU is), ue_lwa.c (what
 * lwa-Configuration says) and ue_act.c (handlers). */
#ifndef LK_PROTO_LWA_UE_PARTS_H
#define LK_PROTO_LWA_UE_PARTS_H

#include "proto/lwa/ue.h"

enum lk_lwa_ue_on {
    LK_LWA_UE_ON_CONTEXT,
    LK_LWA_UE_ON_HANDOVER,
    LK_LWA_UE_ON_SETUP,
    LK_LWA_UE_ON_RELEASE,
    LK_LWA_UE_ON_RECONFIGURATION, /* without LWA */
    LK_LWA_UE_ON_AGAIN,           /* the question that was answered last */
    LK_LWA_UE_ON_STRANGE,         /* the eNB's, and cannot be followed */
    LK_LWA_UE_ON_LINK_UP,
    LK_LWA_UE_ON_LINK_DOWN,
    LK_LWA_UE_ON_EXPIRED,
    LK_LWA_UE_ON_LEAVE,
    LK_LWA_UE_ON_NOTHING,
};

/* A PDU whose MAC-I is right. */
struct lk_lwa_ue_heard {
    bool by_before;             /* on the bearer of the source */
    struct lk_srb srb;          /* of that bearer, behind the PDU */
    uint8_t digest[LK_LWA_UE_ASKED_LEN];
    struct lk_rrc_reconfiguration message;
    struct lk_lwa_ue_lwa lwa;   /* of a set-up: as it will be, but for a key of now */
    enum lk_reason strange;
};

/* One step under way: s is the draft, heard is set when the event is RRC. */
struct lk_lwa_ue_work {
    struct lk_lwa_ue *s;
    const struct lk_lwa_ue_config *config;
    const struct lk_lwa_ue_event *event;
    const struct lk_lwa_ue_heard *heard;
    struct lk_lwa_ue_outbox *out;
};

/* Says what a PDU is, and opens it; the machine is not changed. */
LK_MUST_CHECK enum lk_status lk_lwa_ue_hear(enum lk_lwa_ue_on *on, struct lk_lwa_ue_heard *heard,
                                            const struct lk_lwa_ue *s,
                                            const struct lk_lwa_ue_config *config,
                                            struct lk_span pdu);

bool lk_lwa_ue_has_lwa(const struct lk_lwa_ue *s);
/* What is configured when message has been followed as well. */
void lk_lwa_ue_merge(struct lk_lwa_ue_lwa *lwa, const struct lk_rrc_lwa *message);
/* The access point to associate with: target as it is, where that is still one of them. False:
 * there is none with an address and a name. */
bool lk_lwa_ue_choose(struct lk_lwa_ue_target *target, const struct lk_lwa_ue_lwa *lwa,
                      const struct lk_lwa_ue_config *config);

enum lk_status lk_lwa_ue_take_context(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_hand_over(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_set_up(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_release(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_reconfigure(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_answer_again(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_pass_over(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_link_up(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_lost(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_not_joined(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_expired(struct lk_lwa_ue_work *w);
enum lk_status lk_lwa_ue_leave(struct lk_lwa_ue_work *w);

#endif
