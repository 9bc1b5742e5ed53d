/* CK, IK -> KASME -> KeNB -> S-KWT and the keys of RRC, UP and NAS.            TS 33.401 annex A
 *
 * Called by the LWA machines of eNB and UE and by `latchkey keys`. Every derivation is the KDF of
 * TS 33.220 B.2 with its own function code; captions give S without the lengths. */
#include "keys/eps.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"

enum {
    FC_KASME = 0x10,
    FC_KENB = 0x11,
    FC_NH = 0x12,
    FC_KENB_STAR = 0x13,
    FC_ALGORITHM_KEY = 0x15,
};

/* Algorithm type distinguishers, TS 33.401 A.7. */
enum { NAS_ENC = 1, NAS_INT, RRC_ENC, RRC_INT, UP_ENC, UP_INT };

enum lk_status lk_sn_id_of_plmn(uint8_t sn_id[LK_SN_ID_LEN], struct lk_span plmn)
{
    uint8_t digit[6];

    if (plmn.len != 5 && plmn.len != 6)
        return LK_E_LENGTH;
    for (size_t i = 0; i < plmn.len; i++) {
        digit[i] = (uint8_t)(plmn.at[i] - '0');
        if (digit[i] > 9)
            return LK_E_VALUE;
    }
    if (plmn.len == 5)
        digit[5] = 0xf;
    /* spec: TS 33.401 A.2 - SN id: MCC2 MCC1 | MNC3 MCC3 | MNC2 MNC1, MNC3 being f when there is
     * none. */
    sn_id[0] = (uint8_t)(digit[1] << 4 | digit[0]);
    sn_id[1] = (uint8_t)(digit[5] << 4 | digit[2]);
    sn_id[2] = (uint8_t)(digit[4] << 4 | digit[3]);
    return LK_OK;
}

void lk_kasme_derive(struct lk_kasme *kasme, const struct lk_ck *ck, const struct lk_ik *ik,
                     const uint8_t sn_id[LK_SN_ID_LEN], const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN])
{
    struct lk_span params[] = { lk_span_of(sn_id, LK_SN_ID_LEN),
                                lk_span_of(sqn_xor_ak, LK_SQN_XOR_AK_LEN) };
    uint8_t key[sizeof ck->octets + sizeof ik->octets];

    memcpy(key, ck->octets, sizeof ck->octets);
    memcpy(key + sizeof ck->octets, ik->octets, sizeof ik->octets);
    /* spec: TS 33.401 A.2 - KASME = KDF(CK || IK, 10 || SN id || SQN xor AK) */
    lk_kdf_3gpp(kasme->octets, LK_SPAN(key), FC_KASME, params, LK_COUNT_OF(params));
    lk_wipe(key, sizeof key);
}

void lk_kenb_derive(struct lk_kenb *kenb, const struct lk_kasme *kasme, uint32_t ul_nas_count)
{
    const uint8_t count[4] = { 0, (uint8_t)(ul_nas_count >> 16), (uint8_t)(ul_nas_count >> 8),
                               (uint8_t)ul_nas_count };
    struct lk_span param = LK_SPAN(count);

    LK_ASSERT(ul_nas_count <= LK_NAS_COUNT_MAX);
    /* spec: TS 33.401 A.3 - KeNB = KDF(KASME, 11 || uplink NAS COUNT), 24 bits in four octets */
    lk_kdf_3gpp(kenb->octets, LK_SPAN(kasme->octets), FC_KENB, &param, 1);
}

static void nh_derive(struct lk_nh *nh, const struct lk_kasme *kasme, struct lk_span sync_input)
{
    /* spec: TS 33.401 A.4 - NH = KDF(KASME, 12 || SYNC-input): the initial KeNB, then the NH before
     */
    lk_kdf_3gpp(nh->octets, LK_SPAN(kasme->octets), FC_NH, &sync_input, 1);
}

void lk_kenb_print(uint8_t print[LK_KENB_PRINT_LEN], const struct lk_kenb *kenb)
{
    struct lk_span label = lk_span_text("latchkey KeNB print");
    uint8_t whole[LK_SHA256_LEN];

    lk_hmac_sha256(whole, LK_SPAN(kenb->octets), &label, 1);
    memcpy(print, whole, LK_KENB_PRINT_LEN);
    lk_wipe(whole, sizeof whole);
}

void lk_nh_first(struct lk_nh *nh, const struct lk_kasme *kasme, const struct lk_kenb *initial)
{
    nh_derive(nh, kasme, LK_SPAN(initial->octets));
}

void lk_nh_next(struct lk_nh *nh, const struct lk_kasme *kasme, const struct lk_nh *previous)
{
    nh_derive(nh, kasme, LK_SPAN(previous->octets));
}

static void kenb_star(struct lk_kenb *target, struct lk_span key, const struct lk_eps_cell *cell)
{
    const uint8_t pci[2] = { (uint8_t)(cell->pci >> 8), (uint8_t)cell->pci };
    const uint8_t earfcn[3] = { (uint8_t)(cell->earfcn_dl >> 16), (uint8_t)(cell->earfcn_dl >> 8),
                                (uint8_t)cell->earfcn_dl };
    size_t spare = cell->earfcn_dl > UINT16_MAX ? 0 : 1;
    struct lk_span params[] = { LK_SPAN(pci), lk_span_of(earfcn + spare, sizeof earfcn - spare) };

    LK_ASSERT(cell->pci <= LK_PCI_MAX && cell->earfcn_dl <= LK_EARFCN_MAX);
    /* spec: TS 33.401 A.5 - KeNB* = KDF(KeNB or NH, 13 || PCI || EARFCN-DL), the latter two octets
     * long, or three when it is above 65535 */
    lk_kdf_3gpp(target->octets, key, FC_KENB_STAR, params, LK_COUNT_OF(params));
}

void lk_kenb_star_horizontal(struct lk_kenb *target, const struct lk_kenb *source,
                             const struct lk_eps_cell *cell)
{
    kenb_star(target, LK_SPAN(source->octets), cell);
}

void lk_kenb_star_vertical(struct lk_kenb *target, const struct lk_nh *nh,
                           const struct lk_eps_cell *cell)
{
    kenb_star(target, LK_SPAN(nh->octets), cell);
}

static void algorithm_key(uint8_t key[16], struct lk_span parent, uint8_t type, uint8_t algorithm)
{
    struct lk_span params[] = { lk_span_of(&type, 1), lk_span_of(&algorithm, 1) };
    uint8_t whole[32];

    LK_ASSERT(algorithm <= LK_EPS_ALGORITHM_MAX);
    /* spec: TS 33.401 A.7 - KDF(KASME or KeNB, 15 || type || algorithm), of which an algorithm of
     * 128 bits takes the lower half */
    lk_kdf_3gpp(whole, parent, FC_ALGORITHM_KEY, params, LK_COUNT_OF(params));
    memcpy(key, whole + 16, 16);
    lk_wipe(whole, sizeof whole);
}

void lk_k_nas_enc_derive(struct lk_k_nas_enc *key, const struct lk_kasme *kasme, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kasme->octets), NAS_ENC, algorithm);
}

void lk_k_nas_int_derive(struct lk_k_nas_int *key, const struct lk_kasme *kasme, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kasme->octets), NAS_INT, algorithm);
}

void lk_k_rrc_enc_derive(struct lk_k_rrc_enc *key, const struct lk_kenb *kenb, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kenb->octets), RRC_ENC, algorithm);
}

void lk_k_rrc_int_derive(struct lk_k_rrc_int *key, const struct lk_kenb *kenb, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kenb->octets), RRC_INT, algorithm);
}

void lk_k_up_enc_derive(struct lk_k_up_enc *key, const struct lk_kenb *kenb, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kenb->octets), UP_ENC, algorithm);
}

void lk_k_up_int_derive(struct lk_k_up_int *key, const struct lk_kenb *kenb, uint8_t algorithm)
{
    algorithm_key(key->octets, LK_SPAN(kenb->octets), UP_INT, algorithm);
}

void lk_s_kwt_derive(struct lk_s_kwt *s_kwt, const struct lk_kenb *kenb, uint8_t fc,
                     uint16_t wt_counter)
{
    const uint8_t counter[2] = { (uint8_t)(wt_counter >> 8), (uint8_t)wt_counter };
    struct lk_span param = LK_SPAN(counter);

    /* spec: TS 33.401 A.18 - S-KWT = KDF(KeNB, FC || WT Counter), all 256 bits of it; FC as
     * configured */
    lk_kdf_3gpp(s_kwt->octets, LK_SPAN(kenb->octets), fc, &param, 1);
}

static void eia2(uint8_t mac_i[LK_MAC_I_LEN], const uint8_t key[16],
                 const struct lk_eia_input *input, struct lk_span message)
{
    const uint8_t head[8] = { (uint8_t)(input->count >> 24), (uint8_t)(input->count >> 16),
                              (uint8_t)(input->count >> 8), (uint8_t)input->count,
                              (uint8_t)(input->bearer << 3 | input->direction << 2) };
    struct lk_span m[] = { LK_SPAN(head), message };
    uint8_t mac[16];

    LK_ASSERT(input->bearer <= LK_EIA2_BEARER_MAX);
    /* spec: TS 33.401 B.2.3 - M = COUNT || BEARER || DIRECTION || 26 zero bits || message; MAC-I is
     * the first 32 bits of its AES-CMAC */
    lk_cmac_aes128(mac, key, m, LK_COUNT_OF(m));
    memcpy(mac_i, mac, LK_MAC_I_LEN);
    lk_wipe(mac, sizeof mac);
}

static enum lk_status eia2_check(const uint8_t mac_i[LK_MAC_I_LEN], const uint8_t key[16],
                                 const struct lk_eia_input *input, struct lk_span message)
{
    uint8_t want[LK_MAC_I_LEN];
    bool same;

    eia2(want, key, input, message);
    same = lk_same_secret(want, mac_i, sizeof want);
    lk_wipe(want, sizeof want);
    return same ? LK_OK : LK_E_MAC;
}

void lk_rrc_mac_i(uint8_t mac_i[LK_MAC_I_LEN], const struct lk_k_rrc_int *key,
                  const struct lk_eia_input *input, struct lk_span message)
{
    eia2(mac_i, key->octets, input, message);
}

enum lk_status lk_rrc_mac_i_check(const uint8_t mac_i[LK_MAC_I_LEN], const struct lk_k_rrc_int *key,
                                  const struct lk_eia_input *input, struct lk_span message)
{
    return eia2_check(mac_i, key->octets, input, message);
}

void lk_nas_mac(uint8_t mac[LK_MAC_I_LEN], const struct lk_k_nas_int *key,
                const struct lk_eia_input *input, struct lk_span message)
{
    eia2(mac, key->octets, input, message);
}

enum lk_status lk_nas_mac_check(const uint8_t mac[LK_MAC_I_LEN], const struct lk_k_nas_int *key,
                                const struct lk_eia_input *input, struct lk_span message)
{
    return eia2_check(mac, key->octets, input, message);
}
