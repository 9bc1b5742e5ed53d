/* The WT's machine of one UE: every state meets every event; what the WT asks, a link that goes and
 * comes, and what runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_wt_bench.h"

/* ---- every state meets every event ---- */

/* Y23: all pairs of state and event. A message is met as the serving eNB sends it, with the newest
 * key where it has one; REMOVE, CONFIRM and REFUSE after nothing was asked. */
static void it_takes_what_its_rows_say(void **state)
{
    enum { I = LK_LWA_WT_IDLE, U, H, A, R, NO };
    enum { ADDITION, REPEAT, CLAIM, TAKE_OVER, MODIFICATION, SAME, FOREIGN, CONFIRM, REFUSE,
           REQUEST, RELEASED, FOREIGN_RELEASE, ANSWER, WLAN };
    static const unsigned then[][LK_LWA_WT_STATE_COUNT] = {
        [ADDITION] = { U, U, U, U, U },
        [REPEAT] = { U, U, H, A, U },
        [CLAIM] = { U, U, H, A, U },
        [TAKE_OVER] = { NO, U, H, A, R },
        [MODIFICATION] = { NO, U, H, H, R },
        [SAME] = { NO, U, H, A, R },
        [FOREIGN] = { NO, U, H, A, R },
        [CONFIRM] = { NO, NO, NO, NO, NO },
        [REFUSE] = { NO, NO, NO, NO, NO },
        [REQUEST] = { NO, I, I, I, I },
        [RELEASED] = { NO, NO, NO, NO, I },
        [FOREIGN_RELEASE] = { NO, NO, NO, NO, NO },
        [ANSWER] = { NO, NO, NO, NO, NO },
        [WLAN + LK_LWA_WT_EV_XW_DOWN] = { NO, U, H, A, R },
        [WLAN + LK_LWA_WT_EV_XW_UP] = { NO, U, H, A, R },
        [WLAN + LK_LWA_WT_EV_ASSOCIATED] = { NO, H, H, H, NO },
        [WLAN + LK_LWA_WT_EV_FINISHED] = { NO, NO, A, NO, NO },
        [WLAN + LK_LWA_WT_EV_LEFT] = { NO, NO, U, U, NO },
        [WLAN + LK_LWA_WT_EV_RELEASE] = { NO, R, R, R, NO },
        [WLAN + LK_LWA_WT_EV_REMOVE] = { NO, U, H, A, NO },
        [WLAN + LK_LWA_WT_EV_EXPIRED] = { NO, R, NO, NO, R },
    };

    for (unsigned in = 0; in < LK_LWA_WT_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_COUNT_OF(then); on++) {
            struct lk_xwap m = message(LK_XWAP_RELEASE_REQUEST);
            enum lk_status status = LK_E_VALUE;

            if (on == WLAN || on == WLAN + LK_LWA_WT_EV_XW)
                continue;
            bring_to(in);
            switch (on) {
            case ADDITION: status = hears(addition(3)); break;
            case REPEAT: status = hears(addition(1)); break;
            case CLAIM:
                m = addition(3);
                status = hears_from(OTHER_ENB, &m);
                break;
            case TAKE_OVER: status = hears(take_over(0)); break;
            case MODIFICATION: status = hears(modification(2)); break;
            case SAME: status = hears(modification(1)); break;
            case FOREIGN:
                m = modification(2);
                status = hears_from(OTHER_ENB, &m);
                break;
            case CONFIRM: status = hears(message(LK_XWAP_MODIFICATION_CONFIRM)); break;
            case REFUSE: status = hears(message(LK_XWAP_MODIFICATION_REFUSE)); break;
            case REQUEST: status = hears(m); break;
            case RELEASED: status = hears(message(LK_XWAP_RELEASE_CONFIRM)); break;
            case FOREIGN_RELEASE: status = hears_from(OTHER_ENB, &m); break;
            case ANSWER: status = hears(message(LK_XWAP_ADDITION_ACKNOWLEDGE)); break;
            default: status = happens(on - WLAN); break;
            }
            assert_int_equal(status == LK_OK, then[on][in] != NO);
            assert_int_equal(wt.state, then[on][in] == NO ? in : then[on][in]);
        }
}

/* What no eNB says to a WT has no place here. */
static void messages_of_a_wt_are_refused(void **state)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_ADDITION_ACKNOWLEDGE, LK_XWAP_ADDITION_REJECT, LK_XWAP_MODIFICATION_ACKNOWLEDGE,
        LK_XWAP_MODIFICATION_REJECT, LK_XWAP_MODIFICATION_REQUIRED, LK_XWAP_RELEASE_REQUIRED,
        LK_XWAP_ASSOCIATION_CONFIRMATION, LK_XWAP_TYPE_COUNT,
    };

    for (size_t i = 0; i < LK_COUNT_OF(types); i++) {
        bring_to(LK_LWA_WT_ACTIVE);
        assert_int_equal(hears(message(types[i])), LK_E_UNEXPECTED);
    }
}

/* Who serves a UE is the link and the number that the eNB on it has for the UE: after a handover
 * between cells of one link a late word of the source has the old number, and after one to another
 * eNB the number may be the same. Either has no say: no key, no release, no answer. */
static void who_serves_is_the_link_and_the_number(void **state)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_MODIFICATION_REQUEST, LK_XWAP_MODIFICATION_CONFIRM, LK_XWAP_MODIFICATION_REFUSE,
        LK_XWAP_RELEASE_REQUEST, LK_XWAP_RELEASE_CONFIRM };
    static const struct {
        uint32_t link, number;
    } others[] = { { ENB, ENB_ID }, { OTHER_ENB, ENB_ID + 1 }, { OTHER_ENB, ENB_ID } };

    for (size_t i = 0; i < LK_COUNT_OF(types); i++)
        for (size_t other = 0; other < LK_COUNT_OF(others); other++) {
            struct lk_xwap m = take_over(0), late = message(types[i]);
            struct lk_lwa_wt before;
            uint32_t link = others[other].link;

            bring_to(LK_LWA_WT_ACTIVE);
            m.enb_ue_id = ENB_ID + 1; /* taken over by another cell of the same link */
            assert_int_equal(hears(m), LK_OK);
            assert_int_equal(happens(types[i] == LK_XWAP_RELEASE_CONFIRM ? LK_LWA_WT_EV_RELEASE
                                                                         : LK_LWA_WT_EV_REMOVE),
                             LK_OK);
            before = wt;
            if (types[i] == LK_XWAP_MODIFICATION_REQUEST)
                late = modification(2);
            late.enb_ue_id = others[other].number;
            if (types[i] == LK_XWAP_MODIFICATION_REQUEST) {
                assert_int_equal(hears_from(link, &late), LK_OK);
                assert_refuses(LK_XWAP_PROCEDURE_CANCELLED, LK_REASON_LWA_NOT_SERVING, link);
            } else {
                assert_int_equal(hears_from(link, &late), LK_E_DENIED);
            }
            assert_memory_equal(&before, &wt, sizeof wt);
        }
}

/* An addition that was asked twice is a repeat of the same link and number only: of another number,
 * though its key is the same, it is another context, which gets an id and words of its own; of
 * another link, it is another eNB's, which does not get the UE. */
static void a_repeat_is_of_the_same_link_and_number(void **state)
{
    for (unsigned i = 0; i < 3; i++) {
        struct lk_xwap m = addition(1);
        bool same = i != 2;

        bring_to(LK_LWA_WT_ACTIVE);
        if (i == 2)
            m.enb_ue_id++;
        assert_int_equal(hears_from(i == 1 ? OTHER_ENB : ENB, &m), LK_OK);
        assert_int_equal(said(0, i == 1 ? OTHER_ENB : ENB).type,
                         i == 1 ? LK_XWAP_ADDITION_REJECT : LK_XWAP_ADDITION_ACKNOWLEDGE);
        assert_int_equal(wt.state, same ? LK_LWA_WT_ACTIVE : LK_LWA_WT_AWAIT_UE);
        assert_int_equal(wt.wt_ue_id, same ? OUR_ID : FRESH_ID);
        assert_int_equal(wt.link, ENB);
        assert_int_equal(wt.enb_ue_id, m.enb_ue_id);
    }
}

/* ---- what the WT asks ---- */

/* spec: TS 36.463 8.10 - the WT gives up a bearer: CONFIRM ends it, REFUSE leaves it. */
static void a_bearer_is_given_up(void **state)
{
    struct lk_xwap m = message(LK_XWAP_MODIFICATION_REFUSE);

    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_REQUIRED, NOBODY);
    assert_int_equal(said(0, ENB).released.bearer[0].e_rab_id, BEARER);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, now_ms + config.retry_ms);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_E_BUSY);
    m.cause = any_cause;
    assert_int_equal(hears(m), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_WT_REFUSED);
    assert_string_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.came, "radio connection with UE lost");
    assert_int_equal(wt.bearers, 1);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    assert_int_equal(hears(message(LK_XWAP_MODIFICATION_CONFIRM)), LK_OK);
    assert_int_equal(wt.bearers, 0);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, LK_LWA_WT_NEVER);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_E_NOT_FOUND);
}

/* spec: TS 36.463 8.10.4 - the eNB asks while the WT does: the WT's procedure has failed, and the
 * eNB's goes on. */
static void the_enb_goes_first(void **state)
{
    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    assert_int_equal(hears(modification(2)), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE, NOBODY);
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_CROSSED);
    assert_non_null(has(LK_LWA_WT_OUT_KEY));
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, LK_LWA_WT_NEVER);
    assert_int_equal(hears(message(LK_XWAP_MODIFICATION_CONFIRM)), LK_E_UNEXPECTED);
    assert_int_equal(wt.bearers, 1);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    assert_int_equal(hears(take_over(0)), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_CROSSED);
}

/* spec: TS 36.463 8.11 - the eNB releases, and nothing answers.
 * spec: TS 36.463 8.12 - the WT releases, and waits for the confirmation; keys are gone at once. */
static void a_ue_is_released(void **state)
{
    struct lk_lwa_wt empty;
    struct lk_xwap kept = message(LK_XWAP_RELEASE_REQUEST);

    lk_lwa_wt_init(&empty);
    bring_to(LK_LWA_WT_ACTIVE);
    lk_xwap_mark(&kept, LK_XWAP_CONTEXT_KEPT);
    assert_int_equal(hears(kept), LK_OK);
    assert_int_equal(out.count, 0);
    assert_int_equal(hears(message(LK_XWAP_RELEASE_REQUEST)), LK_OK);
    assert_int_equal(out.count, 1);
    assert_non_null(has(LK_LWA_WT_OUT_RELEASED));
    assert_memory_equal(&wt, &empty, sizeof wt);
    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_RELEASE), LK_OK);
    assert_says(LK_XWAP_RELEASE_REQUIRED, NOBODY);
    assert_int_equal(said(0, ENB).cause.value, any_cause.value);
    assert_memory_equal(&wt.key, &empty.key, sizeof wt.key);
    assert_false(wt.has_key);
    assert_int_equal(hears(message(LK_XWAP_RELEASE_CONFIRM)), LK_OK);
    assert_memory_equal(&wt, &empty, sizeof wt);
}

/* T53: what is asked is asked so often, and then the WT goes on. */
static void what_is_asked_ends(void **state)
{
    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    for (unsigned i = 1; i < config.tries; i++) {
        assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
        assert_says(LK_XWAP_MODIFICATION_REQUIRED, NOBODY);
    }
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_WT_NO_ANSWER);
    assert_int_equal(wt.state, LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_E_UNEXPECTED);
    assert_int_equal(happens(LK_LWA_WT_EV_RELEASE), LK_OK);
    for (unsigned i = 1; i < config.tries; i++)
        assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_says(LK_XWAP_RELEASE_REQUIRED, NOBODY);
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_non_null(has(LK_LWA_WT_OUT_RELEASED));
}

/* T53: a UE that is never there is given up, so that no context stays for ever. */
static void a_ue_that_stays_away_is_released(void **state)
{
    bring_to(LK_LWA_WT_AWAIT_UE);
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_NOTICE)->notice.reason, LK_REASON_LWA_UE_AWAY);
    assert_says(LK_XWAP_RELEASE_REQUIRED, NOBODY);
    assert_int_equal(said(0, ENB).cause.value, LK_XWAP_UE_LOST);
}

/* ---- the link ---- */

/* T53: while the link is down nothing is said; when it is up, what is out is said at once, and so
 * is the CONFIRMATION that may have been lost. */
static void the_link_goes_and_comes(void **state)
{
    bring_to(LK_LWA_WT_HANDSHAKE);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    assert_int_equal(out.count, 0);
    assert_int_equal(happens(LK_LWA_WT_EV_REMOVE), LK_OK);
    assert_says(NOBODY, NOBODY);
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_E_UNEXPECTED);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_UP), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_REQUIRED, LK_XWAP_ASSOCIATION_CONFIRMATION);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, now_ms + config.retry_ms);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, LK_LWA_WT_NEVER);
    assert_int_equal(happens(LK_LWA_WT_EV_LEFT), LK_OK);
    assert_int_equal(has(LK_LWA_WT_OUT_TIMER)->timer_ms, now_ms + config.away_ms);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_UP), LK_OK);
    assert_says(LK_XWAP_MODIFICATION_REQUIRED, NOBODY);
    assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
    assert_null(has(LK_LWA_WT_OUT_TIMER)); /* the eNB's answer is still awaited */
    assert_int_equal(happens(LK_LWA_WT_EV_LEFT), LK_OK);
    assert_null(has(LK_LWA_WT_OUT_TIMER));
}

/* A release needs nobody: without a link it ends by its tries. */
static void a_release_ends_without_a_link(void **state)
{
    bring_to(LK_LWA_WT_ACTIVE);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_DOWN), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_RELEASE), LK_OK);
    assert_says(NOBODY, NOBODY);
    for (unsigned i = 1; i < config.tries; i++)
        assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_XW_UP), LK_OK);
    assert_says(LK_XWAP_RELEASE_REQUIRED, NOBODY);
    for (unsigned i = 1; i < config.tries; i++)
        assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_int_equal(happens(LK_LWA_WT_EV_EXPIRED), LK_OK);
    assert_non_null(has(LK_LWA_WT_OUT_RELEASED));
}

/* Only a request is rejected, and only where its ids are there. */
static void what_needs_no_answer_gets_none(void **state)
{
    uint8_t room[128];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_xwap m = message(LK_XWAP_RELEASE_REQUEST);

    assert_int_equal(lk_lwa_wt_reject(&w, &m, any_cause, NULL), LK_E_MISSING);
    m.type = LK_XWAP_MODIFICATION_REQUEST;
    m.present = 0;
    assert_int_equal(lk_lwa_wt_reject(&w, &m, any_cause, NULL), LK_E_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_what_its_rows_say),
        cmocka_unit_test(messages_of_a_wt_are_refused),
        cmocka_unit_test(who_serves_is_the_link_and_the_number),
        cmocka_unit_test(a_repeat_is_of_the_same_link_and_number),
        cmocka_unit_test(a_bearer_is_given_up),
        cmocka_unit_test(the_enb_goes_first),
        cmocka_unit_test(a_ue_is_released),
        cmocka_unit_test(what_is_asked_ends),
        cmocka_unit_test(a_ue_that_stays_away_is_released),
        cmocka_unit_test(the_link_goes_and_comes),
        cmocka_unit_test(a_release_ends_without_a_link),
        cmocka_unit_test(what_needs_no_answer_gets_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
