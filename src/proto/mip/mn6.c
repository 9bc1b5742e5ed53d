/* The mobile node's machine of MIPv6: which event is welcome in which state, and the one step.
 *
 *     IDLE --START--> AWAIT_BOUND --> BOUND <--> AWAIT_RENEWED
 *                                       ^--MOVE--> AWAIT_MOVED
 *     any of them --STOP--> AWAIT_RELEASED --> RELEASED
 *
 * It implements the mobile node's part of RFC 6275 11.7, RFC 4285 and RFC 5555. */
#include "proto/mip/mn6.h"

#include "base/secret.h"
#include "proto/mip/mn6_parts.h"

enum mn6_on {
    ON_START,
    ON_MOVE,
    ON_ACCEPTED,
    ON_ADVICE,
    ON_REFUSED,
    ON_HINT,
    ON_DOUBT,
    ON_EXPIRED,
    ON_KEYS,
    ON_STOP,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_START] = "START",        [ON_MOVE] = "MOVE",
    [ON_ACCEPTED] = "accepted",  [ON_ADVICE] = "wanted otherwise",
    [ON_REFUSED] = "refused",    [ON_HINT] = "refused for now",
    [ON_DOUBT] = "not believed", [ON_EXPIRED] = "EXPIRED",
    [ON_KEYS] = "KEYS",          [ON_STOP] = "STOP",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_MIP_MN6_IDLE)
#define AWAIT_BOUND TO(LK_MIP_MN6_AWAIT_BOUND)
#define BOUND TO(LK_MIP_MN6_BOUND)
#define AWAIT_RENEWED TO(LK_MIP_MN6_AWAIT_RENEWED)
#define AWAIT_MOVED TO(LK_MIP_MN6_AWAIT_MOVED)
#define AWAIT_RELEASED TO(LK_MIP_MN6_AWAIT_RELEASED)
#define RELEASED TO(LK_MIP_MN6_RELEASED)
#define FAILED TO(LK_MIP_MN6_FAILED)
#define OUTSIDE (IDLE | RELEASED | FAILED)
#define REGISTERS (AWAIT_BOUND | AWAIT_RENEWED | AWAIT_MOVED)
#define AWAIT (REGISTERS | AWAIT_RELEASED)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mip_mn6_##act }

static const struct mn6_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_mn6_serving *s);
} rows[] = {
    ROW(OUTSIDE, ON_START, start, AWAIT_BOUND | FAILED, "RFC 6275 11.7.1"),
    ROW(OUTSIDE | AWAIT, ON_KEYS, take_keys, LK_RULE_STAY, "RFC 4285 5"),
    ROW(BOUND, ON_KEYS, use_keys, BOUND | AWAIT_RENEWED | FAILED, "RFC 4285 5"),

    ROW(AWAIT_BOUND, ON_MOVE, move, AWAIT_BOUND | FAILED, "RFC 6275 11.7.1"),
    ROW(BOUND | AWAIT_RENEWED | AWAIT_MOVED, ON_MOVE, move, AWAIT_MOVED | FAILED,
        "RFC 6275 11.7.1"),

    ROW(REGISTERS, ON_ACCEPTED, bound, BOUND, "RFC 6275 11.7.3"),
    ROW(AWAIT_RELEASED, ON_ACCEPTED, released, RELEASED, "RFC 6275 11.7.3"),
    ROW(AWAIT, ON_ADVICE, again, LK_RULE_STAY, "RFC 6275 11.7.3"),
    ROW(REGISTERS, ON_REFUSED, refused, FAILED, "RFC 6275 11.7.3"),
    ROW(AWAIT_RELEASED, ON_REFUSED, refused, RELEASED, "RFC 6275 11.7.3"),
    ROW(AWAIT, ON_HINT, hint, LK_RULE_STAY, "RFC 6275 11.7.3"),
    ROW(AWAIT, ON_DOUBT, drop, LK_RULE_STAY, "RFC 4285 5.2"),

    ROW(AWAIT_BOUND | AWAIT_MOVED, ON_EXPIRED, retry, LK_RULE_STAY | FAILED, "RFC 6275 11.8"),
    ROW(AWAIT_RENEWED, ON_EXPIRED, retry, LK_RULE_STAY | BOUND | FAILED, "RFC 6275 11.8"),
    ROW(AWAIT_RELEASED, ON_EXPIRED, retry, LK_RULE_STAY | RELEASED, "RFC 6275 11.8"),
    ROW(BOUND, ON_EXPIRED, renew, BOUND | AWAIT_RENEWED | FAILED, "RFC 6275 11.7.1"),

    ROW(BOUND | REGISTERS, ON_STOP, stop, AWAIT_RELEASED | RELEASED, "RFC 6275 11.7.1"),
};

static const char *const state_names[LK_MIP_MN6_STATE_COUNT] = {
    [LK_MIP_MN6_IDLE] = "IDLE",
    [LK_MIP_MN6_AWAIT_BOUND] = "AWAIT_BOUND",
    [LK_MIP_MN6_BOUND] = "BOUND",
    [LK_MIP_MN6_AWAIT_RENEWED] = "AWAIT_RENEWED",
    [LK_MIP_MN6_AWAIT_MOVED] = "AWAIT_MOVED",
    [LK_MIP_MN6_AWAIT_RELEASED] = "AWAIT_RELEASED",
    [LK_MIP_MN6_RELEASED] = "RELEASED",
    [LK_MIP_MN6_FAILED] = "FAILED",
};

const char *lk_mip_mn6_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_mn6_rules, state);
}

const struct lk_rule_table lk_mip_mn6_rules = {
    .name = "mip-mn6",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_MN6_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = RELEASED | FAILED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

/* Which refusals there is something to do about, once for each that we send; which pass; and which
 * end it.
 * spec: RFC 6275 11.7.3 - 130 may be better later. Who signs 146 has our key: the update was
 * altered on the way. */
static enum mn6_on on_refusal(const struct lk_mip_mn6 *mn, uint8_t status)
{
    bool had_home = mn->any_home && !lk_address_is_any(&mn->home) &&
                    mn->state != LK_MIP_MN6_AWAIT_RELEASED;

    switch (status) {
    case LK_BA_ID_MISMATCH:
    case LK_BA_SEQUENCE: return mn->corrected ? ON_HINT : ON_ADVICE;
    case LK_BA_NOT_HOME_SUBNET:
    case LK_BA_DUPLICATE_ADDRESS: return had_home && !mn->corrected ? ON_ADVICE : ON_REFUSED;
    case LK_BA_RESOURCES:
    case LK_BA_AUTH_FAIL: return ON_HINT;
    default: return ON_REFUSED;
    }
}

static enum mn6_on on_ack(const struct lk_mip_mn6 *mn, const struct lk_mip_mn6_heard *heard)
{
    const struct lk_mobility_message *ack = &heard->ack;

    if (heard->doubt != LK_REASON_NONE)
        return ON_DOUBT;
    if (ack->status >= LK_BA_UNSPECIFIED)
        return on_refusal(mn, ack->status);
    if (mn->state == LK_MIP_MN6_AWAIT_RELEASED)
        return ON_ACCEPTED;
    return ack->lifetime > 0 && !lk_address_is_any(&heard->home) &&
                   !lk_address_is_v4(&heard->home)
               ? ON_ACCEPTED
               : ON_REFUSED;
}

static enum mn6_on judge(struct lk_mip_mn6_heard *heard, const struct lk_mip_mn6 *mn,
                         const struct lk_mip_mn6_event *event)
{
    switch (event->kind) {
    case LK_MIP_MN6_EV_KEYS: return ON_KEYS;
    case LK_MIP_MN6_EV_START: return ON_START;
    case LK_MIP_MN6_EV_MOVE: return ON_MOVE;
    case LK_MIP_MN6_EV_RECEIVED:
        if ((TO(mn->state) & AWAIT) == 0)
            return ON_NOTHING;
        lk_mip_mn6_hear(heard, mn, event);
        return on_ack(mn, heard);
    case LK_MIP_MN6_EV_EXPIRED:
        return mn->due_ms != 0 && event->now_ms >= mn->due_ms ? ON_EXPIRED : ON_NOTHING;
    case LK_MIP_MN6_EV_STOP: return ON_STOP;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_mn6_step(struct lk_mip_mn6 *mn, const struct lk_mip_mn6_config *config,
                               const struct lk_mip_mn6_event *event,
                               struct lk_mip_mn6_outbox *out)
{
    struct lk_mip_mn6 draft = *mn;
    struct lk_mip_mn6_heard heard;
    struct lk_mip_mn6_serving serving = { .mn = &draft, .config = config, .event = event,
                                          .heard = &heard, .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_mip_mn6_rules, mn->state,
                                         judge(&heard, mn, event));

    out->count = 0;
    if (status == LK_OK)
        status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, mn->state, draft.state);
        *mn = draft;
    } else {
        out->count = 0;
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_mip_mn6_init(struct lk_mip_mn6 *mn)
{
    lk_wipe(mn, sizeof *mn);
}

const struct lk_mip_mn6_output *lk_mip_mn6_find(const struct lk_mip_mn6_outbox *out,
                                                enum lk_mip_mn6_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_mip_mn6_output *lk_mip_mn6_add(struct lk_mip_mn6_outbox *out,
                                         enum lk_mip_mn6_output_kind kind)
{
    struct lk_mip_mn6_output *item;

    LK_ASSERT(out->count < LK_MIP_MN6_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

bool lk_mip_mn6_is_bound(const struct lk_mip_mn6 *mn)
{
    return (TO(mn->state) & (BOUND | AWAIT_RENEWED)) != 0;
}

void lk_mip_mn6_defaults(struct lk_mip_mn6_config *config)
{
    *config = (struct lk_mip_mn6_config){ .lifetime = 150, .first_ms = 1500,
                                          .first_retry_ms = 1000, .last_retry_ms = 32000,
                                          .tries = 7, .release_tries = 3, .ipv4 = true,
                                          .keepalive_s = 110,
                                          .enterprise = 32473,
                                          .b_tid_subtype = LK_MOBILITY_B_TID_SUBTYPE };
}
