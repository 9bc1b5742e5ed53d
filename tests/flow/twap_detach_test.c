/* How a session at the TWAP ends: accounting, Disconnect-Request, silence; and whose word does not
 * end it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twap_rig.h"

static struct twap_ask accounting_of(unsigned ap, const char *mac, uint32_t status,
                                     const char *session)
{
    return (struct twap_ask){ .ap = ap, .code = LK_RADIUS_ACCOUNTING_REQUEST, .mac = mac,
                              .user = USER, .acct_status = status, .event_s = RIG_START_S,
                              .acct_session = session };
}

/* spec: RFC 2866 5.1 - a stop ends the session that it is about, where that is. */
static void an_accounting_stop_ends_its_own_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask;
    uint8_t before[LK_SHA256_LEN];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    ask = accounting_of(0, MAC_A, 1, "s-1");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    lk_twap_digest(before, &rig->twap);
    ask = accounting_of(1, MAC_A, 2, "s-1"); /* the access point it came from */
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    ask = accounting_of(0, MAC_A, 2, "s-0"); /* the session before */
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    ask = accounting_of(0, MAC_B, 2, "s-1");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    ask = accounting_of(0, MAC_A, 3, "s-1");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    twap_rig_same(rig, before);
    ask = accounting_of(0, MAC_A, 2, "s-1");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why, LK_WLAN_END_DETACHED);
    assert_int_equal(twap_rig_sessions(rig), 0);
    /* Invariant 11: it comes again, is forwarded again, and ends nothing a second time. */
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 2);
    lk_twap_digest(before, &rig->twap);
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    twap_rig_same(rig, before);
}

static void a_stop_with_another_class_is_another_sessions(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    ask = accounting_of(0, MAC_A, 2, "s-0");
    ask.class_value = lk_span_text("class-000");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_sessions(rig), 1);
    ask.class_value = lk_span_text("class-001");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* T02: under another subscriber's Class no identifier is learned, be it the first or another. */
static void another_class_names_no_session(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask;
    uint8_t before[LK_SHA256_LEN];

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    lk_twap_digest(before, &rig->twap);
    for (uint32_t status = 1; status <= 3; status += 2) {
        ask = accounting_of(0, MAC_A, status, "of B");
        ask.class_value = lk_span_text("class-002");
        assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
        twap_rig_same(rig, before);
    }
    ask = accounting_of(0, MAC_A, 3, "s-1");
    ask.class_value = lk_span_text("class-001");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    lk_twap_digest(before, &rig->twap);
    ask = accounting_of(0, MAC_A, 3, "s-2"); /* says of no Class, and is not the first */
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    twap_rig_same(rig, before);
    ask = accounting_of(0, MAC_A, 2, "s-1");
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* spec: RFC 2866 5.1 - an access point that comes or goes has no sessions; those elsewhere, and
 * those that came after, stay. */
static void an_access_point_that_restarts_has_no_sessions(void **state)
{
    struct twap_rig *rig = *state;
    struct twap_ask ask = accounting_of(0, NULL, 7, NULL);
    size_t ended = 0;
    char mac[] = "02-00-00-00-01-00", imsi[] = "001010000000000";

    for (unsigned i = 0; i < 12; i++) {
        mac[16] = imsi[14] = "0123456789AB"[i];
        if (i >= 10) {
            imsi[13] = '1';
            imsi[14] = (char)('0' + i - 10);
        }
        twap_rig_attach(rig, i < 10 ? 0 : 1, mac, imsi, (uint8_t)i);
    }
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_true(rig->out.again);
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 99);
    do {
        twap_rig_tick(rig);
        ended += twap_rig_count(rig, LK_TWAP_OUT_SESSION_END);
    } while (rig->out.again);
    assert_int_equal(ended, 10);
    assert_int_equal(twap_rig_sessions(rig), 3);
}

/* spec: RFC 2866 5.1 - of two that share an address the one that restarts is meant, by name. */
static void an_access_point_that_restarts_names_itself(void **state)
{
    static const char *const mac[] = { MAC_A, MAC_B }, *const imsi[] = { IMSI_A, IMSI_B };
    static const char *const nas[] = { "one", "two" };
    struct twap_rig *rig = *state;
    struct lk_wlcp_key key = { { 0 } };
    struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key };
    struct twap_ask ask;

    for (size_t i = 0; i < 2; i++) {
        ask = twap_rig_access(0, mac[i]);
        ask.nas = nas[i];
        key.octets[0]++;
        answer.imsi = imsi[i];
        twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, twap_rig_ask(rig, &ask), &answer));
    }
    ask = accounting_of(0, NULL, 8, NULL);
    ask.nas = "two";
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    twap_rig_tick(rig);
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.imsi.digits, IMSI_B);
    assert_int_equal(twap_rig_sessions(rig), 1);
}

/* spec: RFC 2865 5.27 - at its Session-Timeout, and a little, a session is over. */
static void what_nobody_hears_of_is_lost(void **state)
{
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A, .timeout_s = 600 };
    struct lk_span forwarded = twap_rig_ask(rig, &ask);

    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    rig->now_ms += 800 * 1000;
    twap_rig_tick(rig);
    assert_int_equal(twap_rig_sessions(rig), 1);
    rig->now_ms += 200 * 1000;
    twap_rig_tick(rig);
    assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why, LK_WLAN_END_LOST);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* ---- Disconnect-Request ---- */

static const struct lk_radius_secret *secret_of_ap(const struct twap_rig *rig, unsigned ap)
{
    return &lk_radius_clients_find(&rig->config.clients, &rig->ap[ap])->secret;
}

/* What the AAA asks: attributes come from the caller. */
struct named {
    const char *mac, *user, *acct_session, *nas;
};

static struct lk_span disconnect_request(struct twap_rig *rig, struct lk_radius_ask *ask,
                                         enum lk_radius_code code, const struct named *named)
{
    static uint8_t identifier;
    const struct lk_radius_ask_config config = { .secret = &rig->config.upstream[0].secret };
    struct lk_writer w = lk_radius_ask_begin(ask, code, identifier++, rig->now_ms);

    if (named->mac != NULL)
        lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text(named->mac));
    if (named->user != NULL)
        lk_radius_put(&w, LK_RADIUS_USER_NAME, lk_span_text(named->user));
    if (named->acct_session != NULL)
        lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID, lk_span_text(named->acct_session));
    if (named->nas != NULL)
        lk_radius_put(&w, LK_RADIUS_NAS_IDENTIFIER, lk_span_text(named->nas));
    assert_int_equal(lk_radius_ask_end(ask, &config, &w, rig->now_ms), LK_OK);
    return lk_span_of(ask->octets, ask->len);
}

/* The AAA asks, and gets its answer: ACK is 0. */
static uint32_t disconnect(struct twap_rig *rig, const struct named *named)
{
    const struct lk_radius_ask_config config = { .secret = &rig->config.upstream[0].secret };
    struct lk_radius_ask ask;
    struct lk_radius_ask_outcome outcome;
    const struct lk_twap_output *out;

    twap_rig_dynamic(rig, &rig->aaa[0], false,
                     disconnect_request(rig, &ask, LK_RADIUS_DISCONNECT_REQUEST, named));
    out = twap_rig_out(rig, LK_TWAP_OUT_DYNAMIC);
    assert_non_null(out);
    assert_int_equal(lk_radius_ask_received(&ask, &config, out->send.octets, &outcome), LK_OK);
    assert_true(outcome.ack == !outcome.has_cause);
    return outcome.cause;
}

/* spec: RFC 5176 3 - what the request says must all fit, and fit one session. */
static void the_aaa_ends_the_one_session_that_it_names(void **state)
{
    static const struct {
        struct named named;
        enum lk_radius_error_cause cause;
    } table[] = {
        { { .mac = "02-00-00-00-00-0C" }, LK_RADIUS_CAUSE_NO_SESSION },
        { { .mac = MAC_A, .acct_session = "s-2" }, LK_RADIUS_CAUSE_NO_SESSION },
        { { .mac = MAC_A, .user = IMSI_B }, LK_RADIUS_CAUSE_NO_SESSION },
        { { .user = USER }, LK_RADIUS_CAUSE_MANY_SESSIONS },
        { { .mac = MAC_A, .nas = "another" }, LK_RADIUS_CAUSE_NO_SESSION },
        { { .nas = "another" }, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE },
    };
    static const struct named right[] = {
        { .mac = MAC_A },
        { .user = IMSI_A },
        { .acct_session = "s-1" },
        { .mac = MAC_A, .user = USER, .acct_session = "s-1" },
    };
    struct twap_rig *rig = *state;
    uint8_t before[LK_SHA256_LEN];

    for (size_t i = 0; i < LK_COUNT_OF(right); i++) {
        struct twap_ask ask = accounting_of(0, MAC_A, 1, "s-1");
        struct twap_ask other = accounting_of(0, MAC_B, 1, "s-2");

        twap_rig_restart(rig);
        twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
        twap_rig_attach(rig, 0, MAC_B, IMSI_B, 2);
        assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
        assert_int_not_equal(twap_rig_ask(rig, &other).len, 0);
        lk_twap_digest(before, &rig->twap);
        for (size_t j = 0; j < LK_COUNT_OF(table); j++) {
            assert_int_equal(disconnect(rig, &table[j].named), table[j].cause);
            assert_null(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END));
            twap_rig_same(rig, before);
        }
        assert_int_equal(disconnect(rig, &right[i]), LK_RADIUS_CAUSE_NONE);
        assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.imsi.digits, IMSI_A);
        assert_int_equal(twap_rig_out(rig, LK_TWAP_OUT_SESSION_END)->end.why,
                         LK_WLAN_END_DISCONNECTED);
        assert_int_equal(twap_rig_sessions(rig), 1);
    }
}

/* Invariant 11: captured and sent again while the device has a new session, it ends nothing, and
 * the answer is the same. */
static void a_disconnect_request_that_comes_again_ends_nothing(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    struct lk_radius_ask ask;
    struct lk_span datagram;
    uint8_t first[LK_RADIUS_DYNAMIC_ANSWER_MAX], before[LK_SHA256_LEN];
    size_t len;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    datagram = disconnect_request(rig, &ask, LK_RADIUS_DISCONNECT_REQUEST, &named);
    twap_rig_dynamic(rig, &rig->aaa[0], false, datagram);
    len = twap_rig_out(rig, LK_TWAP_OUT_DYNAMIC)->send.octets.len;
    memcpy(first, twap_rig_out(rig, LK_TWAP_OUT_DYNAMIC)->send.octets.at, len);
    assert_int_equal(twap_rig_sessions(rig), 0);
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 2);
    lk_twap_digest(before, &rig->twap);
    twap_rig_dynamic(rig, &rig->aaa[0], false, datagram);
    assert_int_equal(rig->out.count, 1);
    assert_true(lk_span_equal(twap_rig_out(rig, LK_TWAP_OUT_DYNAMIC)->send.octets,
                              lk_span_of(first, len)));
    twap_rig_same(rig, before);
}

/* A session that has told no Acct-Session-Id is named by none, and be it empty. */
static void a_session_without_an_identifier_is_not_named_by_one(void **state)
{
    static const struct named named[] = {
        { .acct_session = "s-1" }, { .acct_session = "" }, { .mac = MAC_A, .acct_session = "" },
        { .user = "" },
    };
    static const uint8_t mac_a[] = { 2, 0, 0, 0, 0, 10 };
    struct twap_rig *rig = *state;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    lk_twap_sessions_find(&rig->twap.sessions, mac_a)->user_len = 0;
    for (size_t i = 0; i < LK_COUNT_OF(named); i++)
        assert_int_equal(disconnect(rig, &named[i]), LK_RADIUS_CAUSE_NO_SESSION);
    assert_int_equal(twap_rig_sessions(rig), 1);
}

/* Invariant 11: what was held back on its way, or was seen by a TWAP before it restarted, is not
 * carried out long after: by datagram. A connection lets in nothing that is not its own.
 * spec: RFC 5176 6.3 - a request whose Event-Timestamp is not current is silently discarded. */
static void a_disconnect_request_of_another_time_is_dropped(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    struct lk_radius_ask ask;
    struct lk_span datagram = disconnect_request(rig, &ask, LK_RADIUS_DISCONNECT_REQUEST, &named);
    const uint64_t then_ms = rig->now_ms;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    for (int i = -1; i <= 1; i += 2) {
        rig->now_ms = then_ms + (uint64_t)(int64_t)(i * 400000);
        twap_rig_dynamic(rig, &rig->aaa[0], false, datagram);
        assert_int_equal(rig->out.count, 1);
        assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_TIMESTAMP);
        assert_int_equal(twap_rig_sessions(rig), 1);
    }
    twap_rig_dynamic(rig, &rig->aaa[0], true, datagram);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* T20: an Accept that was under way when the AAA ended the session does not bring it back. */
static void an_accept_under_way_does_not_undo_a_disconnect(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    const struct twap_ask ask = twap_rig_access(0, MAC_A);
    struct lk_wlcp_key key = { { 1 } };
    const struct twap_answer accept = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                        .imsi = IMSI_A };
    struct lk_span forwarded;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    forwarded = twap_rig_ask(rig, &ask);
    assert_int_equal(disconnect(rig, &named), LK_RADIUS_CAUSE_NONE);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &accept));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_TWAP_STALE);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

static void only_an_aaa_may_ask(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    const struct lk_address nobody = { { 0 } };
    struct lk_radius_ask ask;
    struct lk_span datagram;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    datagram = disconnect_request(rig, &ask, LK_RADIUS_DISCONNECT_REQUEST, &named);
    twap_rig_dynamic(rig, &rig->ap[0], false, datagram);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_CLIENT_UNKNOWN);
    twap_rig_dynamic(rig, &rig->aaa[1], false, datagram); /* not with this secret */
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_DYNAMIC_AUTHENTICATOR_WRONG);
    twap_rig_dynamic(rig, &nobody, false, datagram);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_CLIENT_UNKNOWN);
    assert_int_equal(twap_rig_sessions(rig), 1);
    twap_rig_dynamic(rig, &nobody, true, datagram);
    assert_int_equal(twap_rig_sessions(rig), 0);
}

/* As a Disconnect-Request: gateway and access point hear of it; nobody else's ends. */
static void the_operator_ends_one(void **state)
{
    struct twap_rig *rig = *state;
    const struct lk_twap_output *out;

    rig->config.disconnect_ap = true;
    rig->config.retry_ms = 1000;
    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    twap_rig_attach(rig, 1, MAC_B, IMSI_B, 2);
    twap_rig_end(rig, MAC_A);
    assert_int_equal(twap_rig_sessions(rig), 1);
    out = twap_rig_out(rig, LK_TWAP_OUT_SESSION_END);
    assert_non_null(out);
    assert_string_equal(out->end.imsi.digits, IMSI_A);
    assert_int_equal(out->end.why, LK_WLAN_END_DISCONNECTED);
    out = twap_rig_out(rig, LK_TWAP_OUT_AP_DYNAMIC);
    assert_non_null(out);
    assert_true(lk_address_equal(&out->send.address, &rig->ap[0]));
    twap_rig_end(rig, MAC_A);
    assert_int_equal(rig->out.count, 0);
}

/* spec: RFC 5176 3.5 - 406: what a session may do is not changed here. */
static void a_change_of_authorisation_is_refused(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    struct lk_radius_ask ask;
    struct lk_radius_packet packet;

    twap_rig_attach(rig, 0, MAC_A, IMSI_A, 1);
    twap_rig_dynamic(rig, &rig->aaa[0], false,
                     disconnect_request(rig, &ask, LK_RADIUS_COA_REQUEST, &named));
    assert_int_equal(lk_radius_decode(&packet, twap_rig_out(rig, LK_TWAP_OUT_DYNAMIC)->send.octets),
                     LK_OK);
    assert_int_equal(packet.code, LK_RADIUS_COA_NAK);
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_DISCONNECT);
    assert_string_equal(twap_rig_out(rig, LK_TWAP_OUT_NOTED)->noted_came,
                        "406 Unsupported-Extension");
    assert_int_equal(twap_rig_sessions(rig), 1);
}

/* Gives the access point's answer, as signed with that secret. */
static void ap_answers(struct twap_rig *rig, unsigned ap, struct lk_span asked,
                       const struct lk_radius_secret *secret)
{
    struct lk_radius_answer head = { .code = LK_RADIUS_DISCONNECT_ACK, .request_code = 40,
                                     .identifier = asked.at[1], .authenticator = asked.at + 4,
                                     .secret = secret };
    struct lk_writer w = lk_writer_of(rig->answer, sizeof rig->answer);

    lk_radius_answer_begin(&w, &head);
    assert_int_equal(lk_radius_answer_end(&w, &head), LK_OK);
    twap_rig_ap_dynamic(rig, ap, lk_writer_span(&w));
}

/* The access point is told, again until it answers; of the others' answers none counts. */
static void the_access_point_is_told_where_it_takes_that(void **state)
{
    struct twap_rig *rig = *state;
    static const struct named named = { .mac = MAC_A };
    struct twap_ask ask = accounting_of(1, MAC_A, 1, "s-1");
    const struct lk_twap_output *out;
    struct lk_radius_packet packet;
    struct lk_span value;
    uint8_t asked[LK_RADIUS_ASK_MAX];
    size_t len;

    rig->config.disconnect_ap = true;
    rig->config.retry_ms = 1000;
    twap_rig_attach(rig, 1, MAC_A, IMSI_A, 1);
    assert_int_not_equal(twap_rig_ask(rig, &ask).len, 0);
    assert_int_equal(disconnect(rig, &named), LK_RADIUS_CAUSE_NONE);
    out = twap_rig_out(rig, LK_TWAP_OUT_AP_DYNAMIC);
    assert_true(lk_address_equal(&out->send.address, &rig->ap[1]));
    memcpy(asked, out->send.octets.at, len = out->send.octets.len);
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(asked, len)), LK_OK);
    assert_int_equal(packet.code, LK_RADIUS_DISCONNECT_REQUEST);
    assert_true(lk_radius_find(&packet, LK_RADIUS_CALLING_STATION_ID, &value));
    assert_true(lk_span_equal(value, lk_span_text(MAC_A)));
    assert_true(lk_radius_find(&packet, LK_RADIUS_ACCT_SESSION_ID, &value));

    ap_answers(rig, 0, packet.whole, secret_of_ap(rig, 0));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_NOT_ASKED);
    ap_answers(rig, 1, packet.whole, secret_of_ap(rig, 0));
    assert_int_equal(twap_rig_noted(rig), LK_REASON_RADIUS_RESPONSE_WRONG);
    rig->now_ms += 1000;
    twap_rig_tick(rig);
    out = twap_rig_out(rig, LK_TWAP_OUT_AP_DYNAMIC);
    assert_true(lk_span_equal(out->send.octets, packet.whole));
    ap_answers(rig, 1, packet.whole, secret_of_ap(rig, 1));
    assert_int_equal(rig->out.count, 0);
    rig->now_ms += 60000;
    twap_rig_tick(rig);
    assert_null(twap_rig_out(rig, LK_TWAP_OUT_AP_DYNAMIC));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twap_rig_set_up, twap_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_accounting_stop_ends_its_own_session),
        TEST(a_stop_with_another_class_is_another_sessions),
        TEST(another_class_names_no_session),
        TEST(an_access_point_that_restarts_has_no_sessions),
        TEST(an_access_point_that_restarts_names_itself),
        TEST(what_nobody_hears_of_is_lost),
        TEST(the_aaa_ends_the_one_session_that_it_names),
        TEST(a_disconnect_request_that_comes_again_ends_nothing),
        TEST(a_disconnect_request_of_another_time_is_dropped),
        TEST(a_session_without_an_identifier_is_not_named_by_one),
        TEST(an_accept_under_way_does_not_undo_a_disconnect),
        TEST(only_an_aaa_may_ask),
        TEST(the_operator_ends_one), TEST(a_change_of_authorisation_is_refused),
        TEST(the_access_point_is_told_where_it_takes_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
