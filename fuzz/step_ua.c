/* A server at Ua, its user and whoever else: octets say what comes. Nobody is granted without the
 * key, and nothing is granted twice. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

#include "proto/gba/ua.h"

#define FQDN "naf.example"
#define B_TID "cmFuZA==@bsf.example"

enum { TAKEN = 256, TEXT = 1024 };

static const struct lk_ks_naf key = { "a key of this server, 32 octets" };
static struct {
    struct lk_ua_config config;
    struct lk_ua_seen seen;
    uint64_t now_ms;
    char nonce[64], text[TEXT];
    struct {
        struct lk_ua_nonce nonce;
        uint32_t nc;
    } taken[TAKEN];
    size_t taken_count;
} f;

static void begin(void)
{
    memset(&f, 0, sizeof f);
    f.config.fqdn = lk_span_text(FQDN);
    f.config.hashes = 1u << LK_DIGEST_MD5 | 1u << LK_DIGEST_SHA256;
    f.config.nonce_ms = 1000;
    f.now_ms = 5000;
}

static void challenge(uint8_t random)
{
    const struct lk_ua_nonce nonce = { f.now_ms, { random } };
    struct lk_http_digest digest;
    char text[TEXT];
    struct lk_writer w = lk_writer_of(text, sizeof text);

    LK_ASSERT(lk_ua_challenge(&w, &f.config, LK_DIGEST_MD5, (random & 1) != 0, &nonce) == LK_OK);
    LK_ASSERT(lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE, lk_writer_span(&w)) == LK_OK);
    (void)snprintf(f.nonce, sizeof f.nonce, "%.*s", (int)digest.value[LK_HTTP_NONCE].len,
                   (const char *)digest.value[LK_HTTP_NONCE].at);
}

/* The user answers the last challenge. */
static void answer(uint32_t nc)
{
    struct lk_digest_password password;
    struct lk_digest_text response;
    char count[9];
    struct lk_digest_input input = {
        .username = lk_span_text(B_TID), .realm = lk_span_text(LK_UA_REALM FQDN),
        .nonce = lk_span_text(f.nonce), .uri = lk_span_text("/"), .qop = lk_span_text("auth"),
        .cnonce = lk_span_text("c"), .method = lk_span_text("GET"),
    };

    (void)snprintf(count, sizeof count, "%08x", nc);
    input.nc = lk_span_text(count);
    lk_digest_password_naf(&password, &key);
    lk_digest_response(&response, &input, &password);
    (void)snprintf(f.text, sizeof f.text,
                   "Digest username=\"" B_TID "\", realm=\"" LK_UA_REALM FQDN "\", nonce=\"%s\", "
                   "uri=\"/\", qop=auth, nc=%s, cnonce=\"c\", response=\"%.*s\"",
                   f.nonce, count, (int)response.len, response.at);
}

static void hear(struct lk_span authorization)
{
    const struct lk_ua_request request = { lk_span_text("GET"), lk_span_text("/"),
                                           lk_span_of(NULL, 0), authorization };
    struct lk_ua_claim claim;

    if (lk_ua_read(&claim, &f.config, &request, f.now_ms) != LK_REASON_NONE ||
        !lk_ua_is_proven(&claim, &key) || !lk_ua_take(&f.seen, &claim))
        return;
    LK_ASSERT(lk_span_equal(claim.input.username, lk_span_text(B_TID)));
    LK_ASSERT(claim.nonce.made_ms + f.config.nonce_ms > f.now_ms);
    for (size_t i = 0; i < f.taken_count; i++)
        LK_ASSERT(f.taken[i].nc != claim.nc ||
                  f.taken[i].nonce.made_ms != claim.nonce.made_ms ||
                  !lk_span_equal(LK_SPAN(f.taken[i].nonce.random), LK_SPAN(claim.nonce.random)));
    if (f.taken_count < TAKEN) {
        f.taken[f.taken_count].nonce = claim.nonce;
        f.taken[f.taken_count++].nc = claim.nc;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    size_t at;

    begin();
    while (r.status == LK_OK && r.left > 0) {
        switch (lk_get_u8(&r) % 6) {
        case 0: challenge(lk_get_u8(&r)); break;
        case 1: answer(lk_get_u8(&r)); break;
        case 2: hear(lk_span_text(f.text)); break;
        case 3:
            at = lk_get_be16(&r) % TEXT;
            if (at < strlen(f.text))
                f.text[at] = (char)(f.text[at] ^ lk_get_u8(&r));
            break;
        case 4: f.now_ms += (uint64_t)lk_get_u8(&r) * 10; break;
        default: hear(lk_get_lv8(&r)); break;
        }
    }
    return 0;
}
