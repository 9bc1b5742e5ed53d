/* TUAK, TS 35.231: f1..f5* over Keccak-f[1600]. Behind crypto/aka.h, which uses the lengths that
 * AKA over EAP allows; here with every length of the document, for the vectors and for
 * `latchkey keys tuak`. */
#ifndef LK_CRYPTO_TUAK_H
#define LK_CRYPTO_TUAK_H

#include "crypto/aka.h"
#include "crypto/crypto.h"

enum { LK_TUAK_TOPC_LEN = 32, LK_TUAK_OUT_MAX = 32 };

/* One subscriber's constants. Lengths in octets: mac 8, 16 or 32; res 4, 8, 16 or 32; ck and ik 16
 * or 32; k 16 or 32. */
struct lk_tuak {
    struct lk_span k;
    const uint8_t *topc; /* TOP for INSTANCE 0 */
    unsigned iterations;
    size_t mac_len, res_len, ck_len, ik_len;
};

/* The five kinds of INSTANCE. */
enum lk_tuak_function {
    LK_TUAK_TOPC,
    LK_TUAK_F1,
    LK_TUAK_F1_STAR,
    LK_TUAK_F2345,
    LK_TUAK_F5_STAR,
};
LK_MUST_CHECK enum lk_status lk_tuak_check(const struct lk_tuak *t);
uint8_t lk_tuak_instance(const struct lk_tuak *t, enum lk_tuak_function function);

/* INOUT before the permutation. rand is NULL when TOPc is derived; sqn and amf are NULL but for f1
 * and f1*. Secret. */
void lk_tuak_in(uint8_t in[LK_KECCAK_STATE_LEN], const struct lk_tuak *t,
                enum lk_tuak_function function, const uint8_t *rand, const uint8_t *sqn,
                const uint8_t *amf);

void lk_tuak_topc(uint8_t topc[LK_TUAK_TOPC_LEN], const struct lk_tuak *t);
/* f1 or f1*, mac_len octets. */
void lk_tuak_mac(uint8_t *mac, const struct lk_tuak *t, enum lk_tuak_function function,
                 const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
                 const uint8_t amf[LK_AMF_LEN]);
void lk_tuak_f2345(uint8_t *res, uint8_t *ck, uint8_t *ik, uint8_t ak[LK_AK_LEN],
                   const struct lk_tuak *t, const uint8_t rand[LK_RAND_LEN]);
void lk_tuak_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_tuak *t,
                     const uint8_t rand[LK_RAND_LEN]);

#endif
