/* Link keys in Push_key (IEEE 802.21 8.6): which link a KEY_MAPPING is of, and whether the key is
 * what the MSRK of the SA makes.
 *
 * MN and PoS both have the MSRK, so what is pushed tells the MN nothing that it could not make: it
 * says that the PoS has given a key, and for which link. A key that is not of this MSRK is refused,
 * so both hold the same, or none. Links here have addresses of six octets, as IEEE 802 has. */
#ifndef LK_PROTO_MIS_LINK_KEYS_H
#define LK_PROTO_MIS_LINK_KEYS_H

#include "proto/mis/sa.h"

enum { LK_MIS_LINK_KEYS_MAX = 4 }; /* of one message */

struct lk_mis_pushed { /* secret */
    struct lk_mis_link_pair link;
    struct lk_mspmk key;
    uint32_t lifetime_s;
};

/* A list of that one. */
void lk_mis_pushed_put(struct lk_writer *w, const struct lk_mis_pushed *pushed);
/* All of a list, under that SA. LK_E_VALUE: a link of other addresses, or without a point of
 * attachment; no lifetime; LK_E_FULL: more than LK_MIS_LINK_KEYS_MAX, or none. LK_E_MAC: not the
 * key of this MSRK. LK_E_SHORT, LK_E_LENGTH, ...: no such list. Then pushed is wiped. */
LK_MUST_CHECK enum lk_status lk_mis_pushed_get(struct lk_mis_pushed pushed[LK_MIS_LINK_KEYS_MAX],
                                               size_t *count, struct lk_span list,
                                               const struct lk_mis_sa *sa);

#endif
