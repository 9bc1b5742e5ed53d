/* Between the files of the mobile node's machine only: mn.c (rules, the step), mn_act.c (handlers),
 * mn_request.c (what is sent), mn_reply.c (what is believed). */
#ifndef LK_PROTO_MIP_MN_PARTS_H
#define LK_PROTO_MIP_MN_PARTS_H

#include "proto/mip/mn.h"
#include "proto/mip/mn_time.h"

/* What a reply brings, once it is proven. Secret. */
struct lk_mip_mn_heard {
    struct lk_mip_reply reply;
    enum lk_reason doubt; /* why it is not believed; NONE: it is proven */
    bool has_home, has_foreign; /* there is a new association with that agent */
    struct lk_mip_msa home, foreign;
};

/* One step under way: mn is the draft. */
struct lk_mip_mn_serving {
    struct lk_mip_mn *mn;
    const struct lk_mip_mn_config *config;
    const struct lk_mip_mn_event *event;
    struct lk_mip_mn_heard *heard;
    struct lk_mip_mn_outbox *out;
};

/* ---- handlers ---- */

enum lk_status lk_mip_mn_start(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_move(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_bound(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_released(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_again(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_redirect(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_refused(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_hint(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_drop(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_retry(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_renew(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_take_keys(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_use_keys(struct lk_mip_mn_serving *s);
enum lk_status lk_mip_mn_stop(struct lk_mip_mn_serving *s);

struct lk_mip_mn_output *lk_mip_mn_add(struct lk_mip_mn_outbox *out,
                                       enum lk_mip_mn_output_kind kind);

/* ---- what is sent ---- */

bool lk_mip_mn_has_fa(const struct lk_mip_mn *mn);
/* What it shares with that foreign agent is over. */
void lk_mip_mn_leave_fa(struct lk_mip_mn *mn);
/* Decides what a new request asks for; renewal: there is time to ask for new keys. False: there is
 * no key to prove it by. */
bool lk_mip_mn_prepare(struct lk_mip_mn_serving *s, bool renewal);
/* Nobody answers: perhaps the agent has lost the key of this node, as after a restart, and cannot
 * say so. Then, each other time, another one is asked for of the home AAA. */
void lk_mip_mn_doubt_keys(struct lk_mip_mn_serving *s);
/* The request, with an Identification of its own, and the time by which it is sent again. */
enum lk_status lk_mip_mn_send(struct lk_mip_mn_serving *s);

/* ---- what is believed ---- */

/* Decodes the datagram of the event and judges it by the request that is out: heard->doubt. */
void lk_mip_mn_hear(struct lk_mip_mn_heard *heard, const struct lk_mip_mn *mn,
                    const struct lk_mip_mn_config *config, const struct lk_mip_mn_event *event);
/* A code of a foreign agent. */
bool lk_mip_mn_is_fas(uint8_t code);
/* T24: by its hash, in whatever role. */
void lk_mip_mn_remember(struct lk_mip_mn *mn, struct lk_span nonce);

#endif
