#include "role/store_view.h"

#include "io/log.h"
#include "role/durable.h"

struct lk_store *lk_store_view_get(struct lk_store_view *view)
{
    char error[LK_STORE_ERROR_TEXT];

    if (view->store != NULL || lk_mono_ms() < view->retry_ms)
        return view->store;
    if (lk_store_open_existing(&view->store, view->url, error) == LK_OK)
        return view->store;
    view->store = NULL;
    view->retry_ms = lk_mono_ms() + LK_DURABLE_RETRY_MS;
    LK_LOG(LK_LOG_ERROR, "store-unavailable", { "why", error });
    return NULL;
}

void lk_store_view_failed(struct lk_store_view *view)
{
    if (view->store != NULL) {
        LK_LOG(LK_LOG_ERROR, "store-unavailable", { "why", lk_store_error(view->store) });
        lk_store_view_end(view);
        view->retry_ms = lk_mono_ms() + LK_DURABLE_RETRY_MS;
    }
}

void lk_store_view_check(struct lk_store_view *view)
{
    if (view->store != NULL && lk_store_present(view->store) != LK_OK)
        lk_store_view_failed(view);
}

void lk_store_view_end(struct lk_store_view *view)
{
    if (view->store != NULL)
        lk_store_close(view->store);
    view->store = NULL;
}
