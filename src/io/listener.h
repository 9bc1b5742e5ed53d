/* TCP sockets that listen, one a process: with SO_REUSEPORT the kernel spreads connections over
 * them, and the supervisor keeps them while a process is replaced. */
#ifndef LK_IO_LISTENER_H
#define LK_IO_LISTENER_H

#include "io/datagrams.h"

/* A non-blocking socket that listens on address and port. LK_E_SYSTEM: error says why. */
LK_MUST_CHECK enum lk_status lk_listener_socket(int *fd, const struct lk_address *address,
                                                uint16_t port, char error[LK_SOCKET_ERROR_TEXT]);
/* Whether that one would be alone there. LK_E_EXISTS: somebody has it. */
LK_MUST_CHECK enum lk_status lk_listener_port_is_free(const struct lk_address *address,
                                                      uint16_t port,
                                                      char error[LK_SOCKET_ERROR_TEXT]);

#endif
