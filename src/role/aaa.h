/* The aaa role: a worker that serves RADIUS.
 *
 * A worker is one process with one loop. It takes datagrams in batches, lets the AAA node judge
 * each, reads the rows of all the vectors that a batch asks for in one call, asks the vault in one
 * message, and sends the answers in one system call. What must be durable first (a row that
 * changed, an accounting record) goes through one transaction a turn on libuv's pool. It holds no
 * protocol decision. Sockets, vault connection and shared memory are the supervisor's, made before
 * the fork. */
#ifndef LK_ROLE_AAA_H
#define LK_ROLE_AAA_H

#include "proto/radius/server.h"
#include "role/config.h"
#include "role/node_key.h"
#include "role/shared.h"
#include "vault/vault.h"

enum { LK_AAA_SOCKETS = 2 * LK_CONFIG_LISTENS * LK_CONFIG_WORKERS };

struct lk_aaa_socket {
    int fd;
    enum lk_radius_port port;
};

struct lk_aaa_setup {
    const struct lk_config *config;
    const struct lk_node_key *node_key;
    struct lk_shared *shared;
    unsigned slot;
    struct lk_vault_client vault;
    struct lk_aaa_socket sockets[LK_AAA_SOCKETS];
    size_t socket_count;
    /* To the supervisor: we write 'r' when serving; it writes 'd' to let us finish and leave. */
    int line;
};

/* Serves until told to leave; returns the exit code of the process. */
int lk_aaa_run(const struct lk_aaa_setup *setup);

#endif
