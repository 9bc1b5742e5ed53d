/* Giving up power once the sockets are bound.
 *
 * Started as root, the daemon becomes the configured user; without one, whoever owns the state
 * directory; and when that is root, it stays root with no capability but those to end a vault of
 * another user and to start another one; its workers have none. Never may it gain anything back, by
 * no program it could run. */
#ifndef LK_ROLE_PRIVILEGES_H
#define LK_ROLE_PRIVILEGES_H

#include <sys/types.h>

#include "role/config.h"

enum { LK_PRIVILEGES_ERROR_TEXT = 1024 };

struct lk_identity {
    bool is_root;  /* we are root now */
    uid_t uid;     /* who to become */
    gid_t gid;
};

/* Who to become. Makes the state directory (0700) when it is missing, and gives it to that user,
 * but not when files of another user are in it: LK_E_CONFIG. */
LK_MUST_CHECK enum lk_status lk_privileges_plan(struct lk_identity *identity,
                                                const struct lk_config *config,
                                                char error[LK_PRIVILEGES_ERROR_TEXT]);
/* No new privileges, no capabilities, no core file, no tracing by others. */
LK_MUST_CHECK enum lk_status lk_privileges_drop(const struct lk_identity *identity,
                                                char error[LK_PRIVILEGES_ERROR_TEXT]);
/* Whom a number or a name of this machine means; false when nobody. */
LK_MUST_CHECK bool lk_privileges_uid(uid_t *uid, const char *text);
/* A worker's: no capability at all. */
LK_MUST_CHECK enum lk_status lk_privileges_drop_rest(void);

#endif
