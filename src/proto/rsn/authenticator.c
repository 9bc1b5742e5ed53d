/* The authenticator: which event is welcome in which state, and the one step.
 *
 *     IDLE --associated--> AWAIT_M2 --M2--> AWAIT_M4 --M4--> OPEN --GTK--> AWAIT_G2 --> OPEN
 *                              ^----------------- PMK --------'
 *
 * It implements the access point's part of IEEE 802.11 12.7.6 and 12.7.7. */
#include "proto/rsn/authenticator.h"

#include "base/secret.h"
#include "proto/rsn/authenticator_parts.h"

enum authenticator_on {
    ON_PMK,
    ON_ASSOCIATED,
    ON_M2,
    ON_M4,
    ON_G2,
    ON_EXPIRED,
    ON_GROUP,
    ON_USED,
    ON_ASK,
    ON_LEFT,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_PMK] = "PMK", [ON_ASSOCIATED] = "ASSOCIATED", [ON_M2] = "M2",       [ON_M4] = "M4",
    [ON_G2] = "G2",   [ON_EXPIRED] = "EXPIRED",       [ON_GROUP] = "GROUP", [ON_USED] = "USED",
    [ON_ASK] = "ASK",  [ON_LEFT] = "LEFT",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_rsn_authenticator_##act }
#define IDLE TO(LK_RSN_AUTHENTICATOR_IDLE)
#define AWAIT_M2 TO(LK_RSN_AUTHENTICATOR_AWAIT_M2)
#define AWAIT_M4 TO(LK_RSN_AUTHENTICATOR_AWAIT_M4)
#define OPEN TO(LK_RSN_AUTHENTICATOR_OPEN)
#define AWAIT_G2 TO(LK_RSN_AUTHENTICATOR_AWAIT_G2)

static const struct authenticator_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_rsn_authenticator_work *w);
} rows[] = {
    ROW(IDLE, ON_PMK, keep_pmk, 0, "TS 33.401 G.2"),
    ROW(AWAIT_M2 | AWAIT_M4, ON_PMK, keep_next, 0, "T51"),
    ROW(OPEN | AWAIT_G2, ON_PMK, rekey, AWAIT_M2 | IDLE, "IEEE 802.11 12.7.6.1"),

    ROW(IDLE, ON_ASSOCIATED, associate, IDLE | AWAIT_M2, "IEEE 802.11 12.6.10"),
    ROW(AWAIT_M2, ON_ASSOCIATED, associate, AWAIT_M2, "IEEE 802.11 12.6.10"),
    ROW(AWAIT_M4, ON_ASSOCIATED, associate, AWAIT_M4 | AWAIT_M2, "IEEE 802.11 12.6.10"),
    ROW(OPEN, ON_ASSOCIATED, associate, OPEN | AWAIT_M2, "IEEE 802.11 12.6.10"),
    ROW(AWAIT_G2, ON_ASSOCIATED, associate, AWAIT_G2 | AWAIT_M2, "IEEE 802.11 12.6.10"),

    ROW(IDLE | AWAIT_M2, ON_GROUP, keep_group, 0, "IEEE 802.11 12.7.6.4"),
    ROW(AWAIT_M4, ON_GROUP, owe_group, 0, "IEEE 802.11 12.7.7"),
    ROW(OPEN | AWAIT_G2, ON_GROUP, tell_group, OPEN | AWAIT_G2, "IEEE 802.11 12.7.7"),
    ROW(OPEN, ON_ASK, ask, AWAIT_G2, "IEEE 802.11 12.7.7"),

    ROW(AWAIT_M2, ON_M2, take_m2, AWAIT_M2 | AWAIT_M4 | IDLE, "IEEE 802.11 12.7.6.3"),
    ROW(AWAIT_M4, ON_M4, take_m4, AWAIT_M4 | OPEN | AWAIT_M2 | AWAIT_G2 | IDLE,
        "IEEE 802.11 12.7.6.5"),
    ROW(AWAIT_M4, ON_USED, take_used, OPEN | AWAIT_M2 | AWAIT_G2 | IDLE, "T51"),
    ROW(AWAIT_M2, ON_USED, install_used, 0, "T51"),
    ROW(AWAIT_G2, ON_G2, take_g2, AWAIT_G2 | OPEN, "IEEE 802.11 12.7.7"),

    ROW(AWAIT_M2, ON_EXPIRED, retry, AWAIT_M2 | IDLE, "IEEE 802.11 12.7.6.6"),
    ROW(AWAIT_M4, ON_EXPIRED, retry, AWAIT_M4 | AWAIT_M2 | IDLE, "IEEE 802.11 12.7.6.6"),
    ROW(AWAIT_G2, ON_EXPIRED, retry, AWAIT_G2 | IDLE, "IEEE 802.11 12.7.7"),
    ROW(AWAIT_M2 | AWAIT_M4 | OPEN | AWAIT_G2, ON_LEFT, leave, IDLE, "IEEE 802.11 11.3.5"),
};

static const char *const state_names[LK_RSN_AUTHENTICATOR_STATE_COUNT] = {
    [LK_RSN_AUTHENTICATOR_IDLE] = "IDLE",
    [LK_RSN_AUTHENTICATOR_AWAIT_M2] = "AWAIT_M2",
    [LK_RSN_AUTHENTICATOR_AWAIT_M4] = "AWAIT_M4",
    [LK_RSN_AUTHENTICATOR_OPEN] = "OPEN",
    [LK_RSN_AUTHENTICATOR_AWAIT_G2] = "AWAIT_G2",
};

const struct lk_rule_table lk_rsn_authenticator_rules = {
    .name = "rsn-authenticator",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_RSN_AUTHENTICATOR_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* spec: IEEE 802.11 12.7.2 - an answer has the replay counter of a frame that is out: of the last
 * one, or of one that the last repeats. */
static enum lk_status judge_frame(enum authenticator_on *on, struct lk_rsn_frame *frame,
                                  const struct lk_rsn_authenticator *a,
                                  const struct lk_rsn_config *config, struct lk_span octets)
{
    enum lk_status status = lk_rsn_frame_read(frame, config->akm, octets);

    if (status != LK_OK)
        return status;
    switch (frame->message) {
    case LK_EAPOL_M2: *on = ON_M2; break;
    case LK_EAPOL_M4: *on = ON_M4; break;
    case LK_EAPOL_G2: *on = ON_G2; break;
    case LK_EAPOL_M1:
    case LK_EAPOL_M3:
    case LK_EAPOL_G1:
    case LK_EAPOL_NO_MESSAGE:
    case LK_EAPOL_MESSAGE_COUNT: return LK_E_UNEXPECTED;
    }
    return frame->key.replay < a->replay_first || frame->key.replay > a->replay ? LK_E_SYNC : LK_OK;
}

static enum lk_status judge(enum authenticator_on *on, struct lk_rsn_frame *frame,
                            const struct lk_rsn_authenticator *a,
                            const struct lk_rsn_config *config, const struct lk_rsn_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_RSN_EV_PMK: *on = ON_PMK; break;
    case LK_RSN_EV_ASSOCIATED: *on = ON_ASSOCIATED; break;
    case LK_RSN_EV_RECEIVED: return judge_frame(on, frame, a, config, event->received);
    case LK_RSN_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_RSN_EV_GROUP: *on = ON_GROUP; break;
    case LK_RSN_EV_USED: *on = ON_USED; break;
    case LK_RSN_EV_ASK: *on = ON_ASK; break;
    case LK_RSN_EV_LEFT: *on = ON_LEFT; break;
    }
    return LK_OK;
}

enum lk_status lk_rsn_authenticator_step(struct lk_rsn_authenticator *a,
                                         const struct lk_rsn_config *config,
                                         const struct lk_rsn_event *event,
                                         struct lk_rsn_outbox *out)
{
    struct lk_rsn_frame frame;
    struct lk_rsn_authenticator draft;
    struct lk_rsn_authenticator_work work = { .a = &draft, .config = config, .event = event,
                                              .frame = &frame, .out = out };
    enum authenticator_on on;
    enum lk_status status = judge(&on, &frame, a, config, event);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_rsn_authenticator_rules, a->state, on);
    if (status != LK_OK)
        return status;
    draft = *a;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, a->state, draft.state);
        *a = draft;
    } else {
        lk_rsn_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_rsn_authenticator_init(struct lk_rsn_authenticator *a)
{
    *a = (struct lk_rsn_authenticator){ .state = LK_RSN_AUTHENTICATOR_IDLE };
}

bool lk_rsn_authenticator_is_open(const struct lk_rsn_authenticator *a)
{
    return a->has_ptk;
}
