/* The eNB's handlers of what is wanted: contexts, wishes, handovers, keys. */
#include "proto/lwa/enb_parts.h"

#include <string.h>

#include "base/secret.h"

/* ---- contexts come and go ---- */

/* spec: TS 36.331 5.3.7.5 - a UE whose connection was re-established has released LWA. T52: SRB1
 * begins anew under a new KeNB only, and a counter that was used under it stays used. */
enum lk_status lk_lwa_enb_take_context(struct lk_lwa_enb_work *w)
{
    const struct lk_lwa_context *from = &w->event->context;
    struct lk_lwa_enb *e = w->e;
    uint8_t print[LK_KENB_PRINT_LEN];
    bool wanted = e->wanted, knows = from->wt_knows || e->wt_knows;
    uint32_t wt_ue_id = from->wt_knows ? from->wt_ue_id : e->wt_ue_id;

    if (from->enb_ue_id > LK_XWAP_UE_ID_MAX || wt_ue_id > LK_XWAP_UE_ID_MAX ||
        from->ncc > LK_RRC_NCC_MAX || (from->has_saved && from->saved.next > LK_LWA_COUNTERS))
        return LK_E_VALUE;
    if (lk_same_secret(e->as.kenb.octets, from->kenb.octets, sizeof from->kenb.octets))
        return LK_E_EXISTS;
    if (lk_lwa_enb_hands_over(e))
        (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_HANDOVER_CANCEL);
    /* The WT takes the newest addition of a UE: what is set up again needs no release. */
    if (!wanted)
        lk_lwa_enb_drop_wt(w, LK_XWAP_UE_LOST);
    lk_lwa_enb_empty(w);
    e->wanted = wanted;
    e->wt_knows = knows;
    e->wt_ue_id = wt_ue_id;
    e->enb_ue_id = from->enb_ue_id;
    memcpy(e->ue_mac, from->ue_mac, sizeof e->ue_mac);
    lk_lwa_as_begin(&e->as, &from->kenb, from->ncc, w->config->algorithm);
    lk_srb_go_on(&e->as.srb, LK_EIA_DOWNLINK, &from->used);
    lk_kenb_print(print, &from->kenb);
    if (from->has_saved && lk_span_equal(LK_SPAN(print), LK_SPAN(from->saved.print)))
        e->next_counter = from->saved.next;
    return lk_lwa_enb_settle(w);
}

/* Target: the UE may come when its command is with the source. */
static enum lk_status let_come(struct lk_lwa_enb_work *w, bool kept)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_lwa_enb_outbox *out = w->out;

    e->configured = e->has_wt = kept;
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_INCOMING_UE);
    lk_lwa_enb_make_command(w, &w->config->cell, e->as.ncc, kept);
    memcpy(out->octets + out->used, e->command, e->command_len);
    lk_lwa_enb_add(w, LK_LWA_ENB_OUT_COMMAND)->octets =
        lk_span_of(out->octets + out->used, e->command_len);
    out->used += e->command_len;
    return LK_OK;
}

static uint64_t deadline_of(const struct lk_lwa_enb_work *w, uint32_t left_ms)
{
    return left_ms == 0 ? 0 : w->event->now_ms + left_ms;
}

enum lk_status lk_lwa_enb_receive_ue(struct lk_lwa_enb_work *w)
{
    const struct lk_lwa_handover *from = &w->event->incoming.from;
    struct lk_lwa_enb *e = w->e;

    if (w->event->incoming.enb_ue_id > LK_XWAP_UE_ID_MAX || from->ncc > LK_RRC_NCC_MAX ||
        from->wt_ue_id > LK_XWAP_UE_ID_MAX || from->transaction > LK_RRC_TRANSACTION_MAX)
        return LK_E_VALUE;
    e->enb_ue_id = w->event->incoming.enb_ue_id;
    memcpy(e->ue_mac, from->ue_mac, sizeof e->ue_mac);
    e->wanted = from->wanted;
    e->transaction = from->transaction;
    e->wt_ue_id = from->wt_ue_id;
    e->wt_knows = from->wt_knows;
    lk_lwa_as_begin(&e->as, &from->kenb, from->ncc, w->config->algorithm);
    if (!from->kept || !e->xw_up)
        return let_come(w, false);
    e->deadline_ms = deadline_of(w, from->deadline_ms);
    e->key_deadline_ms = deadline_of(w, from->key_deadline_ms);
    lk_lwa_enb_enter(w, LK_LWA_ENB_INCOMING_WT, w->config->xw_ms);
    lk_lwa_enb_ask_addition(w, true);
    return LK_OK;
}

enum lk_status lk_lwa_enb_leave(struct lk_lwa_enb_work *w)
{
    if (lk_lwa_enb_hands_over(w->e))
        (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_HANDOVER_CANCEL);
    lk_lwa_enb_drop_wt(w, LK_XWAP_UE_LOST);
    lk_lwa_enb_empty(w);
    return LK_OK;
}

enum lk_status lk_lwa_enb_take_nh(struct lk_lwa_enb_work *w)
{
    if (w->event->nh.ncc > LK_RRC_NCC_MAX)
        return LK_E_VALUE;
    w->e->nh = w->event->nh.nh;
    w->e->nh_ncc = w->event->nh.ncc;
    w->e->has_nh = true;
    return LK_OK;
}

/* ---- wishes ---- */

enum lk_status lk_lwa_enb_want_later(struct lk_lwa_enb_work *w)
{
    w->e->wanted = true;
    w->e->attempts = 0;
    w->e->again_ms = 0;
    return LK_OK;
}

enum lk_status lk_lwa_enb_want(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_want_later(w);
    return lk_lwa_enb_settle(w);
}

enum lk_status lk_lwa_enb_give_up(struct lk_lwa_enb_work *w)
{
    return w->e->wanted ? lk_lwa_enb_end(w, LK_REASON_LWA_ORDERED, false) : LK_E_UNEXPECTED;
}

enum lk_status lk_lwa_enb_want_no_more(struct lk_lwa_enb_work *w)
{
    w->e->wanted = false;
    w->e->why = LK_REASON_LWA_ORDERED;
    return LK_OK;
}

/* T51: while a re-key is under way another is only noted, and all that are noted are one. */
enum lk_status lk_lwa_enb_rekey_later(struct lk_lwa_enb_work *w)
{
    w->e->rekey_due = true;
    return LK_OK;
}

enum lk_status lk_lwa_enb_rekey(struct lk_lwa_enb_work *w)
{
    w->e->rekey_due = true;
    return lk_lwa_enb_settle(w);
}

/* ---- handover ---- */

enum lk_status lk_lwa_enb_hand_over_later(struct lk_lwa_enb_work *w)
{
    const struct lk_lwa_target *to = &w->event->target;

    if (to->cell.pci > LK_PCI_MAX || to->cell.earfcn_dl > LK_EARFCN_MAX)
        return LK_E_VALUE;
    if (to->cell.pci == w->config->cell.pci && to->cell.earfcn_dl == w->config->cell.earfcn_dl)
        return LK_E_EXISTS;
    w->e->target = *to;
    w->e->has_target = true;
    return LK_OK;
}

enum lk_status lk_lwa_enb_hand_over(struct lk_lwa_enb_work *w)
{
    enum lk_status status = lk_lwa_enb_hand_over_later(w);

    if (status == LK_OK)
        lk_lwa_enb_begin_handover(w);
    return status;
}

enum lk_status lk_lwa_enb_command(struct lk_lwa_enb_work *w)
{
    struct lk_span command = w->event->command;
    struct lk_rrc_reconfiguration message;
    enum lk_status status;

    if (command.len > LK_LWA_COMMAND_MAX)
        return LK_E_LENGTH;
    status = lk_rrc_reconfiguration_decode(&message, command);
    if (status != LK_OK)
        return status;
    if (!message.has_handover || !message.handover.has_security)
        return LK_E_VALUE;
    memcpy(w->e->command, command.at, command.len);
    w->e->command_len = (uint8_t)command.len;
    lk_lwa_enb_say_command(w);
    lk_lwa_enb_enter(w, LK_LWA_ENB_HANDOVER_UE, w->config->rrc_ms);
    return LK_OK;
}

/* spec: TS 36.463 8.11 - the WT is told that the UE goes on in another cell. */
enum lk_status lk_lwa_enb_forget(struct lk_lwa_enb_work *w)
{
    /* T53: a release that the handover came before is over with it, and nobody else says so. */
    if (w->e->configured && !w->e->wanted)
        lk_lwa_enb_tell_released(w);
    if (w->e->has_wt && w->e->xw_up)
        lk_lwa_enb_say_wt_release(w, LK_XWAP_RADIO_UNSPECIFIED, true);
    lk_lwa_enb_empty(w);
    return LK_OK;
}

/* What the WT knows by now is not sure: a re-key finds out. */
enum lk_status lk_lwa_enb_stay_here(struct lk_lwa_enb_work *w)
{
    lk_lwa_enb_notice(w, LK_REASON_LWA_HANDOVER_FAILED, NULL, NULL);
    w->e->rekey_due = w->e->configured;
    return lk_lwa_enb_settle(w);
}

enum lk_status lk_lwa_enb_call_off(struct lk_lwa_enb_work *w)
{
    (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_HANDOVER_CANCEL);
    return lk_lwa_enb_stay_here(w);
}

enum lk_status lk_lwa_enb_let_come(struct lk_lwa_enb_work *w)
{
    w->e->wt_ue_id = w->event->xw->wt_ue_id;
    w->e->wt_knows = false;
    w->e->open_requests = 0;
    return let_come(w, true);
}

/* A handover does not wait for a WT: the UE comes without, and LWA is set up again. */
enum lk_status lk_lwa_enb_come_alone(struct lk_lwa_enb_work *w)
{
    if (w->event->kind == LK_LWA_ENB_EV_XW_DOWN)
        w->e->xw_up = false;
    if (w->event->kind == LK_LWA_ENB_EV_XW)
        w->e->wt_knows = false;
    w->e->open_requests = 0;
    lk_lwa_enb_notice(w, LK_REASON_LWA_WT_SILENT, "an acknowledgement of the addition", NULL);
    return let_come(w, false);
}

/* Target: the UE has proven itself under KeNB*. Its S-KWT is of the KeNB before. */
enum lk_status lk_lwa_enb_take_arrival(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_HANDED_OVER);
    lk_lwa_enb_owe_key(w);
    if (e->has_wt && e->wanted && e->xw_up && !e->confirmed && !e->has_target) {
        lk_lwa_enb_rest(w, LK_LWA_ENB_INCOMING_ASSOCIATION, w->config->lock_ms);
        if (e->timer_ms > e->deadline_ms)
            e->timer_ms = e->deadline_ms;
        return LK_OK;
    }
    return lk_lwa_enb_settle(w);
}

/* ---- keys ---- */

/* T52: no counter without a store. A key of the KeNB in use may stay; else LWA ends. */
enum lk_status lk_lwa_enb_not_kept(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    lk_lwa_enb_notice(w, LK_REASON_LWA_COUNTER_NOT_KEPT, NULL, NULL);
    if (e->state == LK_LWA_ENB_SETUP_SAVED || !e->key_of_kenb)
        return lk_lwa_enb_end(w, LK_REASON_LWA_COUNTER_NOT_KEPT, true);
    e->rekey_due = false;
    return lk_lwa_enb_settle(w);
}

void lk_lwa_enb_give_key(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    /* The answers to earlier questions come first, and are not taken for this one's. */
    e->stale_requests = e->open_requests;
    lk_lwa_enb_enter(w, LK_LWA_ENB_REKEY_WT, w->config->xw_ms);
    if (e->xw_up)
        lk_lwa_enb_ask_modification(w);
    else
        e->timer_ms = e->deadline_ms;
}

/* T50: the UE is told first, in any mode but the laboratory's. */
static void begin_rekey(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    e->rekey_due = e->confirmed = false;
    e->key_of_kenb = true;
    lk_lwa_enb_await_key(w);
    lk_lwa_enb_add(w, LK_LWA_ENB_OUT_REKEY_BEGUN)->key.counter = e->counter;
    if (lk_lwa_enb_wt_was_first(w)) {
        lk_lwa_enb_give_key(w);
        return;
    }
    lk_lwa_enb_enter_rrc(w, LK_LWA_ENB_REKEY_UE);
    lk_lwa_enb_say_counter(w);
}

static void begin_setup(struct lk_lwa_enb_work *w)
{
    w->e->confirmed = w->e->rekey_due = w->e->has_wt_mac = false;
    w->e->owes_release = false; /* the addition replaces it */
    w->e->deadline_ms = w->e->key_deadline_ms = 0;
    lk_lwa_enb_enter(w, LK_LWA_ENB_SETUP_WT, w->config->xw_ms);
    lk_lwa_enb_ask_addition(w, false);
}

/* spec: TS 33.401 G.2.4 - each S-KWT has a counter of its own under one KeNB. */
enum lk_status lk_lwa_enb_use_counter(struct lk_lwa_enb_work *w)
{
    const struct lk_lwa_saved *saved = &w->event->saved.what;
    struct lk_lwa_enb *e = w->e;
    uint8_t print[LK_KENB_PRINT_LEN];

    lk_kenb_print(print, &e->as.kenb);
    if (saved->next != e->next_counter + 1 || !lk_span_equal(LK_SPAN(print), LK_SPAN(saved->print)))
        return LK_E_VALUE;
    if (!w->event->saved.done)
        return lk_lwa_enb_not_kept(w);
    if (!e->xw_up)
        return lk_lwa_enb_settle(w); /* unused, it may be saved again */
    e->counter = (uint16_t)e->next_counter++;
    if (e->state == LK_LWA_ENB_SETUP_SAVED)
        begin_setup(w);
    else
        begin_rekey(w);
    return LK_OK;
}

enum lk_status lk_lwa_enb_take_refresh(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;

    e->as = e->next;
    lk_wipe(&e->next, sizeof e->next);
    e->next_counter = 0;
    e->key_of_kenb = e->star_given = false;
    lk_lwa_enb_owe_key(w);
    (void)lk_lwa_enb_add(w, LK_LWA_ENB_OUT_REFRESHED);
    return lk_lwa_enb_settle(w);
}
