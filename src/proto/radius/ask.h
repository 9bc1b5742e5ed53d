/* The client's side of dynamic authorisation (RFC 5176): a request of the AAA that is out.
 *
 * A plain struct. It holds the octets, which are sent again unchanged until they are answered, for
 * a changed request would be another request; the caller sends them, and calls due at due_ms. */
#ifndef LK_PROTO_RADIUS_ASK_H
#define LK_PROTO_RADIUS_ASK_H

#include "proto/radius/dynamic.h"

enum { LK_RADIUS_ASK_MAX = 1024 };

struct lk_radius_ask_config {
    const struct lk_radius_secret *secret;
    uint32_t retry_ms; /* first wait; doubles; 0: 2,000 */
    uint8_t tries;     /* sendings in all; 0: 5 */
};

/* Secret when its attributes are. */
struct lk_radius_ask {
    bool out; /* a request waits for its answer */
    uint8_t sent;
    uint32_t wait_ms;
    uint64_t due_ms; /* when lk_radius_ask_due is to be called */
    size_t len;
    uint8_t octets[LK_RADIUS_ASK_MAX]; /* to be sent */
};

/* Begins a request in ask->octets; the caller puts what identifies the session, then ends it.
 * code: DISCONNECT_REQUEST or COA_REQUEST. Its authenticator is a digest of what is in it, so that
 * attributes cannot be hidden under that: hide them under sixteen zeroes (so does FreeRADIUS), with
 * salts that never repeat under one secret, and only on a leg that is protected. */
struct lk_writer lk_radius_ask_begin(struct lk_radius_ask *ask, enum lk_radius_code code,
                                     uint8_t identifier, uint64_t now_ms);
/* Signs it; it is to be sent now. LK_E_FULL when it did not fit. */
LK_MUST_CHECK enum lk_status lk_radius_ask_end(struct lk_radius_ask *ask,
                                               const struct lk_radius_ask_config *config,
                                               struct lk_writer *w, uint64_t now_ms);
enum lk_radius_ask_next {
    LK_RADIUS_ASK_NOTHING, /* not due, or nothing is out */
    LK_RADIUS_ASK_AGAIN,   /* send ask->octets again */
    LK_RADIUS_ASK_GIVE_UP,
};
enum lk_radius_ask_next lk_radius_ask_due(struct lk_radius_ask *ask,
                                          const struct lk_radius_ask_config *config,
                                          uint64_t now_ms, const uint8_t entropy[2]);

struct lk_radius_ask_outcome {
    bool ack;
    bool has_cause;
    uint32_t cause;
};
/* LK_OK: the answer to the request that was out. Otherwise it is dropped and the request stays
 * out: LK_E_UNEXPECTED, LK_E_MAC, LK_E_MISSING (A01), LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_radius_ask_received(struct lk_radius_ask *ask,
                                                    const struct lk_radius_ask_config *config,
                                                    struct lk_span datagram,
                                                    struct lk_radius_ask_outcome *outcome);

#endif
