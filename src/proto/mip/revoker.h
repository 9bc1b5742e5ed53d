/* The machine of an agent that revokes (RFC 3543): one Registration Revocation, said again until
 * the other agent acknowledges it, or it was said often enough.
 *
 * Home agent and foreign agent are alike in it: each has ended its own part by then, so that
 * nothing depends on the answer. What a revocation does where it comes in is a rule of the machine
 * of that binding or visitor (proto/mip/ha, proto/mip/fa).
 *
 * Timestamps and identifiers of RFC 3543 are seconds since 1970 here, and each side compares only
 * what the other one made. An identifier is later than the timestamp that the registration had
 * which it is about, and what is registered behind it has one that is not earlier: so a revocation
 * that is late, or that somebody brings again, ends nothing that is newer (T11).
 *
 *     START    what is to be revoked
 *     ACK      a Revocation Acknowledgement that was decoded
 *     EXPIRED  the time that TIMER named has come
 *
 *     SEND     to the other agent
 *     TIMER    there is one; a later one replaces it
 *     ACKED    it is done; whether the mobile node is to be told
 *     GIVEN_UP nobody has answered: the other agent's part lasts until its lifetime is over
 *     REFUSED  why an acknowledgement is not believed */
#ifndef LK_PROTO_MIP_REVOKER_H
#define LK_PROTO_MIP_REVOKER_H

#include "base/reason.h"
#include "proto/mip/msa.h"
#include "proto/rules.h"

/* spec: RFC 3543 3.2 - whether a timestamp is later than another; they go round. */
static inline bool lk_mip_later(uint32_t a, uint32_t b)
{
    return a != b && a - b < UINT32_C(0x80000000);
}

/* The time, but none that is earlier than least; 0: any. */
static inline uint32_t lk_mip_timestamp(uint64_t now_ms, uint32_t least)
{
    uint32_t now_s = (uint32_t)(now_ms / 1000);

    return least != 0 && lk_mip_later(least, now_s) ? least : now_s;
}

struct lk_mip_revoker_config {
    uint32_t retry_ms; /* behind the first time; each time twice as long */
    uint8_t tries;     /* in all */
};
/* 1 s, 5 times. */
void lk_mip_revoker_defaults(struct lk_mip_revoker_config *config);

enum lk_mip_revoker_state {
    LK_MIP_REVOKER_IDLE,
    LK_MIP_REVOKER_AWAIT_ACK,
    LK_MIP_REVOKER_STATE_COUNT
};

struct lk_mip_revoker {
    uint8_t state; /* enum lk_mip_revoker_state */
    uint8_t tries;
    bool from_ha, informs;
    uint32_t identifier;
    struct lk_address home, home_domain, foreign_domain;
    uint64_t due_ms;
};

enum lk_mip_revoker_event_kind {
    LK_MIP_REVOKER_EV_START = 1,
    LK_MIP_REVOKER_EV_ACK,
    LK_MIP_REVOKER_EV_EXPIRED,
};

struct lk_mip_revoker_event {
    enum lk_mip_revoker_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    /* Foreign-Home; NULL: there is none any more, and nothing to say it with. */
    const struct lk_mip_msa *with;
    /* START: what it says; ACK: what came. */
    const struct lk_mip_revocation *revocation;
};

enum lk_mip_revoker_output_kind {
    LK_MIP_REVOKER_OUT_SEND = 1,
    LK_MIP_REVOKER_OUT_TIMER,
    LK_MIP_REVOKER_OUT_ACKED,
    LK_MIP_REVOKER_OUT_GIVEN_UP,
    LK_MIP_REVOKER_OUT_REFUSED,
};

struct lk_mip_revoker_output {
    enum lk_mip_revoker_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        bool informs;        /* ACKED */
        struct lk_refusal refused;
    };
};

enum { LK_MIP_REVOKER_OUTPUTS = 2, LK_MIP_REVOKER_OCTETS = 128 };

struct lk_mip_revoker_outbox {
    size_t count;
    struct lk_mip_revoker_output item[LK_MIP_REVOKER_OUTPUTS];
    uint8_t octets[LK_MIP_REVOKER_OCTETS];
};

void lk_mip_revoker_init(struct lk_mip_revoker *revoker);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_revoker_step(struct lk_mip_revoker *revoker,
                                                 const struct lk_mip_revoker_config *config,
                                                 const struct lk_mip_revoker_event *event,
                                                 struct lk_mip_revoker_outbox *out);
const struct lk_mip_revoker_output *lk_mip_revoker_find(const struct lk_mip_revoker_outbox *out,
                                                        enum lk_mip_revoker_output_kind kind);
/* That acknowledgement names this revocation, if it is one under way. */
bool lk_mip_revoker_awaits(const struct lk_mip_revoker *revoker,
                           const struct lk_mip_revocation *ack);

/* The other agent has made it: Foreign-Home is its last extension, under what that one sends. */
bool lk_mip_revocation_is_proven(const struct lk_mip_revocation *message,
                                 const struct lk_mip_msa *with, bool from_ha, uint64_t now_ms);
/* The acknowledgement of it, at the beginning of w; informs: the node is to be told. */
void lk_mip_revocation_acknowledge(struct lk_writer *w,
                                   const struct lk_mip_revocation *revocation, bool informs,
                                   const struct lk_mip_msa *with);

extern const struct lk_rule_table lk_mip_revoker_rules;
const char *lk_mip_revoker_state_name(unsigned state);

#endif
