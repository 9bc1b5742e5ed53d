/* CK, IK -> K_HSE.                                                        TS 33.163 5.1.0a */
#include "keys/best.h"

#include <string.h>

#include "base/secret.h"
#include "keys/kdf.h"

enum { FC_5G_AKA = 0x63, FC_EAP_AKA_PRIME = 0x64 };

/* spec: TS 33.163 5.1.0a - KDF of the two keys, serving network name, SQN xor AK; the function
 * code says which authentication it was. */
static void derive(struct lk_k_hse *key, uint8_t fc, const uint8_t ck[16], const uint8_t ik[16],
                   struct lk_span serving_network, const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN])
{
    const struct lk_span params[] = { serving_network,
                                      lk_span_of(sqn_xor_ak, LK_SQN_XOR_AK_LEN) };
    uint8_t parent[32];

    memcpy(parent, ck, 16);
    memcpy(parent + 16, ik, 16);
    lk_kdf_3gpp(key->octets, LK_SPAN(parent), fc, params, LK_COUNT_OF(params));
    lk_wipe(parent, sizeof parent);
}

void lk_k_hse_of_5g_aka(struct lk_k_hse *key, const struct lk_ck *ck, const struct lk_ik *ik,
                        struct lk_span serving_network,
                        const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN])
{
    derive(key, FC_5G_AKA, ck->octets, ik->octets, serving_network, sqn_xor_ak);
}

void lk_k_hse_of_eap_aka_prime(struct lk_k_hse *key, const struct lk_ck_prime *ck,
                               const struct lk_ik_prime *ik, struct lk_span serving_network,
                               const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN])
{
    derive(key, FC_EAP_AKA_PRIME, ck->octets, ik->octets, serving_network, sqn_xor_ak);
}
