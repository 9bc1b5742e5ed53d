/* The mobile node's machine of MIPv6: one registration with its home agent (RFC 6275 11.7, with the
 * names of RFC 4283, the authentication of RFC 4285 and the IPv4 part of RFC 5555).
 *
 * The sibling of that of Mobile IPv4 (mn.h), and the other end of the home agent's (ha6.h). What
 * drives it carries IPv6 packets: as they are, or in the UDP of RFC 5555, over IPv4 in any case.
 *
 *     KEYS      an association with the home agent, or with the home AAA; before START, or later
 *     START     register, here
 *     MOVE      register, from there
 *     RECEIVED  a packet with a mobility message
 *     EXPIRED   the time that TIMER named has come
 *     STOP      release
 *
 *     SEND      a packet with a Binding Update, and to whom
 *     TIMER     there is one; a later one replaces it
 *     BOUND     registered; again whenever it was confirmed
 *     KEPT      the association in use is another now: worth writing down. Secret
 *     DROPPED   an acknowledgement that was not believed, and why; nothing else has come of it
 *     RELEASED  there is no registration any more, and nothing goes on
 *     FAILED    the same, and why
 *
 * RFC 4285 does not say how a key with the home agent would come of MN-AAA. So there must be one;
 * MN-AAA stands beside its proof in a first registration, for an agent that asks the home AAA. */
#ifndef LK_PROTO_MIP_MN6_H
#define LK_PROTO_MIP_MN6_H

#include "base/reason.h"
#include "proto/mip/mn_keys.h"
#include "proto/rules.h"
#include "wire/mip6.h"
#include "wire/pmip.h"

struct lk_mip_mn6_config {
    struct lk_span nai;     /* never empty */
    uint16_t lifetime;      /* asked for, in units of four seconds */
    uint32_t first_ms;      /* until the first registration is sent again */
    uint32_t first_retry_ms, last_retry_ms; /* of all others; doubled from one to the other */
    uint8_t tries;          /* before it is given up, unless there is a binding still */
    uint8_t release_tries;  /* of a deregistration */
    bool ipv4;              /* ask for an IPv4 home address, too */
    bool udp_forced;        /* ask for a tunnel in UDP also where nobody translates */
    uint16_t keepalive_s;   /* through a translator, where the home agent does not say */
    uint32_t enterprise;    /* of the vendor option that has the B-TID */
    uint8_t b_tid_subtype;
};
/* No NAI, 600 s, 1.5 s, 1 s, 32 s, 7, IPv4, 110 s, 32473, subtype 3. */
void lk_mip_mn6_defaults(struct lk_mip_mn6_config *config);

enum lk_mip_mn6_state {
    LK_MIP_MN6_IDLE,
    LK_MIP_MN6_AWAIT_BOUND,    /* the answer to the first update */
    LK_MIP_MN6_BOUND,          /* registered; the timer says when to renew */
    LK_MIP_MN6_AWAIT_RENEWED,  /* the answer to a renewal; traffic goes on */
    LK_MIP_MN6_AWAIT_MOVED,    /* the answer to an update from another place */
    LK_MIP_MN6_AWAIT_RELEASED, /* the answer to a deregistration */
    LK_MIP_MN6_RELEASED,
    LK_MIP_MN6_FAILED,
    LK_MIP_MN6_STATE_COUNT
};

/* Where the node is, both of one family. */
struct lk_mip_mn6_place {
    struct lk_address care_of;
    struct lk_address from; /* that its packets come from; none (all zero): the care-of address */
};

struct lk_mip_mn6_agent {
    struct lk_address address; /* IPv6 */
    struct lk_address ipv4;    /* for places that have nothing else; all zero: none */
};

struct lk_mip_mn6_bound {
    struct lk_address home;
    struct lk_address ipv4; /* all zero: none */
    uint8_t ipv4_status;    /* enum lk_ipv4_home_status: why there is none */
    uint32_t lifetime_s;
    bool udp;               /* the tunnel is in UDP */
    uint16_t keepalive_s;   /* 0: none is wanted */
};

struct lk_mip_mn6 {
    enum lk_mip_mn6_state state;
    struct lk_mip_mn6_place place;
    struct lk_mip_mn6_agent agent;
    struct lk_address home; /* all zero: the home agent's choice, and there is none yet */
    struct lk_address ipv4; /* of RFC 5555, in the same way */
    bool any_home;          /* the choice is the home agent's */
    struct lk_mip_mn_pair keys; /* with the home agent */
    struct lk_mip_mn_keys aaa;  /* with the home AAA */
    /* Of the update that is out. */
    bool corrected;         /* sent again at once, as the acknowledgement wanted it */
    uint8_t tries;
    uint8_t hint;           /* a status that ended nothing; 0: none */
    uint16_t sequence;
    uint64_t mesg_id;
    int64_t clock_ms;       /* the home agent's, less ours */
    uint64_t sent_ms, due_ms, bound_until_ms; /* 0: none */
};

enum lk_mip_mn6_event_kind {
    LK_MIP_MN6_EV_KEYS = 1,
    LK_MIP_MN6_EV_START,
    LK_MIP_MN6_EV_MOVE,
    LK_MIP_MN6_EV_RECEIVED,
    LK_MIP_MN6_EV_EXPIRED,
    LK_MIP_MN6_EV_STOP,
};

struct lk_mip_mn6_event {
    enum lk_mip_mn6_event_kind kind;
    uint64_t now_ms;  /* since 1970 */
    uint64_t entropy; /* fresh random bits with every event */
    union {
        struct {
            struct lk_mip_mn6_place place;
            struct lk_mip_mn6_agent agent;
            struct lk_address home; /* all zero: as the home network likes */
        } start;
        struct lk_mip_mn6_place move;
        struct lk_span received; /* an IPv6 packet */
        struct {
            bool aaa;              /* with the home AAA, under LK_MIP6_SPI_AAA */
            struct lk_mip_msa msa; /* secret; by HMAC-SHA-1 */
            struct lk_span b_tid;
        } keys;
    };
};

enum lk_mip_mn6_output_kind {
    LK_MIP_MN6_OUT_SEND = 1,
    LK_MIP_MN6_OUT_TIMER,
    LK_MIP_MN6_OUT_BOUND,
    LK_MIP_MN6_OUT_KEPT,
    LK_MIP_MN6_OUT_DROPPED,
    LK_MIP_MN6_OUT_RELEASED,
    LK_MIP_MN6_OUT_FAILED,
};

struct lk_mip_mn6_output {
    enum lk_mip_mn6_output_kind kind;
    union {
        struct {
            struct lk_span octets; /* into the outbox: an IPv6 packet */
            struct lk_address to;  /* of the agent's; in UDP its port LK_MIP6_PORT */
        } send;
        uint64_t timer_ms;
        struct lk_mip_mn6_bound bound;
        struct lk_mip_msa kept;
        struct {
            uint8_t status; /* enum lk_mobility_status; 0: there was none, or none to read */
            struct lk_refusal refusal;
        } why; /* DROPPED, FAILED */
    };
};

enum { LK_MIP_MN6_OUTPUTS = 4, LK_MIP_MN6_OCTETS = 1024 };

/* The caller wipes it. */
struct lk_mip_mn6_outbox {
    size_t count;
    struct lk_mip_mn6_output item[LK_MIP_MN6_OUTPUTS];
    uint8_t octets[LK_MIP_MN6_OCTETS];
};

void lk_mip_mn6_init(struct lk_mip_mn6 *mn);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_mn6_step(struct lk_mip_mn6 *mn,
                                             const struct lk_mip_mn6_config *config,
                                             const struct lk_mip_mn6_event *event,
                                             struct lk_mip_mn6_outbox *out);
const struct lk_mip_mn6_output *lk_mip_mn6_find(const struct lk_mip_mn6_outbox *out,
                                                enum lk_mip_mn6_output_kind kind);
/* True while traffic may pass. */
bool lk_mip_mn6_is_bound(const struct lk_mip_mn6 *mn);

extern const struct lk_rule_table lk_mip_mn6_rules;
const char *lk_mip_mn6_state_name(unsigned state);

#endif
