/* proto/radius/dynamic and ask: which Disconnect- and CoA-Requests are taken and what they name,
 * that a repeat is answered the same, and that who asks takes no other answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/ask.h"

enum { NOW_S = 1780000000, SEEN = 8 };
static const uint64_t now_ms = (uint64_t)NOW_S * 1000;
static const uint8_t zeroes[16];
static const uint8_t entropy[2] = { 7, 7 };

struct rig {
    struct lk_radius_secret secret;
    struct lk_radius_dynamic_config config;
    struct lk_radius_dynamic_seen seen[SEEN];
    struct lk_radius_dynamic_server server;
    struct lk_radius_ask ask;
    struct lk_radius_dynamic_request request;
    enum lk_reason reason;
    uint8_t answer[LK_RADIUS_DYNAMIC_ANSWER_MAX];
};

static struct rig *rig_new(void)
{
    static const uint8_t own[] = { 192, 0, 2, 7 };
    static struct rig rig;

    memset(&rig, 0, sizeof rig);
    assert_int_equal(lk_radius_secret_set(&rig.secret, lk_span_text("testing123")), LK_OK);
    rig.config.address = lk_address_v4(own);
    memcpy(rig.config.identifier, "twap-1", 7);
    lk_radius_dynamic_server_in(&rig.server, rig.seen, SEEN);
    return &rig;
}

static struct lk_radius_ask_config asking(const struct rig *rig)
{
    return (struct lk_radius_ask_config){ .secret = &rig->secret, .retry_ms = 1000, .tries = 3 };
}

struct attribute {
    uint8_t type;
    const char *text;
    size_t len; /* 0: as long as the text */
};

/* Builds with our own client; up to four attributes. */
static struct lk_span ask(struct rig *rig, enum lk_radius_code code, uint8_t identifier,
                          const struct attribute *attribute)
{
    struct lk_radius_ask_config config = asking(rig);
    struct lk_writer w = lk_radius_ask_begin(&rig->ask, code, identifier, now_ms);

    for (size_t i = 0; i < 4 && attribute[i].text != NULL; i++)
        lk_radius_put(&w, attribute[i].type,
                      lk_span_of(attribute[i].text, attribute[i].len != 0
                                                        ? attribute[i].len
                                                        : strlen(attribute[i].text)));
    assert_int_equal(lk_radius_ask_end(&rig->ask, &config, &w, now_ms), LK_OK);
    return lk_span_of(rig->ask.octets, rig->ask.len);
}

static struct lk_span ask_mac(struct rig *rig, uint8_t identifier)
{
    static const struct attribute mac[4] = { { LK_RADIUS_CALLING_STATION_ID,
                                               "02-00-00-00-00-0a", 0 } };

    return ask(rig, LK_RADIUS_DISCONNECT_REQUEST, identifier, mac);
}

static enum lk_radius_dynamic_verdict open_at(struct rig *rig, struct lk_span datagram,
                                              uint64_t at_ms)
{
    return lk_radius_dynamic_open(&rig->request, &rig->reason, &rig->server, &rig->config,
                                  &rig->secret, datagram, at_ms);
}

static struct lk_span answer(struct rig *rig)
{
    struct lk_writer w = lk_writer_of(rig->answer, sizeof rig->answer);

    assert_int_equal(lk_radius_dynamic_answer(&w, &rig->request, &rig->secret), LK_OK);
    return lk_writer_span(&w);
}

/* Signs again what a test has altered. */
static void sign(struct rig *rig, uint8_t *octets, size_t len, bool with_mac)
{
    uint8_t value[16];
    enum { MAC_AT = LK_RADIUS_HEADER_LEN + 2 };

    if (with_mac) {
        lk_radius_mac(value, lk_span_of(octets, len), MAC_AT, &rig->secret, zeroes);
        memcpy(octets + MAC_AT, value, sizeof value);
    }
    lk_radius_authenticator(value, lk_span_of(octets, len), &rig->secret, zeroes);
    memcpy(octets + LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
}

static void our_client_and_our_server_understand_each_other(void **state)
{
    static const enum lk_radius_code codes[] = { LK_RADIUS_DISCONNECT_REQUEST,
                                                 LK_RADIUS_COA_REQUEST };
    static const struct attribute what[4] = {
        { LK_RADIUS_CALLING_STATION_ID, "02:00:00:00:00:0A", 0 },
        { LK_RADIUS_ACCT_SESSION_ID, "s-1", 0 },
        { LK_RADIUS_PROXY_STATE, "hop", 0 },
    };
    static const uint8_t mac[] = { 2, 0, 0, 0, 0, 10 };

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++)
        for (int nak = 0; nak < 2; nak++) {
            struct rig *rig = rig_new();
            struct lk_radius_ask_config config = asking(rig);
            struct lk_radius_ask_outcome outcome;
            struct lk_radius_packet packet;
            struct lk_span value;

            rig->config.coa = true;
            assert_int_equal(open_at(rig, ask(rig, codes[i], 5, what), now_ms),
                             LK_RADIUS_DYNAMIC_NEW);
            assert_memory_equal(rig->request.mac, mac, sizeof mac);
            lk_radius_dynamic_decide(&rig->server, &rig->request,
                                     nak ? LK_RADIUS_CAUSE_NO_SESSION : LK_RADIUS_CAUSE_NONE);
            assert_int_equal(lk_radius_decode(&packet, answer(rig)), LK_OK);
            /* A01: Message-Authenticator stands first in both directions. */
            assert_int_equal(packet.attributes.at[0], LK_RADIUS_MESSAGE_AUTHENTICATOR);
            assert_int_equal(rig->ask.octets[LK_RADIUS_HEADER_LEN],
                             LK_RADIUS_MESSAGE_AUTHENTICATOR);
            assert_int_equal(packet.code, codes[i] + 1 + nak);
            assert_true(lk_radius_find(&packet, LK_RADIUS_PROXY_STATE, &value));
            assert_true(lk_span_equal(value, lk_span_text("hop")));
            assert_int_equal(lk_radius_ask_received(&rig->ask, &config, packet.whole, &outcome),
                             LK_OK);
            assert_int_equal(outcome.ack, !nak);
            assert_int_equal(outcome.has_cause, nak);
            assert_int_equal(outcome.cause, nak ? LK_RADIUS_CAUSE_NO_SESSION : 0);
            /* And a second answer is none. */
            assert_int_equal(lk_radius_ask_received(&rig->ask, &config, packet.whole, &outcome),
                             LK_E_UNEXPECTED);
        }
}

/* A01: without Message-Authenticator no Disconnect- or CoA-Request is taken, though its Request
 * Authenticator be right; nor with a wrong one.
 * spec: RFC 5176 2.3 - Request Authenticator and Message-Authenticator over a header of zeroes. */
static void a_request_without_or_with_a_wrong_authenticator_is_dropped(void **state)
{
    static const enum lk_radius_code codes[] = { LK_RADIUS_DISCONNECT_REQUEST,
                                                 LK_RADIUS_COA_REQUEST };
    static const struct attribute mac[4] = { { LK_RADIUS_CALLING_STATION_ID,
                                               "02-00-00-00-00-0a", 0 } };
    uint8_t octets[LK_RADIUS_ASK_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        struct rig *rig = rig_new();
        struct lk_span datagram = ask(rig, codes[i], 1, mac);
        size_t len = datagram.len - 18;

        rig->config.coa = true;
        memcpy(octets, datagram.at, LK_RADIUS_HEADER_LEN);
        memcpy(octets + LK_RADIUS_HEADER_LEN, datagram.at + LK_RADIUS_HEADER_LEN + 18,
               len - LK_RADIUS_HEADER_LEN);
        octets[3] = (uint8_t)len;
        sign(rig, octets, len, false);
        assert_int_equal(open_at(rig, lk_span_of(octets, len), now_ms), LK_RADIUS_DYNAMIC_DROP);
        assert_int_equal(rig->reason, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR);

        memcpy(octets, datagram.at, datagram.len);
        octets[LK_RADIUS_HEADER_LEN + 2] ^= 1;
        sign(rig, octets, datagram.len, false);
        assert_int_equal(open_at(rig, lk_span_of(octets, datagram.len), now_ms),
                         LK_RADIUS_DYNAMIC_DROP);
        assert_int_equal(rig->reason, LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG);

        for (size_t at = 0; at < datagram.len; at++) {
            memcpy(octets, datagram.at, datagram.len);
            octets[at] ^= 1;
            assert_int_equal(open_at(rig, lk_span_of(octets, datagram.len), now_ms),
                             LK_RADIUS_DYNAMIC_DROP);
        }
        assert_int_equal(rig->server.count, 0);
    }
}

static void every_truncation_is_dropped(void **state)
{
    struct rig *rig = rig_new();
    struct lk_span datagram = ask_mac(rig, 1);

    for (size_t len = 0; len < datagram.len; len++)
        assert_int_equal(open_at(rig, lk_span_of(datagram.at, len), now_ms),
                         LK_RADIUS_DYNAMIC_DROP);
    assert_int_equal(open_at(rig, datagram, now_ms), LK_RADIUS_DYNAMIC_NEW);
}

/* spec: RFC 5176 6.3 - Event-Timestamp within the window, or silence. */
static void a_stale_timestamp_is_dropped(void **state)
{
    struct rig *rig = rig_new();
    struct lk_span datagram = ask_mac(rig, 1);
    static const struct {
        int64_t off_ms;
        enum lk_radius_dynamic_verdict verdict;
    } table[] = {
        { 0, LK_RADIUS_DYNAMIC_NEW },
        { 300 * 1000, LK_RADIUS_DYNAMIC_NEW },
        { 301 * 1000, LK_RADIUS_DYNAMIC_DROP },
        { -300 * 1000, LK_RADIUS_DYNAMIC_NEW },
        { -301 * 1000, LK_RADIUS_DYNAMIC_DROP },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        uint64_t at_ms = (uint64_t)((int64_t)now_ms + table[i].off_ms);

        assert_int_equal(open_at(rig, datagram, at_ms), table[i].verdict);
        assert_int_equal(rig->reason, table[i].verdict == LK_RADIUS_DYNAMIC_DROP
                                          ? LK_REASON_RADIUS_TIMESTAMP
                                          : LK_REASON_NONE);
    }
}

/* Invariant 11: a request that comes again gets the same octets and is not new, from wherever it
 * comes, for as long as its timestamp would let it pass. */
static void a_repeat_is_answered_the_same_and_does_nothing(void **state)
{
    struct rig *rig = rig_new();
    uint8_t first[LK_RADIUS_DYNAMIC_ANSWER_MAX];
    struct lk_span datagram = ask_mac(rig, 1), given;

    assert_int_equal(open_at(rig, datagram, now_ms - 300 * 1000), LK_RADIUS_DYNAMIC_NEW);
    lk_radius_dynamic_decide(&rig->server, &rig->request, LK_RADIUS_CAUSE_NOT_REMOVABLE);
    given = answer(rig);
    memcpy(first, given.at, given.len);
    for (int64_t off_s = -300; off_s <= 300; off_s += 50) {
        assert_int_equal(open_at(rig, datagram, (uint64_t)((int64_t)now_ms + off_s * 1000)),
                         LK_RADIUS_DYNAMIC_REPEAT);
        assert_true(lk_span_equal(answer(rig), lk_span_of(first, given.len)));
    }
    assert_int_equal(open_at(rig, datagram, now_ms + 301 * 1000), LK_RADIUS_DYNAMIC_DROP);
}

/* Nothing that is still needed gives way to what is new. */
static void a_full_table_refuses_instead_of_forgetting(void **state)
{
    struct rig *rig = rig_new();

    for (uint8_t i = 0; i < SEEN; i++) {
        assert_int_equal(open_at(rig, ask_mac(rig, i), now_ms), LK_RADIUS_DYNAMIC_NEW);
        lk_radius_dynamic_decide(&rig->server, &rig->request, LK_RADIUS_CAUSE_NONE);
    }
    assert_int_equal(open_at(rig, ask_mac(rig, SEEN), now_ms), LK_RADIUS_DYNAMIC_REFUSED);
    assert_int_equal(rig->request.cause, LK_RADIUS_CAUSE_RESOURCES);
    for (uint8_t i = 0; i < SEEN; i++)
        assert_int_equal(open_at(rig, ask_mac(rig, i), now_ms), LK_RADIUS_DYNAMIC_REPEAT);
}

/* spec: RFC 5176 3.5 - each way to be refused has its Error-Cause.
 * spec: RFC 5176 2.1 - attributes that identify nothing are refused.
 * spec: RFC 5176 3 - a session must be named. */
static void what_may_not_be_asked_is_refused_with_its_cause(void **state)
{
    static const struct {
        struct attribute attribute[4];
        enum lk_radius_error_cause cause;
    } table[] = {
        { { { LK_RADIUS_USER_NAME, "u", 0 } }, LK_RADIUS_CAUSE_NONE },
        { { { LK_RADIUS_ACCT_SESSION_ID, "s", 0 } }, LK_RADIUS_CAUSE_NONE },
        { { { LK_RADIUS_CLASS, "c", 0 } }, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE },
        { { { LK_RADIUS_NAS_IDENTIFIER, "twap-1", 0 } }, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_NAS_IDENTIFIER, "twap-1", 0 } },
          LK_RADIUS_CAUSE_NONE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_NAS_IDENTIFIER, "twap-2", 0 } },
          LK_RADIUS_CAUSE_NAS_MISMATCH },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_NAS_IP_ADDRESS, "\300\0\2\7", 4 } },
          LK_RADIUS_CAUSE_NONE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_NAS_IP_ADDRESS, "\300\0\2\10", 4 } },
          LK_RADIUS_CAUSE_NAS_MISMATCH },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_NAS_IP_ADDRESS, "\300\0\2", 3 } },
          LK_RADIUS_CAUSE_INVALID_VALUE },
        { { { LK_RADIUS_USER_NAME, "u", 0 },
            { LK_RADIUS_NAS_IPV6_ADDRESS, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16 } },
          LK_RADIUS_CAUSE_NAS_MISMATCH },
        { { { LK_RADIUS_CALLING_STATION_ID, "the kitchen", 0 } }, LK_RADIUS_CAUSE_INVALID_VALUE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_USER_NAME, "u", 0 } },
          LK_RADIUS_CAUSE_INVALID_REQUEST },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_SERVICE_TYPE, "\0\0\0\21", 4 } },
          LK_RADIUS_CAUSE_UNSUPPORTED_SERVICE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_STATE, "x", 0 } },
          LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE },
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_FRAMED_IP_ADDRESS, "\12\0\0\1", 4 } },
          LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE },
        /* spec: RFC 5176 3.6 - Session-Timeout is of a CoA-Request alone. */
        { { { LK_RADIUS_USER_NAME, "u", 0 }, { LK_RADIUS_SESSION_TIMEOUT, "\0\0\0\1", 4 } },
          LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct rig *rig = rig_new();

        assert_int_equal(open_at(rig, ask(rig, LK_RADIUS_DISCONNECT_REQUEST, 1,
                                          table[i].attribute), now_ms),
                         table[i].cause == LK_RADIUS_CAUSE_NONE ? LK_RADIUS_DYNAMIC_NEW
                                                                : LK_RADIUS_DYNAMIC_REFUSED);
        assert_int_equal(rig->request.cause, table[i].cause);
        /* The same as CoA where that is not served. */
        assert_int_equal(open_at(rig, ask(rig, LK_RADIUS_COA_REQUEST, 1, table[i].attribute),
                                 now_ms), LK_RADIUS_DYNAMIC_REFUSED);
        assert_int_equal(rig->request.cause, LK_RADIUS_CAUSE_UNSUPPORTED_EXTENSION);
    }
}

static void without_a_timestamp_only_a_leg_that_is_fresh_by_itself(void **state)
{
    struct rig *rig = rig_new();
    struct lk_span datagram = ask_mac(rig, 1);
    enum { STAMP_AT = LK_RADIUS_HEADER_LEN + 18 };

    rig->ask.octets[STAMP_AT] = LK_RADIUS_CLASS; /* now a Class of four octets */
    sign(rig, rig->ask.octets, rig->ask.len, true);
    assert_int_equal(open_at(rig, datagram, now_ms), LK_RADIUS_DYNAMIC_REFUSED);
    assert_int_equal(rig->request.cause, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE);
    rig->config.fresh_leg = true;
    assert_int_equal(open_at(rig, datagram, now_ms), LK_RADIUS_DYNAMIC_NEW);
}

/* spec: RFC 5176 3 - all that the request says of the session must be this session's. */
static void a_session_is_named_by_all_its_attributes(void **state)
{
    static const uint8_t own_mac[] = { 2, 0, 0, 0, 0, 10 }, other_mac[] = { 2, 0, 0, 0, 0, 11 };
    static const uint8_t ap[] = { 198, 51, 100, 1 };
    static const struct attribute all[4] = {
        { LK_RADIUS_CALLING_STATION_ID, "02000000000a", 0 },
        { LK_RADIUS_ACCT_SESSION_ID, "s-1", 0 },
        { LK_RADIUS_USER_NAME, "001010123456063", 0 },
        { LK_RADIUS_NAS_IP_ADDRESS, "\306\63\144\1", 4 },
    };
    struct lk_radius_dynamic_session session = {
        .imsi = lk_span_text("001010123456063"), .acct_session = lk_span_text("s-1"),
        .mac = own_mac, .nas_address = lk_address_v4(ap),
    };
    struct lk_radius_dynamic_session changed;
    struct rig *rig = rig_new();

    rig->config.many_nas = true;
    assert_int_equal(open_at(rig, ask(rig, LK_RADIUS_DISCONNECT_REQUEST, 1, all), now_ms),
                     LK_RADIUS_DYNAMIC_NEW);
    assert_true(lk_radius_dynamic_names(&rig->request, &rig->config, &session));
    changed = session;
    changed.mac = other_mac;
    assert_false(lk_radius_dynamic_names(&rig->request, &rig->config, &changed));
    changed = session;
    changed.acct_session = lk_span_text("s-2");
    assert_false(lk_radius_dynamic_names(&rig->request, &rig->config, &changed));
    changed = session;
    changed.imsi = lk_span_text("001010123456064");
    assert_false(lk_radius_dynamic_names(&rig->request, &rig->config, &changed));
    changed.user = lk_span_text("001010123456063");
    assert_true(lk_radius_dynamic_names(&rig->request, &rig->config, &changed));
    changed = session;
    changed.nas_address = lk_address_v4(own_mac);
    assert_false(lk_radius_dynamic_names(&rig->request, &rig->config, &changed));

    assert_int_equal(lk_radius_dynamic_found(0), LK_RADIUS_CAUSE_NO_SESSION);
    assert_int_equal(lk_radius_dynamic_found(1), LK_RADIUS_CAUSE_NONE);
    assert_int_equal(lk_radius_dynamic_found(2), LK_RADIUS_CAUSE_MANY_SESSIONS);
}

/* spec: RFC 5176 2.3 - who asks repeats the same octets, and gives up. */
static void a_request_is_sent_again_unchanged_until_its_tries_are_over(void **state)
{
    struct rig *rig = rig_new();
    struct lk_radius_ask_config config = asking(rig);
    struct lk_span datagram = ask_mac(rig, 9);
    uint8_t first[LK_RADIUS_ASK_MAX];

    memcpy(first, datagram.at, datagram.len);
    assert_int_equal(lk_radius_ask_due(&rig->ask, &config, now_ms + 999, entropy),
                     LK_RADIUS_ASK_NOTHING);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lk_radius_ask_due(&rig->ask, &config, rig->ask.due_ms, entropy),
                         LK_RADIUS_ASK_AGAIN);
        assert_true(lk_span_equal(lk_span_of(first, datagram.len),
                                  lk_span_of(rig->ask.octets, rig->ask.len)));
    }
    assert_int_equal(lk_radius_ask_due(&rig->ask, &config, rig->ask.due_ms, entropy),
                     LK_RADIUS_ASK_GIVE_UP);
    assert_int_equal(lk_radius_ask_due(&rig->ask, &config, rig->ask.due_ms + 99999, entropy),
                     LK_RADIUS_ASK_NOTHING);
}

/* A01: an answer to a Disconnect-Request that carries no Message-Authenticator, or that was altered
 * anywhere, is not taken, and the right one still is. */
static void only_the_right_answer_is_taken(void **state)
{
    struct rig *rig = rig_new();
    struct lk_radius_ask_config config = asking(rig);
    struct lk_radius_ask_outcome outcome;
    struct lk_span right;
    uint8_t octets[LK_RADIUS_DYNAMIC_ANSWER_MAX], value[16];

    assert_int_equal(open_at(rig, ask_mac(rig, 1), now_ms), LK_RADIUS_DYNAMIC_NEW);
    lk_radius_dynamic_decide(&rig->server, &rig->request, LK_RADIUS_CAUSE_NO_SESSION);
    right = answer(rig);
    for (size_t at = 0; at < right.len; at++) {
        memcpy(octets, right.at, right.len);
        octets[at] ^= 1;
        assert_int_not_equal(lk_radius_ask_received(&rig->ask, &config,
                                                    lk_span_of(octets, right.len), &outcome),
                             LK_OK);
        assert_int_not_equal(lk_radius_ask_received(&rig->ask, &config, lk_span_of(right.at, at),
                                                    &outcome), LK_OK);
    }
    /* Signed by who has the secret, and for another request of the same authenticator. */
    memcpy(octets, right.at, right.len);
    octets[1]++;
    lk_radius_mac(value, lk_span_of(octets, right.len), LK_RADIUS_HEADER_LEN + 2, &rig->secret,
                  rig->ask.octets + LK_RADIUS_AUTHENTICATOR_AT);
    memcpy(octets + LK_RADIUS_HEADER_LEN + 2, value, sizeof value);
    lk_radius_authenticator(octets + LK_RADIUS_AUTHENTICATOR_AT, lk_span_of(octets, right.len),
                            &rig->secret, rig->ask.octets + LK_RADIUS_AUTHENTICATOR_AT);
    assert_int_equal(lk_radius_ask_received(&rig->ask, &config, lk_span_of(octets, right.len),
                                            &outcome), LK_E_UNEXPECTED);
    /* Stripped, with a Response Authenticator that is right. */
    memcpy(octets, right.at, LK_RADIUS_HEADER_LEN);
    octets[3] = LK_RADIUS_HEADER_LEN;
    lk_radius_authenticator(octets + LK_RADIUS_AUTHENTICATOR_AT,
                            lk_span_of(octets, LK_RADIUS_HEADER_LEN), &rig->secret,
                            rig->ask.octets + LK_RADIUS_AUTHENTICATOR_AT);
    assert_int_equal(lk_radius_ask_received(&rig->ask, &config,
                                            lk_span_of(octets, LK_RADIUS_HEADER_LEN), &outcome),
                     LK_E_MISSING);
    assert_int_equal(lk_radius_ask_received(&rig->ask, &config, right, &outcome), LK_OK);
    assert_int_equal(outcome.cause, LK_RADIUS_CAUSE_NO_SESSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_client_and_our_server_understand_each_other),
        cmocka_unit_test(a_request_without_or_with_a_wrong_authenticator_is_dropped),
        cmocka_unit_test(every_truncation_is_dropped),
        cmocka_unit_test(a_stale_timestamp_is_dropped),
        cmocka_unit_test(a_repeat_is_answered_the_same_and_does_nothing),
        cmocka_unit_test(a_full_table_refuses_instead_of_forgetting),
        cmocka_unit_test(what_may_not_be_asked_is_refused_with_its_cause),
        cmocka_unit_test(without_a_timestamp_only_a_leg_that_is_fresh_by_itself),
        cmocka_unit_test(a_session_is_named_by_all_its_attributes),
        cmocka_unit_test(a_request_is_sent_again_unchanged_until_its_tries_are_over),
        cmocka_unit_test(only_the_right_answer_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
