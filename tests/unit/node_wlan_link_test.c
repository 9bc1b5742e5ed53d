/* node/wlan_link: what the TWAP tells is what the TWAG is told, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/wlan_link.h"
#include "proto/radius/private.h"

static const uint64_t NOW = UINT64_C(1780000000000);

enum { TELLER = 77 };

struct rig {
    struct lk_wlan_link link;
    struct lk_radius_secret secret;
    struct lk_wlan_link_config config;
    struct lk_radius_dynamic_seen seen[4];
    struct lk_radius_dynamic_server server;
    struct lk_wlan_told_what what;
    uint8_t answer[LK_RADIUS_DYNAMIC_ANSWER_MAX];
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    *state = rig;
    rig->config = (struct lk_wlan_link_config){ &rig->secret, 32473, true, TELLER };
    lk_radius_dynamic_server_in(&rig->server, rig->seen, 4);
    return lk_radius_secret_set(&rig->secret, lk_span_text("radsec")) == LK_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct lk_wlan_session session_of(uint8_t number)
{
    struct lk_wlan_session session = {
        .imsi = { "001010123456063" }, .ue_mac = { 2, 0, 0, 0, 0, number },
        .key = { { number, 1, 2, 3 } }, .generation = 1780000000u + number, .class_len = 253,
        .lifetime_s = 3900, .teller = TELLER,
        .acct_session_len = 3, .acct_session = "s-1",
    };

    memset(session.class_value, number, sizeof session.class_value);
    return session;
}

static enum lk_wlan_told tell(struct rig *rig, struct lk_span octets)
{
    return lk_wlan_link_open(&rig->what, &rig->server, &rig->config, octets, NOW + 86400000);
}

static struct lk_span answer(struct rig *rig)
{
    struct lk_writer w = lk_writer_of(rig->answer, sizeof rig->answer);

    assert_true(rig->what.answer);
    assert_int_equal(lk_wlan_link_answer(&w, &rig->what, &rig->config), LK_OK);
    return lk_writer_span(&w);
}

static void a_session_arrives_as_it_was(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(7);
    struct lk_span octets;
    uint32_t cause;

    assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                     LK_OK);
    assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_SESSION);
    assert_memory_equal(&rig->what.session, &session, sizeof session);
    lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
    assert_int_equal(lk_wlan_link_count(&rig->link), 1);
    assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause), LK_OK);
    assert_int_equal(lk_wlan_link_count(&rig->link), 0);
    assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause),
                     LK_E_UNEXPECTED);
}

static void an_end_arrives_as_it_was(void **state)
{
    struct rig *rig = *state;

    for (int why = 0; why <= LK_WLAN_END_LOST; why++) {
        struct lk_wlan_gone gone = { .imsi = { "001010123456063" }, .ue_mac = { 2, 0, 0, 0, 0, 9 },
                                     .generation = 5, .failed = why == 0,
                                     .why = why == 0 ? LK_WLAN_END_LOST : (enum lk_wlan_end)why };
        struct lk_span octets;

        assert_int_equal(lk_wlan_link_gone(&rig->link, &rig->config, &gone, NOW, &octets), LK_OK);
        assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_GONE);
        assert_memory_equal(rig->what.gone.ue_mac, gone.ue_mac, sizeof gone.ue_mac);
        assert_string_equal(rig->what.gone.imsi.digits, gone.imsi.digits);
        assert_int_equal(rig->what.gone.generation, 5);
        assert_int_equal(rig->what.gone.failed, gone.failed);
        assert_int_equal(rig->what.gone.why, gone.why);
        lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
    }
}

/* T02: whoever is no TWAP of this gateway makes no session and ends none, is told so, and takes no
 * place of those who may. What he cannot sign is dropped as ever.
 * spec: RFC 5176 3.5 - 501: administratively prohibited. */
static void who_is_no_twap_tells_nothing(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(7);
    const struct lk_wlan_gone gone = { .imsi = { "001010123456063" }, .generation = 5,
                                       .why = LK_WLAN_END_DETACHED };
    struct lk_span octets;
    uint32_t cause;

    for (uint8_t i = 0; i < LK_COUNT_OF(rig->seen); i++) {
        const struct lk_wlan_session of_twap = session_of(i);

        assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &of_twap, NOW, &octets),
                         LK_OK);
        assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_SESSION);
        lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
    }
    rig->config.is_twap = false;
    assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                     LK_OK);
    assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_NOTHING);
    assert_int_equal(rig->what.reason, LK_REASON_TWAP_LINK_DENIED);
    assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause),
                     LK_E_DENIED);
    assert_int_equal(cause, LK_RADIUS_CAUSE_PROHIBITED);
    assert_int_equal(lk_wlan_link_gone(&rig->link, &rig->config, &gone, NOW, &octets), LK_OK);
    assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_NOTHING);
    assert_int_equal(rig->what.request.cause, LK_RADIUS_CAUSE_PROHIBITED);
    assert_int_equal(tell(rig, lk_span_of(octets.at, octets.len - 1)), LK_WLAN_TOLD_NOTHING);
    assert_false(rig->what.answer);
    assert_int_equal(rig->what.reason, LK_REASON_RADIUS_MALFORMED);
    assert_int_equal(rig->server.count, LK_COUNT_OF(rig->seen));
}

/* Invariant 11: what was out when the connection was lost comes again, and is done once. More are
 * remembered than may be out; and what is older gives way, for TLS lets no replay in. */
static void what_comes_again_is_done_once(void **state)
{
    struct rig *rig = *state;
    struct lk_span octets;
    size_t at = 0, again = 0;
    const uint8_t first = 254; /* so that identifiers wrap */

    rig->link.next = first;
    for (uint8_t i = 0; i < 3; i++) {
        const struct lk_wlan_session session = session_of(i);

        assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                         LK_OK);
        assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_SESSION);
        lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_RESOURCES);
    }
    while (lk_wlan_link_again(&rig->link, &at, &octets)) {
        uint32_t cause;

        assert_int_equal(octets.at[1], (uint8_t)(first + again)); /* in order */
        again++;
        assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_NOTHING);
        assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause),
                         LK_E_DENIED);
        assert_int_equal(cause, LK_RADIUS_CAUSE_RESOURCES);
    }
    assert_int_equal(again, 3);
    for (uint8_t i = 0; i < 20; i++) {
        const struct lk_wlan_session session = session_of(i);

        assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                         LK_OK);
        assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_SESSION);
        lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
    }
}

static void settle(struct rig *rig)
{
    uint32_t cause;

    lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
    assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause), LK_OK);
}

/* T06: that a session ended is said, however many ended before it: what finds no identifier waits,
 * and leaves in order when there is one. */
static void no_end_is_left_unsaid(void **state)
{
    struct rig *rig = *state;
    const size_t most = LK_WLAN_LINK_OUT + LK_WLAN_LINK_LATER;
    struct lk_wlan_gone gone = { .imsi = { "001010123456063" }, .ue_mac = { 2, 0, 0, 0, 0, 9 },
                                 .why = LK_WLAN_END_DETACHED };
    uint8_t said[LK_WLAN_LINK_OUT][LK_RADIUS_ASK_MAX];
    size_t len[LK_WLAN_LINK_OUT];
    struct lk_span octets;

    for (size_t i = 0; i < most; i++) {
        gone.generation = i + 1;
        assert_int_equal(lk_wlan_link_gone(&rig->link, &rig->config, &gone, NOW, &octets), LK_OK);
        assert_true((octets.len > 0) == (i < LK_WLAN_LINK_OUT));
        if (i < LK_WLAN_LINK_OUT)
            memcpy(said[i], octets.at, len[i] = octets.len);
    }
    assert_int_equal(lk_wlan_link_gone(&rig->link, &rig->config, &gone, NOW, &octets), LK_E_FULL);
    for (size_t i = 0; i < most; i++) {
        size_t at = i % LK_WLAN_LINK_OUT;

        assert_false(lk_wlan_link_later(&rig->link, &rig->config, NOW, &octets));
        assert_int_equal(tell(rig, lk_span_of(said[at], len[at])), LK_WLAN_TOLD_GONE);
        assert_int_equal(rig->what.gone.generation, i + 1);
        assert_string_equal(rig->what.gone.imsi.digits, gone.imsi.digits);
        settle(rig);
        if (lk_wlan_link_later(&rig->link, &rig->config, NOW, &octets))
            memcpy(said[at], octets.at, len[at] = octets.len);
    }
    assert_int_equal(lk_wlan_link_count(&rig->link), 0);
}

/* T06: a TWAP that begins says so, and says it until it is heard. */
static void a_restart_arrives_as_it_was(void **state)
{
    struct rig *rig = *state;
    struct lk_span octets;
    size_t at = 0;

    assert_int_equal(lk_wlan_link_restarted(&rig->link, &rig->config, 77, NOW), LK_OK);
    assert_true(lk_wlan_link_again(&rig->link, &at, &octets));
    assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_RESTARTED);
    assert_int_equal(rig->what.gone.generation, 77);
    settle(rig);
    assert_int_equal(lk_wlan_link_count(&rig->link), 0);
}

static void as_many_as_there_are_identifiers(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(1);
    struct lk_span octets;

    for (size_t i = 0; i < LK_WLAN_LINK_OUT; i++)
        assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW + i,
                                              &octets), LK_OK);
    assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                     LK_E_FULL);
    lk_wlan_link_wipe(&rig->link);
    assert_int_equal(lk_wlan_link_count(&rig->link), 0);
}

/* Neither key nor IMSI stands in the packet; altered or cut anywhere, it is nothing.
 * T04: what a log of packets would show. */
static void nothing_is_in_clear_and_nothing_can_be_altered(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(1);
    uint8_t copy[LK_RADIUS_ASK_MAX];
    struct lk_span octets;

    assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                     LK_OK);
    for (size_t i = 0; i + 15 <= octets.len; i++) {
        assert_memory_not_equal(octets.at + i, session.imsi.digits, 15);
        if (i + 32 <= octets.len)
            assert_memory_not_equal(octets.at + i, session.key.octets, 32);
    }
    for (size_t i = 0; i < octets.len; i++) {
        memcpy(copy, octets.at, octets.len);
        copy[i] ^= 1;
        assert_int_equal(tell(rig, lk_span_of(copy, octets.len)), LK_WLAN_TOLD_NOTHING);
        assert_false(rig->what.answer);
        assert_int_equal(tell(rig, lk_span_of(octets.at, i)), LK_WLAN_TOLD_NOTHING);
    }
}

/* Two salts in one packet, and those of all packets, differ: the same key is never hidden alike.
 * spec: RFC 2548 2.4.2 - a salt is unique, and its highest bit is set. */
static void no_salt_comes_twice(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(1);
    static const uint8_t types[] = { LK_RADIUS_WLCP_KEY, LK_RADIUS_WLCP_IMSI };
    static bool seen[0x10000];

    for (size_t i = 0; i < LK_WLAN_LINK_OUT; i++) {
        struct lk_radius_packet packet;
        struct lk_span octets, value;

        assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                         LK_OK);
        assert_int_equal(lk_radius_decode(&packet, octets), LK_OK);
        for (size_t j = 0; j < LK_COUNT_OF(types); j++) {
            unsigned salt;

            assert_true(lk_radius_find_vendor(&packet, rig->config.enterprise, types[j], &value));
            salt = (unsigned)value.at[0] << 8 | value.at[1];
            assert_true((salt & 0x8000) != 0 && !seen[salt]);
            seen[salt] = true;
        }
    }
}

static bool is_zero(const void *octets, size_t len)
{
    const uint8_t *at = octets;

    while (len > 0 && *at == 0) {
        at++;
        len--;
    }
    return len == 0;
}

/* docs/keys.md: what was answered is not kept, be it hidden; nor is what was refused. */
static void an_answered_request_is_wiped(void **state)
{
    struct rig *rig = *state;
    const struct lk_wlan_session session = session_of(1);
    struct lk_span octets;
    uint32_t cause;

    assert_int_equal(lk_wlan_link_session(&rig->link, &rig->config, &session, NOW, &octets),
                     LK_OK);
    assert_int_equal(tell(rig, octets), LK_WLAN_TOLD_SESSION);
    lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_RESOURCES);
    assert_false(is_zero(octets.at, octets.len));
    assert_int_equal(lk_wlan_link_answered(&rig->link, &rig->config, answer(rig), &cause),
                     LK_E_DENIED);
    assert_true(is_zero(octets.at, octets.len));
}

/* A SESSION that says all but one thing, or that says one thing wrongly. */
enum wrong { NO_STATION, NO_GENERATION, NO_TIMEOUT, NO_LIFE, NOTHING_WRONG };

static struct lk_span wrong_session(struct rig *rig, struct lk_radius_ask *ask, enum wrong wrong)
{
    static const uint8_t salts[2][LK_RADIUS_SALT_LEN] = { { 0x80, 1 }, { 0x80, 2 } };
    static const uint8_t zeroes[16], generation[8] = { [7] = 5 };
    const struct lk_radius_ask_config how = { .secret = &rig->secret };
    const struct lk_wlan_session session = session_of(1);
    struct lk_writer w = lk_radius_ask_begin(ask, LK_RADIUS_COA_REQUEST, (uint8_t)wrong, NOW);

    lk_radius_put_wlcp(&w, rig->config.enterprise, &session.key, &session.imsi, &rig->secret,
                       zeroes, salts);
    if (wrong != NO_STATION)
        lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text("020000000001"));
    if (wrong != NO_GENERATION)
        lk_radius_put_vendor(&w, rig->config.enterprise, LK_RADIUS_UE_GENERATION,
                             LK_SPAN(generation));
    if (wrong != NO_TIMEOUT)
        lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, wrong == NO_LIFE ? 0 : 1);
    assert_int_equal(lk_radius_ask_end(ask, &how, &w, NOW), LK_OK);
    return lk_span_of(ask->octets, ask->len);
}

/* spec: RFC 5176 3.5 - 402 for what is missing, 407 for what is wrong. Neither leaves a key. */
static void half_a_session_is_none(void **state)
{
    static const enum lk_radius_error_cause cause[NOTHING_WRONG] = {
        [NO_STATION] = LK_RADIUS_CAUSE_MISSING_ATTRIBUTE,
        [NO_GENERATION] = LK_RADIUS_CAUSE_MISSING_ATTRIBUTE,
        [NO_TIMEOUT] = LK_RADIUS_CAUSE_MISSING_ATTRIBUTE,
        [NO_LIFE] = LK_RADIUS_CAUSE_INVALID_VALUE,
    };
    struct rig *rig = *state;
    struct lk_radius_ask ask;

    for (int wrong = 0; wrong < NOTHING_WRONG; wrong++) {
        assert_int_equal(tell(rig, wrong_session(rig, &ask, (enum wrong)wrong)),
                         LK_WLAN_TOLD_NOTHING);
        assert_true(rig->what.answer);
        assert_int_equal(rig->what.request.cause, cause[wrong]);
        assert_true(is_zero(&rig->what.session, sizeof rig->what.session));
    }
    assert_int_equal(tell(rig, wrong_session(rig, &ask, NOTHING_WRONG)), LK_WLAN_TOLD_SESSION);
}

/* spec: RFC 5176 3.5 - 402: what a session must have. */
static void a_session_without_its_attributes_is_refused(void **state)
{
    struct rig *rig = *state;
    const struct lk_radius_ask_config how = { .secret = &rig->secret };
    static const enum lk_radius_code codes[] = { LK_RADIUS_COA_REQUEST,
                                                 LK_RADIUS_DISCONNECT_REQUEST };

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        struct lk_radius_ask ask;
        struct lk_writer w = lk_radius_ask_begin(&ask, codes[i], 1, NOW);

        lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text("020000000001"));
        assert_int_equal(lk_radius_ask_end(&ask, &how, &w, NOW), LK_OK);
        assert_int_equal(tell(rig, lk_span_of(ask.octets, ask.len)), LK_WLAN_TOLD_NOTHING);
        assert_true(rig->what.answer);
        assert_int_equal(rig->what.request.cause, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE);
    }
}

/* T02: whoever speaks on the link may put 253 octets where a session keeps 64: such a one is
 * refused, and nothing of it is kept.
 * spec: RFC 5176 3.5 - 407: a value that is not what this end takes. */
static void a_name_of_a_session_that_has_no_room_is_refused(void **state)
{
    static const uint8_t salts[2][LK_RADIUS_SALT_LEN] = { { 0x80, 1 }, { 0x80, 2 } };
    static const uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN], name[LK_RADIUS_VALUE_MAX];
    struct rig *rig = *state;
    const struct lk_radius_ask_config how = { .secret = &rig->secret };
    const struct lk_wlan_session session = session_of(1);
    const size_t room = sizeof session.acct_session;

    for (size_t len = room; len <= sizeof name; len++) {
        struct lk_radius_ask ask;
        struct lk_writer w = lk_radius_ask_begin(&ask, LK_RADIUS_COA_REQUEST, (uint8_t)len, NOW);

        lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text("020000000001"));
        lk_radius_put_wlcp(&w, rig->config.enterprise, &session.key, &session.imsi, &rig->secret,
                           authenticator, salts);
        lk_radius_put_vendor(&w, rig->config.enterprise, LK_RADIUS_UE_GENERATION,
                             lk_span_of((const uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 1 }, 8));
        lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, 3600);
        lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID, lk_span_of(name, len));
        assert_int_equal(lk_radius_ask_end(&ask, &how, &w, NOW), LK_OK);
        assert_int_equal(tell(rig, lk_span_of(ask.octets, ask.len)),
                         len == room ? LK_WLAN_TOLD_SESSION : LK_WLAN_TOLD_NOTHING);
        if (len == room) {
            assert_int_equal(rig->what.session.acct_session_len, room);
            lk_wlan_link_settle(&rig->what, &rig->server, LK_RADIUS_CAUSE_NONE);
            continue;
        }
        assert_true(rig->what.answer);
        assert_int_equal(rig->what.request.cause, LK_RADIUS_CAUSE_INVALID_VALUE);
        assert_int_equal(rig->what.session.imsi.digits[0], '\0');
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_session_arrives_as_it_was),
        TEST(an_end_arrives_as_it_was),
        TEST(who_is_no_twap_tells_nothing),
        TEST(what_comes_again_is_done_once),
        TEST(no_end_is_left_unsaid),
        TEST(a_restart_arrives_as_it_was),
        TEST(as_many_as_there_are_identifiers),
        TEST(nothing_is_in_clear_and_nothing_can_be_altered),
        TEST(no_salt_comes_twice),
        TEST(an_answered_request_is_wiped),
        TEST(half_a_session_is_none),
        TEST(a_session_without_its_attributes_is_refused),
        TEST(a_name_of_a_session_that_has_no_room_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
