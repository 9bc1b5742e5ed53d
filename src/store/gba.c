#include "store/gba.h"

#include "store/backend.h"

enum lk_status lk_store_gba_keep(struct lk_store *store, const struct lk_gba_row *row)
{
    return store->backend->gba_keep(store, row);
}

enum lk_status lk_store_gba_find(struct lk_store *store, struct lk_gba_row *row, enum lk_gba_by by,
                                 struct lk_span name, uint64_t now_s)
{
    if (name.len == 0 || name.len > LK_B_TID_MAX)
        return LK_E_NOT_FOUND;
    return store->backend->gba_find(store, row, by, name, now_s);
}

enum lk_status lk_store_gba_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    return store->backend->gba_remove(store, imsi);
}

enum lk_status lk_store_gba_sweep(struct lk_store *store, uint64_t now_s)
{
    return store->backend->gba_sweep(store, now_s);
}

enum lk_status lk_store_gba_page(struct lk_store *store, int64_t *after, struct lk_gba_row *rows,
                                 size_t *count)
{
    enum lk_status status = store->backend->gba_page(store, *after, rows, count);

    if (status == LK_OK && *count > 0)
        *after = lk_store_key(&rows[*count - 1].imsi);
    return status;
}
