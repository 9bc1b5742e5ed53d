/* Answers that wait for the disk: what a floor under a durable table does. As many octets as a row
 * has are appended to a file for each, and are on the disk (fdatasync) before it leaves; what
 * gathers within two milliseconds is written together, on a thread of its own. */
#ifndef LK_BENCH_APPEND_H
#define LK_BENCH_APPEND_H

#include "base/check.h"
#include "base/octets.h"

enum {
    BENCH_APPEND_MAX = 4096, /* that wait */
    BENCH_APPEND_ROW = 128,  /* octets of one row */
    BENCH_APPEND_ANSWER = 192,
};

struct bench_append;

/* leaves: called for each when it is on the disk, from bench_append_turn. NULL: it cannot. */
struct bench_append *bench_append_new(const char *path,
                                      void (*leaves)(void *to, struct lk_span answer));
/* False: there is no room before the next turn. to: the caller's, for so long. */
bool bench_append_put(struct bench_append *append, void *to, struct lk_span answer);
/* To be polled for reading, for so long, where the time is not negative. */
int bench_append_fd(const struct bench_append *append);
int bench_append_wait_ms(const struct bench_append *append);
/* Hands out what is on the disk, and begins to write what has gathered. */
void bench_append_turn(struct bench_append *append);

#endif
