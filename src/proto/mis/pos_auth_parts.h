/* Between the files of the PoS's machine only: pos_auth.c (rules and step), pos_auth_act.c
 * (handlers). */
#ifndef LK_PROTO_MIS_POS_AUTH_PARTS_H
#define LK_PROTO_MIS_POS_AUTH_PARTS_H

#include "proto/mis/auth_parts.h"
#include "proto/mis/pos_auth.h"

enum lk_mis_pos_auth_on {
    LK_MIS_POS_AUTH_ON_START,
    LK_MIS_POS_AUTH_ON_INDICATION,   /* the MN begins */
    LK_MIS_POS_AUTH_ON_RESPONSE,     /* with a packet of EAP or ERP */
    LK_MIS_POS_AUTH_ON_CONFIRMATION, /* with AUTH-T */
    LK_MIS_POS_AUTH_ON_DECLINED,     /* with neither */
    LK_MIS_POS_AUTH_ON_EAP,
    LK_MIS_POS_AUTH_ON_KEYS,
    LK_MIS_POS_AUTH_ON_REFUSED,
    LK_MIS_POS_AUTH_ON_SILENT,
    LK_MIS_POS_AUTH_ON_EXPIRED,
    LK_MIS_POS_AUTH_ON_COUNT,
};

/* One step under way: s is the draft. */
struct lk_mis_pos_auth_work {
    struct lk_mis_pos_auth *s;
    const struct lk_mis_auth_config *config;
    const struct lk_mis_auth_event *event;
    struct lk_mis_auth_outbox *out;
};

enum lk_status lk_mis_pos_auth_begin(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_begin_for(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_pass_over(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_hand_on(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_ask_otherwise(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_say(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_accept(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_refuse(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_confirm(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_not_confirmed(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_silent(struct lk_mis_pos_auth_work *w);
enum lk_status lk_mis_pos_auth_expired(struct lk_mis_pos_auth_work *w);

#endif
