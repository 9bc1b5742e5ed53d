#include "node/index.h"

#include <stdalign.h>

#include "base/check.h"

static uint32_t buckets_of(uint32_t numbers)
{
    uint32_t buckets = 1;

    while (buckets < numbers)
        buckets *= 2;
    return buckets;
}

size_t lk_index_size(uint32_t numbers)
{
    size_t octets = (size_t)numbers * (sizeof(uint64_t) + sizeof(uint32_t)) +
                    (size_t)buckets_of(numbers) * sizeof(uint32_t);

    return (octets + alignof(uint64_t) - 1) / alignof(uint64_t) * alignof(uint64_t);
}

void lk_index_in(struct lk_index *index, void *memory, uint32_t numbers)
{
    uint32_t buckets = buckets_of(numbers);

    LK_ASSERT((uintptr_t)memory % alignof(uint64_t) == 0);
    *index = (struct lk_index){ .hash = memory, .mask = buckets - 1 };
    index->next = (uint32_t *)(void *)(index->hash + numbers);
    index->bucket = index->next + numbers;
    for (uint32_t i = 0; i < buckets; i++)
        index->bucket[i] = LK_INDEX_NONE;
}

void lk_index_put(struct lk_index *index, uint32_t number, uint64_t hash)
{
    uint32_t *bucket = &index->bucket[hash & index->mask];

    index->hash[number] = hash;
    index->next[number] = *bucket;
    *bucket = number;
}

void lk_index_take(struct lk_index *index, uint32_t number)
{
    uint32_t *at = &index->bucket[index->hash[number] & index->mask];

    while (*at != number) {
        LK_ASSERT(*at != LK_INDEX_NONE);
        at = &index->next[*at];
    }
    *at = index->next[number];
}

static uint32_t of_hash(const struct lk_index *index, uint32_t number, uint64_t hash)
{
    while (number != LK_INDEX_NONE && index->hash[number] != hash)
        number = index->next[number];
    return number;
}

uint32_t lk_index_first(const struct lk_index *index, uint64_t hash)
{
    return of_hash(index, index->bucket[hash & index->mask], hash);
}

uint32_t lk_index_next(const struct lk_index *index, uint32_t number)
{
    return of_hash(index, index->next[number], index->hash[number]);
}
