/* Numbers found by a hash: chains in memory that the caller gives once. What a number stands for is
 * the caller's, and so is the comparison behind an equal hash. */
#ifndef LK_NODE_INDEX_H
#define LK_NODE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define LK_INDEX_NONE UINT32_MAX

struct lk_index {
    uint64_t *hash; /* of each number */
    uint32_t *next, *bucket;
    uint32_t mask;  /* of buckets */
};

/* Octets for the numbers below that; memory of that size is aligned to 8. None of them is in. */
size_t lk_index_size(uint32_t numbers);
void lk_index_in(struct lk_index *index, void *memory, uint32_t numbers);
/* The number is not in. */
void lk_index_put(struct lk_index *index, uint32_t number, uint64_t hash);
/* The number is in, under the hash that it was put with. */
void lk_index_take(struct lk_index *index, uint32_t number);
/* The numbers of that hash, one after another; NONE. */
uint32_t lk_index_first(const struct lk_index *index, uint64_t hash);
uint32_t lk_index_next(const struct lk_index *index, uint32_t number);

#endif
