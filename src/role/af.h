/* The af process: role af, a server of applications whose sessions the operator cannot read.
 *
 *     application --TCP--> af_session --> liblatchkey-e2e, one end a connection
 *                            |-- af_users: whose identity, P and client key belong together
 *                            '-- af_keys: N, the operator's key, asked for by B-TID or A-KID
 *
 * af.c begins and ends; af_serve.c is what it serves, an echo that says who asks; af_ask.c answers
 * the control socket. The private key and the users' keys are read by this process and no other:
 * where a daemon has roles of the operator beside it, those never have them. */
#ifndef LK_ROLE_AF_H
#define LK_ROLE_AF_H

#include "role/kinds.h"

enum lk_af_serves { LK_AF_PORT, LK_AF_SERVES_COUNT };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_af_own {
    LK_AF_OWN_CONNECTIONS,
    LK_AF_OWN_SESSIONS,
    LK_AF_OWN_TAKEN,
    LK_AF_OWN_SOURCE_FULL,
    LK_AF_OWN_FULL,
    LK_AF_OWN_DISPLACED,
    LK_AF_OWN_TOO_SLOW,
    LK_AF_OWN_OVER_BUDGET,
    LK_AF_OWN_OPENED,
    LK_AF_OWN_GAVE_WAY,
    LK_AF_OWN_IDLE,
    LK_AF_OWN_ROW_CHANGED,
    LK_AF_OWN_RESUMED,
    LK_AF_OWN_REFUSED,
    LK_AF_OWN_N_ASKED,
    LK_AF_OWN_N_MISSING,
    LK_AF_OWN_N_LATER,
    LK_AF_OWN_ANSWERS,
    LK_AF_OWN_HANDED_OVER,
    LK_AF_OWN_COUNT
};

int lk_af_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_af_asks[];

#endif
