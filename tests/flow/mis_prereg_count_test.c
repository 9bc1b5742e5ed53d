/* T40: the chain ends. A PoS that was captured tells what it likes of counts, origins and marks,
 * and has no more of the SAs that follow than the limit lets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_world.h"

enum { LIMIT = LK_MIS_CHAIN_DEFAULT, HOPS = 10 };

static int begin(void **state)
{
    mis_world_begin();
    return 0;
}

static uint8_t told_used;

/* A target that is in league with the SPoS takes the MN's proof, whatever it is over. */
static void takes_the_proof(struct lk_mis_message *m)
{
    m->auth = LK_SPAN(world.pos[world.target_of].tpos.auth.octets);
}

/* Every SPoS says that it is the first, and where K's count must fit, lets AUTH-N fit it. */
static void tells_a_count(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 2)
        m->envelope.used = 1;
    if (stage == 5)
        takes_the_proof(m);
    if (stage != 4 || !lk_mis_has(m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    m->envelope.used = m->chain.used = told_used;
    m->envelope.max = m->chain.max = 15;
    mis_world_forge(m);
}

/* Of ten hops, the longest row of SAs whose keys come of one another: what the one that was
 * captured first knows. */
static unsigned known_to_the_first(void)
{
    unsigned row = 0, most = 0;

    for (unsigned hop = 1; hop <= HOPS; hop++) {
        bool optimised = mis_world_hop(hop);

        row = optimised ? row + 1 : 0;
        most = row > most ? row : most;
        if (optimised)
            continue;
        mis_world_wait(30000);
        mis_world_eap(hop);
    }
    return most;
}

/* T40: no count that a captured PoS tells for ten hops makes the MN take more than the limit: with
 * a lie below its own count it refuses at once, and what is told as it counts ends at the limit. */
static void lies_about_the_count_lead_nowhere(void **state)
{
    static const struct {
        uint8_t used;
        unsigned known;
    } wanted[] = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 0 }, { 15, 0 }, { 255, 0 } };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        mis_world_begin();
        world.mixes = false;
        world.alter = tells_a_count;
        told_used = wanted[i].used;
        assert_int_equal(known_to_the_first(), wanted[i].known);
        assert_true(wanted[i].known <= LIMIT);
        assert_true(world.full_auths > 0);
    }
}

/* T40: it tells the MN what the MN counts itself, and has a target that is as bad. */
static void tells_what_the_mn_counts(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 1)
        m->chain.used = 0;
    if (stage == 2) {
        m->envelope.used = 1;
        m->envelope.max = 15;
    }
    if (stage == 5)
        takes_the_proof(m);
    if (stage != 4 || !lk_mis_has(m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    m->envelope.used = m->chain.used = (uint8_t)(world.mn.chain.used + 1);
    m->envelope.max = m->chain.max = 15;
    mis_world_forge(m);
}

static void the_mn_alone_ends_the_chain(void **state)
{
    world.mixes = false;
    world.alter = tells_what_the_mn_counts;
    for (unsigned i = 0; i < MIS_POS; i++)
        world.pos[i].spos_config.max = 15;
    for (unsigned hop = 1; hop <= LIMIT; hop++) {
        for (unsigned i = 0; i < MIS_POS; i++)
            world.pos[i].with_mn.sa.chain_used = 0; /* restored from a backup */
        assert_true(mis_world_hop(hop));
    }
    assert_false(mis_world_hop(LIMIT + 1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_CHAIN_END);
    mis_world_eap(LIMIT + 1);
    assert_int_equal(known_to_the_first(), LIMIT);
}

/* T40: nor does it live longer than what it stands on, whatever lifetime a PoS tells. */
static void tells_a_lifetime(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 5)
        takes_the_proof(m);
    if (stage != 4)
        return;
    m->lifetime_s = 1000000;
    mis_world_forge(m);
}

static void no_lifetime_is_longer_than_what_it_stands_on(void **state)
{
    world.mixes = false;
    world.alter = tells_a_lifetime;
    world.spos.sa.expires_ms = world.now_ms + 100000;
    assert_true(mis_world_hop(1));
    assert_int_equal(world.spos.sa.expires_ms, world.now_ms + 100000);
}

/* T40: the MN restarts in the middle of the chain, and goes on counting. */
static void a_restart_forgets_nothing(void **state)
{
    for (unsigned hop = 1; hop <= LIMIT; hop++) {
        struct lk_mis_chain chain = { world.stored, LIMIT };

        lk_mis_mn_init(&world.mn, &chain);
        assert_true(mis_world_hop(hop));
    }
    lk_mis_mn_init(&world.mn, &(struct lk_mis_chain){ world.stored, LIMIT });
    world.spos.sa.chain_used = 0;
    assert_false(mis_world_hop(LIMIT + 1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_CHAIN_END);
}

/* T40: who hands out a K and says that it is the home's, or ERP's, is not believed by either. */
static enum lk_mis_origin origin;

static void tells_an_origin(unsigned stage, struct lk_mis_message *m)
{
    if (!lk_mis_has(m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    m->envelope.origin = origin;
    if (stage == 4) {
        m->envelope.used = m->chain.used = 0;
        m->said.type = LK_MIS_SA_EAP;
        mis_world_forge(m);
    }
}

static void tells_the_target_an_origin(unsigned stage, struct lk_mis_message *m)
{
    if (stage != 2)
        return;
    m->envelope.origin = origin;
    m->envelope.used = 0;
}

static void a_k_of_the_home_is_not_made_by_words(void **state)
{
    for (origin = LK_MIS_ORIGIN_HOME; origin <= LK_MIS_ORIGIN_ERP; origin++) {
        mis_world_begin();
        world.mixes = false;
        world.alter = tells_an_origin;
        assert_false(mis_world_hop(1));
        assert_int_equal(world.full_auth, LK_REASON_MIS_COUNT_LIE);
        mis_world_begin();
        world.alter = tells_the_target_an_origin;
        assert_false(mis_world_hop(1));
        assert_int_equal(world.pos[1].refused, LK_REASON_MIS_CHAIN_END);
        assert_false(world.pos[1].coming.has);
    }
}

/* T40: an SPoS that the MN asks for a K of the home says that it has it, and hands out its own: its
 * AUTH-N fits its own K, and not the MN's. */
static void hands_out_its_own_k(unsigned stage, struct lk_mis_message *m)
{
    static uint8_t k[64] = { 0x66 };

    if (stage != 4)
        return;
    m->envelope = (struct lk_mis_key_envelope){ .key = LK_SPAN(k), .lifetime_s = 3600, .used = 0,
                                                .max = 3, .origin = origin };
    lk_mis_mark(m, LK_MIS_TLV_KEY_ENVELOPE);
    m->chain.used = 0;
    m->said.type = LK_MIS_SA_EAP;
    mis_world_forge(m);
}

static void a_k_of_the_home_is_one_that_the_mn_has(void **state)
{
    for (origin = LK_MIS_ORIGIN_SPOS; origin <= LK_MIS_ORIGIN_ERP; origin++) {
        mis_world_begin();
        world.mixes = false;
        world.wants_home = true;
        world.own_k = (struct lk_mis_k){ { 0x77 }, 64 };
        world.pos[0].is_home = true;
        world.home_realm = strchr(world.pos[0].name, '@') + 1;
        world.pos[0].home_k = world.own_k;
        mis_world_eap(0);
        world.alter = hands_out_its_own_k;
        assert_false(mis_world_hop(1));
        assert_int_equal(world.full_auth, LK_REASON_MIS_NOT_CONFIRMED);
        assert_int_equal(world.mn.chain.used, 0);
    }
}

/* T40: nor is an SPoS the home's by its name: what it hands out counts, though the SA with it is by
 * EAP, for who was between the two ends then can say any name. */
static void the_homes_name_proves_nothing(void **state)
{
    mis_world_begin();
    assert_true(mis_world_hop(1));
    world.home_realm = strchr(world.pos[1].name, '@') + 1;
    mis_world_eap(1);
    assert_true(mis_world_hop(2));
    assert_int_equal(world.mn.chain.used, 1);
    assert_int_equal(world.spos.sa.type, LK_MIS_SA_SPOS);
}

/* What the target's machine says to the offer that was lost on its way to it. */
static unsigned outputs_of_the_lost_offer(bool unmarked, enum lk_mis_tpos_output_kind kind)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_REQUEST, .now_ms = world.now_ms };
    struct mis_pos *pos = &world.pos[1];
    static struct lk_mis_tpos_outbox out;
    const struct mis_packet *packet = &world.log[0];
    struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST,
                                                            &lk_mis_codes_default) };
    struct lk_mis_message m;

    while (packet->stage != 2)
        packet++;
    assert_int_equal(lk_mis_message_get(&m, &header, lk_span_of(packet->octets, packet->len),
                                        &lk_mis_codes_default), LK_OK);
    event.request.peer = lk_span_text(world.pos[0].name);
    event.request.protected_link = true;
    event.request.message = &m;
    pos->tpos_config.unmarked = unmarked;
    lk_mis_tpos_init(&pos->tpos);
    assert_int_equal(lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, &event, &out), LK_OK);
    lk_mis_tpos_init(&pos->tpos);
    return lk_mis_tpos_outbox_find(&out, kind) != NULL;
}

/* T40: a TPoS takes K with the word of the MN's own home alone, and for as long as that goes. */
static void a_target_wants_the_homes_mark(void **state)
{
    enum { NONE, SIGNED_BY_ANOTHER, OF_ANOTHER_MN, OF_ANOTHER_HOME, OVER, OF_THE_FUTURE, NO_RUNS,
           CUT, KINDS };
    struct lk_home_secret other = { { 9 } };

    for (unsigned kind = NONE; kind < KINDS; kind++) {
        struct mis_pos *pos = &world.pos[0];
        uint64_t now_s;

        mis_world_begin();
        now_s = world.now_ms / 1000;
        if (kind == OF_ANOTHER_HOME) /* a good one, and of our MN */
            world.home_realm = "other.example";
        pos->mark_len = mis_world_mark(
            pos->mark, kind == OF_ANOTHER_MN ? "mn2@home.example" : "mn1@home.example",
            kind == OVER ? now_s - 100 : kind == OF_THE_FUTURE ? now_s + 10000 : now_s, 100,
            kind == NO_RUNS ? 0 : 3, kind == SIGNED_BY_ANOTHER ? &other : &world.home);
        if (kind == NONE)
            pos->mark_len = 0;
        if (kind == CUT)
            pos->mark_len--;
        assert_false(mis_world_hop(1));
        assert_int_equal(world.full_auth, LK_REASON_MIS_REFUSED);
        assert_true(world.told != LK_MIS_REASON_NONE);
        assert_true(world.pos[1].refused != LK_REASON_NONE);
        assert_false(world.pos[1].coming.has);
        assert_int_equal(world.pos[1].seens, 0);
        mis_world_nothing_is_left();
    }
    /* Without one it does not even ask its world. */
    for (unsigned unmarked = 0; unmarked < 2; unmarked++) {
        mis_world_begin();
        world.pos[0].mark_len = 0;
        world.lose[2] = 1;
        assert_false(mis_world_hop(1));
        assert_int_equal(outputs_of_the_lost_offer(unmarked != 0, LK_MIS_TPOS_OUT_ASK), unmarked);
        assert_int_equal(outputs_of_the_lost_offer(unmarked != 0, LK_MIS_TPOS_OUT_REFUSED),
                         !unmarked);
    }
    /* Where it is configured so, it goes without; a false one does not. */
    mis_world_begin();
    world.pos[1].tpos_config.unmarked = true;
    world.pos[0].mark_len = 0;
    assert_true(mis_world_hop(1));
    mis_world_begin();
    world.pos[1].tpos_config.unmarked = true;
    world.pos[0].mark[world.pos[0].mark_len - 1] ^= 1;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.pos[1].refused, LK_REASON_MIS_MARK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lies_about_the_count_lead_nowhere, begin),
        cmocka_unit_test_setup(the_mn_alone_ends_the_chain, begin),
        cmocka_unit_test_setup(no_lifetime_is_longer_than_what_it_stands_on, begin),
        cmocka_unit_test_setup(a_restart_forgets_nothing, begin),
        cmocka_unit_test_setup(a_k_of_the_home_is_not_made_by_words, begin),
        cmocka_unit_test_setup(a_k_of_the_home_is_one_that_the_mn_has, begin),
        cmocka_unit_test_setup(the_homes_name_proves_nothing, begin),
        cmocka_unit_test_setup(a_target_wants_the_homes_mark, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
