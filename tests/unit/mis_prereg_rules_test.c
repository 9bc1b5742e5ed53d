/* The three machines of optimised establishment: every state meets every event, and what has no
 * rule changes nothing (the world of mis_world.h asserts that of each step). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_world.h"

enum { NO = 99 };

static struct lk_mis_message refusal, granted;

static int begin(void **state)
{
    refusal = (struct lk_mis_message){ .status = LK_MIS_REJECTED };
    granted = (struct lk_mis_message){ .status = LK_MIS_SUCCESS };
    lk_mis_mark(&refusal, LK_MIS_TLV_STATUS);
    lk_mis_mark(&granted, LK_MIS_TLV_STATUS);
    return 0;
}

/* ---- the MN ---- */

static void bring_mn_to(enum lk_mis_mn_state state)
{
    mis_world_begin();
    switch (state) {
    case LK_MIS_MN_IDLE: break;
    case LK_MIS_MN_WAIT_SPOS:
        world.lose[1] = 9;
        (void)mis_world_hop(1);
        break;
    case LK_MIS_MN_SAVING:
        world.store_waits = true;
        (void)mis_world_hop(1);
        break;
    case LK_MIS_MN_HALF_OPEN:
        world.lose[5] = 9;
        (void)mis_world_hop(1);
        break;
    case LK_MIS_MN_READY:
        assert_int_equal(mis_world_want(1, NULL), LK_OK);
        mis_world_run();
        break;
    case LK_MIS_MN_SERVED: assert_true(mis_world_hop(1)); break;
    case LK_MIS_MN_STATE_COUNT: break;
    }
    assert_int_equal(world.mn.state, state);
}

static void the_mn_takes_what_its_rows_say(void **state)
{
    enum { I = LK_MIS_MN_IDLE, W, S, H, R, V };
    enum { WANT, REFUSED, OF_TARGET, REFUSED_BY_TARGET, SAVED, NOT_SAVED, OTHER_SAVED, EXPIRED,
           LOST, SWITCHED, FULL, ERP, ERP_OF_CHAIN, OPTIMISED };
    static const unsigned then[][LK_MIS_MN_STATE_COUNT] = {
        [WANT] = { W, NO, NO, NO, NO, W },
        [REFUSED] = { NO, I, NO, NO, NO, NO },
        [OF_TARGET] = { NO, NO, NO, R, NO, NO },
        [REFUSED_BY_TARGET] = { NO, NO, NO, I, NO, NO },
        [SAVED] = { I, W, H, H, R, V },
        [NOT_SAVED] = { I, W, I, H, R, V },
        [OTHER_SAVED] = { I, W, S, H, R, V },
        [EXPIRED] = { NO, W, I, H, NO, NO },
        [LOST] = { NO, I, NO, I, NO, NO },
        [SWITCHED] = { NO, NO, NO, NO, V, NO },
        [FULL] = { I, I, I, I, I, I },
        [ERP] = { I, I, I, I, I, I },
        [ERP_OF_CHAIN] = { I, I, I, I, I, I },
        [OPTIMISED] = { NO, NO, NO, NO, NO, NO },
    };

    for (unsigned in = 0; in < LK_MIS_MN_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_COUNT_OF(then); on++) {
            struct lk_mis_mn_event event;
            enum lk_status status;

            bring_mn_to(in);
            event = mis_world_event(LK_MIS_MN_EV_HEARD);
            event.heard.action = LK_MIS_PREREG_XFER;
            event.heard.opcode = LK_MIS_RESPONSE;
            event.heard.message = on == OF_TARGET ? &granted : &refusal;
            event.heard.under = on == REFUSED ? LK_MIS_MN_UNDER_SPOS : LK_MIS_MN_UNDER_NEW;
            if (on == SAVED || on == NOT_SAVED || on == OTHER_SAVED) {
                event = mis_world_event(LK_MIS_MN_EV_SAVED);
                event.saved.used = (uint8_t)(world.mn.chain.used + (on == OTHER_SAVED));
                event.saved.done = on != NOT_SAVED;
            } else if (on >= EXPIRED && on <= SWITCHED) {
                event.kind = LK_MIS_MN_EV_EXPIRED + (on - EXPIRED);
            } else if (on >= FULL) {
                event.kind = LK_MIS_MN_EV_AUTHENTICATED;
                event.run = LK_MIS_RUN_FULL + (on - FULL);
            }
            status = on == WANT ? mis_world_want(2, NULL) : mis_world_mn(&event);
            assert_int_equal(status == LK_OK, then[on][in] != NO);
            assert_int_equal(world.mn.state, then[on][in] == NO ? in : then[on][in]);
        }
}

/* ---- the SPoS ---- */

static void bring_spos_to(enum lk_mis_spos_state state)
{
    mis_world_begin();
    world.lose[state == LK_MIS_SPOS_AWAIT_TARGET ? 3 : 4] = 9;
    if (state != LK_MIS_SPOS_IDLE)
        (void)mis_world_hop(1);
    assert_int_equal(world.pos[0].spos.state, state);
}

static void the_spos_takes_what_its_rows_say(void **state)
{
    enum { I = LK_MIS_SPOS_IDLE, T, A };
    enum { REQUEST, SAME, REFUSED, EARLIER, NO_LINK, ACKED, EXPIRED };
    static const unsigned then[][LK_MIS_SPOS_STATE_COUNT] = {
        [REQUEST] = { T, T, T },
        [SAME] = { T, NO, NO },
        [REFUSED] = { NO, I, NO },
        [EARLIER] = { NO, NO, NO },
        [NO_LINK] = { NO, I, NO },
        [ACKED] = { NO, NO, I },
        [EXPIRED] = { NO, I, I },
    };
    static struct lk_mis_spos_outbox out;

    for (unsigned in = 0; in < LK_MIS_SPOS_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_COUNT_OF(then); on++) {
            struct mis_pos *pos = &world.pos[0];
            struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ANSWER };
            struct lk_mis_neighbours neighbours = { pos->neighbour, MIS_POS };
            struct lk_mis_message m = { .mn = lk_span_text("mn1@home.example") };
            uint8_t nonce[LK_MIS_NONCE_LEN] = { 7 };

            bring_spos_to(in);
            event.now_ms = world.now_ms;
            event.target.run = pos->spos.run + (on == EARLIER);
            event.target.message = &refusal;
            if (on == SAME)
                memcpy(nonce, pos->spos.nonce_t, sizeof nonce);
            if (on <= SAME) {
                m.nonce_t = LK_SPAN(nonce);
                m.pos.id = lk_span_text(world.pos[1].name);
                lk_mis_mark(&m, LK_MIS_TLV_MN);
                lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
                lk_mis_mark(&m, LK_MIS_TLV_POS);
                lk_mis_offers_say(&m, &world.mn_config.offers);
                event.kind = LK_MIS_SPOS_EV_REQUEST;
                event.request.serving = lk_mis_serving_of(&pos->with_mn.sa);
                event.request.start_mark = lk_span_of(NULL, 0);
                event.request.max = 15;
                event.request.neighbours = &neighbours;
                event.request.home_k = NULL;
                event.request.message = &m;
            } else if (on >= NO_LINK) {
                event.kind = LK_MIS_SPOS_EV_NO_LINK + (on - NO_LINK);
            }
            assert_int_equal(lk_mis_spos_step(&pos->spos, &pos->spos_config, &event, &out) ==
                                 LK_OK,
                             then[on][in] != NO);
            assert_int_equal(pos->spos.state, then[on][in] == NO ? in : then[on][in]);
            assert_true(then[on][in] != NO || out.count == 0);
        }
}

/* ---- the TPoS ---- */

static void bring_tpos_to(enum lk_mis_tpos_state state)
{
    mis_world_begin();
    world.lose[5] = state == LK_MIS_TPOS_HALF_OPEN ? 9 : 0;
    if (state >= LK_MIS_TPOS_HALF_OPEN)
        (void)mis_world_hop(1);
    if (state == LK_MIS_TPOS_ASKING)
        world.pos[1].tpos.state = LK_MIS_TPOS_ASKING;
    assert_int_equal(world.pos[1].tpos.state, state);
}

static void the_tpos_takes_what_its_rows_say(void **state)
{
    enum { I = LK_MIS_TPOS_IDLE, A, H, R };
    enum { REQUEST, TOLD, CONFIRM, OTHER, PROVEN, EXPIRED };
    static const unsigned then[][LK_MIS_TPOS_STATE_COUNT] = {
        [REQUEST] = { I, NO, NO, NO }, /* of a stranger: answered, and nothing kept */
        [TOLD] = { NO, I, NO, NO },    /* a mark that is false */
        [CONFIRM] = { NO, NO, R, R },
        [OTHER] = { NO, NO, I, NO },
        [PROVEN] = { NO, NO, R, NO },
        [EXPIRED] = { NO, NO, I, NO },
    };
    static struct lk_mis_tpos_outbox out;

    for (unsigned in = 0; in < LK_MIS_TPOS_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_COUNT_OF(then); on++) {
            struct mis_pos *pos = &world.pos[1];
            struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_CONFIRM };
            struct lk_mis_message m = { .present = 0 };
            struct lk_mis_auth auth;

            bring_tpos_to(in);
            auth = pos->tpos.auth;
            auth.octets[0] ^= on == OTHER;
            lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
            m.auth = LK_SPAN(auth.octets);
            event.now_ms = world.now_ms;
            event.confirm = &m;
            if (on == REQUEST) {
                event.kind = LK_MIS_TPOS_EV_REQUEST;
                event.request.peer = lk_span_text("pos@stranger.example");
                event.request.protected_link = true;
                event.request.message = &m;
            } else if (on == TOLD) {
                event.kind = LK_MIS_TPOS_EV_TOLD;
                event.told.mark = LK_MIS_MARK_FALSE;
            } else if (on >= PROVEN) {
                event.kind = on == PROVEN ? LK_MIS_TPOS_EV_PROVEN : LK_MIS_TPOS_EV_EXPIRED;
            }
            assert_int_equal(lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, &event, &out) ==
                                 LK_OK,
                             then[on][in] != NO);
            assert_int_equal(pos->tpos.state, then[on][in] == NO ? in : then[on][in]);
            assert_true(then[on][in] != NO || out.count == 0);
        }
}

/* T40: what a run takes of the MN's count is in one place, whatever the SA was made of. */
static void an_erp_below_a_pos_counts_on(void **state)
{
    struct lk_mis_mn_event event;

    mis_world_begin();
    for (unsigned used = 1; used <= 4; used++) {
        event = mis_world_event(LK_MIS_MN_EV_AUTHENTICATED);
        event.run = LK_MIS_RUN_ERP_CHAIN;
        assert_int_equal(mis_world_mn(&event), LK_OK);
        assert_int_equal(world.mn.chain.used, used <= 3 ? used : 3);
        assert_int_equal(world.full_auths, used == 4);
    }
    event = mis_world_event(LK_MIS_MN_EV_AUTHENTICATED);
    event.run = LK_MIS_RUN_ERP_HOME;
    assert_int_equal(mis_world_mn(&event), LK_OK);
    assert_int_equal(world.stored, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_mn_takes_what_its_rows_say, begin),
        cmocka_unit_test_setup(the_spos_takes_what_its_rows_say, begin),
        cmocka_unit_test_setup(the_tpos_takes_what_its_rows_say, begin),
        cmocka_unit_test_setup(an_erp_below_a_pos_counts_on, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
