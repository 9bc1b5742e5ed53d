#include "role/kinds.h"

#include "role/config_rows.h"
#include "store/store.h"

bool lk_kind_runs(const struct lk_process_kind *kind, const struct lk_config *config)
{
    return (kind->roles & config->roles) != 0;
}

unsigned lk_kind_roles(const struct lk_process_kind *kind, const struct lk_config *config)
{
    return kind->roles & config->roles;
}

unsigned lk_kind_workers(const struct lk_process_kind *kind, const struct lk_config *config)
{
    return !lk_kind_runs(kind, config) ? 0 : kind->workers == NULL ? 1 : kind->workers(config);
}

unsigned lk_kind_slots(const struct lk_process_kind *kind)
{
    return kind->keeps_state ? 1 : 2 * LK_CONFIG_WORKERS;
}

unsigned lk_kind_slot(const struct lk_process_kind *kind, unsigned generation, unsigned index)
{
    unsigned slot = 0;

    for (size_t i = 0; lk_kind_at(i) != kind; i++)
        slot += lk_kind_slots(lk_kind_at(i));
    if (!kind->keeps_state)
        slot += (generation & 1) * LK_CONFIG_WORKERS + index;
    LK_ASSERT(slot < LK_SHARED_SLOTS);
    return slot;
}

void lk_kind_store_files(const struct lk_config *config,
                         void (*visit)(void *context, const char *path, bool write), void *context)
{
    lk_store_paths(config->store.url, visit, context);
}

const char *lk_kinds_lack(const struct lk_config *config)
{
    unsigned played = LK_ROLE_VAULT;
    size_t at[2];
    const struct lk_config_row *row = lk_config_row_find("roles", at);

    for (size_t i = 0; i < lk_kind_count(); i++)
        played |= lk_kind_at(i)->roles;
    for (unsigned i = 0; row->words[i] != NULL; i++)
        if ((config->roles & ~played & 1u << i) != 0)
            return row->words[i];
    return NULL;
}
