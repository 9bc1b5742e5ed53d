/* The keys of EAP-AKA (RFC 4187 7) and EAP-AKA' (RFC 9048 3.3). */
#ifndef LK_KEYS_EAP_H
#define LK_KEYS_EAP_H

#include "keys/types.h"

/* What one full authentication yields. k_re is set in EAP-AKA' only, mk in EAP-AKA only: they are
 * what re-authentication starts from. The caller wipes the whole. */
struct lk_eap_keys {
    struct lk_mk mk;
    struct lk_k_encr k_encr;
    struct lk_k_aut k_aut;
    struct lk_k_re k_re;
    struct lk_msk msk;
    struct lk_emsk emsk;
};

/* TS 33.402 A.2: CK' || IK' = KDF(CK || IK, FC 0x20, access network identity, SQN xor AK); the
 * last is the first six octets of AUTN. network_name at most 255 octets. */
void lk_ck_ik_prime_derive(struct lk_ck_prime *ck_prime, struct lk_ik_prime *ik_prime,
                           const struct lk_ck *ck, const struct lk_ik *ik,
                           struct lk_span network_name, const uint8_t autn[LK_AUTN_LEN]);

/* RFC 9048 3.3: PRF'(IK' || CK', "EAP-AKA'" || Identity), 208 octets. identity is the last one the
 * peer sent, realm included. */
void lk_eap_aka_prime_keys_derive(struct lk_eap_keys *keys, const struct lk_ck_prime *ck_prime,
                                  const struct lk_ik_prime *ik_prime, struct lk_span identity);
/* K_encr and K_aut of it, and nothing else: enough to sign and encrypt a challenge, which may never
 * be answered. The other fields are zero. */
void lk_eap_aka_prime_message_keys_derive(struct lk_eap_keys *keys,
                                          const struct lk_ck_prime *ck_prime,
                                          const struct lk_ik_prime *ik_prime,
                                          struct lk_span identity);
/* RFC 9048 3.3, re-authentication: only msk and emsk are new. */
void lk_eap_aka_prime_reauth_derive(struct lk_msk *msk, struct lk_emsk *emsk,
                                    const struct lk_k_re *k_re, struct lk_span identity,
                                    uint16_t counter, const uint8_t nonce_s[16]);

/* RFC 4187 7: MK = SHA-1(Identity || IK || CK), and the 160 octets behind it. */
void lk_eap_aka_mk_derive(struct lk_mk *mk, const struct lk_ck *ck, const struct lk_ik *ik,
                          struct lk_span identity);
void lk_eap_aka_keys_derive(struct lk_eap_keys *keys, const struct lk_mk *mk);
/* mk, K_encr and K_aut only, as above. */
void lk_eap_aka_message_keys_derive(struct lk_eap_keys *keys, const struct lk_mk *mk);
/* RFC 4187 7, re-authentication: XKEY' = SHA-1(Identity || counter || NONCE_S || MK). */
void lk_eap_aka_reauth_derive(struct lk_msk *msk, struct lk_emsk *emsk, const struct lk_mk *mk,
                              struct lk_span identity, uint16_t counter,
                              const uint8_t nonce_s[16]);

/* type || RAND || AUTN. */
void lk_session_id_full(struct lk_session_id *id, uint8_t eap_type,
                        const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN]);
/* type || NONCE_S || MAC, the MAC of the Reauthentication request. */
void lk_session_id_reauth(struct lk_session_id *id, uint8_t eap_type, const uint8_t nonce_s[16],
                          const uint8_t mac[16]);

#endif
