/* Optimised establishment whole, MN, SPoS and TPoS with SAs of real keys: three hops and no
 * fourth, what is lost, repeated or late at each step, selection by the SPoS, K of the home. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_world.h"

#define CODES (&lk_mis_codes_default)

static int begin(void **state)
{
    mis_world_begin();
    return 0;
}

/* A PDU from one end, opened at the other. */
static void passes(struct lk_mis_sa *from, struct lk_mis_sa *to)
{
    static uint8_t octets[512];
    static struct lk_mis_opened opened;
    struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_LINK_UP, LK_MIS_INDICATION,
                                                            CODES) };
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint8_t iv[LK_MIS_IV_LEN] = { 0 };
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_protect(from, &w, &header, lk_span_text("\xc6\x01\x05"), iv,
                                    world.now_ms, CODES),
                     LK_OK);
    assert_int_equal(lk_mis_decode(&pdu, lk_writer_span(&w), CODES), LK_OK);
    assert_int_equal(lk_mis_unprotect(to, &opened, &pdu, world.now_ms, CODES), LK_OK);
}

static void both_ways(unsigned pos)
{
    passes(&world.spos.sa, &world.pos[pos].with_mn.sa);
    passes(&world.pos[pos].with_mn.sa, &world.spos.sa);
}

/* ---- hops ---- */

/* spec: IEEE 802.21.1 5.14.2 - each target becomes the serving PoS of the next hop, and after the
 * limit the MN authenticates in full: in the background, and before it asks for anything more. */
static void three_hops_and_no_fourth(void **state)
{
    for (unsigned hop = 1; hop <= 3; hop++) {
        assert_true(mis_world_hop(hop));
        assert_int_equal(world.mn.chain.used, hop);
        assert_int_equal(world.stored, hop);
        assert_int_equal(world.spos.sa.type, LK_MIS_SA_SPOS);
        assert_int_equal(world.spos.sa.chain_used, hop);
        assert_int_equal(world.pos[hop].with_mn.sa.chain_used, hop);
        assert_int_equal(world.full_auths, hop == 3);
        both_ways(hop);
        mis_world_nothing_is_left();
    }
    assert_int_equal(world.full_auth, LK_REASON_MIS_CHAIN_END);
    assert_true(world.background);
    world.logged = 0;
    assert_false(mis_world_hop(4));
    assert_int_equal(world.logged, 0);
    assert_int_equal(world.full_auths, 2);
    assert_false(world.background);
    assert_int_equal(world.mn.state, LK_MIS_MN_SERVED);
    mis_world_eap(4);
    assert_int_equal(world.stored, 0);
    assert_true(mis_world_hop(5));
    assert_int_equal(world.stored, 1);
}

/* The same limit held by the SPoS, and by the TPoS, where the MN has forgotten. */
static void every_party_counts(void **state)
{
    struct lk_mis_chain none = { 0, 15 };

    for (unsigned hop = 1; hop <= 3; hop++)
        assert_true(mis_world_hop(hop));
    lk_mis_mn_init(&world.mn, &none);
    world.spos.sa.chain_used = 0;
    assert_false(mis_world_hop(4));
    assert_int_equal(world.told, LK_MIS_REASON_CHAIN_LIMIT);
    assert_int_equal(world.pos[3].refused, LK_REASON_MIS_CHAIN_END);
    assert_int_equal(world.pos[4].refused, LK_REASON_NONE);

    world.pos[3].spos_config.max = world.pos[3].max = 15;
    assert_false(mis_world_hop(4));
    assert_int_equal(world.told, LK_MIS_REASON_CHAIN_LIMIT);
    assert_int_equal(world.pos[4].refused, LK_REASON_MIS_CHAIN_END);
    world.pos[4].tpos_config.max = 15;
    world.pos[4].refused = LK_REASON_NONE;
    world.pos[3].mark_len = mis_world_mark(world.pos[3].mark, "mn1@home.example",
                                           world.now_ms / 1000, 86400, 3, &world.home);
    assert_false(mis_world_hop(4));
    assert_int_equal(world.pos[4].refused, LK_REASON_MIS_CHAIN_END);
    mis_world_nothing_is_left();
}

/* spec: IEEE 802.21.1 5.14.2 - K is the SPoS's; with X25519 in it, who only listens to the SPoS
 * has no key of the new SA; without, it has all. */
static void mixing_shuts_a_listener_out(void **state)
{
    for (unsigned mixes = 0; mixes < 2; mixes++) {
        const struct lk_mis_sa *sa = &world.spos.sa;
        struct lk_mis_keys keys;
        const struct mis_packet *asked;
        struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER,
                                                                LK_MIS_REQUEST, CODES) };
        struct lk_mis_message two, three;

        mis_world_begin();
        world.mixes = mixes != 0;
        assert_true(mis_world_hop(1));
        asked = &world.log[1];
        assert_int_equal(asked->stage, 2);
        assert_int_equal(lk_mis_message_get(&two, &header, lk_span_of(asked->octets, asked->len),
                                            CODES),
                         LK_OK);
        header.id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, CODES);
        assert_int_equal(lk_mis_message_get(&three, &header,
                                            lk_span_of(world.log[2].octets, world.log[2].len),
                                            CODES),
                         LK_OK);
        assert_int_equal(lk_mis_has(&three, LK_MIS_TLV_DH), mixes);
        lk_mis_keys_derive(&keys, &sa->agreed, &world.pos[0].last_k, two.nonce_t.at,
                           three.nonce_n.at);
        assert_int_equal(lk_span_equal(LK_SPAN(keys.miek.octets), LK_SPAN(sa->keys.miek.octets)),
                         mixes == 0);
    }
}

static void an_end_may_demand_mixing(void **state)
{
    world.mixes = false;
    world.pos[1].tpos_config.must_mix = true;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_AUTH_FAILED);
    world.mixes = true;
    assert_true(mis_world_hop(1));
    world.mn_config.must_mix = true;
    world.pos[2].tpos_config.mixes = false;
    assert_false(mis_world_hop(2));
    assert_int_equal(world.full_auth, LK_REASON_MIS_NOT_CONFIRMED);
    mis_world_wait(30000);
    mis_world_nothing_is_left();
    world.mn_config.must_mix = false;
    assert_true(mis_world_hop(2)); /* with a target that cannot */
}

/* An SA ends with what it stands on, whatever is asked for. */
static void no_sa_outlives_what_it_stands_on(void **state)
{
    world.spos.sa.expires_ms = world.pos[0].with_mn.sa.expires_ms = world.now_ms + 100000;
    assert_true(mis_world_hop(1));
    assert_int_equal(world.spos.sa.expires_ms, world.now_ms + 100000);
    assert_int_equal(world.pos[1].with_mn.sa.expires_ms, world.now_ms + 100000);
    mis_world_wait(60000);
    assert_true(mis_world_hop(2));
    assert_int_equal(world.spos.sa.expires_ms, world.now_ms + 40000);
    world.now_ms += 39500;
    assert_int_equal(mis_world_want(3, NULL), LK_OK);
    mis_world_run();
    assert_int_equal(world.told, LK_MIS_REASON_KEY_EXPIRED);
    assert_int_equal(world.pos[3].refused, LK_REASON_NONE); /* who was not asked */
    mis_world_begin();
    world.mn_config.lifetime_s = 50;
    assert_true(mis_world_hop(1));
    assert_int_equal(world.spos.sa.expires_ms, world.now_ms + 50000);
}

/* ---- the count is durable first ---- */

/* T40: the K that was counted is used when the count is on the disk, and not before. */
static void nothing_leaves_before_the_count_is_saved(void **state)
{
    struct lk_mis_mn_event saved;

    world.store_waits = true;
    assert_int_equal(mis_world_want(1, NULL), LK_OK);
    mis_world_run();
    assert_int_equal(world.mn.state, LK_MIS_MN_SAVING);
    assert_int_equal(world.store_due, 1);
    assert_int_equal(world.delivered[5], 0);
    saved = mis_world_event(LK_MIS_MN_EV_SAVED);
    saved.saved.done = true; /* of the 0 before */
    assert_int_equal(mis_world_mn(&saved), LK_OK);
    mis_world_run();
    assert_int_equal(world.delivered[5], 0);
    saved.saved.used = 1;
    assert_int_equal(mis_world_mn(&saved), LK_OK);
    mis_world_run();
    assert_int_equal(world.delivered[5], 1);
    assert_int_equal(world.mn.state, LK_MIS_MN_READY);
}

static void a_count_that_is_not_kept_ends_it(void **state)
{
    for (unsigned silent = 0; silent < 2; silent++) {
        mis_world_begin();
        world.store_fails = true;
        world.store_waits = silent != 0;
        assert_false(mis_world_hop(1));
        mis_world_wait(30000);
        assert_int_equal(world.full_auth, LK_REASON_MIS_COUNT_NOT_KEPT);
        assert_int_equal(world.delivered[5], 0);
        mis_world_nothing_is_left();
        world.logged = 0;
        world.full_auth = LK_REASON_NONE;
        assert_false(mis_world_hop(1)); /* nor is anything asked for, until the MN is anew */
        assert_int_equal(world.logged, 0);
        assert_int_equal(world.full_auth, LK_REASON_MIS_COUNT_NOT_KEPT);
        world.store_fails = world.store_waits = false;
        mis_world_eap(0);
        assert_true(mis_world_hop(1));
    }
}

/* An authentication of another kind ends what is under way: a K that came over the chain before
 * does not begin a new one. */
static void an_authentication_ends_what_was_half_open(void **state)
{
    world.lose[6] = 100;
    assert_true(mis_world_hop(1) == false);
    assert_int_equal(world.mn.state, LK_MIS_MN_HALF_OPEN);
    mis_world_eap(0);
    assert_int_equal(world.mn.state, LK_MIS_MN_IDLE);
    assert_false(world.target.has);
    assert_int_equal(world.mn.chain.used, 0);
    world.lose[6] = 0;
    assert_true(mis_world_hop(1));
    assert_int_equal(world.mn.chain.used, 1);
}

/* T40: an SA of the chain stands where it stood, whatever was authenticated elsewhere since. */
static void an_sa_counts_what_it_stands_on(void **state)
{
    for (unsigned hops = 2; hops <= 3; hops++) {
        struct mis_sa kept;

        mis_world_begin();
        for (unsigned hop = 1; hop <= hops; hop++)
            assert_true(mis_world_hop(hop));
        kept = world.spos;
        mis_world_eap(5);
        assert_int_equal(world.mn.chain.used, 0);
        world.spos = kept;
        world.serving = hops;
        world.logged = 0;
        assert_int_equal(mis_world_hop(hops + 1), hops == 2);
        assert_int_equal(world.mn.chain.used, hops == 2 ? 3 : 0);
        assert_int_equal(world.logged, hops == 2 ? 6 : 0);
        assert_int_equal(world.full_auth, LK_REASON_MIS_CHAIN_END);
    }
}

/* ---- what is lost, repeated, late ---- */

static void once_lost_or_twice_heard(void **state)
{
    static const unsigned by_mn[] = { 1, 4, 5, 6 };

    for (unsigned stage = 1; stage <= 6; stage++) {
        mis_world_begin();
        world.twice = 1u << stage;
        assert_true(mis_world_hop(1));
        assert_int_equal(world.mn.chain.used, 1);
        both_ways(1);
        mis_world_run();
        mis_world_wait(40000);
        assert_int_equal(world.mn.state, LK_MIS_MN_SERVED);
        mis_world_nothing_is_left();
    }
    for (unsigned i = 0; i < LK_COUNT_OF(by_mn); i++)
        for (unsigned times = 1; times <= 2; times++) {
            mis_world_begin();
            world.lose[by_mn[i]] = times;
            assert_false(mis_world_hop(1));
            mis_world_wait(3000ull * times);
            assert_int_equal(world.mn.state, LK_MIS_MN_READY);
            assert_int_equal(world.stored, 1);
            assert_true(world.pos[1].with_mn.ready);
        }
}

/* Three times lost; and what the PoS have between them, which nobody sends again. */
static void lost_for_good_ends_in_full_authentication(void **state)
{
    static const struct {
        unsigned stage;
        enum lk_reason why;
        enum lk_mis_reason told;
    } wanted[] = {
        { 1, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
        { 2, LK_REASON_MIS_REFUSED, LK_MIS_REASON_UNREACHABLE },
        { 3, LK_REASON_MIS_REFUSED, LK_MIS_REASON_UNREACHABLE },
        { 4, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
        { 5, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
        { 6, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        mis_world_begin();
        world.lose[wanted[i].stage] = 100;
        assert_false(mis_world_hop(1));
        mis_world_wait(8999);
        assert_int_equal(world.full_auths, wanted[i].told != LK_MIS_REASON_NONE);
        mis_world_wait(1);
        assert_int_equal(world.full_auth, wanted[i].why);
        assert_int_equal(world.told, wanted[i].told);
        assert_int_equal(world.mn.state, LK_MIS_MN_IDLE);
        mis_world_wait(30000);
        mis_world_nothing_is_left();
        assert_int_equal(world.full_auths, 1);
        world.lose[wanted[i].stage] = 0;
        assert_true(mis_world_hop(1));
    }
}

/* T43: an SA that is half-open lives for 30 s, and not longer. */
static void half_open_ends(void **state)
{
    world.lose[4] = 100;
    assert_false(mis_world_hop(1));
    assert_true(world.pos[1].coming.has);
    mis_world_wait(29999);
    assert_true(world.pos[1].coming.has);
    assert_int_equal(world.pos[0].spos.state, LK_MIS_SPOS_AWAIT_ACK);
    mis_world_wait(1);
    assert_int_equal(world.pos[1].refused, LK_REASON_MIS_HALF_OPEN);
    assert_int_equal(world.pos[0].spos.state, LK_MIS_SPOS_IDLE);
    mis_world_nothing_is_left();
}

/* The MN asks anew with another target: what came of the first is nothing, whenever it comes. */
static void an_mn_that_asks_anew_gives_up_the_first(void **state)
{
    struct mis_packet late;

    world.lose[3] = 1;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.pos[0].spos.state, LK_MIS_SPOS_AWAIT_TARGET);
    late = world.log[2];
    assert_int_equal(late.stage, 3);
    lk_mis_mn_init(&world.mn, &(struct lk_mis_chain){ 0, 3 });
    world.lose[3] = 1;
    assert_false(mis_world_hop(2));
    mis_world_deliver(&late);
    assert_int_equal(world.pos[0].spos.state, LK_MIS_SPOS_AWAIT_TARGET);
    assert_int_equal(world.delivered[4], 0);
    mis_world_deliver(&world.log[5]);
    mis_world_run();
    assert_int_equal(world.mn.state, LK_MIS_MN_READY);
    assert_true(world.pos[2].with_mn.ready);
}

/* A PDU of the MN that verifies proves it as AUTH-T does. */
static void the_first_pdu_completes(void **state)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_PROVEN };
    static struct lk_mis_tpos_outbox out;
    struct mis_pos *pos = &world.pos[1];

    world.lose[5] = 100;
    assert_false(mis_world_hop(1));
    passes(&world.target.sa, &pos->coming.sa);
    event.now_ms = world.now_ms;
    assert_int_equal(lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, &event, &out), LK_OK);
    assert_non_null(lk_mis_tpos_outbox_find(&out, LK_MIS_TPOS_OUT_READY));
    assert_int_equal(pos->tpos.state, LK_MIS_TPOS_READY);
    assert_int_equal(pos->tpos.due_ms, LK_MIS_NEVER);
}

/* ---- the target is found ---- */

/* spec: IEEE 802.21.1 5.14.3 - the MN names a network, or what it sees; the SPoS finds the PoS. */
static void the_spos_selects(void **state)
{
    struct lk_mis_message known = { .target = { .network = lk_span_text("d.example") } };

    lk_mis_mark(&known, LK_MIS_TLV_TARGET);
    assert_int_equal(mis_world_want(MIS_POS, &known), LK_OK);
    mis_world_run();
    assert_int_equal(world.mn.state, LK_MIS_MN_READY);
    assert_int_equal(world.target_of, 3);
    mis_world_begin();
    world.pos[0].neighbour[3].up = false;
    assert_int_equal(mis_world_want(MIS_POS, &known), LK_OK);
    mis_world_run();
    assert_int_equal(world.told, LK_MIS_REASON_UNREACHABLE);
    assert_int_equal(world.pos[0].refused, LK_REASON_MIS_UNREACHABLE);
    assert_string_equal(world.why.came, "rejected: unreachable");
    world.pos[0].neighbour[3].partner = false;
    assert_int_equal(mis_world_want(MIS_POS, &known), LK_OK);
    mis_world_run();
    assert_int_equal(world.told, LK_MIS_REASON_NO_TRUST);
    assert_int_equal(world.pos[0].refused, LK_REASON_MIS_NO_TARGET);
    assert_int_equal(world.delivered[2], 0);
}

/* ---- K of the home ---- */

/* The MN is served by the PoS of its home, which has from its AAA what the MN has of itself. */
static void at_home(unsigned pos, const char *realm)
{
    world.wants_home = world.pos[pos].is_home = true;
    world.own_k = world.pos[pos].home_k = (struct lk_mis_k){ { 0x77 }, 64 };
    world.home_realm = realm;
    mis_world_eap(pos);
}

/* spec: IEEE 802.21.1 5.14.2 - K may come from a higher entity: the home's own PoS gives one to the
 * target, and the MN has it of itself. It counts as none, whatever the count is, and the SA is as
 * one by EAP. */
static void the_home_gives_a_k(void **state)
{
    assert_true(mis_world_hop(1));
    at_home(1, "home.example");
    assert_false(mis_world_hop(2)); /* b.example is not the realm of the home's mark */
    assert_int_equal(world.told, LK_MIS_REASON_CHAIN_LIMIT);
    for (uint8_t used = 0; used <= 3; used++) {
        const struct lk_mis_chain chain = { used, 3 };

        at_home(1, "b.example");
        lk_mis_mn_init(&world.mn, &chain);
        world.spos.sa.chain_used = world.pos[1].with_mn.sa.chain_used = used;
        assert_true(mis_world_hop(2));
        assert_int_equal(world.mn.chain.used, 0);
        assert_int_equal(world.stored, 0);
        assert_int_equal(world.spos.sa.type, LK_MIS_SA_EAP);
        assert_int_equal(world.spos.sa.chain_used, 0);
        both_ways(2);
    }
    /* The control: of an SPoS it counts. */
    world.wants_home = false;
    assert_true(mis_world_hop(3));
    assert_int_equal(world.mn.chain.used, 1);
    assert_int_equal(world.spos.sa.type, LK_MIS_SA_SPOS);
}

/* T40: the K of the home is never told to the MN: who reads what goes there learns nothing. */
static void the_homes_k_goes_to_the_target_alone(void **state)
{
    at_home(1, "b.example");
    assert_true(mis_world_hop(2));
    for (size_t i = 0; i < world.logged; i++)
        for (size_t at = 0; at + 64 <= world.log[i].len; at++)
            assert_true(world.log[i].stage == 2 ||
                        memcmp(world.log[i].octets + at, world.own_k.octets, 64) != 0);
}

/* What the home gave to the target is another's: AUTH-N does not fit. And a K of our own is for a
 * target that is named, for as long as it lives. */
static void another_k_is_not_the_homes(void **state)
{
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_WANT);
    const struct lk_mis_mn_own own = { .k = { { 1 }, 64 } };
    const struct lk_mis_k none = { .len = 0 };

    at_home(1, "b.example");
    world.pos[1].home_k.octets[0] ^= 1;
    assert_false(mis_world_hop(2));
    assert_int_equal(world.full_auth, LK_REASON_MIS_NOT_CONFIRMED);
    assert_memory_equal(world.mn.k.octets, none.octets, sizeof none.octets);
    event.want.serving = lk_mis_serving_of(&world.spos.sa);
    event.want.own = &own;
    assert_int_equal(mis_world_mn(&event), LK_E_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(three_hops_and_no_fourth, begin),
        cmocka_unit_test_setup(every_party_counts, begin),
        cmocka_unit_test_setup(mixing_shuts_a_listener_out, begin),
        cmocka_unit_test_setup(an_end_may_demand_mixing, begin),
        cmocka_unit_test_setup(no_sa_outlives_what_it_stands_on, begin),
        cmocka_unit_test_setup(nothing_leaves_before_the_count_is_saved, begin),
        cmocka_unit_test_setup(a_count_that_is_not_kept_ends_it, begin),
        cmocka_unit_test_setup(an_authentication_ends_what_was_half_open, begin),
        cmocka_unit_test_setup(an_sa_counts_what_it_stands_on, begin),
        cmocka_unit_test_setup(once_lost_or_twice_heard, begin),
        cmocka_unit_test_setup(lost_for_good_ends_in_full_authentication, begin),
        cmocka_unit_test_setup(half_open_ends, begin),
        cmocka_unit_test_setup(an_mn_that_asks_anew_gives_up_the_first, begin),
        cmocka_unit_test_setup(the_first_pdu_completes, begin),
        cmocka_unit_test_setup(the_spos_selects, begin),
        cmocka_unit_test_setup(the_home_gives_a_k, begin),
        cmocka_unit_test_setup(the_homes_k_goes_to_the_target_alone, begin),
        cmocka_unit_test_setup(another_k_is_not_the_homes, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
