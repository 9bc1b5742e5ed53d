/* The anchor process: role anchor. One process, for it keeps the table of bindings; a reload leaves
 * it alone.
 *
 *     MAG ==DTLS-PSK, UDP 5436==> channel --> node/anchor --> store (batches, on libuv's pool)
 *      |                             ^----------- answers, once durable ---------'
 *      '--IP in UDP, 5437--> tunnel --> node/anchor --> TUN, or another tunnel
 *
 * anchor.c begins, ends and is told things; anchor_config.c reads the configuration,
 * anchor_control.c has the channel, anchor_writer.c the store, anchor_plane.c tunnels and TUN. */
#ifndef LK_ROLE_ANCHOR_H
#define LK_ROLE_ANCHOR_H

#include "role/kinds.h"

/* What a socket of ours is for. */
enum lk_anchor_serves {
    LK_ANCHOR_CONTROL,
    LK_ANCHOR_TUNNELS,
    LK_ANCHOR_TUN,
    LK_ANCHOR_SERVES_COUNT
};

int lk_anchor_run(const struct lk_worker_setup *setup);

extern const struct lk_own_counter lk_anchor_own[];
extern const size_t lk_anchor_own_count;

#endif
