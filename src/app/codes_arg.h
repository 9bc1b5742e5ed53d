/* --codes FILE: numbers of MIS, out of a configuration. */
#ifndef LK_APP_CODES_ARG_H
#define LK_APP_CODES_ARG_H

#include <stdbool.h>

#include "wire/mis_codes.h"

/* False, and said on behalf of that command, with file and line, when the file has none that can be
 * used. */
bool lk_codes_arg(struct lk_mis_codes *codes, const char *command, const char *file);

#endif
