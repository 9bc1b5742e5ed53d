/* The forwarding of RADIUS: a request of a client becomes one of ours to a server, and the server's
 * answer becomes ours to the client.
 *
 * Nothing is passed on as it came. Each leg has its own secret, identifiers and authenticators, so
 * that Message-Authenticator is verified and made anew on each, and keys that are hidden under one
 * secret are hidden anew under the other. The client's Proxy-State attributes stay here and go back
 * with the answer (RFC 2865 2.3 leaves us the choice), so that nobody who may insert them (A01)
 * reaches the octets of the other leg. Attributes of one vendor, the enterprise, belong to the
 * server's leg: none of them crosses, in either direction.
 *
 * A slot holds one request that is out, or its answer for when the client repeats itself: in memory
 * of the caller, LK_RADIUS_PROXY_IDENTIFIERS for each leg (a socket, or a connection). Only
 * verified requests get one. The oldest answer gives way to a new request; a request that is out
 * does not, before its time is over.
 *
 *     request --> FORWARD, AGAIN   send slot->octets on slot's leg
 *             --> ANSWER           send slot->octets to the client
 *             --> DROP
 *     answer  --> relay, settle    send what relay wrote to the client */
#ifndef LK_PROTO_RADIUS_PROXY_H
#define LK_PROTO_RADIUS_PROXY_H

#include "base/reason.h"
#include "proto/radius/server.h"

enum {
    LK_RADIUS_PROXY_IDENTIFIERS = 256, /* that may be out on one leg at a time */
    LK_RADIUS_PROXY_LEGS_MAX = 64,
    LK_RADIUS_PROXY_ENTROPY = LK_RADIUS_AUTHENTICATOR_LEN,
};

enum lk_radius_proxy_state {
    LK_RADIUS_PROXY_FREE,
    LK_RADIUS_PROXY_OUT,      /* octets: as sent to the server */
    LK_RADIUS_PROXY_ANSWERED, /* octets: as sent to the client */
};

struct lk_radius_proxy_slot {
    enum lk_radius_proxy_state state;
    uint16_t next, previous; /* in the list of those out, or of those to be used again */
    uint16_t chain;          /* in its bucket */
    uint64_t at_ms;          /* when it came into this state */
    uint64_t run;            /* the caller's: which of two requests is the later one */
    uint8_t door;            /* the caller's: where the answer is to leave */
    bool has_station;        /* the caller's: whose request it is */
    bool is_void;            /* the caller's: something happened since, the answer is history */
    uint8_t station[LK_STATION_LEN];
    struct lk_address source; /* the client's request */
    uint16_t source_port;
    uint16_t source_len;
    uint8_t code;
    uint8_t identifier;
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    uint16_t proxy_states_len;
    uint8_t proxy_states[LK_RADIUS_PROXY_STATES_MAX];
    uint16_t len;
    uint8_t octets[LK_RADIUS_PACKET_MAX];
};

struct lk_radius_proxy_list {
    uint16_t first, last;
};

struct lk_radius_proxy {
    struct lk_radius_proxy_slot *slot; /* legs * LK_RADIUS_PROXY_IDENTIFIERS */
    uint16_t *bucket;                  /* as many */
    uint16_t count;
    uint32_t lifetime_ms; /* of a request that is out, and of an answer */
    struct lk_radius_proxy_list out, again; /* oldest first */
};

/* What the memory of a proxy with so many legs must hold. */
size_t lk_radius_proxy_size(size_t legs);
/* memory is aligned to 16 and need not be zeroed. */
void lk_radius_proxy_in(struct lk_radius_proxy *proxy, void *memory, size_t legs,
                        uint32_t lifetime_ms);
/* Which leg and identifier are the slot's. */
size_t lk_radius_proxy_leg(const struct lk_radius_proxy *proxy,
                           const struct lk_radius_proxy_slot *slot);

enum lk_radius_proxy_verdict {
    LK_RADIUS_PROXY_DROP,
    LK_RADIUS_PROXY_FORWARD, /* it is new */
    LK_RADIUS_PROXY_AGAIN,   /* the client repeats what is still out: the same octets again */
    LK_RADIUS_PROXY_ANSWER,  /* the client repeats what was answered */
};

/* A verified request, and where it may go. */
struct lk_radius_proxy_request {
    const struct lk_radius_request *request;
    struct lk_address source;
    uint16_t source_port;
    const struct lk_radius_secret *secret; /* of the server's leg */
    uint32_t enterprise;
    struct lk_span added; /* attributes to be added, encoded */
    uint64_t down;        /* a bit for each leg that nothing can be sent on now */
    uint64_t now_ms;
    const uint8_t *entropy; /* LK_RADIUS_PROXY_ENTROPY octets */
};
/* *slot is NULL on DROP, and *reason says why: all slots are out, no leg is up, or the packet grew
 * too long. A request that is out on a leg that went down takes another leg when it is repeated;
 * while there is none it stays out. */
enum lk_radius_proxy_verdict lk_radius_proxy_request(struct lk_radius_proxy *proxy,
                                                     struct lk_radius_proxy_slot **slot,
                                                     enum lk_reason *reason,
                                                     const struct lk_radius_proxy_request *in);
/* The answer of a server, from that leg: finds whose it is and verifies it. On LK_OK *slot is out,
 * its octets are the request that this answers, and packet views the datagram. Otherwise *reason:
 * nothing like it is out, a wrong authenticator, Message-Authenticator missing (A01; accounting may
 * do without) or wrong. */
LK_MUST_CHECK enum lk_status lk_radius_proxy_answer(struct lk_radius_proxy *proxy,
                                                    struct lk_radius_proxy_slot **slot,
                                                    struct lk_radius_packet *packet,
                                                    enum lk_reason *reason, size_t leg,
                                                    const struct lk_radius_secret *secret,
                                                    struct lk_span datagram);

/* What the answer to the client is made of. */
struct lk_radius_proxy_relay {
    const struct lk_radius_packet *answer;
    const struct lk_radius_secret *server; /* secrets of the two legs */
    const struct lk_radius_secret *client;
    uint32_t enterprise;
    const uint8_t *entropy; /* LK_RADIUS_SALT_LEN octets */
};
/* Writes it: w holds LK_RADIUS_PACKET_MAX octets. LK_E_FULL; LK_E_LENGTH, LK_E_VALUE when a hidden
 * key does not open. */
LK_MUST_CHECK enum lk_status lk_radius_proxy_relay(struct lk_writer *w,
                                                   const struct lk_radius_proxy_slot *slot,
                                                   const struct lk_radius_proxy_relay *relay);
/* Keeps it for repeats. */
void lk_radius_proxy_settle(struct lk_radius_proxy *proxy, struct lk_radius_proxy_slot *slot,
                            struct lk_span answer, uint64_t now_ms);
/* The requests that are out, oldest first: NULL before the first, NULL behind the last. */
struct lk_radius_proxy_slot *lk_radius_proxy_next(struct lk_radius_proxy *proxy,
                                                  const struct lk_radius_proxy_slot *slot);
/* Takes the oldest request whose time is over off the list of those out; false when there is none
 * (any more). */
bool lk_radius_proxy_expire(struct lk_radius_proxy *proxy, uint64_t now_ms);

#endif
