#include "io/clear.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"

enum {
    TICK_MS = 100,
    ACCEPTS = 32, /* before others have their turn */
};

struct stream {
    uv_poll_t poll;
    struct lk_clear *clear;
    uint32_t number; /* its place, and the most at once for each stream that had the place before */
    int fd;
    bool proven, doomed;
    uint64_t since_ms;
    uint64_t order; /* the later it came, the greater; 0: released */
    struct lk_peer peer;
    uint8_t *out; /* what waits */
    size_t out_len;
};

struct lk_clear {
    struct lk_clear_setup setup;
    struct lk_clear_counters counters;
    uv_loop_t *loop;
    uv_poll_t listener;
    uv_timer_t tick;
    unsigned handles;
    bool deaf;
    int fd;
    uint32_t count;
    uint64_t accepted;
    struct stream **at;
    uint32_t *next; /* number of a place */
    uint8_t in[LK_CLEAR_READ];
};

static void on_listener(uv_poll_t *poll, int status, int events);
static void on_poll(uv_poll_t *poll, int status, int events);

/* ---- which one ---- */

uint32_t lk_clear_place(const struct lk_clear *clear, uint32_t number)
{
    return number % clear->setup.streams;
}

static struct stream *stream_of(const struct lk_clear *clear, uint32_t number)
{
    struct stream *s = clear->at[lk_clear_place(clear, number)];

    return s == NULL || s->number != number ? NULL : s;
}

/* The number after the last of that place; it begins anew after four thousand million. */
static uint32_t take_number(struct lk_clear *clear, uint32_t place)
{
    uint32_t number = clear->next[place], streams = clear->setup.streams;

    clear->next[place] = number > UINT32_MAX - streams ? place : number + streams;
    return number;
}

/* ---- the end of one ---- */

static void on_stream_closed(uv_handle_t *handle)
{
    struct stream *s = handle->data;

    (void)close(s->fd);
    free(s);
}

static void forget(struct stream *s)
{
    s->clear->at[lk_clear_place(s->clear, s->number)] = NULL;
    s->clear->count--;
    if (s->out != NULL)
        lk_wipe(s->out, s->out_len);
    free(s->out);
    s->out = NULL;
    uv_close((uv_handle_t *)&s->poll, on_stream_closed);
}

static void end(struct stream *s)
{
    const struct lk_clear_calls *calls = &s->clear->setup.calls;
    const struct lk_peer peer = s->peer;
    uint32_t number = s->number;

    forget(s);
    calls->on_down(calls->context, number, &peer);
}

/* ---- octets ---- */

static void poll_it(struct stream *s)
{
    (void)uv_poll_start(&s->poll, UV_READABLE | (s->out_len > 0 ? UV_WRITABLE : 0), on_poll);
}

/* As much as the kernel takes; false: it is broken. */
static bool write_some(int fd, struct lk_span *octets)
{
    while (octets->len > 0) {
        ssize_t took = send(fd, octets->at, octets->len, MSG_NOSIGNAL);

        if (took < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        octets->at += took;
        octets->len -= (size_t)took;
    }
    return true;
}

static bool flush(struct stream *s)
{
    struct lk_span rest = lk_span_of(s->out, s->out_len);
    bool whole = write_some(s->fd, &rest);

    if (rest.len > 0 && rest.len < s->out_len)
        memmove(s->out, rest.at, rest.len);
    if (rest.len < s->out_len)
        lk_wipe(s->out + rest.len, s->out_len - rest.len);
    s->out_len = rest.len;
    return whole;
}

static void receive(struct stream *s)
{
    struct lk_clear *clear = s->clear;
    const struct lk_clear_calls *calls = &clear->setup.calls;
    ssize_t got = recv(s->fd, clear->in, sizeof clear->in, 0);

    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (got <= 0) {
        end(s);
        return;
    }
    calls->on_octets(calls->context, s->number, lk_span_of(clear->in, (size_t)got));
    lk_wipe(clear->in, (size_t)got);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct stream *s = poll->data;

    if (status < 0 || s->doomed) {
        end(s);
        return;
    }
    if ((events & UV_WRITABLE) != 0) {
        if (!flush(s)) {
            end(s);
            return;
        }
        poll_it(s);
    }
    if ((events & UV_READABLE) != 0)
        receive(s);
}

enum lk_status lk_clear_send(struct lk_clear *clear, uint32_t number, struct lk_span octets)
{
    struct stream *s = stream_of(clear, number);
    uint8_t *more;

    if (s == NULL || s->doomed)
        return LK_E_NOT_FOUND;
    if (s->out_len == 0 && !write_some(s->fd, &octets)) {
        s->doomed = true; /* the poll, or the tick, ends it: nobody is called from here */
        return LK_E_FULL;
    }
    if (octets.len == 0)
        return LK_OK;
    more = s->out_len + octets.len > LK_CLEAR_OUT_MAX ? NULL
                                                      : malloc(s->out_len + octets.len);
    if (more == NULL) {
        clear->counters.backed_up++;
        s->doomed = true;
        return LK_E_FULL;
    }
    if (s->out != NULL) {
        memcpy(more, s->out, s->out_len);
        lk_wipe(s->out, s->out_len);
        free(s->out);
    }
    memcpy(more + s->out_len, octets.at, octets.len);
    s->out = more;
    s->out_len += octets.len;
    poll_it(s);
    return LK_OK;
}

/* ---- who comes ---- */

/* T44: a place for one more of peer, below the most of its source; the number of it is in place.
 * May end the oldest that has proven nothing. */
static bool may_come(struct lk_clear *clear, const struct lk_peer *peer, uint32_t *place)
{
    struct lk_address_prefix source = lk_address_source(&peer->address);
    struct stream *oldest = NULL;
    uint32_t same = 0;

    *place = clear->setup.streams;
    for (uint32_t i = 0; i < clear->setup.streams; i++) {
        struct stream *s = clear->at[i];
        struct lk_address_prefix other;

        if (s == NULL) {
            *place = i;
            continue;
        }
        other = lk_address_source(&s->peer.address);
        same += lk_address_prefix_equal(&source, &other) ? 1 : 0;
        if (!s->proven && (oldest == NULL || s->order < oldest->order))
            oldest = s;
    }
    if (same >= clear->setup.a_source) {
        clear->counters.source_full++;
        return false;
    }
    if (*place < clear->setup.streams)
        return true;
    if (oldest == NULL) {
        clear->counters.full++;
        return false;
    }
    clear->counters.displaced++;
    *place = lk_clear_place(clear, oldest->number);
    end(oldest);
    return true;
}

static void serve(struct lk_clear *clear, int fd, const struct lk_peer *peer)
{
    uint32_t place;
    struct stream *s = may_come(clear, peer, &place) ? calloc(1, sizeof *s) : NULL;

    if (s == NULL || uv_poll_init(clear->loop, &s->poll, fd) != 0) {
        free(s);
        (void)close(fd);
        return;
    }
    lk_peer_options(fd);
    s->poll.data = s;
    s->clear = clear;
    s->number = take_number(clear, place);
    s->fd = fd;
    s->peer = *peer;
    s->since_ms = uv_now(clear->loop);
    s->order = ++clear->accepted;
    clear->at[place] = s;
    clear->count++;
    clear->counters.accepted++;
    poll_it(s);
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct lk_clear *clear = poll->data;

    (void)status;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        struct lk_peer peer;
        int fd = accept4(clear->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                clear->deaf = true; /* the socket would call again at once, for nothing */
                (void)uv_poll_stop(poll);
            }
            return;
        }
        peer = lk_peer_of(&from);
        serve(clear, fd, &peer);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct lk_clear *clear = timer->data;
    uint64_t now_ms = uv_now(clear->loop);

    if (clear->deaf) {
        clear->deaf = false;
        (void)uv_poll_start(&clear->listener, UV_READABLE, on_listener);
    }
    for (uint32_t i = 0; i < clear->setup.streams && clear->count > 0; i++) {
        struct stream *s = clear->at[i];

        if (s == NULL)
            continue;
        if (s->doomed) {
            end(s);
        } else if (!s->proven && now_ms - s->since_ms >= clear->setup.unproven_ms) {
            clear->counters.too_slow++;
            end(s);
        }
    }
}

/* ---- the whole ---- */

struct lk_clear *lk_clear_new(uv_loop_t *loop, int fd, const struct lk_clear_setup *setup)
{
    struct lk_clear *clear = calloc(1, sizeof *clear);

    if (clear == NULL)
        return NULL;
    clear->at = calloc(setup->streams, sizeof(struct stream *));
    clear->next = calloc(setup->streams, sizeof *clear->next);
    if (clear->at == NULL || clear->next == NULL ||
        uv_poll_init(loop, &clear->listener, fd) != 0) {
        free(clear->at);
        free(clear->next);
        free(clear);
        return NULL;
    }
    for (uint32_t place = 0; place < setup->streams; place++)
        clear->next[place] = place;
    clear->setup = *setup;
    if (setup->unproven_ms == 0)
        clear->setup.unproven_ms = LK_CLEAR_UNPROVEN_MS;
    clear->loop = loop;
    clear->fd = fd;
    clear->handles = 2;
    clear->listener.data = clear;
    (void)uv_poll_start(&clear->listener, UV_READABLE, on_listener);
    (void)uv_timer_init(loop, &clear->tick);
    clear->tick.data = clear;
    (void)uv_timer_start(&clear->tick, on_tick, TICK_MS, TICK_MS);
    return clear;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct lk_clear *clear = handle->data;

    if (--clear->handles > 0)
        return;
    free(clear->at);
    free(clear->next);
    free(clear);
}

void lk_clear_free(struct lk_clear *clear)
{
    if (clear == NULL)
        return;
    for (uint32_t i = 0; i < clear->setup.streams; i++)
        if (clear->at[i] != NULL)
            forget(clear->at[i]);
    uv_close((uv_handle_t *)&clear->listener, on_handle_closed);
    uv_close((uv_handle_t *)&clear->tick, on_handle_closed);
}

void lk_clear_close(struct lk_clear *clear, uint32_t number)
{
    struct stream *s = stream_of(clear, number);

    if (s != NULL)
        forget(s);
}

const struct lk_peer *lk_clear_peer_of(const struct lk_clear *clear, uint32_t number)
{
    struct stream *s = stream_of(clear, number);

    return s == NULL ? NULL : &s->peer;
}

void lk_clear_keep(struct lk_clear *clear, uint32_t number)
{
    struct stream *s = stream_of(clear, number);

    if (s != NULL)
        s->proven = true;
}

void lk_clear_release(struct lk_clear *clear, uint32_t number)
{
    struct stream *s = stream_of(clear, number);

    if (s == NULL || !s->proven)
        return;
    s->proven = false;
    s->since_ms = uv_now(clear->loop);
    s->order = 0;
}

uint32_t lk_clear_count(const struct lk_clear *clear)
{
    return clear->count;
}

const struct lk_clear_counters *lk_clear_counted(const struct lk_clear *clear)
{
    return &clear->counters;
}
