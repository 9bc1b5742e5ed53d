/* The table of bindings: rows, three indexes of chains into them, and a wheel.
 *
 * Links are row numbers plus one; 0 ends a chain. The index of prefixes is searched once for each
 * length of prefix that is in use: 64 bits and, with home addresses, 128. */
#include "node/binding.h"

#include <string.h>

#include "base/hash.h"
#include "crypto/crypto.h"
#include "node/binding_protocol.h"

enum { SLOTS = 16384, NOWHERE = 0, CACHE_LINE = 64 };

struct lk_binding_table {
    uint64_t seed;
    uint64_t tick; /* the slot that is being emptied */
    uint32_t capacity, count;
    uint32_t used; /* rows that ever were in use */
    uint32_t mask; /* buckets, less one */
    uint32_t free;
    uint64_t lengths[LK_ADDRESS_BITS / 64]; /* bits of prefixes in use: 1 << (length - 1) */
    uint32_t in_use[LK_ADDRESS_BITS + 1]; /* prefixes by length */
    uint32_t *identity, *ipv4, *prefix;   /* buckets */
    uint32_t wheel[SLOTS];
    struct lk_binding *rows;
};

static uint32_t buckets_for(uint32_t capacity)
{
    uint32_t buckets = 16;

    while (buckets < capacity)
        buckets *= 2;
    return buckets;
}

static size_t align(size_t octets)
{
    return (octets + 15) / 16 * 16;
}

size_t lk_binding_table_size(uint32_t capacity)
{
    LK_ASSERT(capacity > 0 && capacity <= UINT32_MAX / 4);
    return align(sizeof(struct lk_binding_table)) +
           3 * align(buckets_for(capacity) * sizeof(uint32_t)) + CACHE_LINE +
           (size_t)capacity * sizeof(struct lk_binding);
}

struct lk_binding_table *lk_binding_table_in(void *memory, uint32_t capacity, uint64_t seed,
                                             uint64_t now_ms)
{
    struct lk_binding_table *table = memory;
    size_t buckets = buckets_for(capacity);
    uint8_t *at = (uint8_t *)memory + align(sizeof *table);
    uint32_t **const indexes[] = { &table->identity, &table->ipv4, &table->prefix };

    memset(table, 0, sizeof *table);
    table->seed = seed;
    table->tick = now_ms / LK_BINDING_TICK_MS;
    table->capacity = capacity;
    table->mask = (uint32_t)buckets - 1;
    for (size_t i = 0; i < LK_COUNT_OF(indexes); i++, at += align(buckets * sizeof(uint32_t))) {
        *indexes[i] = (uint32_t *)(void *)at;
        memset(at, 0, buckets * sizeof(uint32_t));
    }
    at += -(uintptr_t)at % CACHE_LINE;
    table->rows = (struct lk_binding *)(void *)at;
    /* Rows are handed out in order; memory that was never used is never touched. */
    return table;
}

uint32_t lk_binding_count(const struct lk_binding_table *table)
{
    return table->count;
}

uint32_t lk_binding_room(const struct lk_binding_table *table)
{
    return table->capacity - table->count;
}

uint32_t lk_binding_used(const struct lk_binding_table *table)
{
    return table->used;
}

static uint32_t number_of(const struct lk_binding_table *table, const struct lk_binding *binding)
{
    return (uint32_t)(binding - table->rows) + 1;
}

static struct lk_binding *row(const struct lk_binding_table *table, uint32_t number)
{
    return &table->rows[number - 1];
}

/* ---- hashes ---- */

static uint32_t *identity_bucket(const struct lk_binding_table *table, uint64_t subject,
                                 uint16_t service)
{
    uint64_t hash = lk_hash_number(table->seed, subject);

    return &table->identity[lk_hash_number(hash, service) & table->mask];
}

static uint32_t *ipv4_bucket(const struct lk_binding_table *table,
                             const struct lk_mobility_ipv4 *ipv4)
{
    uint32_t word;

    memcpy(&word, ipv4->octets, sizeof word);
    return &table->ipv4[lk_hash_number(table->seed, word) & table->mask];
}

static uint32_t *prefix_bucket(const struct lk_binding_table *table,
                               const struct lk_address_prefix *prefix)
{
    uint64_t words[2], hash;

    memcpy(words, prefix->address.octets, sizeof words);
    hash = lk_hash_number(lk_hash_number(table->seed, words[0]), words[1]);
    return &table->prefix[lk_hash_number(hash, prefix->bits) & table->mask];
}

/* ---- looking up ---- */

struct lk_binding *lk_binding_of(const struct lk_binding_table *table, uint64_t subject,
                                 uint16_t service)
{
    uint32_t at = *identity_bucket(table, subject, service);

    while (at != NOWHERE) {
        struct lk_binding *binding = row(table, at);

        if (binding->subject == subject && binding->service == service)
            return binding;
        at = binding->next_identity;
    }
    return NULL;
}

void lk_binding_fetch_chain(const struct lk_binding_table *table, uint64_t subject,
                            uint16_t service)
{
    __builtin_prefetch(identity_bucket(table, subject, service));
}

void lk_binding_fetch(const struct lk_binding_table *table, uint64_t subject, uint16_t service)
{
    uint32_t at = *identity_bucket(table, subject, service);

    for (size_t line = 0; at != NOWHERE && line < sizeof(struct lk_binding); line += CACHE_LINE)
        __builtin_prefetch((const uint8_t *)row(table, at) + line);
}

void lk_binding_fetch_chains(const struct lk_binding_table *table,
                             struct lk_binding_coming *coming)
{
    coming->chain[0] = identity_bucket(table, coming->subject, coming->service);
    coming->chain[1] = ipv4_bucket(table, &coming->ipv4);
    coming->chain[2] = prefix_bucket(table, &coming->prefix);
    for (size_t i = 0; i < LK_COUNT_OF(coming->chain); i++)
        __builtin_prefetch(coming->chain[i]);
}

void lk_binding_fetch_chained(const struct lk_binding_table *table,
                              const struct lk_binding_coming *coming)
{
    for (size_t i = 0; i < LK_COUNT_OF(coming->chain); i++)
        if (coming->chain[i] != NULL && *coming->chain[i] != NOWHERE)
            __builtin_prefetch(row(table, *coming->chain[i]));
}

static struct lk_binding *of_ipv4(const struct lk_binding_table *table,
                                  const struct lk_mobility_ipv4 *ipv4)
{
    uint32_t at = *ipv4_bucket(table, ipv4);

    while (at != NOWHERE) {
        struct lk_binding *binding = row(table, at);

        if (lk_span_equal(LK_SPAN(binding->ipv4.octets), LK_SPAN(ipv4->octets)))
            return binding;
        at = binding->next_ipv4;
    }
    return NULL;
}

static struct lk_binding *of_prefix(const struct lk_binding_table *table,
                                    const struct lk_address_prefix *prefix)
{
    uint32_t at = *prefix_bucket(table, prefix);

    while (at != NOWHERE) {
        struct lk_binding *binding = row(table, at);

        if (lk_address_prefix_equal(&binding->prefix, prefix))
            return binding;
        at = binding->next_prefix;
    }
    return NULL;
}

struct lk_binding *lk_binding_at(const struct lk_binding_table *table,
                                 const struct lk_address *address)
{
    struct lk_address_prefix prefix;
    struct lk_binding *found = NULL;

    if (lk_address_is_v4(address)) {
        struct lk_mobility_ipv4 ipv4;

        memcpy(ipv4.octets, address->octets + LK_ADDRESS_LEN - sizeof ipv4.octets,
               sizeof ipv4.octets);
        return of_ipv4(table, &ipv4);
    }
    for (size_t word = LK_COUNT_OF(table->lengths); word-- > 0;)
        for (uint64_t left = table->lengths[word]; left != 0 && found == NULL;) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(left);

            prefix = lk_address_prefix_of(address, (unsigned)(word * 64) + bit + 1);
            found = of_prefix(table, &prefix);
            left &= ~(UINT64_C(1) << bit);
        }
    return found;
}

/* Prefixes that are longer than that are in use. */
static bool are_longer(const struct lk_binding_table *table, unsigned bits)
{
    const uint64_t *lengths = table->lengths;

    return bits < 64 ? (lengths[0] >> bits | lengths[1]) != 0
                     : bits < LK_ADDRESS_BITS && lengths[1] >> (bits - 64) != 0;
}

/* A prefix of a row lies in this one. Rows are looked at only where longer ones are in use. */
static bool holds_another(const struct lk_binding_table *table,
                          const struct lk_address_prefix *prefix)
{
    uint32_t longer = 0;

    if (!are_longer(table, prefix->bits))
        return false;
    for (unsigned bits = prefix->bits + 1u; bits <= LK_ADDRESS_BITS; bits++)
        longer += table->in_use[bits];
    for (uint32_t i = 0; i < table->used && longer > 0; i++) {
        const struct lk_binding *b = &table->rows[i];
        struct lk_address_prefix around;

        if (b->subject == 0 || !b->has_prefix || b->prefix.bits <= prefix->bits)
            continue;
        longer--;
        around = lk_address_prefix_of(&b->prefix.address, prefix->bits);
        if (lk_address_prefix_equal(&around, prefix))
            return true;
    }
    return false;
}

struct lk_binding *lk_binding_row(const struct lk_binding_table *table, uint32_t index)
{
    LK_ASSERT(index < table->capacity);
    return index < table->used && table->rows[index].subject != 0 ? &table->rows[index] : NULL;
}

/* ---- adding and taking away ---- */

enum lk_status lk_binding_add(struct lk_binding **binding, struct lk_binding_table *table,
                              uint64_t subject, uint16_t service)
{
    uint32_t *bucket = identity_bucket(table, subject, service), number;
    struct lk_binding *added;

    LK_ASSERT(subject != 0);
    *binding = NULL;
    if (lk_binding_of(table, subject, service) != NULL)
        return LK_E_EXISTS;
    if (table->count == table->capacity)
        return LK_E_FULL;
    number = table->free;
    if (number != NOWHERE)
        table->free = row(table, number)->next_identity;
    else
        number = ++table->used;
    added = row(table, number);
    memset(added, 0, sizeof *added);
    added->subject = subject;
    added->service = service;
    added->next_identity = *bucket;
    *bucket = number;
    table->count++;
    *binding = added;
    return LK_OK;
}

enum lk_status lk_binding_set_ipv4(struct lk_binding_table *table, struct lk_binding *binding,
                                   struct lk_mobility_ipv4 ipv4)
{
    uint32_t *bucket = ipv4_bucket(table, &ipv4);

    if (binding->has_ipv4)
        return LK_E_VALUE;
    if (of_ipv4(table, &ipv4) != NULL)
        return LK_E_EXISTS;
    binding->has_ipv4 = true;
    binding->ipv4 = ipv4;
    binding->next_ipv4 = *bucket;
    *bucket = number_of(table, binding);
    return LK_OK;
}

static void count_length(struct lk_binding_table *table, uint8_t bits, bool more)
{
    uint64_t bit = UINT64_C(1) << (bits - 1) % 64, *word = &table->lengths[(bits - 1) / 64];

    if (more)
        table->in_use[bits]++;
    else
        table->in_use[bits]--;
    *word = table->in_use[bits] > 0 ? *word | bit : *word & ~bit;
}

enum lk_status lk_binding_set_prefix(struct lk_binding_table *table, struct lk_binding *binding,
                                     const struct lk_address_prefix *prefix)
{
    uint32_t *bucket = prefix_bucket(table, prefix);

    if (binding->has_prefix || prefix->bits == 0 || lk_address_is_v4(&prefix->address))
        return LK_E_VALUE;
    if (lk_binding_at(table, &prefix->address) != NULL || holds_another(table, prefix))
        return LK_E_EXISTS;
    binding->has_prefix = true;
    binding->prefix = *prefix;
    binding->next_prefix = *bucket;
    *bucket = number_of(table, binding);
    count_length(table, prefix->bits, true);
    return LK_OK;
}

void lk_binding_remove(struct lk_binding_table *table, struct lk_binding *binding)
{
    uint32_t number = number_of(table, binding), *link;

    lk_binding_set_due(table, binding, 0);
    if (binding->has_ipv4) {
        for (link = ipv4_bucket(table, &binding->ipv4); *link != number;)
            link = &row(table, *link)->next_ipv4;
        *link = binding->next_ipv4;
    }
    if (binding->has_prefix) {
        for (link = prefix_bucket(table, &binding->prefix); *link != number;)
            link = &row(table, *link)->next_prefix;
        *link = binding->next_prefix;
        count_length(table, binding->prefix.bits, false);
    }
    for (link = identity_bucket(table, binding->subject, binding->service); *link != number;)
        link = &row(table, *link)->next_identity;
    *link = binding->next_identity;
    memset(binding, 0, sizeof *binding);
    binding->next_identity = table->free;
    table->free = number;
    table->count--;
}

/* ---- the wheel ---- */

static uint64_t tick_of(uint64_t due_ms)
{
    return (due_ms + LK_BINDING_TICK_MS - 1) / LK_BINDING_TICK_MS;
}

/* What lies beyond the wheel goes into its last slot, and is put further when that comes; what is
 * due already comes with the next tick, so that a slot that is being emptied becomes empty. */
static uint32_t *slot_of(struct lk_binding_table *table, uint64_t due_ms)
{
    uint64_t tick = tick_of(due_ms);

    if (tick <= table->tick)
        tick = table->tick + 1;
    if (tick - table->tick >= SLOTS)
        tick = table->tick + SLOTS - 1;
    return &table->wheel[tick % SLOTS];
}

static void wheel_off(struct lk_binding_table *table, struct lk_binding *binding)
{
    if (binding->wheel_next != NOWHERE)
        row(table, binding->wheel_next)->wheel_previous = binding->wheel_previous;
    if (binding->wheel_previous > table->capacity)
        table->wheel[binding->wheel_previous - table->capacity - 1] = binding->wheel_next;
    else
        row(table, binding->wheel_previous)->wheel_next = binding->wheel_next;
    binding->wheel_next = binding->wheel_previous = NOWHERE;
}

static void wheel_on(struct lk_binding_table *table, struct lk_binding *binding)
{
    uint32_t *slot = slot_of(table, binding->due_ms), number = number_of(table, binding);

    binding->wheel_next = *slot;
    /* The first of a slot points back at the slot itself, behind the rows' numbers. */
    binding->wheel_previous = table->capacity + 1 + (uint32_t)(slot - table->wheel);
    if (*slot != NOWHERE)
        row(table, *slot)->wheel_previous = number;
    *slot = number;
}

/* One that is due later than it was stays where it is, and is put further when that comes: a
 * renewal does not touch its neighbours. */
void lk_binding_set_due(struct lk_binding_table *table, struct lk_binding *binding,
                        uint64_t due_ms)
{
    bool lies = binding->due_ms != 0, stays = lies && due_ms >= binding->due_ms;

    if (lies && !stays)
        wheel_off(table, binding);
    binding->due_ms = due_ms;
    if (due_ms != 0 && !stays)
        wheel_on(table, binding);
}

/* The first in the slot that is emptied now whose time has come; the others go further. */
static struct lk_binding *take_due(struct lk_binding_table *table)
{
    uint32_t *slot = &table->wheel[table->tick % SLOTS];

    while (*slot != NOWHERE) {
        struct lk_binding *binding = row(table, *slot);

        wheel_off(table, binding);
        if (tick_of(binding->due_ms) <= table->tick) {
            binding->due_ms = 0;
            return binding;
        }
        wheel_on(table, binding);
    }
    return NULL;
}

/* Places all of the wheel anew, as if it were so late: all that lay in it is due, or lies ahead. */
static void leap(struct lk_binding_table *table, uint64_t tick)
{
    table->tick = tick - 1;
    for (uint32_t i = 0; i < table->used; i++)
        if (table->rows[i].due_ms != 0) {
            wheel_off(table, &table->rows[i]);
            wheel_on(table, &table->rows[i]);
        }
}

struct lk_binding *lk_binding_next_due(struct lk_binding_table *table, uint64_t now_ms)
{
    uint64_t now = now_ms / LK_BINDING_TICK_MS;

    /* A clock that has leapt: once around the wheel finds all that is due. */
    if (now > table->tick && now - table->tick > SLOTS)
        leap(table, now);
    for (;;) {
        struct lk_binding *binding = take_due(table);

        if (binding != NULL || table->tick >= now)
            return binding;
        table->tick++;
    }
}

/* ---- protocols ---- */

const struct lk_binding_protocol *lk_binding_protocol(uint8_t number)
{
    static const struct lk_binding_protocol *const protocols[] = {
        [LK_BINDING_PMIP] = &lk_binding_pmip,
        [LK_BINDING_MIP] = &lk_binding_mip,
        [LK_BINDING_MIP6] = &lk_binding_mip6,
    };

    return number < LK_COUNT_OF(protocols) ? protocols[number] : NULL;
}

/* ---- digest ---- */

static void put_row(struct lk_writer *w, const struct lk_binding *b)
{
    const struct lk_binding_protocol *protocol = lk_binding_protocol(b->protocol);

    lk_put_be64(w, b->subject);
    lk_put_be16(w, b->service);
    lk_put_u8(w, (uint8_t)(b->has_prefix << 1 | b->has_ipv4));
    lk_put_octets(w, b->ipv4.octets, sizeof b->ipv4.octets);
    lk_put_octets(w, b->prefix.address.octets, LK_ADDRESS_LEN);
    lk_put_u8(w, b->prefix.bits);
    if (protocol != NULL)
        protocol->put(w, b);
}

void lk_binding_digest(uint8_t digest[LK_BINDING_DIGEST_LEN], const struct lk_binding_table *table)
{
    uint64_t sum[LK_BINDING_DIGEST_LEN / 8] = { table->count };

    for (uint32_t i = 0; i < table->used; i++) {
        uint8_t room[128], hash[LK_SHA256_LEN];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_span part;

        if (table->rows[i].subject == 0)
            continue;
        put_row(&w, &table->rows[i]);
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        part = lk_writer_span(&w);
        lk_sha256(hash, &part, 1);
        for (size_t word = 0; word < LK_COUNT_OF(sum); word++) {
            uint64_t add;

            memcpy(&add, hash + word * 8, sizeof add);
            sum[word] += add;
        }
    }
    memcpy(digest, sum, LK_BINDING_DIGEST_LEN);
}
