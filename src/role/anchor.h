/* The anchor process: role anchor. One process, for it keeps the table of bindings; a reload leaves
 * it alone.
 *
 *     MAG ==DTLS-PSK, UDP 5436==> channel --> node/anchor --> store (batches, on libuv's pool)
 *      |                             ^----------- answers, once durable ---------'
 *      '--IP in UDP, 5437--> tunnel --> node/anchor --> TUN, or another tunnel
 *
 * anchor.c begins, ends and is told things; anchor_config.c reads the configuration,
 * anchor_control.c has the channel, anchor_writer.c the store, anchor_plane.c tunnels and TUN,
 * anchor_mip.c and anchor_mip6.c the sockets of Mobile IP, anchor_mip_nodes.c associations of the
 * configuration, anchor_naf.c and anchor_aaa.c those that BSF or AAA are asked for, anchor_revoke.c
 * the end of a binding that somebody asks for, anchor_ask.c other questions. */
#ifndef LK_ROLE_ANCHOR_H
#define LK_ROLE_ANCHOR_H

#include "role/kinds.h"

/* What a socket of ours is for. */
enum lk_anchor_serves {
    LK_ANCHOR_CONTROL,
    LK_ANCHOR_TUNNELS,
    LK_ANCHOR_TUN,
    LK_ANCHOR_MIP,
    LK_ANCHOR_MIP6,
    LK_ANCHOR_TUN_LINE, /* of a TUN that is apart; so is the next */
    LK_ANCHOR_TUN_SHEET,
    LK_ANCHOR_SERVES_COUNT
};

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_anchor_own {
    LK_ANCHOR_OWN_BINDINGS,
    LK_ANCHOR_OWN_MAGS,
    LK_ANCHOR_OWN_REQUESTS,
    LK_ANCHOR_OWN_ACCEPTED,
    LK_ANCHOR_OWN_REPEATED,
    LK_ANCHOR_OWN_HELD,
    LK_ANCHOR_OWN_REFUSED,
    LK_ANCHOR_OWN_ALARMS,
    LK_ANCHOR_OWN_OVER_BUDGET,
    LK_ANCHOR_OWN_MALFORMED,
    LK_ANCHOR_OWN_RELEASE_IGNORED,
    LK_ANCHOR_OWN_CREATED,
    LK_ANCHOR_OWN_RENEWED,
    LK_ANCHOR_OWN_MOVED,
    LK_ANCHOR_OWN_RELEASED,
    LK_ANCHOR_OWN_ENDED,
    LK_ANCHOR_OWN_UP_PACKETS,
    LK_ANCHOR_OWN_UP_OCTETS,
    LK_ANCHOR_OWN_DOWN_PACKETS,
    LK_ANCHOR_OWN_DOWN_OCTETS,
    LK_ANCHOR_OWN_UP_UNBOUND,
    LK_ANCHOR_OWN_UP_FOREIGN,
    LK_ANCHOR_OWN_DOWN_UNBOUND,
    LK_ANCHOR_OWN_PACKETS_MALFORMED,
    LK_ANCHOR_OWN_POLICED,
    LK_ANCHOR_OWN_ECHOED,
    LK_ANCHOR_OWN_ECHO_LIMITED,
    LK_ANCHOR_OWN_TUN_LOST,
    LK_ANCHOR_OWN_STORE_REFUSED,
    LK_ANCHOR_OWN_MIP_REQUESTS,
    LK_ANCHOR_OWN_MIP_SILENT,
    LK_ANCHOR_OWN_MIP_ASKED,
    LK_ANCHOR_OWN_MIP_DISCOVERED,
    LK_ANCHOR_OWN_REVOKED,
    LK_ANCHOR_OWN_MIP_REVOCATIONS,
    LK_ANCHOR_OWN_MIP_REVOCATIONS_SAID,
    LK_ANCHOR_OWN_MIP_REVOCATIONS_ACKED,
    LK_ANCHOR_OWN_MIP_REVOCATIONS_LOST,
    LK_ANCHOR_OWN_REACHED,
    LK_ANCHOR_OWN_UNREACHED,
    LK_ANCHOR_OWN_COUNT
};

/* The home agent asks a BSF for its keys. */
bool lk_anchor_asks_aaa(const struct lk_config *config);
bool lk_anchor_is_naf(const struct lk_config *config);

int lk_anchor_run(const struct lk_worker_setup *setup);

#endif
