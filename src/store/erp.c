#include "store/erp.h"

#include <string.h>

/* An EMSKname as the table has names. */
struct name {
    uint8_t octets[LK_CONTEXT_NAME_LEN];
};
static struct name name_of(const uint8_t emsk_name[LK_EMSK_NAME_LEN])
{
    struct name name = { { 0 } };

    memcpy(name.octets, emsk_name, LK_EMSK_NAME_LEN);
    return name;
}

static struct lk_contexts *contexts(const struct lk_erp_table *table)
{
    return (struct lk_contexts *)(uintptr_t)table;
}

size_t lk_erp_table_size(size_t capacity)
{
    return lk_contexts_size(capacity, sizeof(struct lk_erp_context));
}

struct lk_erp_table *lk_erp_table_in(void *memory, size_t capacity)
{
    return (struct lk_erp_table *)lk_contexts_in(memory, capacity, sizeof(struct lk_erp_context));
}

void lk_erp_table_keep(struct lk_erp_table *table, const struct lk_erp_context *context,
                       uint64_t now_ms)
{
    const struct name name = name_of(context->name);

    lk_contexts_keep(contexts(table), name.octets, context, now_ms, context->expires_ms);
}

void lk_erp_table_put_back(struct lk_erp_table *table, const struct lk_erp_context *context,
                           uint64_t now_ms)
{
    const struct name name = name_of(context->name);

    lk_contexts_put_back(contexts(table), name.octets, context, now_ms, context->expires_ms);
}

enum lk_status lk_erp_table_take(struct lk_erp_table *table, struct lk_erp_context *context,
                                 const uint8_t emsk_name[LK_EMSK_NAME_LEN], uint64_t now_ms)
{
    const struct name name = name_of(emsk_name);

    return lk_contexts_take(contexts(table), context, name.octets, now_ms);
}

size_t lk_erp_table_count(const struct lk_erp_table *table)
{
    return lk_contexts_count(contexts(table));
}
