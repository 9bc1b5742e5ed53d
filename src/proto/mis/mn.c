/* The MN's machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --want--> WAIT_SPOS --answer--> SAVING --saved--> HALF_OPEN --answer--> READY
 *      ^                |                     |                  |                   | switched
 *      '--- FULL_AUTH --+---------------------+------------------'                   v
 *                     WAIT_SPOS <------------------- want ------------------------ SERVED
 *
 * It implements the MN's part of IEEE 802.21.1 5.14.2. */
#include "proto/mis/mn.h"

#include "base/secret.h"
#include "proto/mis/mn_parts.h"

enum mn_on {
    ON_WANT,
    ON_ANSWER,  /* of the SPoS */
    ON_CONFIRM, /* of the TPoS */
    ON_SAVED,
    ON_EXPIRED,
    ON_LOST,
    ON_SWITCHED,
    ON_AUTHENTICATED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_WANT] = "WANT",
    [ON_ANSWER] = "ANSWER",
    [ON_CONFIRM] = "CONFIRM",
    [ON_SAVED] = "SAVED",
    [ON_EXPIRED] = "EXPIRED",
    [ON_LOST] = "LOST",
    [ON_SWITCHED] = "SWITCHED",
    [ON_AUTHENTICATED] = "AUTHENTICATED",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mis_mn_##act }
#define IDLE TO(LK_MIS_MN_IDLE)
#define WAIT_SPOS TO(LK_MIS_MN_WAIT_SPOS)
#define SAVING TO(LK_MIS_MN_SAVING)
#define HALF_OPEN TO(LK_MIS_MN_HALF_OPEN)
#define READY TO(LK_MIS_MN_READY)
#define SERVED TO(LK_MIS_MN_SERVED)
#define STAY LK_RULE_STAY

static const struct mn_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_mn_work *w);
} rows[] = {
    ROW(IDLE | SERVED, ON_WANT, want, WAIT_SPOS | STAY, "IEEE 802.21.1 5.14.2"),
    ROW(WAIT_SPOS, ON_ANSWER, answer, SAVING | IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(SAVING, ON_SAVED, go_on, HALF_OPEN | IDLE | STAY, "T40"),
    ROW(IDLE | WAIT_SPOS | HALF_OPEN | READY | SERVED, ON_SAVED, note, 0, "T40"),
    ROW(HALF_OPEN, ON_CONFIRM, ready, READY | IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(READY, ON_SWITCHED, serve, SERVED, "IEEE 802.21.1 5.14.1"),
    ROW(IDLE | WAIT_SPOS | SAVING | HALF_OPEN | READY | SERVED, ON_AUTHENTICATED, authenticated,
        IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(WAIT_SPOS | HALF_OPEN, ON_EXPIRED, retry, IDLE | STAY, "RFC 5677 6.3"),
    ROW(WAIT_SPOS | HALF_OPEN, ON_LOST, lost, IDLE, "RFC 5677 5"),
    ROW(SAVING, ON_EXPIRED, give_up, IDLE, "T40"),
};

static const char *const state_names[LK_MIS_MN_STATE_COUNT] = {
    [LK_MIS_MN_IDLE] = "IDLE",
    [LK_MIS_MN_WAIT_SPOS] = "WAIT_SPOS",
    [LK_MIS_MN_SAVING] = "SAVING",
    [LK_MIS_MN_HALF_OPEN] = "HALF_OPEN",
    [LK_MIS_MN_READY] = "READY",
    [LK_MIS_MN_SERVED] = "SERVED",
};

const struct lk_rule_table lk_mis_mn_rules = {
    .name = "mis-mn",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_MN_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE | SERVED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* K travels in an answer, so an answer in clear is nobody's; and one under another SA than the one
 * that the question went under is not an answer. */
static enum lk_status judge_heard(enum mn_on *on, const struct lk_mis_mn_event *event)
{
    if (event->heard.action != LK_MIS_PREREG_XFER || event->heard.opcode != LK_MIS_RESPONSE)
        return LK_E_UNEXPECTED;
    switch (event->heard.under) {
    case LK_MIS_MN_IN_CLEAR: return LK_E_DENIED;
    case LK_MIS_MN_UNDER_SPOS: *on = ON_ANSWER; break;
    case LK_MIS_MN_UNDER_NEW: *on = ON_CONFIRM; break;
    }
    return LK_OK;
}

static enum lk_status judge(enum mn_on *on, const struct lk_mis_mn_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_MIS_MN_EV_WANT: *on = ON_WANT; break;
    case LK_MIS_MN_EV_HEARD: return judge_heard(on, event);
    case LK_MIS_MN_EV_SAVED: *on = ON_SAVED; break;
    case LK_MIS_MN_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_MIS_MN_EV_LOST: *on = ON_LOST; break;
    case LK_MIS_MN_EV_SWITCHED: *on = ON_SWITCHED; break;
    case LK_MIS_MN_EV_AUTHENTICATED: *on = ON_AUTHENTICATED; break;
    }
    return LK_OK;
}

enum lk_status lk_mis_mn_step(struct lk_mis_mn *mn, const struct lk_mis_mn_config *config,
                              const struct lk_mis_mn_event *event, struct lk_mis_mn_outbox *out)
{
    struct lk_mis_mn draft;
    struct lk_mis_mn_work work = { .mn = &draft, .config = config, .event = event, .out = out };
    enum mn_on on;
    enum lk_status status = judge(&on, event);
    size_t row;

    out->count = out->lists.used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_mis_mn_rules, mn->state, on);
    if (status != LK_OK)
        return status;
    draft = *mn;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, mn->state, draft.state);
        *mn = draft;
    } else {
        lk_mis_mn_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_mis_mn_init(struct lk_mis_mn *mn, const struct lk_mis_chain *chain)
{
    *mn = (struct lk_mis_mn){ .state = LK_MIS_MN_IDLE, .chain = *chain, .durable = chain->used,
                              .due_ms = LK_MIS_NEVER };
}

void lk_mis_mn_defaults(struct lk_mis_mn_config *config)
{
    *config = (struct lk_mis_mn_config){ .codes = lk_mis_codes_default,
                                         .demanded = 1u << LK_MIS_SA_TLS | 1u << LK_MIS_SA_EAP |
                                                     1u << LK_MIS_SA_SPOS,
                                         .retry_ms = 3000, .tries = 3, .half_open_ms = 30000,
                                         .lifetime_s = LK_MIS_SA_LIFETIME_S,
                                         .ahead = true };
    lk_mis_offers_default(&config->offers, &config->codes);
}

void lk_mis_mn_outbox_wipe(struct lk_mis_mn_outbox *out)
{
    lk_wipe(out, sizeof *out);
}
