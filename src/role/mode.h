/* What the configuration says of connection modes and of the WLCP key, in the form that the pure
 * layers take: for both ends, the AAA server and the device. */
#ifndef LK_ROLE_MODE_H
#define LK_ROLE_MODE_H

#include "keys/wlcp.h"
#include "role/config.h"
#include "wire/eap_mode.h"

void lk_wlcp_kdf_of(struct lk_wlcp_kdf *kdf, const struct lk_config *config);
/* What lk_config_check has let pass is sound. */
void lk_mode_layout_of(struct lk_mode_layout *layout, const struct lk_config *config);

#endif
