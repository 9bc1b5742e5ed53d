/* The aanf process: role aanf, the anchor function of AKMA (TS 33.535).
 *
 *     AUSF --register, remove--> aanf_serve <--get, get anonymous-- AF
 *                                    |
 *                                    '-- store: A-KID -> whose, K_AKMA sealed
 *
 * All of it JSON over HTTPS, HTTP/1.1, certificates at both ends. aanf.c begins and ends;
 * aanf_serve.c answers; aanf_ask.c answers the control socket. It has no vault: what it is given is
 * all that it knows. A context is durable before the AUSF is told. */
#ifndef LK_ROLE_AANF_H
#define LK_ROLE_AANF_H

#include "role/kinds.h"

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_aanf_own {
    LK_AANF_OWN_REQUESTS,
    LK_AANF_OWN_REGISTERED,
    LK_AANF_OWN_REMOVED,
    LK_AANF_OWN_AF_KEYS,
    LK_AANF_OWN_ANONYMOUS,
    LK_AANF_OWN_REFUSED,
    LK_AANF_OWN_OVER_BUDGET,
    LK_AANF_OWN_FULL,
    LK_AANF_OWN_NOT_KEPT,
    LK_AANF_OWN_COUNT
};

int lk_aanf_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_aanf_asks[];

#endif
