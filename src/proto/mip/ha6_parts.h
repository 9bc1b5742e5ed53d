/* Between the files of the home agent's machine of MIPv6 only: ha6.c (rules, proofs, the step),
 * ha6_act.c (handlers), ha6_answer.c (policy, the acknowledgement). */
#ifndef LK_PROTO_MIP_HA6_PARTS_H
#define LK_PROTO_MIP_HA6_PARTS_H

#include "proto/mip/ha6.h"

/* One step under way: ha is the draft. */
struct lk_mip_ha6_serving {
    struct lk_mip_ha6 *ha;
    const struct lk_mip_ha6_config *config;
    const struct lk_mip_ha6_event *event;
    struct lk_mip_ha6_outbox *out;
};

/* The handlers. */
enum lk_status lk_mip_ha6_register(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_move(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_renew(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_release(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_none(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_anothers(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_repeat(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_copied(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_unproven(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_untimely(struct lk_mip_ha6_serving *s);
enum lk_status lk_mip_ha6_end(struct lk_mip_ha6_serving *s);

struct lk_mip_ha6_output *lk_mip_ha6_add(struct lk_mip_ha6_outbox *out,
                                         enum lk_mip_ha6_output_kind kind);

/* What an update is refused with; reason NONE: it is not. */
struct lk_mip_ha6_verdict {
    uint8_t status;
    enum lk_reason reason;
};
/* One that is proven and in order, for what it wants. */
struct lk_mip_ha6_verdict lk_mip_ha6_policy(const struct lk_mip_ha6_event *event);
/* The home address is one that the device may have. */
bool lk_mip_ha6_is_its_own(const struct lk_mip_ha6_event *event);
/* One that is proven, for its order. */
struct lk_mip_ha6_verdict lk_mip_ha6_order(const struct lk_mip_ha6 *ha,
                                           const struct lk_mip_ha6_config *config,
                                           const struct lk_mip_ha6_event *event);
/* The acknowledgement, with its authenticator. */
enum lk_status lk_mip_ha6_acknowledge(struct lk_mip_ha6_serving *s, uint8_t status);

#endif
