/* The table of contexts: see contexts.h.
 *
 * Buckets of a few slots, each bucket under a lock of its own that holds the process number of its
 * owner. A worker that was killed inside a bucket blocks it until another finds its owner gone (or
 * has waited for so long that the owner must be); it then empties the bucket, for it may be half
 * written: its owners do a full authentication, nothing else. */
#include "store/contexts.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"

enum {
    WAYS = 8,
    LINE = 64,
    TRIES_BEFORE_LOOKING = 200, /* a bucket is held for less than a microsecond */
    PATIENCE_MS = 500,          /* its owner is stopped, or its number has gone to another */
};

struct slot {
    uint64_t until_ms; /* 0: free */
    bool spent;        /* it was taken: only its name is left */
    uint8_t name[LK_CONTEXT_NAME_LEN];
};

/* What is searched lies in front, in a few lines of the processor's cache; of the contexts behind
 * only the one that is meant is touched. */
struct bucket {
    _Alignas(LINE) _Atomic(int32_t) owner; /* 0: nobody */
    struct slot slot[WAYS];
    uint8_t contexts[]; /* WAYS of them */
};

struct lk_contexts {
    size_t buckets, context_len;
    _Atomic(size_t) count;
    _Alignas(LINE) uint8_t memory[]; /* buckets of bucket_size */
};

/* Kept, for it is a system call that each authentication would make; 0: to be asked again. */
static int32_t own_number;

static void forget_number(void)
{
    own_number = 0;
}

static int32_t process_number(void)
{
    static bool watches_forks;

    if (!watches_forks && pthread_atfork(NULL, NULL, forget_number) != 0)
        return (int32_t)getpid();
    watches_forks = true;
    if (own_number == 0)
        own_number = (int32_t)getpid();
    return own_number;
}

static size_t buckets_for(size_t capacity)
{
    return capacity < WAYS ? 1 : (capacity + WAYS - 1) / WAYS;
}

static size_t bucket_size(size_t context_len)
{
    return (sizeof(struct bucket) + WAYS * context_len + LINE - 1) / LINE * LINE;
}

size_t lk_contexts_size(size_t capacity, size_t context_len)
{
    return sizeof(struct lk_contexts) + buckets_for(capacity) * bucket_size(context_len);
}

struct lk_contexts *lk_contexts_in(void *memory, size_t capacity, size_t context_len)
{
    struct lk_contexts *table = memory;

    table->buckets = buckets_for(capacity);
    table->context_len = context_len;
    return table;
}

static void *context_of(const struct lk_contexts *table, struct bucket *bucket,
                        const struct slot *slot)
{
    return bucket->contexts + (size_t)(slot - bucket->slot) * table->context_len;
}

static void slot_free(struct lk_contexts *table, struct bucket *bucket, struct slot *slot)
{
    if (slot->until_ms != 0 && !slot->spent)
        atomic_fetch_sub_explicit(&table->count, 1, memory_order_relaxed);
    *slot = (struct slot){ .until_ms = 0 };
    lk_wipe(context_of(table, bucket, slot), table->context_len);
}

static void slot_spend(struct lk_contexts *table, struct bucket *bucket, struct slot *slot,
                       uint64_t now_ms)
{
    struct slot spent = { .until_ms = now_ms + LK_CONTEXTS_SPENT_MS, .spent = true };

    memcpy(spent.name, slot->name, sizeof spent.name);
    slot_free(table, bucket, slot);
    *slot = spent;
}

/* The owner of the bucket has died with it. What it was doing is unknown: nothing of it is kept. */
static void bucket_clear(struct lk_contexts *table, struct bucket *bucket)
{
    for (size_t i = 0; i < WAYS; i++)
        slot_free(table, bucket, &bucket->slot[i]);
}

static uint64_t mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool bucket_claim(struct bucket *bucket, int32_t from, int32_t self)
{
    return atomic_compare_exchange_strong_explicit(&bucket->owner, &from, self,
                                                   memory_order_acquire, memory_order_relaxed);
}

static bool is_gone(int32_t owner)
{
    return kill((pid_t)owner, 0) != 0 && errno == ESRCH;
}

static void bucket_lock(struct lk_contexts *table, struct bucket *bucket, int32_t self)
{
    uint64_t deadline = 0;

    for (unsigned tries = 0; !bucket_claim(bucket, 0, self); tries++) {
        int32_t owner = atomic_load_explicit(&bucket->owner, memory_order_relaxed);

        if (tries < TRIES_BEFORE_LOOKING || owner == 0)
            continue;
        if (deadline == 0)
            deadline = mono_ms() + PATIENCE_MS;
        if ((is_gone(owner) || mono_ms() > deadline) && bucket_claim(bucket, owner, self)) {
            bucket_clear(table, bucket);
            return;
        }
        sched_yield();
    }
}

static void bucket_unlock(struct bucket *bucket, int32_t self)
{
    atomic_compare_exchange_strong_explicit(&bucket->owner, &self, 0, memory_order_release,
                                            memory_order_relaxed);
}

/* Names are random: any of their octets serve as the hash. */
static struct bucket *bucket_of(struct lk_contexts *table,
                                const uint8_t name[LK_CONTEXT_NAME_LEN])
{
    uint64_t hash;

    memcpy(&hash, name, sizeof hash);
    return (struct bucket *)(void *)(table->memory +
                                     hash % table->buckets * bucket_size(table->context_len));
}

/* The slot that has the name, in use or spent; or NULL. */
static struct slot *slot_named(struct bucket *bucket, const uint8_t name[LK_CONTEXT_NAME_LEN])
{
    for (size_t i = 0; i < WAYS; i++)
        if (bucket->slot[i].until_ms != 0 &&
            lk_same_secret(bucket->slot[i].name, name, LK_CONTEXT_NAME_LEN))
            return &bucket->slot[i];
    return NULL;
}

/* Keys do not outlive their lifetime until somebody happens to ask for them. */
static void bucket_expire(struct lk_contexts *table, struct bucket *bucket, uint64_t now_ms)
{
    for (size_t i = 0; i < WAYS; i++)
        if (bucket->slot[i].until_ms != 0 && bucket->slot[i].until_ms <= now_ms)
            slot_free(table, bucket, &bucket->slot[i]);
}

/* The one that ends first; a free one before all. */
static struct slot *slot_oldest(struct bucket *bucket)
{
    struct slot *oldest = &bucket->slot[0];

    for (size_t i = 1; i < WAYS; i++)
        if (bucket->slot[i].until_ms < oldest->until_ms)
            oldest = &bucket->slot[i];
    return oldest;
}

/* in: the slot that has the name, or NULL. */
static void put_in(struct lk_contexts *table, struct bucket *bucket, struct slot *in,
                   const uint8_t name[LK_CONTEXT_NAME_LEN], const void *context, uint64_t until_ms)
{
    struct slot *slot = in != NULL ? in : slot_oldest(bucket);

    slot_free(table, bucket, slot);
    memcpy(context_of(table, bucket, slot), context, table->context_len);
    memcpy(slot->name, name, sizeof slot->name);
    atomic_fetch_add_explicit(&table->count, 1, memory_order_relaxed);
    slot->until_ms = until_ms;
}

void lk_contexts_keep(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                      const void *context, uint64_t now_ms, uint64_t until_ms)
{
    struct bucket *bucket = bucket_of(table, name);
    int32_t self = process_number();

    bucket_lock(table, bucket, self);
    bucket_expire(table, bucket, now_ms);
    if (slot_named(bucket, name) == NULL)
        put_in(table, bucket, NULL, name, context, until_ms);
    bucket_unlock(bucket, self);
}

void lk_contexts_put_back(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                          const void *context, uint64_t now_ms, uint64_t until_ms)
{
    struct bucket *bucket = bucket_of(table, name);
    int32_t self = process_number();

    bucket_lock(table, bucket, self);
    bucket_expire(table, bucket, now_ms);
    put_in(table, bucket, slot_named(bucket, name), name, context, until_ms);
    bucket_unlock(bucket, self);
}

enum lk_status lk_contexts_take(struct lk_contexts *table, void *context,
                                const uint8_t name[LK_CONTEXT_NAME_LEN], uint64_t now_ms)
{
    struct bucket *bucket = bucket_of(table, name);
    enum lk_status status = LK_E_NOT_FOUND;
    int32_t self = process_number();
    struct slot *slot;

    bucket_lock(table, bucket, self);
    bucket_expire(table, bucket, now_ms);
    slot = slot_named(bucket, name);
    if (slot != NULL && !slot->spent) {
        memcpy(context, context_of(table, bucket, slot), table->context_len);
        slot_spend(table, bucket, slot, now_ms);
        status = LK_OK;
    }
    bucket_unlock(bucket, self);
    return status;
}

void lk_contexts_change(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                        void *room, uint64_t now_ms, uint64_t until_ms,
                        bool (*change)(void *room, void *argument), void *argument)
{
    struct bucket *bucket = bucket_of(table, name);
    int32_t self = process_number();
    struct slot *slot;

    bucket_lock(table, bucket, self);
    bucket_expire(table, bucket, now_ms);
    slot = slot_named(bucket, name);
    memset(room, 0, table->context_len);
    if (slot != NULL && !slot->spent)
        memcpy(room, context_of(table, bucket, slot), table->context_len);
    if (change(room, argument))
        put_in(table, bucket, slot, name, room, until_ms);
    bucket_unlock(bucket, self);
    lk_wipe(room, table->context_len);
}

size_t lk_contexts_count(const struct lk_contexts *table)
{
    return atomic_load_explicit(&((struct lk_contexts *)(uintptr_t)table)->count,
                                memory_order_relaxed);
}
