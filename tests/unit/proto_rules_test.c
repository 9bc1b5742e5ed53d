/* Rule tables: the one finder, and what must be true of every machine's table. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/access.h"
#include "proto/e2e/server.h"
#include "proto/e2e/ue.h"
#include "proto/eap/peer.h"
#include "proto/eap/server.h"
#include "proto/eps/device.h"
#include "proto/eps/network.h"
#include "proto/erp/peer.h"
#include "proto/erp/server.h"
#include "proto/gba/bsf.h"
#include "proto/gba/ue.h"
#include "proto/lwa/enb.h"
#include "proto/lwa/ue.h"
#include "proto/lwa/wt.h"
#include "proto/mis/exchange.h"
#include "proto/mis/mn.h"
#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"
#include "proto/mis/mn_auth.h"
#include "proto/mis/pos_auth.h"
#include "proto/mip/fa.h"
#include "proto/mip/ha.h"
#include "proto/mip/ha6.h"
#include "proto/mip/keygen.h"
#include "proto/mip/mn.h"
#include "proto/mip/mn6.h"
#include "proto/mip/revoker.h"
#include "proto/pmip/lma.h"
#include "proto/pmip/mag.h"
#include "proto/rsn/authenticator.h"
#include "proto/rsn/station.h"
#include "proto/rsn/supplicant.h"
#include "proto/rules.h"
#include "proto/wlcp/twag.h"
#include "proto/wlcp/ue.h"

enum { IDLE, ASKED, OPEN, STATES };
enum { START, GRANT, AGAIN, LEAVE, EVENTS };
#define TO(state) (1u << (state))

struct knock {
    int asked;
};

static enum lk_status ask(struct knock *k)
{
    k->asked++;
    return LK_OK;
}

static enum lk_status other(struct knock *k)
{
    return LK_E_VALUE;
}

static const char *const state_names[STATES] = { "IDLE", "ASKED", "OPEN" };
static const char *const on_names[EVENTS] = { "START", "GRANT", "AGAIN", "LEAVE" };

static const struct knock_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct knock *k);
} rows[] = {
    { { TO(IDLE), START, TO(ASKED), "ask", "KNOCK 1" }, ask },
    { { TO(ASKED), GRANT, TO(OPEN) | TO(IDLE), "other", "KNOCK 2" }, other },
    { { TO(ASKED) | TO(OPEN), AGAIN, 0, "other", "KNOCK 3" }, other },
    { { TO(IDLE) | TO(OPEN), LEAVE, TO(IDLE) | LK_RULE_STAY, "other", "KNOCK 4" }, other },
};

static const struct lk_rule_table table = {
    .name = "knock",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = STATES,
    .on_count = EVENTS,
    .first = TO(IDLE),
    .last = TO(OPEN),
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static void a_row_is_found_by_state_and_event(void **state)
{
    static const struct {
        unsigned in, on;
        enum lk_status status;
        size_t row;
    } wanted[] = {
        { IDLE, START, LK_OK, 0 },
        { IDLE, GRANT, LK_E_UNEXPECTED, 0 },
        { IDLE, AGAIN, LK_E_UNEXPECTED, 0 },
        { ASKED, START, LK_E_UNEXPECTED, 0 },
        { ASKED, GRANT, LK_OK, 1 },
        { ASKED, AGAIN, LK_OK, 2 },
        { OPEN, START, LK_E_UNEXPECTED, 0 },
        { OPEN, GRANT, LK_E_UNEXPECTED, 0 },
        { OPEN, AGAIN, LK_OK, 2 },
        { ASKED, LEAVE, LK_E_UNEXPECTED, 0 },
        { OPEN, LEAVE, LK_OK, 3 },
        { IDLE, EVENTS, LK_E_UNEXPECTED, 0 }, /* what a machine calls nothing */
    };
    struct knock k = { 0 };
    size_t row;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_int_equal(lk_rule_find(&row, &table, wanted[i].in, wanted[i].on),
                         wanted[i].status);
        if (wanted[i].status == LK_OK)
            assert_int_equal(row, wanted[i].row);
    }
    assert_int_equal(lk_rule_find(&row, &table, IDLE, START), LK_OK);
    assert_int_equal(rows[row].act(&k), LK_OK);
    assert_int_equal(k.asked, 1);
}

static void a_row_of_several_states_is_shown_for_each(void **state)
{
    static const struct lk_rule_view wanted[] = {
        { IDLE, "START", "ask", TO(ASKED), "KNOCK 1" },
        { ASKED, "GRANT", "other", TO(OPEN) | TO(IDLE), "KNOCK 2" },
        { ASKED, "AGAIN", "other", TO(ASKED), "KNOCK 3" },
        { OPEN, "AGAIN", "other", TO(OPEN), "KNOCK 3" },
        { IDLE, "LEAVE", "other", TO(IDLE), "KNOCK 4" },
        { OPEN, "LEAVE", "other", TO(IDLE) | TO(OPEN), "KNOCK 4" },
    };
    struct lk_rule_view view;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_true(lk_rule_show(&view, &table, i));
        assert_int_equal(view.in, wanted[i].in);
        assert_int_equal(view.may_enter, wanted[i].may_enter);
        assert_string_equal(view.on, wanted[i].on);
        assert_string_equal(view.act, wanted[i].act);
        assert_string_equal(view.clause, wanted[i].clause);
    }
    assert_false(lk_rule_show(&view, &table, LK_COUNT_OF(wanted)));
    assert_string_equal(lk_rule_state_name(&table, OPEN), "OPEN");
}

static bool stops(size_t row, unsigned from, unsigned to)
{
    pid_t child = fork();
    int how = 0;

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
        lk_rule_check(&rows[row].rule, from, to);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT;
}

static void leading_elsewhere_than_the_row_says_stops(void **state)
{
    assert_false(stops(1, ASKED, OPEN));
    assert_false(stops(1, ASKED, IDLE));
    assert_true(stops(1, ASKED, ASKED));
    assert_true(stops(0, IDLE, OPEN));
    assert_false(stops(2, OPEN, OPEN)); /* stays where it is */
    assert_true(stops(2, OPEN, ASKED));
    assert_false(stops(3, OPEN, OPEN)); /* or stays */
    assert_false(stops(3, OPEN, IDLE));
    assert_true(stops(3, OPEN, ASKED));
}

/* ---- every machine's table ---- */

static const struct lk_rule_table *const machines[] = {
    &table,
    &lk_access_rules,
    &lk_eap_peer_rules,
    &lk_eap_server_rules,
    &lk_eps_device_rules,
    &lk_eps_network_rules,
    &lk_erp_peer_rules,
    &lk_erp_server_rules,
    &lk_e2e_server_rules,
    &lk_e2e_ue_rules,
    &lk_gba_bsf_rules,
    &lk_gba_ue_rules,
    &lk_lwa_enb_rules,
    &lk_lwa_ue_rules,
    &lk_lwa_wt_rules,
    &lk_mis_exchange_rules,
    &lk_mis_mn_rules,
    &lk_mis_spos_rules,
    &lk_mis_tpos_rules,
    &lk_mis_mn_auth_rules,
    &lk_mis_pos_auth_rules,
    &lk_mip_fa_rules,
    &lk_mip_ha_rules,
    &lk_mip_ha6_rules,
    &lk_mip_keygen_rules,
    &lk_mip_mn_rules,
    &lk_mip_mn6_rules,
    &lk_mip_revoker_rules,
    &lk_pmip_lma_rules,
    &lk_pmip_mag_rules,
    &lk_rsn_authenticator_rules,
    &lk_rsn_station_rules,
    &lk_rsn_supplicant_rules,
    &lk_wlcp_twag_rules,
    &lk_wlcp_ue_rules,
};

/* The bits of all states. */
static uint32_t all_of(const struct lk_rule_table *m)
{
    return (uint32_t)(((uint64_t)1 << m->state_count) - 1);
}

static void names_are_there(const struct lk_rule_table *m)
{
    assert_true(m->state_count > 0 && m->state_count < 32);
    assert_true(m->first != 0 && m->last != 0 && ((m->first | m->last) & ~all_of(m)) == 0);
    for (unsigned i = 0; i < m->state_count; i++)
        assert_non_null(m->state_names[i]);
    for (unsigned i = 0; i < m->on_count; i++)
        assert_non_null(m->on_names[i]);
}

/* The bits of the states that rules lead to, one after the other, from where the machine begins. */
static uint32_t reached_by(const struct lk_rule_table *m)
{
    uint32_t reached = m->first, before;
    struct lk_rule_view view;

    do {
        before = reached;
        for (size_t i = 0; lk_rule_show(&view, m, i); i++)
            if ((reached & TO(view.in)) != 0)
                reached |= view.may_enter;
    } while (reached != before);
    return reached;
}

static void every_table_is_sound(void **state)
{
    for (size_t t = 0; t < LK_COUNT_OF(machines); t++) {
        const struct lk_rule_table *m = machines[t];
        struct lk_rule_view view;
        size_t shown = 0, found = 0, row;

        names_are_there(m);
        for (; lk_rule_show(&view, m, shown); shown++) {
            assert_true(view.may_enter != 0 && (view.may_enter & ~all_of(m)) == 0);
            assert_true(view.act != NULL && strlen(view.act) > 0);
            assert_true(view.clause != NULL && strlen(view.clause) > 0);
            assert_non_null(view.on);
        }
        /* One row for a state and an event, and no state that nothing leads to. */
        for (unsigned in = 0; in < m->state_count; in++)
            for (unsigned on = 0; on < m->on_count; on++)
                found += lk_rule_find(&row, m, in, on) == LK_OK;
        assert_int_equal(found, shown);
        assert_int_equal(reached_by(m), all_of(m));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_state_and_event),
        cmocka_unit_test(a_row_of_several_states_is_shown_for_each),
        cmocka_unit_test(leading_elsewhere_than_the_row_says_stops),
        cmocka_unit_test(every_table_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
