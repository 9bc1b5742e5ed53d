/* Who is asked for at a BSF, where more name a B-TID than it is asked about in a second (T15).
 *
 * A source, which is an address or a /64, and a subscriber, who is whom it says that it is, have a
 * share each. Within both everything is there for it; beyond one of the two a third of all is left
 * to others, beyond both two thirds. So strangers, however many, who ask from the same places or in
 * the same names again and again take nothing from a device that comes for the first time, and what
 * nobody else wants they may have. */
#ifndef LK_NODE_MIP_SHARES_H
#define LK_NODE_MIP_SHARES_H

#include "base/budget.h"
#include "base/budgets.h"

struct lk_mip_shares {
    struct lk_budgets *spent; /* the caller's, for this alone */
    uint32_t a_second, places; /* questions; and those that are out at once */
    struct lk_budget all;
};

struct lk_mip_asker {
    struct lk_address source; /* ::, it is not known */
    uint64_t subject;
};

/* Takes a question, if there is one for it. out: those that are out now. */
bool lk_mip_shares_take(struct lk_mip_shares *shares, const struct lk_mip_asker *asker,
                        uint32_t out, uint64_t now_ms);

#endif
