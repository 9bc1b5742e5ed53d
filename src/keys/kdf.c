/* The shared constructions: the 3GPP KDF, PRF' of EAP-AKA', the generator of EAP-AKA, and PRF and
 * KDF of IEEE 802.11. */
#include "keys/kdf.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

enum { KDF_PARAMS_MAX = 8 };

void lk_kdf_3gpp(uint8_t out[32], struct lk_span key, uint8_t fc, const struct lk_span *params,
                 size_t count)
{
    uint8_t lengths[KDF_PARAMS_MAX][2];
    struct lk_span s[1 + 2 * KDF_PARAMS_MAX];
    size_t parts = 0;

    LK_ASSERT(count <= KDF_PARAMS_MAX);
    /* spec: TS 33.220 B.2.0 - S = FC || P0 || L0 || P1 || L1 || ..., a length being two octets. */
    s[parts++] = lk_span_of(&fc, 1);
    for (size_t i = 0; i < count; i++) {
        LK_ASSERT(params[i].len <= UINT16_MAX);
        lengths[i][0] = (uint8_t)(params[i].len >> 8);
        lengths[i][1] = (uint8_t)params[i].len;
        s[parts++] = params[i];
        s[parts++] = LK_SPAN(lengths[i]);
    }
    lk_hmac_sha256(out, key, s, parts); /* derived key = HMAC-SHA-256(Key, S) */
}

void lk_prf_prime(uint8_t *out, size_t len, struct lk_span key, const struct lk_span *parts,
                  size_t count)
{
    struct lk_hmac_sha256_key k;
    struct lk_span s[LK_MAX_PARTS];
    uint8_t t[LK_SHA256_LEN], n = 0;

    LK_ASSERT(len <= 255 * LK_SHA256_LEN && count + 2 <= LK_MAX_PARTS);
    lk_hmac_sha256_set_key(&k, key);
    s[0] = lk_span_of(t, 0); /* T0 is empty */
    if (count > 0)
        memcpy(s + 1, parts, count * sizeof *parts);
    s[count + 1] = lk_span_of(&n, 1);
    while (len > 0) {
        size_t take = len < sizeof t ? len : sizeof t;

        /* spec: RFC 9048 3.4.1 - Tn = HMAC-SHA-256(K, Tn-1 | S | n), n counting from 1. */
        n++;
        lk_hmac_sha256_keyed(t, &k, s, count + 2);
        s[0] = LK_SPAN(t);
        memcpy(out, t, take); /* PRF'(K, S) = T1 | T2 | T3 | ... */
        out += take;
        len -= take;
    }
    lk_wipe(&k, sizeof k);
    lk_wipe(t, sizeof t);
}

void lk_prf_fips186(uint8_t *out, size_t len, const uint8_t xkey[20])
{
    uint8_t block[64] = { 0 }; /* XKEY, then 44 octets that stay zero: b is 160 */
    uint8_t w[20];
    uint32_t state[5];

    LK_ASSERT(len % sizeof w == 0);
    memcpy(block, xkey, sizeof w);
    for (; len > 0; len -= sizeof w, out += sizeof w) {
        /* spec: RFC 4187 A - w = G(t, XKEY): one SHA-1 compression, without padding or length,
         * from t, the initial value of SHA-1. */
        static const uint32_t t[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
        unsigned carry = 1;

        memcpy(state, t, sizeof state);
        lk_sha1_compress(state, block);
        for (size_t i = 0; i < sizeof w; i++)
            w[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
        memcpy(out, w, sizeof w);
        /* XKEY = (1 + XKEY + w) mod 2^160 */
        for (size_t i = sizeof w; i > 0; i--) {
            carry += (unsigned)block[i - 1] + w[i - 1];
            block[i - 1] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    lk_wipe(block, sizeof block);
    lk_wipe(w, sizeof w);
    lk_wipe(state, sizeof state);
}

void lk_prf_80211(uint8_t *out, size_t len, struct lk_span key, const char *a, struct lk_span b)
{
    uint8_t r[LK_SHA1_LEN], zero = 0, i = 0;
    struct lk_span s[] = { lk_span_text(a), lk_span_of(&zero, 1), b, lk_span_of(&i, 1) };

    LK_ASSERT(len <= 256 * sizeof r);
    while (len > 0) {
        size_t take = len < sizeof r ? len : sizeof r;

        /* spec: IEEE 802.11 12.7.1.2 - Ri = HMAC-SHA-1(K, A | 00 | B | i), i from 0. */
        lk_hmac_sha1(r, key, s, LK_COUNT_OF(s));
        memcpy(out, r, take);
        out += take;
        len -= take;
        i++;
    }
    lk_wipe(r, sizeof r);
}

void lk_kdf_80211(uint8_t *out, size_t len, struct lk_span key, const char *label,
                  struct lk_span context)
{
    uint8_t r[LK_SHA256_LEN], i[2] = { 0 };
    const uint8_t bits[2] = { (uint8_t)(8 * len), (uint8_t)(8 * len >> 8) };
    struct lk_span s[] = { LK_SPAN(i), lk_span_text(label), context, LK_SPAN(bits) };
    struct lk_hmac_sha256_key k;

    LK_ASSERT(8 * len <= UINT16_MAX); /* so that i stays within its first octet, too */
    lk_hmac_sha256_set_key(&k, key);
    while (len > 0) {
        size_t take = len < sizeof r ? len : sizeof r;

        /* spec: IEEE 802.11 12.7.1.7.2 - Ri = HMAC-SHA-256(K, i | label | context | bits), i from
         * 1, the label without an end mark. */
        i[0]++;
        lk_hmac_sha256_keyed(r, &k, s, LK_COUNT_OF(s));
        memcpy(out, r, take);
        out += take;
        len -= take;
    }
    lk_wipe(&k, sizeof k);
    lk_wipe(r, sizeof r);
}
