/* What has been seen: a growing table from a 128-bit name to a number, for the invariants. */
#ifndef LK_SIM_LEDGER_H
#define LK_SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_name {
    uint64_t high, low;
};

struct sim_ledger {
    struct sim_ledger_row *row;
    size_t cap, count;
};

/* A name for those octets among those of that kind: two FNV hashes with different starts. Nobody in
 * here tries to make them collide. */
struct sim_name sim_name_of(uint64_t kind, const void *octets, size_t len);
/* The hash of things, one after the other: two rows of them that have differed once, and then go on
 * alike, never meet again. */
void sim_trace_add(uint64_t *trace, const void *octets, size_t len);
/* The value kept under name, made (with zero) where it is missing; *fresh tells. Good until the
 * next call. */
uint64_t *sim_ledger_at(struct sim_ledger *ledger, struct sim_name name, bool *fresh);
/* NULL when it is not there. */
const uint64_t *sim_ledger_find(const struct sim_ledger *ledger, struct sim_name name);
void sim_ledger_free(struct sim_ledger *ledger);

#endif
