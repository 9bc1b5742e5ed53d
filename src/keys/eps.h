/* The EPS key hierarchy (TS 33.401 annex A) down to S-KWT, which LTE-WLAN aggregation uses as PMK.
 *
 *   CK, IK -> KASME -> KeNB -> S-KWT, RRC and UP keys         eNB and UE
 *               |        `-> KeNB*  (the KeNB of the next cell, horizontally)
 *               `-> NH ----> KeNB*  (vertically)              and NAS keys
 *
 * And 128-EIA2, which messages of RRC and NAS are protected with. Callers wipe what they are given,
 * and a parent with its last child. */
#ifndef LK_KEYS_EPS_H
#define LK_KEYS_EPS_H

#include "keys/types.h"

enum {
    LK_SN_ID_LEN = 3,
    LK_NAS_COUNT_MAX = 0xffffff,
    LK_PCI_MAX = 503,       /* TS 36.331, PhysCellId */
    LK_EARFCN_MAX = 262143, /* TS 36.331, ARFCN-ValueEUTRA-r9 */
    LK_EPS_ALGORITHM_MAX = 15,
    LK_EIA2_BEARER_MAX = 31,
    LK_MAC_I_LEN = 4,
    LK_KENB_PRINT_LEN = 16,
};

/* MCC and MNC, five or six digits in a row ("00101"), as three octets. LK_E_LENGTH, LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_sn_id_of_plmn(uint8_t sn_id[LK_SN_ID_LEN], struct lk_span plmn);

/* A.2. sqn_xor_ak: the first six octets of AUTN. */
void lk_kasme_derive(struct lk_kasme *kasme, const struct lk_ck *ck, const struct lk_ik *ik,
                     const uint8_t sn_id[LK_SN_ID_LEN],
                     const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN]);
/* A.3. ul_nas_count at most LK_NAS_COUNT_MAX. */
void lk_kenb_derive(struct lk_kenb *kenb, const struct lk_kasme *kasme, uint32_t ul_nas_count);
/* A.4. The first NH of a KASME follows the initial KeNB, each other one the NH before; nh may be
 * previous. */
void lk_nh_first(struct lk_nh *nh, const struct lk_kasme *kasme, const struct lk_kenb *initial);
void lk_nh_next(struct lk_nh *nh, const struct lk_kasme *kasme, const struct lk_nh *previous);

/* What a KeNB is known by where it may not be: ours, of no standard. Nothing leads back from it. */
void lk_kenb_print(uint8_t print[LK_KENB_PRINT_LEN], const struct lk_kenb *kenb);

/* A.5. The cell that a KeNB* is for; each member at most its maximum above. */
struct lk_eps_cell {
    uint16_t pci;
    uint32_t earfcn_dl;
};
/* Of the KeNB in use (target may be source), and of a fresh NH. */
void lk_kenb_star_horizontal(struct lk_kenb *target, const struct lk_kenb *source,
                             const struct lk_eps_cell *cell);
void lk_kenb_star_vertical(struct lk_kenb *target, const struct lk_nh *nh,
                           const struct lk_eps_cell *cell);

/* A.7: one key a use. algorithm: the identity of the EEA or EIA, at most LK_EPS_ALGORITHM_MAX. */
void lk_k_nas_enc_derive(struct lk_k_nas_enc *key, const struct lk_kasme *kasme, uint8_t algorithm);
void lk_k_nas_int_derive(struct lk_k_nas_int *key, const struct lk_kasme *kasme, uint8_t algorithm);
void lk_k_rrc_enc_derive(struct lk_k_rrc_enc *key, const struct lk_kenb *kenb, uint8_t algorithm);
void lk_k_rrc_int_derive(struct lk_k_rrc_int *key, const struct lk_kenb *kenb, uint8_t algorithm);
void lk_k_up_enc_derive(struct lk_k_up_enc *key, const struct lk_kenb *kenb, uint8_t algorithm);
void lk_k_up_int_derive(struct lk_k_up_int *key, const struct lk_kenb *kenb, uint8_t algorithm);

/* S-KWT. One source gives this function code and clause, other lists give the clause another
 * number: both stand here and nowhere else, and whoever derives says the code, which is
 * configuration with this default, the same at eNB and UE. */
#define LK_S_KWT_CLAUSE "TS 33.401 A.18"
enum { LK_S_KWT_FC = 0x1f };
void lk_s_kwt_derive(struct lk_s_kwt *s_kwt, const struct lk_kenb *kenb, uint8_t fc,
                     uint16_t wt_counter);

/* 128-EIA2 (TS 33.401 B.2.3). bearer is the five-bit BEARER: the radio bearer's identity less 1. */
enum lk_eia_direction { LK_EIA_UPLINK = 0, LK_EIA_DOWNLINK = 1 };
struct lk_eia_input {
    uint32_t count;
    uint8_t bearer;
    enum lk_eia_direction direction;
};
/* Of a message of RRC, and of one of NAS, where the COUNT is the NAS COUNT and BEARER is 0. */
void lk_rrc_mac_i(uint8_t mac_i[LK_MAC_I_LEN], const struct lk_k_rrc_int *key,
                  const struct lk_eia_input *input, struct lk_span message);
/* LK_OK or LK_E_MAC. */
LK_MUST_CHECK enum lk_status lk_rrc_mac_i_check(const uint8_t mac_i[LK_MAC_I_LEN],
                                                const struct lk_k_rrc_int *key,
                                                const struct lk_eia_input *input,
                                                struct lk_span message);
void lk_nas_mac(uint8_t mac[LK_MAC_I_LEN], const struct lk_k_nas_int *key,
                const struct lk_eia_input *input, struct lk_span message);
LK_MUST_CHECK enum lk_status lk_nas_mac_check(const uint8_t mac[LK_MAC_I_LEN],
                                              const struct lk_k_nas_int *key,
                                              const struct lk_eia_input *input,
                                              struct lk_span message);

#endif
