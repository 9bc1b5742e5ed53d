/* How a machine shows its rule table, so that it can be drawn (latchkey machine NAME --dot). */
#ifndef LK_PROTO_RULES_H
#define LK_PROTO_RULES_H

#include <stddef.h>
#include <stdint.h>

struct lk_rule_view {
    unsigned in;        /* index of a state */
    const char *on;     /* what happens */
    const char *act;    /* the handler's name */
    uint32_t may_enter; /* bits 1 << state */
    const char *clause;
};

struct lk_machine_view {
    const char *name;
    const char *const *state_names;
    size_t state_count;
    uint32_t first, last; /* bits of the states where it begins and ends */
    size_t rule_count;
    struct lk_rule_view (*rule)(size_t index);
};

#endif
