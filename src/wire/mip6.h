/* A mobility message on its way between a mobile node and its home agent: an IPv6 packet, with the
 * node's home address in a Home Address destination option (RFC 6275 6.3) when it comes from it,
 * in a type 2 routing header (6.4) when it goes to it.
 *
 * In the UDP encapsulation of RFC 5555 4, on port 4191, a datagram is one packet, IPv4 or IPv6, as
 * it is: what is no mobility message is what the tunnel carries. No key comes in here. */
#ifndef LK_WIRE_MIP6_H
#define LK_WIRE_MIP6_H

#include "base/address.h"

/* Of the vendor option (19) by which a device says in a Binding Update which bootstrapping its key
 * comes of: the B-TID, before the MN-HA authentication option. */
enum { LK_MOBILITY_B_TID_SUBTYPE = 3 };

enum { LK_MIP6_PORT = 4191, LK_MIP6_HEADERS_MAX = 40 + 24 };

enum lk_mip6_home {
    LK_MIP6_HOME_NONE,   /* the home address is the packet's own source or destination */
    LK_MIP6_HOME_OPTION, /* the source's */
    LK_MIP6_HOME_ROUTE,  /* the destination's */
};

struct lk_mip6_packet {
    struct lk_address source, destination; /* of the IPv6 header */
    uint8_t way;                           /* enum lk_mip6_home */
    struct lk_address home;                /* where way is not NONE */
    struct lk_span message;                /* the Mobility Header */
};

/* LK_E_UNKNOWN: no mobility message. LK_E_SHORT, LK_E_LENGTH, LK_E_TWICE, LK_E_VALUE for one with
 * headers that do not fit, or another checksum. */
LK_MUST_CHECK enum lk_status lk_mip6_read(struct lk_mip6_packet *packet, struct lk_span octets);
/* Fills in the checksum. LK_E_FULL; LK_E_LENGTH for a message that is none. */
LK_MUST_CHECK enum lk_status lk_mip6_write(struct lk_writer *w,
                                           const struct lk_mip6_packet *packet);

#endif
