/* Revocation of registrations (RFC 3543) between the nodes: an anchor and a foreign agent, whose
 * datagrams go from one to the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"
#include "base/ntp.h"
#include "fa_rig.h"
#include "node/binding_protocol.h"
#include "wire/mip_agent.h"

enum { ROWS = 16, MSAS = 64, N = 7, NODE_PORT = 5000, FA_PORT = 4434 };

static struct anchor_rig *home;
static void *msas_memory, *unproven_memory;
static struct lk_fa_place agent_at, fa_at, node_at;

static int setup(void **state)
{
    struct lk_anchor_fa *row;
    struct lk_imsi imsi = { .digits = "001010000000007" };

    (void)fa_rig_setup(state);
    home = anchor_rig_open(ROWS);
    home->now_ms = rig.now_ms;
    msas_memory = calloc(1, lk_mip_msas_size(MSAS));
    unproven_memory = calloc(1, lk_budgets_size());
    assert_true(msas_memory != NULL && unproven_memory != NULL);
    home->config.mip.serves = true;
    home->config.mip.agent = fa_ipv4(192, 0, 2, 1);
    home->config.mip.fa_count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        row = &home->config.mip.fa[i];
        (void)snprintf(row->name, sizeof row->name, "fa-%u", i);
        row->msa = rig.config.home_agent[0].msa;
        row->address_count = 1;
        row->address[0] = fa_ipv4(203, 0, 113, (uint8_t)(1 + i));
    }
    lk_anchor_serve_mip(&home->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    rig.home.replay = LK_MIP_TIMESTAMPS;
    lk_mip_msas_put(home->anchor.msas, lk_imsi_number(&imsi), &rig.home, 0);
    agent_at = rig.config.home_agent[0].at;
    fa_at = (struct lk_fa_place){ fa_ipv4(203, 0, 113, 1), FA_PORT };
    node_at = (struct lk_fa_place){ fa_ipv4(203, 0, 113, 77), NODE_PORT };
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(home);
    free(msas_memory);
    free(unproven_memory);
    return fa_rig_teardown(state);
}

/* ---- datagrams ---- */

static uint8_t kept[1024];
static size_t kept_len;

static struct lk_span keep(struct lk_span octets)
{
    memcpy(kept, octets.at, octets.len);
    return lk_span_of(kept, kept_len = octets.len);
}

static bool is_there(const struct lk_fa_place *at, const struct lk_address *address, uint16_t port)
{
    return at->port == port && lk_address_equal(&at->address, address);
}

/* What the foreign agent sends there, of that type; empty: nothing. */
static struct lk_span fa_sent(const struct lk_fa_place *to, int type)
{
    for (size_t i = 0; i < rig.out.count; i++) {
        const struct lk_fa_output *item = &rig.out.item[i];

        if (item->kind == LK_FA_OUT_SEND && lk_mip_type_of(item->send.octets) == type &&
            is_there(to, &item->send.to.address, item->send.to.port))
            return keep(item->send.octets);
    }
    return lk_span_of(NULL, 0);
}

static struct lk_span ha_sent(const struct lk_fa_place *to, int type)
{
    for (size_t i = 0; i < home->out.count; i++) {
        const struct lk_anchor_output *item = &home->out.item[i];

        if (item->kind == LK_ANCHOR_OUT_SEND && lk_mip_type_of(item->octets) == type &&
            is_there(to, &item->to.address, item->to.port))
            return keep(item->octets);
    }
    return lk_span_of(NULL, 0);
}

static void to_ha(const struct lk_fa_place *from, struct lk_span octets)
{
    const struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig.now_ms,
                                           .from = from->address, .port = from->port,
                                           .octets = octets };

    lk_anchor_step(&home->anchor, &event, &home->out);
}

static enum lk_reason ha_refused(void)
{
    const struct lk_anchor_output *item = anchor_find(home, LK_ANCHOR_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

/* ---- the node ---- */

static uint8_t challenge[64];
static size_t challenge_len;

/* What it asks of the foreign agent, or, co-located, of the home agent. */
static struct lk_span request(const struct lk_address *care_of, uint16_t lifetime_s)
{
    static uint8_t octets[512];
    static uint64_t times;
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request fixed = { .flags = LK_MIP_REVERSE, .lifetime_s = lifetime_s,
                                          .agent = fa_ipv4(192, 0, 2, 1), .care_of = *care_of,
                                          .identification = lk_ntp_of(rig.now_ms, 0) + ++times };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.nai = lk_span_text("0001010000000007@realm");
    to.challenge = lk_span_of(challenge, challenge_len);
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    lk_mip_request_put(&w, &fixed);
    lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (lk_address_equal(care_of, &rig.config.mip.care_of))
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    else
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &to);
    lk_mip_msa_sign(&w, &rig.home, FA_RIG_SPI, LK_MIP_MN_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    return lk_writer_span(&w);
}

static int told(void)
{
    struct lk_mip_reply reply;
    struct lk_span octets = fa_sent(&node_at, LK_MIP_REPLY);

    if (octets.len == 0)
        return -1;
    assert_int_equal(lk_mip_reply_decode(&reply, octets), LK_OK);
    challenge_len = reply.extensions.challenge.len;
    if (challenge_len > 0)
        memcpy(challenge, reply.extensions.challenge.at, challenge_len);
    return reply.code;
}

/* By the foreign agent. */
static void visits(uint16_t lifetime_s)
{
    struct lk_span relayed;

    challenge_len = 4;
    memcpy(challenge, "none", 4);
    fa_give(&node_at, request(&rig.config.mip.care_of, lifetime_s));
    assert_int_equal(told(), LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    fa_give(&node_at, request(&rig.config.mip.care_of, lifetime_s));
    relayed = fa_sent(&agent_at, LK_MIP_REQUEST);
    assert_true(relayed.len > 0);
    to_ha(&fa_at, relayed);
    fa_give(&agent_at, ha_sent(&fa_at, LK_MIP_REPLY));
    assert_int_equal(told(), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(lk_fa_served(rig.fa), lifetime_s > 0);
}

static unsigned state_at_home(void)
{
    const struct lk_binding *b = anchor_binding(home, N);

    return b->protocol == LK_BINDING_MIP ? b->mip.state : 99;
}

/* ---- those who may ---- */

static void ha_revokes(void)
{
    const struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_REVOKE, .now_ms = rig.now_ms,
                                           .subject = anchor_binding(home, N)->subject };

    lk_anchor_step(&home->anchor, &event, &home->out);
}

static void fa_revokes(void)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_REVOKE, .now_ms = rig.now_ms,
                                       .home = anchor_home(home, N) };

    lk_fa_step(rig.fa, &event, &rig.out);
}

static void fa_tick(void)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_TICK, .now_ms = rig.now_ms };

    lk_fa_step(rig.fa, &event, &rig.out);
}

/* The advertisement that tells the node that its agent knows it no more. */
static bool is_informed(void)
{
    struct lk_span octets = fa_sent(&node_at, LK_MIP_TUNNEL);
    struct lk_mip_advertisement a;
    struct lk_mip_tunnel tunnel;
    struct lk_ip_packet packet;
    const struct lk_address address = anchor_home(home, N);

    if (octets.len == 0)
        return false;
    assert_int_equal(lk_mip_tunnel_decode(&tunnel, octets), LK_OK);
    assert_int_equal(lk_ip_read(&packet, tunnel.packet), LK_OK);
    assert_true(lk_address_equal(&packet.destination, &address));
    assert_int_equal(lk_mip_advertisement_decode(&a, packet.payload), LK_OK);
    assert_int_equal(a.sequence, 0);
    assert_true((a.flags & LK_MIP_AGENT_REVOKES) != 0);
    return true;
}

/* ---- tests ---- */

/* spec: RFC 3543 4 - withdrawn at home: the visitor goes, and hears of it; the answer ends it.
 * spec: RFC 3543 3.1 - the agent says that it can. */
static void test_who_is_withdrawn_at_home_visits_no_more(void **state)
{
    struct lk_span revocation;

    visits(600);
    ha_revokes();
    assert_int_equal(state_at_home(), LK_MIP_HA_NONE);
    assert_int_equal(anchor_find(home, LK_ANCHOR_OUT_STORE)->store.change, LK_BINDING_REVOKED);
    assert_non_null(anchor_find(home, LK_ANCHOR_OUT_MARK));
    revocation = ha_sent(&fa_at, LK_MIP_REVOCATION);
    fa_give(&agent_at, revocation);
    assert_int_equal(lk_fa_served(rig.fa), 0);
    assert_int_equal(fa_find(&rig.out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_REVOKED);
    assert_true(is_informed());
    to_ha(&fa_at, fa_sent(&agent_at, LK_MIP_REVOCATION_ACK));
    assert_int_equal(home->anchor.revoking_count, 0);
    assert_int_equal(home->anchor.counters.revocations_acked, 1);
    assert_int_equal(lk_fa_counted(rig.fa)->informed, 1);
    ha_revokes(); /* there is nothing any more */
    assert_int_equal(home->out.count, 0);
    rig.now_ms += 1000;
    visits(600);  /* and it may come again */
}

/* spec: RFC 3543 3.3 - lost on the way it is said again; the fifth time is the last. */
static void test_it_is_said_five_times(void **state)
{
    unsigned said = 0;

    visits(600);
    ha_revokes();
    for (unsigned s = 0; s < 60; s++) {
        struct lk_anchor_event tick = { .kind = LK_ANCHOR_EV_TICK };

        tick.now_ms = rig.now_ms += 1000;
        lk_anchor_step(&home->anchor, &tick, &home->out);
        said += ha_sent(&fa_at, LK_MIP_REVOCATION).len > 0;
    }
    assert_int_equal(said, 4);
    assert_int_equal(home->anchor.counters.revocations_lost, 1);
    assert_int_equal(home->anchor.revoking_count, 0);
}

/* spec: RFC 3543 4 - the foreign agent ends it: the binding goes, and the home agent says that the
 * visitor may hear of it. */
static void test_who_is_sent_away_has_no_binding(void **state)
{
    visits(600);
    fa_revokes();
    assert_int_equal(lk_fa_served(rig.fa), 0);
    assert_int_equal(fa_find(&rig.out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_WITHDRAWN);
    assert_false(is_informed());
    rig.now_ms += 1000; /* the first was lost */
    fa_tick();
    to_ha(&fa_at, fa_sent(&agent_at, LK_MIP_REVOCATION));
    assert_int_equal(state_at_home(), LK_MIP_HA_NONE);
    assert_int_equal(home->anchor.counters.revoked, 1);
    fa_give(&agent_at, ha_sent(&fa_at, LK_MIP_REVOCATION_ACK));
    assert_true(is_informed());
    assert_int_equal(lk_fa_counted(rig.fa)->revocations_acked, 1);
    rig.now_ms += 100000;
    fa_tick();
    assert_int_equal(rig.out.count, 0);
}

/* spec: RFC 3543 4 - a device that is co-located now, or at another agent, or in the trusted WLAN
 * again: the agent that it left is told, the device not. */
static void test_the_agent_that_was_left_frees_its_row(void **state)
{
    const struct lk_fa_place at = { fa_ipv4(198, 51, 100, 23), NODE_PORT };
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };

    for (int to = 0; to < 2; to++) {
        visits(600);
        rig.now_ms += 1000;
        home->now_ms = rig.now_ms;
        if (to == 0)
            to_ha(&at, request(&at.address, 600));
        else
            assert_int_equal(anchor_ask(home, &wlan), LK_BA_ACCEPTED);
        fa_give(&agent_at, ha_sent(&fa_at, LK_MIP_REVOCATION));
        assert_int_equal(lk_fa_served(rig.fa), 0);
        assert_false(is_informed());
        to_ha(&fa_at, fa_sent(&agent_at, LK_MIP_REVOCATION_ACK));
        assert_int_equal(home->anchor.revoking_count, 0);
        assert_int_equal(state_at_home(), to == 0 ? LK_MIP_HA_ACTIVE : 99);
        rig.now_ms += 1000;
    }
}

/* T12: that it has heard says the agent that was told: by the word of another one, be its key as
 * good, the home agent goes on. */
static void test_t12_who_acknowledges_was_told(void **state)
{
    const struct lk_fa_place other = { fa_ipv4(203, 0, 113, 2), FA_PORT };
    struct lk_span ack;

    visits(600);
    ha_revokes();
    fa_give(&agent_at, ha_sent(&fa_at, LK_MIP_REVOCATION));
    ack = fa_sent(&agent_at, LK_MIP_REVOCATION_ACK);
    to_ha(&other, ack);
    assert_int_equal(ha_refused(), LK_REASON_MIP_REVOCATION);
    assert_int_equal(home->anchor.revoking_count, 1);
    to_ha(&fa_at, ack); /* the control */
    assert_int_equal(home->anchor.revoking_count, 0);
}

/* T11: what the agent was told when the device went to the trusted WLAN ends nothing that comes
 * behind it, not even within that second. */
static void test_t11_what_took_it_over_ends_nothing_newer(void **state)
{
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    uint8_t told_before[256];
    struct lk_span revocation;
    size_t len;

    visits(600);
    home->now_ms = rig.now_ms += 50;
    assert_int_equal(anchor_ask(home, &wlan), LK_BA_ACCEPTED);
    revocation = ha_sent(&fa_at, LK_MIP_REVOCATION);
    memcpy(told_before, revocation.at, len = revocation.len);
    fa_give(&agent_at, revocation);
    assert_int_equal(lk_fa_served(rig.fa), 0); /* the control */
    rig.now_ms += 50;
    visits(600);
    fa_give(&agent_at, lk_span_of(told_before, len));
    assert_int_equal(lk_fa_served(rig.fa), 1);
}

/* Back at the agent before that has heard of it: what is not true any more is not said. */
static void test_who_has_come_back_is_not_sent_away(void **state)
{
    const struct lk_fa_place at = { fa_ipv4(198, 51, 100, 23), NODE_PORT };
    uint8_t late[256];
    size_t len;

    visits(600);
    to_ha(&at, request(&at.address, 600));
    len = ha_sent(&fa_at, LK_MIP_REVOCATION).len;
    memcpy(late, kept, len);
    assert_int_equal(home->anchor.revoking_count, 1);
    visits(600);
    assert_int_equal(home->anchor.revoking_count, 0);
    fa_give(&agent_at, lk_span_of(late, len)); /* T11 */
    assert_int_equal(lk_fa_served(rig.fa), 1);
    assert_int_equal(fa_refused(), LK_REASON_MIP_REVOCATION);
}

/* Who deregisters through its agent tells it so itself. */
static void test_a_deregistration_needs_no_revocation(void **state)
{
    visits(600);
    visits(0);
    assert_int_equal(home->anchor.counters.revocations_said, 0);
    assert_int_equal(state_at_home(), LK_MIP_HA_NONE);
}

/* T10, T12: from elsewhere, without a key, altered: nothing ends, nothing is answered. */
static void test_t10_a_stranger_revokes_nobody(void **state)
{
    const struct lk_fa_place stranger = { fa_ipv4(198, 51, 100, 66), 434 };
    struct lk_mip_revocation r = { .from_ha = true, .home_domain = agent_at.address,
                                   .foreign_domain = fa_at.address, .identifier = UINT32_MAX / 2 };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_msa wrong = fa_msa(400, 66);

    visits(600);
    r.home = anchor_home(home, N);
    lk_mip_revocation_put(&w, &r);
    lk_mip_msa_sign(&w, &wrong, 400, LK_MIP_FA_HA_AUTH);
    fa_give(&stranger, lk_writer_span(&w));
    assert_int_equal(fa_refused(), LK_REASON_MIP_REVOCATION);
    fa_give(&agent_at, lk_writer_span(&w));
    assert_int_equal(fa_refused(), LK_REASON_MIP_FA_AUTH);
    octets[0] = LK_MIP_REVOCATION_ACK;
    fa_give(&agent_at, lk_span_of(octets, 12));
    assert_int_equal(fa_refused(), LK_REASON_MIP_REVOCATION);
    fa_give(&agent_at, lk_span_of(octets, 5));
    assert_int_equal(fa_refused(), LK_REASON_MIP_MALFORMED);
    assert_true(fa_sent(&agent_at, LK_MIP_REVOCATION_ACK).len == 0);
    assert_int_equal(lk_fa_served(rig.fa), 1);

    r.from_ha = false;
    w = lk_writer_of(octets, sizeof octets);
    lk_mip_revocation_put(&w, &r);
    lk_mip_msa_sign(&w, &wrong, 400, LK_MIP_FA_HA_AUTH);
    to_ha(&stranger, lk_writer_span(&w));
    assert_int_equal(ha_refused(), LK_REASON_MIP_REVOCATION);
    to_ha(&fa_at, lk_writer_span(&w));
    assert_int_equal(ha_refused(), LK_REASON_MIP_FA_AUTH);
    octets[0] = LK_MIP_REVOCATION_ACK;
    to_ha(&fa_at, lk_span_of(octets, 12));
    assert_int_equal(ha_refused(), LK_REASON_MIP_REVOCATION);
    to_ha(&fa_at, lk_span_of(octets, 5));
    assert_int_equal(ha_refused(), LK_REASON_MIP_MALFORMED);
    assert_int_equal(state_at_home(), LK_MIP_HA_ACTIVE);
    assert_null(anchor_find(home, LK_ANCHOR_OUT_SEND));
}

/* T12: an acknowledgement that the agent has not made stops nothing. */
static void test_t12_a_forged_acknowledgement_stops_nothing(void **state)
{
    struct lk_mip_revocation r;
    struct lk_mip_msa wrong = fa_msa(400, 66);
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    visits(600);
    ha_revokes();
    assert_int_equal(lk_mip_revocation_decode(&r, ha_sent(&fa_at, LK_MIP_REVOCATION)), LK_OK);
    lk_mip_revocation_acknowledge(&w, &r, false, &wrong);
    to_ha(&fa_at, lk_writer_span(&w));
    assert_int_equal(ha_refused(), LK_REASON_MIP_FA_AUTH);
    assert_int_equal(home->anchor.revoking_count, 1);
}

/* T11: another agent revokes what is not at it: it hears that it has nothing, and nothing ends. */
static void test_t11_another_agent_ends_nothing(void **state)
{
    const struct lk_fa_place other = { fa_ipv4(203, 0, 113, 2), FA_PORT };
    struct lk_mip_revocation r = { .home_domain = agent_at.address,
                                   .foreign_domain = other.address,
                                   .identifier = (uint32_t)(rig.now_ms / 1000) + 9 };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    visits(600);
    r.home = anchor_home(home, N);
    lk_mip_revocation_put(&w, &r);
    lk_mip_msa_sign(&w, &rig.config.home_agent[0].msa, 400, LK_MIP_FA_HA_AUTH);
    to_ha(&other, lk_writer_span(&w));
    assert_true(ha_sent(&other, LK_MIP_REVOCATION_ACK).len > 0);
    assert_int_equal(state_at_home(), LK_MIP_HA_ACTIVE);
    assert_null(anchor_find(home, LK_ANCHOR_OUT_STORE));
    r.home = fa_ipv4(10, 45, 7, 7); /* of nobody's address */
    w = lk_writer_of(octets, sizeof octets);
    lk_mip_revocation_put(&w, &r);
    lk_mip_msa_sign(&w, &rig.config.home_agent[0].msa, 400, LK_MIP_FA_HA_AUTH);
    to_ha(&other, lk_writer_span(&w));
    assert_true(ha_sent(&other, LK_MIP_REVOCATION_ACK).len > 0);
}

/* T11: what was revoked stays so behind a restart, and a revocation from before it ends nothing. */
static void test_t11_a_restart_forgets_no_time(void **state)
{
    struct lk_binding_record record;
    uint8_t old[256];
    size_t len;

    visits(600);
    fa_revokes();
    len = fa_sent(&agent_at, LK_MIP_REVOCATION).len;
    memcpy(old, kept, len);
    to_ha(&fa_at, lk_span_of(old, len));
    visits(600);
    lk_anchor_record(&record, &home->anchor, anchor_binding(home, N));
    anchor_rig_restart(home, ROWS);
    assert_int_equal(lk_anchor_load(&home->anchor, &record, rig.now_ms), LK_OK);
    lk_anchor_serve_mip(&home->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    to_ha(&fa_at, lk_span_of(old, len));
    assert_int_equal(ha_refused(), LK_REASON_MIP_REVOCATION);
    assert_int_equal(state_at_home(), LK_MIP_HA_ACTIVE);
    ha_revokes(); /* the control: what was agreed on is known as well */
    assert_true(ha_sent(&fa_at, LK_MIP_REVOCATION).len > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_who_is_withdrawn_at_home_visits_no_more),
        T(test_it_is_said_five_times),
        T(test_who_is_sent_away_has_no_binding),
        T(test_the_agent_that_was_left_frees_its_row),
        T(test_t12_who_acknowledges_was_told),
        T(test_t11_what_took_it_over_ends_nothing_newer),
        T(test_who_has_come_back_is_not_sent_away),
        T(test_a_deregistration_needs_no_revocation),
        T(test_t10_a_stranger_revokes_nobody),
        T(test_t12_a_forged_acknowledgement_stops_nothing),
        T(test_t11_another_agent_ends_nothing),
        T(test_t11_a_restart_forgets_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
