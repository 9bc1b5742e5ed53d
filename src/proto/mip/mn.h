/* The mobile node's machine: one registration with its home agent (RFC 5944 3.6, RFC 3957).
 *
 * What drives it finds a place (an advertisement, or an address of its own) and feeds it:
 *
 *     KEYS      an association with the home agent, or with the home AAA; before START, or later
 *     START     register, here
 *     MOVE      register, from there
 *     RECEIVED  a datagram on the socket of Mobile IP
 *     EXPIRED   the time that TIMER named has come
 *     STOP      release
 *
 *     SEND      a Registration Request, and to whom
 *     TIMER     there is one; a later one replaces it
 *     BOUND     registered; again whenever it was confirmed
 *     KEPT      the association in use is another now: worth writing down. Secret
 *     DROPPED   a reply that was not believed, and why; nothing else has come of it
 *     RELEASED  there is no registration any more, and nothing goes on; why, where the agent has
 *               not said so: its binding lasts until its lifetime is over
 *     FAILED    the same, and why
 *
 * It has two associations with its home agent: the one in use, and one beside it that the agent
 * may not know yet. Only a reply that is proven by the new one puts it in the old one's place
 * (T26). */
#ifndef LK_PROTO_MIP_MN_H
#define LK_PROTO_MIP_MN_H

#include "base/reason.h"
#include "keys/gba.h"
#include "proto/mip/mn_keys.h"
#include "proto/rules.h"

enum {
    LK_MIP_MN_SEEN = 16,      /* nonces that are remembered */
    LK_MIP_MN_CHALLENGE = 64, /* octets of a foreign agent's challenge */
    LK_MIP_MN_REDIRECTS = 2,  /* home agents that one START or MOVE follows */
};

struct lk_mip_mn_config {
    struct lk_span nai;     /* empty: the home address is the name */
    uint16_t lifetime_s;    /* asked for */
    uint32_t first_retry_ms, last_retry_ms; /* doubled from one to the other */
    uint8_t tries;          /* before it is given up, unless there is a binding still */
    uint8_t release_tries;  /* of a deregistration */
    uint8_t key_len;        /* of keys of RFC 3957: LK_MIP_KEY_SHORT, or all 20 octets */
    bool udp, udp_forced;   /* ask for RFC 3519 where the care-of address is the node's own */
    bool reverse;
    bool foreign_key;       /* ask for a key with the foreign agent */
    uint32_t enterprise;    /* of the vendor extension that has the B-TID */
    uint16_t b_tid_type;
};
/* No NAI, 600 s, 1 s, 32 s, 7, 3, 16 octets, UDP, reverse tunnel, 32473, type 1. */
void lk_mip_mn_defaults(struct lk_mip_mn_config *config);

enum lk_mip_mn_state {
    LK_MIP_MN_IDLE,
    LK_MIP_MN_AWAIT_BOUND,    /* the answer to the first request */
    LK_MIP_MN_BOUND,          /* registered; the timer says when to renew */
    LK_MIP_MN_AWAIT_RENEWED,  /* the answer to a renewal; traffic goes on */
    LK_MIP_MN_AWAIT_MOVED,    /* the answer to a request from another place */
    LK_MIP_MN_AWAIT_RELEASED, /* the answer to a deregistration */
    LK_MIP_MN_RELEASED,
    LK_MIP_MN_FAILED,
    LK_MIP_MN_STATE_COUNT
};

/* Where the node is. */
struct lk_mip_mn_place {
    struct lk_address care_of;
    struct lk_address fa; /* the foreign agent; none (all zero): the care-of address is its own */
    uint8_t challenge_len;
    uint8_t challenge[LK_MIP_MN_CHALLENGE]; /* that the foreign agent gave */
};

struct lk_mip_mn_bound {
    struct lk_address home, agent;
    uint16_t lifetime_s;
    bool udp; /* the tunnel is in UDP */
    uint16_t keepalive_s;
};

struct lk_mip_mn {
    enum lk_mip_mn_state state;
    struct lk_mip_mn_place place;
    struct lk_address home, agent;
    struct lk_mip_mn_pair keys; /* with the home agent */
    struct lk_mip_mn_keys aaa;  /* with the home AAA */
    bool has_foreign, foreign_lost; /* lost: it is there, but the agent may have none any more */
    struct lk_mip_msa foreign;      /* with the foreign agent of the place */
    /* Of the request that is out. */
    bool corrected;      /* sent again at once, as the home agent wanted it, */
    bool advised;        /* or a foreign agent: each once */
    uint8_t tries, redirects;
    uint8_t hint;        /* a foreign agent's code that nothing proves; 0: none */
    uint16_t asked_s;
    uint32_t home_spi, foreign_spi; /* that keys are asked for with; 0: none is */
    uint32_t lost_spi;   /* the same of a key in the place of one that the agent may have lost; with
                          * a foreign agent under the SPI beside it */
    uint64_t identification;
    uint32_t nonce;      /* that the home agent gave last */
    int64_t clock_ms;    /* its clock, less ours */
    uint64_t sent_ms, due_ms, bound_until_ms; /* 0: none */
    uint64_t seen[LK_MIP_MN_SEEN];   /* hashes of nonces, in a ring */
    uint8_t seen_next;
};

enum lk_mip_mn_event_kind {
    LK_MIP_MN_EV_KEYS = 1,
    LK_MIP_MN_EV_START,
    LK_MIP_MN_EV_MOVE,
    LK_MIP_MN_EV_RECEIVED,
    LK_MIP_MN_EV_EXPIRED,
    LK_MIP_MN_EV_STOP,
};

struct lk_mip_mn_event {
    enum lk_mip_mn_event_kind kind;
    uint64_t now_ms;  /* since 1970 */
    uint64_t entropy; /* fresh random bits with every event */
    union {
        struct {
            struct lk_mip_mn_place place;
            struct lk_address home, agent; /* all zero: as the home network likes */
        } start;
        struct lk_mip_mn_place move;
        struct lk_span received;
        struct {
            bool aaa;              /* with the home AAA, not the home agent */
            struct lk_mip_msa msa; /* secret */
            struct lk_span b_tid;
        } keys;
    };
};

enum lk_mip_mn_output_kind {
    LK_MIP_MN_OUT_SEND = 1,
    LK_MIP_MN_OUT_TIMER,
    LK_MIP_MN_OUT_BOUND,
    LK_MIP_MN_OUT_KEPT,
    LK_MIP_MN_OUT_DROPPED,
    LK_MIP_MN_OUT_RELEASED,
    LK_MIP_MN_OUT_FAILED,
};

struct lk_mip_mn_output {
    enum lk_mip_mn_output_kind kind;
    union {
        struct {
            struct lk_span octets; /* into the outbox */
            struct lk_address to;  /* its port 434 */
        } send;
        uint64_t timer_ms;
        struct lk_mip_mn_bound bound;
        struct lk_mip_msa kept;
        struct {
            uint8_t code; /* enum lk_mip_code of the reply; 0: there was none, or none to read */
            struct lk_refusal refusal;
        } why; /* DROPPED, FAILED, RELEASED (reason NONE: the agent has said so) */
    };
};

enum { LK_MIP_MN_OUTPUTS = 4, LK_MIP_MN_OCTETS = 1024 };

/* The caller wipes it. */
struct lk_mip_mn_outbox {
    size_t count;
    struct lk_mip_mn_output item[LK_MIP_MN_OUTPUTS];
    uint8_t octets[LK_MIP_MN_OCTETS];
};

void lk_mip_mn_init(struct lk_mip_mn *mn);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_mn_step(struct lk_mip_mn *mn,
                                            const struct lk_mip_mn_config *config,
                                            const struct lk_mip_mn_event *event,
                                            struct lk_mip_mn_outbox *out);
const struct lk_mip_mn_output *lk_mip_mn_find(const struct lk_mip_mn_outbox *out,
                                              enum lk_mip_mn_output_kind kind);
/* True while traffic may pass. */
bool lk_mip_mn_is_bound(const struct lk_mip_mn *mn);

extern const struct lk_rule_table lk_mip_mn_rules;
const char *lk_mip_mn_state_name(unsigned state);

#endif
