/* The target PoS's machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --request--> ASKING --told--> HALF_OPEN --confirm, or a PDU--> READY
 *      ^                  |                 | 30 s
 *      '----- refused ----+-----------------'
 *
 * It implements the target PoS's part of IEEE 802.21.1 5.14.2. */
#include "proto/mis/tpos.h"

#include "base/secret.h"
#include "proto/mis/tpos_parts.h"

enum tpos_on {
    ON_REQUEST,
    ON_TOLD,
    ON_CONFIRM,
    ON_PROVEN,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REQUEST] = "REQUEST",
    [ON_TOLD] = "TOLD",
    [ON_CONFIRM] = "CONFIRM",
    [ON_PROVEN] = "PROVEN",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mis_tpos_##act }
#define IDLE TO(LK_MIS_TPOS_IDLE)
#define ASKING TO(LK_MIS_TPOS_ASKING)
#define HALF_OPEN TO(LK_MIS_TPOS_HALF_OPEN)
#define READY TO(LK_MIS_TPOS_READY)

static const struct tpos_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_tpos_work *w);
} rows[] = {
    ROW(IDLE, ON_REQUEST, request, ASKING | IDLE, "IEEE 802.21.1 5.14.1"),
    ROW(ASKING, ON_TOLD, told, HALF_OPEN | IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(HALF_OPEN, ON_CONFIRM, confirm, READY | IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(HALF_OPEN, ON_PROVEN, proven, READY, "IEEE 802.21.1 5.14.2"),
    ROW(HALF_OPEN, ON_EXPIRED, expire, IDLE, "T43"),
    ROW(READY, ON_CONFIRM, confirm_again, 0, "IEEE 802.21.1 5.14.2"),
};

static const char *const state_names[LK_MIS_TPOS_STATE_COUNT] = {
    [LK_MIS_TPOS_IDLE] = "IDLE",
    [LK_MIS_TPOS_ASKING] = "ASKING",
    [LK_MIS_TPOS_HALF_OPEN] = "HALF_OPEN",
    [LK_MIS_TPOS_READY] = "READY",
};

const struct lk_rule_table lk_mis_tpos_rules = {
    .name = "mis-tpos",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_TPOS_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE | READY,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum tpos_on judge(const struct lk_mis_tpos_event *event)
{
    switch (event->kind) {
    case LK_MIS_TPOS_EV_REQUEST: return ON_REQUEST;
    case LK_MIS_TPOS_EV_TOLD: return ON_TOLD;
    case LK_MIS_TPOS_EV_CONFIRM: return ON_CONFIRM;
    case LK_MIS_TPOS_EV_PROVEN: return ON_PROVEN;
    case LK_MIS_TPOS_EV_EXPIRED: return ON_EXPIRED;
    }
    return ON_NOTHING;
}

enum lk_status lk_mis_tpos_step(struct lk_mis_tpos *tpos, const struct lk_mis_tpos_config *config,
                                const struct lk_mis_tpos_event *event,
                                struct lk_mis_tpos_outbox *out)
{
    struct lk_mis_tpos draft;
    struct lk_mis_tpos_work work = { .tpos = &draft, .self = tpos, .config = config,
                                     .event = event, .out = out };
    enum lk_status status;
    size_t row;

    out->count = out->lists.used = 0;
    status = lk_rule_find(&row, &lk_mis_tpos_rules, tpos->state, judge(event));
    if (status != LK_OK)
        return status;
    draft = *tpos;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, tpos->state, draft.state);
        *tpos = draft;
    } else {
        lk_mis_tpos_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_mis_tpos_init(struct lk_mis_tpos *tpos)
{
    *tpos = (struct lk_mis_tpos){ .state = LK_MIS_TPOS_IDLE, .due_ms = LK_MIS_NEVER };
}

void lk_mis_tpos_wipe(struct lk_mis_tpos *tpos)
{
    lk_wipe(tpos, sizeof *tpos);
}

void lk_mis_tpos_defaults(struct lk_mis_tpos_config *config)
{
    *config = (struct lk_mis_tpos_config){ .codes = lk_mis_codes_default,
                                           .demanded = 1u << LK_MIS_SA_TLS | 1u << LK_MIS_SA_EAP |
                                                       1u << LK_MIS_SA_SPOS,
                                           .mixes = true, .max = LK_MIS_CHAIN_DEFAULT,
                                           .lifetime_s = LK_MIS_SA_LIFETIME_S,
                                           .half_open_ms = 30000 };
    lk_mis_offers_default(&config->offers, &config->codes);
}

void lk_mis_tpos_outbox_wipe(struct lk_mis_tpos_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_mis_tpos_output *lk_mis_tpos_outbox_find(const struct lk_mis_tpos_outbox *out,
                                                         enum lk_mis_tpos_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
