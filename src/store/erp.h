/* Contexts of ERP by EMSKname (store/contexts.h): taken out while one Initiate is judged, so that
 * no SEQ serves in two workers, and put back with the next SEQ. An authentication that is played
 * again does not begin one anew, so no SEQ comes back. */
#ifndef LK_STORE_ERP_H
#define LK_STORE_ERP_H

#include "keys/types.h"
#include "store/contexts.h"

struct lk_erp_table;

size_t lk_erp_table_size(size_t capacity);
struct lk_erp_table *lk_erp_table_in(void *memory, size_t capacity);
/* Keeps a new one until it expires. */
void lk_erp_table_keep(struct lk_erp_table *table, const struct lk_erp_context *context,
                       uint64_t now_ms);
void lk_erp_table_put_back(struct lk_erp_table *table, const struct lk_erp_context *context,
                           uint64_t now_ms);
LK_MUST_CHECK enum lk_status lk_erp_table_take(struct lk_erp_table *table,
                                               struct lk_erp_context *context,
                                               const uint8_t name[LK_EMSK_NAME_LEN],
                                               uint64_t now_ms);
size_t lk_erp_table_count(const struct lk_erp_table *table);

#endif
