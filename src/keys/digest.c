/* Passwords, H(A1), H(A2), response and rspauth.             RFC 7616, RFC 3310, RFC 4169
 *
 * Called by the machines of proto/gba, by who serves Ua, and by `latchkey keys digest-aka`. */
#include "keys/digest.h"

#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"

/* ---- passwords ---- */

void lk_digest_password_akav1(struct lk_digest_password *password, struct lk_span res)
{
    LK_ASSERT(res.len <= LK_DIGEST_RES_MAX);
    /* spec: RFC 3310 3.3 - the password of AKAv1 is RES, its octets as they are. */
    memset(password, 0, sizeof *password);
    if (res.len > 0)
        memcpy(password->octets, res.at, res.len);
    password->len = res.len;
}

static void set_base64(struct lk_digest_password *password, struct lk_span octets)
{
    struct lk_writer w = lk_writer_of(password->octets, sizeof password->octets);

    memset(password, 0, sizeof *password);
    lk_base64_put(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    password->len = w.len;
}

static void prf(uint8_t out[LK_MD5_LEN], struct lk_span key, const char *label)
{
    const struct lk_span part = lk_span_text(label);
    struct lk_hmac_md5_key k;

    lk_hmac_md5_set_key(&k, key);
    lk_hmac_md5(out, &k, &part, 1);
    lk_wipe(&k, sizeof k);
}

void lk_digest_password_akav2(struct lk_digest_password *password, struct lk_span res,
                              const struct lk_ik *ik, const struct lk_ck *ck)
{
    uint8_t key[LK_DIGEST_RES_MAX + sizeof ik->octets + sizeof ck->octets], out[LK_MD5_LEN];
    struct lk_writer w = lk_writer_of(key, sizeof key);

    /* spec: RFC 4169 2.2 - base64(PRF(RES || IK || CK, "http-digest-akav2-password")); PRF is HMAC
     * with the hash of the digest. */
    lk_put_span(&w, res);
    lk_put_octets(&w, ik->octets, sizeof ik->octets);
    lk_put_octets(&w, ck->octets, sizeof ck->octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    prf(out, lk_writer_span(&w), "http-digest-akav2-password");
    set_base64(password, LK_SPAN(out));
    lk_wipe(key, sizeof key);
    lk_wipe(out, sizeof out);
}

void lk_digest_akav2_keys(struct lk_ik_prime *ik_prime, struct lk_ck_prime *ck_prime,
                          const struct lk_ik *ik, const struct lk_ck *ck)
{
    /* spec: RFC 4169 2.1 - IK' = PRF(IK, ...), CK' = PRF(CK, ...). */
    prf(ik_prime->octets, LK_SPAN(ik->octets), "http-digest-akav2-integritykey");
    prf(ck_prime->octets, LK_SPAN(ck->octets), "http-digest-akav2-cipherkey");
}

void lk_digest_password_naf(struct lk_digest_password *password, const struct lk_ks_naf *key)
{
    /* spec: TS 24.109 5.2.4 - the password at a NAF is Ks_NAF in base64. */
    set_base64(password, LK_SPAN(key->octets));
}

/* ---- responses ---- */

static void hash(struct lk_digest_text *text, enum lk_digest_hash kind,
                 const struct lk_span *parts, size_t count)
{
    uint8_t out[LK_SHA256_LEN];
    char hex[2 * LK_SHA256_LEN + 1];
    size_t len = 0;

    switch (kind) {
    case LK_DIGEST_MD5:
        lk_md5(out, parts, count);
        len = LK_MD5_LEN;
        break;
    case LK_DIGEST_SHA256:
        lk_sha256(out, parts, count);
        len = LK_SHA256_LEN;
        break;
    }
    LK_ASSERT(len > 0 && lk_hex_encode(hex, sizeof hex, lk_span_of(out, len)) == LK_OK);
    memset(text, 0, sizeof *text);
    text->len = 2 * len;
    memcpy(text->at, hex, text->len);
    lk_wipe(out, sizeof out);
    lk_wipe(hex, sizeof hex);
}

static struct lk_span span_of(const struct lk_digest_text *text)
{
    return lk_span_of(text->at, text->len);
}

void lk_digest_a1(struct lk_digest_text *a1, const struct lk_digest_input *input,
                  const struct lk_digest_password *password)
{
    const struct lk_span colon = lk_span_text(":");
    const struct lk_span parts[] = { input->username, colon, input->realm, colon,
                                     lk_span_of(password->octets, password->len) };

    /* spec: RFC 7616 3.4.2 - A1 = username ":" realm ":" password. */
    hash(a1, input->hash, parts, LK_COUNT_OF(parts));
}

void lk_digest_a2(struct lk_digest_text *a2, const struct lk_digest_input *input)
{
    const struct lk_span colon = lk_span_text(":");
    struct lk_digest_text body;
    bool whole = lk_span_equal(input->qop, lk_span_text("auth-int"));

    /* spec: RFC 7616 3.4.3 - A2 = method ":" uri, and with auth-int ":" H(body) behind it. */
    hash(&body, input->hash, &input->body, 1);
    {
        const struct lk_span parts[] = { input->method, colon, input->uri, colon,
                                         span_of(&body) };

        hash(a2, input->hash, parts, whole ? 5 : 3);
    }
}

void lk_digest_response(struct lk_digest_text *response, const struct lk_digest_input *input,
                        const struct lk_digest_password *password)
{
    const struct lk_span colon = lk_span_text(":");
    struct lk_digest_text a1, a2;

    lk_digest_a1(&a1, input, password);
    lk_digest_a2(&a2, input);
    /* spec: RFC 7616 3.4.1 - H(H(A1) ":" nonce ":" nc ":" cnonce ":" qop ":" H(A2)); rspauth is
     * the same with an empty method (3.5). */
    if (input->qop.len > 0) {
        const struct lk_span parts[] = { span_of(&a1), colon, input->nonce, colon, input->nc,
                                         colon, input->cnonce, colon, input->qop, colon,
                                         span_of(&a2) };

        hash(response, input->hash, parts, LK_COUNT_OF(parts));
    } else {
        const struct lk_span parts[] = { span_of(&a1), colon, input->nonce, colon, span_of(&a2) };

        hash(response, input->hash, parts, LK_COUNT_OF(parts));
    }
    lk_wipe(&a1, sizeof a1);
}

bool lk_digest_same(const struct lk_digest_text *response, struct lk_span came)
{
    return came.len == response->len && lk_same_secret(response->at, came.at, came.len);
}
