/* What a store keeps of a key in use, sealed: under a key of the node key and of the day that it
 * was made, bound to all that the row
 * has in clear: whose it is, its names, and both times. So a store that is read has no
 * key, one that is altered gives nobody another's, and any node of the service opens it. */
#ifndef LK_ROLE_SESSION_SEAL_H
#define LK_ROLE_SESSION_SEAL_H

#include "keys/node.h"
#include "store/sessions.h"

enum { LK_SESSION_PLAIN = 48 }; /* at most: RAND and Ks */

/* All else of row is set. */
void lk_session_seal(struct lk_session_row *row, struct lk_span plain,
                     const struct lk_node_key *key);
/* LK_E_MAC: it is not as it was kept, or of another node key, or not of len octets. The caller
 * wipes plain. */
LK_MUST_CHECK enum lk_status lk_session_open(uint8_t *plain, size_t len,
                                             const struct lk_session_row *row,
                                             const struct lk_node_key *key);

#endif
