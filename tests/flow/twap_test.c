/* The TWAP between access points and AAA: how sessions begin, roll over and fail, and that nobody
 * else's word makes them. How they end otherwise is in twap_detach_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twap_rig.h"

static const uint8_t mac_a[] = { 2, 0, 0, 0, 0, 10 };

/* spec: TS 29.273 5.2.3.25 - each request says what this WLAN supports, and where its TWAG is. */
static void an_accept_with_a_key_becomes_a_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(0, "02:00:00:00:00:0a");
    struct lk_wlcp_key key = { { 1, 2, 3 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A, .class_text = "token",
                                        .timeout_s = 3600 };
    const struct lk_twap_output *out;
    struct lk_twan_access access;
    struct lk_radius_packet packet;
    struct lk_span forwarded;

    ask.acct_session = "s-1";
    forwarded = twap_rig_ask(rig, &ask);
    assert_int_equal(lk_radius_decode(&packet, forwarded), LK_OK);
    assert_int_equal(lk_radius_take_access(&access, &packet, RIG_ENTERPRISE), LK_OK);
    assert_int_equal(access.modes, LK_TWAN_MULTI);
    assert_true(access.twag.has_ipv4 && access.twag.ipv4[3] == 9);

    twap_rig_answer_with(rig, forwarded, LK_RADIUS_ACCESS_CHALLENGE);
    assert_int_equal(rig->out.count, 1);
    forwarded = twap_rig_ask(rig, &ask);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    /* T05: the session is told before the access point hears of it. */
    assert_int_equal(rig->out.item[0].kind, LK_TWAP_OUT_SESSION);
    assert_int_equal(rig->out.item[1].kind, LK_TWAP_OUT_AP);
    out = twap_rig_out(rig, LK_TWAP_OUT_SESSION);
    assert_memory_equal(&out->session.key, &key, sizeof key);
    assert_memory_equal(out->session.ue_mac, mac_a, sizeof mac_a);
    assert_string_equal(out->session.imsi.digits, IMSI_A);
    assert_true(out->session.generation == rig->now_ms);
    assert_int_equal(out->session.lifetime_s, 3600 + 300); /* T06: with the grace */
    assert_true(lk_span_equal(lk_span_of(out->session.class_value, out->session.class_len),
                              lk_span_text("token")));
    assert_true(lk_span_equal(lk_span_of(out->session.acct_session, out->session.acct_session_len),
                              lk_span_text("s-1")));
    assert_int_equal(lk_radius_decode(&packet, rig->out.item[1].send.octets), LK_OK);
    assert_int_equal(packet.code, LK_RADIUS_ACCESS_ACCEPT);
}

/* Whether octets hold the key: as it is, in hex of either case, in base64. */
static bool holds(struct lk_span octets, const struct lk_wlcp_key *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[2][64], base64[40];
    struct lk_span needle[4] = { LK_SPAN(key->octets), LK_SPAN(hex[0]), LK_SPAN(hex[1]),
                                 LK_SPAN(base64) };

    for (size_t i = 0; i < 64; i++) {
        unsigned half = key->octets[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;

        hex[0][i] = "0123456789abcdef"[half];
        hex[1][i] = "0123456789ABCDEF"[half];
    }
    for (size_t i = 0; i < 10; i++) {
        uint32_t three = (uint32_t)key->octets[3 * i] << 16 | key->octets[3 * i + 1] << 8 |
                         key->octets[3 * i + 2];

        for (size_t j = 0; j < 4; j++)
            base64[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
    }
    for (size_t n = 0; n < LK_COUNT_OF(needle); n++)
        for (size_t at = 0; at + needle[n].len <= octets.len; at++)
            if (lk_span_equal(needle[n], lk_span_of(octets.at + at, needle[n].len)))
                return true;
    return false;
}

/* T04: over 1,000 attaches what goes to the access point holds no WLCP key and nothing of the
 * enterprise; what does reach it is the MSK, hidden under its own secret. */
static void no_wlcp_key_reaches_an_access_point(void **state)
{
    struct twap_rig *rig = *state;
    struct lk_wlcp_key key;
    struct lk_msk msk, got;
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A, .msk = &msk };

    for (unsigned i = 0; i < 1000; i++) {
        const struct twap_ask ask = twap_rig_access(i % 2, MAC_A);
        struct lk_span forwarded, sent;
        struct lk_radius_packet packet;
        struct lk_radius_attribute attribute;
        struct lk_reader r;

        for (size_t j = 0; j < sizeof key.octets; j++)
            key.octets[j] = (uint8_t)(i * 7 + j * 13 + (i >> 4));
        key.octets[0] = (uint8_t)i; /* none of them twice */
        key.octets[1] = (uint8_t)(i >> 8);
        memset(&msk, (int)i, sizeof msk);
        forwarded = twap_rig_ask(rig, &ask);
        twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
        assert_memory_equal(&twap_rig_out(rig, LK_TWAP_OUT_SESSION)->session.key, &key,
                            sizeof key);
        sent = twap_rig_out(rig, LK_TWAP_OUT_AP)->send.octets;
        assert_true(holds(LK_SPAN(key.octets), &key));
        assert_false(holds(sent, &key));
        assert_int_equal(lk_radius_decode(&packet, sent), LK_OK);
        r = lk_reader_of(packet.attributes);
        while (lk_radius_next(&r, &attribute)) {
            struct lk_radius_vendor vendor;

            if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC &&
                lk_radius_decode_vendor(&vendor, attribute.value) == LK_OK)
                assert_int_equal(vendor.id, LK_RADIUS_MICROSOFT);
        }
        assert_int_equal(lk_radius_open_mppe(&got, &packet, &rig->client[i % 2].secret,
                                             rig->asked + 4), LK_OK);
        assert_memory_equal(&got, &msk, sizeof msk);
        /* And the answer that is kept for a repeat is the same. */
        twap_rig_from_ap(rig, i % 2, LK_RADIUS_AUTH_PORT,
                         lk_span_of(rig->asked, rig->asked_len));
        assert_false(holds(twap_rig_out(rig, LK_TWAP_OUT_AP)->send.octets, &key));
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
    }
}

/* T04: over a leg that is neither protected nor loopback nothing is said that would bring a key,
 * and one that comes all the same is not used. */
static void an_unprotected_leg_carries_no_key(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    struct lk_twan_access access;
    struct lk_radius_packet packet;
    struct lk_span forwarded;

    rig->config.upstream[0].may_carry_keys = false;
    forwarded = twap_rig_ask(rig, &ask);
    assert_int_equal(lk_radius_decode(&packet, forwarded), LK_OK);
    assert_int_equal(lk_radius_take_access(&access, &packet, RIG_ENTERPRISE), LK_OK);
    assert_int_equal(access.modes, 0);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_KEY_IN_CLEAR);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* T06: each authentication brings a new generation, which grows also over a restart.
 * spec: TS 33.402 7.2.3.2.2 - a re-authentication brings a new key; the session goes on. */
static void a_re_authentication_rolls_the_key(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask again;
    uint64_t last = 0;

    for (unsigned i = 0; i < 5; i++) {
        const struct lk_twap_output *out;

        twap_rig_attach(rig, 0, MAC_A, IMSI_A, (uint8_t)i);
        out = twap_rig_out(rig, LK_TWAP_OUT_SESSION);
        assert_int_equal(out->session.key.octets[0], i);
        assert_true(out->session.generation > last);
        last = out->session.generation;
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END));
        assert_int_equal(twap_rig_sessions(rig), 1);
        /* T31: with its own token the anchor believes the gateway; and it lasts anew. */
        assert_int_equal(out->session.class_value[8], '0' + i);
        assert_int_equal(out->session.lifetime_s, 86400 + 300);
        rig->now_ms += UINT64_C(86400) * 1000;
        twap_rig_tick(rig);
        assert_int_equal(twap_rig_sessions(rig), 1);
    }
    again = twap_rig_access(0, MAC_A);
    twap_rig_reject(rig, &again, IMSI_A);
    assert_int_equal(twap_rig_sessions(rig), 0);
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 9);
    assert_true(twap_rig_out(rig, LK_TWAP_OUT_SESSION)->session.generation > last);
    last = twap_rig_out(rig, LK_TWAP_OUT_SESSION)->session.generation;
    twap_rig_restart(rig);
    rig->now_ms += 10;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 10);
    assert_true(twap_rig_out(rig, LK_TWAP_OUT_SESSION)->session.generation > last);
}

static void an_accept_without_a_key_ends_the_session(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_span forwarded;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    forwarded = twap_rig_ask(rig, &ask);
    twap_rig_answer_with(rig, forwarded, LK_RADIUS_ACCESS_ACCEPT);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why, LK_WLAN_END_MODE);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

static void a_key_that_does_not_open_makes_no_session(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    struct lk_span forwarded, datagram;
    struct lk_radius_packet packet;
    struct lk_span value;
    uint8_t signature[16];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    forwarded = twap_rig_ask(rig, &ask);
    datagram = twap_rig_answer(rig, forwarded, &answer);
    assert_int_equal(lk_radius_decode(&packet, datagram), LK_OK);
    assert_true(lk_radius_find_vendor(&packet, RIG_ENTERPRISE, LK_RADIUS_WLCP_KEY, &value));
    rig->answer[value.at - rig->answer + 2] ^= 0x7f; /* its length, hidden */
    lk_radius_mac(signature, datagram, 22, &rig->config.upstream[0].secret, forwarded.at + 4);
    memcpy(rig->answer + 22, signature, sizeof signature);
    lk_radius_authenticator(signature, datagram, &rig->config.upstream[0].secret,
                            forwarded.at + 4);
    memcpy(rig->answer + 4, signature, sizeof signature);
    twap_rig_from_aaa(rig, 0, datagram);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_KEY_UNUSABLE);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why, LK_WLAN_END_MODE);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

static void a_device_without_an_address_gets_no_session(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = { .code = LK_RADIUS_ACCESS_REQUEST, .mac = "the kitchen" };
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    struct lk_span forwarded = twap_rig_ask(rig, &ask);

    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_NO_STATION);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* T02: another subscriber gets a device's session by his own authentication alone, and then what
 * was there before ends; nothing of it is his. */
static void another_subscriber_replaces_and_inherits_nothing(void **state)
{
    struct twap_rig *rig = *state;
    const struct lk_twap_output *ended, *begun;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    twap_rig_attach(rig, 1, MAC_A, IMSI_B, 2);
    ended = twap_rig_out(rig, LK_TWAP_OUT_SESSION_END);
    begun = twap_rig_out(rig, LK_TWAP_OUT_SESSION);
    assert_true(ended < begun);
    assert_string_equal(ended->end.imsi.digits, IMSI_A);
    assert_int_equal(ended->end.why, LK_WLAN_END_REPLACED);
    assert_string_equal(begun->session.imsi.digits, IMSI_B);
    assert_int_equal(begun->session.key.octets[0], 2);
    assert_true(begun->session.generation > ended->end.generation);
    assert_true(lk_span_equal(lk_span_of(begun->session.class_value, begun->session.class_len),
                              lk_span_text("class-002")));
    assert_int_equal(twap_rig_sessions(rig), 1);
}

/* T20: the Accept of run n-1 with its key, delivered after run n, changes nothing; nor does its
 * Reject; nor does an Accept that was under way when the session ended. */
static void an_overtaken_answer_changes_no_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    const struct twap_answer reject = { .code = LK_RADIUS_ACCESS_REJECT, .imsi = IMSI_A };
    uint8_t old[3][LK_RADIUS_PACKET_MAX], before[LK_SHA256_LEN];
    size_t len = 0;

    for (size_t i = 0; i < 3; i++) {
        struct lk_span forwarded = twap_rig_ask(rig, &ask);

        memcpy(old[i], forwarded.at, len = forwarded.len);
    }
    twap_rig_attach(rig, 1, MAC_A, IMSI_A, 7);
    lk_twap_digest(before, &rig->twap);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(old[0], len), &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    assert_non_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION));
    twap_rig_same(rig, before);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(old[1], len), &reject));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    twap_rig_same(rig, before);
    ask = twap_rig_access(1, MAC_A);
    twap_rig_reject(rig, &ask, IMSI_A);
    assert_int_equal(twap_rig_sessions(rig), 0);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(old[2], len), &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* T20: what ends with an answer voids what was asked before it, and nothing asked since. */
static void a_later_answer_counts_after_an_end(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key, .imsi = IMSI_B };
    uint8_t asked[2][LK_RADIUS_PACKET_MAX];
    size_t len = 0;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 7);
    for (size_t i = 0; i < 2; i++) {
        struct lk_span forwarded = twap_rig_ask(rig, &ask);

        memcpy(asked[i], forwarded.at, len = forwarded.len);
    }
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(asked[0], len), &accept));
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why, LK_WLAN_END_REPLACED);
    key.octets[0] = 2;
    accept.imsi = IMSI_A;
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, lk_span_of(asked[1], len), &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_NONE);
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION)->session.imsi.digits, IMSI_A);
}

/* Invariant 12: what does not verify leaves no octet of memory different, from whoever it comes.
 * A01: a request whose Message-Authenticator was stripped or altered goes nowhere. */
static void what_does_not_verify_leaves_nothing(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    uint8_t *before = malloc(rig->size), octets[LK_RADIUS_PACKET_MAX];
    const struct lk_address stranger = { { 1 } };
    struct lk_twap twap;
    struct lk_span forwarded, datagram, answer;
    const struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT };

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    forwarded = twap_rig_ask(rig, &ask);
    answer = twap_rig_answer(rig, forwarded, &accept);
    datagram = twap_rig_request(rig, &ask);
    memcpy(before, rig->memory, rig->size);
    twap = rig->twap;
    for (size_t at = 0; at < datagram.len; at++) {
        memcpy(octets, datagram.at, datagram.len);
        octets[at] ^= 4;
        twap_rig_from_ap(rig, 0, LK_RADIUS_AUTH_PORT, lk_span_of(octets, datagram.len));
        assert_int_equal(rig->out.count, 1);
        assert_int_not_equal(twap_rig_noted(rig), LK_REASON_NONE);
        twap_rig_from_ap(rig, 0, LK_RADIUS_AUTH_PORT, lk_span_of(datagram.at, at));
        assert_int_equal(rig->out.count, 1);
    }
    twap_rig_from_ap(rig, 1, LK_RADIUS_AUTH_PORT, datagram);
    twap_rig_from_ap(rig, 0, LK_RADIUS_ACCT_PORT, datagram);
    for (size_t at = 0; at < answer.len; at++) {
        memcpy(octets, answer.at, answer.len);
        octets[at] ^= 1;
        twap_rig_from_aaa(rig, 0, lk_span_of(octets, answer.len));
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
        twap_rig_from_aaa(rig, 0, lk_span_of(answer.at, at));
        assert_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
        twap_rig_dynamic(rig, &rig->aaa[0], false, lk_span_of(octets, answer.len));
        twap_rig_dynamic(rig, &stranger, false, lk_span_of(octets, answer.len));
        assert_int_equal(rig->out.count, 1);
    }
    twap_rig_from_aaa(rig, 1, answer);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
    assert_memory_equal(before, rig->memory, rig->size);
    assert_memory_equal(&twap, &rig->twap, sizeof twap);
    free(before);
}

/* spec: RFC 5997 4.2 - a proxy answers Status-Server itself. */
static void status_server_goes_no_further(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = { .code = LK_RADIUS_STATUS_SERVER };
    struct lk_radius_packet packet;

    assert_int_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(lk_radius_decode(&packet, twap_rig_out(rig, LK_TWAP_OUT_AP)->send.octets),
                     LK_OK);
    assert_int_equal(packet.code, LK_RADIUS_ACCESS_ACCEPT);
}

/* spec: RFC 7542 2.2 - the realm behind the last at-sign says which server. */
static void the_realm_says_which_server(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = twap_rig_access(0, MAC_A);

    rig->config.route_count = 1;
    rig->config.route[0] = (struct lk_radius_route){ "wlan.example", 1 };
    ask.user = "a@b@WLAN.Example";
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.upstream, 1);
    ask.user = "a@example.org";
    assert_int_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_NO_ROUTE);
    ask.user = "wlan.example";
    assert_int_equal(twap_rig_ask(rig, &ask).len, 0);
    rig->config.route_count = 2;
    rig->config.route[1] = (struct lk_radius_route){ "*", 0 };
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.upstream, 0);
}

static void a_server_that_does_not_answer_is_passed_over(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);

    for (int i = 0; i < 3; i++) {
        assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
        assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.upstream, 0);
    }
    rig->now_ms += 10000;
    twap_rig_tick(rig);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_NO_ANSWER);
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.upstream, 1);
    rig->now_ms += 30000;
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.upstream, 0);
}

/* spec: RFC 6613 2.6.1 - over a reliable leg a repeat of the access point is not sent again. */
static void a_repeat_goes_on_by_datagram_alone(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);

    for (int reliable = 0; reliable < 2; reliable++) {
        struct lk_span forwarded;

        rig->config.upstream[0].reliable = reliable != 0;
        forwarded = twap_rig_ask(rig, &ask);
        twap_rig_from_ap(rig, 0, LK_RADIUS_AUTH_PORT, lk_span_of(rig->asked, rig->asked_len));
        if (reliable)
            assert_int_equal(rig->out.count, 0);
        else
            assert_true(lk_span_equal(twap_rig_out(rig, LK_TWAP_OUT_AAA)->send.octets,
                                      forwarded));
    }
}

static void a_request_without_a_leg_fails_clearly(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);

    rig->config.upstream[0].reliable = true;
    rig->twap.down[0][LK_RADIUS_AUTH_PORT] = UINT64_MAX;
    assert_int_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_SERVER_DOWN);
    rig->twap.down[0][LK_RADIUS_AUTH_PORT] = 0;
    twap_rig_from_ap(rig, 0, LK_RADIUS_AUTH_PORT, lk_span_of(rig->asked, rig->asked_len));
    assert_int_equal(twap_rig_count(rig, LK_TWAP_OUT_AAA), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twap_rig_set_up, twap_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_accept_with_a_key_becomes_a_session),
        TEST(no_wlcp_key_reaches_an_access_point),
        TEST(an_unprotected_leg_carries_no_key),
        TEST(a_re_authentication_rolls_the_key),
        TEST(an_accept_without_a_key_ends_the_session),
        TEST(a_key_that_does_not_open_makes_no_session),
        TEST(a_device_without_an_address_gets_no_session),
        TEST(another_subscriber_replaces_and_inherits_nothing),
        TEST(an_overtaken_answer_changes_no_session),
        TEST(a_later_answer_counts_after_an_end),
        TEST(what_does_not_verify_leaves_nothing),
        TEST(status_server_goes_no_further),
        TEST(the_realm_says_which_server),
        TEST(a_server_that_does_not_answer_is_passed_over),
        TEST(a_repeat_goes_on_by_datagram_alone),
        TEST(a_request_without_a_leg_fails_clearly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
