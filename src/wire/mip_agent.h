/* How agents of Mobile IPv4 and nodes find each other (RFC 5944 2.1, RFC 1256): ICMP router
 * advertisement and solicitation, octets to structs and back, checksum and all. Whoever sends them
 * sets TTL 1, to 224.0.0.1 or 255.255.255.255 (a solicitation: 224.0.0.2). */
#ifndef LK_WIRE_MIP_AGENT_H
#define LK_WIRE_MIP_AGENT_H

#include "base/address.h"

enum { LK_MIP_ADVERTISEMENT = 9, LK_MIP_SOLICITATION = 10 }; /* types of ICMP */
enum { LK_MIP_ROUTES_MOBILE = 16 }; /* the code of an advertisement; 0: a router of all */

/* Flags of an agent. */
enum {
    LK_MIP_AGENT_REQUIRED = 0x8000, /* register here, co-located or not */
    LK_MIP_AGENT_BUSY = 0x4000,
    LK_MIP_AGENT_FOREIGN = 0x1000,
    LK_MIP_AGENT_REVERSE = 0x0100,
    LK_MIP_AGENT_UDP = 0x0080,
    LK_MIP_AGENT_REVOKES = 0x0040,
};

enum {
    LK_MIP_ROUTERS = 8,      /* that we keep; what more there is is passed by */
    LK_MIP_CARE_OFS = 8,
    LK_MIP_CHALLENGE_LEAST = 4,
    LK_MIP_SEQUENCE_AGAIN = 256, /* behind 0xffff: less means that the agent has started anew */
};

struct lk_mip_router {
    struct lk_address address;
    uint32_t preference; /* two's complement */
};

struct lk_mip_advertisement {
    uint8_t code;
    uint16_t lifetime_s; /* of the advertisement */
    size_t router_count;
    struct lk_mip_router router[LK_MIP_ROUTERS];
    bool has_agent;      /* it is one of Mobile IP: the next five */
    uint16_t sequence;
    uint16_t registration_s;
    uint16_t flags;
    size_t care_of_count;
    struct lk_address care_of[LK_MIP_CARE_OFS];
    struct lk_span prefix_bits; /* an octet for each router, or empty */
    struct lk_span challenge;   /* or empty */
};

/* Of the whole ICMP message. LK_E_UNKNOWN: another type, or an extension below 128 that is not
 * known; LK_E_VALUE: the checksum is wrong, or a foreign agent without care-of address; LK_E_TWICE;
 * LK_E_SHORT, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_mip_advertisement_decode(struct lk_mip_advertisement *a,
                                                         struct lk_span octets);
/* At the beginning of w. */
void lk_mip_advertisement_put(struct lk_writer *w, const struct lk_mip_advertisement *a);
LK_MUST_CHECK enum lk_status lk_mip_solicitation_check(struct lk_span octets);
void lk_mip_solicitation_put(struct lk_writer *w);

/* The sequence number behind this one. */
uint16_t lk_mip_sequence_next(uint16_t sequence);

#endif
