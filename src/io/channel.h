/* A channel: DTLS 1.2 with a pre-shared key over UDP, many sessions on few sockets, in one loop.
 *
 * WLCP runs through it between UE and TWAG, PMIPv6 between MAG and LMA. A channel either serves
 * or dials, for its whole life: who serves under a key never dials with it, so that an end cannot
 * be made to talk to itself. All callbacks come from the loop or from inside a call of this
 * header; each may call any function here except lk_channel_free.
 *
 * What a serving channel promises:
 * - Before the cookie comes back no octet is kept and no answer is longer than its question.
 * - A handshake whose key is still on its way (LK_CHANNEL_KEY_WAIT) waits for it in silence.
 * - Until the client's flight is whole its latest identity counts, and no key is asked for: a
 *   forged ClientKeyExchange alone ends nobody's handshake.
 * - Unknown identity, key that never came, and wrong key end in one way: the same alert, hold_ms
 *   after that flight. (So a wrong key, too, is answered late.)
 * - A session is up only when both ends have proven the key. A device that starts anew from the
 *   same address and port keeps its old session until the new one is up.
 *
 * A session goes by a number that is never used again for another one; 0 is none. */
#ifndef LK_IO_CHANNEL_H
#define LK_IO_CHANNEL_H

#include <uv.h>

#include "io/datagrams.h"

enum {
    LK_CHANNEL_KEY_MAX = 64,
    LK_CHANNEL_IDENTITY_MAX = 128,
    LK_CHANNEL_SOCKETS = 8,
    LK_CHANNEL_DATA_MAX = 1152,      /* octets of one record, fits any IPv6 path */
    LK_CHANNEL_SECRET_LINE = 208,    /* with its terminator */
    LK_CHANNEL_HOLD_MS = 5000,
    LK_CHANNEL_HANDSHAKE_MS = 15000,
    LK_CHANNEL_RETRY_MS = 1000,
};

struct lk_channel_key {
    uint8_t octets[LK_CHANNEL_KEY_MAX];
    size_t len;
};

struct lk_channel_peer {
    struct lk_address address;
    struct lk_address local; /* which of our addresses it speaks to; any: the socket's own */
    uint32_t interface;      /* of a link-local address of IPv6; 0: none */
    uint16_t port;
    int fd; /* of ours that it speaks to, as we are told of it; not looked at when we dial */
};

enum lk_channel_answer {
    LK_CHANNEL_KEY_IS,      /* the key is there */
    LK_CHANNEL_KEY_WAIT,    /* it may still come: lk_channel_key_came says when */
    LK_CHANNEL_KEY_UNKNOWN, /* it will not come */
};

enum lk_channel_down {
    LK_CHANNEL_DOWN_CLOSED,   /* the other end said close_notify */
    LK_CHANNEL_DOWN_REPLACED, /* the same peer has a newer session, which is up */
    LK_CHANNEL_DOWN_ALERT,    /* the other end sent a fatal alert */
    LK_CHANNEL_DOWN_NO_ANSWER, /* dialling: no session within handshake_ms */
    LK_CHANNEL_DOWN_ENGINE,   /* the engine gave up: no memory, a broken peer */
    LK_CHANNEL_DOWN_REASONS
};

/* Why a channel that serves would have nothing to do with somebody. What a line of a log says of it
 * is no more than the channel knows; the other end is told less (A18). */
enum lk_channel_refusal {
    LK_CHANNEL_REFUSED_PORT,     /* a datagram, not from peer_port */
    LK_CHANNEL_REFUSED_HELLO,    /* version, suites, no extended master secret */
    LK_CHANNEL_REFUSED_IDENTITY, /* there is no key for it, and none came within hold_ms */
    LK_CHANNEL_REFUSED_PROOF,    /* there is a key, and the other end did not prove it */
};

/* Suites, best first: a channel takes the first of its list that the other end offers too. */
enum lk_channel_suite {
    LK_CHANNEL_PSK_AES128_GCM = 0x00a8,
    LK_CHANNEL_PSK_AES256_GCM = 0x00a9,
    LK_CHANNEL_ECDHE_PSK_AES128_CBC = 0xc037,
    LK_CHANNEL_ECDHE_PSK_CHACHA20 = 0xccac,
};
enum { LK_CHANNEL_SUITES = 4 };

struct lk_channel_calls {
    void *context;
    /* Serving: the key of an identity. Asked once a handshake, and once more after
     * lk_channel_key_came. The span dies with the call. */
    enum lk_channel_answer (*psk)(void *context, struct lk_span identity,
                                  struct lk_channel_key *key);
    void (*on_up)(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer);
    /* One record. */
    void (*on_data)(void *context, uint64_t id, struct lk_span octets);
    /* The end of a session that was up, or that was dialled; not after lk_channel_close. */
    void (*on_down)(void *context, uint64_t id, enum lk_channel_down why);
    /* Serving: for the log. identity is empty where none was told; it is what anybody may claim, as
     * is the source of PORT and HELLO. NULL: nobody wants to know. */
    void (*on_refused)(void *context, enum lk_channel_refusal why, struct lk_span identity,
                       const struct lk_channel_peer *peer);
};

/* Who is shown what a channel does, for captures; each may be NULL. Nothing here has any effect on
 * the channel. */
struct lk_channel_watch {
    void *context;
    /* What goes over the wire. */
    void (*on_datagram)(void *context, const struct lk_datagram_peer *peer, bool out,
                        struct lk_span octets);
    /* What is inside: the data of one record. */
    void (*on_record)(void *context, const struct lk_datagram_peer *peer, bool out,
                      struct lk_span octets);
    /* A line of the NSS key log without its newline. NULL: the secret leaves the engine nowhere. */
    void (*on_secret)(void *context, const char *line);
};

struct lk_channel_setup {
    struct lk_channel_calls calls;
    struct lk_channel_watch watch;
    size_t sockets;
    int socket[LK_CHANNEL_SOCKETS]; /* of lk_datagram_socket; they stay the caller's */
    uint32_t sessions;              /* most at once, half-open ones included */
    uint32_t half_open;             /* most at once: beyond it the oldest goes */
    uint32_t half_open_a_source;    /* most of one IPv4 address or IPv6 /64: its oldest goes */
    uint32_t hold_ms;               /* of a key that is on its way; three retry_ms at least */
    uint32_t handshake_ms;
    uint32_t retry_ms;              /* first retransmission; doubles */
    uint16_t peer_port;             /* the only source port served; 0: any */
    size_t suites;
    enum lk_channel_suite suite[LK_CHANNEL_SUITES];
};

/* What a channel has seen; one number each, so that they may be summed over processes. */
struct lk_channel_counters {
    uint64_t hellos;           /* without a cookie, answered with one */
    uint64_t cookies_wrong;    /* answered with a new one */
    uint64_t hellos_refused;   /* version, suites, no extended master secret */
    uint64_t ports_wrong;      /* source port is not peer_port */
    uint64_t dropped;          /* records and datagrams that no rule lets in */
    uint64_t handshakes;       /* begun behind a right cookie */
    uint64_t source_full;      /* half-open ones that made room for one of their source */
    uint64_t table_full;       /* hellos that sessions kept out */
    uint64_t pushed_out;       /* half-open ones that made room for anybody */
    uint64_t held;             /* flights that waited for a key */
    uint64_t up;
    uint64_t refused;          /* unknown identity or wrong key: one number, as it is one answer */
    uint64_t unfinished;       /* handshakes that nobody went on with */
    uint64_t down;
    uint64_t send_lost;
};

struct lk_channel;

/* Fills all but calls, watch and sockets: 1,024 sessions, 256 half open, 16 a source, suites with
 * forward secrecy first, peer_port 0. */
void lk_channel_setup_defaults(struct lk_channel_setup *setup);

/* A channel that serves, or one that dials. LK_E_SYSTEM: no memory, or the engine will not;
 * LK_E_VALUE: a setup that cannot be. */
LK_MUST_CHECK enum lk_status lk_channel_serve(struct lk_channel **channel, uv_loop_t *loop,
                                              const struct lk_channel_setup *setup);
LK_MUST_CHECK enum lk_status lk_channel_dialler(struct lk_channel **channel, uv_loop_t *loop,
                                                const struct lk_channel_setup *setup);
/* Ends all sessions without a callback, with close_notify where there is a peer. Turn the loop once
 * more after it, so that its handles close. */
void lk_channel_free(struct lk_channel *channel);

/* The key of identity is there now: handshakes that wait for it go on before this returns. */
void lk_channel_key_came(struct lk_channel *channel, struct lk_span identity);

/* Begins a session with peer from socket number socket and from peer->local. on_up or on_down
 * follows. LK_E_EXISTS: there is one with that peer already; LK_E_FULL; LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_channel_dial(uint64_t *id, struct lk_channel *channel,
                                             size_t socket, const struct lk_channel_peer *peer,
                                             struct lk_span identity,
                                             const struct lk_channel_key *key);

/* From that socket to another port of the peer, and from the same address of ours. */
struct lk_datagram_peer lk_channel_way(int fd, const struct lk_channel_peer *peer, uint16_t port);

/* Sends one record. LK_E_NOT_FOUND: the session is over; LK_E_UNEXPECTED: not up yet; LK_E_LENGTH:
 * empty or longer than LK_CHANNEL_DATA_MAX. It leaves before the loop waits again. */
LK_MUST_CHECK enum lk_status lk_channel_send(struct lk_channel *channel, uint64_t id,
                                             struct lk_span octets);
/* Says close_notify and forgets the session; no callback. Nothing when it is over already. */
void lk_channel_close(struct lk_channel *channel, uint64_t id);

/* Dialling: forgets the session without a word, so that the same peer can be dialled anew at once
 * while it still keeps the old one; no callback. */
void lk_channel_forget(struct lk_channel *channel, uint64_t id);

/* The sessions that are up, and those under way. */
uint32_t lk_channel_up_count(const struct lk_channel *channel);
uint32_t lk_channel_half_open_count(const struct lk_channel *channel);
const struct lk_channel_counters *lk_channel_counted(const struct lk_channel *channel);
/* "closed", "replaced", ... Never NULL. */
const char *lk_channel_down_name(enum lk_channel_down why);

#endif
