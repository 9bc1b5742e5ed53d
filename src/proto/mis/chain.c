#include "proto/mis/chain.h"

#include "proto/mis/partners.h"
#include "proto/mis/sa.h"

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* spec: IEEE 802.21.1 5.14.2 - after a limited number of optimised runs full establishment is
 * forced: this one would be one too many. */
static bool exceeds(const struct lk_mis_chain *chain, unsigned used)
{
    return used > least(chain->max, LK_MIS_CHAIN_MOST);
}

enum lk_mis_reason lk_mis_chain_may(const struct lk_mis_chain *chain, uint8_t sa_type)
{
    if (!lk_mis_type_has_k(sa_type))
        return LK_MIS_REASON_FULL_AUTH_WANTED;
    return exceeds(chain, chain->used + 1u) ? LK_MIS_REASON_CHAIN_LIMIT : LK_MIS_REASON_NONE;
}

bool lk_mis_chain_at_end(const struct lk_mis_chain *chain)
{
    return exceeds(chain, chain->used + 1u);
}

enum lk_mis_reason lk_mis_chain_count(struct lk_mis_chain *chain, enum lk_mis_run run,
                                      uint8_t announced)
{
    unsigned used = 0;

    switch (run) {
    case LK_MIS_RUN_FULL:
    case LK_MIS_RUN_ERP_HOME:
        break;
    case LK_MIS_RUN_ERP_CHAIN:
        /* spec: RFC 6696 8 - who has the DSRK has what comes of it: an ER server in the chain is
         * one more link of it, not a new beginning. */
        used = chain->used + 1u;
        break;
    case LK_MIS_RUN_OPTIMISED:
        if (announced <= chain->used)
            return LK_MIS_REASON_AUTH_FAILED;
        used = announced;
        break;
    }
    if (exceeds(chain, used))
        return LK_MIS_REASON_CHAIN_LIMIT;
    chain->used = (uint8_t)used;
    return LK_MIS_REASON_NONE;
}

static enum lk_mis_reason judge_mark(uint64_t *left_s, const struct lk_mis_offer *offer,
                                     uint64_t now_s)
{
    const struct lk_start_mark *mark = offer->mark;
    uint64_t age_s;

    if (mark == NULL || mark->start_s > now_s + LK_MIS_START_AHEAD_S)
        return LK_MIS_REASON_NO_TRUST;
    if (!lk_span_equal(mark->mn_id, offer->mn_id))
        return LK_MIS_REASON_UNKNOWN_MN;
    /* T40: a home speaks for its own, and for no MN of another one. */
    if (!lk_mis_same_realm(lk_mis_realm(mark->mn_id), mark->realm))
        return LK_MIS_REASON_NO_TRUST;
    age_s = now_s > mark->start_s ? now_s - mark->start_s : 0;
    if (age_s >= mark->lifetime_s)
        return LK_MIS_REASON_KEY_EXPIRED;
    *left_s = mark->lifetime_s - age_s;
    return LK_MIS_REASON_NONE;
}

enum lk_mis_reason lk_mis_chain_judge(uint32_t *lifetime_s, const struct lk_mis_offer *offer,
                                      uint8_t own_max, uint64_t now_s)
{
    struct lk_mis_chain chain = { .used = 0, .max = least(offer->max, own_max) };
    uint64_t left_s = 0;
    enum lk_mis_reason reason = judge_mark(&left_s, offer, now_s);

    *lifetime_s = 0;
    if (reason != LK_MIS_REASON_NONE)
        return reason;
    chain.max = least(chain.max, offer->mark->max);
    if (offer->used == 0 || exceeds(&chain, offer->used))
        return LK_MIS_REASON_CHAIN_LIMIT;
    if (offer->lifetime_s == 0)
        return LK_MIS_REASON_KEY_EXPIRED;
    /* What stands on an authentication does not outlive it. */
    *lifetime_s = lk_mis_lifetime_s(offer->lifetime_s, UINT32_MAX, (uint32_t)left_s);
    return LK_MIS_REASON_NONE;
}

uint32_t lk_mis_lifetime_s(uint32_t asked_s, uint32_t policy_s, uint32_t left_s)
{
    uint32_t most_s = policy_s < left_s ? policy_s : left_s;

    return asked_s < most_s ? asked_s : most_s;
}
