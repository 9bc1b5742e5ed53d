/* Work that is done in a child process, so that what it leaves in memory ends with it.
 *
 * The libraries that read YAML, certificates and keys copy what they read, and free the copies as
 * they are. Every process of the daemon is forked from the supervisor, and would have them all. */
#ifndef LK_ROLE_APART_H
#define LK_ROLE_APART_H

#include "role/config.h"

enum { LK_APART_ERROR_TEXT = 256 };

/* lk_config_load, apart. */
LK_MUST_CHECK enum lk_status lk_apart_config(struct lk_config *config,
                                             struct lk_config_report *report, const char *file,
                                             const char *const *sets, size_t set_count);
/* lk_radsec_check and lk_role_xw_check, apart. */
LK_MUST_CHECK enum lk_status lk_apart_radsec(const struct lk_config *config,
                                             char error[LK_APART_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_apart_xw(const struct lk_config_xw *config,
                                         char error[LK_APART_ERROR_TEXT]);

#endif
