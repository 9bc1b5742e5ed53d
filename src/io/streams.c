/* All streams of a loop: who may come, whom we call, and for how long they may shake hands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/stream_parts.h"

enum {
    TICK_MS = 100,
    ACCEPTS = 32, /* of one socket, before others have their turn */
};

const char *lk_stream_down_name(enum lk_stream_down why)
{
    static const char *const names[LK_STREAM_DOWN_REASONS] = {
        [LK_STREAM_DOWN_CLOSED] = "closed",
        [LK_STREAM_DOWN_BROKEN] = "broken",
        [LK_STREAM_DOWN_UNREACHABLE] = "unreachable",
        [LK_STREAM_DOWN_NO_CERTIFICATE] = "no-certificate",
        [LK_STREAM_DOWN_UNTRUSTED] = "untrusted",
        [LK_STREAM_DOWN_EXPIRED] = "expired",
        [LK_STREAM_DOWN_UNKNOWN] = "unknown",
        [LK_STREAM_DOWN_VERSION] = "version",
        [LK_STREAM_DOWN_NOT_TLS] = "not-tls",
        [LK_STREAM_DOWN_TOO_SLOW] = "too-slow",
        [LK_STREAM_DOWN_PUSHED_OUT] = "pushed-out",
        [LK_STREAM_DOWN_TOO_MANY] = "too-many",
        [LK_STREAM_DOWN_ALERT] = "alert",
        [LK_STREAM_DOWN_BACKED_UP] = "backed-up",
        [LK_STREAM_DOWN_ENGINE] = "engine",
    };

    return why < LK_STREAM_DOWN_REASONS ? names[why] : "?";
}

/* ---- serving ---- */

/* A place for one more half-open stream of peer; may end the oldest one. */
static bool may_come(struct lk_streams *streams, const struct lk_peer *peer)
{
    struct lk_address_prefix source = lk_address_source(&peer->address);
    struct lk_stream *oldest = NULL;
    uint32_t same = 0;

    for (size_t i = 0; i < streams->setup.streams; i++) {
        struct lk_stream *s = streams->slot[i];
        struct lk_address_prefix other;

        if (s == NULL || s->state == LK_STREAM_UP || !s->served)
            continue;
        other = lk_address_source(&s->peer.address);
        same += lk_address_prefix_equal(&source, &other) ? 1 : 0;
        if (oldest == NULL || s->id >> LK_STREAM_PLACE_BITS < oldest->id >> LK_STREAM_PLACE_BITS)
            oldest = s;
    }
    if (same >= streams->setup.half_open_a_source)
        return false;
    if (streams->half_open < streams->setup.half_open && streams->count < streams->setup.streams)
        return true;
    if (oldest == NULL)
        return false;
    lk_stream_end(oldest, LK_STREAM_DOWN_PUSHED_OUT, "others wanted its place");
    return true;
}

static void serve(struct lk_streams *streams, int fd, const struct lk_peer *peer)
{
    const struct lk_stream_calls *calls = &streams->setup.calls;
    struct lk_stream *s = NULL;

    if (!may_come(streams, peer))
        (void)close(fd);
    else
        s = lk_stream_new(streams, fd, peer, true);
    if (s == NULL)
        calls->on_down(calls->context, 0, peer, LK_STREAM_DOWN_TOO_MANY, "no place for it");
    else
        lk_stream_poll(s);
}

static void listeners_poll(struct lk_streams *streams, bool on);

static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct lk_streams *streams = poll->data;
    uv_os_fd_t listening;

    (void)status;
    (void)events;
    if (uv_fileno((uv_handle_t *)poll, &listening) != 0)
        return;
    for (unsigned i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        struct lk_peer peer;
        int fd = accept4(listening, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                streams->deaf = true; /* the socket would call again at once, for nothing */
                listeners_poll(streams, false);
            }
            return;
        }
        peer = lk_peer_of(&from);
        serve(streams, fd, &peer);
    }
}

static void listeners_poll(struct lk_streams *streams, bool on)
{
    for (size_t i = 0; i < streams->listener_count; i++) {
        if (on)
            (void)uv_poll_start(streams->listener[i], UV_READABLE, on_listener);
        else
            (void)uv_poll_stop(streams->listener[i]);
    }
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(handle);
}

enum lk_status lk_streams_listen(struct lk_streams *streams, int fd)
{
    uv_poll_t *poll = calloc(1, sizeof *poll);

    if (streams->listener_count == LK_STREAM_LISTENERS || poll == NULL ||
        uv_poll_init(streams->loop, poll, fd) != 0) {
        free(poll);
        return LK_E_SYSTEM;
    }
    poll->data = streams;
    streams->listener[streams->listener_count++] = poll;
    (void)uv_poll_start(poll, UV_READABLE, on_listener);
    return LK_OK;
}

void lk_streams_deafen(struct lk_streams *streams)
{
    for (size_t i = 0; i < streams->listener_count; i++)
        uv_close((uv_handle_t *)streams->listener[i], on_listener_closed);
    streams->listener_count = 0;
}

/* ---- dialling ---- */

static int dial_socket(const struct lk_peer *peer)
{
    struct sockaddr_storage to;
    socklen_t len = lk_peer_sockaddr(&to, &peer->address, peer->port);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, len) == 0 || errno == EINPROGRESS)
        return fd;
    (void)close(fd);
    return -1;
}

enum lk_status lk_stream_dial(uint64_t *id, struct lk_streams *streams,
                              const struct lk_peer *peer, const char *name, uint32_t tag)
{
    struct lk_address ignored;
    struct lk_stream *s;
    int fd;

    if (streams->count >= streams->setup.streams)
        return LK_E_FULL;
    if (strlen(name) > LK_STREAM_NAME_MAX || lk_stream_name_check(name) != LK_OK)
        return LK_E_VALUE;
    fd = dial_socket(peer);
    s = fd < 0 ? NULL : lk_stream_new(streams, fd, peer, false);
    if (s == NULL)
        return LK_E_SYSTEM;
    s->tag = tag;
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    if (strchr(name, ':') == NULL && lk_address_parse(&ignored, name) != LK_OK)
        (void)gnutls_server_name_set(s->session, GNUTLS_NAME_DNS, name, strlen(name));
    *id = s->id;
    lk_stream_poll(s);
    return LK_OK;
}

/* ---- all of them ---- */

static void on_tick(uv_timer_t *timer)
{
    struct lk_streams *streams = timer->data;
    uint64_t now_ms = uv_now(streams->loop);

    if (streams->deaf) {
        streams->deaf = false;
        listeners_poll(streams, true);
    }
    if (streams->half_open == 0)
        return;
    for (size_t i = 0; i < streams->setup.streams; i++) {
        struct lk_stream *s = streams->slot[i];

        if (s == NULL || s->state == LK_STREAM_UP || now_ms < s->deadline_ms)
            continue;
        lk_stream_end(s,
                      s->state == LK_STREAM_CONNECTING ? LK_STREAM_DOWN_UNREACHABLE
                                                       : LK_STREAM_DOWN_TOO_SLOW,
                      "no handshake within its time");
    }
}

static void before_wait(uv_prepare_t *prepare)
{
    lk_streams_flush(prepare->data);
}

void lk_streams_setup_defaults(struct lk_streams_setup *setup)
{
    *setup = (struct lk_streams_setup){
        .streams = LK_STREAM_MAX,
        .half_open = LK_STREAM_HALF_OPEN,
        .half_open_a_source = LK_STREAM_HALF_OPEN_A_SOURCE,
        .handshake_ms = LK_STREAM_HANDSHAKE_MS,
    };
}

struct lk_streams *lk_streams_new(uv_loop_t *loop, const struct lk_streams_setup *setup)
{
    struct lk_streams *streams = calloc(1, sizeof *streams);

    LK_ASSERT(setup->streams > 0 && setup->streams < 1u << LK_STREAM_PLACE_BITS);
    if (streams == NULL)
        return NULL;
    streams->slot = calloc(setup->streams, sizeof(struct lk_stream *));
    if (streams->slot == NULL) {
        free(streams);
        return NULL;
    }
    streams->setup = *setup;
    streams->loop = loop;
    streams->handles = 2;
    (void)uv_timer_init(loop, &streams->tick);
    streams->tick.data = streams;
    (void)uv_timer_start(&streams->tick, on_tick, TICK_MS, TICK_MS);
    (void)uv_prepare_init(loop, &streams->before_wait);
    streams->before_wait.data = streams;
    (void)uv_prepare_start(&streams->before_wait, before_wait);
    return streams;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct lk_streams *streams = handle->data;

    if (--streams->handles > 0)
        return;
    free(streams->slot);
    free(streams);
}

void lk_streams_free(struct lk_streams *streams)
{
    if (streams == NULL)
        return;
    lk_streams_deafen(streams);
    for (size_t i = 0; i < streams->setup.streams; i++)
        if (streams->slot[i] != NULL)
            lk_stream_close(streams, streams->slot[i]->id);
    uv_close((uv_handle_t *)&streams->tick, on_handle_closed);
    uv_close((uv_handle_t *)&streams->before_wait, on_handle_closed);
}

uint32_t lk_streams_up_count(const struct lk_streams *streams)
{
    return streams->up;
}

uint32_t lk_streams_half_open_count(const struct lk_streams *streams)
{
    return streams->half_open;
}
