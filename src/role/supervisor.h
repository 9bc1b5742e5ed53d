/* The supervisor: the parent of the vault and of the processes of all kinds (kinds.h).
 *
 * It makes what must outlive a worker: the vault's connections, the UDP sockets, the shared
 * memory. It forks the vault first, gives up its privileges, forks the workers, and says "ready".
 * Then it waits: a worker that dies is replaced at once, and what came meanwhile waits in its
 * sockets; a vault that dies is replaced together with the workers; SIGHUP (or latchkey reload)
 * brings up a second generation of workers on the same sockets before the first one leaves, so
 * that no request is lost, and keeps the old one when the new file is not valid. It starts no
 * thread, ever. */
#ifndef LK_ROLE_SUPERVISOR_H
#define LK_ROLE_SUPERVISOR_H

#include "role/config.h"

struct lk_supervisor_setup {
    struct lk_config *config; /* loaded; becomes the supervisor's */
    const char *file;         /* to load it again */
    const char *const *sets;
    size_t set_count;
};

/* Returns the exit code of the daemon. */
int lk_supervisor_run(const struct lk_supervisor_setup *setup);

#endif
