/* The sessions that a TWAP knows: one for each device and each subscriber, found by MAC address and
 * by IMSI.
 *
 * A table of a fixed size in the caller's memory. Only a verified Access-Accept makes a row
 * (invariant 12), and nobody has two, so that no subscriber can fill it. The WLCP key is not in it:
 * it was handed on, and what names it is remembered, so that it is not handed on twice. The memory
 * is of a fixed size too: what is newer takes the place of what is older, long after the time in
 * which an AAA could accept the same exchange again. */
#ifndef LK_NODE_TWAP_SESSIONS_H
#define LK_NODE_TWAP_SESSIONS_H

#include "base/address.h"
#include "keys/wlcp.h"
#include "node/wlan_session.h"

enum {
    LK_TWAP_USER_MAX = 64,
    LK_TWAP_NAS_MAX = 32,
    LK_TWAP_CALLED_LEN = 8,
    LK_TWAP_CHALLENGE_LEN = 8,
    LK_TWAP_HANDED_WAYS = 8,    /* places that one key may have */
    LK_TWAP_HANDED_LEAST = 128, /* so many times that, and no fewer */
};

enum lk_twap_by { LK_TWAP_BY_MAC, LK_TWAP_BY_IMSI, LK_TWAP_BYS };

struct lk_twap_session {
    uint32_t chain[LK_TWAP_BYS];  /* in its buckets; the first: in the list of free ones */
    uint32_t before, after; /* by heard_ms */
    bool used;
    uint8_t mac[LK_STATION_LEN];
    struct lk_imsi imsi;
    uint64_t generation;
    uint64_t run;      /* of the request whose Accept made it */
    uint64_t began_ms; /* when that Accept came */
    uint64_t heard_ms; /* when it was heard of last */
    uint64_t until_ms; /* nobody hears of it until then: lost */
    /* where it is: the access point that asked, as it called itself */
    struct lk_address ap;
    struct lk_address nas_address;
    uint8_t nas_len;
    char nas[LK_TWAP_NAS_MAX];
    uint8_t called[LK_TWAP_CALLED_LEN]; /* digest of Called-Station-Id */
    /* digest of the State of the challenge that went there last; zeroes: none since the Accept */
    uint8_t challenge[LK_TWAP_CHALLENGE_LEN];
    uint8_t user_len;
    char user[LK_TWAP_USER_MAX];
    uint8_t acct_session_len;
    char acct_session[LK_WLAN_ACCT_SESSION_MAX];
    uint8_t class_len;
    uint8_t class_value[LK_WLAN_CLASS_MAX];
};

struct lk_twap_sessions {
    struct lk_twap_session *row;
    uint32_t *bucket[LK_TWAP_BYS];
    uint32_t oldest, newest; /* ends of the list by heard_ms */
    uint32_t cap, count;
    uint32_t free;       /* first of those that are free again */
    uint32_t touched;    /* rows from here on were never used: their memory is not looked at */
    uint64_t generation; /* the greatest of those that are gone */
    uint64_t seed;
    uint64_t (*handed)[LK_TWAP_HANDED_WAYS]; /* what names a key; latest first; 0: none */
    uint32_t handed_cap;
};

size_t lk_twap_sessions_size(size_t cap);
/* seed: unpredictable, so that nobody can aim at one bucket. */
void lk_twap_sessions_in(struct lk_twap_sessions *sessions, void *memory, size_t cap,
                         uint64_t seed);
/* NULL: none. */
struct lk_twap_session *lk_twap_sessions_find(const struct lk_twap_sessions *sessions,
                                              const uint8_t mac[LK_STATION_LEN]);
struct lk_twap_session *lk_twap_sessions_find_imsi(const struct lk_twap_sessions *sessions,
                                                   const struct lk_imsi *imsi);
/* A row for a device and a subscriber that have none, all zero but for who they are; NULL when
 * there is no room. */
struct lk_twap_session *lk_twap_sessions_add(struct lk_twap_sessions *sessions,
                                             const uint8_t mac[LK_STATION_LEN],
                                             const struct lk_imsi *imsi, uint64_t now_ms);
/* The session is alive: of all it is heard of last. */
void lk_twap_sessions_heard(struct lk_twap_sessions *sessions, struct lk_twap_session *session,
                            uint64_t now_ms);
/* Which nobody has heard of for the longest time, when there is no room for another one; NULL:
 * there is. */
struct lk_twap_session *lk_twap_sessions_in_the_way(const struct lk_twap_sessions *sessions);
void lk_twap_sessions_remove(struct lk_twap_sessions *sessions, struct lk_twap_session *session);
/* Whether that key was handed on before; and: now it is. */
bool lk_twap_sessions_was_handed(const struct lk_twap_sessions *sessions,
                                 const struct lk_wlcp_key *key);
void lk_twap_sessions_handed(struct lk_twap_sessions *sessions, const struct lk_wlcp_key *key);
/* The generation of a new key for this row, at that time. */
uint64_t lk_twap_sessions_generation(const struct lk_twap_sessions *sessions,
                                     const struct lk_twap_session *session, uint64_t now_ms);

#endif
