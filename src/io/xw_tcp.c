/* Xw over TCP: frames and probes over io/stream where there are certificates, over xw_plain.c on
 * loopback where there are none.
 *
 * Each end sends a probe as soon as it may, and has an association once it has heard a frame: who
 * dials with TLS 1.3 may send before the other end has judged its certificate. */
#include "io/xw_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "wire/xwap_framer.h"

enum {
    TICK_MS = 50,
    PROBES = 4, /* in silent_ms, where nothing else is sent */
};

struct tcp_peer {
    uint64_t stream; /* TLS: dialled or open */
    bool open;       /* frames may go */
    uint64_t heard_ms, said_ms;
    struct lk_xwap_framer framer;
};

struct tcp {
    struct lk_streams *streams; /* one of these two */
    struct lk_xw_plain *plain;
    struct tcp_peer peer[LK_XW_PEERS];
};

static uint64_t now_of(const struct lk_xw *xw)
{
    return uv_now(xw->loop);
}

static void forget(struct lk_xw *xw, size_t peer)
{
    struct tcp *tcp = xw->carried;

    tcp->peer[peer].stream = 0;
    tcp->peer[peer].open = false;
    lk_xwap_framer_wipe(&tcp->peer[peer].framer);
}

static void close_peer(struct lk_xw *xw, size_t peer)
{
    struct tcp *tcp = xw->carried;

    if (tcp->plain != NULL)
        lk_xw_plain_close(tcp->plain, peer);
    else
        lk_stream_close(tcp->streams, tcp->peer[peer].stream);
    forget(xw, peer);
}

static void lose(struct lk_xw *xw, size_t peer, enum lk_xw_down why, const char *detail)
{
    close_peer(xw, peer);
    lk_xw_went_down(xw, peer, why, detail);
}

/* ---- messages ---- */

static size_t waiting(const struct tcp *tcp, size_t peer)
{
    return tcp->plain != NULL ? lk_xw_plain_waiting(tcp->plain, peer)
                              : lk_stream_waiting(tcp->streams, tcp->peer[peer].stream);
}

static enum lk_status send_message(struct lk_xw *xw, size_t peer, struct lk_span message)
{
    struct tcp *tcp = xw->carried;
    struct tcp_peer *p = &tcp->peer[peer];
    uint8_t head[LK_XWAP_FRAME_HEAD];
    enum lk_status status;

    if (waiting(tcp, peer) + sizeof head + message.len > LK_XW_QUEUE)
        return LK_E_FULL;
    p->said_ms = now_of(xw);
    lk_xwap_frame_head(head, message.len);
    if (tcp->plain != NULL)
        return lk_xw_plain_send(tcp->plain, peer, LK_SPAN(head), message);
    status = lk_stream_send(tcp->streams, p->stream, LK_SPAN(head));
    if (status != LK_OK || message.len == 0)
        return status;
    return lk_stream_send(tcp->streams, p->stream, message);
}

/* False: it is over. */
static bool took(struct lk_xw *xw, size_t peer, struct lk_span message)
{
    if (!lk_xw_is_up(xw, peer))
        lk_xw_came_up(xw, peer);
    if (!lk_xw_is_up(xw, peer))
        return false;
    return message.len == 0 || lk_xw_received(xw, peer, message);
}

static void received(struct lk_xw *xw, size_t peer, struct lk_span octets)
{
    struct tcp *tcp = xw->carried;
    struct tcp_peer *p = &tcp->peer[peer];
    struct lk_span message;
    enum lk_status status;

    p->heard_ms = now_of(xw);
    while ((status = lk_xwap_framer_next(&p->framer, &message, &octets)) == LK_OK)
        if (!took(xw, peer, message))
            return;
    if (status == LK_E_LENGTH)
        lose(xw, peer, LK_XW_DOWN_TOO_LONG, "a message longer than XwAP's may be");
    else if (p->framer.len == 0)
        lk_xwap_framer_wipe(&p->framer);
}

static void began(struct lk_xw *xw, size_t peer)
{
    struct tcp *tcp = xw->carried;

    lk_xwap_framer_wipe(&tcp->peer[peer].framer);
    tcp->peer[peer].open = true;
    tcp->peer[peer].heard_ms = now_of(xw);
    (void)!send_message(xw, peer, lk_span_of(NULL, 0));
}

/* ---- TLS ---- */

/* Every stream that is up or dialled is of a peer. */
static size_t peer_of(const struct lk_xw *xw, uint64_t stream)
{
    const struct tcp *tcp = xw->carried;

    for (size_t i = 0; i < xw->setup.peers && stream != 0; i++)
        if (tcp->peer[i].stream == stream)
            return i;
    return LK_XW_NOBODY;
}

static bool on_known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    const struct lk_xw *xw = context;

    for (size_t i = 0; i < xw->setup.peers; i++) {
        if (xw->setup.peer[i].dial ||
            !lk_stream_certificate_is(certificate, xw->setup.peer[i].name))
            continue;
        *tag = (uint32_t)i;
        return true;
    }
    return false;
}

static void on_tls_up(void *context, uint64_t id, const struct lk_peer *from, uint32_t tag)
{
    struct lk_xw *xw = context;
    struct tcp *tcp = xw->carried;
    const struct lk_xw_peer *row = &xw->setup.peer[tag];

    if (!row->dial && !lk_address_equal(&row->address, &from->address)) {
        lk_stream_close(tcp->streams, id);
        lk_xw_was_stranger(xw, LK_XW_DOWN_TLS, "a peer's certificate from another address");
        return;
    }
    /* Who comes anew has proven that it is the same: the older one is a shadow. */
    if (tcp->peer[tag].open)
        lose(xw, tag, LK_XW_DOWN_REPLACED, "the peer began anew");
    tcp->peer[tag].stream = id;
    began(xw, tag);
}

static void on_tls_octets(void *context, uint64_t id, struct lk_span octets)
{
    received(context, peer_of(context, id), octets);
}

static enum lk_xw_down why_of(enum lk_stream_down why)
{
    switch (why) {
    case LK_STREAM_DOWN_CLOSED:
        return LK_XW_DOWN_CLOSED;
    case LK_STREAM_DOWN_UNREACHABLE:
        return LK_XW_DOWN_UNREACHABLE;
    case LK_STREAM_DOWN_BROKEN:
    case LK_STREAM_DOWN_BACKED_UP:
    case LK_STREAM_DOWN_ENGINE:
    case LK_STREAM_DOWN_TOO_MANY:
    case LK_STREAM_DOWN_PUSHED_OUT:
        return LK_XW_DOWN_BROKEN;
    case LK_STREAM_DOWN_NO_CERTIFICATE:
    case LK_STREAM_DOWN_UNTRUSTED:
    case LK_STREAM_DOWN_EXPIRED:
    case LK_STREAM_DOWN_UNKNOWN:
    case LK_STREAM_DOWN_VERSION:
    case LK_STREAM_DOWN_NOT_TLS:
    case LK_STREAM_DOWN_TOO_SLOW:
    case LK_STREAM_DOWN_ALERT:
    case LK_STREAM_DOWN_REASONS:
        break;
    }
    return LK_XW_DOWN_TLS;
}

static void on_tls_down(void *context, uint64_t id, const struct lk_peer *from,
                        enum lk_stream_down why, const char *detail)
{
    struct lk_xw *xw = context;
    size_t peer = peer_of(xw, id);
    char text[LK_STREAM_DETAIL + 32];

    (void)from;
    (void)snprintf(text, sizeof text, "%s: %s", lk_stream_down_name(why), detail);
    if (peer == LK_XW_NOBODY) {
        lk_xw_was_stranger(xw, why_of(why), text);
        return;
    }
    forget(xw, peer);
    lk_xw_went_down(xw, peer, why_of(why), text);
}

/* ---- without ---- */

static void on_plain_up(void *context, size_t peer)
{
    began(context, peer);
}

static void on_plain_octets(void *context, size_t peer, struct lk_span octets)
{
    received(context, peer, octets);
}

static void on_plain_down(void *context, size_t peer, enum lk_xw_down why, const char *detail)
{
    forget(context, peer);
    lk_xw_went_down(context, peer, why, detail);
}

static void on_plain_stranger(void *context, const struct lk_datagram_peer *from)
{
    lk_xw_was_foreign(context, from);
}

/* ---- what xw.c asks for ---- */

static bool dial(struct lk_xw *xw, size_t peer)
{
    struct tcp *tcp = xw->carried;
    const struct lk_xw_peer *row = &xw->setup.peer[peer];
    const struct lk_peer to = { row->address, row->port };

    if (tcp->plain != NULL)
        return lk_xw_plain_dial(tcp->plain, peer);
    return lk_stream_dial(&tcp->peer[peer].stream, tcp->streams, &to, row->name,
                          (uint32_t)peer) == LK_OK;
}

/* A peer that lives is heard at least PROBES times in silent_ms. */
static void tick(struct lk_xw *xw)
{
    struct tcp *tcp = xw->carried;
    uint64_t now_ms = now_of(xw);

    for (size_t i = 0; i < xw->setup.peers; i++) {
        struct tcp_peer *p = &tcp->peer[i];

        if (!p->open)
            continue;
        if (now_ms - p->heard_ms > xw->setup.silent_ms)
            lose(xw, i, LK_XW_DOWN_SILENT, "neither messages nor probes");
        else if (now_ms - p->said_ms >= xw->setup.silent_ms / PROBES && waiting(tcp, i) == 0)
            (void)!send_message(xw, i, lk_span_of(NULL, 0));
    }
}

static void end(struct lk_xw *xw)
{
    struct tcp *tcp = xw->carried;

    if (tcp->plain != NULL)
        lk_xw_plain_free(tcp->plain);
    lk_streams_free(tcp->streams);
    lk_wipe(tcp, sizeof *tcp);
    free(tcp);
}

static bool begin_tls(struct lk_xw *xw, struct tcp *tcp)
{
    struct lk_streams_setup setup;

    lk_streams_setup_defaults(&setup);
    setup.calls = (struct lk_stream_calls){ xw, on_known, on_tls_up, on_tls_octets, on_tls_down };
    setup.trust = xw->setup.trust;
    setup.handshake_ms = xw->setup.silent_ms;
    tcp->streams = lk_streams_new(xw->loop, &setup);
    return tcp->streams != NULL &&
           (xw->setup.socket < 0 || lk_streams_listen(tcp->streams, xw->setup.socket) == LK_OK);
}

static bool begin_plain(struct lk_xw *xw, struct tcp *tcp)
{
    const struct lk_xw_plain_calls calls = { xw, on_plain_up, on_plain_octets, on_plain_down,
                                             on_plain_stranger };

    tcp->plain = lk_xw_plain_new(xw->loop, &xw->setup, &calls);
    return tcp->plain != NULL;
}

static enum lk_status begin(struct lk_xw *xw, char error[LK_XW_ERROR_TEXT])
{
    struct tcp *tcp = calloc(1, sizeof *tcp);

    (void)snprintf(error, LK_XW_ERROR_TEXT, "no memory, or no socket, for Xw over TCP");
    if (tcp == NULL)
        return LK_E_SYSTEM;
    xw->carried = tcp;
    if (xw->setup.trust != NULL ? begin_tls(xw, tcp) : begin_plain(xw, tcp))
        return LK_OK;
    end(xw);
    return LK_E_SYSTEM;
}

const struct lk_xw_carrier lk_xw_tcp = {
    .begin = begin,
    .dial = dial,
    .send = send_message,
    .close = close_peer,
    .tick = tick,
    .end = end,
    .tick_ms = TICK_MS,
};
