/* The table of WLCP messages, with the numbers that the configuration has otherwise: for gateway
 * and device. */
#ifndef LK_ROLE_WLCP_NUMBERS_H
#define LK_ROLE_WLCP_NUMBERS_H

#include "role/config.h"
#include "wire/wlcp.h"

/* LK_E_VALUE, LK_E_FULL, LK_E_CONFLICT: row *bad of wlcp.numbers does not fit; or, when it is their
 * count, all of them together. The table is then the project's own. */
LK_MUST_CHECK enum lk_status lk_wlcp_table_of(struct lk_wlcp_table *table, size_t *bad,
                                              const struct lk_config *config);

#endif
