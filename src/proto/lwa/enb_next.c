/* What comes next at the eNB: how its procedures begin and end, and which goes first. */
#include "proto/lwa/enb_parts.h"

#include <string.h>

#include "base/secret.h"

enum { COUNT_RESERVE = 64 }; /* of SRB1: for the refresh itself */

void lk_lwa_enb_rest(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state, uint64_t after_ms)
{
    w->e->state = state;
    w->e->tries = 0;
    lk_lwa_enb_timer(w, after_ms);
}

/* T53: no later than the word that is awaited already, from a re-key before this one, at a cell
 * before this one: one after the other must not keep a dead association for ever. */
void lk_lwa_enb_await_word(struct lk_lwa_enb_work *w)
{
    if (w->e->deadline_ms == 0)
        w->e->deadline_ms = w->event->now_ms + w->config->deadline_ms;
}

/* T53: nor the key: the UE may have one that the WT has not since a cell before this one. */
void lk_lwa_enb_await_key(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_await_word(w);
    if (w->e->key_deadline_ms == 0)
        w->e->key_deadline_ms = w->event->now_ms + w->config->deadline_ms;
}

/* The KeNB is a new one, and the S-KWT in use is of the one before: from now on the WT has until a
 * deadline to take one of the new, whether there is a way to it or not. */
void lk_lwa_enb_owe_key(struct lk_lwa_enb_work *w)
{
    w->e->rekey_due = w->e->configured;
    if (w->e->configured)
        lk_lwa_enb_await_key(w);
}

/* The association lives, under the key that the WT has. */
void lk_lwa_enb_take_word(struct lk_lwa_enb_work *w)
{
    w->e->deadline_ms = w->e->key_deadline_ms;
}

bool lk_lwa_enb_has_deadline(const struct lk_lwa_enb *e)
{
    return e->deadline_ms != 0 &&
           (e->state == LK_LWA_ENB_REKEY_SAVED || e->state == LK_LWA_ENB_REKEY_UE ||
            e->state == LK_LWA_ENB_REKEY_WT);
}

/* T53: each try waits twice as long, but not beyond the deadline of a re-key. */
void lk_lwa_enb_wait(struct lk_lwa_enb_work *w, uint32_t first_ms)
{
    struct lk_lwa_enb *e = w->e;

    lk_lwa_enb_timer(w, (uint64_t)first_ms << (e->tries - 1));
    if (lk_lwa_enb_has_deadline(e) && e->timer_ms > e->deadline_ms)
        e->timer_ms = e->deadline_ms;
}

/* The first try of what is done in a state. */
void lk_lwa_enb_enter(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state, uint32_t first_ms)
{
    w->e->state = state;
    w->e->tries = 1;
    lk_lwa_enb_wait(w, first_ms);
}

/* A question of its own to the UE. */
void lk_lwa_enb_enter_rrc(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state)
{
    w->e->transaction = (uint8_t)((w->e->transaction + 1) & LK_RRC_TRANSACTION_MAX);
    lk_lwa_enb_enter(w, state, w->config->rrc_ms);
}

void lk_lwa_enb_drop_wt(struct lk_lwa_enb_work *w, uint8_t radio_cause)
{
    struct lk_lwa_enb *e = w->e;

    if (!e->has_wt)
        return;
    if (e->xw_up)
        lk_lwa_enb_say_wt_release(w, radio_cause, false);
    e->owes_release = !e->xw_up;
    e->has_wt = false;
}

/* spec: TS 33.401 7.2.8.4 - the next KeNB is of a fresh NH, or else of the KeNB in use. An NH is
 * used once. */
static uint8_t next_kenb(struct lk_lwa_enb *e, struct lk_kenb *kenb, const struct lk_eps_cell *cell)
{
    if (!e->has_nh) {
        lk_kenb_star_horizontal(kenb, &e->as.kenb, cell);
        return e->as.ncc;
    }
    lk_kenb_star_vertical(kenb, &e->nh, cell);
    lk_wipe(&e->nh, sizeof e->nh);
    e->has_nh = false;
    return e->nh_ncc;
}

/* Until a deadline; 0: there is none. */
static uint32_t left_ms(const struct lk_lwa_enb_work *w, uint64_t deadline_ms)
{
    if (deadline_ms == 0)
        return 0;
    return deadline_ms > w->event->now_ms ? (uint32_t)(deadline_ms - w->event->now_ms) : 1;
}

/* spec: TS 33.401 7.2.9.2 - a KeNB whose counters are used up is changed by a handover to the same
 * cell. */
static void begin_refresh(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_kenb kenb;
    uint8_t ncc = next_kenb(e, &kenb, &w->config->cell);

    lk_lwa_as_begin(&e->next, &kenb, ncc, w->config->algorithm);
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_REFRESH);
    lk_lwa_enb_make_command(w, &w->config->cell, ncc, e->configured);
    lk_lwa_enb_say_command(w);
    lk_wipe(&kenb, sizeof kenb);
}

/* Source: T51 does not hold a handover up; the target changes the key when it has the UE. T52: the
 * same KeNB* would come of the same KeNB for a cell that has been tried in vain, and SRB1 begins at
 * COUNT 0 there: the KeNB is refreshed first. */
void lk_lwa_enb_begin_handover(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_lwa_enb_output *out;

    if (e->state == LK_LWA_ENB_SETUP_UE)
        lk_lwa_enb_drop_wt(w, LK_XWAP_PROCEDURE_CANCELLED);
    if (e->star_given && !e->has_nh) {
        begin_refresh(w);
        return;
    }
    e->has_target = false;
    e->star_given = !e->has_nh;
    out = lk_lwa_enb_add(w, LK_LWA_ENB_OUT_CONTEXT);
    out->context.target = e->target;
    out->context.handover = (struct lk_lwa_handover){
        .transaction = e->transaction, .wanted = e->wanted, .wt_ue_id = e->wt_ue_id,
        .kept = e->wanted && e->configured && e->has_wt,
        .wt_knows = e->has_wt || e->wt_knows,
        .deadline_ms = left_ms(w, e->deadline_ms),
        .key_deadline_ms = left_ms(w, e->key_deadline_ms) };
    memcpy(out->context.handover.ue_mac, e->ue_mac, sizeof e->ue_mac);
    out->context.handover.ncc = next_kenb(e, &out->context.handover.kenb, &e->target.cell);
    lk_lwa_enb_rest(w, LK_LWA_ENB_HANDOVER_TARGET, w->config->handover_ms);
}

void lk_lwa_enb_ask_to_save(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_saved *save = &lk_lwa_enb_add(w, LK_LWA_ENB_OUT_SAVE)->save;

    lk_kenb_print(save->print, &w->e->as.kenb);
    save->next = w->e->next_counter + 1;
}

static bool is_used_up(const struct lk_lwa_enb *e)
{
    const struct lk_srb *srb = &e->as.srb;

    return e->next_counter >= LK_LWA_COUNTERS || srb->send_next >= UINT32_MAX - COUNT_RESERVE ||
           srb->receive_next >= UINT32_MAX - COUNT_RESERVE;
}

/* T52: before a counter is used, the one behind it is saved; at the end the KeNB goes first. */
static void begin_key(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state)
{
    if (is_used_up(w->e)) {
        begin_refresh(w);
        return;
    }
    lk_lwa_enb_enter(w, state, w->config->save_ms);
    lk_lwa_enb_ask_to_save(w);
}

static void begin_release(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_RELEASE_UE);
    lk_lwa_enb_say_release(w);
}

static void rest_ready(struct lk_lwa_enb_work *w)
{
    const struct lk_lwa_enb *e = w->e;
    bool waits = e->wanted && e->xw_up && e->again_ms > w->event->now_ms;

    lk_lwa_enb_rest(w, LK_LWA_ENB_READY, waits ? e->again_ms - w->event->now_ms : LK_LWA_NEVER);
}

/* A procedure is over: what waited for it begins now, what is more urgent first. */
enum lk_status lk_lwa_enb_settle(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    if (e->has_target)
        lk_lwa_enb_begin_handover(w);
    else if (e->configured && !(e->wanted && e->has_wt)) {
        lk_lwa_enb_drop_wt(w, LK_XWAP_RADIO_UNSPECIFIED);
        begin_release(w);
    } else if (e->configured && e->rekey_due && e->xw_up)
        begin_key(w, LK_LWA_ENB_REKEY_SAVED);
    else if (e->configured)
        lk_lwa_enb_rest(w, LK_LWA_ENB_ACTIVE,
                       e->deadline_ms == 0 ? LK_LWA_NEVER : left_ms(w, e->deadline_ms));
    else if (e->wanted && e->xw_up && e->again_ms <= w->event->now_ms &&
             e->unheard < LK_LWA_UNHEARD_MAX)
        begin_key(w, LK_LWA_ENB_SETUP_SAVED);
    else
        rest_ready(w);
    return LK_OK;
}

void lk_lwa_enb_tell_released(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb_output *out = lk_lwa_enb_add(w, LK_LWA_ENB_OUT_RELEASED);

    out->released.reason = w->e->why;
    out->released.again = w->e->wanted;
}

enum lk_status lk_lwa_enb_end_within(struct lk_lwa_enb_work *w, enum lk_reason why,
                                     uint8_t attempts)
{
    struct lk_lwa_enb *e = w->e;

    e->why = why;
    e->rekey_due = false;
    e->deadline_ms = e->key_deadline_ms = 0;
    if (e->attempts < UINT8_MAX)
        e->attempts++;
    e->wanted = e->wanted && e->attempts <= attempts;
    e->again_ms = w->event->now_ms;
    if (e->attempts > 1)
        e->again_ms += (uint64_t)w->config->again_ms << (e->attempts - 2);
    lk_lwa_enb_drop_wt(w, LK_XWAP_RADIO_UNSPECIFIED);
    if (!e->configured)
        lk_lwa_enb_tell_released(w);
    return lk_lwa_enb_settle(w);
}

enum lk_status lk_lwa_enb_end(struct lk_lwa_enb_work *w, enum lk_reason why, bool again)
{
    return lk_lwa_enb_end_within(w, why, again ? w->config->attempts : 0);
}

enum lk_status lk_lwa_enb_activate(struct lk_lwa_enb_work *w, bool rekey)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_lwa_enb_output *out = lk_lwa_enb_add(w, LK_LWA_ENB_OUT_ACTIVE);

    out->key.counter = e->counter;
    out->key.rekey = rekey;
    e->attempts = 0;
    e->deadline_ms = e->key_deadline_ms = 0;
    if (!rekey) /* no addition is out any more */
        e->open_requests = e->stale_requests = 0;
    e->state = LK_LWA_ENB_ACTIVE;
    return lk_lwa_enb_settle(w);
}

/* Nothing is left but what is known of the way to the WT. */
void lk_lwa_enb_empty(struct lk_lwa_enb_work *w)
{
    bool up = w->e->xw_up;

    lk_lwa_enb_wipe(w->e);
    lk_lwa_enb_init(w->e);
    w->e->xw_up = up;
}

bool lk_lwa_enb_hands_over(const struct lk_lwa_enb *e)
{
    return e->state == LK_LWA_ENB_HANDOVER_TARGET || e->state == LK_LWA_ENB_HANDOVER_UE;
}

bool lk_lwa_enb_wt_was_first(const struct lk_lwa_enb_work *w)
{
    return w->config->laboratory && w->config->order == LK_LWA_WT_FIRST;
}
