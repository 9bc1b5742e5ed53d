/* The authentication functions f1..f5* of TS 33.102, by Milenage or by TUAK.
 *
 * Both ends use them: the authentication centre in the vault, and the USIM of the UE. */
#ifndef LK_CRYPTO_AKA_H
#define LK_CRYPTO_AKA_H

#include "base/octets.h"

enum lk_aka_algorithm { LK_AKA_MILENAGE = 1, LK_AKA_TUAK = 2 };

enum {
    LK_RAND_LEN = 16,
    LK_AUTN_LEN = 16,
    LK_AUTS_LEN = 14,
    LK_SQN_LEN = 6,
    LK_AK_LEN = 6,
    LK_AMF_LEN = 2,
    LK_MAC_A_LEN = 8,
    LK_RES_MIN = 4,
    LK_RES_MAX = 16, /* RFC 4187 10.8; TUAK's 32 is refused for EAP */
    LK_K_MAX = 32,
    LK_TOPC_MAX = 32,
};

/* What is on the card and in the authentication centre: secret as a whole. */
struct lk_aka_card {
    enum lk_aka_algorithm algorithm;
    uint8_t k[LK_K_MAX];
    size_t k_len;               /* Milenage 16; TUAK 16 or 32 */
    uint8_t topc[LK_TOPC_MAX];  /* OPc (16 octets, Milenage) or TOPc (32, TUAK) */
    size_t res_len;             /* Milenage 8; TUAK 4, 8 or 16 */
    unsigned keccak_iterations; /* TUAK; 1 unless the operator says otherwise */
};

/* LK_E_LENGTH when a length does not fit the algorithm. */
LK_MUST_CHECK enum lk_status lk_aka_card_check(const struct lk_aka_card *card);

/* OPc from OP (16 octets, TS 35.206 4.1) or TOPc from TOP (32, TS 35.231), into card->topc;
 * algorithm, k, k_len and keccak_iterations are set already. */
void lk_aka_topc_derive(struct lk_aka_card *card, const uint8_t *top);

/* f1: MAC-A, and f1*: MAC-S. */
void lk_aka_f1(uint8_t mac_a[LK_MAC_A_LEN], const struct lk_aka_card *card,
               const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
               const uint8_t amf[LK_AMF_LEN]);
void lk_aka_f1_star(uint8_t mac_s[LK_MAC_A_LEN], const struct lk_aka_card *card,
                    const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
                    const uint8_t amf[LK_AMF_LEN]);

struct lk_aka_output {
    uint8_t res[LK_RES_MAX]; /* res_len of the card */
    size_t res_len;
    uint8_t ck[16];
    uint8_t ik[16];
    uint8_t ak[LK_AK_LEN];
};

/* f2, f3, f4, f5 in one go. The caller wipes out. */
void lk_aka_f2345(struct lk_aka_output *out, const struct lk_aka_card *card,
                  const uint8_t rand[LK_RAND_LEN]);
void lk_aka_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_aka_card *card,
                    const uint8_t rand[LK_RAND_LEN]);

/* AUTN = (SQN xor AK) || AMF || MAC-A (TS 33.102 6.3.2). */
void lk_aka_autn(uint8_t autn[LK_AUTN_LEN], const uint8_t sqn[LK_SQN_LEN],
                 const uint8_t ak[LK_AK_LEN], const uint8_t amf[LK_AMF_LEN],
                 const uint8_t mac_a[LK_MAC_A_LEN]);
/* f1 to f5 and AUTN of one vector, cheaper than one by one. The caller wipes out. */
void lk_aka_vector(struct lk_aka_output *out, uint8_t autn[LK_AUTN_LEN],
                   const struct lk_aka_card *card, const uint8_t rand[LK_RAND_LEN],
                   const uint8_t sqn[LK_SQN_LEN], const uint8_t amf[LK_AMF_LEN]);
/* AUTS = (SQN_MS xor AK*) || MAC-S, MAC-S with AMF 0000 (TS 33.102 6.3.3). */
void lk_aka_auts(uint8_t auts[LK_AUTS_LEN], const struct lk_aka_card *card,
                 const uint8_t rand[LK_RAND_LEN], const uint8_t sqn_ms[LK_SQN_LEN]);
/* The other way: SQN_MS out of AUTS. LK_E_AUTH, sqn_ms untouched, when MAC-S does not verify. */
LK_MUST_CHECK enum lk_status lk_aka_auts_open(uint8_t sqn_ms[LK_SQN_LEN],
                                              const struct lk_aka_card *card,
                                              const uint8_t rand[LK_RAND_LEN],
                                              const uint8_t auts[LK_AUTS_LEN]);

#endif
