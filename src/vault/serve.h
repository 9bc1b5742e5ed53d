/* What runs inside the vault's process. For vault.c and its neighbours alone. */
#ifndef LK_VAULT_SERVE_H
#define LK_VAULT_SERVE_H

#include <limits.h>

#include "vault/auc.h"
#include "vault/vault.h"

enum { LK_VAULT_POOL = 4096 };
#define LK_VAULT_MAY_ALL UINT_MAX /* keys, of a client without limits */

/* All of its state: one mapping, locked in memory, left out of core files. Secret as a whole. */
struct lk_vault_state {
    struct lk_auc auc;
    struct lk_sqn_clock clock;
    struct lk_ceiling ceiling; /* the slot written last */
    int ceiling_fd;
    size_t count;                   /* of clients */
    int fds[LK_VAULT_CLIENTS];      /* -1: closed */
    struct lk_vault_right right[LK_VAULT_CLIENTS];
    bool stalled[LK_VAULT_CLIENTS]; /* does not read its answers: not listened to until it does */
    size_t pool_used;
    uint8_t pool[LK_VAULT_POOL]; /* random octets not used yet, from pool_used on */
    struct lk_vault_request requests[LK_VAULT_BATCH];
    struct lk_credentials credentials[LK_VAULT_BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH];
    uint8_t in[LK_VAULT_MESSAGE_MAX];
    uint8_t out[LK_VAULT_MESSAGE_MAX];
};

/* Answers batches until every client is gone. */
void lk_vault_serve(struct lk_vault_state *state);

/* Opens path, locks it against a second vault, and reads what it holds. */
LK_MUST_CHECK enum lk_status lk_ceiling_open(int *fd, struct lk_ceiling *ceiling, const char *path,
                                             unsigned node, char error[LK_VAULT_ERROR_TEXT]);
/* Makes tick durable in the older slot. On failure ceiling is as it was. */
LK_MUST_CHECK enum lk_status lk_ceiling_write(int fd, struct lk_ceiling *ceiling, uint64_t tick);

/* Gives up what the vault does not need: users, capabilities, core files, and every system call but
 * those of its loop. */
LK_MUST_CHECK enum lk_status lk_sandbox_drop(const char *user, char error[LK_VAULT_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_sandbox_seal(char error[LK_VAULT_ERROR_TEXT]);
/* Keeps state and the stack in memory. */
LK_MUST_CHECK enum lk_status lk_sandbox_lock(void *at, size_t len);

#endif
