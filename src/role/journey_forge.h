/* Registration Requests of who has no right to them, for steps that spoof. */
#ifndef LK_ROLE_JOURNEY_FORGE_H
#define LK_ROLE_JOURNEY_FORGE_H

#include "keys/mip.h"
#include "role/journey_parts.h"

/* What is said, and what it is signed with. */
struct lk_journey_forgery {
    const char *imsi;  /* that the NAI names */
    const char *b_tid; /* "": none */
    struct lk_address home, agent, care_of;
    uint16_t lifetime_s;
    bool udp; /* a tunnel in UDP is asked for */
    struct lk_mip_association with;
};

/* LK_E_FULL, LK_E_VALUE: it cannot be said. */
LK_MUST_CHECK enum lk_status lk_journey_forge(struct lk_writer *w,
                                              const struct lk_journey_forgery *forgery);
/* Ks_NAF of the home agent, as the USIM of that card makes it of the bootstrapping that b_tid
 * names: what its owner can compute. LK_E_VALUE: b_tid is none. The caller wipes key. */
LK_MUST_CHECK enum lk_status lk_journey_forge_key(struct lk_mip_secret *key,
                                                  const struct lk_recompute_card *card,
                                                  const char *imsi, const char *b_tid);
/* The first request to the agent in that name that the capture has, and that is not said to be from
 * the place of the forgery itself. LK_E_NOT_FOUND. */
LK_MUST_CHECK enum lk_status lk_journey_forge_heard(struct lk_writer *w, const char *capture,
                                                    const struct lk_journey_forgery *forgery);

#endif
