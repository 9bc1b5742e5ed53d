/* Where the card of a connection manager keeps its sequence numbers: a card that forgot them would
 * take a challenge again that somebody has recorded. What the card has accepted is durable before
 * it answers. */
#ifndef LK_ROLE_UE_SQN_H
#define LK_ROLE_UE_SQN_H

#include "proto/eap/usim.h"
#include "role/ue_slots.h"

enum { LK_UE_SQN_ERROR_TEXT = LK_UE_SLOTS_ERROR_TEXT };

/* Reads what it holds into usim; one that is not there is made. Otherwise as lk_ue_slots_open. */
LK_MUST_CHECK enum lk_status lk_ue_sqn_open(struct lk_ue_slots *sqn, struct lk_usim *usim,
                                            const struct lk_imsi *imsi, const char *path,
                                            char error[LK_UE_SQN_ERROR_TEXT]);
/* LK_E_SYSTEM: it is not durable, and what the card says is not to leave. */
LK_MUST_CHECK enum lk_status lk_ue_sqn_write(struct lk_ue_slots *sqn, const struct lk_usim *usim);

#endif
