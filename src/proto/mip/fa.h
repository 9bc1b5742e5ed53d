/* The foreign agent's machine: one visitor (RFC 5944 3.7, RFC 4721).
 *
 * It looks at a registration request for what concerns it, passes on what the home agent is to
 * have, octet by octet, and passes the answer back. What is between node and home agent it does not
 * touch: it has no key for it. The node above it finds the visitor (by the low half of the
 * Identification, lk_mip_fa_awaits, where a reply comes) and the associations.
 *
 *     REQUEST      a Registration Request of the node, decoded
 *     REPLY        a Registration Reply of the home agent, decoded
 *     UNREACHABLE  the home agent cannot be reached: the code that says how
 *     EXPIRED      the time that TIMER named has come
 *     REVOKED      a Registration Revocation of the home agent, decoded (RFC 3543)
 *     WITHDRAWN    somebody who may says that the visitor is served no more
 *
 *     RELAY        to the home agent; what acknowledges a revocation, too
 *     SEND         to the node
 *     TIMER        there is one; a later one replaces it
 *     SERVED       there is a binding: packets pass, for so long
 *     ENDED        there is none any more
 *     REVOKE       the home agent is to be told that
 *     INFORM       the node is to be told that
 *     REFUSED      why the SEND beside it refuses, or, where there is none, why nothing is said */
#ifndef LK_PROTO_MIP_FA_H
#define LK_PROTO_MIP_FA_H

#include "proto/mip/revoker.h"

struct lk_mip_fa_config {
    struct lk_address care_of;
    uint16_t lifetime_max_s;
    uint32_t wait_ms;         /* for the home agent; then 78 */
    bool reverse;             /* a reverse tunnel is to be had */
    bool reverse_mandatory;
    bool challenge;           /* RFC 4721: a request answers one of ours */
    bool foreign_key;         /* a node must have a key with us, or get one by the reply: 107 */
    bool with_aaa;            /* MN-AAA behind Mobile-Home goes to the home agent as well */
    bool udp;                 /* RFC 3519: it asks home agents for a tunnel in UDP */
    bool revokes;             /* RFC 3543: it offers home agents that each may end a registration */
};
/* 1800 s, 7 s, a reverse tunnel, a challenge, no UDP, no revocation; no care-of address. */
void lk_mip_fa_defaults(struct lk_mip_fa_config *config);

enum lk_mip_fa_state {
    LK_MIP_FA_NONE,
    LK_MIP_FA_PENDING,        /* passed on; nothing is served yet */
    LK_MIP_FA_SERVED,
    LK_MIP_FA_SERVED_PENDING, /* served, and a request was passed on */
    LK_MIP_FA_STATE_COUNT
};

/* What foreign agent and home agent have agreed on (RFC 3543 3.2). */
enum {
    LK_MIP_FA_MAY_REVOKE = 1, /* each may end the other's part */
    LK_MIP_FA_MAY_INFORM = 2, /* and says whether the node is told */
    LK_MIP_FA_OFFERED = 4,    /* to revoke, in the request that is out */
    LK_MIP_FA_OVERTAKEN = 8,  /* the home agent has revoked while a request was out */
};

struct lk_mip_fa {
    uint8_t state;      /* enum lk_mip_fa_state */
    uint8_t revocation; /* LK_MIP_FA_MAY_REVOKE, ... */
    uint16_t asked_s, port;
    struct lk_address from, home, agent; /* of the request that is out */
    uint64_t identification;
    uint64_t challenge; /* hash of the one that it answered; 0: none */
    uint64_t used;      /* of the one before: a challenge is good once */
    uint64_t pending_ms, bound_until_ms, due_ms;
    uint32_t ours_s, theirs_s; /* newest timestamps of RFC 3543: that we gave out; of the home
                                * agent's */
};

enum { LK_MIP_FA_CHALLENGES = 2 }; /* the last that were given out */

enum lk_mip_fa_event_kind {
    LK_MIP_FA_EV_REQUEST = 1,
    LK_MIP_FA_EV_REPLY,
    LK_MIP_FA_EV_UNREACHABLE,
    LK_MIP_FA_EV_EXPIRED,
    LK_MIP_FA_EV_REVOKED,
    LK_MIP_FA_EV_WITHDRAWN,
};

struct lk_mip_fa_event {
    enum lk_mip_fa_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    /* Any but EXPIRED: with the visitor, with the home agent; NULL: there is none. */
    const struct lk_mip_msa *with, *home_with;
    struct lk_span next; /* challenge for the next request; empty: none */
    uint32_t least_s;    /* no timestamp of ours is earlier; 0: any */
    /* REQUEST */
    const struct lk_mip_request *request;
    struct lk_address from; /* of the datagram; REVOKED, too */
    uint16_t port;
    struct lk_span given[LK_MIP_FA_CHALLENGES]; /* challenges */
    struct {
        uint8_t code; /* with which the node above refuses what is right otherwise; 0: none */
        enum lk_reason reason;
    } deny;
    /* REPLY. key: what the AAA gave for the visitor (RFC 3957); NULL: nothing. */
    const struct lk_mip_reply *reply;
    const struct lk_mip_msa *key;
    uint8_t code; /* UNREACHABLE: LK_MIP_CODE_FA_HOME_NETWORK, ... */
    const struct lk_mip_revocation *revocation; /* REVOKED */
};

enum lk_mip_fa_output_kind {
    LK_MIP_FA_OUT_RELAY = 1,
    LK_MIP_FA_OUT_SEND,
    LK_MIP_FA_OUT_TIMER,
    LK_MIP_FA_OUT_SERVED,
    LK_MIP_FA_OUT_ENDED,
    LK_MIP_FA_OUT_REFUSED,
    LK_MIP_FA_OUT_REVOKE,
    LK_MIP_FA_OUT_INFORM,
};

struct lk_mip_fa_output {
    enum lk_mip_fa_output_kind kind;
    union {
        struct {
            struct lk_span octets; /* into the outbox */
            struct lk_address to;
            uint16_t port;
        } send; /* RELAY, SEND */
        uint64_t timer_ms;
        struct {
            struct lk_address home, agent;
            uint16_t lifetime_s;
        } served;
        struct {
            uint8_t code; /* 0: nothing is said */
            struct lk_refusal refusal;
        } refused;
        struct {
            uint32_t identifier;
            bool informs; /* the home agent says whether the node is told */
        } revoke;
    };
};

enum { LK_MIP_FA_OUTPUTS = 4, LK_MIP_FA_OCTETS = LK_MIP_MESSAGE_MAX };

struct lk_mip_fa_outbox {
    size_t count;
    struct lk_mip_fa_output item[LK_MIP_FA_OUTPUTS];
    uint8_t octets[LK_MIP_FA_OCTETS];
};

void lk_mip_fa_init(struct lk_mip_fa *fa);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_fa_step(struct lk_mip_fa *fa,
                                            const struct lk_mip_fa_config *config,
                                            const struct lk_mip_fa_event *event,
                                            struct lk_mip_fa_outbox *out);
/* True when that reply answers the request of this visitor that is out. */
bool lk_mip_fa_awaits(const struct lk_mip_fa *fa, const struct lk_mip_reply *reply);
const struct lk_mip_fa_output *lk_mip_fa_find(const struct lk_mip_fa_outbox *out,
                                              enum lk_mip_fa_output_kind kind);

extern const struct lk_rule_table lk_mip_fa_rules;
const char *lk_mip_fa_state_name(unsigned state);

#endif
