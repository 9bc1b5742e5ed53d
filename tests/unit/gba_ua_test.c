/* proto/gba/ua: who is believed at Ua, what is refused, and what comes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/gba/ua.h"

#define FQDN "naf.example"
#define B_TID "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.example"
enum { MADE_MS = 1000000, NONCE_MS = 300000, TEXT = 1024 };

static const struct lk_ks_naf key = { "a key of this server, 32 octets" };

static struct lk_ua_config config_of(const char *fqdn, uint8_t nonce_key)
{
    struct lk_ua_config config = {
        .fqdn = lk_span_text(fqdn),
        .hashes = 1u << LK_DIGEST_MD5 | 1u << LK_DIGEST_SHA256,
        .nonce_ms = NONCE_MS,
    };

    memset(config.nonce_key, nonce_key, sizeof config.nonce_key);
    return config;
}

/* What a client says; what is NULL is left out. */
struct saying {
    const char *scheme, *username, *realm, *uri, *qop, *nc, *algorithm;
    const char *nonce; /* NULL: that of the challenge */
    const char *body;
    enum lk_digest_hash hash;
};
static const struct saying right = { "Digest", B_TID, LK_UA_REALM FQDN, "/mail", "auth", "00000001",
                                     "MD5", NULL, "", LK_DIGEST_MD5 };

/* The nonce of a challenge; terminated. */
static void challenge(char nonce[64], const struct lk_ua_config *config, uint64_t made_ms,
                      uint8_t random)
{
    struct lk_ua_nonce made = { made_ms, { random } };
    struct lk_http_digest digest;
    char text[TEXT];
    struct lk_writer w = lk_writer_of(text, sizeof text);

    assert_int_equal(lk_ua_challenge(&w, config, LK_DIGEST_SHA256, false, &made), LK_OK);
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE, lk_writer_span(&w)), LK_OK);
    assert_true(lk_span_equal(digest.value[LK_HTTP_REALM], lk_span_text(LK_UA_REALM FQDN)) ||
                config->fqdn.len != strlen(FQDN));
    (void)snprintf(nonce, 64, "%.*s", (int)digest.value[LK_HTTP_NONCE].len,
                   (const char *)digest.value[LK_HTTP_NONCE].at);
}

static void add(char text[TEXT], const char *name, const char *value, const char *quote)
{
    size_t len = strlen(text);

    if (value != NULL)
        (void)snprintf(text + len, TEXT - len, "%s%s=%s%s%s",
                       len > 0 && text[len - 1] != ' ' ? ", " : "", name, quote, value, quote);
}

static void say(char text[TEXT], const struct saying *s, const char *nonce)
{
    struct lk_digest_password password;
    struct lk_digest_text response;
    char hex[LK_DIGEST_TEXT_MAX + 1];
    const struct lk_digest_input input = {
        .hash = s->hash, .username = lk_span_text(s->username), .realm = lk_span_text(s->realm),
        .nonce = lk_span_text(nonce), .uri = lk_span_text(s->uri),
        .qop = lk_span_text(s->qop == NULL ? "" : s->qop),
        .nc = lk_span_text(s->nc == NULL ? "" : s->nc), .cnonce = lk_span_text("0a4f113b"),
        .method = lk_span_text("GET"), .body = lk_span_text(s->body),
    };

    lk_digest_password_naf(&password, &key);
    lk_digest_response(&response, &input, &password);
    (void)snprintf(hex, sizeof hex, "%.*s", (int)response.len, response.at);
    (void)snprintf(text, TEXT, "%s ", s->scheme);
    add(text, "username", s->username, "\"");
    add(text, "realm", s->realm, "\"");
    add(text, "nonce", nonce, "\"");
    add(text, "uri", s->uri, "\"");
    add(text, "qop", s->qop, "");
    add(text, "nc", s->nc, "");
    add(text, "cnonce", s->qop == NULL ? NULL : "0a4f113b", "\"");
    add(text, "response", hex, "\"");
    add(text, "algorithm", s->algorithm, "");
}

static enum lk_reason hear(struct lk_ua_claim *claim, const struct lk_ua_config *config,
                           struct lk_span text, const char *body, uint64_t now_ms)
{
    const struct lk_ua_request request = { lk_span_text("GET"), lk_span_text("/mail"),
                                           lk_span_text(body), text };
    enum lk_reason why = lk_ua_read(claim, config, &request, now_ms);

    return why != LK_REASON_NONE || lk_ua_is_proven(claim, &key) ? why : LK_REASON_UA_RESPONSE;
}

/* spec: TS 24.109 5.2 - the password is base64 of Ks_NAF, the username the B-TID; in any form that
 * was offered. */
static void who_has_the_key_is_believed(void **state)
{
    static const char *const qops[] = { "auth", "auth-int" };
    static const char *const algorithms[] = { "MD5", "SHA-256" };
    struct lk_ua_config config = config_of(FQDN, 1);
    struct lk_ua_claim claim;
    char nonce[64], text[TEXT];

    (void)state;
    challenge(nonce, &config, MADE_MS, 1);
    for (unsigned i = 0; i < 4; i++) {
        struct saying s = right;

        s.qop = qops[i & 1];
        s.hash = (enum lk_digest_hash)(i >> 1);
        s.algorithm = algorithms[i >> 1];
        s.body = "what is asked";
        say(text, &s, nonce);
        assert_int_equal(hear(&claim, &config, lk_span_text(text), s.body, MADE_MS + 1),
                         LK_REASON_NONE);
        assert_int_equal(claim.nc, 1);
        assert_int_equal(hear(&claim, &config, lk_span_text(text), "another", MADE_MS + 1),
                         (i & 1) != 0 ? LK_REASON_UA_RESPONSE : LK_REASON_NONE);
        config.integrity = true;
        assert_int_equal(hear(&claim, &config, lk_span_text(text), s.body, MADE_MS + 1),
                         (i & 1) != 0 ? LK_REASON_NONE : LK_REASON_UA_QOP);
        config.integrity = false;
        config.hashes = 1u << LK_DIGEST_MD5;
        assert_int_equal(hear(&claim, &config, lk_span_text(text), s.body, MADE_MS + 1),
                         s.hash == LK_DIGEST_MD5 ? LK_REASON_NONE : LK_REASON_UA_METHOD);
        config.hashes |= 1u << LK_DIGEST_SHA256;
    }
}

/* T28: what is for another server, and whatever else is not as it should be. */
static void what_is_refused(void **state)
{
    static const struct {
        size_t field;
        const char *value;
        enum lk_reason why;
    } rows[] = {
#define BUT(field, value) offsetof(struct saying, field), value
        { BUT(scheme, "Basic"), LK_REASON_UA_MALFORMED },
        { BUT(username, ""), LK_REASON_UA_MALFORMED },
        { BUT(nc, "00000000"), LK_REASON_UA_MALFORMED },
        { BUT(nc, "0000001"), LK_REASON_UA_MALFORMED },
        { BUT(realm, FQDN), LK_REASON_UA_REALM },
        { BUT(realm, LK_UA_REALM "other.example"), LK_REASON_UA_REALM },
        { BUT(realm, LK_UA_REALM FQDN "."), LK_REASON_UA_REALM },
        { BUT(realm, LK_UA_REALM "x" FQDN), LK_REASON_UA_REALM },
        { BUT(realm, "3GPP-bootstrapping-uicc@" FQDN), LK_REASON_UA_REALM },
        { BUT(realm, LK_UA_REALM "nag.example"), LK_REASON_UA_REALM }, /* of the right length */
        { BUT(realm, "3GPP-bootstrappinh@" FQDN), LK_REASON_UA_REALM },
        { BUT(algorithm, "SHA-512-256"), LK_REASON_UA_METHOD },
        { BUT(algorithm, "MD5-sess"), LK_REASON_UA_METHOD },
        { BUT(qop, "AUTH"), LK_REASON_UA_QOP },
        { BUT(qop, "auth-conf"), LK_REASON_UA_QOP },
        { BUT(qop, NULL), LK_REASON_UA_QOP },
        { BUT(uri, "/mai"), LK_REASON_UA_URI },
        { BUT(uri, "/mail?"), LK_REASON_UA_URI },
        { BUT(nonce, ""), LK_REASON_UA_NONCE },
        { BUT(nonce, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), LK_REASON_UA_NONCE },
        { BUT(algorithm, "SHA-256"), LK_REASON_UA_RESPONSE },
        { BUT(body, "in auth it does not count"), LK_REASON_NONE },
#undef BUT
    };
    const struct lk_ua_config config = config_of(FQDN, 1);
    struct lk_ua_claim claim;
    char nonce[64], text[TEXT];

    (void)state;
    challenge(nonce, &config, MADE_MS, 1);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct saying s = right;

        memcpy((char *)&s + rows[i].field, &rows[i].value, sizeof rows[i].value);
        say(text, &s, s.nonce != NULL ? s.nonce : nonce);
        if (hear(&claim, &config, lk_span_text(text), "", MADE_MS) != rows[i].why)
            fail_msg("row %zu: %s", i, text);
    }
}

/* spec: RFC 7616 3.3 - a nonce is of this server, of this name, and good for so long. */
static void nonces_are_ours_and_end(void **state)
{
    const struct lk_ua_config config = config_of(FQDN, 1), restarted = config_of(FQDN, 2),
                              other = config_of("naf.exampl", 1);
    const struct {
        const struct lk_ua_config *of;
        uint64_t at_ms;
        enum lk_reason why;
    } rows[] = { { &config, MADE_MS, LK_REASON_NONE },
                 { &config, MADE_MS + NONCE_MS - 1, LK_REASON_NONE },
                 { &config, MADE_MS + NONCE_MS, LK_REASON_UA_NONCE },
                 { &config, MADE_MS - 1, LK_REASON_UA_NONCE },
                 { &restarted, MADE_MS, LK_REASON_UA_NONCE },
                 { &other, MADE_MS, LK_REASON_UA_NONCE } };
    struct lk_ua_claim claim;
    char nonce[64], text[TEXT];

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        challenge(nonce, rows[i].of, MADE_MS, 1);
        say(text, &right, nonce);
        assert_int_equal(hear(&claim, &config, lk_span_text(text), "", rows[i].at_ms),
                         rows[i].why);
    }
}

static bool same_claim(const struct lk_ua_claim *a, const struct lk_ua_claim *b)
{
    return a->nc == b->nc && a->input.hash == b->input.hash &&
           lk_span_equal(a->input.username, b->input.username) &&
           lk_span_equal(a->input.realm, b->input.realm) &&
           lk_span_equal(a->input.nonce, b->input.nonce) &&
           lk_span_equal(a->input.qop, b->input.qop) &&
           lk_span_equal(a->input.cnonce, b->input.cnonce) &&
           lk_span_equal(a->response, b->response);
}

/* A header cut anywhere, or with any octet altered, proves nothing else than it did. */
static void cut_and_altered(void **state)
{
    const struct lk_ua_config config = config_of(FQDN, 1);
    struct lk_ua_claim whole, claim;
    char nonce[64], text[TEXT], altered[TEXT];
    size_t len;

    (void)state;
    challenge(nonce, &config, MADE_MS, 1);
    say(text, &right, nonce);
    len = strlen(text);
    assert_int_equal(hear(&whole, &config, lk_span_text(text), "", MADE_MS), LK_REASON_NONE);
    for (size_t i = 0; i < len; i++)
        if (hear(&claim, &config, lk_span_of(text, i), "", MADE_MS) == LK_REASON_NONE)
            assert_true(same_claim(&claim, &whole)); /* without the algorithm, which is MD5 */
    for (size_t i = 0; i < len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(altered, text, sizeof altered);
            altered[i] = (char)(altered[i] ^ 1 << bit);
            /* Names are the same in other cases, and one that is not known says nothing. */
            if (hear(&claim, &config, lk_span_of(altered, len), "", MADE_MS) == LK_REASON_NONE)
                assert_true(same_claim(&claim, &whole));
        }
}

static struct lk_ua_claim claim_of(uint64_t made_ms, uint8_t random, uint32_t nc)
{
    return (struct lk_ua_claim){ .nonce = { made_ms, { random } }, .nc = nc };
}

static bool take(struct lk_ua_seen *seen, uint64_t made_ms, uint8_t random, uint32_t nc)
{
    const struct lk_ua_claim claim = claim_of(made_ms, random, nc);

    return lk_ua_take(seen, &claim);
}

/* spec: RFC 7616 3.4 - a count comes once; those of connections side by side in any order. */
static void a_count_comes_once(void **state)
{
    struct lk_ua_seen seen = { .count = 0 };

    (void)state;
    assert_true(take(&seen, 10, 1, 1));
    assert_false(take(&seen, 10, 1, 1));
    assert_true(take(&seen, 10, 1, 3));
    assert_true(take(&seen, 10, 1, 2));
    assert_false(take(&seen, 10, 1, 2));
    assert_false(take(&seen, 10, 1, 3));
    assert_true(take(&seen, 10, 1, 3 + LK_UA_WINDOW - 1));
    assert_false(take(&seen, 10, 1, 3));
    assert_true(take(&seen, 10, 1, 4));
    assert_true(take(&seen, 10, 1, 1000));
    assert_false(take(&seen, 10, 1, 1000 - LK_UA_WINDOW));
    assert_true(take(&seen, 10, 1, 1000 - LK_UA_WINDOW + 1));
    assert_true(take(&seen, 10, 1, UINT32_MAX));
    assert_false(take(&seen, 10, 1, UINT32_MAX));
    assert_false(take(&seen, 10, 1, 1001));
    seen = (struct lk_ua_seen){ .count = 0 };
    for (uint32_t nc = 1; nc <= 3; nc++)
        assert_true(take(&seen, 10, 1, nc));
    assert_true(take(&seen, 10, 1, 3 + LK_UA_WINDOW)); /* none of before is in the window */
    assert_true(take(&seen, 10, 1, 3 + LK_UA_WINDOW - 1));
    assert_false(take(&seen, 10, 1, 3));
    assert_true(take(&seen, 10, 2, 1)); /* another nonce, of the same time */
    assert_false(take(&seen, 10, 2, 1));
}

/* Whatever nonces come in whatever order, none of them is taken twice with one count. */
static void many_nonces_in_little_memory(void **state)
{
    struct lk_ua_seen seen = { .count = 0 };
    bool taken[16] = { false };

    (void)state;
    for (uint8_t i = 0; i < 200; i++) {
        uint8_t nonce = (uint8_t)(i * 7 % 16);
        bool is_new = take(&seen, 100u + nonce, nonce, 1);

        assert_false(is_new && taken[nonce]);
        taken[nonce] = taken[nonce] || is_new;
        assert_true(seen.count <= LK_UA_NONCES);
    }
    assert_int_equal(lk_ua_newest_ms(&seen), 115);
    assert_true(take(&seen, 200, 99, 1)); /* a new one always goes */
    assert_false(take(&seen, seen.floor_ms, 98, 1));
}

/* A client with connections side by side gets its challenges in one millisecond, and answers each
 * of them. */
static void nonces_of_one_time(void **state)
{
    enum { CONNECTIONS = 6 };
    struct lk_ua_seen seen = { .count = 0 };

    (void)state;
    for (uint32_t nc = 1; nc <= 2; nc++)
        for (uint8_t i = CONNECTIONS; i > 0; i--) {
            assert_true(take(&seen, 100, i, nc));
            assert_false(take(&seen, 100, i, nc));
        }
}

/* The oldest gives way, in whatever order they came, and is over; the others go on. */
static void the_oldest_nonce_gives_way(void **state)
{
    struct lk_ua_seen seen = { .count = 0 };

    (void)state;
    for (uint8_t i = 0; i < LK_UA_NONCES; i++)
        assert_true(take(&seen, 100u + (i + 3u) % LK_UA_NONCES, 1, 1));
    assert_true(take(&seen, 100 + LK_UA_NONCES, 1, 1));
    assert_false(take(&seen, 100, 1, 2));
    for (uint8_t i = 1; i <= LK_UA_NONCES; i++)
        assert_true(take(&seen, 100u + i, 1, 2));
}

/* spec: RFC 7616 3.5 - the server proves that it has the key: a response without a method. */
static void the_server_proves_itself(void **state)
{
    const struct lk_ua_config config = config_of(FQDN, 1);
    struct lk_digest_password password;
    struct lk_digest_text expected;
    struct lk_http_digest info;
    struct lk_ua_claim claim;
    char nonce[64], text[TEXT], out[TEXT];
    struct lk_writer w = lk_writer_of(out, sizeof out);
    struct lk_digest_input input;
    struct saying s = right;

    (void)state;
    s.qop = "auth-int";
    challenge(nonce, &config, MADE_MS, 1);
    say(text, &s, nonce);
    assert_int_equal(hear(&claim, &config, lk_span_text(text), "", MADE_MS), LK_REASON_NONE);
    assert_int_equal(lk_ua_info(&w, &claim, &key, lk_span_text("answer")), LK_OK);
    assert_int_equal(lk_http_digest_decode(&info, LK_HTTP_INFO, lk_writer_span(&w)), LK_OK);
    input = claim.input;
    input.method = lk_span_text("");
    input.body = lk_span_text("answer");
    lk_digest_password_naf(&password, &key);
    lk_digest_response(&expected, &input, &password);
    assert_true(lk_digest_same(&expected, info.value[LK_HTTP_RSPAUTH]));
    assert_true(lk_span_equal(info.value[LK_HTTP_NC], lk_span_text("00000001")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_the_key_is_believed),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(nonces_are_ours_and_end),
        cmocka_unit_test(cut_and_altered),
        cmocka_unit_test(a_count_comes_once),
        cmocka_unit_test(many_nonces_in_little_memory),
        cmocka_unit_test(nonces_of_one_time),
        cmocka_unit_test(the_oldest_nonce_gives_way),
        cmocka_unit_test(the_server_proves_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
