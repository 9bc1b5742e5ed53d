/* The reply cache: a ring of entries and an index of chains into it.
 *
 * Entries are written one behind the other; when room is needed the oldest go, whatever they are.
 * An entry that does not fit before the end of the ring leaves a filler there. All offsets and
 * sizes are multiples of GRAIN, so that a filler always has room for its header. */
#include "node/reply_cache.h"

#include <string.h>

/* Chains are short: who is not there is found not to be in the index alone, as a rule. */
enum { GRAIN = 16, OCTETS_A_BUCKET = 64 };

enum entry_state { ENTRY_GONE, ENTRY_WAITS, ENTRY_ANSWER };

struct entry {
    uint32_t size; /* of the whole, a multiple of GRAIN */
    uint32_t next; /* in the chain: offset + 1, 0 at its end */
    uint16_t len;  /* of the answer behind it */
    uint8_t state; /* enum entry_state */
    uint8_t unused;
    uint32_t hash; /* of its key */
    /* not there in a filler: */
    uint64_t at_ms;
    struct lk_reply_key key;
    uint8_t fill[2];
};

struct lk_reply_cache {
    uint64_t lifetime_ms;
    uint64_t seed;
    uint8_t *ring;
    uint32_t *bucket;
    uint32_t ring_size;
    uint32_t bucket_mask;
    uint32_t head; /* the oldest */
    uint32_t tail; /* where the next goes */
    uint32_t used; /* octets from head to tail */
    uint32_t count;
};

_Static_assert(sizeof(struct lk_reply_key) == 38, "a key has no padding");
_Static_assert(sizeof(struct entry) % GRAIN == 0 && offsetof(struct entry, at_ms) <= GRAIN,
               "a filler has room for its header");

struct lk_reply_cache *lk_reply_cache_in(void *memory, size_t size, uint64_t lifetime_ms,
                                         uint64_t seed)
{
    struct lk_reply_cache *cache = memory;
    size_t header = (sizeof *cache + GRAIN - 1) / GRAIN * GRAIN;
    size_t buckets = 1;

    LK_ASSERT(size >= LK_REPLY_CACHE_MIN && size <= UINT32_MAX / 2);
    while (buckets * OCTETS_A_BUCKET * 2 <= size)
        buckets *= 2;
    memset(cache, 0, sizeof *cache);
    cache->lifetime_ms = lifetime_ms;
    cache->seed = seed;
    cache->bucket = (uint32_t *)(void *)((uint8_t *)memory + header);
    cache->bucket_mask = (uint32_t)buckets - 1;
    memset(cache->bucket, 0, buckets * sizeof *cache->bucket);
    header += (buckets * sizeof *cache->bucket + GRAIN - 1) / GRAIN * GRAIN;
    cache->ring = (uint8_t *)memory + header;
    cache->ring_size = (uint32_t)((size - header) / GRAIN * GRAIN);
    return cache;
}

enum lk_status lk_reply_key_of(struct lk_reply_key *key, const struct lk_address *client,
                               uint16_t port, bool accounting, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);

    key->client = *client;
    key->port = port;
    key->accounting = accounting;
    (void)lk_get_u8(&r);
    key->identifier = lk_get_u8(&r);
    (void)lk_get_be16(&r);
    lk_get_copy(&r, key->authenticator, sizeof key->authenticator);
    key->length = (uint16_t)datagram.len;
    return r.status;
}

static struct entry *entry_at(const struct lk_reply_cache *cache, uint32_t offset)
{
    return (struct entry *)(void *)(cache->ring + offset);
}

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
    value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

static uint32_t hash_of(const struct lk_reply_cache *cache, const struct lk_reply_key *key)
{
    uint64_t words[4];
    uint64_t hash = cache->seed ^ ((uint64_t)key->port << 16 | (uint64_t)key->accounting << 8 |
                                   key->identifier | (uint64_t)key->length << 32);

    memcpy(words, key->authenticator, sizeof key->authenticator);
    memcpy(words + 2, key->client.octets, sizeof key->client.octets);
    for (size_t i = 0; i < LK_COUNT_OF(words); i++)
        hash = mix(hash ^ words[i]);
    return (uint32_t)hash;
}

static uint32_t *bucket_of(const struct lk_reply_cache *cache, uint32_t hash)
{
    return &cache->bucket[hash & cache->bucket_mask];
}

/* The entry of key, or NULL; *link is where the chain points at it. */
static struct entry *look_up(const struct lk_reply_cache *cache, const struct lk_reply_key *key,
                             uint32_t hash, uint32_t **link)
{
    struct lk_span wanted = lk_span_of(key, sizeof *key);

    for (*link = bucket_of(cache, hash); **link != 0;) {
        struct entry *entry = entry_at(cache, **link - 1);

        if (entry->hash == hash &&
            lk_span_equal(lk_span_of(&entry->key, sizeof entry->key), wanted))
            return entry;
        *link = &entry->next;
    }
    return NULL;
}

/* Where its chain points at an entry that is there. */
static uint32_t *link_to(const struct lk_reply_cache *cache, uint32_t offset)
{
    uint32_t *link = bucket_of(cache, entry_at(cache, offset)->hash);

    while (*link != offset + 1) {
        LK_ASSERT(*link != 0);
        link = &entry_at(cache, *link - 1)->next;
    }
    return link;
}

static void take_away(struct lk_reply_cache *cache, struct entry *entry, uint32_t *link)
{
    *link = entry->next;
    entry->state = ENTRY_GONE;
    cache->count--;
}

static void drop_oldest(struct lk_reply_cache *cache)
{
    struct entry *oldest = entry_at(cache, cache->head);

    if (oldest->state != ENTRY_GONE)
        take_away(cache, oldest, link_to(cache, cache->head));
    cache->used -= oldest->size;
    cache->head += oldest->size;
    if (cache->head == cache->ring_size)
        cache->head = 0;
}

static void make_room(struct lk_reply_cache *cache, uint32_t size)
{
    while (cache->ring_size - cache->used < size)
        drop_oldest(cache);
}

/* size octets at the tail, in one piece. */
static struct entry *claim(struct lk_reply_cache *cache, uint32_t size)
{
    uint32_t behind = cache->ring_size - cache->tail;
    struct entry *entry;

    if (behind < size) {
        make_room(cache, behind);
        entry = entry_at(cache, cache->tail);
        entry->size = behind;
        entry->state = ENTRY_GONE;
        cache->used += behind;
        cache->tail = 0;
    }
    make_room(cache, size);
    entry = entry_at(cache, cache->tail);
    entry->size = size;
    cache->used += size;
    cache->tail += size;
    if (cache->tail == cache->ring_size)
        cache->tail = 0;
    return entry;
}

static void enter(struct lk_reply_cache *cache, const struct lk_reply_key *key, uint64_t now_ms,
                  enum entry_state state, struct lk_span answer)
{
    uint32_t size = (uint32_t)((sizeof(struct entry) + answer.len + GRAIN - 1) / GRAIN * GRAIN);
    uint32_t hash = hash_of(cache, key);
    uint32_t *link;
    struct entry *entry = look_up(cache, key, hash, &link);

    LK_ASSERT(answer.len <= LK_RADIUS_PACKET_MAX);
    if (entry != NULL)
        take_away(cache, entry, link);
    entry = claim(cache, size);
    link = bucket_of(cache, hash);
    entry->next = *link;
    entry->len = (uint16_t)answer.len;
    entry->state = (uint8_t)state;
    entry->at_ms = now_ms;
    entry->key = *key;
    entry->hash = hash;
    if (answer.len > 0)
        memcpy(entry + 1, answer.at, answer.len);
    *link = (uint32_t)((uint8_t *)entry - cache->ring) + 1;
    cache->count++;
}

enum lk_reply_found lk_reply_cache_find(const struct lk_reply_cache *cache, struct lk_span *answer,
                                        const struct lk_reply_key *key, uint64_t now_ms)
{
    uint32_t *link;
    const struct entry *entry = look_up(cache, key, hash_of(cache, key), &link);

    *answer = lk_span_of(NULL, 0);
    if (entry == NULL || now_ms > entry->at_ms + cache->lifetime_ms)
        return LK_REPLY_NONE;
    if (entry->state == ENTRY_WAITS)
        return LK_REPLY_WAITS;
    *answer = lk_span_of(entry + 1, entry->len);
    return LK_REPLY_ANSWER;
}

void lk_reply_cache_wait(struct lk_reply_cache *cache, const struct lk_reply_key *key,
                         uint64_t now_ms)
{
    enter(cache, key, now_ms, ENTRY_WAITS, lk_span_of(NULL, 0));
}

void lk_reply_cache_keep(struct lk_reply_cache *cache, const struct lk_reply_key *key,
                         uint64_t now_ms, struct lk_span answer)
{
    enter(cache, key, now_ms, ENTRY_ANSWER, answer);
}

void lk_reply_cache_forget(struct lk_reply_cache *cache, const struct lk_reply_key *key)
{
    uint32_t *link;
    struct entry *entry = look_up(cache, key, hash_of(cache, key), &link);

    if (entry != NULL && entry->state == ENTRY_WAITS)
        take_away(cache, entry, link);
}

size_t lk_reply_cache_count(const struct lk_reply_cache *cache)
{
    return cache->count;
}
