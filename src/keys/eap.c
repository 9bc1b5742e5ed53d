/* The keys of EAP-AKA' and EAP-AKA.
 *
 *   EAP-AKA'  CK, IK -> CK', IK' -> MK -> K_encr, K_aut, K_re, MSK, EMSK      RFC 9048 3.3
 *                                   K_re -> MSK, EMSK      (re-authentication)
 *   EAP-AKA   CK, IK -> MK -> K_encr, K_aut, MSK, EMSK                        RFC 4187 7
 *                       MK -> MSK, EMSK                    (re-authentication)
 *
 * Called by the EAP server and peer machines and by the vault (CK', IK'). The parents belong to the
 * caller, who wipes them when their last child is there. */
#include "keys/eap.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"

void lk_ck_ik_prime_derive(struct lk_ck_prime *ck_prime, struct lk_ik_prime *ik_prime,
                           const struct lk_ck *ck, const struct lk_ik *ik,
                           struct lk_span network_name, const uint8_t autn[LK_AUTN_LEN])
{
    struct lk_span params[2] = { network_name, lk_span_of(autn, LK_SQN_LEN) };
    uint8_t key[32], out[32];

    LK_ASSERT(network_name.len <= 255);
    memcpy(key, ck->octets, 16); /* Key = CK || IK */
    memcpy(key + 16, ik->octets, 16);
    /* spec: TS 33.402 A.2 - CK' || IK' = KDF(Key, FC 20, P0 the access network identity, P1 the
     * concealed sequence number as AUTN carries it). */
    lk_kdf_3gpp(out, LK_SPAN(key), 0x20, params, LK_COUNT_OF(params));
    memcpy(ck_prime->octets, out, 16);
    memcpy(ik_prime->octets, out + 16, 16);
    lk_wipe(key, sizeof key);
    lk_wipe(out, sizeof out);
}

enum { PRIME_MESSAGE_KEYS = 48, PRIME_KEYS = 208, MESSAGE_KEYS = 40, KEYS = 160 };

/* len says how far the key block is wanted: PRIME_MESSAGE_KEYS or PRIME_KEYS. */
static void prime_keys(struct lk_eap_keys *keys, size_t len, const struct lk_ck_prime *ck_prime,
                       const struct lk_ik_prime *ik_prime, struct lk_span identity)
{
    struct lk_span s[2] = { lk_span_text("EAP-AKA'"), identity };
    uint8_t key[32], mk[PRIME_KEYS];

    *keys = (struct lk_eap_keys){ 0 };
    memcpy(key, ik_prime->octets, 16); /* IK' || CK': here IK' comes first */
    memcpy(key + 16, ck_prime->octets, 16);
    /* spec: RFC 9048 3.3 - MK = PRF'(IK'|CK', "EAP-AKA'"|Identity). */
    lk_prf_prime(mk, len, LK_SPAN(key), s, LK_COUNT_OF(s));
    memcpy(keys->k_encr.octets, mk, 16);     /* K_encr = MK[0..127] */
    memcpy(keys->k_aut.octets, mk + 16, 32); /* K_aut  = MK[128..383] */
    keys->k_aut.len = 32;
    if (len == PRIME_KEYS) {
        memcpy(keys->k_re.octets, mk + 48, 32);  /* K_re   = MK[384..639] */
        memcpy(keys->msk.octets, mk + 80, 64);   /* MSK    = MK[640..1151] */
        memcpy(keys->emsk.octets, mk + 144, 64); /* EMSK   = MK[1152..1663] */
    }
    lk_wipe(key, sizeof key);
    lk_wipe(mk, len);
}

void lk_eap_aka_prime_keys_derive(struct lk_eap_keys *keys, const struct lk_ck_prime *ck_prime,
                                  const struct lk_ik_prime *ik_prime, struct lk_span identity)
{
    prime_keys(keys, PRIME_KEYS, ck_prime, ik_prime, identity);
}

void lk_eap_aka_prime_message_keys_derive(struct lk_eap_keys *keys,
                                          const struct lk_ck_prime *ck_prime,
                                          const struct lk_ik_prime *ik_prime,
                                          struct lk_span identity)
{
    prime_keys(keys, PRIME_MESSAGE_KEYS, ck_prime, ik_prime, identity);
}

void lk_eap_aka_prime_reauth_derive(struct lk_msk *msk, struct lk_emsk *emsk,
                                    const struct lk_k_re *k_re, struct lk_span identity,
                                    uint16_t counter, const uint8_t nonce_s[16])
{
    uint8_t counter_octets[2] = { (uint8_t)(counter >> 8), (uint8_t)counter };
    struct lk_span s[4] = { lk_span_text("EAP-AKA' re-auth"), identity, LK_SPAN(counter_octets),
                            lk_span_of(nonce_s, 16) };
    uint8_t mk[128];

    /* spec: RFC 9048 3.3 - MK = PRF'(K_re, "EAP-AKA' re-auth"|Identity|counter|NONCE_S). */
    lk_prf_prime(mk, sizeof mk, LK_SPAN(k_re->octets), s, LK_COUNT_OF(s));
    memcpy(msk->octets, mk, 64);       /* MSK  = MK[0..511] */
    memcpy(emsk->octets, mk + 64, 64); /* EMSK = MK[512..1023] */
    lk_wipe(mk, sizeof mk);
}

void lk_eap_aka_mk_derive(struct lk_mk *mk, const struct lk_ck *ck, const struct lk_ik *ik,
                          struct lk_span identity)
{
    struct lk_span parts[3] = { identity, LK_SPAN(ik->octets), LK_SPAN(ck->octets) };

    /* spec: RFC 4187 7 - MK = SHA1(Identity|IK|CK). */
    lk_sha1(mk->octets, parts, LK_COUNT_OF(parts));
}

static void aka_keys(struct lk_eap_keys *keys, size_t len, const struct lk_mk *mk)
{
    uint8_t x[KEYS];

    *keys = (struct lk_eap_keys){ 0 };
    keys->mk = *mk;
    /* spec: RFC 4187 7 - the generator seeded with MK gives, in this order: */
    lk_prf_fips186(x, len, mk->octets);
    memcpy(keys->k_encr.octets, x, 16);     /* K_encr (128 bits) */
    memcpy(keys->k_aut.octets, x + 16, 16); /* K_aut (128 bits) */
    keys->k_aut.len = 16;
    if (len == KEYS) {
        memcpy(keys->msk.octets, x + 32, 64);  /* MSK (64 octets) */
        memcpy(keys->emsk.octets, x + 96, 64); /* EMSK (64 octets) */
    }
    lk_wipe(x, len);
}

void lk_eap_aka_keys_derive(struct lk_eap_keys *keys, const struct lk_mk *mk)
{
    aka_keys(keys, KEYS, mk);
}

void lk_eap_aka_message_keys_derive(struct lk_eap_keys *keys, const struct lk_mk *mk)
{
    aka_keys(keys, MESSAGE_KEYS, mk);
}

void lk_eap_aka_reauth_derive(struct lk_msk *msk, struct lk_emsk *emsk, const struct lk_mk *mk,
                              struct lk_span identity, uint16_t counter, const uint8_t nonce_s[16])
{
    uint8_t counter_octets[2] = { (uint8_t)(counter >> 8), (uint8_t)counter };
    struct lk_span parts[4] = { identity, LK_SPAN(counter_octets), lk_span_of(nonce_s, 16),
                                LK_SPAN(mk->octets) };
    uint8_t xkey[20], x[140];

    /* spec: RFC 4187 7 - XKEY' = SHA1(Identity|counter|NONCE_S|MK), and the generator from it. */
    lk_sha1(xkey, parts, LK_COUNT_OF(parts));
    lk_prf_fips186(x, sizeof x, xkey);
    memcpy(msk->octets, x, 64);       /* MSK (64 octets) */
    memcpy(emsk->octets, x + 64, 64); /* EMSK (64 octets), 12 octets unused */
    lk_wipe(xkey, sizeof xkey);
    lk_wipe(x, sizeof x);
}

static void session_id(struct lk_session_id *id, uint8_t eap_type, const uint8_t first[16],
                       const uint8_t second[16])
{
    id->octets[0] = eap_type;
    memcpy(id->octets + 1, first, 16);
    memcpy(id->octets + 17, second, 16);
}

void lk_session_id_full(struct lk_session_id *id, uint8_t eap_type, const uint8_t rand[LK_RAND_LEN],
                        const uint8_t autn[LK_AUTN_LEN])
{
    /* spec: RFC 9048 6 - Session-Id = type || RAND || AUTN after a full authentication. */
    session_id(id, eap_type, rand, autn);
}

void lk_session_id_reauth(struct lk_session_id *id, uint8_t eap_type, const uint8_t nonce_s[16],
                          const uint8_t mac[16])
{
    /* spec: RFC 9048 6 - Session-Id = type || NONCE_S || MAC after a re-authentication. */
    session_id(id, eap_type, nonce_s, mac);
}
