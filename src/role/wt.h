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

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_wt_own {
    LK_WT_OWN_UES,
    LK_WT_OWN_ASSOCIATED,
    LK_WT_OWN_ENBS_UP,
    LK_WT_OWN_XW_STRANGERS,
    LK_WT_OWN_XW_MESSAGES,
    LK_WT_OWN_XW_MALFORMED,
    LK_WT_OWN_XW_REFUSED,
    LK_WT_OWN_XW_UNEXPECTED,
    LK_WT_OWN_XW_UNSENT,
    LK_WT_OWN_FRAMES,
    LK_WT_OWN_FRAMES_MALFORMED,
    LK_WT_OWN_FRAMES_FOREIGN,
    LK_WT_OWN_FRAMES_UNASSOCIATED,
    LK_WT_OWN_FRAMES_ELSEWHERE,
    LK_WT_OWN_FRAMES_UNPLACED,
    LK_WT_OWN_AUTHENTICATIONS,
    LK_WT_OWN_ASSOCIATIONS,
    LK_WT_OWN_ASSOCIATIONS_REFUSED,
    LK_WT_OWN_STRANGERS_REFUSED,
    LK_WT_OWN_HANDSHAKES,
    LK_WT_OWN_DEAUTHENTICATIONS,
    LK_WT_OWN_IN_CLEAR,
    LK_WT_OWN_IN_PIECES,
    LK_WT_OWN_REPLAYED,
    LK_WT_OWN_ALTERED,
    LK_WT_OWN_EAPOL_REFUSED,
    LK_WT_OWN_NOTICES,
    LK_WT_OWN_INSTALLS,
    LK_WT_OWN_INSTALLS_REFUSED,
    LK_WT_OWN_DATA_UP,
    LK_WT_OWN_DATA_DOWN,
    LK_WT_OWN_UP_DROPPED,
    LK_WT_OWN_DOWN_DROPPED,
    LK_WT_OWN_ECHOED,
    LK_WT_OWN_COUNT
};

int lk_wt_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_wt_asks[];

#endif
