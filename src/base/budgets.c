#include "base/budgets.h"

#include "base/check.h"
#include "base/memo.h"

/* What has been taken is back by then: one number is the whole of a budget. */
enum { WHO, UNTIL_US, NUMBERS };

static const struct lk_memo_shape shape = { .numbers = NUMBERS, .ends = 1 };

struct lk_budgets {
    struct lk_memo memo;
};

size_t lk_budgets_size(void)
{
    return lk_memo_size(&shape);
}

struct lk_budgets *lk_budgets_in(void *memory, uint64_t seed)
{
    struct lk_budgets *budgets = memory;

    budgets->memo.seed = seed;
    return budgets;
}

size_t lk_budgets_size_for(uint32_t rows)
{
    return lk_memo_size_for(&shape, lk_memo_sets_for(rows));
}

struct lk_budgets *lk_budgets_in_for(void *memory, uint64_t seed, uint32_t rows)
{
    struct lk_budgets *budgets = lk_budgets_in(memory, seed);

    budgets->memo.sets = lk_memo_sets_for(rows);
    return budgets;
}

/* From when on what is spent next counts. */
static uint64_t from_us_of(const uint64_t *row, uint64_t now_us)
{
    uint64_t spent_until = lk_memo_read(&row[UNTIL_US]);

    return spent_until > now_us ? spent_until : now_us;
}

static bool is_left(uint64_t from_us, const struct lk_budget_rate *rate, uint64_t now_us)
{
    LK_ASSERT(rate->at_once > 0 && rate->every_us > 0);
    return from_us - now_us <= (rate->at_once - 1) * rate->every_us;
}

bool lk_budgets_take(struct lk_budgets *budgets, struct lk_span who,
                     const struct lk_budget_rate *rate, uint64_t now_us)
{
    struct lk_memo *memo = &budgets->memo;
    uint64_t *row = lk_memo_take(memo, &shape, lk_memo_name(memo, who));
    uint64_t from_us = from_us_of(row, now_us);

    if (!is_left(from_us, rate, now_us))
        return false;
    lk_memo_write(&row[UNTIL_US], from_us + rate->every_us);
    return true;
}

bool lk_budgets_has(struct lk_budgets *budgets, struct lk_span who,
                    const struct lk_budget_rate *rate, uint64_t now_us)
{
    struct lk_memo *memo = &budgets->memo;
    const uint64_t *row = lk_memo_find(memo, &shape, lk_memo_name(memo, who));

    return row == NULL || is_left(from_us_of(row, now_us), rate, now_us);
}

bool lk_budgets_have(struct lk_budgets *budgets, const struct lk_budget_share *shares, size_t count,
                     uint64_t now_us)
{
    for (size_t i = 0; i < count; i++)
        if (!lk_budgets_has(budgets, shares[i].who, &shares[i].rate, now_us))
            return false;
    return true;
}

bool lk_budgets_take_each(struct lk_budgets *budgets, const struct lk_budget_share *shares,
                          size_t count, uint64_t now_us)
{
    if (!lk_budgets_have(budgets, shares, count, now_us))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!lk_budgets_take(budgets, shares[i].who, &shares[i].rate, now_us))
            return false;
    return true;
}

bool lk_budgets_take_from(struct lk_budgets *budgets, const struct lk_address *from,
                          unsigned a_second, uint64_t now_us)
{
    enum { SECOND_US = 1000000 };
    const struct lk_budget_rate rate = { a_second, SECOND_US / a_second };
    const struct lk_address_prefix source = lk_address_source(from);

    return lk_budgets_take(budgets, LK_SPAN(source.address.octets), &rate, now_us);
}

void lk_budgets_give_back(struct lk_budgets *budgets, struct lk_span who)
{
    struct lk_memo *memo = &budgets->memo;
    uint64_t *row = lk_memo_find(memo, &shape, lk_memo_name(memo, who));

    if (row != NULL)
        lk_memo_write(&row[UNTIL_US], 0);
}
