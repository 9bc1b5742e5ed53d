/* What is due when: a heap of numbers by time, in memory that the caller gives once. */
#ifndef LK_NODE_DUE_H
#define LK_NODE_DUE_H

#include <stddef.h>
#include <stdint.h>

#define LK_DUE_NEVER UINT64_MAX

struct lk_due {
    uint64_t *at_ms; /* of each number */
    uint32_t *heap, *place;
    uint32_t count;
};

/* Octets for the numbers below that; memory of that size is aligned to 8. None of them is due. */
size_t lk_due_size(uint32_t numbers);
void lk_due_in(struct lk_due *due, void *memory, uint32_t numbers);
/* From now on number is due at that time, or NEVER. */
void lk_due_set(struct lk_due *due, uint32_t number, uint64_t at_ms);
/* The least time; NEVER. And whose it is, when there is one. */
uint64_t lk_due_next_ms(const struct lk_due *due);
uint32_t lk_due_first(const struct lk_due *due);

#endif
