/* Streams. See stream.h for what is promised; here is the life of one:
 *
 *     CONNECTING --> SHAKING --> UP --> gone
 *
 * The socket is the engine's: it reads and writes it itself, and the loop says when it may. What is
 * to be sent gathers in one buffer a stream and leaves before the loop waits again, as few records
 * as it takes. A stream that is over is closed at once and its memory goes when the loop has let go
 * of its handle, so that a callback may end the stream that it was called for. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/stream_parts.h"

enum {
    READS = 8,                    /* of one stream, before others have their turn */
    HANDSHAKE_OCTETS = 32 * 1024, /* of one message: a long chain of certificates */
};


struct lk_stream *lk_stream_find(const struct lk_streams *streams, uint64_t id)
{
    uint32_t slot = lk_stream_place(id);
    struct lk_stream *s = slot < streams->setup.streams ? streams->slot[slot] : NULL;

    return s != NULL && s->id == id ? s : NULL;
}

/* ---- the end ---- */

static void on_stream_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Out of every list, its socket closed. */
static void discard(struct lk_stream *s)
{
    struct lk_streams *streams = s->streams;
    struct lk_stream **link = &streams->dirty;

    LK_ASSERT(s->state != LK_STREAM_GONE);
    while (s->dirty && *link != s)
        link = &(*link)->next_dirty;
    if (s->dirty)
        *link = s->next_dirty;
    streams->slot[lk_stream_place(s->id)] = NULL;
    streams->count--;
    if (s->state == LK_STREAM_UP)
        streams->up--;
    else
        streams->half_open--;
    s->state = LK_STREAM_GONE;
    if (s->out != NULL)
        lk_wipe(s->out, s->out_cap);
    free(s->out);
    s->out = NULL;
    gnutls_deinit(s->session);
    uv_close((uv_handle_t *)&s->poll, on_stream_closed);
    (void)close(s->fd);
}

void lk_stream_end(struct lk_stream *s, enum lk_stream_down why, const char *detail)
{
    const struct lk_stream_calls *calls = &s->streams->setup.calls;
    bool told = s->state == LK_STREAM_UP || !s->served;
    uint64_t id = told ? s->id : 0;
    struct lk_peer peer = s->peer;

    discard(s);
    calls->on_down(calls->context, id, &peer, why, detail);
}

/* The engine takes a client without TLS 1.3 for one without suites of ours. */
static bool is_too_old(const struct lk_stream *s, int failure)
{
    return s->streams->setup.only_13 && s->served && failure == GNUTLS_E_NO_CIPHER_SUITES &&
           gnutls_protocol_get_version(s->session) != GNUTLS_TLS1_3;
}

static void end_of_engine(struct lk_stream *s, int failure)
{
    char detail[LK_STREAM_DETAIL];
    enum lk_stream_down why = LK_STREAM_DOWN_ENGINE;

    (void)snprintf(detail, sizeof detail, "%s", gnutls_strerror(failure));
    if (s->doomed) {
        why = s->why;
        (void)snprintf(detail, sizeof detail, "%s", s->detail);
    } else if (failure == GNUTLS_E_FATAL_ALERT_RECEIVED ||
               failure == GNUTLS_E_WARNING_ALERT_RECEIVED) {
        why = LK_STREAM_DOWN_ALERT;
        (void)snprintf(detail, sizeof detail, "%s",
                       gnutls_alert_get_name(gnutls_alert_get(s->session)));
    } else if (failure == GNUTLS_E_PREMATURE_TERMINATION || failure == GNUTLS_E_PULL_ERROR ||
               failure == GNUTLS_E_PUSH_ERROR) {
        why = LK_STREAM_DOWN_BROKEN;
    } else if (failure == GNUTLS_E_NO_CERTIFICATE_FOUND ||
               failure == GNUTLS_E_CERTIFICATE_REQUIRED) {
        why = LK_STREAM_DOWN_NO_CERTIFICATE;
    } else if (failure == GNUTLS_E_UNSUPPORTED_VERSION_PACKET ||
               failure == GNUTLS_E_NO_CIPHER_SUITES ||
               failure == GNUTLS_E_NO_COMMON_KEY_SHARE ||
               failure == GNUTLS_E_INSUFFICIENT_SECURITY) {
        why = LK_STREAM_DOWN_VERSION;
    } else if (s->state == LK_STREAM_SHAKING && (failure == GNUTLS_E_UNEXPECTED_PACKET ||
                                         failure == GNUTLS_E_UNEXPECTED_PACKET_LENGTH ||
                                         failure == GNUTLS_E_RECORD_OVERFLOW)) {
        why = LK_STREAM_DOWN_NOT_TLS;
    }
    /* spec: RFC 8446 D.2 - a server that has nothing older says so: protocol_version. */
    if (is_too_old(s, failure)) {
        (void)snprintf(detail, sizeof detail, "it has no TLS 1.3");
        (void)gnutls_alert_send(s->session, GNUTLS_AL_FATAL, GNUTLS_A_PROTOCOL_VERSION);
    } else if (s->state == LK_STREAM_UP || s->state == LK_STREAM_SHAKING) {
        (void)gnutls_alert_send_appropriate(s->session, failure);
    }
    lk_stream_end(s, why, detail);
}

/* ---- sending ---- */

static size_t waiting(const struct lk_stream *s)
{
    return s->out_len - s->out_from;
}

/* False: it is over. */
static bool flush(struct lk_stream *s)
{
    while (s->state == LK_STREAM_UP && waiting(s) > 0) {
        ssize_t sent = s->partly ? gnutls_record_send(s->session, NULL, 0)
                                 : gnutls_record_send(s->session, s->out + s->out_from, waiting(s));

        s->partly = sent == GNUTLS_E_AGAIN || (s->partly && sent == GNUTLS_E_INTERRUPTED);
        if (sent == GNUTLS_E_AGAIN)
            break;
        if (sent == GNUTLS_E_INTERRUPTED)
            continue;
        if (sent < 0) {
            end_of_engine(s, (int)sent);
            return false;
        }
        s->out_from += (size_t)sent;
    }
    if (waiting(s) == 0 && s->out_len > 0) {
        lk_wipe(s->out, s->out_len);
        s->out_from = s->out_len = 0;
    }
    lk_stream_poll(s);
    return true;
}

/* Room for more octets behind those that wait. */
static bool room_for(struct lk_stream *s, size_t more)
{
    size_t cap = s->out_cap == 0 ? 4096 : s->out_cap;
    uint8_t *grown;

    if (s->out_len + more <= s->out_cap)
        return true;
    /* What the engine has under way must not move: it keeps its own copy, so it may. */
    if (waiting(s) + more <= s->out_cap) {
        memmove(s->out, s->out + s->out_from, waiting(s));
    } else {
        while (cap < waiting(s) + more)
            cap *= 2;
        grown = malloc(cap);
        if (grown == NULL)
            return false;
        if (s->out != NULL) {
            memcpy(grown, s->out + s->out_from, waiting(s));
            lk_wipe(s->out, s->out_cap);
            free(s->out);
        }
        s->out = grown;
        s->out_cap = cap;
    }
    s->out_len -= s->out_from;
    s->out_from = 0;
    return true;
}

enum lk_status lk_stream_send(struct lk_streams *streams, uint64_t id, struct lk_span octets)
{
    struct lk_stream *s = lk_stream_find(streams, id);

    if (s == NULL || s->state != LK_STREAM_UP || s->doomed)
        return LK_E_NOT_FOUND;
    if (!s->dirty) {
        s->dirty = true;
        s->next_dirty = streams->dirty;
        streams->dirty = s;
    }
    if (waiting(s) + octets.len > LK_STREAM_OUT_MAX || !room_for(s, octets.len)) {
        s->doomed = true; /* it ends before the loop waits again, not in here */
        s->why = LK_STREAM_DOWN_BACKED_UP;
        return LK_E_FULL;
    }
    memcpy(s->out + s->out_len, octets.at, octets.len);
    s->out_len += octets.len;
    return LK_OK;
}

size_t lk_stream_waiting(const struct lk_streams *streams, uint64_t id)
{
    const struct lk_stream *s = lk_stream_find(streams, id);

    return s == NULL ? 0 : waiting(s);
}

void lk_streams_flush(struct lk_streams *streams)
{
    while (streams->dirty != NULL) {
        struct lk_stream *s = streams->dirty;

        streams->dirty = s->next_dirty;
        s->dirty = false;
        if (s->doomed)
            lk_stream_end(s, s->why, "more than 256 KiB wait to be read by it");
        else
            (void)flush(s);
    }
}

void lk_stream_close(struct lk_streams *streams, uint64_t id)
{
    struct lk_stream *s = lk_stream_find(streams, id);

    if (s == NULL)
        return;
    while (s->state == LK_STREAM_UP && waiting(s) > 0 && !s->partly) {
        ssize_t sent = gnutls_record_send(s->session, s->out + s->out_from, waiting(s));

        if (sent < 0)
            break;
        s->out_from += (size_t)sent;
    }
    if (s->state == LK_STREAM_UP)
        (void)gnutls_bye(s->session, GNUTLS_SHUT_WR);
    discard(s);
}

/* ---- receiving ---- */

/* False: it is over. */
static bool take(struct lk_stream *s)
{
    struct lk_streams *streams = s->streams;
    const struct lk_stream_calls *calls = &streams->setup.calls;
    uint64_t id = s->id;

    for (unsigned i = 0; i < READS || gnutls_record_check_pending(s->session) > 0; i++) {
        ssize_t got;

        s->paused = waiting(s) >= LK_STREAM_PAUSE;
        if (s->paused || s->doomed)
            break;
        got = gnutls_record_recv(s->session, streams->room, sizeof streams->room);
        if (got == GNUTLS_E_AGAIN)
            break;
        if (got == GNUTLS_E_INTERRUPTED)
            continue;
        if (got == 0) {
            lk_stream_end(s, LK_STREAM_DOWN_CLOSED, "the other end said goodbye");
            return false;
        }
        if (got < 0) {
            end_of_engine(s, (int)got);
            return false;
        }
        calls->on_octets(calls->context, id, lk_span_of(streams->room, (size_t)got));
        lk_wipe(streams->room, (size_t)got);
        if (lk_stream_find(streams, id) != s)
            return false;
    }
    return true;
}

/* ---- handshake ---- */

static int on_certificate(gnutls_session_t session)
{
    struct lk_stream *s = gnutls_session_get_ptr(session);
    const struct lk_stream_calls *calls = &s->streams->setup.calls;
    struct lk_stream_certificate certificate;
    bool known;

    s->doomed = true;
    if (lk_stream_certificate_of(&certificate, &s->why, s->detail, session, s->served) != LK_OK)
        return GNUTLS_E_CERTIFICATE_ERROR;
    known = s->served ? calls->known(calls->context, &certificate, &s->tag)
                      : lk_stream_certificate_is(&certificate, s->name);
    lk_stream_certificate_close(&certificate);
    s->why = LK_STREAM_DOWN_UNKNOWN;
    s->doomed = !known;
    return known ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/* False: it is over. */
static bool shake(struct lk_stream *s)
{
    const struct lk_stream_calls *calls = &s->streams->setup.calls;
    uint64_t id = s->id;
    struct lk_peer peer = s->peer;
    int status = gnutls_handshake(s->session);

    if (status == 0) {
        s->state = LK_STREAM_UP;
        s->streams->half_open--;
        s->streams->up++;
        calls->on_up(calls->context, id, &peer, s->tag);
        return lk_stream_find(s->streams, id) == s;
    }
    if (status == GNUTLS_E_AGAIN || gnutls_error_is_fatal(status) == 0)
        return true;
    end_of_engine(s, status);
    return false;
}

/* False: it is over. */
static bool connected(struct lk_stream *s)
{
    int failure = 0;
    socklen_t len = sizeof failure;

    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
        failure = errno;
    if (failure == 0) {
        s->state = LK_STREAM_SHAKING;
        return shake(s);
    }
    lk_stream_end(s, LK_STREAM_DOWN_UNREACHABLE, strerror(failure));
    return false;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct lk_stream *s = poll->data;
    struct lk_streams *streams = s->streams;
    uint64_t id = s->id;
    bool alive = true;

    (void)status; /* the engine meets the failure itself */
    if (s->state == LK_STREAM_CONNECTING)
        alive = connected(s);
    else if (s->state == LK_STREAM_SHAKING)
        alive = shake(s);
    else if ((events & UV_WRITABLE) != 0)
        alive = flush(s);
    /* Also what the engine has read ahead: the socket does not tell of it again. */
    if (alive && s->state == LK_STREAM_UP)
        alive = take(s);
    if (alive && lk_stream_find(streams, id) == s)
        lk_stream_poll(s);
}

void lk_stream_poll(struct lk_stream *s)
{
    int events = UV_READABLE;

    if (s->state == LK_STREAM_CONNECTING)
        events = UV_WRITABLE;
    else if (s->state == LK_STREAM_SHAKING)
        events = gnutls_record_get_direction(s->session) == 1 ? UV_WRITABLE : UV_READABLE;
    else if (waiting(s) > 0 || s->paused)
        /* Whoever was paused is read again when it can be written to: the engine may have read
         * ahead what the socket does not tell of again. */
        events = waiting(s) >= LK_STREAM_PAUSE ? UV_WRITABLE : UV_READABLE | UV_WRITABLE;
    (void)uv_poll_start(&s->poll, events, on_poll);
}

/* ---- beginning ---- */

static bool session_set(struct lk_stream *s)
{
    const struct lk_stream_trust *trust = s->streams->setup.trust;
    /* We have one certificate, and show it whoever the other end says it trusts: it will say what
     * is wrong with it. No tickets: nobody comes back without showing the certificate. */
    unsigned flags = (s->served ? GNUTLS_SERVER : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT) |
                     GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;

    if (gnutls_init(&s->session, flags) != 0)
        return false;
    if (gnutls_priority_set(s->session, trust->priority[s->streams->setup.only_13
                                                        ? LK_STREAM_TLS_13
                                                        : LK_STREAM_TLS_12_OR_13]) != 0 ||
        gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, trust->credentials) != 0) {
        gnutls_deinit(s->session);
        return false;
    }
    gnutls_session_set_ptr(s->session, s);
    gnutls_session_set_verify_function(s->session, on_certificate);
    gnutls_session_set_keylog_function(s->session, NULL); /* else it obeys SSLKEYLOGFILE */
    gnutls_handshake_set_max_packet_length(s->session, HANDSHAKE_OCTETS);
    gnutls_handshake_set_timeout(s->session, GNUTLS_INDEFINITE_TIMEOUT); /* ours is in the tick */
    gnutls_transport_set_int(s->session, s->fd);
    if (s->served)
        gnutls_certificate_server_set_request(s->session, GNUTLS_CERT_REQUIRE);
    return true;
}

struct lk_stream *lk_stream_new(struct lk_streams *streams, int fd,
                                 const struct lk_peer *peer, bool served)
{
    struct lk_stream *s = streams->count < streams->setup.streams ? calloc(1, sizeof *s) : NULL;
    size_t slot = 0;

    if (s != NULL) {
        s->streams = streams;
        s->fd = fd;
        s->served = served;
        s->peer = *peer;
        s->state = served ? LK_STREAM_SHAKING : LK_STREAM_CONNECTING;
        s->deadline_ms = uv_now(streams->loop) + streams->setup.handshake_ms;
    }
    if (s == NULL || !session_set(s) || uv_poll_init(streams->loop, &s->poll, fd) != 0) {
        if (s != NULL && s->session != NULL)
            gnutls_deinit(s->session);
        free(s);
        (void)close(fd);
        return NULL;
    }
    lk_peer_options(fd);
    while (streams->slot[slot] != NULL)
        slot++;
    s->poll.data = s;
    s->id = ++streams->numbered << LK_STREAM_PLACE_BITS | slot;
    streams->slot[slot] = s;
    streams->count++;
    streams->half_open++;
    return s;
}
