#include "role/proofs.h"

#include "base/hash.h"

enum { SETS = 8192 /* a power of two */, WAYS = 8, SET_SHIFT = 40 };

struct proof {
    uint64_t place; /* 0: none */
    uint64_t until_us;
};

struct row {
    uint64_t who; /* 0: nobody */
    struct proof proof[LK_PROOFS_EACH];
};

struct lk_proofs {
    uint64_t seed;
    struct row row[SETS][WAYS];
};

size_t lk_proofs_size(void)
{
    return sizeof(struct lk_proofs);
}

struct lk_proofs *lk_proofs_in(void *memory, uint64_t seed)
{
    struct lk_proofs *proofs = memory;

    proofs->seed = seed;
    return proofs;
}

static uint64_t name_of(const struct lk_proofs *proofs, struct lk_span span)
{
    uint64_t name = lk_hash(proofs->seed, LK_HASH_FACTOR, span);

    return name == 0 ? 1 : name;
}

static size_t set_of(uint64_t who)
{
    return who >> SET_SHIFT & (SETS - 1);
}

static uint64_t read_of(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static void write_to(uint64_t *number, uint64_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static struct row *find(struct lk_proofs *proofs, uint64_t who)
{
    struct row *set = proofs->row[set_of(who)];

    for (size_t i = 0; i < WAYS; i++)
        if (read_of(&set[i].who) == who)
            return &set[i];
    return NULL;
}

static uint64_t last_end(const struct row *row)
{
    uint64_t last_us = 0;

    for (size_t i = 0; i < LK_PROOFS_EACH; i++)
        if (read_of(&row->proof[i].until_us) > last_us)
            last_us = read_of(&row->proof[i].until_us);
    return last_us;
}

/* His row, or another's, which is empty then. */
static struct row *find_or_take(struct lk_proofs *proofs, uint64_t who)
{
    struct row *set = proofs->row[set_of(who)], *row = find(proofs, who);

    if (row != NULL)
        return row;
    row = &set[0];
    for (size_t i = 1; i < WAYS; i++)
        if (last_end(&set[i]) < last_end(row))
            row = &set[i];
    for (size_t i = 0; i < LK_PROOFS_EACH; i++)
        write_to(&row->proof[i].until_us, 0);
    write_to(&row->who, who);
    return row;
}

void lk_proofs_keep(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t until_us)
{
    struct row *row = find_or_take(proofs, name_of(proofs, name->who));
    struct proof *proof = &row->proof[0];
    uint64_t place = name_of(proofs, name->place);

    for (size_t i = 0; i < LK_PROOFS_EACH; i++) {
        if (read_of(&row->proof[i].place) == place) {
            proof = &row->proof[i];
            break;
        }
        if (read_of(&row->proof[i].until_us) < read_of(&proof->until_us))
            proof = &row->proof[i];
    }
    write_to(&proof->place, place);
    write_to(&proof->until_us, until_us);
}

bool lk_proofs_has(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t now_us)
{
    const struct row *row = find(proofs, name_of(proofs, name->who));
    uint64_t place = name_of(proofs, name->place);

    for (size_t i = 0; row != NULL && i < LK_PROOFS_EACH; i++)
        if (read_of(&row->proof[i].place) == place)
            return read_of(&row->proof[i].until_us) > now_us;
    return false;
}
