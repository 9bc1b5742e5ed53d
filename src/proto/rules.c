#include "proto/rules.h"

static uint32_t bit_of(unsigned state)
{
    return (uint32_t)1 << state;
}

static uint32_t targets_of(const struct lk_rule *rule, unsigned state)
{
    if (rule->may_enter == 0)
        return bit_of(state);
    return (rule->may_enter & LK_RULE_STAY) != 0
               ? (rule->may_enter & ~LK_RULE_STAY) | bit_of(state)
               : rule->may_enter;
}

static const struct lk_rule *rule_of(const struct lk_rule_table *table, size_t row)
{
    const void *at = (const uint8_t *)table->rule + row * table->row_size;

    return at;
}

static bool holds(const struct lk_rule *rule, unsigned state, unsigned on)
{
    return rule->on == on && (rule->in & bit_of(state)) != 0;
}

enum lk_status lk_rule_find(size_t *row, const struct lk_rule_table *table, unsigned state,
                            unsigned on)
{
    const size_t rows = table->row_count;
    size_t i = 0;

    LK_ASSERT(state < table->state_count);
    while (i < rows && !holds(rule_of(table, i), state, on))
        i++;
    *row = i;
    return i < rows ? LK_OK : LK_E_UNEXPECTED;
}

void lk_rule_check(const struct lk_rule *rule, unsigned from, unsigned to)
{
    LK_ASSERT((targets_of(rule, from) & bit_of(to)) != 0);
}

const char *lk_rule_state_name(const struct lk_rule_table *table, unsigned state)
{
    LK_ASSERT(state < table->state_count);
    return table->state_names[state];
}

bool lk_rule_show(struct lk_rule_view *view, const struct lk_rule_table *table, size_t index)
{
    for (size_t row = 0; row < table->row_count; row++) {
        const struct lk_rule *rule = rule_of(table, row);

        for (unsigned state = 0; state < table->state_count; state++) {
            if ((rule->in & bit_of(state)) == 0 || index-- != 0)
                continue;
            *view = (struct lk_rule_view){ .in = state, .on = table->on_names[rule->on],
                                           .act = rule->act, .clause = rule->clause,
                                           .may_enter = targets_of(rule, state) };
            return true;
        }
    }
    return false;
}
