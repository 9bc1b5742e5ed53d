/* The device's end of an attach: which event is welcome in which state, and the one step.
 *
 *     IDLE --ATTACH--> AWAIT_CHALLENGE --CHALLENGE--> AWAIT_CARD --RES--> AWAIT_NAS --COMMAND-->
 *      ^                                    ^             | AUTS or FAILURE             AWAIT_AS
 *      |                               AWAIT_ANOTHER <----'                                |
 *      '--- refused, silence, STOP ----                       ATTACHED <---AS_COMMAND------'
 *
 * It implements TS 24.301 5.4.2, 5.4.3, 5.5.1 and TS 36.331 5.3.4 as far as an attach needs them,
 * and the keys of TS 33.401 6.1 and 7.2. */
#include "proto/eps/device.h"

#include <string.h>

#include "base/secret.h"
#include "proto/eps/device_parts.h"
#include "wire/pdcp.h"

enum device_on {
    ON_ATTACH,
    ON_CHALLENGE,
    ON_CARD,
    ON_COMMAND,
    ON_AS_COMMAND,
    ON_REPEAT,
    ON_REJECTED,
    ON_EXPIRED,
    ON_STOP,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_ATTACH] = "ATTACH",   [ON_CHALLENGE] = "CHALLENGE",   [ON_CARD] = "CARD",
    [ON_COMMAND] = "COMMAND", [ON_AS_COMMAND] = "AS_COMMAND", [ON_REPEAT] = "REPEAT",
    [ON_REJECTED] = "REJECTED", [ON_EXPIRED] = "EXPIRED",     [ON_STOP] = "STOP",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_eps_device_##act }
#define IDLE TO(LK_EPS_DEVICE_IDLE)
#define CHALLENGE TO(LK_EPS_DEVICE_AWAIT_CHALLENGE)
#define CARD TO(LK_EPS_DEVICE_AWAIT_CARD)
#define ANOTHER TO(LK_EPS_DEVICE_AWAIT_ANOTHER)
#define NAS TO(LK_EPS_DEVICE_AWAIT_NAS)
#define AS TO(LK_EPS_DEVICE_AWAIT_AS)
#define ATTACHED TO(LK_EPS_DEVICE_ATTACHED)
#define UNDER_WAY (CHALLENGE | CARD | ANOTHER | NAS | AS)

static const struct device_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_eps_device_work *w);
} rows[] = {
    ROW(IDLE | UNDER_WAY | ATTACHED, ON_ATTACH, attach, CHALLENGE, "TS 24.301 5.5.1.2.2"),
    ROW(CHALLENGE | ANOTHER, ON_CHALLENGE, challenge, CARD | ANOTHER | IDLE,
        "TS 24.301 5.4.2.3"),
    ROW(CARD, ON_CARD, card, NAS | ANOTHER | IDLE, "TS 24.301 5.4.2.3"),
    ROW(NAS, ON_COMMAND, command, AS | IDLE, "TS 24.301 5.4.3.3"),
    ROW(AS, ON_AS_COMMAND, as_command, ATTACHED | IDLE, "TS 36.331 5.3.4.3"),
    ROW(ANOTHER | NAS | AS | ATTACHED, ON_REPEAT, repeat, 0, "TS 24.301 5.4.2.3"),
    ROW(CHALLENGE | ANOTHER | NAS, ON_REJECTED, rejected, IDLE, "TS 24.301 5.4.2.5"),
    ROW(CHALLENGE, ON_EXPIRED, again, CHALLENGE | IDLE, "TS 24.301 5.5.1.2.6"),
    ROW(CARD | ANOTHER | NAS | AS, ON_EXPIRED, late, IDLE, "TS 24.301 5.5.1.2.6"),
    ROW(UNDER_WAY | ATTACHED, ON_STOP, stop, IDLE, "TS 24.301 5.5.1.2.6"),
};

static const char *const state_names[LK_EPS_DEVICE_STATE_COUNT] = {
    [LK_EPS_DEVICE_IDLE] = "IDLE",
    [LK_EPS_DEVICE_AWAIT_CHALLENGE] = "AWAIT_CHALLENGE",
    [LK_EPS_DEVICE_AWAIT_CARD] = "AWAIT_CARD",
    [LK_EPS_DEVICE_AWAIT_ANOTHER] = "AWAIT_ANOTHER",
    [LK_EPS_DEVICE_AWAIT_NAS] = "AWAIT_NAS",
    [LK_EPS_DEVICE_AWAIT_AS] = "AWAIT_AS",
    [LK_EPS_DEVICE_ATTACHED] = "ATTACHED",
};

const struct lk_rule_table lk_eps_device_rules = {
    .name = "eps-device",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_EPS_DEVICE_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = ATTACHED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what comes ---- */

/* spec: TS 24.301 4.4.4.2 - without security a device takes questions about who it is and
 * refusals; SECURITY MODE COMMAND comes protected (see command). */
static enum lk_status judge_nas(enum device_on *on, struct lk_eps_device_work *w)
{
    struct lk_span octets = lk_span_of(w->rrc.nas, w->rrc.nas_len);
    enum lk_status status = lk_nas_header_decode(&w->header, octets);

    if (status == LK_OK)
        status = lk_nas_decode(&w->nas, w->header.message);
    if (status != LK_OK)
        return status;
    switch (w->nas.type) {
    case LK_NAS_SECURITY_COMMAND: *on = ON_COMMAND; return LK_OK;
    case LK_NAS_AUTHENTICATION_REQUEST: *on = ON_CHALLENGE; break;
    case LK_NAS_ATTACH_REJECT:
    case LK_NAS_AUTHENTICATION_REJECT: *on = ON_REJECTED; break;
    case LK_NAS_ATTACH_REQUEST: /* those that a device sends */
    case LK_NAS_AUTHENTICATION_RESPONSE:
    case LK_NAS_AUTHENTICATION_FAILURE:
    case LK_NAS_SECURITY_COMPLETE:
    case LK_NAS_SECURITY_REJECT: return LK_E_UNEXPECTED;
    }
    return w->header.security == LK_NAS_PLAIN ? LK_OK : LK_E_UNEXPECTED;
}

/* Only SecurityModeCommand is protected; its handler has the key. */
static enum lk_status judge_pdu(enum device_on *on, struct lk_eps_device_work *w)
{
    struct lk_srb unprotected = w->d->srb;
    struct lk_span message;
    struct lk_pdcp pdu;
    enum lk_status status;

    if (lk_eps_pdu_is(&w->d->question, w->event->received)) {
        *on = ON_REPEAT;
        return LK_OK;
    }
    if (w->d->state == LK_EPS_DEVICE_ATTACHED)
        return LK_E_UNEXPECTED; /* SRB1 is its context's holder's by now */
    status = lk_pdcp_decode(&pdu, w->event->received);
    if (status == LK_OK)
        status = lk_rrc_attach_downlink_decode(&w->rrc, pdu.message);
    if (status != LK_OK)
        return status;
    if (w->rrc.type == LK_RRC_SECURITY_COMMAND) {
        *on = ON_AS_COMMAND;
        return LK_OK;
    }
    status = lk_srb_receive(&unprotected, &message, NULL, w->event->received);
    return status == LK_OK ? judge_nas(on, w) : status;
}

static enum lk_status judge(enum device_on *on, struct lk_eps_device_work *w)
{
    *on = ON_NOTHING;
    switch (w->event->kind) {
    case LK_EPS_EV_ATTACH: *on = ON_ATTACH; break;
    case LK_EPS_EV_RECEIVED: return judge_pdu(on, w);
    case LK_EPS_EV_CARD: *on = ON_CARD; break;
    case LK_EPS_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_EPS_EV_STOP: *on = ON_STOP; break;
    case LK_EPS_EV_VECTOR: /* those of a network */
    case LK_EPS_EV_NO_VECTOR: break;
    }
    return LK_OK;
}

/* ---- the step ---- */

void lk_eps_device_defaults(struct lk_eps_device_config *config)
{
    *config = (struct lk_eps_device_config){ .retry_ms = 15000, .tries = 5, .wait_ms = 40000 };
}

void lk_eps_device_init(struct lk_eps_device *device)
{
    *device = (struct lk_eps_device){ .state = LK_EPS_DEVICE_IDLE, .ksi = LK_NAS_NO_KSI };
    lk_srb_begin(&device->srb, LK_EIA_UPLINK);
}

void lk_eps_device_wipe(struct lk_eps_device *device)
{
    lk_wipe(device, sizeof *device);
}

enum lk_status lk_eps_device_step(struct lk_eps_device *device,
                                  const struct lk_eps_device_config *config,
                                  const struct lk_eps_event *event, struct lk_eps_outbox *out)
{
    struct lk_eps_device draft = *device;
    struct lk_eps_device_work work = { .d = &draft, .config = config, .event = event, .out = out };
    enum device_on on;
    enum lk_status status = judge(&on, &work);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_eps_device_rules, device->state, on);
    if (status == LK_OK) {
        status = rows[row].act(&work);
        if (status == LK_OK) {
            lk_rule_check(&rows[row].rule, device->state, draft.state);
            *device = draft;
        } else {
            lk_eps_outbox_wipe(out);
        }
    }
    lk_wipe(&draft, sizeof draft);
    lk_wipe(&work, sizeof work);
    return status;
}
