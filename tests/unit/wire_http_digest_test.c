/* wire/http_digest: both ways, every truncation, and a row for each thing that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/http_digest.h"

static const char credentials[] =
    "Digest username=\"001010123456789@ims.mnc001.mcc001.3gppnetwork.org\", realm=\"bsf.example\", "
    "nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, "
    "nc=00000001, cnonce=\"468f5b9d04a32d38\", response=\"79621eb2b3a7c403b352d902eeb4d3cf\", "
    "algorithm=AKAv1-MD5, opaque=\"aa==\", auts=\"uoU/PBI8z0TpNZbjVcY=\"";
static const char challenge[] =
    "Digest realm=\"bsf.example\", nonce=\"x=\", qop=\"auth,auth-int\", algorithm=AKAv1-MD5, "
    "opaque=\"y\", stale=true";
static const char info[] = "qop=auth-int, nc=00000001, cnonce=\"468f\", rspauth=\"5fb5\", "
                           "nextnonce=\"z\"";
static const char first[] = "Digest username=\"a@b\", realm=\"bsf\", nonce=\"\", uri=\"/\", "
                            "response=\"\"";

static const struct {
    enum lk_http_digest_kind kind;
    const char *text;
} good[] = {
    { LK_HTTP_CREDENTIALS, credentials },
    { LK_HTTP_CREDENTIALS, first },
    { LK_HTTP_CHALLENGE, challenge },
    { LK_HTTP_INFO, info },
};

static enum lk_status decode(struct lk_http_digest *digest, enum lk_http_digest_kind kind,
                             const char *text)
{
    return lk_http_digest_decode(digest, kind, lk_span_text(text));
}

/* spec: RFC 7616 3.3 - a challenge. */
static void decode_and_encode_again(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(good); i++) {
        char again[LK_HTTP_DIGEST_MAX];
        struct lk_writer w = lk_writer_of(again, sizeof again);
        struct lk_http_digest digest;

        assert_int_equal(decode(&digest, good[i].kind, good[i].text), LK_OK);
        assert_int_equal(lk_http_digest_encode(&w, good[i].kind, &digest), LK_OK);
        assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text(good[i].text)));
    }
}

/* spec: RFC 7616 3.4 - what credentials are made of. spec: RFC 3310 3.4 - auts among it. */
static void every_parameter_is_found(void **state)
{
    static const char *const want[LK_HTTP_DIGEST_PARAM_COUNT] = {
        [LK_HTTP_USERNAME] = "001010123456789@ims.mnc001.mcc001.3gppnetwork.org",
        [LK_HTTP_REALM] = "bsf.example",
        [LK_HTTP_NONCE] = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
        [LK_HTTP_URI] = "/",
        [LK_HTTP_QOP] = "auth-int",
        [LK_HTTP_NC] = "00000001",
        [LK_HTTP_CNONCE] = "468f5b9d04a32d38",
        [LK_HTTP_RESPONSE] = "79621eb2b3a7c403b352d902eeb4d3cf",
        [LK_HTTP_ALGORITHM] = "AKAv1-MD5",
        [LK_HTTP_OPAQUE] = "aa==",
        [LK_HTTP_AUTS] = "uoU/PBI8z0TpNZbjVcY=",
    };
    struct lk_http_digest digest;

    assert_int_equal(decode(&digest, LK_HTTP_CREDENTIALS, credentials), LK_OK);
    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT; i++) {
        assert_int_equal(lk_http_digest_has(&digest, i), want[i] != NULL);
        if (want[i] != NULL)
            assert_true(lk_span_equal(digest.value[i], lk_span_text(want[i])));
    }
}

/* What else may stand: quotes or none, space, case of names, and what nobody knows. */
static void other_forms(void **state)
{
    static const char *const texts[] = {
        "DIGEST Realm=bsf.example ,\tNONCE = \"x=\",qop=\"auth-int\",algorithm=\"AKAv1-MD5\"",
        "Digest   realm=\"bsf.example\", nonce=\"x=\", charset=UTF-8, x-y=\"a b,c=d\", x-y=1",
    };
    struct lk_http_digest digest;

    for (size_t i = 0; i < LK_COUNT_OF(texts); i++) {
        assert_int_equal(decode(&digest, LK_HTTP_CHALLENGE, texts[i]), LK_OK);
        assert_true(lk_span_equal(digest.value[LK_HTTP_REALM], lk_span_text("bsf.example")));
        assert_true(lk_span_equal(digest.value[LK_HTTP_NONCE], lk_span_text("x=")));
    }
    assert_int_equal(decode(&digest, LK_HTTP_CHALLENGE, texts[0]), LK_OK);
    assert_true(lk_http_token_is(digest.value[LK_HTTP_ALGORITHM], "akav1-md5"));
    assert_false(lk_http_token_is(digest.value[LK_HTTP_ALGORITHM], "AKAv1-MD"));
}

/* A cut either leaves a whole header of fewer parameters, or is refused. */
static void every_truncation(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(good); i++)
        for (size_t len = 0; len < strlen(good[i].text); len++) {
            char copy[sizeof credentials], again[LK_HTTP_DIGEST_MAX];
            struct lk_writer w = lk_writer_of(again, sizeof again);
            struct lk_http_digest digest;

            memcpy(copy, good[i].text, len);
            if (lk_http_digest_decode(&digest, good[i].kind, lk_span_of(copy, len)) != LK_OK)
                continue;
            assert_int_equal(lk_http_digest_encode(&w, good[i].kind, &digest), LK_OK);
            assert_true(good[i].text[len] != '"');
        }
}

static void what_is_refused(void **state)
{
    static const struct {
        enum lk_http_digest_kind kind;
        const char *text;
        enum lk_status status;
    } rows[] = {
        { LK_HTTP_CHALLENGE, "", LK_E_SHORT },
        { LK_HTTP_CHALLENGE, "Digest", LK_E_SHORT },
        { LK_HTTP_CHALLENGE, "Digest ", LK_E_SHORT },
        { LK_HTTP_CHALLENGE, "Basic realm=\"a\", nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\"", LK_E_MISSING },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\", nonce=\"b\"; c=d", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\", nonce=\"b\",", LK_E_SHORT },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\",, nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\", nonce=\"b\", Basic realm=\"c\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\", nonce=\"b\", realm=\"a\"", LK_E_TWICE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\", nonce=\"b\", NONCE=\"c\"", LK_E_TWICE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\\\"\", nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a\r\nX: y\", nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"\xc3\xa4\", nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=, nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm, nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest =\"a\", nonce=\"b\"", LK_E_VALUE },
        { LK_HTTP_CHALLENGE, "Digest realm=\"a, nonce=b", LK_E_SHORT },
        { LK_HTTP_CREDENTIALS, "Digest username=\"a\", realm=\"a\", nonce=\"b\", uri=\"/\"",
          LK_E_MISSING },
        { LK_HTTP_CREDENTIALS,
          "Digest username=a, realm=a, nonce=b, uri=c, response=d, qop=auth, nc=00000001",
          LK_E_MISSING },
        { LK_HTTP_CREDENTIALS,
          "Digest username=a, realm=a, nonce=b, uri=c, response=d, qop=auth, cnonce=e",
          LK_E_MISSING },
        { LK_HTTP_INFO, "nc=1", LK_E_VALUE },
        { LK_HTTP_INFO, "nc=0000000g", LK_E_VALUE },
        { LK_HTTP_INFO, "nc=000000001", LK_E_VALUE },
        { LK_HTTP_INFO, "Digest nc=00000001", LK_E_VALUE },
    };
    struct lk_http_digest digest;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(decode(&digest, rows[i].kind, rows[i].text), rows[i].status);
}

/* As many parameters and octets as there may be, and one more. */
static void bounds(void **state)
{
    static char text[LK_HTTP_DIGEST_MAX + 2];
    struct lk_http_digest digest;
    size_t len = 0;

    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAMS; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%sx%u=1", i > 0 ? "," : "", i);
    assert_int_equal(decode(&digest, LK_HTTP_INFO, text), LK_OK);
    snprintf(text + len, sizeof text - len, ",y=1");
    assert_int_equal(decode(&digest, LK_HTTP_INFO, text), LK_E_FULL);
    memset(text, 'a', sizeof text - 1);
    text[1] = '=';
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_INFO,
                                           lk_span_of(text, LK_HTTP_DIGEST_MAX)), LK_OK);
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_INFO,
                                           lk_span_of(text, LK_HTTP_DIGEST_MAX + 1)),
                     LK_E_LENGTH);
}

static void what_cannot_be_written(void **state)
{
    char room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_http_digest digest;

    assert_int_equal(decode(&digest, LK_HTTP_CHALLENGE, challenge), LK_OK);
    lk_http_digest_set(&digest, LK_HTTP_REALM, lk_span_text("a\"b"));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_VALUE);
    lk_http_digest_set(&digest, LK_HTTP_REALM, lk_span_text("a\r\nb"));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_VALUE);
    lk_http_digest_set(&digest, LK_HTTP_REALM, lk_span_text("a"));
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM, lk_span_text("a b"));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_VALUE);
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM, lk_span_text(""));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_VALUE);
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM, lk_span_text("MD5"));
    lk_http_digest_set(&digest, LK_HTTP_RSPAUTH, lk_span_text("a"));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_VALUE);
    digest.present = 0;
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_INFO, &digest), LK_E_MISSING);
    for (size_t cap = 0; cap < sizeof challenge - 1; cap++) {
        w = lk_writer_of(room, cap);
        assert_int_equal(decode(&digest, LK_HTTP_CHALLENGE, challenge), LK_OK);
        assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_E_FULL);
    }
}

static void lists(void **state)
{
    static const struct {
        const char *list;
        bool has;
    } rows[] = { { "auth-int", true }, { "auth,auth-int", true }, { "auth-int , auth", true },
                 { " AUTH-INT\t,", true }, { "auth", false }, { "auth-int2", false }, { "", false },
                 { "auth auth-int", false }, { ",,", false }, { "xauth-int", false } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_http_list_has(lk_span_text(rows[i].list), "auth-int"), rows[i].has);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_and_encode_again),
        cmocka_unit_test(every_parameter_is_found),
        cmocka_unit_test(other_forms),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(bounds),
        cmocka_unit_test(what_cannot_be_written),
        cmocka_unit_test(lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
