/* Optimised establishment against a PoS that is captured, or somebody between two: an SA that must
 * not have a K (T41), what is altered (T42) or played back (T43), who is no partner (T44, T45), a
 * link that hides nothing (T46). mis_prereg_count_test.c has the count (T40). */
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

/* ---- T41 ---- */

/* T41: an SA by TLS neither asks for a K nor gets one; nor one of a group, or one that hides
 * nothing. */
static void only_an_sa_of_eap_takes_a_k(void **state)
{
    static const enum lk_mis_id_type types[] = { LK_MIS_SA_TLS, LK_MIS_SA_GKB };

    for (size_t i = 0; i <= LK_COUNT_OF(types); i++) {
        mis_world_begin();
        for (unsigned at_spos = 0; at_spos < 2; at_spos++) {
            struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_REQUEST };
            struct lk_mis_mn_event want = mis_world_event(LK_MIS_MN_EV_WANT);
            struct lk_mis_neighbours neighbours = { world.pos[0].neighbour, MIS_POS };
            static struct lk_mis_spos_outbox out;
            static const uint8_t nonce[16] = { 1 };
            struct lk_mis_message m = { .mn = lk_mis_name_of(&world.mn_config.self),
                                        .nonce_t = LK_SPAN(nonce),
                                        .pos.id = lk_span_text(world.pos[1].name) };
            struct lk_mis_serving serving = lk_mis_serving_of(&world.spos.sa);

            if (i < LK_COUNT_OF(types))
                serving.type = (uint8_t)types[i];
            else
                serving.hides = false;
            if (at_spos == 0) {
                want.want.serving = serving;
                assert_int_equal(mis_world_mn(&want), LK_OK);
                assert_int_equal(world.full_auth, LK_REASON_MIS_SA_TYPE);
                assert_int_equal(world.mn.state, LK_MIS_MN_IDLE);
                assert_int_equal(world.logged, 0);
                continue;
            }
            lk_mis_mark(&m, LK_MIS_TLV_MN);
            lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
            lk_mis_mark(&m, LK_MIS_TLV_POS);
            lk_mis_offers_say(&m, &world.mn_config.offers);
            event.now_ms = world.now_ms;
            event.request.serving = serving;
            event.request.serving.peer = m.mn;
            event.request.max = 15;
            event.request.neighbours = &neighbours;
            event.request.message = &m;
            assert_int_equal(lk_mis_spos_step(&world.pos[0].spos, &world.pos[0].spos_config,
                                              &event, &out),
                             LK_OK);
            assert_null(lk_mis_spos_outbox_find(&out, LK_MIS_SPOS_OUT_ASK));
            assert_int_equal(lk_mis_spos_outbox_find(&out, LK_MIS_SPOS_OUT_REFUSED)->refused.reason,
                             LK_REASON_MIS_SA_TYPE);
        }
    }
}

/* T41: where an SA by EAP is demanded, one that an SPoS made does not do, at either end; and is
 * not to be had under another name. */
static void relabels(unsigned stage, struct lk_mis_message *m)
{
    if (stage != 4)
        return;
    m->said.type = LK_MIS_SA_EAP;
    mis_world_forge(m);
}

static void passes_over_the_wish(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 1)
        m->present &= ~(UINT64_C(1) << LK_MIS_TLV_AUTH_INFO);
}

static void an_sa_of_an_spos_is_not_one_of_eap(void **state)
{
    world.mn_config.demanded = 1u << LK_MIS_SA_TLS | 1u << LK_MIS_SA_EAP;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_SA_TYPE);
    assert_int_equal(world.logged, 0);
    mis_world_begin();
    world.pos[1].tpos_config.demanded = 1u << LK_MIS_SA_TLS | 1u << LK_MIS_SA_EAP;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_FULL_AUTH_WANTED);
    mis_world_nothing_is_left();
    mis_world_begin();
    world.mixes = false;
    world.alter = relabels;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_SA_TYPE);
    /* A K of the home may be asked for; one of the SPoS's own does not do in its place. */
    for (unsigned demands = 0; demands < 2; demands++) {
        mis_world_begin();
        world.wants_home = true;
        world.own_k = (struct lk_mis_k){ { 0x77 }, 64 };
        world.alter = passes_over_the_wish;
        if (demands != 0)
            world.mn_config.demanded = 1u << LK_MIS_SA_TLS | 1u << LK_MIS_SA_EAP;
        assert_int_equal(mis_world_hop(1), demands == 0);
        assert_true(world.logged > 0);
        assert_int_equal(world.mn.chain.used, demands == 0);
        if (demands != 0)
            assert_int_equal(world.full_auth, LK_REASON_MIS_SA_TYPE);
    }
}

/* T41, T44: a PoS that is no partner hands nobody over; nothing is looked at, asked or kept. */
static void a_stranger_hands_nobody_over(void **state)
{
    struct lk_mis_partners partners = { world.mn_config.partners.realm + 1, MIS_POS - 1 };

    world.pos[1].tpos_config.partners = partners;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_NO_TRUST);
    assert_int_equal(world.full_auth, LK_REASON_MIS_REFUSED);
    assert_int_equal(world.pos[1].refused, LK_REASON_MIS_STRANGER);
    assert_int_equal(world.pos[1].seens, 0);
    mis_world_nothing_is_left();
}

/* T46: on a link that is not protected there is no K, and no answer either. */
static void a_link_in_clear_carries_nothing(void **state)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_REQUEST };
    struct lk_mis_spos_event no_link = { .kind = LK_MIS_SPOS_EV_NO_LINK };
    static struct lk_mis_tpos_outbox out;
    static struct lk_mis_spos_outbox said;
    struct lk_mis_message m = { .present = 0 };
    struct mis_pos *pos = &world.pos[1];

    event.request.peer = lk_span_text(world.pos[0].name);
    event.request.message = &m;
    assert_int_equal(lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, &event, &out), LK_E_DENIED);
    event.request.protected_link = true;
    assert_int_equal(lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, &event, &out), LK_E_MISSING);
    world.lose[2] = 1;
    assert_false(mis_world_hop(1));
    no_link.now_ms = world.now_ms;
    no_link.target.run = world.pos[0].spos.run;
    assert_int_equal(lk_mis_spos_step(&world.pos[0].spos, &world.pos[0].spos_config, &no_link,
                                      &said),
                     LK_OK);
    assert_int_equal(lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_REFUSED)->refused.reason,
                     LK_REASON_MIS_UNREACHABLE);
    assert_non_null(lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_ANSWER));
    lk_mis_mn_init(&world.mn, &(struct lk_mis_chain){ 0, 3 });
    mis_world_nothing_is_left();
}

/* An answer in clear is nobody's, and says nothing. */
static void nothing_is_heard_in_clear(void **state)
{
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_HEARD);
    struct lk_mis_message m = { .status = LK_MIS_REJECTED };

    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    world.lose[1] = 1;
    assert_int_equal(mis_world_want(1, NULL), LK_OK);
    event.heard.under = LK_MIS_MN_IN_CLEAR;
    event.heard.action = LK_MIS_PREREG_XFER;
    event.heard.opcode = LK_MIS_RESPONSE;
    event.heard.message = &m;
    assert_int_equal(mis_world_mn(&event), LK_E_DENIED);
    event.heard.under = LK_MIS_MN_UNDER_NEW;
    assert_int_equal(mis_world_mn(&event), LK_E_UNEXPECTED);
    event.heard.under = LK_MIS_MN_UNDER_SPOS;
    event.heard.opcode = LK_MIS_REQUEST;
    assert_int_equal(mis_world_mn(&event), LK_E_UNEXPECTED);
    assert_int_equal(world.mn.state, LK_MIS_MN_WAIT_SPOS);
}

/* ---- T42 ---- */

/* What somebody alters, on the way to the target or back. */
enum what {
    OFFER_CUT, OFFER_TURNED, PRFS_CUT, NONCE_T, NONCE_N, SUITE, PRF, CHAIN, LIFETIME, SAID, AUTH,
    DH_MN, DH_POS, NO_DH_MN, NO_DH_POS, ZERO_DH_POS, KEY, KEY_OF_MN, WHATS,
};
static enum what what;
static uint8_t octet;

static const uint8_t *turned(struct lk_span span)
{
    static uint8_t octets[64];

    memcpy(octets, span.at, span.len);
    octets[octet % span.len] ^= 0x10;
    return octets;
}

static void alters_a_request(struct lk_mis_message *m)
{
    static const uint8_t cbc = 2, two[] = { 2, 1 };

    if (what == OFFER_CUT)
        m->suites = lk_span_of(&cbc, 1);
    if (what == OFFER_TURNED)
        m->suites = LK_SPAN(two);
    if (what == PRFS_CUT)
        m->prfs = 1u << LK_MIS_PRF_CMAC_AES;
    if (what == NONCE_T)
        m->nonce_t.at = turned(m->nonce_t);
    if (what == DH_MN)
        m->dh.at = turned(m->dh);
    if (what == KEY)
        m->envelope.key.at = turned(m->envelope.key);
    if (what == NO_DH_MN)
        m->present &= ~(UINT64_C(1) << LK_MIS_TLV_DH);
}

static void alters_an_answer(struct lk_mis_message *m)
{
    static const uint8_t cbc = 2, zero[LK_MIS_DH_LEN];

    if (what == NONCE_N)
        m->nonce_n.at = turned(m->nonce_n);
    if (what == SUITE)
        m->suites = lk_span_of(&cbc, 1);
    if (what == PRF)
        m->prfs = 1u << LK_MIS_PRF_CMAC_AES;
    if (what == CHAIN)
        m->chain.used++;
    if (what == LIFETIME)
        m->lifetime_s--;
    if (what == SAID)
        m->said.id.at = turned(m->said.id);
    if (what == AUTH)
        m->auth.at = turned(m->auth);
    if (what == DH_POS)
        m->dh.at = turned(m->dh);
    if (what == ZERO_DH_POS)
        m->dh = LK_SPAN(zero);
    if (what == NO_DH_POS)
        m->present &= ~(UINT64_C(1) << LK_MIS_TLV_DH);
}

static void alters(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 2)
        alters_a_request(m);
    if (stage == 3)
        alters_an_answer(m);
    if (stage == 4 && what == KEY_OF_MN)
        m->envelope.key.at = turned(m->envelope.key);
    if (stage == 4 && what == CHAIN) /* so that it is not only seen to differ */
        m->envelope.used = m->chain.used;
}

/* T42: whatever of it is altered, in any octet: AUTH-N is another, and there is no SA. */
static void what_is_altered_is_not_confirmed(void **state)
{
    static const unsigned octets[WHATS] = {
        [NONCE_T] = 16, [NONCE_N] = 16, [SAID] = 16,     [AUTH] = 16,
        [DH_MN] = 32,   [DH_POS] = 32,  [KEY_OF_MN] = 64, [KEY] = 64,
    };

    for (what = 0; what < WHATS; what++)
        for (unsigned at = 0; at == 0 || at < octets[what]; at++) {
            mis_world_begin();
            world.alter = alters;
            octet = (uint8_t)at;
            assert_false(mis_world_hop(1));
            assert_int_equal(world.full_auth, LK_REASON_MIS_NOT_CONFIRMED);
            assert_int_equal(world.mn.state, LK_MIS_MN_IDLE);
            assert_int_equal(world.delivered[5], 0);
            assert_int_equal(world.stored, 0);
            mis_world_wait(30000);
            mis_world_nothing_is_left();
        }
}

/* T42: a public key that makes Z zero is none: the target refuses, and asks no further. */
static void zeroes_the_key(unsigned stage, struct lk_mis_message *m)
{
    static const uint8_t zero[LK_MIS_DH_LEN];

    if (stage == 2)
        m->dh = LK_SPAN(zero);
}

static void a_key_of_zero_is_refused(void **state)
{
    world.alter = zeroes_the_key;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_AUTH_FAILED);
    mis_world_nothing_is_left();
}

/* T42: who has K proves what it likes, and still the MN takes no suite that it did not offer. */
static void chooses_what_hides_nothing(unsigned stage, struct lk_mis_message *m)
{
    static const uint8_t null_suite = 3;

    if (stage != 4)
        return;
    m->suites = lk_span_of(&null_suite, 1);
    mis_world_forge(m);
}

static void no_suite_is_talked_in(void **state)
{
    world.mixes = false;
    world.alter = chooses_what_hides_nothing;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_NOT_CONFIRMED);
    assert_int_equal(world.delivered[5], 0);
    mis_world_begin();
    world.mixes = false;
    world.alter = chooses_what_hides_nothing;
    world.mn_config.offers.suite[world.mn_config.offers.suites++] = 3;
    world.lose[5] = 9;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.mn.state, LK_MIS_MN_HALF_OPEN); /* offered, it is */
}

/* T42: nor is AUTH-T: the target drops what was half-open. */
static void alters_the_proof(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 5)
        m->auth.at = turned(m->auth);
}

static void an_altered_auth_t_ends_it(void **state)
{
    for (octet = 0; octet < LK_MIS_AUTH_LEN; octet++) {
        mis_world_begin();
        world.alter = alters_the_proof;
        assert_int_equal(mis_world_want(1, NULL), LK_OK);
        mis_world_run();
        assert_int_equal(world.pos[1].refused, LK_REASON_MIS_NOT_CONFIRMED);
        assert_false(world.pos[1].with_mn.has);
        assert_int_equal(world.full_auth, LK_REASON_MIS_REFUSED);
        assert_int_equal(world.told, LK_MIS_REASON_AUTH_FAILED);
        mis_world_nothing_is_left();
    }
}

/* T42: each thing that an answer must have. */
static uint64_t without;

static void leaves_out(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 4)
        m->present &= ~without;
}

static void an_answer_is_whole(void **state)
{
    static const enum lk_mis_tlv must[] = {
        LK_MIS_TLV_POS,      LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID,       LK_MIS_TLV_SUITES,
        LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN,   LK_MIS_TLV_AUTH_VALUE, LK_MIS_TLV_PRFS,
        LK_MIS_TLV_KEY_ENVELOPE,
    };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++) {
        mis_world_begin();
        world.alter = leaves_out;
        without = UINT64_C(1) << must[i];
        assert_false(mis_world_hop(1));
        assert_int_equal(world.full_auth, LK_REASON_MIS_MALFORMED);
    }
}

static void leaves_out_of_targets(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 3)
        m->present &= ~without;
}

static void what_a_target_grants_is_whole(void **state)
{
    static const enum lk_mis_tlv must[] = {
        LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID,  LK_MIS_TLV_SUITES,     LK_MIS_TLV_PRFS,
        LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN, LK_MIS_TLV_AUTH_VALUE,
    };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++) {
        mis_world_begin();
        world.alter = leaves_out_of_targets;
        without = UINT64_C(1) << must[i];
        assert_false(mis_world_hop(1));
        assert_int_equal(world.told, LK_MIS_REASON_UNREACHABLE);
        assert_int_equal(world.pos[0].refused, LK_REASON_MIS_MALFORMED);
    }
}

/* T42: nothing in common is said, and not bid down further. */
static void no_suite_in_common(void **state)
{
    world.pos[1].tpos_config.offers = (struct lk_mis_offers){ { 4 }, 1, 7 };
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_NO_COMMON_SUITE);
    assert_int_equal(world.pos[1].refused, LK_REASON_MIS_SUITE);
}

/* ---- T43 ---- */

/* T43: all of an exchange, message by message, to whom it went: at once, when the MN is elsewhere,
 * and when all of it is over. No SA comes of it, and no row is left. */
static void a_recorded_exchange_comes_to_nothing(void **state)
{
    static struct mis_packet recorded[MIS_LOG];
    size_t count;

    assert_true(mis_world_hop(1));
    count = world.logged;
    assert_int_equal(count, 6);
    memcpy(recorded, world.log, count * sizeof recorded[0]);
    for (unsigned time = 0; time < 3; time++) {
        struct mis_sa before[2] = { world.spos, world.pos[1].with_mn };
        struct lk_mis_mn mn = world.mn;

        for (size_t i = 0; i < count; i++) {
            mis_world_deliver(&recorded[i]);
            world.queued = 0; /* the other end's are those that were recorded */
        }
        assert_memory_equal(&mn, &world.mn, sizeof mn);
        assert_int_equal(world.spos.sa.received, before[0].sa.received);
        assert_memory_equal(&before[1], &world.pos[1].with_mn, sizeof before[1]);
        assert_int_equal(world.pos[1].refused, LK_REASON_MIS_REPLAY);
        mis_world_nothing_is_left();
        world.pos[1].refused = LK_REASON_NONE;
        if (time == 0)
            assert_true(mis_world_hop(2));
        mis_world_wait(40000);
    }
    assert_int_equal(world.stored, 2);
}

/* T43: a TPoS that was restarted remembers no nonce: what is left of the replay is over in 30 s, as
 * nobody proves the new keys. */
static void a_replay_to_who_forgot_is_over_soon(void **state)
{
    struct mis_packet two;

    assert_true(mis_world_hop(1));
    two = world.log[1];
    assert_int_equal(two.stage, 2);
    world.pos[1].seens = 0;
    mis_world_deliver(&two);
    mis_world_run();
    mis_world_deliver(&world.log[4]); /* the AUTH-T of then */
    assert_true(world.pos[1].coming.has);
    assert_false(world.pos[1].coming.ready);
    mis_world_wait(30000);
    mis_world_nothing_is_left();
}

/* T43: the MN's request again, under a new counter, is the one that is under way. */
static void one_nonce_is_one_question(void **state)
{
    uint64_t drawn;

    world.lose[2] = 2;
    drawn = world.drawn;
    assert_false(mis_world_hop(1));
    lk_mis_mn_init(&world.mn, &(struct lk_mis_chain){ 0, 3 });
    world.drawn = drawn; /* the same nonce */
    assert_false(mis_world_hop(1));
    assert_int_equal(world.refused_pdus, 1);
    assert_int_equal(world.pos[0].spos.run, 1);
}

/* ---- T45 ---- */

static const char *named;

static void names_a_target(unsigned stage, struct lk_mis_message *m)
{
    if (stage != 4)
        return;
    m->pos.id = lk_span_text(named);
    mis_world_forge(m);
}

/* T45: a target that the MN's home is no partner of is not gone to, whoever proves to be it; nor
 * another one than the MN named; nor the SPoS itself. */
static void a_rogue_target_is_not_gone_to(void **state)
{
    static const struct {
        const char *named;
        bool asked;
        bool right;
    } wanted[] = {
        { "pos@rogue.example", false, false },
        { "pos@b.example.rogue.example", false, false },
        { "pos@sub.b.example", false, false },
        { "b.example@rogue.example", false, false },
        { "pos@b.example@rogue.example", false, false },
        { "pos@", false, false },
        { "pos@a.example", false, false },
        { "pos@c.example", true, false },
        { "pos@b.example", true, true },
        { "pos@B.Example", false, true },
        { "pos@c.example", false, true },
    };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        struct lk_mis_message known = { .target = { .network = lk_span_text("b.example") } };

        mis_world_begin();
        world.mixes = false;
        lk_mis_mark(&known, LK_MIS_TLV_TARGET);
        world.alter = names_a_target;
        named = wanted[i].named;
        assert_int_equal(mis_world_want(wanted[i].asked ? 1 : MIS_POS, &known), LK_OK);
        world.lose[5] = 100;
        if (!wanted[i].right || wanted[i].asked)
            mis_world_run();
        else
            continue; /* to whom it goes is not in this world */
        if (wanted[i].right) {
            assert_int_equal(world.mn.state, LK_MIS_MN_HALF_OPEN);
            continue;
        }
        assert_int_equal(world.full_auth, LK_REASON_MIS_TARGET);
        assert_int_equal(world.logged, 4);
        assert_int_equal(world.mn.state, LK_MIS_MN_IDLE);
    }
}

/* T45: nor does the MN ask for one. */
static void the_mn_asks_for_no_rogue(void **state)
{
    world.mn_config.partners.count = 1;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.full_auth, LK_REASON_MIS_TARGET);
    assert_int_equal(world.logged, 0);
}

/* An MN is handed over in its own name. */
static void names_another_mn(unsigned stage, struct lk_mis_message *m)
{
    if (stage == 1)
        m->mn = lk_span_text("mn2@home.example");
}

static void nobody_asks_for_another(void **state)
{
    world.alter = names_another_mn;
    assert_false(mis_world_hop(1));
    assert_int_equal(world.told, LK_MIS_REASON_UNKNOWN_MN);
    assert_int_equal(world.delivered[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_an_sa_of_eap_takes_a_k, begin),
        cmocka_unit_test_setup(an_sa_of_an_spos_is_not_one_of_eap, begin),
        cmocka_unit_test_setup(a_stranger_hands_nobody_over, begin),
        cmocka_unit_test_setup(a_link_in_clear_carries_nothing, begin),
        cmocka_unit_test_setup(nothing_is_heard_in_clear, begin),
        cmocka_unit_test_setup(what_is_altered_is_not_confirmed, begin),
        cmocka_unit_test_setup(a_key_of_zero_is_refused, begin),
        cmocka_unit_test_setup(no_suite_is_talked_in, begin),
        cmocka_unit_test_setup(an_altered_auth_t_ends_it, begin),
        cmocka_unit_test_setup(an_answer_is_whole, begin),
        cmocka_unit_test_setup(what_a_target_grants_is_whole, begin),
        cmocka_unit_test_setup(no_suite_in_common, begin),
        cmocka_unit_test_setup(a_recorded_exchange_comes_to_nothing, begin),
        cmocka_unit_test_setup(a_replay_to_who_forgot_is_over_soon, begin),
        cmocka_unit_test_setup(one_nonce_is_one_question, begin),
        cmocka_unit_test_setup(a_rogue_target_is_not_gone_to, begin),
        cmocka_unit_test_setup(the_mn_asks_for_no_rogue, begin),
        cmocka_unit_test_setup(nobody_asks_for_another, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
