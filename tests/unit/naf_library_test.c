/* liblatchkey-naf by its header: users of HTTP and TLS-PSK, with a BSF that is a function here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include "naf/parts.h"

#define BSF "@bsf.example"
#define ALICE "YWxpY2U=" BSF
enum { NOW_S = 1795296600, UNTIL_S = NOW_S + 3600 }; /* 2026-11-21T21:30:00Z */

static const char files[] = "/proc/self/exe"; /* readable; nothing is read in here */
static struct lk_naf *naf;
static struct {
    uint64_t now_s, now_ms;
    unsigned asked;
    char question[512];
    const char *text; /* NULL: the key of whoever it is */
    unsigned status;
} world;

static uint64_t clock_s(void)
{
    return world.now_s;
}

static uint64_t ticks_ms(void)
{
    return world.now_ms;
}

/* The key of a B-TID and protocol in this world: its question, as it is. */
static struct lk_ks_naf key_of(const char *b_tid, const char *ua)
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
    world.asked++;
    (void)snprintf(world.question, sizeof world.question, "%.*s", (int)question.len,
                   (const char *)question.at);
    lk_sha256(key.octets, &question, 1);
    assert_int_equal(lk_hex_encode(hex, sizeof hex, LK_SPAN(key.octets)), LK_OK);
    said->status = world.status;
    if (world.status == 0)
        (void)snprintf(said->error, sizeof said->error, "connection refused");
    if (world.text != NULL)
        (void)snprintf(said->text, sizeof said->text, "%s", world.text);
    else
        (void)snprintf(said->text, sizeof said->text,
                       "{\"keyMaterial\":\"%s\",\"keyExpiryTime\":\"2026-11-21T22:30:00Z\","
                       "\"bootstrapInfoCreationTime\":\"2026-11-21T21:29:00Z\",\"impi\":\"i@r\"}",
                       hex);
    said->len = strlen(said->text);
}

static struct lk_naf_setup setup_of(void)
{
    return (struct lk_naf_setup){ .name = "naf.example", .bsf = "https://bsf.example:8443",
                                  .certificate = files, .key = files, .ca = files };
}

static void begin(const struct lk_naf_setup *setup)
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

static int set_up(void **state)
{
    const struct lk_naf_setup setup = setup_of();

    (void)state;
    memset(&world, 0, sizeof world);
    world.now_s = NOW_S;
    world.now_ms = 5000;
    world.status = 200;
    begin(&setup);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lk_naf_free(naf);
    naf = NULL;
    return 0;
}

/* ---- a client ---- */

static struct lk_naf_answer answer;
static char authorization[LK_NAF_HEADER];

static enum lk_naf_verdict request(const char *header)
{
    const struct lk_naf_request asked = { "GET", "/mail", header, NULL, 0 };

    return lk_naf_digest(naf, &answer, &asked);
}

/* By the last challenge, SHA-256. */
static void credentials(const char *b_tid, const struct lk_ks_naf *key, unsigned count)
{
    struct lk_digest_password password;
    struct lk_http_digest challenge;
    struct lk_digest_text response;
    struct lk_digest_input input;
    char nc[9];

    assert_int_equal(lk_http_digest_decode(&challenge, LK_HTTP_CHALLENGE,
                                           lk_span_text(answer.challenge[0])), LK_OK);
    (void)snprintf(nc, sizeof nc, "%08x", count);
    input = (struct lk_digest_input){
        .hash = LK_DIGEST_SHA256, .username = lk_span_text(b_tid),
        .realm = challenge.value[LK_HTTP_REALM], .nonce = challenge.value[LK_HTTP_NONCE],
        .uri = lk_span_text("/mail"), .qop = lk_span_text("auth"), .nc = lk_span_text(nc),
        .cnonce = lk_span_text("c"), .method = lk_span_text("GET"),
    };
    lk_digest_password_naf(&password, key);
    lk_digest_response(&response, &input, &password);
    (void)snprintf(authorization, sizeof authorization,
                   "Digest username=\"%s\", realm=\"%.*s\", nonce=\"%.*s\", uri=\"/mail\", "
                   "qop=auth, nc=%s, cnonce=\"c\", algorithm=SHA-256, response=\"%.*s\"", b_tid,
                   (int)input.realm.len, (const char *)input.realm.at, (int)input.nonce.len,
                   (const char *)input.nonce.at, nc, (int)response.len, response.at);
}

static enum lk_naf_verdict visit(const char *b_tid)
{
    struct lk_ks_naf key = key_of(b_tid, "0100000002");

    assert_int_equal(request(NULL), LK_NAF_REFUSED);
    assert_int_equal(answer.status, 401);
    credentials(b_tid, &key, 1);
    return request(authorization);
}

static struct lk_naf_counts counts(void)
{
    struct lk_naf_counts now;

    lk_naf_count(naf, &now);
    return now;
}

/* ---- HTTP ---- */

/* spec: TS 29.109 5.2 - the BSF is asked once, for B-TID, our name and the protocol.
 * spec: RFC 7616 3.7 - of two challenges that of SHA-256 comes first. */
static void a_user_comes(void **state)
{
    char info[LK_NAF_HEADER];
    struct lk_naf_request asked = { "GET", "/mail", authorization, NULL, 0 };
    struct lk_ks_naf key = key_of(ALICE, "0100000002");

    (void)state;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    assert_string_equal(world.question,
                        "{\"transactionIdentifier\":\"" ALICE "\",\"nafId\":{\"nafFqdn\":"
                        "\"naf.example\",\"uaSecProtId\":\"0100000002\"}}");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.user.b_tid, ALICE);
    assert_string_equal(answer.user.impi, "i@r");
    assert_int_equal(answer.user.expires_s, UNTIL_S);
    assert_int_equal(answer.user.bootstrapped_s, NOW_S - 60);
    assert_true(lk_naf_digest_info(naf, info, &asked, "x", 1));
    assert_non_null(strstr(info, "rspauth=\""));
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(world.asked, 1);
    /* Which is not the key of another protocol. */
    key = key_of(ALICE, "0100000007");
    (void)request(NULL);
    credentials(ALICE, &key, 1);
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.response");
    assert_int_equal(answer.challenges, 2);
    assert_null(strstr(answer.challenge[0], "stale"));
    assert_int_equal(counts().granted, 2);
    assert_int_equal(counts().refused, 1);
    assert_int_equal(counts().challenged, 3);
}

static void what_came_before_does_not_come_again(void **state)
{
    const struct lk_naf_setup setup = setup_of();

    (void)state;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.replay");
    assert_non_null(strstr(answer.challenge[0], "stale=true"));
    /* Nor when the user was forgotten, or the nonce is over, or this is another instance. */
    lk_naf_forget(naf, ALICE);
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.replay");
    assert_int_equal(world.asked, 2);
    world.now_ms += 300000;
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.nonce");
    world.now_ms -= 300000;
    begin(&setup);
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.nonce");
    assert_int_equal(counts().replayed, 0);
}

/* So many users and no more; who is pushed out comes again, and no request of his does. */
static void the_table_is_bounded(void **state)
{
    struct lk_naf_setup setup = setup_of();
    char b_tid[32], first[LK_NAF_HEADER];

    (void)state;
    setup.users = 3;
    setup.questions = 1000;
    begin(&setup);
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(b_tid, sizeof b_tid, "user%u" BSF, i);
        assert_int_equal(visit(b_tid), LK_NAF_GRANTED);
        if (i == 0)
            memcpy(first, authorization, sizeof first);
        world.now_ms++;
        assert_true(counts().users <= 3);
    }
    assert_int_equal(world.asked, 20);
    assert_int_equal(request(first), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.replay");
    assert_int_equal(world.asked, 21);
    /* That brought user0 back for user17; 18 and 19 are there, the one used last the longest. */
    assert_int_equal(visit("user18" BSF), LK_NAF_GRANTED);
    assert_int_equal(world.asked, 21);
    assert_int_equal(visit("user17" BSF), LK_NAF_GRANTED);
    assert_int_equal(world.asked, 22);
    assert_int_equal(visit("user18" BSF), LK_NAF_GRANTED);
    assert_int_equal(world.asked, 22);
}

/* spec: TS 24.109 5.2 - a key that is over: 401, so that the device bootstraps again. */
static void a_key_ends(void **state)
{
    (void)state;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    world.now_s = UNTIL_S - 1;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(world.asked, 1);
    world.now_s = UNTIL_S;
    world.status = 404;
    world.text = "{\"resultCode\":5403}";
    assert_int_equal(visit(ALICE), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.b-tid");
    assert_int_equal(answer.status, 401);
    assert_int_equal(counts().users, 0);
    /* Nor is one taken of the BSF that is over already. */
    world.status = 200;
    world.text = NULL;
    assert_int_equal(visit("bob" BSF), LK_NAF_REFUSED);
    assert_string_equal(answer.why, "ua.b-tid");
}

/* Strangers' B-TIDs cost a question each, within a budget, and no memory. */
static void strangers(void **state)
{
    char b_tid[32];

    (void)state;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    world.status = 404;
    world.text = "{\"resultCode\":5403}";
    assert_int_equal(visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(world.asked, 2);
    world.now_ms += LK_NAF_STRANGER_MS;
    assert_int_equal(visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(world.asked, 3);
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(b_tid, sizeof b_tid, "nobody%u" BSF, i);
        (void)visit(b_tid);
    }
    assert_int_equal(world.asked, 3 + 49);
    assert_string_equal(answer.why, "ua.too-fast");
    assert_int_equal(answer.status, 503);
    assert_int_equal(counts().users, 1);
    assert_int_equal(counts().too_fast, 5000 - 49);
    /* Who is known goes on. */
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    world.now_ms += 1000;
    world.status = 200;
    world.text = NULL;
    assert_int_equal(visit("bob" BSF), LK_NAF_GRANTED);
}

/* T30: a BSF that is away ends nothing: whoever is known goes on, others are told. */
static void the_bsf_is_away(void **state)
{
    static const struct {
        unsigned status;
        const char *text, *why, *detail;
    } rows[] = {
        { 0, "", "ua.no-answer", "connection refused" },
        { 503, "{}", "ua.no-answer", "it answers HTTP 503" },
        { 404, "no such page", "ua.no-answer", "it answers HTTP 404" },
        { 403, "{\"resultCode\":5402}", "ua.not-allowed", "it answers HTTP 403" },
        { 200, "{}", "ua.no-answer", "it answers HTTP 200 without a key that can be read" },
    };

    (void)state;
    assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        world.status = rows[i].status;
        world.text = rows[i].text;
        world.asked = 0;
        assert_int_equal(visit("bob" BSF), LK_NAF_UNAVAILABLE);
        assert_int_equal(answer.status, 503);
        assert_string_equal(answer.why, rows[i].why);
        assert_string_equal(answer.detail, rows[i].detail);
        assert_int_equal(answer.challenges, 0);
        /* It is left alone for a second, and what it was is told. */
        assert_int_equal(visit("eve" BSF), LK_NAF_UNAVAILABLE);
        assert_string_equal(answer.detail, rows[i].detail);
        assert_int_equal(world.asked, 1);
        assert_int_equal(visit(ALICE), LK_NAF_GRANTED);
        world.now_ms += 1000;
    }
    world.status = 200;
    world.text = NULL;
    assert_int_equal(visit("bob" BSF), LK_NAF_GRANTED);
}

/* What the BSF says, cut anywhere, is no key; and neither is one of another length. */
static void what_the_bsf_says_is_read_whole(void **state)
{
    static const char good[] =
        "{\"keyMaterial\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
        "\"keyExpiryTime\":\"2026-11-21T22:30:00Z\"}";
    static const char *const bad[] = {
        "{\"keyMaterial\":\"00\",\"keyExpiryTime\":\"2026-11-21T22:30:00Z\"}",
        "{\"keyMaterial\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\","
        "\"keyExpiryTime\":\"2026-11-21T22:30:00Z\"}",
        "{\"keyMaterial\":\"x00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
        "\"keyExpiryTime\":\"2026-11-21T22:30:00Z\"}",
        "{\"keyMaterial\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}",
        "{\"keyMaterial\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
        "\"keyExpiryTime\":\"tomorrow\"}",
        "[]", "null", "\"\"", "",
    };
    const struct lk_naf_question question = { "bob" BSF, { 1, 0, 0, 0, 2 } };
    char text[sizeof good];

    (void)state;
    for (size_t i = 0; i < sizeof good; i++) {
        memcpy(text, good, sizeof good);
        text[i] = '\0';
        world.text = text;
        assert_int_equal(lk_naf_fetch(naf, NULL, NULL, &question),
                         i == sizeof good - 1 ? LK_NAF_GRANTED : LK_NAF_UNAVAILABLE);
        world.now_ms += 1000;
    }
    lk_naf_forget(naf, question.b_tid);
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        world.text = bad[i];
        assert_int_equal(lk_naf_fetch(naf, NULL, NULL, &question), LK_NAF_UNAVAILABLE);
        world.now_ms += 1000;
    }
}

#define ANSWER                                                                                  \
    "{\"keyMaterial\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","     \
    "\"keyExpiryTime\":\"2026-11-21T22:30:00Z\",\"gbaUserSecSettings\":"

/* spec: TS 29.109 5.2 - the user's settings come with the key, and stay as long as it; with those
 * that cannot be read there is no key. */
static void settings_of_a_user(void **state)
{
    static const char *const bad[] = {
        ANSWER "1}", ANSWER "{}}", ANSWER "{\"uss\":{}}}", ANSWER "{\"uss\":[1]}}",
        ANSWER "{\"uss\":[{}]}}", ANSWER "{\"uss\":[{\"id\":\"1\"}]}}",
        ANSWER "{\"uss\":[{\"id\":-1}]}}", ANSWER "{\"uss\":[{\"id\":4294967296}]}}",
        ANSWER "{\"uss\":[{\"id\":1,\"flags\":1}]}}",
        ANSWER "{\"uss\":[{\"id\":1,\"flags\":[64]}]}}",
        ANSWER "{\"uss\":[{\"id\":1,\"flags\":[-1]}]}}",
        ANSWER "{\"uss\":[{\"id\":1,\"flags\":[\"1\"]}]}}",
        ANSWER "{\"uss\":[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5},"
               "{\"id\":6},{\"id\":7},{\"id\":8},{\"id\":9}]}}",
    };
    const struct lk_naf_question question = { "bob" BSF, { 1, 0, 0, 0, 2 } };
    uint8_t key[LK_NAF_KEY];
    struct lk_naf_user user;

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        world.text = bad[i];
        if (lk_naf_fetch(naf, NULL, NULL, &question) != LK_NAF_UNAVAILABLE)
            fail_msg("%s is read", bad[i]);
        world.now_ms += 1000;
    }
    world.text = ANSWER "{\"uss\":[{\"id\":4294967295,\"flags\":[0,63]},{\"id\":7}]}}";
    for (unsigned i = 0; i < 2; i++) {
        memset(&user, 0, sizeof user);
        assert_int_equal(lk_naf_key(naf, key, &user, NULL, &question), LK_NAF_GRANTED);
        assert_int_equal(user.service_count, 2);
        assert_true(user.service[0].id == UINT32_MAX && user.service[1].id == 7);
        assert_true(user.service[0].flags == (UINT64_C(1) << 63 | 1));
        assert_true(user.service[1].flags == 0);
        world.text = ANSWER "{\"uss\":[]}}";
    }
    lk_naf_forget(naf, question.b_tid);
    assert_int_equal(lk_naf_key(naf, key, &user, NULL, &question), LK_NAF_GRANTED);
    assert_int_equal(user.service_count, 0);
}

static void who_may_not_wait(void **state)
{
    struct lk_naf_setup setup = setup_of();
    const char *why;
    char detail[LK_NAF_ERROR];

    (void)state;
    setup.never_wait = true;
    begin(&setup);
    assert_int_equal(visit(ALICE), LK_NAF_LATER);
    assert_int_equal(world.asked, 0);
    assert_string_equal(answer.question.b_tid, ALICE);
    assert_int_equal(lk_naf_fetch(naf, &why, detail, &answer.question), LK_NAF_GRANTED);
    assert_string_equal(why, "none");
    assert_int_equal(request(authorization), LK_NAF_GRANTED);
    assert_int_equal(request(authorization), LK_NAF_REFUSED);
}

/* What has no B-TID in it is no question, and what is for another request a bad one.
 * spec: RFC 7616 3.4.6 - 400, and no challenge. */
static void no_b_tid_no_question(void **state)
{
    static const char *const names[] = { "", "a b" BSF };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(names); i++) {
        assert_int_equal(visit(names[i]), LK_NAF_REFUSED);
        assert_string_equal(answer.why, "ua.malformed");
    }
    assert_int_equal(request("Bearer x"), LK_NAF_REFUSED);
    assert_int_equal(answer.status, 401);
    assert_int_equal(request("Digest username=\"a\", realm=\"3GPP-bootstrapping@naf.example\", "
                             "nonce=\"\", uri=\"/male\", qop=auth, nc=00000001, cnonce=\"\", "
                             "response=\"\""), LK_NAF_REFUSED);
    assert_int_equal(answer.status, 400);
    assert_int_equal(answer.challenges, 0);
    assert_string_equal(answer.why, "ua.uri");
    assert_int_equal(request(""), LK_NAF_REFUSED);
    assert_int_equal(world.asked, 0);
}

/* ---- TLS-PSK ---- */

/* spec: TS 24.109 F.3 - the identity is 3GPP-bootstrapping;B-TID.
 * spec: TS 33.220 H.3 - TLS 1.3 is one protocol, each suite before it another. */
static void keys_for_tls(void **state)
{
    static const struct {
        uint16_t suite;
        const char *ua;
    } rows[] = { { 0, "0100000007" }, { 0x00a8, "01000100a8" }, { 0xccac, "010001ccac" } };
    const char identity[] = LK_NAF_PSK_HINT ";" ALICE;
    const struct lk_naf_question own = { ALICE, { 0xff, 0, 0xe2, 0xe0, 1 } };
    const struct lk_naf_question nobody = { "", { 0 } };
    struct lk_ks_naf expected;
    uint8_t key[LK_NAF_KEY];
    struct lk_naf_user user;
    const char *why;

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        expected = key_of(ALICE, rows[i].ua);
        assert_int_equal(lk_naf_psk(naf, key, &user, &why, identity, strlen(identity),
                                    rows[i].suite), LK_NAF_GRANTED);
        assert_memory_equal(key, expected.octets, sizeof key);
        assert_string_equal(user.b_tid, ALICE);
    }
    for (size_t i = 0; i <= strlen(LK_NAF_PSK_HINT ";"); i++) {
        assert_int_equal(lk_naf_psk(naf, key, &user, &why, identity, i, 0), LK_NAF_REFUSED);
        assert_string_equal(why, "ua.identity");
        assert_int_equal(key[0] | key[31], 0);
    }
    assert_int_equal(lk_naf_psk(naf, key, NULL, NULL, "3GPP-AKMA;x", 11, 0), LK_NAF_REFUSED);
    assert_int_equal(world.asked, 3);
    /* And a protocol of the server's own. */
    expected = key_of(ALICE, "ff00e2e001");
    assert_int_equal(lk_naf_key(naf, key, &user, &why, &own), LK_NAF_GRANTED);
    assert_memory_equal(key, expected.octets, sizeof key);
    assert_int_equal(lk_naf_key(naf, key, NULL, NULL, &nobody), LK_NAF_REFUSED);
    assert_int_equal(world.asked, 4);
    lk_naf_forget(naf, ALICE);
    assert_int_equal(counts().users, 0);
    assert_int_equal(counts().psk_granted, 4);
}

/* ---- setups ---- */

static void a_wrong_setup_is_told(void **state)
{
    static const struct {
        size_t field;
        const char *value, *told;
    } rows[] = {
#define OF(field, value, told) { offsetof(struct lk_naf_setup, field), value, told }
        OF(name, NULL, "name"), OF(name, "", "name"), OF(name, "a\"b", "name"),
        OF(bsf, NULL, "bsf"), OF(bsf, "http://bsf.example", "bsf"),
        OF(bsf, "https://bsf.example/x", "bsf"),
        OF(certificate, "/nowhere", "certificate /nowhere"),
        OF(key, NULL, "key"), OF(ca, "", "ca"),
#undef OF
    };
    char error[LK_NAF_ERROR];
    struct lk_naf_setup setup;

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        setup = setup_of();
        memcpy((char *)&setup + rows[i].field, &rows[i].value, sizeof rows[i].value);
        assert_null(lk_naf_new(&setup, error));
        if (strncmp(error, rows[i].told, strlen(rows[i].told)) != 0)
            fail_msg("row %zu: %s", i, error);
    }
    setup = setup_of();
    setup.nonce_s = 86401;
    assert_null(lk_naf_new(&setup, error));
    setup = setup_of();
    setup.algorithms = LK_NAF_MD5;
    begin(&setup);
    assert_int_equal(request(NULL), LK_NAF_REFUSED);
    assert_int_equal(answer.challenges, 1);
    assert_non_null(strstr(answer.challenge[0], "algorithm=MD5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_user_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_came_before_does_not_come_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_bsf_is_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_bsf_says_is_read_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_of_a_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_may_not_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_b_tid_no_question, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_for_tls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_setup_is_told, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
