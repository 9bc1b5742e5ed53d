/* What kinds of processes count: each number is shown under its own name, and each name has one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/anchor_parts.h"
#include "role/enb_process.h"
#include "role/fa_process.h"
#include "role/supervisor_parts.h"
#include "role/wt_process.h"

/* A number, and the name that it is to have; where and in which struct it is. */
struct own {
    const char *name;
    size_t at;
    bool of_node;
};

#define NODE(of, member) { #member, offsetof(struct of, member), true }
#define NODE_AS(of, member, name) { name, offsetof(struct of, member), true }
#define ROLE_AS(of, member, name) { name, offsetof(struct of, member), false }

#define W(member) NODE(lk_wt_counters, member)
static const struct own wt_own[] = {
    W(xw_messages), W(xw_malformed), W(xw_refused), W(xw_unexpected), W(frames),
    W(frames_malformed), W(frames_foreign), W(frames_unassociated), W(authentications),
    W(associations), W(associations_refused), W(strangers_refused), W(handshakes),
    W(deauthentications), W(in_clear), W(in_pieces), W(replayed), W(altered), W(eapol_refused),
    W(notices), W(installs), W(installs_refused), W(data_up), W(data_down), W(up_dropped),
    W(down_dropped),
    ROLE_AS(lk_wt_process, unsent, "xw_unsent"),
    ROLE_AS(lk_wt_process, elsewhere, "frames_elsewhere"),
    ROLE_AS(lk_wt_process, unplaced, "frames_unplaced"),
    ROLE_AS(lk_wt_process, echoed, "echoed"),
};

#define E(member) NODE(lk_enb_counters, member)
#define R(member) ROLE_AS(lk_enb_process, member, #member)
static const struct own enb_own[] = {
    E(rekeys_begun), E(rekeys), E(refreshes), E(handovers), E(handovers_failed), E(rrc_refused),
    E(xw_malformed), E(xw_unknown), E(xw_refused), E(unexpected), E(notices),
    NODE_AS(lk_enb_counters, set_up, "lwa_set_up"),
    NODE_AS(lk_enb_counters, released, "lwa_released"),
    R(attaches), R(attaches_refused), R(over_budget), R(full), R(made_room), R(malformed),
    R(mac_taken), R(saves), R(saves_failed),
    ROLE_AS(lk_enb_process, strangers, "unknown"),
    ROLE_AS(lk_enb_process, unsent, "xw_unsent"),
};

#define A(member) NODE(lk_anchor_counters, member)
static const struct own anchor_own[] = {
    A(requests), A(accepted), A(repeated), A(held), A(refused), A(alarms), A(over_budget),
    A(malformed), A(release_ignored), A(created), A(renewed), A(moved), A(released), A(ended),
    A(up_packets), A(up_octets), A(down_packets), A(down_octets), A(up_unbound), A(up_foreign),
    A(down_unbound), A(policed), A(echoed), A(echo_limited),
    NODE(lk_anchor_counters, mip_requests),
    NODE(lk_anchor_counters, mip_silent),
    NODE(lk_anchor_counters, mip_asked),
    NODE(lk_anchor_counters, mip_discovered),
    A(revoked),
    NODE_AS(lk_anchor_counters, revocations, "mip_revocations"),
    NODE_AS(lk_anchor_counters, revocations_said, "mip_revocations_said"),
    NODE_AS(lk_anchor_counters, revocations_acked, "mip_revocations_acked"),
    NODE_AS(lk_anchor_counters, revocations_lost, "mip_revocations_lost"),
    NODE(lk_anchor_counters, reached),
    NODE(lk_anchor_counters, unreached),
    NODE_AS(lk_anchor_counters, up_malformed, "packets_malformed"),
    NODE_AS(lk_anchor_counters, down_malformed, "packets_malformed"),
    ROLE_AS(lk_anchor_process, tunnel_unknown, "up_foreign"),
    ROLE_AS(lk_anchor_process, tun_lost, "tun_lost"),
    ROLE_AS(lk_anchor_process, store_refused, "store_refused"),
};

#define F(member) NODE(lk_fa_counters, member)
static const struct own fa_own[] = {
    F(requests), F(relayed), F(refused), F(over_budget), F(malformed), F(made_room), F(replies),
    F(replies_unknown), F(arrived), F(renewed), F(left), F(solicited), F(advertised), F(asked),
    F(up_packets), F(up_octets), F(down_packets), F(down_octets), F(up_unbound), F(down_unbound),
    F(packets_malformed), F(hops), F(revocations), F(revoked), F(revocations_said),
    F(revocations_acked), F(revocations_lost), F(informed),
};

/* Places of what somebody is asked for when it is shown. */
static const unsigned wt_asked[] = { LK_WT_OWN_UES, LK_WT_OWN_XW_STRANGERS };
static const unsigned anchor_asked[] = { LK_ANCHOR_OWN_BINDINGS, LK_ANCHOR_OWN_MAGS };

static const unsigned fa_asked[] = { LK_FA_OWN_VISITORS, LK_FA_OWN_WAITING };

static struct lk_wt_process wt;
static struct lk_enb_process enb;
static struct lk_anchor_process anchor;
static struct lk_wt_counters wt_counters;
static struct lk_enb_counters enb_counters;
static struct lk_anchor_counters anchor_counters;
static struct lk_fa_counters fa_counters;

static void wt_values(uint64_t *values)
{
    lk_wt_own_values(values, &wt, &wt_counters);
}

static void enb_values(uint64_t *values)
{
    lk_enb_own_values(values, &enb, &enb_counters);
}

static void anchor_values(uint64_t *values)
{
    lk_anchor_own_values(values, &anchor, &anchor_counters);
}

static void fa_values(uint64_t *values)
{
    lk_fa_own_values(values, &fa_counters);
}

static const struct row {
    const struct lk_process_kind *kind;
    void *role, *node;
    void (*values)(uint64_t *values);
    const struct own *own;
    size_t count;
    const unsigned *asked;
    size_t asked_count;
} rows[] = {
    { &lk_wt_kind, &wt, &wt_counters, wt_values, wt_own, LK_COUNT_OF(wt_own), wt_asked,
      LK_COUNT_OF(wt_asked) },
    { &lk_enb_kind, &enb, &enb_counters, enb_values, enb_own, LK_COUNT_OF(enb_own), NULL, 0 },
    { &lk_anchor_kind, &anchor, &anchor_counters, anchor_values, anchor_own,
      LK_COUNT_OF(anchor_own), anchor_asked, LK_COUNT_OF(anchor_asked) },
    { &lk_fa_kind, NULL, &fa_counters, fa_values, fa_own, LK_COUNT_OF(fa_own), fa_asked,
      LK_COUNT_OF(fa_asked) },
};

/* The one place that a number which is 1 makes 1. */
static size_t place_of(const struct row *row, const struct own *own)
{
    uint64_t values[LK_OWN_COUNTERS] = { 0 }, *number;
    size_t found = LK_OWN_COUNTERS;

    number = (uint64_t *)(void *)((uint8_t *)(own->of_node ? row->node : row->role) + own->at);
    *number = 1;
    row->values(values);
    *number = 0;
    for (size_t i = 0; i < row->kind->counter_count; i++)
        if (values[i] != 0) {
            assert_int_equal(values[i], 1);
            assert_int_equal(found, LK_OWN_COUNTERS);
            found = i;
        }
    assert_true(found < row->kind->counter_count);
    return found;
}

static void check(const struct row *row)
{
    bool shown[LK_OWN_COUNTERS] = { false };
    char name[64];

    for (size_t i = 0; i < row->count; i++) {
        size_t place = place_of(row, &row->own[i]);

        (void)snprintf(name, sizeof name, "%s_%s_total", row->kind->name, row->own[i].name);
        assert_string_equal(row->kind->counters[place].name, name);
        shown[place] = true;
    }
    for (size_t i = 0; i < row->asked_count; i++)
        shown[row->asked[i]] = true;
    for (size_t i = 0; i < row->kind->counter_count; i++)
        assert_true(shown[i] || row->kind->counters[i].is_gauge);
}

static void each_number_is_shown_under_its_name(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        check(&rows[i]);
}

static bool ends_in_total(const char *name)
{
    size_t len = strlen(name);

    return len > 6 && strcmp(name + len - 6, "_total") == 0;
}

static void each_name_has_one_place(void **state)
{
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        assert_true(kind->counter_count <= LK_OWN_COUNTERS);
        for (size_t j = 0; j < kind->counter_count; j++) {
            assert_non_null(kind->counters[j].name);
            assert_non_null(kind->counters[j].help);
            assert_int_equal(ends_in_total(kind->counters[j].name), !kind->counters[j].is_gauge);
            for (size_t k = 0; k < j; k++)
                assert_string_not_equal(kind->counters[j].name, kind->counters[k].name);
        }
    }
}

/* Each worker of two generations has a seat at the vault, beside the supervisor and the processes
 * that keep state. */
static void the_vault_has_seats_for_all(void **state)
{
    assert_true(lk_supervisor_vault_clients(LK_CONFIG_WORKERS) <= LK_VAULT_CLIENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_shown_under_its_name),
        cmocka_unit_test(each_name_has_one_place),
        cmocka_unit_test(the_vault_has_seats_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
