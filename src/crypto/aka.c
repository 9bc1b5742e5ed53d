/* f1..f5* of TS 33.102 6.3 by the card's algorithm, and the two tokens made of them: AUTN and AUTS.
 *
 * Called by the authentication centre in the vault and by the USIM of the UE. */
#include "crypto/aka.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/milenage.h"
#include "crypto/tuak.h"

enum { MILENAGE_K_LEN = 16, MILENAGE_OPC_LEN = 16, MILENAGE_RES_LEN = 8 };

static struct lk_tuak tuak_of(const struct lk_aka_card *card)
{
    return (struct lk_tuak){
        .k = lk_span_of(card->k, card->k_len),
        .topc = card->topc,
        .iterations = card->keccak_iterations,
        .mac_len = LK_MAC_A_LEN,
        .res_len = card->res_len,
        .ck_len = 16,
        .ik_len = 16,
    };
}

enum lk_status lk_aka_card_check(const struct lk_aka_card *card)
{
    struct lk_tuak tuak;

    switch (card->algorithm) {
    case LK_AKA_MILENAGE:
        return card->k_len == MILENAGE_K_LEN && card->res_len == MILENAGE_RES_LEN ? LK_OK
                                                                                  : LK_E_LENGTH;
    case LK_AKA_TUAK:
        /* spec: RFC 4187 10.8 - AT_RES carries 32 to 128 bits: TUAK's RES of 256 is refused. */
        if (card->res_len > LK_RES_MAX || card->k_len > LK_K_MAX)
            return LK_E_LENGTH;
        tuak = tuak_of(card);
        return lk_tuak_check(&tuak);
    }
    return LK_E_VALUE;
}

void lk_aka_topc_derive(struct lk_aka_card *card, const uint8_t *top)
{
    struct lk_tuak tuak;

    if (card->algorithm == LK_AKA_MILENAGE) {
        lk_wipe(card->topc, sizeof card->topc); /* OPc fills the first half */
        lk_milenage_opc(card->topc, card->k, top);
        return;
    }
    tuak = tuak_of(card);
    tuak.topc = top;
    lk_tuak_topc(card->topc, &tuak);
}

/* MAC-A and MAC-S come from one OUT1 in Milenage and from two permutations in TUAK. */
static void mac_of(uint8_t mac[LK_MAC_A_LEN], const struct lk_aka_card *card, bool star,
                   const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
                   const uint8_t amf[LK_AMF_LEN])
{
    struct lk_milenage m;
    struct lk_tuak tuak;
    uint8_t out1[16];

    if (card->algorithm == LK_AKA_TUAK) {
        tuak = tuak_of(card);
        lk_tuak_mac(mac, &tuak, star ? LK_TUAK_F1_STAR : LK_TUAK_F1, rand, sqn, amf);
        return;
    }
    lk_milenage_start(&m, card->k, card->topc, rand);
    lk_milenage_out1(out1, &m, sqn, amf);
    memcpy(mac, star ? out1 + 8 : out1, LK_MAC_A_LEN);
    lk_wipe(&m, sizeof m);
    lk_wipe(out1, sizeof out1);
}

void lk_aka_f1(uint8_t mac_a[LK_MAC_A_LEN], const struct lk_aka_card *card,
               const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
               const uint8_t amf[LK_AMF_LEN])
{
    mac_of(mac_a, card, false, rand, sqn, amf);
}

void lk_aka_f1_star(uint8_t mac_s[LK_MAC_A_LEN], const struct lk_aka_card *card,
                    const uint8_t rand[LK_RAND_LEN], const uint8_t sqn[LK_SQN_LEN],
                    const uint8_t amf[LK_AMF_LEN])
{
    mac_of(mac_s, card, true, rand, sqn, amf);
}

void lk_aka_f2345(struct lk_aka_output *out, const struct lk_aka_card *card,
                  const uint8_t rand[LK_RAND_LEN])
{
    struct lk_milenage m;
    struct lk_tuak tuak;

    memset(out, 0, sizeof *out);
    out->res_len = card->res_len;
    if (card->algorithm == LK_AKA_TUAK) {
        tuak = tuak_of(card);
        lk_tuak_f2345(out->res, out->ck, out->ik, out->ak, &tuak, rand);
        return;
    }
    lk_milenage_start(&m, card->k, card->topc, rand);
    lk_milenage_f2345(out->res, out->ck, out->ik, out->ak, &m);
    lk_wipe(&m, sizeof m);
}

void lk_aka_f5_star(uint8_t ak_star[LK_AK_LEN], const struct lk_aka_card *card,
                    const uint8_t rand[LK_RAND_LEN])
{
    struct lk_milenage m;
    struct lk_tuak tuak;

    if (card->algorithm == LK_AKA_TUAK) {
        tuak = tuak_of(card);
        lk_tuak_f5_star(ak_star, &tuak, rand);
        return;
    }
    lk_milenage_start(&m, card->k, card->topc, rand);
    lk_milenage_f5_star(ak_star, &m);
    lk_wipe(&m, sizeof m);
}

static void conceal(uint8_t out[LK_SQN_LEN], const uint8_t sqn[LK_SQN_LEN],
                    const uint8_t ak[LK_AK_LEN])
{
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        out[i] = sqn[i] ^ ak[i];
}

void lk_aka_autn(uint8_t autn[LK_AUTN_LEN], const uint8_t sqn[LK_SQN_LEN],
                 const uint8_t ak[LK_AK_LEN], const uint8_t amf[LK_AMF_LEN],
                 const uint8_t mac_a[LK_MAC_A_LEN])
{
    /* spec: TS 33.102 6.3.2 - AUTN = (SQN xor AK) || AMF || MAC. */
    conceal(autn, sqn, ak);
    memcpy(autn + 6, amf, LK_AMF_LEN);
    memcpy(autn + 8, mac_a, LK_MAC_A_LEN);
}

void lk_aka_vector(struct lk_aka_output *out, uint8_t autn[LK_AUTN_LEN],
                   const struct lk_aka_card *card, const uint8_t rand[LK_RAND_LEN],
                   const uint8_t sqn[LK_SQN_LEN], const uint8_t amf[LK_AMF_LEN])
{
    struct lk_milenage m;
    uint8_t out1[16];

    if (card->algorithm == LK_AKA_TUAK) {
        lk_aka_f1(out1, card, rand, sqn, amf);
        lk_aka_f2345(out, card, rand);
    } else { /* one key schedule and one TEMP for all of it */
        memset(out, 0, sizeof *out);
        out->res_len = card->res_len;
        lk_milenage_start(&m, card->k, card->topc, rand);
        lk_milenage_out1(out1, &m, sqn, amf);
        lk_milenage_f2345(out->res, out->ck, out->ik, out->ak, &m);
        lk_wipe(&m, sizeof m);
    }
    lk_aka_autn(autn, sqn, out->ak, amf, out1);
    lk_wipe(out1, sizeof out1);
}

/* spec: TS 33.102 6.3.3 - MAC-S is computed with a dummy AMF of all zeroes. */
static const uint8_t resync_amf[LK_AMF_LEN] = { 0x00, 0x00 };

void lk_aka_auts(uint8_t auts[LK_AUTS_LEN], const struct lk_aka_card *card,
                 const uint8_t rand[LK_RAND_LEN], const uint8_t sqn_ms[LK_SQN_LEN])
{
    uint8_t ak_star[LK_AK_LEN];

    /* spec: TS 33.102 6.3.3 - AUTS = (SQN_MS xor AK*) || MAC-S. */
    lk_aka_f5_star(ak_star, card, rand);
    conceal(auts, sqn_ms, ak_star);
    lk_aka_f1_star(auts + 6, card, rand, sqn_ms, resync_amf);
    lk_wipe(ak_star, sizeof ak_star);
}

enum lk_status lk_aka_auts_open(uint8_t sqn_ms[LK_SQN_LEN], const struct lk_aka_card *card,
                                const uint8_t rand[LK_RAND_LEN], const uint8_t auts[LK_AUTS_LEN])
{
    uint8_t ak_star[LK_AK_LEN], sqn[LK_SQN_LEN], mac_s[LK_MAC_A_LEN];
    enum lk_status status = LK_E_AUTH;

    /* spec: TS 33.102 6.3.5 - SQN_MS is believed only when MAC-S verifies under it. */
    lk_aka_f5_star(ak_star, card, rand);
    conceal(sqn, auts, ak_star);
    lk_aka_f1_star(mac_s, card, rand, sqn, resync_amf);
    if (lk_same_secret(mac_s, auts + 6, sizeof mac_s)) {
        memcpy(sqn_ms, sqn, sizeof sqn);
        status = LK_OK;
    }
    lk_wipe(ak_star, sizeof ak_star);
    lk_wipe(sqn, sizeof sqn);
    lk_wipe(mac_s, sizeof mac_s);
    return status;
}
