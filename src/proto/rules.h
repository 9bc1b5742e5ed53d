/* Rule tables: what every machine's table has in common, found and shown in one place.
 *
 * A row says in which states what event is welcome, who handles it, where it may lead, and the
 * clause behind it; what has no row is unexpected. A machine keeps its rows, the sorting of events
 * into what its rows are `on`, and its handlers, which have a type of its own:
 *
 *     static const struct knock_row {
 *         struct lk_rule rule;
 *         enum lk_status (*act)(struct knock_work *w);
 *     } rows[] = {
 *         { { IDLE, ON_START, ASKED, "ask", "KNOCK 5.1" }, lk_knock_ask },
 *     };
 *
 *     out->count = 0;
 *     status = lk_rule_find(&row, &lk_knock_rules, knock->state, on);
 *     if (status != LK_OK)
 *         return status;
 *     draft = *knock;
 *     status = rows[row].act(&work);           works on the draft
 *     if (status == LK_OK) {
 *         lk_rule_check(&rows[row].rule, knock->state, draft.state);
 *         *knock = draft;
 *     } else {
 *         out->count = 0;
 *     }
 *     return status;
 *
 * `latchkey machine NAME --dot` draws a table. docs/decisions/0018 says more of the shape. */
#ifndef LK_PROTO_RULES_H
#define LK_PROTO_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/status.h"

/* Of may_enter: or stays where it is. */
#define LK_RULE_STAY (UINT32_C(1) << 31)

struct lk_rule {
    uint32_t in;        /* where it holds: bits 1 << state */
    uint32_t on;        /* what happens: the machine's own, an index of on_names */
    uint32_t may_enter; /* bits 1 << state, LK_RULE_STAY; 0: stays where it is */
    const char *act;    /* the handler's name */
    const char *clause;
};

/* No two rows hold for the same state and event: tests/unit/proto_rules_test asks it of all. */
struct lk_rule_table {
    const char *name;
    const char *const *state_names;
    const char *const *on_names;
    unsigned state_count, on_count;
    uint32_t first, last;       /* bits of the states where the machine begins and ends */
    const struct lk_rule *rule; /* of the first row; the next is row_size octets on */
    size_t row_size, row_count;
};

/* The row for what happens in that state; LK_E_UNEXPECTED: there is none. */
LK_MUST_CHECK enum lk_status lk_rule_find(size_t *row, const struct lk_rule_table *table,
                                          unsigned state, unsigned on);
/* A handler that led elsewhere than its row says is a mistake of ours: stops. */
void lk_rule_check(const struct lk_rule *rule, unsigned from, unsigned to);
const char *lk_rule_state_name(const struct lk_rule_table *table, unsigned state);

struct lk_rule_view {
    unsigned in; /* index of a state */
    const char *on;
    const char *act;
    uint32_t may_enter; /* never 0 */
    const char *clause;
};

/* The index-th rule, where a row of several states is shown once for each; false: no more. */
bool lk_rule_show(struct lk_rule_view *view, const struct lk_rule_table *table, size_t index);

#endif
