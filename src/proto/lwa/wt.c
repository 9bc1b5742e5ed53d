/* The WT's machine of one UE: which event is welcome in which state, and the one step.
 *
 *     IDLE --ADDITION--> AWAIT_UE --associated--> HANDSHAKE --finished--> ACTIVE
 *                           ^                         ^------- key --------'
 *                           '----- left, or a key by another ADDITION -----'
 *
 * It implements the WT's part of TS 36.463 8.8 to 8.13, as TS 33.401 annex G needs it. */
#include "proto/lwa/wt.h"

#include "base/secret.h"
#include "proto/lwa/wt_parts.h"

enum wt_on {
    ON_ADDITION,
    ON_CLAIM,     /* one of another eNB, by the MAC address alone */
    ON_TAKE_OVER, /* an ADDITION that names our id */
    ON_MODIFICATION,
    ON_FOREIGN,   /* a MODIFICATION of who does not serve the UE */
    ON_CONFIRM,
    ON_REFUSE,
    ON_RELEASE_REQUEST,
    ON_RELEASE_CONFIRM,
    ON_XW_DOWN,
    ON_XW_UP,
    ON_ASSOCIATED,
    ON_FINISHED,
    ON_LEFT,
    ON_RELEASE,
    ON_REMOVE,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_ADDITION] = "ADDITION",
    [ON_CLAIM] = "CLAIM",
    [ON_TAKE_OVER] = "TAKE_OVER",
    [ON_MODIFICATION] = "MODIFICATION",
    [ON_FOREIGN] = "FOREIGN",
    [ON_CONFIRM] = "CONFIRM",
    [ON_REFUSE] = "REFUSE",
    [ON_RELEASE_REQUEST] = "RELEASE_REQUEST",
    [ON_RELEASE_CONFIRM] = "RELEASE_CONFIRM",
    [ON_XW_DOWN] = "XW_DOWN",
    [ON_XW_UP] = "XW_UP",
    [ON_ASSOCIATED] = "ASSOCIATED",
    [ON_FINISHED] = "FINISHED",
    [ON_LEFT] = "LEFT",
    [ON_RELEASE] = "RELEASE",
    [ON_REMOVE] = "REMOVE",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_lwa_wt_##act }
#define IDLE TO(LK_LWA_WT_IDLE)
#define AWAIT_UE TO(LK_LWA_WT_AWAIT_UE)
#define HANDSHAKE TO(LK_LWA_WT_HANDSHAKE)
#define ACTIVE TO(LK_LWA_WT_ACTIVE)
#define RELEASING TO(LK_LWA_WT_RELEASING)
#define SERVED (AWAIT_UE | HANDSHAKE | ACTIVE)

static const struct wt_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_lwa_wt_work *w);
} rows[] = {
    ROW(IDLE, ON_ADDITION, add, IDLE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(AWAIT_UE, ON_ADDITION, add, AWAIT_UE, "TS 36.463 8.8"),
    ROW(HANDSHAKE, ON_ADDITION, add, HANDSHAKE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(ACTIVE, ON_ADDITION, add, ACTIVE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(RELEASING, ON_ADDITION, add, RELEASING | AWAIT_UE, "TS 36.463 8.8"),
    ROW(AWAIT_UE, ON_CLAIM, claim, AWAIT_UE, "TS 36.463 8.8"),
    ROW(HANDSHAKE, ON_CLAIM, claim, HANDSHAKE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(ACTIVE, ON_CLAIM, claim, ACTIVE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(RELEASING, ON_CLAIM, claim, RELEASING | AWAIT_UE, "TS 36.463 8.8"),
    ROW(AWAIT_UE, ON_TAKE_OVER, take_over, AWAIT_UE, "TS 36.463 8.8"),
    ROW(HANDSHAKE, ON_TAKE_OVER, take_over, HANDSHAKE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(ACTIVE, ON_TAKE_OVER, take_over, ACTIVE | AWAIT_UE, "TS 36.463 8.8"),
    ROW(RELEASING, ON_TAKE_OVER, refuse_leaving, 0, "TS 36.463 8.8"),

    ROW(AWAIT_UE | HANDSHAKE, ON_MODIFICATION, modify, 0, "TS 36.463 8.9"),
    ROW(ACTIVE, ON_MODIFICATION, modify, ACTIVE | HANDSHAKE, "TS 36.463 8.9"),
    ROW(RELEASING, ON_MODIFICATION, refuse_leaving, 0, "TS 36.463 8.9"),
    ROW(SERVED | RELEASING, ON_FOREIGN, refuse_foreign, 0, "TS 36.463 8.9"),
    ROW(SERVED, ON_REMOVE, require, 0, "TS 36.463 8.10"),
    ROW(SERVED, ON_CONFIRM, confirmed, 0, "TS 36.463 8.10"),
    ROW(SERVED, ON_REFUSE, not_confirmed, 0, "TS 36.463 8.10"),

    ROW(AWAIT_UE, ON_RELEASE_REQUEST, released, AWAIT_UE | IDLE, "TS 36.463 8.11"),
    ROW(HANDSHAKE, ON_RELEASE_REQUEST, released, HANDSHAKE | IDLE, "TS 36.463 8.11"),
    ROW(ACTIVE, ON_RELEASE_REQUEST, released, ACTIVE | IDLE, "TS 36.463 8.11"),
    ROW(RELEASING, ON_RELEASE_REQUEST, released, RELEASING | IDLE, "TS 36.463 8.11"),
    ROW(SERVED, ON_RELEASE, release, RELEASING, "TS 36.463 8.12"),
    ROW(RELEASING, ON_RELEASE_CONFIRM, released, IDLE, "TS 36.463 8.12"),

    ROW(SERVED, ON_ASSOCIATED, begin, HANDSHAKE, "TS 33.401 G.2"),
    ROW(HANDSHAKE, ON_FINISHED, finish, ACTIVE, "TS 36.463 8.13"),
    ROW(HANDSHAKE | ACTIVE, ON_LEFT, lose, AWAIT_UE, "TS 33.401 G.2"),

    ROW(AWAIT_UE, ON_EXPIRED, expire, AWAIT_UE | RELEASING, "TS 36.463 8.12"),
    ROW(HANDSHAKE | ACTIVE, ON_EXPIRED, expire, 0, "TS 36.463 8.10"),
    ROW(RELEASING, ON_EXPIRED, expire, RELEASING | IDLE, "TS 36.463 8.12"),
    ROW(SERVED | RELEASING, ON_XW_DOWN, go_down, 0, "T53"),
    ROW(SERVED | RELEASING, ON_XW_UP, come_up, 0, "T53"),
};

static const char *const state_names[LK_LWA_WT_STATE_COUNT] = {
    [LK_LWA_WT_IDLE] = "IDLE",
    [LK_LWA_WT_AWAIT_UE] = "AWAIT_UE",
    [LK_LWA_WT_HANDSHAKE] = "HANDSHAKE",
    [LK_LWA_WT_ACTIVE] = "ACTIVE",
    [LK_LWA_WT_RELEASING] = "RELEASING",
};

const struct lk_rule_table lk_lwa_wt_rules = {
    .name = "lwa-wt",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_LWA_WT_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum wt_on addition_of(const struct lk_lwa_wt *wt, const struct lk_lwa_wt_event *event)
{
    if (lk_xwap_has(event->xw.message, LK_XWAP_WT_UE_ID))
        return ON_TAKE_OVER;
    return wt->state == LK_LWA_WT_IDLE || event->xw.link == wt->link ? ON_ADDITION : ON_CLAIM;
}

/* Who speaks for the UE is the eNB that added it last, and no other; an addition is how another
 * one comes to be that. */
static enum lk_status judge_message(enum wt_on *on, const struct lk_lwa_wt *wt,
                                    const struct lk_lwa_wt_event *event)
{
    static const enum wt_on on_of[LK_XWAP_TYPE_COUNT] = {
        [LK_XWAP_MODIFICATION_REQUEST] = ON_MODIFICATION,
        [LK_XWAP_MODIFICATION_CONFIRM] = ON_CONFIRM,
        [LK_XWAP_MODIFICATION_REFUSE] = ON_REFUSE,
        [LK_XWAP_RELEASE_REQUEST] = ON_RELEASE_REQUEST,
        [LK_XWAP_RELEASE_CONFIRM] = ON_RELEASE_CONFIRM,
    };
    const struct lk_xwap *m = event->xw.message;
    bool serving = event->xw.link == wt->link && m->enb_ue_id == wt->enb_ue_id;

    if (!lk_xwap_is_of_enb(m->type))
        return LK_E_UNEXPECTED;
    *on = on_of[m->type];
    if (m->type == LK_XWAP_ADDITION_REQUEST)
        *on = addition_of(wt, event);
    else if (!serving && m->type == LK_XWAP_MODIFICATION_REQUEST)
        *on = ON_FOREIGN;
    else if (!serving)
        return LK_E_DENIED;
    return LK_OK;
}

static enum lk_status judge(enum wt_on *on, const struct lk_lwa_wt *wt,
                            const struct lk_lwa_wt_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_LWA_WT_EV_XW: return judge_message(on, wt, event);
    case LK_LWA_WT_EV_XW_DOWN: *on = ON_XW_DOWN; break;
    case LK_LWA_WT_EV_XW_UP: *on = ON_XW_UP; break;
    case LK_LWA_WT_EV_ASSOCIATED: *on = ON_ASSOCIATED; break;
    case LK_LWA_WT_EV_FINISHED: *on = ON_FINISHED; break;
    case LK_LWA_WT_EV_LEFT: *on = ON_LEFT; break;
    case LK_LWA_WT_EV_RELEASE: *on = ON_RELEASE; break;
    case LK_LWA_WT_EV_REMOVE: *on = ON_REMOVE; break;
    case LK_LWA_WT_EV_EXPIRED: *on = ON_EXPIRED; break;
    }
    return LK_OK;
}

enum lk_status lk_lwa_wt_step(struct lk_lwa_wt *wt, const struct lk_lwa_wt_config *config,
                              const struct lk_lwa_wt_event *event, struct lk_lwa_wt_outbox *out)
{
    struct lk_lwa_wt draft;
    struct lk_lwa_wt_work work = { .wt = &draft, .config = config, .event = event, .out = out };
    enum wt_on on;
    enum lk_status status = judge(&on, wt, event);
    size_t row;

    out->count = out->used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_lwa_wt_rules, wt->state, on);
    if (status != LK_OK)
        return status;
    draft = *wt;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, wt->state, draft.state);
        *wt = draft;
    } else {
        lk_lwa_wt_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_lwa_wt_init(struct lk_lwa_wt *wt)
{
    *wt = (struct lk_lwa_wt){ .state = LK_LWA_WT_IDLE, .due_ms = LK_LWA_WT_NEVER };
}

void lk_lwa_wt_wipe(struct lk_lwa_wt *wt)
{
    lk_wipe(wt, sizeof *wt);
}

void lk_lwa_wt_defaults(struct lk_lwa_wt_config *config)
{
    *config = (struct lk_lwa_wt_config){ .finished_each_time = true, .retry_ms = 1000, .tries = 3,
                                         .away_ms = 300000, .hold_ms = 10000,
                                         .endpoint = { .address_bits = 32,
                                                       .address = { 127, 0, 0, 1 } } };
}

bool lk_lwa_wt_is_held(const struct lk_lwa_wt *wt, const struct lk_lwa_wt_config *config,
                       uint64_t now_ms)
{
    if (wt->state == LK_LWA_WT_IDLE || wt->state == LK_LWA_WT_RELEASING ||
        (wt->is_down && now_ms - wt->down_since_ms >= config->hold_ms))
        return false;
    return wt->proven || now_ms - wt->away_since_ms < config->hold_ms;
}

bool lk_lwa_wt_is_open(const struct lk_lwa_wt *wt)
{
    return wt->state == LK_LWA_WT_HANDSHAKE || wt->state == LK_LWA_WT_ACTIVE;
}

const struct lk_lwa_wt_bearer *lk_lwa_wt_bearer_of(const struct lk_lwa_wt *wt, uint8_t drb)
{
    for (uint8_t i = 0; i < wt->bearers; i++)
        if (wt->bearer[i].drb == drb)
            return &wt->bearer[i];
    return NULL;
}
