#include "role/budgets.h"

#include "base/check.h"
#include "base/hash.h"

enum { SETS = 8192 /* a power of two */, WAYS = 8, SET_SHIFT = 40 };

/* What has been taken is back by then: one number is the whole of a budget. */
struct row {
    uint64_t who; /* 0: nobody */
    uint64_t until_us;
};

struct lk_budgets {
    uint64_t seed;
    struct row row[SETS][WAYS];
};

size_t lk_budgets_size(void)
{
    return sizeof(struct lk_budgets);
}

struct lk_budgets *lk_budgets_in(void *memory, uint64_t seed)
{
    struct lk_budgets *budgets = memory;

    budgets->seed = seed;
    return budgets;
}

static uint64_t name_of(const struct lk_budgets *budgets, struct lk_span who)
{
    uint64_t name = lk_hash(budgets->seed, LK_HASH_FACTOR, who);

    return name == 0 ? 1 : name;
}

static uint64_t read_of(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static void write_to(uint64_t *number, uint64_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static struct row *find(struct lk_budgets *budgets, uint64_t name)
{
    struct row *set = budgets->row[name >> SET_SHIFT & (SETS - 1)];

    for (size_t i = 0; i < WAYS; i++)
        if (read_of(&set[i].who) == name)
            return &set[i];
    return NULL;
}

/* Its row, or the one that ends first, which is its now and has nothing in it. */
static struct row *find_or_take(struct lk_budgets *budgets, uint64_t name)
{
    struct row *set = budgets->row[name >> SET_SHIFT & (SETS - 1)], *row = find(budgets, name);

    if (row != NULL)
        return row;
    row = &set[0];
    for (size_t i = 1; i < WAYS; i++)
        if (read_of(&set[i].until_us) < read_of(&row->until_us))
            row = &set[i];
    write_to(&row->until_us, 0);
    write_to(&row->who, name);
    return row;
}

bool lk_budgets_take(struct lk_budgets *budgets, struct lk_span who,
                     const struct lk_budget_rate *rate, uint64_t now_us)
{
    struct row *row = find_or_take(budgets, name_of(budgets, who));
    uint64_t spent_until = read_of(&row->until_us);
    uint64_t from_us = spent_until > now_us ? spent_until : now_us;

    LK_ASSERT(rate->at_once > 0 && rate->every_us > 0);
    if (from_us - now_us > (rate->at_once - 1) * rate->every_us)
        return false;
    write_to(&row->until_us, from_us + rate->every_us);
    return true;
}

void lk_budgets_give_back(struct lk_budgets *budgets, struct lk_span who)
{
    struct row *row = find(budgets, name_of(budgets, who));

    if (row != NULL)
        write_to(&row->until_us, 0);
}
