/* The pos process: role pos, points of service of MIS (IEEE 802.21), all of this daemon's in one
 * process, for they keep SAs and their keys; a reload changes partners, homes, neighbours and
 * what is offered, and no SA.
 *
 *     MN --MIS, UDP or TCP--> pos_mis ----+
 *     MN --MIS, DTLS--------> pos_channel +--> node/pos, one a point --> pos_radius --> AAA
 *     PoS ==MIS, TLS========> pos_link ---+
 *
 * pos.c begins, ends, and carries out what a node says; pos_config.c reads the configuration,
 * pos_ask.c answers questions. */
#ifndef LK_ROLE_POS_H
#define LK_ROLE_POS_H

#include "node/pos.h"
#include "role/kinds.h"

/* What a socket of ours is for: of which point, and what there. */
enum lk_pos_serves { LK_POS_UDP_PORT, LK_POS_TCP_PORT, LK_POS_LINK_PORT, LK_POS_DTLS_PORT,
                     LK_POS_PORTS };
enum { LK_POS_SERVES_COUNT = LK_CONFIG_POINTS * LK_POS_PORTS };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_pos_own {
    LK_POS_OWN_MNS,
    LK_POS_OWN_AUTHENTICATIONS,
    LK_POS_OWN_LINKS_UP,
    LK_POS_OWN_STREAMS,
    LK_POS_OWN_CHANNELS,
    LK_POS_OWN_MESSAGES,
    LK_POS_OWN_MALFORMED,
    LK_POS_OWN_FOREIGN,
    LK_POS_OWN_STRANGERS,
    LK_POS_OWN_UNKNOWN_SA,
    LK_POS_OWN_UNVERIFIED,
    LK_POS_OWN_REPLAYED,
    LK_POS_OWN_UNEXPECTED,
    LK_POS_OWN_FULL,
    LK_POS_OWN_SOURCE_FULL,
    LK_POS_OWN_DISPLACED,
    LK_POS_OWN_ATTACHED,
    LK_POS_OWN_REJECTED,
    LK_POS_OWN_PREPARED,
    LK_POS_OWN_NOT_TAKEN,
    LK_POS_OWN_ARRIVED,
    LK_POS_OWN_NOT_COME,
    LK_POS_OWN_HANDED_OVER,
    LK_POS_OWN_NOT_HANDED,
    LK_POS_OWN_GIVEN,
    LK_POS_OWN_NOT_GIVEN,
    LK_POS_OWN_NO_LINK,
    LK_POS_OWN_LEFT,
    LK_POS_OWN_ENDED,
    LK_POS_OWN_RELAYED,
    LK_POS_OWN_PUSHED,
    LK_POS_OWN_NOT_PUSHED,
    LK_POS_OWN_PINGS,
    LK_POS_OWN_N2N,
    LK_POS_OWN_N2N_MALFORMED,
    LK_POS_OWN_N2N_UNEXPECTED,
    LK_POS_OWN_N2N_UNSENT,
    LK_POS_OWN_RADIUS_SENT,
    LK_POS_OWN_RADIUS_DROPPED,
    LK_POS_OWN_RADIUS_FOREIGN,
    LK_POS_OWN_STREAMS_TAKEN,
    LK_POS_OWN_STREAMS_SOURCE_FULL,
    LK_POS_OWN_STREAMS_FULL,
    LK_POS_OWN_STREAMS_DISPLACED,
    LK_POS_OWN_STREAMS_TOO_SLOW,
    LK_POS_OWN_LINK_STRANGERS,
    LK_POS_OWN_COUNT
};

/* ---- pos_config.c ---- */

enum { LK_POS_CELLS = 8, LK_POS_LINK_TYPES = 8 };

/* What a network covers, as its row's texts say. */
struct lk_pos_cover {
    uint8_t link_type[LK_POS_LINK_TYPES];
    size_t link_types;
    struct lk_mis_link_addr cell[LK_POS_CELLS]; /* into cell_octets */
    uint8_t cell_octets[LK_POS_CELLS][8];
    size_t cells;
    bool has_circle;
    struct lk_mis_position centre;
    uint32_t radius_m;
};
/* Each false: the text is not of its kind. Points into cover: it stays where it is. */
bool lk_pos_cover_link_types(struct lk_pos_cover *cover, const char *text);
bool lk_pos_cover_cells(struct lk_pos_cover *cover, const char *text);
bool lk_pos_cover_circle(struct lk_pos_cover *cover, const char *text);
/* "LATITUDE,LONGITUDE" in degrees, and behind another comma how exact in metres (100). */
bool lk_pos_place(struct lk_mis_place *place, const char *text);

/* The configuration of one point, as its node reads it; node looks into all the rest, which stays
 * where it is. Secret. */
struct lk_pos_setting {
    struct lk_config_point from;
    struct lk_pos_config node;
    struct lk_pos_home home[LK_CONFIG_HOMES];
    struct lk_span realm[LK_CONFIG_PARTNERS];
    struct lk_mis_neighbour neighbour[LK_CONFIG_NEIGHBOURS];
    struct lk_pos_cover cover[LK_CONFIG_NEIGHBOURS];
};
/* config was found sound by lk_config_check. */
void lk_pos_setting_take(struct lk_pos_setting *setting, const struct lk_config *config,
                         size_t point);
/* What RADIUS of that point is signed with. */
const char *lk_pos_radius_secret(const struct lk_config_point *point);

/* ---- the process ---- */

int lk_pos_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_pos_asks[];

#endif
