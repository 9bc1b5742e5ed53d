/* Where each of many has proven to be who he says he is, and until when that counts.
 *
 * Who proves it has one row with his last few places, and a new one takes the place of his own that
 * ends first: however often somebody proves it, and from however many places, the others' stay. A
 * table of one size, found by a hash under a seed that nobody outside knows; where a row finds no
 * room, the one whose last proof is the oldest makes it. Processes may share one; then two that
 * write one row at the same instant may lose a proof, and never make one: a place is known by a
 * hash of whose it is as well. */
#ifndef LK_ROLE_PROOFS_H
#define LK_ROLE_PROOFS_H

#include "base/octets.h"

enum { LK_PROOFS_EACH = 8 }; /* places that one who proves it keeps */

struct lk_proofs;

/* place names who as well. */
struct lk_proof_name {
    struct lk_span who, place;
};

size_t lk_proofs_size(void);
/* memory is zeroed, and aligned to 8. */
struct lk_proofs *lk_proofs_in(void *memory, uint64_t seed);

void lk_proofs_keep(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t until_us);
/* Whether there is one that counts now. */
bool lk_proofs_has(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t now_us);

#endif
