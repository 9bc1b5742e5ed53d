/* The inside of a channel, shared by its files and nobody else (but for the test's peer, which lets
 * cookies grow old):
 *
 *   channel.c          setup, loop, datagrams in, what callers may ask
 *   channel_table.c    sessions by number and by peer, half-open ones by age and by source
 *   channel_wheel.c    one timer for all sessions
 *   channel_listen.c   a hello is answered from one buffer until its cookie is right
 *   channel_hold.c     from a right cookie to a session that is up: who is it, is the key there
 *   channel_dial.c     the other end of it
 *   channel_engine.c   the only file that calls the DTLS engine */
#ifndef LK_IO_CHANNEL_PARTS_H
#define LK_IO_CHANNEL_PARTS_H

#include <gnutls/gnutls.h>

#include "crypto/crypto.h"
#include "io/channel.h"
#include "io/entropy.h"
#include "wire/dtls.h"

enum {
    CHANNEL_MTU = 1232,           /* the least that IPv6 carries, without its headers and UDP's */
    CHANNEL_TICK_MS = 25,
    CHANNEL_WHEEL = 4096,         /* slots: farther than any of our times */
    CHANNEL_TIME_MAX_MS = 90000,
    CHANNEL_LAST_FLIGHT_MS = 61000, /* so long the engine keeps its last flight to repeat it */
    CHANNEL_KEPT_RECORD = 256,    /* a ChangeCipherSpec, a Finished */
    CHANNEL_HELLO_MAX = LK_DTLS_RECORD_HEADER_LEN + LK_DTLS_HANDSHAKE_HEADER_LEN +
                        LK_DTLS_MESSAGE_MAX,
    CHANNEL_COOKIE_MAC_LEN = 16,
    CHANNEL_COOKIE_LEN = 1 + CHANNEL_COOKIE_MAC_LEN,
    CHANNEL_COOKIE_TURN_MS = 60000, /* a cookie lives for one to two of these */
    CHANNEL_DUMMY_KEY_LEN = 32,
};

/* Where a session is; each name says what is awaited. */
enum channel_stage {
    CHANNEL_FREE,
    CHANNEL_AWAIT_IDENTITY, /* serving: our flight is out, the client's last is not whole */
    CHANNEL_AWAIT_KEY,      /* serving: it named an identity whose key may still come */
    CHANNEL_AWAIT_FINISHED, /* serving: the engine has a key, and waits for the proof */
    CHANNEL_AWAIT_END,      /* serving: it will be refused, when it is time */
    CHANNEL_AWAIT_SERVER,   /* dialling */
    CHANNEL_UP,
};

struct channel_session;
struct channel_half;

/* The half-open sessions of one source. */
struct channel_source {
    struct lk_address address; /* an IPv6 one without its interface part */
    uint32_t count;
    struct channel_half *oldest, *newest;
    struct channel_source *chain;
};

/* A record that came before its turn. */
struct channel_kept {
    size_t len;
    uint8_t octets[CHANNEL_KEPT_RECORD];
};

/* What only a handshake needs. */
struct channel_half {
    struct channel_session *session;
    struct channel_half *older, *newer;
    struct channel_source *source;
    struct channel_half *source_older, *source_newer; /* of the same source */
    uint64_t begun_ms;
    uint8_t random[LK_DTLS_RANDOM_LEN];
    uint16_t key_exchange_sequence; /* its message number */
    uint64_t key_exchange_record;   /* the record that completed it */
    bool with_point;
    bool told;         /* the ClientKeyExchange is here */
    bool genuine;      /* the key is the identity's, not the dummy */
    bool change_given; /* the engine, or the spare one, has the ChangeCipherSpec */
    bool finished_waits; /* for its turn, or is a new one */
    uint8_t identity_len;
    uint8_t identity[LK_CHANNEL_IDENTITY_MAX];
    struct lk_channel_key key;
    struct lk_dtls_join join;
    struct channel_kept change, finished;
    /* A18: a second engine that was greeted as the first was, once a flight is not proven. */
    gnutls_session_t spare;
    int suite;
    uint8_t record_sequence, message_sequence; /* of the hello */
    uint16_t hello_len;
    uint8_t hello[CHANNEL_HELLO_MAX];
    gnutls_psk_client_credentials_t dialled_with;
};

struct channel_session {
    gnutls_session_t engine;
    struct lk_channel *channel;
    struct channel_half *half; /* NULL once it is up */
    struct channel_session *chain; /* of its bucket, or of the free ones */
    struct channel_session *due_before, *due_after;
    uint32_t due_slot; /* UINT32_MAX: no timer */
    uint32_t generation;
    struct lk_datagram_peer peer;
    uint8_t stage;
    bool confirmed; /* the other end has spoken since it is up: it needs no last flight again */
};

struct channel_cookies {
    struct lk_hmac_sha256_key secret[2];
    uint8_t current; /* generation; its last bit is the index */
    uint64_t since_ms;
};

struct lk_channel {
    struct lk_channel_setup setup;
    uv_loop_t *loop;
    bool dials;
    bool freed;
    unsigned handles; /* still open */
    uv_poll_t poll[LK_CHANNEL_SOCKETS];
    int family[LK_CHANNEL_SOCKETS];
    bool wild[LK_CHANNEL_SOCKETS]; /* bound to every address: it says which one was spoken to */
    uv_prepare_t prepare;
    uv_timer_t timer;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
    struct lk_channel_counters count;

    /* sessions */
    struct channel_session *sessions;
    struct channel_session *free_session;
    struct channel_session **bucket; /* by peer */
    struct channel_half *halves;
    struct channel_half *free_half; /* by newer */
    struct channel_half *oldest, *newest;
    struct channel_source *sources;
    struct channel_source *free_source;
    struct channel_source **source_bucket;
    uint32_t bucket_mask, source_mask;
    uint64_t seed;
    uint32_t used; /* of sessions: those behind were never taken */
    uint32_t up, half_open;

    /* wheel */
    struct channel_session *slot[CHANNEL_WHEEL];
    uint64_t tick; /* the last one that was worked off */
    uint32_t waiting;

    struct channel_cookies cookies;

    /* engine */
    gnutls_priority_t priority[LK_CHANNEL_SUITES]; /* serving: one a suite; dialling: the first */
    gnutls_psk_server_credentials_t credentials;
    struct lk_channel_key dummy;
    struct lk_span record; /* the one that the engine may take next */
    struct channel_session *speaking; /* whose flight is being gathered */
    bool mute;                        /* of a spare engine nothing leaves */
    uint64_t steps, engines, engines_gone; /* what was done, for tests of what it costs */
    size_t flight_len;
    uint8_t flight[CHANNEL_MTU];
    uint8_t data[LK_DATAGRAM_MAX];
};

/* For who keeps the log: to be called last, for it may call anything. */
void lk_channel_tell_refused(struct lk_channel *channel, enum lk_channel_refusal why,
                             struct lk_span identity, const struct lk_datagram_peer *from);

/* ---- table ---- */
enum lk_status lk_channel_table_make(struct lk_channel *channel);
void lk_channel_table_free(struct lk_channel *channel);
/* The session with peer that is up (up) or under way (!up), or NULL. */
struct channel_session *lk_channel_find(const struct lk_channel *channel,
                                        const struct lk_datagram_peer *peer, bool up);
struct channel_session *lk_channel_by_id(const struct lk_channel *channel, uint64_t id);
uint64_t lk_channel_id(const struct lk_channel *channel, const struct channel_session *session);
/* A half-open session with peer at stage, or NULL when a limit holds it back, which is counted. */
struct channel_session *lk_channel_take(struct lk_channel *channel,
                                        const struct lk_datagram_peer *peer,
                                        enum channel_stage stage);
/* Forgets what only the handshake needed. */
void lk_channel_half_drop(struct channel_session *session);
/* Forgets the session: engine, timer and all. */
void lk_channel_drop(struct channel_session *session);

/* ---- wheel ---- */
/* Wakes the session after ms, and not by an earlier call; at most CHANNEL_TIME_MAX_MS. */
void lk_channel_wake_after(struct channel_session *session, uint64_t ms);
void lk_channel_sleep(struct channel_session *session);
void lk_channel_on_timer(uv_timer_t *timer);
/* What the wheel calls: the session's time has come. */
void lk_channel_woken(struct channel_session *session);

/* ---- listening ---- */
void lk_channel_cookies_begin(struct lk_channel *channel);
/* A datagram that begins with a ClientHello in the clear. */
void lk_channel_hello(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                      const struct lk_dtls_record *record, const struct lk_dtls_message *message);

/* ---- the handshake of who serves ---- */
/* Begins behind a right cookie. */
void lk_channel_begin(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                      const struct lk_dtls_record *record, const struct lk_dtls_message *message,
                      const struct lk_dtls_client_hello *hello);
/* A record for a session that is under way. */
void lk_channel_half_record(struct channel_session *session, const struct lk_dtls_record *record);
void lk_channel_half_woken(struct channel_session *session);

/* ---- the handshake of who dials ---- */
void lk_channel_dialled_record(struct channel_session *session,
                               const struct lk_dtls_record *record);
void lk_channel_dialled_woken(struct channel_session *session);

/* ---- engine ---- */
enum channel_progress {
    CHANNEL_GOES_ON,
    CHANNEL_DONE,
    CHANNEL_ALERTED, /* the other end gave up */
    CHANNEL_FAILED,
};
enum lk_status lk_channel_engine_make(struct lk_channel *channel);
void lk_channel_engine_free(struct lk_channel *channel);
/* The place in setup.suite of the best suite that hello offers too, or -1. */
int lk_channel_engine_suite(const struct lk_channel *channel,
                            const struct lk_dtls_client_hello *hello);
bool lk_channel_engine_suite_has_point(const struct lk_channel *channel, int suite);
/* With the suite and the sequences of the half-open session. */
enum lk_status lk_channel_engine_accept(struct channel_session *session);
/* A18: a spare engine beside the session's, if it has none, as far as that one was after the hello.
 * Where there is none for want of memory, the next calls do nothing. */
void lk_channel_engine_spare(struct channel_session *session);
/* The same step with the spare engine, of which nobody hears anything. */
enum channel_progress lk_channel_engine_step_spare(struct channel_session *session,
                                                   struct lk_span record);
void lk_channel_engine_drop_spare(struct channel_session *session);
enum lk_status lk_channel_engine_dial(struct channel_session *session, struct lk_span identity,
                                      const struct lk_channel_key *key);
void lk_channel_engine_drop(struct channel_session *session);
/* Once it is up the engine needs no key of ours any more. */
void lk_channel_engine_forget_key(struct channel_session *session);
/* Goes on with the handshake, with a record or without one (empty). */
enum channel_progress lk_channel_engine_step(struct channel_session *session,
                                             struct lk_span record);
/* When it wants to be stepped again without a record. */
uint64_t lk_channel_engine_retry_ms(const struct channel_session *session);
/* A record for a session that is up: data goes to on_data. The session may be gone after it. */
void lk_channel_engine_receive(struct channel_session *session, struct lk_span record);
enum lk_status lk_channel_engine_send(struct channel_session *session, struct lk_span octets);
void lk_channel_engine_bye(struct channel_session *session);

/* ---- channel ---- */
uint64_t lk_channel_now(const struct lk_channel *channel);
/* The handshake is done on both ends: tells the caller. */
void lk_channel_is_up(struct channel_session *session);
/* Ends a session that the caller knows of, and tells why. */
void lk_channel_is_down(struct channel_session *session, enum lk_channel_down why);

#endif
