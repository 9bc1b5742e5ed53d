/* Whom the af process asks for N: the BSF at Zn for Ks_NAF of a B-TID (GBA), the AAnF for K_AF of
 * an A-KID (AKMA), both over HTTPS with certificates; in a laboratory a file (af_keys.h). One
 * question of a kind at a time: the applications wait, and their connections have an end. */
#ifndef LK_ROLE_AF_SOURCE_H
#define LK_ROLE_AF_SOURCE_H

#include "role/af_keys.h"
#include "role/kinds.h"

struct lk_af_process;
struct lk_af_source;

/* NULL: no memory. */
struct lk_af_source *lk_af_source_new(struct lk_af_process *af);
void lk_af_source_free(struct lk_af_source *source);
/* There may be somebody who waits: lk_af_keyed is told for each, and never within this. */
void lk_af_source_go(struct lk_af_source *source);

/* ---- af_session.c ---- */

/* N of the session that waits with that number; NULL: there is none. */
void lk_af_keyed(struct lk_af_process *af, uint32_t number, const struct lk_af_operator_key *key);
/* It is not told yet: it waits until somebody is asked again, or its handshake takes too long. */
void lk_af_later(struct lk_af_process *af, uint32_t number);

#endif
