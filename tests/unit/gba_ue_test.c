/* proto/gba/ue: which challenges are refused, which answers, and what is left of a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gba_rig.h"

static struct lk_http_digest challenge(void)
{
    struct lk_http_digest digest;

    gba_start("");
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE,
                                           gba_span(&gba.answer.challenge)), LK_OK);
    return digest;
}

/* The UE gets a challenge with one value changed (NULL: left out). */
static void tell_with(enum lk_http_digest_param param, const char *value)
{
    struct lk_http_digest digest = challenge();
    char text[LK_HTTP_DIGEST_MAX];
    struct lk_writer w = lk_writer_of(text, sizeof text);

    digest.present &= ~(1u << param);
    if (value != NULL)
        lk_http_digest_set(&digest, param, lk_span_text(value));
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_OK);
    gba_set(&gba.answer.challenge, lk_writer_span(&w));
    (void)gba_tell();
}

/* A21: older methods, an unprotected body, another realm, and an algorithm that the configuration
 * does not take: no response is made, and the card is not asked. */
static void weaker_challenges_are_refused(void **state)
{
    static const struct {
        enum lk_http_digest_param param;
        const char *value;
        enum lk_reason reason;
    } rows[] = {
        { LK_HTTP_ALGORITHM, "MD5", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, "MD5-sess", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, "SHA-256", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, NULL, LK_REASON_GBA_METHOD },
        { LK_HTTP_QOP, "auth", LK_REASON_GBA_QOP },
        { LK_HTTP_QOP, "auth-int2, auth", LK_REASON_GBA_QOP },
        { LK_HTTP_QOP, NULL, LK_REASON_GBA_QOP },
        { LK_HTTP_REALM, "other.example", LK_REASON_GBA_REALM },
        { LK_HTTP_NONCE, "", LK_REASON_GBA_MALFORMED },
        { LK_HTTP_NONCE, "I1U8vpY3qJ0hiuZNrke/NQ==", LK_REASON_GBA_MALFORMED },
        { LK_HTTP_NONCE, "dcd98b7102dd2f0e8b11d0f600bfb0c093-", LK_REASON_GBA_MALFORMED },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        gba.now_ms += 1000;
        tell_with(rows[i].param, rows[i].value);
        assert_int_equal(gba.ue_failed, rows[i].reason);
        assert_int_equal(gba.sent.len, 0);
        assert_int_equal(gba.ue.state, LK_GBA_UE_IDLE);
    }
    gba.ue_config.algorithms = 1u << LK_GBA_AKAV2_MD5;
    tell_with(LK_HTTP_QOP, "auth-int");
    assert_int_equal(gba.ue_failed, LK_REASON_GBA_METHOD);
    gba.ue_config.algorithms |= 1u << LK_GBA_AKAV1_MD5;
    gba.now_ms += 1000;
    tell_with(LK_HTTP_QOP, "auth, auth-int"); /* the control */
    assert_int_equal(gba.ue_failed, LK_REASON_NONE);
    assert_true(gba.sent.len > 0);
}

/* spec: RFC 3310 3.2 - RAND and AUTN are the front of the nonce, server data may follow; and a
 * server without opaque is served too. */
static void other_servers(void **state)
{
    struct lk_http_digest digest = challenge();
    uint8_t octets[LK_GBA_NONCE_OCTETS + 7] = { 0 };
    char text[LK_HTTP_DIGEST_MAX], nonce[64];
    struct lk_writer w = lk_writer_of(text, sizeof text);
    struct lk_writer base64 = lk_writer_of(nonce, sizeof nonce);
    size_t len;

    assert_int_equal(lk_base64_decode(octets, LK_GBA_NONCE_OCTETS, &len,
                                      digest.value[LK_HTTP_NONCE]), LK_OK);
    lk_base64_put(&base64, LK_SPAN(octets));
    lk_http_digest_set(&digest, LK_HTTP_NONCE, lk_writer_span(&base64));
    digest.present &= ~(1u << LK_HTTP_OPAQUE);
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CHALLENGE, &digest), LK_OK);
    gba_set(&gba.answer.challenge, lk_writer_span(&w));
    assert_true(gba_tell());
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, gba_span(&gba.sent)),
                     LK_OK);
    assert_true(lk_span_equal(digest.value[LK_HTTP_NONCE], lk_writer_span(&base64)));
    assert_false(lk_http_digest_has(&digest, LK_HTTP_OPAQUE));
}

/* Every truncation of a challenge, and every status that is no challenge. */
static void what_is_no_challenge(void **state)
{
    static const unsigned statuses[] = { 0, 200, 400, 403, 404, 500, 503 };
    struct gba_octets whole;
    size_t enough;

    (void)challenge();
    whole = gba.answer.challenge;
    enough = whole.len - (sizeof ", opaque=\"\"" - 1) - LK_GBA_OPAQUE_LEN; /* without opaque */
    for (size_t len = 0; len < whole.len; len++) {
        gba_start("");
        gba.answer.challenge = whole;
        gba.answer.challenge.len = len;
        assert_int_equal(gba_tell(), len == enough);
    }
    for (size_t i = 0; i < LK_COUNT_OF(statuses); i++) {
        gba_start("");
        gba.answer.challenge = whole;
        gba.answer.status = statuses[i];
        assert_false(gba_tell());
        assert_int_equal(gba.ue_failed, LK_REASON_GBA_REFUSED);
    }
}

static void step(enum lk_gba_ue_event_kind kind, enum lk_status status)
{
    struct lk_gba_ue_event event = { .kind = kind, .now_ms = gba.now_ms };

    assert_int_equal(lk_gba_ue_step(&gba.ue, &gba.ue_config, &event, &gba.ue_out), status);
}

static void silence_and_strange_documents(void **state)
{
    const struct lk_gba_ue_output *failed;
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_INFO, .now_ms = gba.now_ms };
    static const char *const b_tids[] = { "", "a b", "a\n", "\xc3\xa4" };

    gba_start("");
    step(LK_GBA_UE_EV_NO_ANSWER, LK_OK);
    failed = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_FAILED);
    assert_int_equal(failed->failed.reason, LK_REASON_GBA_NO_ANSWER);
    gba_respond();
    step(LK_GBA_UE_EV_NO_ANSWER, LK_OK);
    assert_int_equal(gba.ue.state, LK_GBA_UE_IDLE);
    gba.ue.state = LK_GBA_UE_AWAIT_INFO;
    step(LK_GBA_UE_EV_NO_INFO, LK_OK);
    failed = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_FAILED);
    assert_int_equal(failed->failed.reason, LK_REASON_GBA_INFO);
    for (size_t i = 0; i <= LK_COUNT_OF(b_tids); i++) { /* the last: a lifetime that is over */
        gba.ue.state = LK_GBA_UE_AWAIT_INFO;
        event.info.b_tid = lk_span_text(i < LK_COUNT_OF(b_tids) ? b_tids[i] : "a@b");
        event.info.expires_s = gba.now_ms / 1000 + (i < LK_COUNT_OF(b_tids));
        assert_int_equal(lk_gba_ue_step(&gba.ue, &gba.ue_config, &event, &gba.ue_out), LK_OK);
        assert_non_null(lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_FAILED));
        assert_null(lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_GRANT));
    }
}

/* Nothing of a run outlives it in the machine. */
static void idle_is_empty(void **state)
{
    static const struct lk_gba_ue empty;

    assert_int_equal(gba_run(""), 2);
    assert_memory_equal(&gba.ue, &empty, sizeof empty);
    gba_respond();
    gba.answer.status = 403;
    assert_false(gba_tell());
    assert_memory_equal(&gba.ue, &empty, sizeof empty);
}

static void unexpected_events(void **state)
{
    static const bool welcome[LK_GBA_UE_STATE_COUNT][LK_GBA_UE_EV_NO_INFO + 1] = {
        [LK_GBA_UE_IDLE] = { [LK_GBA_UE_EV_START] = true },
        [LK_GBA_UE_AWAIT_CHALLENGE] = { [LK_GBA_UE_EV_ANSWER] = true,
                                        [LK_GBA_UE_EV_NO_ANSWER] = true },
        [LK_GBA_UE_AWAIT_CARD] = { [LK_GBA_UE_EV_CARD] = true },
        [LK_GBA_UE_AWAIT_RESULT] = { [LK_GBA_UE_EV_ANSWER] = true,
                                     [LK_GBA_UE_EV_NO_ANSWER] = true },
        [LK_GBA_UE_AWAIT_INFO] = { [LK_GBA_UE_EV_INFO] = true, [LK_GBA_UE_EV_NO_INFO] = true },
    };

    for (unsigned at = 0; at < LK_GBA_UE_STATE_COUNT; at++)
        for (unsigned kind = LK_GBA_UE_EV_START; kind <= LK_GBA_UE_EV_NO_INFO; kind++) {
            if (welcome[at][kind])
                continue;
            lk_gba_ue_init(&gba.ue);
            gba.ue.state = (enum lk_gba_ue_state)at;
            step((enum lk_gba_ue_event_kind)kind, LK_E_UNEXPECTED);
            assert_int_equal(gba.ue.state, at);
            assert_int_equal(gba.ue_out.count, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(weaker_challenges_are_refused, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(other_servers, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(what_is_no_challenge, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(silence_and_strange_documents, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(idle_is_empty, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(unexpected_events, gba_open, gba_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
