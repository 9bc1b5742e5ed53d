/* Landlock: which files this process may still open, given up for good.
 *
 * Without privileges, inherited by threads and processes to come, never to be widened. What is
 * allowed is allowed by the file or directory that a path names now, not by the name: one put in
 * its place later is another. Sockets that have a path are not its business, nor what is open
 * already. Where the kernel can, signals and abstract sockets beyond the process end here too. */
#ifndef LK_IO_LANDLOCK_H
#define LK_IO_LANDLOCK_H

#include <stdbool.h>

#include "base/check.h"
#include "base/status.h"

struct lk_landlock {
    int fd;
    unsigned abi;
};

/* What the kernel understands; 0: it has no Landlock, or does not let us use it. */
unsigned lk_landlock_abi(void);
/* Begins a set that allows nothing. LK_E_NOT_FOUND: there is no Landlock. */
LK_MUST_CHECK enum lk_status lk_landlock_begin(struct lk_landlock *set);
/* What is at path, and all below it, may be read, and when write is set, written, made and removed.
 * LK_E_NOT_FOUND: nothing is there. */
LK_MUST_CHECK enum lk_status lk_landlock_allow(struct lk_landlock *set, const char *path,
                                               bool write);
/* From now on, for this thread and all that it starts. The set is closed. */
LK_MUST_CHECK enum lk_status lk_landlock_enforce(struct lk_landlock *set);
/* Closes a set that is not to be used. */
void lk_landlock_drop(struct lk_landlock *set);

#endif
