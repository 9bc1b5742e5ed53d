/* BEST (TS 33.163): K_HSE of the home security endpoint. What is derived of it further is not
 * known here. */
#ifndef LK_KEYS_BEST_H
#define LK_KEYS_BEST_H

#include "keys/akma.h"

/* The caller wipes key. */
void lk_k_hse_of_5g_aka(struct lk_k_hse *key, const struct lk_ck *ck, const struct lk_ik *ik,
                        struct lk_span serving_network,
                        const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN]);
void lk_k_hse_of_eap_aka_prime(struct lk_k_hse *key, const struct lk_ck_prime *ck,
                               const struct lk_ik_prime *ik, struct lk_span serving_network,
                               const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN]);

#endif
