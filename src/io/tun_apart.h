/* A TUN device in a network namespace of its own, which goes when the process goes.
 *
 * A small process, the holder, makes the namespace (with a user namespace, so that it takes no
 * privilege; root does without one where that is refused), brings loopback and the TUN device up in
 * it, passes the device's descriptor to who started it, and stays there: it sets other addresses
 * when it is told to, programs are run in its namespace, and it ends with the process that started
 * it. It is this program once more, by another name, so that nothing of the starter's memory is in
 * it: who would run a program there must be able to look at it.
 *
 *     main:     if (lk_tun_apart_is_holder(argc, argv)) return lk_tun_apart_hold();
 *     starter:  lk_tun_apart_open(&apart, &answer, &setup)
 *     anybody:  lk_tun_apart_enter(&answer.place, error), execvp(...)
 *
 * Outside of its own namespace nothing is touched. */
#ifndef LK_IO_TUN_APART_H
#define LK_IO_TUN_APART_H

#include "io/tun.h"

enum { LK_TUN_APART_ERROR = 256 };

struct lk_tun_apart {
    int tun;   /* non-blocking, as of lk_tun_open */
    int line;  /* to the holder: it ends when all copies of this are closed */
};

/* Where the holder is. */
struct lk_tun_apart_place {
    int32_t pid;
    uint64_t user, net; /* the namespaces' numbers; user 0: that of whoever started it */
};

/* What came of it. */
struct lk_tun_apart_answer {
    enum lk_status status;
    struct lk_tun_apart_place place;
    char error[LK_TUN_APART_ERROR];
};

/* LK_E_DENIED: namespaces or TUN devices are not for us here; LK_E_SYSTEM: anything else. The same
 * is in answer, with the error's words. */
LK_MUST_CHECK enum lk_status lk_tun_apart_open(struct lk_tun_apart *apart,
                                               struct lk_tun_apart_answer *answer,
                                               const struct lk_tun_setup *setup);
void lk_tun_apart_close(struct lk_tun_apart *apart);

/* The kernel's own addresses there from now on; a setup's name and networks stay as they were. It
 * waits for the holder, which takes no time. */
LK_MUST_CHECK enum lk_status lk_tun_apart_address(int line, const struct lk_address *address4,
                                                  const struct lk_address *address6);

/* This process, which has one thread, goes there. */
LK_MUST_CHECK enum lk_status lk_tun_apart_enter(const struct lk_tun_apart_place *place,
                                                char error[LK_TUN_APART_ERROR]);

/* ---- tun_holder.c ---- */

bool lk_tun_apart_is_holder(int argc, char *const *argv);
/* Is the holder: returns the exit code. */
int lk_tun_apart_hold(void);

/* ---- between both ---- */

enum { LK_TUN_APART_LINE = 3 }; /* the holder's descriptor of it */
extern const char lk_tun_apart_name[];

#endif
