/* The UDP ports of a process: each is read in batches, and each datagram handed to whoever the port
 * is for. What a batch brings about goes out together: between begin and end it gathers. */
#ifndef LK_ROLE_UDP_PORT_H
#define LK_ROLE_UDP_PORT_H

#include <uv.h>

#include "io/datagrams.h"

/* What the ports of one process share. It stays where it is. */
struct lk_udp_owner {
    uv_loop_t *loop;
    struct lk_datagrams *in;
    void *context;
    void (*begin)(void *context); /* before each batch; NULL: nothing to do, as for the next */
    void (*end)(void *context);   /* and behind it */
    uint64_t *count;              /* of datagrams, lk_count; NULL: who receives counts */
};

struct lk_udp_port;

/* An empty span: it was longer than LK_DATAGRAM_MAX. */
typedef void lk_udp_receive(void *context, const struct lk_udp_port *port,
                            const struct lk_datagram_peer *peer, struct lk_span octets);

/* Nothing listens where a datagram went. */
typedef void lk_udp_unreachable(void *context, const struct lk_udp_port *port,
                                const struct lk_datagram_peer *peer);

struct lk_udp_port {
    uv_poll_t poll;
    const struct lk_udp_owner *owner;
    lk_udp_receive *receive;
    lk_udp_unreachable *unreachable; /* NULL: nobody wants to know */
    unsigned serves; /* what it is for, as its owner counts them */
    int fd;
};

void lk_udp_port_begin(struct lk_udp_port *port, const struct lk_udp_owner *owner, int fd,
                       unsigned serves, lk_udp_receive *receive);
void lk_udp_port_hear_unreachable(struct lk_udp_port *port, lk_udp_unreachable *unreachable);
/* Nothing more is read; the socket stays open. */
void lk_udp_port_end(struct lk_udp_port *port);

#endif
