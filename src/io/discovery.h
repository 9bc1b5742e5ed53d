/* Finds a point of service of MIS by its domain's DNS: NAPTR, SRV, then an address, by c-ares
 * (decision 0021). One question at a time, in the loop, answered within some eight seconds.
 *
 * What DNS says is believed by nobody: it is where to knock. Who opens proves itself with keys of
 * the mobile node's home, under the name that was looked for. */
#ifndef LK_IO_DISCOVERY_H
#define LK_IO_DISCOVERY_H

#include <uv.h>

#include "base/address.h"

enum { LK_DISCOVERY_NAME = 256, LK_DISCOVERY_DETAIL = 96 };

struct lk_discovered {
    char host[LK_DISCOVERY_NAME]; /* its name, without the dot at the end */
    struct lk_address address;
    uint16_t port;
};

struct lk_discovery_question {
    const char *domain;
    bool tcp; /* else UDP */
    bool v4;  /* else IPv6 */
    uint16_t port; /* where DNS names none */
};

/* found is NULL when there is none; detail says why. Never inside lk_discovery_ask. */
typedef void lk_discovery_done(void *context, const struct lk_discovered *found,
                               const char *detail);

struct lk_discovery;
/* server "": those of the system. NULL: no memory, or they cannot be read. Before the process is
 * confined: files are read here, and never again. */
struct lk_discovery *lk_discovery_new(uv_loop_t *loop, const char *server, uint16_t port,
                                      lk_discovery_done *done, void *context);
/* Without a word more. Turn the loop once more after it. */
void lk_discovery_free(struct lk_discovery *discovery);
/* LK_E_EXISTS: one is under way. LK_E_VALUE: no name. */
LK_MUST_CHECK enum lk_status lk_discovery_ask(struct lk_discovery *discovery,
                                              const struct lk_discovery_question *question);

#endif
