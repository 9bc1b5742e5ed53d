/* Who may come to an application, and what proves each: a file of the server's own.
 *
 *     # identity   what it has
 *     ann  p=HEX                    its pre-shared key, 32 to 64 random octets
 *     bob  key=HEX                  its public key, and no P: one can be handed over
 *     eve  p=HEX key=HEX n=IMPI     and whose the operator's key must be
 *
 * An identity is what a session proves, by P, by the client key, or by N where its row names whose
 * N: nothing that the application merely says. */
#ifndef LK_ROLE_AF_USERS_H
#define LK_ROLE_AF_USERS_H

#include "base/check.h"
#include "base/status.h"
#include "latchkey/e2e.h"
#include "role/config_af.h"

enum {
    LK_AF_IDENTITY = 129,
    LK_AF_SUBSCRIBER = 321,
    LK_AF_USERS_MAX = 10000,
    LK_AF_USERS_ERROR_TEXT = 640,
};

/* Secret. */
struct lk_af_user {
    char identity[LK_AF_IDENTITY];
    char subscriber[LK_AF_SUBSCRIBER]; /* "": N may be anybody's */
    uint8_t p[LK_E2E_APP_KEY_MAX];
    size_t p_len; /* 0: none */
    bool handed; /* P is not of the file */
    bool has_key;
    uint8_t key[LK_E2E_KEY_LEN];
};

struct lk_af_users {
    struct lk_af_user *at;
    size_t count;
};

/* Replaces what is in users, and keeps what was handed over to those who are still there. LK_OK too
 * where path is "". Otherwise users stay, and error names the file and the line. */
LK_MUST_CHECK enum lk_status lk_af_users_read(struct lk_af_users *users, const char *path,
                                              char error[LK_AF_USERS_ERROR_TEXT]);
/* The directory that the file is in. */
void lk_af_users_folder(char folder[LK_CONFIG_FILE], const char *path);
void lk_af_users_free(struct lk_af_users *users);
/* NULL: there is none. */
struct lk_af_user *lk_af_users_find(const struct lk_af_users *users, const char *identity);

/* T61: who asks, when the session proves it. user NULL, and true: nobody in particular, as whom N
 * alone is taken. */
bool lk_af_users_judge(const struct lk_af_user **user, const struct lk_af_users *users,
                       const struct lk_e2e_peer *peer);

/* A file that is a secret, whole, with a zero behind it: the caller wipes and frees it. */
LK_MUST_CHECK enum lk_status lk_af_file_read(char **text, size_t *len, const char *path,
                                             char error[LK_AF_USERS_ERROR_TEXT]);

#endif
