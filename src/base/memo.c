#include "base/memo.h"

#include "base/hash.h"

enum { SETS = 8192 /* a power of two */, WAYS = 8, SET_SHIFT = 40 };

size_t lk_memo_size(const struct lk_memo_shape *shape)
{
    return lk_memo_size_for(shape, SETS);
}

uint64_t lk_memo_sets_for(uint32_t rows)
{
    uint64_t sets = SETS;

    while (sets * WAYS < rows)
        sets *= 2;
    return sets;
}

size_t lk_memo_size_for(const struct lk_memo_shape *shape, uint64_t sets)
{
    return sizeof(struct lk_memo) + sets * WAYS * shape->numbers * sizeof(uint64_t);
}

uint64_t lk_memo_name(const struct lk_memo *memo, struct lk_span who)
{
    uint64_t name = lk_hash(memo->seed, LK_HASH_FACTOR, who);

    return name == 0 ? 1 : name;
}

static uint64_t *row_of(struct lk_memo *memo, const struct lk_memo_shape *shape, uint64_t name,
                        size_t way)
{
    uint64_t sets = memo->sets == 0 ? SETS : memo->sets;
    size_t set = name >> SET_SHIFT & (sets - 1);

    return (uint64_t *)(memo + 1) + (set * WAYS + way) * shape->numbers;
}

uint64_t *lk_memo_find(struct lk_memo *memo, const struct lk_memo_shape *shape, uint64_t name)
{
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t *row = row_of(memo, shape, name, i);

        if (lk_memo_read(row) == name)
            return row;
    }
    return NULL;
}

static uint64_t last_end(const uint64_t *row, const struct lk_memo_shape *shape)
{
    uint64_t last = 0;

    for (size_t i = 1; i <= shape->ends; i++)
        if (lk_memo_read(&row[i]) > last)
            last = lk_memo_read(&row[i]);
    return last;
}

uint64_t *lk_memo_take(struct lk_memo *memo, const struct lk_memo_shape *shape, uint64_t name)
{
    uint64_t *row = lk_memo_find(memo, shape, name);

    if (row != NULL)
        return row;
    row = row_of(memo, shape, name, 0);
    for (size_t i = 1; i < WAYS; i++) {
        uint64_t *other = row_of(memo, shape, name, i);

        if (last_end(other, shape) < last_end(row, shape))
            row = other;
    }
    for (size_t i = 1; i <= shape->ends; i++)
        lk_memo_write(&row[i], 0);
    lk_memo_write(row, name);
    return row;
}
