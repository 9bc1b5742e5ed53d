/* Internet packets as a gateway sees them: whose they are, where to, and the echo that it answers.
 *
 * No more than a tunnel's end needs: the fixed headers, looked at before anything else is done with
 * a packet, and ICMP echo for an address of our own. */
#ifndef LK_WIRE_IP_H
#define LK_WIRE_IP_H

#include "base/address.h"

enum { LK_IP_PACKET_MAX = 2048, LK_IP_ICMP = 1, LK_IP_ICMPV6 = 58 };

struct lk_ip_packet {
    uint8_t version;               /* 4 or 6 */
    uint8_t protocol;              /* of IPv6: the next header, extension or not */
    uint8_t hops;                  /* TTL, hop limit */
    bool fragment;                 /* part of one (IPv4) */
    struct lk_address source, destination;
    struct lk_span whole;          /* as long as the header says; what is behind it is cut off */
    struct lk_span payload;
};

/* LK_E_SHORT, LK_E_LENGTH, LK_E_VALUE for what is no IPv4 or IPv6 packet. Looks at no checksum. */
LK_MUST_CHECK enum lk_status lk_ip_read(struct lk_ip_packet *packet, struct lk_span octets);
/* Only its addresses. */
LK_MUST_CHECK enum lk_status lk_ip_addresses(struct lk_address *source,
                                             struct lk_address *destination,
                                             struct lk_span octets);

/* Writes the echo reply to an echo request. LK_E_UNKNOWN when it is none (or a fragment of one, or
 * its checksum is wrong). The reply is as long as the request. */
LK_MUST_CHECK enum lk_status lk_ip_echo(struct lk_writer *w, const struct lk_ip_packet *request);
/* Writes an echo request, for probes and tests. */
LK_MUST_CHECK enum lk_status lk_ip_ping(struct lk_writer *w, const struct lk_address *source,
                                        const struct lk_address *destination, uint16_t identifier,
                                        uint16_t sequence, struct lk_span data);
/* Writes an IPv4 packet with that message of ICMP. */
LK_MUST_CHECK enum lk_status lk_ip_icmp(struct lk_writer *w, const struct lk_address *source,
                                        const struct lk_address *destination, uint8_t hops,
                                        struct lk_span icmp);
/* True when this is an echo reply with that identifier and sequence number. */
bool lk_ip_is_pong(const struct lk_ip_packet *packet, uint16_t identifier, uint16_t sequence);
/* Writes the packet with one hop less. LK_E_EXPIRED when it has none left. */
LK_MUST_CHECK enum lk_status lk_ip_hop(struct lk_writer *w, const struct lk_ip_packet *packet);

#endif
