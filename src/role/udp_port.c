#include "role/udp_port.h"

#include "base/check.h"
#include "role/shared.h"

enum { ROUNDS = 4 }; /* batches from one port before the others have their turn */

static size_t read_batch(const struct lk_udp_port *port)
{
    const struct lk_udp_owner *owner = port->owner;
    size_t count = lk_datagrams_receive(owner->in, port->fd);

    if (owner->begin != NULL)
        owner->begin(owner->context);
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;
        struct lk_span octets = lk_datagrams_at(owner->in, i, &peer);

        if (owner->count != NULL)
            lk_count(owner->count);
        port->receive(owner->context, port, &peer, octets);
    }
    if (owner->end != NULL)
        owner->end(owner->context);
    return count;
}

static void on_readable(uv_poll_t *poll, int status, int events);

/* What ICMP says ends the poll of libuv. */
static void hear_unreachable(struct lk_udp_port *port)
{
    struct lk_datagram_peer peer;

    (void)uv_poll_start(&port->poll, UV_READABLE, on_readable);
    while (port->unreachable != NULL && lk_datagram_unreachable(&peer, port->fd))
        port->unreachable(port->owner->context, port, &peer);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct lk_udp_port *port = poll->data;

    (void)events;
    if (status < 0)
        hear_unreachable(port);
    for (unsigned round = 0; round < ROUNDS; round++)
        if (read_batch(port) < LK_DATAGRAM_BATCH)
            break;
}

void lk_udp_port_begin(struct lk_udp_port *port, const struct lk_udp_owner *owner, int fd,
                       unsigned serves, lk_udp_receive *receive)
{
    int status = uv_poll_init(owner->loop, &port->poll, fd);

    LK_ASSERT(status == 0);
    port->poll.data = port;
    port->owner = owner;
    port->receive = receive;
    port->unreachable = NULL;
    port->serves = serves;
    port->fd = fd;
    (void)uv_poll_start(&port->poll, UV_READABLE, on_readable);
}

void lk_udp_port_hear_unreachable(struct lk_udp_port *port, lk_udp_unreachable *unreachable)
{
    port->unreachable = unreachable;
    lk_datagram_hear_unreachable(port->fd);
}

void lk_udp_port_end(struct lk_udp_port *port)
{
    (void)uv_poll_stop(&port->poll);
}
