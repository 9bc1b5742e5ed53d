/* Where the af process has N from: the operator's key of a B-TID or A-KID, and whose it is.
 *
 * Asked, it answers later, whatever it asks itself. In a laboratory it is a file:
 *
 *     KEY-ID ks-naf|k-af HEX [IMPI]
 */
#ifndef LK_ROLE_AF_KEYS_H
#define LK_ROLE_AF_KEYS_H

#include "role/af_users.h"

/* Secret. */
struct lk_af_operator_key {
    char key_id[321];
    enum lk_e2e_source source;
    uint8_t key[LK_E2E_KEY_LEN];
    char subscriber[LK_AF_SUBSCRIBER]; /* "": not told */
};

struct lk_af_keys {
    struct lk_af_operator_key *at;
    size_t count;
};

LK_MUST_CHECK enum lk_status lk_af_keys_read(struct lk_af_keys *keys, const char *path,
                                             char error[LK_AF_USERS_ERROR_TEXT]);
void lk_af_keys_free(struct lk_af_keys *keys);
/* NULL: there is none. */
const struct lk_af_operator_key *lk_af_keys_find(const struct lk_af_keys *keys,
                                                 enum lk_e2e_source source, const char *key_id);

#endif
