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
#include "role/kinds.h"

/* Serves until told to leave; returns the exit code of the process. What a socket of its setup
 * serves is an enum lk_radius_port. */
int lk_aaa_run(const struct lk_worker_setup *setup);

#endif
