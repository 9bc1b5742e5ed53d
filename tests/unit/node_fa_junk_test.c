/* node/fa: keys that the BSF or the AAA gives for a request are kept when that is served, and by
 * nothing else; and what is not for the agent because nothing covers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fa_rig.h"

static struct lk_mip_msa junk;

static int setup(void **state)
{
    (void)fa_rig_setup(state);
    rig.config.asks_bsf = true;
    rig.config.enterprise = 32473;
    junk = fa_msa(FA_RIG_MN_FA, 0x6a);
    return 0;
}

/* A node with a B-TID, behind its challenge: its key is said to be the rig's. */
static struct fa_node naming(uint8_t who, uint8_t place, const struct lk_mip_msa *foreign)
{
    struct fa_node n = fa_node_at(who, place);

    n.names = true;
    n.foreign = foreign;
    fa_ask(&n);
    (void)fa_heard(&n);
    fa_ask(&n);
    assert_non_null(fa_find(&rig.out, LK_FA_OUT_ASK_BSF));
    assert_false(fa_has(&rig.foreign));
    n.key = &rig.foreign;
    fa_ask(&n);
    n.key = NULL;
    return n;
}

/* One that is called as they are, and has no key with the agent, is served. */
static bool is_served_without(uint8_t who, uint8_t place)
{
    struct fa_node n = fa_node_at(who, place);

    n.named = true;
    fa_ask(&n);
    (void)fa_heard(&n);
    fa_ask(&n);
    if (!fa_is_relayed(&n)) {
        assert_int_equal(fa_heard(&n).code, LK_MIP_CODE_FA_MN_AUTH);
        return false;
    }
    fa_answer(&n, 0);
    return fa_heard(&n).code == 0;
}

static void tick(uint64_t at_ms)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_TICK, .now_ms = rig.now_ms = at_ms };

    lk_fa_step(rig.fa, &event, &rig.out);
}

/* T10, T27: who has heard a B-TID and sends junk under it is refused, and locks nobody out. */
static void a_b_tid_that_was_heard_is_no_key(void **state)
{
    struct fa_node thief;

    assert_true(is_served_without(7, 77));
    thief = naming(9, 66, &junk);
    assert_int_equal(fa_heard(&thief).code, LK_MIP_CODE_FA_MN_AUTH);
    assert_false(fa_has(&rig.foreign));
    assert_true(is_served_without(7, 77));
}

/* Who has the key, and is not served by his home agent, or not before that is silent: it is wiped,
 * and was no association meanwhile. */
static void a_key_of_who_is_not_served_is_wiped(void **state)
{
    struct fa_node one = naming(7, 77, &rig.foreign);
    struct lk_mip_reply reply;

    assert_true(fa_is_relayed(&one) && fa_has(&rig.foreign));
    assert_true(is_served_without(8, 78)); /* of that name */
    fa_answer(&one, LK_MIP_CODE_HA_MN_AUTH);
    reply = fa_heard(&one);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_MN_AUTH);
    assert_true(lk_mip_msa_proves(&rig.foreign, FA_RIG_MN_FA, &reply.extensions,
                                  LK_MIP_MN_FA_AUTH, rig.now_ms));
    assert_false(fa_has(&rig.foreign));
    one = naming(7, 79, &rig.foreign);
    assert_true(fa_is_relayed(&one) && fa_has(&rig.foreign));
    tick(rig.now_ms + rig.config.mip.wait_ms);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_TIMEOUT);
    assert_false(fa_has(&rig.foreign));
}

/* The one that has asked again before its home agent answered is not asked for twice; served, its
 * key is an association, and a must. */
static void a_key_is_kept_when_its_node_is_served(void **state)
{
    struct fa_node one = naming(7, 77, &rig.foreign), other;

    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
    assert_null(fa_find(&rig.out, LK_FA_OUT_ASK_BSF));
    fa_answer(&one, 0);
    assert_int_equal(fa_heard(&one).code, 0);
    assert_true(fa_has(&rig.foreign));
    assert_false(is_served_without(8, 78));
    one.names = false;
    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
    fa_answer(&one, 0);
    assert_int_equal(fa_heard(&one).code, 0);
    /* Under its SPI junk is junk, whoever names the B-TID. */
    other = fa_node_at(9, 66);
    other.names = true;
    other.foreign = &junk;
    fa_ask(&other);
    (void)fa_heard(&other);
    fa_ask(&other);
    assert_int_equal(fa_heard(&other).code, LK_MIP_CODE_FA_MN_AUTH);
    assert_int_equal(lk_fa_counted(rig.fa)->asked, 1);
}

/* T26: one that has proven a request that is served ends those before it. */
static void a_newer_key_ends_the_older(void **state)
{
    struct lk_mip_msa older = rig.foreign, newer = fa_msa(FA_RIG_MN_FA + 1, 0x33);
    struct fa_node one = fa_node_at(7, 77);

    older.ends_ms = newer.ends_ms = rig.now_ms + 3600000; /* made of a USIM */
    one.names = true;
    for (unsigned i = 0; i < 2; i++) {
        one.foreign = one.key = i == 0 ? &older : &newer;
        fa_ask_well(&one);
        one.key = NULL;
        assert_true(fa_is_relayed(&one));
        assert_int_equal(fa_has(&older), true); /* until the newer one is used */
        one.nonce = i == 0 ? NULL : &newer; /* of which it is not made */
        fa_answer(&one, 0);
        assert_int_equal(fa_heard(&one).code, 0);
    }
    assert_false(fa_has(&older));
    assert_true(fa_has(&newer));
    one.names = false;
    one.foreign = &older;
    fa_ask_well(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_MN_AUTH);
}

/* Who is served, and names a newer B-TID with which he is refused, is served by what he had; and
 * the newer key is wiped, and was never another's at that place. */
static void who_is_served_has_no_more_by_a_denial(void **state)
{
    const struct lk_mip_msa newer = fa_msa(FA_RIG_MN_FA + 1, 0x33);
    struct fa_node one = naming(7, 77, &rig.foreign), other;

    fa_answer(&one, 0);
    assert_int_equal(fa_heard(&one).code, 0);
    one.foreign = one.key = &newer;
    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one) && fa_has(&newer));
    other = one;
    other.key = NULL;
    other.names = false;
    other.nai = "other@realm";
    fa_ask(&other);
    assert_int_equal(fa_heard(&other).code, LK_MIP_CODE_FA_MN_AUTH);
    fa_answer(&one, LK_MIP_CODE_HA_MN_AUTH);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_HA_MN_AUTH);
    assert_true(!fa_has(&newer) && fa_has(&rig.foreign));
    assert_int_equal(lk_fa_served(rig.fa), 1);
}

/* T26: the key that a node is served by stays, however many newer ones the AAA has given it, which
 * it may not have heard of. */
static void the_key_in_use_stays(void **state)
{
    struct lk_fa_grant grant = { .has_key = true };
    struct fa_node one;

    rig.foreign.ends_ms = rig.now_ms + 3600000;
    one = naming(7, 77, &rig.foreign);
    fa_answer(&one, 0);
    assert_int_equal(fa_heard(&one).code, 0);
    rig.config.asks_aaa = rig.config.mip.with_aaa = true;
    one.names = false;
    one.asks_key = true;
    for (uint8_t i = 1; i <= 3; i++) {
        grant.key = fa_msa(FA_RIG_MN_FA + i, (uint8_t)(0x40 + i));
        grant.key.ends_ms = rig.now_ms + 7200000;
        one.grant = &grant;
        one.nonce = &grant.key;
        fa_ask_well(&one);
        assert_true(fa_is_relayed(&one));
        fa_answer(&one, 0);
        assert_int_equal(fa_heard(&one).code, 0);
        assert_true(fa_has(&grant.key) && fa_has(&rig.foreign));
    }
    one.asks_key = false;
    one.grant = NULL;
    one.nonce = NULL;
    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
}

/* spec: RFC 3957 6.2 - the key that came of the AAA is of a reply that accepts, and has its nonce:
 * with a denial nothing is settled, and the key is wiped. */
static void a_key_of_the_aaa_is_not_settled_by_a_denial(void **state)
{
    const struct lk_fa_grant grant = { .has_key = true, .key = rig.foreign };
    struct fa_node one = fa_node_at(7, 77);

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    one.asks_key = true;
    fa_ask(&one);
    (void)fa_heard(&one);
    one.grant = &grant;
    fa_ask(&one);
    assert_true(fa_is_relayed(&one) && fa_has(&rig.foreign));
    one.nonce = &rig.foreign;
    fa_answer(&one, LK_MIP_CODE_HA_MN_AUTH);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_HA_MN_AUTH);
    assert_false(fa_has(&rig.foreign));
    assert_true(is_served_without(8, 78)); /* so none is a must */
}

/* T26: who asks for another key has perhaps lost the one that there is. */
static void who_asks_for_another_need_not_have_the_one(void **state)
{
    const struct lk_mip_msa newer = fa_msa(FA_RIG_MN_FA + 1, 0x33);
    const struct lk_fa_grant grant = { .has_key = true, .key = newer };
    struct fa_node one = fa_node_at(7, 77);

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = true;
    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    assert_false(is_served_without(8, 78));
    one.asks_key = true;
    fa_ask(&one);
    (void)fa_heard(&one);
    fa_ask(&one);
    assert_non_null(fa_find(&rig.out, LK_FA_OUT_ASK_AAA));
    one.grant = &grant;
    fa_ask(&one);
    assert_true(fa_is_relayed(&one));
    /* And it is asked for there alone, whatever B-TID it names to the AAA. */
    one.grant = NULL;
    one.names = true;
    one.foreign = &junk;
    junk.there.spi = FA_RIG_MN_FA + 7;
    fa_ask_well(&one);
    assert_null(fa_find(&rig.out, LK_FA_OUT_ASK_BSF));
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_MN_AUTH);
}

/* spec: RFC 5944 3.5.3 - what is for the home stands before Mobile-Foreign: 70. */
static void nothing_for_the_home_is_behind_the_proof(void **state)
{
    struct fa_node one = fa_node_at(7, 77);

    rig.config.asks_aaa = rig.config.mip.with_aaa = true;
    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    one.foreign = &rig.foreign;
    one.asks_key = one.foreign_first = true;
    fa_ask(&one);
    assert_int_equal(fa_refused(), LK_REASON_MIP_ORDER);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_POOR_REQUEST);
    one.foreign_first = false; /* the control */
    fa_ask(&one);
    assert_int_equal(fa_refused(), LK_REASON_NONE);
    assert_non_null(fa_find(&rig.out, LK_FA_OUT_ASK_AAA));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fa_rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_b_tid_that_was_heard_is_no_key),
        TEST(a_key_of_who_is_not_served_is_wiped),
        TEST(a_key_is_kept_when_its_node_is_served),
        TEST(a_newer_key_ends_the_older),
        TEST(who_is_served_has_no_more_by_a_denial),
        TEST(the_key_in_use_stays),
        TEST(a_key_of_the_aaa_is_not_settled_by_a_denial),
        TEST(who_asks_for_another_need_not_have_the_one),
        TEST(nothing_for_the_home_is_behind_the_proof),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
