/* Who is connected to an HTTP server (io/http): so many at once, and fewer of one source, who each
 * have so long to ask. Knows nothing of HTTP: an end is told by shutting the socket down.
 *
 * T15: a stranger holds a place for ten seconds at most, however slowly he speaks, and gives way
 * when all places are taken. */
#ifndef LK_IO_HTTP_PLACES_H
#define LK_IO_HTTP_PLACES_H

#include "io/peer.h"

/* From the beginning, and from each answer on: to take that, and to ask wholly. */
enum { LK_HTTP_ASK_MS = 10000 };

struct lk_http_place;
struct lk_http_places {
    unsigned most, a_source; /* at once: of all, of one IPv4 address or IPv6 /64 */
    /* of http_places.c: */
    unsigned count;
    struct lk_http_place *first, *last; /* first: whose last word from us is the oldest */
};

/* Whether there is a place for one more of peer. May end the oldest that has not asked. */
LK_MUST_CHECK bool lk_http_places_may_come(struct lk_http_places *places,
                                           const struct lk_peer *peer);
/* It comes: fd stays the caller's, and open until it leaves. NULL: no memory. */
struct lk_http_place *lk_http_place_take(struct lk_http_places *places, const struct lk_peer *peer,
                                         int fd, uint64_t now_ms);
/* All was asked: it stays until it is answered. */
void lk_http_place_asked(struct lk_http_place *place);
void lk_http_place_answered(struct lk_http_places *places, struct lk_http_place *place,
                            uint64_t now_ms);
/* Whether it ever did. */
bool lk_http_place_has_asked(const struct lk_http_place *place);
void lk_http_place_leave(struct lk_http_places *places, struct lk_http_place *place);
/* Ends those whose time is over; in how many ms the next one's is; UINT64_MAX: nobody waits. */
uint64_t lk_http_places_expire(struct lk_http_places *places, uint64_t now_ms);

#endif
