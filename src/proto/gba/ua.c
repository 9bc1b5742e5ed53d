/* Ua: nonces, what a request claims, and what has come before.      TS 24.109 5, RFC 7616
 *
 * Called by liblatchkey-naf. A nonce is base64 of
 *
 *     when it was made (8) | random (8) | HMAC-SHA-256(nonce key, what is before it | FQDN), 16
 *
 * and good for nonce_ms. */
#include "proto/gba/ua.h"

#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"

enum {
    HEAD_LEN = 8 + LK_UA_NONCE_RANDOM,
    MAC_LEN = 16,
    NONCE_LEN = HEAD_LEN + MAC_LEN,
    NONCE_TEXT = LK_BASE64_LEN(NONCE_LEN),
};

/* In the order of enum lk_digest_hash. */
static const char *const algorithms[] = { "MD5", "SHA-256" };

/* ---- nonces ---- */

static void nonce_write(uint8_t octets[NONCE_LEN], const struct lk_ua_config *config,
                        const struct lk_ua_nonce *nonce)
{
    struct lk_writer w = lk_writer_of(octets, NONCE_LEN);
    uint8_t mac[LK_SHA256_LEN];

    lk_put_be64(&w, nonce->made_ms);
    lk_put_octets(&w, nonce->random, sizeof nonce->random);
    {
        const struct lk_span parts[] = { lk_writer_span(&w), config->fqdn };

        lk_hmac_sha256(mac, LK_SPAN(config->nonce_key), parts, LK_COUNT_OF(parts));
    }
    lk_put_octets(&w, mac, MAC_LEN);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

/* spec: RFC 7616 3.3 - a nonce can be told to be ours, and when it was made, without its having
 * been kept. */
static bool nonce_read(struct lk_ua_nonce *nonce, const struct lk_ua_config *config,
                       struct lk_span text, uint64_t now_ms)
{
    uint8_t came[NONCE_LEN], ours[NONCE_LEN];
    struct lk_reader r = lk_reader_of(LK_SPAN(came));
    size_t len;

    if (lk_base64_decode(came, sizeof came, &len, text) != LK_OK || len != sizeof came)
        return false;
    nonce->made_ms = lk_get_be64(&r);
    lk_get_copy(&r, nonce->random, sizeof nonce->random);
    nonce_write(ours, config, nonce);
    return lk_same_secret(came, ours, sizeof came) && nonce->made_ms <= now_ms &&
           now_ms - nonce->made_ms < config->nonce_ms;
}

static bool nonce_same(const struct lk_ua_nonce *a, const struct lk_ua_nonce *b)
{
    return a->made_ms == b->made_ms && lk_span_equal(LK_SPAN(a->random), LK_SPAN(b->random));
}

/* ---- what a request claims ---- */

static bool is_realm(struct lk_span realm, struct lk_span fqdn)
{
    const struct lk_span before = lk_span_text(LK_UA_REALM);

    return realm.len == before.len + fqdn.len &&
           lk_span_equal(lk_span_of(realm.at, before.len), before) &&
           lk_span_equal(lk_span_of(realm.at + before.len, fqdn.len), fqdn);
}

/* spec: RFC 7616 3.4 - no algorithm is MD5. False: it is none that we offer. */
static bool hash_of(enum lk_digest_hash *hash, const struct lk_http_digest *digest,
                    unsigned offered)
{
    *hash = LK_DIGEST_MD5;
    if (lk_http_digest_has(digest, LK_HTTP_ALGORITHM)) {
        if (lk_http_token_is(digest->value[LK_HTTP_ALGORITHM], algorithms[LK_DIGEST_SHA256]))
            *hash = LK_DIGEST_SHA256;
        else if (!lk_http_token_is(digest->value[LK_HTTP_ALGORITHM], algorithms[LK_DIGEST_MD5]))
            return false;
    }
    return (offered & 1u << *hash) != 0;
}

static uint32_t count_of(struct lk_span nc)
{
    uint32_t count = 0;

    for (size_t i = 0; i < nc.len; i++)
        count = count << 4 | (uint32_t)lk_hex_digit(nc.at[i]);
    return count;
}

static enum lk_reason judge(struct lk_ua_claim *claim, const struct lk_ua_config *config,
                            const struct lk_http_digest *digest, uint64_t now_ms)
{
    const struct lk_digest_input *input = &claim->input;

    /* spec: TS 24.109 5.2.4 - the realm has the FQDN that is in NAF_Id: no other server's answer
     * serves here, and ours serves nowhere else. */
    if (!is_realm(input->realm, config->fqdn))
        return LK_REASON_UA_REALM;
    if (!hash_of(&claim->input.hash, digest, config->hashes))
        return LK_REASON_UA_METHOD;
    /* spec: RFC 7616 3.4 - without qop there is no count, and so no protection from replay. */
    if (!lk_span_equal(input->qop, lk_span_text("auth-int")) &&
        (config->integrity || !lk_span_equal(input->qop, lk_span_text("auth"))))
        return LK_REASON_UA_QOP;
    if (!lk_span_equal(input->uri, digest->value[LK_HTTP_URI]))
        return LK_REASON_UA_URI;
    if (input->username.len == 0 || input->username.len > LK_B_TID_MAX || claim->nc == 0)
        return LK_REASON_UA_MALFORMED;
    return nonce_read(&claim->nonce, config, input->nonce, now_ms) ? LK_REASON_NONE
                                                                   : LK_REASON_UA_NONCE;
}

enum lk_reason lk_ua_read(struct lk_ua_claim *claim, const struct lk_ua_config *config,
                          const struct lk_ua_request *request, uint64_t now_ms)
{
    struct lk_http_digest digest;

    *claim = (struct lk_ua_claim){ .nc = 0 };
    if (lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, request->authorization) != LK_OK)
        return LK_REASON_UA_MALFORMED;
    claim->input = (struct lk_digest_input){
        .username = digest.value[LK_HTTP_USERNAME], .realm = digest.value[LK_HTTP_REALM],
        .nonce = digest.value[LK_HTTP_NONCE],       .uri = request->uri,
        .qop = digest.value[LK_HTTP_QOP],           .nc = digest.value[LK_HTTP_NC],
        .cnonce = digest.value[LK_HTTP_CNONCE],     .method = request->method,
        .body = request->body,
    };
    claim->response = digest.value[LK_HTTP_RESPONSE];
    claim->nc = count_of(claim->input.nc);
    return judge(claim, config, &digest, now_ms);
}

static void response_of(struct lk_digest_text *response, const struct lk_digest_input *input,
                        const struct lk_ks_naf *key)
{
    struct lk_digest_password password;

    lk_digest_password_naf(&password, key);
    lk_digest_response(response, input, &password);
    lk_wipe(&password, sizeof password);
}

bool lk_ua_is_proven(const struct lk_ua_claim *claim, const struct lk_ks_naf *key)
{
    struct lk_digest_text response;
    bool same;

    response_of(&response, &claim->input, key);
    same = lk_digest_same(&response, claim->response);
    lk_wipe(&response, sizeof response);
    return same;
}

/* ---- what has come before ---- */

uint64_t lk_ua_newest_ms(const struct lk_ua_seen *seen)
{
    uint64_t newest = seen->floor_ms;

    for (size_t i = 0; i < seen->count; i++)
        if (seen->row[i].nonce.made_ms > newest)
            newest = seen->row[i].nonce.made_ms;
    return newest;
}

/* A row for a nonce that is new: where there is none left, that of the oldest, and nothing as old
 * as that is taken any more. */
static size_t row_for(struct lk_ua_seen *seen)
{
    size_t oldest = 0;

    if (seen->count < LK_UA_NONCES)
        return seen->count++;
    for (size_t i = 1; i < LK_UA_NONCES; i++)
        if (seen->row[i].nonce.made_ms < seen->row[oldest].nonce.made_ms)
            oldest = i;
    if (seen->row[oldest].nonce.made_ms > seen->floor_ms)
        seen->floor_ms = seen->row[oldest].nonce.made_ms;
    return oldest;
}

/* spec: RFC 7616 3.4 - a count comes once. */
static bool take_count(uint32_t *highest, uint64_t *before, uint32_t nc)
{
    uint32_t ahead = nc > *highest ? nc - *highest : 0, behind = *highest - nc;

    if (ahead > 0) {
        *before = ahead < LK_UA_WINDOW ? *before << ahead | 1 : 1;
        *highest = nc;
        return true;
    }
    if (behind >= LK_UA_WINDOW || (*before & UINT64_C(1) << behind) != 0)
        return false;
    *before |= UINT64_C(1) << behind;
    return true;
}

bool lk_ua_take(struct lk_ua_seen *seen, const struct lk_ua_claim *claim)
{
    size_t i = 0;

    while (i < seen->count && !nonce_same(&seen->row[i].nonce, &claim->nonce))
        i++;
    if (i == seen->count) {
        if (claim->nonce.made_ms <= seen->floor_ms)
            return false;
        i = row_for(seen);
        if (claim->nonce.made_ms <= seen->floor_ms)
            return false; /* older than all that are kept: the row it took is the oldest's */
        seen->row[i].nonce = claim->nonce;
        seen->row[i].highest = 0;
        seen->row[i].before = 0;
    }
    return take_count(&seen->row[i].highest, &seen->row[i].before, claim->nc);
}

/* ---- headers ---- */

enum lk_status lk_ua_challenge(struct lk_writer *w, const struct lk_ua_config *config,
                               enum lk_digest_hash hash, bool stale,
                               const struct lk_ua_nonce *nonce)
{
    struct lk_http_digest digest = { .present = 0 };
    char realm[sizeof LK_UA_REALM + LK_FQDN_MAX], text[NONCE_TEXT];
    struct lk_writer r = lk_writer_of(realm, sizeof realm), n = lk_writer_of(text, sizeof text);
    uint8_t octets[NONCE_LEN];

    nonce_write(octets, config, nonce);
    lk_base64_put(&n, LK_SPAN(octets));
    lk_put_span(&r, lk_span_text(LK_UA_REALM));
    lk_put_span(&r, config->fqdn);
    LK_ASSERT(lk_writer_end(&n) == LK_OK && lk_writer_end(&r) == LK_OK);
    lk_http_digest_set(&digest, LK_HTTP_REALM, lk_writer_span(&r));
    lk_http_digest_set(&digest, LK_HTTP_NONCE, lk_writer_span(&n));
    lk_http_digest_set(&digest, LK_HTTP_QOP,
                       lk_span_text(config->integrity ? "auth-int" : "auth,auth-int"));
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM, lk_span_text(algorithms[hash]));
    if (stale)
        lk_http_digest_set(&digest, LK_HTTP_STALE, lk_span_text("true"));
    return lk_http_digest_encode(w, LK_HTTP_CHALLENGE, &digest);
}

enum lk_status lk_ua_info(struct lk_writer *w, const struct lk_ua_claim *claim,
                          const struct lk_ks_naf *key, struct lk_span body)
{
    struct lk_http_digest digest = { .present = 0 };
    struct lk_digest_input input = claim->input;
    struct lk_digest_text rspauth;
    enum lk_status status;

    /* spec: RFC 7616 3.5 - rspauth is a response without a method, over the body of the answer. */
    input.method = lk_span_of(NULL, 0);
    input.body = body;
    response_of(&rspauth, &input, key);
    lk_http_digest_set(&digest, LK_HTTP_QOP, input.qop);
    lk_http_digest_set(&digest, LK_HTTP_NC, input.nc);
    lk_http_digest_set(&digest, LK_HTTP_CNONCE, input.cnonce);
    lk_http_digest_set(&digest, LK_HTTP_RSPAUTH, lk_span_of(rspauth.at, rspauth.len));
    status = lk_http_digest_encode(w, LK_HTTP_INFO, &digest);
    lk_wipe(&rspauth, sizeof rspauth);
    return status;
}
