/* Between the files of the MN's machine only: mn_auth.c (rules and step), mn_auth_act.c (handlers).
 */
#ifndef LK_PROTO_MIS_MN_AUTH_PARTS_H
#define LK_PROTO_MIS_MN_AUTH_PARTS_H

#include "proto/mis/auth_parts.h"
#include "proto/mis/mn_auth.h"

enum lk_mis_mn_auth_on {
    LK_MIS_MN_AUTH_ON_START,
    LK_MIS_MN_AUTH_ON_REQUEST, /* with a packet of EAP or ERP */
    LK_MIS_MN_AUTH_ON_FINAL,   /* the last one */
    LK_MIS_MN_AUTH_ON_REFUSAL, /* a status that is not success */
    LK_MIS_MN_AUTH_ON_EAP,
    LK_MIS_MN_AUTH_ON_KEYS,
    LK_MIS_MN_AUTH_ON_REFUSED, /* by our own EAP */
    LK_MIS_MN_AUTH_ON_SILENT,
    LK_MIS_MN_AUTH_ON_EXPIRED,
    LK_MIS_MN_AUTH_ON_COUNT,
};

/* One step under way: s is the draft. */
struct lk_mis_mn_auth_work {
    struct lk_mis_mn_auth *s;
    const struct lk_mis_auth_config *config;
    const struct lk_mis_auth_event *event;
    struct lk_mis_auth_outbox *out;
};

enum lk_status lk_mis_mn_auth_begin(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_hear(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_say(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_hear_last(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_confirm(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_hear_no(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_say_no(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_silent(struct lk_mis_mn_auth_work *w);
enum lk_status lk_mis_mn_auth_expired(struct lk_mis_mn_auth_work *w);

#endif
