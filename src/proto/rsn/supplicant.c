/* The supplicant: which event is welcome in which state, and the one step.
 *
 *     IDLE --associated--> AWAIT_M1 --M1--> AWAIT_M3 --M3--> OPEN
 *                                              ^------M1------'
 *
 * It implements the station's part of IEEE 802.11 12.7.6 and 12.7.7. */
#include "proto/rsn/supplicant.h"

#include "base/secret.h"
#include "proto/rsn/supplicant_parts.h"

enum supplicant_on {
    ON_PMK,
    ON_ASSOCIATED,
    ON_M1,
    ON_M3,
    ON_G1,
    ON_EXPIRED,
    ON_LEFT,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_PMK] = "PMK", [ON_ASSOCIATED] = "ASSOCIATED", [ON_M1] = "M1",     [ON_M3] = "M3",
    [ON_G1] = "G1",   [ON_EXPIRED] = "EXPIRED",       [ON_LEFT] = "LEFT",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_rsn_supplicant_##act }
#define IDLE TO(LK_RSN_SUPPLICANT_IDLE)
#define AWAIT_M1 TO(LK_RSN_SUPPLICANT_AWAIT_M1)
#define AWAIT_M3 TO(LK_RSN_SUPPLICANT_AWAIT_M3)
#define OPEN TO(LK_RSN_SUPPLICANT_OPEN)

static const struct supplicant_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_rsn_supplicant_work *w);
} rows[] = {
    ROW(IDLE | AWAIT_M1 | AWAIT_M3 | OPEN, ON_PMK, take_pmk, 0, "TS 36.331 5.6.14.2"),
    ROW(IDLE | AWAIT_M1 | AWAIT_M3 | OPEN, ON_ASSOCIATED, associate, AWAIT_M1,
        "IEEE 802.11 12.6.10"),

    ROW(AWAIT_M1, ON_M1, take_m1, AWAIT_M1 | AWAIT_M3, "IEEE 802.11 12.7.6.2"),
    ROW(AWAIT_M3, ON_M1, take_m1, AWAIT_M3 | IDLE, "IEEE 802.11 12.7.6.2"),
    ROW(OPEN, ON_M1, take_m1, OPEN | AWAIT_M3 | IDLE, "IEEE 802.11 12.7.6.2"),

    ROW(AWAIT_M3, ON_M3, take_m3, AWAIT_M3 | OPEN | IDLE, "IEEE 802.11 12.7.6.4"),
    ROW(OPEN, ON_M3, repeat_m4, 0, "IEEE 802.11 12.7.6.5"),
    ROW(AWAIT_M3 | OPEN, ON_G1, take_g1, 0, "IEEE 802.11 12.7.7"),

    ROW(AWAIT_M1, ON_EXPIRED, give_up, IDLE, "IEEE 802.11 12.7.6.6"),
    ROW(AWAIT_M3, ON_EXPIRED, give_up, OPEN | IDLE, "IEEE 802.11 12.7.6.6"),
    ROW(AWAIT_M1 | AWAIT_M3 | OPEN, ON_LEFT, leave, IDLE, "IEEE 802.11 11.3.5"),
};

static const char *const state_names[LK_RSN_SUPPLICANT_STATE_COUNT] = {
    [LK_RSN_SUPPLICANT_IDLE] = "IDLE",
    [LK_RSN_SUPPLICANT_AWAIT_M1] = "AWAIT_M1",
    [LK_RSN_SUPPLICANT_AWAIT_M3] = "AWAIT_M3",
    [LK_RSN_SUPPLICANT_OPEN] = "OPEN",
};

const struct lk_rule_table lk_rsn_supplicant_rules = {
    .name = "rsn-supplicant",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_RSN_SUPPLICANT_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* spec: IEEE 802.11 12.7.2 - a frame whose replay counter is not above the last of a frame that was
 * proven is dropped. A02: that counter survives re-keys. */
static enum lk_status judge_frame(enum supplicant_on *on, struct lk_rsn_frame *frame,
                                  const struct lk_rsn_supplicant *s,
                                  const struct lk_rsn_config *config, struct lk_span octets)
{
    enum lk_status status = lk_rsn_frame_read(frame, config->akm, octets);

    if (status != LK_OK)
        return status;
    switch (frame->message) {
    case LK_EAPOL_M1: *on = ON_M1; break;
    case LK_EAPOL_M3: *on = ON_M3; break;
    case LK_EAPOL_G1: *on = ON_G1; break;
    case LK_EAPOL_M2:
    case LK_EAPOL_M4:
    case LK_EAPOL_G2:
    case LK_EAPOL_NO_MESSAGE:
    case LK_EAPOL_MESSAGE_COUNT: return LK_E_UNEXPECTED;
    }
    return s->has_replay && frame->key.replay <= s->replay ? LK_E_SYNC : LK_OK;
}

static enum lk_status judge(enum supplicant_on *on, struct lk_rsn_frame *frame,
                            const struct lk_rsn_supplicant *s, const struct lk_rsn_config *config,
                            const struct lk_rsn_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_RSN_EV_PMK: *on = ON_PMK; break;
    case LK_RSN_EV_ASSOCIATED: *on = ON_ASSOCIATED; break;
    case LK_RSN_EV_RECEIVED: return judge_frame(on, frame, s, config, event->received);
    case LK_RSN_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_RSN_EV_GROUP:
    case LK_RSN_EV_USED:
    case LK_RSN_EV_ASK: break; /* is the authenticator's */
    case LK_RSN_EV_LEFT: *on = ON_LEFT; break;
    }
    return LK_OK;
}

enum lk_status lk_rsn_supplicant_step(struct lk_rsn_supplicant *s,
                                      const struct lk_rsn_config *config,
                                      const struct lk_rsn_event *event, struct lk_rsn_outbox *out)
{
    struct lk_rsn_frame frame;
    struct lk_rsn_supplicant draft;
    struct lk_rsn_supplicant_work work = { .s = &draft, .config = config, .event = event,
                                           .frame = &frame, .out = out };
    enum supplicant_on on;
    enum lk_status status = judge(&on, &frame, s, config, event);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_rsn_supplicant_rules, s->state, on);
    if (status != LK_OK)
        return status;
    draft = *s;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, s->state, draft.state);
        *s = draft;
    } else {
        lk_rsn_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_rsn_supplicant_init(struct lk_rsn_supplicant *s)
{
    *s = (struct lk_rsn_supplicant){ .state = LK_RSN_SUPPLICANT_IDLE };
}

void lk_rsn_supplicant_wipe(struct lk_rsn_supplicant *s)
{
    lk_wipe(s, sizeof *s);
}
