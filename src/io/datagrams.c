#include "io/datagrams.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/peer.h"

enum {
    CONTROL_LEN = 64,
    TOGETHER_LEAST = 4, /* fewer are not worth it */
    TOGETHER_MAX = 61440, /* octets */
};

#ifndef UDP_SEGMENT
enum { UDP_SEGMENT = 103 };
#endif

/* ---- sockets ---- */

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* A port that the kernel chooses is not shared: among sockets that would share it, the kernel takes
 * any, also one that another socket of this user has, and what is sent to the one comes to the
 * other. */
static bool set_options(int fd, const struct lk_address *address, uint16_t port)
{
    bool v4 = lk_address_is_v4(address);

    if (port != 0 && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return false;
    if (!v4 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        return false;
    if (lk_address_is_any(address) &&
        !(v4 ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)))
        return false;
    /* A large receive buffer carries us over a restart of the worker. Best effort: without the
     * privilege the kernel's own limit holds. */
    if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, LK_SOCKET_BUFFER))
        (void)set(fd, SOL_SOCKET, SO_RCVBUF, LK_SOCKET_BUFFER);
    if (!set(fd, SOL_SOCKET, SO_SNDBUFFORCE, LK_SOCKET_BUFFER))
        (void)set(fd, SOL_SOCKET, SO_SNDBUF, LK_SOCKET_BUFFER);
    return true;
}

bool lk_socket_bind(int fd, const struct lk_address *address, uint16_t port)
{
    struct sockaddr_storage at;
    socklen_t len = lk_peer_sockaddr(&at, address, port);

    return bind(fd, (struct sockaddr *)&at, len) == 0;
}

static const char *remedy(int why)
{
    if (why == EACCES)
        return " (ports below 1024 need privileges: use another)";
    if (why == EADDRINUSE)
        return " (another server is there: stop it, or use another port)";
    if (why == EADDRNOTAVAIL)
        return " (no interface of this machine has this address: write one that ip address shows)";
    return "";
}

void lk_socket_error(char error[LK_SOCKET_ERROR_TEXT], const char *transport,
                     const struct lk_address *address, uint16_t port, int why)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    (void)snprintf(error, LK_SOCKET_ERROR_TEXT, "cannot listen on %s %s port %u: %s%s", transport,
                   text, port, strerror(why), remedy(why));
}

enum lk_status lk_datagram_socket(int *fd, const struct lk_address *address, uint16_t port,
                                  char error[LK_SOCKET_ERROR_TEXT])
{
    int family = lk_address_is_v4(address) ? AF_INET : AF_INET6;

    *fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && set_options(*fd, address, port) && lk_socket_bind(*fd, address, port))
        return LK_OK;
    lk_socket_error(error, "UDP", address, port, errno);
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    return LK_E_SYSTEM;
}

enum lk_status lk_datagram_port_is_free(const struct lk_address *address, uint16_t port,
                                        char error[LK_SOCKET_ERROR_TEXT])
{
    bool v4 = lk_address_is_v4(address);
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int why = 0;

    if (fd >= 0 && !v4)
        (void)set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (fd < 0 || !lk_socket_bind(fd, address, port))
        why = errno;
    if (fd >= 0)
        (void)close(fd);
    if (why == 0)
        return LK_OK;
    lk_socket_error(error, "UDP", address, port, why);
    return why == EADDRINUSE ? LK_E_EXISTS : LK_E_SYSTEM;
}

/* ---- peers ---- */

struct lk_datagram_peer lk_datagram_to(int fd, const struct lk_address *address, uint16_t port)
{
    struct lk_datagram_peer peer = { .fd = fd };

    if (lk_address_is_v4(address)) {
        peer.from.v4.sin_family = AF_INET;
        peer.from.v4.sin_port = htons(port);
        memcpy(&peer.from.v4.sin_addr, address->octets + 12, sizeof peer.from.v4.sin_addr);
    } else {
        peer.from.v6.sin6_family = AF_INET6;
        peer.from.v6.sin6_port = htons(port);
        memcpy(&peer.from.v6.sin6_addr, address->octets, sizeof peer.from.v6.sin6_addr);
    }
    return peer;
}

struct lk_address lk_datagram_address(const struct lk_datagram_peer *peer)
{
    struct lk_address address;

    if (peer->from.any.sa_family == AF_INET)
        return lk_address_v4((const uint8_t *)&peer->from.v4.sin_addr);
    memcpy(address.octets, &peer->from.v6.sin6_addr, sizeof address.octets);
    return address;
}

uint16_t lk_datagram_port(const struct lk_datagram_peer *peer)
{
    return ntohs(peer->from.any.sa_family == AF_INET ? peer->from.v4.sin_port
                                                     : peer->from.v6.sin6_port);
}

/* One of the two is the socket's. */
void lk_datagram_hear_unreachable(int fd)
{
    (void)(set(fd, IPPROTO_IP, IP_RECVERR, 1) || set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
}

static int error_in(struct msghdr *message)
{
    struct sock_extended_err error = { .ee_errno = 0 };

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
        if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            memcpy(&error, CMSG_DATA(c), sizeof error);
    return (int)error.ee_errno;
}

bool lk_datagram_unreachable(struct lk_datagram_peer *peer, int fd)
{
    for (;;) {
        alignas(struct cmsghdr) uint8_t control[512];
        struct msghdr message = { .msg_name = &peer->from, .msg_namelen = sizeof peer->from,
                                  .msg_control = control, .msg_controllen = sizeof control };

        *peer = (struct lk_datagram_peer){ .fd = fd };
        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return false;
        if (error_in(&message) == ECONNREFUSED)
            return true;
    }
}

enum lk_status lk_datagram_bound(struct lk_address *address, uint16_t *port, int fd)
{
    struct lk_datagram_peer own = { .fd = fd };
    socklen_t len = sizeof own.from;

    if (getsockname(fd, &own.from.any, &len) != 0)
        return LK_E_SYSTEM;
    *address = lk_datagram_address(&own);
    *port = lk_datagram_port(&own);
    return LK_OK;
}

/* ---- batches ---- */

struct lk_datagrams {
    size_t count;
    int fd; /* sending: of the whole batch */
    bool together; /* those to one place, unless the kernel has refused them */
    struct lk_datagram_watch watch;
    struct mmsghdr header[LK_DATAGRAM_BATCH];
    struct mmsghdr run[LK_DATAGRAM_BATCH]; /* sending: of those that go together */
    struct iovec part[LK_DATAGRAM_BATCH];
    struct lk_datagram_peer peer[LK_DATAGRAM_BATCH];
    struct {
        alignas(struct cmsghdr) uint8_t octets[CONTROL_LEN];
    } control[LK_DATAGRAM_BATCH];
    uint8_t octets[LK_DATAGRAM_BATCH][LK_DATAGRAM_MAX];
};

struct lk_datagrams *lk_datagrams_new(void)
{
    struct lk_datagrams *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    for (size_t i = 0; i < LK_DATAGRAM_BATCH; i++) {
        d->part[i].iov_base = d->octets[i];
        d->header[i].msg_hdr.msg_iov = &d->part[i];
        d->header[i].msg_hdr.msg_iovlen = 1;
        d->header[i].msg_hdr.msg_name = &d->peer[i].from;
    }
    return d;
}

void lk_datagrams_free(struct lk_datagrams *datagrams)
{
    free(datagrams);
}

void lk_datagrams_together(struct lk_datagrams *out)
{
    out->together = true;
}

void lk_datagrams_watch(struct lk_datagrams *datagrams, const struct lk_datagram_watch *watch)
{
    datagrams->watch = *watch;
}

static void show(const struct lk_datagrams *d, const struct lk_datagram_peer *peer, bool out,
                 struct lk_span octets)
{
    if (d->watch.seen != NULL)
        d->watch.seen(d->watch.context, peer, out, octets);
}

/* Which of our addresses it came to, when the socket is bound to all of them. */
static void note_local(struct lk_datagram_peer *peer, struct msghdr *header)
{
    peer->has_local = false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            struct lk_address mapped;

            memcpy(&info, CMSG_DATA(c), sizeof info);
            mapped = lk_address_v4((const uint8_t *)&info.ipi_spec_dst);
            memcpy(&peer->local.ipi6_addr, mapped.octets, sizeof mapped.octets);
            peer->local.ipi6_ifindex = 0;
            peer->has_local = true;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&peer->local, CMSG_DATA(c), sizeof peer->local);
            peer->has_local = true;
        }
    }
}

size_t lk_datagrams_receive(struct lk_datagrams *in, int fd)
{
    int count;

    for (size_t i = 0; i < LK_DATAGRAM_BATCH; i++) {
        in->part[i].iov_len = LK_DATAGRAM_MAX;
        in->header[i].msg_hdr.msg_namelen = sizeof in->peer[i].from;
        in->header[i].msg_hdr.msg_control = &in->control[i];
        in->header[i].msg_hdr.msg_controllen = sizeof in->control[i];
    }
    count = recvmmsg(fd, in->header, LK_DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
    in->count = count < 0 ? 0 : (size_t)count;
    for (size_t i = 0; i < in->count; i++) {
        in->peer[i].fd = fd;
        note_local(&in->peer[i], &in->header[i].msg_hdr);
    }
    return in->count;
}

struct lk_span lk_datagrams_at(const struct lk_datagrams *in, size_t index,
                               struct lk_datagram_peer *peer)
{
    struct lk_span octets;
    bool whole;

    LK_ASSERT(index < in->count);
    *peer = in->peer[index];
    whole = (in->header[index].msg_hdr.msg_flags & MSG_TRUNC) == 0;
    octets = lk_span_of(in->octets[index], whole ? in->header[index].msg_len : 0);
    show(in, peer, false, octets);
    return octets;
}

/* Lets the answer leave from the address that the request came to. */
static void put_local(struct lk_datagrams *out, size_t i)
{
    struct msghdr *header = &out->header[i].msg_hdr;
    const struct lk_datagram_peer *peer = &out->peer[i];
    struct cmsghdr *c;

    header->msg_control = NULL;
    header->msg_controllen = 0;
    if (!peer->has_local)
        return;
    header->msg_control = &out->control[i];
    header->msg_controllen = sizeof out->control[i];
    c = CMSG_FIRSTHDR(header);
    if (peer->from.any.sa_family == AF_INET) {
        struct in_pktinfo info = { .ipi_ifindex = 0 };

        memcpy(&info.ipi_spec_dst, peer->local.ipi6_addr.s6_addr + 12, sizeof info.ipi_spec_dst);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
        header->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        c->cmsg_level = IPPROTO_IPV6;
        c->cmsg_type = IPV6_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof peer->local);
        memcpy(CMSG_DATA(c), &peer->local, sizeof peer->local);
        header->msg_controllen = CMSG_SPACE(sizeof peer->local);
    }
}

void lk_datagrams_put(struct lk_datagrams *out, const struct lk_datagram_peer *peer,
                      struct lk_span octets)
{
    size_t i;

    LK_ASSERT(octets.len <= LK_DATAGRAM_MAX);
    show(out, peer, true, octets);
    if (out->count == LK_DATAGRAM_BATCH || (out->count > 0 && out->fd != peer->fd))
        (void)lk_datagrams_send(out);
    i = out->count++;
    out->fd = peer->fd;
    out->peer[i] = *peer;
    memcpy(out->octets[i], octets.at, octets.len);
    out->part[i].iov_len = octets.len;
    out->header[i].msg_hdr.msg_namelen =
        peer->from.any.sa_family == AF_INET ? sizeof peer->from.v4 : sizeof peer->from.v6;
    put_local(out, i);
}

/* ---- several as one ---- */

static struct lk_span raw(const void *at, size_t len)
{
    return lk_span_of(at, len);
}

static bool same_way(const struct lk_datagram_peer *a, const struct lk_datagram_peer *b)
{
    size_t len = a->from.any.sa_family == AF_INET ? sizeof a->from.v4 : sizeof a->from.v6;

    return lk_span_equal(raw(&a->from, len), raw(&b->from, len)) && a->has_local == b->has_local &&
           (!a->has_local || lk_span_equal(raw(&a->local, sizeof a->local),
                                           raw(&b->local, sizeof b->local)));
}

/* Those from first on to one place and of one length, the last perhaps shorter: the kernel takes
 * them as one and parts them where they leave. */
static size_t run_from(const struct lk_datagrams *out, size_t first)
{
    size_t len = out->part[first].iov_len, end = first + 1, total = len;

    while (end < out->count && out->part[end - 1].iov_len == len && len > 0 &&
           out->part[end].iov_len <= len && out->part[end].iov_len > 0 &&
           total + out->part[end].iov_len <= TOGETHER_MAX &&
           same_way(&out->peer[first], &out->peer[end]))
        total += out->part[end++].iov_len;
    return end - first >= TOGETHER_LEAST ? end - first : 1;
}

static void put_length(struct msghdr *header, uint8_t control[CONTROL_LEN], uint16_t len)
{
    size_t used = header->msg_controllen;
    struct cmsghdr *c;

    _Static_assert(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)) <=
                       CONTROL_LEN, "both fit");
    header->msg_control = control;
    header->msg_controllen = used + CMSG_SPACE(sizeof len);
    c = (struct cmsghdr *)(void *)(control + used);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof len);
    memcpy(CMSG_DATA(c), &len, sizeof len);
}

/* Returns how many runs there are from first on. */
static unsigned gather(struct lk_datagrams *out, size_t first, bool together)
{
    unsigned runs = 0;

    while (first < out->count) {
        size_t count = together ? run_from(out, first) : 1;
        struct msghdr *header = &out->run[runs++].msg_hdr;

        *header = out->header[first].msg_hdr;
        header->msg_iovlen = count;
        if (count > 1)
            put_length(header, out->control[first].octets, (uint16_t)out->part[first].iov_len);
        first += count;
    }
    return runs;
}

/* It will not be otherwise the next time: an old kernel, no checksums on that way, a segment that
 * is longer than the path takes. */
static bool is_for_good(int error)
{
    return error == EINVAL || error == EMSGSIZE || error == EIO || error == EOPNOTSUPP;
}

size_t lk_datagrams_send(struct lk_datagrams *out)
{
    size_t done = 0;
    size_t lost = 0;
    bool again = false, together = out->together;

    while (done < out->count) {
        unsigned runs = gather(out, done, together);
        int sent = sendmmsg(out->fd, out->run, runs, MSG_DONTWAIT);

        if (sent > 0) {
            for (int i = 0; i < sent; i++)
                done += out->run[i].msg_hdr.msg_iovlen;
            again = false;
        } else if (errno == ECONNREFUSED && !again) {
            again = true; /* of what was sent before, as somebody says by ICMP: not of this one */
        } else if (errno != EINTR && out->run[0].msg_hdr.msg_iovlen > 1) {
            together = false;
            out->together = out->together && !is_for_good(errno);
        } else if (errno != EINTR) {
            /* The first of the rest cannot be sent; the others may have other destinations. */
            done++;
            lost++;
            again = false;
        }
    }
    out->count = 0;
    return lost;
}
