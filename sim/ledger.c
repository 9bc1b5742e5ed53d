#include "sim/ledger.h"

#include <stdlib.h>

#include "base/check.h"

struct sim_ledger_row {
    struct sim_name name; /* {0, 0}: free */
    uint64_t value;
};

static uint64_t fnv(uint64_t hash, const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t high_of(uint64_t kind, const void *octets, size_t len)
{
    return fnv(0xcbf29ce484222325u ^ kind * 0x9e3779b97f4a7c15u, octets, len);
}

struct sim_name sim_name_of(uint64_t kind, const void *octets, size_t len)
{
    struct sim_name name = {
        high_of(kind, octets, len),
        fnv(0x6c62272e07bb0142u + kind * 0xd1342543de82ef95u, octets, len),
    };

    name.low |= 1; /* never the free name */
    return name;
}

void sim_trace_add(uint64_t *trace, const void *octets, size_t len)
{
    *trace = high_of(*trace, octets, len);
}

static struct sim_ledger_row *row_of(const struct sim_ledger *ledger, struct sim_name name)
{
    size_t at = (size_t)(name.high ^ name.low >> 7) & (ledger->cap - 1);

    while (ledger->row[at].name.low != 0 && (ledger->row[at].name.low != name.low ||
                                             ledger->row[at].name.high != name.high))
        at = (at + 1) & (ledger->cap - 1);
    return &ledger->row[at];
}

static void grow(struct sim_ledger *ledger)
{
    struct sim_ledger old = *ledger;

    ledger->cap = old.cap == 0 ? 1024 : 2 * old.cap;
    ledger->row = calloc(ledger->cap, sizeof *ledger->row);
    LK_ASSERT(ledger->row != NULL);
    for (size_t i = 0; i < old.cap; i++)
        if (old.row[i].name.low != 0)
            *row_of(ledger, old.row[i].name) = old.row[i];
    free(old.row);
}

uint64_t *sim_ledger_at(struct sim_ledger *ledger, struct sim_name name, bool *fresh)
{
    struct sim_ledger_row *row;

    if (2 * ledger->count >= ledger->cap)
        grow(ledger);
    row = row_of(ledger, name);
    *fresh = row->name.low == 0;
    if (*fresh) {
        row->name = name;
        row->value = 0;
        ledger->count++;
    }
    return &row->value;
}

const uint64_t *sim_ledger_find(const struct sim_ledger *ledger, struct sim_name name)
{
    const struct sim_ledger_row *row;

    if (ledger->cap == 0)
        return NULL;
    row = row_of(ledger, name);
    return row->name.low == 0 ? NULL : &row->value;
}

void sim_ledger_free(struct sim_ledger *ledger)
{
    free(ledger->row);
    *ledger = (struct sim_ledger){ 0 };
}
