/* A bootstrapping as the store keeps it, RAND and Ks sealed (session_seal.h). */
#ifndef LK_ROLE_BSF_SESSION_H
#define LK_ROLE_BSF_SESSION_H

#include "keys/node.h"
#include "proto/gba/ub.h"
#include "store/sessions.h"

void lk_bsf_session_seal(struct lk_session_row *row, const struct lk_gba_session *session,
                         const struct lk_node_key *key);
/* LK_E_MAC: it is not as it was kept, or of another node key. The caller wipes session. */
LK_MUST_CHECK enum lk_status lk_bsf_session_open(struct lk_gba_session *session,
                                                 const struct lk_session_row *row,
                                                 const struct lk_node_key *key);

#endif
