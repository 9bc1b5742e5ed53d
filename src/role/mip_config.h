/* An association of Mobile IP as the configuration has it, for the roles that are an end of one. */
#ifndef LK_ROLE_MIP_CONFIG_H
#define LK_ROLE_MIP_CONFIG_H

#include "proto/mip/msa.h"
#include "role/config_mip.h"

/* By the place of its word in the configuration: enum lk_mip_algorithm. */
uint16_t lk_role_mip_algorithm(int place);
/* The same: enum lk_mip_replay. */
uint8_t lk_role_mip_replay(int place);
/* Its row has seen to it that the key is one. The caller wipes it. */
void lk_role_mip_msa_of(struct lk_mip_msa *to, const struct lk_config_mip_association *from);

#endif
