/* Secrets that memcheck takes for undefined: for tests that no branch and no address of ours
 * depends on one. Such a program runs itself under valgrind. */
#ifndef LK_TEST_TAINT_H
#define LK_TEST_TAINT_H

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <valgrind/memcheck.h>

/* Reports since the last time this was asked. */
static inline unsigned reports(void)
{
    static unsigned before;
    unsigned now = (unsigned)VALGRIND_COUNT_ERRORS, since = now - before;

    before = now;
    return since;
}

static inline void taint(void *at, size_t len)
{
    VALGRIND_MAKE_MEM_UNDEFINED(at, len);
}

static inline void declassify(void *at, size_t len)
{
    VALGRIND_MAKE_MEM_DEFINED(at, len);
}

/* Does nothing under valgrind. Elsewhere it does not come back but to say: skipped. */
static inline int taint_run(char **argv)
{
    if (RUNNING_ON_VALGRIND)
        return 0;
    execlp("valgrind", "valgrind", "-q", "--suppressions=" LK_TAINT_SUPPRESSIONS, argv[0],
           (char *)NULL);
    fprintf(stderr, "no valgrind here\n");
    return 77;
}

#endif
