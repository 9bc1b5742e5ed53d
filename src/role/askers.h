/* Where those come from for whom a server asks its operator. A stranger makes it ask before he has
 * proven anything, and the operator gives it so many answers a second: so all strangers together
 * have a share of them, and sources from which somebody has proven himself in the last day have the
 * rest. A source is an IPv4 address, or a /64 of IPv6. Threads may share one. */
#ifndef LK_ROLE_ASKERS_H
#define LK_ROLE_ASKERS_H

#include "base/budgets.h"
#include "role/proofs.h"

struct lk_askers {
    struct lk_budgets *budgets;
    struct lk_proofs *proven;
};

size_t lk_askers_size(void);
/* memory is zeroed, and aligned to 8. */
void lk_askers_in(struct lk_askers *askers, void *memory, uint64_t seed);

/* Whether that source, whoever it is, may come once more. */
bool lk_askers_may_come(const struct lk_askers *askers, const struct lk_address *from,
                        unsigned a_second, uint64_t now_us);
/* Whether there may be a question on its behalf: it is known, or strangers may have one more. */
bool lk_askers_may_ask(const struct lk_askers *askers, const struct lk_address *from,
                       unsigned strangers_a_second, uint64_t now_us);
bool lk_askers_know(const struct lk_askers *askers, const struct lk_address *from,
                    uint64_t now_us);
/* Somebody has proven himself from there. */
void lk_askers_proven(const struct lk_askers *askers, const struct lk_address *from,
                      uint64_t now_us);

#endif
