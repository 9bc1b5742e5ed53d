#include "base/hash.h"

uint64_t lk_hash(uint64_t start, uint64_t factor, struct lk_span octets)
{
    uint64_t hash = start;

    for (size_t i = 0; i < octets.len; i++) {
        hash = (hash ^ octets.at[i]) * (factor | 1);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}
