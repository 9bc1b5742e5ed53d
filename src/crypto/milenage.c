/* Milenage: the example algorithm set for f1..f5* of TS 35.206, over AES-128 as kernel E.
 *
 * The lines below carry the formulas of TS 35.206 4.1: rot(x, r) turns x left by r bits, which are
 * whole octets for the five standard values of r; c1..c5 are zero but for their last octet. */
#include "crypto/milenage.h"

#include <string.h>

#include "base/secret.h"

/* out = in xor mask, out may be in. */
static void xor_block(uint8_t out[16], const uint8_t in[16], const uint8_t mask[16])
{
    for (size_t i = 0; i < 16; i++)
        out[i] = in[i] ^ mask[i];
}

/* out = rot(in, 8 * octets). */
static void rotate(uint8_t out[16], const uint8_t in[16], size_t octets)
{
    for (size_t i = 0; i < 16; i++)
        out[i] = in[(i + octets) % 16];
}

void lk_milenage_opc(uint8_t opc[16], const uint8_t k[16], const uint8_t op[16])
{
    struct lk_aes128 aes;

    lk_aes128_set_key(&aes, k);
    /* spec: TS 35.206 4.1 - OPc = OP xor E[OP]K. */
    lk_aes128_block(&aes, opc, op);
    xor_block(opc, opc, op);
    lk_wipe(&aes, sizeof aes);
}

void lk_milenage_start(struct lk_milenage *m, const uint8_t k[16], const uint8_t opc[16],
                       const uint8_t rand[LK_RAND_LEN])
{
    lk_aes128_set_key(&m->k, k);
    memcpy(m->opc, opc, sizeof m->opc);
    xor_block(m->temp, rand, opc); /* TEMP = E[RAND xor OPc]K */
    lk_aes128_block(&m->k, m->temp, m->temp);
}

void lk_milenage_out1(uint8_t out1[16], const struct lk_milenage *m, const uint8_t sqn[LK_SQN_LEN],
                      const uint8_t amf[LK_AMF_LEN])
{
    uint8_t in1[16], block[16];

    /* IN1 = SQN || AMF || SQN || AMF */
    memcpy(in1, sqn, LK_SQN_LEN);
    memcpy(in1 + 6, amf, LK_AMF_LEN);
    memcpy(in1 + 8, in1, 8);
    /* spec: TS 35.206 4.1 - OUT1 = E[TEMP xor rot(IN1 xor OPc, r1) xor c1]K xor OPc, r1 = 64,
     * c1 = 0. */
    xor_block(in1, in1, m->opc);
    rotate(block, in1, 64 / 8);
    xor_block(block, block, m->temp);
    lk_aes128_block(&m->k, out1, block);
    xor_block(out1, out1, m->opc);
    lk_wipe(in1, sizeof in1);
    lk_wipe(block, sizeof block);
}

/* spec: TS 35.206 4.1 - OUTn = E[rot(TEMP xor OPc, rn) xor cn]K xor OPc, n from 2 to 5. */
static void out_n(uint8_t out[16], const struct lk_milenage *m, size_t r, uint8_t c)
{
    uint8_t block[16], turned[16];

    xor_block(block, m->temp, m->opc);
    rotate(turned, block, r / 8);
    turned[15] ^= c;
    lk_aes128_block(&m->k, out, turned);
    xor_block(out, out, m->opc);
    lk_wipe(block, sizeof block);
    lk_wipe(turned, sizeof turned);
}

void lk_milenage_f2345(uint8_t res[8], uint8_t ck[16], uint8_t ik[16], uint8_t ak[LK_AK_LEN],
                       const struct lk_milenage *m)
{
    uint8_t out2[16];

    out_n(out2, m, 0, 0x01);     /* r2 = 0, c2 = 1 */
    memcpy(res, out2 + 8, 8);    /* f2: RES = OUT2[64] .. OUT2[127] */
    memcpy(ak, out2, LK_AK_LEN); /* f5: AK = OUT2[0] .. OUT2[47] */
    out_n(ck, m, 32, 0x02);      /* f3: CK = OUT3, r3 = 32, c3 = 2 */
    out_n(ik, m, 64, 0x04);      /* f4: IK = OUT4, r4 = 64, c4 = 4 */
    lk_wipe(out2, sizeof out2);
}

void lk_milenage_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_milenage *m)
{
    uint8_t out5[16];

    out_n(out5, m, 96, 0x08);         /* r5 = 96, c5 = 8 */
    memcpy(ak_star, out5, LK_AK_LEN); /* f5*: AK* = OUT5[0] .. OUT5[47] */
    lk_wipe(out5, sizeof out5);
}
