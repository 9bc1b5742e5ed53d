/* A table in memory that processes share without a lock: rows of numbers, each read and written
 * whole, found by a hash of whose row it is under a seed that nobody outside knows.
 *
 * A row is 0 or the name of whose it is, then its ends: when something in it is over. More numbers
 * may follow. There are so many rows for a name; who finds no room among them takes the row whose
 * last end is the earliest. */
#ifndef LK_BASE_MEMO_H
#define LK_BASE_MEMO_H

#include "base/octets.h"

struct lk_memo_shape {
    size_t numbers; /* of a row, its name too */
    size_t ends;
};

/* The head of the table; the rows lie behind it, zeroed. */
struct lk_memo {
    uint64_t seed;
    uint64_t sets; /* a power of two; 0: as many as are usual */
};

/* Of all, in a table of the usual size: 65,536 rows. */
size_t lk_memo_size(const struct lk_memo_shape *shape);
/* Sets for so many rows, or the usual ones, and octets for so many. */
uint64_t lk_memo_sets_for(uint32_t rows);
size_t lk_memo_size_for(const struct lk_memo_shape *shape, uint64_t sets);
/* Never 0. */
uint64_t lk_memo_name(const struct lk_memo *memo, struct lk_span who);

/* The row of that name; NULL: there is none. */
uint64_t *lk_memo_find(struct lk_memo *memo, const struct lk_memo_shape *shape, uint64_t name);
/* The same, or one that is of that name from now on, and its ends 0. */
uint64_t *lk_memo_take(struct lk_memo *memo, const struct lk_memo_shape *shape, uint64_t name);

static inline uint64_t lk_memo_read(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static inline void lk_memo_write(uint64_t *number, uint64_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

#endif
