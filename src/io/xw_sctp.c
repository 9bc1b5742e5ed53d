/* Xw over SCTP: usrsctp without its own sockets and timers, over one UDP socket of ours.
 *
 *     loop: datagram of a peer --> usrsctp_conninput --+--> upcall: the socket is stirred
 *           tick --> usrsctp_handle_timers ------------+
 *                                                      +--> conn_output: a batch of datagrams
 *     then: of who was stirred, what came is read
 *
 * To the stack each peer is an "address" (AF_CONN): its place in our table. Who is waited for has
 * a socket that listens on that address alone, and so is not mistaken for another. The stack's
 * state is the process's, so there can be one of this.
 *
 * spec: RFC 6951 5.2 - an SCTP packet, its checksum too, is what a UDP datagram carries. */
#include "io/xw_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <usrsctp.h>

#include "base/secret.h"

enum {
    TICK_MS = 10,
    MISSES = 3,             /* heartbeats without an answer that are borne */
    SILENT_PARTS = 10,      /* of silent_ms: between heartbeats, and for an answer at most */
    ANSWER_MIN_MS = 50,
    SACK_MS = 20,
    DIAL_TRIES = 4,
    STREAMS_IN = 8,         /* a peer may use several; we use the first */
    STREAMS_OUT = 1,
    RECEIVE_ROOM = 64 * 1024,
    NOTE_ROOM = 256,        /* behind a message in parts: a word of the stack's own */
};

struct sctp_peer {
    struct lk_xw *xw;
    struct lk_datagram_peer to;
    struct socket *listener, *so;
    bool stirred;
    size_t len; /* of a message that came in parts */
    uint8_t octets[LK_XWAP_MAX + NOTE_ROOM];
};

struct sctp {
    uv_poll_t poll;
    struct lk_datagrams *in, *out;
    uint64_t last_ms; /* until when the stack has been told of time */
    size_t peers;
    struct sctp_peer peer[];
};

static struct sctp *the_one;

/* ---- what the stack calls ---- */

static int on_output(void *address, void *octets, size_t len, uint8_t tos, uint8_t set_df)
{
    const struct sctp_peer *p = address;

    (void)tos;
    (void)set_df;
    if (the_one == NULL || len > LK_DATAGRAM_MAX)
        return EMSGSIZE;
    lk_datagrams_put(the_one->out, &p->to, lk_span_of(octets, len));
    return 0;
}

/* Its locks may be held here: what is to be done is done later. */
static void on_stirred(struct socket *so, void *context, int flags)
{
    struct sctp_peer *p = context;

    (void)so;
    (void)flags;
    p->stirred = true;
}

/* ---- sockets of the stack ---- */

static bool prepare_socket(struct sctp_peer *p, struct socket *so)
{
    const struct linger abort_it = { 1, 0 };
    const struct sctp_event changes = { SCTP_ALL_ASSOC, SCTP_ASSOC_CHANGE, 1 };
    const struct sctp_initmsg streams = { .sinit_num_ostreams = STREAMS_OUT,
                                          .sinit_max_instreams = STREAMS_IN };
    static const int on = 1;
    static const int room = LK_XW_QUEUE;

    return usrsctp_set_non_blocking(so, 1) == 0 &&
           usrsctp_setsockopt(so, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it) == 0 &&
           usrsctp_setsockopt(so, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0 &&
           usrsctp_setsockopt(so, IPPROTO_SCTP, SCTP_EVENT, &changes, sizeof changes) == 0 &&
           usrsctp_setsockopt(so, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof streams) == 0 &&
           usrsctp_setsockopt(so, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on) == 0 &&
           usrsctp_setsockopt(so, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on) == 0 &&
           usrsctp_set_upcall(so, on_stirred, p) == 0;
}

static struct sockaddr_conn address_of(struct sctp_peer *p, uint16_t port)
{
    return (struct sockaddr_conn){ .sconn_family = AF_CONN,
                                   .sconn_port = htons(port),
                                   .sconn_addr = p };
}

/* Bound to what is the peer's; NULL when the stack will not. */
static struct socket *new_socket(struct sctp_peer *p, uint16_t port)
{
    struct sockaddr_conn local = address_of(p, port);
    struct socket *so = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);

    if (so != NULL && prepare_socket(p, so) &&
        usrsctp_bind(so, (struct sockaddr *)&local, sizeof local) == 0)
        return so;
    if (so != NULL)
        usrsctp_close(so);
    return NULL;
}

/* With ABORT, so that nothing of it stays here or there. */
static void drop(struct sctp_peer *p)
{
    if (p->so != NULL)
        usrsctp_close(p->so);
    p->so = NULL;
    lk_wipe(p->octets, sizeof p->octets);
    p->len = 0;
}

/* ---- what came ---- */

static size_t index_of(const struct sctp_peer *p)
{
    return (size_t)(p - the_one->peer);
}

static void lose(struct sctp_peer *p, enum lk_xw_down why, const char *detail)
{
    if (!lk_xw_is_up(p->xw, index_of(p)))
        why = LK_XW_DOWN_UNREACHABLE;
    drop(p);
    lk_xw_went_down(p->xw, index_of(p), why, detail);
}

/* False: it is over. */
static bool changed(struct sctp_peer *p, const struct sctp_assoc_change *change)
{
    uint64_t before = lk_xw_of_peer(p->xw, index_of(p));

    switch (change->sac_state) {
    case SCTP_COMM_UP:
        if (before == 0)
            lk_xw_came_up(p->xw, index_of(p));
        return p->so != NULL;
    case SCTP_RESTART:
        p->len = 0;
        lk_xw_came_up(p->xw, index_of(p));
        return p->so != NULL;
    case SCTP_SHUTDOWN_COMP:
        lose(p, LK_XW_DOWN_CLOSED, "the other end shut it down");
        return false;
    case SCTP_COMM_LOST:
        if (change->sac_length > sizeof *change) /* the chunk that ended it is behind it */
            lose(p, LK_XW_DOWN_CLOSED, "the other end aborted it");
        else
            lose(p, LK_XW_DOWN_SILENT, "no answer to heartbeats or data");
        return false;
    case SCTP_CANT_STR_ASSOC:
        lose(p, LK_XW_DOWN_UNREACHABLE, "no answer, or an ABORT");
        return false;
    default:
        return true;
    }
}

/* False: it is over. */
static bool came(struct sctp_peer *p, size_t len, uint32_t ppid, int flags)
{
    bool whole = (flags & MSG_EOR) != 0;
    bool goes_on;

    p->len += len;
    if (p->len > LK_XWAP_MAX) {
        lose(p, LK_XW_DOWN_TOO_LONG, "a message longer than XwAP's may be");
        return false;
    }
    if (!whole)
        return true;
    len = p->len;
    p->len = 0;
    /* Lists of IANA have 58 and 59 for Xw: which one is configuration. */
    if (ppid != p->xw->setup.ppid) {
        p->xw->count.ppid_wrong++;
        return true;
    }
    goes_on = lk_xw_received(p->xw, index_of(p), lk_span_of(p->octets, len));
    lk_wipe(p->octets, len);
    return goes_on;
}

/* False: nothing more is there, or it is over. */
static bool read_one(struct sctp_peer *p)
{
    struct sctp_rcvinfo info = { .rcv_ppid = 0 };
    socklen_t info_len = sizeof info;
    unsigned info_type = 0;
    int flags = 0;
    ssize_t got;
    struct sockaddr_conn from;
    socklen_t from_len = sizeof from;

    got = usrsctp_recvv(p->so, p->octets + p->len, sizeof p->octets - p->len,
                        (struct sockaddr *)&from, &from_len, &info, &info_len, &info_type, &flags);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ||
                    errno == ENOTCONN || errno == EINPROGRESS))
        return false;
    if (got <= 0) {
        lose(p, got == 0 ? LK_XW_DOWN_CLOSED : LK_XW_DOWN_BROKEN,
             got == 0 ? "the other end shut it down" : strerror(errno));
        return false;
    }
    if ((flags & MSG_NOTIFICATION) != 0) {
        struct sctp_assoc_change change = { .sac_type = 0 };

        if ((size_t)got < sizeof change)
            return true;
        memcpy(&change, p->octets + p->len, sizeof change);
        return change.sac_type != SCTP_ASSOC_CHANGE || changed(p, &change);
    }
    return came(p, (size_t)got, ntohl(info.rcv_ppid), flags);
}

static void take_new(struct sctp_peer *p)
{
    struct sockaddr_conn from;
    socklen_t len = sizeof from;
    struct socket *so;

    while (p->listener != NULL &&
           (so = usrsctp_accept(p->listener, (struct sockaddr *)&from, &len)) != NULL) {
        if (!prepare_socket(p, so)) {
            usrsctp_close(so);
            continue;
        }
        drop(p);
        p->so = so;
        lk_xw_came_up(p->xw, index_of(p));
    }
}

static void serve_stirred(struct sctp *sctp)
{
    for (size_t i = 0; i < sctp->peers; i++) {
        struct sctp_peer *p = &sctp->peer[i];

        if (!p->stirred)
            continue;
        p->stirred = false;
        take_new(p);
        while (p->so != NULL && read_one(p))
            continue;
    }
}

/* ---- the socket below ---- */

static struct sctp_peer *peer_of(struct sctp *sctp, const struct lk_datagram_peer *from)
{
    struct lk_address address = lk_datagram_address(from);

    for (size_t i = 0; i < sctp->peers; i++) {
        const struct lk_xw_peer *row = &sctp->peer[i].xw->setup.peer[i];

        if (row->port == lk_datagram_port(from) && lk_address_equal(&row->address, &address))
            return &sctp->peer[i];
    }
    return NULL;
}

static void on_datagrams(uv_poll_t *poll, int status, int events)
{
    struct lk_xw *xw = poll->data;
    struct sctp *sctp = xw->carried;
    uv_os_fd_t fd = -1;
    size_t count;

    (void)status;
    (void)events;
    (void)uv_fileno((uv_handle_t *)poll, &fd);
    count = lk_datagrams_receive(sctp->in, fd);
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer from;
        struct lk_span octets = lk_datagrams_at(sctp->in, i, &from);
        struct sctp_peer *p = peer_of(sctp, &from);

        if (p == NULL)
            lk_xw_was_foreign(xw, &from);
        else
            usrsctp_conninput(p, octets.at, octets.len, 0);
    }
    serve_stirred(sctp);
}

static void tick(struct lk_xw *xw)
{
    struct sctp *sctp = xw->carried;
    uint64_t now_ms = uv_now(xw->loop);

    if (now_ms > sctp->last_ms)
        usrsctp_handle_timers((uint32_t)(now_ms - sctp->last_ms));
    sctp->last_ms = now_ms;
    serve_stirred(sctp);
}

static void flush(struct lk_xw *xw)
{
    struct sctp *sctp = xw->carried;

    (void)lk_datagrams_send(sctp->out);
}

/* ---- what xw.c asks for ---- */

static bool dial(struct lk_xw *xw, size_t peer)
{
    struct sctp *sctp = xw->carried;
    struct sctp_peer *p = &sctp->peer[peer];
    struct sockaddr_conn to = address_of(p, xw->setup.sctp_port);

    drop(p);
    p->so = new_socket(p, 0);
    if (p->so == NULL)
        return false;
    if (usrsctp_connect(p->so, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS ||
        errno == 0)
        return true;
    drop(p);
    return false;
}

static enum lk_status send_message(struct lk_xw *xw, size_t peer, struct lk_span message)
{
    struct sctp *sctp = xw->carried;
    struct sctp_sndinfo info = { .snd_ppid = htonl(xw->setup.ppid) };

    if (usrsctp_sendv(sctp->peer[peer].so, message.at, message.len, NULL, 0, &info, sizeof info,
                      SCTP_SENDV_SNDINFO, 0) == (ssize_t)message.len)
        return LK_OK;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? LK_E_FULL
                                                                       : LK_E_NOT_FOUND;
}

static void close_peer(struct lk_xw *xw, size_t peer)
{
    struct sctp *sctp = xw->carried;

    drop(&sctp->peer[peer]);
}

/* ---- beginning and end ---- */

/* MISSES + 1 heartbeats, each with the longest wait for its answer, take silent_ms. What Xw does
 * not need of the protocol is off: what is not there has no faults. */
static void tune(const struct lk_xw_setup *setup)
{
    uint32_t part_ms = setup->silent_ms / SILENT_PARTS;
    uint32_t answer_min_ms = part_ms < 2 * ANSWER_MIN_MS ? part_ms / 2 : ANSWER_MIN_MS;

    (void)usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
    (void)usrsctp_sysctl_set_sctp_ecn_enable(0);
    (void)usrsctp_sysctl_set_sctp_pr_enable(0);
    (void)usrsctp_sysctl_set_sctp_auto_asconf(0);
    (void)usrsctp_sysctl_set_sctp_asconf_enable(0);
    (void)usrsctp_sysctl_set_sctp_auth_enable(0);
    (void)usrsctp_sysctl_set_sctp_reconfig_enable(0);
    (void)usrsctp_sysctl_set_sctp_nrsack_enable(0);
    (void)usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    (void)usrsctp_sysctl_set_sctp_rto_min_default(answer_min_ms);
    (void)usrsctp_sysctl_set_sctp_rto_max_default(part_ms);
    (void)usrsctp_sysctl_set_sctp_rto_initial_default(part_ms);
    (void)usrsctp_sysctl_set_sctp_init_rto_max_default(part_ms);
    (void)usrsctp_sysctl_set_sctp_heartbeat_interval_default(part_ms);
    (void)usrsctp_sysctl_set_sctp_delayed_sack_time_default(SACK_MS);
    (void)usrsctp_sysctl_set_sctp_assoc_rtx_max_default(MISSES);
    (void)usrsctp_sysctl_set_sctp_path_rtx_max_default(MISSES);
    (void)usrsctp_sysctl_set_sctp_init_rtx_max_default(DIAL_TRIES);
    (void)usrsctp_sysctl_set_sctp_nr_incoming_streams_default(STREAMS_IN);
    (void)usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(STREAMS_OUT);
    (void)usrsctp_sysctl_set_sctp_sendspace(LK_XW_QUEUE);
    (void)usrsctp_sysctl_set_sctp_recvspace(RECEIVE_ROOM);
}

static bool listen_to(struct sctp_peer *p, uint16_t port)
{
    p->listener = new_socket(p, port);
    return p->listener != NULL && usrsctp_listen(p->listener, 1) == 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct sctp *sctp = (struct sctp *)handle;

    lk_datagrams_free(sctp->in);
    lk_datagrams_free(sctp->out);
    free(sctp);
}

static void end(struct lk_xw *xw)
{
    struct sctp *sctp = xw->carried;

    for (size_t i = 0; i < sctp->peers; i++) {
        drop(&sctp->peer[i]);
        if (sctp->peer[i].listener != NULL)
            usrsctp_close(sctp->peer[i].listener);
        usrsctp_deregister_address(&sctp->peer[i]);
    }
    (void)lk_datagrams_send(sctp->out);
    (void)usrsctp_finish();
    the_one = NULL;
    uv_close((uv_handle_t *)&sctp->poll, on_closed);
}

static enum lk_status begin_stack(struct lk_xw *xw, char error[LK_XW_ERROR_TEXT])
{
    struct sctp *sctp = xw->carried;

    the_one = sctp;
    usrsctp_init_nothreads(0, on_output, NULL);
    tune(&xw->setup);
    for (size_t i = 0; i < sctp->peers; i++) {
        const struct lk_xw_peer *row = &xw->setup.peer[i];

        sctp->peer[i].xw = xw;
        sctp->peer[i].to = lk_datagram_to(xw->setup.socket, &row->address, row->port);
        usrsctp_register_address(&sctp->peer[i]);
        if (!row->dial && !listen_to(&sctp->peer[i], xw->setup.sctp_port)) {
            (void)snprintf(error, LK_XW_ERROR_TEXT, "usrsctp cannot listen on SCTP port %u",
                           xw->setup.sctp_port);
            return LK_E_SYSTEM;
        }
    }
    return LK_OK;
}

static enum lk_status begin(struct lk_xw *xw, char error[LK_XW_ERROR_TEXT])
{
    struct sctp *sctp;
    enum lk_status status;

    (void)snprintf(error, LK_XW_ERROR_TEXT, "there is one Xw over SCTP in this process already");
    if (the_one != NULL)
        return LK_E_EXISTS;
    (void)snprintf(error, LK_XW_ERROR_TEXT, "no memory, or no socket, for Xw over SCTP");
    sctp = calloc(1, sizeof *sctp + xw->setup.peers * sizeof sctp->peer[0]);
    if (sctp == NULL)
        return LK_E_SYSTEM;
    sctp->peers = xw->setup.peers;
    sctp->in = lk_datagrams_new();
    sctp->out = lk_datagrams_new();
    sctp->last_ms = uv_now(xw->loop);
    if (sctp->in == NULL || sctp->out == NULL ||
        uv_poll_init(xw->loop, &sctp->poll, xw->setup.socket) != 0) {
        lk_datagrams_free(sctp->in);
        lk_datagrams_free(sctp->out);
        free(sctp);
        return LK_E_SYSTEM;
    }
    lk_datagrams_watch(sctp->in, &xw->setup.watch);
    lk_datagrams_watch(sctp->out, &xw->setup.watch);
    xw->carried = sctp;
    sctp->poll.data = xw;
    (void)uv_poll_start(&sctp->poll, UV_READABLE, on_datagrams);
    status = begin_stack(xw, error);
    if (status != LK_OK)
        end(xw);
    return status;
}

const struct lk_xw_carrier lk_xw_sctp = {
    .begin = begin,
    .dial = dial,
    .send = send_message,
    .close = close_peer,
    .tick = tick,
    .flush = flush,
    .end = end,
    .tick_ms = TICK_MS,
};
