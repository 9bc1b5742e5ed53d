#include "store/sessions.h"

#include "store/backend.h"

enum lk_status lk_store_session_keep(struct lk_store *store, const struct lk_session_row *row)
{
    return store->backend->session_keep(store, row);
}

enum lk_status lk_store_session_find(struct lk_store *store, struct lk_session_row *row,
                                     enum lk_session_kind kind, enum lk_session_by by,
                                     struct lk_span name, uint64_t now_s)
{
    if (name.len == 0 || name.len > LK_SESSION_NAME_MAX)
        return LK_E_NOT_FOUND;
    return store->backend->session_find(store, row, kind, by, name, now_s);
}

enum lk_status lk_store_session_end(struct lk_store *store, enum lk_session_kind kind,
                                    const struct lk_imsi *imsi, uint64_t now_s, uint64_t until_s)
{
    return store->backend->session_end(store, kind, imsi, now_s, until_s);
}

enum lk_status lk_store_session_remove(struct lk_store *store, enum lk_session_kind kind,
                                       const struct lk_imsi *imsi)
{
    return store->backend->session_remove(store, kind, imsi);
}

enum lk_status lk_store_session_sweep(struct lk_store *store, uint64_t now_s)
{
    return store->backend->session_sweep(store, now_s);
}

enum lk_status lk_store_session_page(struct lk_store *store, enum lk_session_kind kind,
                                     int64_t *after, struct lk_session_row *rows, size_t *count)
{
    enum lk_status status = store->backend->session_page(store, kind, *after, rows, count);

    if (status == LK_OK && *count > 0)
        *after = lk_store_key(&rows[*count - 1].imsi);
    return status;
}
