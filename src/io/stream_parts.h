/* Inside io/stream: what its files share. stream.c has the life of one stream, streams.c all of
 * them: listening, dialling, deadlines; stream_trust.c certificates. */
#ifndef LK_IO_STREAM_PARTS_H
#define LK_IO_STREAM_PARTS_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "io/stream.h"

enum {
    LK_STREAM_FINGERPRINT = 32,
    LK_STREAM_NAME_MAX = 255,
};

enum { LK_STREAM_TLS_12_OR_13, LK_STREAM_TLS_13, LK_STREAM_PRIORITIES };

struct lk_stream_trust {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority[LK_STREAM_PRIORITIES];
};

/* ---- stream_trust.c ---- */

struct lk_stream_certificate {
    gnutls_x509_crt_t x509;
    uint8_t fingerprint[LK_STREAM_FINGERPRINT];
};

/* Judges what the other end of a session showed. served: we are the server. LK_OK: verified, and
 * *certificate is to be closed. Otherwise *why says which rule was broken. subject: whose it says
 * that it is. */
LK_MUST_CHECK enum lk_status lk_stream_certificate_of(struct lk_stream_certificate *certificate,
                                                      enum lk_stream_down *why,
                                                      char subject[LK_STREAM_DETAIL],
                                                      gnutls_session_t session, bool served);
void lk_stream_certificate_close(struct lk_stream_certificate *certificate);

/* ---- stream.c ---- */

enum lk_stream_state {
    LK_STREAM_CONNECTING,
    LK_STREAM_SHAKING,
    LK_STREAM_UP,
    LK_STREAM_GONE,
};

struct lk_stream {
    struct lk_streams *streams;
    uint64_t id;
    enum lk_stream_state state;
    bool served;
    bool doomed; /* to end, and why */
    bool paused; /* backed up: not read */
    bool partly; /* the engine has a record under way */
    bool dirty;  /* in the list of those with something to send */
    enum lk_stream_down why;
    char detail[LK_STREAM_DETAIL]; /* of why */
    int fd;
    uv_poll_t poll;
    gnutls_session_t session;
    struct lk_peer peer;
    uint64_t deadline_ms; /* of the handshake */
    uint32_t tag;
    char name[LK_STREAM_NAME_MAX + 1]; /* dialled: whose certificate it must be */
    uint8_t *out;
    size_t out_from, out_len, out_cap;
    struct lk_stream *next_dirty;
};

struct lk_streams {
    struct lk_streams_setup setup;
    uv_loop_t *loop;
    uv_timer_t tick;
    uv_prepare_t before_wait;
    unsigned handles; /* of its own, still open */
    uv_poll_t *listener[LK_STREAM_LISTENERS];
    size_t listener_count;
    bool deaf; /* no descriptors left: listeners rest until the next tick */
    uint64_t numbered;
    uint32_t count, half_open, up;
    struct lk_stream **slot; /* setup.streams */
    struct lk_stream *dirty;
    uint8_t room[LK_STREAM_READ];
};

struct lk_stream *lk_stream_find(const struct lk_streams *streams, uint64_t id);
/* Takes fd; NULL, and fd closed, without room or memory. */
struct lk_stream *lk_stream_new(struct lk_streams *streams, int fd,
                                const struct lk_peer *peer, bool served);
/* Waits for what it needs next. */
void lk_stream_poll(struct lk_stream *s);
/* Forgets it, and tells the caller. */
void lk_stream_end(struct lk_stream *s, enum lk_stream_down why, const char *detail);
/* Sends what is queued, of all of them. */
void lk_streams_flush(struct lk_streams *streams);

#endif
