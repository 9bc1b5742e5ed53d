/* proto/radius/client: requests, which answers are taken, and sending again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/client.h"
#include "proto/radius/server.h"

static struct lk_radius_nas_config config;
static struct lk_radius_nas nas;
static struct lk_outbox out;
static struct lk_radius_outcome outcome;
static uint8_t entropy[LK_ENTROPY_LEN];

static int set_up(void **state)
{
    memset(&config, 0, sizeof config);
    assert_int_equal(lk_address_parse(&config.address, "127.0.0.1"), LK_OK);
    strcpy(config.identifier, "test");
    config.ask_key_name = true;
    config.retry_ms = 1000;
    config.tries = 4;
    lk_radius_nas_init(&nas);
    strcpy(nas.user, "0001010000000001@x");
    strcpy(nas.calling, "02-00-00-00-00-01");
    for (size_t i = 0; i < sizeof entropy; i++)
        entropy[i] = (uint8_t)(i * 7 + 1);
    lk_outbox_empty(&out);
    return lk_radius_secret_set(&config.secret, lk_span_text("testing123")) == LK_OK ? 0 : -1;
}

static struct lk_span sent(void)
{
    const struct lk_output *send = lk_outbox_find(&out, LK_OUT_SEND);

    assert_non_null(send);
    return send->send;
}

/* An answer as a server makes it; with_mac false leaves Message-Authenticator out and is right in
 * every other respect, which is what an MD5 collision would give an attacker. */
static struct lk_span answer(uint8_t *octets, enum lk_radius_code code, bool with_mac)
{
    static const struct lk_msk msk = { { 1, 2, 3 } };
    struct lk_writer w = lk_writer_of(octets, 1024);
    struct lk_radius_answer head = { .code = code, .identifier = nas.identifier,
                                     .request_code = nas.request[0],
                                     .authenticator = nas.request + LK_RADIUS_AUTHENTICATOR_AT,
                                     .secret = &config.secret };

    if (with_mac)
        lk_radius_answer_begin(&w, &head);
    else
        lk_radius_begin(&w, code, nas.identifier);
    lk_radius_put_eap(&w, lk_span_text("eap"));
    lk_radius_put(&w, LK_RADIUS_STATE, lk_span_text("state"));
    lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_text("class"));
    lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, 77);
    lk_radius_put_mppe(&w, &msk, &config.secret, head.authenticator, entropy);
    if (with_mac) {
        assert_int_equal(lk_radius_answer_end(&w, &head), LK_OK);
    } else {
        uint8_t authenticator[16];

        assert_int_equal(lk_radius_end(&w), LK_OK);
        lk_radius_authenticator(authenticator, lk_writer_span(&w), &config.secret,
                                head.authenticator);
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, 16);
    }
    return lk_writer_span(&w);
}

static void send_eap(void)
{
    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_send_eap(&nas, &config, lk_span_text("hello"), 1000, entropy,
                                            &out), LK_OK);
}

/* A01: Message-Authenticator first, in requests too; a server takes them. */
static void requests_are_what_a_server_takes(void **state)
{
    static struct lk_radius_client client;
    const struct lk_radius_usage usage = { .kind = 2, .session = "S1", .input_octets = 5000000000,
                                           .session_s = 60, .terminate_cause = 1 };

    client.secret = config.secret;
    for (unsigned kind = 0; kind < 3; kind++) {
        struct lk_radius_request request;
        struct lk_radius_attribute first;
        enum lk_reason reason;
        struct lk_reader r;

        lk_outbox_empty(&out);
        lk_radius_nas_reset(&nas);
        if (kind == 0)
            send_eap();
        else if (kind == 1)
            assert_int_equal(lk_radius_nas_send_status(&nas, &config, 0, entropy, &out), LK_OK);
        else
            assert_int_equal(lk_radius_nas_send_usage(&nas, &config, &usage, 0, &out), LK_OK);
        assert_int_equal(lk_radius_request_open(
                             &request, &reason, &client,
                             kind == 2 ? LK_RADIUS_ACCT_PORT : LK_RADIUS_AUTH_PORT, sent()),
                         LK_OK);
        r = lk_reader_of(request.packet.attributes);
        assert_true(lk_radius_next(&r, &first));
        assert_int_equal(first.type, LK_RADIUS_MESSAGE_AUTHENTICATOR);
        assert_int_equal(request.has_eap, kind == 0);
        assert_int_equal(request.wants_key_name, kind == 0);
        assert_int_equal(lk_outbox_find(&out, LK_OUT_TIMER)->timer.id, nas.identifier);
        /* one at a time */
        assert_int_equal(lk_radius_nas_send_status(&nas, &config, 0, entropy, &out),
                         LK_E_UNEXPECTED);
        assert_int_equal(lk_radius_nas_send_usage(&nas, &config, &usage, 0, &out),
                         LK_E_UNEXPECTED);
        assert_int_equal(lk_radius_nas_send_eap(&nas, &config, lk_span_text("x"), 0, entropy,
                                                &out), LK_E_UNEXPECTED);
    }
}

/* spec: RFC 2865 5.24 - State of a Challenge goes back unmodified; Accept and Reject end it. */
static void answers_are_taken_apart(void **state)
{
    uint8_t octets[1024];
    struct lk_radius_packet packet;
    struct lk_span value;

    send_eap();
    assert_int_equal(lk_radius_nas_received(&nas, &config,
                                            answer(octets, LK_RADIUS_ACCESS_CHALLENGE, true),
                                            &outcome), LK_OK);
    assert_int_equal(outcome.code, LK_RADIUS_ACCESS_CHALLENGE);
    assert_true(outcome.has_eap);
    assert_false(outcome.has_msk);
    assert_true(lk_span_equal(outcome.eap, lk_span_text("eap")));
    send_eap();
    assert_int_equal(lk_radius_decode(&packet, sent()), LK_OK);
    assert_true(lk_radius_find(&packet, LK_RADIUS_STATE, &value));
    assert_true(lk_span_equal(value, lk_span_text("state")));
    assert_int_equal(lk_radius_nas_received(&nas, &config,
                                            answer(octets, LK_RADIUS_ACCESS_ACCEPT, true),
                                            &outcome), LK_OK);
    assert_true(outcome.has_msk);
    assert_int_equal(outcome.msk.octets[2], 3);
    assert_true(outcome.has_session_timeout);
    assert_int_equal(outcome.session_timeout_s, 77);
    assert_int_equal(nas.class_len, 5);
    send_eap();
    assert_int_equal(lk_radius_decode(&packet, sent()), LK_OK);
    assert_false(lk_radius_find(&packet, LK_RADIUS_STATE, &value));
}

/* A01: Message-Authenticator stripped from Challenge, Accept, Reject, with all else right: dropped,
 * and told why; the true answer is taken after it. */
static void answers_without_message_authenticator_are_dropped(void **state)
{
    static const enum lk_radius_code codes[] = { LK_RADIUS_ACCESS_CHALLENGE,
                                                 LK_RADIUS_ACCESS_ACCEPT,
                                                 LK_RADIUS_ACCESS_REJECT };
    uint8_t octets[1024];

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        send_eap();
        assert_int_equal(lk_radius_nas_received(&nas, &config, answer(octets, codes[i], false),
                                                &outcome), LK_E_MISSING);
        assert_int_equal(nas.dropped, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR);
        assert_int_equal(lk_radius_nas_received(&nas, &config, answer(octets, codes[i], true),
                                                &outcome), LK_OK);
    }
}

/* A01: 1,000 Proxy-State of random content put into answers, and every octet changed: dropped. */
static void altered_answers_are_dropped(void **state)
{
    uint8_t octets[1024], forged[1400];
    struct lk_span good;

    srandom(2);
    send_eap();
    good = answer(octets, LK_RADIUS_ACCESS_REJECT, true);
    for (unsigned i = 0; i < 1000; i++) {
        size_t len = 2 + (size_t)random() % 254;
        size_t at = i % 2 == 0 ? LK_RADIUS_HEADER_LEN : good.len;

        memcpy(forged, good.at, at);
        forged[at] = LK_RADIUS_PROXY_STATE;
        forged[at + 1] = (uint8_t)len;
        for (size_t k = 2; k < len; k++)
            forged[at + k] = (uint8_t)random();
        memcpy(forged + at + len, good.at + at, good.len - at);
        forged[2] = (uint8_t)((good.len + len) >> 8);
        forged[3] = (uint8_t)(good.len + len);
        assert_int_equal(lk_radius_nas_received(&nas, &config,
                                                lk_span_of(forged, good.len + len), &outcome),
                         LK_E_MAC);
    }
    for (size_t at = 0; at < good.len; at++) {
        octets[at] ^= 4;
        assert_int_not_equal(lk_radius_nas_received(&nas, &config, good, &outcome), LK_OK);
        octets[at] ^= 4;
    }
    for (size_t len = 0; len < good.len; len++)
        assert_int_not_equal(lk_radius_nas_received(&nas, &config, lk_span_of(octets, len),
                                                    &outcome), LK_OK);
    assert_int_equal(lk_radius_nas_received(&nas, &config, good, &outcome), LK_OK);
    assert_int_equal(lk_radius_nas_received(&nas, &config, good, &outcome), LK_E_UNEXPECTED);
}

/* spec: RFC 2865 4 - which codes answer which. */
static void only_fitting_codes_answer(void **state)
{
    uint8_t octets[1024];

    for (unsigned code = 0; code < 256; code++) {
        bool fits = code == LK_RADIUS_ACCESS_ACCEPT || code == LK_RADIUS_ACCESS_REJECT ||
                    code == LK_RADIUS_ACCESS_CHALLENGE;

        lk_radius_nas_reset(&nas);
        send_eap();
        assert_int_equal(lk_radius_nas_received(
                             &nas, &config, answer(octets, (enum lk_radius_code)code, true),
                             &outcome), fits ? LK_OK : LK_E_UNEXPECTED);
    }
}

static void accounting_is_answered_with_or_without_message_authenticator(void **state)
{
    const struct lk_radius_usage usage = { .kind = 1, .session = "S1" };
    uint8_t octets[1024];

    for (unsigned with = 0; with < 2; with++) {
        lk_outbox_empty(&out);
        assert_int_equal(lk_radius_nas_send_usage(&nas, &config, &usage, 0, &out), LK_OK);
        assert_int_equal(lk_radius_nas_received(
                             &nas, &config,
                             answer(octets, LK_RADIUS_ACCOUNTING_RESPONSE, with == 1), &outcome),
                         LK_OK);
    }
}

/* spec: RFC 5080 2.2.1 - the same octets again, at growing distance, and then no more. */
static void no_answer_is_asked_again_and_given_up(void **state)
{
    uint8_t first[LK_RADIUS_REQUEST_MAX];
    uint64_t now = 1000, at, wait = 1000;
    size_t len;

    send_eap();
    len = sent().len;
    memcpy(first, sent().at, len);
    for (unsigned i = 1; i < config.tries; i++) {
        at = lk_outbox_find(&out, LK_OUT_TIMER)->timer.at_ms;
        assert_true(at - now >= wait * 9 / 10 && at - now <= wait * 11 / 10);
        wait = 2 * (at - now);
        now = at;
        lk_outbox_empty(&out);
        assert_int_equal(lk_radius_nas_expired(&nas, &config, nas.identifier + 1, now, entropy,
                                               &out), LK_E_UNEXPECTED);
        assert_int_equal(lk_radius_nas_expired(&nas, &config, nas.identifier, now, entropy, &out),
                         LK_OK);
        assert_true(lk_span_equal(sent(), lk_span_of(first, len)));
    }
    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_expired(&nas, &config, nas.identifier, now, entropy, &out),
                     LK_OK);
    assert_null(lk_outbox_find(&out, LK_OUT_SEND));
    assert_int_equal(lk_outbox_find(&out, LK_OUT_FAILED)->failed.reason,
                     LK_REASON_RADIUS_NO_ANSWER);
    assert_int_equal(nas.state, LK_RADIUS_NAS_IDLE);
    assert_int_equal(lk_radius_nas_expired(&nas, &config, nas.identifier, now, entropy, &out),
                     LK_E_UNEXPECTED);
}

/* Answers came, and none verified: that is what is told. */
static void wrong_answers_are_the_reason_when_it_gives_up(void **state)
{
    uint8_t octets[1024];

    config.tries = 1;
    send_eap();
    (void)answer(octets, LK_RADIUS_ACCESS_ACCEPT, true);
    octets[4] ^= 1;
    assert_int_equal(lk_radius_nas_received(&nas, &config, lk_span_of(octets, sizeof octets),
                                            &outcome), LK_E_MAC);
    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_expired(&nas, &config, nas.identifier, 0, entropy, &out),
                     LK_OK);
    assert_int_equal(lk_outbox_find(&out, LK_OUT_FAILED)->failed.reason,
                     LK_REASON_RADIUS_RESPONSE_WRONG);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const uint8_t eap[LK_RADIUS_REQUEST_MAX];

    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_send_eap(&nas, &config, LK_SPAN(eap), 0, entropy, &out),
                     LK_E_FULL);
    assert_int_equal(out.count, 0);
    assert_int_equal(nas.state, LK_RADIUS_NAS_IDLE);
    send_eap();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_are_what_a_server_takes, set_up),
        cmocka_unit_test_setup(answers_are_taken_apart, set_up),
        cmocka_unit_test_setup(answers_without_message_authenticator_are_dropped, set_up),
        cmocka_unit_test_setup(altered_answers_are_dropped, set_up),
        cmocka_unit_test_setup(only_fitting_codes_answer, set_up),
        cmocka_unit_test_setup(accounting_is_answered_with_or_without_message_authenticator,
                               set_up),
        cmocka_unit_test_setup(no_answer_is_asked_again_and_given_up, set_up),
        cmocka_unit_test_setup(wrong_answers_are_the_reason_when_it_gives_up, set_up),
        cmocka_unit_test_setup(what_does_not_fit_is_refused, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
