/* A PoS with its mobile node, its AAA and its partners, when nobody means ill: full establishment,
 * optimised ones until the chain ends, ends, releases, loss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pos_case.h"

/* spec: IEEE 802.21 9.2 - EAP over MIS; spec: RFC 3579 2.1 - the PoS passes it through. */
static void a_mobile_node_attaches(void **state)
{
    struct lk_pos_mn_told told;

    assert_true(rig_attach(&rig, 0));
    assert_true(rig_told(&rig, 0, &told));
    assert_int_equal(told.type, LK_MIS_SA_EAP);
    assert_int_equal(told.chain.used, 0);
    assert_int_equal(told.chain.max, 3);
    assert_int_equal(told.spos.len, 0);
    assert_int_equal(told.peer.way, LK_POS_STREAM);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
    assert_int_equal(rig.pos[0].facts[LK_POS_ATTACHED], 1);
    assert_memory_equal(&rig.pos[0].last_keys.keys, &rig.mn.with[0].sa.keys,
                        sizeof rig.mn.with[0].sa.keys);
}

/* spec: IEEE 802.21.1 5.14.2 - three optimised establishments, and no fourth, but one in full. */
static void a_chain_of_three_and_then_in_full(void **state)
{
    struct lk_pos_mn_told told;

    assert_true(rig_attach(&rig, 0));
    for (unsigned hop = 1; hop <= 3; hop++) {
        unsigned radius = rig.pos[hop].radius;

        assert_true(rig_hop(&rig, hop));
        assert_true(rig_told(&rig, hop, &told));
        assert_int_equal(told.type, LK_MIS_SA_SPOS);
        assert_int_equal(told.chain.used, hop);
        assert_int_equal(rig.mn.stored, hop);
        assert_true(lk_span_equal(told.spos, lk_span_text(rig.pos[hop - 1].name)));
        assert_int_equal(rig.pos[hop].radius, radius); /* nothing of it went to the home */
    }
    assert_int_equal(rig.mn.backgrounds, 1);
    assert_false(rig_hop(&rig, 4));
    assert_int_equal(rig.mn.full_auth.reason, LK_REASON_MIS_CHAIN_END);
    assert_true(rig_attach(&rig, 4));
    assert_true(rig_hop(&rig, 0));
}

/* Over UDP every message is acknowledged, and what is lost comes again. */
static bool lose_each_third(struct mis_rig *r, struct rig_packet *packet)
{
    return packet->leg == RIG_N2N || r->met++ % 3 != 1;
}

static void over_udp_with_loss(void **state)
{
    rig.mn.udp = true;
    assert_true(rig_attach(&rig, 0));
    assert_true(rig_hop(&rig, 1));
    rig.meddle = lose_each_third;
    rig_attach_begin(&rig, 2);
    rig_wait(&rig, 60000);
    rig.meddle = NULL;
    assert_int_equal(rig.mn.attached, 2);
    assert_true(rig_ping(&rig, 2));
}

static void an_optimised_one_over_udp_with_loss(void **state)
{
    rig.mn.udp = true;
    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_each_third;
    rig_want(&rig, 1, NULL);
    rig_wait(&rig, 30000);
    rig.meddle = NULL;
    assert_int_equal(rig.mn.mn.state, LK_MIS_MN_READY);
    rig_switched(&rig);
    assert_true(rig_ping(&rig, 1));
}

/* spec: IEEE 802.21.1 5.14.3 - the SPoS selects the target by what the MN knows. */
static void the_spos_selects(void **state)
{
    struct lk_mis_message known = { .target.network = lk_span_text("d3.example") };

    assert_true(rig_attach(&rig, 0));
    lk_mis_mark(&known, LK_MIS_TLV_TARGET);
    rig_want(&rig, RIG_NOBODY, &known);
    rig_run(&rig);
    assert_int_equal(rig.mn.mn.state, LK_MIS_MN_READY);
    assert_int_equal(rig.mn.target, 3);
}

/* The first word to the target through the serving PoS, which sees no more of it than octets. */
static bool through_the_spos(struct mis_rig *r, struct rig_packet *packet)
{
    if (packet->leg == RIG_UP && packet->to == 1)
        packet->to = 0;
    r->met += packet->leg == RIG_DOWN && packet->from == 1;
    return true;
}

static void the_first_word_through_the_spos(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig.meddle = through_the_spos;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    assert_int_equal(rig.mn.mn.state, LK_MIS_MN_READY);
    assert_int_equal(rig.met, 0);
    assert_int_equal(rig_counted(&rig, 0)->relayed, 2);
    rig.meddle = NULL;
    rig_switched(&rig);
    assert_true(rig_ping(&rig, 1));
    /* Not for longer than what is half-open there could be. */
    rig_wait(&rig, 31000);
    rig.meddle = through_the_spos;
    assert_false(rig_ping(&rig, 1));
    assert_int_equal(rig_counted(&rig, 0)->foreign, 1);
}

static void it_ends_by_either_end_and_by_time(void **state)
{
    struct lk_pos_event release = { .kind = LK_POS_EV_RELEASE };

    assert_true(rig_attach(&rig, 0));
    rig_terminate(&rig, 0);
    assert_int_equal(rig.mn.last_status, LK_MIS_SUCCESS);
    assert_int_equal(rig.pos[0].facts[LK_POS_LEFT], 1);
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 0);

    assert_true(rig_attach(&rig, 0));
    release.release = lk_span_text(rig.mn.name);
    assert_int_equal(rig_step(&rig, 0, release), LK_OK);
    rig_run(&rig);
    assert_int_equal(rig.mn.terminated, 2);
    assert_int_equal(rig_step(&rig, 0, release), LK_E_NOT_FOUND);

    assert_true(rig_attach(&rig, 0));
    rig_wait(&rig, UINT64_C(3601) * 1000);
    assert_int_equal(rig.pos[0].facts[LK_POS_ENDED], 1);
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 0);
}

/* A new SA in full takes the place of the one before; what was under that is nobody's now. */
static void attaching_again_replaces(void **state)
{
    struct rig_sa before;

    assert_true(rig_attach(&rig, 0));
    before = rig.mn.with[0];
    assert_true(rig_attach(&rig, 0));
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 1);
    rig.mn.with[0].sa = before.sa;
    assert_false(rig_ping(&rig, 0));
    assert_int_equal(rig_counted(&rig, 0)->unknown_sa, 1);
}

/* spec: RFC 5677 5 - over TCP who asks under an SA that nobody has finds out by the end of the
 * connection: a PoS that began anew can say nothing under it. Over UDP there is nothing to end, and
 * what ends an SA that is over asks nothing. */
static void an_unknown_sa_ends_its_stream(void **state)
{
    struct rig_sa before;

    for (int udp = 0; udp < 2; udp++) {
        rig.mn.udp = udp;
        rig.pos[0].closes = 0;
        assert_true(rig_attach(&rig, 0));
        before = rig.mn.with[0];
        assert_true(rig_attach(&rig, 0));
        rig.mn.with[0].sa = before.sa;
        rig_terminate(&rig, 0);
        assert_int_equal(rig.pos[0].closes, 0);
        rig.mn.with[0].sa = before.sa;
        assert_false(rig_ping(&rig, 0));
        assert_int_equal(rig.pos[0].closes, udp ? 0 : 1);
    }
}

static void the_home_refuses(void **state)
{
    rig.a.w.known = false;
    assert_false(rig_attach(&rig, 0));
    assert_int_equal(rig.mn.failed, 1);
    assert_int_equal(rig.pos[0].facts[LK_POS_REJECTED], 1);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 0);
}

static void the_home_is_silent(void **state)
{
    rig.aaa_down = true;
    assert_false(rig_attach(&rig, 0));
    rig_wait(&rig, 16000);
    assert_int_equal(rig.pos[0].radius, 3);
    assert_int_equal(rig.pos[0].facts[LK_POS_REJECTED], 1);
    assert_int_equal(rig.pos[0].reason[LK_POS_REJECTED], LK_REASON_MIS_AAA_SILENT);
    assert_int_equal(rig.mn.failed, 1);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
}

/* Where there is no time left for all tries, it is still the home that is told of. */
static void the_home_is_silent_to_the_end(void **state)
{
    struct lk_pos_config config = rig.pos[0].config;

    config.radius.tries = 9;
    lk_pos_configure(rig.pos[0].pos, &config);
    rig.aaa_down = true;
    assert_false(rig_attach(&rig, 0));
    rig_wait(&rig, 31000);
    assert_int_equal(rig.pos[0].facts[LK_POS_REJECTED], 1);
    assert_int_equal(rig.pos[0].reason[LK_POS_REJECTED], LK_REASON_MIS_AAA_SILENT);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
}

/* A reload: another limit, other partners; SAs stay. */
static void it_is_configured_anew(void **state)
{
    struct lk_pos_config config = rig.pos[0].config;

    assert_true(rig_attach(&rig, 0));
    config.spos.max = 0;
    lk_pos_configure(rig.pos[0].pos, &config);
    assert_true(rig_ping(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_CHAIN_LIMIT);
    config.spos.max = 3;
    lk_pos_configure(rig.pos[0].pos, &config);
    assert_true(rig_hop(&rig, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_mobile_node_attaches),
        CASE(a_chain_of_three_and_then_in_full),
        CASE(over_udp_with_loss),
        CASE(an_optimised_one_over_udp_with_loss),
        CASE(the_spos_selects),
        CASE(the_first_word_through_the_spos),
        CASE(it_ends_by_either_end_and_by_time),
        CASE(attaching_again_replaces),
        CASE(an_unknown_sa_ends_its_stream),
        CASE(the_home_refuses),
        CASE(the_home_is_silent),
        CASE(the_home_is_silent_to_the_end),
        CASE(it_is_configured_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
