/* The naf process: role naf, an application server that knows its users by their SIM (GBA).
 *
 *     UE --Ua, HTTP Digest--> naf_http --'            liblatchkey-naf --Zn, HTTPS--> BSF
 *     UE --Ua, TLS-PSK-----> naf_tls ---'
 *
 * It is a sample, and as small as one: it tells its user who he is, and until when. What it does is
 * what any server does with liblatchkey-naf (latchkey/naf.h). The library's questions block, and so
 * does a handshake of TLS: both run on threads of the loop's pool (naf_work.c), and end on the
 * loop. naf.c begins and ends; naf_ask.c answers the control socket. */
#ifndef LK_ROLE_NAF_H
#define LK_ROLE_NAF_H

#include "role/kinds.h"

enum lk_naf_serves { LK_NAF_HTTP_PORT, LK_NAF_TLS_PORT, LK_NAF_SERVES_COUNT };

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_naf_own {
    LK_NAF_OWN_REQUESTS,
    LK_NAF_OWN_GRANTED,
    LK_NAF_OWN_CHALLENGED,
    LK_NAF_OWN_REFUSED,
    LK_NAF_OWN_UNAVAILABLE,
    LK_NAF_OWN_OVER_BUDGET,
    LK_NAF_OWN_FULL,
    LK_NAF_OWN_TLS,
    LK_NAF_OWN_TLS_GRANTED,
    LK_NAF_OWN_TLS_REFUSED,
    LK_NAF_OWN_QUESTIONS,
    LK_NAF_OWN_USERS,
    LK_NAF_OWN_COUNT
};

int lk_naf_role_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_naf_role_asks[];

#endif
