/* proto/wlcp/twag: each rule of clause 6 that is the TWAG's; and every state meets every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_twag_bench.h"

/* ---- clause 6, row by row ---- */

/* spec: TS 24.244 6.3.1 - reserved PTI: REQUEST rejected with 81, DISCONNECT REQUEST too, the rest
 * ignored. It comes before what else is wrong.
 * spec: TS 24.244 6.1 - the first rule that matches. */
static void reserved_identities(void **state)
{
    connect_a();
    answers("81 ff 11 28020161", "send 83ff51, notice wlcp.pti");
    answers("81 00 11 28020161", "send 830051, notice wlcp.pti");
    answers("81 ff", "send 83ff51, notice wlcp.pti");
    answers("85 ff 01", "send 87ff51, notice wlcp.pti");
    answers("85 00 01", "send 870051, notice wlcp.pti");
    ignores("84ff", LK_E_UNEXPECTED);
    ignores("86ff", LK_E_UNEXPECTED);
    ignores("8aff", LK_E_UNEXPECTED);
    ignores("8bff24", LK_E_UNEXPECTED);
    ignores("8cff01", LK_E_UNEXPECTED);
    ignores("8c0001", LK_E_UNEXPECTED);
    ignores("8400", LK_E_UNEXPECTED);
    is(LK_WLCP_TWAG_ACTIVE);
}

/* spec: TS 24.301 9.9.4.4 - cause 35: the identity is another procedure's. */
static void an_identity_in_use(void **state)
{
    answers("81 01 11 28020161", "bind, timer@10000");
    answers("81 01 11 28020162", "send 830123, notice wlcp.pti");
    answers("85 01 01", "send 870123, notice wlcp.pti");
    answers("8c 01 01", "send 8b0123, notice wlcp.pti");
    is(LK_WLCP_TWAG_BIND_PENDING);
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    answers("8401", "timer off, up 0");
    answers("81 01 11 28020162", "bind, timer@10000"); /* it is over: the identity is free */
}

/* T02: a connection that is not this UE's does not exist, whoever has it. */
static void an_unknown_connection(void **state)
{
    connect_a();
    answers("850302", "send 870336, notice wlcp.no-such-connection");
    answers("8c0302", "send 8b0336, notice wlcp.no-such-connection");
    answers("850300", "send 870336, notice wlcp.no-such-connection");
    is(LK_WLCP_TWAG_ACTIVE);
}

/* A24: mandatory element missing or wrong: 96 in the reject, else in STATUS.
 * spec: TS 24.301 7.5.1 - cause 96.
 * spec: TS 24.301 7.4 - an unknown type is ignored by the network. */
static void errors_have_their_answers(void **state)
{
    connect_a();
    answers("81 03", "send 830360, notice wlcp.malformed");
    answers("81 03 10", "send 830360, notice wlcp.malformed");
    answers("81 03 11 0101", "send 830360, notice wlcp.malformed");
    answers("85 03", "send 870360, notice wlcp.malformed");
    answers("8c 03", "send 880360, notice wlcp.malformed");
    answers("88 03", "notice wlcp.malformed");
    ignores("9f03", LK_E_UNKNOWN);
    ignores("8201", LK_E_UNKNOWN);
    ignores("", LK_E_SHORT);
    ignores("81", LK_E_SHORT);
    does(LK_WLCP_EV_MODIFY, "send 898001, timer@8000");
    answers("8b80", "send 888060, notice wlcp.malformed");
    answers("8a80 0101", "send 888060, notice wlcp.malformed");
    is(LK_WLCP_TWAG_MODIFY_PENDING);
    /* An answer to another procedure than the one that runs. */
    ignores("8680", LK_E_UNEXPECTED);
    ignores("8480", LK_E_UNEXPECTED);
    assert_int_equal(give(LK_WLCP_EV_WANT, 0), LK_E_UNEXPECTED);
}

/* spec: TS 24.244 5.5 - STATUS about a procedure that the UE does not know ends it. */
static void status_ends_what_it_is_about(void **state)
{
    answers("81 01 11 28020161", "bind, timer@10000");
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    answers("880160", "notice wlcp.status"); /* 96: the timer decides */
    answers("88012f", "notice wlcp.status, unbind, timer off, down 47 wlcp.status");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("88012f", "notice wlcp.status");
    start(state);
    connect_a();
    answers("88012f", "notice wlcp.status");
    does(LK_WLCP_EV_MODIFY, "send 898001, timer@8000");
    answers("888061", "notice wlcp.status, timer off, modified 97 wlcp.status");
    is(LK_WLCP_TWAG_ACTIVE);
    does(LK_WLCP_EV_RELEASE, "unbind, send 8581015824, timer@8000");
    answers("88812f", "notice wlcp.status, timer off, down 47 wlcp.status");
    is(LK_WLCP_TWAG_INACTIVE);
    answers("81 02 11 28020161", "bind, timer@10000");
    answers("88022f", "notice wlcp.status, unbind, timer off, down 47 wlcp.status");
}

/* ---- every state meets every event ---- */

static const struct {
    enum lk_wlcp_event_kind kind;
    const char *octets;
    const char *on;
} every[] = {
    { LK_WLCP_EV_BOUND, NULL, "BOUND" },
    { LK_WLCP_EV_REFUSED, NULL, "REFUSED" },
    { LK_WLCP_EV_UNBOUND, NULL, "UNBOUND" },
    { LK_WLCP_EV_EXPIRED, NULL, "EXPIRED" },
    { LK_WLCP_EV_RELEASE, NULL, "RELEASE" },
    { LK_WLCP_EV_MODIFY, NULL, "MODIFY" },
    { LK_WLCP_EV_MOVED, NULL, "MOVED" },
    { LK_WLCP_EV_LOST, NULL, "LOST" },
    { LK_WLCP_EV_RECEIVED, "81 01 11 28020161", "the same REQUEST" },
    { LK_WLCP_EV_RECEIVED, "81 63 11 28020161", "CONNECTIVITY REQUEST" },
    { LK_WLCP_EV_RECEIVED, "85 63 01", "DISCONNECT REQUEST" },
    { LK_WLCP_EV_RECEIVED, "8c 63 01", "MODIFICATION INDICATION" },
    { LK_WLCP_EV_RECEIVED, "84 pp", "CONNECTIVITY COMPLETE" },
    { LK_WLCP_EV_RECEIVED, "86 pp", "DISCONNECT ACCEPT" },
    { LK_WLCP_EV_RECEIVED, "8a pp", "MODIFICATION ACCEPT" },
    { LK_WLCP_EV_RECEIVED, "8b pp 24", "MODIFICATION REJECT" },
    { LK_WLCP_EV_RECEIVED, "88 pp 2f", "STATUS" },
};

static void enter(enum lk_wlcp_twag_state state)
{
    start(NULL);
    if (state == LK_WLCP_TWAG_INACTIVE)
        return;
    if (state == LK_WLCP_TWAG_BIND_PENDING || state == LK_WLCP_TWAG_CONNECT_PENDING) {
        answers("81 01 11 28020161", "bind, timer@10000");
        if (state == LK_WLCP_TWAG_CONNECT_PENDING)
            bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
        return;
    }
    connect_a();
    if (state == LK_WLCP_TWAG_DISCONNECT_PENDING)
        assert_int_equal(give(LK_WLCP_EV_RELEASE, 0), LK_OK);
    if (state == LK_WLCP_TWAG_MODIFY_PENDING)
        assert_int_equal(give(LK_WLCP_EV_MODIFY, 0), LK_OK);
}

static bool rule_for(struct lk_rule_view *rule, unsigned in, const char *on)
{
    for (size_t i = 0; lk_rule_show(rule, &lk_wlcp_twag_rules, i); i++)
        if (rule->in == in && strcmp(rule->on, on) == 0)
            return true;
    return false;
}

static enum lk_status meet(size_t i)
{
    struct lk_wlcp_event event = { .kind = every[i].kind, .which = 0 };
    uint8_t pti = rows[0].pti != 0 ? rows[0].pti : 0x62;

    event.address = (struct lk_wlcp_address){ .pdn_type = LK_WLCP_IPV4 };
    if (every[i].octets != NULL)
        event.octets = strstr(every[i].octets, "pp") != NULL
                           ? wlcp_octets_for(every[i].octets, pti)
                           : wlcp_octets(every[i].octets);
    return step(&event);
}

static void every_state_meets_every_event(void **state)
{
    size_t met = 0;

    for (unsigned s = 0; s < LK_WLCP_TWAG_STATE_COUNT; s++)
        for (size_t i = 0; i < LK_COUNT_OF(every); i++) {
            struct lk_wlcp_twag_pdn before;
            struct lk_rule_view rule;
            enum lk_status status;
            bool has_rule, needs_pti = every[i].octets != NULL &&
                                       strstr(every[i].octets, "pp") != NULL;

            enter((enum lk_wlcp_twag_state)s);
            before = rows[0];
            now = 100000;
            has_rule = rule_for(&rule, s, every[i].on);
            status = meet(i);
            if (!has_rule && s != LK_WLCP_TWAG_INACTIVE)
                assert_memory_equal(&before, &rows[0], sizeof before);
            if (!has_rule || (needs_pti && before.pti == 0))
                continue;
            assert_int_equal(status, LK_OK);
            assert_true((rule.may_enter & 1u << rows[0].state) != 0);
            met++;
        }
    assert_int_equal(met, lk_wlcp_twag_rules.row_count); /* each rule has been met */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reserved_identities, start),
        cmocka_unit_test_setup(an_identity_in_use, start),
        cmocka_unit_test_setup(an_unknown_connection, start),
        cmocka_unit_test_setup(errors_have_their_answers, start),
        cmocka_unit_test_setup(status_ends_what_it_is_about, start),
        cmocka_unit_test_setup(every_state_meets_every_event, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
