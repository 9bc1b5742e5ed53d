/* The UE: which event is welcome in which state, and the one step.
 *
 *     OFF --context--> CONNECTED --set-up--> JOINING --link up--> ACTIVE
 *                          ^                 |   ^ ^----lost-------'
 *                          |       not let in|   |its time
 *                       release              v   |
 *                          '---- any       PAUSED -----T351----> STOPPED
 *
 * It implements the UE's part of TS 36.331 5.3.5 and 5.6.14 to 5.6.15 for LWA, with the keys of
 * TS 33.401 7.2.8 and annex G. */
#include "proto/lwa/ue.h"

#include <string.h>

#include "base/secret.h"
#include "proto/lwa/ue_parts.h"

static const char *const on_names[LK_LWA_UE_ON_NOTHING] = {
    [LK_LWA_UE_ON_CONTEXT] = "CONTEXT",
    [LK_LWA_UE_ON_HANDOVER] = "HANDOVER",
    [LK_LWA_UE_ON_SETUP] = "SETUP",
    [LK_LWA_UE_ON_RELEASE] = "RELEASE",
    [LK_LWA_UE_ON_RECONFIGURATION] = "RECONFIGURATION",
    [LK_LWA_UE_ON_AGAIN] = "AGAIN",
    [LK_LWA_UE_ON_STRANGE] = "STRANGE",
    [LK_LWA_UE_ON_LINK_UP] = "LINK_UP",
    [LK_LWA_UE_ON_LINK_DOWN] = "LINK_DOWN",
    [LK_LWA_UE_ON_EXPIRED] = "EXPIRED",
    [LK_LWA_UE_ON_LEAVE] = "LEAVE",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, LK_LWA_UE_ON_##on, may_enter, #act, clause }, lk_lwa_ue_##act }
#define OFF TO(LK_LWA_UE_OFF)
#define CONNECTED TO(LK_LWA_UE_CONNECTED)
#define JOINING TO(LK_LWA_UE_JOINING)
#define PAUSED TO(LK_LWA_UE_PAUSED)
#define ACTIVE TO(LK_LWA_UE_ACTIVE)
#define STOPPED TO(LK_LWA_UE_STOPPED)
#define WITH_LWA (JOINING | PAUSED | ACTIVE | STOPPED)
#define WITH_CONTEXT (CONNECTED | WITH_LWA)

static const struct ue_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_lwa_ue_work *w);
} rows[] = {
    ROW(OFF | WITH_CONTEXT, CONTEXT, take_context, CONNECTED, "TS 36.331 5.3.7.5"),

    /* What the WLAN has of it stays as it is when the WT is kept. */
    ROW(CONNECTED, HANDOVER, hand_over, CONNECTED | JOINING, "TS 36.331 5.3.5.4"),
    ROW(JOINING, HANDOVER, hand_over, CONNECTED | JOINING, "TS 36.331 5.3.5.4"),
    ROW(PAUSED, HANDOVER, hand_over, CONNECTED | JOINING | PAUSED, "TS 36.331 5.3.5.4"),
    ROW(ACTIVE, HANDOVER, hand_over, CONNECTED | JOINING | ACTIVE, "TS 36.331 5.3.5.4"),
    ROW(STOPPED, HANDOVER, hand_over, CONNECTED | JOINING | STOPPED, "TS 36.331 5.3.5.4"),

    ROW(CONNECTED | JOINING | PAUSED | STOPPED, SETUP, set_up, JOINING, "TS 36.331 5.6.14.2"),
    ROW(ACTIVE, SETUP, set_up, ACTIVE | JOINING, "TS 36.331 5.6.14.2"),
    ROW(WITH_CONTEXT, RELEASE, release, CONNECTED, "TS 36.331 5.6.14.3"),
    ROW(WITH_CONTEXT, RECONFIGURATION, reconfigure, 0, "TS 36.331 5.3.5.3"),
    ROW(WITH_CONTEXT, AGAIN, answer_again, 0, "TS 36.331 5.3.5.3"),
    ROW(WITH_CONTEXT, STRANGE, pass_over, 0, "TS 36.331 5.3.5.5"),

    ROW(JOINING | ACTIVE, LINK_UP, link_up, ACTIVE, "TS 36.331 5.6.15.2"),
    ROW(ACTIVE, LINK_DOWN, lost, JOINING | PAUSED, "TS 36.331 5.6.15.2"),
    ROW(JOINING, LINK_DOWN, not_joined, JOINING | PAUSED, "TS 36.331 5.6.15.2"),
    ROW(JOINING | PAUSED, EXPIRED, expired, JOINING | STOPPED, "TS 36.331 5.6.15.4"),
    ROW(WITH_CONTEXT, LEAVE, leave, OFF, "TS 36.331 5.3.12"),
};

static const char *const state_names[LK_LWA_UE_STATE_COUNT] = {
    [LK_LWA_UE_OFF] = "OFF",       [LK_LWA_UE_CONNECTED] = "CONNECTED",
    [LK_LWA_UE_JOINING] = "JOINING", [LK_LWA_UE_PAUSED] = "PAUSED",
    [LK_LWA_UE_ACTIVE] = "ACTIVE", [LK_LWA_UE_STOPPED] = "STOPPED",
};

const struct lk_rule_table lk_lwa_ue_rules = {
    .name = "lwa-ue",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_LWA_UE_STATE_COUNT,
    .on_count = LK_LWA_UE_ON_NOTHING,
    .first = OFF,
    .last = OFF,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status judge(enum lk_lwa_ue_on *on, struct lk_lwa_ue_heard *heard,
                            const struct lk_lwa_ue *ue, const struct lk_lwa_ue_config *config,
                            const struct lk_lwa_ue_event *event)
{
    *on = LK_LWA_UE_ON_NOTHING;
    switch (event->kind) {
    case LK_LWA_UE_EV_CONTEXT: *on = LK_LWA_UE_ON_CONTEXT; break;
    case LK_LWA_UE_EV_RRC: return lk_lwa_ue_hear(on, heard, ue, config, event->rrc);
    case LK_LWA_UE_EV_LINK_UP: *on = LK_LWA_UE_ON_LINK_UP; break;
    case LK_LWA_UE_EV_LINK_DOWN: *on = LK_LWA_UE_ON_LINK_DOWN; break;
    case LK_LWA_UE_EV_EXPIRED: *on = LK_LWA_UE_ON_EXPIRED; break;
    case LK_LWA_UE_EV_LEAVE: *on = LK_LWA_UE_ON_LEAVE; break;
    }
    return LK_OK;
}

enum lk_status lk_lwa_ue_step(struct lk_lwa_ue *ue, const struct lk_lwa_ue_config *config,
                              const struct lk_lwa_ue_event *event, struct lk_lwa_ue_outbox *out)
{
    struct lk_lwa_ue_heard heard;
    struct lk_lwa_ue draft;
    struct lk_lwa_ue_work work = { .s = &draft, .config = config, .event = event,
                                   .heard = &heard, .out = out };
    enum lk_lwa_ue_on on;
    enum lk_status status = judge(&on, &heard, ue, config, event);
    size_t row;

    out->count = out->used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_lwa_ue_rules, ue->state, on);
    if (status != LK_OK)
        return status;
    draft = *ue;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, ue->state, draft.state);
        *ue = draft;
    } else {
        lk_lwa_ue_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_lwa_ue_defaults(struct lk_lwa_ue_config *config)
{
    static const char ssid[] = "latchkey";

    *config = (struct lk_lwa_ue_config){ .s_kwt_fc = LK_S_KWT_FC, .retry_ms = 500,
                                         .associate_ms = 30000, .ssid_len = sizeof ssid - 1 };
    memcpy(config->ssid, ssid, sizeof ssid - 1);
}

void lk_lwa_ue_outbox_wipe(struct lk_lwa_ue_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

void lk_lwa_ue_init(struct lk_lwa_ue *ue)
{
    *ue = (struct lk_lwa_ue){ .state = LK_LWA_UE_OFF };
}

void lk_lwa_ue_wipe(struct lk_lwa_ue *ue)
{
    lk_wipe(ue, sizeof *ue);
}

bool lk_lwa_ue_has_lwa(const struct lk_lwa_ue *s)
{
    return s->state != LK_LWA_UE_OFF && s->state != LK_LWA_UE_CONNECTED;
}
