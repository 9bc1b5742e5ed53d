/* What the supervisor and its workers share: counters, signs of life, the re-authentication table,
 * who asks for vectors, and the reserved subscriber of the health probe.
 *
 * Anonymous mappings, made before the workers are forked and after the vault is, so that the vault
 * never sees them. The supervisor has all of them. A worker keeps its own slot, and the rest is
 * unmapped before anybody can talk to it (T04, Y10): whoever takes it over can neither make another
 * worker look dead nor read what is another's. Those of the AAA keep, besides, what they share with
 * one another; where the probe is they can read, and never write. Counters are only added to, so
 * that a restarted worker goes on where its forerunner ended. */
#ifndef LK_ROLE_SHARED_H
#define LK_ROLE_SHARED_H

#include "base/address.h"
#include "base/reason.h"
#include "keys/types.h"
#include "role/config.h"
#include "role/vector_sources.h"
#include "store/erp.h"
#include "store/reauth.h"

enum {
    /* two generations overlap in a reload, and some kinds of processes have one each */
    LK_SHARED_SLOTS = 2 * LK_CONFIG_WORKERS + 12,
    LK_OWN_COUNTERS = 64,
    LK_LATENCY_BUCKETS = 16,
    LK_PROBE_SECRET_LEN = 32,
};

/* Upper ends in microseconds, from 100 to 5,000,000; the last bucket is open. */
extern const uint64_t lk_latency_limits_us[LK_LATENCY_BUCKETS - 1];

enum lk_method_index { LK_METHOD_INDEX_AKA, LK_METHOD_INDEX_AKA_PRIME, LK_METHOD_INDEX_COUNT };

enum lk_worker_state { LK_WORKER_ABSENT, LK_WORKER_STARTING, LK_WORKER_SERVING, LK_WORKER_LEAVING };

struct lk_counters {
    uint64_t requests;   /* datagrams, on both ports */
    uint64_t duplicates; /* answered or dropped by the reply cache */
    uint64_t challenges;
    uint64_t accepted[LK_METHOD_INDEX_COUNT];
    uint64_t reauthenticated[LK_METHOD_INDEX_COUNT];
    uint64_t rejected[LK_METHOD_INDEX_COUNT + 1]; /* the last: no method yet */
    uint64_t erp_accepted, erp_rejected;
    uint64_t probes;                              /* health logins, not counted as accepted */
    uint64_t accounted;
    uint64_t pool_full; /* dropped: too many wait */
    uint64_t timed_out; /* dropped: the vault or the store did not answer in time */
    uint64_t send_lost;
    uint64_t vectors;
    uint64_t rows_written;
    uint64_t refused[LK_REASON_COUNT]; /* rejects and drops, by reason */
    uint64_t latency[LK_LATENCY_BUCKETS];
    uint64_t latency_sum_us;
};
/* It is summed as an array of numbers. */
_Static_assert(sizeof(struct lk_counters) % sizeof(uint64_t) == 0, "nothing but numbers");

struct lk_worker_slot {
    uint32_t state; /* enum lk_worker_state */
    int32_t pid;
    uint64_t beat_ms;          /* monotonic: it was alive then */
    uint64_t jobs;             /* waiting now */
    uint32_t landlock;         /* the version that confines it; 0: none */
    uint32_t key_within_reach; /* 1: it could open the master key file */
    struct lk_counters count;
    uint64_t own[LK_OWN_COUNTERS]; /* what they count is in the kind's row, role/kinds.h */
};

/* Of the probe's own socket: what comes from there has its secret. The supervisor's to write. */
struct lk_probe_place {
    struct lk_address address;
    uint16_t port;
};

struct lk_probe_row {
    uint32_t lock;
    struct lk_sealed_row row; /* counter mode changes it */
};

/* The reserved subscriber, in memory only: its K is made at start and forgotten at the end. */
struct lk_probe_area {
    bool ready;
    struct lk_imsi imsi;
    uint8_t secret[LK_PROBE_SECRET_LEN];
    struct lk_probe_row *row;
    struct lk_probe_place *place;
};

/* Each process has its own, and in it what of the mappings it kept; the rest is NULL. They are at
 * the same addresses in every process. */
struct lk_shared {
    struct lk_worker_slot *slot[LK_SHARED_SLOTS]; /* each on pages of its own */
    struct lk_probe_area probe;
    struct lk_reauth_table *reauth;
    struct lk_erp_table *erp;
    struct lk_contexts *mip; /* struct lk_mip_keygen of subscribers */
    struct lk_vector_sources sources; /* of all workers of the AAA */
    size_t slot_size, reauth_size, erp_size, mip_size;
    int place_fd;
};

/* For so many contexts of re-authentication, as many of ERP, and rows of Mobile IP. NULL without
 * memory. */
struct lk_shared *lk_shared_new(size_t contexts);
/* In a process that was just forked: all but its own slot (LK_SHARED_SLOTS: none) is out of its
 * reach from now on, but for what those of the AAA share. */
void lk_shared_keep(struct lk_shared *shared, size_t slot, bool is_aaa);

static inline void lk_count_add(uint64_t *counter, uint64_t more)
{
    (void)__atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

static inline void lk_count(uint64_t *counter)
{
    lk_count_add(counter, 1);
}

void lk_count_latency(struct lk_counters *counters, uint64_t us);
/* Those of count slots together, from first on. */
void lk_counters_sum(struct lk_counters *sum, const struct lk_shared *shared, size_t first,
                     size_t count);

/* Reads the reserved row, or replaces it when it is still old. */
void lk_probe_row_read(const struct lk_probe_area *probe, struct lk_sealed_row *row);
bool lk_probe_row_swap(const struct lk_probe_area *probe, const struct lk_sealed_row *old,
                       const struct lk_sealed_row *row);

uint64_t lk_mono_us(void);
uint64_t lk_mono_ms(void);
uint64_t lk_wall_ms(void);

#endif
