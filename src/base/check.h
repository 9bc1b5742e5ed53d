/* Checks that stay on in release builds.
 *
 * LK_ASSERT is for what we computed ourselves: when it fails, we are wrong and stop. It is never
 * for anything that came from outside: what a peer sent is judged with a returned status. */
#ifndef LK_BASE_CHECK_H
#define LK_BASE_CHECK_H

#define LK_MUST_CHECK __attribute__((warn_unused_result))
#define LK_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))

#define LK_ASSERT(claim) \
    ((claim) ? (void)0 : lk_assert_failed(#claim, __FILE__, __LINE__))

_Noreturn void lk_assert_failed(const char *claim, const char *file, int line);

#define LK_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
