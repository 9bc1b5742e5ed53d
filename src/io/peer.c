#include "io/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

struct lk_peer lk_peer_of(const struct sockaddr_storage *from)
{
    const struct sockaddr_in *v4 = (const void *)from;
    const struct sockaddr_in6 *v6 = (const void *)from;
    struct lk_peer peer = { .port = 0 };

    if (from->ss_family == AF_INET) {
        peer.address = lk_address_v4((const uint8_t *)&v4->sin_addr);
        peer.port = ntohs(v4->sin_port);
    } else {
        memcpy(peer.address.octets, &v6->sin6_addr, sizeof peer.address.octets);
        peer.port = ntohs(v6->sin6_port);
    }
    return peer;
}

socklen_t lk_peer_sockaddr(struct sockaddr_storage *to, const struct lk_address *address,
                           uint16_t port)
{
    struct sockaddr_in *v4 = (void *)to;
    struct sockaddr_in6 *v6 = (void *)to;

    memset(to, 0, sizeof *to);
    if (lk_address_is_v4(address)) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, address->octets + 12, sizeof v4->sin_addr);
        return sizeof *v4;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    memcpy(&v6->sin6_addr, address->octets, sizeof v6->sin6_addr);
    return sizeof *v6;
}

void lk_peer_options(int fd)
{
    enum { KEEPALIVE_S = 30, UNANSWERED_MS = 20000 };
    const struct {
        int level, option, value;
    } options[] = {
        { IPPROTO_TCP, TCP_NODELAY, 1 },
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S },
        { IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S / 3 },
        { IPPROTO_TCP, TCP_USER_TIMEOUT, UNANSWERED_MS },
    };

    for (size_t i = 0; i < LK_COUNT_OF(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].option, &options[i].value,
                         sizeof options[i].value);
}
