#include "node/twap_sessions.h"

#include <stdalign.h>
#include <string.h>

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
           cap * (sizeof(struct lk_twap_session) + sizeof(uint32_t));
}

void lk_twap_sessions_in(struct lk_twap_sessions *sessions, void *memory, size_t cap,
                         uint64_t seed)
{
    LK_ASSERT(cap > 0 && cap < (uint32_t)NONE);
    LK_ASSERT((uintptr_t)memory % alignof(struct lk_twap_session) == 0);
    *sessions = (struct lk_twap_sessions){ .handed = memory, .cap = (uint32_t)cap, .free = NONE,
                                           .handed_cap = (uint32_t)handed_cap(cap), .seed = seed };
    memset(sessions->handed, 0, sessions->handed_cap * sizeof *sessions->handed);
    sessions->row = (struct lk_twap_session *)(void *)(sessions->handed + sessions->handed_cap);
    sessions->bucket = (uint32_t *)(void *)(sessions->row + cap);
    for (uint32_t i = 0; i < sessions->cap; i++)
        sessions->bucket[i] = (uint32_t)NONE;
}

static uint32_t *bucket_of(const struct lk_twap_sessions *sessions, const uint8_t *mac)
{
    uint64_t hash = sessions->seed;

    for (size_t i = 0; i < LK_WLAN_MAC_LEN; i++)
        hash = (hash ^ mac[i]) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 32;
    return &sessions->bucket[hash % sessions->cap];
}

struct lk_twap_session *lk_twap_sessions_find(const struct lk_twap_sessions *sessions,
                                              const uint8_t mac[LK_WLAN_MAC_LEN])
{
    struct lk_span wanted = lk_span_of(mac, LK_WLAN_MAC_LEN);
    uint32_t at = *bucket_of(sessions, mac);

    for (; at != (uint32_t)NONE; at = sessions->row[at].chain)
        if (lk_span_equal(LK_SPAN(sessions->row[at].mac), wanted))
            return &sessions->row[at];
    return NULL;
}

struct lk_twap_session *lk_twap_sessions_add(struct lk_twap_sessions *sessions,
                                             const uint8_t mac[LK_WLAN_MAC_LEN])
{
    uint32_t *bucket = bucket_of(sessions, mac);
    uint32_t at = sessions->free;
    struct lk_twap_session *session;

    LK_ASSERT(lk_twap_sessions_find(sessions, mac) == NULL);
    if (at == (uint32_t)NONE && sessions->touched == sessions->cap)
        return NULL;
    if (at == (uint32_t)NONE)
        at = sessions->touched++;
    else
        sessions->free = sessions->row[at].chain;
    session = &sessions->row[at];
    sessions->count++;
    memset(session, 0, sizeof *session);
    session->used = true;
    memcpy(session->mac, mac, sizeof session->mac);
    session->chain = *bucket;
    *bucket = at;
    return session;
}

void lk_twap_sessions_remove(struct lk_twap_sessions *sessions, struct lk_twap_session *session)
{
    uint32_t index = (uint32_t)(session - sessions->row);
    uint32_t *at = bucket_of(sessions, session->mac);

    while (*at != index) {
        LK_ASSERT(*at != (uint32_t)NONE);
        at = &sessions->row[*at].chain;
    }
    *at = session->chain;
    if (session->generation > sessions->generation)
        sessions->generation = session->generation;
    lk_wipe(session, sizeof *session);
    session->chain = sessions->free;
    sessions->free = index;
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
