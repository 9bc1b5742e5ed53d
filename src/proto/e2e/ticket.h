/* What a server gives an application for its next session: sealed under a key of the day that all
 * its nodes have, so that none of them keeps anything. Bound to it are server, application, and who
 * it was given to: a ticket is nothing to anybody else (T63). */
#ifndef LK_PROTO_E2E_TICKET_H
#define LK_PROTO_E2E_TICKET_H

#include "keys/e2e.h"
#include "keys/seal.h"
#include "proto/e2e/noise.h"

#define LK_E2E_TICKET_LABEL "latchkey-e2e-ticket-1"
enum { LK_E2E_TICKET_LEN = LK_SEAL_OVERHEAD + 1 + 8 + 32 };

struct lk_e2e_holder {
    struct lk_e2e_scope scope;
    struct lk_span identity;          /* at most 255 octets */
    struct lk_noise_point client_key; /* zero: it has none */
};

/* keys: of LK_E2E_TICKET_LABEL. flags: what the session had. */
void lk_e2e_ticket_seal(uint8_t out[LK_E2E_TICKET_LEN], const struct lk_seal_keys *keys,
                        const struct lk_e2e_holder *holder, uint8_t flags, uint64_t expires_ms,
                        const struct lk_e2e_resumption *resumption);
/* LK_E_LENGTH, LK_E_MAC: none of ours, or another's; LK_E_EXPIRED. */
LK_MUST_CHECK enum lk_status lk_e2e_ticket_open(uint8_t *flags,
                                                struct lk_e2e_resumption *resumption,
                                                const struct lk_seal_keys *keys,
                                                const struct lk_e2e_holder *holder,
                                                struct lk_span ticket, uint64_t now_ms);

#endif
