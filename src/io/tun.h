/* A TUN device: IP packets of the kernel as reads and writes. It is made in the network namespace
 * that the process is in; tun_apart.h makes one in a namespace of its own. */
#ifndef LK_IO_TUN_H
#define LK_IO_TUN_H

#include "base/address.h"

/* The MTU leaves an Ethernet's 1500 octets a hundred for what carries the packets: the outer
 * header, UDP, the tunnel's own, and those of a foreign agent. So TCP at either end never says a
 * segment that does not fit, and nobody has to hear of it by ICMP. */
enum { LK_TUN_NETWORKS = 16, LK_TUN_MTU = 1400, LK_TUN_NAME = 16 };

struct lk_tun_setup {
    char name[LK_TUN_NAME];
    struct lk_address address4, address6; /* the kernel's own on it; any: none */
    size_t networks;
    struct lk_address_prefix network[LK_TUN_NETWORKS]; /* what lies behind it */
};

/* A non-blocking descriptor; the device is up, and the kernel sends packets of these networks to
 * it. LK_E_SYSTEM: error says why not. */
LK_MUST_CHECK enum lk_status lk_tun_open(int *fd, const struct lk_tun_setup *setup, char *error,
                                         size_t cap);
/* Gives the device of that name the kernel's own addresses of setup, instead of those of before,
 * and the routes to setup's networks, which go with an address. False: errno. */
LK_MUST_CHECK bool lk_tun_address(const struct lk_tun_setup *setup,
                                  const struct lk_tun_setup *before);

#endif
