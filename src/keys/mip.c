/* AAA key -> MN-HA or MN-FA key; authenticators of registrations and of binding updates. */
#include "keys/mip.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

void lk_mip_key_derive(struct lk_mip_key *key, struct lk_span aaa_key, struct lk_span nonce,
                       struct lk_span identifier)
{
    const struct lk_span parts[] = { nonce, identifier };

    /* spec: RFC 3957 5 - HMAC-SHA1(AAA-key, nonce || MN-identifier), all 20 octets of it. */
    lk_hmac_sha1(key->octets, aaa_key, parts, LK_COUNT_OF(parts));
}

/* spec: RFC 5944 3.5.1 - keys of 128 bits at least. */
enum lk_status lk_mip_secret_set(struct lk_mip_secret *secret, struct lk_span octets)
{
    if (octets.len < LK_MIP_SECRET_LEAST || octets.len > sizeof secret->octets)
        return LK_E_LENGTH;
    lk_wipe(secret, sizeof *secret);
    memcpy(secret->octets, octets.at, octets.len);
    secret->len = (uint8_t)octets.len;
    return LK_OK;
}

static struct lk_span span_of(const struct lk_mip_secret *secret)
{
    return lk_span_of(secret->octets, secret->len);
}

/* One length, which is public, then all octets in the same time. */
static enum lk_status compare(const uint8_t *made, size_t len, struct lk_span came)
{
    return came.len == len && lk_same_secret(made, came.at, len) ? LK_OK : LK_E_MAC;
}

/* ---- Mobile IPv4 ---- */

size_t lk_mip_authenticator_len(uint16_t algorithm)
{
    switch (algorithm) {
    case LK_MIP_HMAC_MD5: return LK_MD5_LEN;
    case LK_MIP_HMAC_SHA1: return LK_SHA1_LEN;
    case LK_MIP_HMAC_SHA256: return LK_SHA256_LEN;
    default: return 0;
    }
}

static void hmac_md5(uint8_t out[LK_MD5_LEN], struct lk_span secret, struct lk_span covered)
{
    struct lk_hmac_md5_key key;

    lk_hmac_md5_set_key(&key, secret);
    lk_hmac_md5(out, &key, &covered, 1);
    lk_wipe(&key, sizeof key);
}

/* spec: RFC 5944 3.5.1 - HMAC-MD5 of what is covered is the default; others go by the SPI. */
size_t lk_mip_authenticate(uint8_t out[LK_MIP_AUTHENTICATOR_MAX],
                           const struct lk_mip_association *association, struct lk_span covered)
{
    struct lk_span secret = span_of(&association->secret);

    switch (association->algorithm) {
    case LK_MIP_HMAC_MD5: hmac_md5(out, secret, covered); break;
    case LK_MIP_HMAC_SHA1: lk_hmac_sha1(out, secret, &covered, 1); break;
    default:
        LK_ASSERT(association->algorithm == LK_MIP_HMAC_SHA256);
        lk_hmac_sha256(out, secret, &covered, 1);
    }
    return lk_mip_authenticator_len(association->algorithm);
}

enum lk_status lk_mip_verify(const struct lk_mip_association *association, struct lk_span covered,
                             struct lk_span authenticator)
{
    uint8_t made[LK_MIP_AUTHENTICATOR_MAX];
    size_t len = lk_mip_authenticate(made, association, covered);
    enum lk_status status = compare(made, len, authenticator);

    lk_wipe(made, sizeof made);
    return status;
}

/* spec: RFC 4721 8 - first octet of the challenge | key | MD5(covered) | last 237 octets of the
 * challenge; a shorter one is taken whole, its first octet twice. */
void lk_mip_chap_of(struct lk_mip_chap *chap, struct lk_span covered, struct lk_span challenge)
{
    enum { TAIL = LK_MIP_CHAP_CHALLENGE_MAX - LK_MD5_LEN };
    size_t tail = challenge.len < TAIL ? challenge.len : TAIL;

    memset(chap, 0, sizeof *chap);
    lk_md5(chap->challenge, &covered, 1);
    chap->len = (uint8_t)(LK_MD5_LEN + tail);
    if (tail == 0)
        return;
    chap->id = challenge.at[0];
    memcpy(chap->challenge + LK_MD5_LEN, challenge.at + challenge.len - tail, tail);
}

void lk_mip_chap_authenticate(uint8_t out[LK_MIP_CHAP_LEN], const struct lk_mip_chap *chap,
                              const struct lk_mip_secret *secret)
{
    const struct lk_span parts[] = { lk_span_of(&chap->id, 1), span_of(secret),
                                     lk_span_of(chap->challenge, chap->len) };

    lk_md5(out, parts, LK_COUNT_OF(parts));
}

enum lk_status lk_mip_chap_verify(const struct lk_mip_chap *chap,
                                  const struct lk_mip_secret *secret, struct lk_span authenticator)
{
    uint8_t made[LK_MIP_CHAP_LEN];
    enum lk_status status;

    lk_mip_chap_authenticate(made, chap, secret);
    status = compare(made, sizeof made, authenticator);
    lk_wipe(made, sizeof made);
    return status;
}

/* ---- MIPv6 ---- */

enum { CHECKSUM_AT = 4, CHECKSUM_END = 6, COVERED_PARTS = 5 };

/* spec: RFC 4285 5.1 - care-of address | home address | mobility header up to the SPI, its
 * checksum zero. */
static void covered_parts(struct lk_span parts[COVERED_PARTS],
                          const struct lk_mip6_covered *covered)
{
    static const uint8_t no_checksum[CHECKSUM_END - CHECKSUM_AT];
    struct lk_span header = covered->header;

    LK_ASSERT(header.len >= CHECKSUM_END);
    parts[0] = LK_SPAN(covered->care_of.octets);
    parts[1] = LK_SPAN(covered->home.octets);
    parts[2] = lk_span_of(header.at, CHECKSUM_AT);
    parts[3] = LK_SPAN(no_checksum);
    parts[4] = lk_span_of(header.at + CHECKSUM_END, header.len - CHECKSUM_END);
}

/* spec: RFC 4285 5.1 - MN-HA: the first 96 bits of HMAC-SHA1. */
void lk_mip6_mn_ha(uint8_t out[LK_MIP6_MN_HA_LEN], const struct lk_mip_secret *secret,
                   const struct lk_mip6_covered *covered)
{
    struct lk_span parts[COVERED_PARTS];
    uint8_t mac[LK_SHA1_LEN];

    covered_parts(parts, covered);
    lk_hmac_sha1(mac, span_of(secret), parts, COVERED_PARTS);
    memcpy(out, mac, LK_MIP6_MN_HA_LEN);
    lk_wipe(mac, sizeof mac);
}

/* spec: RFC 4285 5.2 - MN-AAA under SPI 3: HMAC-SHA1 of the SHA-1 of it, all 20 octets. */
void lk_mip6_mn_aaa(uint8_t out[LK_MIP6_MN_AAA_LEN], const struct lk_mip_secret *secret,
                    const struct lk_mip6_covered *covered)
{
    struct lk_span parts[COVERED_PARTS], inner;
    uint8_t hash[LK_SHA1_LEN];

    covered_parts(parts, covered);
    lk_sha1(hash, parts, COVERED_PARTS);
    inner = LK_SPAN(hash);
    lk_hmac_sha1(out, span_of(secret), &inner, 1);
}

enum lk_status lk_mip6_mn_ha_verify(const struct lk_mip_secret *secret,
                                    const struct lk_mip6_covered *covered,
                                    struct lk_span authenticator)
{
    uint8_t made[LK_MIP6_MN_HA_LEN];
    enum lk_status status;

    lk_mip6_mn_ha(made, secret, covered);
    status = compare(made, sizeof made, authenticator);
    lk_wipe(made, sizeof made);
    return status;
}

enum lk_status lk_mip6_mn_aaa_verify(const struct lk_mip_secret *secret,
                                     const struct lk_mip6_covered *covered,
                                     struct lk_span authenticator)
{
    uint8_t made[LK_MIP6_MN_AAA_LEN];
    enum lk_status status;

    lk_mip6_mn_aaa(made, secret, covered);
    status = compare(made, sizeof made, authenticator);
    lk_wipe(made, sizeof made);
    return status;
}
