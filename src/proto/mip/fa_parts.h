/* Between the files of the foreign agent's machine only: fa.c (rules, the step), fa_judge.c (what
 * is refused), fa_act.c (handlers), fa_revoke.c (revocations, of either side). */
#ifndef LK_PROTO_MIP_FA_PARTS_H
#define LK_PROTO_MIP_FA_PARTS_H

#include "proto/mip/fa.h"

/* One step under way: fa is the draft. */
struct lk_mip_fa_serving {
    struct lk_mip_fa *fa;
    const struct lk_mip_fa_config *config;
    const struct lk_mip_fa_event *event;
    enum lk_reason reason; /* why it is refused, and the code that says so */
    uint8_t code;
    struct lk_mip_fa_outbox *out;
};

enum lk_status lk_mip_fa_relay(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_refuse(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_served(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_denied(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_failed(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_end(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_revoked(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_acknowledge(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_doubt(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_withdraw(struct lk_mip_fa_serving *s);

/* What a home agent's revocation is for this visitor. */
enum lk_mip_fa_revocation {
    LK_MIP_FA_REVOCATION_DOUBTED, /* not proven, or not of what was agreed, or old */
    LK_MIP_FA_REVOCATION_EMPTY,   /* there is nothing to end, which the home agent is to hear */
    LK_MIP_FA_REVOCATION_GOOD,
};
enum lk_mip_fa_revocation lk_mip_fa_judge_revocation(const struct lk_mip_fa *fa,
                                                     const struct lk_mip_fa_config *config,
                                                     const struct lk_mip_fa_event *event);
/* What we say of revocation in a request that is passed on, and what an accepted reply says. */
void lk_mip_fa_offer(struct lk_mip_fa_serving *s, struct lk_writer *w);
void lk_mip_fa_agree(struct lk_mip_fa_serving *s);
/* A reply that was sent before its home agent revoked. */
bool lk_mip_fa_is_overtaken(const struct lk_mip_fa *fa, const struct lk_mip_reply *reply);

/* The next time is then. */
void lk_mip_fa_due(struct lk_mip_fa_serving *s, uint64_t at_ms);
/* No request is out any more. */
void lk_mip_fa_settle(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_send(struct lk_mip_fa_serving *s, const struct lk_writer *w,
                              enum lk_mip_fa_output_kind kind, const struct lk_address *to,
                              uint16_t port);

/* Why a request is not passed on, or a reply not passed back, and the code; NONE: it is. */
enum lk_reason lk_mip_fa_judge_request(uint8_t *code, const struct lk_mip_fa *fa,
                                       const struct lk_mip_fa_config *config,
                                       const struct lk_mip_fa_event *event);
enum lk_reason lk_mip_fa_judge_reply(uint8_t *code, const struct lk_mip_fa *fa,
                                     const struct lk_mip_fa_config *config,
                                     const struct lk_mip_fa_event *event);

struct lk_mip_fa_output *lk_mip_fa_add(struct lk_mip_fa_outbox *out,
                                       enum lk_mip_fa_output_kind kind);
/* A challenge's; never 0. */
uint64_t lk_mip_fa_hash(struct lk_span challenge);

#endif
