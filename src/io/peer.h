/* The other end of a connection: address and port, to and from what sockets speak. */
#ifndef LK_IO_PEER_H
#define LK_IO_PEER_H

#include <sys/socket.h>

#include "base/address.h"

struct lk_peer {
    struct lk_address address;
    uint16_t port;
};

struct lk_peer lk_peer_of(const struct sockaddr_storage *from);
/* The other way; returns how much of it holds something. */
socklen_t lk_peer_sockaddr(struct sockaddr_storage *to, const struct lk_address *address,
                           uint16_t port);
/* Of a connection of TCP: small messages go at once; one whose peer is gone without a word ends. */
void lk_peer_options(int fd);

#endif
