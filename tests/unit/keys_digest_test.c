/* keys/digest: every vector of AKAv1, AKAv2, auth-int, rspauth, AUTS and Ua; and of SHA-256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/digest.h"
#include "vectors.h"

static struct lk_span text_of(const json_t *v, const char *path)
{
    return vector_has(v, path) && !json_is_null(json_object_get(v, path))
               ? lk_span_text(vector_text(v, path))
               : lk_span_of(NULL, 0);
}

static struct lk_digest_input input_of(const json_t *v)
{
    return (struct lk_digest_input){ .hash = LK_DIGEST_MD5,
                                     .username = text_of(v, "username"),
                                     .realm = text_of(v, "realm"),
                                     .nonce = text_of(v, "nonce"),
                                     .uri = text_of(v, "uri"),
                                     .qop = text_of(v, "qop"),
                                     .nc = text_of(v, "nc"),
                                     .cnonce = text_of(v, "cnonce"),
                                     .method = text_of(v, "method"),
                                     .body = text_of(v, "entity_body") };
}

static void password_of(struct lk_digest_password *password, const json_t *v)
{
    struct vector_octets res;

    if (vector_has(v, "password_res")) {
        res = vector_hex(v, "password_res");
        lk_digest_password_akav1(password, vector_span(&res));
    } else {
        lk_digest_password_akav1(password, text_of(v, "password_ascii"));
    }
}

static void expect_text(const json_t *v, const char *path, const struct lk_digest_text *text)
{
    assert_true(lk_span_equal(lk_span_of(text->at, text->len), lk_span_text(vector_text(v, path))));
}

/* spec: RFC 3310 3.3 - RES is the password.
 * spec: RFC 7616 3.4.1 - the response of it, with qop auth and auth-int, and without.
 * spec: RFC 7616 3.4.2 - of H(A1).
 * spec: RFC 7616 3.4.3 - of H(A2). */
static void akav1_and_plain(void **state)
{
    static const char *const ids[] = { "akav1-sipp-1", "akav1-sipp-2", "rfc2617-3.5",
                                       "ub-authint-akav1" };
    json_t *file = vectors_load("digest-aka");

    for (size_t i = 0; i < LK_COUNT_OF(ids); i++) {
        const json_t *v = vectors_find(file, "vectors", ids[i]);
        struct lk_digest_input input = input_of(v);
        struct lk_digest_password password;
        struct lk_digest_text text;

        password_of(&password, v);
        lk_digest_a1(&text, &input, &password);
        expect_text(v, "ha1", &text);
        lk_digest_a2(&text, &input);
        expect_text(v, "ha2", &text);
        lk_digest_response(&text, &input, &password);
        expect_text(v, "response", &text);
        assert_true(lk_digest_same(&text, text_of(v, "response")));
    }
    json_decref(file);
}

/* spec: RFC 7616 3.5 - rspauth: the method is empty, the body that of the answer.
 * spec: RFC 3310 3.4 - with auts the password is empty. */
static void rspauth_and_auts(void **state)
{
    json_t *file = vectors_load("digest-aka");
    const json_t *v = vectors_find(file, "vectors", "ub-authint-akav1"), *also;
    struct lk_digest_input input = input_of(v);
    struct lk_digest_password password;
    struct lk_digest_text text;
    struct vector_octets body;

    also = vectors_find(file, "vectors", "ub-auts-emptypassword");
    lk_digest_password_akav1(&password, lk_span_of(NULL, 0));
    lk_digest_response(&text, &input, &password);
    expect_text(also, "response", &text);
    also = vectors_find(file, "vectors", "ub-200ok-rspauth");
    body = vector_hex(also, "body_hex");
    input.method = lk_span_of(NULL, 0);
    input.body = vector_span(&body);
    password_of(&password, v);
    lk_digest_a2(&text, &input);
    expect_text(also, "ha2", &text);
    lk_digest_response(&text, &input, &password);
    expect_text(also, "rspauth", &text);
    json_decref(file);
}

/* spec: RFC 4169 2.1 - IK' and CK'.
 * spec: RFC 4169 2.2 - the password. */
static void akav2(void **state)
{
    json_t *file = vectors_load("digest-aka");
    const json_t *v = vectors_find(file, "vectors", "akav2-md5");
    struct vector_octets res = vector_hex(v, "res");
    struct lk_digest_input input = input_of(v);
    struct lk_digest_password password;
    struct lk_digest_text text;
    struct lk_ik_prime ik_prime;
    struct lk_ck_prime ck_prime;
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, vector_hex(v, "ck").at, sizeof ck.octets);
    memcpy(ik.octets, vector_hex(v, "ik").at, sizeof ik.octets);
    lk_digest_password_akav2(&password, vector_span(&res), &ik, &ck);
    assert_true(lk_span_equal(lk_span_of(password.octets, password.len),
                              text_of(v, "password_base64")));
    lk_digest_akav2_keys(&ik_prime, &ck_prime, &ik, &ck);
    assert_vector(v, "ik_prime", ik_prime.octets, sizeof ik_prime.octets);
    assert_vector(v, "ck_prime", ck_prime.octets, sizeof ck_prime.octets);
    lk_digest_response(&text, &input, &password);
    expect_text(v, "response", &text);
    json_decref(file);
}

/* spec: TS 24.109 5.2.4 - at a NAF the password is Ks_NAF in base64, 44 characters. */
static void ua(void **state)
{
    json_t *file = vectors_load("gba-kdf");
    const json_t *v = vectors_find(file, "vectors", "ua-digest-base64-ksnaf");
    const json_t *naf = vectors_find(file, "vectors", "ks_naf-httpdigest");
    struct lk_digest_input input = input_of(v);
    struct lk_digest_password password;
    struct lk_digest_text text;
    struct lk_ks_naf key;

    memcpy(key.octets, vector_hex(naf, "out").at, sizeof key.octets);
    lk_digest_password_naf(&password, &key);
    assert_true(lk_span_equal(lk_span_of(password.octets, password.len),
                              text_of(naf, "out_base64")));
    assert_int_equal(password.len, 44);
    lk_digest_a1(&text, &input, &password);
    expect_text(v, "ha1", &text);
    lk_digest_response(&text, &input, &password);
    expect_text(v, "response", &text);
    json_decref(file);
}

/* spec: RFC 7616 3.9.1 - its own example, with both hashes. */
static void sha256(void **state)
{
    static const struct {
        enum lk_digest_hash hash;
        const char *want;
    } rows[] = {
        { LK_DIGEST_MD5, "8ca523f5e9506fed4657c9700eebdbec" },
        { LK_DIGEST_SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
    };
    struct lk_digest_input input = {
        .username = lk_span_text("Mufasa"),
        .realm = lk_span_text("http-auth@example.org"),
        .nonce = lk_span_text("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
        .uri = lk_span_text("/dir/index.html"),
        .qop = lk_span_text("auth"),
        .nc = lk_span_text("00000001"),
        .cnonce = lk_span_text("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        .method = lk_span_text("GET"),
    };
    struct lk_digest_password password;
    struct lk_digest_text text;

    lk_digest_password_akav1(&password, lk_span_text("Circle of Life"));
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        input.hash = rows[i].hash;
        lk_digest_response(&text, &input, &password);
        assert_true(lk_span_equal(lk_span_of(text.at, text.len), lk_span_text(rows[i].want)));
    }
}

/* Every octet and the length count. */
static void nothing_else_is_the_same(void **state)
{
    const struct lk_digest_text text = { "0123456789abcdef0123456789abcdef", 32 };
    char came[33];

    for (size_t i = 0; i < 32; i++) {
        memcpy(came, text.at, 32);
        assert_true(lk_digest_same(&text, lk_span_of(came, 32)));
        assert_false(lk_digest_same(&text, lk_span_of(came, i)));
        came[i] ^= 1;
        assert_false(lk_digest_same(&text, lk_span_of(came, 32)));
    }
    assert_false(lk_digest_same(&text, lk_span_of(came, 33)));
    assert_false(lk_digest_same(&text, lk_span_text("0123456789ABCDEF0123456789ABCDEF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(akav1_and_plain),
        cmocka_unit_test(rspauth_and_auts),
        cmocka_unit_test(akav2),
        cmocka_unit_test(ua),
        cmocka_unit_test(sha256),
        cmocka_unit_test(nothing_else_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
