#include "store/reauth.h"

_Static_assert((int)LK_REAUTH_NAME_LEN == (int)LK_CONTEXT_NAME_LEN, "names are as long");

static struct lk_contexts *contexts(const struct lk_reauth_table *table)
{
    return (struct lk_contexts *)(uintptr_t)table;
}

size_t lk_reauth_table_size(size_t capacity)
{
    return lk_contexts_size(capacity, sizeof(struct lk_reauth_context));
}

struct lk_reauth_table *lk_reauth_table_in(void *memory, size_t capacity)
{
    return (struct lk_reauth_table *)lk_contexts_in(memory, capacity,
                                                    sizeof(struct lk_reauth_context));
}

void lk_reauth_keep(struct lk_reauth_table *table, const struct lk_reauth_context *context,
                    uint64_t now_ms, uint64_t lifetime_ms)
{
    lk_contexts_keep(contexts(table), context->name, context, now_ms, now_ms + lifetime_ms);
}

enum lk_status lk_reauth_take(struct lk_reauth_table *table, struct lk_reauth_context *context,
                              const uint8_t name[LK_REAUTH_NAME_LEN], uint64_t now_ms)
{
    return lk_contexts_take(contexts(table), context, name, now_ms);
}

size_t lk_reauth_count(const struct lk_reauth_table *table)
{
    return lk_contexts_count(contexts(table));
}
