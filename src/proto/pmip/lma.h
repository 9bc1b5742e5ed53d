/* The anchor's machine: one binding of one device, as PMIPv6 sees it (RFC 5213 5).
 *
 * It decides what a request does to a binding, whose it is, and what is answered. It is small, for
 * there are hundreds of thousands: the table of bindings (node/binding) holds one in each row. The
 * node above it has looked at the message (lk_pmip_lma_check), knows who sent it, and has opened
 * the token that proves where the device attached, and when: the order of attachments is what
 * moves a binding, never the order of messages alone.
 *
 *     REQUEST   a Proxy Binding Update that was checked, with mag, attach time and lease
 *     EXPIRED   the time that TIMER named has come
 *
 *     CHANGED   the binding is another now: it must be durable before the SEND beside it leaves
 *     SEND      the Proxy Binding Acknowledgement
 *     TIMER     there is one; a later one replaces it
 *     HOLD      keep this request: the old gateway has some time to release (RFC 5213 5.4.1)
 *     RESUME    bring the request that was held again, with waited set
 *     REFUSED   why the SEND beside it refuses */
#ifndef LK_PROTO_PMIP_LMA_H
#define LK_PROTO_PMIP_LMA_H

#include "base/reason.h"
#include "proto/pmip/identity.h"
#include "proto/rules.h"

struct lk_pmip_lma_config {
    bool timestamps;            /* else sequence numbers */
    uint32_t window_ms;         /* TimestampValidityWindow */
    uint32_t min_delete_ms;     /* MinDelayBeforeBCEDelete */
    uint32_t max_assign_ms;     /* MaxDelayBeforeNewBCEAssign */
    uint16_t lifetime_max;      /* in units of four seconds */
    struct lk_address link_local; /* what all gateways call themselves on the device's link */
};
/* Timestamps, 300 ms, 10 s, 1.5 s, 3600 s, fe80::1. */
void lk_pmip_lma_defaults(struct lk_pmip_lma_config *config);

enum lk_pmip_lma_state {
    LK_PMIP_LMA_NONE,    /* no binding; the addresses stay the device's */
    LK_PMIP_LMA_ACTIVE,
    LK_PMIP_LMA_HELD,    /* active, and another gateway has asked: the old one may release first */
    LK_PMIP_LMA_LEAVING, /* released: deleted after MinDelayBeforeBCEDelete */
    LK_PMIP_LMA_STATE_COUNT
};

struct lk_pmip_lma {
    uint8_t state;       /* enum lk_pmip_lma_state */
    uint8_t handoff;     /* of the last accepted */
    uint8_t access;
    bool released;       /* the last accepted was a release */
    uint16_t sequence;   /* of the last accepted */
    uint16_t lifetime;   /* granted, in units of four seconds */
    uint32_t mag;        /* the owner: a number of the caller's; 0: nobody */
    uint32_t answered;   /* whom the last accepted came from */
    uint64_t epoch;      /* grows with every owner, and when the binding ends */
    uint64_t timestamp;  /* the highest accepted: it never falls */
    uint64_t attach_ms;  /* of the newest token accepted: it never falls */
    uint64_t digest;     /* of the last accepted request: the same again gets the same answer */
    uint64_t expires_ms; /* the lifetime's end */
    uint64_t due_ms;     /* what TIMER said; 0: none */
};
_Static_assert(sizeof(struct lk_pmip_lma) <= 64, "there are hundreds of thousands");

/* What the pool gave the device. */
struct lk_pmip_lease {
    bool has_prefix, has_ipv4;
    struct lk_address_prefix prefix;
    struct lk_mobility_ipv4 ipv4;
    uint8_t ipv4_bits; /* of its link */
    struct lk_mobility_ipv4 ipv4_router;
};

enum lk_pmip_lma_event_kind { LK_PMIP_LMA_EV_REQUEST = 1, LK_PMIP_LMA_EV_EXPIRED };

struct lk_pmip_lma_event {
    enum lk_pmip_lma_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    /* REQUEST */
    const struct lk_mobility_message *request;
    const struct lk_pmip_lease *lease;
    uint32_t mag; /* who sent it, as its channel proved: not 0 */
    bool waited;  /* it was held, or cannot be: it was found in order when it came */
    uint64_t attach_ms;
    uint64_t digest;
};

enum lk_pmip_lma_output_kind {
    LK_PMIP_LMA_OUT_CHANGED = 1,
    LK_PMIP_LMA_OUT_SEND,
    LK_PMIP_LMA_OUT_TIMER,
    LK_PMIP_LMA_OUT_HOLD,
    LK_PMIP_LMA_OUT_RESUME,
    LK_PMIP_LMA_OUT_REFUSED,
};

enum lk_pmip_change {
    LK_PMIP_CREATED = 1,
    LK_PMIP_RENEWED,
    LK_PMIP_MOVED,    /* another owner */
    LK_PMIP_RELEASED, /* leaving */
    LK_PMIP_RETURNED, /* while it was leaving */
    LK_PMIP_ENDED,    /* nobody's now */
};

struct lk_pmip_lma_output {
    enum lk_pmip_lma_output_kind kind;
    union {
        enum lk_pmip_change changed;
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct {
            uint8_t status; /* enum lk_mobility_status */
            struct lk_refusal refusal;
        } refused;
    };
};

enum { LK_PMIP_LMA_OUTPUTS = 4, LK_PMIP_LMA_OCTETS = 768 };

struct lk_pmip_lma_outbox {
    size_t count;
    struct lk_pmip_lma_output item[LK_PMIP_LMA_OUTPUTS];
    uint8_t octets[LK_PMIP_LMA_OCTETS];
};

/* What a request must have before anything is looked up: flags, options, time. LK_OK; LK_E_VALUE
 * for what is no Proxy Binding Update at all and gets no answer; otherwise LK_E_DENIED, and refused
 * says with which status. */
struct lk_pmip_verdict {
    uint8_t status;
    enum lk_reason reason;
};
LK_MUST_CHECK enum lk_status lk_pmip_lma_check(struct lk_pmip_verdict *refused,
                                               const struct lk_pmip_lma_config *config,
                                               const struct lk_mobility_message *request,
                                               uint64_t now_ms);
/* The answer to a request that was refused before it came to a machine. */
LK_MUST_CHECK enum lk_status lk_pmip_lma_refuse(struct lk_writer *w,
                                                const struct lk_pmip_lma_config *config,
                                                const struct lk_mobility_message *request,
                                                uint8_t status, uint64_t now_ms);

void lk_pmip_lma_init(struct lk_pmip_lma *lma);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_pmip_lma_step(struct lk_pmip_lma *lma,
                                              const struct lk_pmip_lma_config *config,
                                              const struct lk_pmip_lma_event *event,
                                              struct lk_pmip_lma_outbox *out);
const struct lk_pmip_lma_output *lk_pmip_lma_find(const struct lk_pmip_lma_outbox *out,
                                                  enum lk_pmip_lma_output_kind kind);

extern const struct lk_rule_table lk_pmip_lma_rules;
const char *lk_pmip_lma_state_name(unsigned state);

#endif
