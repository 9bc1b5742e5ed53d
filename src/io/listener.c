#include "io/listener.h"

#include <errno.h>
#include <unistd.h>

enum { BACKLOG = 128 };

/* Bound, with the options that are on; -1 and errno when that failed. */
static int bound(const struct lk_address *address, uint16_t port, bool shares)
{
    static const int on = 1;
    bool v4 = lk_address_is_v4(address);
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int why;

    if (fd < 0)
        return -1;
    /* Connections of a daemon before us, which linger on, are nobody in our way. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if ((shares && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        (!v4 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        !lk_socket_bind(fd, address, port) || (shares && listen(fd, BACKLOG) != 0)) {
        why = errno;
        (void)close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

enum lk_status lk_listener_socket(int *fd, const struct lk_address *address, uint16_t port,
                                  char error[LK_SOCKET_ERROR_TEXT])
{
    *fd = bound(address, port, true);
    if (*fd >= 0)
        return LK_OK;
    lk_socket_error(error, "TCP", address, port, errno);
    return LK_E_SYSTEM;
}

enum lk_status lk_listener_port_is_free(const struct lk_address *address, uint16_t port,
                                        char error[LK_SOCKET_ERROR_TEXT])
{
    int fd = bound(address, port, false);
    int why = errno;

    if (fd >= 0) {
        (void)close(fd);
        return LK_OK;
    }
    lk_socket_error(error, "TCP", address, port, why);
    return why == EADDRINUSE ? LK_E_EXISTS : LK_E_SYSTEM;
}
