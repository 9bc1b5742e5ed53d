#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void lk_assert_failed(const char *claim, const char *file, int line)
{
    fprintf(stderr, "latchkey: %s:%d: broken promise of our own: %s\n", file, line, claim);
    abort();
}
