/* Ua over TLS-PSK, before a thread is given: the first record of TLS, which has the ClientHello, is
 * waited for on the loop, where a stranger costs a socket. It stays in the socket, for the library
 * to read. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "role/naf_process.h"

enum {
    HELLO_MS = 5000,
    AT_ONCE = 16,
    HEADER = 5,
    HANDSHAKE = 22,
    RECORD_MAX = 1 << 14,
};

static void wake_with(int fd, int octets)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &octets, sizeof octets);
}

/* ---- their places ---- */

/* The oldest that is whole, or that is not. NULL: none. */
static struct lk_naf_hello *oldest(struct lk_naf_process *naf, bool whole)
{
    struct lk_naf_hello *found = NULL;

    for (size_t i = 0; i < LK_NAF_HELLOS; i++) {
        struct lk_naf_hello *hello = &naf->hello[i];

        if (hello->fd >= 0 && hello->whole == whole &&
            (found == NULL || hello->order < found->order))
            found = hello;
    }
    return found;
}

static void drop(struct lk_naf_process *naf, struct lk_naf_hello *hello)
{
    lk_process_count(&naf->process, LK_NAF_OWN_TLS_REFUSED);
    (void)close(hello->fd); /* it leaves the epoll with that */
    hello->fd = -1;
}

static struct lk_naf_hello *place(struct lk_naf_process *naf)
{
    struct lk_naf_hello *silent;

    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        if (naf->hello[i].fd < 0)
            return &naf->hello[i];
    silent = oldest(naf, false);
    if (silent != NULL)
        drop(naf, silent);
    return silent;
}

bool lk_naf_hello_take(struct lk_naf_process *naf, int fd, const struct lk_peer *peer)
{
    struct lk_naf_hello *hello = place(naf);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = hello };

    if (hello == NULL || epoll_ctl(naf->hello_epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        return false;
    *hello = (struct lk_naf_hello){ .fd = fd, .wanted = HEADER, .since_ms = lk_mono_ms(),
                                    .order = ++naf->hellos_taken, .from = peer->address,
                                    .source = lk_address_source(&peer->address) };
    wake_with(fd, HEADER);
    return true;
}

unsigned lk_naf_hello_count(const struct lk_naf_process *naf,
                            const struct lk_address_prefix *source)
{
    unsigned count = 0;

    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        if (naf->hello[i].fd >= 0 && lk_address_prefix_equal(source, &naf->hello[i].source))
            count++;
    return count;
}

bool lk_naf_hello_next(struct lk_naf_process *naf, struct lk_naf_hello *hello)
{
    struct lk_naf_hello *found = oldest(naf, true);

    if (found == NULL)
        return false;
    *hello = *found;
    found->fd = -1;
    return true;
}

size_t lk_naf_hello_waiting(const struct lk_naf_process *naf)
{
    size_t count = 0;

    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        count += naf->hello[i].fd >= 0 && naf->hello[i].whole ? 1 : 0;
    return count;
}

void lk_naf_hello_expire(struct lk_naf_process *naf)
{
    uint64_t now_ms = lk_mono_ms();

    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        if (naf->hello[i].fd >= 0 && now_ms - naf->hello[i].since_ms >= HELLO_MS)
            drop(naf, &naf->hello[i]);
}

/* ---- what they say ---- */

/* spec: RFC 8446 5.1 - a record: type, version (2), length (2). What is no record of a handshake
 * that could be is judged by the library, at once. */
static size_t record_len(const uint8_t header[HEADER])
{
    size_t len = (size_t)header[3] << 8 | header[4];

    return header[0] == HANDSHAKE && len <= RECORD_MAX ? HEADER + len : HEADER;
}

/* There are as many octets as are wanted, or it has ended. */
static void listen_to(struct lk_naf_process *naf, struct lk_naf_hello *hello)
{
    static uint8_t octets[HEADER + RECORD_MAX];
    ssize_t got = recv(hello->fd, octets, sizeof octets, MSG_PEEK | MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < (ssize_t)hello->wanted) {
        drop(naf, hello);
        return;
    }
    hello->wanted = record_len(octets);
    hello->whole = got >= (ssize_t)hello->wanted;
    wake_with(hello->fd, hello->whole ? 1 : (int)hello->wanted);
    if (hello->whole)
        (void)epoll_ctl(naf->hello_epoll, EPOLL_CTL_DEL, hello->fd, NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct lk_naf_process *naf = poll->data;
    struct epoll_event ready[AT_ONCE];
    int count = epoll_wait(naf->hello_epoll, ready, AT_ONCE, 0);

    (void)status;
    (void)events;
    for (int i = 0; i < count; i++)
        listen_to(naf, ready[i].data.ptr);
    lk_naf_tls_go_on(naf);
}

bool lk_naf_hello_begin(struct lk_naf_process *naf)
{
    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        naf->hello[i].fd = -1;
    naf->hello_epoll = epoll_create1(EPOLL_CLOEXEC);
    if (naf->hello_epoll < 0 ||
        uv_poll_init(&naf->process.loop, &naf->hellos, naf->hello_epoll) != 0)
        return false;
    naf->hellos.data = naf;
    return uv_poll_start(&naf->hellos, UV_READABLE, on_poll) == 0;
}

void lk_naf_hello_end(struct lk_naf_process *naf)
{
    (void)uv_poll_stop(&naf->hellos);
    for (size_t i = 0; i < LK_NAF_HELLOS; i++)
        if (naf->hello[i].fd >= 0)
            drop(naf, &naf->hello[i]);
    (void)close(naf->hello_epoll);
}
