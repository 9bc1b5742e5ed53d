/* Secrets: wiped with lk_wipe, compared with lk_same_secret, and nothing else.
 *
 * MACs, RES, tokens and verifiers count as secrets here. */
#ifndef LK_BASE_SECRET_H
#define LK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites len octets at at with zeroes, in a way that the compiler may not leave out. */
void lk_wipe(void *at, size_t len);

/* True when the len octets at a and b are equal. The time taken depends on len alone. */
bool lk_same_secret(const void *a, const void *b, size_t len);

#endif
