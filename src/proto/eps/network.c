/* The network's end of an attach: which event is welcome in which state, and the one step.
 *
 *     IDLE --ATTACH--> AWAIT_VECTOR --VECTOR--> AWAIT_RESPONSE --RES--> AWAIT_NAS --COMPLETE-->
 *      ^                    ^-- AUTS, once ---------'                                 AWAIT_AS
 *      '------------------- refused, silence, STOP --------------------'                  |
 *                                                            ATTACHED <--AS_COMPLETE------'
 *
 * It implements TS 24.301 5.4.2, 5.4.3, 5.5.1 and TS 36.331 5.3.4 as far as an attach needs them,
 * and the keys of TS 33.401 6.1 and 7.2. */
#include "proto/eps/network.h"

#include <string.h>

#include "base/secret.h"
#include "proto/eps/network_parts.h"
#include "wire/pdcp.h"

enum network_on {
    ON_ATTACH,
    ON_ATTACH_REPEAT,
    ON_VECTOR,
    ON_NO_VECTOR,
    ON_RESPONSE,
    ON_FAILURE,
    ON_COMPLETE,
    ON_REFUSED,
    ON_AS_COMPLETE,
    ON_AS_FAILURE,
    ON_EXPIRED,
    ON_STOP,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_ATTACH] = "ATTACH",           [ON_ATTACH_REPEAT] = "ATTACH_REPEAT",
    [ON_VECTOR] = "VECTOR",           [ON_NO_VECTOR] = "NO_VECTOR",
    [ON_RESPONSE] = "RESPONSE",       [ON_FAILURE] = "FAILURE",
    [ON_COMPLETE] = "COMPLETE",       [ON_REFUSED] = "REFUSED",
    [ON_AS_COMPLETE] = "AS_COMPLETE", [ON_AS_FAILURE] = "AS_FAILURE",
    [ON_EXPIRED] = "EXPIRED",         [ON_STOP] = "STOP",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_eps_network_##act }
#define IDLE TO(LK_EPS_NETWORK_IDLE)
#define VECTOR TO(LK_EPS_NETWORK_AWAIT_VECTOR)
#define RESPONSE TO(LK_EPS_NETWORK_AWAIT_RESPONSE)
#define NAS TO(LK_EPS_NETWORK_AWAIT_NAS)
#define AS TO(LK_EPS_NETWORK_AWAIT_AS)
#define ATTACHED TO(LK_EPS_NETWORK_ATTACHED)
#define UNDER_WAY (VECTOR | RESPONSE | NAS | AS)

static const struct network_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_eps_network_work *w);
} rows[] = {
    ROW(IDLE | UNDER_WAY | ATTACHED, ON_ATTACH, attach, VECTOR | IDLE, "TS 24.301 5.5.1.2.2"),
    ROW(UNDER_WAY, ON_ATTACH_REPEAT, go_on, 0, "TS 24.301 5.5.1.2.7"),
    ROW(VECTOR, ON_VECTOR, challenge, RESPONSE, "TS 24.301 5.4.2.2"),
    ROW(VECTOR, ON_NO_VECTOR, no_vector, IDLE | RESPONSE, "TS 24.301 5.5.1.2.5"),
    ROW(RESPONSE, ON_RESPONSE, response, NAS | IDLE, "TS 24.301 5.4.2.4"),
    ROW(RESPONSE, ON_FAILURE, failure, VECTOR | IDLE, "TS 24.301 5.4.2.7"),
    ROW(NAS, ON_COMPLETE, complete, AS, "TS 24.301 5.4.3.4"),
    ROW(NAS, ON_REFUSED, refused, IDLE, "TS 24.301 5.4.3.5"),
    ROW(AS, ON_AS_COMPLETE, as_complete, ATTACHED, "TS 36.331 5.3.4.3"),
    ROW(AS, ON_AS_FAILURE, as_failure, IDLE, "TS 36.331 5.3.4.3"),
    ROW(VECTOR, ON_EXPIRED, again, IDLE, "TS 24.301 5.4.2.7"),
    ROW(RESPONSE, ON_EXPIRED, again, RESPONSE | IDLE, "TS 24.301 5.4.2.7"),
    ROW(NAS, ON_EXPIRED, again, NAS | IDLE, "TS 24.301 5.4.3.7"),
    ROW(AS, ON_EXPIRED, again, AS | IDLE, "TS 36.331 5.3.4.2"),
    ROW(UNDER_WAY | ATTACHED, ON_STOP, stop, IDLE, "TS 24.301 5.5.1.2.7"),
};

static const char *const state_names[LK_EPS_NETWORK_STATE_COUNT] = {
    [LK_EPS_NETWORK_IDLE] = "IDLE",
    [LK_EPS_NETWORK_AWAIT_VECTOR] = "AWAIT_VECTOR",
    [LK_EPS_NETWORK_AWAIT_RESPONSE] = "AWAIT_RESPONSE",
    [LK_EPS_NETWORK_AWAIT_NAS] = "AWAIT_NAS",
    [LK_EPS_NETWORK_AWAIT_AS] = "AWAIT_AS",
    [LK_EPS_NETWORK_ATTACHED] = "ATTACHED",
};

const struct lk_rule_table lk_eps_network_rules = {
    .name = "eps-network",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_EPS_NETWORK_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = ATTACHED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what comes ---- */

/* spec: TS 24.301 5.5.1.2.7 - the same request while one is under way changes nothing; another one
 * begins anew. */
static bool is_repeat(const struct lk_eps_network *n, const struct lk_nas *nas)
{
    return (TO(n->state) & UNDER_WAY) != 0 && nas->has_imsi &&
           lk_imsi_equal(&n->imsi, &nas->imsi) &&
           lk_span_equal(lk_span_of(n->capability, n->capability_len), nas->capability);
}

/* spec: TS 24.301 4.4.4.3 - before there is security the messages of an attach are taken without;
 * the answer to SECURITY MODE COMMAND never is (see complete). */
static enum lk_status judge_nas(enum network_on *on, struct lk_eps_network_work *w)
{
    struct lk_span octets = lk_span_of(w->rrc.nas, w->rrc.nas_len);
    enum lk_status status = lk_nas_header_decode(&w->header, octets);

    if (status == LK_OK)
        status = lk_nas_decode(&w->nas, w->header.message);
    if (status != LK_OK)
        return status;
    switch (w->nas.type) {
    case LK_NAS_ATTACH_REQUEST:
        *on = is_repeat(w->n, &w->nas) ? ON_ATTACH_REPEAT : ON_ATTACH;
        return LK_OK;
    case LK_NAS_AUTHENTICATION_RESPONSE: *on = ON_RESPONSE; return LK_OK;
    case LK_NAS_AUTHENTICATION_FAILURE: *on = ON_FAILURE; return LK_OK;
    case LK_NAS_SECURITY_COMPLETE: *on = ON_COMPLETE; return LK_OK;
    case LK_NAS_SECURITY_REJECT: *on = ON_REFUSED; return LK_OK;
    case LK_NAS_ATTACH_REJECT: /* those that a network sends */
    case LK_NAS_AUTHENTICATION_REQUEST:
    case LK_NAS_AUTHENTICATION_REJECT:
    case LK_NAS_SECURITY_COMMAND: break;
    }
    return LK_E_UNEXPECTED;
}

/* Only SecurityModeComplete is protected; its handler has the key. */
static enum lk_status judge_pdu(enum network_on *on, struct lk_eps_network_work *w)
{
    struct lk_srb unprotected = w->n->srb;
    struct lk_span message;
    struct lk_pdcp pdu;
    enum lk_status status = lk_pdcp_decode(&pdu, w->event->received);

    if (status == LK_OK)
        status = lk_rrc_attach_uplink_decode(&w->rrc, pdu.message);
    if (status != LK_OK)
        return status;
    if (w->rrc.type == LK_RRC_SECURITY_COMPLETE) {
        *on = ON_AS_COMPLETE;
        return LK_OK;
    }
    status = lk_srb_receive(&unprotected, &message, NULL, w->event->received);
    if (status != LK_OK)
        return status;
    if (w->rrc.type == LK_RRC_UPLINK_NAS)
        return judge_nas(on, w);
    *on = ON_AS_FAILURE;
    return LK_OK;
}

static enum lk_status judge(enum network_on *on, struct lk_eps_network_work *w)
{
    enum lk_status status;

    *on = ON_NOTHING;
    switch (w->event->kind) {
    case LK_EPS_EV_RECEIVED:
        status = judge_pdu(on, w);
        /* SRB1 is its context's holder's by now. */
        return status != LK_OK && w->n->state == LK_EPS_NETWORK_ATTACHED ? LK_E_UNEXPECTED : status;
    case LK_EPS_EV_VECTOR: *on = ON_VECTOR; break;
    case LK_EPS_EV_NO_VECTOR: *on = ON_NO_VECTOR; break;
    case LK_EPS_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_EPS_EV_STOP: *on = ON_STOP; break;
    case LK_EPS_EV_ATTACH: /* those of a device */
    case LK_EPS_EV_CARD: break;
    }
    return LK_OK;
}

/* ---- the step ---- */

void lk_eps_network_defaults(struct lk_eps_network_config *config)
{
    *config = (struct lk_eps_network_config){ .retry_ms = 6000, .tries = 5 };
}

void lk_eps_network_init(struct lk_eps_network *network)
{
    *network = (struct lk_eps_network){ .state = LK_EPS_NETWORK_IDLE, .ksi = LK_NAS_KSI_MAX };
    lk_srb_begin(&network->srb, LK_EIA_DOWNLINK);
}

void lk_eps_network_wipe(struct lk_eps_network *network)
{
    lk_wipe(network, sizeof *network);
}

enum lk_status lk_eps_network_step(struct lk_eps_network *network,
                                   const struct lk_eps_network_config *config,
                                   const struct lk_eps_event *event, struct lk_eps_outbox *out)
{
    struct lk_eps_network draft = *network;
    struct lk_eps_network_work work = { .n = &draft, .config = config, .event = event, .out = out };
    enum network_on on;
    enum lk_status status = judge(&on, &work);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_eps_network_rules, network->state, on);
    if (status == LK_OK) {
        status = rows[row].act(&work);
        if (status == LK_OK) {
            lk_rule_check(&rows[row].rule, network->state, draft.state);
            *network = draft;
        } else {
            lk_eps_outbox_wipe(out);
        }
    }
    lk_wipe(&draft, sizeof draft);
    lk_wipe(&work, sizeof work);
    return status;
}
