/* Budgets of many: who comes may come so often at once, and once more each so many microseconds.
 *
 * A table of one size, found by a hash under a seed that nobody outside knows. Where its place is
 * full the one that has spent least is forgotten, so who is forgotten has all of his again: a table
 * that is too small refuses nobody. Processes may share one; then two of them may both let somebody
 * through at the same instant. */
#ifndef LK_BASE_BUDGETS_H
#define LK_BASE_BUDGETS_H

#include "base/address.h"

struct lk_budget_rate {
    uint32_t at_once;
    uint64_t every_us; /* and one more */
};

struct lk_budgets;

size_t lk_budgets_size(void);
/* memory is zeroed, and aligned to 8. */
struct lk_budgets *lk_budgets_in(void *memory, uint64_t seed);
/* The same with room for so many at once, where that is more than usual (65,536). */
size_t lk_budgets_size_for(uint32_t rows);
struct lk_budgets *lk_budgets_in_for(void *memory, uint64_t seed, uint32_t rows);

/* Takes one, if there is one. */
bool lk_budgets_take(struct lk_budgets *budgets, struct lk_span who,
                     const struct lk_budget_rate *rate, uint64_t now_us);
/* There is one: what else it depends on can be looked at before it is taken. */
bool lk_budgets_has(struct lk_budgets *budgets, struct lk_span who,
                    const struct lk_budget_rate *rate, uint64_t now_us);
/* One of several budgets that the same is of. who is the caller's. */
struct lk_budget_share {
    struct lk_span who;
    struct lk_budget_rate rate;
};
/* There is one in each of them. */
bool lk_budgets_have(struct lk_budgets *budgets, const struct lk_budget_share *shares, size_t count,
                     uint64_t now_us);
/* Takes one of each, if there is one in each: what one refuses is not taken of another. */
bool lk_budgets_take_each(struct lk_budgets *budgets, const struct lk_budget_share *shares,
                          size_t count, uint64_t now_us);
/* Of who asks from that address, so many a second and as many at once: an IPv6 address has what its
 * /64 has. */
bool lk_budgets_take_from(struct lk_budgets *budgets, const struct lk_address *from,
                          unsigned a_second, uint64_t now_us);
/* All of it is there again. */
void lk_budgets_give_back(struct lk_budgets *budgets, struct lk_span who);

#endif
