/* A budget: so many at once, and so many a second for as long as one likes. Zeroed it is all there.
 * A clock that steps back gives nothing back, and takes nothing away. */
#ifndef LK_BASE_BUDGET_H
#define LK_BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct lk_budget {
    uint64_t spent; /* thousandths of one, at that time */
    uint64_t at_ms;
};

/* Takes one, if there is one beside those that are left for others. */
static inline bool lk_budget_take_leaving(struct lk_budget *budget, uint32_t at_once,
                                          uint32_t per_s, uint32_t left, uint64_t now_ms)
{
    uint64_t most = (uint64_t)at_once * 1000, back;
    uint64_t passed_ms = now_ms > budget->at_ms ? now_ms - budget->at_ms : 0;

    back = (passed_ms < UINT32_MAX ? passed_ms : UINT32_MAX) * per_s;
    budget->spent = budget->spent > back ? budget->spent - back : 0;
    if (budget->spent > most)
        budget->spent = most;
    budget->at_ms = now_ms;
    if (budget->spent + 1000 + (uint64_t)left * 1000 > most)
        return false;
    budget->spent += 1000;
    return true;
}

/* Takes one, if there is one. */
static inline bool lk_budget_take(struct lk_budget *budget, uint32_t at_once, uint32_t per_s,
                                  uint64_t now_ms)
{
    return lk_budget_take_leaving(budget, at_once, per_s, 0, now_ms);
}

#endif
