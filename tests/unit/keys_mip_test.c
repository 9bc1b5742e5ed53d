/* keys/mip and base/ntp: every authenticator of the vectors, what each of them depends on, and
 * NTP's time. Derivations are in keys_gba_test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "keys/mip.h"
#include "vectors.h"

static struct lk_mip_secret secret_of(const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);
    struct lk_mip_secret secret;

    assert_int_equal(lk_mip_secret_set(&secret, vector_span(&octets)), LK_OK);
    return secret;
}

/* ---- Mobile IPv4 ---- */

/* What is covered under the key gives the authenticator; and with one bit changed, in anything,
 * it does not. */
static void assert_authenticator(const json_t *v, const char *key_at, const char *covered_at,
                                 const char *authenticator_at, enum lk_mip_algorithm algorithm)
{
    struct vector_octets covered = vector_hex(v, covered_at);
    struct vector_octets came = vector_hex(v, authenticator_at);
    struct lk_mip_association a = { 256, algorithm, secret_of(v, key_at) };
    uint8_t made[LK_MIP_AUTHENTICATOR_MAX];
    size_t len = lk_mip_authenticate(made, &a, vector_span(&covered));

    assert_int_equal(len, lk_mip_authenticator_len(a.algorithm));
    assert_vector(v, authenticator_at, made, len);
    assert_int_equal(lk_mip_verify(&a, vector_span(&covered), vector_span(&came)), LK_OK);
    for (size_t i = 0; i < covered.len; i++) {
        covered.at[i] ^= 1;
        assert_int_equal(lk_mip_verify(&a, vector_span(&covered), vector_span(&came)), LK_E_MAC);
        covered.at[i] ^= 1;
    }
    for (size_t i = 0; i < came.len; i++) {
        came.at[i] ^= 0x80;
        assert_int_equal(lk_mip_verify(&a, vector_span(&covered), vector_span(&came)), LK_E_MAC);
        came.at[i] ^= 0x80;
        assert_int_equal(lk_mip_verify(&a, vector_span(&covered), lk_span_of(came.at, i)),
                         LK_E_MAC);
    }
    a.secret.octets[0] ^= 1;
    assert_int_equal(lk_mip_verify(&a, vector_span(&covered), vector_span(&came)), LK_E_MAC);
}

static const struct {
    const char *file, *key, *covered, *authenticator;
    enum lk_mip_algorithm algorithm;
    size_t count;
} proofs[] = {
    { "mip4-auth", "inputs.mn_ha_key", "covered", "authenticator", LK_MIP_HMAC_MD5, 5 },
    { "mip4-auth", "inputs.fa_ha_key", "covered", "authenticator", LK_MIP_HMAC_MD5, 1 },
    { "mip4-rfc3957", "mn_ha_key", "covered", "authenticator", LK_MIP_HMAC_MD5, 4 },
    { "mip4-rfc3957", "mn_fa_key", "covered", "authenticator", LK_MIP_HMAC_MD5, 1 },
    { "mip4-rfc3957", "inputs.aaa_key", "covered", "mn_aaa_authenticator", LK_MIP_HMAC_SHA1, 1 },
    { "gba-mip-chain", "mn_ha_key", "rrp_covered", "rrp_authenticator", LK_MIP_HMAC_MD5, 1 },
};

/* spec: RFC 5944 3.5.1 - HMAC-MD5, and what it covers.
 * spec: RFC 3957 5 - under keys of 16 octets and of 20. */
static void every_authenticator_of_the_vectors(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(proofs); i++) {
        json_t *file = vectors_load(proofs[i].file);
        const json_t *list = vectors_list(file, "vectors");
        size_t count = 0;

        for (size_t j = 0; j < json_array_size(list); j++) {
            const json_t *v = json_array_get(list, j);

            if (!vector_has(v, proofs[i].key) || !vector_has(v, proofs[i].authenticator))
                continue;
            assert_authenticator(v, proofs[i].key, proofs[i].covered, proofs[i].authenticator,
                                 proofs[i].algorithm);
            count++;
        }
        assert_int_equal(count, proofs[i].count);
        json_decref(file);
    }
}

/* spec: RFC 5944 3.8.2.1 - a message that was altered on the way is no longer its sender's. */
static void an_altered_message_is_refused(void **state)
{
    json_t *file = vectors_load("mip4-auth");
    const json_t *v = vectors_find(file, "vectors", "rrq-dereg-bad-lifetime");
    struct vector_octets octets = vector_hex(v, "message");
    struct lk_mip_association a = { 256, LK_MIP_HMAC_MD5, secret_of(v, "inputs.mn_ha_key") };
    size_t covered = octets.len - 16;

    assert_int_equal(lk_mip_verify(&a, lk_span_of(octets.at, covered),
                                   lk_span_of(octets.at + covered, 16)),
                     LK_E_MAC);
    json_decref(file);
}

/* HMAC-SHA-256 of RFC 4231 2.1, the only published one that fits: 20 octets of 0b, "Hi There". */
static void sha256_by_association(void **state)
{
    static const uint8_t want[] = { 0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53,
                                    0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b,
                                    0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7,
                                    0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7 };
    struct lk_mip_association a = { 256, LK_MIP_HMAC_SHA256, { .len = 20 } };

    for (size_t i = 0; i < a.secret.len; i++)
        a.secret.octets[i] = 0x0b;
    assert_int_equal(lk_mip_verify(&a, lk_span_text("Hi There"), LK_SPAN(want)), LK_OK);
    assert_int_equal(lk_mip_verify(&a, lk_span_text("Hi There"), lk_span_of(want, 16)), LK_E_MAC);
    a.algorithm = LK_MIP_HMAC_SHA1;
    assert_int_equal(lk_mip_verify(&a, lk_span_text("Hi There"), LK_SPAN(want)), LK_E_MAC);
    assert_int_equal(lk_mip_authenticator_len(0), 0);
    assert_int_equal(lk_mip_authenticator_len(3), 0);
}

/* T22: a proof by HMAC-MD5, or by any other than the association's algorithm, is none, though the
 * key is right. */
static void an_spi_has_one_algorithm(void **state)
{
    static const enum lk_mip_algorithm algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1,
                                                        LK_MIP_HMAC_SHA256 };
    struct lk_mip_association a = { 256, LK_MIP_HMAC_MD5, { "sixteen octets!", 16 } };
    uint8_t made[LK_MIP_AUTHENTICATOR_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++)
        for (size_t j = 0; j < LK_COUNT_OF(algorithms); j++) {
            size_t len;

            a.algorithm = algorithms[i];
            len = lk_mip_authenticate(made, &a, lk_span_text("covered"));
            a.algorithm = algorithms[j];
            assert_int_equal(lk_mip_verify(&a, lk_span_text("covered"), lk_span_of(made, len)),
                             i == j ? LK_OK : LK_E_MAC);
        }
}

static void a_secret_has_16_to_64_octets(void **state)
{
    static const uint8_t octets[65];
    struct lk_mip_secret secret;

    for (size_t len = 0; len <= sizeof octets; len++)
        assert_int_equal(lk_mip_secret_set(&secret, lk_span_of(octets, len)),
                         len >= 16 && len <= 64 ? LK_OK : LK_E_LENGTH);
    assert_int_equal(secret.len, 64);
}

/* ---- in the way of CHAP ---- */

/* spec: RFC 4721 8 - and its first octet twice, as the challenge is short. */
static void chap_of_the_vector(void **state)
{
    json_t *file = vectors_load("mip4-challenge");
    const json_t *v = vectors_find(file, "vectors", "mnaaa-chap-spi2");
    struct vector_octets message = vector_hex(v, "message"), challenge = vector_hex(v, "challenge");
    struct vector_octets came = vector_hex(v, "authenticator");
    struct lk_mip_secret secret = secret_of(v, "key");
    struct lk_mip_chap chap;
    uint8_t made[LK_MIP_CHAP_LEN];

    lk_mip_chap_of(&chap, lk_span_of(message.at, message.len - 16), vector_span(&challenge));
    assert_vector(v, "inner_md5", chap.challenge, 16);
    assert_vector(v, "challenge", chap.challenge + 16, chap.len - 16u);
    assert_int_equal(chap.id, challenge.at[0]);
    lk_mip_chap_authenticate(made, &chap, &secret);
    assert_vector(v, "authenticator", made, sizeof made);
    assert_int_equal(lk_mip_chap_verify(&chap, &secret, vector_span(&came)), LK_OK);
    assert_int_equal(lk_mip_chap_verify(&chap, &secret, lk_span_of(came.at, 15)), LK_E_MAC);
    chap.id ^= 1;
    assert_int_equal(lk_mip_chap_verify(&chap, &secret, vector_span(&came)), LK_E_MAC);
    chap.id ^= 1;
    secret.octets[15] ^= 1;
    assert_int_equal(lk_mip_chap_verify(&chap, &secret, vector_span(&came)), LK_E_MAC);
    json_decref(file);
}

static void of_a_long_challenge_the_last_237_octets(void **state)
{
    uint8_t challenge[255];
    struct lk_mip_chap chap;

    for (size_t i = 0; i < sizeof challenge; i++)
        challenge[i] = (uint8_t)i;
    lk_mip_chap_of(&chap, lk_span_text("covered"), LK_SPAN(challenge));
    assert_int_equal(chap.id, 0);
    assert_int_equal(chap.len, 253);
    assert_memory_equal(chap.challenge + 16, challenge + 255 - 237, 237);
    lk_mip_chap_of(&chap, lk_span_text("covered"), lk_span_of(challenge, 238));
    assert_memory_equal(chap.challenge + 16, challenge + 1, 237);
}

/* ---- MIPv6 ---- */

typedef enum lk_status verify_fn(const struct lk_mip_secret *secret,
                                 const struct lk_mip6_covered *covered,
                                 struct lk_span authenticator);

static void assert_mip6(const json_t *v)
{
    struct vector_octets data = vector_hex(v, "mobility_data");
    struct vector_octets came = vector_hex(v, "authenticator");
    struct lk_mip_secret secret = secret_of(v, "key");
    struct lk_mip6_covered covered = { .header = lk_span_of(data.at + 32, data.len - 32) };
    verify_fn *verify = came.len == LK_MIP6_MN_AAA_LEN ? lk_mip6_mn_aaa_verify
                                                       : lk_mip6_mn_ha_verify;

    assert_int_equal(lk_address_parse(&covered.care_of, vector_text(v, "care_of")), LK_OK);
    assert_int_equal(lk_address_parse(&covered.home, vector_text(v, "home_address")), LK_OK);
    assert_int_equal(verify(&secret, &covered, vector_span(&came)), LK_OK);
    assert_int_equal(verify(&secret, &covered, lk_span_of(came.at, came.len - 1)), LK_E_MAC);
    data.at[32 + 4] ^= 0xff; /* the checksum does not count */
    data.at[32 + 5] ^= 0xff;
    assert_int_equal(verify(&secret, &covered, vector_span(&came)), LK_OK);
    for (size_t i = 32; i < data.len; i++) {
        data.at[i] ^= 1;
        assert_int_equal(verify(&secret, &covered, vector_span(&came)),
                         i == 36 || i == 37 ? LK_OK : LK_E_MAC);
        data.at[i] ^= 1;
    }
    covered.home.octets[15] ^= 1;
    assert_int_equal(verify(&secret, &covered, vector_span(&came)), LK_E_MAC);
    covered.home.octets[15] ^= 1;
    covered.care_of.octets[15] ^= 1;
    assert_int_equal(verify(&secret, &covered, vector_span(&came)), LK_E_MAC);
}

/* spec: RFC 4285 5.1 - MN-HA, 12 octets.
 * spec: RFC 4285 5.2 - MN-AAA, 20 octets. */
static void every_authenticator_of_mipv6(void **state)
{
    json_t *file = vectors_load("mip6-rfc4285");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++)
        assert_mip6(json_array_get(list, i));
    assert_int_equal(json_array_size(list), 4);
    json_decref(file);
}

/* ---- NTP ---- */

/* spec: RFC 5905 6 - 1970, a day of which the vectors are, the last moment of the era, and the
 * first of the next; spare bits change nothing. */
static void ntp_and_back(void **state)
{
    static const struct {
        uint64_t ms, ntp;
    } rows[] = {
        { 0, UINT64_C(0x83aa7e80) << 32 },
        { 500, UINT64_C(0x83aa7e8080000000) },
        { 1562135610000, UINT64_C(0xe0c6caba) << 32 },
        { 2085978495000, UINT64_C(0xffffffff) << 32 },
        { 2085978496000, 0 },
        { 4102444800250, UINT64_C(0x7830d58040000000) },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_true(lk_ntp_of(rows[i].ms, 0) == rows[i].ntp);
        assert_true(lk_ntp_ms(rows[i].ntp) == rows[i].ms);
    }
    for (uint64_t ms = 1795304000000; ms < 1795304001000; ms++) {
        assert_true(lk_ntp_ms(lk_ntp_of(ms, 0)) == ms);
        assert_true(lk_ntp_ms(lk_ntp_of(ms, UINT32_MAX)) == ms);
        assert_true(lk_ntp_of(ms, UINT32_MAX) < lk_ntp_of(ms + 1, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_authenticator_of_the_vectors),
        cmocka_unit_test(an_altered_message_is_refused),
        cmocka_unit_test(sha256_by_association),
        cmocka_unit_test(an_spi_has_one_algorithm),
        cmocka_unit_test(a_secret_has_16_to_64_octets),
        cmocka_unit_test(chap_of_the_vector),
        cmocka_unit_test(of_a_long_challenge_the_last_237_octets),
        cmocka_unit_test(every_authenticator_of_mipv6),
        cmocka_unit_test(ntp_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
