#include "base/secret.h"

#include <stdint.h>
#include <string.h>

/* Not inlined: across files the compiler takes the first member of a struct for the whole of it,
 * and warns of what is none. */
__attribute__((noinline)) void lk_wipe(void *at, size_t len)
{
    if (len == 0)
        return;
    explicit_bzero(at, len);
}

bool lk_same_secret(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t differ = 0;

    for (size_t i = 0; i < len; i++)
        differ |= (uint8_t)(x[i] ^ y[i]);
    return differ == 0;
}
