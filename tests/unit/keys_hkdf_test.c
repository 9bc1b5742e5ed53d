/* HKDF and ChaCha20-Poly1305 by the vectors of their RFCs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/hkdf.h"
#include "vectors.h"

/* spec: RFC 5869 2.2 - extract. */
/* spec: RFC 5869 2.3 - expand. */
static void hkdf(void **state)
{
    json_t *file = vectors_load("hkdf");
    const json_t *v;
    size_t i;

    json_array_foreach(vectors_list(file, "vectors"), i, v) {
        struct vector_octets ikm = vector_hex(v, "ikm"), salt = vector_hex(v, "salt");
        struct vector_octets info = vector_hex(v, "info");
        struct lk_span ikms[] = { lk_span_of(ikm.at, 1), lk_span_of(ikm.at + 1, ikm.len - 1) };
        struct lk_span infos = vector_span(&info);
        uint8_t prk[LK_HKDF_PRK_LEN], okm[128];

        lk_hkdf_extract(prk, vector_span(&salt), ikms, 2);
        lk_hkdf_expand(okm, (size_t)vector_int(v, "len"), prk, &infos, 1);
        assert_vector(v, "okm", okm, (size_t)vector_int(v, "len"));
    }
    json_decref(file);
}

/* spec: RFC 8439 2.8 - what is sealed is opened, and nothing else. */
static void chacha(void **state)
{
    json_t *file = vectors_load("primitives");
    const json_t *v = vectors_find(file, "vectors", "rfc8439-2.8.2");
    struct vector_octets key = vector_hex(v, "key"), nonce = vector_hex(v, "nonce");
    struct vector_octets more = vector_hex(v, "additional"), plain = vector_hex(v, "plain");
    struct vector_octets sealed = vector_hex(v, "sealed");
    uint8_t out[256];

    lk_chacha_seal(out, key.at, nonce.at, vector_span(&more), vector_span(&plain));
    assert_vector(v, "sealed", out, plain.len + LK_CHACHA_TAG_LEN);
    assert_int_equal(lk_chacha_open(out, key.at, nonce.at, vector_span(&more),
                                    vector_span(&sealed)), LK_OK);
    assert_vector(v, "plain", out, plain.len);
    for (size_t len = 0; len < sealed.len; len++)
        assert_int_equal(lk_chacha_open(out, key.at, nonce.at, vector_span(&more),
                                        lk_span_of(sealed.at, len)),
                         len < LK_CHACHA_TAG_LEN ? LK_E_SHORT : LK_E_MAC);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.at[i] ^= 1;
        assert_int_equal(lk_chacha_open(out, key.at, nonce.at, vector_span(&more),
                                        vector_span(&sealed)), LK_E_MAC);
        sealed.at[i] ^= 1;
    }
    more.at[0] ^= 1;
    assert_int_equal(lk_chacha_open(out, key.at, nonce.at, vector_span(&more),
                                    vector_span(&sealed)), LK_E_MAC);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hkdf),
        cmocka_unit_test(chacha),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
