/* liblatchkey-naf by its header: users of HTTP and TLS-PSK, with a BSF that is a function here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "naf_rig.h"

/* ---- HTTP ---- */

/* spec: TS 29.109 5.2 - the BSF is asked once, for B-TID, our name and the protocol.
 * spec: RFC 7616 3.7 - of two challenges that of SHA-256 comes first. */
static void a_user_comes(void **state)
{
    char info[LK_NAF_HEADER];
    struct lk_naf_request asked = { "GET", "/mail", naf_authorization, NULL, 0 };
    struct lk_ks_naf key = naf_key_of(ALICE, "0100000002");

    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    assert_string_equal(naf_world.question,
                        "{\"transactionIdentifier\":\"" ALICE "\",\"nafId\":{\"nafFqdn\":"
                        "\"naf.example\",\"uaSecProtId\":\"0100000002\"}}");
    assert_int_equal(naf_answer.status, 200);
    assert_string_equal(naf_answer.user.b_tid, ALICE);
    assert_string_equal(naf_answer.user.impi, "i@r");
    assert_int_equal(naf_answer.user.expires_s, UNTIL_S);
    assert_int_equal(naf_answer.user.bootstrapped_s, NOW_S - 60);
    assert_true(lk_naf_digest_info(naf, info, &asked, "x", 1));
    assert_non_null(strstr(info, "rspauth=\""));
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(naf_world.asked, 1);
    /* Which is not the key of another protocol. */
    key = naf_key_of(ALICE, "0100000007");
    (void)naf_request(NULL);
    naf_credentials(ALICE, &key, 1);
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.response");
    assert_int_equal(naf_answer.challenges, 2);
    assert_null(strstr(naf_answer.challenge[0], "stale"));
    assert_int_equal(naf_counts().granted, 2);
    assert_int_equal(naf_counts().refused, 1);
    assert_int_equal(naf_counts().challenged, 3);
}

static void what_came_before_does_not_come_again(void **state)
{
    const struct lk_naf_setup setup = naf_setup_of();

    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.replay");
    assert_non_null(strstr(naf_answer.challenge[0], "stale=true"));
    /* Nor when the user was forgotten, or the nonce is over, or this is another instance. */
    lk_naf_forget(naf, ALICE);
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.replay");
    assert_int_equal(naf_world.asked, 2);
    naf_world.now_ms += 300000;
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.nonce");
    naf_world.now_ms -= 300000;
    naf_begin(&setup);
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.nonce");
    assert_int_equal(naf_counts().replayed, 0);
}

/* So many users and no more; who is pushed out comes again, and no request of his does. */
static void the_table_is_bounded(void **state)
{
    struct lk_naf_setup setup = naf_setup_of();
    char b_tid[32], first[LK_NAF_HEADER];

    (void)state;
    setup.users = 3;
    setup.questions = 1000;
    naf_begin(&setup);
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(b_tid, sizeof b_tid, "user%u" BSF, i);
        assert_int_equal(naf_visit(b_tid), LK_NAF_GRANTED);
        if (i == 0)
            memcpy(first, naf_authorization, sizeof first);
        naf_world.now_ms++;
        assert_true(naf_counts().users <= 3);
    }
    assert_int_equal(naf_world.asked, 20);
    assert_int_equal(naf_request(first), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.replay");
    assert_int_equal(naf_world.asked, 21);
    /* That brought user0 back for user17; 18 and 19 are there, the one used last the longest. */
    assert_int_equal(naf_visit("user18" BSF), LK_NAF_GRANTED);
    assert_int_equal(naf_world.asked, 21);
    assert_int_equal(naf_visit("user17" BSF), LK_NAF_GRANTED);
    assert_int_equal(naf_world.asked, 22);
    assert_int_equal(naf_visit("user18" BSF), LK_NAF_GRANTED);
    assert_int_equal(naf_world.asked, 22);
}

/* spec: TS 24.109 5.2 - a key that is over: 401, so that the device bootstraps again. */
static void a_key_ends(void **state)
{
    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    naf_world.now_s = UNTIL_S - 1;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(naf_world.asked, 1);
    naf_world.now_s = UNTIL_S;
    naf_world.status = 404;
    naf_world.text = "{\"resultCode\":5403}";
    assert_int_equal(naf_visit(ALICE), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.b-tid");
    assert_string_equal(naf_answer.told, "ua.response");
    assert_string_equal(naf_answer.what, lk_reason_row(LK_REASON_UA_RESPONSE)->what);
    assert_string_equal(naf_answer.fix, lk_reason_row(LK_REASON_UA_RESPONSE)->fix);
    assert_int_equal(naf_answer.status, 401);
    assert_int_equal(naf_counts().users, 0);
    /* Nor is one taken of the BSF that is over already. */
    naf_world.status = 200;
    naf_world.text = NULL;
    assert_int_equal(naf_visit("bob" BSF), LK_NAF_REFUSED);
    assert_string_equal(naf_answer.why, "ua.b-tid");
}

/* Strangers' B-TIDs cost a question each, within a budget, and no memory. */
static void strangers(void **state)
{
    char b_tid[32];

    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    naf_world.status = 404;
    naf_world.text = "{\"resultCode\":5403}";
    assert_int_equal(naf_visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(naf_visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(naf_world.asked, 2);
    naf_world.now_ms += LK_NAF_STRANGER_MS;
    assert_int_equal(naf_visit("nobody" BSF), LK_NAF_REFUSED);
    assert_int_equal(naf_world.asked, 3);
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(b_tid, sizeof b_tid, "nobody%u" BSF, i);
        (void)naf_visit(b_tid);
    }
    assert_int_equal(naf_world.asked, 3 + 49);
    assert_string_equal(naf_answer.why, "ua.too-fast");
    assert_int_equal(naf_answer.status, 503);
    assert_int_equal(naf_counts().users, 1);
    assert_int_equal(naf_counts().too_fast, 5000 - 49);
    /* Who is known goes on. */
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    naf_world.now_ms += 1000;
    naf_world.status = 200;
    naf_world.text = NULL;
    assert_int_equal(naf_visit("bob" BSF), LK_NAF_GRANTED);
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
        { 429, "{\"reason\":\"zn.too-fast\"}", "ua.too-fast", "it answers HTTP 429" },
        { 200, "{}", "ua.no-answer", "it answers HTTP 200 without a key that can be read" },
    };

    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        naf_world.status = rows[i].status;
        naf_world.text = rows[i].text;
        naf_world.asked = 0;
        assert_int_equal(naf_visit("bob" BSF), LK_NAF_UNAVAILABLE);
        assert_int_equal(naf_answer.status, 503);
        assert_string_equal(naf_answer.why, rows[i].why);
        assert_string_equal(naf_answer.detail, rows[i].detail);
        assert_int_equal(naf_answer.challenges, 0);
        /* It is left alone for a second, and what it was is told. */
        assert_int_equal(naf_visit("eve" BSF), LK_NAF_UNAVAILABLE);
        assert_string_equal(naf_answer.detail, rows[i].detail);
        assert_int_equal(naf_world.asked, 1);
        assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
        naf_world.now_ms += 1000;
    }
    naf_world.status = 200;
    naf_world.text = NULL;
    assert_int_equal(naf_visit("bob" BSF), LK_NAF_GRANTED);
}

/* What a user may not use is his alone: the BSF is not away for others, and is not asked again of
 * him for a second. The control: any other 403, above. */
static void a_way_that_is_not_his(void **state)
{
    (void)state;
    naf_world.status = 403;
    naf_world.text = "{\"resultCode\":5402,\"reason\":\"mip.way\"}";
    naf_world.asked = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(naf_visit("bob" BSF), LK_NAF_REFUSED);
        assert_string_equal(naf_answer.why, "mip.way");
    }
    assert_int_equal(naf_world.asked, 1);
    naf_world.status = 200;
    naf_world.text = NULL;
    assert_int_equal(naf_visit("eve" BSF), LK_NAF_GRANTED);
    naf_world.now_ms += 1000;
    assert_int_equal(naf_visit("bob" BSF), LK_NAF_GRANTED);
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
        naf_world.text = text;
        assert_int_equal(lk_naf_fetch(naf, NULL, NULL, &question),
                         i == sizeof good - 1 ? LK_NAF_GRANTED : LK_NAF_UNAVAILABLE);
        naf_world.now_ms += 1000;
    }
    lk_naf_forget(naf, question.b_tid);
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        naf_world.text = bad[i];
        assert_int_equal(lk_naf_fetch(naf, NULL, NULL, &question), LK_NAF_UNAVAILABLE);
        naf_world.now_ms += 1000;
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
        naf_world.text = bad[i];
        if (lk_naf_fetch(naf, NULL, NULL, &question) != LK_NAF_UNAVAILABLE)
            fail_msg("%s is read", bad[i]);
        naf_world.now_ms += 1000;
    }
    naf_world.text = ANSWER "{\"uss\":[{\"id\":4294967295,\"flags\":[0,63]},{\"id\":7}]}}";
    for (unsigned i = 0; i < 2; i++) {
        memset(&user, 0, sizeof user);
        assert_int_equal(lk_naf_key(naf, key, &user, NULL, &question), LK_NAF_GRANTED);
        assert_int_equal(user.service_count, 2);
        assert_true(user.service[0].id == UINT32_MAX && user.service[1].id == 7);
        assert_true(user.service[0].flags == (UINT64_C(1) << 63 | 1));
        assert_true(user.service[1].flags == 0);
        naf_world.text = ANSWER "{\"uss\":[]}}";
    }
    lk_naf_forget(naf, question.b_tid);
    assert_int_equal(lk_naf_key(naf, key, &user, NULL, &question), LK_NAF_GRANTED);
    assert_int_equal(user.service_count, 0);
}

static void who_may_not_wait(void **state)
{
    struct lk_naf_setup setup = naf_setup_of();
    const char *why;
    char detail[LK_NAF_ERROR];

    (void)state;
    setup.never_wait = true;
    naf_begin(&setup);
    assert_int_equal(naf_visit(ALICE), LK_NAF_LATER);
    assert_int_equal(naf_world.asked, 0);
    assert_string_equal(naf_answer.question.b_tid, ALICE);
    assert_int_equal(lk_naf_fetch(naf, &why, detail, &naf_answer.question), LK_NAF_GRANTED);
    assert_string_equal(why, "none");
    assert_int_equal(naf_request(naf_authorization), LK_NAF_GRANTED);
    assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
}

/* What has no B-TID in it is no question, and what is for another request a bad one.
 * spec: RFC 7616 3.4.6 - 400, and no challenge. */
static void no_b_tid_no_question(void **state)
{
    static const char *const names[] = { "", "a b" BSF };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(names); i++) {
        assert_int_equal(naf_visit(names[i]), LK_NAF_REFUSED);
        assert_string_equal(naf_answer.why, "ua.malformed");
    }
    assert_int_equal(naf_request("Bearer x"), LK_NAF_REFUSED);
    assert_int_equal(naf_answer.status, 401);
    assert_int_equal(naf_request("Digest username=\"a\", realm=\"3GPP-bootstrapping@naf.example\", "
                             "nonce=\"\", uri=\"/male\", qop=auth, nc=00000001, cnonce=\"\", "
                             "response=\"\""), LK_NAF_REFUSED);
    assert_int_equal(naf_answer.status, 400);
    assert_int_equal(naf_answer.challenges, 0);
    assert_string_equal(naf_answer.why, "ua.uri");
    assert_int_equal(naf_request(""), LK_NAF_REFUSED);
    assert_int_equal(naf_world.asked, 0);
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
        expected = naf_key_of(ALICE, rows[i].ua);
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
    for (size_t i = 0; i < strlen(LK_NAF_PSK_HINT ";"); i++) { /* T28: another, as long */
        char other[sizeof identity];

        memcpy(other, identity, sizeof other);
        other[i]++;
        assert_int_equal(lk_naf_psk(naf, key, NULL, NULL, other, strlen(other), 0),
                         LK_NAF_REFUSED);
    }
    assert_int_equal(naf_world.asked, 3);
    /* And a protocol of the server's own. */
    expected = naf_key_of(ALICE, "ff00e2e001");
    assert_int_equal(lk_naf_key(naf, key, &user, &why, &own), LK_NAF_GRANTED);
    assert_memory_equal(key, expected.octets, sizeof key);
    assert_int_equal(lk_naf_key(naf, key, NULL, NULL, &nobody), LK_NAF_REFUSED);
    assert_int_equal(naf_world.asked, 4);
    lk_naf_forget(naf, ALICE);
    assert_int_equal(naf_counts().users, 0);
    assert_int_equal(naf_counts().psk_granted, 4);
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
        OF(certificate, "/dev/null", "certificate /dev/null: expected a regular file"),
        OF(key, NULL, "key"), OF(ca, "", "ca"),
#undef OF
    };
    char error[LK_NAF_ERROR];
    struct lk_naf_setup setup;

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        setup = naf_setup_of();
        memcpy((char *)&setup + rows[i].field, &rows[i].value, sizeof rows[i].value);
        assert_null(lk_naf_new(&setup, error));
        if (strncmp(error, rows[i].told, strlen(rows[i].told)) != 0)
            fail_msg("row %zu: %s", i, error);
    }
    setup = naf_setup_of();
    setup.nonce_s = 86401;
    assert_null(lk_naf_new(&setup, error));
    setup = naf_setup_of();
    setup.algorithms = LK_NAF_MD5;
    naf_begin(&setup);
    assert_int_equal(naf_request(NULL), LK_NAF_REFUSED);
    assert_int_equal(naf_answer.challenges, 1);
    assert_non_null(strstr(naf_answer.challenge[0], "algorithm=MD5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_user_comes, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(what_came_before_does_not_come_again, naf_set_up,
                                        naf_tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_bounded, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(a_key_ends, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(strangers, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(a_way_that_is_not_his, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(the_bsf_is_away, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(what_the_bsf_says_is_read_whole, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(settings_of_a_user, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(who_may_not_wait, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(no_b_tid_no_question, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(keys_for_tls, naf_set_up, naf_tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_setup_is_told, naf_set_up, naf_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
