/* The UE at Ub: which event is welcome in which state, and the one step.
 *
 *     IDLE --START--> AWAIT_CHALLENGE --ANSWER 401--> AWAIT_CARD --CARD--> AWAIT_RESULT
 *     AWAIT_RESULT --ANSWER 200, proven--> AWAIT_INFO --INFO--> IDLE, with a grant
 *     AWAIT_CARD --CARD, AUTS--> AWAIT_CHALLENGE      once
 *
 * It implements the UE's part of TS 24.109 4 with the keys of TS 33.220 annex B. */
#include "proto/gba/ue.h"

#include "base/secret.h"
#include "proto/gba/ue_parts.h"

enum on { ON_START, ON_ANSWER, ON_NO_ANSWER, ON_CARD, ON_INFO, ON_NO_INFO, ON_COUNT };
static const char *const on_names[ON_COUNT] = {
    [ON_START] = "START",
    [ON_ANSWER] = "ANSWER",
    [ON_NO_ANSWER] = "NO_ANSWER",
    [ON_CARD] = "CARD",
    [ON_INFO] = "INFO",
    [ON_NO_INFO] = "NO_INFO",
};
static const char *const state_names[LK_GBA_UE_STATE_COUNT] = {
    [LK_GBA_UE_IDLE] = "IDLE",
    [LK_GBA_UE_AWAIT_CHALLENGE] = "AWAIT_CHALLENGE",
    [LK_GBA_UE_AWAIT_CARD] = "AWAIT_CARD",
    [LK_GBA_UE_AWAIT_RESULT] = "AWAIT_RESULT",
    [LK_GBA_UE_AWAIT_INFO] = "AWAIT_INFO",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_GBA_UE_IDLE)
#define AWAIT_CHALLENGE TO(LK_GBA_UE_AWAIT_CHALLENGE)
#define AWAIT_CARD TO(LK_GBA_UE_AWAIT_CARD)
#define AWAIT_RESULT TO(LK_GBA_UE_AWAIT_RESULT)
#define AWAIT_INFO TO(LK_GBA_UE_AWAIT_INFO)
#define ROW(in, on, act, may_enter, clause) \
    { { in, ON_##on, may_enter, #act, clause }, lk_gba_ue_##act }

static const struct ue_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_gba_ue_work *w);
} rows[] = {
    ROW(IDLE, START, begin, AWAIT_CHALLENGE, "TS 24.109 4.2"),
    ROW(AWAIT_CHALLENGE, ANSWER, challenged, AWAIT_CARD | IDLE, "TS 24.109 4.2"),
    ROW(AWAIT_CARD, CARD, respond, AWAIT_RESULT | AWAIT_CHALLENGE | IDLE, "TS 24.109 4.2"),
    ROW(AWAIT_RESULT, ANSWER, prove, AWAIT_INFO | AWAIT_CARD | IDLE, "TS 24.109 4.3"),
    ROW(AWAIT_INFO, INFO, finish, IDLE, "TS 24.109 C.1"),
    ROW(AWAIT_INFO, NO_INFO, unread, IDLE, "TS 24.109 C.1"),
    ROW(AWAIT_CHALLENGE | AWAIT_RESULT, NO_ANSWER, silent, IDLE, "TS 24.109 4.2"),
};

const struct lk_rule_table lk_gba_ue_rules = {
    .name = "gba-ue",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_GBA_UE_STATE_COUNT,
    .on_count = ON_COUNT,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum on on_of(const struct lk_gba_ue_event *event)
{
    switch (event->kind) {
    case LK_GBA_UE_EV_START: return ON_START;
    case LK_GBA_UE_EV_ANSWER: return ON_ANSWER;
    case LK_GBA_UE_EV_NO_ANSWER: return ON_NO_ANSWER;
    case LK_GBA_UE_EV_CARD: return ON_CARD;
    case LK_GBA_UE_EV_INFO: return ON_INFO;
    case LK_GBA_UE_EV_NO_INFO: return ON_NO_INFO;
    }
    return ON_COUNT;
}

enum lk_status lk_gba_ue_step(struct lk_gba_ue *ue, const struct lk_gba_ue_config *config,
                              const struct lk_gba_ue_event *event, struct lk_gba_ue_outbox *out)
{
    struct lk_gba_ue draft;
    struct lk_gba_ue_work work = { .s = &draft, .config = config, .event = event, .out = out };
    enum lk_status status;
    size_t row;

    out->count = out->used = 0;
    status = lk_rule_find(&row, &lk_gba_ue_rules, ue->state, on_of(event));
    if (status != LK_OK)
        return status;
    draft = *ue;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, ue->state, draft.state);
        if (draft.state == LK_GBA_UE_IDLE)
            lk_wipe(&draft, sizeof draft); /* nothing outlives a run, and IDLE is zero */
        *ue = draft;
    } else {
        lk_gba_ue_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_gba_ue_init(struct lk_gba_ue *ue)
{
    _Static_assert(LK_GBA_UE_IDLE == 0, "a wiped machine is idle");
    *ue = (struct lk_gba_ue){ .state = LK_GBA_UE_IDLE };
}

void lk_gba_ue_outbox_wipe(struct lk_gba_ue_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_gba_ue_output *lk_gba_ue_outbox_find(const struct lk_gba_ue_outbox *out,
                                                     enum lk_gba_ue_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
