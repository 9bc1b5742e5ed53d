/* proto/wlcp/twag: each procedure of the TWAG, repeats and their end, limits, collisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_twag_bench.h"

/* ---- procedures ---- */

/* spec: TS 24.244 5.2 - REQUEST, ACCEPT; with COMPLETE the connection is active. */
static void establishment(void **state)
{
    connect_a();
    assert_int_equal(rows[0].owner, 42);
    answers("81 02 11 28020162", "bind, timer@10000");
    bound(1, LK_WLCP_IPV4, "send 8202020162" "05010a000007" "02" "020000000001, timer@8000");
    ignores("8401", LK_E_UNEXPECTED); /* of a procedure that is over */
    answers("8402", "timer off, up 0");
    ignores("8402", LK_E_UNEXPECTED);
    assert_int_equal(lk_wlcp_twag_in_state(&ue, &pool, LK_WLCP_TWAG_ACTIVE), 2);
}

static void without_an_apn_the_first_is_meant(void **state)
{
    answers("81 01 11", "bind, timer@10000");
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    assert_true(lk_wlcp_apn_equal(&rows[0].apn, &config.apn[0].name));
}

/* Invariant 11: the very same request has the very same answer, and no second effect. */
static void a_repeated_request_is_answered_alike(void **state)
{
    answers("81 01 11 28020161", "bind, timer@10000");
    answers("81 01 11 28020161", ""); /* the anchor has not answered */
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    answers("81 01 11 28020161", "send " ACCEPT_1);
    answers("8401", "timer off, up 0");
    answers("81 01 11 28020161", "send " ACCEPT_1); /* a late one */
    does(LK_WLCP_EV_MODIFY, "send 898001, timer@8000");
    answers("81 01 11 28020161", "send " ACCEPT_1);
    assert_int_equal(pool.in_use, 1);
    now = 49999;
    answers("81 01 11 28020161", "send " ACCEPT_1);
    does(LK_WLCP_EV_RELEASE, "unbind, send 8581015824, timer@57999");
    ignores("81 01 11 28020161", LK_E_UNEXPECTED);
    now = 50000; /* the PTIs have gone round: another request of the same octets */
    answers("81 01 11 28020161", "send 830137, notice wlcp.one-per-apn");
}

/* The DNS servers of the configuration, for who asks.
 * spec: TS 24.008 10.5.6.3 - an empty container asks, one with an address answers. */
static void dns_servers_for_who_asks(void **state)
{
    memcpy(config.dns_ipv4, "\x09\x09\x09\x09", 4);
    config.dns_ipv6[15] = 1;
    answers("81 01 11 28020161 2704 80000d00", "bind, timer@10000");
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 "270880000d0409090909, timer@8000");
    answers("8401", "timer off, up 0");
    answers("8c 03 01 2704 80000300",
            "send 8a03271480000310" "00000000000000000000000000000001");
    answers("8c 03 01 2704 80000300",
            "send 8a03271480000310" "00000000000000000000000000000001");
    does(LK_WLCP_EV_MODIFY, "send 898001271b80000310" "00000000000000000000000000000001"
                            "000d0409090909, timer@8000");
}

/* What is refused, with which cause. T01: quota and congestion.
 * spec: TS 24.244 5.1.6 - congestion is told with Tw1. */
static void requests_that_are_refused(void **state)
{
    static const struct {
        const char *request, *answer;
    } refused[] = {
        { "81 09 11 28020178", "send 83091b, notice wlcp.apn-unknown" },
        { "81 0a 01 28020161", "send 830a1c, notice wlcp.pdn-type" },
        { "81 0b 51 28020161", "send 830b1c, notice wlcp.pdn-type" },
        { "81 0c 11 280403736978", "send 830c33, notice wlcp.pdn-type" },
        { "81 0d 21 280504666f7572", "send 830d32, notice wlcp.pdn-type" },
        { "81 0e 14 28020161", "send 830e20, notice wlcp.not-supported" },
        { "81 0f 11 28050466756c6c", "send 830f1a37017e, notice wlcp.congested" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(refused); i++) {
        char again[64];

        answers(refused[i].request, refused[i].answer);
        snprintf(again, sizeof again, "%.*s", (int)strcspn(refused[i].answer, ","),
                 refused[i].answer);
        answers(refused[i].request, again); /* Invariant 11 */
        is(LK_WLCP_TWAG_INACTIVE);
    }
    ue.denied = true;
    answers("81 10 11 28020161", "send 83101d, notice wlcp.session-unknown");
}

/* T01: as many connections as the quota says, or as the pool has. */
static void the_quota(void **state)
{
    struct lk_wlcp_twag other;

    answers("81 01 11 28020161", "bind, timer@10000");
    answers("81 02 11 28020162", "bind, timer@10000");
    answers("81 03 21 280403736978", "bind, timer@10000");
    answers("81 04 11 280504666f7572", "send 83041a, notice wlcp.quota");
    other = ue;
    lk_wlcp_twag_init(&ue, 43);
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(receive_octets(wlcp_octets(
                             i == 0 ? "81 01 11 28020161"
                                    : i == 1 ? "81 02 11 28020162" : "81 03 21 280403736978")),
                         LK_OK);
    assert_int_equal(pool.in_use, ROWS);
    lk_wlcp_twag_init(&ue, 44);
    answers("81 01 11 28020161", "send 83011a, notice wlcp.quota");
    assert_int_equal(rows[5].owner, 43);
    ue = other;
    assert_int_equal(give(LK_WLCP_EV_LOST, 5), LK_E_NOT_FOUND); /* a row of another UE */
    assert_int_equal(give(LK_WLCP_EV_LOST, ROWS), LK_E_NOT_FOUND);
    assert_int_equal(give(LK_WLCP_EV_LOST, 1), LK_OK);
    assert_int_equal(pool.in_use, ROWS - 1);
    assert_int_equal(pool.free, 1);
    assert_int_equal(ue.count, 2);
}

/* spec: TS 24.301 9.9.4.9 - both families when they are there, else 50 or 51 says which one. */
static void the_pdn_type_that_is_granted(void **state)
{
    static const struct {
        const char *request;
        uint8_t bound;
        const char *answer;
    } rows_of[] = {
        { "81 01 31 28020161", 3,
          "send 820102016" "10d03" "0000000000000001" "0a000007" "01020000000000, timer@8000" },
        { "81 01 31 28020161", 1, "send 820102016105010a000007010200000000005832, timer@8000" },
        { "81 01 31 28020161", 2,
          "send 82010201610902" "0000000000000001" "010200000000005833, timer@8000" },
        { "81 01 11 28020161", 3, "send " ACCEPT_1 ", timer@8000" },
        { "81 01 11 28020161", 2, "send 83011e, notice wlcp.anchor-refused, unbind, timer off, "
                                  "down 30 wlcp.anchor-refused" },
        { "81 01 31 280504666f7572", 1,
          "send 820105" "04666f7572" "05010a000007" "010200000000005832, timer@8000" },
        { "81 01 31 280504666f7572", 3, /* the service has one, whatever the anchor would give */
          "send 820105" "04666f7572" "05010a000007" "010200000000005832, timer@8000" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows_of); i++) {
        start(state);
        answers(rows_of[i].request, "bind, timer@10000");
        bound(0, rows_of[i].bound, rows_of[i].answer);
    }
}

/* An outbox that is full takes a step as a whole or not at all. */
static void what_does_not_fit_is_not_said_by_halves(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED,
                                   .octets = wlcp_octets("81 09 11 28020178") };

    lk_wlcp_outbox_empty(&out);
    while (out.count < LK_COUNT_OF(out.item) - 1)
        assert_int_equal(lk_wlcp_outbox_timer(&out, 0, 0), LK_OK);
    /* REJECT fits, the notice beside it does not. */
    assert_int_equal(lk_wlcp_twag_step(&ue, &pool, &config, &event, &out), LK_E_FULL);
    assert_int_equal(out.count, LK_COUNT_OF(out.item) - 1);
    assert_int_equal(out.used, 0);
    answers("81 09 11 28020178", "send 83091b, notice wlcp.apn-unknown");
}

static void the_anchor_refuses_or_is_silent(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_REFUSED, .cause = LK_WLCP_CAUSE_RESOURCES,
                                   .back_off_ms = 600000 };

    answers("81 01 11 28020161", "bind, timer@10000");
    assert_int_equal(step(&event), LK_OK);
    assert_string_equal(text, "send 83011a370194, notice wlcp.anchor-refused, timer off, "
                              "down 26 wlcp.anchor-refused");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("81 01 11 28020161", "send 83011a370194");
    answers("81 02 11 28020161", "bind, timer@10000");
    now = 9999;
    assert_int_equal(give(LK_WLCP_EV_EXPIRED, 0), LK_E_UNEXPECTED);
    now = 10000;
    does(LK_WLCP_EV_EXPIRED, "send 830226, notice wlcp.anchor-silent, unbind, timer off, "
                             "down 38 wlcp.anchor-silent");
    is(LK_WLCP_TWAG_INACTIVE);
    assert_int_equal(give(LK_WLCP_EV_BOUND, 0), LK_E_NOT_FOUND); /* too late */
}

/* spec: TS 24.244 5.1.1 - repeats are timer driven.
 * spec: TS 24.301 10.3 - the same octets on expiries one to four, the end on the fifth. */
static void requests_are_repeated_four_times(void **state)
{
    static const struct {
        enum lk_wlcp_event_kind begin;
        const char *sent;
        const char *end;
        enum lk_wlcp_twag_state then;
    } kinds[] = {
        { LK_WLCP_EV_BOUND, ACCEPT_1, "unbind, timer off, down 0 wlcp.no-answer",
          LK_WLCP_TWAG_INACTIVE },
        { LK_WLCP_EV_RELEASE, "8580015824", "timer off, down 0 wlcp.no-answer",
          LK_WLCP_TWAG_INACTIVE },
        { LK_WLCP_EV_MODIFY, "898001", "timer off, modified 0 wlcp.no-answer",
          LK_WLCP_TWAG_ACTIVE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        char expected[128];

        start(state);
        snprintf(expected, sizeof expected, "send %s, timer@8000", kinds[i].sent);
        if (kinds[i].begin == LK_WLCP_EV_BOUND) {
            answers("81 01 11 28020161", "bind, timer@10000");
            bound(0, LK_WLCP_IPV4, expected);
        } else {
            connect_a();
            assert_int_equal(give(kinds[i].begin, 0), LK_OK);
        }
        for (unsigned expiry = 1; expiry <= 4; expiry++) {
            now = expiry * 8000 - 1;
            assert_int_equal(give(LK_WLCP_EV_EXPIRED, 0), LK_E_UNEXPECTED);
            now++;
            snprintf(expected, sizeof expected, "send %s, timer@%u", kinds[i].sent,
                     (expiry + 1) * 8000);
            does(LK_WLCP_EV_EXPIRED, expected);
        }
        now += 8000;
        does(LK_WLCP_EV_EXPIRED, kinds[i].end);
        is(kinds[i].then);
    }
}

/* spec: TS 24.244 5.4 - DISCONNECT REQUEST of the UE. */
static void disconnection_by_the_ue(void **state)
{
    connect_a();
    answers("850301", "send 8603, unbind, timer off, down 36");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("850301", "send 8603");
    now = 40000;
    answers("850301", "send 870336, notice wlcp.no-such-connection");
}

/* spec: TS 24.244 5.3 - DISCONNECT REQUEST of the TWAG.
 * spec: TS 24.244 5.1.5 - as after a failed re-authentication; the binding ends at once. */
static void disconnection_by_the_twag(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RELEASE,
                                   .cause = LK_WLCP_CAUSE_AUTHENTICATION };

    connect_a();
    assert_int_equal(step(&event), LK_OK);
    assert_string_equal(text, "unbind, send 858001581d, timer@8000");
    assert_int_equal(step(&event), LK_E_UNEXPECTED);
    answers("8680", "timer off, down 29");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("81 01 11 28020161", "bind, timer@10000");
    does(LK_WLCP_EV_RELEASE, "send 83011f, notice wlcp.session-unknown, unbind, timer off, "
                             "down 31 wlcp.session-unknown");
}

static void disconnections_that_cross(void **state)
{
    connect_a();
    does(LK_WLCP_EV_RELEASE, "unbind, send 8580015824, timer@8000");
    answers("850301", "send 8603, timer off, down 36");
    is(LK_WLCP_TWAG_INACTIVE);
    ignores("8680", LK_E_UNEXPECTED);
}

/* The anchor ended it: a word to the UE, none to the anchor.
 * spec: TS 24.244 5.8 - it goes on in another access: no word to anybody. */
static void the_anchor_ends_the_binding(void **state)
{
    connect_a();
    does(LK_WLCP_EV_UNBOUND, "send 8580015824, timer@8000");
    does(LK_WLCP_EV_UNBOUND, "");
    answers("8680", "timer off, down 36");
    start(state);
    connect_a();
    does(LK_WLCP_EV_MOVED, "timer off, down 0");
    is(LK_WLCP_TWAG_INACTIVE);
}

/* spec: TS 24.244 5.7 - modification by the UE.
 * spec: TS 24.244 5.6 - modification by the TWAG. */
static void modification_by_either_end(void **state)
{
    connect_a();
    answers("8c0301", "send 8a03");
    does(LK_WLCP_EV_MODIFY, "send 898001, timer@8000");
    answers("8c0401", "send 8b0438"); /* they cross: ours counts */
    answers("8a80", "timer off, modified 0");
    is(LK_WLCP_TWAG_ACTIVE);
    does(LK_WLCP_EV_MODIFY, "send 898101, timer@8000");
    answers("8b8120", "timer off, modified 32 wlcp.rejected");
    does(LK_WLCP_EV_MODIFY, "send 898201, timer@8000");
    answers("8b8236", "unbind, timer off, down 54 wlcp.no-such-connection");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("81 05 11 28020161", "bind, timer@10000");
    answers("8c0602", "send 8b0636, notice wlcp.no-such-connection"); /* not yet told */
    bound(0, LK_WLCP_IPV4, "send 8205020161" "05010a000007" "02" "020000000000, timer@8000");
    answers("8c0702", "send 8b0765");
}

/* One connection for an APN, whatever the first one is doing. One that is not up is begun again
 * over a newer channel, in the same row; of one that is up the UE is asked whether it has it. */
static void one_connection_for_an_apn(void **state)
{
    uint32_t epoch;

    answers("81 01 11 28020161", "bind, timer@10000");
    answers("81 02 11 28020161", "send 830237, notice wlcp.one-per-apn");
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    answers("81 03 11 28020161", "send 830337, notice wlcp.one-per-apn");
    answers("8401", "timer off, up 0");
    answers("81 04 11 28020161", "send 830437, notice wlcp.one-per-apn");
    does(LK_WLCP_EV_RELEASE, "unbind, send 8580015824, timer@8000");
    answers("81 05 11 28020161", "send 830537, notice wlcp.one-per-apn");
    is(LK_WLCP_TWAG_DISCONNECT_PENDING);
    channel = 2;
    epoch = rows[0].epoch;
    answers("81 06 11 28020161", "bind, timer@10000");
    assert_int_equal(rows[0].epoch, epoch + 1);
    assert_int_equal(pool.in_use, 1);
    bound(0, LK_WLCP_IPV4, "send 8206020161" "05010a000007" "02" "020000000000, timer@8000");
    channel = 3;
    answers("81 07 11 28020161", "bind, timer@10000");
    channel = 4;
    answers("81 08 11 28020161", "bind, timer@10000");
    bound(0, LK_WLCP_IPV4, "send 8208020161" "05010a000007" "02" "020000000000, timer@8000");
    answers("8408", "timer off, up 0");
    ue.denied = true;
    answers("81 09 11 28020161", "send 83091d, notice wlcp.session-unknown");
    is(LK_WLCP_TWAG_ACTIVE);
}

/* A re-authentication brings a newer channel, and the UE has its connections still: a second
 * request is one too many there as well. A UE that has forgotten says so when it is asked, and gets
 * a new one the next time. */
static void a_newer_channel_does_not_mean_that_the_ue_forgot(void **state)
{
    uint32_t epoch;

    connect_a();
    epoch = rows[0].epoch;
    channel = 2;
    answers("81 05 11 28020161", "send 830537, notice wlcp.one-per-apn, send 898001, timer@8000");
    answers("81 06 11 28020161", "send 830637, notice wlcp.one-per-apn"); /* asked already */
    answers("8a80", "timer off, modified 0");
    answers("81 07 11 28020161", "send 830737, notice wlcp.one-per-apn"); /* it has it here */
    is(LK_WLCP_TWAG_ACTIVE);
    assert_int_equal(rows[0].epoch, epoch);
    channel = 3;
    answers("81 08 11 28020161", "send 830837, notice wlcp.one-per-apn, send 898101, timer@8000");
    answers("8b8136", "unbind, timer off, down 54 wlcp.no-such-connection");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("81 09 11 28020161", "bind, timer@10000");
}

/* spec: TS 24.244 5.1.3 - the question that is asked anew has an identity of its own: an answer to
 * the one before counts no more, wherever it comes from. */
static void a_question_is_asked_anew_on_a_newer_channel(void **state)
{
    connect_a();
    channel = 2;
    answers("81 05 11 28020161", "send 830537, notice wlcp.one-per-apn, send 898001, timer@8000");
    now = 8000;
    does(LK_WLCP_EV_EXPIRED, "send 898001, timer@16000");
    channel = 3;
    now = 9000;
    answers("81 06 11 28020161", "send 830637, notice wlcp.one-per-apn, send 898101, timer@17000");
    answers("81 07 11 28020161", "send 830737, notice wlcp.one-per-apn"); /* asked already */
    ignores("8a80", LK_E_UNEXPECTED);
    ignores("8b8036", LK_E_UNEXPECTED);
    is(LK_WLCP_TWAG_MODIFY_PENDING);
    for (unsigned expiry = 0; expiry < 4; expiry++) { /* all of its repeats are before it */
        now = rows[0].deadline_ms;
        assert_int_equal(give(LK_WLCP_EV_EXPIRED, 0), LK_OK);
        is(LK_WLCP_TWAG_MODIFY_PENDING);
    }
    answers("8b8136", "unbind, timer off, down 54 wlcp.no-such-connection");
}

/* ---- user plane identities ---- */

/* T01: it names its row, in this use of it, to who has the key; it tells nobody else anything, and
 * what is one bit off is nobody's. */
static void user_plane_identities_name_their_row(void **state)
{
    uint8_t mac[LK_WLCP_MAC_LEN], other[LK_WLCP_MAC_LEN];
    struct lk_wlcp_twag_pool another;

    lk_wlcp_twag_user_plane(mac, &pool, 0, 0);
    assert_true(lk_wlcp_twag_row_of(mac, &pool) == LK_WLCP_NO_ROW); /* never used */
    pool.touched = ROWS;
    for (uint32_t row = 0; row < ROWS; row++) {
        rows[row].epoch = 4095 + row;
        lk_wlcp_twag_user_plane(mac, &pool, row, 4095 + row);
        assert_int_equal(mac[0], 0x02);
        assert_int_equal(lk_wlcp_twag_row_of(mac, &pool), row);
        for (unsigned bit = 0; bit < 8 * sizeof mac; bit++) {
            memcpy(other, mac, sizeof mac);
            other[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_true(lk_wlcp_twag_row_of(other, &pool) == LK_WLCP_NO_ROW);
        }
        lk_wlcp_twag_user_plane(other, &pool, row, 4094 + row); /* of an earlier use */
        assert_true(lk_wlcp_twag_row_of(other, &pool) == LK_WLCP_NO_ROW);
    }
    lk_wlcp_twag_user_plane(mac, &pool, ROWS, 0);
    assert_true(lk_wlcp_twag_row_of(mac, &pool) == LK_WLCP_NO_ROW);
    lk_wlcp_twag_pool_init(&another, rows, ROWS, (const uint8_t[16]){ 2 });
    lk_wlcp_twag_user_plane(mac, &pool, 0, 0);
    lk_wlcp_twag_user_plane(other, &another, 0, 0);
    assert_memory_not_equal(mac, other, sizeof mac);
    assert_memory_not_equal(mac + 1, "\0\0\0\0\0", 5);
}

static void identities_go_round(void **state)
{
    const char *lines[] = { "connectivity-accept pdn-id M LOW" };
    struct lk_wlcp_table table = lk_wlcp_table;
    size_t bad;

    assert_int_equal(lk_wlcp_table_set(&table, &bad, lines, 1), LK_OK);
    config.table = &table; /* identities of four bits */
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(receive_octets(wlcp_octets_for("81 pp 11 28020161",
                                                        (uint8_t)(1 + i % 100))), LK_OK);
        assert_int_equal(rows[0].id, i % 15 + 1);
        assert_int_equal(give(LK_WLCP_EV_LOST, 0), LK_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(establishment, start),
        cmocka_unit_test_setup(without_an_apn_the_first_is_meant, start),
        cmocka_unit_test_setup(a_repeated_request_is_answered_alike, start),
        cmocka_unit_test_setup(dns_servers_for_who_asks, start),
        cmocka_unit_test_setup(requests_that_are_refused, start),
        cmocka_unit_test_setup(the_quota, start),
        cmocka_unit_test_setup(the_pdn_type_that_is_granted, start),
        cmocka_unit_test_setup(what_does_not_fit_is_not_said_by_halves, start),
        cmocka_unit_test_setup(the_anchor_refuses_or_is_silent, start),
        cmocka_unit_test_setup(requests_are_repeated_four_times, start),
        cmocka_unit_test_setup(disconnection_by_the_ue, start),
        cmocka_unit_test_setup(disconnection_by_the_twag, start),
        cmocka_unit_test_setup(disconnections_that_cross, start),
        cmocka_unit_test_setup(the_anchor_ends_the_binding, start),
        cmocka_unit_test_setup(modification_by_either_end, start),
        cmocka_unit_test_setup(one_connection_for_an_apn, start),
        cmocka_unit_test_setup(a_newer_channel_does_not_mean_that_the_ue_forgot, start),
        cmocka_unit_test_setup(a_question_is_asked_anew_on_a_newer_channel, start),
        cmocka_unit_test_setup(user_plane_identities_name_their_row, start),
        cmocka_unit_test_setup(identities_go_round, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
