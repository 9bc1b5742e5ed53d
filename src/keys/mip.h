/* Keys of Mobile IP and what is made with them: MN-HA and MN-FA keys from the one with the home AAA
 * (RFC 3957), authenticators of Mobile IPv4 (RFC 5944 3.5.1, RFC 4721) and of MIPv6 (RFC 4285).
 *
 * One formula makes MN-HA and MN-FA: only their nonces tell them apart.
 *
 * Of RFC 4721, SPI 3 (HMAC_CHAP_SPI) is not here: whether the key stays among the data when
 * HMAC-MD5 takes the place of MD5 is not to be found out without its text, and two readings of a
 * proof are one too many. An association with an SPI and an algorithm of its own does more. */
#ifndef LK_KEYS_MIP_H
#define LK_KEYS_MIP_H

#include "base/address.h"
#include "base/mip.h"
#include "keys/types.h"

enum {
    LK_MIP_KEY_SHORT = 16, /* octets that are taken where 128 bits are wanted */
    LK_MIP_SECRET_LEAST = 16,
    LK_MIP_AUTHENTICATOR_MAX = 32,
    LK_MIP_CHAP_LEN = 16,
    LK_MIP_CHAP_CHALLENGE_MAX = 16 + 237, /* as much as an attribute of RADIUS takes */
    LK_MIP6_MN_HA_LEN = 12,
    LK_MIP6_MN_AAA_LEN = 20,
};

/* identifier: the NAI of the Registration Request, or, where it had none, its home address. The
 * caller wipes key. */
void lk_mip_key_derive(struct lk_mip_key *key, struct lk_span aaa_key, struct lk_span nonce,
                       struct lk_span identifier);

/* 16 to 64 octets: of a key above, all or LK_MIP_KEY_SHORT of it; a Ks_NAF; or what a row of the
 * configuration has. LK_E_LENGTH. The holder wipes it. */
LK_MUST_CHECK enum lk_status lk_mip_secret_set(struct lk_mip_secret *secret,
                                               struct lk_span octets);

/* ---- Mobile IPv4 ---- */

/* What an SPI means between two. */
struct lk_mip_association {
    uint32_t spi;
    uint16_t algorithm; /* enum lk_mip_algorithm */
    struct lk_mip_secret secret;
};

/* How many octets its authenticators have; 0: an algorithm that is none of ours. */
size_t lk_mip_authenticator_len(uint16_t algorithm);
/* Writes as many, and says how many. The algorithm is one of ours. */
size_t lk_mip_authenticate(uint8_t out[LK_MIP_AUTHENTICATOR_MAX],
                           const struct lk_mip_association *association, struct lk_span covered);
/* LK_E_MAC. */
LK_MUST_CHECK enum lk_status lk_mip_verify(const struct lk_mip_association *association,
                                           struct lk_span covered, struct lk_span authenticator);

/* MN-AAA under SPI 2, in the way of CHAP: what is left of the message and the challenge of its
 * foreign agent when the key comes in. An agent sends it to the AAA as CHAP-Password (id, then the
 * authenticator) and CHAP-Challenge. */
struct lk_mip_chap {
    uint8_t id;
    uint8_t len;
    uint8_t challenge[LK_MIP_CHAP_CHALLENGE_MAX];
};
void lk_mip_chap_of(struct lk_mip_chap *chap, struct lk_span covered, struct lk_span challenge);
void lk_mip_chap_authenticate(uint8_t out[LK_MIP_CHAP_LEN], const struct lk_mip_chap *chap,
                              const struct lk_mip_secret *secret);
/* LK_E_MAC. */
LK_MUST_CHECK enum lk_status lk_mip_chap_verify(const struct lk_mip_chap *chap,
                                                const struct lk_mip_secret *secret,
                                                struct lk_span authenticator);

/* ---- MIPv6 ---- */

/* What RFC 4285's authenticators cover: header is the mobility header from its first octet to the
 * SPI of the option, at least its first six octets; its checksum counts as zero. */
struct lk_mip6_covered {
    struct lk_address care_of, home;
    struct lk_span header;
};

void lk_mip6_mn_ha(uint8_t out[LK_MIP6_MN_HA_LEN], const struct lk_mip_secret *secret,
                   const struct lk_mip6_covered *covered);
void lk_mip6_mn_aaa(uint8_t out[LK_MIP6_MN_AAA_LEN], const struct lk_mip_secret *secret,
                    const struct lk_mip6_covered *covered);
/* LK_E_MAC. */
LK_MUST_CHECK enum lk_status lk_mip6_mn_ha_verify(const struct lk_mip_secret *secret,
                                                  const struct lk_mip6_covered *covered,
                                                  struct lk_span authenticator);
LK_MUST_CHECK enum lk_status lk_mip6_mn_aaa_verify(const struct lk_mip_secret *secret,
                                                   const struct lk_mip6_covered *covered,
                                                   struct lk_span authenticator);

#endif
