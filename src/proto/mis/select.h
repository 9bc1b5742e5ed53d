/* Which PoS an SPoS hands a mobile node to, when the MN does not name one (IEEE 802.21.1 5.14.3).
 *
 * The MN sends what it knows: the network that it wants (TLV 55), networks or cells that it sees
 * (56), where it is (219), and its link types (216), best first. The SPoS has a table of the
 * networks around it. A network fits when it is the wanted one, if one is wanted, has a link type
 * of the MN's, and can be reached: it is seen, or covers some of the place. Where the MN says
 * neither, all can.
 *
 * Of those that fit, the best one is, in this order: wanted or seen rather than only covering; of
 * the better link type; the nearer one by its radius; earlier in the table. Only partners whose
 * link is up are chosen: a better one that is a stranger is passed over. */
#ifndef LK_PROTO_MIS_SELECT_H
#define LK_PROTO_MIS_SELECT_H

#include "wire/mis.h"

/* A network around a PoS. The role has the table; spans look into it. */
struct lk_mis_neighbour {
    struct lk_span network; /* its name: an SSID, a PLMN as text */
    struct lk_mis_pos pos;
    struct lk_span link_types;           /* of enum lk_mis_link_type, an octet each */
    const struct lk_mis_link_addr *cell; /* its cells and access points */
    size_t cells;
    bool has_circle;
    struct lk_mis_position centre;
    uint32_t radius_m;
    bool partner;
    bool up; /* there is a protected link to its PoS */
};
struct lk_mis_neighbours {
    const struct lk_mis_neighbour *neighbour;
    size_t count;
};

/* What the MN knows; what is not there is empty. */
struct lk_mis_known {
    bool has_target;
    struct lk_mis_target target; /* wanted */
    struct lk_span targets;      /* seen: a LIST, as TLV 56 has it */
    struct lk_span link_types;   /* best first */
    bool has_position;
    struct lk_mis_position position;
    uint32_t accuracy_m; /* it is at most as far away from there */
};
/* As a message says it. */
void lk_mis_known_of(struct lk_mis_known *known, const struct lk_mis_message *message);

/* The place of the best one in the table. REASON_NONE: there is one. NO_TRUST: what fits is no
 * partner. UNREACHABLE: there is no link to what fits. NO_TARGET: nothing fits. */
enum lk_mis_reason lk_mis_select(size_t *index, const struct lk_mis_neighbours *neighbours,
                                 const struct lk_mis_known *known);
/* The same for a PoS that the MN names. NO_TARGET: it is no neighbour. */
enum lk_mis_reason lk_mis_select_named(size_t *index, const struct lk_mis_neighbours *neighbours,
                                       struct lk_span id);

#endif
