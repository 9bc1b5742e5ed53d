/* A pool: which home address a subscriber gets who has none yet.
 *
 * The place where the search begins, and its stride, come from subscriber and service, so that even
 * without a store most get what they had; from then on the row in the table of bindings is what
 * keeps the address theirs. Nothing is kept here: what is taken is what the table has. */
#ifndef LK_NODE_POOL_H
#define LK_NODE_POOL_H

#include "node/binding.h"

enum { LK_POOL_TRIES = 4096 };

struct lk_pool {
    struct lk_address_prefix network;
    uint8_t bits;              /* of what is given: 128 an address, 64 a prefix */
    struct lk_address gateway; /* not given to anybody, nor the prefix that it is in */
};

/* LK_E_VALUE when there is nothing in it to give. The gateway is the first address behind the
 * network's own, unless one is named that is not 0. */
LK_MUST_CHECK enum lk_status lk_pool_of(struct lk_pool *pool,
                                        const struct lk_address_prefix *network, uint8_t bits,
                                        const struct lk_address *gateway);
/* How many it has, up to 2^32; those that are not given count. */
uint64_t lk_pool_size(const struct lk_pool *pool);
/* LK_E_FULL after LK_POOL_TRIES that all were taken. */
LK_MUST_CHECK enum lk_status lk_pool_pick(struct lk_address_prefix *picked,
                                          const struct lk_pool *pool,
                                          const struct lk_binding_table *table, uint64_t subject,
                                          uint16_t service);

#endif
