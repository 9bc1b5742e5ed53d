/* proto/wlcp/ue: each rule of clause 6 that is the UE's; and every state meets every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_ue_bench.h"

/* ---- clause 6, row by row ---- */

/* spec: TS 24.301 7.3.1 - an answer with a PTI that is reserved, unassigned or not in use. */
static void answers_of_no_procedure_are_ignored(void **state)
{
    static const char *const types[] = { "83pp1a", "86pp", "87pp24", "8app", "8bpp24" };
    static const uint8_t ptis[] = { 0, 2, 127, 255 };

    want("a", "send 81011128020161, timer@8000");
    for (size_t i = 0; i < LK_COUNT_OF(types); i++)
        for (size_t k = 0; k < LK_COUNT_OF(ptis); k++)
            ignores_octets(wlcp_octets_for(types[i], ptis[k]));
}

/* spec: TS 24.244 6.3 - an ACCEPT whose PTI is reserved, unassigned, or of no procedure. */
static void an_accept_of_no_procedure(void **state)
{
    want("a", "send 81011128020161, timer@8000");
    answers("82ff020161 05010a000007 05 020000000001", "send 88ff51, notice wlcp.pti");
    answers("8200020161 05010a000007 05 020000000001", "send 880051, notice wlcp.pti");
    answers("8202020161 05010a000007 05 020000000001", "send 88022f, notice wlcp.pti");
    is(LK_WLCP_UE_CONNECT_PENDING);
}

/* spec: TS 24.301 7.3.1 - a request of the TWAG with a reserved or clashing PTI: STATUS 47, unless
 * it repeats one that was answered. */
static void a_request_with_a_clashing_pti(void **state)
{
    connect_a();
    want("b", "send 81021128020162, timer@8000");
    answers("8502055824", "send 88022f, notice wlcp.pti");
    answers("85ff055824", "send 88ff2f, notice wlcp.pti");
    answers("8500055824", "send 88002f, notice wlcp.pti");
    answers("890205", "send 88022f, notice wlcp.pti");
    is(LK_WLCP_UE_ACTIVE);
    answers("8503055824", "send 8603, down 36 wlcp.disconnected");
    want("a", "send 81031128020161, timer@8000"); /* now 3 is ours */
    answers("8503055824", "send 8603");           /* and this is still the repeat */
}

/* spec: TS 24.301 7.3.2 - an unknown PDN connection: a DISCONNECT REQUEST is accepted. */
static void a_request_for_an_unknown_connection(void **state)
{
    connect_a();
    answers("8580095824", "send 8680, notice wlcp.no-such-connection");
    answers("8580095824", "send 8680");
    answers("898109", "send 8b8136, notice wlcp.no-such-connection");
    answers("8582005824", "send 8682, notice wlcp.no-such-connection");
    is(LK_WLCP_UE_ACTIVE);
}

/* spec: TS 24.244 6.2 - what is too short is discarded. */
static void errors_are_answered_with_status(void **state)
{
    want("a", "send 81011128020161, timer@8000");
    assert_int_equal(receive(""), LK_E_SHORT);
    assert_int_equal(receive("82"), LK_E_SHORT);
    /* spec: TS 24.301 7.4 - an unknown type: 97; a type that does not fit the state: 98. */
    answers("9f07", "send 880761, notice wlcp.malformed");
    answers("810111", "send 880161, notice wlcp.malformed");
    answers("8601", "send 880162, notice wlcp.unexpected");
    answers("8a01", "send 880162, notice wlcp.unexpected");
    /* spec: TS 24.301 7.5.1 - a mandatory element missing or wrong: 96. A24. */
    answers("8201", "send 880160, notice wlcp.malformed");
    answers("8301", "send 880160, notice wlcp.malformed");
    answers("8201020161 05010a000007 05 030000000001", "send 880160, notice wlcp.malformed");
    answers("8980", "send 888060, notice wlcp.malformed");
    /* spec: TS 24.301 7.7.2 - a conditional element missing: 100. */
    answers("858005", "send 888064, notice wlcp.malformed");
    is(LK_WLCP_UE_CONNECT_PENDING);
}

/* spec: TS 24.301 7.8 - an ACCEPT that does not answer what was asked: STATUS 95. */
static void an_accept_that_makes_no_sense(void **state)
{
    static const char *const wrong[] = {
        "8202020162 05010a000007 06 020000000001",                         /* another APN */
        "8202020161 09020000000000000001 06 020000000001",                 /* another type */
        "8202020161 05010a000007 00 020000000001",                         /* no identity */
    };

    want("b", "send 81011128020162, timer@8000");
    want("a", "send 81021128020161, timer@8000");
    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++) {
        answers(wrong[i], "send 88025f, notice wlcp.semantic");
        assert_int_equal(ue.connection[1].state, LK_WLCP_UE_CONNECT_PENDING);
    }
    /* spec: TS 23.003 9.1.2 - the APN with an operator identifier is the one that was asked for. */
    answers("8202 15 0161 066d6e63303031 066d6363303031 0467707273 05010a000008 06 020000000001",
            "send 8402, up 7");
}

/* A gateway that was restarted gives identities again that the UE has, or a connection to an APN
 * that the UE believes to have one to. The older connection is over: there is no such thing there
 * any more. */
static void an_accept_ends_the_older_one(void **state)
{
    connect_a();
    want("b", "send 81021128020162, timer@8000");
    answers("8202020162 05010a000007 05 020000000001", "down 0 wlcp.lost, send 8402, up 7");
    assert_int_equal(ue.connection[0].state, LK_WLCP_UE_INACTIVE);
    assert_int_equal(ue.connection[1].pdn_id, 5);
    want("b", "send 81031128020162, timer@8000");
    answers("8203020162 05010a000007 06 020000000001", "down 0 wlcp.lost, send 8403, up 7");
    assert_int_equal(ue.connection[1].state, LK_WLCP_UE_INACTIVE);
    assert_int_equal(ue.connection[0].pdn_id, 6);
}

/* spec: TS 24.244 5.5 - STATUS about a procedure that the other end does not know ends it. */
static void status_ends_what_it_is_about(void **state)
{
    want("a", "send 81011128020161, timer@8000");
    answers("88012f", "notice wlcp.status, down 47 wlcp.status");
    is(LK_WLCP_UE_INACTIVE);
    want("a", "send 81021128020161, timer@8000");
    answers("880260", "notice wlcp.status"); /* 96: the timer decides */
    answers("880361", "notice wlcp.status"); /* of no procedure */
    answers("880061", "notice wlcp.status");
    is(LK_WLCP_UE_CONNECT_PENDING);
    answers("8202020161 05010a000007 05 020000000001", "send 8402, up 7");
    does(LK_WLCP_EV_MODIFY, "send 8c0305, timer@8000");
    answers("880361", "notice wlcp.status, modified 97 wlcp.status");
    is(LK_WLCP_UE_ACTIVE);
    does(LK_WLCP_EV_RELEASE, "send 850405, timer@6000");
    answers("880451", "notice wlcp.status, down 81 wlcp.status");
    is(LK_WLCP_UE_INACTIVE);
}

/* spec-not: TS 24.301 7.5.1 - a broken STATUS gets no STATUS, or two ends would never stop. */
static void a_broken_status_is_not_answered(void **state)
{
    answers("8801", "notice wlcp.malformed");
    answers("880101440100", "notice wlcp.status");
    answers("88012f0a00", "notice wlcp.malformed");
}

/* A24: an ACCEPT cut at every length: discarded or answered with 96, and nothing changed. */
static void every_truncation_of_an_accept(void **state)
{
    struct lk_span whole = wlcp_octets(ACCEPT_1);

    want("a", "send 81011128020161, timer@8000");
    for (size_t len = 0; len < whole.len; len++) {
        struct lk_wlcp_ue before = ue;
        uint8_t *copy = test_malloc(len + 1); /* so that a sanitizer sees a read behind it */

        memcpy(copy, whole.at, len);
        assert_int_equal(receive_octets(lk_span_of(copy, len)), len < 2 ? LK_E_SHORT : LK_OK);
        assert_string_equal(text, len < 2 ? "" : "send 880160, notice wlcp.malformed");
        assert_memory_equal(&before, &ue, sizeof ue);
        test_free(copy);
    }
    answers(ACCEPT_1, "send 8401, up 7");
}

/* ---- every state meets every event ---- */

static const struct {
    enum lk_wlcp_event_kind kind;
    const char *octets;
    const char *on;
} every[] = {
    { LK_WLCP_EV_RELEASE, NULL, "RELEASE" },
    { LK_WLCP_EV_MODIFY, NULL, "MODIFY" },
    { LK_WLCP_EV_MOVED, NULL, "MOVED" },
    { LK_WLCP_EV_EXPIRED, NULL, "EXPIRED" },
    { LK_WLCP_EV_RECEIVED, "82pp020161 05010a000007 05 020000000001", "CONNECTIVITY ACCEPT" },
    { LK_WLCP_EV_RECEIVED, "83pp24", "CONNECTIVITY REJECT" },
    { LK_WLCP_EV_RECEIVED, "86pp", "DISCONNECT ACCEPT" },
    { LK_WLCP_EV_RECEIVED, "87pp24", "DISCONNECT REJECT" },
    { LK_WLCP_EV_RECEIVED, "8app", "MODIFICATION ACCEPT" },
    { LK_WLCP_EV_RECEIVED, "8bpp24", "MODIFICATION REJECT" },
};

static void enter(enum lk_wlcp_ue_state state)
{
    start(NULL);
    if (state == LK_WLCP_UE_INACTIVE)
        return;
    if (state == LK_WLCP_UE_CONNECT_PENDING) {
        want("a", "send 81011128020161, timer@8000");
        return;
    }
    connect_a();
    if (state == LK_WLCP_UE_DISCONNECT_PENDING)
        assert_int_equal(give(LK_WLCP_EV_RELEASE, 0), LK_OK);
    if (state == LK_WLCP_UE_MODIFY_PENDING)
        assert_int_equal(give(LK_WLCP_EV_MODIFY, 0), LK_OK);
}

static const struct lk_rule_view *rule_for(unsigned in, const char *on)
{
    static struct lk_rule_view rule;

    for (size_t i = 0; lk_rule_show(&rule, &lk_wlcp_ue_rules, i); i++)
        if (rule.in == in && strcmp(rule.on, on) == 0)
            return &rule;
    return NULL;
}

static void every_state_meets_every_event(void **state)
{
    for (unsigned s = 0; s < LK_WLCP_UE_STATE_COUNT; s++)
        for (size_t i = 0; i < LK_COUNT_OF(every); i++) {
            struct lk_wlcp_ue_connection before;
            enum lk_status status;

            enter((enum lk_wlcp_ue_state)s);
            before = ue.connection[0];
            now = 100000;
            status = every[i].kind == LK_WLCP_EV_RECEIVED
                         ? receive_octets(wlcp_octets_for(every[i].octets, before.pti))
                         : give(every[i].kind, 0);
            if (rule_for(s, every[i].on) == NULL)
                assert_memory_equal(&before, &ue.connection[0], sizeof before);
            else if (before.pti != 0 || every[i].kind != LK_WLCP_EV_RECEIVED)
                assert_int_equal(status, LK_OK);
            if (status == LK_OK && rule_for(s, every[i].on) != NULL)
                assert_true((rule_for(s, every[i].on)->may_enter &
                             1u << ue.connection[0].state) != 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(answers_of_no_procedure_are_ignored, start),
        cmocka_unit_test_setup(an_accept_of_no_procedure, start),
        cmocka_unit_test_setup(a_request_with_a_clashing_pti, start),
        cmocka_unit_test_setup(a_request_for_an_unknown_connection, start),
        cmocka_unit_test_setup(errors_are_answered_with_status, start),
        cmocka_unit_test_setup(an_accept_that_makes_no_sense, start),
        cmocka_unit_test_setup(an_accept_ends_the_older_one, start),
        cmocka_unit_test_setup(status_ends_what_it_is_about, start),
        cmocka_unit_test_setup(a_broken_status_is_not_answered, start),
        cmocka_unit_test_setup(every_truncation_of_an_accept, start),
        cmocka_unit_test_setup(every_state_meets_every_event, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
