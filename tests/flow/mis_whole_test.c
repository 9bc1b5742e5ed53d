/* MIS whole: mobile node, points of service and AAA as the nodes that they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_whole.h"
#include "node/pos_parts.h"

static const struct lk_mis_device_output *last(enum lk_mis_device_fact what)
{
    return &whole.fact[what];
}

static unsigned radius(void)
{
    unsigned sent = 0;

    for (unsigned i = 0; i < WHOLE_POS; i++)
        sent += whole.rig.pos[i].radius;
    return sent;
}

/* spec: IEEE 802.21 9.2 - the first SA by EAP over MIS.
 * spec: IEEE 802.21.1 5.14.2 - three by K of an SPoS, and the fourth in full. */
static void one_journey(bool udp, bool mixes)
{
    struct lk_mis_message known = { .target.network = lk_span_text("d1.example") };
    unsigned sent;

    whole_open(udp, mixes);
    whole_attach(0);
    assert_int_equal(whole_serving(), 0);
    assert_false(last(LK_MIS_DEVICE_ATTACHED)->fact.by_erp);

    /* Across two domains of partners, and nothing of it goes to the home. */
    sent = radius();
    whole_hop(1);
    whole_hop(2);
    assert_int_equal(whole.stored, 2);
    /* spec: IEEE 802.21.1 5.14.3 - the third target is the SPoS's to find. */
    lk_mis_mark(&known, LK_MIS_TLV_TARGET);
    assert_int_equal(whole_hand_over(RIG_NOBODY, &known), LK_OK);
    assert_int_equal(radius(), sent);
    assert_int_equal(whole.stored, 3);
    whole.rig.aaa_down = true; /* the home is away when it should renew in the background */
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 1);
    assert_int_equal(last(LK_MIS_DEVICE_FALLBACK)->fact.why.reason, LK_REASON_MIS_CHAIN_END);
    assert_true(last(LK_MIS_DEVICE_FALLBACK)->fact.background);

    /* The fourth is not asked for: full establishment with the target, by ERP. */
    rig_wait(&whole.rig, 60000);
    whole.rig.aaa_down = false;
    assert_int_equal(whole_hand_over(3, NULL), LK_OK);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], 3);
    assert_int_equal(last(LK_MIS_DEVICE_FALLBACK)->fact.why.reason, LK_REASON_MIS_CHAIN_END);
    assert_false(last(LK_MIS_DEVICE_FALLBACK)->fact.background);
    assert_true(last(LK_MIS_DEVICE_ATTACHED)->fact.by_erp);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 3);
    assert_int_equal(whole.stored, 0);
    whole_hop(4); /* and the chain begins anew */
    assert_int_equal(whole.stored, 1);
}

static void a_journey_from_eap_to_erp(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        for (int mixes = 0; mixes < 2; mixes++) {
            one_journey(udp, mixes);
            whole_close();
        }
    }
}

/* spec: IEEE 802.21.1 5.14.1 - only among partners. T41, T45: the MN does not ask for a K for a
 * stranger, and a stranger gets none for its targets; both ways it authenticates in full. */
static void strangers_are_reached_in_full(void **state)
{
    whole_open(false, true);
    whole_attach(0);
    assert_int_equal(whole_hand_over(WHOLE_STRANGER, NULL), LK_OK);
    assert_int_equal(last(LK_MIS_DEVICE_FALLBACK)->fact.why.reason, LK_REASON_MIS_TARGET);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], 0);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), WHOLE_STRANGER);
    assert_int_equal(whole_hand_over(1, NULL), LK_OK);
    assert_int_equal(last(LK_MIS_DEVICE_FALLBACK)->fact.why.reason, LK_REASON_MIS_REFUSED);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], 0);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 1);
    whole_close();
}

/* T46: without a link between the PoS no K is sent, and the MN gets there in full. */
static void without_a_link_in_full(void **state)
{
    whole_open(false, true);
    whole_attach(0);
    rig_link(&whole.rig, 0, 1, false);
    assert_int_equal(whole_hand_over(1, NULL), LK_OK);
    assert_int_equal(last(LK_MIS_DEVICE_FALLBACK)->fact.told, LK_MIS_REASON_UNREACHABLE);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 1);
    whole_close();
}

/* How many SAs of the MN somebody reads who took what the first of nine PoS in a row knows, and
 * hears the air; of the others it is as many at most. The PoS of this world know of no limit. */
static unsigned reach(bool mixes, uint8_t limit)
{
    enum { HOPS = 8, PLACES = 5 };
    struct lk_mis_sa captured[PLACES];
    unsigned reads;

    whole_open(false, mixes);
    whole.d.mn.chain.max = limit;
    for (unsigned i = 0; i < WHOLE_POS; i++) {
        whole.rig.pos[i].config.spos.max = LK_MIS_CHAIN_MOST;
        whole.rig.pos[i].config.tpos.max = LK_MIS_CHAIN_MOST;
        lk_pos_configure(whole.rig.pos[i].pos, &whole.rig.pos[i].config);
    }
    for (unsigned i = 0; i < AAA_NODES; i++)
        whole.rig.a.node[i].mis.max = LK_MIS_CHAIN_MOST;
    whole_attach(0);
    assert_int_equal(whole_serving(), 0);
    captured[0] = whole.rig.pos[0].last_keys;
    for (unsigned hop = 1; hop <= HOPS; hop++) {
        whole_hop(hop % PLACES);
        if (hop < PLACES)
            captured[hop] = whole.rig.pos[hop].last_keys;
    }
    reads = thief_reads(&whole.thief, &captured[0]);
    for (unsigned i = 1; i < PLACES; i++)
        assert_true(thief_reads(&whole.thief, &captured[i]) <= reads);
    whole_close();
    return reads;
}

/* T40: that SA, and those that stand on it: as many as the MN's limit says, and none beyond the
 * next authentication by the home. Mixed with X25519, who only listens reads that one alone. The
 * control: an MN with another limit, and the thief reads on. */
static void t40_a_captured_pos_reads_no_further_than_the_limit(void **state)
{
    assert_int_equal(reach(false, LK_MIS_CHAIN_DEFAULT), 1 + LK_MIS_CHAIN_DEFAULT);
    assert_int_equal(reach(false, 1), 2);
    assert_int_equal(reach(true, LK_MIS_CHAIN_DEFAULT), 1);
    assert_int_equal(reach(false, LK_MIS_CHAIN_MOST), 9);
}

/* T22: of the establishment's own key the MN keeps nothing, whichever way its SA came. */
static void miak_goes_when_the_sa_is_there(void **state)
{
    whole_open(false, true);
    for (unsigned how = 0; how < 3; how++) {
        if (how == 1)
            whole_hop(1);
        else
            whole_attach(how / 2); /* EAP, then ERP where it is */
        assert_true(lk_mis_sa_is(&lk_mis_device_serving(&whole.d)->sa,
                                 &(struct lk_mis_said){ (uint8_t)whole.keys.type,
                                                        lk_span_of(whole.keys.id,
                                                                   whole.keys.id_len) }));
        assert_true(whole.keys.keys.miak.len > 0);
        assert_null(memmem(&whole.d, sizeof whole.d, whole.keys.keys.miak.octets,
                           whole.keys.keys.miak.len));
    }
    whole_close();
}

/* What the MN says to its target does not arrive there. */
static bool lose_up(struct mis_rig *r, struct rig_packet *packet)
{
    return packet->leg != RIG_UP || packet->to != 1;
}

/* AUTH-T of an SA that is no more, under another one. */
static enum lk_status say_auth_t(const struct lk_mis_auth *auth)
{
    struct lk_mis_sa sa = lk_mis_device_serving(&whole.d)->sa;
    const struct lk_mis_header header = { .secured = true, .tid = 77,
                                          .id = rig_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST) };
    const struct lk_pos_peer peer = whole.rig.last[RIG_UP].peer;
    struct lk_mis_message m = { .auth = LK_SPAN(auth->octets) };
    uint8_t list[64], pdu[1024], iv[LK_MIS_IV_LEN] = { 0 };
    struct lk_writer w = lk_writer_of(list, sizeof list), frame = lk_writer_of(pdu, sizeof pdu);

    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    assert_int_equal(lk_mis_message_put(&w, &m, &lk_mis_codes_default), LK_OK);
    assert_int_equal(lk_mis_protect(&sa, &frame, &header, lk_writer_span(&w), iv,
                                    whole.rig.now_ms, &lk_mis_codes_default), LK_OK);
    whole.d.link[whole.d.serving].sa.sent = sa.sent;
    return rig_heard(&whole.rig, 1, &peer, lk_writer_span(&frame));
}

/* T40: the MN authenticates where it was awaited: what was half-open there is over, and its AUTH-T
 * opens nothing in the place of the SA that counts. */
static void auth_t_of_what_is_over_opens_nothing(void **state)
{
    const struct lk_pos_mn *mn;
    struct lk_mis_auth auth;
    unsigned arrived;

    whole_open(false, true);
    whole_attach(0);
    whole.rig.meddle = lose_up;
    assert_int_equal(whole_hand_over(1, NULL), LK_OK);
    whole.rig.meddle = NULL;
    mn = lk_pos_mn_of(whole.rig.pos[1].pos, lk_mis_device_named(&whole.d));
    assert_true(mn != NULL && mn->has_next);
    auth = mn->tpos.auth;
    arrived = whole.rig.pos[1].facts[LK_POS_ARRIVED];
    whole_attach(1); /* by ERP: the same name */
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 1);
    assert_true(mn->used && mn->has_sa && !mn->has_next);
    assert_false(rig_remembers(&whole.rig, 1, &auth, sizeof auth));
    assert_int_equal(say_auth_t(&auth), LK_E_UNEXPECTED);
    assert_int_equal(whole.rig.pos[1].facts[LK_POS_ARRIVED], arrived);
    assert_int_equal(whole_serving(), 1);
    whole_close();
}

/* T44: whom a partner handed over, and the home has authenticated since, is no more that partner's
 * and does not count in its share. */
static void whom_the_home_authenticates_is_no_partners(void **state)
{
    struct lk_pos_mn_told told;
    const struct lk_pos *pos;
    struct lk_span from;

    whole_open(false, true);
    pos = whole.rig.pos[1].pos;
    from = lk_span_text(whole.rig.pos[0].name);
    whole_attach(0);
    whole_hop(1);
    assert_true(lk_pos_told_of(&told, pos, lk_mis_device_named(&whole.d)));
    assert_true(lk_span_equal(told.spos, from));
    assert_int_equal(lk_pos_count_from(pos, from), 1);
    whole_attach(1); /* by ERP: the same row */
    assert_true(lk_pos_told_of(&told, pos, lk_mis_device_named(&whole.d)));
    assert_int_equal(told.type, LK_MIS_SA_EAP);
    assert_int_equal(told.spos.len, 0);
    assert_int_equal(lk_pos_count_from(pos, from), 0);
    whole_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journey_from_eap_to_erp),
        cmocka_unit_test(strangers_are_reached_in_full),
        cmocka_unit_test(without_a_link_in_full),
        cmocka_unit_test(miak_goes_when_the_sa_is_there),
        cmocka_unit_test(auth_t_of_what_is_over_opens_nothing),
        cmocka_unit_test(whom_the_home_authenticates_is_no_partners),
        cmocka_unit_test(t40_a_captured_pos_reads_no_further_than_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
