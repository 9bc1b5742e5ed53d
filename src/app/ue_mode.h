/* What `latchkey ue attach` has to do with connection modes: its options, and what it tells. */
#ifndef LK_APP_UE_MODE_H
#define LK_APP_UE_MODE_H

#include <jansson.h>

#include "role/ue.h"

/* --mode NAME: multi or transparent. */
bool lk_ue_arg_mode(struct lk_ue_config *config, const char *argument);
/* --twag-address A, once for IPv4 and once for IPv6: the access point plays the TWAP, too. */
bool lk_ue_arg_twag_address(struct lk_ue_config *config, const char *argument);
/* --mac MAC: of the device. */
bool lk_ue_arg_mac(struct lk_ue_config *config, const char *argument);
/* --enterprise N: of the TWAP's attributes. */
bool lk_ue_arg_enterprise(struct lk_ue_config *config, const char *argument);
/* --wlcp-fc HEX, --wlcp-param HEX (again for the next one). */
bool lk_ue_arg_wlcp_fc(struct lk_ue_config *config, const char *argument);
bool lk_ue_arg_wlcp_param(struct lk_ue_config *config, const char *argument);

/* Nothing when no mode was asked for. */
void lk_ue_mode_tell(const struct lk_ue_config *config, const struct lk_ue_result *result,
                     bool show_keys);
void lk_ue_mode_tell_json(json_t *to, const struct lk_ue_config *config,
                          const struct lk_ue_result *result, bool show_keys);

#endif
