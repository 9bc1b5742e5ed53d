/* Contexts by name: bounded, volatile, shared by the workers of one node. Of re-authentication
 * (store/reauth.h) and of ERP (store/erp.h).
 *
 * A fixed table in memory that the workers share (mapped by the supervisor before it forks them,
 * never by the vault). take removes what it returns and remembers its name for two minutes, longer
 * than a State lives: a replay of the peer's last response, which makes the server keep it once
 * more, brings nothing back. When the table is full the oldest of a bucket gives way: its owner
 * does a full authentication, nothing else. The table itself does no I/O: the caller hands it the
 * memory. */
#ifndef LK_STORE_CONTEXTS_H
#define LK_STORE_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/status.h"

struct lk_contexts;

/* A State must not live longer than a name is remembered (and may be a second late): the
 * configuration sees to that. Names are random, their first eight octets at least. */
enum { LK_CONTEXTS_SPENT_MS = 120 * 1000, LK_CONTEXT_NAME_LEN = 16 };

/* How much memory a table for capacity contexts of that length takes. */
size_t lk_contexts_size(size_t capacity, size_t context_len);
/* memory is zeroed and aligned to a cache line (mmap does both). */
struct lk_contexts *lk_contexts_in(void *memory, size_t capacity, size_t context_len);
/* Keeps a new one until then. One of that name that is there, or was taken, stays as it is. */
void lk_contexts_keep(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                      const void *context, uint64_t now_ms, uint64_t until_ms);
/* Puts one back that was taken. */
void lk_contexts_put_back(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                          const void *context, uint64_t now_ms, uint64_t until_ms);
/* LK_E_NOT_FOUND when there is none of that name, or it is past its time. */
LK_MUST_CHECK enum lk_status lk_contexts_take(struct lk_contexts *table, void *context,
                                              const uint8_t name[LK_CONTEXT_NAME_LEN],
                                              uint64_t now_ms);
/* Changes one, or makes one, in one piece for all workers: room (context_len octets) has it, or
 * zeroes where there is none; what change makes of room is kept until then if it says so. Names are
 * a hash here. change is short: others wait. */
void lk_contexts_change(struct lk_contexts *table, const uint8_t name[LK_CONTEXT_NAME_LEN],
                        void *room, uint64_t now_ms, uint64_t until_ms,
                        bool (*change)(void *room, void *argument), void *argument);
size_t lk_contexts_count(const struct lk_contexts *table);

#endif
