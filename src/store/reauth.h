/* Re-authentication contexts (store/contexts.h): no context serves twice. */
#ifndef LK_STORE_REAUTH_H
#define LK_STORE_REAUTH_H

#include "keys/types.h"
#include "store/contexts.h"

struct lk_reauth_table;

enum { LK_REAUTH_SPENT_MS = LK_CONTEXTS_SPENT_MS };

size_t lk_reauth_table_size(size_t capacity);
struct lk_reauth_table *lk_reauth_table_in(void *memory, size_t capacity);
/* Keeps context until now_ms + lifetime_ms. */
void lk_reauth_keep(struct lk_reauth_table *table, const struct lk_reauth_context *context,
                    uint64_t now_ms, uint64_t lifetime_ms);
LK_MUST_CHECK enum lk_status lk_reauth_take(struct lk_reauth_table *table,
                                            struct lk_reauth_context *context,
                                            const uint8_t name[LK_REAUTH_NAME_LEN],
                                            uint64_t now_ms);
size_t lk_reauth_count(const struct lk_reauth_table *table);

#endif
