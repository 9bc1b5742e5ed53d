/* UDP in batches: up to 64 datagrams a system call, in buffers that are made once.
 *
 * Sockets of a port that is named are made with SO_REUSEPORT, so that each worker has its own and
 * the kernel spreads the clients over them. On a wildcard address the answer leaves from where the
 * request came to. */
#ifndef LK_IO_DATAGRAMS_H
#define LK_IO_DATAGRAMS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.h"

enum {
    LK_DATAGRAM_BATCH = 64,
    LK_DATAGRAM_MAX = 4096,
    LK_SOCKET_ERROR_TEXT = 256,
    LK_SOCKET_BUFFER = 4 * 1024 * 1024,
};

/* A non-blocking socket bound to address and port (0: one that nobody else has, nor can have while
 * this one is open). LK_E_SYSTEM: error says why. */
LK_MUST_CHECK enum lk_status lk_datagram_socket(int *fd, const struct lk_address *address,
                                                uint16_t port, char error[LK_SOCKET_ERROR_TEXT]);
/* Whether that one could be opened, and would be alone there. LK_E_EXISTS: somebody has it. */
LK_MUST_CHECK enum lk_status lk_datagram_port_is_free(const struct lk_address *address,
                                                      uint16_t port,
                                                      char error[LK_SOCKET_ERROR_TEXT]);

/* Where a socket is bound. LK_E_SYSTEM: nobody knows. */
LK_MUST_CHECK enum lk_status lk_datagram_bound(struct lk_address *address, uint16_t *port, int fd);

/* For sockets of all sorts: binds; says why one cannot be had, and what to do. */
LK_MUST_CHECK bool lk_socket_bind(int fd, const struct lk_address *address, uint16_t port);
void lk_socket_error(char error[LK_SOCKET_ERROR_TEXT], const char *transport,
                     const struct lk_address *address, uint16_t port, int why);

/* Where a datagram came from, and to which of our addresses: enough to answer it. */
struct lk_datagram_peer {
    int fd;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } from;
    bool has_local;
    struct in6_pktinfo local; /* IPv4: the address is mapped */
};

/* The other end at that address and port, for what we send first. */
struct lk_datagram_peer lk_datagram_to(int fd, const struct lk_address *address, uint16_t port);
/* The other end's address and port. */
struct lk_address lk_datagram_address(const struct lk_datagram_peer *peer);
uint16_t lk_datagram_port(const struct lk_datagram_peer *peer);

/* From now on the socket hears that nothing listens where its datagrams went (ICMP). A poll of
 * libuv ends with it (status below 0): take what there is, and begin the poll again. */
void lk_datagram_hear_unreachable(int fd);
/* Takes one: whose port is unreachable. False: there is none. */
LK_MUST_CHECK bool lk_datagram_unreachable(struct lk_datagram_peer *peer, int fd);

/* Is shown each datagram, as it is taken or put, in that order. */
struct lk_datagram_watch {
    void *context;
    /* NULL: nobody looks. out: from us to the peer. */
    void (*seen)(void *context, const struct lk_datagram_peer *peer, bool out,
                 struct lk_span octets);
};

struct lk_datagrams; /* one direction: buffers for a batch */
/* On the heap; NULL without memory. */
struct lk_datagrams *lk_datagrams_new(void);
void lk_datagrams_free(struct lk_datagrams *datagrams);

/* From now on four and more of a batch that go to one place one behind the other, all of one length
 * but the last, go through the kernel as one, which parts them where they leave: for tunnels. What
 * watches an interface of this machine may see them as one. */
void lk_datagrams_together(struct lk_datagrams *out);

void lk_datagrams_watch(struct lk_datagrams *datagrams, const struct lk_datagram_watch *watch);

/* Takes what waits at fd, at most a batch; returns how many. */
size_t lk_datagrams_receive(struct lk_datagrams *in, int fd);
/* One of them, 0 to count - 1. An empty span: it was longer than LK_DATAGRAM_MAX. */
struct lk_span lk_datagrams_at(const struct lk_datagrams *in, size_t index,
                               struct lk_datagram_peer *peer);

/* Queues octets for peer; sends the batch first when it is full. */
void lk_datagrams_put(struct lk_datagrams *out, const struct lk_datagram_peer *peer,
                      struct lk_span octets);
/* Sends what is queued. What the kernel does not take is lost, as datagrams are. Returns how many
 * were lost. */
size_t lk_datagrams_send(struct lk_datagrams *out);

#endif
