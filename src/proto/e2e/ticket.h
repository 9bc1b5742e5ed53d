/* What a server gives an application for its next session: sealed under a key of the day that all
 * its nodes have, so that none of them keeps anything. Bound to it are server, application, and who
 * it was given to: a ticket is nothing to anybody else (T63). */
#ifndef LK_PROTO_E2E_TICKET_H
#define LK_PROTO_E2E_TICKET_H

#include "keys/e2e.h"
#include "keys/seal.h"
#include "proto/e2e/noise.h"

/* A resumed session's ticket ends with the one that it came with: however often it is used, what a
 * ticket was first made of is not outlived. */
#define LK_E2E_TICKET_LABEL "latchkey-e2e-ticket-1"
enum { LK_E2E_TICKET_LEN = LK_SEAL_OVERHEAD + 1 + 8 + 32 };

struct lk_e2e_holder {
    struct lk_e2e_scope scope;
    struct lk_span identity;          /* at most 255 octets */
    struct lk_noise_point client_key; /* zero: it has none */
    uint8_t row[32]; /* of what the server knows of it, and ends its tickets with; zero: nothing */
};

/* What is in a ticket. Secret. */
struct lk_e2e_ticket {
    uint8_t flags; /* what the session had */
    uint64_t expires_ms;
    struct lk_e2e_resumption resumption;
};

/* keys: of LK_E2E_TICKET_LABEL. */
void lk_e2e_ticket_seal(uint8_t out[LK_E2E_TICKET_LEN], const struct lk_seal_keys *keys,
                        const struct lk_e2e_holder *holder, const struct lk_e2e_ticket *ticket);
/* LK_E_LENGTH, LK_E_MAC: none of ours, or another's; LK_E_EXPIRED. */
LK_MUST_CHECK enum lk_status lk_e2e_ticket_open(struct lk_e2e_ticket *ticket,
                                                const struct lk_seal_keys *keys,
                                                const struct lk_e2e_holder *holder,
                                                struct lk_span sealed, uint64_t now_ms);

#endif
