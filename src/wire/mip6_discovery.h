/* Home agent address discovery (RFC 6275 6.5, 6.6, 10.5): a node that knows its home network asks
 * the anycast address of all home agents there, and one answers with the agents' addresses. ICMPv6
 * in an IPv6 packet. No key comes in here: what it learns proves itself when it registers. */
#ifndef LK_WIRE_MIP6_DISCOVERY_H
#define LK_WIRE_MIP6_DISCOVERY_H

#include "base/address.h"

enum {
    LK_MIP6_DISCOVERY_AGENTS = 4, /* of one reply: of more the first are kept */
    LK_MIP6_DISCOVERY_MAX = 40 + 8 + LK_MIP6_DISCOVERY_AGENTS * LK_ADDRESS_LEN,
};

struct lk_mip6_discovery {
    bool reply;
    struct lk_address source, destination;
    uint16_t identifier;
    size_t agent_count; /* of a reply: those that are best come first */
    struct lk_address agent[LK_MIP6_DISCOVERY_AGENTS];
};

/* LK_E_UNKNOWN: something else. LK_E_SHORT, LK_E_LENGTH, LK_E_VALUE: it does not fit, or has
 * another checksum. */
LK_MUST_CHECK enum lk_status lk_mip6_discovery_read(struct lk_mip6_discovery *discovery,
                                                    struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_mip6_discovery_write(struct lk_writer *w,
                                                     const struct lk_mip6_discovery *discovery);

/* The anycast address of the home agents of a network. */
struct lk_address lk_mip6_home_agents(const struct lk_address_prefix *network);

#endif
