/* The eNB's machine of one UE: which event is welcome in which state, and the one step.
 *
 *     READY --add--> SETUP_SAVED -> SETUP_WT -> SETUP_UE -> SETUP_ASSOCIATION --> ACTIVE
 *     ACTIVE --re-key--> REKEY_SAVED -> REKEY_UE -> REKEY_WT -> REKEY_FINISHED --> ACTIVE
 *     source: HANDOVER_TARGET -> HANDOVER_UE --> IDLE
 *     target: INCOMING_WT -> INCOMING_UE -> INCOMING_ASSOCIATION --> REKEY_SAVED
 *
 * It implements the eNB's part of TS 33.401 annex G, TS 36.331 5.3.5 and 5.6.14, TS 36.463 8, in
 * the order of S3's proposal 2. */
#include "proto/lwa/enb.h"

#include "base/secret.h"
#include "proto/lwa/enb_parts.h"

enum enb_on {
    ON_CONTEXT,
    ON_INCOMING,
    ON_ADD,
    ON_RELEASE,
    ON_REKEY,
    ON_HANDOVER,
    ON_COMMAND,
    ON_HANDED_OVER,
    ON_HANDOVER_FAILED,
    ON_NH,
    ON_LEFT,
    ON_SAVED,
    ON_COMPLETE,
    ON_REPORT,
    ON_OTHER_RRC,
    ON_ADDED,
    ON_ADDITION_REJECTED,
    ON_MODIFIED,
    ON_MODIFICATION_REJECTED,
    ON_REQUIRED,
    ON_RELEASE_REQUIRED,
    ON_CONFIRMATION,
    ON_XW_UP,
    ON_XW_DOWN,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_CONTEXT] = "CONTEXT",
    [ON_INCOMING] = "INCOMING",
    [ON_ADD] = "ADD",
    [ON_RELEASE] = "RELEASE",
    [ON_REKEY] = "REKEY",
    [ON_HANDOVER] = "HANDOVER",
    [ON_COMMAND] = "COMMAND",
    [ON_HANDED_OVER] = "HANDED_OVER",
    [ON_HANDOVER_FAILED] = "HANDOVER_FAILED",
    [ON_NH] = "NH",
    [ON_LEFT] = "LEFT",
    [ON_SAVED] = "SAVED",
    [ON_COMPLETE] = "COMPLETE",
    [ON_REPORT] = "REPORT",
    [ON_OTHER_RRC] = "OTHER_RRC",
    [ON_ADDED] = "ADDED",
    [ON_ADDITION_REJECTED] = "ADDITION_REJECTED",
    [ON_MODIFIED] = "MODIFIED",
    [ON_MODIFICATION_REJECTED] = "MODIFICATION_REJECTED",
    [ON_REQUIRED] = "REQUIRED",
    [ON_RELEASE_REQUIRED] = "RELEASE_REQUIRED",
    [ON_CONFIRMATION] = "CONFIRMATION",
    [ON_XW_UP] = "XW_UP",
    [ON_XW_DOWN] = "XW_DOWN",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (UINT32_C(1) << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_lwa_enb_##act }
#define IDLE TO(LK_LWA_ENB_IDLE)
#define READY TO(LK_LWA_ENB_READY)
#define SETUP_SAVED TO(LK_LWA_ENB_SETUP_SAVED)
#define SETUP_WT TO(LK_LWA_ENB_SETUP_WT)
#define SETUP_UE TO(LK_LWA_ENB_SETUP_UE)
#define SETUP_ASSOCIATION TO(LK_LWA_ENB_SETUP_ASSOCIATION)
#define ACTIVE TO(LK_LWA_ENB_ACTIVE)
#define REKEY_SAVED TO(LK_LWA_ENB_REKEY_SAVED)
#define REKEY_UE TO(LK_LWA_ENB_REKEY_UE)
#define REKEY_WT TO(LK_LWA_ENB_REKEY_WT)
#define REKEY_FINISHED TO(LK_LWA_ENB_REKEY_FINISHED)
#define REFRESH TO(LK_LWA_ENB_REFRESH)
#define HANDOVER_TARGET TO(LK_LWA_ENB_HANDOVER_TARGET)
#define HANDOVER_UE TO(LK_LWA_ENB_HANDOVER_UE)
#define INCOMING_WT TO(LK_LWA_ENB_INCOMING_WT)
#define INCOMING_UE TO(LK_LWA_ENB_INCOMING_UE)
#define INCOMING_ASSOCIATION TO(LK_LWA_ENB_INCOMING_ASSOCIATION)
#define RELEASE_UE TO(LK_LWA_ENB_RELEASE_UE)
#define STAY LK_RULE_STAY

#define ALL (TO(LK_LWA_ENB_STATE_COUNT) - 1)
#define CONTEXTS (ALL & ~IDLE)
#define REKEYS (REKEY_SAVED | REKEY_UE | REKEY_WT | REKEY_FINISHED)
#define HANDOVERS (HANDOVER_TARGET | HANDOVER_UE)
/* The UE is here, and LWA is with it or on its way. */
#define TOLD (SETUP_UE | SETUP_ASSOCIATION | ACTIVE | REKEYS | INCOMING_ASSOCIATION)
/* Where the end of a release leads, by what waits for it. */
#define ENDED (READY | SETUP_SAVED | REFRESH)
#define BEGINS_REKEY (REKEY_SAVED | REFRESH)

static const struct enb_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_lwa_enb_work *w);
} rows[] = {
    ROW(ALL, ON_CONTEXT, take_context, ENDED, "TS 33.401 7.2.9"),
    ROW(IDLE, ON_INCOMING, receive_ue, INCOMING_WT | INCOMING_UE, "TS 33.401 7.2.8.4"),
    ROW(CONTEXTS, ON_LEFT, leave, IDLE, "TS 36.463 8.11"),
    ROW(CONTEXTS & ~(HANDOVERS | INCOMING_WT | INCOMING_UE), ON_NH, take_nh, 0,
        "TS 33.401 7.2.8.4"),

    ROW(READY, ON_ADD, want, ENDED, "TS 33.401 G.2"),
    ROW(RELEASE_UE | REFRESH | INCOMING_UE, ON_ADD, want_later, 0, "TS 33.401 G.2"),
    ROW(READY | SETUP_SAVED | SETUP_WT, ON_RELEASE, give_up, READY, "TS 36.463 8.11"),
    ROW(TOLD, ON_RELEASE, give_up, RELEASE_UE, "TS 36.463 8.11"),
    ROW(REFRESH | INCOMING_WT | INCOMING_UE | RELEASE_UE, ON_RELEASE, want_no_more, 0,
        "TS 36.463 8.11"),
    ROW(ACTIVE, ON_REKEY, rekey, BEGINS_REKEY | STAY, "TS 33.401 G.2.4"),
    ROW(TOLD & ~ACTIVE, ON_REKEY, rekey_later, 0, "T51"),
    ROW(REFRESH | INCOMING_WT | INCOMING_UE, ON_REKEY, rekey_later, 0, "T51"),

    ROW(READY | SETUP_SAVED | SETUP_WT | TOLD | RELEASE_UE, ON_HANDOVER, hand_over,
        HANDOVER_TARGET | REFRESH, "TS 33.401 7.2.8.4"),
    ROW(REFRESH | INCOMING_WT | INCOMING_UE, ON_HANDOVER, hand_over_later, 0,
        "TS 33.401 7.2.8.4"),
    ROW(HANDOVER_TARGET, ON_COMMAND, command, HANDOVER_UE, "TS 36.331 5.3.5.4"),
    ROW(HANDOVER_UE, ON_HANDED_OVER, forget, IDLE, "TS 36.463 8.11"),
    ROW(HANDOVERS, ON_HANDOVER_FAILED, stay_here,
        ACTIVE | BEGINS_REKEY | RELEASE_UE | READY | SETUP_SAVED, "T53"),

    ROW(SETUP_SAVED, ON_SAVED, use_counter, SETUP_WT | READY | STAY, "T52"),
    ROW(REKEY_SAVED, ON_SAVED, use_counter, REKEY_UE | REKEY_WT | ACTIVE | RELEASE_UE, "T52"),

    ROW(SETUP_UE, ON_COMPLETE, take_setup, SETUP_ASSOCIATION | ACTIVE | BEGINS_REKEY,
        "TS 36.331 5.3.5.3"),
    ROW(REKEY_UE, ON_COMPLETE, tell_wt, REKEY_WT | REKEY_FINISHED | ACTIVE | BEGINS_REKEY, "T50"),
    ROW(REFRESH, ON_COMPLETE, take_refresh,
        REKEY_SAVED | ACTIVE | HANDOVER_TARGET | RELEASE_UE | READY | SETUP_SAVED,
        "TS 33.401 7.2.9.2"),
    ROW(INCOMING_UE, ON_COMPLETE, take_arrival,
        INCOMING_ASSOCIATION | REKEY_SAVED | ACTIVE | HANDOVER_TARGET | RELEASE_UE | READY |
            SETUP_SAVED,
        "TS 33.401 7.2.8.4"),
    ROW(RELEASE_UE, ON_COMPLETE, take_release, ENDED, "TS 36.331 5.6.14.2"),
    ROW(TOLD, ON_REPORT, hear_report, RELEASE_UE | STAY, "TS 36.331 5.6.15"),
    ROW(CONTEXTS & ~TOLD, ON_REPORT, hear, 0, "TS 36.331 5.6.15"),
    ROW(CONTEXTS, ON_OTHER_RRC, hear, 0, "TS 36.323 5.1"),

    ROW(SETUP_WT, ON_ADDED, tell_ue, SETUP_UE, "TS 36.463 8.8"),
    ROW(SETUP_UE | SETUP_ASSOCIATION, ON_ADDED, renumber, 0, "TS 36.463 8.8"),
    ROW(READY | SETUP_SAVED | RELEASE_UE, ON_ADDED, disown, 0, "TS 36.463 8.11"),
    ROW(INCOMING_WT, ON_ADDED, let_come, INCOMING_UE, "TS 36.463 8.8"),
    ROW(SETUP_WT, ON_ADDITION_REJECTED, setup_rejected, READY | SETUP_SAVED | REFRESH,
        "TS 36.463 8.8"),
    ROW(INCOMING_WT, ON_ADDITION_REJECTED, come_alone, INCOMING_UE, "TS 36.463 8.8"),
    ROW(REKEY_WT, ON_MODIFIED, lock, REKEY_FINISHED | REKEY_UE | STAY, "T51"),
    ROW(REKEY_WT, ON_MODIFICATION_REJECTED, rekey_rejected, RELEASE_UE | STAY, "TS 36.463 8.9"),
    ROW(CONTEXTS & ~REKEY_WT, ON_MODIFIED, count_answer, 0, "T51"),
    ROW(CONTEXTS & ~REKEY_WT, ON_MODIFICATION_REJECTED, count_answer, 0, "T51"),
    ROW(CONTEXTS & ~REKEY_WT, ON_REQUIRED, confirm, 0, "TS 36.463 8.9"),
    ROW(REKEY_WT, ON_REQUIRED, refuse, 0, "TS 36.463 8.9.4"),
    ROW(TOLD, ON_RELEASE_REQUIRED, wt_leaves, RELEASE_UE, "TS 36.463 8.12"),
    ROW(REFRESH | HANDOVERS | INCOMING_UE, ON_RELEASE_REQUIRED, wt_left, 0, "TS 36.463 8.12"),
    ROW(SETUP_ASSOCIATION | REKEY_FINISHED, ON_CONFIRMATION, finish, ACTIVE | BEGINS_REKEY,
        "TS 36.463 8.13"),
    ROW(INCOMING_ASSOCIATION, ON_CONFIRMATION, begin_rekey, REKEY_SAVED | REFRESH | ACTIVE,
        "T51"),
    ROW(SETUP_UE | REKEY_SAVED | REKEY_UE | REFRESH | HANDOVERS | INCOMING_UE, ON_CONFIRMATION,
        note_association, 0, "TS 36.463 8.13"),
    ROW(ACTIVE, ON_CONFIRMATION, note_association, BEGINS_REKEY | STAY, "T53"),

    ROW(READY, ON_XW_UP, go_on, ENDED, "T53"),
    ROW(ACTIVE, ON_XW_UP, go_on, BEGINS_REKEY | STAY, "T53"),
    ROW(INCOMING_ASSOCIATION, ON_XW_UP, go_on, BEGINS_REKEY, "T53"),
    ROW(SETUP_ASSOCIATION | REKEY_WT | REKEY_FINISHED, ON_XW_UP, ask_wt, REKEY_WT, "T53"),
    ROW(IDLE | SETUP_SAVED | SETUP_WT | SETUP_UE | REKEY_SAVED | REKEY_UE | REFRESH | HANDOVERS |
            INCOMING_WT | INCOMING_UE | RELEASE_UE,
        ON_XW_UP, note_up, 0, "T53"),
    ROW(SETUP_WT, ON_XW_DOWN, wait_for_wt, READY, "T53"),
    ROW(INCOMING_WT, ON_XW_DOWN, come_alone, INCOMING_UE, "T53"),
    ROW(ALL & ~(SETUP_WT | INCOMING_WT), ON_XW_DOWN, note_down, 0, "T53"),

    ROW(READY, ON_EXPIRED, try_again, ENDED, "T53"),
    ROW(SETUP_SAVED, ON_EXPIRED, try_again, READY | STAY, "T52"),
    ROW(SETUP_WT, ON_EXPIRED, try_again, ENDED | STAY, "T53"),
    ROW(SETUP_UE | SETUP_ASSOCIATION, ON_EXPIRED, try_again, RELEASE_UE | STAY, "T53"),
    ROW(REKEY_SAVED, ON_EXPIRED, try_again, ACTIVE | RELEASE_UE | STAY, "T52"),
    ROW(REKEY_UE | REKEY_WT, ON_EXPIRED, try_again, RELEASE_UE | STAY, "T53"),
    ROW(REKEY_FINISHED, ON_EXPIRED, try_again, ACTIVE | BEGINS_REKEY | RELEASE_UE, "T51"),
    ROW(ACTIVE, ON_EXPIRED, try_again, RELEASE_UE, "T53"),
    ROW(REFRESH, ON_EXPIRED, try_again, READY | STAY, "T53"),
    ROW(HANDOVERS, ON_EXPIRED, try_again,
        ACTIVE | BEGINS_REKEY | RELEASE_UE | READY | SETUP_SAVED | STAY, "T53"),
    ROW(INCOMING_WT, ON_EXPIRED, try_again, INCOMING_UE, "T53"),
    ROW(INCOMING_UE, ON_EXPIRED, try_again, IDLE | STAY, "T53"),
    ROW(INCOMING_ASSOCIATION, ON_EXPIRED, try_again, BEGINS_REKEY | ACTIVE | RELEASE_UE, "T51"),
    ROW(RELEASE_UE, ON_EXPIRED, try_again, ENDED | STAY, "T53"),
};

static const char *const state_names[LK_LWA_ENB_STATE_COUNT] = {
    [LK_LWA_ENB_IDLE] = "IDLE",
    [LK_LWA_ENB_READY] = "READY",
    [LK_LWA_ENB_SETUP_SAVED] = "SETUP_SAVED",
    [LK_LWA_ENB_SETUP_WT] = "SETUP_WT",
    [LK_LWA_ENB_SETUP_UE] = "SETUP_UE",
    [LK_LWA_ENB_SETUP_ASSOCIATION] = "SETUP_ASSOCIATION",
    [LK_LWA_ENB_ACTIVE] = "ACTIVE",
    [LK_LWA_ENB_REKEY_SAVED] = "REKEY_SAVED",
    [LK_LWA_ENB_REKEY_UE] = "REKEY_UE",
    [LK_LWA_ENB_REKEY_WT] = "REKEY_WT",
    [LK_LWA_ENB_REKEY_FINISHED] = "REKEY_FINISHED",
    [LK_LWA_ENB_REFRESH] = "REFRESH",
    [LK_LWA_ENB_HANDOVER_TARGET] = "HANDOVER_TARGET",
    [LK_LWA_ENB_HANDOVER_UE] = "HANDOVER_UE",
    [LK_LWA_ENB_INCOMING_WT] = "INCOMING_WT",
    [LK_LWA_ENB_INCOMING_UE] = "INCOMING_UE",
    [LK_LWA_ENB_INCOMING_ASSOCIATION] = "INCOMING_ASSOCIATION",
    [LK_LWA_ENB_RELEASE_UE] = "RELEASE_UE",
};

const struct lk_rule_table lk_lwa_enb_rules = {
    .name = "lwa-enb",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_LWA_ENB_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- which event it is ---- */

/* An answer counts only when it is of the transaction that is out, under the KeNB that it must be
 * under: a late one opens nothing. */
static enum enb_on judge_uplink(const struct lk_lwa_enb_work *w, bool under_next)
{
    const struct lk_lwa_enb *e = w->e;
    bool refreshes = e->state == LK_LWA_ENB_REFRESH;
    size_t row;

    if (!w->readable)
        return ON_OTHER_RRC;
    if (w->uplink.type == LK_RRC_WLAN_STATUS)
        return ON_REPORT;
    if (w->uplink.transaction != e->transaction || refreshes != under_next ||
        lk_rule_find(&row, &lk_lwa_enb_rules, e->state, ON_COMPLETE) != LK_OK)
        return ON_OTHER_RRC;
    return ON_COMPLETE;
}

/* The COUNT of a PDU that proves itself is used up, whatever it says: it cannot be played again. */
static enum lk_status judge_rrc(enum enb_on *on, struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_span message = lk_span_of(NULL, 0);
    enum lk_status status = LK_E_MAC;
    bool under_next = false;

    if (e->state == LK_LWA_ENB_IDLE)
        return LK_E_UNEXPECTED;
    if (e->state == LK_LWA_ENB_REFRESH) {
        status = lk_srb_receive(&e->next.srb, &message, &e->next.k_rrc_int, w->event->rrc);
        under_next = status == LK_OK;
    }
    if (status != LK_OK)
        status = lk_srb_receive(&e->as.srb, &message, &e->as.k_rrc_int, w->event->rrc);
    if (status != LK_OK)
        return status;
    e->unheard = 0;
    w->readable = lk_rrc_uplink_decode(&w->uplink, message) == LK_OK;
    *on = judge_uplink(w, under_next);
    return LK_OK;
}

static enum lk_status judge_xw(enum enb_on *on, const struct lk_lwa_enb *e,
                               const struct lk_xwap *xw)
{
    static const enum enb_on on_of[LK_XWAP_TYPE_COUNT] = {
        [LK_XWAP_ADDITION_ACKNOWLEDGE] = ON_ADDED,
        [LK_XWAP_ADDITION_REJECT] = ON_ADDITION_REJECTED,
        [LK_XWAP_MODIFICATION_ACKNOWLEDGE] = ON_MODIFIED,
        [LK_XWAP_MODIFICATION_REJECT] = ON_MODIFICATION_REJECTED,
        [LK_XWAP_MODIFICATION_REQUIRED] = ON_REQUIRED,
        [LK_XWAP_RELEASE_REQUIRED] = ON_RELEASE_REQUIRED,
        [LK_XWAP_ASSOCIATION_CONFIRMATION] = ON_CONFIRMATION,
    };
    bool of_addition = xw->type == LK_XWAP_ADDITION_ACKNOWLEDGE ||
                       xw->type == LK_XWAP_ADDITION_REJECT;

    if (xw->type >= LK_XWAP_TYPE_COUNT || lk_xwap_is_of_enb(xw->type))
        return LK_E_UNEXPECTED;
    *on = on_of[xw->type];
    if (e->state == LK_LWA_ENB_IDLE)
        return LK_E_UNEXPECTED;
    if (xw->enb_ue_id != e->enb_ue_id)
        return LK_E_NOT_FOUND;
    return of_addition || (e->has_wt && xw->wt_ue_id == e->wt_ue_id) ? LK_OK : LK_E_NOT_FOUND;
}

static enum lk_status judge(enum enb_on *on, struct lk_lwa_enb_work *w)
{
    *on = ON_NOTHING;
    switch (w->event->kind) {
    case LK_LWA_ENB_EV_CONTEXT: *on = ON_CONTEXT; break;
    case LK_LWA_ENB_EV_INCOMING: *on = ON_INCOMING; break;
    case LK_LWA_ENB_EV_ADD: *on = ON_ADD; break;
    case LK_LWA_ENB_EV_RELEASE: *on = ON_RELEASE; break;
    case LK_LWA_ENB_EV_REKEY: *on = ON_REKEY; break;
    case LK_LWA_ENB_EV_HANDOVER: *on = ON_HANDOVER; break;
    case LK_LWA_ENB_EV_COMMAND: *on = ON_COMMAND; break;
    case LK_LWA_ENB_EV_HANDED_OVER: *on = ON_HANDED_OVER; break;
    case LK_LWA_ENB_EV_HANDOVER_FAILED: *on = ON_HANDOVER_FAILED; break;
    case LK_LWA_ENB_EV_NH: *on = ON_NH; break;
    case LK_LWA_ENB_EV_LEFT: *on = ON_LEFT; break;
    case LK_LWA_ENB_EV_SAVED: *on = ON_SAVED; break;
    case LK_LWA_ENB_EV_RRC: return judge_rrc(on, w);
    case LK_LWA_ENB_EV_XW: return judge_xw(on, w->e, w->event->xw);
    case LK_LWA_ENB_EV_XW_UP: *on = ON_XW_UP; break;
    case LK_LWA_ENB_EV_XW_DOWN: *on = ON_XW_DOWN; break;
    case LK_LWA_ENB_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_LWA_ENB_EVENT_KIND_COUNT: break;
    }
    return LK_OK;
}

enum lk_status lk_lwa_enb_step(struct lk_lwa_enb *enb, const struct lk_lwa_enb_config *config,
                               const struct lk_lwa_enb_event *event,
                               struct lk_lwa_enb_outbox *out)
{
    struct lk_lwa_enb draft = *enb;
    struct lk_lwa_enb_work work = { .e = &draft, .config = config, .event = event, .out = out };
    enum enb_on on;
    enum lk_status status = judge(&on, &work);
    size_t row;

    out->count = out->used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_lwa_enb_rules, enb->state, on);
    if (status == LK_OK)
        status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, enb->state, draft.state);
        if (draft.timer_ms != enb->timer_ms)
            lk_lwa_enb_add(&work, LK_LWA_ENB_OUT_TIMER)->timer_ms = draft.timer_ms;
        *enb = draft;
    } else {
        lk_lwa_enb_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_lwa_enb_outbox_wipe(struct lk_lwa_enb_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_lwa_enb_output *lk_lwa_enb_outbox_find(const struct lk_lwa_enb_outbox *out,
                                                       enum lk_lwa_enb_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

void lk_lwa_enb_init(struct lk_lwa_enb *enb)
{
    lk_wipe(enb, sizeof *enb);
    enb->state = LK_LWA_ENB_IDLE;
    enb->timer_ms = LK_LWA_NEVER;
}

void lk_lwa_enb_wipe(struct lk_lwa_enb *enb)
{
    lk_wipe(enb, sizeof *enb);
}
