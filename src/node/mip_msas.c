#include "node/mip_msas.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/secret.h"

enum { WAYS = 8 };

struct row {
    uint64_t subject; /* 0: free */
    uint64_t order;   /* of the keys that have come */
    struct lk_mip_msa msa;
};

struct lk_mip_msas {
    uint64_t seed, keys;
    uint32_t sets;
    struct row row[];
};

size_t lk_mip_msas_size(uint32_t capacity)
{
    size_t sets = ((size_t)capacity + WAYS - 1) / WAYS;

    return sizeof(struct lk_mip_msas) + (sets == 0 ? 1 : sets) * WAYS * sizeof(struct row);
}

struct lk_mip_msas *lk_mip_msas_in(void *memory, uint32_t capacity, uint64_t seed)
{
    struct lk_mip_msas *msas = memory;

    msas->seed = seed;
    msas->sets = (capacity + WAYS - 1) / WAYS;
    if (msas->sets == 0)
        msas->sets = 1;
    return msas;
}

static const struct row *set_of(const struct lk_mip_msas *msas, uint64_t subject)
{
    uint64_t at = lk_hash(msas->seed, LK_HASH_FACTOR,
                          lk_span_of((const uint8_t *)&subject, sizeof subject));

    return &msas->row[(size_t)(at % msas->sets) * WAYS];
}

static struct row *own_set(struct lk_mip_msas *msas, uint64_t subject)
{
    return &msas->row[set_of(msas, subject) - msas->row];
}

const struct lk_mip_msa *lk_mip_msas_find(const struct lk_mip_msas *msas, uint64_t subject,
                                          uint32_t spi, uint64_t now_ms)
{
    const struct row *set = set_of(msas, subject);

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].subject == subject && set[i].msa.there.spi == spi &&
            now_ms < set[i].msa.ends_ms)
            return &set[i].msa;
    return NULL;
}

/* The better one to write over: free, ended, or else the one that ends first. */
static bool yields(const struct row *a, const struct row *b, uint64_t now_ms)
{
    uint64_t end_a = a->subject == 0 || a->msa.ends_ms <= now_ms ? 0 : a->msa.ends_ms;
    uint64_t end_b = b->subject == 0 || b->msa.ends_ms <= now_ms ? 0 : b->msa.ends_ms;

    return end_a < end_b;
}

void lk_mip_msas_put(struct lk_mip_msas *msas, uint64_t subject, const struct lk_mip_msa *msa,
                     uint64_t now_ms)
{
    struct row *set = own_set(msas, subject), *to = NULL, *oldest = NULL;
    size_t count = 0;

    LK_ASSERT(subject != 0);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].subject != subject)
            continue;
        count++;
        if (set[i].msa.there.spi == msa->there.spi)
            to = &set[i];
        if (oldest == NULL || yields(&set[i], oldest, now_ms))
            oldest = &set[i];
    }
    if (to == NULL && count >= 2)
        to = oldest;
    for (size_t i = 0; to == NULL && i < WAYS; i++)
        if (set[i].subject == 0)
            to = &set[i];
    if (to == NULL) {
        to = &set[0];
        for (size_t i = 1; i < WAYS; i++)
            if (yields(&set[i], to, now_ms))
                to = &set[i];
    }
    lk_wipe(to, sizeof *to);
    to->subject = subject;
    to->order = ++msas->keys;
    to->msa = *msa;
}

void lk_mip_msas_used(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi)
{
    struct row *set = own_set(msas, subject);
    uint64_t order = 0;

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].subject == subject && set[i].msa.there.spi == spi)
            order = set[i].order;
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].subject == subject && set[i].order < order)
            lk_wipe(&set[i], sizeof set[i]);
}

void lk_mip_msas_remove(struct lk_mip_msas *msas, uint64_t subject)
{
    struct row *set = own_set(msas, subject);

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].subject == subject)
            lk_wipe(&set[i], sizeof set[i]);
}

void lk_mip_msas_wipe(struct lk_mip_msas *msas)
{
    for (size_t i = 0; i < (size_t)msas->sets * WAYS; i++)
        if (msas->row[i].subject != 0)
            lk_wipe(&msas->row[i], sizeof msas->row[i]);
}
