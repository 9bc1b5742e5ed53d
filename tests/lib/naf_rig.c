#include "naf_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/crypto.h"

const char naf_files[] = "/proc/self/exe";
struct lk_naf *naf;
struct naf_world naf_world;

static uint64_t clock_s(void)
{
    return naf_world.now_s;
}

static uint64_t ticks_ms(void)
{
    return naf_world.now_ms;
}

struct lk_ks_naf naf_key_of(const char *b_tid, const char *ua)
{
    char text[512];
    struct lk_ks_naf key;

    (void)snprintf(text, sizeof text, "{\"transactionIdentifier\":\"%s\",\"nafId\":{\"nafFqdn\":"
                   "\"naf.example\",\"uaSecProtId\":\"%s\"}}", b_tid, ua);
    lk_sha256(key.octets, &(struct lk_span){ (const uint8_t *)text, strlen(text) }, 1);
    return key;
}

static void ask(struct lk_naf *of, struct lk_naf_said *said, struct lk_span question)
{
    struct lk_ks_naf key;
    char hex[65];

    (void)of;
    naf_world.asked++;
    (void)snprintf(naf_world.question, sizeof naf_world.question, "%.*s", (int)question.len,
                   (const char *)question.at);
    lk_sha256(key.octets, &question, 1);
    assert_int_equal(lk_hex_encode(hex, sizeof hex, LK_SPAN(key.octets)), LK_OK);
    said->status = naf_world.status;
    if (naf_world.status == 0)
        (void)snprintf(said->error, sizeof said->error, "connection refused");
    if (naf_world.text != NULL)
        (void)snprintf(said->text, sizeof said->text, "%s", naf_world.text);
    else
        (void)snprintf(said->text, sizeof said->text,
                       "{\"keyMaterial\":\"%s\",\"keyExpiryTime\":\"2026-11-21T22:30:00Z\","
                       "\"bootstrapInfoCreationTime\":\"2026-11-21T21:29:00Z\",\"impi\":\"i@r\"}",
                       hex);
    said->len = strlen(said->text);
}

struct lk_naf_setup naf_setup_of(void)
{
    return (struct lk_naf_setup){ .name = "naf.example", .bsf = "https://bsf.example:8443",
                                  .certificate = naf_files, .key = naf_files, .ca = naf_files };
}

void naf_begin(const struct lk_naf_setup *setup)
{
    char error[LK_NAF_ERROR];

    lk_naf_free(naf);
    naf = lk_naf_new(setup, error);
    if (naf == NULL)
        fail_msg("%s", error);
    naf->ask = ask;
    naf->clock_s = clock_s;
    naf->ticks_ms = ticks_ms;
}

int naf_set_up(void **state)
{
    const struct lk_naf_setup setup = naf_setup_of();

    (void)state;
    memset(&naf_world, 0, sizeof naf_world);
    naf_world.now_s = NOW_S;
    naf_world.now_ms = 5000;
    naf_world.status = 200;
    naf_begin(&setup);
    return 0;
}

int naf_tear_down(void **state)
{
    (void)state;
    lk_naf_free(naf);
    naf = NULL;
    return 0;
}

/* ---- a client ---- */

struct lk_naf_answer naf_answer;
char naf_authorization[LK_NAF_HEADER];

enum lk_naf_verdict naf_request(const char *header)
{
    const struct lk_naf_request asked = { "GET", "/mail", header, NULL, 0 };

    return lk_naf_digest(naf, &naf_answer, &asked);
}

void naf_credentials(const char *b_tid, const struct lk_ks_naf *key, unsigned count)
{
    struct lk_digest_password password;
    struct lk_http_digest challenge;
    struct lk_digest_text response;
    struct lk_digest_input input;
    char nc[9];

    assert_int_equal(lk_http_digest_decode(&challenge, LK_HTTP_CHALLENGE,
                                           lk_span_text(naf_answer.challenge[0])), LK_OK);
    (void)snprintf(nc, sizeof nc, "%08x", count);
    input = (struct lk_digest_input){
        .hash = LK_DIGEST_SHA256, .username = lk_span_text(b_tid),
        .realm = challenge.value[LK_HTTP_REALM], .nonce = challenge.value[LK_HTTP_NONCE],
        .uri = lk_span_text("/mail"), .qop = lk_span_text("auth"), .nc = lk_span_text(nc),
        .cnonce = lk_span_text("c"), .method = lk_span_text("GET"),
    };
    lk_digest_password_naf(&password, key);
    lk_digest_response(&response, &input, &password);
    (void)snprintf(naf_authorization, sizeof naf_authorization,
                   "Digest username=\"%s\", realm=\"%.*s\", nonce=\"%.*s\", uri=\"/mail\", "
                   "qop=auth, nc=%s, cnonce=\"c\", algorithm=SHA-256, response=\"%.*s\"", b_tid,
                   (int)input.realm.len, (const char *)input.realm.at, (int)input.nonce.len,
                   (const char *)input.nonce.at, nc, (int)response.len, response.at);
}

enum lk_naf_verdict naf_visit(const char *b_tid)
{
    struct lk_ks_naf key = naf_key_of(b_tid, "0100000002");

    assert_int_equal(naf_request(NULL), LK_NAF_REFUSED);
    assert_int_equal(naf_answer.status, 401);
    naf_credentials(b_tid, &key, 1);
    return naf_request(naf_authorization);
}

struct lk_naf_counts naf_counts(void)
{
    struct lk_naf_counts now;

    lk_naf_count(naf, &now);
    return now;
}
