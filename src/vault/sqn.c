/* The sequence number discipline: see sqn.h for the scheme.
 *
 * Why no SQN is handed out twice, in time mode. Within a process SEQ of one subscriber and epoch
 * only grows: either the clock has grown, or the table of recent ones knows the last. Across
 * processes of one node the ceiling parts the ticks that were used from those to come. Across nodes
 * the node bits of IND differ. Across a fall of SEQ the epoch differs, hence the rolling part at
 * each SEQ; and LK_SQN_EPOCH_MAX keeps the rolling part from coming round. */
#include "vault/sqn.h"

#include <string.h>

enum {
    RECENT_BUCKETS = 16384, /* a power of two */
    RECENT_WAYS = 16,       /* 25,000 subscribers a tick fill one once in months */
    CORRECTED_TICKS = 64,   /* how long a corrected subscriber stays in the table */
    NOBODYS_EPOCH = 15,     /* of no row: names apart who is not there from who is added now */
};

_Static_assert((int)NOBODYS_EPOCH > (int)LK_SQN_EPOCH_MAX && (int)NOBODYS_EPOCH <= 0x0f,
               "it is nobody's");

/* One subscriber that was served a moment ago. */
struct recent {
    uint64_t name; /* the IMSI in BCD, its last half octet (always free) holding the epoch */
    uint64_t seq;  /* time: the last SEQ used; counter: the next of the block */
    uint64_t end;  /* time: the last tick at which the entry counts; counter: behind the block */
    uint64_t block_id;
};

struct lk_sqn_recent {
    struct recent bucket[RECENT_BUCKETS][RECENT_WAYS];
};

size_t lk_sqn_recent_size(void)
{
    return sizeof(struct lk_sqn_recent);
}

uint64_t lk_sqn_seq(const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t value = 0;

    for (int i = 0; i < LK_SQN_LEN; i++)
        value = value << 8 | sqn[i];
    return value >> LK_SQN_IND_BITS;
}

/* spec: TS 33.102 C.1.1.1 - SQN is SEQ || IND; consecutive SEQ take consecutive IND of the node. */
static void sqn_put(uint8_t sqn[LK_SQN_LEN], uint64_t seq, unsigned node, unsigned epoch)
{
    uint64_t ind = (uint64_t)node << 3 | (seq + epoch) % LK_SQN_ROLLING;
    uint64_t value = seq << LK_SQN_IND_BITS | ind;

    for (int i = LK_SQN_LEN - 1; i >= 0; i--) {
        sqn[i] = (uint8_t)value;
        value >>= 8;
    }
}

enum lk_status lk_sqn_init(struct lk_sqn *sqn, enum lk_sqn_mode mode, unsigned node, unsigned block,
                           void *memory)
{
    if (node >= LK_SQN_NODES || block > LK_SQN_BLOCK_MAX)
        return LK_E_VALUE;
    memset(sqn, 0, sizeof *sqn);
    sqn->mode = mode;
    sqn->node = (uint8_t)node;
    sqn->block = (uint16_t)(block == 0 ? LK_SQN_BLOCK_DEFAULT : block);
    sqn->recent = memory;
    return LK_OK;
}

enum lk_status lk_sqn_record_start(struct lk_sqn_record *record, enum lk_sqn_mode mode,
                                   const uint8_t last[LK_SQN_LEN], uint64_t tick)
{
    uint64_t seq = lk_sqn_seq(last) + 1;

    if (seq > LK_SQN_SEQ_LAST)
        return LK_E_VALUE;
    memset(record, 0, sizeof *record);
    record->mode = mode;
    record->floor = seq;
    record->offset = (int64_t)seq - (int64_t)tick;
    return LK_OK;
}

/* ---- the table of recent ones ---- */

static uint64_t recent_name(const struct lk_imsi *imsi, uint8_t epoch)
{
    uint8_t bcd[LK_IMSI_BCD_LEN];
    uint64_t name = 0;

    lk_imsi_to_bcd(bcd, imsi);
    for (size_t i = 0; i < sizeof bcd; i++)
        name = name << 8 | bcd[i];
    return (name & ~UINT64_C(0x0f)) | epoch;
}

static struct recent *recent_bucket(struct lk_sqn *sqn, uint64_t name)
{
    uint64_t hash = name;

    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return sqn->recent->bucket[hash % RECENT_BUCKETS];
}

/* The subscriber's entry, or a free one with another name, or NULL when the bucket is full of
 * entries that count at tick. */
static struct recent *recent_find(struct lk_sqn *sqn, uint64_t name, uint64_t tick)
{
    struct recent *bucket = recent_bucket(sqn, name);
    struct recent *free_one = NULL;

    for (size_t i = 0; i < RECENT_WAYS; i++) {
        if (bucket[i].name == name)
            return &bucket[i];
        if (free_one == NULL && (bucket[i].name == 0 || bucket[i].end < tick))
            free_one = &bucket[i];
    }
    return free_one;
}

/* In counter mode an entry may always give way: what it had reserved is skipped. */
static struct recent *recent_block(struct lk_sqn *sqn, uint64_t name, uint64_t random)
{
    struct recent *bucket = recent_bucket(sqn, name);

    for (size_t i = 0; i < RECENT_WAYS; i++)
        if (bucket[i].name == name || bucket[i].name == 0)
            return &bucket[i];
    return &bucket[random % RECENT_WAYS];
}

/* ---- modes ---- */

/* What the row says, in the words of this node's mode. */
static bool adopt_mode(const struct lk_sqn *sqn, struct lk_sqn_record *record, uint64_t tick)
{
    int64_t next = (int64_t)tick + record->offset + LK_SQN_AHEAD_MAX + 1;

    if (record->mode == sqn->mode)
        return false;
    if (sqn->mode == LK_SQN_COUNTER && next > 0 && (uint64_t)next > record->floor)
        record->floor = (uint64_t)next;
    record->mode = sqn->mode;
    record->offset = (int64_t)record->floor - (int64_t)tick;
    record->block_id = 0;
    return true;
}

/* SEQ by the clock; a clock behind the one that wrote the row (another node's) lifts the offset. */
static uint64_t time_seq(struct lk_sqn_record *record, bool *changed, uint64_t tick)
{
    int64_t seq = (int64_t)tick + record->offset;

    if (seq < 0 || (uint64_t)seq < record->floor) {
        record->offset = (int64_t)record->floor - (int64_t)tick;
        *changed = true;
        return record->floor;
    }
    return (uint64_t)seq;
}

static enum lk_reason time_next(uint64_t *seq, struct lk_sqn *sqn, const struct lk_imsi *imsi,
                                struct lk_sqn_record *record, bool *changed, uint64_t tick)
{
    uint64_t by_clock = time_seq(record, changed, tick);
    uint64_t name = recent_name(imsi, record->epoch);
    struct recent *entry = recent_find(sqn, name, tick);
    uint64_t until;
    bool counts;

    if (entry == NULL)
        return LK_REASON_VECTORS_TOO_FAST;
    counts = entry->name == name && entry->end >= tick;
    *seq = counts && entry->seq >= by_clock ? entry->seq + 1 : by_clock;
    if (*seq - by_clock > LK_SQN_AHEAD_MAX)
        return LK_REASON_VECTORS_TOO_FAST;
    if (*seq > LK_SQN_SEQ_LAST)
        return LK_REASON_SQN_EXHAUSTED;
    until = tick + (*seq - by_clock);
    if (until >= sqn->ceiling)
        return LK_REASON_CEILING_NOT_KEPT;
    if (!counts || entry->end < until)
        entry->end = until;
    entry->name = name;
    entry->seq = *seq;
    return LK_REASON_NONE;
}

static enum lk_reason counter_next(uint64_t *seq, struct lk_sqn *sqn, const struct lk_imsi *imsi,
                                   struct lk_sqn_record *record, bool *changed, uint64_t random)
{
    uint64_t name = recent_name(imsi, record->epoch);
    struct recent *entry = recent_block(sqn, name, random);

    if (entry->name == name && record->block_id != 0 && entry->block_id == record->block_id &&
        entry->seq < entry->end) {
        *seq = entry->seq++;
        return LK_REASON_NONE;
    }
    if (record->floor > LK_SQN_SEQ_LAST)
        return LK_REASON_SQN_EXHAUSTED;
    *seq = record->floor;
    record->floor += sqn->block;
    if (record->floor > LK_SQN_SEQ_LAST)
        record->floor = LK_SQN_SEQ_LAST + 1;
    record->block_id = random | 1;
    *entry = (struct recent){ name, *seq + 1, record->floor, record->block_id };
    *changed = true;
    return LK_REASON_NONE;
}

enum lk_reason lk_sqn_next(uint8_t out[LK_SQN_LEN], struct lk_sqn *sqn, const struct lk_imsi *imsi,
                           struct lk_sqn_record *record, bool *changed, uint64_t tick,
                           uint64_t random)
{
    struct lk_sqn_record draft = *record;
    bool altered = adopt_mode(sqn, &draft, tick);
    enum lk_reason refused;
    uint64_t seq = 0;

    if (sqn->mode == LK_SQN_TIME)
        refused = time_next(&seq, sqn, imsi, &draft, &altered, tick);
    else
        refused = counter_next(&seq, sqn, imsi, &draft, &altered, random);
    if (refused != LK_REASON_NONE)
        return refused;
    sqn_put(out, seq, sqn->node, draft.epoch);
    *record = draft;
    *changed = *changed || altered;
    return LK_REASON_NONE;
}

enum lk_reason lk_sqn_nobody(struct lk_sqn *sqn, const struct lk_imsi *imsi, uint64_t tick)
{
    struct lk_sqn_record record = { .mode = LK_SQN_TIME, .epoch = NOBODYS_EPOCH };
    uint64_t seq = 0;
    bool changed = false;

    /* In counter mode nothing is too fast. */
    return sqn->mode == LK_SQN_TIME ? time_next(&seq, sqn, imsi, &record, &changed, tick)
                                    : LK_REASON_NONE;
}

/* ---- AUTS ---- */

/* The SEQ that lk_sqn_next would take, as far as the row and the table tell. */
static uint64_t seq_to_come(struct lk_sqn *sqn, const struct lk_imsi *imsi,
                            struct lk_sqn_record *record, bool *changed, uint64_t tick)
{
    uint64_t name = recent_name(imsi, record->epoch);
    const struct recent *entry;
    uint64_t seq;

    if (sqn->mode == LK_SQN_COUNTER) {
        entry = recent_block(sqn, name, 0);
        return entry->name == name && record->block_id != 0 &&
                       entry->block_id == record->block_id && entry->seq < entry->end
                   ? entry->seq
                   : record->floor;
    }
    seq = time_seq(record, changed, tick);
    entry = recent_find(sqn, name, tick);
    if (entry != NULL && entry->name == name && entry->end >= tick && entry->seq >= seq)
        seq = entry->seq + 1;
    return seq;
}

/* A row read before the correction may still be under way; the table makes it repeat nothing. */
static void remember_correction(struct lk_sqn *sqn, const struct lk_imsi *imsi,
                                const struct lk_sqn_record *record, uint64_t tick)
{
    uint64_t name = recent_name(imsi, record->epoch);
    struct recent *entry = sqn->mode == LK_SQN_TIME ? recent_find(sqn, name, tick) : NULL;

    if (entry != NULL)
        *entry = (struct recent){ name, record->floor - 1, tick + CORRECTED_TICKS, 0 };
}

/* spec: TS 33.102 6.3.5 - SQN_HE is set to SQN_MS only if SQN_HE would not be accepted by the USIM.
 * spec: TS 33.102 C.2.1 - the USIM accepts what is above its highest by at most DELTA. */
enum lk_reason lk_sqn_correct(struct lk_sqn *sqn, const struct lk_imsi *imsi,
                              struct lk_sqn_record *record, bool *changed,
                              const uint8_t sqn_ms[LK_SQN_LEN], uint64_t tick)
{
    struct lk_sqn_record draft = *record;
    bool altered = adopt_mode(sqn, &draft, tick);
    uint64_t seq_ms = lk_sqn_seq(sqn_ms);
    uint64_t next = seq_to_come(sqn, imsi, &draft, &altered, tick);

    if (seq_ms < draft.seq_ms)
        return LK_REASON_AUTS_STALE;
    if (next > seq_ms && next - seq_ms <= LK_SQN_DELTA && next <= LK_SQN_SEQ_LAST)
        return LK_REASON_NONE;
    if (seq_ms >= LK_SQN_SEQ_LAST)
        return LK_REASON_SQN_EXHAUSTED;
    if (next > seq_ms) {
        if (draft.epoch >= LK_SQN_EPOCH_MAX)
            return LK_REASON_SQN_FELL_TOO_OFTEN;
        draft.epoch++;
    }
    draft.seq_ms = seq_ms;
    draft.floor = seq_ms + 1;
    draft.offset = (int64_t)draft.floor - (int64_t)tick;
    draft.block_id = 0;
    remember_correction(sqn, imsi, &draft, tick);
    *record = draft;
    *changed = true;
    return LK_REASON_NONE;
}
