/* GBA user security settings: what the configuration says of a subscriber (bsf.users). Read anew
 * with each question of a NAF: what a reload has changed counts at once. */
#ifndef LK_ROLE_BSF_USERS_H
#define LK_ROLE_BSF_USERS_H

#include <jansson.h>

#include "proto/gba/bsf.h"
#include "role/config_gba.h"

struct lk_bsf_service {
    uint32_t id;    /* GAA service identifier */
    uint64_t flags; /* bit n: flag n */
};

/* "1:1,2", service 1 with flags 1 and 2; "7", without any. False: one is no such text, or two are
 * of one service. */
LK_MUST_CHECK bool lk_bsf_services_read(struct lk_bsf_service service[LK_CONFIG_GAA_SERVICES],
                                        const struct lk_config_bsf_user *user);

/* NULL: nothing is said of that subscriber. */
const struct lk_config_bsf_user *lk_bsf_users_find(const struct lk_config_bsf *config,
                                                   const struct lk_imsi *imsi);
/* GBA-UserSecSettings for that NAF: of the services in its row, no others. NULL: none. */
json_t *lk_bsf_users_settings(const struct lk_config_bsf_user *user,
                              const struct lk_config_naf *naf);
/* Whose Ks lives shorter than others'; how many. */
size_t lk_bsf_users_limits(struct lk_gba_bsf_limit limit[LK_CONFIG_BSF_USERS],
                           const struct lk_config_bsf *config);

#endif
