/* The foreign agent's machine: which event is welcome in which state of a visitor, and the step.
 *
 *     NONE --request--> PENDING --accepted--> SERVED <--> SERVED_PENDING
 *
 * It implements the foreign agent's part of RFC 5944 3.7, of RFC 4721, RFC 3957 and RFC 3543. */
#include "proto/mip/fa.h"

#include "proto/mip/fa_parts.h"

enum fa_on {
    ON_REQUEST,
    ON_BAD_REQUEST,
    ON_ACCEPTED,
    ON_DENIED,
    ON_FAILED,
    ON_ENDED,
    ON_REVOKED,
    ON_REVOKED_BEFORE,
    ON_REVOCATION_DOUBTED,
    ON_WITHDRAWN,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REQUEST] = "request",   [ON_BAD_REQUEST] = "bad request",
    [ON_ACCEPTED] = "accepted", [ON_DENIED] = "denied",
    [ON_FAILED] = "bad reply, UNREACHABLE, no reply",
    [ON_ENDED] = "lifetime over",
    [ON_REVOKED] = "REVOKED",
    [ON_REVOKED_BEFORE] = "revocation of nothing",
    [ON_REVOCATION_DOUBTED] = "unproven or old revocation",
    [ON_WITHDRAWN] = "WITHDRAWN",
};

#define TO(state) (1u << (state))
#define NONE TO(LK_MIP_FA_NONE)
#define PENDING TO(LK_MIP_FA_PENDING)
#define SERVED TO(LK_MIP_FA_SERVED)
#define SERVED_PENDING TO(LK_MIP_FA_SERVED_PENDING)
#define ANY (NONE | PENDING | SERVED | SERVED_PENDING)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mip_fa_##act }

static const struct fa_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_fa_serving *s);
} rows[] = {
    ROW(ANY, ON_BAD_REQUEST, refuse, LK_RULE_STAY, "RFC 5944 3.7.2.3"),
    ROW(NONE | PENDING, ON_REQUEST, relay, PENDING, "RFC 5944 3.7.2.2"),
    ROW(SERVED | SERVED_PENDING, ON_REQUEST, relay, SERVED_PENDING, "RFC 5944 3.7.2.2"),

    ROW(PENDING | SERVED_PENDING, ON_ACCEPTED, served, SERVED | NONE, "RFC 5944 3.7.3.2"),
    ROW(PENDING, ON_DENIED, denied, NONE, "RFC 5944 3.7.3.2"),
    ROW(SERVED_PENDING, ON_DENIED, denied, SERVED, "RFC 5944 3.7.3.2"),
    ROW(PENDING, ON_FAILED, failed, NONE, "RFC 5944 3.7.3.1"),
    ROW(SERVED_PENDING, ON_FAILED, failed, SERVED, "RFC 5944 3.7.3.1"),

    ROW(SERVED, ON_ENDED, end, NONE, "RFC 5944 3.7.2.2"),
    ROW(SERVED_PENDING, ON_ENDED, end, PENDING, "RFC 5944 3.7.2.2"),

    ROW(ANY, ON_REVOCATION_DOUBTED, doubt, LK_RULE_STAY, "RFC 3543 3.3"),
    ROW(ANY, ON_REVOKED_BEFORE, acknowledge, LK_RULE_STAY, "RFC 3543 3.4"),
    ROW(SERVED, ON_REVOKED, revoked, NONE, "RFC 3543 4"),
    ROW(SERVED_PENDING, ON_REVOKED, revoked, PENDING, "RFC 3543 4"),
    ROW(SERVED | SERVED_PENDING, ON_WITHDRAWN, withdraw, NONE, "RFC 3543 4"),
};

static const char *const state_names[LK_MIP_FA_STATE_COUNT] = {
    [LK_MIP_FA_NONE] = "NONE",
    [LK_MIP_FA_PENDING] = "PENDING",
    [LK_MIP_FA_SERVED] = "SERVED",
    [LK_MIP_FA_SERVED_PENDING] = "SERVED_PENDING",
};

const char *lk_mip_fa_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_fa_rules, state);
}

const struct lk_rule_table lk_mip_fa_rules = {
    .name = "mip-fa",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_FA_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = NONE,
    .last = NONE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* spec: RFC 5944 3.7.3.1 - by the low half of the Identification. */
bool lk_mip_fa_awaits(const struct lk_mip_fa *fa, const struct lk_mip_reply *reply)
{
    return fa->pending_ms != 0 &&
           (uint32_t)fa->identification == (uint32_t)reply->identification;
}

static enum fa_on judge_reply(struct lk_mip_fa_serving *s, const struct lk_mip_fa *fa)
{
    const struct lk_mip_reply *reply = s->event->reply;

    s->reason = lk_mip_fa_judge_reply(&s->code, fa, s->config, s->event);
    if (s->reason != LK_REASON_NONE)
        return ON_FAILED;
    return reply->code <= LK_MIP_CODE_ACCEPTED_SINGLE ? ON_ACCEPTED : ON_DENIED;
}

static enum fa_on judge_expired(struct lk_mip_fa_serving *s, const struct lk_mip_fa *fa)
{
    if (fa->due_ms == 0 || s->event->now_ms < fa->due_ms)
        return ON_NOTHING;
    s->code = LK_MIP_CODE_FA_TIMEOUT;
    s->reason = LK_REASON_MIP_NO_ANSWER;
    return fa->bound_until_ms != 0 && s->event->now_ms >= fa->bound_until_ms ? ON_ENDED
                                                                             : ON_FAILED;
}

static enum fa_on judge_revocation(const struct lk_mip_fa_serving *s, const struct lk_mip_fa *fa)
{
    switch (lk_mip_fa_judge_revocation(fa, s->config, s->event)) {
    case LK_MIP_FA_REVOCATION_GOOD: return ON_REVOKED;
    case LK_MIP_FA_REVOCATION_EMPTY: return ON_REVOKED_BEFORE;
    case LK_MIP_FA_REVOCATION_DOUBTED: break;
    }
    return ON_REVOCATION_DOUBTED;
}

static enum fa_on judge(struct lk_mip_fa_serving *s, const struct lk_mip_fa *fa)
{
    const struct lk_mip_fa_event *event = s->event;

    switch (event->kind) {
    case LK_MIP_FA_EV_REQUEST:
        s->reason = lk_mip_fa_judge_request(&s->code, fa, s->config, event);
        return s->reason == LK_REASON_NONE ? ON_REQUEST : ON_BAD_REQUEST;
    case LK_MIP_FA_EV_REPLY:
        return lk_mip_fa_awaits(fa, event->reply) ? judge_reply(s, fa) : ON_NOTHING;
    case LK_MIP_FA_EV_UNREACHABLE:
        s->code = event->code;
        s->reason = LK_REASON_MIP_UNREACHABLE;
        return ON_FAILED;
    case LK_MIP_FA_EV_EXPIRED: return judge_expired(s, fa);
    case LK_MIP_FA_EV_REVOKED: return judge_revocation(s, fa);
    case LK_MIP_FA_EV_WITHDRAWN: return ON_WITHDRAWN;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_fa_step(struct lk_mip_fa *fa, const struct lk_mip_fa_config *config,
                              const struct lk_mip_fa_event *event, struct lk_mip_fa_outbox *out)
{
    struct lk_mip_fa draft = *fa;
    struct lk_mip_fa_serving serving = { .fa = &draft, .config = config, .event = event,
                                         .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_mip_fa_rules, fa->state, judge(&serving, fa));

    out->count = 0;
    if (status != LK_OK)
        return status;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, fa->state, draft.state);
        *fa = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_mip_fa_init(struct lk_mip_fa *fa)
{
    *fa = (struct lk_mip_fa){ .state = LK_MIP_FA_NONE };
}

const struct lk_mip_fa_output *lk_mip_fa_find(const struct lk_mip_fa_outbox *out,
                                              enum lk_mip_fa_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_mip_fa_output *lk_mip_fa_add(struct lk_mip_fa_outbox *out,
                                       enum lk_mip_fa_output_kind kind)
{
    struct lk_mip_fa_output *item;

    LK_ASSERT(out->count < LK_MIP_FA_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

void lk_mip_fa_defaults(struct lk_mip_fa_config *config)
{
    *config = (struct lk_mip_fa_config){ .lifetime_max_s = 1800, .wait_ms = 7000,
                                         .reverse = true, .challenge = true };
}
