/* The eNB's handlers of time and of the way to the WT: what is asked again, and when it ends. T53:
 * whatever is awaited has an end. */
#include "proto/lwa/enb_parts.h"

#include "base/secret.h"

/* ---- the way to the WT ---- */

enum lk_status lk_lwa_enb_note_up(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    e->xw_up = true;
    e->open_requests = e->stale_requests = 0;
    e->attempts = 0;
    e->again_ms = 0;
    if (e->owes_release)
        lk_lwa_enb_say_wt_release(w, LK_XWAP_RADIO_UNSPECIFIED, false);
    e->owes_release = false;
    return LK_OK;
}

/* T53: what is outstanding is done at once. */
enum lk_status lk_lwa_enb_go_on(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_note_up(w);
    return lk_lwa_enb_settle(w);
}

/* An answer or a confirmation may be lost with the way: the WT is asked (again). One that has the
 * key confirms it. */
enum lk_status lk_lwa_enb_ask_wt(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_note_up(w);
    lk_lwa_enb_await_word(w);
    lk_lwa_enb_give_key(w);
    return LK_OK;
}

enum lk_status lk_lwa_enb_note_down(struct lk_lwa_enb_work *w)
{
    w->e->xw_up = false;
    w->e->open_requests = w->e->stale_requests = 0;
    if (w->e->state == LK_LWA_ENB_REKEY_WT)
        w->e->timer_ms = w->e->deadline_ms;
    return LK_OK;
}

enum lk_status lk_lwa_enb_wait_for_wt(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_note_down(w);
    return lk_lwa_enb_settle(w);
}

/* ---- time ---- */

static bool may_try(struct lk_lwa_enb_work *w)
{
    return w->e->tries < w->config->tries;
}

static bool may_say(struct lk_lwa_enb_work *w)
{
    return may_try(w) && w->e->unheard < LK_LWA_UNHEARD_MAX;
}

static void again(struct lk_lwa_enb_work *w, uint32_t first_ms)
{
    w->e->tries++;
    lk_lwa_enb_wait(w, first_ms);
}

/* T53: the UE is on neither KeNB for us. Nothing is said to it until a context comes. */
static enum lk_status lose(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    lk_wipe(&e->next, sizeof e->next);
    lk_lwa_enb_drop_wt(w, LK_XWAP_UE_LOST);
    e->why = LK_REASON_LWA_UE_SILENT;
    e->wanted = e->configured = e->rekey_due = e->has_target = false;
    lk_lwa_enb_tell_released(w);
    return lk_lwa_enb_settle(w);
}

static enum lk_status retry_saved(struct lk_lwa_enb_work *w)
{
    if (!may_try(w))
        return lk_lwa_enb_not_kept(w);
    lk_lwa_enb_ask_to_save(w);
    again(w, w->config->save_ms);
    return LK_OK;
}

static enum lk_status retry_rrc(struct lk_lwa_enb_work *w,
                                void (*say)(struct lk_lwa_enb_work *w))
{
    if (!may_say(w))
        return lk_lwa_enb_end(w, LK_REASON_LWA_UE_SILENT, true);
    say(w);
    again(w, w->config->rrc_ms);
    return LK_OK;
}

static enum lk_status retry_rekey_wt(struct lk_lwa_enb_work *w)
{
    if (!may_try(w))
        return lk_lwa_enb_end(w, LK_REASON_LWA_WT_SILENT, true);
    if (w->e->xw_up)
        lk_lwa_enb_ask_modification(w);
    again(w, w->config->xw_ms);
    return LK_OK;
}

static enum lk_status retry_setup_wt(struct lk_lwa_enb_work *w)
{
    if (!may_try(w))
        return lk_lwa_enb_end(w, LK_REASON_LWA_WT_SILENT, true);
    lk_lwa_enb_ask_addition(w, false);
    again(w, w->config->xw_ms);
    return LK_OK;
}

/* The command may be lost, or the UE's answer: both are asked for again. */
static enum lk_status retry_refresh(struct lk_lwa_enb_work *w)
{
    if (!may_say(w))
        return lose(w);
    lk_lwa_enb_say_command(w);
    lk_lwa_enb_say_nothing(w, &w->e->next);
    again(w, w->config->rrc_ms);
    return LK_OK;
}

/* After its tries the source waits for the target's word, which has as many. */
static enum lk_status retry_handover(struct lk_lwa_enb_work *w)
{
    if (w->e->tries > w->config->tries)
        return lk_lwa_enb_call_off(w);
    if (may_say(w)) {
        lk_lwa_enb_say_command(w);
        again(w, w->config->rrc_ms);
    } else {
        w->e->tries = (uint8_t)(w->config->tries + 1);
        lk_lwa_enb_timer(w, w->config->handover_ms);
    }
    return LK_OK;
}

static enum lk_status retry_arrival(struct lk_lwa_enb_work *w)
{
    if (may_say(w)) {
        lk_lwa_enb_say_nothing(w, &w->e->as);
        again(w, w->config->rrc_ms);
        return LK_OK;
    }
    (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_HANDOVER_FAILED);
    return lk_lwa_enb_leave(w);
}

static enum lk_status retry_release(struct lk_lwa_enb_work *w)
{
    if (may_say(w)) {
        lk_lwa_enb_say_release(w);
        again(w, w->config->rrc_ms);
        return LK_OK;
    }
    lk_lwa_enb_notice(w, LK_REASON_LWA_UE_SILENT, "an answer to the release", NULL);
    return lk_lwa_enb_take_release(w);
}

/* Whether the association lives is not known: a station that was deauthenticated, and did not hear
 * it, says nothing. T53: the WT says so in time, or LWA is set up anew. */
static enum lk_status open_lock(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    lk_lwa_enb_notice(w, LK_REASON_LWA_LOCK_EXPIRED, NULL, NULL);
    if (w->event->now_ms >= e->deadline_ms)
        return lk_lwa_enb_end(w, LK_REASON_LWA_DEADLINE, true);
    if (e->state == LK_LWA_ENB_REKEY_FINISHED)
        e->state = LK_LWA_ENB_ACTIVE;
    return lk_lwa_enb_settle(w);
}

static enum lk_status expire(struct lk_lwa_enb_work *w)
{
    enum lk_lwa_enb_state state = w->e->state;

    if (lk_lwa_enb_has_deadline(w->e) && w->event->now_ms >= w->e->deadline_ms)
        return lk_lwa_enb_end(w, LK_REASON_LWA_DEADLINE, true);
    switch (state) {
    case LK_LWA_ENB_SETUP_SAVED:
    case LK_LWA_ENB_REKEY_SAVED: return retry_saved(w);
    case LK_LWA_ENB_SETUP_WT: return retry_setup_wt(w);
    case LK_LWA_ENB_SETUP_UE: return retry_rrc(w, lk_lwa_enb_say_setup);
    case LK_LWA_ENB_SETUP_ASSOCIATION:
        return lk_lwa_enb_end(w, LK_REASON_LWA_NO_ASSOCIATION, false);
    case LK_LWA_ENB_REKEY_UE: return retry_rrc(w, lk_lwa_enb_say_counter);
    case LK_LWA_ENB_REKEY_WT: return retry_rekey_wt(w);
    case LK_LWA_ENB_REKEY_FINISHED:
    case LK_LWA_ENB_INCOMING_ASSOCIATION: return open_lock(w);
    case LK_LWA_ENB_REFRESH: return retry_refresh(w);
    case LK_LWA_ENB_HANDOVER_TARGET: return lk_lwa_enb_call_off(w);
    case LK_LWA_ENB_HANDOVER_UE: return retry_handover(w);
    case LK_LWA_ENB_INCOMING_WT: return lk_lwa_enb_come_alone(w);
    case LK_LWA_ENB_INCOMING_UE: return retry_arrival(w);
    case LK_LWA_ENB_RELEASE_UE: return retry_release(w);
    case LK_LWA_ENB_READY: return lk_lwa_enb_settle(w);
    case LK_LWA_ENB_ACTIVE: return lk_lwa_enb_end(w, LK_REASON_LWA_DEADLINE, true);
    case LK_LWA_ENB_IDLE:
    case LK_LWA_ENB_STATE_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

/* A timer that is early, or that nobody asked for, is none. */
enum lk_status lk_lwa_enb_try_again(struct lk_lwa_enb_work *w)
{
    return w->event->now_ms < w->e->timer_ms ? LK_E_UNEXPECTED : expire(w);
}
