/* The keys of an MIS SA between a mobile node and a point of service (IEEE 802.21 9.2).
 *
 *   EMSK or rMSK, and the PoS │ pMSK │ handed out by a PoS
 *    `──────┬─────────────────────────'
 *           K ── mixed with an X25519 secret, when both can ──> K
 *           ├─> MISK = MIAK || MIIK || MIEK      MIAK: AUTH-N, AUTH-T; MIIK, MIEK: PDUs
 *           └─> MSRK ──> MSPMK                   link keys at an access point
 *
 * In memory, not read in the standard: the order of fields under the KDF, the cut, the codes. The
 * code c of the suite enters every key; wire/mis_codes.h has it, so the caller passes it. Callers
 * wipe what they are given: K as soon as its last child is there. */
#ifndef LK_KEYS_MIS_H
#define LK_KEYS_MIS_H

#include "base/station.h"
#include "keys/types.h"

/* What two ends agreed on: as they mean it, and as it is written. */
struct lk_mis_agreed {
    enum lk_mis_suite suite;
    enum lk_mis_prf prf;
    uint8_t c;        /* code of the suite, enters the KDF */
    uint8_t prf_code; /* bit of the PRF, enters AUTH */
};

/* K of what gave it. LK_E_LENGTH: K has 16 to 64 octets. */
LK_MUST_CHECK enum lk_status lk_mis_k_set(struct lk_mis_k *k, struct lk_span octets);
/* Of full establishment, by EAP and by ERP: of one PoS, so that no other one can stand there in its
 * name (T40, T45). Of the EMSK and not of the MSK, which an access point has that is no PoS. */
void lk_mis_k_of_emsk(struct lk_mis_k *k, const struct lk_emsk *emsk, struct lk_span usage,
                      struct lk_span pos_id);
void lk_mis_k_of_rmsk(struct lk_mis_k *k, const struct lk_rmsk *rmsk, struct lk_span usage,
                      struct lk_span pos_id);
/* As the home hands it to a PoS: whole, where an access point is given an MSK. */
void lk_mis_k_of_msk(struct lk_mis_k *k, const struct lk_msk *msk);
void lk_mis_k_of_pmsk(struct lk_mis_k *k, const struct lk_pmsk *pmsk);

struct lk_mis_keys {
    struct lk_miak miak;
    struct lk_miik miik;
    struct lk_miek miek;
};
enum { LK_MISK_MAX = 32 + 20 + 16 };
/* Octets of the slices; 0: the suite has no such key. */
size_t lk_miak_len(enum lk_mis_prf prf);
size_t lk_miik_len(enum lk_mis_suite suite);
size_t lk_miek_len(enum lk_mis_suite suite);
void lk_mis_keys_derive(struct lk_mis_keys *keys, const struct lk_mis_agreed *agreed,
                        const struct lk_mis_k *k, const uint8_t nonce_t[LK_MIS_NONCE_LEN],
                        const uint8_t nonce_n[LK_MIS_NONCE_LEN]);

/* K mixed with the secret z of an X25519 agreement, so that who handed K out and then only listens
 * does not have the new K. The role computes z (crypto.h) and wipes it. */
void lk_mis_k_mix(struct lk_mis_k *k, const uint8_t z[LK_MIS_DH_LEN],
                  const uint8_t nonce_t[LK_MIS_NONCE_LEN], const uint8_t nonce_n[LK_MIS_NONCE_LEN]);

/* What both ends say and hear, for AUTH. With the MN at the SPoS, tpos_id is the target; in an
 * establishment without one it is the PoS, spos_id is empty and chain_used 0. */
struct lk_mis_transcript {
    struct lk_span said; /* value of the TLV */
    uint8_t nonce_t[LK_MIS_NONCE_LEN], nonce_n[LK_MIS_NONCE_LEN];
    struct lk_mis_agreed agreed;
    struct lk_span mn_id, tpos_id, spos_id;
    uint8_t chain_used;
    uint32_t lifetime_s;
    struct lk_span dh_mn, dh_pos; /* public keys that were sent; K is mixed when both are there */
    struct lk_span offered;       /* what the MN offered: suites, then PRFs, as it wrote them */
};
enum { LK_MIS_TH_LEN = 32 };
void lk_mis_transcript_hash(uint8_t th[LK_MIS_TH_LEN], const struct lk_mis_transcript *transcript);

/* Who proves itself: the network, or the terminal. */
enum lk_mis_side { LK_MIS_NETWORK, LK_MIS_TERMINAL };
void lk_mis_auth_make(struct lk_mis_auth *auth, enum lk_mis_side side, enum lk_mis_prf prf,
                      const struct lk_miak *miak, const uint8_t th[LK_MIS_TH_LEN]);
/* The one comparison of it, in constant time: what came is the right one. */
bool lk_mis_auth_same(const struct lk_mis_auth *right, struct lk_span auth);

/* A link of the MN at a point of attachment: of what type, and the addresses of both. */
struct lk_mis_link_pair {
    uint8_t type; /* enum lk_mis_link_type */
    uint8_t mn[LK_STATION_LEN], poa[LK_STATION_LEN];
};

/* Link keys: of the MN at a PoS, and of its link address at an access point of it. */
void lk_msrk_derive(struct lk_msrk *msrk, enum lk_mis_prf prf, const struct lk_mis_k *k,
                    struct lk_span mn_id, struct lk_span pos_id);
void lk_mspmk_derive(struct lk_mspmk *mspmk, enum lk_mis_prf prf, const struct lk_msrk *msrk,
                     struct lk_span mn_link, struct lk_span poa_link);

#endif
