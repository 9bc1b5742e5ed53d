/* free, for libraries that keep on the heap what may be secret. */
#ifndef LK_IO_HEAP_H
#define LK_IO_HEAP_H

#include <malloc.h>
#include <stdlib.h>

#include "base/secret.h"

/* All of it is wiped, whatever size it was asked for. NULL is fine. */
static inline void lk_free_wiped(void *at)
{
    if (at != NULL)
        lk_wipe(at, malloc_usable_size(at));
    free(at);
}

#endif
