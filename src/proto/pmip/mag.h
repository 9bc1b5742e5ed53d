/* The gateway's machine: one mobility session of one device, from attachment to release.
 *
 * The composition that drives it (the TWAG) holds one for each PDN connection and feeds it:
 *
 *     ATTACH       register: who, for which service, with which token, how it came here
 *     RECEIVED     a mobility message from the anchor that may be for it
 *     EXPIRED      the timer that it asked for
 *     TOKEN        the device was authenticated again: the token of later requests
 *     DETACH       release
 *
 * and carries out what it says: SEND to the anchor, TIMER (there is one; a later one replaces it),
 * BOUND with the addresses (again whenever they were confirmed), FAILED, RELEASED. Every event
 * brings a sequence number that no other request under way at this gateway has; when a SEND comes
 * out in timestamp mode, it was used. A PBA is found its session by lk_pmip_mag_awaits. */
#ifndef LK_PROTO_PMIP_MAG_H
#define LK_PROTO_PMIP_MAG_H

#include "base/reason.h"
#include "proto/pmip/identity.h"
#include "proto/rules.h"

struct lk_pmip_mag_config {
    bool timestamps;         /* else sequence numbers order the requests of a session */
    uint32_t enterprise;     /* vendor of the option that carries the token */
    uint16_t lifetime;       /* asked for, in units of four seconds */
    uint32_t first_retry_ms; /* RFC 6275 12: 1 s, doubled up to 32 s */
    uint32_t last_retry_ms;
    uint8_t tries; /* requests of one kind before it is given up */
};
/* Timestamps, 32473, 3600 s, 1 s, 32 s, 5. */
void lk_pmip_mag_defaults(struct lk_pmip_mag_config *config);

enum lk_pmip_mag_state {
    LK_PMIP_MAG_IDLE,
    LK_PMIP_MAG_AWAIT_BOUND,    /* the answer to the first request */
    LK_PMIP_MAG_BOUND,          /* registered; the timer says when to renew */
    LK_PMIP_MAG_AWAIT_RENEWED,  /* the answer to a renewal; traffic goes on */
    LK_PMIP_MAG_AWAIT_RELEASED, /* the answer to a release */
    LK_PMIP_MAG_RELEASED,
    LK_PMIP_MAG_FAILED,
    LK_PMIP_MAG_STATE_COUNT
};

/* What an anchor gave. */
struct lk_pmip_addresses {
    bool has_prefix;
    struct lk_address_prefix prefix;
    bool has_ipv4;
    struct lk_mobility_ipv4 ipv4;
    uint8_t ipv4_bits;
    struct lk_mobility_ipv4 ipv4_router;
    uint32_t lifetime_s;
};

/* Copied by ATTACH. prefix and ipv4 may name what the device had elsewhere; zero asks for what is
 * its own. */
struct lk_pmip_attach {
    struct lk_span nai;
    struct lk_span service;
    struct lk_span token;
    struct lk_span link_layer_id; /* at most eight octets; empty: none */
    uint8_t handoff;              /* enum lk_handoff */
    uint8_t access;
    bool want_ipv6, want_ipv4;
};

struct lk_pmip_mag {
    enum lk_pmip_mag_state state;
    uint8_t tries;        /* of the request that is out */
    bool clock_corrected; /* once a request */
    uint8_t handoff, access;
    bool want_ipv6, want_ipv4;
    uint16_t sequence;      /* of the request that is out */
    uint64_t timestamp;     /* of the request that is out */
    int64_t clock_ms;       /* the anchor's clock, less ours */
    uint64_t bound_until_ms; /* the binding's end */
    struct lk_pmip_addresses addresses;
    uint8_t nai_len, service_len, token_len, link_layer_len;
    uint8_t nai[LK_PMIP_NAI_MAX];
    uint8_t service[LK_PMIP_SERVICE_MAX];
    uint8_t token[LK_PMIP_TOKEN_MAX];
    uint8_t link_layer_id[8];
};

enum lk_pmip_mag_event_kind {
    LK_PMIP_MAG_EV_ATTACH = 1,
    LK_PMIP_MAG_EV_RECEIVED,
    LK_PMIP_MAG_EV_EXPIRED,
    LK_PMIP_MAG_EV_TOKEN,
    LK_PMIP_MAG_EV_DETACH,
};

struct lk_pmip_mag_event {
    enum lk_pmip_mag_event_kind kind;
    uint64_t now_ms;   /* since 1970 */
    uint16_t sequence; /* not that of any other request under way here */
    union {
        struct lk_pmip_attach attach;
        struct lk_span received;
        struct lk_span token;
    };
};

enum lk_pmip_mag_output_kind {
    LK_PMIP_MAG_OUT_SEND = 1,
    LK_PMIP_MAG_OUT_TIMER,
    LK_PMIP_MAG_OUT_BOUND,
    LK_PMIP_MAG_OUT_FAILED,
    LK_PMIP_MAG_OUT_RELEASED,
};

struct lk_pmip_mag_output {
    enum lk_pmip_mag_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct lk_pmip_addresses bound;
        struct {
            uint8_t status; /* of the PBA; 0 when there was none */
            struct lk_refusal refusal;
        } failed;
    };
};

enum { LK_PMIP_MAG_OUTPUTS = 4, LK_PMIP_MAG_OCTETS = 768 };

struct lk_pmip_mag_outbox {
    size_t count;
    struct lk_pmip_mag_output item[LK_PMIP_MAG_OUTPUTS];
    uint8_t octets[LK_PMIP_MAG_OCTETS];
};

void lk_pmip_mag_init(struct lk_pmip_mag *mag);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_LENGTH for what does not fit, LK_E_SYNC
 * for a PBA that answers another request, the decoder's status for what is no PBA. */
LK_MUST_CHECK enum lk_status lk_pmip_mag_step(struct lk_pmip_mag *mag,
                                              const struct lk_pmip_mag_config *config,
                                              const struct lk_pmip_mag_event *event,
                                              struct lk_pmip_mag_outbox *out);
/* True when this decoded PBA answers the request that is out. */
bool lk_pmip_mag_awaits(const struct lk_pmip_mag *mag, const struct lk_mobility_message *pba);
/* True while traffic may pass. */
bool lk_pmip_mag_is_bound(const struct lk_pmip_mag *mag);

extern const struct lk_rule_table lk_pmip_mag_rules;
const char *lk_pmip_mag_state_name(enum lk_pmip_mag_state state);

#endif
