/* Streams: mutual TLS over TCP, many of them in one loop, served and dialled.
 *
 * RADIUS over TLS runs through it, and MIS between points of service. Both ends show a certificate,
 * always: a stream is up only when the other end's has been verified up to our CA, fits its purpose
 * and the clock, and has a name that the caller knows. TLS 1.2 and 1.3, or 1.3 alone, no
 * renegotiation, no resumption: every stream is a new proof, so that a name that was taken away
 * stays away. All callbacks come from the loop; each may call any function here except
 * lk_streams_free.
 *
 * Strangers cost little: a handshake has a deadline, half-open streams are few and fewer still of
 * one source, and what waits to be sent is bounded: past LK_STREAM_PAUSE nothing more is read from
 * that end, past LK_STREAM_OUT_MAX the stream ends.
 *
 * A stream goes by a number that is never used again for another one; 0 is none. */
#ifndef LK_IO_STREAM_H
#define LK_IO_STREAM_H

#include <uv.h>

#include "io/peer.h"

enum {
    LK_STREAM_ERROR_TEXT = 256,
    LK_STREAM_DETAIL = 96,
    LK_STREAM_LISTENERS = 256,
    LK_STREAM_READ = 16384,         /* octets of one call of on_octets at most */
    LK_STREAM_PAUSE = 32 * 1024,    /* waiting to be sent: read no more */
    LK_STREAM_OUT_MAX = 256 * 1024, /* waiting to be sent: end it */
    LK_STREAM_HANDSHAKE_MS = 10000,
    LK_STREAM_MAX = 512,
    LK_STREAM_PLACE_BITS = 16,
    LK_STREAM_HALF_OPEN = 128,
    LK_STREAM_HALF_OPEN_A_SOURCE = 16,
};

/* ---- whom to trust, and who we are ---- */

struct lk_stream_trust;
struct lk_stream_files {
    const char *certificate; /* ours, PEM, with the chain above it */
    const char *key;
    const char *ca; /* who signs the certificates of others */
};
/* Reads them, once; no file is opened later. LK_E_CONFIG, and error names the file and what is
 * wrong with it. */
LK_MUST_CHECK enum lk_status lk_stream_trust_load(struct lk_stream_trust **trust,
                                                  const struct lk_stream_files *files,
                                                  char error[LK_STREAM_ERROR_TEXT]);
void lk_stream_trust_free(struct lk_stream_trust *trust);

/* A certificate that was verified. */
struct lk_stream_certificate;
/* True when it has that name: a DNS name or address among its alternative names, or, when it has
 * no alternative name of any kind, its common name; no wildcards. Or "sha256:HEX": its
 * fingerprint. */
bool lk_stream_certificate_is(const struct lk_stream_certificate *certificate, const char *name);
/* T28: that DNS name is among its alternative names. A CA that checks those promises nothing of a
 * common name (RFC 9525). */
bool lk_stream_certificate_has_dns(const struct lk_stream_certificate *certificate,
                                   const char *name);
/* A name that can never be a certificate's is a mistake: LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_stream_name_check(const char *name);

/* ---- streams ---- */

/* A number below the most at once, which no other stream has at the same time. */
static inline uint32_t lk_stream_place(uint64_t id)
{
    return (uint32_t)(id & ((1u << LK_STREAM_PLACE_BITS) - 1));
}

enum lk_stream_down {
    LK_STREAM_DOWN_CLOSED,         /* the other end closed it */
    LK_STREAM_DOWN_BROKEN,         /* TCP failed, or it was cut off */
    LK_STREAM_DOWN_UNREACHABLE,    /* dialling: no connection */
    LK_STREAM_DOWN_NO_CERTIFICATE,
    LK_STREAM_DOWN_UNTRUSTED,      /* its certificate leads to no CA of ours, or has another use */
    LK_STREAM_DOWN_EXPIRED,        /* ... is not of this time */
    LK_STREAM_DOWN_UNKNOWN,        /* ... has no name that is expected */
    LK_STREAM_DOWN_VERSION,        /* no TLS version or suite in common */
    LK_STREAM_DOWN_NOT_TLS,
    LK_STREAM_DOWN_TOO_SLOW,       /* no handshake within its time */
    LK_STREAM_DOWN_PUSHED_OUT,     /* half open, and others wanted its place */
    LK_STREAM_DOWN_TOO_MANY,       /* it was one too many */
    LK_STREAM_DOWN_ALERT,          /* the other end refused us */
    LK_STREAM_DOWN_BACKED_UP,      /* it asks and does not read */
    LK_STREAM_DOWN_ENGINE,         /* a broken peer, no memory */
    LK_STREAM_DOWN_REASONS
};

struct lk_stream_calls {
    void *context;
    /* Served: whose certificate it is; *tag comes back in on_up. False: nobody's. */
    bool (*known)(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag);
    void (*on_up)(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag);
    /* Some octets, in order; the span dies with the call. */
    void (*on_octets)(void *context, uint64_t id, struct lk_span octets);
    /* The end of a stream that was up, or dialled (id), or of one that was never up (id 0); not
     * after lk_stream_close. detail: words for the log. */
    void (*on_down)(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail);
};

struct lk_streams_setup {
    struct lk_stream_calls calls;
    const struct lk_stream_trust *trust; /* outlives the streams */
    uint32_t streams;                    /* most at once, half-open ones included */
    uint32_t half_open;                  /* most at once: beyond it the oldest goes */
    uint32_t half_open_a_source;         /* of one IPv4 address or IPv6 /64: beyond it none comes */
    uint32_t handshake_ms;
    bool only_13; /* TLS 1.2 is refused, too: for other ends that are all ours to ask */
};
/* Fills all but calls and trust. */
void lk_streams_setup_defaults(struct lk_streams_setup *setup);

struct lk_streams;
/* NULL without memory. */
struct lk_streams *lk_streams_new(uv_loop_t *loop, const struct lk_streams_setup *setup);
/* Ends all streams without a callback. Turn the loop once more after it, so that handles close. */
void lk_streams_free(struct lk_streams *streams);

/* Serves what comes to a socket of lk_listener_socket, which stays the caller's. */
LK_MUST_CHECK enum lk_status lk_streams_listen(struct lk_streams *streams, int fd);
/* Takes no more; those that are up go on. */
void lk_streams_deafen(struct lk_streams *streams);

/* Begins a stream to peer, whose certificate must have that name (at most 255 characters). on_up
 * or on_down follows, never inside this call. LK_E_VALUE, LK_E_FULL, LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_stream_dial(uint64_t *id, struct lk_streams *streams,
                                            const struct lk_peer *peer, const char *name,
                                            uint32_t tag);
/* Queues octets; they leave before the loop waits again. LK_E_NOT_FOUND: not up, or over.
 * LK_E_FULL: it ends with BACKED_UP. */
LK_MUST_CHECK enum lk_status lk_stream_send(struct lk_streams *streams, uint64_t id,
                                            struct lk_span octets);
/* The octets that wait to be sent; 0 when it is over. */
size_t lk_stream_waiting(const struct lk_streams *streams, uint64_t id);
/* Sends what is queued as far as the kernel takes it, says goodbye and forgets it; no callback. */
void lk_stream_close(struct lk_streams *streams, uint64_t id);

uint32_t lk_streams_up_count(const struct lk_streams *streams);
uint32_t lk_streams_half_open_count(const struct lk_streams *streams);
/* "closed", "no-certificate", ... Never NULL. */
const char *lk_stream_down_name(enum lk_stream_down why);

#endif
