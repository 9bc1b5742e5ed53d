/* What the processes of the daemon give up before they serve.
 *
 * A worker reads what strangers send. Whoever takes it over must not come to K: not through the
 * master key file, though it may belong to the same user; not through the vault's memory; not by
 * running something else. So a process opens the files that its kind has a use for (an aaa worker
 * those of its store) and no others (Landlock), and makes no system call that it has no use for
 * (seccomp). The supervisor starts vaults, which read the master key, and so keeps the right to
 * open it; it may not run programs or read processes. */
#ifndef LK_ROLE_CONFINE_H
#define LK_ROLE_CONFINE_H

#include "role/kinds.h"

enum { LK_CONFINE_ERROR_TEXT = 256 };

struct lk_confinement {
    unsigned landlock;     /* its version in force; 0: this kernel has none */
    bool key_within_reach; /* the master key file can be opened all the same */
};

/* A process with its sockets: files it opens from now on are those that its kind names. */
LK_MUST_CHECK enum lk_status lk_confine_process(struct lk_confinement *got,
                                                const struct lk_process_kind *kind,
                                                const struct lk_config *config,
                                                char error[LK_CONFINE_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_confine_supervisor(char error[LK_CONFINE_ERROR_TEXT]);

#endif
