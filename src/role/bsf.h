/* The bsf process: role bsf, the bootstrapping server function of GBA (TS 33.220).
 *
 *     UE --Ub, HTTP--> bsf_ub --> proto/gba/bsf, one machine a request
 *                        |-- store: whose TMPI, what came of it
 *                        '-- vault: vectors
 *
 *     NAF --Zn, HTTPS with certificates of both--> bsf_zn: Ks_NAF, and never Ks
 *
 * bsf.c begins and ends; bsf_ub.c carries a request through its machine; bsf_session.c seals what
 * the store keeps; bsf_ask.c answers the control socket. A session is durable before the UE is told
 * of it: a NAF may ask any node for it at once. */
#ifndef LK_ROLE_BSF_H
#define LK_ROLE_BSF_H

#include "role/kinds.h"

enum lk_bsf_serves { LK_BSF_UB_PORT, LK_BSF_ZN_PORT, LK_BSF_SERVES_COUNT };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_bsf_own {
    LK_BSF_OWN_REQUESTS,
    LK_BSF_OWN_CHALLENGES,
    LK_BSF_OWN_BOOTSTRAPPED,
    LK_BSF_OWN_REFUSED,
    LK_BSF_OWN_OVER_BUDGET,
    LK_BSF_OWN_FULL,
    LK_BSF_OWN_NOT_KEPT,
    LK_BSF_OWN_NAF_KEYS,
    LK_BSF_OWN_NAF_REFUSED,
    LK_BSF_OWN_NAF_OVER_BUDGET,
    LK_BSF_OWN_COUNT
};

int lk_bsf_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_bsf_asks[];

#endif
