/* A directory that is to be there. */
#ifndef LK_IO_DIRECTORY_H
#define LK_IO_DIRECTORY_H

#include <stdbool.h>

#include "base/check.h"

enum { LK_DIRECTORY_PATH = 512 }; /* at most, with the terminator */

/* With what is missing above it; itself for its owner alone, and as it is where it is there. False:
 * errno says why. */
LK_MUST_CHECK bool lk_directory_make(const char *path);

#endif
