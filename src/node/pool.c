#include "node/pool.h"

#include <string.h>

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
    value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

/* Number index of the pool. */
static struct lk_address_prefix member(const struct lk_pool *pool, uint64_t index)
{
    struct lk_address_prefix prefix = { .address = pool->network.address, .bits = pool->bits };
    unsigned last = pool->bits - 1u;

    for (unsigned bit = last; index != 0; bit--, index >>= 1)
        if ((index & 1) != 0)
            prefix.address.octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return prefix;
}

uint64_t lk_pool_size(const struct lk_pool *pool)
{
    unsigned free_bits = pool->bits - (unsigned)pool->network.bits;

    return UINT64_C(1) << (free_bits < 32 ? free_bits : 32);
}

enum lk_status lk_pool_of(struct lk_pool *pool, const struct lk_address_prefix *network,
                          uint8_t bits, const struct lk_address *gateway)
{
    bool v4 = lk_address_is_v4(&network->address) && network->bits >= 96;

    memset(pool, 0, sizeof *pool);
    if (bits > LK_ADDRESS_BITS || bits < network->bits + (v4 ? 2 : 1) || (v4 && bits != 128))
        return LK_E_VALUE;
    pool->network = *network;
    pool->bits = bits;
    pool->gateway = network->address;
    pool->gateway.octets[LK_ADDRESS_LEN - 1] |= 1;
    if (!lk_address_is_any(gateway))
        pool->gateway = *gateway;
    return LK_OK;
}

/* Of IPv4 neither the network's own address nor its broadcast; of neither family the gateway's. */
static bool may_give(const struct lk_pool *pool, uint64_t index,
                     const struct lk_address_prefix *prefix)
{
    struct lk_address_prefix own = lk_address_prefix_of(&pool->gateway, pool->bits);

    if (pool->bits == 128 && (index == 0 || index == lk_pool_size(pool) - 1))
        return false;
    return !lk_address_prefix_equal(prefix, &own);
}

/* An odd stride goes through all of a power of two. */
enum lk_status lk_pool_pick(struct lk_address_prefix *picked, const struct lk_pool *pool,
                            const struct lk_binding_table *table, uint64_t subject,
                            uint16_t service)
{
    uint64_t size = lk_pool_size(pool), hash = mix(mix(subject) ^ service);
    uint64_t index = hash % size, stride = (mix(hash) | 1) % size;

    for (unsigned i = 0; i < LK_POOL_TRIES && i < size; i++, index = (index + stride) % size) {
        *picked = member(pool, index);
        if (may_give(pool, index, picked) && lk_binding_at(table, &picked->address) == NULL)
            return LK_OK;
    }
    return LK_E_FULL;
}
