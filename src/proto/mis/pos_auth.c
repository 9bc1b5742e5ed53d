/* The PoS: which event is welcome in which state, and the one step.
 *
 *     IDLE --> AWAIT_RESPONSE <--> AWAIT_HOME --keys--> AWAIT_CONFIRMATION --> UP
 *
 * and from each of them to OVER. It implements the PoS's part of IEEE 802.21 9.2 (Auth), as a
 * pass-through authenticator. */
#include "proto/mis/pos_auth.h"

#include "base/secret.h"
#include "proto/mis/pos_auth_parts.h"

static const char *const on_names[LK_MIS_POS_AUTH_ON_COUNT] = {
    [LK_MIS_POS_AUTH_ON_START] = "START",
    [LK_MIS_POS_AUTH_ON_INDICATION] = "INDICATION",
    [LK_MIS_POS_AUTH_ON_RESPONSE] = "RESPONSE",
    [LK_MIS_POS_AUTH_ON_CONFIRMATION] = "CONFIRMATION",
    [LK_MIS_POS_AUTH_ON_DECLINED] = "DECLINED",
    [LK_MIS_POS_AUTH_ON_EAP] = "EAP",
    [LK_MIS_POS_AUTH_ON_KEYS] = "KEYS",
    [LK_MIS_POS_AUTH_ON_REFUSED] = "REFUSED",
    [LK_MIS_POS_AUTH_ON_SILENT] = "SILENT",
    [LK_MIS_POS_AUTH_ON_EXPIRED] = "EXPIRED",
};
static const char *const state_names[LK_MIS_POS_AUTH_STATE_COUNT] = {
    [LK_MIS_POS_AUTH_IDLE] = "IDLE",
    [LK_MIS_POS_AUTH_AWAIT_RESPONSE] = "AWAIT_RESPONSE",
    [LK_MIS_POS_AUTH_AWAIT_HOME] = "AWAIT_HOME",
    [LK_MIS_POS_AUTH_AWAIT_CONFIRMATION] = "AWAIT_CONFIRMATION",
    [LK_MIS_POS_AUTH_UP] = "UP",
    [LK_MIS_POS_AUTH_OVER] = "OVER",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_MIS_POS_AUTH_IDLE)
#define AWAIT_RESPONSE TO(LK_MIS_POS_AUTH_AWAIT_RESPONSE)
#define AWAIT_HOME TO(LK_MIS_POS_AUTH_AWAIT_HOME)
#define AWAIT_CONFIRMATION TO(LK_MIS_POS_AUTH_AWAIT_CONFIRMATION)
#define UP TO(LK_MIS_POS_AUTH_UP)
#define OVER TO(LK_MIS_POS_AUTH_OVER)
#define UNDER_WAY (AWAIT_RESPONSE | AWAIT_HOME | AWAIT_CONFIRMATION)
#define ROW(in, on, act, may_enter, clause) \
    { { in, LK_MIS_POS_AUTH_ON_##on, may_enter, #act, clause }, lk_mis_pos_auth_##act }

static const struct pos_auth_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_pos_auth_work *w);
} rows[] = {
    ROW(IDLE, START, begin, AWAIT_RESPONSE, "IEEE 802.21 9.2"),
    ROW(IDLE, INDICATION, begin_for, AWAIT_RESPONSE | OVER, "IEEE 802.21 9.2"),
    ROW(UNDER_WAY, INDICATION, pass_over, 0, "IEEE 802.21 9.2"),
    ROW(AWAIT_RESPONSE, RESPONSE, hand_on, AWAIT_HOME | OVER, "IEEE 802.21 9.2"),
    ROW(AWAIT_RESPONSE, DECLINED, ask_otherwise, AWAIT_RESPONSE | OVER, "RFC 6696 5.3.1"),
    ROW(AWAIT_HOME, EAP, say, AWAIT_RESPONSE, "IEEE 802.21 9.2"),
    ROW(AWAIT_HOME, KEYS, accept, AWAIT_CONFIRMATION | OVER, "IEEE 802.21 9.2.1"),
    ROW(AWAIT_HOME, REFUSED, refuse, AWAIT_RESPONSE | OVER, "IEEE 802.21 9.2"),
    ROW(AWAIT_CONFIRMATION, CONFIRMATION, confirm, UP | OVER, "IEEE 802.21 9.2.1"),
    ROW(AWAIT_CONFIRMATION, DECLINED, not_confirmed, OVER, "IEEE 802.21 9.2.1"),
    ROW(UNDER_WAY, SILENT, silent, OVER, "IEEE 802.21 8.2"),
    ROW(UNDER_WAY, EXPIRED, expired, OVER | LK_RULE_STAY, "IEEE 802.21 9.2"),
};

const struct lk_rule_table lk_mis_pos_auth_rules = {
    .name = "mis-pos-auth",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_POS_AUTH_STATE_COUNT,
    .on_count = LK_MIS_POS_AUTH_ON_COUNT,
    .first = IDLE,
    .last = UP | OVER,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what a message is ---- */

static enum lk_status response_of(enum lk_mis_pos_auth_on *on, const struct lk_mis_message *message)
{
    if (!lk_mis_has(message, LK_MIS_TLV_STATUS))
        return LK_E_MISSING;
    *on = LK_MIS_POS_AUTH_ON_DECLINED;
    if (message->status == LK_MIS_SUCCESS && lk_mis_has(message, LK_MIS_TLV_AUTH_VALUE))
        *on = LK_MIS_POS_AUTH_ON_CONFIRMATION;
    else if (message->status == LK_MIS_SUCCESS && lk_mis_has(message, LK_MIS_TLV_AUTH_INFO))
        *on = LK_MIS_POS_AUTH_ON_RESPONSE;
    return LK_OK;
}

static enum lk_status message_of(enum lk_mis_pos_auth_on *on,
                                 const struct lk_mis_auth_config *config,
                                 const struct lk_mis_auth_event *event)
{
    const struct lk_mis_header *header = event->message.header;
    enum lk_mis_opcode opcode = lk_mis_opcode_of(header->id);

    if (lk_mis_action_of(header->id, &config->codes) != LK_MIS_AUTH)
        return LK_OK;
    if (opcode == LK_MIS_INDICATION)
        *on = LK_MIS_POS_AUTH_ON_INDICATION;
    else if (opcode == LK_MIS_RESPONSE)
        return response_of(on, event->message.message);
    return LK_OK;
}

static enum lk_status judge(enum lk_mis_pos_auth_on *on, const struct lk_mis_auth_config *config,
                            const struct lk_mis_auth_event *event)
{
    *on = LK_MIS_POS_AUTH_ON_COUNT;
    switch (event->kind) {
    case LK_MIS_AUTH_EV_START: *on = LK_MIS_POS_AUTH_ON_START; break;
    case LK_MIS_AUTH_EV_MESSAGE: return message_of(on, config, event);
    case LK_MIS_AUTH_EV_EAP: *on = LK_MIS_POS_AUTH_ON_EAP; break;
    case LK_MIS_AUTH_EV_KEYS: *on = LK_MIS_POS_AUTH_ON_KEYS; break;
    case LK_MIS_AUTH_EV_REFUSED: *on = LK_MIS_POS_AUTH_ON_REFUSED; break;
    case LK_MIS_AUTH_EV_SILENT: *on = LK_MIS_POS_AUTH_ON_SILENT; break;
    case LK_MIS_AUTH_EV_EXPIRED: *on = LK_MIS_POS_AUTH_ON_EXPIRED; break;
    }
    return LK_OK;
}

enum lk_status lk_mis_pos_auth_step(struct lk_mis_pos_auth *pos,
                                    const struct lk_mis_auth_config *config,
                                    const struct lk_mis_auth_event *event,
                                    struct lk_mis_auth_outbox *out)
{
    struct lk_mis_pos_auth draft;
    struct lk_mis_pos_auth_work work = { .s = &draft, .config = config, .event = event,
                                         .out = out };
    enum lk_mis_pos_auth_on on;
    enum lk_status status = judge(&on, config, event);
    size_t row;

    out->count = out->lists.used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_mis_pos_auth_rules, pos->state, on);
    if (status != LK_OK)
        return status;
    draft = *pos;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, pos->state, draft.state);
        *pos = draft;
    } else {
        lk_mis_auth_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

enum lk_status lk_mis_pos_auth_init(struct lk_mis_pos_auth *pos, struct lk_span mn_id)
{
    *pos = (struct lk_mis_pos_auth){ .state = LK_MIS_POS_AUTH_IDLE };
    return lk_mis_name_set(&pos->mn, mn_id) ? LK_OK : LK_E_LENGTH;
}
