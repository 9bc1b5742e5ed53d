/* The enb process: role enb, the eNBs of LTE-WLAN aggregation, with the MME's part in it. One
 * process, for it keeps contexts and their keys; a reload leaves it alone.
 *
 *     device --Uu: SRB1 in UDP, a socket a cell--> proto/eps/network until there is a context,
 *                                                   then node/enb ==XwAP, one way for all==> WT
 *     vectors: role/vectors, KASME alone; WT Counters: role/durable, before they are used (T52)
 *
 * All cells have one association with the WT: the ids that it knows UEs by are this process's, so
 * they tell which cell is meant. What is told of a restart: contexts are gone, and a device that
 * attaches again has new keys; counters stay used.
 *
 * enb.c begins, ends, and carries out what the node says; enb_uu.c has Uu and the attach,
 * enb_late.c a slow radio, enb_places.c the devices, enb_config.c reads the configuration,
 * enb_ask.c answers questions. */
#ifndef LK_ROLE_ENB_H
#define LK_ROLE_ENB_H

#include "role/kinds.h"

/* What a socket of ours is for: the cell of that place, or Xw. */
enum { LK_ENB_SERVES_XW = LK_CONFIG_CELLS, LK_ENB_SERVES_COUNT };

int lk_enb_run(const struct lk_worker_setup *setup);

extern const struct lk_own_counter lk_enb_own[];
extern const size_t lk_enb_own_count;
extern const struct lk_ask lk_enb_asks[];

#endif
