/* keys/wlcp: the four candidate inputs, the identity and the premaster secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/kdf.h"
#include "keys/wlcp.h"
#include "vectors.h"

static void kdf_of(struct lk_wlcp_kdf *kdf, const json_t *candidate)
{
    const json_t *p = json_object_get(candidate, "p");

    lk_wlcp_kdf_defaults(kdf);
    kdf->fc = vector_hex(candidate, "fc").at[0];
    kdf->count = json_array_size(p);
    assert_true(kdf->count <= LK_WLCP_KDF_PARAMS);
    for (size_t i = 0; i < kdf->count; i++) {
        json_t *named = json_pack("{s:O}", "p", json_array_get(p, i));
        struct vector_octets octets = vector_hex(named, "p");

        memcpy(kdf->param[i].octets, octets.at, octets.len);
        kdf->param[i].len = octets.len;
        json_decref(named);
    }
}

static void key_of(struct lk_wlcp_key *key, const json_t *v, const struct lk_wlcp_kdf *kdf)
{
    struct vector_octets octets = vector_hex(v, "emsk");
    struct lk_emsk emsk;

    assert_int_equal(octets.len, sizeof emsk.octets);
    memcpy(emsk.octets, octets.at, sizeof emsk.octets);
    lk_wlcp_key_derive(key, &emsk, kdf);
}

/* spec: TS 33.402 A.3 - each candidate of each EMSK, those of a re-authentication too; the default
 * is the one without parameters. */
static void every_candidate_gives_its_key(void **state)
{
    json_t *file = vectors_load("wlcp_key_dtls");
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i), *candidates = vectors_list(v, "candidates");

        assert_int_equal(json_array_size(candidates), 4);
        for (size_t j = 0; j < json_array_size(candidates); j++) {
            const json_t *candidate = json_array_get(candidates, j);
            struct lk_wlcp_kdf kdf;
            struct lk_wlcp_key key;

            kdf_of(&kdf, candidate);
            key_of(&key, v, &kdf);
            assert_vector(candidate, "wlcp_key_256", key.octets, sizeof key.octets);
            if (!json_is_true(json_object_get(candidate, "default")))
                continue;
            lk_wlcp_kdf_defaults(&kdf);
            key_of(&key, v, &kdf);
            assert_vector(candidate, "wlcp_key_256", key.octets, sizeof key.octets);
        }
    }
    json_decref(file);
}

/* The vectors have one parameter at most: order and number are judged here, by the definition. */
static void parameters_enter_in_order(void **state)
{
    struct lk_emsk emsk = { { 7 } };
    struct lk_wlcp_kdf kdf = { .fc = 0x21, .count = LK_WLCP_KDF_PARAMS };
    uint8_t s[1 + LK_WLCP_KDF_PARAMS * (LK_WLCP_PARAM_MAX + 2)] = { 0x21 }, want[32];
    struct lk_wlcp_key key;
    size_t len = 1;

    for (size_t i = 0; i < kdf.count; i++) {
        kdf.param[i].len = LK_WLCP_PARAM_MAX - i;
        memset(kdf.param[i].octets, (int)(0xa0 + i), LK_WLCP_PARAM_MAX);
        memset(s + len, (int)(0xa0 + i), kdf.param[i].len);
        len += kdf.param[i].len;
        s[len++] = 0;
        s[len++] = (uint8_t)kdf.param[i].len;
    }
    struct lk_span octets = lk_span_of(s, len);
    lk_hmac_sha256(want, LK_SPAN(emsk.octets), &octets, 1);
    lk_wlcp_key_derive(&key, &emsk, &kdf);
    assert_memory_equal(key.octets, want, sizeof want);
}

/* spec: TS 33.220 B.2.0 - the length of a parameter is two octets, the higher first: no key of ours
 * has a parameter that long, so they are judged here. */
static void a_length_is_two_octets(void **state)
{
    static uint8_t s[1 + 0x2345 + 2 + 1 + 2];
    const struct lk_span whole = LK_SPAN(s), key = lk_span_text("key");
    const struct lk_span params[] = { lk_span_of(s + 1, 0x2345), lk_span_text("z") };
    uint8_t want[32], got[32];

    memset(s, 'x', sizeof s);
    s[0] = 0x77;
    memcpy(s + 1 + 0x2345, (const uint8_t[]){ 0x23, 0x45, 'z', 0, 1 }, 5);
    lk_hmac_sha256(want, key, &whole, 1);
    lk_kdf_3gpp(got, key, 0x77, params, LK_COUNT_OF(params));
    assert_memory_equal(got, want, sizeof want);
}

/* Both ends must find the same name, also those of two versions: HMAC-SHA-256 of "wlcp psk id"
 * under the key, its first half, computed by another hand. */
static void the_identity_is_that_of_another_hand(void **state)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    struct lk_wlcp_key key;

    for (size_t i = 0; i < sizeof key.octets; i++)
        key.octets[i] = (uint8_t)i;
    lk_wlcp_psk_identity(identity, &key);
    assert_string_equal(identity, "7e1e785be39dc2b031b243776eeecd2b");
}

/* T07: the identity is 32 hex digits made of the key alone: another under another key, the same
 * under the same key, and never the subscriber's. */
static void the_identity_names_a_key_and_no_one(void **state)
{
    struct lk_wlcp_kdf kdf;
    struct lk_wlcp_key keys[64];
    char identity[64][LK_WLCP_IDENTITY_LEN + 1], again[LK_WLCP_IDENTITY_LEN + 1];

    lk_wlcp_kdf_defaults(&kdf);
    for (size_t i = 0; i < LK_COUNT_OF(keys); i++) {
        struct lk_emsk emsk = { { (uint8_t)i } };

        lk_wlcp_key_derive(&keys[i], &emsk, &kdf);
        lk_wlcp_psk_identity(identity[i], &keys[i]);
        lk_wlcp_psk_identity(again, &keys[i]);
        assert_string_equal(identity[i], again);
        assert_int_equal(strlen(identity[i]), LK_WLCP_IDENTITY_LEN);
        assert_int_equal(strspn(identity[i], "0123456789abcdef"), LK_WLCP_IDENTITY_LEN);
        assert_null(strstr(identity[i], "00101000000000"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(identity[i], identity[j]);
    }
    for (size_t i = 1; i < 256; i++) { /* whichever octet of the key differs */
        struct lk_wlcp_key other = keys[0];

        other.octets[i % 32] ^= (uint8_t)(i | 1);
        lk_wlcp_psk_identity(again, &other);
        assert_string_not_equal(again, identity[0]);
    }
}

/* spec: RFC 4279 2 - the premaster secret of plain PSK. */
static void premaster_vector(void **state)
{
    json_t *file = vectors_load("wlcp_key_dtls");
    const json_t *v = vectors_find(file, "dtls12", "plain-psk-premaster");
    struct vector_octets psk = vector_hex(v, "psk");
    uint8_t premaster[LK_WLCP_PREMASTER_LEN];
    struct lk_wlcp_key key;

    assert_int_equal(psk.len, sizeof key.octets);
    memcpy(key.octets, psk.at, sizeof key.octets);
    lk_wlcp_premaster(premaster, &key);
    assert_vector(v, "premaster", premaster, sizeof premaster);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_candidate_gives_its_key),
        cmocka_unit_test(parameters_enter_in_order),
        cmocka_unit_test(a_length_is_two_octets),
        cmocka_unit_test(the_identity_is_that_of_another_hand),
        cmocka_unit_test(the_identity_names_a_key_and_no_one),
        cmocka_unit_test(premaster_vector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
