/* A foreign agent of Mobile IPv4: who visits, from datagram to datagram.
 *
 *     visitor ==UDP 434: registrations, packets==> node/fa ==UDP 434: the same==> home agent
 *
 * A visitor is where it registers from: that address and port are its link here, and one row of the
 * table. A request is looked at from the cheapest on: what its source may send, whether it can be
 * read, its challenge, what it wants (proto/mip/fa). What leaves something behind is only what is
 * passed on to a home agent: so many at once wait for their answer, and the oldest of them gives
 * way (T15). A challenge is made of where it goes to, under a key of the process: who never got it
 * at that address and port leaves nothing behind at all.
 *
 * Packets pass while the home agent says so: from where the visitor registered, with its home
 * address as source (T33), to its home agent; and from there to it (T16). Both ways in the tunnel
 * of RFC 3519, and octets are counted to the visitor and its stay (T14). */
#ifndef LK_NODE_FA_H
#define LK_NODE_FA_H

#include "base/budgets.h"
#include "node/mip_msas.h"
#include "proto/mip/fa.h"
#include "proto/mip/revoker.h"
#include "wire/ip.h"

enum {
    LK_FA_HOME_AGENTS = 16,
    LK_FA_NAI = 96,       /* of a name that is shown, terminated: a longer one is cut off */
    LK_FA_KEY = 16,
    LK_FA_CHALLENGE = 24, /* octets */
    LK_FA_REVOKING = 64,  /* visitors of whom home agents are being told that they are served no
                           * more */
};

struct lk_fa_place {
    struct lk_address address;
    uint16_t port;
};

/* One that registrations are passed on to: there are no others. */
struct lk_fa_home_agent {
    struct lk_fa_place at;
    struct lk_mip_msa msa; /* Foreign-Home. Secret */
};

struct lk_fa_config {
    struct lk_mip_fa_config mip;
    struct lk_mip_revoker_config revoker;
    size_t home_agent_count;
    struct lk_fa_home_agent home_agent[LK_FA_HOME_AGENTS];
    uint32_t visitors, pending; /* rows; of them at once those whose first request is out. They stay
                                 * what they are from init on */
    uint32_t rate, source_rate; /* requests a second: to home agents, of one address */
    uint32_t challenge_ms;      /* a challenge is good in the interval that it was made in, and in
                                 * the next one */
    uint16_t advertised_s;      /* lifetime of an advertisement */
    uint8_t challenge_key[LK_FA_KEY]; /* random; secret */
    bool asks_bsf, asks_aaa; /* for keys with nodes: as NAF (S4 7.3.5); by RFC 3957 */
    uint32_t enterprise;     /* vendor of the extension with a B-TID */
};
/* The machine's, with a reverse tunnel a must, in UDP, and revocation; 1,024 visitors, 256 that
 * wait; 1,000 requests a second, 20 of one address; a minute; half a minute. No address, home
 * agent, key. */
void lk_fa_defaults(struct lk_fa_config *config);

/* What was seen; sums. */
struct lk_fa_counters {
    uint64_t requests, relayed, over_budget, malformed, refused;
    uint64_t replies, replies_unknown; /* T12: to nobody who waits, or from no home agent of ours */
    uint64_t arrived, renewed, left, made_room; /* the last: those who waited, and gave way */
    uint64_t solicited, advertised;
    uint64_t asked; /* questions to BSF and AAA */
    /* RFC 3543: of home agents; visitors whom they ended; ours, of them acknowledged, and not;
     * visitors who were told */
    uint64_t revocations, revoked, revocations_said, revocations_acked, revocations_lost, informed;
    uint64_t up_packets, up_octets, down_packets, down_octets;
    uint64_t up_unbound, down_unbound; /* T16, T33 */
    uint64_t packets_malformed, hops;
};

enum lk_fa_event_kind {
    LK_FA_EV_DATAGRAM = 1, /* a message, or a packet in the tunnel, of a visitor or a home agent */
    LK_FA_EV_UNREACHABLE,  /* nothing listens at that home agent's port */
    LK_FA_EV_TICK,         /* call it some times a second */
    LK_FA_EV_REVOKE,       /* somebody who may says that a visitor is served no more */
};

/* What the AAA said of a request. Secret. */
struct lk_fa_grant {
    enum lk_reason reason; /* NONE: MN-AAA is proven; else why not: 108 */
    bool has_key;
    struct lk_mip_msa key; /* MN-FA */
};

/* Either is given again while the outbox says MORE. */
struct lk_fa_event {
    enum lk_fa_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    struct lk_fa_place from;
    struct lk_span octets; /* DATAGRAM */
    struct lk_address home; /* REVOKE */
    /* A DATAGRAM given again, behind ASK to the AAA: what that said. NULL: it was not asked. */
    const struct lk_fa_grant *grant;
    /* The same behind ASK to the BSF: the key of the B-TID, for the SPI that the request has. Kept
     * when the request that it has proven is served, and of no use otherwise. */
    const struct lk_mip_msa *key;
};

enum lk_fa_change {
    LK_FA_ARRIVED = 1,
    LK_FA_RENEWED,
    LK_FA_RELEASED,  /* by the node */
    LK_FA_ENDED,     /* its lifetime */
    LK_FA_ELSEWHERE, /* it has registered from another place of ours */
    LK_FA_REVOKED,   /* by its home agent */
    LK_FA_WITHDRAWN, /* here */
};

/* A visitor as it is told of; home is 0.0.0.0 while it is not served. */
struct lk_fa_told {
    struct lk_fa_place at;
    struct lk_address home, agent;
    char nai[LK_FA_NAI];
    uint8_t state;        /* enum lk_mip_fa_state */
    uint64_t epoch;       /* its stay: never another's of this process */
    uint64_t since_ms, until_ms;
    uint64_t up_packets, up_octets, down_packets, down_octets; /* of this stay */
    bool proven;          /* by a key between it and us */
};

enum lk_fa_output_kind {
    LK_FA_OUT_SEND = 1,
    LK_FA_OUT_CHANGED, /* for the log */
    LK_FA_OUT_REFUSED, /* the same */
    LK_FA_OUT_ASK_BSF, /* whose key the B-TID is: give the event again, with key */
    LK_FA_OUT_ASK_AAA, /* give the event again, with a grant */
    LK_FA_OUT_MORE,
};

struct lk_fa_output {
    enum lk_fa_output_kind kind;
    union {
        struct {
            struct lk_fa_place to;
            struct lk_span octets; /* in the outbox */
        } send;
        struct {
            enum lk_fa_change change;
            struct lk_fa_told who;
        } changed;
        struct {
            struct lk_span nai, b_tid; /* in the event */
            uint32_t spi;
        } ask;
        struct {
            uint8_t code; /* of the reply; 0: there is none */
            struct lk_fa_place from;
            struct lk_refusal refusal;
        } refused;
    };
};

enum { LK_FA_OUTPUTS = 6, LK_FA_OCTETS = 4096 };

struct lk_fa_outbox {
    size_t count, used;
    struct lk_fa_output item[LK_FA_OUTPUTS];
    uint8_t octets[LK_FA_OCTETS];
};

struct lk_fa;

/* Zeroed memory of that size, aligned to 16, becomes an agent; config must outlive it. sources:
 * budgets of addresses, the caller's. seed: unpredictable. lk_fa_wipe before it is given back. */
size_t lk_fa_size(const struct lk_fa_config *config);
struct lk_fa *lk_fa_init(void *memory, const struct lk_fa_config *config,
                         struct lk_budgets *sources, uint64_t seed);
/* One event; out is emptied first. Never fails: what is wrong with the event is in out or counted.
 */
void lk_fa_step(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
void lk_fa_wipe(struct lk_fa *fa);

/* An association of the configuration with a node, by what RFC 3957 5 calls it: its NAI, or its
 * home address. */
void lk_fa_associate(struct lk_fa *fa, struct lk_span identifier, const struct lk_mip_msa *msa,
                     uint64_t now_ms);

/* Those without an end, which the configuration has, are over. */
void lk_fa_dissociate(struct lk_fa *fa);

const struct lk_fa_counters *lk_fa_counted(const struct lk_fa *fa);
uint32_t lk_fa_served(const struct lk_fa *fa);
uint32_t lk_fa_waiting(const struct lk_fa *fa);
/* By number, below config.visitors. False: there is nobody. */
bool lk_fa_told_at(struct lk_fa_told *told, const struct lk_fa *fa, uint32_t number);

#endif
