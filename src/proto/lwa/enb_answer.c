/* The eNB's handlers of what UE and WT say. */
#include "proto/lwa/enb_parts.h"

#include <string.h>

enum { ASSOCIATION_MARGIN_MS = 2000 }; /* behind T351, for the UE's report */

/* ---- from the UE ---- */

enum lk_status lk_lwa_enb_take_setup(struct lk_lwa_enb_work *w)
{
    if (w->e->confirmed)
        return lk_lwa_enb_activate(w, false);
    lk_lwa_enb_rest(w, LK_LWA_ENB_SETUP_ASSOCIATION,
                    w->config->association_timer_s * UINT64_C(1000) + ASSOCIATION_MARGIN_MS);
    return LK_OK;
}

static enum lk_status await_finished(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_rest(w, LK_LWA_ENB_REKEY_FINISHED, w->config->lock_ms);
    return LK_OK;
}

enum lk_status lk_lwa_enb_tell_wt(struct lk_lwa_enb_work *w)
{
    if (lk_lwa_enb_wt_was_first(w))
        return w->e->confirmed ? lk_lwa_enb_activate(w, true) : await_finished(w);
    lk_lwa_enb_give_key(w);
    return LK_OK;
}

enum lk_status lk_lwa_enb_take_release(struct lk_lwa_enb_work *w)
{
    w->e->configured = false;
    lk_lwa_enb_tell_released(w);
    return lk_lwa_enb_settle(w);
}

static bool is_over(const struct lk_lwa_enb_work *w)
{
    return w->readable && w->uplink.type == LK_RRC_WLAN_STATUS &&
           w->uplink.status == LK_RRC_WLAN_TIMEOUT && w->e->configured;
}

/* A PDU that proved itself, and that nothing waits for: its COUNT is used. */
enum lk_status lk_lwa_enb_hear(struct lk_lwa_enb_work *w)
{
    if (!w->readable)
        lk_lwa_enb_notice(w, LK_REASON_LWA_RRC_MALFORMED, NULL, NULL);
    else if (is_over(w)) {
        w->e->wanted = false;
        w->e->why = LK_REASON_LWA_NO_ASSOCIATION;
    } else if (w->uplink.type == LK_RRC_WLAN_STATUS && w->uplink.status != LK_RRC_WLAN_ASSOCIATED &&
             w->uplink.status != LK_RRC_WLAN_RESUMED)
        lk_lwa_enb_notice(w, LK_REASON_LWA_WLAN_LOST, NULL,
                          lk_rrc_wlan_status_name(w->uplink.status));
    return LK_OK;
}

/* spec: TS 36.331 5.6.15 - a UE whose T351 has expired has stopped. */
enum lk_status lk_lwa_enb_hear_report(struct lk_lwa_enb_work *w)
{
    if (is_over(w))
        return lk_lwa_enb_end(w, LK_REASON_LWA_NO_ASSOCIATION, false);
    return lk_lwa_enb_hear(w);
}

/* ---- from the WT ---- */

static enum lk_status take_answer(struct lk_lwa_enb *e)
{
    if (e->open_requests == 0)
        return LK_E_UNEXPECTED;
    e->open_requests--;
    return LK_OK;
}

enum lk_status lk_lwa_enb_renumber(struct lk_lwa_enb_work *w)
{
    enum lk_status status = take_answer(w->e);

    if (status == LK_OK) {
        w->e->wt_ue_id = w->event->xw->wt_ue_id;
        w->e->has_wt = true;
        w->e->wt_knows = false;
    }
    return status;
}

static bool is_admitted(const struct lk_lwa_enb_work *w)
{
    const struct lk_xwap_bearers *added = &w->event->xw->added;

    for (size_t i = 0; i < added->count; i++)
        if (added->bearer[i].e_rab_id == w->config->bearer.e_rab_id)
            return true;
    return false;
}

enum lk_status lk_lwa_enb_tell_ue(struct lk_lwa_enb_work *w)
{
    const struct lk_xwap *xw = w->event->xw;
    struct lk_lwa_enb *e = w->e;
    enum lk_status status = is_admitted(w) ? lk_lwa_enb_renumber(w) : LK_E_VALUE;

    if (status != LK_OK)
        return status;
    e->has_wt_mac = lk_xwap_has(xw, LK_XWAP_WT_MAC);
    memcpy(e->wt_mac, xw->wt_mac, sizeof e->wt_mac);
    e->key_of_kenb = true;
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_SETUP_UE);
    lk_lwa_enb_say_setup(w);
    return LK_OK;
}

/* The acknowledgement of an addition that is not wanted any more. */
enum lk_status lk_lwa_enb_disown(struct lk_lwa_enb_work *w)
{
    uint32_t owed = w->e->wt_ue_id;
    enum lk_status status = take_answer(w->e);

    if (status != LK_OK)
        return status;
    w->e->wt_ue_id = w->event->xw->wt_ue_id;
    lk_lwa_enb_say_wt_release(w, LK_XWAP_PROCEDURE_CANCELLED, false);
    w->e->wt_ue_id = owed;
    return LK_OK;
}

/* T53: where the WT has no place for the UE, or another eNB's UE has its MAC address, that may be
 * over in a while. An id that the WT does not know any more is not named again. */
enum lk_status lk_lwa_enb_setup_rejected(struct lk_lwa_enb_work *w)
{
    const struct lk_xwap_cause *cause = &w->event->xw->cause;
    bool no_place =
        cause->group == LK_XWAP_CAUSE_RADIO && cause->value == LK_XWAP_WLAN_NOT_AVAILABLE;
    enum lk_status status = take_answer(w->e);

    if (status != LK_OK)
        return status;
    w->e->wt_knows = false;
    lk_lwa_enb_notice(w, LK_REASON_LWA_WT_REJECTED, NULL, lk_xwap_cause_name(*cause));
    return lk_lwa_enb_end_within(w, LK_REASON_LWA_WT_REJECTED,
                                 no_place ? LK_LWA_PATIENCE : w->config->attempts);
}

enum lk_status lk_lwa_enb_count_answer(struct lk_lwa_enb_work *w)
{
    enum lk_status status = take_answer(w->e);

    if (w->e->stale_requests > w->e->open_requests)
        w->e->stale_requests = w->e->open_requests;
    return status;
}

/* Whether this answers the question that is out, and not one before it. */
static enum lk_status judge_answer(struct lk_lwa_enb_work *w, bool *is_ours)
{
    enum lk_status status = take_answer(w->e);

    *is_ours = w->e->stale_requests == 0;
    if (!*is_ours)
        w->e->stale_requests--;
    return status;
}

enum lk_status lk_lwa_enb_lock(struct lk_lwa_enb_work *w)
{
    bool is_ours;
    enum lk_status status = judge_answer(w, &is_ours);

    if (status != LK_OK || !is_ours)
        return status;
    w->e->key_deadline_ms = 0;
    if (!lk_lwa_enb_wt_was_first(w))
        return await_finished(w);
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_REKEY_UE);
    lk_lwa_enb_say_counter(w);
    return LK_OK;
}

/* The UE has the key, the WT has not, and will not take it. */
enum lk_status lk_lwa_enb_rekey_rejected(struct lk_lwa_enb_work *w)
{
    bool is_ours;
    enum lk_status status = judge_answer(w, &is_ours);

    if (status != LK_OK || !is_ours)
        return status;
    lk_lwa_enb_notice(w, LK_REASON_LWA_WT_REJECTED, NULL, lk_xwap_cause_name(w->event->xw->cause));
    return lk_lwa_enb_end(w, LK_REASON_LWA_WT_REJECTED, true);
}

enum lk_status lk_lwa_enb_confirm(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_answer_wt(w, LK_XWAP_MODIFICATION_CONFIRM);
    return LK_OK;
}

enum lk_status lk_lwa_enb_refuse(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_answer_wt(w, LK_XWAP_MODIFICATION_REFUSE);
    return LK_OK;
}

enum lk_status lk_lwa_enb_wt_left(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_answer_wt(w, LK_XWAP_RELEASE_CONFIRM);
    lk_lwa_enb_notice(w, LK_REASON_LWA_WT_RELEASED, NULL, lk_xwap_cause_name(w->event->xw->cause));
    w->e->has_wt = w->e->wanted = false;
    w->e->why = LK_REASON_LWA_WT_RELEASED;
    return LK_OK;
}

/* spec: TS 36.463 8.12 - confirmed at once; the UE is told next. */
enum lk_status lk_lwa_enb_wt_leaves(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_wt_left(w);
    return lk_lwa_enb_end(w, LK_REASON_LWA_WT_RELEASED, false);
}

/* Waited for later; or the UE went away and came back, under the key in use. */
enum lk_status lk_lwa_enb_note_association(struct lk_lwa_enb_work *w)
{
    enum lk_lwa_enb_state state = w->e->state;

    if (state == LK_LWA_ENB_ACTIVE && w->e->deadline_ms != 0 && w->e->key_deadline_ms == 0)
        return lk_lwa_enb_activate(w, true);
    lk_lwa_enb_take_word(w);
    if (state == LK_LWA_ENB_SETUP_UE || state == LK_LWA_ENB_INCOMING_UE ||
        (state == LK_LWA_ENB_REKEY_UE && lk_lwa_enb_wt_was_first(w)))
        w->e->confirmed = true;
    return LK_OK;
}

/* spec: TS 36.463 8.13 - the WT tells of an association; ours of each handshake, and that is what
 * opens the lock (T51). */
enum lk_status lk_lwa_enb_finish(struct lk_lwa_enb_work *w)
{
    return lk_lwa_enb_activate(w, w->e->state == LK_LWA_ENB_REKEY_FINISHED);
}

enum lk_status lk_lwa_enb_begin_rekey(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_take_word(w);
    return lk_lwa_enb_settle(w);
}
