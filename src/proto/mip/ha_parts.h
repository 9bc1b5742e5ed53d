/* Between the files of the home agent's machine only: ha.c (rules, proofs, the step), ha_act.c
 * (handlers), ha_answer.c (the reply), ha_revoke.c (revocations, of either side). */
#ifndef LK_PROTO_MIP_HA_PARTS_H
#define LK_PROTO_MIP_HA_PARTS_H

#include "proto/mip/ha.h"

/* One step under way: ha is the draft. */
struct lk_mip_ha_serving {
    struct lk_mip_ha *ha;
    const struct lk_mip_ha_config *config;
    const struct lk_mip_ha_event *event;
    struct lk_mip_ha_outbox *out;
};

/* The handlers. */
enum lk_status lk_mip_ha_register(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_move(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_renew(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_release(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_keep(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_anothers(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_repeat(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_copied(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_unproven(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_untimely(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_agent_unproven(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_end(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_revoked(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_acknowledge(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_doubt(struct lk_mip_ha_serving *s);
enum lk_status lk_mip_ha_withdraw(struct lk_mip_ha_serving *s);

/* The binding is nobody's. */
void lk_mip_ha_leave(struct lk_mip_ha *ha);
/* What a foreign agent's revocation is for this binding. */
enum lk_mip_ha_revocation {
    LK_MIP_HA_REVOCATION_DOUBTED, /* not proven, or not of what was agreed, or old */
    LK_MIP_HA_REVOCATION_EMPTY,   /* the agent has nothing of it, and is to hear so */
    LK_MIP_HA_REVOCATION_GOOD,
};
enum lk_mip_ha_revocation lk_mip_ha_judge_revocation(const struct lk_mip_ha *ha,
                                                     const struct lk_mip_ha_event *event);
/* What the foreign agent of an accepted request says of revocation, and what we say to it. */
void lk_mip_ha_agree(struct lk_mip_ha_serving *s);
void lk_mip_ha_put_agreed(struct lk_writer *w, const struct lk_mip_ha_serving *s);
/* The foreign agent that there was has the device no more, if it is not the one of the event. */
void lk_mip_ha_revoke_left(struct lk_mip_ha_serving *s);
/* A request that was sent before its foreign agent revoked. */
bool lk_mip_ha_is_overtaken(const struct lk_mip_ha_serving *s);

struct lk_mip_ha_output *lk_mip_ha_add(struct lk_mip_ha_outbox *out,
                                       enum lk_mip_ha_output_kind kind);

/* Why a request that is proven and in time is not granted; NONE: it is. code: as the reply says. */
enum lk_reason lk_mip_ha_policy(uint8_t *code, const struct lk_mip_ha_serving *s);
/* Why the Identification is out of order; NONE: it is not. */
enum lk_reason lk_mip_ha_untimeliness(const struct lk_mip_ha *ha,
                                      const struct lk_mip_ha_config *config,
                                      const struct lk_mip_ha_event *event);
/* Who asks for the tunnel in UDP of RFC 3519, with what proves it: the mobile node before
 * Mobile-Home, or its foreign agent behind it. */
enum lk_mip_ha_asker { LK_MIP_HA_NOBODY, LK_MIP_HA_NODE, LK_MIP_HA_AGENT };
enum lk_mip_ha_asker lk_mip_ha_asks_udp(const struct lk_mip_ha_event *event);
/* What the device's next Identification must have in its high half, where it uses nonces: of whose
 * it is and of the last that was accepted, so that it is another one behind that. */
uint32_t lk_mip_ha_nonce(const struct lk_mip_ha *ha, const struct lk_mip_ha_config *config,
                         const struct lk_mip_ha_event *event);
/* The reply, with the authenticators that it needs. */
enum lk_status lk_mip_ha_reply(struct lk_mip_ha_serving *s, uint8_t code);

#endif
