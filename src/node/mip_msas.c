#include "node/mip_msas.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/secret.h"

enum { EACH = 2, LOOKED_AT = 64, CACHE_LINE = 64, SECOND_MS = 1000 };

/* Places count from 1, so that zeroed memory is an empty table. */
struct row {
    uint64_t subject; /* 0: free */
    uint64_t order;   /* of the keys that have come */
    uint32_t next;    /* place in the chain, or among the free; 0: none */
    uint32_t held_s;  /* since 1970: a binding that it has proven lives until then */
    struct lk_mip_msa msa;
};

struct lk_mip_msas {
    uint64_t seed, keys;
    uint32_t capacity, mask;
    uint32_t used; /* places behind were never in use */
    uint32_t free, hand;
    struct row row[];
};

static uint32_t chains_of(uint32_t capacity)
{
    uint32_t chains = 1;

    while (chains < capacity && chains < UINT32_C(1) << 31)
        chains *= 2;
    return chains;
}

static size_t rows_of(uint32_t capacity)
{
    return sizeof(struct lk_mip_msas) + (size_t)capacity * sizeof(struct row);
}

size_t lk_mip_msas_size(uint32_t capacity)
{
    return rows_of(capacity) + (size_t)chains_of(capacity) * sizeof(uint32_t);
}

struct lk_mip_msas *lk_mip_msas_in(void *memory, uint32_t capacity, uint64_t seed)
{
    struct lk_mip_msas *msas = memory;

    LK_ASSERT(capacity > 0);
    msas->seed = seed;
    msas->capacity = capacity;
    msas->mask = chains_of(capacity) - 1;
    return msas;
}

/* ---- chains ---- */

static uint32_t *chain_of(const struct lk_mip_msas *msas, uint64_t subject)
{
    uint64_t at = lk_hash_number(msas->seed, subject);
    uint32_t *chains = (uint32_t *)(void *)((uint8_t *)(uintptr_t)msas + rows_of(msas->capacity));

    return &chains[at & msas->mask];
}

static struct row *at_place(const struct lk_mip_msas *msas, uint32_t place)
{
    return place == 0 ? NULL : &((struct lk_mip_msas *)(uintptr_t)msas)->row[place - 1];
}

/* The first of that subject from a place of its chain on; NULL. */
static struct row *of_subject(const struct lk_mip_msas *msas, uint32_t place, uint64_t subject)
{
    struct row *row = at_place(msas, place);

    while (row != NULL && row->subject != subject)
        row = at_place(msas, row->next);
    return row;
}

#define FOR_EACH(row, msas, of) \
    for (struct row *row = of_subject(msas, *chain_of(msas, of), of); (row) != NULL; \
         (row) = of_subject(msas, (row)->next, of))

static void give_up(struct lk_mip_msas *msas, struct row *row)
{
    uint32_t place = (uint32_t)(row - msas->row) + 1, *at = chain_of(msas, row->subject);

    while (*at != place)
        at = &at_place(msas, *at)->next;
    *at = row->next;
    lk_wipe(row, sizeof *row);
    row->next = msas->free;
    msas->free = place;
}

/* ---- looking ---- */

const struct lk_mip_msa *lk_mip_msas_find(const struct lk_mip_msas *msas, uint64_t subject,
                                          uint32_t spi, uint64_t now_ms)
{
    FOR_EACH(row, msas, subject)
        if (row->msa.there.spi == spi && now_ms < row->msa.ends_ms)
            return &row->msa;
    return NULL;
}

const struct lk_mip_msa *lk_mip_msas_newest(const struct lk_mip_msas *msas, uint64_t subject,
                                            uint64_t now_ms)
{
    const struct row *newest = NULL;

    FOR_EACH(row, msas, subject)
        if (now_ms < row->msa.ends_ms && (newest == NULL || row->order > newest->order))
            newest = row;
    return newest == NULL ? NULL : &newest->msa;
}

void lk_mip_msas_fetch_chain(const struct lk_mip_msas *msas, uint64_t subject)
{
    __builtin_prefetch(chain_of(msas, subject));
}

void lk_mip_msas_fetch(const struct lk_mip_msas *msas, uint64_t subject)
{
    const struct row *row = at_place(msas, *chain_of(msas, subject));

    for (size_t at = 0; row != NULL && at < sizeof *row; at += CACHE_LINE)
        __builtin_prefetch((const uint8_t *)row + at);
}

/* ---- coming and going ---- */

static bool is_endless(const struct row *row)
{
    return row->msa.ends_ms == UINT64_MAX;
}

static bool is_held(const struct row *row, uint64_t now_ms)
{
    return now_ms < (uint64_t)row->held_s * SECOND_MS && now_ms < row->msa.ends_ms;
}

/* The better one to be without: one that has ended, one by which nobody is bound, the one that ends
 * first; and of two such that which came first. */
static bool yields(const struct row *a, const struct row *b, uint64_t now_ms)
{
    uint64_t end_a = a->msa.ends_ms <= now_ms ? 0 : a->msa.ends_ms;
    uint64_t end_b = b->msa.ends_ms <= now_ms ? 0 : b->msa.ends_ms;

    if (is_held(a, now_ms) != is_held(b, now_ms))
        return !is_held(a, now_ms);
    return end_a != end_b ? end_a < end_b : a->order < b->order;
}

/* Of a full table: one of those that are next in turn, but none by which somebody is bound. False:
 * there is none. */
static bool make_room(struct lk_mip_msas *msas, uint64_t now_ms)
{
    struct row *victim = NULL;

    for (size_t i = 0; i < LOOKED_AT; i++) {
        struct row *row = &msas->row[msas->hand];

        msas->hand = (msas->hand + 1) % msas->capacity;
        if (!is_held(row, now_ms) && (victim == NULL || yields(row, victim, now_ms)))
            victim = row;
    }
    if (victim != NULL)
        give_up(msas, victim);
    return victim != NULL;
}

/* NULL: there is no room. */
static struct row *new_row(struct lk_mip_msas *msas, uint64_t subject, uint64_t now_ms)
{
    uint32_t *chain = chain_of(msas, subject), place;
    struct row *row;

    if (msas->free == 0 && msas->used == msas->capacity && !make_room(msas, now_ms))
        return NULL;
    place = msas->free != 0 ? msas->free : ++msas->used;
    row = at_place(msas, place);
    if (place == msas->free)
        msas->free = row->next;
    row->subject = subject;
    row->next = *chain;
    *chain = place;
    return row;
}

void lk_mip_msas_put(struct lk_mip_msas *msas, uint64_t subject, const struct lk_mip_msa *msa,
                     uint64_t now_ms)
{
    struct row *to = NULL, *last = NULL;
    size_t count = 0;

    LK_ASSERT(subject != 0);
    FOR_EACH(row, msas, subject) {
        if (row->msa.there.spi == msa->there.spi)
            to = row;
        if (is_endless(row))
            continue; /* it is of a configuration, and of no number that is held down here */
        count++;
        if (last == NULL || yields(row, last, now_ms))
            last = row;
    }
    if (to == NULL && count >= EACH && msa->ends_ms != UINT64_MAX)
        to = last;
    if (to == NULL)
        to = new_row(msas, subject, now_ms);
    if (to == NULL)
        return;
    to->order = ++msas->keys;
    to->held_s = 0;
    lk_wipe(&to->msa, sizeof to->msa);
    to->msa = *msa;
}

/* Those of the subject that came before that one; but what is configured stays. */
static void remove_before(struct lk_mip_msas *msas, uint64_t subject, uint64_t order)
{
    struct row *row = of_subject(msas, *chain_of(msas, subject), subject);

    while (row != NULL) {
        struct row *next = of_subject(msas, row->next, subject);

        if (row->order < order && !is_endless(row))
            give_up(msas, row);
        row = next;
    }
}

void lk_mip_msas_used(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi)
{
    FOR_EACH(row, msas, subject) {
        if (row->msa.there.spi != spi)
            continue;
        remove_before(msas, subject, row->order);
        return;
    }
}

void lk_mip_msas_hold(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi, uint64_t until_ms)
{
    uint64_t until_s = until_ms / SECOND_MS + (until_ms % SECOND_MS != 0);

    FOR_EACH(row, msas, subject)
        if (row->msa.there.spi == spi)
            row->held_s = until_s < UINT32_MAX ? (uint32_t)until_s : UINT32_MAX;
}

void lk_mip_msas_remove_endless(struct lk_mip_msas *msas)
{
    for (uint32_t i = 0; i < msas->used; i++)
        if (msas->row[i].subject != 0 && msas->row[i].msa.ends_ms == UINT64_MAX)
            give_up(msas, &msas->row[i]);
}

void lk_mip_msas_wipe(struct lk_mip_msas *msas)
{
    lk_wipe(msas->row, (size_t)msas->used * sizeof msas->row[0]);
}
