/* proto/gba/bsf: what is refused, what an opaque is bound to, AUTS, and what the vault refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gba_rig.h"

/* The second request with one value changed (NULL: left out), and its response made anew, as who
 * knows XRES would: the value itself is what is refused. */
static void ask_with(enum lk_http_digest_param param, const char *value, bool right)
{
    char text[LK_HTTP_DIGEST_MAX];
    struct lk_writer w = lk_writer_of(text, sizeof text);
    struct lk_http_digest digest;
    struct lk_digest_text response;
    struct lk_digest_input input;

    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, gba_span(&gba.sent)),
                     LK_OK);
    digest.present &= ~(1u << param);
    if (value != NULL)
        lk_http_digest_set(&digest, param, lk_span_text(value));
    if (right) {
        input = lk_gba_input(&digest);
        lk_digest_response(&response, &input, &gba.ue.password);
        lk_http_digest_set(&digest, LK_HTTP_RESPONSE, lk_span_of(response.at, response.len));
    }
    if (param == LK_HTTP_QOP && value == NULL)
        digest.present &= ~(1u << LK_HTTP_NC | 1u << LK_HTTP_CNONCE);
    assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CREDENTIALS, &digest), LK_OK);
    gba_ask(lk_writer_span(&w));
}

/* A21: an older method, another algorithm than the challenge's, qop auth or none, another realm:
 * each with a response that is right for it, and each refused. */
static void weaker_methods_are_refused(void **state)
{
    static const struct {
        enum lk_http_digest_param param;
        const char *value;
        enum lk_reason reason;
    } rows[] = {
        { LK_HTTP_ALGORITHM, "MD5", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, "MD5-sess", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, "SHA-256", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, "AKAv2-MD5", LK_REASON_GBA_METHOD },
        { LK_HTTP_ALGORITHM, NULL, LK_REASON_GBA_METHOD },
        { LK_HTTP_QOP, "auth", LK_REASON_GBA_QOP },
        { LK_HTTP_QOP, NULL, LK_REASON_GBA_QOP },
        { LK_HTTP_REALM, "other.example", LK_REASON_GBA_REALM },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        gba.now_ms += 1000;
        gba_respond();
        ask_with(rows[i].param, rows[i].value, true);
        assert_int_equal(gba.bsf_failed, rows[i].reason);
        assert_int_equal(gba.answer.status, 403);
        assert_int_equal(gba.answer.challenge.len + gba.answer.info.len + gba.answer.body.len, 0);
        assert_false(gba.kept);
    }
    ask_with(LK_HTTP_URI, "/", true); /* the control */
    assert_true(gba.kept);
}

/* An opaque serves for its name and its nonce, and unaltered. */
static void an_opaque_is_bound(void **state)
{
    struct lk_http_digest digest;
    char opaque[LK_GBA_OPAQUE_LEN + 1], nonce[LK_GBA_NONCE_LEN + 1];
    struct gba_octets sent;

    gba_respond();
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, gba_span(&gba.sent)),
                     LK_OK);
    assert_int_equal(digest.value[LK_HTTP_OPAQUE].len, LK_GBA_OPAQUE_LEN);
    memcpy(opaque, digest.value[LK_HTTP_OPAQUE].at, LK_GBA_OPAQUE_LEN);
    opaque[LK_GBA_OPAQUE_LEN] = '\0';
    for (size_t i = 0; i < LK_GBA_OPAQUE_LEN; i++) {
        char was = opaque[i];

        opaque[i] = was == 'A' ? 'B' : 'A';
        ask_with(LK_HTTP_OPAQUE, opaque, true);
        assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
        opaque[i] = was;
    }
    for (size_t len = 0; len < LK_GBA_OPAQUE_LEN; len++) {
        opaque[len] = '\0';
        ask_with(LK_HTTP_OPAQUE, opaque, true);
        assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
        opaque[len] = (char)digest.value[LK_HTTP_OPAQUE].at[len];
    }
    ask_with(LK_HTTP_OPAQUE, NULL, true);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
    ask_with(LK_HTTP_USERNAME, "001010000000002@" GBA_REALM, true);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
    sent = gba.sent;
    gba.now_ms += 1000;
    gba_respond(); /* the nonce of one with the opaque of the other */
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, gba_span(&gba.sent)),
                     LK_OK);
    memcpy(nonce, digest.value[LK_HTTP_NONCE].at, LK_GBA_NONCE_LEN);
    nonce[LK_GBA_NONCE_LEN] = '\0';
    gba.sent = sent;
    ask_with(LK_HTTP_NONCE, nonce, true);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
    assert_false(gba.kept);
}

/* spec: RFC 7616 3.4 - a nonce of ours is used once: its count is 1; and a cnonce there is. */
static void counts_and_cnonces(void **state)
{
    static const struct {
        enum lk_http_digest_param param;
        const char *value;
    } rows[] = { { LK_HTTP_NC, "00000002" }, { LK_HTTP_NC, "00000000" }, { LK_HTTP_CNONCE, "" } };

    gba_respond();
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        ask_with(rows[i].param, rows[i].value, true);
        assert_int_equal(gba.answer.status, 400);
        assert_int_equal(gba.bsf_failed, LK_REASON_GBA_MALFORMED);
        assert_false(gba.kept);
    }
    ask_with(LK_HTTP_URI, "/", true); /* the control */
    assert_true(gba.kept);
}

static void a_wrong_response_is_refused(void **state)
{
    static const char *const wrong[] = { "", "0", "00000000000000000000000000000000" };

    gba_respond();
    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++) {
        ask_with(LK_HTTP_RESPONSE, wrong[i], false);
        assert_int_equal(gba.answer.status, 403);
        assert_int_equal(gba.bsf_failed, LK_REASON_GBA_RESPONSE);
        assert_false(gba.kept);
    }
    memset(&gba.ue.password, 0, sizeof gba.ue.password); /* the empty one is for AUTS alone */
    ask_with(LK_HTTP_URI, "/", true);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_RESPONSE);
    assert_int_equal(gba.vectors, 1);
}

/* A18: no response to a decoy is right, not even one by the XRES that is sealed in it. */
static void a_decoy_is_never_right(void **state)
{
    struct lk_http_digest digest;
    struct lk_gba_opaque opaque;
    struct gba_octets sent;

    gba_start("");
    sent = gba.sent;
    gba.known = false;
    gba_ask(gba_span(&sent));
    assert_int_equal(gba.answer.status, 401);
    assert_int_equal(lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE,
                                           gba_span(&gba.answer.challenge)), LK_OK);
    assert_int_equal(lk_gba_opaque_open(&opaque, &gba.keys, lk_span_text(GBA_IMPI),
                                        digest.value[LK_HTTP_NONCE],
                                        digest.value[LK_HTTP_OPAQUE]), LK_OK);
    assert_true(opaque.decoy);
    lk_http_digest_set(&digest, LK_HTTP_USERNAME, lk_span_text(GBA_IMPI));
    lk_http_digest_set(&digest, LK_HTTP_URI, lk_span_text("/"));
    lk_http_digest_set(&digest, LK_HTTP_NC, lk_span_text(LK_GBA_NC));
    lk_http_digest_set(&digest, LK_HTTP_CNONCE, lk_span_text("c"));
    lk_http_digest_set(&digest, LK_HTTP_RESPONSE, lk_span_text("r"));
    {
        struct lk_writer w = lk_writer_of(gba.sent.at, sizeof gba.sent.at);

        assert_int_equal(lk_http_digest_encode(&w, LK_HTTP_CREDENTIALS, &digest), LK_OK);
        gba.sent.len = w.len;
    }
    lk_gba_password(&gba.ue.password, LK_GBA_AKAV1_MD5,
                    lk_span_of(opaque.xres, opaque.xres_len), &opaque.ck, &opaque.ik);
    ask_with(LK_HTTP_URI, "/", true);
    assert_int_equal(gba.answer.status, 403);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_RESPONSE);
    assert_false(gba.kept);
    /* And its AUTS costs what that of a subscriber costs, and gets what a wrong one gets. */
    memset(&gba.ue.password, 0, sizeof gba.ue.password);
    gba.known = true;
    for (unsigned i = 0; i < 2; i++) {
        ask_with(LK_HTTP_AUTS, "uoU/PBI8z0TpNZbjVcY=", true);
        assert_int_equal(gba.answer.status, 403);
        assert_int_equal(gba.resyncs, i + 1);
        if (i == 0) {
            gba_start("");
            sent = gba.sent;
            gba_ask(gba_span(&sent));
            assert_true(gba_tell());
            memset(&gba.ue.password, 0, sizeof gba.ue.password);
        }
    }
    assert_int_equal(gba.bsf_failed, LK_REASON_AUTS_WRONG);
}

/* spec: TS 24.109 4.4 - AUTS: once in a bootstrapping, of its length, and with a response by the
 * empty password. */
static void auts(void **state)
{
    struct gba_octets sent;

    gba_card_ahead(0x10);
    gba_respond(); /* the card is ahead: this has AUTS */
    sent = gba.sent;
    ask_with(LK_HTTP_AUTS, "AAAA", true);
    assert_int_equal(gba.answer.status, 400);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_MALFORMED);
    ask_with(LK_HTTP_RESPONSE, "00000000000000000000000000000000", false);
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_RESPONSE);
    assert_int_equal(gba.resyncs, 0);
    ask_with(LK_HTTP_AUTS, "uoU/PBI8z0TpNZbjVcY=", true);
    assert_int_equal(gba.bsf_failed, LK_REASON_AUTS_WRONG);
    assert_int_equal(gba.answer.status, 403);
    gba_ask(gba_span(&sent));
    assert_int_equal(gba.answer.status, 401);
    gba_card_ahead(0x20); /* ahead again: the UE gives up, a stubborn one is refused */
    gba.ue.resynced = false;
    assert_true(gba_tell());
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 403);
    assert_int_equal(gba.bsf_failed, LK_REASON_AUTS_TWICE);
    assert_int_equal(gba.resyncs, 2);
}

static void what_the_vault_refuses(void **state)
{
    struct gba_octets sent;

    gba_start("");
    sent = gba.sent;
    gba.refuses = LK_REASON_VAULT_UNAVAILABLE;
    gba_ask(gba_span(&sent));
    assert_int_equal(gba.answer.status, 503);
    assert_int_equal(gba.bsf_failed, LK_REASON_VAULT_UNAVAILABLE);
    gba.refuses = LK_REASON_NONE;
    gba_ask(gba_span(&sent));
    assert_int_equal(gba.answer.status, 401);
}

static void names_that_are_none(void **state)
{
    static const struct {
        const char *name;
        unsigned status;
        enum lk_reason reason;
    } rows[] = {
        { "", 400, LK_REASON_GBA_MALFORMED },
        { "001010000000001", 403, LK_REASON_GBA_IMPI },
        { "001010000000001@ims.mnc002.mcc001.3gppnetwork.org", 403, LK_REASON_GBA_IMPI },
        { "@" GBA_REALM, 403, LK_REASON_GBA_IMPI },
        { "alice@" GBA_REALM, 403, LK_REASON_GBA_IMPI },
        { "00101000000000100@" GBA_REALM, 403, LK_REASON_GBA_IMPI },
        { "@" LK_TMPI_REALM, 403, LK_REASON_GBA_IMPI },
    };
    char text[512];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        snprintf(text, sizeof text, "Digest username=\"%s\", realm=\"" GBA_BSF "\", nonce=\"\", "
                                    "uri=\"/\", response=\"\"", rows[i].name);
        gba_ask(lk_span_text(text));
        assert_int_equal(gba.answer.status, rows[i].status);
        assert_int_equal(gba.bsf_failed, rows[i].reason);
    }
    assert_int_equal(gba.vectors, 0);
    snprintf(text, sizeof text, "Digest username=\"%0254d\", realm=\"" GBA_BSF "\", nonce=\"\", "
                                "uri=\"/\", response=\"\"", 1);
    gba_ask(lk_span_text(text));
    assert_int_equal(gba.answer.status, 400);
}

static void requests_that_are_none(void **state)
{
    static const char *const bad[] = { "", "Digest", "Basic YTpi", "Digest username=\"a\"" };
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_REQUEST };
    const struct lk_gba_bsf_output *answer;
    struct gba_octets sent;

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        gba_ask(lk_span_text(bad[i]));
        assert_int_equal(gba.answer.status, 400);
    }
    gba_start("");
    sent = gba.sent;
    for (unsigned i = 0; i < 3; i++) {
        event.request.method = lk_span_text(i == 0 ? "POST" : "GET");
        event.request.uri = lk_span_text(i == 1 ? "/else" : "/");
        event.request.body = lk_span_text(i == 2 ? "x" : "");
        event.request.authorization = gba_span(&sent);
        assert_int_equal(lk_gba_bsf_step(&gba.bsf, &gba.bsf_config, &event, &gba.bsf_out), LK_OK);
        answer = lk_gba_bsf_outbox_find(&gba.bsf_out, LK_GBA_BSF_OUT_ANSWER);
        assert_int_equal(answer->answer.status, 400);
    }
    for (size_t len = 0; len < sent.len; len++) { /* every truncation */
        gba_ask(lk_span_of(sent.at, len));
        assert_int_equal(gba.answer.status, 400);
    }
    gba_ask(lk_span_text("Digest username=\"" GBA_IMPI "\", realm=\"" GBA_BSF "\", nonce=\"\", "
                         "uri=\"/\", response=\"\", algorithm=MD5"));
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_METHOD);
}

/* What has no rule changes nothing. */
static void unexpected_events(void **state)
{
    for (unsigned at = 0; at < LK_GBA_BSF_STATE_COUNT; at++)
        for (unsigned kind = LK_GBA_BSF_EV_REQUEST; kind <= LK_GBA_BSF_EV_NO_VECTOR; kind++) {
            struct lk_gba_bsf_event event = { .kind = (enum lk_gba_bsf_event_kind)kind };
            bool welcome = at == LK_GBA_BSF_IDLE ? kind == LK_GBA_BSF_EV_REQUEST
                           : at == LK_GBA_BSF_AWAIT_NAME
                               ? kind == LK_GBA_BSF_EV_NAME || kind == LK_GBA_BSF_EV_NO_NAME
                               : kind == LK_GBA_BSF_EV_VECTOR || kind == LK_GBA_BSF_EV_NO_VECTOR;
            struct lk_gba_bsf before;

            if (welcome)
                continue;
            lk_gba_bsf_init(&gba.bsf);
            gba.bsf.state = (enum lk_gba_bsf_state)at;
            before = gba.bsf;
            assert_int_equal(lk_gba_bsf_step(&gba.bsf, &gba.bsf_config, &event, &gba.bsf_out),
                             LK_E_UNEXPECTED);
            assert_int_equal(gba.bsf_out.count, 0);
            assert_memory_equal(&gba.bsf, &before, sizeof before);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(weaker_methods_are_refused, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(an_opaque_is_bound, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(counts_and_cnonces, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_wrong_response_is_refused, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_decoy_is_never_right, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(auts, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(what_the_vault_refuses, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(names_that_are_none, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(requests_that_are_none, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(unexpected_events, gba_open, gba_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
