/* The mobile node's machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --START--> AWAIT_BOUND --> BOUND <--> AWAIT_RENEWED
 *                                       ^--MOVE--> AWAIT_MOVED
 *     any of them --STOP--> AWAIT_RELEASED --> RELEASED
 *
 * It implements the mobile node's part of RFC 5944 3.6, 5.7, of RFC 3957, RFC 3519 and RFC 4721. */
#include "proto/mip/mn.h"

#include "base/secret.h"
#include "proto/mip/mn_parts.h"

enum mn_on {
    ON_START,
    ON_MOVE,
    ON_ACCEPTED,
    ON_ADVICE,
    ON_REDIRECT,
    ON_REFUSED,
    ON_HINT,
    ON_DOUBT,
    ON_EXPIRED,
    ON_KEYS,
    ON_STOP,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_START] = "START",       [ON_MOVE] = "MOVE",
    [ON_ACCEPTED] = "accepted", [ON_ADVICE] = "wanted otherwise",
    [ON_REDIRECT] = "another home agent",
    [ON_REFUSED] = "refused",   [ON_HINT] = "refused for now",
    [ON_DOUBT] = "not believed", [ON_EXPIRED] = "EXPIRED",
    [ON_KEYS] = "KEYS",         [ON_STOP] = "STOP",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_MIP_MN_IDLE)
#define AWAIT_BOUND TO(LK_MIP_MN_AWAIT_BOUND)
#define BOUND TO(LK_MIP_MN_BOUND)
#define AWAIT_RENEWED TO(LK_MIP_MN_AWAIT_RENEWED)
#define AWAIT_MOVED TO(LK_MIP_MN_AWAIT_MOVED)
#define AWAIT_RELEASED TO(LK_MIP_MN_AWAIT_RELEASED)
#define RELEASED TO(LK_MIP_MN_RELEASED)
#define FAILED TO(LK_MIP_MN_FAILED)
#define OUTSIDE (IDLE | RELEASED | FAILED)
#define REGISTERS (AWAIT_BOUND | AWAIT_RENEWED | AWAIT_MOVED)
#define AWAIT (REGISTERS | AWAIT_RELEASED)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mip_mn_##act }

static const struct mn_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_mn_serving *s);
} rows[] = {
    ROW(OUTSIDE, ON_START, start, AWAIT_BOUND | FAILED, "RFC 5944 3.6.1"),
    ROW(OUTSIDE | AWAIT, ON_KEYS, take_keys, LK_RULE_STAY, "RFC 5944 1.6"),
    ROW(BOUND, ON_KEYS, use_keys, BOUND | AWAIT_RENEWED | FAILED, "RFC 5944 1.6"),

    ROW(AWAIT_BOUND, ON_MOVE, move, AWAIT_BOUND | FAILED, "RFC 5944 3.6.1"),
    ROW(BOUND | AWAIT_RENEWED | AWAIT_MOVED, ON_MOVE, move, AWAIT_MOVED | FAILED,
        "RFC 5944 3.6.1"),

    ROW(REGISTERS, ON_ACCEPTED, bound, BOUND, "RFC 5944 3.6.2.2"),
    ROW(AWAIT_RELEASED, ON_ACCEPTED, released, RELEASED, "RFC 5944 3.6.2.2"),
    ROW(AWAIT, ON_ADVICE, again, LK_RULE_STAY, "RFC 5944 3.6.2.3"),
    ROW(AWAIT_BOUND | AWAIT_MOVED, ON_REDIRECT, redirect, LK_RULE_STAY | FAILED, "RFC 4433 5"),
    ROW(AWAIT_RENEWED, ON_REDIRECT, redirect, LK_RULE_STAY | BOUND | FAILED, "RFC 4433 5"),
    ROW(AWAIT_RELEASED, ON_REDIRECT, refused, RELEASED, "RFC 5944 3.6.2.3"),
    ROW(REGISTERS, ON_REFUSED, refused, FAILED, "RFC 5944 3.6.2.3"),
    ROW(AWAIT_RELEASED, ON_REFUSED, refused, RELEASED, "RFC 5944 3.6.2.3"),
    ROW(AWAIT, ON_HINT, hint, LK_RULE_STAY, "RFC 5944 3.6.2.3"),
    ROW(AWAIT, ON_DOUBT, drop, LK_RULE_STAY, "RFC 5944 3.6.2.1"),

    ROW(AWAIT_BOUND | AWAIT_MOVED, ON_EXPIRED, retry, LK_RULE_STAY | FAILED, "RFC 5944 3.6.3"),
    ROW(AWAIT_RENEWED, ON_EXPIRED, retry, LK_RULE_STAY | BOUND | FAILED, "RFC 5944 3.6.3"),
    ROW(AWAIT_RELEASED, ON_EXPIRED, retry, LK_RULE_STAY | RELEASED, "RFC 5944 3.6.3"),
    ROW(BOUND, ON_EXPIRED, renew, BOUND | AWAIT_RENEWED | FAILED, "RFC 5944 3.6.1.2"),

    ROW(BOUND | REGISTERS, ON_STOP, stop, AWAIT_RELEASED | RELEASED, "RFC 5944 3.6.1"),
};

static const char *const state_names[LK_MIP_MN_STATE_COUNT] = {
    [LK_MIP_MN_IDLE] = "IDLE",
    [LK_MIP_MN_AWAIT_BOUND] = "AWAIT_BOUND",
    [LK_MIP_MN_BOUND] = "BOUND",
    [LK_MIP_MN_AWAIT_RENEWED] = "AWAIT_RENEWED",
    [LK_MIP_MN_AWAIT_MOVED] = "AWAIT_MOVED",
    [LK_MIP_MN_AWAIT_RELEASED] = "AWAIT_RELEASED",
    [LK_MIP_MN_RELEASED] = "RELEASED",
    [LK_MIP_MN_FAILED] = "FAILED",
};

const char *lk_mip_mn_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_mn_rules, state);
}

const struct lk_rule_table lk_mip_mn_rules = {
    .name = "mip-mn",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_MN_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = RELEASED | FAILED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

/* Of a foreign agent. What is for a moment is left to the timer; what nothing proves, too: who is
 * on the link could say anything. So is what an agent says of a request before that has proven
 * itself (70, 100, 67): it may be ours as somebody else altered it. */
static enum mn_on on_fas_code(const struct lk_mip_mn *mn, const struct lk_mip_mn_config *config,
                              const struct lk_mip_reply *reply, uint64_t now_ms)
{
    const struct lk_mip_extensions *e = &reply->extensions;
    bool advises = false, passes = false;

    switch (reply->code) {
    case LK_MIP_CODE_FA_CHALLENGE_UNKNOWN:
    case LK_MIP_CODE_FA_CHALLENGE_MISSING:
    case LK_MIP_CODE_FA_CHALLENGE_STALE:
        advises = lk_mip_has(e, LK_MIP_CHALLENGE) && e->challenge.len <= LK_MIP_MN_CHALLENGE;
        break;
    case LK_MIP_CODE_FA_LIFETIME:
        advises = reply->lifetime_s > 0 && reply->lifetime_s < mn->asked_s;
        break;
    case LK_MIP_CODE_FA_MISSING_MN_FA:
        advises = config->foreign_key && mn->foreign_spi == 0 &&
                  lk_mip_mn_keys_usable(&mn->aaa, now_ms);
        break;
    case LK_MIP_CODE_FA_MN_AUTH:
    case LK_MIP_CODE_FA_POOR_REQUEST:
    case LK_MIP_CODE_FA_VENDOR_MN:
    case LK_MIP_CODE_FA_TIMEOUT:
    case LK_MIP_CODE_FA_HOME_NETWORK:
    case LK_MIP_CODE_FA_HA_HOST:
    case LK_MIP_CODE_FA_HA_PORT:
    case LK_MIP_CODE_FA_HA_UNREACHABLE: passes = true; break;
    default: break;
    }
    if (advises && !mn->advised)
        return ON_ADVICE;
    return passes || !mn->has_foreign ? ON_HINT : ON_REFUSED;
}

/* spec: RFC 5944 3.6.2.3 - another home agent, if it names one. */
static enum mn_on on_another_agent(const struct lk_mip_mn *mn, const struct lk_mip_reply *reply)
{
    const struct lk_mip_extensions *e = &reply->extensions;
    const struct lk_address *agent = &reply->agent;

    if (reply->code == LK_MIP_CODE_HA_REDIRECTED) {
        if (!lk_mip_has(e, LK_MIP_DYNAMIC_HA) || e->dynamic_ha.subtype != LK_MIP_HA_REDIRECT)
            return ON_REFUSED;
        agent = &e->dynamic_ha.agent;
    }
    return mn->redirects < LK_MIP_MN_REDIRECTS && !lk_address_is_any(agent) &&
                   !lk_address_equal(agent, &mn->agent)
               ? ON_REDIRECT
               : ON_REFUSED;
}

static enum mn_on on_reply(const struct lk_mip_mn *mn, const struct lk_mip_mn_config *config,
                           const struct lk_mip_mn_heard *heard, uint64_t now_ms)
{
    const struct lk_mip_reply *reply = &heard->reply;

    if (heard->doubt != LK_REASON_NONE)
        return ON_DOUBT;
    if (lk_mip_mn_is_fas(reply->code))
        return on_fas_code(mn, config, reply, now_ms);
    switch (reply->code) {
    case LK_MIP_CODE_ACCEPTED:
    case LK_MIP_CODE_ACCEPTED_SINGLE:
        if (mn->state == LK_MIP_MN_AWAIT_RELEASED)
            return ON_ACCEPTED;
        return reply->lifetime_s > 0 && !lk_address_is_any(&reply->home) ? ON_ACCEPTED
                                                                         : ON_REFUSED;
    /* Who signs that has our key: the request was altered on the way. */
    case LK_MIP_CODE_HA_MN_AUTH:
    case LK_MIP_CODE_HA_FA_AUTH: return ON_HINT;
    case LK_MIP_CODE_HA_IDENTIFICATION: return mn->corrected ? ON_HINT : ON_ADVICE;
    case LK_MIP_CODE_HA_UNKNOWN:
    case LK_MIP_CODE_HA_REDIRECTED: return on_another_agent(mn, reply);
    default: return ON_REFUSED;
    }
}

static enum mn_on judge(struct lk_mip_mn_heard *heard, const struct lk_mip_mn *mn,
                        const struct lk_mip_mn_config *config,
                        const struct lk_mip_mn_event *event)
{
    switch (event->kind) {
    case LK_MIP_MN_EV_KEYS: return ON_KEYS;
    case LK_MIP_MN_EV_START: return ON_START;
    case LK_MIP_MN_EV_MOVE: return ON_MOVE;
    case LK_MIP_MN_EV_RECEIVED:
        if ((TO(mn->state) & AWAIT) == 0)
            return ON_NOTHING;
        lk_mip_mn_hear(heard, mn, config, event);
        return on_reply(mn, config, heard, event->now_ms);
    case LK_MIP_MN_EV_EXPIRED:
        return mn->due_ms != 0 && event->now_ms >= mn->due_ms ? ON_EXPIRED : ON_NOTHING;
    case LK_MIP_MN_EV_STOP: return ON_STOP;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_mn_step(struct lk_mip_mn *mn, const struct lk_mip_mn_config *config,
                              const struct lk_mip_mn_event *event, struct lk_mip_mn_outbox *out)
{
    struct lk_mip_mn draft = *mn;
    struct lk_mip_mn_heard heard;
    struct lk_mip_mn_serving serving = { .mn = &draft, .config = config, .event = event,
                                         .heard = &heard, .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_mip_mn_rules, mn->state,
                                         judge(&heard, mn, config, event));

    LK_ASSERT(config->key_len >= LK_MIP_KEY_SHORT &&
              config->key_len <= sizeof(struct lk_mip_key));
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
    lk_wipe(&heard, sizeof heard);
    return status;
}

void lk_mip_mn_init(struct lk_mip_mn *mn)
{
    lk_wipe(mn, sizeof *mn);
}

const struct lk_mip_mn_output *lk_mip_mn_find(const struct lk_mip_mn_outbox *out,
                                              enum lk_mip_mn_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_mip_mn_output *lk_mip_mn_add(struct lk_mip_mn_outbox *out,
                                       enum lk_mip_mn_output_kind kind)
{
    struct lk_mip_mn_output *item;

    LK_ASSERT(out->count < LK_MIP_MN_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

bool lk_mip_mn_is_bound(const struct lk_mip_mn *mn)
{
    return (TO(mn->state) & (BOUND | AWAIT_RENEWED)) != 0;
}

void lk_mip_mn_defaults(struct lk_mip_mn_config *config)
{
    *config = (struct lk_mip_mn_config){ .lifetime_s = 600, .first_retry_ms = 1000,
                                         .last_retry_ms = 32000, .tries = 7,
                                         .release_tries = 3,
                                         .key_len = LK_MIP_KEY_SHORT, .udp = true,
                                         .reverse = true, .enterprise = 32473,
                                         .b_tid_type = 1 };
}
