/* System calls that a process of the daemon never makes, forbidden by a seccomp filter: whoever
 * makes one has taken it over, and the kernel ends it. For all threads, and for good. (The vault
 * has a list of what is allowed instead: vault/sandbox.c.) */
#ifndef LK_IO_FORBID_H
#define LK_IO_FORBID_H

#include <stdbool.h>

#include "base/check.h"
#include "base/status.h"

enum lk_forbid {
    /* Running programs, reading or tracing other processes, changing the system. */
    LK_FORBID_FOREIGN = 1,
    /* Starting processes, and signals to others. Threads may be started. */
    LK_FORBID_PROCESSES = 2,
    /* Taking connections. */
    LK_FORBID_LISTENING = 4,
    /* Sockets beyond those that are open. */
    LK_FORBID_SOCKETS = 8,
};

/* forbid: of enum lk_forbid, together. LK_E_SYSTEM with errno. */
LK_MUST_CHECK enum lk_status lk_forbid_calls(unsigned forbid);

#endif
