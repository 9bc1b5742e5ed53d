/* crypto/provider: every primitive against its published vectors, and everything that opens refuses
 * what was cut or altered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "vectors.h"

static json_t *primitives, *hmacs, *wifi, *tuak;

static int load(void **state)
{
    primitives = vectors_load("primitives");
    hmacs = vectors_load("digest-hmac-primitives");
    wifi = vectors_load("ieee80211");
    tuak = vectors_load("tuak");
    return 0;
}

static int unload(void **state)
{
    json_decref(primitives);
    json_decref(hmacs);
    json_decref(wifi);
    json_decref(tuak);
    return 0;
}

/* The next vector of a type after *at, or NULL. */
static const json_t *next_of(const json_t *file, const char *key, const char *value, size_t *at)
{
    const json_t *list = vectors_list(file, "vectors");

    while (*at < json_array_size(list)) {
        const json_t *v = json_array_get(list, (*at)++);

        if (strcmp(vector_text(v, key), value) == 0)
            return v;
    }
    return NULL;
}

static void hashes_of_parts(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "hash", &at)) != NULL) {
        struct vector_octets msg = vector_hex(v, "msg");

        for (size_t cut = 0; cut <= msg.len; cut++) { /* however the message is split */
            struct lk_span parts[3] = { lk_span_of(msg.at, cut), lk_span_of(NULL, 0),
                                        lk_span_of(msg.at + cut, msg.len - cut) };
            uint8_t out[32];

            lk_md5(out, parts, 3);
            assert_vector(v, "md5", out, LK_MD5_LEN);
            lk_sha1(out, parts, 3);
            assert_vector(v, "sha1", out, LK_SHA1_LEN);
            lk_sha256(out, parts, 3);
            assert_vector(v, "sha256", out, LK_SHA256_LEN);
        }
        count++;
    }
    assert_int_equal(count, 4);
}

static void sha1_compression_is_sha1_without_padding(void **state)
{
    /* "abc", padded by hand as FIPS 180-4 5.1.1 says */
    uint8_t block[64] = { 'a', 'b', 'c', 0x80, [63] = 24 };
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    static const uint32_t want[5] = { 0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d };

    lk_sha1_compress(h, block);
    assert_memory_equal(h, want, sizeof want);
}

static void hmac_vectors(void **state)
{
    const json_t *list = vectors_list(hmacs, "vectors");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        const char *alg = vector_text(v, "alg");
        struct vector_octets key, data;
        uint8_t out[32];

        if (!vector_has(v, "mac"))
            continue; /* HKDF: not on the menu */
        key = vector_hex(v, "key");
        data = vector_hex(v, "data");
        for (size_t cut = 0; cut <= data.len; cut++) {
            struct lk_span parts[2] = { lk_span_of(data.at, cut),
                                        lk_span_of(data.at + cut, data.len - cut) };

            if (strcmp(alg, "HMAC-MD5") == 0) {
                struct lk_hmac_md5_key kept;

                lk_hmac_md5_set_key(&kept, vector_span(&key));
                lk_hmac_md5(out, &kept, parts, 2);
                lk_hmac_md5(out, &kept, parts, 2); /* the kept key is not used up */
                assert_vector(v, "mac", out, LK_MD5_LEN);
            } else if (strcmp(alg, "HMAC-SHA1") == 0) {
                lk_hmac_sha1(out, vector_span(&key), parts, 2);
                assert_vector(v, "mac", out, LK_SHA1_LEN);
            } else {
                struct lk_hmac_sha256_key kept;

                assert_string_equal(alg, "HMAC-SHA256");
                lk_hmac_sha256(out, vector_span(&key), parts, 2);
                assert_vector(v, "mac", out, LK_SHA256_LEN);
                lk_hmac_sha256_set_key(&kept, vector_span(&key));
                lk_hmac_sha256_keyed(out, &kept, parts, 2);
                lk_hmac_sha256_keyed(out, &kept, parts, 2);
                assert_vector(v, "mac", out, LK_SHA256_LEN);
            }
        }
        count++;
    }
    assert_int_equal(count, 12);
}

static void aes_block_and_cbc(void **state)
{
    const json_t *v = vectors_find(primitives, "vectors", "fips197-C.1");
    struct vector_octets key = vector_hex(v, "key"), plain = vector_hex(v, "plain"), iv;
    struct lk_aes128 aes;
    uint8_t out[64];

    lk_aes128_set_key(&aes, key.at);
    lk_aes128_block(&aes, out, plain.at);
    assert_vector(v, "cipher", out, 16);
    lk_aes128_block(&aes, plain.at, plain.at); /* in place */
    assert_vector(v, "cipher", plain.at, 16);

    v = vectors_find(primitives, "vectors", "sp800-38a-F.2.1");
    key = vector_hex(v, "key");
    iv = vector_hex(v, "iv");
    plain = vector_hex(v, "plain");
    lk_aes128_cbc_encrypt(out, key.at, iv.at, vector_span(&plain));
    assert_vector(v, "cipher", out, 64);
    lk_aes128_cbc_decrypt(out, key.at, iv.at, LK_SPAN(out)); /* in place */
    assert_vector(v, "plain", out, 64);
    lk_aes128_cbc_encrypt(out, key.at, iv.at, LK_SPAN(out));
    assert_vector(v, "cipher", out, 64);
    lk_aes128_cbc_encrypt(out, key.at, iv.at, lk_span_of(NULL, 0));
}

static void cmac_vectors(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(wifi, "type", "AES-128-CMAC", &at)) != NULL) {
        struct vector_octets key = vector_hex(v, "key"), msg = vector_hex(v, "msg");

        for (size_t cut = 0; cut <= msg.len; cut++) {
            struct lk_span parts[2] = { lk_span_of(msg.at, cut),
                                        lk_span_of(msg.at + cut, msg.len - cut) };
            uint8_t out[16];

            lk_cmac_aes128(out, key.at, parts, 2);
            assert_vector(v, "mac", out, sizeof out);
        }
        count++;
    }
    assert_int_equal(count, 4);
}

/* spec: RFC 3394 2.2.3.1 - a wrapped key that was altered does not come back to the start value. */
static void key_wrap_vectors_and_refusals(void **state)
{
    const json_t *v = vectors_find(wifi, "vectors", "rfc3394-4.1"); /* the AES-128 one */
    struct vector_octets kek = vector_hex(v, "kek"), plain = vector_hex(v, "plain");
    struct vector_octets wrapped = vector_hex(v, "cipher");
    static const uint8_t zero[32];
    uint8_t out[32];

    assert_int_equal(lk_aes128_wrap(out, kek.at, vector_span(&plain)), LK_OK);
    assert_vector(v, "cipher", out, wrapped.len);
    assert_int_equal(lk_aes128_unwrap(out, kek.at, vector_span(&wrapped)), LK_OK);
    assert_vector(v, "plain", out, plain.len);
    for (size_t bit = 0; bit < 8 * wrapped.len; bit++) {
        wrapped.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0xff, sizeof out);
        assert_int_equal(lk_aes128_unwrap(out, kek.at, vector_span(&wrapped)), LK_E_MAC);
        assert_memory_equal(out, zero, plain.len);
        wrapped.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < wrapped.len; len++)
        assert_int_equal(lk_aes128_unwrap(out, kek.at, lk_span_of(wrapped.at, len)), LK_E_LENGTH);
    for (size_t len = 0; len < plain.len; len++)
        assert_int_equal(lk_aes128_wrap(out, kek.at, lk_span_of(plain.at, len)), LK_E_LENGTH);
}

static void gcm_vectors_and_refusals(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "AES-256-GCM", &at)) != NULL) {
        struct vector_octets key = vector_hex(v, "key"), nonce = vector_hex(v, "nonce");
        struct vector_octets more = vector_hex(v, "additional"), plain = vector_hex(v, "plain");
        struct vector_octets sealed = vector_hex(v, "sealed");
        static const uint8_t zero[VECTOR_MAX];
        uint8_t out[VECTOR_MAX + 16];

        lk_gcm256_seal(out, key.at, nonce.at, vector_span(&more), vector_span(&plain));
        assert_vector(v, "sealed", out, sealed.len);
        assert_int_equal(
            lk_gcm256_open(out, key.at, nonce.at, vector_span(&more), vector_span(&sealed)), LK_OK);
        assert_vector(v, "plain", out, plain.len);
        for (size_t len = 0; len < sealed.len; len++)
            assert_int_equal(lk_gcm256_open(out, key.at, nonce.at, vector_span(&more),
                                            lk_span_of(sealed.at, len)),
                             len < LK_GCM_TAG_LEN ? LK_E_SHORT : LK_E_MAC);
        for (size_t i = 0; i < sealed.len; i++) {
            sealed.at[i] ^= 1;
            memset(out, 0xff, sizeof out);
            assert_int_equal(
                lk_gcm256_open(out, key.at, nonce.at, vector_span(&more), vector_span(&sealed)),
                LK_E_MAC);
            assert_memory_equal(out, zero, plain.len);
            sealed.at[i] ^= 1;
        }
        more.at[more.len++] = 0; /* other additional data */
        assert_int_equal(
            lk_gcm256_open(out, key.at, nonce.at, vector_span(&more), vector_span(&sealed)),
            LK_E_MAC);
        count++;
    }
    assert_int_equal(count, 4);
}

/* By the published packets, and by those of another library at each kind of length: */
/* spec: RFC 3610 2.2 - the first block, with additional data and without. */
/* spec: RFC 3610 2.5 - nothing is given out when one bit differs. */
static void ccm_vectors_and_refusals(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "AES-128-CCM", &at)) != NULL) {
        struct vector_octets octets = vector_hex(v, "key"), nonce = vector_hex(v, "nonce");
        struct vector_octets more = vector_hex(v, "additional"), plain = vector_hex(v, "plain");
        struct vector_octets sealed = vector_hex(v, "sealed");
        struct lk_span aad = vector_span(&more), in = vector_span(&sealed);
        static const uint8_t zero[VECTOR_MAX];
        uint8_t out[VECTOR_MAX];
        size_t tag_len = sealed.len - plain.len;
        struct lk_aes128 key;

        lk_aes128_set_key(&key, octets.at);
        lk_ccm128_seal(out, &key, nonce.at, tag_len, aad, vector_span(&plain));
        assert_vector(v, "sealed", out, sealed.len);
        assert_int_equal(lk_ccm128_open(out, &key, nonce.at, tag_len, aad, in), LK_OK);
        assert_vector(v, "plain", out, plain.len);
        /* in place */
        lk_ccm128_seal(out, &key, nonce.at, tag_len, aad, lk_span_of(out, plain.len));
        assert_vector(v, "sealed", out, sealed.len);
        assert_int_equal(
            lk_ccm128_open(out, &key, nonce.at, tag_len, aad, lk_span_of(out, sealed.len)), LK_OK);
        assert_vector(v, "plain", out, plain.len);
        for (size_t len = 0; len < sealed.len; len++)
            assert_int_equal(
                lk_ccm128_open(out, &key, nonce.at, tag_len, aad, lk_span_of(sealed.at, len)),
                len < tag_len ? LK_E_SHORT : LK_E_MAC);
        for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
            sealed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(out, 0xff, sizeof out);
            assert_int_equal(lk_ccm128_open(out, &key, nonce.at, tag_len, aad, in), LK_E_MAC);
            assert_memory_equal(out, zero, plain.len);
            sealed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        more.at[more.len++] = 0; /* other additional data */
        assert_int_equal(lk_ccm128_open(out, &key, nonce.at, tag_len, vector_span(&more), in),
                         LK_E_MAC);
        nonce.at[12] ^= 1;
        assert_int_equal(lk_ccm128_open(out, &key, nonce.at, tag_len, aad, in), LK_E_MAC);
        count++;
    }
    assert_int_equal(count, 16);
}

/* A length of two octets cannot say more: refused before anything is looked at. */
static void ccm_refuses_what_is_too_long(void **state)
{
    static uint8_t sealed[LK_CCM_PLAIN_MAX + 1 + LK_CCM_TAG_MAX], out[LK_CCM_PLAIN_MAX + 1];
    static const uint8_t nonce[LK_CCM_NONCE_LEN], octets[16];
    struct lk_span none = lk_span_of(NULL, 0);
    struct lk_aes128 key;

    lk_aes128_set_key(&key, octets);
    lk_ccm128_seal(sealed, &key, nonce, LK_CCM_TAG_MAX, none, lk_span_of(out, LK_CCM_PLAIN_MAX));
    assert_int_equal(lk_ccm128_open(out, &key, nonce, LK_CCM_TAG_MAX, none,
                                    lk_span_of(sealed, sizeof sealed - 1)),
                     LK_OK);
    assert_int_equal(lk_ccm128_open(out, &key, nonce, LK_CCM_TAG_MAX, none, LK_SPAN(sealed)),
                     LK_E_LENGTH);
}

/* By the published sealing, and by those of another library at each kind of length: */
/* spec: RFC 5297 2.3 - doubling with and without the bit that falls out. */
/* spec: RFC 5297 2.4 - S2V with the last string shorter than a block and not. */
/* spec: RFC 5297 2.6 - the counter's start. */
static void siv_vectors_and_refusals(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "AES-SIV-CMAC-256", &at)) != NULL) {
        struct vector_octets key = vector_hex(v, "key"), more = vector_hex(v, "additional");
        struct vector_octets plain = vector_hex(v, "plain"), sealed = vector_hex(v, "sealed");
        static const uint8_t zero[VECTOR_MAX];
        uint8_t out[VECTOR_MAX + 16];
        struct lk_siv_key siv;

        lk_siv_set_key(&siv, key.at);
        for (int i = 0; i < 2; i++) { /* a kept key is not used up */
            lk_siv_seal(out, &siv, vector_span(&more), vector_span(&plain));
            assert_vector(v, "sealed", out, sealed.len);
        }
        assert_int_equal(lk_siv_open(out, &siv, vector_span(&more), vector_span(&sealed)), LK_OK);
        assert_vector(v, "plain", out, plain.len);
        for (size_t len = 0; len < sealed.len; len++)
            assert_int_equal(lk_siv_open(out, &siv, vector_span(&more), lk_span_of(sealed.at, len)),
                             len < LK_SIV_TAG_LEN ? LK_E_SHORT : LK_E_MAC);
        for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
            sealed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(out, 0xff, sizeof out);
            assert_int_equal(lk_siv_open(out, &siv, vector_span(&more), vector_span(&sealed)),
                             LK_E_MAC);
            assert_memory_equal(out, zero, plain.len);
            sealed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        more.at[0] ^= 1;
        assert_int_equal(lk_siv_open(out, &siv, vector_span(&more), vector_span(&sealed)),
                         LK_E_MAC);
        count++;
    }
    assert_int_equal(count, 9);
}

static void siv_seals_nothing_too(void **state)
{
    static const uint8_t octets[LK_SIV_KEY_LEN] = { 1 };
    struct lk_siv_key siv;
    uint8_t out[LK_SIV_TAG_LEN];

    lk_siv_set_key(&siv, octets);
    lk_siv_seal(out, &siv, lk_span_of(NULL, 0), lk_span_of(NULL, 0));
    assert_int_equal(lk_siv_open(out, &siv, lk_span_of(NULL, 0), LK_SPAN(out)), LK_OK);
}

static void keccak_vectors(void **state)
{
    const json_t *list = vectors_list(tuak, "keccak_f1600");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets inout = vector_hex(v, "input");

        assert_int_equal(inout.len, LK_KECCAK_STATE_LEN);
        lk_keccak_f1600(inout.at);
        assert_vector(v, "output", inout.at, LK_KECCAK_STATE_LEN);
    }
    assert_int_equal(json_array_size(list), 6);
}

static void x25519_vectors(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "X25519", &at)) != NULL) {
        struct vector_octets secret = vector_hex(v, "secret"), peer = vector_hex(v, "peer");
        uint8_t out[LK_X25519_LEN];

        assert_int_equal(lk_x25519_shared(out, secret.at, peer.at), LK_OK);
        assert_vector(v, "shared", out, sizeof out);
        if (vector_has(v, "public")) {
            lk_x25519_public(out, secret.at);
            assert_vector(v, "public", out, sizeof out);
        }
        count++;
    }
    assert_int_equal(count, 4);
}

/* spec: RFC 7748 6.1 - points of small order give zero, and zero is no secret. */
static void x25519_refuses_points_of_small_order(void **state)
{
    static const uint8_t secret[LK_X25519_LEN] = { 9, 8, 7 };
    static const uint8_t small[][LK_X25519_LEN] = {
        { 0 },
        { 1 },
        { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
          0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
          0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
    };
    uint8_t out[LK_X25519_LEN];

    for (size_t i = 0; i < LK_COUNT_OF(small); i++)
        assert_int_equal(lk_x25519_shared(out, secret, small[i]), LK_E_VALUE);
}

/* spec: RFC 8032 5.1.6 - signatures of its examples and of another library. */
/* spec: RFC 8032 5.1.7 - one bit of message, signature or key that is another, and S with the
 * group's order added to it, are refused. */
static void ed25519_vectors_and_refusals(void **state)
{
    static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                       0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                       [31] = 0x10 };
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of(primitives, "type", "Ed25519", &at)) != NULL) {
        struct vector_octets secret = vector_hex(v, "secret"), key = vector_hex(v, "public");
        struct vector_octets message = vector_hex(v, "msg"), good = vector_hex(v, "signature");
        uint8_t out[LK_ED25519_SIGNATURE_LEN];
        unsigned carry = 0;

        lk_ed25519_public(out, secret.at);
        assert_vector(v, "public", out, LK_ED25519_KEY_LEN);
        lk_ed25519_sign(out, secret.at, vector_span(&message));
        assert_vector(v, "signature", out, sizeof out);
        assert_int_equal(lk_ed25519_verify(key.at, out, vector_span(&message)), LK_OK);
        for (size_t i = 0; i < sizeof out; i++) {
            out[i] ^= 1;
            assert_int_equal(lk_ed25519_verify(key.at, out, vector_span(&message)), LK_E_MAC);
            out[i] ^= 1;
        }
        for (size_t i = 32; i < 64; i++) {
            carry += (unsigned)good.at[i] + order[i - 32];
            good.at[i] = (uint8_t)carry;
            carry >>= 8;
        }
        assert_int_equal(lk_ed25519_verify(key.at, good.at, vector_span(&message)), LK_E_MAC);
        message.at[message.len++] = 0;
        assert_int_equal(lk_ed25519_verify(key.at, out, vector_span(&message)), LK_E_MAC);
        message.len--;
        key.at[0] ^= 1;
        assert_int_equal(lk_ed25519_verify(key.at, out, vector_span(&message)), LK_E_MAC);
        count++;
    }
    assert_int_equal(count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_parts),
        cmocka_unit_test(sha1_compression_is_sha1_without_padding),
        cmocka_unit_test(hmac_vectors),
        cmocka_unit_test(aes_block_and_cbc),
        cmocka_unit_test(cmac_vectors),
        cmocka_unit_test(key_wrap_vectors_and_refusals),
        cmocka_unit_test(gcm_vectors_and_refusals),
        cmocka_unit_test(ccm_vectors_and_refusals),
        cmocka_unit_test(ccm_refuses_what_is_too_long),
        cmocka_unit_test(siv_vectors_and_refusals),
        cmocka_unit_test(siv_seals_nothing_too),
        cmocka_unit_test(keccak_vectors),
        cmocka_unit_test(x25519_vectors),
        cmocka_unit_test(x25519_refuses_points_of_small_order),
        cmocka_unit_test(ed25519_vectors_and_refusals),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
