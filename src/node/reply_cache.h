/* The reply cache: the same octets for a request that comes again (RFC 5080 2.2.2).
 *
 * Keyed by client, port, identifier, authenticator and length, in memory of a fixed size that the
 * caller provides: a ring, so that the oldest gives way. A request whose job still waits is marked,
 * so that its repeats are dropped. Nothing is entered before a request has been verified. Beyond
 * the cache a repeat is answered afresh, which changes nothing durable. The length is there so that
 * the header of a request that somebody saw is not enough to draw its answer (Y26). */
#ifndef LK_NODE_REPLY_CACHE_H
#define LK_NODE_REPLY_CACHE_H

#include "base/address.h"
#include "wire/radius.h"

enum { LK_REPLY_CACHE_DEFAULT = 8 * 1024 * 1024, LK_REPLY_CACHE_MIN = 64 * 1024 };

struct lk_reply_cache;

struct lk_reply_key {
    struct lk_address client;
    uint16_t port;       /* the client's */
    uint8_t identifier;
    uint8_t accounting;  /* which of our ports it came to: 0 or 1 */
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    uint16_t length;     /* of the datagram */
};

enum lk_reply_found {
    LK_REPLY_NONE,   /* not seen, or not any more */
    LK_REPLY_WAITS,  /* its job is under way: drop the repeat */
    LK_REPLY_ANSWER, /* send these octets */
};

/* memory: size octets, at least LK_REPLY_CACHE_MIN, aligned to 16; need not be zeroed. Answers
 * older than lifetime_ms are not given. seed: unpredictable, so that nobody can aim at one bucket.
 */
struct lk_reply_cache *lk_reply_cache_in(void *memory, size_t size, uint64_t lifetime_ms,
                                         uint64_t seed);
/* LK_E_SHORT when the datagram has no header. */
LK_MUST_CHECK enum lk_status lk_reply_key_of(struct lk_reply_key *key,
                                             const struct lk_address *client, uint16_t port,
                                             bool accounting, struct lk_span datagram);
/* answer is a view into the cache, good until the next call. */
enum lk_reply_found lk_reply_cache_find(const struct lk_reply_cache *cache,
                                        struct lk_span *answer, const struct lk_reply_key *key,
                                        uint64_t now_ms);
/* Marks a verified request as under way. */
void lk_reply_cache_wait(struct lk_reply_cache *cache, const struct lk_reply_key *key,
                         uint64_t now_ms);
/* Keeps its answer (at most LK_RADIUS_PACKET_MAX octets), in place of the mark if there is one. */
void lk_reply_cache_keep(struct lk_reply_cache *cache, const struct lk_reply_key *key,
                         uint64_t now_ms, struct lk_span answer);
/* Takes the mark away: the job ended without an answer. */
void lk_reply_cache_forget(struct lk_reply_cache *cache, const struct lk_reply_key *key);
/* Entries there now. */
size_t lk_reply_cache_count(const struct lk_reply_cache *cache);

#endif
