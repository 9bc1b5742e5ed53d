#include "role/askers.h"

#define SECOND_US UINT64_C(1000000)
#define PROVEN_US (24 * 3600 * SECOND_US)

size_t lk_askers_size(void)
{
    return lk_budgets_size() + lk_proofs_size();
}

void lk_askers_in(struct lk_askers *askers, void *memory, uint64_t seed)
{
    uint8_t *at = memory;

    askers->budgets = lk_budgets_in(at, seed);
    askers->proven = lk_proofs_in(at + lk_budgets_size(), seed);
}

bool lk_askers_may_come(const struct lk_askers *askers, const struct lk_address *from,
                        unsigned a_second, uint64_t now_us)
{
    return lk_budgets_take_from(askers->budgets, from, a_second, now_us);
}

bool lk_askers_may_ask(const struct lk_askers *askers, const struct lk_address *from,
                       unsigned strangers_a_second, uint64_t now_us)
{
    const struct lk_budget_rate rate = { strangers_a_second, SECOND_US / strangers_a_second };

    return lk_askers_know(askers, from, now_us) ||
           lk_budgets_take(askers->budgets, lk_span_text("strangers"), &rate, now_us);
}

/* The source is who, and where he is. */
static struct lk_proof_name name_of(const struct lk_address_prefix *source)
{
    const struct lk_span octets = LK_SPAN(source->address.octets);

    return (struct lk_proof_name){ .who = octets, .place = octets };
}

bool lk_askers_know(const struct lk_askers *askers, const struct lk_address *from,
                    uint64_t now_us)
{
    const struct lk_address_prefix source = lk_address_source(from);
    const struct lk_proof_name name = name_of(&source);

    return lk_proofs_has(askers->proven, &name, now_us);
}

void lk_askers_proven(const struct lk_askers *askers, const struct lk_address *from,
                      uint64_t now_us)
{
    const struct lk_address_prefix source = lk_address_source(from);
    const struct lk_proof_name name = name_of(&source);

    lk_proofs_keep(askers->proven, &name, now_us + PROVEN_US);
}
