/* The eNB's machine of LTE-WLAN aggregation: every state meets every event (Y23). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"

enum {
    GIVE_CONTEXT, GIVE_INCOMING, GIVE_ADD, GIVE_RELEASE, GIVE_REKEY, GIVE_HANDOVER, GIVE_COMMAND,
    GIVE_HANDED_OVER, GIVE_FAILED, GIVE_NH, GIVE_LEFT, GIVE_SAVED, GIVE_COMPLETE, GIVE_REPORT,
    GIVE_OTHER, GIVE_ADDED, GIVE_ADD_REJECT, GIVE_MODIFIED, GIVE_MODIFY_REJECT, GIVE_REQUIRED,
    GIVE_RELEASE_REQUIRED, GIVE_CONFIRMATION, GIVE_XW_UP, GIVE_XW_DOWN, GIVE_EXPIRED, GIVEN
};

static enum lk_status give_command(void)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_COMMAND, .command = command_of(2) };

    return step(&event);
}

static enum lk_status give_complete(void)
{
    if (enb.state == LK_LWA_ENB_REFRESH)
        ue_moves(&config.cell, NULL);
    return ue_completes_as(enb.transaction);
}

static enum lk_status give_xw(unsigned what)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_ADDITION_ACKNOWLEDGE, LK_XWAP_ADDITION_REJECT, LK_XWAP_MODIFICATION_ACKNOWLEDGE,
        LK_XWAP_MODIFICATION_REJECT, LK_XWAP_MODIFICATION_REQUIRED, LK_XWAP_RELEASE_REQUIRED,
        LK_XWAP_ASSOCIATION_CONFIRMATION,
    };

    return wt_says(types[what - GIVE_ADDED]);
}

static enum lk_status give(unsigned what)
{
    static const uint8_t nonsense[] = { 0xff, 0xff };

    switch (what) {
    case GIVE_CONTEXT: return context_comes(0x77);
    case GIVE_INCOMING: return incoming(true);
    case GIVE_ADD: return happens(LK_LWA_ENB_EV_ADD);
    case GIVE_RELEASE: return happens(LK_LWA_ENB_EV_RELEASE);
    case GIVE_REKEY: return happens(LK_LWA_ENB_EV_REKEY);
    case GIVE_HANDOVER: return hand_over_to(3);
    case GIVE_COMMAND: return give_command();
    case GIVE_HANDED_OVER: return happens(LK_LWA_ENB_EV_HANDED_OVER);
    case GIVE_FAILED: return happens(LK_LWA_ENB_EV_HANDOVER_FAILED);
    case GIVE_NH: return happens(LK_LWA_ENB_EV_NH);
    case GIVE_LEFT: return happens(LK_LWA_ENB_EV_LEFT);
    case GIVE_SAVED: return is_saved(true);
    case GIVE_COMPLETE: return give_complete();
    case GIVE_REPORT: return ue_reports(LK_RRC_WLAN_TIMEOUT);
    case GIVE_OTHER: return ue_sends(LK_SPAN(nonsense));
    case GIVE_XW_UP: return happens(LK_LWA_ENB_EV_XW_UP);
    case GIVE_XW_DOWN: return happens(LK_LWA_ENB_EV_XW_DOWN);
    case GIVE_EXPIRED: return expires();
    default: return give_xw(what);
    }
}

/* Of each state, what each event does: '.' refused, '=' stays, else the letter of the state. */
static const char letters[] = "IRabcdAwxyzFhHijkr";
static const char *const wanted[LK_LWA_ENB_STATE_COUNT] = {
    [LK_LWA_ENB_IDLE] = "Ri....................==.",
    [LK_LWA_ENB_READY] = "=.a..h...=I.===.......==.",
    [LK_LWA_ENB_SETUP_SAVED] = "=..R.h...=Ib===.......===",
    [LK_LWA_ENB_SETUP_WT] = "a..R.h...=I.===ca.....=R=",
    [LK_LWA_ENB_SETUP_UE] = "a..r=h...=I.dr=....=r====",
    [LK_LWA_ENB_SETUP_ASSOCIATION] = "a..r=h...=I.=r=....=rAy=r",
    [LK_LWA_ENB_ACTIVE] = "a..rwh...=I.=r=....=r===.",
    [LK_LWA_ENB_REKEY_SAVED] = "a..r=h...=Ix=r=....=r====",
    [LK_LWA_ENB_REKEY_UE] = "a..r=h...=I.yr=....=r====",
    [LK_LWA_ENB_REKEY_WT] = "a..r=h...=I.=r=..zr=r.===",
    [LK_LWA_ENB_REKEY_FINISHED] = "a..r=h...=I.=r=....=rAy=A",
    [LK_LWA_ENB_REFRESH] = "a.====...=I.w==....======",
    [LK_LWA_ENB_HANDOVER_TARGET] = "a.....H.w.I.===....=====w",
    [LK_LWA_ENB_HANDOVER_UE] = "a......Iw.I.===....======",
    [LK_LWA_ENB_INCOMING_WT] = "a..===....I.===jj.....=jj",
    [LK_LWA_ENB_INCOMING_UE] = "a.====....I.k==....======",
    [LK_LWA_ENB_INCOMING_ASSOCIATION] = "a..r=h...=I.=r=....=rww=w",
    [LK_LWA_ENB_RELEASE_UE] = "R.==.h...=I.R==.......===",
};

static void every_state_meets_every_event(void **state)
{
    for (unsigned in = 0; in < LK_LWA_ENB_STATE_COUNT; in++) {
        char seen[GIVEN + 1] = { 0 };

        for (unsigned what = 0; what < GIVEN; what++) {
            enum lk_status status;

            bring_to(in);
            status = give(what);
            if (status != LK_OK)
                seen[what] = '.';
            else
                seen[what] = enb.state == in ? '=' : letters[enb.state];
        }
        assert_string_equal(seen, wanted[in]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
