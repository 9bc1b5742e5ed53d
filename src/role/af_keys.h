/* An operator's key of a B-TID or A-KID, and whose it is, as the af process has it from whom it
 * asks (af_source.h); and the laboratory's file of them:
 *
 *     KEY-ID ks-naf|k-af HEX [IMSI or IMPI]
 */
#ifndef LK_ROLE_AF_KEYS_H
#define LK_ROLE_AF_KEYS_H

#include "role/af_users.h"

enum { LK_AF_KEY_ID = 321 }; /* B-TID or A-KID, terminated */

/* Secret. */
struct lk_af_operator_key {
    char key_id[LK_AF_KEY_ID];
    enum lk_e2e_source source;
    uint8_t key[LK_E2E_KEY_LEN];
    struct lk_imsi subscriber; /* no digits: not told */
    uint64_t expires_s;        /* since 1970; 0: not told, as of those in a file */
};

struct lk_af_keys {
    struct lk_af_operator_key *at;
    size_t count;
};

/* LK_E_VALUE: error names the file, and the line. */
LK_MUST_CHECK enum lk_status lk_af_keys_read(struct lk_af_keys *keys, const char *path,
                                             char error[LK_AF_USERS_ERROR_TEXT]);
void lk_af_keys_free(struct lk_af_keys *keys);
/* NULL: there is none. */
const struct lk_af_operator_key *lk_af_keys_find(const struct lk_af_keys *keys,
                                                 enum lk_e2e_source source, const char *key_id);

#endif
