/* proto/wlcp/ue: each procedure of the UE, repeats and their end, limits, collisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_ue_bench.h"

/* ---- procedures ---- */

/* spec: TS 24.244 5.2 - REQUEST, ACCEPT, COMPLETE.
 * spec: TS 24.244 5.2.1 - the first and each further connection alike.
 * spec: TS 24.244 5.1.3 - the UE chooses the identity of its procedures, answers echo it. */
static void establishment(void **state)
{
    const struct lk_wlcp_ue_connection *c;

    connect_a();
    c = lk_wlcp_ue_find(&ue, 7);
    assert_non_null(c);
    assert_int_equal(c->pdn_id, 5);
    assert_int_equal(c->user_plane[5], 1);
    assert_int_equal(c->address.ipv4[3], 7);
    want("b", "send 81021128020162, timer@8000");
    answers(ACCEPT_2, "send 8402, up 7");
    want("", "send 810311, timer@8000");
    assert_null(lk_wlcp_ue_find(&ue, 8));
}

/* An outbox that is full takes a step as a whole or not at all. */
static void what_does_not_fit_is_not_said_by_halves(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED,
                                   .octets = wlcp_octets("ff01") };

    lk_wlcp_outbox_empty(&out);
    while (out.count < LK_COUNT_OF(out.item) - 1)
        assert_int_equal(lk_wlcp_outbox_timer(&out, 0, 0), LK_OK);
    /* STATUS fits, the notice beside it does not. */
    assert_int_equal(lk_wlcp_ue_step(&ue, &config, &event, &out), LK_E_FULL);
    assert_int_equal(out.count, LK_COUNT_OF(out.item) - 1);
    assert_int_equal(out.used, 0);
}

/* spec: TS 24.301 7.3.1 - an ACCEPT taken before gets its COMPLETE again, in whatever state the
 * connection is by then. */
static void a_repeated_accept_is_completed_again(void **state)
{
    connect_a();
    answers(ACCEPT_1, "send 8401");
    is(LK_WLCP_UE_ACTIVE);
    does(LK_WLCP_EV_MODIFY, "send 8c0205, timer@8000");
    answers(ACCEPT_1, "send 8401");
    is(LK_WLCP_UE_MODIFY_PENDING);
    does(LK_WLCP_EV_RELEASE, "send 850305, timer@6000");
    answers(ACCEPT_1, "send 8401");
    is(LK_WLCP_UE_DISCONNECT_PENDING);
    /* One octet differs: not that ACCEPT. */
    answers("8201020161 05010a000009 05 020000000001", "send 88012f, notice wlcp.pti");
}

/* spec: TS 24.244 5.1.6 - Tw1 is honoured, for that APN alone, until it ends. */
static void tw1_holds_requests_for_that_apn_back(void **state)
{
    want("a", "send 81011128020161, timer@8000");
    now = 1000;
    answers("83011a370165", "down 26 wlcp.rejected until 11000");
    now = 10999;
    want("A", "down 26 wlcp.back-off until 11000");
    is(LK_WLCP_UE_INACTIVE);
    want("b", "send 81021128020162, timer@18999");
    now = 11000;
    want("a", "send 81031128020161, timer@19000");
    answers("83031a3701e0", "down 26 wlcp.rejected for ever");
    now = 1000000000000;
    want("a", "down 26 wlcp.back-off for ever");
    answers("83 02 1f", "down 31 wlcp.rejected"); /* no Tw1: no waiting */
    want("b", "send 81041128020162, timer@1000000008000");
}

static void an_emergency_does_not_wait(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };

    want("a", "send 81011128020161, timer@8000");
    answers("83011a3701e0", "down 26 wlcp.rejected for ever");
    event.want.apn = wlcp_apn("a");
    event.want.request_type = LK_WLCP_EMERGENCY;
    event.want.pdn_type = LK_WLCP_IPV4;
    assert_int_equal(step(&event), LK_OK);
    assert_string_equal(text, "send 81021428020161, timer@8000");
}

static void the_back_off_that_ends_first_makes_room(void **state)
{
    for (unsigned i = 0; i < LK_WLCP_UE_BACK_OFFS + 1; i++) {
        struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };
        char apn[8], reject[32];

        snprintf(apn, sizeof apn, "n%u", i);
        event.want.apn = wlcp_apn(apn);
        event.want.request_type = LK_WLCP_INITIAL;
        event.want.pdn_type = LK_WLCP_IPV4;
        assert_int_equal(step(&event), LK_OK);
        snprintf(reject, sizeof reject, "83%02x1a3701%02x", i + 1, 0xa1 + i); /* i + 1 minutes */
        assert_int_equal(receive(reject), LK_OK);
    }
    want("n1", "down 26 wlcp.back-off until 120000");
    want("n8", "down 26 wlcp.back-off until 540000");
    want("n0", "send 810a112803026e30, timer@8000");
}

/* spec: TS 24.244 5.1.1 - repeats are timer driven.
 * spec: TS 24.301 10.3 - the same octets on expiries one to four, the end on the fifth. */
static void requests_are_repeated_four_times(void **state)
{
    static const struct {
        enum lk_wlcp_event_kind begin;
        const char *request;
        uint32_t interval;
        const char *end;
        enum lk_wlcp_ue_state then;
    } rows[] = {
        { LK_WLCP_EV_WANT, "81011128020161", 8000, "down 0 wlcp.no-answer", LK_WLCP_UE_INACTIVE },
        { LK_WLCP_EV_RELEASE, "850205", 6000, "down 0 wlcp.no-answer", LK_WLCP_UE_INACTIVE },
        { LK_WLCP_EV_MODIFY, "8c0205", 8000, "modified 0 wlcp.no-answer", LK_WLCP_UE_ACTIVE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        char expected[128];

        start(state);
        snprintf(expected, sizeof expected, "send %s, timer@%u", rows[i].request,
                 rows[i].interval);
        if (rows[i].begin == LK_WLCP_EV_WANT) {
            want("a", expected);
        } else {
            connect_a();
            does(rows[i].begin, expected);
        }
        for (unsigned expiry = 1; expiry <= 4; expiry++) {
            now = (uint64_t)expiry * rows[i].interval - 1;
            assert_int_equal(give(LK_WLCP_EV_EXPIRED, 0), LK_E_UNEXPECTED); /* too early */
            now++;
            snprintf(expected, sizeof expected, "send %s, timer@%u", rows[i].request,
                     (expiry + 1) * rows[i].interval);
            does(LK_WLCP_EV_EXPIRED, expected);
        }
        now += rows[i].interval;
        does(LK_WLCP_EV_EXPIRED, rows[i].end);
        is(rows[i].then);
    }
}

/* spec: TS 24.244 5.4 - DISCONNECT REQUEST of the UE, ACCEPT or REJECT. */
static void disconnection_by_the_ue(void **state)
{
    connect_a();
    does(LK_WLCP_EV_RELEASE, "send 850205, timer@6000");
    answers("87021f", "notice wlcp.rejected");
    is(LK_WLCP_UE_ACTIVE);
    does(LK_WLCP_EV_RELEASE, "send 850305, timer@6000");
    answers("870336", "down 54"); /* the gateway does not have it */
    is(LK_WLCP_UE_INACTIVE);
    start(state);
    connect_a();
    does(LK_WLCP_EV_RELEASE, "send 850205, timer@6000");
    answers("8602", "down 36");
    is(LK_WLCP_UE_INACTIVE);
    ignores("8602");
}

/* spec: TS 24.244 5.3 - DISCONNECT REQUEST of the TWAG. Its repeat gets the same answer, once more
 * and without a second effect. */
static void disconnection_by_the_twag(void **state)
{
    connect_a();
    answers("8580055824", "send 8680, down 36 wlcp.disconnected");
    is(LK_WLCP_UE_INACTIVE);
    answers("8580055824", "send 8680");
    now = 39999;
    answers("8580055824", "send 8680");
    now = 40000; /* forgotten: an unknown connection, and accepted all the same */
    answers("8580055824", "send 8680, notice wlcp.no-such-connection");
    start(state);
    connect_a();
    /* spec: TS 24.301 9.9.4.4 - a cause that is not listed is 34. */
    answers("8581055803", "send 8681, down 34 wlcp.disconnected");
}

/* Both ends ask at once: each accepts, and the connection is over at both. */
static void disconnections_that_cross(void **state)
{
    connect_a();
    does(LK_WLCP_EV_RELEASE, "send 850205, timer@6000");
    answers("8580055824", "send 8680, down 36");
    is(LK_WLCP_UE_INACTIVE);
    ignores("8602");
}

static void what_is_not_wanted_any_more_ends_as_soon_as_it_can(void **state)
{
    want("a", "send 81011128020161, timer@8000");
    does(LK_WLCP_EV_RELEASE, "");
    is(LK_WLCP_UE_CONNECT_PENDING);
    answers(ACCEPT_1, "send 8401, send 850205, timer@6000");
    is(LK_WLCP_UE_DISCONNECT_PENDING);
}

/* spec: TS 24.244 5.7 - modification by the UE.
 * spec: TS 24.244 5.6 - modification by the TWAG. */
static void modification_by_either_end(void **state)
{
    connect_a();
    does(LK_WLCP_EV_MODIFY, "send 8c0205, timer@8000");
    answers("8a02", "modified 0");
    is(LK_WLCP_UE_ACTIVE);
    does(LK_WLCP_EV_MODIFY, "send 8c0305, timer@8000");
    answers("8b0320", "modified 32 wlcp.rejected");
    is(LK_WLCP_UE_ACTIVE);
    answers("898005", "send 8a80, modified 0");
    answers("898005", "send 8a80");
    does(LK_WLCP_EV_MODIFY, "send 8c0405, timer@8000");
    answers("898105", "send 8a81, modified 0"); /* they cross: the TWAG's counts */
    is(LK_WLCP_UE_MODIFY_PENDING);
    answers("8b0438", "modified 56 wlcp.rejected");
    does(LK_WLCP_EV_MODIFY, "send 8c0505, timer@8000");
    answers("8b0536", "down 54 wlcp.rejected");
    is(LK_WLCP_UE_INACTIVE);
}

static void modification_while_it_ends(void **state)
{
    connect_a();
    does(LK_WLCP_EV_MODIFY, "send 8c0205, timer@8000");
    does(LK_WLCP_EV_RELEASE, "send 850305, timer@6000");
    answers("898005", "send 8b8065");
    ignores("8a02"); /* of the modification that was given up */
    is(LK_WLCP_UE_DISCONNECT_PENDING);
}

/* ---- ends without a word ---- */

/* spec: TS 24.244 4.1 - without a channel all connections are over.
 * spec: TS 24.244 5.9 - one that moved to 3GPP access is over here. */
static void lost_and_moved(void **state)
{
    connect_a();
    want("b", "send 81021128020162, timer@8000");
    does(LK_WLCP_EV_LOST, "down 0 wlcp.lost, down 0 wlcp.lost");
    is(LK_WLCP_UE_INACTIVE);
    does(LK_WLCP_EV_LOST, "");
    start(state);
    connect_a();
    want("b", "send 81021128020162, timer@8000");
    does(LK_WLCP_EV_MOVED, "down 0");
    assert_int_equal(ue.connection[1].state, LK_WLCP_UE_CONNECT_PENDING);
}

/* The gateway of the next link counts its identities anew: the same octets are no repeat there. */
static void answers_do_not_outlive_the_link(void **state)
{
    connect_a();
    answers("8580055824", "send 8680, down 36 wlcp.disconnected");
    answers("8580055824", "send 8680");
    does(LK_WLCP_EV_LOST, "");
    answers("8580055824", "send 8680, notice wlcp.no-such-connection");
}

/* ---- limits ---- */

static void the_ninth_connection_and_the_end_of_the_identities(void **state)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };

    event.want.request_type = LK_WLCP_INITIAL;
    event.want.pdn_type = LK_WLCP_IPV4;
    for (unsigned i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        assert_int_equal(step(&event), LK_OK);
    assert_int_equal(step(&event), LK_E_FULL);
    assert_int_equal(receive("830124"), LK_OK);
    for (unsigned i = 0; i < 300; i++) { /* PTI goes round, past those that wait */
        uint8_t pti;
        char reject[16];

        assert_int_equal(step(&event), LK_OK);
        pti = ue.connection[0].pti;
        assert_true(pti == 1 || (pti > LK_WLCP_UE_CONNECTIONS && pti <= LK_WLCP_UE_PTI_LAST));
        snprintf(reject, sizeof reject, "83%02x24", pti);
        assert_int_equal(receive(reject), LK_OK);
    }
    assert_int_equal(give(LK_WLCP_EV_RELEASE, LK_WLCP_UE_CONNECTIONS), LK_E_NOT_FOUND);
    assert_int_equal(give(LK_WLCP_EV_BOUND, 0), LK_E_UNEXPECTED);
}

static void the_longest_request_fits(void **state)
{
    uint8_t pco[LK_WLCP_PCO_MAX] = { 0x80, 0, 0x0d, LK_WLCP_PCO_MAX - 4 };
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT, .pco = LK_SPAN(pco) };
    char name[LK_WLCP_APN_TEXT];

    memset(name, 'a', sizeof name);
    name[63] = '.';
    name[sizeof name - 1] = '\0';
    event.want.apn = wlcp_apn(name);
    assert_int_equal(event.want.apn.len, LK_WLCP_APN_MAX);
    event.want.request_type = LK_WLCP_HANDOVER;
    event.want.pdn_type = LK_WLCP_IPV4V6;
    assert_int_equal(step(&event), LK_OK);
    assert_int_equal(ue.connection[0].request_len,
                     3 + 2 + event.want.apn.len + 2 + LK_WLCP_PCO_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(establishment, start),
        cmocka_unit_test_setup(what_does_not_fit_is_not_said_by_halves, start),
        cmocka_unit_test_setup(a_repeated_accept_is_completed_again, start),
        cmocka_unit_test_setup(tw1_holds_requests_for_that_apn_back, start),
        cmocka_unit_test_setup(an_emergency_does_not_wait, start),
        cmocka_unit_test_setup(the_back_off_that_ends_first_makes_room, start),
        cmocka_unit_test_setup(requests_are_repeated_four_times, start),
        cmocka_unit_test_setup(disconnection_by_the_ue, start),
        cmocka_unit_test_setup(disconnection_by_the_twag, start),
        cmocka_unit_test_setup(disconnections_that_cross, start),
        cmocka_unit_test_setup(what_is_not_wanted_any_more_ends_as_soon_as_it_can, start),
        cmocka_unit_test_setup(modification_by_either_end, start),
        cmocka_unit_test_setup(modification_while_it_ends, start),
        cmocka_unit_test_setup(lost_and_moved, start),
        cmocka_unit_test_setup(answers_do_not_outlive_the_link, start),
        cmocka_unit_test_setup(the_ninth_connection_and_the_end_of_the_identities, start),
        cmocka_unit_test_setup(the_longest_request_fits, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
