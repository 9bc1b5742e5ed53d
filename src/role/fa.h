/* The fa process: role fa, a foreign agent of Mobile IP. One process, for it keeps the table of
 * visitors; a reload leaves it alone.
 *
 *     visitor ==UDP==> role/fa --> node/fa --> role/fa ==UDP==> home agent
 *
 * One socket for all of it, and nothing on disk: who is told of no more registers again.
 *
 * fa.c begins, ends, has the socket and carries out what the node says; fa_keys.c asks BSF and AAA,
 * fa_config.c reads the configuration, fa_ask.c answers questions. */
#ifndef LK_ROLE_FA_H
#define LK_ROLE_FA_H

#include "role/kinds.h"

/* What a socket of ours is for. */
enum lk_fa_serves { LK_FA_SERVES_MIP, LK_FA_SERVES_COUNT };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_fa_own {
    LK_FA_OWN_VISITORS,
    LK_FA_OWN_WAITING,
    LK_FA_OWN_REQUESTS,
    LK_FA_OWN_RELAYED,
    LK_FA_OWN_REFUSED,
    LK_FA_OWN_OVER_BUDGET,
    LK_FA_OWN_MALFORMED,
    LK_FA_OWN_MADE_ROOM,
    LK_FA_OWN_REPLIES,
    LK_FA_OWN_REPLIES_UNKNOWN,
    LK_FA_OWN_ARRIVED,
    LK_FA_OWN_RENEWED,
    LK_FA_OWN_LEFT,
    LK_FA_OWN_SOLICITED,
    LK_FA_OWN_ADVERTISED,
    LK_FA_OWN_ASKED,
    LK_FA_OWN_REVOCATIONS,
    LK_FA_OWN_REVOKED,
    LK_FA_OWN_REVOCATIONS_SAID,
    LK_FA_OWN_REVOCATIONS_ACKED,
    LK_FA_OWN_REVOCATIONS_LOST,
    LK_FA_OWN_INFORMED,
    LK_FA_OWN_UP_PACKETS,
    LK_FA_OWN_UP_OCTETS,
    LK_FA_OWN_DOWN_PACKETS,
    LK_FA_OWN_DOWN_OCTETS,
    LK_FA_OWN_UP_UNBOUND,
    LK_FA_OWN_DOWN_UNBOUND,
    LK_FA_OWN_PACKETS_MALFORMED,
    LK_FA_OWN_HOPS,
    LK_FA_OWN_COUNT
};

/* It asks a BSF, an AAA for keys with nodes. */
bool lk_fa_is_naf(const struct lk_config *config);
bool lk_fa_asks_aaa(const struct lk_config *config);

int lk_fa_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_fa_asks[];

#endif
