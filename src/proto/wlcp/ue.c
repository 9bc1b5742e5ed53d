/* The UE's WLCP machine: which event is welcome in which state of a connection, and the one step.
 *
 *     WANT --> CONNECT_PENDING --ACCEPT--> ACTIVE --RELEASE--> DISCONNECT_PENDING --> INACTIVE
 *                    |                     |   ^
 *                    +--REJECT--> INACTIVE |   +-- MODIFY_PENDING
 *                                          +--DISCONNECT REQUEST of the TWAG--> INACTIVE
 *
 * It implements TS 24.244 clause 5 for the UE, and the error rules of clause 6 that need the
 * connections: which PTI is in use, which identity is known. The connection manager (role/ue) and
 * the simulator drive it; it holds no key, the channel does. */
#include "proto/wlcp/ue.h"

#include <stdio.h>
#include <string.h>

#include "proto/wlcp/ue_parts.h"

enum ue_on {
    ON_WANT,
    ON_RELEASE,
    ON_MODIFY,
    ON_MOVED,
    ON_LOST,
    ON_EXPIRED,
    ON_ACCEPT,
    ON_REJECT,
    ON_DISCONNECT_REQUEST,
    ON_DISCONNECT_ACCEPT,
    ON_DISCONNECT_REJECT,
    ON_MODIFICATION_REQUEST,
    ON_MODIFICATION_ACCEPT,
    ON_MODIFICATION_REJECT,
    ON_STATUS,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_WANT] = "WANT",
    [ON_RELEASE] = "RELEASE",
    [ON_MODIFY] = "MODIFY",
    [ON_MOVED] = "MOVED",
    [ON_LOST] = "LOST",
    [ON_EXPIRED] = "EXPIRED",
    [ON_ACCEPT] = "CONNECTIVITY ACCEPT",
    [ON_REJECT] = "CONNECTIVITY REJECT",
    [ON_DISCONNECT_REQUEST] = "DISCONNECT REQUEST",
    [ON_DISCONNECT_ACCEPT] = "DISCONNECT ACCEPT",
    [ON_DISCONNECT_REJECT] = "DISCONNECT REJECT",
    [ON_MODIFICATION_REQUEST] = "MODIFICATION REQUEST",
    [ON_MODIFICATION_ACCEPT] = "MODIFICATION ACCEPT",
    [ON_MODIFICATION_REJECT] = "MODIFICATION REJECT",
    [ON_STATUS] = "STATUS",
};

#define TO(state) (1u << (state))
#define INACTIVE TO(LK_WLCP_UE_INACTIVE)
#define CONNECT TO(LK_WLCP_UE_CONNECT_PENDING)
#define ACTIVE TO(LK_WLCP_UE_ACTIVE)
#define DISCONNECT TO(LK_WLCP_UE_DISCONNECT_PENDING)
#define MODIFY TO(LK_WLCP_UE_MODIFY_PENDING)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_wlcp_ue_##act }

static const struct ue_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_wlcp_ue_work *w);
} rows[] = {
    ROW(INACTIVE, ON_WANT, ask, CONNECT | INACTIVE, "TS 24.244 5.2, 5.1.6"),

    ROW(CONNECT, ON_ACCEPT, complete, ACTIVE | DISCONNECT | CONNECT, "TS 24.244 5.2"),
    ROW(CONNECT, ON_REJECT, rejected, INACTIVE, "TS 24.244 5.2.4"),
    ROW(CONNECT, ON_EXPIRED, again, CONNECT | INACTIVE, "TS 24.244 5.1.1"),
    ROW(CONNECT, ON_STATUS, stopped, INACTIVE, "TS 24.244 5.5"),
    ROW(CONNECT, ON_RELEASE, take_back, CONNECT, "TS 24.244 5.4"),
    ROW(CONNECT, ON_MOVED, moved, INACTIVE, "TS 24.244 5.9"),
    ROW(CONNECT, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(ACTIVE, ON_RELEASE, disconnect, DISCONNECT, "TS 24.244 5.4"),
    ROW(ACTIVE, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.3"),
    ROW(ACTIVE, ON_MODIFY, modify, MODIFY, "TS 24.244 5.7"),
    ROW(ACTIVE, ON_MODIFICATION_REQUEST, accept_modification, ACTIVE, "TS 24.244 5.6"),
    ROW(ACTIVE, ON_ACCEPT, complete_again, ACTIVE, "TS 24.244 6.3"),
    ROW(ACTIVE, ON_MOVED, moved, INACTIVE, "TS 24.244 5.9"),
    ROW(ACTIVE, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(DISCONNECT, ON_DISCONNECT_ACCEPT, disconnected, INACTIVE, "TS 24.244 5.4"),
    ROW(DISCONNECT, ON_DISCONNECT_REJECT, not_disconnected, ACTIVE | INACTIVE, "TS 24.244 5.4"),
    ROW(DISCONNECT, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.3"),
    ROW(DISCONNECT, ON_EXPIRED, again, DISCONNECT | INACTIVE, "TS 24.244 5.1.1"),
    ROW(DISCONNECT, ON_STATUS, stopped, INACTIVE, "TS 24.244 5.5"),
    ROW(DISCONNECT, ON_ACCEPT, complete_again, DISCONNECT, "TS 24.244 6.3"),
    ROW(DISCONNECT, ON_MODIFICATION_REQUEST, refuse_modification, DISCONNECT, "TS 24.244 5.6"),
    ROW(DISCONNECT, ON_MOVED, moved, INACTIVE, "TS 24.244 5.9"),
    ROW(DISCONNECT, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),

    ROW(MODIFY, ON_MODIFICATION_ACCEPT, modified, ACTIVE, "TS 24.244 5.7"),
    ROW(MODIFY, ON_MODIFICATION_REJECT, not_modified, ACTIVE | INACTIVE, "TS 24.244 5.7"),
    ROW(MODIFY, ON_MODIFICATION_REQUEST, accept_modification, MODIFY, "TS 24.244 5.6"),
    ROW(MODIFY, ON_EXPIRED, again, MODIFY | ACTIVE, "TS 24.244 5.1.1"),
    ROW(MODIFY, ON_STATUS, stopped, ACTIVE, "TS 24.244 5.5"),
    ROW(MODIFY, ON_RELEASE, disconnect, DISCONNECT, "TS 24.244 5.4"),
    ROW(MODIFY, ON_DISCONNECT_REQUEST, let_go, INACTIVE, "TS 24.244 5.3"),
    ROW(MODIFY, ON_ACCEPT, complete_again, MODIFY, "TS 24.244 6.3"),
    ROW(MODIFY, ON_MOVED, moved, INACTIVE, "TS 24.244 5.9"),
    ROW(MODIFY, ON_LOST, lost, INACTIVE, "TS 24.244 4.1"),
};

static const char *const state_names[LK_WLCP_UE_STATE_COUNT] = {
    [LK_WLCP_UE_INACTIVE] = "INACTIVE",
    [LK_WLCP_UE_CONNECT_PENDING] = "CONNECT_PENDING",
    [LK_WLCP_UE_ACTIVE] = "ACTIVE",
    [LK_WLCP_UE_DISCONNECT_PENDING] = "DISCONNECT_PENDING",
    [LK_WLCP_UE_MODIFY_PENDING] = "MODIFY_PENDING",
};

const char *lk_wlcp_ue_state_name(enum lk_wlcp_ue_state state)
{
    return lk_rule_state_name(&lk_wlcp_ue_rules, state);
}

const struct lk_rule_table lk_wlcp_ue_rules = {
    .name = "wlcp-ue",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_WLCP_UE_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = INACTIVE,
    .last = INACTIVE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status apply(struct lk_wlcp_ue_work *w, enum ue_on on)
{
    unsigned from = w->c->state;
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_wlcp_ue_rules, from, on);

    if (status == LK_OK)
        status = rows[row].act(w);
    if (status == LK_OK)
        lk_rule_check(&rows[row].rule, from, w->c->state);
    return status;
}

/* ---- which connection a message is about ---- */

static struct lk_wlcp_ue_connection *by_pti(struct lk_wlcp_ue *ue, uint8_t pti)
{
    for (size_t i = 0; pti != LK_WLCP_PTI_UNASSIGNED && i < LK_WLCP_UE_CONNECTIONS; i++)
        if (ue->connection[i].pti == pti)
            return &ue->connection[i];
    return NULL;
}

static struct lk_wlcp_ue_connection *by_id(struct lk_wlcp_ue *ue, uint8_t id)
{
    for (size_t i = 0; id != 0 && i < LK_WLCP_UE_CONNECTIONS; i++)
        if (ue->connection[i].pdn_id == id)
            return &ue->connection[i];
    return NULL;
}

/* The connection that this very ACCEPT has made. */
static struct lk_wlcp_ue_connection *by_accept(struct lk_wlcp_ue *ue, uint8_t pti,
                                               struct lk_span octets)
{
    uint8_t digest[LK_WLCP_DIGEST_LEN];

    lk_wlcp_digest(digest, octets);
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        if (ue->connection[i].pdn_id != 0 && ue->connection[i].accept_pti == pti &&
            lk_span_equal(LK_SPAN(ue->connection[i].accept_digest), LK_SPAN(digest)))
            return &ue->connection[i];
    return NULL;
}

/* ---- messages ---- */

static enum lk_status broken(struct lk_wlcp_ue_work *w, const struct lk_wlcp_verdict *verdict)
{
    /* spec-not: TS 24.301 7.5.1 - a STATUS that is broken is not answered with STATUS: two ends
     * that disagree on its layout would never stop. */
    if (verdict->has_type && w->message->type == LK_WLCP_STATUS)
        return lk_wlcp_outbox_notice(w->out, LK_REASON_WLCP_MALFORMED, "status", "a broken one");
    return lk_wlcp_ue_status(w, w->message->pti, (uint8_t)verdict->cause,
                             LK_REASON_WLCP_MALFORMED);
}

/* spec: TS 24.301 7.4 - a message that does not fit the state: STATUS 98. */
static enum lk_status apply_or_status(struct lk_wlcp_ue_work *w, enum ue_on on)
{
    enum lk_status status = apply(w, on);

    if (status == LK_E_UNEXPECTED)
        return lk_wlcp_ue_status(w, w->message->pti, LK_WLCP_CAUSE_TYPE_STATE,
                                 LK_REASON_WLCP_UNEXPECTED);
    return status;
}

static enum lk_status on_accept(struct lk_wlcp_ue_work *w, const struct lk_wlcp_verdict *verdict)
{
    uint8_t pti = w->message->pti;

    /* spec: TS 24.244 6.3 - a reserved or unassigned identity in an ACCEPT: cause 81. */
    if (pti == LK_WLCP_PTI_RESERVED || pti == LK_WLCP_PTI_UNASSIGNED)
        return lk_wlcp_ue_status(w, pti, LK_WLCP_CAUSE_PTI_INVALID, LK_REASON_WLCP_PTI);
    w->c = by_pti(w->ue, pti);
    if (w->c == NULL)
        w->c = by_accept(w->ue, pti, w->event->octets);
    /* spec: TS 24.301 7.3.1 - an ACCEPT of no procedure of ours: STATUS 47. */
    if (w->c == NULL)
        return lk_wlcp_ue_status(w, pti, LK_WLCP_CAUSE_PTI_MISMATCH, LK_REASON_WLCP_PTI);
    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return broken(w, verdict);
    return apply_or_status(w, ON_ACCEPT);
}

/* spec: TS 24.301 7.3.1 - an answer whose PTI is reserved, unassigned or not in use is ignored. */
static enum lk_status on_answer(struct lk_wlcp_ue_work *w, const struct lk_wlcp_verdict *verdict,
                                enum ue_on on)
{
    w->c = by_pti(w->ue, w->message->pti);
    if (w->c == NULL)
        return LK_E_UNEXPECTED;
    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return broken(w, verdict);
    return apply_or_status(w, on);
}

static enum lk_status repeat(struct lk_wlcp_ue_work *w, const struct lk_wlcp_answer *answer)
{
    struct lk_wlcp_message m = { .type = (enum lk_wlcp_type)answer->type, .pti = answer->pti,
                                 .cause = answer->cause,
                                 .present = answer->cause != 0 ? 1u << LK_WLCP_IE_CAUSE : 0 };

    return lk_wlcp_outbox_send(w->out, w->config->table, &m);
}

static enum lk_status unknown_connection(struct lk_wlcp_ue_work *w)
{
    enum lk_status status;

    /* spec: TS 24.301 7.3.2 - a DISCONNECT REQUEST for what we have not is accepted. */
    if (w->message->type == LK_WLCP_DISCONNECT_REQUEST)
        status = lk_wlcp_ue_answer(w, LK_WLCP_DISCONNECT_ACCEPT, 0, true);
    else
        status = lk_wlcp_ue_answer(w, LK_WLCP_MODIFICATION_REJECT,
                                   LK_WLCP_CAUSE_NO_SUCH_CONNECTION, true);
    if (status != LK_OK)
        return status;
    return lk_wlcp_outbox_notice(w->out, LK_REASON_WLCP_NO_SUCH_CONNECTION, NULL,
                                 lk_wlcp_type_name(w->message->type));
}

static enum lk_status on_request(struct lk_wlcp_ue_work *w, const struct lk_wlcp_verdict *verdict,
                                 enum ue_on on)
{
    uint8_t pti = w->message->pti, digest[LK_WLCP_DIGEST_LEN];
    const struct lk_wlcp_answer *answer;

    lk_wlcp_digest(digest, w->event->octets);
    answer = lk_wlcp_answers_find(&w->ue->answers, digest, w->event->now_ms);
    /* spec: TS 24.301 7.3.1 - the repeat of a request that was answered gets the same answer; a PTI
     * that is reserved, or that a procedure of ours has, STATUS 47. */
    if (answer != NULL)
        return repeat(w, answer);
    if (pti == LK_WLCP_PTI_RESERVED || pti == LK_WLCP_PTI_UNASSIGNED || by_pti(w->ue, pti) != NULL)
        return lk_wlcp_ue_status(w, pti, LK_WLCP_CAUSE_PTI_MISMATCH, LK_REASON_WLCP_PTI);
    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return broken(w, verdict);
    w->c = by_id(w->ue, w->message->pdn_id);
    return w->c != NULL ? apply_or_status(w, on) : unknown_connection(w);
}

static enum lk_status on_status(struct lk_wlcp_ue_work *w, const struct lk_wlcp_verdict *verdict)
{
    enum lk_status status;

    if (verdict->cause != LK_WLCP_CAUSE_NONE)
        return broken(w, verdict);
    status = lk_wlcp_outbox_notice(w->out, LK_REASON_WLCP_STATUS, NULL,
                                   lk_wlcp_cause_name(w->message->cause));
    w->c = by_pti(w->ue, w->message->pti);
    if (status != LK_OK || w->c == NULL || !lk_wlcp_ends_procedure(w->message->cause))
        return status;
    return apply(w, ON_STATUS);
}

static enum lk_status on_message(struct lk_wlcp_ue_work *w)
{
    struct lk_wlcp_message message;
    struct lk_wlcp_verdict verdict;
    enum lk_status status = lk_wlcp_decode(&message, &verdict, w->config->table, LK_WLCP_UE,
                                           w->event->octets);

    if (!verdict.has_header)
        return status;
    w->message = &message;
    if (!verdict.has_type)
        return broken(w, &verdict);
    switch (message.type) {
    case LK_WLCP_CONNECTIVITY_ACCEPT: return on_accept(w, &verdict);
    case LK_WLCP_CONNECTIVITY_REJECT: return on_answer(w, &verdict, ON_REJECT);
    case LK_WLCP_DISCONNECT_REQUEST: return on_request(w, &verdict, ON_DISCONNECT_REQUEST);
    case LK_WLCP_DISCONNECT_ACCEPT: return on_answer(w, &verdict, ON_DISCONNECT_ACCEPT);
    case LK_WLCP_DISCONNECT_REJECT: return on_answer(w, &verdict, ON_DISCONNECT_REJECT);
    case LK_WLCP_MODIFICATION_REQUEST: return on_request(w, &verdict, ON_MODIFICATION_REQUEST);
    case LK_WLCP_MODIFICATION_ACCEPT: return on_answer(w, &verdict, ON_MODIFICATION_ACCEPT);
    case LK_WLCP_MODIFICATION_REJECT: return on_answer(w, &verdict, ON_MODIFICATION_REJECT);
    case LK_WLCP_STATUS: return on_status(w, &verdict);
    case LK_WLCP_CONNECTIVITY_REQUEST:
    case LK_WLCP_CONNECTIVITY_COMPLETE:
    case LK_WLCP_MODIFICATION_INDICATION:
    case LK_WLCP_TYPE_COUNT: break; /* the decoder lets none of them through to a UE */
    }
    return LK_E_UNEXPECTED;
}

/* ---- the step ---- */

static enum lk_status on_want(struct lk_wlcp_ue_work *w)
{
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        if (w->ue->connection[i].state == LK_WLCP_UE_INACTIVE) {
            w->c = &w->ue->connection[i];
            return apply(w, ON_WANT);
        }
    return LK_E_FULL;
}

static enum lk_status on_lost(struct lk_wlcp_ue_work *w)
{
    enum lk_status status = LK_OK;

    /* The TWAG of the next link counts its identities anew: what was answered here is no repeat
     * there, though it may look the same octet for octet. */
    memset(&w->ue->answers, 0, sizeof w->ue->answers);
    for (size_t i = 0; status == LK_OK && i < LK_WLCP_UE_CONNECTIONS; i++) {
        w->c = &w->ue->connection[i];
        if (w->c->state != LK_WLCP_UE_INACTIVE)
            status = apply(w, ON_LOST);
    }
    return status;
}

static enum lk_status on_connection(struct lk_wlcp_ue_work *w, enum ue_on on)
{
    if (w->event->which >= LK_WLCP_UE_CONNECTIONS)
        return LK_E_NOT_FOUND;
    w->c = &w->ue->connection[w->event->which];
    return apply(w, on);
}

static enum lk_status on_event(struct lk_wlcp_ue_work *w)
{
    switch (w->event->kind) {
    case LK_WLCP_EV_RECEIVED: return on_message(w);
    case LK_WLCP_EV_WANT: return on_want(w);
    case LK_WLCP_EV_LOST: return on_lost(w);
    case LK_WLCP_EV_EXPIRED: return on_connection(w, ON_EXPIRED);
    case LK_WLCP_EV_MOVED: return on_connection(w, ON_MOVED);
    case LK_WLCP_EV_MODIFY: return on_connection(w, ON_MODIFY);
    case LK_WLCP_EV_RELEASE: return on_connection(w, ON_RELEASE);
    case LK_WLCP_EV_BOUND:
    case LK_WLCP_EV_REFUSED:
    case LK_WLCP_EV_UNBOUND:
    case LK_WLCP_EVENT_KIND_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_wlcp_ue_step(struct lk_wlcp_ue *ue, const struct lk_wlcp_ue_config *config,
                               const struct lk_wlcp_event *event, struct lk_wlcp_outbox *out)
{
    struct lk_wlcp_ue draft = *ue;
    struct lk_wlcp_ue_work work = { .ue = &draft, .config = config, .event = event, .out = out };
    size_t count = out->count, used = out->used;
    enum lk_status status = on_event(&work);

    if (status == LK_OK)
        *ue = draft;
    else
        lk_wlcp_outbox_undo(out, count, used);
    return status;
}

void lk_wlcp_ue_defaults(struct lk_wlcp_ue_config *config)
{
    *config = (struct lk_wlcp_ue_config){ .table = &lk_wlcp_table, .t_connect_ms = 8000,
                                          .t_disconnect_ms = 6000, .t_modify_ms = 8000,
                                          .tries = 5 };
}

void lk_wlcp_ue_init(struct lk_wlcp_ue *ue)
{
    memset(ue, 0, sizeof *ue);
}

const struct lk_wlcp_ue_connection *lk_wlcp_ue_find(const struct lk_wlcp_ue *ue, uint32_t ref)
{
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        if (ue->connection[i].state != LK_WLCP_UE_INACTIVE && ue->connection[i].ref == ref)
            return &ue->connection[i];
    return NULL;
}
