/* The AAA ends a session: a Disconnect-Request to whoever serves it (RFC 5176), and its answer. */
#ifndef LK_ROLE_DISCONNECT_H
#define LK_ROLE_DISCONNECT_H

#include "base/address.h"
#include "proto/radius/ask.h"
#include "role/config.h"
#include "store/store.h"

enum { LK_DISCONNECT_TEXT = 160 };

struct lk_disconnect {
    const struct lk_config *config; /* the secret of the client is in it */
    uint16_t port;                  /* of the client: 3799 */
    uint32_t retry_ms;              /* first wait; 0: 1,000 */
    uint8_t tries;                  /* 0: 4 */
};

/* A Disconnect-Request for that session; station may be empty. LK_E_FULL: it does not fit. */
LK_MUST_CHECK enum lk_status lk_disconnect_build(struct lk_radius_ask *ask,
                                                 const struct lk_radius_ask_config *config,
                                                 const char *session, const char *station,
                                                 uint8_t identifier, uint64_t now_ms);
/* Why it was refused, in words. */
void lk_disconnect_refused(char why[LK_DISCONNECT_TEXT],
                           const struct lk_radius_ask_outcome *outcome);

/* A client by datagrams is asked by us; one over TLS by the daemon that holds its connections.
 * Waits for the answer. LK_OK: it ended. Otherwise why says in words: LK_E_DENIED refused (with its
 * Error-Cause), LK_E_EXPIRED no answer, LK_E_NOT_FOUND no client row covers it, LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_disconnect(const struct lk_disconnect *how,
                                           const struct lk_accounting *session,
                                           char why[LK_DISCONNECT_TEXT]);

#endif
