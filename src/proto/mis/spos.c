/* The serving PoS's machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --request--> AWAIT_TARGET --answer--> AWAIT_ACK --acked--> IDLE
 *
 * It implements the serving PoS's part of IEEE 802.21.1 5.14.2 and 5.14.3. */
#include "proto/mis/spos.h"

#include "base/secret.h"
#include "proto/mis/spos_parts.h"

enum spos_on {
    ON_REQUEST,
    ON_ANSWER,
    ON_NO_LINK,
    ON_ACKED,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REQUEST] = "REQUEST",
    [ON_ANSWER] = "ANSWER",
    [ON_NO_LINK] = "NO_LINK",
    [ON_ACKED] = "ACKED",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mis_spos_##act }
#define IDLE TO(LK_MIS_SPOS_IDLE)
#define AWAIT_TARGET TO(LK_MIS_SPOS_AWAIT_TARGET)
#define AWAIT_ACK TO(LK_MIS_SPOS_AWAIT_ACK)

static const struct spos_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_spos_work *w);
} rows[] = {
    ROW(IDLE | AWAIT_TARGET | AWAIT_ACK, ON_REQUEST, request, AWAIT_TARGET | IDLE,
        "IEEE 802.21.1 5.14.2"),
    ROW(AWAIT_TARGET, ON_ANSWER, answer, AWAIT_ACK | IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(AWAIT_TARGET, ON_NO_LINK, no_target, IDLE, "IEEE 802.21.1 5.14.1"),
    ROW(AWAIT_TARGET, ON_EXPIRED, no_target, IDLE, "IEEE 802.21.1 5.14.2"),
    ROW(AWAIT_ACK, ON_ACKED, forget, IDLE, "T40"),
    ROW(AWAIT_ACK, ON_EXPIRED, forget, IDLE, "T40"),
};

static const char *const state_names[LK_MIS_SPOS_STATE_COUNT] = {
    [LK_MIS_SPOS_IDLE] = "IDLE",
    [LK_MIS_SPOS_AWAIT_TARGET] = "AWAIT_TARGET",
    [LK_MIS_SPOS_AWAIT_ACK] = "AWAIT_ACK",
};

const struct lk_rule_table lk_mis_spos_rules = {
    .name = "mis-spos",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_SPOS_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status judge(enum spos_on *on, const struct lk_mis_spos *spos,
                            const struct lk_mis_spos_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_MIS_SPOS_EV_REQUEST: *on = ON_REQUEST; return LK_OK;
    case LK_MIS_SPOS_EV_ANSWER: *on = ON_ANSWER; break;
    case LK_MIS_SPOS_EV_NO_LINK: *on = ON_NO_LINK; break;
    case LK_MIS_SPOS_EV_ACKED: *on = ON_ACKED; return LK_OK;
    case LK_MIS_SPOS_EV_EXPIRED: *on = ON_EXPIRED; return LK_OK;
    }
    return event->target.run == spos->run ? LK_OK : LK_E_UNEXPECTED;
}

enum lk_status lk_mis_spos_step(struct lk_mis_spos *spos, const struct lk_mis_spos_config *config,
                                const struct lk_mis_spos_event *event,
                                struct lk_mis_spos_outbox *out)
{
    struct lk_mis_spos draft;
    struct lk_mis_spos_work work = { .spos = &draft, .config = config, .event = event,
                                     .out = out };
    enum spos_on on;
    enum lk_status status = judge(&on, spos, event);
    size_t row;

    out->count = out->lists.used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_mis_spos_rules, spos->state, on);
    if (status != LK_OK)
        return status;
    draft = *spos;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, spos->state, draft.state);
        *spos = draft;
    } else {
        lk_mis_spos_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_mis_spos_init(struct lk_mis_spos *spos)
{
    *spos = (struct lk_mis_spos){ .state = LK_MIS_SPOS_IDLE, .due_ms = LK_MIS_NEVER };
}

void lk_mis_spos_wipe(struct lk_mis_spos *spos)
{
    lk_wipe(spos, sizeof *spos);
}

void lk_mis_spos_defaults(struct lk_mis_spos_config *config)
{
    *config = (struct lk_mis_spos_config){ .codes = lk_mis_codes_default,
                                           .max = LK_MIS_CHAIN_DEFAULT,
                                           .lifetime_s = LK_MIS_SA_LIFETIME_S,
                                           .target_ms = 6000, .half_open_ms = 30000 };
}

void lk_mis_spos_outbox_wipe(struct lk_mis_spos_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_mis_spos_output *lk_mis_spos_outbox_find(const struct lk_mis_spos_outbox *out,
                                                         enum lk_mis_spos_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
