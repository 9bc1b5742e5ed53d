/* `latchkey keys digest-aka`: responses of HTTP Digest, of AKA and at a NAF. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/digest.h"

static const char clause[] = "RFC 7616 3.4.1";
enum algorithm { AKAV1_MD5, AKAV2_MD5, MD5, SHA_256 };

#define TEXT(option, needed, what) { option, LK_INPUT_TEXT, needed, 0, LK_VALUE_MAX, what }

static const struct lk_input digest_inputs[] = {
    { "algorithm", LK_INPUT_WORD, true, 0, 0, "AKAv1-MD5|AKAv2-MD5|MD5|SHA-256" },
    { "res", LK_INPUT_HEX, false, LK_RES_MIN, LK_DIGEST_RES_MAX, "RES, of AKA; without it: AUTS" },
    { "ck", LK_INPUT_HEX, false, 16, 16, "CK, of AKAv2" },
    { "ik", LK_INPUT_HEX, false, 16, 16, "IK, of AKAv2" },
    { "ks-naf", LK_INPUT_HEX, false, 32, 32, "Ks_NAF, of MD5 and SHA-256" },
    TEXT("username", true, "IMPI, TMPI or B-TID"),
    TEXT("realm", true, "realm"),
    TEXT("nonce", true, "nonce, the text of it"),
    TEXT("method", true, "method of the request"),
    TEXT("uri", true, "uri"),
    TEXT("qop", false, "auth or auth-int; without it the form of RFC 2069"),
    TEXT("nc", false, "nonce count, eight digits"),
    TEXT("cnonce", false, "cnonce"),
    { "body", LK_INPUT_HEX, false, 0, LK_VALUE_MAX, "body of the request, with auth-int" },
    { "answer", LK_INPUT_HEX, false, 0, LK_VALUE_MAX, "body of the answer: rspauth is given too" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

/* ---- the password ---- */

static struct lk_span prf(struct lk_derivation *d, const char *what, const char *keys,
                          struct lk_span key, const char *label)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_MD5, "RFC 4169 2.1");

    lk_piece(step, LK_PIECE_KEY, keys, key);
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text(label));
    return lk_step_result(step, what, LK_MD5_LEN);
}

static void akav2(struct lk_derivation *d, struct lk_digest_password *password)
{
    struct lk_span res = lk_in_span(d, "res"), ck_in = lk_in_span(d, "ck");
    struct lk_span ik_in = lk_in_span(d, "ik");
    uint8_t key[LK_DIGEST_RES_MAX + 32];
    struct lk_writer w = lk_writer_of(key, sizeof key);
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, ck_in.at, sizeof ck.octets);
    memcpy(ik.octets, ik_in.at, sizeof ik.octets);
    lk_digest_password_akav2(password, res, &ik, &ck);
    lk_digest_akav2_keys(&ik_prime, &ck_prime, &ik, &ck);
    lk_put_span(&w, res);
    lk_put_span(&w, ik_in);
    lk_put_span(&w, ck_in);
    (void)prf(d, "password, in base64", "RES || IK || CK", lk_writer_span(&w),
              "http-digest-akav2-password");
    lk_give(d, "ik_prime", LK_SPAN(ik_prime.octets),
            prf(d, "IK'", "IK", ik_in, "http-digest-akav2-integritykey"), "all of it",
            "RFC 4169 2.1");
    lk_give(d, "ck_prime", LK_SPAN(ck_prime.octets),
            prf(d, "CK'", "CK", ck_in, "http-digest-akav2-cipherkey"), "all of it",
            "RFC 4169 2.1");
    lk_wipe(key, sizeof key);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&ck_prime, sizeof ck_prime);
    lk_wipe(&ik_prime, sizeof ik_prime);
}

static int password_in(struct lk_derivation *d, struct lk_digest_password *password)
{
    enum algorithm algorithm = (enum algorithm)lk_in_number(d, "algorithm", 0);
    bool aka = algorithm == AKAV1_MD5 || algorithm == AKAV2_MD5;
    bool res = lk_in(d, "res")->given;
    struct lk_ks_naf ks_naf;

    if (!aka && !lk_in(d, "ks-naf")->given)
        return lk_in_refuse("--ks-naf is missing: MD5 and SHA-256 are of a NAF");
    if (algorithm == AKAV2_MD5 && res && (!lk_in(d, "ck")->given || !lk_in(d, "ik")->given))
        return lk_in_refuse("--ck and --ik are missing: AKAv2 wants them");
    if (aka && (algorithm == AKAV1_MD5 || !res)) {
        lk_digest_password_akav1(password, lk_in_span(d, "res"));
    } else if (aka) {
        akav2(d, password);
    } else {
        memcpy(ks_naf.octets, lk_in_span(d, "ks-naf").at, sizeof ks_naf.octets);
        lk_digest_password_naf(password, &ks_naf);
        lk_wipe(&ks_naf, sizeof ks_naf);
    }
    return LK_EXIT_OK;
}

/* ---- responses ---- */

/* Spans and names of what is hashed, a colon between each two. */
struct parts {
    size_t count;
    struct {
        const char *name;
        struct lk_span octets;
        bool no_text; /* secret, or of any octets */
    } part[6];
};

static struct lk_span hashed(struct lk_derivation *d, const struct lk_digest_input *input,
                             const struct parts *parts, const char *gives, const char *of)
{
    bool md5 = input->hash == LK_DIGEST_MD5;
    struct lk_step *step = lk_step(d, md5 ? LK_FN_MD5 : LK_FN_SHA256, of);

    for (size_t i = 0; i < parts->count; i++) {
        if (i > 0)
            lk_piece_text(step, LK_PIECE_INPUT, ":", lk_span_text(":"));
        lk_piece(step, LK_PIECE_INPUT, parts->part[i].name, parts->part[i].octets);
        step->pieces[step->count - 1].text = !parts->part[i].no_text;
    }
    return lk_step_result(step, gives, md5 ? LK_MD5_LEN : LK_SHA256_LEN);
}

/* Hex digits as what the other end writes, and the octets that they are. */
struct both {
    char hex[LK_DIGEST_TEXT_MAX + 1];
    uint8_t octets[LK_DIGEST_TEXT_MAX / 2];
    size_t len;
};

static struct lk_span digits_of(struct both *both, struct lk_span octets)
{
    enum lk_status status = lk_hex_encode(both->hex, sizeof both->hex, octets);

    LK_ASSERT(status == LK_OK);
    return lk_span_text(both->hex);
}

static void give(struct lk_derivation *d, const char *name, const struct lk_digest_text *text,
                 struct lk_span from, const char *of)
{
    struct both both;
    enum lk_status status = lk_hex_decode(both.octets, sizeof both.octets, &both.len,
                                          lk_span_of(text->at, text->len));

    LK_ASSERT(status == LK_OK);
    lk_give(d, name, lk_span_of(both.octets, both.len), from, "all of it", of);
}

/* Response, or rspauth, and H(A2) of it. */
static void give_response(struct lk_derivation *d, const struct lk_digest_input *input,
                          const struct lk_digest_password *password, struct lk_span a1,
                          const char *name, const char *name_a2)
{
    struct parts parts = { 2, { { "method", input->method, false },
                                { "uri", input->uri, false } } };
    bool whole = lk_span_equal(input->qop, lk_span_text("auth-int"));
    struct lk_digest_text a2, response;
    struct both body, a1_digits, a2_digits;
    struct lk_span from;

    if (whole) {
        const struct parts of_body = { 1, { { "body", input->body, true } } };

        parts.part[2].name = "H(body)";
        parts.part[2].octets = digits_of(&body, hashed(d, input, &of_body, "H(body)", clause));
        parts.count = 3;
    }
    lk_digest_a2(&a2, input);
    from = hashed(d, input, &parts, name_a2, "RFC 7616 3.4.3");
    give(d, name_a2, &a2, from, "RFC 7616 3.4.3");
    parts = (struct parts){ 1, { { "H(A1)", digits_of(&a1_digits, a1), true } } };
    parts.part[parts.count].name = "nonce";
    parts.part[parts.count++].octets = input->nonce;
    if (input->qop.len > 0) {
        parts.part[parts.count].name = "nc";
        parts.part[parts.count++].octets = input->nc;
        parts.part[parts.count].name = "cnonce";
        parts.part[parts.count++].octets = input->cnonce;
        parts.part[parts.count].name = "qop";
        parts.part[parts.count++].octets = input->qop;
    }
    parts.part[parts.count].name = "H(A2)";
    parts.part[parts.count++].octets = digits_of(&a2_digits, from);
    lk_digest_response(&response, input, password);
    give(d, name, &response, hashed(d, input, &parts, name, clause), clause);
    lk_wipe(&parts, sizeof parts);
    lk_wipe(&a1_digits, sizeof a1_digits);
}

static void give_all(struct lk_derivation *d, struct lk_digest_input *input,
                     const struct lk_digest_password *password)
{
    struct parts parts = { 3, { { "username", input->username, false },
                                { "realm", input->realm, false },
                                { "password", lk_span_of(password->octets, password->len),
                                  true } } };
    struct lk_digest_text a1;
    struct lk_span from;

    lk_digest_a1(&a1, input, password);
    from = hashed(d, input, &parts, "ha1", "RFC 7616 3.4.2");
    give(d, "ha1", &a1, from, "RFC 7616 3.4.2");
    give_response(d, input, password, from, "response", "ha2");
    if (lk_in(d, "answer")->given) {
        input->method = lk_span_of(NULL, 0);
        input->body = lk_in_span(d, "answer");
        give_response(d, input, password, from, "rspauth", "ha2_answer");
    }
    lk_wipe(&a1, sizeof a1);
}

static int run_digest(struct lk_derivation *d)
{
    struct lk_digest_input input = {
        .hash = lk_in_number(d, "algorithm", 0) == SHA_256 ? LK_DIGEST_SHA256 : LK_DIGEST_MD5,
        .username = lk_in_span(d, "username"),
        .realm = lk_in_span(d, "realm"),
        .nonce = lk_in_span(d, "nonce"),
        .uri = lk_in_span(d, "uri"),
        .qop = lk_in_span(d, "qop"),
        .nc = lk_in_span(d, "nc"),
        .cnonce = lk_in_span(d, "cnonce"),
        .method = lk_in_span(d, "method"),
        .body = lk_in_span(d, "body"),
    };
    struct lk_digest_password password = { .len = 0 };
    int code = password_in(d, &password);

    if (code == LK_EXIT_OK && input.qop.len > 0 && (input.nc.len == 0 || input.cnonce.len == 0))
        code = lk_in_refuse("--nc and --cnonce go with --qop");
    if (code == LK_EXIT_OK)
        give_all(d, &input, &password);
    lk_wipe(&password, sizeof password);
    return code;
}

const struct lk_key_name lk_key_digest_aka = {
    .name = "digest-aka",
    .summary = "responses of HTTP Digest, with AKA or at a NAF",
    .clause = "RFC 3310 3.3",
    .prints = "[ik_prime ck_prime] ha1 ha2 response [ha2_answer rspauth]",
    .inputs = digest_inputs,
    .run = run_digest,
};
