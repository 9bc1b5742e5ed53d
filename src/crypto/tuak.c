/* TUAK: the second example algorithm set for f1..f5*, TS 35.231, over Keccak-f[1600].
 *
 * One state of 200 octets takes everything; INSTANCE tells the functions, the lengths of their
 * outputs and the length of K apart, so that no two of them ever share an input. The document
 * numbers bits from the last to the first: each field goes in, and each output comes out,
 * octet-reversed. */
#include "crypto/tuak.h"

#include <string.h>

#include "base/secret.h"

/* Where the fields of INOUT lie, in octets. */
enum {
    AT_TOPC = 0,
    AT_INSTANCE = 32,
    AT_ALGONAME = 33,
    AT_RAND = 40,
    AT_AMF = 56,
    AT_SQN = 58,
    AT_K = 64,
    AT_PAD_FIRST = 96,
    AT_PAD_LAST = 135,
    /* outputs */
    AT_MAC = 0,
    AT_RES = 0,
    AT_CK = 32,
    AT_IK = 64,
    AT_AK = 96,
};

static void put_reversed(uint8_t *to, const uint8_t *from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = from[len - 1 - i];
}

enum lk_status lk_tuak_check(const struct lk_tuak *t)
{
    bool good = (t->k.len == 16 || t->k.len == 32) && t->iterations >= 1 &&
                (t->mac_len == 8 || t->mac_len == 16 || t->mac_len == 32) &&
                (t->res_len == 4 || t->res_len == 8 || t->res_len == 16 || t->res_len == 32) &&
                (t->ck_len == 16 || t->ck_len == 32) && (t->ik_len == 16 || t->ik_len == 32);

    return good ? LK_OK : LK_E_LENGTH;
}

/* spec: TS 35.231 INSTANCE - function in the two highest bits, output lengths below, length of
 * K in the lowest. */
uint8_t lk_tuak_instance(const struct lk_tuak *t, enum lk_tuak_function function)
{
    uint8_t instance = t->k.len == 32 ? 0x01 : 0x00;

    switch (function) {
    case LK_TUAK_TOPC:
        break;
    case LK_TUAK_F1: /* 08, 10, 20: a MAC of 64, 128, 256 bits */
        instance |= (uint8_t)t->mac_len;
        break;
    case LK_TUAK_F1_STAR:
        instance |= 0x80 | (uint8_t)t->mac_len;
        break;
    case LK_TUAK_F2345: /* 00, 08, 10, 20: a RES of 32, 64, 128, 256 bits */
        instance |= 0x40;
        instance |= t->res_len == 4 ? 0x00 : (uint8_t)t->res_len;
        instance |= t->ck_len == 32 ? 0x04 : 0x00;
        instance |= t->ik_len == 32 ? 0x02 : 0x00;
        break;
    case LK_TUAK_F5_STAR:
        instance |= 0xc0;
        break;
    }
    return instance;
}

void lk_tuak_in(uint8_t in[LK_KECCAK_STATE_LEN], const struct lk_tuak *t,
                enum lk_tuak_function function, const uint8_t *rand, const uint8_t *sqn,
                const uint8_t *amf)
{
    static const uint8_t algoname[7] = { 'T', 'U', 'A', 'K', '1', '.', '0' };

    memset(in, 0, LK_KECCAK_STATE_LEN);
    put_reversed(in + AT_TOPC, t->topc, LK_TUAK_TOPC_LEN);
    in[AT_INSTANCE] = lk_tuak_instance(t, function);
    put_reversed(in + AT_ALGONAME, algoname, sizeof algoname);
    if (rand != NULL)
        put_reversed(in + AT_RAND, rand, LK_RAND_LEN);
    if (amf != NULL)
        put_reversed(in + AT_AMF, amf, LK_AMF_LEN);
    if (sqn != NULL)
        put_reversed(in + AT_SQN, sqn, LK_SQN_LEN);
    put_reversed(in + AT_K, t->k.at, t->k.len);
    in[AT_PAD_FIRST] = 0x1f; /* five one bits, */
    in[AT_PAD_LAST] = 0x80;  /* zeroes, and the last bit of the rate of 1088 */
}

/* OUT = Pi(IN), Pi being Keccak-f[1600] as often as the operator says. */
static void permute(uint8_t state[LK_KECCAK_STATE_LEN], const struct lk_tuak *t)
{
    for (unsigned i = 0; i < t->iterations; i++)
        lk_keccak_f1600(state);
}

void lk_tuak_topc(uint8_t topc[LK_TUAK_TOPC_LEN], const struct lk_tuak *t)
{
    uint8_t state[LK_KECCAK_STATE_LEN];

    /* spec: TS 35.231 TOPc - TOP in its own place, RAND, AMF and SQN zero. */
    lk_tuak_in(state, t, LK_TUAK_TOPC, NULL, NULL, NULL);
    permute(state, t);
    put_reversed(topc, state, LK_TUAK_TOPC_LEN);
    lk_wipe(state, sizeof state);
}

void lk_tuak_mac(uint8_t *mac, const struct lk_tuak *t, enum lk_tuak_function function,
                 const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
                 const uint8_t amf[LK_AMF_LEN])
{
    uint8_t state[LK_KECCAK_STATE_LEN];

    LK_ASSERT(function == LK_TUAK_F1 || function == LK_TUAK_F1_STAR);
    /* spec: TS 35.231 f1 - and f1*: RAND, AMF and SQN in, the MAC from the front. */
    lk_tuak_in(state, t, function, rand, sqn, amf);
    permute(state, t);
    put_reversed(mac, state + AT_MAC, t->mac_len);
    lk_wipe(state, sizeof state);
}

void lk_tuak_f2345(uint8_t *res, uint8_t *ck, uint8_t *ik, uint8_t ak[LK_AK_LEN],
                   const struct lk_tuak *t, const uint8_t rand[LK_RAND_LEN])
{
    uint8_t state[LK_KECCAK_STATE_LEN];

    /* spec: TS 35.231 f2345 - from one permutation, AMF and SQN zero. */
    lk_tuak_in(state, t, LK_TUAK_F2345, rand, NULL, NULL);
    permute(state, t);
    put_reversed(res, state + AT_RES, t->res_len);
    put_reversed(ck, state + AT_CK, t->ck_len);
    put_reversed(ik, state + AT_IK, t->ik_len);
    put_reversed(ak, state + AT_AK, LK_AK_LEN);
    lk_wipe(state, sizeof state);
}

void lk_tuak_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_tuak *t,
                     const uint8_t rand[LK_RAND_LEN])
{
    uint8_t state[LK_KECCAK_STATE_LEN];

    /* spec: TS 35.231 f5star - an INSTANCE of its own, AK* where AK is. */
    lk_tuak_in(state, t, LK_TUAK_F5_STAR, rand, NULL, NULL);
    permute(state, t);
    put_reversed(ak_star, state + AT_AK, LK_AK_LEN);
    lk_wipe(state, sizeof state);
}
