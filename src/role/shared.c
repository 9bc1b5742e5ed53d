#include "role/shared.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "proto/mip/keygen.h"

const uint64_t lk_latency_limits_us[LK_LATENCY_BUCKETS - 1] = {
    100,   250,    500,    1000,   2500,    5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
};

/* ---- mappings ---- */

static size_t pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

static void *map(size_t size, int how, int fd)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, how, fd, 0);

    /* It holds keys: not in a core file. */
    if (memory != MAP_FAILED)
        (void)madvise(memory, size, MADV_DONTDUMP);
    return memory == MAP_FAILED ? NULL : memory;
}

static void *map_shared(size_t size)
{
    return map(size, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void unmap(void *memory, size_t size)
{
    int done = memory == NULL ? 0 : munmap(memory, size);

    LK_ASSERT(done == 0);
}

/* One that nobody who maps it after us can write to, whatever he asks of the kernel. */
static struct lk_probe_place *place_new(int *fd)
{
    struct lk_probe_place *place = NULL;

    *fd = memfd_create("latchkey-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd >= 0 && ftruncate(*fd, (off_t)pages(sizeof *place)) == 0)
        place = map(pages(sizeof *place), MAP_SHARED, *fd);
    return place != NULL && fcntl(*fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 ? place : NULL;
}

static bool sources_new(struct lk_vector_sources *sources)
{
    struct lk_entropy entropy = { .left = 0 };
    void *memory = map_shared(pages(lk_vector_sources_size()));
    uint64_t seed;

    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_forget(&entropy);
    if (memory != NULL)
        lk_vector_sources_in(sources, memory, seed);
    return memory != NULL;
}

/* Without a place it goes where the supervisor goes: it could not start. */
struct lk_shared *lk_shared_new(size_t contexts)
{
    struct lk_shared *shared = map(pages(sizeof *shared), MAP_PRIVATE | MAP_ANONYMOUS, -1);
    uint8_t *slots, *table, *erp, *mip;

    if (shared == NULL)
        return NULL;
    shared->slot_size = pages(sizeof *shared->slot[0]);
    shared->reauth_size = pages(lk_reauth_table_size(contexts));
    shared->erp_size = pages(lk_erp_table_size(contexts));
    slots = map_shared(LK_SHARED_SLOTS * shared->slot_size);
    table = map_shared(shared->reauth_size);
    erp = map_shared(shared->erp_size);
    shared->mip_size = pages(lk_contexts_size(contexts, sizeof(struct lk_mip_keygen)));
    mip = map_shared(shared->mip_size);
    shared->probe.row = map_shared(pages(sizeof *shared->probe.row));
    shared->probe.place = place_new(&shared->place_fd);
    if (slots == NULL || table == NULL || erp == NULL || mip == NULL ||
        shared->probe.row == NULL || shared->probe.place == NULL || !sources_new(&shared->sources))
        return NULL;
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        shared->slot[i] = (struct lk_worker_slot *)(void *)(slots + i * shared->slot_size);
    shared->reauth = lk_reauth_table_in(table, contexts);
    shared->erp = lk_erp_table_in(erp, contexts);
    shared->mip = lk_contexts_in(mip, contexts, sizeof(struct lk_mip_keygen));
    return shared;
}

static void leave_aaa(struct lk_shared *shared)
{
    unmap(shared->reauth, shared->reauth_size);
    unmap(shared->erp, shared->erp_size);
    unmap(shared->mip, shared->mip_size);
    unmap(shared->sources.budgets, pages(lk_vector_sources_size()));
    unmap(shared->probe.row, pages(sizeof *shared->probe.row));
    unmap(shared->probe.place, pages(sizeof *shared->probe.place));
    shared->reauth = NULL;
    shared->erp = NULL;
    shared->mip = NULL;
    shared->sources = (struct lk_vector_sources){ NULL, NULL, NULL };
    lk_wipe(&shared->probe, sizeof shared->probe);
}

void lk_shared_keep(struct lk_shared *shared, size_t slot, bool is_aaa)
{
    struct lk_probe_place *place = shared->probe.place;

    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (i != slot) {
            unmap(shared->slot[i], shared->slot_size);
            shared->slot[i] = NULL;
        }
    if (!is_aaa) {
        leave_aaa(shared);
    } else {
        place = mmap(place, pages(sizeof *place), PROT_READ, MAP_SHARED | MAP_FIXED,
                     shared->place_fd, 0);
        LK_ASSERT(place == shared->probe.place);
    }
    (void)close(shared->place_fd);
    shared->place_fd = -1;
}

/* ---- counters ---- */

void lk_count_latency(struct lk_counters *counters, uint64_t us)
{
    size_t i = 0;

    while (i < LK_LATENCY_BUCKETS - 1 && us > lk_latency_limits_us[i])
        i++;
    lk_count(&counters->latency[i]);
    lk_count_add(&counters->latency_sum_us, us);
}

void lk_counters_sum(struct lk_counters *sum, const struct lk_shared *shared, size_t first,
                     size_t count)
{
    uint64_t *to = (uint64_t *)sum;

    memset(sum, 0, sizeof *sum);
    for (size_t i = first; i < first + count; i++) {
        const uint64_t *from = (const uint64_t *)&shared->slot[i]->count;

        for (size_t j = 0; j < sizeof *sum / sizeof *to; j++)
            to[j] += __atomic_load_n(&from[j], __ATOMIC_RELAXED);
    }
}

/* ---- the probe's row ---- */

/* Held for a copy. A worker that was killed while it held it must not stop the others. */
static void lock(struct lk_probe_row *row)
{
    enum { PATIENCE = 10000 };

    for (unsigned i = 0; i < PATIENCE && __atomic_exchange_n(&row->lock, 1, __ATOMIC_ACQUIRE) != 0;
         i++)
        (void)sched_yield();
}

static void unlock(struct lk_probe_row *row)
{
    __atomic_store_n(&row->lock, 0, __ATOMIC_RELEASE);
}

void lk_probe_row_read(const struct lk_probe_area *probe, struct lk_sealed_row *row)
{
    lock(probe->row);
    *row = probe->row->row;
    unlock(probe->row);
}

bool lk_probe_row_swap(const struct lk_probe_area *probe, const struct lk_sealed_row *old,
                       const struct lk_sealed_row *row)
{
    struct lk_sealed_row *kept = &probe->row->row;
    bool same;

    lock(probe->row);
    same = kept->len == old->len && lk_span_equal(lk_span_of(kept->octets, kept->len),
                                                  lk_span_of(old->octets, old->len));
    if (same)
        *kept = *row;
    unlock(probe->row);
    return same;
}

/* ---- clocks ---- */

static uint64_t clock_us(clockid_t clock)
{
    struct timespec at;

    (void)clock_gettime(clock, &at);
    return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

uint64_t lk_mono_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

uint64_t lk_mono_ms(void)
{
    return clock_us(CLOCK_MONOTONIC) / 1000;
}

uint64_t lk_wall_ms(void)
{
    return clock_us(CLOCK_REALTIME) / 1000;
}
