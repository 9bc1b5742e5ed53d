/* The associations: one a peer, dialled anew when it is gone. */
#include "io/xw_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum { PLACE_BITS = 16 };

const char *lk_xw_down_name(enum lk_xw_down why)
{
    static const char *const names[LK_XW_DOWN_REASONS] = {
        [LK_XW_DOWN_CLOSED] = "closed",           [LK_XW_DOWN_SILENT] = "silent",
        [LK_XW_DOWN_UNREACHABLE] = "unreachable", [LK_XW_DOWN_REPLACED] = "replaced",
        [LK_XW_DOWN_TOO_LONG] = "too-long",       [LK_XW_DOWN_TLS] = "tls",
        [LK_XW_DOWN_BROKEN] = "broken",           [LK_XW_DOWN_NO_PEER] = "no-peer",
    };

    return why < LK_XW_DOWN_REASONS ? names[why] : "?";
}

/* ---- setup ---- */

void lk_xw_setup_defaults(struct lk_xw_setup *setup)
{
    *setup = (struct lk_xw_setup){
        .socket = -1,
        .sctp_port = LK_XWAP_PORT,
        .ppid = LK_XWAP_PPID,
        .silent_ms = LK_XW_SILENT_MS,
        .retry_ms = LK_XW_RETRY_MS,
        .retry_max_ms = LK_XW_RETRY_MAX_MS,
    };
}

/* spec: TS 33.401 G.1 - control over Xw, which carries the key, has integrity and
 * confidentiality. */
enum lk_status lk_xw_peer_check(const struct lk_xw_setup *setup, const struct lk_xw_peer *peer,
                                char error[LK_XW_ERROR_TEXT])
{
    bool sctp = setup->transport == LK_XW_SCTP;
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, &peer->address);
    if ((sctp || setup->trust == NULL) && !lk_address_is_loopback(&peer->address)) {
        (void)snprintf(error, LK_XW_ERROR_TEXT,
                       "Xw with %s over %s would carry the key in the clear beyond this machine "
                       "(TS 33.401 G.1): use TCP with certificates",
                       text, sctp ? "SCTP" : "TCP");
        return LK_E_DENIED;
    }
    if ((sctp || peer->dial) && peer->port == 0) {
        (void)snprintf(error, LK_XW_ERROR_TEXT, "Xw with %s: a port is missing", text);
        return LK_E_VALUE;
    }
    if (!sctp && setup->trust != NULL &&
        (peer->name == NULL || lk_stream_name_check(peer->name) != LK_OK)) {
        (void)snprintf(error, LK_XW_ERROR_TEXT,
                       "Xw with %s: expected a name that its certificate has", text);
        return LK_E_VALUE;
    }
    return LK_OK;
}

static enum lk_status check(const struct lk_xw_setup *setup, char error[LK_XW_ERROR_TEXT])
{
    enum lk_status status = LK_OK;

    (void)snprintf(error, LK_XW_ERROR_TEXT, "Xw: a time or a number of peers that cannot be");
    if (setup->peers > LK_XW_PEERS || setup->silent_ms < LK_XW_SILENT_MIN_MS ||
        setup->retry_ms == 0 || setup->retry_max_ms < setup->retry_ms)
        return LK_E_VALUE;
    for (size_t i = 0; i < setup->peers && status == LK_OK; i++)
        status = lk_xw_peer_check(setup, &setup->peer[i], error);
    return status;
}

/* ---- what a carrier tells ---- */

bool lk_xw_is_up(const struct lk_xw *xw, size_t peer)
{
    return xw->link[peer].state == LK_XW_UP;
}

static void rest(struct lk_xw *xw, size_t peer)
{
    struct lk_xw_link *link = &xw->link[peer];

    link->state = LK_XW_IDLE;
    link->id = 0;
    link->dial_at_ms = uv_now(xw->loop) + link->wait_ms;
    link->wait_ms = link->wait_ms < xw->setup.retry_max_ms / 2 ? link->wait_ms * 2
                                                               : xw->setup.retry_max_ms;
}

void lk_xw_went_down(struct lk_xw *xw, size_t peer, enum lk_xw_down why, const char *detail)
{
    const struct lk_xw_calls *calls = &xw->setup.calls;
    uint64_t id = xw->link[peer].id;

    if (id != 0)
        xw->count.down++;
    else
        xw->count.unreachable++;
    rest(xw, peer);
    calls->on_down(calls->context, id, peer, why, detail);
}

void lk_xw_was_stranger(struct lk_xw *xw, enum lk_xw_down why, const char *detail)
{
    const struct lk_xw_calls *calls = &xw->setup.calls;

    xw->count.strangers++;
    calls->on_down(calls->context, 0, LK_XW_NOBODY, why, detail);
}

/* Over TCP the port says nothing. */
void lk_xw_was_foreign(struct lk_xw *xw, const struct lk_datagram_peer *from)
{
    struct lk_address address = lk_datagram_address(from);
    uint16_t port = xw->setup.transport == LK_XW_SCTP ? lk_datagram_port(from) : 0;
    char text[LK_ADDRESS_TEXT], detail[LK_ADDRESS_TEXT + 16];

    if (lk_address_equal(&address, &xw->foreign) && port == xw->foreign_port) {
        xw->count.strangers++;
        return;
    }
    xw->foreign = address;
    xw->foreign_port = port;
    lk_address_text(text, &address);
    (void)snprintf(detail, sizeof detail, port != 0 ? "%s port %u" : "%s", text, port);
    lk_xw_was_stranger(xw, LK_XW_DOWN_NO_PEER, detail);
}

void lk_xw_came_up(struct lk_xw *xw, size_t peer)
{
    const struct lk_xw_calls *calls = &xw->setup.calls;
    struct lk_xw_link *link = &xw->link[peer];
    uint64_t id = ++xw->numbered << PLACE_BITS | peer;
    uint64_t old = link->id;

    link->state = LK_XW_UP;
    link->id = id;
    link->wait_ms = xw->setup.retry_ms;
    xw->count.up++;
    if (old != 0) {
        xw->count.down++;
        calls->on_down(calls->context, old, peer, LK_XW_DOWN_REPLACED, "the peer began anew");
    }
    if (link->id == id)
        calls->on_up(calls->context, id, peer);
}

bool lk_xw_received(struct lk_xw *xw, size_t peer, struct lk_span message)
{
    const struct lk_xw_calls *calls = &xw->setup.calls;
    uint64_t id = xw->link[peer].id;

    xw->count.received++;
    calls->on_message(calls->context, id, message);
    return xw->link[peer].id == id;
}

/* ---- the user's calls ---- */

static struct lk_xw_link *find(struct lk_xw *xw, uint64_t id)
{
    size_t peer = id & ((1u << PLACE_BITS) - 1);

    return id != 0 && peer < xw->setup.peers && xw->link[peer].id == id ? &xw->link[peer] : NULL;
}

enum lk_status lk_xw_send(struct lk_xw *xw, uint64_t id, struct lk_span message)
{
    struct lk_xw_link *link = find(xw, id);
    enum lk_status status;

    if (link == NULL)
        return LK_E_NOT_FOUND;
    if (message.len == 0 || message.len > LK_XWAP_MAX)
        return LK_E_LENGTH;
    status = xw->carrier->send(xw, (size_t)(link - xw->link), message);
    if (status == LK_OK)
        xw->count.sent++;
    else if (status == LK_E_FULL)
        xw->count.full++;
    return status;
}

void lk_xw_close(struct lk_xw *xw, uint64_t id)
{
    struct lk_xw_link *link = find(xw, id);

    if (link == NULL)
        return;
    xw->carrier->close(xw, (size_t)(link - xw->link));
    xw->count.down++;
    rest(xw, (size_t)(link - xw->link));
}

uint64_t lk_xw_of_peer(const struct lk_xw *xw, size_t peer)
{
    return peer < xw->setup.peers ? xw->link[peer].id : 0;
}

const struct lk_xw_counters *lk_xw_counted(const struct lk_xw *xw)
{
    return &xw->count;
}

/* ---- time ---- */

static void on_tick(uv_timer_t *timer)
{
    struct lk_xw *xw = timer->data;

    xw->carrier->tick(xw);
    for (size_t i = 0; i < xw->setup.peers; i++) {
        struct lk_xw_link *link = &xw->link[i];

        if (!xw->setup.peer[i].dial || link->state != LK_XW_IDLE ||
            uv_now(xw->loop) < link->dial_at_ms)
            continue;
        link->state = LK_XW_DIALLING;
        if (!xw->carrier->dial(xw, i))
            lk_xw_went_down(xw, i, LK_XW_DOWN_UNREACHABLE, "it cannot be dialled");
    }
}

static void before_wait(uv_prepare_t *prepare)
{
    struct lk_xw *xw = prepare->data;

    if (xw->carrier->flush != NULL)
        xw->carrier->flush(xw);
}

static void begin_time(struct lk_xw *xw)
{
    xw->handles = 2;
    (void)uv_timer_init(xw->loop, &xw->tick);
    xw->tick.data = xw;
    (void)uv_timer_start(&xw->tick, on_tick, 0, xw->carrier->tick_ms);
    (void)uv_prepare_init(xw->loop, &xw->before_wait);
    xw->before_wait.data = xw;
    (void)uv_prepare_start(&xw->before_wait, before_wait);
}

/* ---- beginning and end ---- */

enum lk_status lk_xw_new(struct lk_xw **xw, uv_loop_t *loop, const struct lk_xw_setup *setup,
                         char error[LK_XW_ERROR_TEXT])
{
    struct lk_xw *new;
    enum lk_status status = check(setup, error);

    *xw = NULL;
    if (status != LK_OK)
        return status;
    new = calloc(1, sizeof *new);
    (void)snprintf(error, LK_XW_ERROR_TEXT, "no memory for Xw");
    if (new == NULL)
        return LK_E_SYSTEM;
    new->setup = *setup;
    new->loop = loop;
    new->carrier = setup->transport == LK_XW_SCTP ? &lk_xw_sctp : &lk_xw_tcp;
    for (size_t i = 0; i < setup->peers; i++)
        new->link[i].wait_ms = setup->retry_ms;
    status = new->carrier->begin(new, error);
    if (status != LK_OK) {
        free(new);
        return status;
    }
    begin_time(new);
    *xw = new;
    return LK_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct lk_xw *xw = handle->data;

    if (--xw->handles == 0)
        free(xw);
}

void lk_xw_free(struct lk_xw *xw)
{
    if (xw == NULL)
        return;
    for (size_t i = 0; i < xw->setup.peers; i++)
        if (xw->link[i].state != LK_XW_IDLE)
            xw->carrier->close(xw, i);
    if (xw->carrier->flush != NULL)
        xw->carrier->flush(xw);
    xw->carrier->end(xw);
    uv_close((uv_handle_t *)&xw->tick, on_handle_closed);
    uv_close((uv_handle_t *)&xw->before_wait, on_handle_closed);
}
