/* keys/kdf and keys/eap: every published vector of the constructions and of both key blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/eap.h"
#include "keys/kdf.h"
#include "crypto/crypto.h"
#include "vectors.h"

/* spec: TS 33.220 B.2.0 - S and its HMAC, over the keys of TS 33.401 annex A. */
static void kdf_vectors(void **state)
{
    json_t *file = vectors_load("kdf_33401");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i), *p = vectors_list(v, "p");
        const char *key_text = vector_text(v, "key");
        struct vector_octets fc = vector_hex(v, "fc"), params[4], key;
        struct lk_span spans[4];
        uint8_t out[32];

        if (strncmp(key_text, "CK||IK", 6) == 0) /* written as a range in the file */
            for (key.len = 0; key.len < 32; key.len++)
                key.at[key.len] = (uint8_t)key.len;
        else
            key = vector_hex(v, "key");
        assert_true(json_array_size(p) <= 4);
        for (size_t j = 0; j < json_array_size(p); j++) {
            json_t *named = json_pack("{s:O}", "p", json_array_get(p, j));

            params[j] = vector_hex(named, "p");
            spans[j] = vector_span(&params[j]);
            json_decref(named);
        }
        lk_kdf_3gpp(out, vector_span(&key), fc.at[0], spans, json_array_size(p));
        assert_vector(v, "output", out, sizeof out);
    }
    json_decref(file);
}

/* spec: TS 33.220 B.2.0 - a length is two octets, the higher one first: no vector is that long. */
static void kdf_lengths_are_two_octets(void **state)
{
    static const uint8_t key[32] = { 9 }, p0[0x0203] = { 8 }, fc = 0x20;
    struct lk_span param = LK_SPAN(p0);
    struct lk_span s[] = { lk_span_of(&fc, 1), param, lk_span_text("\x02\x03") };
    uint8_t want[32], out[32];

    lk_hmac_sha256(want, LK_SPAN(key), s, LK_COUNT_OF(s));
    lk_kdf_3gpp(out, LK_SPAN(key), fc, &param, 1);
    assert_memory_equal(out, want, sizeof want);
}

/* spec: RFC 9048 3.4.1 - PRF' made here by its definition, for every length over three blocks. */
static void prf_prime_is_its_definition(void **state)
{
    static const uint8_t key[32] = { 1, 2, 3 };
    struct lk_span s[2] = { lk_span_text("EAP-AKA'"), lk_span_text("0555444333222111") };
    uint8_t t[100 + 32] = { 0 }, out[100];

    for (uint8_t n = 1; n <= 4; n++) {
        struct lk_span parts[4] = { lk_span_of(t + 32 * (n - 2), n > 1 ? 32 : 0), s[0], s[1],
                                    lk_span_of(&n, 1) };
        if (n == 1)
            parts[0] = lk_span_of(NULL, 0);
        lk_hmac_sha256(t + 32 * (n - 1), LK_SPAN(key), parts, 4);
    }
    for (size_t len = 0; len <= sizeof out; len++) {
        memset(out, 0xee, sizeof out);
        lk_prf_prime(out, len, LK_SPAN(key), s, 2);
        assert_memory_equal(out, t, len);
        if (len < sizeof out)
            assert_int_equal(out[len], 0xee);
    }
}

/* spec: RFC 4187 A - the generator, by the example of FIPS 186-2 change notice 1. */
static void fips186_vector(void **state)
{
    json_t *file = vectors_load("eap_sim_aka");
    const json_t *v = vectors_find(file, "vectors", "fips186-2-cn1");
    struct vector_octets xkey = vector_hex(v, "xkey");
    uint8_t out[40];

    lk_prf_fips186(out, sizeof out, xkey.at);
    assert_vector(v, "output40", out, sizeof out);
    json_decref(file);
}

static void fips186_carries_through_all_octets(void **state)
{
    /* 1 + XKEY + w overflows 2^160 for about half of all seeds: the second block of a seed of ones
     * is that of the wrapped sum, done here octet by octet. */
    uint8_t xkey[20], next[20], two[40], one[20];
    unsigned carry = 1;

    memset(xkey, 0xff, sizeof xkey);
    lk_prf_fips186(two, sizeof two, xkey);
    for (int i = 19; i >= 0; i--) {
        carry += 0xffu + two[i];
        next[i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_memory_equal(next, two, sizeof next); /* adding 2^160 - 1 + 1 changes nothing */
    lk_prf_fips186(one, sizeof one, next);
    assert_memory_equal(one, two + 20, sizeof one);
}

static void check_aka_prime(const json_t *v, const struct lk_eap_keys *keys)
{
    assert_vector(v, "k_encr", keys->k_encr.octets, 16);
    assert_int_equal(keys->k_aut.len, 32);
    assert_vector(v, "k_aut", keys->k_aut.octets, 32);
    assert_vector(v, "k_re", keys->k_re.octets, 32);
    assert_vector(v, "msk", keys->msk.octets, 64);
    assert_vector(v, "emsk", keys->emsk.octets, 64);
}

static void derive_aka_prime(struct lk_eap_keys *keys, const json_t *in, const json_t *want,
                             const char *identity)
{
    struct vector_octets ck = vector_hex(in, "ck"), ik = vector_hex(in, "ik");
    struct vector_octets autn = vector_hex(in, "autn");
    struct lk_ck ck_key;
    struct lk_ik ik_key;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;

    memcpy(ck_key.octets, ck.at, 16);
    memcpy(ik_key.octets, ik.at, 16);
    lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck_key, &ik_key,
                          lk_span_text(vector_text(in, "network_name")), autn.at);
    assert_vector(want, "ck_prime", ck_prime.octets, 16);
    assert_vector(want, "ik_prime", ik_prime.octets, 16);
    lk_eap_aka_prime_message_keys_derive(keys, &ck_prime, &ik_prime, lk_span_text(identity));
    assert_vector(want, "k_encr", keys->k_encr.octets, 16);
    assert_vector(want, "k_aut", keys->k_aut.octets, 32);
    lk_eap_aka_prime_keys_derive(keys, &ck_prime, &ik_prime, lk_span_text(identity));
    check_aka_prime(want, keys);
}

/* The four cases of RFC 5448 appendix C: */
/* spec: TS 33.402 A.2 - CK' and IK'. */
/* spec: RFC 9048 3.3 - the key block. */
static void aka_prime_vectors(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_rfc5448");
    const json_t *list = vectors_list(file, "vectors");
    struct lk_eap_keys keys;

    assert_int_equal(json_array_size(list), 4);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);

        derive_aka_prime(&keys, v, v, vector_text(v, "identity"));
    }
    json_decref(file);
}

/* spec: RFC 9048 3.3 - re-authentication renews MSK and EMSK from K_re. */
static void aka_prime_full_and_reauth_of_a_packet_exchange(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *in = json_object_get(file, "inputs"), *re = json_object_get(file, "reauth_keys");
    struct vector_octets nonce_s = vector_hex(re, "nonce_s");
    struct lk_eap_keys keys;
    struct lk_msk msk;
    struct lk_emsk emsk;

    derive_aka_prime(&keys, in, json_object_get(file, "keys"),
                     vector_text(in, "permanent_identity"));
    lk_eap_aka_prime_reauth_derive(&msk, &emsk, &keys.k_re,
                                   lk_span_text(vector_text(re, "identity")),
                                   (uint16_t)vector_int(re, "counter"), nonce_s.at);
    assert_vector(re, "msk", msk.octets, 64);
    assert_vector(re, "emsk", emsk.octets, 64);
    json_decref(file);
}

static void reauth_of(const json_t *v, const struct lk_mk *mk)
{
    struct vector_octets nonce_s = vector_hex(v, "nonce_s");
    struct lk_msk msk;
    struct lk_emsk emsk;

    lk_eap_aka_reauth_derive(&msk, &emsk, mk, lk_span_text(vector_text(v, "identity")),
                             (uint16_t)vector_int(v, "counter"), nonce_s.at);
    assert_vector(v, "msk", msk.octets, 64);
    assert_vector(v, "emsk", emsk.octets, 64);
}

/* spec: RFC 4187 7 - MK, the order of the block, and re-authentication. EAP-SIM's published example
 * proves the part that the two methods share. */
static void aka_vectors(void **state)
{
    static const struct {
        const char *full, *reauth;
        bool sim; /* MK is given */
    } rows[] = { { "rfc4186-A-full", "rfc4186-A-reauth", true },
                 { "aka-full-1", "aka-reauth-1", false } };
    json_t *file = vectors_load("eap_sim_aka");

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const json_t *v = vectors_find(file, "vectors", rows[i].full);
        struct vector_octets given = vector_hex(v, "mk");
        struct lk_eap_keys keys;
        struct lk_mk mk;

        memcpy(mk.octets, given.at, sizeof mk.octets);
        if (!rows[i].sim) {
            struct vector_octets ck = vector_hex(v, "ck"), ik = vector_hex(v, "ik");
            struct lk_ck ck_key;
            struct lk_ik ik_key;

            memcpy(ck_key.octets, ck.at, 16);
            memcpy(ik_key.octets, ik.at, 16);
            lk_eap_aka_mk_derive(&mk, &ck_key, &ik_key, lk_span_text(vector_text(v, "identity")));
            assert_vector(v, "mk", mk.octets, sizeof mk.octets);
        }
        lk_eap_aka_message_keys_derive(&keys, &mk);
        assert_vector(v, "k_encr", keys.k_encr.octets, 16);
        assert_vector(v, "k_aut", keys.k_aut.octets, 16);
        lk_eap_aka_keys_derive(&keys, &mk);
        assert_memory_equal(&keys.mk, &mk, sizeof mk);
        assert_vector(v, "k_encr", keys.k_encr.octets, 16);
        assert_int_equal(keys.k_aut.len, 16);
        assert_vector(v, "k_aut", keys.k_aut.octets, 16);
        assert_vector(v, "msk", keys.msk.octets, 64);
        assert_vector(v, "emsk", keys.emsk.octets, 64);
        reauth_of(vectors_find(file, "vectors", rows[i].reauth), &mk);
    }
    json_decref(file);
}

/* spec: RFC 9048 6 - the two forms of Session-Id. */
static void session_ids(void **state)
{
    uint8_t first[16], second[16], want[33] = { 50 };
    struct lk_session_id id;

    for (uint8_t i = 0; i < 16; i++) {
        first[i] = i;
        second[i] = (uint8_t)(i + 16);
    }
    for (uint8_t i = 0; i < 32; i++)
        want[1 + i] = i;
    lk_session_id_full(&id, 50, first, second);
    assert_memory_equal(id.octets, want, sizeof want);
    lk_session_id_reauth(&id, 50, first, second);
    assert_memory_equal(id.octets, want, sizeof want);
    lk_session_id_full(&id, 23, first, second);
    assert_int_equal(id.octets[0], 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kdf_vectors),
        cmocka_unit_test(kdf_lengths_are_two_octets),
        cmocka_unit_test(prf_prime_is_its_definition),
        cmocka_unit_test(fips186_vector),
        cmocka_unit_test(fips186_carries_through_all_octets),
        cmocka_unit_test(aka_prime_vectors),
        cmocka_unit_test(aka_prime_full_and_reauth_of_a_packet_exchange),
        cmocka_unit_test(aka_vectors),
        cmocka_unit_test(session_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
