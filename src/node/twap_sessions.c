#include "node/twap_sessions.h"

#include <stdalign.h>
#include <string.h>

#include "base/hash.h"
#include "base/secret.h"

#define NONE UINT32_MAX

/* Two keys for each session, before one is forgotten. */
static size_t handed_cap(size_t cap)
{
    size_t wanted = 2 * cap / LK_TWAP_HANDED_WAYS;

    return wanted > LK_TWAP_HANDED_LEAST ? wanted : LK_TWAP_HANDED_LEAST;
}

size_t lk_twap_sessions_size(size_t cap)
{
    return handed_cap(cap) * LK_TWAP_HANDED_WAYS * sizeof(uint64_t) +
           cap * (sizeof(struct lk_twap_session) + LK_TWAP_BYS * sizeof(uint32_t));
}

void lk_twap_sessions_in(struct lk_twap_sessions *sessions, void *memory, size_t cap,
                         uint64_t seed)
{
    uint32_t *buckets;

    LK_ASSERT(cap > 0 && cap < (uint32_t)NONE);
    LK_ASSERT((uintptr_t)memory % alignof(struct lk_twap_session) == 0);
    *sessions = (struct lk_twap_sessions){ .handed = memory, .cap = (uint32_t)cap, .free = NONE,
                                           .oldest = NONE, .newest = NONE, .seed = seed,
                                           .handed_cap = (uint32_t)handed_cap(cap) };
    memset(sessions->handed, 0, sessions->handed_cap * sizeof *sessions->handed);
    sessions->row = (struct lk_twap_session *)(void *)(sessions->handed + sessions->handed_cap);
    buckets = (uint32_t *)(void *)(sessions->row + cap);
    for (size_t i = 0; i < LK_TWAP_BYS * cap; i++)
        buckets[i] = (uint32_t)NONE;
    for (size_t by = 0; by < LK_TWAP_BYS; by++)
        sessions->bucket[by] = buckets + by * cap;
}

/* ---- the two indices ---- */

static struct lk_span name_of(const struct lk_twap_session *session, enum lk_twap_by by)
{
    return by == LK_TWAP_BY_MAC ? LK_SPAN(session->mac) : lk_span_text(session->imsi.digits);
}

static uint32_t *bucket_of(const struct lk_twap_sessions *sessions, enum lk_twap_by by,
                           struct lk_span name)
{
    return &sessions->bucket[by][lk_hash(sessions->seed, LK_HASH_FACTOR, name) % sessions->cap];
}

static struct lk_twap_session *find(const struct lk_twap_sessions *sessions, enum lk_twap_by by,
                                    struct lk_span name)
{
    uint32_t at = *bucket_of(sessions, by, name);

    for (; at != (uint32_t)NONE; at = sessions->row[at].chain[by])
        if (lk_span_equal(name_of(&sessions->row[at], by), name))
            return &sessions->row[at];
    return NULL;
}

static void enter(struct lk_twap_sessions *sessions, struct lk_twap_session *session,
                  enum lk_twap_by by)
{
    uint32_t *bucket = bucket_of(sessions, by, name_of(session, by));

    LK_ASSERT(find(sessions, by, name_of(session, by)) == NULL);
    session->chain[by] = *bucket;
    *bucket = (uint32_t)(session - sessions->row);
}

static void leave(struct lk_twap_sessions *sessions, struct lk_twap_session *session,
                  enum lk_twap_by by)
{
    uint32_t index = (uint32_t)(session - sessions->row);
    uint32_t *at = bucket_of(sessions, by, name_of(session, by));

    while (*at != index) {
        LK_ASSERT(*at != (uint32_t)NONE);
        at = &sessions->row[*at].chain[by];
    }
    *at = session->chain[by];
}

struct lk_twap_session *lk_twap_sessions_find(const struct lk_twap_sessions *sessions,
                                              const uint8_t mac[LK_STATION_LEN])
{
    return find(sessions, LK_TWAP_BY_MAC, lk_span_of(mac, LK_STATION_LEN));
}

struct lk_twap_session *lk_twap_sessions_find_imsi(const struct lk_twap_sessions *sessions,
                                                   const struct lk_imsi *imsi)
{
    return find(sessions, LK_TWAP_BY_IMSI, lk_span_text(imsi->digits));
}

/* ---- the list by when they were heard of ---- */

static void list_in(struct lk_twap_sessions *sessions, struct lk_twap_session *session)
{
    uint32_t index = (uint32_t)(session - sessions->row);

    session->before = sessions->newest;
    session->after = (uint32_t)NONE;
    if (sessions->newest == (uint32_t)NONE)
        sessions->oldest = index;
    else
        sessions->row[sessions->newest].after = index;
    sessions->newest = index;
}

static void list_out(struct lk_twap_sessions *sessions, const struct lk_twap_session *session)
{
    if (session->before == (uint32_t)NONE)
        sessions->oldest = session->after;
    else
        sessions->row[session->before].after = session->after;
    if (session->after == (uint32_t)NONE)
        sessions->newest = session->before;
    else
        sessions->row[session->after].before = session->before;
}

void lk_twap_sessions_heard(struct lk_twap_sessions *sessions, struct lk_twap_session *session,
                            uint64_t now_ms)
{
    list_out(sessions, session);
    list_in(sessions, session);
    session->heard_ms = now_ms;
}

struct lk_twap_session *lk_twap_sessions_in_the_way(const struct lk_twap_sessions *sessions)
{
    return sessions->count < sessions->cap ? NULL : &sessions->row[sessions->oldest];
}

/* ---- rows ---- */

struct lk_twap_session *lk_twap_sessions_add(struct lk_twap_sessions *sessions,
                                             const uint8_t mac[LK_STATION_LEN],
                                             const struct lk_imsi *imsi, uint64_t now_ms)
{
    uint32_t at = sessions->free;
    struct lk_twap_session *session;

    if (sessions->count == sessions->cap)
        return NULL;
    if (at == (uint32_t)NONE)
        at = sessions->touched++;
    else
        sessions->free = sessions->row[at].chain[0];
    session = &sessions->row[at];
    sessions->count++;
    memset(session, 0, sizeof *session);
    session->used = true;
    memcpy(session->mac, mac, sizeof session->mac);
    session->imsi = *imsi;
    session->heard_ms = now_ms;
    enter(sessions, session, LK_TWAP_BY_MAC);
    enter(sessions, session, LK_TWAP_BY_IMSI);
    list_in(sessions, session);
    return session;
}

void lk_twap_sessions_remove(struct lk_twap_sessions *sessions, struct lk_twap_session *session)
{
    leave(sessions, session, LK_TWAP_BY_MAC);
    leave(sessions, session, LK_TWAP_BY_IMSI);
    list_out(sessions, session);
    if (session->generation > sessions->generation)
        sessions->generation = session->generation;
    lk_wipe(session, sizeof *session);
    session->chain[0] = sessions->free;
    sessions->free = (uint32_t)(session - sessions->row);
    sessions->count--;
}

/* ---- keys that were handed on ---- */

static uint64_t handle_of(const struct lk_wlcp_key *key)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    uint64_t handle;

    lk_wlcp_psk_identity(identity, key);
    memcpy(&handle, identity, sizeof handle);
    return handle;
}

/* A handle is digits, never zero; its own bits say where it belongs. */
static uint64_t *set_of(const struct lk_twap_sessions *sessions, uint64_t handle)
{
    uint64_t hash = (handle ^ sessions->seed) * UINT64_C(0x9e3779b97f4a7c15);

    return sessions->handed[(hash ^ hash >> 32) % sessions->handed_cap];
}

bool lk_twap_sessions_was_handed(const struct lk_twap_sessions *sessions,
                                 const struct lk_wlcp_key *key)
{
    uint64_t handle = handle_of(key);
    const uint64_t *set = set_of(sessions, handle);

    for (size_t i = 0; i < LK_TWAP_HANDED_WAYS; i++)
        if (set[i] == handle)
            return true;
    return false;
}

void lk_twap_sessions_handed(struct lk_twap_sessions *sessions, const struct lk_wlcp_key *key)
{
    uint64_t handle = handle_of(key);
    uint64_t *set = set_of(sessions, handle);

    memmove(set + 1, set, (LK_TWAP_HANDED_WAYS - 1) * sizeof *set);
    set[0] = handle;
}

/* The clock in milliseconds, or more: so that it grows over a restart, after which nothing is left
 * of what was before, and also where one device comes back within a millisecond. */
uint64_t lk_twap_sessions_generation(const struct lk_twap_sessions *sessions,
                                     const struct lk_twap_session *session, uint64_t now_ms)
{
    uint64_t last = session->generation != 0 ? session->generation : sessions->generation;

    return now_ms > last ? now_ms : last + 1;
}
