/* TCP in the clear, by libuv: one connection a peer, on loopback. */
#include "io/xw_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

struct connection {
    uv_tcp_t tcp;
    uv_connect_t connecting;
    struct lk_xw_plain *plain; /* NULL: it is over */
    size_t peer;
};

struct writing {
    uv_write_t request;
    size_t len;
    uint8_t octets[];
};

struct lk_xw_plain {
    uv_loop_t *loop;
    const struct lk_xw_setup *setup;
    struct lk_xw_plain_calls calls;
    uv_tcp_t *listener;
    struct connection *of[LK_XW_PEERS];
    char room[LK_STREAM_READ];
};

/* ---- one connection ---- */

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

void lk_xw_plain_close(struct lk_xw_plain *plain, size_t peer)
{
    struct connection *c = plain->of[peer];

    if (c == NULL)
        return;
    plain->of[peer] = NULL;
    c->plain = NULL;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void lose(struct connection *c, enum lk_xw_down why, const char *detail)
{
    struct lk_xw_plain *plain = c->plain;

    lk_xw_plain_close(plain, c->peer);
    plain->calls.on_down(plain->calls.context, c->peer, why, detail);
}

static void give_room(uv_handle_t *handle, size_t wish, uv_buf_t *buffer)
{
    struct connection *c = (struct connection *)handle;

    (void)wish;
    *buffer = uv_buf_init(c->plain->room, sizeof c->plain->room);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct connection *c = (struct connection *)stream;
    struct lk_xw_plain *plain = c->plain;

    if (plain == NULL || got == 0)
        return;
    if (got < 0) {
        lose(c, got == UV_EOF || got == UV_ECONNRESET ? LK_XW_DOWN_CLOSED : LK_XW_DOWN_BROKEN,
             uv_strerror((int)got));
        return;
    }
    plain->calls.on_octets(plain->calls.context, c->peer,
                           lk_span_of(buffer->base, (size_t)got));
    lk_wipe(buffer->base, (size_t)got);
}

static struct connection *new_connection(struct lk_xw_plain *plain)
{
    struct connection *c = calloc(1, sizeof *c);

    if (c != NULL && uv_tcp_init(plain->loop, &c->tcp) != 0) {
        free(c);
        return NULL;
    }
    return c;
}

static void begin(struct lk_xw_plain *plain, struct connection *c, size_t peer)
{
    c->plain = plain;
    c->peer = peer;
    plain->of[peer] = c;
}

static void came_up(struct connection *c)
{
    struct lk_xw_plain *plain = c->plain;

    (void)uv_tcp_nodelay(&c->tcp, 1);
    (void)uv_read_start((uv_stream_t *)&c->tcp, give_room, on_read);
    plain->calls.on_up(plain->calls.context, c->peer);
}

/* ---- sending ---- */

static void on_written(uv_write_t *request, int status)
{
    struct writing *w = (struct writing *)request;
    struct connection *c = (struct connection *)request->handle;

    lk_wipe(w->octets, w->len);
    free(w);
    if (status != 0 && c->plain != NULL)
        lose(c, LK_XW_DOWN_BROKEN, uv_strerror(status));
}

/* What the kernel takes at once needs no memory. */
static size_t try_now(struct connection *c, struct lk_span head, struct lk_span message)
{
    uv_buf_t parts[] = { { (char *)(uintptr_t)head.at, head.len },
                         { (char *)(uintptr_t)message.at, message.len } };
    int sent = uv_try_write((uv_stream_t *)&c->tcp, parts, message.len > 0 ? 2 : 1);

    return sent > 0 ? (size_t)sent : 0;
}

enum lk_status lk_xw_plain_send(struct lk_xw_plain *plain, size_t peer, struct lk_span head,
                                struct lk_span message)
{
    struct connection *c = plain->of[peer];
    size_t sent = try_now(c, head, message);
    size_t left = head.len + message.len - sent;
    struct writing *w;
    uv_buf_t buffer;

    if (left == 0)
        return LK_OK;
    w = malloc(sizeof *w + head.len + message.len);
    if (w == NULL)
        return LK_E_SYSTEM;
    w->len = head.len + message.len;
    memcpy(w->octets, head.at, head.len);
    if (message.len > 0)
        memcpy(w->octets + head.len, message.at, message.len);
    buffer = uv_buf_init((char *)w->octets + sent, (unsigned)left);
    if (uv_write(&w->request, (uv_stream_t *)&c->tcp, &buffer, 1, on_written) == 0)
        return LK_OK;
    lk_wipe(w->octets, w->len);
    free(w);
    return LK_E_SYSTEM;
}

size_t lk_xw_plain_waiting(const struct lk_xw_plain *plain, size_t peer)
{
    const struct connection *c = plain->of[peer];

    return c == NULL ? 0 : uv_stream_get_write_queue_size((const uv_stream_t *)&c->tcp);
}

/* ---- dialling ---- */

static void on_connected(uv_connect_t *connecting, int status)
{
    struct connection *c = (struct connection *)connecting->handle;

    if (c->plain == NULL)
        return;
    if (status != 0)
        lose(c, LK_XW_DOWN_UNREACHABLE, uv_strerror(status));
    else
        came_up(c);
}

bool lk_xw_plain_dial(struct lk_xw_plain *plain, size_t peer)
{
    const struct lk_xw_peer *row = &plain->setup->peer[peer];
    struct lk_datagram_peer to = lk_datagram_to(-1, &row->address, row->port);
    struct connection *c = new_connection(plain);

    if (c == NULL)
        return false;
    begin(plain, c, peer);
    if (uv_tcp_connect(&c->connecting, &c->tcp, &to.from.any, on_connected) == 0)
        return true;
    lk_xw_plain_close(plain, peer);
    return false;
}

/* ---- serving ---- */

/* Peers that share an address come in the order of their rows. */
static size_t peer_of(struct lk_datagram_peer *from, const struct lk_xw_plain *plain,
                      const struct connection *c)
{
    int len = sizeof from->from;
    struct lk_address address;

    *from = (struct lk_datagram_peer){ .fd = -1 };
    if (uv_tcp_getpeername(&c->tcp, &from->from.any, &len) != 0)
        return LK_XW_NOBODY;
    address = lk_datagram_address(from);
    for (size_t i = 0; i < plain->setup->peers; i++)
        if (!plain->setup->peer[i].dial && plain->of[i] == NULL &&
            lk_address_equal(&plain->setup->peer[i].address, &address))
            return i;
    return LK_XW_NOBODY;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct lk_xw_plain *plain = listener->data;
    struct connection *c = status == 0 ? new_connection(plain) : NULL;
    struct lk_datagram_peer from;
    size_t peer;

    if (c == NULL)
        return;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0) {
        uv_close((uv_handle_t *)&c->tcp, on_closed);
        return;
    }
    peer = peer_of(&from, plain, c);
    if (peer == LK_XW_NOBODY) {
        uv_close((uv_handle_t *)&c->tcp, on_closed);
        plain->calls.on_stranger(plain->calls.context, &from);
        return;
    }
    begin(plain, c, peer);
    came_up(c);
}

/* The loop closes what it listens on: it gets a descriptor of its own. */
static bool listen_at(struct lk_xw_plain *plain, int fd)
{
    int own = dup(fd);

    plain->listener = calloc(1, sizeof *plain->listener);
    if (own < 0 || plain->listener == NULL || uv_tcp_init(plain->loop, plain->listener) != 0) {
        free(plain->listener);
        plain->listener = NULL;
        if (own >= 0)
            (void)close(own);
        return false;
    }
    plain->listener->data = plain;
    if (uv_tcp_open(plain->listener, own) != 0) {
        (void)close(own);
        return false;
    }
    return uv_listen((uv_stream_t *)plain->listener, LK_XW_PEERS, on_connection) == 0;
}

struct lk_xw_plain *lk_xw_plain_new(uv_loop_t *loop, const struct lk_xw_setup *setup,
                                    const struct lk_xw_plain_calls *calls)
{
    struct lk_xw_plain *plain = calloc(1, sizeof *plain);

    if (plain == NULL)
        return NULL;
    plain->loop = loop;
    plain->setup = setup;
    plain->calls = *calls;
    if (setup->socket >= 0 && !listen_at(plain, setup->socket)) {
        lk_xw_plain_free(plain);
        return NULL;
    }
    return plain;
}

void lk_xw_plain_free(struct lk_xw_plain *plain)
{
    for (size_t i = 0; i < LK_XW_PEERS; i++)
        lk_xw_plain_close(plain, i);
    if (plain->listener != NULL)
        uv_close((uv_handle_t *)plain->listener, on_closed);
    free(plain);
}
