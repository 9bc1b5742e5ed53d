/* A TUN device: IP packets of the kernel as reads and writes. It is made in the network namespace
 * that the process is in (unshare --user --net makes one without being root). */
#ifndef LK_IO_TUN_H
#define LK_IO_TUN_H

#include "base/address.h"

enum { LK_TUN_NETWORKS = 16, LK_TUN_MTU = 1400 };

struct lk_tun_setup {
    const char *name; /* at most 15 characters */
    size_t networks;
    struct lk_address_prefix network[LK_TUN_NETWORKS]; /* what lies behind it */
};

/* A non-blocking descriptor; the device is up, and the kernel sends packets of these networks to
 * it. LK_E_SYSTEM: error says why not. */
LK_MUST_CHECK enum lk_status lk_tun_open(int *fd, const struct lk_tun_setup *setup, char *error,
                                         size_t cap);

#endif
