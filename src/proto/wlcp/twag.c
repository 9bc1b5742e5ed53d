/* The TWAG's WLCP machine: which event is welcome in which state of a connection, and the one step.
 *
 *     REQUEST --> BIND_PENDING --BOUND--> CONNECT_PENDING --COMPLETE--> ACTIVE
 *                      |                        |                       |   ^
 *                      +--REFUSED--> INACTIVE <-+      MODIFY_PENDING --+---+
 *                                        ^                              |
 *                                        +-- DISCONNECT_PENDING <-------+
 *
 * It implements TS 24.244 clause 5 for the TWAG, and the error rules of clause 6 that need the
 * connections. node/twag drives it for each session. All that a message can reach are the rows in
 * the record of the UE whose channel it came through: the step has no other argument. */
#include "proto/wlcp/twag.h"

#include <string.h>

#include "proto/wlcp/twag_parts.h"

enum twag_on {
    ON_REQUEST,
    ON_REQUEST_AGAIN,
    ON_BOUND,
    ON_REFUSED,
    ON_UNBOUND,
    ON_COMPLETE,
    ON_DISCONNECT_REQUEST,
    ON_DISCONNECT_ACCEPT,
    ON_MODIFICATION_INDICATION,
    ON_MODIFICATION_ACCEPT,
    ON_MODIFICATION_REJECT,
    ON_STATUS,
    ON_EXPIRED,
    ON_RELEASE,
    ON_MODIFY,
    ON_MOVED,
    ON_LOST,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REQUEST] = "CONNECTIVITY REQUEST",
    [ON_REQUEST_AGAIN] = "the same REQUEST",
    [ON_BOUND] = "BOUND",
    [ON_REFUSED] = "REFUSED",
    [ON_UNBOUND] = "UNBOUND",
    [ON_COMPLETE] = "CONNECTIVITY COMPLETE",
    [ON_DISCONNECT_REQUEST] = "DISCONNECT REQUEST",
    [ON_DISCONNECT_ACCEPT] = "DISCONNECT ACCEPT",
    [ON_MODIFICATION_INDICATION] = "MODIFICATION INDICATION",
    [ON_MODIFICATION_ACCEPT] = "MODIFICATION ACCEPT",
    [ON_MODIFICATION_REJECT] = "MODIFICATION REJECT",
    [ON_STATUS] = "STATUS",
    [ON_EXPIRED] = "EXPIRED",
    [ON_RELEASE] = "RELEASE",
    [ON_MODIFY] = "MODIFY",
    [ON_MOVED] = "MOVED",
    [ON_LOST] = "LOST",
};

#define TO(state) (1u << (state))
#define INACTIVE TO(LK_WLCP_TWAG_INACTIVE)
#define BIND TO(LK_WLCP_TWAG_BIND_PENDING)
#define CONNECT TO(LK_WLCP_TWAG_CONNECT_PENDING)
#define ACTIVE TO(LK_WLCP_TWAG_ACTIVE)
#define DISCONNECT TO(LK_WLCP_TWAG_DISCONNECT_PENDING)
#define MODIFY TO(LK_WLCP_TWAG_MODIFY_PENDING)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_wlcp_twag_##act }

static const struct twag_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_wlcp_twag_work *w);
} rows[] = {
    ROW(INACTIVE, ON_REQUEST, judge, BIND | INACTIVE, "TS 24.244 5.2"),

    ROW(BIND, ON_BOUND, accept, CONNECT | INACTIVE, "TS 24.244 5.2"),
    ROW(BIND, ON_REFUSED, refused, INACTIVE, "TS 24.244 5.2.4"),
    ROW(BIND, ON_UNBOUND, refused, INACTIVE, "TS 24.244 5.2.4"),
    ROW(BIND, ON_EXPIRED, no_binding, INACTIVE, "TS 24.244 5.2.4"),
    ROW(BIND, ON_REQUEST_AGAIN, wait, BIND, "TS 24.244 5.1.1"),
    ROW(BIND, ON_REQUEST, one_only, BIND, "TS 24.244 5.2"),
    ROW(BIND, ON_STATUS, given_up, INACTIVE, "TS 24.244 5.5"),
    ROW(BIND, ON_RELEASE, turn_down, INACTIVE, "TS 24.244 5.1.5"),
    ROW(BIND, ON_MOVED, refused, INACTIVE, "TS 24.244 5.8"),
    ROW(BIND, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(CONNECT, ON_COMPLETE, completed, ACTIVE, "TS 24.244 5.2"),
    ROW(CONNECT, ON_REQUEST_AGAIN, accept_again, CONNECT, "TS 24.244 5.1.1"),
    ROW(CONNECT, ON_REQUEST, one_only, BIND | CONNECT, "TS 24.244 5.2"),
    ROW(CONNECT, ON_EXPIRED, again, CONNECT | INACTIVE, "TS 24.244 5.1.1"),
    ROW(CONNECT, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.4"),
    ROW(CONNECT, ON_MODIFICATION_INDICATION, refuse_modification, CONNECT, "TS 24.244 5.7"),
    ROW(CONNECT, ON_STATUS, given_up, INACTIVE, "TS 24.244 5.5"),
    ROW(CONNECT, ON_UNBOUND, unbound, DISCONNECT, "TS 24.244 5.3"),
    ROW(CONNECT, ON_RELEASE, release, DISCONNECT, "TS 24.244 5.3"),
    ROW(CONNECT, ON_MOVED, moved, INACTIVE, "TS 24.244 5.8"),
    ROW(CONNECT, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(ACTIVE, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.4"),
    ROW(ACTIVE, ON_RELEASE, release, DISCONNECT, "TS 24.244 5.3"),
    ROW(ACTIVE, ON_UNBOUND, unbound, DISCONNECT, "TS 24.244 5.3"),
    ROW(ACTIVE, ON_MODIFICATION_INDICATION, accept_modification, ACTIVE, "TS 24.244 5.7"),
    ROW(ACTIVE, ON_MODIFY, modify, MODIFY, "TS 24.244 5.6"),
    ROW(ACTIVE, ON_REQUEST_AGAIN, accept_again, ACTIVE, "TS 24.244 5.1.1"),
    ROW(ACTIVE, ON_REQUEST, one_only, ACTIVE | MODIFY, "TS 24.244 5.2"),
    ROW(ACTIVE, ON_MOVED, moved, INACTIVE, "TS 24.244 5.8"),
    ROW(ACTIVE, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(DISCONNECT, ON_DISCONNECT_ACCEPT, disconnected, INACTIVE, "TS 24.244 5.3"),
    ROW(DISCONNECT, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.4"),
    ROW(DISCONNECT, ON_EXPIRED, again, DISCONNECT | INACTIVE, "TS 24.244 5.1.1"),
    ROW(DISCONNECT, ON_MODIFICATION_INDICATION, refuse_modification, DISCONNECT, "TS 24.244 5.7"),
    ROW(DISCONNECT, ON_REQUEST, one_only, BIND | DISCONNECT, "TS 24.244 5.2"),
    ROW(DISCONNECT, ON_STATUS, given_up, INACTIVE, "TS 24.244 5.5"),
    ROW(DISCONNECT, ON_UNBOUND, note_unbound, DISCONNECT, "TS 24.244 5.3"),
    ROW(DISCONNECT, ON_MOVED, moved, INACTIVE, "TS 24.244 5.8"),
    ROW(DISCONNECT, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(MODIFY, ON_MODIFICATION_ACCEPT, modified, ACTIVE, "TS 24.244 5.6"),
    ROW(MODIFY, ON_MODIFICATION_REJECT, not_modified, ACTIVE | INACTIVE, "TS 24.244 5.6"),
    ROW(MODIFY, ON_EXPIRED, again, MODIFY | ACTIVE, "TS 24.244 5.1.1"),
    ROW(MODIFY, ON_STATUS, not_modified, ACTIVE, "TS 24.244 5.5"),
    ROW(MODIFY, ON_MODIFICATION_INDICATION, refuse_modification, MODIFY, "TS 24.244 5.7"),
    ROW(MODIFY, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.4"),
    ROW(MODIFY, ON_RELEASE, release, DISCONNECT, "TS 24.244 5.3"),
    ROW(MODIFY, ON_UNBOUND, unbound, DISCONNECT, "TS 24.244 5.3"),
    ROW(MODIFY, ON_REQUEST_AGAIN, accept_again, MODIFY, "TS 24.244 5.1.1"),
    ROW(MODIFY, ON_REQUEST, one_only, MODIFY, "TS 24.244 5.2"),
    ROW(MODIFY, ON_MOVED, moved, INACTIVE, "TS 24.244 5.8"),
    ROW(MODIFY, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),
};

static const char *const state_names[LK_WLCP_TWAG_STATE_COUNT] = {
    [LK_WLCP_TWAG_INACTIVE] = "INACTIVE",
    [LK_WLCP_TWAG_BIND_PENDING] = "BIND_PENDING",
    [LK_WLCP_TWAG_CONNECT_PENDING] = "CONNECT_PENDING",
    [LK_WLCP_TWAG_ACTIVE] = "ACTIVE",
    [LK_WLCP_TWAG_DISCONNECT_PENDING] = "DISCONNECT_PENDING",
    [LK_WLCP_TWAG_MODIFY_PENDING] = "MODIFY_PENDING",
};

const char *lk_wlcp_twag_state_name(enum lk_wlcp_twag_state state)
{
    return lk_rule_state_name(&lk_wlcp_twag_rules, state);
}

const struct lk_rule_table lk_wlcp_twag_rules = {
    .name = "wlcp-twag",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_WLCP_TWAG_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = INACTIVE,
    .last = INACTIVE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status apply(struct lk_wlcp_twag_work *w, enum twag_on on)
{
    unsigned from = w->pdn.state;
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_wlcp_twag_rules, from, on);

    if (status == LK_OK)
        status = rows[row].act(w);
    if (status == LK_OK)
        lk_rule_check(&rows[row].rule, from, w->pdn.state);
    return status;
}

/* ---- which row of this UE ---- */

enum by { BY_PTI, BY_ID, BY_DIGEST, BY_APN };

static bool is_it(const struct lk_wlcp_twag_pdn *pdn, const struct lk_wlcp_twag_work *w, enum by by)
{
    const struct lk_wlcp_message *m = w->message;
    struct lk_wlcp_apn asked;

    switch (by) {
    case BY_PTI: return m->pti != LK_WLCP_PTI_UNASSIGNED && pdn->pti == m->pti;
    case BY_ID: return pdn->id == m->pdn_id && pdn->state != LK_WLCP_TWAG_BIND_PENDING;
    case BY_DIGEST: /* PTIs go round: after a while the same octets are another request */
        return w->event->now_ms < pdn->repeat_ms &&
               lk_span_equal(LK_SPAN(pdn->digest), LK_SPAN(w->digest));
    case BY_APN:
        if (LK_WLCP_HAS(m, LK_WLCP_IE_APN))
            return lk_wlcp_apn_decode(&asked, m->apn) == LK_OK &&
                   lk_wlcp_apn_is_of(&asked, &pdn->apn);
        return w->config->apns > 0 && lk_wlcp_apn_equal(&w->config->apn[0].name, &pdn->apn);
    }
    return false;
}

/* Loads it when there is one. */
static bool find(struct lk_wlcp_twag_work *w, enum by by)
{
    for (size_t i = 0; i < w->ue->count; i++)
        if (is_it(&w->pool->row[w->ue->row[i]], w, by)) {
            lk_wlcp_twag_pool_load(w, w->ue->row[i]);
            return true;
        }
    return false;
}

/* ---- messages ---- */

static enum lk_status refuse(struct lk_wlcp_twag_work *w, enum lk_wlcp_type type, uint8_t cause,
                             enum lk_reason reason)
{
    struct lk_wlcp_reply reply = { .type = type, .cause = cause };
    enum lk_status status = lk_wlcp_twag_reply(w, &reply);

    return status == LK_OK ? lk_wlcp_twag_notice(w, reason, cause) : status;
}

static bool pti_is_good(const struct lk_wlcp_message *m)
{
    return m->pti != LK_WLCP_PTI_RESERVED && m->pti != LK_WLCP_PTI_UNASSIGNED;
}

/* spec: TS 24.244 6.1 - the rules are applied in the order of the clause, the first that matches:
 * PTI before contents. */
static enum lk_status on_connectivity(struct lk_wlcp_twag_work *w,
                                      const struct lk_wlcp_verdict *verdict)
{
    const struct lk_wlcp_answer *answer =
        lk_wlcp_answers_find(&w->ue->answers, w->digest, w->event->now_ms);
    enum lk_wlcp_type no = LK_WLCP_CONNECTIVITY_REJECT;

    /* spec: TS 24.244 6.3.1 - a request with a reserved identity is rejected with cause 81. */
    if (!pti_is_good(w->message))
        return refuse(w, no, LK_WLCP_CAUSE_PTI_INVALID, LK_REASON_WLCP_PTI);
    if (find(w, BY_DIGEST))
        return apply(w, ON_REQUEST_AGAIN);
    if (answer != NULL)
        return lk_wlcp_twag_repeat(w, answer);
    /* spec: TS 24.301 9.9.4.4 - cause 35: another procedure has that identity. */
    if (find(w, BY_PTI))
        return refuse(w, no, LK_WLCP_CAUSE_PTI_IN_USE, LK_REASON_WLCP_PTI);
    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return refuse(w, no, (uint8_t)verdict->cause, LK_REASON_WLCP_MALFORMED);
    if (!find(w, BY_APN))
        lk_wlcp_twag_pool_fresh(w);
    return apply(w, ON_REQUEST);
}

/* DISCONNECT REQUEST and MODIFICATION INDICATION. */
static enum lk_status on_request(struct lk_wlcp_twag_work *w,
                                 const struct lk_wlcp_verdict *verdict, enum twag_on on)
{
    bool ends = on == ON_DISCONNECT_REQUEST;
    enum lk_wlcp_type no = ends ? LK_WLCP_DISCONNECT_REJECT : LK_WLCP_MODIFICATION_REJECT;
    const struct lk_wlcp_answer *answer =
        lk_wlcp_answers_find(&w->ue->answers, w->digest, w->event->now_ms);

    /* spec: TS 24.244 6.3.1 - so is the request to disconnect; what else has one is ignored. */
    if (!pti_is_good(w->message))
        return ends ? refuse(w, no, LK_WLCP_CAUSE_PTI_INVALID, LK_REASON_WLCP_PTI)
                    : LK_E_UNEXPECTED;
    if (answer != NULL)
        return lk_wlcp_twag_repeat(w, answer);
    if (find(w, BY_PTI)) {
        w->has_pdn = false;
        return refuse(w, no, LK_WLCP_CAUSE_PTI_IN_USE, LK_REASON_WLCP_PTI);
    }
    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return refuse(w, ends ? no : LK_WLCP_STATUS, (uint8_t)verdict->cause,
                      LK_REASON_WLCP_MALFORMED);
    /* T02: whoever's connection it may be, it is none of this UE. */
    if (!find(w, BY_ID))
        return refuse(w, no, LK_WLCP_CAUSE_NO_SUCH_CONNECTION,
                      LK_REASON_WLCP_NO_SUCH_CONNECTION);
    return apply(w, on);
}

/* Answers to us, and COMPLETE. */
static enum lk_status on_answer(struct lk_wlcp_twag_work *w,
                                const struct lk_wlcp_verdict *verdict, enum twag_on on)
{
    if (!find(w, BY_PTI))
        return LK_E_UNEXPECTED;
    if (verdict->cause != LK_WLCP_CAUSE_NONE) {
        w->has_pdn = false;
        return refuse(w, LK_WLCP_STATUS, (uint8_t)verdict->cause, LK_REASON_WLCP_MALFORMED);
    }
    return apply(w, on);
}

static enum lk_status on_status(struct lk_wlcp_twag_work *w,
                                const struct lk_wlcp_verdict *verdict)
{
    enum lk_status status;

    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return lk_wlcp_twag_notice(w, LK_REASON_WLCP_MALFORMED, (uint8_t)verdict->cause);
    status = lk_wlcp_twag_notice(w, LK_REASON_WLCP_STATUS, w->message->cause);
    if (status != LK_OK || !lk_wlcp_ends_procedure(w->message->cause) || !find(w, BY_PTI))
        return status;
    return apply(w, ON_STATUS);
}

static enum lk_status on_message(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_message message;
    struct lk_wlcp_verdict verdict;
    enum lk_status status = lk_wlcp_decode(&message, &verdict, w->config->table, LK_WLCP_TWAG,
                                           w->event->octets);

    /* spec: TS 24.301 7.4 - the network ignores a message type that it does not know. */
    if (!verdict.has_type)
        return status;
    w->message = &message;
    lk_wlcp_digest(w->digest, w->event->octets);
    switch (message.type) {
    case LK_WLCP_CONNECTIVITY_REQUEST: return on_connectivity(w, &verdict);
    case LK_WLCP_CONNECTIVITY_COMPLETE: return on_answer(w, &verdict, ON_COMPLETE);
    case LK_WLCP_DISCONNECT_REQUEST: return on_request(w, &verdict, ON_DISCONNECT_REQUEST);
    case LK_WLCP_DISCONNECT_ACCEPT: return on_answer(w, &verdict, ON_DISCONNECT_ACCEPT);
    case LK_WLCP_MODIFICATION_INDICATION:
        return on_request(w, &verdict, ON_MODIFICATION_INDICATION);
    case LK_WLCP_MODIFICATION_ACCEPT: return on_answer(w, &verdict, ON_MODIFICATION_ACCEPT);
    case LK_WLCP_MODIFICATION_REJECT: return on_answer(w, &verdict, ON_MODIFICATION_REJECT);
    case LK_WLCP_STATUS: return on_status(w, &verdict);
    case LK_WLCP_CONNECTIVITY_ACCEPT:
    case LK_WLCP_CONNECTIVITY_REJECT:
    case LK_WLCP_DISCONNECT_REJECT:
    case LK_WLCP_MODIFICATION_REQUEST:
    case LK_WLCP_TYPE_COUNT: break; /* the decoder lets none of them through to a TWAG */
    }
    return LK_E_UNEXPECTED;
}

/* ---- the step ---- */

static enum lk_status on_row(struct lk_wlcp_twag_work *w, enum twag_on on)
{
    for (size_t i = 0; i < w->ue->count; i++)
        if (w->ue->row[i] == w->event->which) {
            lk_wlcp_twag_pool_load(w, w->event->which);
            return apply(w, on);
        }
    return LK_E_NOT_FOUND;
}

static enum lk_status on_event(struct lk_wlcp_twag_work *w)
{
    switch (w->event->kind) {
    case LK_WLCP_EV_RECEIVED: return on_message(w);
    case LK_WLCP_EV_EXPIRED: return on_row(w, ON_EXPIRED);
    case LK_WLCP_EV_LOST: return on_row(w, ON_LOST);
    case LK_WLCP_EV_MOVED: return on_row(w, ON_MOVED);
    case LK_WLCP_EV_MODIFY: return on_row(w, ON_MODIFY);
    case LK_WLCP_EV_RELEASE: return on_row(w, ON_RELEASE);
    case LK_WLCP_EV_BOUND: return on_row(w, ON_BOUND);
    case LK_WLCP_EV_REFUSED: return on_row(w, ON_REFUSED);
    case LK_WLCP_EV_UNBOUND: return on_row(w, ON_UNBOUND);
    case LK_WLCP_EV_WANT:
    case LK_WLCP_EVENT_KIND_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_wlcp_twag_step(struct lk_wlcp_twag *ue, struct lk_wlcp_twag_pool *pool,
                                 const struct lk_wlcp_twag_config *config,
                                 const struct lk_wlcp_event *event, struct lk_wlcp_outbox *out)
{
    struct lk_wlcp_twag draft = *ue;
    struct lk_wlcp_twag_pool pool_draft = *pool;
    struct lk_wlcp_twag_work work = { .ue = &draft, .pool = &pool_draft, .config = config,
                                      .event = event, .out = out };
    size_t count = out->count, used = out->used;
    enum lk_status status = on_event(&work);

    if (status != LK_OK) {
        lk_wlcp_outbox_undo(out, count, used);
        return status;
    }
    lk_wlcp_twag_pool_commit(&work);
    *ue = draft;
    *pool = pool_draft;
    return LK_OK;
}
