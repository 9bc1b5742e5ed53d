/* The master key file: 64 hexadecimal digits and a line end, mode 0600. */
#ifndef LK_VAULT_MASTER_H
#define LK_VAULT_MASTER_H

#include "vault/auc.h"

enum { LK_MASTER_ERROR_TEXT = 256 };

/* The file that path means: itself, or the credential. out has PATH_MAX characters. */
LK_MUST_CHECK enum lk_status lk_master_key_path(char *out, const char *path,
                                                char error[LK_MASTER_ERROR_TEXT]);
/* path may be "credential:NAME": the file NAME in $CREDENTIALS_DIRECTORY, as systemd lays it out.
 * LK_E_NOT_FOUND: no such file. LK_E_DENIED: others may read it. error says what and what to do. */
LK_MUST_CHECK enum lk_status lk_master_key_read(struct lk_master_key *key, const char *path,
                                                char error[LK_MASTER_ERROR_TEXT]);
/* Makes a new random key in path, which must not exist yet (LK_E_EXISTS). */
LK_MUST_CHECK enum lk_status lk_master_key_create(const char *path,
                                                  char error[LK_MASTER_ERROR_TEXT]);

#endif
