/* The wt process: role wt, the WLAN termination. One process, for it keeps associations and their
 * keys; a reload leaves it alone.
 *
 *     eNB ==XwAP, SCTP or TLS==> role/xw --> node/wt <-- role/air_places <--802.11 in UDP-- station
 *
 * There is no Xw-U: data of a UE goes back to it as if the eNB had sent it (wt.echo), or nowhere.
 *
 * wt.c begins, ends, and carries out what the node says; wt_air.c has the air, wt_config.c reads
 * the configuration, wt_ask.c answers questions. */
#ifndef LK_ROLE_WT_H
#define LK_ROLE_WT_H

#include "role/kinds.h"

/* What a socket of ours is for. */
enum lk_wt_serves { LK_WT_AIR, LK_WT_XW_SCTP, LK_WT_XW_TCP, LK_WT_SERVES_COUNT };

int lk_wt_run(const struct lk_worker_setup *setup);

extern const struct lk_own_counter lk_wt_own[];
extern const size_t lk_wt_own_count;
extern const struct lk_ask lk_wt_asks[];

#endif
