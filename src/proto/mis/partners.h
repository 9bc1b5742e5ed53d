/* Who is whose partner (IEEE 802.21.1 5.14.1): realms of MISF identifiers, by a list.
 *
 * An identifier is an NAI, or a name alone: its realm is what stands behind the last @, or all of
 * it. Realms are names of domains: a letter is the same in upper and lower case, and a realm below
 * another one is another one. A PoS has the list of its operator; an MN that of its home, so that
 * no PoS on the way can lead it elsewhere (T45). */
#ifndef LK_PROTO_MIS_PARTNERS_H
#define LK_PROTO_MIS_PARTNERS_H

#include "base/octets.h"

struct lk_mis_partners {
    const struct lk_span *realm;
    size_t count;
};

struct lk_span lk_mis_realm(struct lk_span id);
bool lk_mis_same_realm(struct lk_span a, struct lk_span b);
/* Whether the realm of that identifier is on the list. */
bool lk_mis_is_partner(const struct lk_mis_partners *partners, struct lk_span id);

#endif
