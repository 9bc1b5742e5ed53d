/* The home agent's machine: one binding of one device, as Mobile IPv4 sees it (RFC 5944 3.8).
 *
 * It proves a request, orders it, decides what it does to the binding, and answers. It is small,
 * for there are hundreds of thousands: the table of bindings (node/binding) holds one in each row.
 * The node above it knows whose device it is, which associations that device has, and what the
 * home AAA said; it proves that a new care-of address answers before it is used (T13).
 *
 *     REQUEST   a Registration Request that was decoded
 *     EXPIRED   the time that TIMER named has come
 *     REVOKED   a Registration Revocation of a foreign agent that was decoded (RFC 3543)
 *     WITHDRAWN somebody who may says that the binding ends
 *
 *     CHANGED   the binding is another now: it must be durable before the SEND beside it leaves
 *     SEND      the Registration Reply; or the Revocation Acknowledgement
 *     REVOKE    the foreign agent that the binding had has it no more, and is to be told
 *     TIMER     there is one; a later one replaces it
 *     REFUSED   why the SEND beside it refuses, or, where there is none, why nothing is said
 *
 * The order of RFC 5944 3.8.2.1 is kept: the mobile node's authenticator, the Identification, the
 * foreign agent's authenticator, and only then what the request wants. */
#ifndef LK_PROTO_MIP_HA_H
#define LK_PROTO_MIP_HA_H

#include "base/reason.h"
#include "proto/mip/revoker.h"
#include "wire/pmip.h"

enum { LK_MIP_NONCE_KEY = 16 };

struct lk_mip_ha_config {
    uint32_t window_ms;         /* between an Identification's time and ours */
    uint16_t lifetime_max_s;
    uint16_t keepalive_s;       /* through UDP, so that a translator does not forget */
    bool reverse_mandatory;     /* T must be asked for */
    bool udp_mandatory;         /* there is no tunnel but that of RFC 3519 */
    /* No Identification up to it is accepted, as NTP has it: that of a home agent without a store,
     * one window behind its start. 0: the rows have what they had. */
    uint64_t floor;
    /* What nonces are made by, so that none is kept: another process has others, and says 133 once.
     * Random; secret. */
    uint8_t nonce_key[LK_MIP_NONCE_KEY];
};
/* 7 s, 1800 s, 110 s, neither, UDP mandatory, no floor. */
void lk_mip_ha_defaults(struct lk_mip_ha_config *config);

enum lk_mip_ha_state {
    LK_MIP_HA_NONE,   /* no binding; the address stays the device's */
    LK_MIP_HA_ACTIVE,
    LK_MIP_HA_STATE_COUNT
};

/* What home agent and foreign agent have agreed on (RFC 3543 3.2), of a binding or a visitor. */
enum {
    LK_MIP_MAY_REVOKE = 1, /* each may end the other's part */
    LK_MIP_MAY_INFORM = 2, /* and says whether the mobile node is told */
    LK_MIP_WAS_REVOKED = 4, /* by the other one, at the newest of its times */
};

struct lk_mip_ha {
    uint8_t state;    /* enum lk_mip_ha_state */
    uint8_t flags;    /* of the last accepted request */
    bool udp;         /* the tunnel is in UDP, to from and port */
    bool released;    /* the last accepted was a deregistration */
    uint16_t port;    /* that the last accepted came from */
    uint16_t lifetime_s; /* granted */
    struct lk_mobility_ipv4 care_of, from; /* from: the packet's source, which somebody may have
                                            * translated */
    uint16_t fa;      /* through which foreign agent: a number of the caller's; 0: none */
    uint8_t revocation; /* LK_MIP_MAY_REVOKE, ... */
    /* Timestamps of RFC 3543: the newest that we have given a foreign agent, in a reply or a
     * revocation, which never falls; and the newest of the foreign agent's. 0: none. */
    uint32_t ours_s, theirs_s;
    uint64_t identification; /* the highest accepted: it never falls. With nonces, the time of it */
    uint64_t epoch;   /* grows with every care-of address, and when the binding ends */
    uint64_t digest;  /* of the last accepted request: the same again gets the same answer */
    uint64_t expires_ms, due_ms;
};
_Static_assert(sizeof(struct lk_mip_ha) <= 72, "there are hundreds of thousands");

enum lk_mip_ha_event_kind {
    LK_MIP_HA_EV_REQUEST = 1,
    LK_MIP_HA_EV_EXPIRED,
    LK_MIP_HA_EV_REVOKED,
    LK_MIP_HA_EV_WITHDRAWN,
};

/* What the home AAA gave for this request (RFC 3957): goes into the reply as it is. */
struct lk_mip_grant {
    bool mn_ha, mn_fa; /* there is a key for that one */
    struct lk_mip_key_reply mn_ha_key, mn_fa_key;
    struct lk_mip_msa msa; /* MN-HA: signs the reply. Secret */
};

struct lk_mip_ha_event {
    enum lk_mip_ha_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    /* REQUEST */
    const struct lk_mip_request *request;
    struct lk_address from;  /* of the datagram */
    uint16_t port;
    uint64_t digest;         /* of its octets; not 0 */
    struct lk_address home;  /* the device's, whatever it asks for; REVOKED, too */
    struct lk_address agent; /* ours; REVOKED, too */
    /* The device's association of the SPI that the request has; NULL: there is none. */
    const struct lk_mip_msa *with;
    /* The AAA has proven MN-AAA for this very request; NULL: it was not asked. */
    const struct lk_mip_grant *grant;
    /* REVOKED, too. */
    uint16_t fa;             /* the foreign agent that sent it; 0: none that we know */
    const struct lk_mip_msa *fa_with; /* its association; NULL: it needs none */
    bool care_of_is_fas;     /* the care-of address is among those that the agent is known by */
    bool leads_back;         /* it, or where the datagram came from, is an address of ours */
    const struct lk_mip_revocation *revocation; /* REVOKED */
    bool elsewhere; /* WITHDRAWN: because the device is, and knows it */
};

enum lk_mip_ha_output_kind {
    LK_MIP_HA_OUT_CHANGED = 1,
    LK_MIP_HA_OUT_SEND,
    LK_MIP_HA_OUT_TIMER,
    LK_MIP_HA_OUT_REFUSED,
    LK_MIP_HA_OUT_REVOKE,
};

enum lk_mip_change {
    LK_MIP_CREATED = 1,
    LK_MIP_RENEWED,
    LK_MIP_MOVED,    /* another care-of address, or another way to it */
    LK_MIP_RELEASED, /* by the device */
    LK_MIP_ENDED,    /* its lifetime */
    LK_MIP_REVOKED,  /* by its foreign agent, or because the home network will have no more of it */
};

struct lk_mip_ha_output {
    enum lk_mip_ha_output_kind kind;
    union {
        enum lk_mip_change changed;
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct {
            uint8_t code; /* enum lk_mip_code; 0: nothing is said */
            struct lk_refusal refusal;
        } refused;
        struct {
            uint32_t identifier;
            bool informs; /* the agent tells the mobile node */
        } revoke;
    };
};

enum { LK_MIP_HA_OUTPUTS = 4, LK_MIP_HA_OCTETS = 768 };

struct lk_mip_ha_outbox {
    size_t count;
    struct lk_mip_ha_output item[LK_MIP_HA_OUTPUTS];
    uint8_t octets[LK_MIP_HA_OCTETS];
};

/* Somebody may be at that care-of address who has sent from there. */
bool lk_mip_is_somewhere(const struct lk_address *care_of, const struct lk_address *from);

void lk_mip_ha_init(struct lk_mip_ha *ha);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_ha_step(struct lk_mip_ha *ha,
                                            const struct lk_mip_ha_config *config,
                                            const struct lk_mip_ha_event *event,
                                            struct lk_mip_ha_outbox *out);
const struct lk_mip_ha_output *lk_mip_ha_find(const struct lk_mip_ha_outbox *out,
                                              enum lk_mip_ha_output_kind kind);

extern const struct lk_rule_table lk_mip_ha_rules;
const char *lk_mip_ha_state_name(unsigned state);

#endif
