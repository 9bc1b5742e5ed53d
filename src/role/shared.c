#include "role/shared.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

const uint64_t lk_latency_limits_us[LK_LATENCY_BUCKETS - 1] = {
    100,   250,    500,    1000,   2500,    5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
};

/* The table begins with a page of its own. */
static size_t head_size(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (sizeof(struct lk_shared) + page - 1) / page * page;
}

struct lk_shared *lk_shared_new(size_t reauth_contexts)
{
    size_t head = head_size();
    size_t size = head + lk_reauth_table_size(reauth_contexts);
    struct lk_shared *shared;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    /* It holds keys: not in a core file. */
    (void)madvise(memory, size, MADV_DONTDUMP);
    shared = memory;
    shared->size = size;
    shared->reauth = lk_reauth_table_in((uint8_t *)memory + head, reauth_contexts);
    return shared;
}

void lk_shared_leave_contexts(struct lk_shared *shared)
{
    size_t head = head_size();

    (void)munmap((uint8_t *)shared + head, shared->size - head);
}

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
        const uint64_t *from = (const uint64_t *)&shared->slot[i].count;

        for (size_t j = 0; j < sizeof *sum / sizeof *to; j++)
            to[j] += __atomic_load_n(&from[j], __ATOMIC_RELAXED);
    }
}

/* Held for a copy. A worker that was killed while it held it must not stop the others. */
static void lock(struct lk_probe_area *probe)
{
    enum { PATIENCE = 10000 };

    for (unsigned i = 0;
         i < PATIENCE && __atomic_exchange_n(&probe->lock, 1, __ATOMIC_ACQUIRE) != 0; i++)
        (void)sched_yield();
}

static void unlock(struct lk_probe_area *probe)
{
    __atomic_store_n(&probe->lock, 0, __ATOMIC_RELEASE);
}

void lk_probe_row_read(struct lk_probe_area *probe, struct lk_sealed_row *row)
{
    lock(probe);
    *row = probe->row;
    unlock(probe);
}

bool lk_probe_row_swap(struct lk_probe_area *probe, const struct lk_sealed_row *old,
                       const struct lk_sealed_row *row)
{
    bool same;

    lock(probe);
    same =
        probe->row.len == old->len && lk_span_equal(lk_span_of(probe->row.octets, probe->row.len),
                                                    lk_span_of(old->octets, old->len));
    if (same)
        probe->row = *row;
    unlock(probe);
    return same;
}

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
