/* Re-authentication contexts: bounded, volatile, shared by the workers of one node.
 *
 * A fixed table in memory that the workers share (mapped by the supervisor before it forks them,
 * never by the vault). take removes what it returns and remembers its name for two minutes, longer
 * than a State lives: no context serves twice, not even when a replay of the peer's last response
 * makes the server keep it again. When the table is full the oldest of a bucket gives way: its
 * owner does a full authentication, nothing else. The table itself does no I/O: the caller hands it
 * the memory. */
#ifndef LK_STORE_REAUTH_H
#define LK_STORE_REAUTH_H

#include "keys/types.h"

struct lk_reauth_table;

/* How long the name of a context that has served is remembered. A State must not live longer (and
 * may be a second late), or a replay of the message that gave the context out would bring it back:
 * the configuration sees to that. */
enum { LK_REAUTH_SPENT_MS = 120 * 1000 };

/* How much memory a table for capacity contexts takes. */
size_t lk_reauth_table_size(size_t capacity);
/* memory is zeroed and aligned to a cache line (mmap does both). */
struct lk_reauth_table *lk_reauth_table_in(void *memory, size_t capacity);
/* Keeps context until now_ms + lifetime_ms. */
void lk_reauth_keep(struct lk_reauth_table *table, const struct lk_reauth_context *context,
                    uint64_t now_ms, uint64_t lifetime_ms);
/* LK_E_NOT_FOUND when there is none of that name, or it is past its lifetime. */
LK_MUST_CHECK enum lk_status lk_reauth_take(struct lk_reauth_table *table,
                                            struct lk_reauth_context *context,
                                            const uint8_t name[LK_REAUTH_NAME_LEN],
                                            uint64_t now_ms);
size_t lk_reauth_count(const struct lk_reauth_table *table);

#endif
