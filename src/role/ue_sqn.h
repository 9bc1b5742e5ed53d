/* Where the card of a connection manager keeps its sequence numbers: a card that forgot them would
 * take a challenge again that somebody has recorded.
 *
 * A file of two slots, written in turn: one that was torn leaves the other. It is opened before the
 * process gives up the right to open files, and belongs to one card. What the card has accepted is
 * durable before it answers. */
#ifndef LK_ROLE_UE_SQN_H
#define LK_ROLE_UE_SQN_H

#include "base/imsi.h"
#include "proto/eap/usim.h"

enum { LK_UE_SQN_ERROR_TEXT = 256 };

struct lk_ue_sqn {
    int fd; /* -1: not open */
    struct lk_imsi imsi;
    uint64_t written; /* how often */
};

/* Reads what it holds into usim; one that is not there is made. LK_E_DENIED: it is another card's,
 * or another process has it; LK_E_VALUE: neither slot is whole; LK_E_SYSTEM. error says why. */
LK_MUST_CHECK enum lk_status lk_ue_sqn_open(struct lk_ue_sqn *sqn, struct lk_usim *usim,
                                            const struct lk_imsi *imsi, const char *path,
                                            char error[LK_UE_SQN_ERROR_TEXT]);
/* LK_E_SYSTEM: it is not durable, and what the card says is not to leave. */
LK_MUST_CHECK enum lk_status lk_ue_sqn_write(struct lk_ue_sqn *sqn, const struct lk_usim *usim);
void lk_ue_sqn_close(struct lk_ue_sqn *sqn);

#endif
