/* The BSF at Ub: which event is welcome in which state, and the one step.
 *
 *     IDLE --REQUEST--> AWAIT_NAME --NAME, NO_NAME--> AWAIT_VECTOR --VECTOR, NO_VECTOR--> IDLE
 *                       first request with a TMPI     first request          401
 *     IDLE --REQUEST--> AWAIT_RESYNC --VECTOR--> IDLE       with AUTS: 401
 *     IDLE --REQUEST--> IDLE                                with a response: 200 or 403
 *
 * It implements the BSF's part of TS 24.109 4 with the keys of TS 33.220 annex B. */
#include "proto/gba/bsf.h"

#include "base/secret.h"
#include "proto/gba/bsf_parts.h"

enum on { ON_REQUEST, ON_NAME, ON_NO_NAME, ON_VECTOR, ON_NO_VECTOR, ON_COUNT };
static const char *const on_names[ON_COUNT] = {
    [ON_REQUEST] = "REQUEST",
    [ON_NAME] = "NAME",
    [ON_NO_NAME] = "NO_NAME",
    [ON_VECTOR] = "VECTOR",
    [ON_NO_VECTOR] = "NO_VECTOR",
};
static const char *const state_names[LK_GBA_BSF_STATE_COUNT] = {
    [LK_GBA_BSF_IDLE] = "IDLE",
    [LK_GBA_BSF_AWAIT_NAME] = "AWAIT_NAME",
    [LK_GBA_BSF_AWAIT_VECTOR] = "AWAIT_VECTOR",
    [LK_GBA_BSF_AWAIT_RESYNC] = "AWAIT_RESYNC",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_GBA_BSF_IDLE)
#define AWAIT_NAME TO(LK_GBA_BSF_AWAIT_NAME)
#define AWAIT_VECTOR TO(LK_GBA_BSF_AWAIT_VECTOR)
#define AWAIT_RESYNC TO(LK_GBA_BSF_AWAIT_RESYNC)
#define ROW(in, on, act, may_enter, clause) \
    { { in, ON_##on, may_enter, #act, clause }, lk_gba_bsf_##act }

static const struct bsf_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_gba_bsf_work *w);
} rows[] = {
    ROW(IDLE, REQUEST, judge, AWAIT_NAME | AWAIT_VECTOR | AWAIT_RESYNC | LK_RULE_STAY,
        "TS 24.109 4.3"),
    ROW(AWAIT_NAME, NAME, named, AWAIT_VECTOR, "TS 33.220 B.4"),
    ROW(AWAIT_NAME, NO_NAME, unnamed, AWAIT_VECTOR, "TS 33.220 B.4"),
    ROW(AWAIT_VECTOR, VECTOR, challenge, IDLE, "TS 24.109 4.3"),
    ROW(AWAIT_VECTOR, NO_VECTOR, no_vector, IDLE, "TS 24.109 4.3"),
    ROW(AWAIT_RESYNC, VECTOR, challenge, IDLE, "TS 24.109 4.4"),
    ROW(AWAIT_RESYNC, NO_VECTOR, no_resync, IDLE, "TS 24.109 4.4"),
};

const struct lk_rule_table lk_gba_bsf_rules = {
    .name = "gba-bsf",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_GBA_BSF_STATE_COUNT,
    .on_count = ON_COUNT,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum on on_of(const struct lk_gba_bsf_event *event)
{
    switch (event->kind) {
    case LK_GBA_BSF_EV_REQUEST: return ON_REQUEST;
    case LK_GBA_BSF_EV_NAME: return ON_NAME;
    case LK_GBA_BSF_EV_NO_NAME: return ON_NO_NAME;
    case LK_GBA_BSF_EV_VECTOR: return ON_VECTOR;
    case LK_GBA_BSF_EV_NO_VECTOR: return ON_NO_VECTOR;
    }
    return ON_COUNT;
}

enum lk_status lk_gba_bsf_step(struct lk_gba_bsf *bsf, const struct lk_gba_bsf_config *config,
                               const struct lk_gba_bsf_event *event,
                               struct lk_gba_bsf_outbox *out)
{
    struct lk_gba_bsf draft;
    struct lk_gba_bsf_work work = { .s = &draft, .config = config, .event = event, .out = out };
    enum lk_status status;
    size_t row;

    out->count = out->used = 0;
    status = lk_rule_find(&row, &lk_gba_bsf_rules, bsf->state, on_of(event));
    if (status != LK_OK)
        return status;
    draft = *bsf;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, bsf->state, draft.state);
        *bsf = draft;
    } else {
        lk_gba_bsf_outbox_wipe(out);
    }
    return status;
}

void lk_gba_bsf_defaults(struct lk_gba_bsf_config *config)
{
    *config = (struct lk_gba_bsf_config){ .algorithm = LK_GBA_AKAV1_MD5,
                                          .lifetime_s = 24 * 60 * 60,
                                          .challenge_s = 60 };
}

void lk_gba_bsf_init(struct lk_gba_bsf *bsf)
{
    *bsf = (struct lk_gba_bsf){ .state = LK_GBA_BSF_IDLE };
}

void lk_gba_bsf_outbox_wipe(struct lk_gba_bsf_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_gba_bsf_output *lk_gba_bsf_outbox_find(const struct lk_gba_bsf_outbox *out,
                                                       enum lk_gba_bsf_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
