/* The home agent's machine: one binding of one device, as MIPv6 sees it (RFC 6275 9 and 10, with
 * the authentication of RFC 4285 and the IPv4 part of RFC 5555).
 *
 * In the shape of that of Mobile IPv4 (ha.h), and in the same row of the table of bindings. The
 * node above it knows whose device it is by its NAI, which association it has, and whether a
 * care-of address has answered: none is used before (A32), whatever has signed it.
 *
 *     REQUEST   a Binding Update that was decoded
 *     EXPIRED   the time that TIMER named has come
 *
 *     CHANGED   the binding is another now: it must be durable before the SEND beside it leaves
 *     SEND      the Binding Acknowledgement, for home at care_of
 *     TIMER     there is one; a later one replaces it
 *     REFUSED   why the SEND beside it refuses, or, where there is none, why nothing is said
 *
 * In order: the authenticator, MESG-ID, and only then what the update wants (RFC 4285 5, 6). */
#ifndef LK_PROTO_MIP_HA6_H
#define LK_PROTO_MIP_HA6_H

#include "proto/mip/ha.h"
#include "proto/mip/msa6.h"

struct lk_mip_ha6_config {
    uint32_t window_ms;         /* between a MESG-ID and our clock */
    uint16_t lifetime_max;      /* in units of four seconds */
    uint16_t keepalive_s;       /* through UDP, so that a translator does not forget */
    uint64_t floor;             /* as lk_mip_ha_config has it */
};
/* 7 s, 1800 s, 110 s, no floor. */
void lk_mip_ha6_defaults(struct lk_mip_ha6_config *config);

/* Of the home address, what no prefix has: those are of 32 bits at least. */
enum { LK_MIP_HA6_HOME_LEN = LK_ADDRESS_LEN - 4 };

enum lk_mip_ha6_state {
    LK_MIP_HA6_NONE,   /* no binding; the addresses stay the device's */
    LK_MIP_HA6_ACTIVE,
    LK_MIP_HA6_STATE_COUNT
};

struct lk_mip_ha6 {
    uint8_t state;       /* enum lk_mip_ha6_state */
    bool released;       /* the last accepted was a deregistration */
    bool udp;            /* the tunnel is in UDP, to from and port */
    uint16_t port;
    uint16_t lifetime;   /* granted, in units of four seconds */
    struct lk_mobility_ipv4 from; /* where the tunnel in UDP ends, where that is at an IPv4 address;
                                   * else it ends at care_of */
    struct lk_address care_of;
    uint8_t home[LK_MIP_HA6_HOME_LEN]; /* lk_mip_ha6_bound_home */
    uint64_t identification; /* the highest MESG-ID accepted: it never falls */
    uint64_t epoch;      /* grows with every care-of address, and when the binding ends */
    uint64_t digest;     /* of the last accepted update: the same again gets the same answer */
    uint64_t expires_ms; /* TIMER, while ACTIVE */
};
_Static_assert(sizeof(struct lk_mip_ha6) <= 72, "there are hundreds of thousands");

enum lk_mip_ha6_event_kind { LK_MIP_HA6_EV_REQUEST = 1, LK_MIP_HA6_EV_EXPIRED };

struct lk_mip_ha6_event {
    enum lk_mip_ha6_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    /* REQUEST */
    const struct lk_mobility_message *update;
    struct lk_address source; /* of the packet, where that is a care-of address; else ::, for it is
                               * the home address: what came in UDP, over IPv4 */
    struct lk_address home;   /* as the packet has it; ::, the device has none yet */
    struct lk_address from;   /* port != 0: of the datagram, IPv4 or IPv6 */
    uint16_t port;            /* 0: it came as a packet, not in UDP */
    uint64_t digest;          /* of its octets; not 0 */
    struct lk_address_prefix prefix; /* the device's, whatever it asks for; of 0 bits: none */
    struct lk_mobility_ipv4 ipv4;    /* the same; 0.0.0.0: none */
    struct lk_address agent;  /* ours */
    bool leads_back; /* the care-of address, or where the tunnel would end, is one of ours */
    /* The device's association of the SPI that the update has; NULL: there is none. */
    const struct lk_mip_msa *with;
};

/* Where the device says that it is: the alternate care-of address, the IPv4 one, or the source. */
struct lk_address lk_mip_ha6_care_of(const struct lk_mip_ha6_event *event);
/* The home address that it has, or gets: the first of its prefix. */
struct lk_address lk_mip_ha6_home(const struct lk_mip_ha6_event *event);
/* Where its tunnel in UDP would end, at the port that the datagram came from: at the alternate
 * care-of address, else where the datagram came from. */
struct lk_address lk_mip_ha6_end_of(const struct lk_mip_ha6_event *event);

/* Of a binding: where its tunnel ends, and the home address, of which prefix is the device's. */
struct lk_address lk_mip_ha6_bound_end(const struct lk_mip_ha6 *ha);
struct lk_address lk_mip_ha6_bound_home(const struct lk_mip_ha6 *ha,
                                        const struct lk_address_prefix *prefix);

enum lk_mip_ha6_output_kind {
    LK_MIP_HA6_OUT_CHANGED = 1,
    LK_MIP_HA6_OUT_SEND,
    LK_MIP_HA6_OUT_TIMER,
    LK_MIP_HA6_OUT_REFUSED,
};

struct lk_mip_ha6_output {
    enum lk_mip_ha6_output_kind kind;
    union {
        enum lk_mip_change changed;
        struct {
            struct lk_span octets;   /* into the outbox */
            struct lk_address home, care_of;
        } send;
        uint64_t timer_ms;
        struct {
            uint8_t status; /* enum lk_mobility_status; 0: nothing is said */
            struct lk_refusal refusal;
        } refused;
    };
};

enum { LK_MIP_HA6_OUTPUTS = 4, LK_MIP_HA6_OCTETS = 512 };

struct lk_mip_ha6_outbox {
    size_t count;
    struct lk_mip_ha6_output item[LK_MIP_HA6_OUTPUTS];
    uint8_t octets[LK_MIP_HA6_OCTETS];
};

void lk_mip_ha6_init(struct lk_mip_ha6 *ha);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_ha6_step(struct lk_mip_ha6 *ha,
                                             const struct lk_mip_ha6_config *config,
                                             const struct lk_mip_ha6_event *event,
                                             struct lk_mip_ha6_outbox *out);
const struct lk_mip_ha6_output *lk_mip_ha6_find(const struct lk_mip_ha6_outbox *out,
                                                enum lk_mip_ha6_output_kind kind);

extern const struct lk_rule_table lk_mip_ha6_rules;
const char *lk_mip_ha6_state_name(unsigned state);

#endif
