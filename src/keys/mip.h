/* Keys of Mobile IP from the one with the home AAA (RFC 3957): MN-HA and MN-FA.
 *
 * One formula makes both: only their nonces tell them apart. */
#ifndef LK_KEYS_MIP_H
#define LK_KEYS_MIP_H

#include "keys/types.h"

enum { LK_MIP_KEY_SHORT = 16 }; /* octets that are taken where 128 bits are wanted */

/* identifier: the NAI of the Registration Request, or, where it had none, its home address. The
 * caller wipes key. */
void lk_mip_key_derive(struct lk_mip_key *key, struct lk_span aaa_key, struct lk_span nonce,
                       struct lk_span identifier);

#endif
