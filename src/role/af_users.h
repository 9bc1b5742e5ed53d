/* Who may come to an application, and what proves each: a file of the server's own.
 *
 *     # identity   what it has
 *     ann  p=HEX                    its pre-shared key, 32 to 64 random octets
 *     bob  key=HEX                  its public key, and no P: one can be handed over
 *     eve  p=HEX key=HEX n=IMSI     and whose the operator's key must be: IMSI, or IMPI of one
 *
 * An identity is what a session proves, by P, by the client key, or by N where its row names whose
 * N: nothing that the application merely says. */
#ifndef LK_ROLE_AF_USERS_H
#define LK_ROLE_AF_USERS_H

#include "base/check.h"
#include "base/imsi.h"
#include "base/status.h"
#include "io/file_text.h"
#include "latchkey/e2e.h"
#include "role/config_af.h"

enum {
    LK_AF_IDENTITY = 129,
    LK_AF_USERS_MAX = 10000,
    LK_AF_USERS_ERROR_TEXT = 640,
};

/* Secret. */
struct lk_af_user {
    char identity[LK_AF_IDENTITY];
    struct lk_imsi subscriber; /* no digits: N may be anybody's */
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
 * where path is "". LK_E_NOT_FOUND: no such file, and users are none. LK_E_VALUE: error names the
 * file and the first line that is wrong; where there were users these stay, and where there were
 * none those of good lines are in. Otherwise users stay, and error says why. */
LK_MUST_CHECK enum lk_status lk_af_users_read(struct lk_af_users *users, const char *path,
                                              char error[LK_AF_USERS_ERROR_TEXT]);
/* The same of a file that another process opened; -1: there is no such file. */
LK_MUST_CHECK enum lk_status lk_af_users_take(struct lk_af_users *users, int fd, const char *path,
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

/* A hash of all that the application has of a user, for the user's tickets: they end when any of it
 * changes. NULL: of nobody in particular. */
void lk_af_users_row(uint8_t row[LK_E2E_KEY_LEN], const struct lk_af_user *user);

/* An IMSI, alone or as an IMPI has it, before its @: GBA names a subscriber by the one, AKMA by the
 * other. LK_E_VALUE: it is neither. */
LK_MUST_CHECK enum lk_status lk_af_subscriber_read(struct lk_imsi *subscriber, const char *text);

/* A file that is a secret: error names it. */
LK_MUST_CHECK enum lk_status lk_af_file_read(struct lk_file_text *text, const char *path,
                                             char error[LK_AF_USERS_ERROR_TEXT]);

#endif
