/* The TUN device of a kind of process, made before privileges go: in the network namespace of the
 * daemon, or in one of its own (io/tun_apart.h), in which `latchkey ... run` runs programs. */
#ifndef LK_ROLE_KIND_TUN_H
#define LK_ROLE_KIND_TUN_H

#include <jansson.h>

#include "io/tun_apart.h"
#include "role/kinds.h"

struct lk_kind_tun {
    struct lk_tun_setup setup;
    enum lk_config_tun_in in;
    const char *key;           /* of the configuration: "anchor.tun_in" */
    unsigned tun, line, sheet; /* what its descriptors serve; the last two only where it is apart */
};

/* For a kind's prepare. Where a namespace is not allowed and need not be, there is a sheet alone,
 * which says why. */
LK_MUST_CHECK enum lk_status lk_kind_tun_prepare(const struct lk_kind_tun *wanted,
                                                 lk_prepared_add *add, void *context,
                                                 char error[LK_KIND_ERROR_TEXT]);
/* The answer to who wants to go there; sheet -1: there is none. It has "unavailable" where the
 * machine does not allow it. */
json_t *lk_kind_tun_where(int sheet, const char *key);

#endif
