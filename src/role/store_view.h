/* A handle of the store for reading on the loop: opened anew a second after it failed, and told of
 * in the log. */
#ifndef LK_ROLE_STORE_VIEW_H
#define LK_ROLE_STORE_VIEW_H

#include "role/shared.h"
#include "store/store.h"

struct lk_store_view {
    const char *url; /* outlives this */
    struct lk_store *store;
    uint64_t retry_ms;
};

/* The handle, opened where that is due; NULL: the store is not there. */
struct lk_store *lk_store_view_get(struct lk_store_view *view);
/* A call on it has failed. */
void lk_store_view_failed(struct lk_store_view *view);
/* What was opened may not be there any more. */
void lk_store_view_check(struct lk_store_view *view);
void lk_store_view_end(struct lk_store_view *view);

#endif
