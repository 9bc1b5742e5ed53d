/* The laboratory of LTE-WLAN aggregation: what S3 asks, answered by the real nodes over modelled
 * delays, and the same again from the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lab.h"

static struct lk_lab_options options;
static struct lk_lab_result result;

static int fresh(void **state)
{
    lk_lab_defaults(&options);
    options.handovers = 30;
    options.spacing_ms = 1000;
    return 0;
}

static void run(enum lk_lab_way way)
{
    const char *why;

    assert_true(lk_lab_check(&why, &options));
    lk_lab_run(&result, &options, way);
    assert_null(result.broken);
    lk_lab_free(&result);
}

static void assert_all_settled(void)
{
    assert_int_equal(result.never_up, 0);
    assert_int_equal(result.equal, result.done);
}

/* T50: S3's option 1: the WT has the key first, and sends away who answers under another.
 * spec: TS 33.401 G.2 - the UE has the key before the WT uses it. */
static void wt_first_loses_associations(void **state)
{
    run(LK_LAB_WT_FIRST);
    assert_int_equal(result.done, 30);
    assert_true(result.deauthentications >= 30);
    assert_true(result.associations >= 30);
    assert_int_equal(result.suspended, 30);
    assert_true(result.lost > 0);
    assert_all_settled();
}

/* T50: in the right order none is lost, and not a packet of data. */
static void rrc_first_loses_none(void **state)
{
    run(LK_LAB_RRC_FIRST);
    assert_int_equal(result.done, 30);
    assert_int_equal(result.rekeys, 30);
    assert_int_equal(result.deauthentications, 0);
    assert_int_equal(result.associations, 0);
    assert_int_equal(result.suspension.most, 0);
    assert_true(result.sent > 1000);
    assert_int_equal(result.lost, 0);
    assert_int_equal(result.message[LK_LAB_M_MANAGEMENT], 0);
    assert_int_equal(result.message[LK_LAB_M_EAPOL], 30 * 4);
    assert_all_settled();
}

/* The WT tries again, the UE drops what it does not know: the association lives, by a detour. */
static void patience_costs_a_try(void **state)
{
    run(LK_LAB_WT_FIRST_PATIENT);
    assert_int_equal(result.deauthentications, 0);
    assert_true(result.rekey.median >= options.timer[LK_LAB_RETRY]);
    assert_int_equal(result.message[LK_LAB_M_EAPOL], 30 * 5);
    assert_all_settled();
}

/* T50: but not where RRC takes longer than all tries. */
static void patience_ends(void **state)
{
    options.timer[LK_LAB_RETRY] = 20;
    options.delay[LK_LAB_RRC] = (struct lk_lab_range){ 200, 200 };
    run(LK_LAB_WT_FIRST_PATIENT);
    assert_true(result.deauthentications >= 20);
    run(LK_LAB_RRC_FIRST);
    assert_int_equal(result.deauthentications, 0);
}

static void who_associates_anew_waits(void **state)
{
    run(LK_LAB_UE_INITIATED);
    assert_int_equal(result.deauthentications, 0);
    assert_int_equal(result.associations, 30);
    assert_int_equal(result.suspended, 30);
    assert_true(result.suspension.median >= 4);
    assert_true(result.message[LK_LAB_M_MANAGEMENT] >= 30 * 4);
    assert_all_settled();
}

/* T51: a hundred handovers, 10 ms apart, with each of 30 seeds: no deauthentication, and the last
 * key at both ends. */
static void handovers_in_a_second(void **state)
{
    options.handovers = 100;
    options.spacing_ms = 10;
    options.seeds = 30;
    run(LK_LAB_RRC_FIRST);
    assert_int_equal(result.asked, 3000);
    assert_true(result.collapsed > 500);
    assert_int_equal(result.deauthentications, 0);
    assert_int_equal(result.associations, 0);
    assert_int_equal(result.connections, 0);
    assert_int_equal(result.lost, 0);
    assert_all_settled();
}

/* T51: S3's order and nothing else loses associations where handovers overlap and a message is
 * lost; with the lock none is lost. */
static void the_lock_keeps_associations(void **state)
{
    options.handovers = 100;
    options.spacing_ms = 60;
    options.loss = 50;
    options.seeds = 40;
    run(LK_LAB_RRC_FIRST);
    assert_int_equal(result.deauthentications, 0);
    assert_int_equal(result.associations, 0);
    options.timer[LK_LAB_LOCK] = 1;
    run(LK_LAB_RRC_FIRST);
    assert_true(result.deauthentications > 0);
}

/* T53: whatever is lost, each way ends, with one key at both ends once nothing is lost any more. */
static void loss_is_bounded(void **state)
{
    static const unsigned losses[] = { 10, 50, 200, 400 };

    options.handovers = 20;
    options.seeds = 2;
    for (size_t i = 0; i < LK_COUNT_OF(losses); i++) {
        options.loss = losses[i];
        options.uu_loss = losses[i] / 4;
        for (unsigned way = 0; way < LK_LAB_WAYS; way++) {
            uint64_t messages = 0;

            run((enum lk_lab_way)way);
            for (unsigned m = 0; m < LK_LAB_MESSAGES; m++)
                messages += result.message[m];
            assert_true(messages < 200 * result.asked);
            assert_int_equal(result.never_up, 0);
        }
    }
}

/* The same options give the same run, to the last event; another seed another one. */
static void a_seed_repeats_itself(void **state)
{
    struct lk_lab_result first;

    options.loss = 100;
    for (unsigned way = 0; way < LK_LAB_WAYS; way++) {
        options.seed = 7;
        run((enum lk_lab_way)way);
        first = result;
        run((enum lk_lab_way)way);
        assert_memory_equal(&first, &result, sizeof first);
        options.seed = 8;
        run((enum lk_lab_way)way);
        assert_true(first.trace != result.trace);
    }
}

/* What is measured is what was modelled: with delays that are fixed, one association takes so long
 * and not otherwise. */
static void delays_add_up(void **state)
{
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        options.delay[i].most = options.delay[i].least = 3;
    options.delay[LK_LAB_RRC] = (struct lk_lab_range){ 16, 16 };
    run(LK_LAB_UE_INITIATED);
    /* Authentication and association, there and back, with 3 ms at the access point each; message 1
     * comes right behind, then three more. */
    assert_int_equal(result.suspension.median, 4 * 3 + 2 * 3 + 3 * 3);
    assert_int_equal(result.suspension.most, result.suspension.median);
    run(LK_LAB_RRC_FIRST);
    /* The counter is kept, RRC there and back, the key on Xw, four messages. */
    assert_int_equal(result.rekey.median, 3 + 3 + 16 + 3 + 3 + 4 * 3);
}

static void what_cannot_be_is_refused(void **state)
{
    const char *why;

    assert_true(lk_lab_check(&why, &options));
    options.handovers = 0;
    assert_false(lk_lab_check(&why, &options));
    assert_non_null(why);
    fresh(NULL);
    options.seeds = LK_LAB_SAMPLES_MAX;
    assert_false(lk_lab_check(&why, &options));
    fresh(NULL);
    options.delay[LK_LAB_AIR] = (struct lk_lab_range){ 0, 1 };
    assert_false(lk_lab_check(&why, &options));
    options.delay[LK_LAB_AIR] = (struct lk_lab_range){ 5, 4 };
    assert_false(lk_lab_check(&why, &options));
    fresh(NULL);
    options.timer[LK_LAB_TRIES] = 0;
    assert_false(lk_lab_check(&why, &options));
    fresh(NULL);
    options.timer[LK_LAB_DATA] = 0;
    assert_false(lk_lab_check(&why, &options));
    fresh(NULL);
    options.loss = LK_LAB_LOSS_MAX + 1;
    assert_false(lk_lab_check(&why, &options));
    fresh(NULL);
    options.handovers = 1000;
    options.spacing_ms = LK_LAB_SPACING_MAX;
    assert_false(lk_lab_check(&why, &options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(wt_first_loses_associations, fresh),
        cmocka_unit_test_setup(rrc_first_loses_none, fresh),
        cmocka_unit_test_setup(patience_costs_a_try, fresh),
        cmocka_unit_test_setup(patience_ends, fresh),
        cmocka_unit_test_setup(who_associates_anew_waits, fresh),
        cmocka_unit_test_setup(handovers_in_a_second, fresh),
        cmocka_unit_test_setup(the_lock_keeps_associations, fresh),
        cmocka_unit_test_setup(loss_is_bounded, fresh),
        cmocka_unit_test_setup(a_seed_repeats_itself, fresh),
        cmocka_unit_test_setup(delays_add_up, fresh),
        cmocka_unit_test_setup(what_cannot_be_is_refused, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
