/* The MN: which event is welcome in which state, and the one step.
 *
 *     IDLE --> AWAIT_REQUEST <--> AWAIT_EAP
 *                    |
 *                    v
 *               AWAIT_KEYS --> UP
 *
 * and from each of them to OVER. It implements the MN's part of IEEE 802.21 9.2 (Auth). */
#include "proto/mis/mn_auth.h"

#include "base/secret.h"
#include "proto/mis/mn_auth_parts.h"

static const char *const on_names[LK_MIS_MN_AUTH_ON_COUNT] = {
    [LK_MIS_MN_AUTH_ON_START] = "START",
    [LK_MIS_MN_AUTH_ON_REQUEST] = "REQUEST",
    [LK_MIS_MN_AUTH_ON_FINAL] = "FINAL",
    [LK_MIS_MN_AUTH_ON_REFUSAL] = "REFUSAL",
    [LK_MIS_MN_AUTH_ON_EAP] = "EAP",
    [LK_MIS_MN_AUTH_ON_KEYS] = "KEYS",
    [LK_MIS_MN_AUTH_ON_REFUSED] = "REFUSED",
    [LK_MIS_MN_AUTH_ON_SILENT] = "SILENT",
    [LK_MIS_MN_AUTH_ON_EXPIRED] = "EXPIRED",
};
static const char *const state_names[LK_MIS_MN_AUTH_STATE_COUNT] = {
    [LK_MIS_MN_AUTH_IDLE] = "IDLE",
    [LK_MIS_MN_AUTH_AWAIT_REQUEST] = "AWAIT_REQUEST",
    [LK_MIS_MN_AUTH_AWAIT_EAP] = "AWAIT_EAP",
    [LK_MIS_MN_AUTH_AWAIT_KEYS] = "AWAIT_KEYS",
    [LK_MIS_MN_AUTH_UP] = "UP",
    [LK_MIS_MN_AUTH_OVER] = "OVER",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_MIS_MN_AUTH_IDLE)
#define AWAIT_REQUEST TO(LK_MIS_MN_AUTH_AWAIT_REQUEST)
#define AWAIT_EAP TO(LK_MIS_MN_AUTH_AWAIT_EAP)
#define AWAIT_KEYS TO(LK_MIS_MN_AUTH_AWAIT_KEYS)
#define UP TO(LK_MIS_MN_AUTH_UP)
#define OVER TO(LK_MIS_MN_AUTH_OVER)
#define ROW(in, on, act, may_enter, clause) \
    { { in, LK_MIS_MN_AUTH_ON_##on, may_enter, #act, clause }, lk_mis_mn_auth_##act }

static const struct mn_auth_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_mn_auth_work *w);
} rows[] = {
    ROW(IDLE, START, begin, AWAIT_REQUEST, "IEEE 802.21 9.2"),
    /* Either end may begin. */
    ROW(IDLE | AWAIT_REQUEST, REQUEST, hear, AWAIT_EAP, "IEEE 802.21 9.2"),
    ROW(AWAIT_EAP, EAP, say, AWAIT_REQUEST, "IEEE 802.21 9.2"),
    ROW(AWAIT_REQUEST, FINAL, hear_last, AWAIT_KEYS | OVER, "IEEE 802.21 9.2"),
    ROW(AWAIT_KEYS, KEYS, confirm, UP | OVER, "IEEE 802.21 9.2.1"),
    ROW(AWAIT_REQUEST, REFUSAL, hear_no, OVER, "IEEE 802.21 9.2"),
    ROW(AWAIT_EAP | AWAIT_KEYS, REFUSED, say_no, OVER, "IEEE 802.21 9.2"),
    ROW(AWAIT_REQUEST | AWAIT_EAP, SILENT, silent, OVER, "IEEE 802.21 8.2"),
    ROW(AWAIT_REQUEST | AWAIT_EAP | AWAIT_KEYS, EXPIRED, expired, OVER | LK_RULE_STAY,
        "IEEE 802.21 9.2"),
};

const struct lk_rule_table lk_mis_mn_auth_rules = {
    .name = "mis-mn-auth",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_MN_AUTH_STATE_COUNT,
    .on_count = LK_MIS_MN_AUTH_ON_COUNT,
    .first = IDLE,
    .last = UP | OVER,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what a message is ---- */

static enum lk_mis_mn_auth_on auth_request(const struct lk_mis_message *message)
{
    if (lk_mis_has(message, LK_MIS_TLV_STATUS) && message->status != LK_MIS_SUCCESS)
        return LK_MIS_MN_AUTH_ON_REFUSAL;
    return lk_mis_has(message, LK_MIS_TLV_SAID) ? LK_MIS_MN_AUTH_ON_FINAL
                                                : LK_MIS_MN_AUTH_ON_REQUEST;
}

static enum lk_mis_mn_auth_on message_of(const struct lk_mis_auth_config *config,
                                         const struct lk_mis_auth_event *event)
{
    const struct lk_mis_header *header = event->message.header;

    if (lk_mis_action_of(header->id, &config->codes) == LK_MIS_AUTH &&
        lk_mis_opcode_of(header->id) == LK_MIS_REQUEST)
        return auth_request(event->message.message);
    return LK_MIS_MN_AUTH_ON_COUNT;
}

static enum lk_mis_mn_auth_on judge(const struct lk_mis_auth_config *config,
                                    const struct lk_mis_auth_event *event)
{
    switch (event->kind) {
    case LK_MIS_AUTH_EV_START: return LK_MIS_MN_AUTH_ON_START;
    case LK_MIS_AUTH_EV_MESSAGE: return message_of(config, event);
    case LK_MIS_AUTH_EV_EAP: return LK_MIS_MN_AUTH_ON_EAP;
    case LK_MIS_AUTH_EV_KEYS: return LK_MIS_MN_AUTH_ON_KEYS;
    case LK_MIS_AUTH_EV_REFUSED: return LK_MIS_MN_AUTH_ON_REFUSED;
    case LK_MIS_AUTH_EV_SILENT: return LK_MIS_MN_AUTH_ON_SILENT;
    case LK_MIS_AUTH_EV_EXPIRED: return LK_MIS_MN_AUTH_ON_EXPIRED;
    }
    return LK_MIS_MN_AUTH_ON_COUNT;
}

enum lk_status lk_mis_mn_auth_step(struct lk_mis_mn_auth *mn,
                                   const struct lk_mis_auth_config *config,
                                   const struct lk_mis_auth_event *event,
                                   struct lk_mis_auth_outbox *out)
{
    struct lk_mis_mn_auth draft;
    struct lk_mis_mn_auth_work work = { .s = &draft, .config = config, .event = event,
                                        .out = out };
    enum lk_status status;
    size_t row;

    out->count = out->lists.used = 0;
    status = lk_rule_find(&row, &lk_mis_mn_auth_rules, mn->state, judge(config, event));
    if (status != LK_OK)
        return status;
    draft = *mn;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, mn->state, draft.state);
        *mn = draft;
    } else {
        lk_mis_auth_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

enum lk_status lk_mis_mn_auth_init(struct lk_mis_mn_auth *mn, struct lk_span pos_id)
{
    *mn = (struct lk_mis_mn_auth){ .state = LK_MIS_MN_AUTH_IDLE };
    return lk_mis_name_set(&mn->pos, pos_id) ? LK_OK : LK_E_LENGTH;
}

void lk_mis_mn_auth_wipe(struct lk_mis_mn_auth *mn)
{
    lk_wipe(mn, sizeof *mn);
}
