/* Random octets from the kernel, fetched in bulk: one system call for many events. */
#ifndef LK_IO_ENTROPY_H
#define LK_IO_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

enum { LK_ENTROPY_POOL = 4096 };

struct lk_entropy {
    size_t left; /* 0 at first */
    uint8_t pool[LK_ENTROPY_POOL];
};

/* Fills to with len octets, at most LK_ENTROPY_POOL, and forgets them. Ends the process when the
 * kernel has none: there is nothing to go on with. */
void lk_entropy_take(struct lk_entropy *entropy, void *to, size_t len);
/* After a fork: what the parent fetched is not used by the child. */
void lk_entropy_forget(struct lk_entropy *entropy);

#endif
