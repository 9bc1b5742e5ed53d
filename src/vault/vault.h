/* The vault: the one process that can read K and OPc, and the way to talk to it.
 *
 * lk_vault_start forks it, before any thread of the caller's exists. It reads the master key, opens
 * the ceiling file, drops its privileges, forbids itself all but a handful of system calls, and
 * answers batches until every socket to it is closed. The caller holds one end of a SOCK_SEQPACKET
 * pair for itself (client 0, the only one that may SEAL) and one for each worker it will fork. */
#ifndef LK_VAULT_VAULT_H
#define LK_VAULT_VAULT_H

#include <sys/types.h>

#include "vault/messages.h"
#include "vault/sqn.h"

enum {
    LK_VAULT_CLIENTS = 67, /* the supervisor, 64 workers, and two processes that keep state */
    LK_VAULT_ERROR_TEXT = 256,
};

/* What a client may have: vectors with these keys, bits 1 << enum lk_vector_keys, KASME for that
 * serving network alone. */
struct lk_vault_right {
    unsigned keys;
    uint8_t sn_id[LK_SN_ID_LEN];
};

struct lk_vault_settings {
    const char *master_key; /* a file of mode 0600, or "credential:NAME" (systemd) */
    const char *ceiling;    /* a file; made when missing. One node, one file. */
    const char *user;       /* to become when started as root; NULL: nobody */
    enum lk_sqn_mode mode;
    unsigned node;         /* 0 to 3; nodes that share subscribers have different ones */
    unsigned block;        /* counter mode: SEQs in a reservation; 0: the default */
    const struct lk_vault_right *rights; /* of each client; NULL: all may have all. Copied */
    int64_t wall_shift_ms; /* added to the wall clock at start: 0 but in tests */
    void (*forget)(void *context); /* first of all, in the child: wipes what the caller has and the
                                      vault has no use for, but for these settings; NULL: nothing */
    void *context;
};

struct lk_vault {
    pid_t pid;
    size_t count;              /* of clients */
    int fds[LK_VAULT_CLIENTS]; /* our ends, close-on-exec, non-blocking; -1: not ours */
};

/* Forks the vault with clients sockets (at least 1) and waits until it serves, at most some
 * seconds. On failure nothing is left behind and error says why in a sentence. */
LK_MUST_CHECK enum lk_status lk_vault_start(struct lk_vault *vault,
                                            const struct lk_vault_settings *settings,
                                            size_t clients, char error[LK_VAULT_ERROR_TEXT]);
/* In a forked worker: closes every end but that of client. */
void lk_vault_keep(struct lk_vault *vault, size_t client);
/* Closes our ends; the vault ends when the workers' are closed too. Waits for it only when it was
 * started by this process and wait is true. */
void lk_vault_stop(struct lk_vault *vault, bool wait);

/* One end, as an event loop or a command uses it. fd may be polled; it never blocks. */
struct lk_vault_client {
    int fd;
};
struct lk_vault_client lk_vault_client_of(const struct lk_vault *vault, size_t client);

/* Sends a batch. LK_E_BUSY: the socket is full, send it again later. LK_E_SYSTEM: the vault is
 * gone. */
LK_MUST_CHECK enum lk_status lk_vault_client_send(struct lk_vault_client *client,
                                                  const struct lk_vault_request *requests,
                                                  size_t count);
/* Takes one batch of answers (room for LK_VAULT_BATCH). LK_E_BUSY: there is none now. */
LK_MUST_CHECK enum lk_status lk_vault_client_receive(struct lk_vault_client *client,
                                                     struct lk_vault_answer *answers,
                                                     size_t *count);
/* Sends one request and waits for its answer; not to be mixed with batches in flight. LK_E_EXPIRED
 * after timeout_ms. A refusal is in answer->refused, and the status is LK_OK. */
LK_MUST_CHECK enum lk_status lk_vault_client_call(struct lk_vault_client *client,
                                                  const struct lk_vault_request *request,
                                                  struct lk_vault_answer *answer, int timeout_ms);

#endif
