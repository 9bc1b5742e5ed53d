/* proto/radius/server: which requests are taken, and what every answer looks like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/server.h"

static struct lk_radius_client the_client;
static const uint8_t zeroes[16];
static const uint8_t authenticator[16] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };

static int set_up(void **state)
{
    assert_int_equal(lk_address_prefix_parse(&the_client.prefix, "127.0.0.0/8"), LK_OK);
    return lk_radius_secret_set(&the_client.secret, lk_span_text("testing123")) == LK_OK ? 0 : -1;
}

/* A request under construction. */
struct draft {
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_writer w;
    size_t mac_at; /* 0: without */
};

static void begin(struct draft *d, enum lk_radius_code code, bool with_mac)
{
    d->w = lk_writer_of(d->octets, sizeof d->octets);
    lk_radius_begin(&d->w, code, 5);
    lk_patch_octets(&d->w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, 16);
    d->mac_at = with_mac ? lk_radius_put_hole(&d->w, LK_RADIUS_MESSAGE_AUTHENTICATOR, 16) : 0;
}

static struct lk_span sign(struct draft *d)
{
    bool accounting = d->octets[0] == LK_RADIUS_ACCOUNTING_REQUEST;
    uint8_t value[16];

    assert_int_equal(lk_radius_end(&d->w), LK_OK);
    if (d->mac_at != 0) {
        lk_radius_mac(value, lk_writer_span(&d->w), d->mac_at, &the_client.secret,
                      accounting ? zeroes : authenticator);
        lk_patch_octets(&d->w, d->mac_at, value, sizeof value);
    }
    if (accounting) {
        lk_radius_authenticator(value, lk_writer_span(&d->w), &the_client.secret, zeroes);
        lk_patch_octets(&d->w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    return lk_writer_span(&d->w);
}

static enum lk_reason judge(enum lk_radius_port port, struct lk_span datagram)
{
    struct lk_radius_request request;
    enum lk_reason reason;
    enum lk_status status = lk_radius_request_open(&request, &reason, &the_client, port, datagram);

    assert_true((status == LK_OK) == (reason == LK_REASON_NONE));
    return reason;
}

/* A01: without Message-Authenticator no Access-Request and no Status-Server is taken; accounting
 * goes by its own authenticator, and a Message-Authenticator that is there must be right.
 * spec: RFC 3579 3.2 - what does not verify is silently discarded. */
static void message_authenticator_is_required_and_verified(void **state)
{
    static const struct {
        enum lk_radius_code code;
        enum lk_radius_port port;
        enum lk_reason stripped, altered;
    } table[] = {
        { LK_RADIUS_ACCESS_REQUEST, LK_RADIUS_AUTH_PORT, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR,
          LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG },
        { LK_RADIUS_STATUS_SERVER, LK_RADIUS_AUTH_PORT, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR,
          LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG },
        { LK_RADIUS_STATUS_SERVER, LK_RADIUS_ACCT_PORT, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR,
          LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG },
        { LK_RADIUS_ACCOUNTING_REQUEST, LK_RADIUS_ACCT_PORT, LK_REASON_NONE,
          LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct draft d;

        begin(&d, table[i].code, false);
        lk_radius_put(&d.w, LK_RADIUS_USER_NAME, lk_span_text("u"));
        assert_int_equal(judge(table[i].port, sign(&d)), table[i].stripped);
        begin(&d, table[i].code, true);
        lk_radius_put(&d.w, LK_RADIUS_USER_NAME, lk_span_text("u"));
        assert_int_equal(judge(table[i].port, sign(&d)), LK_REASON_NONE);
        for (size_t at = 0; at < 16; at++) {
            d.octets[d.mac_at + at] ^= 1;
            assert_int_equal(judge(table[i].port, lk_writer_span(&d.w)), table[i].altered);
            d.octets[d.mac_at + at] ^= 1;
        }
    }
}

/* Accounting whose Request Authenticator is right and whose Message-Authenticator is not. */
static void accounting_with_a_wrong_message_authenticator_is_dropped(void **state)
{
    struct draft d;

    begin(&d, LK_RADIUS_ACCOUNTING_REQUEST, true);
    d.mac_at = 0; /* left as zeroes */
    assert_int_equal(judge(LK_RADIUS_ACCT_PORT, sign(&d)),
                     LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG);
}

/* A01: 1,000 Proxy-State of random size and place put into a signed request: none is taken. */
static void inserted_proxy_states_have_no_effect(void **state)
{
    struct draft d;
    struct lk_span good;

    srandom(1);
    begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
    lk_radius_put(&d.w, LK_RADIUS_USER_NAME, lk_span_text("u"));
    lk_radius_put_eap(&d.w, lk_span_text("eap packet"));
    lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, lk_span_text("honest"));
    good = sign(&d);
    assert_int_equal(judge(LK_RADIUS_AUTH_PORT, good), LK_REASON_NONE);
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t forged[1024], state_value[2 + 253];
        size_t cuts[8] = { 20, 38, 41, 53, 61 }; /* between attributes */
        size_t at = cuts[(size_t)random() % 5], len = 2 + (size_t)random() % 254;

        state_value[0] = LK_RADIUS_PROXY_STATE;
        state_value[1] = (uint8_t)len;
        for (size_t k = 2; k < len; k++)
            state_value[k] = (uint8_t)random();
        memcpy(forged, good.at, at);
        memcpy(forged + at, state_value, len);
        memcpy(forged + at + len, good.at + at, good.len - at);
        forged[2] = (uint8_t)((good.len + len) >> 8);
        forged[3] = (uint8_t)(good.len + len);
        assert_int_equal(judge(LK_RADIUS_AUTH_PORT, lk_span_of(forged, good.len + len)),
                         LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG);
    }
}

/* spec: RFC 2865 5.33 - echoed unmodified and in order, up to our bound. */
static void proxy_states_come_back_in_order(void **state)
{
    static const uint8_t filler[253];
    struct lk_radius_request request;
    uint8_t copied[LK_RADIUS_PROXY_STATES_MAX];
    enum lk_reason reason;
    struct draft d;

    begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
    lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, lk_span_text("one"));
    lk_radius_put(&d.w, LK_RADIUS_USER_NAME, lk_span_text("u"));
    lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, lk_span_text(""));
    lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, lk_span_text("three"));
    assert_int_equal(lk_radius_request_open(&request, &reason, &the_client, LK_RADIUS_AUTH_PORT,
                                            sign(&d)), LK_OK);
    assert_int_equal(request.proxy_states_len, 5 + 2 + 7);
    lk_radius_proxy_states(copied, &request);
    assert_memory_equal(copied, "\x21\x05one\x21\x02\x21\x07three", 14);

    for (size_t over = 0; over < 2; over++) {
        begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
        lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, LK_SPAN(filler));
        lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, LK_SPAN(filler));
        lk_radius_put(&d.w, LK_RADIUS_PROXY_STATE, lk_span_of(filler, over));
        assert_int_equal(judge(LK_RADIUS_AUTH_PORT, sign(&d)),
                         over ? LK_REASON_RADIUS_PROXY_STATES : LK_REASON_NONE);
    }
}

/* spec: RFC 5997 3 - Status-Server on both ports; every other code has one port, or none. */
static void each_port_serves_its_codes(void **state)
{
    for (unsigned code = 0; code < 256; code++)
        for (unsigned port = 0; port < 2; port++) {
            bool served = code == LK_RADIUS_STATUS_SERVER ||
                          code == (port == LK_RADIUS_AUTH_PORT
                                       ? (unsigned)LK_RADIUS_ACCESS_REQUEST
                                       : (unsigned)LK_RADIUS_ACCOUNTING_REQUEST);
            struct draft d;

            begin(&d, (enum lk_radius_code)code, true);
            assert_int_equal(judge((enum lk_radius_port)port, sign(&d)),
                             served ? LK_REASON_NONE : LK_REASON_RADIUS_CODE);
        }
}

/* spec: RFC 2865 5.44 - one State at most. */
static void state_twice_is_malformed(void **state)
{
    struct draft d;

    begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
    lk_radius_put(&d.w, LK_RADIUS_STATE, lk_span_text("a"));
    assert_int_equal(judge(LK_RADIUS_AUTH_PORT, sign(&d)), LK_REASON_NONE);
    begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
    lk_radius_put(&d.w, LK_RADIUS_STATE, lk_span_text("a"));
    lk_radius_put(&d.w, LK_RADIUS_STATE, lk_span_text(""));
    assert_int_equal(judge(LK_RADIUS_AUTH_PORT, sign(&d)), LK_REASON_RADIUS_MALFORMED);
}

/* spec: RFC 7268 2.2 - EAP-Key-Name in a request is one zero octet, or is ignored. */
static void the_key_name_is_asked_for_with_one_zero_octet(void **state)
{
    static const struct {
        const char *value;
        size_t len;
        bool asked;
    } table[] = { { "", 1, true }, { "", 0, false }, { "x", 1, false }, { "\0\0", 2, false } };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct lk_radius_request request;
        enum lk_reason reason;
        struct draft d;

        begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
        lk_radius_put(&d.w, LK_RADIUS_EAP_KEY_NAME, lk_span_of(table[i].value, table[i].len));
        assert_int_equal(lk_radius_request_open(&request, &reason, &the_client,
                                                LK_RADIUS_AUTH_PORT, sign(&d)), LK_OK);
        assert_int_equal(request.wants_key_name, table[i].asked);
    }
}

/* A24: every truncation of a good request, and every attribute taken out, is dropped or taken, and
 * never more. */
static void every_truncation_is_dropped(void **state)
{
    struct draft d;
    struct lk_span good;

    begin(&d, LK_RADIUS_ACCESS_REQUEST, true);
    lk_radius_put(&d.w, LK_RADIUS_USER_NAME, lk_span_text("u"));
    lk_radius_put_eap(&d.w, lk_span_text("eap"));
    good = sign(&d);
    for (size_t len = 0; len < good.len; len++) {
        uint8_t *copy = test_malloc(len + 1);

        memcpy(copy, good.at, len);
        assert_int_equal(judge(LK_RADIUS_AUTH_PORT, lk_span_of(copy, len)),
                         LK_REASON_RADIUS_MALFORMED);
        if (len >= 4) { /* and with a length field that agrees */
            copy[2] = (uint8_t)(len >> 8);
            copy[3] = (uint8_t)len;
            assert_int_not_equal(judge(LK_RADIUS_AUTH_PORT, lk_span_of(copy, len)),
                                 LK_REASON_NONE);
        }
        test_free(copy);
    }
}

/* A01: Message-Authenticator is the first attribute of every answer, and both authenticators hold.
 * spec: RFC 2865 3 - Response Authenticator. */
static void every_answer_is_signed_in_front(void **state)
{
    static const enum lk_radius_code codes[] = {
        LK_RADIUS_ACCESS_ACCEPT, LK_RADIUS_ACCESS_REJECT, LK_RADIUS_ACCESS_CHALLENGE,
        LK_RADIUS_ACCOUNTING_RESPONSE,
    };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(codes); i++) {
        bool accounting = i >= LK_COUNT_OF(codes);
        uint8_t octets[512];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_answer answer = { .code = codes[i % LK_COUNT_OF(codes)],
                                           .request_code = accounting
                                                               ? LK_RADIUS_ACCOUNTING_REQUEST
                                                               : LK_RADIUS_ACCESS_REQUEST,
                                           .identifier = 5,
                                           .authenticator = authenticator,
                                           .secret = &the_client.secret,
                                           .proxy_states = lk_span_text("\x21\x03p") };
        struct lk_radius_packet packet;
        struct lk_radius_attribute first;
        struct lk_reader r;

        lk_radius_answer_begin(&w, &answer);
        lk_radius_put_eap(&w, lk_span_text("eap"));
        assert_int_equal(lk_radius_answer_end(&w, &answer), LK_OK);
        assert_int_equal(lk_radius_decode(&packet, lk_writer_span(&w)), LK_OK);
        r = lk_reader_of(packet.attributes);
        assert_true(lk_radius_next(&r, &first));
        assert_int_equal(first.type, LK_RADIUS_MESSAGE_AUTHENTICATOR);
        assert_int_equal(lk_radius_mac_verify(&packet, &the_client.secret,
                                              accounting ? zeroes : authenticator), LK_OK);
        assert_int_equal(lk_radius_authenticator_verify(&packet, &the_client.secret,
                                                        authenticator), LK_OK);
        assert_memory_equal(octets + w.len - 3, "\x21\x03p", 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_authenticator_is_required_and_verified),
        cmocka_unit_test(accounting_with_a_wrong_message_authenticator_is_dropped),
        cmocka_unit_test(inserted_proxy_states_have_no_effect),
        cmocka_unit_test(proxy_states_come_back_in_order),
        cmocka_unit_test(each_port_serves_its_codes),
        cmocka_unit_test(state_twice_is_malformed),
        cmocka_unit_test(the_key_name_is_asked_for_with_one_zero_octet),
        cmocka_unit_test(every_truncation_is_dropped),
        cmocka_unit_test(every_answer_is_signed_in_front),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
