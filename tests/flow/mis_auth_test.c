/* MIS_Auth whole: EAP-AKA' between MN and home through the PoS, then ERP in one round trip, over
 * ways that lose, repeat and mix; what is under the SA then, and its end. Who alters what is in
 * mis_auth_attack_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_auth_world.h"
#include "proto/mis/serving.h"

/* spec: IEEE 802.21 9.2 - EAP over MIS, the PoS as pass-through; ERP next, in one round trip to the
 * home; each run has keys and a name of its own. */
static void full_then_erp(void **state)
{
    struct lk_mis_sa before;

    for (unsigned udp = 0; udp < 2; udp++) {
        auth_open(udp != 0);
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        assert_int_equal(auth.mn.run, LK_MIS_RUN_FULL);
        assert_int_equal(auth.home_rounds, 2);
        assert_int_equal(auth.mn.sa.agreed.suite, LK_MIS_SUITE_CCM);
        assert_int_equal(auth.mn.sa.agreed.prf, LK_MIS_PRF_HMAC_SHA256);
        assert_int_equal(auth.mn.sa.expires_ms, auth.now_ms + 3600000);
        before = auth.mn.sa;
        auth_again(udp != 0);
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        assert_int_equal(auth.mn.run, LK_MIS_RUN_ERP_HOME);
        assert_int_equal(auth.home_rounds, 1);
        assert_memory_not_equal(&before.keys.miek, &auth.mn.sa.keys.miek, 16);
        assert_memory_not_equal(before.id, auth.mn.sa.id, before.id_len);
    }
}

/* spec: RFC 6696 8 - who has the DSRK has what comes of it; T40: an SA by ERP with an ER server of
 * the chain counts as one more at either end. */
static void an_er_server_of_the_chain_is_one_of_it(void **state)
{
    static const enum lk_mis_run runs[] = { LK_MIS_RUN_ERP_HOME, LK_MIS_RUN_ERP_CHAIN };

    for (unsigned i = 0; i < LK_COUNT_OF(runs); i++) {
        auth_open(false);
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_again(false);
        auth.erp_run = runs[i];
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        assert_int_equal(auth.mn.sa.chain_used, runs[i] == LK_MIS_RUN_ERP_CHAIN);
        assert_int_equal(auth.pos.sa.chain_used, runs[i] == LK_MIS_RUN_ERP_CHAIN);
    }
}

/* spec: RFC 5677 6 - over TCP five frames for ERP: no acknowledgements. */
static void frames_are_counted(void **state)
{
    auth_open(false);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_again(false);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.frames, 5); /* ind, req, rsp, req, rsp */
}

static void the_pos_may_begin(void **state)
{
    auth_open(true);
    assert_int_equal(auth_start(false), LK_OK);
    auth_run();
    auth_expect_up();
}

/* spec: IEEE 802.21 9.2 - both begin: the PoS's request goes on, the MN's indication is ignored,
 * whichever comes first. */
static void both_may_begin(void **state)
{
    for (unsigned order = 0; order < 2; order++) {
        auth_open(true);
        assert_int_equal(auth_start(order != 0), LK_OK);
        assert_int_equal(auth_start(order == 0), LK_OK);
        auth_deliver(order);
        auth_run();
        auth_expect_up();
    }
}

/* ---- the way ---- */

static unsigned lost, count;
static struct auth_frame kept;

static bool lose_one(struct auth_frame *frame)
{
    return count++ != lost;
}

/* Each frame of a run is lost once, or comes again much later: the SA comes about. */
static void each_frame_may_be_lost(void **state)
{
    for (lost = 0; lost < 20; lost++) {
        auth_open(true);
        auth.meddle = lose_one;
        count = 0;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run_long();
        auth_expect_up();
    }
    assert_true(count <= lost); /* there were no more */
}

static bool keep_one(struct auth_frame *frame)
{
    if (count++ == lost)
        kept = *frame;
    else if (count == lost + 5 || count == lost + 7)
        auth_hear(&kept);
    return true;
}

static void each_frame_may_come_again(void **state)
{
    for (lost = 0; lost < 20; lost++) {
        auth_open(true);
        auth.meddle = keep_one;
        count = 0;
        kept.len = 0;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run_long();
        auth_expect_up();
    }
}

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static bool lose_some(struct auth_frame *frame)
{
    if (draw(6) == 0)
        return false;
    if (draw(6) == 0 && auth.count < AUTH_WAY / 2)
        auth.way[auth.count++] = *frame;
    return true;
}

/* Losses, repeats and any order, with full establishment and ERP: both have the same SA, or the MN
 * has nothing that the PoS has not. */
static void over_a_bad_way(void **state)
{
    unsigned up = 0;

    auth_open(true);
    for (unsigned i = 1; i < 200; i++) {
        auth_again(true);
        seed = i;
        if (draw(3) == 0)
            auth.home_has_erp = false; /* restarted */
        auth.meddle = lose_some;
        assert_int_equal(auth_start(draw(2) == 0), LK_OK);
        for (unsigned s = 0; s < 45; s++) {
            while (auth.count > 0)
                auth_deliver(draw((uint32_t)auth.count));
            auth_wait(1000);
        }
        if (auth.pos.sas == 1) {
            auth_expect_up();
            up++;
        }
        assert_true(auth.mn.sas <= 1 && auth.pos.sas <= auth.mn.sas);
        assert_int_not_equal(auth.pos_auth.state, LK_MIS_POS_AUTH_AWAIT_CONFIRMATION);
    }
    assert_true(up > 100);
}

/* ---- ERP does not do ---- */

static void without_erp_there_is_eap(void **state)
{
    auth_open(true); /* the MN has no key for ERP */
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.run, LK_MIS_RUN_FULL);
    auth_again(true);
    auth.home_has_erp = false; /* the home has lost it */
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.run, LK_MIS_RUN_FULL);
    assert_int_equal(auth.home_rounds, 3);
    auth_again(true);
    auth.pos.config.erp = false; /* the PoS does not ask for it */
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.run, LK_MIS_RUN_FULL);
}

/* ---- it fails ---- */

/* spec: IEEE 802.21 9.2 - the home refuses: status 5 to the MN, and no SA. */
static void the_home_may_refuse(void **state)
{
    auth_open(true);
    auth.eap.known = false;
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_nothing();
    assert_int_equal(auth.mn.failed, LK_REASON_MIS_REFUSED);
    assert_int_equal(auth.mn.told, LK_MIS_REASON_AUTH_FAILED);
    assert_string_equal(auth.mn.why.came, "authentication failure: authentication failed");
}

/* ERP or EAP, it is the same home: who has waited for it once does not ask it again. */
static void a_silent_home_is_not_asked_twice(void **state)
{
    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    auth_again(true);
    auth.home_is_silent = true;
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_nothing();
    assert_int_equal(auth.pos.failed, LK_REASON_MIS_AAA_SILENT);
    assert_int_equal(auth.mn.failed, LK_REASON_MIS_REFUSED);
    assert_int_equal(auth.mn.told, LK_MIS_REASON_UNREACHABLE);
}

static void no_suite_in_common(void **state)
{
    for (unsigned what = 0; what < 3; what++) {
        auth_open(true);
        if (what == 0)
            auth.pos.config.offers.suite[0] = 2, auth.pos.config.offers.suites = 1;
        else
            auth.pos.config.offers.prfs = 1u << LK_MIS_PRF_HMAC_SHA1;
        auth.mn.config.offers.suite[0] = 1;
        auth.mn.config.offers.suites = 1;
        assert_int_equal(auth_start(what != 2), LK_OK); /* heard in an indication, or a response */
        auth_run();
        auth_expect_nothing();
        assert_int_equal(auth.mn.told, LK_MIS_REASON_NO_COMMON_SUITE);
        assert_int_equal(auth.pos.failed, LK_REASON_MIS_SUITE);
        assert_int_equal(auth.home_rounds, 0);
    }
}

static bool lose_all(struct auth_frame *frame)
{
    return frame->to_mn != (count == 1) && count != 2;
}

/* Nobody is there, or one way is not: both ends are over in time, and nothing is half-open. */
static void silence_ends_it(void **state)
{
    for (count = 0; count < 3; count++) {
        auth_open(true);
        auth.meddle = lose_all;
        assert_int_equal(auth_start(true), LK_OK);
        assert_int_equal(auth_start(false), LK_OK);
        auth_run_long();
        auth_expect_nothing();
        assert_int_equal(auth.mn.failed, LK_REASON_MIS_NO_ANSWER);
        assert_int_equal(auth.pos.failed, LK_REASON_MIS_NO_ANSWER);
    }
}

/* Over TCP nobody says that the indication came: the MN's own time ends it, no sooner. */
static void the_mn_does_not_wait_for_ever(void **state)
{
    auth_open(false);
    assert_int_equal(auth_start(true), LK_OK);
    auth.count = 0;
    for (unsigned s = 1; s < LK_MIS_AUTH_DEADLINE_MS / 1000; s++) {
        struct lk_mis_auth_event expired = { .kind = LK_MIS_AUTH_EV_EXPIRED };

        auth_wait(1000);
        auth.mn.timer_ms = 0;
        assert_int_equal(auth_mn(&expired), LK_OK); /* too early: asked for again */
        assert_int_equal(auth.mn.timer_ms, 1000000 + LK_MIS_AUTH_DEADLINE_MS);
        assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_AWAIT_REQUEST);
    }
    auth_wait(1000);
    assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_OVER);
    assert_int_equal(auth.mn.failed, LK_REASON_MIS_NO_ANSWER);
}

/* An SA lives as long as the shortest of what MN, PoS and home allow. */
static void lifetimes(void **state)
{
    static const struct {
        uint32_t mn_s, pos_s, at_mn_s, at_pos_s;
    } rows[] = { { 60, 3600, 60, 3600 }, { 3600, 60, 60, 60 }, { 9000, 9000, 3600, 3600 } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        auth_open(true);
        auth.mn.config.lifetime_s = rows[i].mn_s;
        auth.pos.config.lifetime_s = rows[i].pos_s;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        assert_int_equal(auth.mn.sa.expires_ms, auth.now_ms + 1000ull * rows[i].at_mn_s);
        assert_int_equal(auth.pos.sa.expires_ms, auth.now_ms + 1000ull * rows[i].at_pos_s);
    }
}

/* ---- the start mark ---- */

/* T40: the home's mark comes to the MN, octet by octet; one of another MN makes no SA. */
static void the_start_mark_is_passed_on(void **state)
{
    auth_open(true);
    auth_sign(AUTH_MN);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.mark_len, auth.mark_len);
    assert_int_equal(auth.pos.mark_len, auth.mark_len);
    assert_memory_equal(auth.mn.mark, auth.mark, auth.mark_len);
    auth_open(true);
    auth_sign("mn2@home.example");
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_nothing();
    assert_int_equal(auth.pos.failed, LK_REASON_MIS_OTHER_MN);
    auth_open(true);
    auth.mark_len = 7; /* no mark at all */
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_nothing();
}

/* spec: IEEE 802.21 9.2 - both have the MSRK of K and both names, of one run alone. */
static void both_have_the_msrk(void **state)
{
    struct lk_msrk before = { { 0 } };

    auth_open(true);
    for (unsigned run = 0; run < 2; run++) { /* by EAP, then by ERP */
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        assert_true(auth.mn.sa.has_msrk && auth.pos.sa.has_msrk);
        assert_memory_equal(&auth.mn.sa.msrk, &auth.pos.sa.msrk, sizeof auth.mn.sa.msrk);
        assert_memory_not_equal(&auth.mn.sa.msrk, &before, sizeof before);
        before = auth.mn.sa.msrk; /* of one run alone */
        auth_again(true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_then_erp),
        cmocka_unit_test(an_er_server_of_the_chain_is_one_of_it),
        cmocka_unit_test(frames_are_counted),
        cmocka_unit_test(the_pos_may_begin),
        cmocka_unit_test(both_may_begin),
        cmocka_unit_test(each_frame_may_be_lost),
        cmocka_unit_test(each_frame_may_come_again),
        cmocka_unit_test(over_a_bad_way),
        cmocka_unit_test(without_erp_there_is_eap),
        cmocka_unit_test(the_home_may_refuse),
        cmocka_unit_test(a_silent_home_is_not_asked_twice),
        cmocka_unit_test(no_suite_in_common),
        cmocka_unit_test(silence_ends_it),
        cmocka_unit_test(the_mn_does_not_wait_for_ever),
        cmocka_unit_test(lifetimes),
        cmocka_unit_test(the_start_mark_is_passed_on),
        cmocka_unit_test(both_have_the_msrk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
