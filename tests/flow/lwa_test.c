/* LTE-WLAN aggregation whole: eNBs, WT and device over all their procedures, with the failures that
 * issue and models name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_world.h"

static struct lwa_world world;

static struct lk_enb_told told(void)
{
    struct lk_enb_told is;

    assert_true(lk_enb_told_of(&is, world.enb, LWA_UE));
    return is;
}

/* LWA is there, and data passes. */
static void begin(uint64_t seed)
{
    lwa_world_open(&world, seed);
    lwa_world_attach(&world, 1, 0);
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_ADD, 0), LK_OK);
    lwa_world_run(&world, 500);
    assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
    assert_true(lwa_world_talks(&world));
    assert_int_equal(world.wt_facts[LK_WT_ASSOCIATED], 1);
}

static void live(void)
{
    lwa_world_defaults(&world);
    begin(1);
}

/* No association was lost, all are at rest, and both ends have the same key. */
static void assert_alive(void)
{
    assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
    assert_int_equal(world.wt_facts[LK_WT_DEAUTHENTICATED], 0);
    assert_int_equal(world.wt_facts[LK_WT_ASSOCIATED], 1);
    assert_true(lwa_world_talks(&world));
}

/* S3, proposals 2 and 3. spec: TS 33.401 G.2 - the association lives on under each new S-KWT. */
static void rekeys_keep_the_association(void **state)
{
    live();
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, 100);
        assert_int_equal(told().counter, i);
        assert_int_equal(world.wt_facts[LK_WT_HANDSHAKE_FINISHED], i + 1);
        assert_alive();
    }
    assert_int_equal(world.saved, 6);
    lwa_world_close(&world);
}

/* spec: TS 33.401 7.2.8.4 - KeNB* of the initial KeNB, then of one NH after the other, beyond the
 * turn of the NCC. The WT is kept.
 * spec: TS 33.401 7.2.8.1 - the MME's first NH to an eNB is the second of the chain, NCC 2. */
static void handovers_keep_the_association(void **state)
{
    live();
    for (uint32_t i = 1; i <= 20; i++) {
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, i % LWA_CELLS), LK_OK);
        lwa_world_run(&world, 200);
        assert_int_equal(world.handed_over, i);
        assert_int_equal(told().cell, i % LWA_CELLS);
        assert_int_equal(told().counter, 0);
        assert_int_equal(world.active, i + 1);
        assert_alive();
    }
    lwa_world_close(&world);
}

/* spec: TS 33.401 7.2.8.4 - a handover that begins in the moment of the last one's end is
 * horizontal. Eight of them in a row, and NCC would be where it was. */
static void handovers_in_a_row_keep_the_keys(void **state)
{
    live();
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, 1), LK_OK);
    lwa_world_run(&world, 8);
    for (uint32_t i = 2; i <= 20; i++) { /* the UE is on its way: it is to go on from there */
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, i % LWA_CELLS), LK_OK);
        lwa_world_run(&world, 12);
        assert_int_equal(world.handed_over, i - 1);
    }
    lwa_world_run(&world, 500);
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, 0), LK_OK);
    lwa_world_run(&world, 500);
    assert_int_equal(world.handed_over, 21);
    assert_int_equal(told().cell, 0);
    assert_alive();
    lwa_world_close(&world);
}

/* T51: 100 handovers, 10 ms apart, and re-keys beside them: no deauthentication, one key. */
static void a_hundred_handovers_in_a_second(void **state)
{
    static const unsigned spacing[] = { 10, 20, 7, 33 };

    for (size_t s = 0; s < LK_COUNT_OF(spacing); s++) {
        live();
        for (uint32_t i = 1; i <= 100; i++) {
            (void)lwa_world_wish(&world, LK_ENB_EV_HANDOVER, i % LWA_CELLS);
            lwa_world_run(&world, spacing[s]);
            (void)lwa_world_wish(&world, LK_ENB_EV_REKEY, 0);
        }
        lwa_world_run(&world, 5000);
        assert_true(world.handed_over > 10);
        assert_int_equal(told().cell, 100 % LWA_CELLS);
        assert_alive();
        lwa_world_close(&world);
    }
}

/* T50: S3's option 1, in a laboratory whose RRC is slower than the tries of the WT: the association
 * is lost, and comes back. In the right order the same laboratory loses none. */
static void the_wrong_order_loses_the_association(void **state)
{
    for (unsigned wt_first = 0; wt_first < 2; wt_first++) {
        lwa_world_defaults(&world);
        for (unsigned i = 0; i < LWA_CELLS; i++) {
            world.enb_config.cell[i].laboratory = true;
            world.enb_config.cell[i].order = wt_first ? LK_LWA_WT_FIRST : LK_LWA_RRC_FIRST;
        }
        world.wt_config.deauth_on_mismatch = true;
        world.wt_config.rsn.retry_ms = 10;
        world.delay_ms[LWA_RRC_DOWN] = world.delay_ms[LWA_RRC_UP] = 60;
        begin(1);
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, 3000);
        assert_int_equal(world.wt_facts[LK_WT_DEAUTHENTICATED], wt_first);
        assert_int_equal(world.wt_facts[LK_WT_ASSOCIATED], 1 + wt_first);
        assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
        assert_int_equal(told().counter, 1);
        assert_true(lwa_world_talks(&world));
        lwa_world_close(&world);
    }
}

/* T52: over the end of the counter: the KeNB is refreshed, the association lives on. */
static void the_counter_ends_and_the_association_does_not(void **state)
{
    lwa_world_defaults(&world);
    lwa_world_open(&world, 1);
    lwa_world_attach(&world, 1, 65533);
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_ADD, 0), LK_OK);
    lwa_world_run(&world, 500);
    assert_int_equal(told().counter, 65533);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, 200);
        assert_alive();
    }
    assert_int_equal(told().counter, 0);
    assert_int_equal(lk_enb_counted(world.enb)->refreshes, 1);
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, 1), LK_OK);
    lwa_world_run(&world, 300);
    assert_alive();
    lwa_world_close(&world);
}

/* T53: the way to the WT is cut for 30 s at every moment of a re-key: within 2 s of the heal both
 * ends have the newest key again, with one association lost at most. */
static void a_cut_way_heals(void **state)
{
    for (unsigned after = 0; after < 30; after++) {
        live();
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, after);
        lwa_world_cut(&world, true);
        lwa_world_run(&world, 30000);
        lwa_world_cut(&world, false);
        lwa_world_run(&world, 2000);
        assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
        assert_true(lwa_world_talks(&world));
        assert_true(world.wt_facts[LK_WT_ASSOCIATED] <= 2);
        lwa_world_close(&world);
    }
}

/* T53: the UE's answers are lost for a while: LWA goes on, or comes back, of itself. */
static void a_ue_that_is_not_heard_comes_back(void **state)
{
    static const unsigned for_ms[] = { 100, 1000, 5000, 9000 };

    for (size_t i = 0; i < LK_COUNT_OF(for_ms); i++) {
        live();
        world.deaf[LWA_RRC_UP] = true;
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, for_ms[i]);
        world.deaf[LWA_RRC_UP] = false;
        lwa_world_run(&world, 20000);
        assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
        assert_true(lwa_world_talks(&world));
        assert_true(world.wt_facts[LK_WT_ASSOCIATED] <= 2);
        lwa_world_close(&world);
    }
}

/* T53: any radio message may be lost, while handovers and re-keys go on: in the end LWA is there
 * with one key, or it was released for a reason and nothing is awaited. Never an endless loop. */
static void bad_weather_ends(void **state)
{
    unsigned there = 0;

    for (uint64_t seed = 1; seed <= 60; seed++) {
        unsigned messages = 0;

        lwa_world_defaults(&world);
        begin(seed);
        world.lose[LWA_RRC_DOWN] = world.lose[LWA_RRC_UP] = 10;
        world.lose[LWA_AIR_DOWN] = world.lose[LWA_AIR_UP] = 10;
        for (uint32_t i = 1; i <= 10; i++) {
            (void)lwa_world_wish(&world, i % 3 == 0 ? LK_ENB_EV_REKEY : LK_ENB_EV_HANDOVER,
                                 i % LWA_CELLS);
            lwa_world_run(&world, 150);
        }
        memset(world.lose, 0, sizeof world.lose);
        lwa_world_run(&world, 60000);
        for (unsigned leg = 0; leg < LWA_LEGS; leg++)
            messages += world.messages[leg];
        assert_true(messages < 2000);
        assert_true(told().state == LK_LWA_ENB_ACTIVE || told().state == LK_LWA_ENB_READY);
        if (told().state == LK_LWA_ENB_ACTIVE) {
            assert_true(lwa_world_talks(&world));
            there++;
        } else {
            assert_true(world.released > 0 && world.reason != LK_REASON_NONE);
        }
        lwa_world_close(&world);
    }
    assert_true(there >= 55);
}

/* A new context, as after a re-establishment or a restart of the eNB: the UE has released LWA, and
 * has it again, under a key of the new KeNB. */
static void a_new_context_brings_lwa_again(void **state)
{
    live();
    lwa_world_attach(&world, 2, 0);
    lwa_world_run(&world, 2000);
    assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
    assert_true(lwa_world_talks(&world));
    lwa_world_close(&world);
}

/* spec: TS 36.463 8.8 - a subscriber at another cell, with a link of its own to the WT, says the
 * MAC address of the device: T51: nothing of its association ends, over re-keys and handovers, and
 * the other one has no LWA. */
static void another_subscriber_does_not_get_the_place(void **state)
{
    live();
    lwa_world_claim(&world, 1);
    for (uint32_t i = 1; i <= 6; i++) {
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(&world, 700);
        assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_HANDOVER, i % 2 * 2), LK_OK);
        lwa_world_run(&world, 700);
        assert_int_equal(told().cell, i % 2 * 2);
        assert_alive();
    }
    assert_true(world.others_failures >= 3);
    lwa_world_run(&world, 300000);
    assert_alive();
    assert_int_equal(world.others_failures, LK_LWA_PATIENCE + 1);
    lwa_world_close(&world);
}

/* T53: the device is connected anew at another cell, with a link of its own to the WT; that of the
 * cell before is there, or cut with what it had to say. LWA is there again soon. */
static void a_device_comes_to_another_cell(void **state)
{
    for (uint32_t cut = 0; cut < 2; cut++) {
        live();
        if (cut == 1) {
            lwa_world_cut(&world, true);
            lwa_world_attach_at(&world, 1, 2);
            lwa_world_run(&world, 500);
            lwa_world_cut(&world, false);
        } else {
            lwa_world_attach_at(&world, 1, 2);
        }
        lwa_world_run(&world, 2000);
        assert_int_equal(told().cell, 1);
        assert_int_equal(told().state, LK_LWA_ENB_ACTIVE);
        assert_true(lwa_world_talks(&world));
        lwa_world_close(&world);
    }
}

static void lwa_is_released_and_the_ue_leaves(void **state)
{
    live();
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_RELEASE, 0), LK_OK);
    lwa_world_run(&world, 200);
    assert_int_equal(world.reason, LK_REASON_LWA_ORDERED);
    assert_int_equal(told().state, LK_LWA_ENB_READY);
    assert_int_equal(lk_wt_ue_count(world.wt), 0);
    assert_false(world.device.usable);
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_ADD, 0), LK_OK);
    lwa_world_run(&world, 500);
    assert_true(lwa_world_talks(&world));
    assert_int_equal(lwa_world_wish(&world, LK_ENB_EV_LEFT, 0), LK_OK);
    lwa_world_run(&world, 200);
    assert_int_equal(lk_wt_ue_count(world.wt), 0);
    assert_int_equal(lk_enb_ue_count(world.enb), 0);
    lwa_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rekeys_keep_the_association),
        cmocka_unit_test(handovers_keep_the_association),
        cmocka_unit_test(handovers_in_a_row_keep_the_keys),
        cmocka_unit_test(a_hundred_handovers_in_a_second),
        cmocka_unit_test(the_wrong_order_loses_the_association),
        cmocka_unit_test(the_counter_ends_and_the_association_does_not),
        cmocka_unit_test(a_cut_way_heals),
        cmocka_unit_test(a_ue_that_is_not_heard_comes_back),
        cmocka_unit_test(bad_weather_ends),
        cmocka_unit_test(a_new_context_brings_lwa_again),
        cmocka_unit_test(another_subscriber_does_not_get_the_place),
        cmocka_unit_test(a_device_comes_to_another_cell),
        cmocka_unit_test(lwa_is_released_and_the_ue_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
