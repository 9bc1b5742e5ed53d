/* Sessions by number and by peer; half-open ones by age, of all and of a source. All of it is made
 * once, for as many as the setup allows; what is never used is never touched. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/secret.h"
#include "io/channel_parts.h"

enum { V6_SOURCE_LEN = 8 };

/* ---- memory ---- */

/* Zeroes; pages come when they are written. Not dumped: keys of handshakes are in it. */
static void *room_of(size_t count, size_t size)
{
    void *at = mmap(NULL, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(at, count * size, MADV_DONTDUMP);
    return at;
}

static void room_free(void *at, size_t count, size_t size)
{
    if (at != NULL)
        (void)munmap(at, count * size);
}

static uint32_t power_above(uint32_t count)
{
    uint32_t power = 16;

    while (power < count)
        power *= 2;
    return power;
}

enum lk_status lk_channel_table_make(struct lk_channel *channel)
{
    const struct lk_channel_setup *setup = &channel->setup;

    channel->bucket_mask = power_above(setup->sessions) - 1;
    channel->source_mask = power_above(setup->half_open) - 1;
    channel->sessions = room_of(setup->sessions, sizeof *channel->sessions);
    channel->bucket = room_of(channel->bucket_mask + 1, sizeof(void *));
    channel->halves = room_of(setup->half_open, sizeof *channel->halves);
    channel->sources = room_of(setup->half_open, sizeof *channel->sources);
    channel->source_bucket = room_of(channel->source_mask + 1, sizeof(void *));
    if (channel->sessions == NULL || channel->bucket == NULL || channel->halves == NULL ||
        channel->sources == NULL || channel->source_bucket == NULL)
        return LK_E_SYSTEM;
    for (uint32_t i = setup->half_open; i-- > 0;) {
        channel->halves[i].newer = channel->free_half;
        channel->free_half = &channel->halves[i];
        channel->sources[i].chain = channel->free_source;
        channel->free_source = &channel->sources[i];
    }
    lk_entropy_take(&channel->entropy, &channel->seed, sizeof channel->seed);
    return LK_OK;
}

void lk_channel_table_free(struct lk_channel *channel)
{
    const struct lk_channel_setup *setup = &channel->setup;

    room_free(channel->sessions, setup->sessions, sizeof *channel->sessions);
    room_free(channel->bucket, channel->bucket_mask + 1, sizeof(void *));
    room_free(channel->halves, setup->half_open, sizeof *channel->halves);
    room_free(channel->sources, setup->half_open, sizeof *channel->sources);
    room_free(channel->source_bucket, channel->source_mask + 1, sizeof(void *));
}

/* ---- by peer ---- */

/* Mixes eight octets into a hash that nobody outside can foresee. */
static uint64_t mix(uint64_t hash, const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint32_t hash_address(const struct lk_channel *channel, const struct lk_address *address)
{
    uint64_t hash = mix(mix(channel->seed, address->octets), address->octets + 8);

    return (uint32_t)(hash >> 32);
}

static uint32_t hash_peer(const struct lk_channel *channel, const struct lk_datagram_peer *peer)
{
    struct lk_address address = lk_datagram_address(peer);
    uint8_t rest[8] = { 0 };
    uint16_t port = lk_datagram_port(peer);

    memcpy(rest, &port, sizeof port);
    if (peer->has_local)
        memcpy(rest + 2, peer->local.ipi6_addr.s6_addr + 10, 6);
    return (uint32_t)(mix(hash_address(channel, &address), rest) >> 32);
}

static bool same_peer(const struct lk_datagram_peer *a, const struct lk_datagram_peer *b)
{
    struct lk_address of_a = lk_datagram_address(a), of_b = lk_datagram_address(b);

    if (a->fd != b->fd || lk_datagram_port(a) != lk_datagram_port(b) ||
        !lk_address_equal(&of_a, &of_b) || a->has_local != b->has_local ||
        (a->from.any.sa_family == AF_INET6 &&
         a->from.v6.sin6_scope_id != b->from.v6.sin6_scope_id))
        return false;
    return !a->has_local || lk_span_equal(LK_SPAN(a->local.ipi6_addr.s6_addr),
                                          LK_SPAN(b->local.ipi6_addr.s6_addr));
}

struct channel_session *lk_channel_find(const struct lk_channel *channel,
                                        const struct lk_datagram_peer *peer, bool up)
{
    struct channel_session *session =
        channel->bucket[hash_peer(channel, peer) & channel->bucket_mask];

    while (session != NULL &&
           ((session->stage == CHANNEL_UP) != up || !same_peer(&session->peer, peer)))
        session = session->chain;
    return session;
}

static void bucket_leave(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    struct channel_session **at =
        &channel->bucket[hash_peer(channel, &session->peer) & channel->bucket_mask];

    while (*at != session)
        at = &(*at)->chain;
    *at = session->chain;
}

/* ---- by number ---- */

uint64_t lk_channel_id(const struct lk_channel *channel, const struct channel_session *session)
{
    return (uint64_t)session->generation << 32 | (uint64_t)(session - channel->sessions + 1);
}

struct channel_session *lk_channel_by_id(const struct lk_channel *channel, uint64_t id)
{
    uint32_t number = (uint32_t)id;
    struct channel_session *session;

    if (number == 0 || number > channel->setup.sessions)
        return NULL;
    session = &channel->sessions[number - 1];
    if (session->stage == CHANNEL_FREE || session->generation != (uint32_t)(id >> 32))
        return NULL;
    return session;
}

/* ---- by source ---- */

static struct lk_address source_of(const struct lk_datagram_peer *peer)
{
    struct lk_address address = lk_datagram_address(peer);

    if (!lk_address_is_v4(&address))
        memset(address.octets + V6_SOURCE_LEN, 0, LK_ADDRESS_LEN - V6_SOURCE_LEN);
    return address;
}

static struct channel_source **source_bucket(const struct lk_channel *channel,
                                             const struct lk_address *address)
{
    return &channel->source_bucket[hash_address(channel, address) & channel->source_mask];
}

static struct channel_source *source_find(const struct lk_channel *channel,
                                          const struct lk_address *address)
{
    struct channel_source *source = *source_bucket(channel, address);

    while (source != NULL && !lk_address_equal(&source->address, address))
        source = source->chain;
    return source;
}

/* T05: nobody alone may take all places of those who wait. Nor does who sends from another's
 * address keep him out: at the limit of a source its own oldest goes.
 * A18: whatever that one waits for. */
static void source_make_room(struct lk_channel *channel, const struct lk_datagram_peer *peer)
{
    struct lk_address address = source_of(peer);
    const struct channel_source *source = source_find(channel, &address);

    if (channel->dials || source == NULL || source->count < channel->setup.half_open_a_source)
        return;
    channel->count.source_full++;
    lk_channel_drop(source->oldest->session);
}

/* One more of that source. */
static struct channel_source *source_enter(struct lk_channel *channel,
                                           const struct lk_datagram_peer *peer)
{
    struct lk_address address = source_of(peer);
    struct channel_source **first = source_bucket(channel, &address);
    struct channel_source *source = source_find(channel, &address);

    if (source == NULL) {
        source = channel->free_source;
        channel->free_source = source->chain;
        *source = (struct channel_source){ .address = address, .chain = *first };
        *first = source;
    }
    source->count++;
    return source;
}

static void source_leave(struct lk_channel *channel, struct channel_source *source)
{
    struct channel_source **at;

    if (--source->count > 0)
        return;
    at = source_bucket(channel, &source->address);
    while (*at != source)
        at = &(*at)->chain;
    *at = source->chain;
    source->chain = channel->free_source;
    channel->free_source = source;
}

/* ---- to take and to leave ---- */

static void half_take(struct channel_session *session, struct channel_source *source)
{
    struct lk_channel *channel = session->channel;
    struct channel_half *half = channel->free_half;

    channel->free_half = half->newer;
    lk_wipe(half, sizeof *half);
    half->session = session;
    half->source = source;
    half->begun_ms = lk_channel_now(channel);
    half->source_older = source->newest;
    *(source->newest != NULL ? &source->newest->source_newer : &source->oldest) = half;
    source->newest = half;
    half->older = channel->newest;
    *(channel->newest != NULL ? &channel->newest->newer : &channel->oldest) = half;
    channel->newest = half;
    channel->half_open++;
    session->half = half;
}

void lk_channel_half_drop(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    struct channel_half *half = session->half;

    if (half == NULL)
        return;
    lk_channel_engine_drop_spare(session);
    *(half->source_older != NULL ? &half->source_older->source_newer : &half->source->oldest) =
        half->source_newer;
    *(half->source_newer != NULL ? &half->source_newer->source_older : &half->source->newest) =
        half->source_older;
    source_leave(channel, half->source);
    *(half->older != NULL ? &half->older->newer : &channel->oldest) = half->newer;
    *(half->newer != NULL ? &half->newer->older : &channel->newest) = half->older;
    lk_wipe(half, sizeof *half);
    half->newer = channel->free_half;
    channel->free_half = half;
    channel->half_open--;
    session->half = NULL;
}

static struct channel_session *session_take(struct lk_channel *channel)
{
    struct channel_session *session = channel->free_session;

    if (session != NULL) {
        channel->free_session = session->chain;
        return session;
    }
    if (channel->used == channel->setup.sessions)
        return NULL;
    return &channel->sessions[channel->used++];
}

struct channel_session *lk_channel_take(struct lk_channel *channel,
                                        const struct lk_datagram_peer *peer,
                                        enum channel_stage stage)
{
    struct channel_source *source;
    struct channel_session *session, **first;
    uint32_t generation;

    source_make_room(channel, peer);
    /* Beyond the limit of all the oldest goes. */
    if (channel->free_half == NULL) {
        channel->count.pushed_out++;
        lk_channel_drop(channel->oldest->session);
    }
    source = source_enter(channel, peer);
    session = session_take(channel);
    if (session == NULL) {
        source_leave(channel, source);
        channel->count.table_full++;
        return NULL;
    }
    generation = session->generation + 1;
    *session = (struct channel_session){
        .channel = channel, .due_slot = UINT32_MAX, .generation = generation, .peer = *peer,
        .stage = (uint8_t)stage,
    };
    first = &channel->bucket[hash_peer(channel, peer) & channel->bucket_mask];
    session->chain = *first;
    *first = session;
    half_take(session, source);
    return session;
}

void lk_channel_drop(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;

    lk_channel_sleep(session);
    lk_channel_engine_drop(session);
    lk_channel_half_drop(session);
    if (session->stage == CHANNEL_UP)
        channel->up--;
    bucket_leave(session);
    session->stage = CHANNEL_FREE;
    session->chain = channel->free_session;
    channel->free_session = session;
}
