/* Streams without TLS: TCP as it is, served, many of them in one loop. For protocols that prove and
 * hide what they say themselves: MIS.
 *
 * Strangers cost little: there are so many at once, and fewer of one source. Who has not proven
 * anything (lk_clear_keep) has a deadline, and when all places are taken the oldest of those gives
 * way. What waits to be sent is bounded: beyond it the stream ends.
 *
 * A stream goes by a number that no other has, nor gets for a long time: who still has it when the
 * stream is over reaches nobody. It takes one of so many places (lk_clear_place), which is then
 * another's. */
#ifndef LK_IO_CLEAR_H
#define LK_IO_CLEAR_H

#include <uv.h>

#include "io/peer.h"

enum {
    LK_CLEAR_READ = 16384,         /* octets of one call of on_octets at most */
    LK_CLEAR_OUT_MAX = 256 * 1024, /* waiting to be sent: it ends */
    LK_CLEAR_UNPROVEN_MS = 60000,
};

struct lk_clear_calls {
    void *context;
    /* Some octets, in order; the span dies with the call. */
    void (*on_octets)(void *context, uint32_t number, struct lk_span octets);
    /* Its end, and who it was; not after lk_clear_close. */
    void (*on_down)(void *context, uint32_t number, const struct lk_peer *peer);
};

struct lk_clear_setup {
    struct lk_clear_calls calls;
    uint32_t streams, a_source; /* most at once: of all, of one IPv4 address or IPv6 /64 */
    uint32_t unproven_ms;       /* 0: LK_CLEAR_UNPROVEN_MS */
};

struct lk_clear_counters {
    uint64_t accepted, source_full, full, displaced, too_slow, backed_up;
};

struct lk_clear;
/* NULL without memory, or when the socket cannot be polled. It listens already, and stays the
 * caller's. */
struct lk_clear *lk_clear_new(uv_loop_t *loop, int fd, const struct lk_clear_setup *setup);
/* Ends all without a callback. Turn the loop once more after it, so that handles close. */
void lk_clear_free(struct lk_clear *clear);

/* Below the most at once: for what is kept of each of them. */
uint32_t lk_clear_place(const struct lk_clear *clear, uint32_t number);
/* NULL: there is none. */
const struct lk_peer *lk_clear_peer_of(const struct lk_clear *clear, uint32_t number);
/* Whoever is there has proven something: it stays, until it is released: then it has as long as who
 * comes, to prove something, and is the first to give way. */
void lk_clear_keep(struct lk_clear *clear, uint32_t number);
void lk_clear_release(struct lk_clear *clear, uint32_t number);
/* LK_E_NOT_FOUND: there is none. LK_E_FULL: it ends, on_down follows. */
LK_MUST_CHECK enum lk_status lk_clear_send(struct lk_clear *clear, uint32_t number,
                                           struct lk_span octets);
/* No callback; what is queued is sent as far as the kernel takes it. */
void lk_clear_close(struct lk_clear *clear, uint32_t number);

uint32_t lk_clear_count(const struct lk_clear *clear);
const struct lk_clear_counters *lk_clear_counted(const struct lk_clear *clear);

#endif
