/* Milenage, TS 35.206: f1..f5* over AES-128. Behind crypto/aka.h; here for the vectors. */
#ifndef LK_CRYPTO_MILENAGE_H
#define LK_CRYPTO_MILENAGE_H

#include "crypto/aka.h"
#include "crypto/crypto.h"

/* What all functions of one (K, OPc, RAND) share. Secret as a whole; the caller wipes it. */
struct lk_milenage {
    struct lk_aes128 k; /* E[.]K */
    uint8_t opc[16];
    uint8_t temp[16];
};

void lk_milenage_opc(uint8_t opc[16], const uint8_t k[16], const uint8_t op[16]);
void lk_milenage_start(struct lk_milenage *m, const uint8_t k[16], const uint8_t opc[16],
                       const uint8_t rand[LK_RAND_LEN]);
/* OUT1: MAC-A (f1) in the first half, MAC-S (f1*) in the second. */
void lk_milenage_out1(uint8_t out1[16], const struct lk_milenage *m, const uint8_t sqn[LK_SQN_LEN],
                      const uint8_t amf[LK_AMF_LEN]);
void lk_milenage_f2345(uint8_t res[8], uint8_t ck[16], uint8_t ik[16], uint8_t ak[LK_AK_LEN],
                       const struct lk_milenage *m);
void lk_milenage_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_milenage *m);

#endif
