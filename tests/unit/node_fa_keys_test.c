/* node/fa: keys with nodes, those that it has, and those that it asks BSF and AAA for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fa_rig.h"

/* spec: RFC 5944 3.7.2.1 - a key between node and agent is a must where there is one. */
static void test_a_key_with_the_node(void **state)
{
    const struct lk_mip_msa other = fa_msa(FA_RIG_MN_FA + 1, 9);
    struct fa_node one = fa_node_at(7, 77);
    struct lk_mip_reply reply;

    lk_fa_associate(rig.fa, lk_span_text("node@realm"), &rig.foreign, rig.now_ms);
    one.foreign = &rig.foreign;
    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
    fa_answer(&one, 0);
    reply = fa_heard(&one);
    assert_true(lk_mip_msa_proves(&rig.foreign, FA_RIG_MN_FA, &reply.extensions,
                                  LK_MIP_MN_FA_AUTH, rig.now_ms));
    one.foreign = &other;
    fa_ask_well(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_MN_AUTH);
    assert_int_equal(lk_fa_served(rig.fa), 1);
}

/* S4 7.3.5: the BSF is asked for who names a B-TID under a proof of an SPI that is not known, once
 * he has answered a challenge, and not often (T15). */
static void test_the_agent_as_naf(void **state)
{
    struct fa_node one = fa_node_at(7, 77);
    const struct lk_fa_output *item;

    rig.config.asks_bsf = true;
    rig.config.enterprise = 32473;
    one.foreign = &rig.foreign;
    one.names = true;
    fa_ask(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_MN_AUTH); /* no challenge, no question */
    fa_ask(&one);
    item = fa_find(&rig.out, LK_FA_OUT_ASK_BSF);
    assert_non_null(item);
    assert_int_equal(rig.out.count, 1);
    assert_int_equal(item->ask.spi, FA_RIG_MN_FA);
    assert_true(lk_span_equal(item->ask.b_tid, lk_span_text("b-tid@bsf")));
    assert_true(lk_span_equal(item->ask.nai, lk_span_text("node@realm")));
    assert_int_equal(lk_fa_waiting(rig.fa), 0);
    one.key = &rig.foreign;
    fa_ask(&one);
    assert_true(fa_is_relayed(&one));
    one.key = NULL;
    for (int i = 0; i < 8; i++) {
        struct fa_node other = one;

        other.foreign = &rig.home;
        fa_ask(&other);
    }
    assert_int_equal(fa_refused(), LK_REASON_MIP_TOO_FAST);
}

/* spec: RFC 3957 3 - a key with the node that its home AAA gives: before anything is passed on, the
 * AAA proves the node; the key is the one whose nonce the reply has, and a must from then on. */
static void test_a_key_of_the_home_aaa(void **state)
{
    struct fa_node one = fa_node_at(7, 77);
    struct lk_fa_grant grant = { .reason = LK_REASON_MIP_AAA_REFUSED };
    struct lk_mip_reply reply;

    rig.config.asks_aaa = true;
    rig.config.mip.with_aaa = rig.config.mip.foreign_key = true;
    one.asks_key = true;
    fa_ask(&one);
    (void)fa_heard(&one);
    fa_ask(&one);
    assert_non_null(fa_find(&rig.out, LK_FA_OUT_ASK_AAA));
    assert_int_equal(rig.out.count, 1);
    assert_int_equal(lk_fa_waiting(rig.fa), 0);
    one.grant = &grant;
    fa_ask(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_AAA_AUTH);
    assert_int_equal(fa_refused(), LK_REASON_MIP_AAA_REFUSED);
    grant = (struct lk_fa_grant){ .has_key = true, .key = rig.foreign };
    for (int right = 0; right < 2; right++) { /* the nonce of another key is none of this one */
        const struct lk_mip_msa other = fa_msa(FA_RIG_MN_FA + 7, 9);

        one.identification++;
        fa_ask(&one);
        assert_true(fa_is_relayed(&one));
        one.nonce = right ? &rig.foreign : &other;
        fa_answer(&one, 0);
        reply = fa_heard(&one);
        assert_int_equal(reply.code, right ? 0 : LK_MIP_CODE_FA_MISSING_MN_FA);
    }
    assert_true(lk_mip_msa_proves(&rig.foreign, FA_RIG_MN_FA, &reply.extensions,
                                  LK_MIP_MN_FA_AUTH, rig.now_ms));
    one.asks_key = false;
    one.grant = NULL;
    one.nonce = NULL;
    one.foreign = &rig.foreign;
    fa_ask_well(&one);
    assert_true(fa_is_relayed(&one));
    fa_answer(&one, 0);
    assert_int_equal(fa_heard(&one).code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_key_with_the_node, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_the_agent_as_naf, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_a_key_of_the_home_aaa, fa_rig_setup, fa_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
