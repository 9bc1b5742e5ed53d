/* What the configuration says of WLCP, in the form that its machines take: for both ends. */
#ifndef LK_ROLE_WLCP_CONFIG_H
#define LK_ROLE_WLCP_CONFIG_H

#include "proto/wlcp/twag.h"
#include "proto/wlcp/ue.h"
#include "role/config.h"

/* The table of messages: the project's, changed by wlcp.numbers and wlcp.layout. When it cannot be,
 * bad is the row that does not fit, those of wlcp.layout counted behind those of wlcp.numbers:
 * LK_E_VALUE, LK_E_FULL, LK_E_CONFLICT. What lk_config_check has let pass can. */
LK_MUST_CHECK enum lk_status lk_wlcp_table_of(struct lk_wlcp_table *table, size_t *bad,
                                              const struct lk_config *config);

/* The table stays the caller's and must outlive them. */
void lk_wlcp_ue_config_of(struct lk_wlcp_ue_config *ue, const struct lk_wlcp_table *table,
                          const struct lk_config *config);
void lk_wlcp_twag_config_of(struct lk_wlcp_twag_config *twag, const struct lk_wlcp_table *table,
                            const struct lk_config *config);

#endif
