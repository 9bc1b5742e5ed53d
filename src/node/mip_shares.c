#include "node/mip_shares.h"

#include <string.h>

enum { SECOND_US = 1000000, SHARE_US = 10 * SECOND_US, PARTS = 3 };

/* The second one of a subscriber is for what was lost on the way. */
static const struct lk_budget_rate of_source = { 1, SHARE_US }, of_subject = { 2, SHARE_US };

struct who {
    uint8_t octets[1 + LK_ADDRESS_LEN];
};

static struct who source_of(const struct lk_mip_asker *asker)
{
    const struct lk_address_prefix prefix = lk_address_source(&asker->source);
    struct who who = { { 'a' } };

    memcpy(who.octets + 1, prefix.address.octets, LK_ADDRESS_LEN);
    return who;
}

static struct who subject_of(const struct lk_mip_asker *asker)
{
    struct who who = { { 's' } };

    memcpy(who.octets + 1, &asker->subject, sizeof asker->subject);
    return who;
}

bool lk_mip_shares_take(struct lk_mip_shares *shares, const struct lk_mip_asker *asker,
                        uint32_t out, uint64_t now_ms)
{
    const struct who source = source_of(asker), subject = subject_of(asker);
    const uint64_t now_us = now_ms * 1000;
    const bool named = !lk_address_is_any(&asker->source);
    const bool from = !named || lk_budgets_has(shares->spent, LK_SPAN(source.octets), &of_source,
                                               now_us);
    const bool his = lk_budgets_has(shares->spent, LK_SPAN(subject.octets), &of_subject, now_us);
    const uint32_t beyond = (uint32_t)!from + (uint32_t)!his;

    if (out + shares->places * beyond / PARTS >= shares->places ||
        !lk_budget_take_leaving(&shares->all, shares->a_second, shares->a_second,
                                shares->a_second * beyond / PARTS, now_ms))
        return false;
    if (named && from)
        (void)lk_budgets_take(shares->spent, LK_SPAN(source.octets), &of_source, now_us);
    if (his)
        (void)lk_budgets_take(shares->spent, LK_SPAN(subject.octets), &of_subject, now_us);
    return true;
}
