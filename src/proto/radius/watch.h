/* One connection to a server that is to stay: when to dial, when to ask whether it lives, when to
 * hang up.
 *
 * A plain struct; the caller has timer, socket and TLS, and does what due says.
 *
 *     DOWN --dial--> DIALLING --up--> ASKED --answer--> ALIVE <--> ASKED
 *       ^               |               |                 |
 *       +------- down, waits longer ----+-----------------+
 *
 * A connection counts as alive when Status-Server has been answered over it, not before: only then
 * the other end has accepted our certificate (in TLS 1.3 the client is told last), and has our
 * secret. Silence for a while is asked about; two questions without an answer, and it is over. */
#ifndef LK_PROTO_RADIUS_WATCH_H
#define LK_PROTO_RADIUS_WATCH_H

#include "proto/radius/hiding.h"

enum {
    LK_RADIUS_WATCH_FIRST_MS = 500,    /* before the second try; doubles */
    LK_RADIUS_WATCH_LONGEST_MS = 60000,
    LK_RADIUS_WATCH_SILENCE_MS = 30000,
    LK_RADIUS_WATCH_ANSWER_MS = 5000,
    LK_RADIUS_WATCH_QUESTIONS = 2,
    LK_RADIUS_WATCH_ENTROPY = LK_RADIUS_AUTHENTICATOR_LEN + 2,
    LK_RADIUS_STATUS_LEN = LK_RADIUS_HEADER_LEN + 2 + LK_RADIUS_MAC_LEN,
};

enum lk_radius_watch_state {
    LK_RADIUS_WATCH_DOWN,
    LK_RADIUS_WATCH_DIALLING,
    LK_RADIUS_WATCH_ASKED, /* Status-Server is out */
    LK_RADIUS_WATCH_ALIVE, /* nothing is */
};

/* Zeroed at first: it dials at once. */
struct lk_radius_watch {
    enum lk_radius_watch_state state;
    bool alive;       /* in ASKED too: it was before it was asked */
    uint8_t failures; /* since it was alive */
    bool out;         /* a question is, though others may have spoken since */
    uint8_t questions; /* without an answer, or anything else */
    uint64_t due_ms;
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN]; /* of the question */
};

enum lk_radius_watch_next {
    LK_RADIUS_WATCH_NOTHING,
    LK_RADIUS_WATCH_DIAL,
    LK_RADIUS_WATCH_SEND,    /* the question */
    LK_RADIUS_WATCH_HANG_UP, /* then call down */
};

/* To be called some times a second. question: written on SEND. */
enum lk_radius_watch_next lk_radius_watch_due(struct lk_radius_watch *watch,
                                              const struct lk_radius_secret *secret,
                                              uint64_t now_ms,
                                              const uint8_t entropy[LK_RADIUS_WATCH_ENTROPY],
                                              uint8_t question[LK_RADIUS_STATUS_LEN]);
/* The connection that was dialled is up: due has a question at once. */
void lk_radius_watch_up(struct lk_radius_watch *watch, uint64_t now_ms);
/* There is no connection (any more). entropy spreads the next try, so that many clients of a server
 * that was away do not come back as one. */
void lk_radius_watch_down(struct lk_radius_watch *watch, uint64_t now_ms, const uint8_t entropy[2]);
/* A packet came. True: it answers the question, and is for nobody else. */
bool lk_radius_watch_received(struct lk_radius_watch *watch, const struct lk_radius_secret *secret,
                              struct lk_span octets, uint64_t now_ms);

#endif
