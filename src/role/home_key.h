/* The key that a home signs the start marks of MIS with, and its file (role/key_file.h), which
 * aaa.mis_mark_key names. Its public half is what partners are given. */
#ifndef LK_ROLE_HOME_KEY_H
#define LK_ROLE_HOME_KEY_H

#include "keys/mis_start.h"
#include "role/key_file.h"

LK_MUST_CHECK enum lk_status lk_home_secret_parse(struct lk_home_secret *secret,
                                                  struct lk_span text);
/* Writes a file that was not there: LK_E_EXISTS, LK_E_SYSTEM, and why. */
LK_MUST_CHECK enum lk_status lk_home_secret_write(const struct lk_home_secret *secret,
                                                  const char *path,
                                                  char error[LK_KEY_FILE_ERROR_TEXT]);

/* That of conf/lab.yaml, which everybody has. */
bool lk_home_secret_is_known(const struct lk_home_secret *secret);
bool lk_home_key_is_known(const struct lk_home_key *key);

#endif
