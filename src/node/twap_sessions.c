#include "node/twap_sessions.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"

#define NONE UINT32_MAX

size_t lk_twap_sessions_size(size_t cap)
{
    return cap * (sizeof(struct lk_twap_session) + sizeof(uint32_t));
}

void lk_twap_sessions_in(struct lk_twap_sessions *sessions, void *memory, size_t cap,
                         uint64_t seed)
{
    LK_ASSERT(cap > 0 && cap < (uint32_t)NONE);
    LK_ASSERT((uintptr_t)memory % alignof(struct lk_twap_session) == 0);
    *sessions = (struct lk_twap_sessions){ .row = memory, .cap = (uint32_t)cap, .free = NONE,
                                           .seed = seed };
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

/* The clock in seconds, or more: so that it grows over a restart, after which nothing is left of
 * what was before, and also where one device comes back within a second. */
uint32_t lk_twap_sessions_generation(const struct lk_twap_sessions *sessions,
                                     const struct lk_twap_session *session, uint64_t now_ms)
{
    uint32_t now_s = (uint32_t)(now_ms / 1000);
    uint32_t last = session->generation != 0 ? session->generation : sessions->generation;

    return now_s > last ? now_s : last + 1;
}
