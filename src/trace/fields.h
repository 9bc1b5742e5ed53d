/* The decoded fields of a message, one after another, for whoever shows them.
 *
 * Nothing is shown that is not on the wire, but what AT_ENCR_DATA held when the run's keys are
 * given; attributes hidden under the RADIUS secret stay hidden. */
#ifndef LK_TRACE_FIELDS_H
#define LK_TRACE_FIELDS_H

#include "trace/run_keys.h"

enum { LK_FIELD_VALUE_MAX = 640, LK_FIELD_NAME_MAX = 48 };

struct lk_field {
    unsigned depth; /* 0: a heading; 1: a field; 2: a field inside the one before */
    char name[LK_FIELD_NAME_MAX];
    char clause[32];                /* "" when there is none to name */
    char value[LK_FIELD_VALUE_MAX]; /* printable ASCII, cut with dots */
};

/* Who is told the fields. */
struct lk_teller {
    void (*visit)(void *context, const struct lk_field *field);
    void *context;
    const struct lk_run_keys *keys; /* NULL: not known */
};

/* keys may be NULL. */
void lk_fields_visit(const struct lk_trace_message *message, const struct lk_run_keys *keys,
                     void (*visit)(void *context, const struct lk_field *field), void *context);

#endif
