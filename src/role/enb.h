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

#include "node/enb.h"
#include "role/kinds.h"

/* What a socket of ours is for: the cell of that place, or Xw. */
enum { LK_ENB_SERVES_XW = LK_CONFIG_CELLS, LK_ENB_SERVES_COUNT };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_enb_own {
    LK_ENB_OWN_UES,
    LK_ENB_OWN_STRANGERS,
    LK_ENB_OWN_WT_UP,
    LK_ENB_OWN_ATTACHES,
    LK_ENB_OWN_ATTACHES_REFUSED,
    LK_ENB_OWN_OVER_BUDGET,
    LK_ENB_OWN_FULL,
    LK_ENB_OWN_MADE_ROOM,
    LK_ENB_OWN_UNKNOWN,
    LK_ENB_OWN_MALFORMED,
    LK_ENB_OWN_MAC_TAKEN,
    LK_ENB_OWN_SAVES,
    LK_ENB_OWN_SAVES_FAILED,
    LK_ENB_OWN_LWA_SET_UP,
    LK_ENB_OWN_REKEYS_BEGUN,
    LK_ENB_OWN_REKEYS,
    LK_ENB_OWN_REFRESHES,
    LK_ENB_OWN_HANDOVERS,
    LK_ENB_OWN_HANDOVERS_FAILED,
    LK_ENB_OWN_LWA_RELEASED,
    LK_ENB_OWN_RRC_REFUSED,
    LK_ENB_OWN_XW_MALFORMED,
    LK_ENB_OWN_XW_UNKNOWN,
    LK_ENB_OWN_XW_REFUSED,
    LK_ENB_OWN_XW_UNSENT,
    LK_ENB_OWN_UNEXPECTED,
    LK_ENB_OWN_NOTICES,
    LK_ENB_OWN_COUNT
};

/* The configuration in force, as the node reads it. */
void lk_enb_config_take(struct lk_enb_config *to, const struct lk_config *config);

int lk_enb_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_enb_asks[];

#endif
