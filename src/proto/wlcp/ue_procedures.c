/* What the UE does in each procedure of TS 24.244 clause 5. */
#include <stdio.h>
#include <string.h>

#include "proto/wlcp/ue_parts.h"

static uint32_t number_of(const struct lk_wlcp_ue_work *w)
{
    return (uint32_t)(w->c - w->ue->connection);
}

static struct lk_wlcp_output *add(struct lk_wlcp_ue_work *w, enum lk_wlcp_output_kind kind)
{
    struct lk_wlcp_output *item = lk_wlcp_outbox_add(w->out, kind);

    if (item != NULL) {
        item->which = number_of(w);
        item->ref = w->c->ref;
    }
    return item;
}

/* ---- a request that is sent until it is answered ---- */

static bool pti_in_use(const struct lk_wlcp_ue *ue, uint8_t pti)
{
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        if (ue->connection[i].pti == pti)
            return true;
    return false;
}

/* spec: TS 24.244 5.1.3 - who begins a procedure chooses its identity. */
static uint8_t new_pti(struct lk_wlcp_ue *ue)
{
    do {
        ue->last_pti = ue->last_pti >= LK_WLCP_UE_PTI_LAST ? LK_WLCP_UE_PTI_FIRST
                                                           : (uint8_t)(ue->last_pti + 1);
    } while (pti_in_use(ue, ue->last_pti));
    return ue->last_pti;
}

static uint32_t interval_ms(const struct lk_wlcp_ue_work *w)
{
    switch (w->c->state) {
    case LK_WLCP_UE_CONNECT_PENDING: return w->config->t_connect_ms;
    case LK_WLCP_UE_DISCONNECT_PENDING: return w->config->t_disconnect_ms;
    case LK_WLCP_UE_INACTIVE:
    case LK_WLCP_UE_ACTIVE:
    case LK_WLCP_UE_MODIFY_PENDING:
    case LK_WLCP_UE_STATE_COUNT: break;
    }
    return w->config->t_modify_ms;
}

/* spec: TS 24.244 5.1.1 - a request is repeated as long as a timer says. */
static enum lk_status send_request(struct lk_wlcp_ue_work *w)
{
    enum lk_status status =
        lk_wlcp_outbox_repeat(w->out, lk_span_of(w->c->request, w->c->request_len));

    if (status != LK_OK)
        return status;
    w->c->deadline_ms = w->event->now_ms + interval_ms(w);
    return lk_wlcp_outbox_timer(w->out, number_of(w), w->c->deadline_ms);
}

static enum lk_status begin(struct lk_wlcp_ue_work *w, struct lk_wlcp_message *m,
                            enum lk_wlcp_ue_state state)
{
    struct lk_writer to = lk_writer_of(w->c->request, sizeof w->c->request);
    enum lk_status status;

    w->c->pti = new_pti(w->ue);
    w->c->expiries = 0;
    w->c->state = state;
    m->pti = w->c->pti;
    if (m->pco.len > 0)
        m->present |= 1u << LK_WLCP_IE_PCO;
    status = lk_wlcp_encode(&to, w->config->table, m);
    w->c->request_len = (uint16_t)to.len;
    return status == LK_OK ? send_request(w) : status;
}

/* The procedure is over; the connection is as it says. */
static void settle(struct lk_wlcp_ue_work *w, enum lk_wlcp_ue_state state)
{
    w->c->state = state;
    w->c->pti = LK_WLCP_PTI_UNASSIGNED;
    w->c->deadline_ms = 0;
    w->c->request_len = 0;
}

static enum lk_status down(struct lk_wlcp_ue_work *w, uint8_t cause, enum lk_reason reason,
                           uint64_t until_ms)
{
    struct lk_wlcp_output *item = add(w, LK_WLCP_OUT_DOWN);

    if (item == NULL)
        return LK_E_FULL;
    item->down.cause = cause;
    item->down.reason = reason;
    item->down.until_ms = until_ms;
    memset(w->c, 0, sizeof *w->c); /* INACTIVE */
    return LK_OK;
}

/* ---- back-off ---- */

static uint64_t back_off_until(const struct lk_wlcp_ue *ue, const struct lk_wlcp_apn *apn,
                               uint64_t now_ms)
{
    for (size_t i = 0; i < LK_WLCP_UE_BACK_OFFS; i++)
        if (ue->back_off[i].until_ms > now_ms && lk_wlcp_apn_equal(&ue->back_off[i].apn, apn))
            return ue->back_off[i].until_ms;
    return 0;
}

/* spec: TS 24.244 5.1.6 - Tw1 holds requests for that APN back. When all places are taken, the one
 * that ends first makes room. */
static uint64_t back_off(struct lk_wlcp_ue_work *w)
{
    uint64_t ms = LK_WLCP_HAS(w->message, LK_WLCP_IE_TW1) ? lk_gprs_timer3_ms(w->message->tw1) : 0;
    size_t place = 0;

    if (ms == 0)
        return 0;
    for (size_t i = 0; i < LK_WLCP_UE_BACK_OFFS; i++) {
        if (lk_wlcp_apn_equal(&w->ue->back_off[i].apn, &w->c->asked)) {
            place = i;
            break;
        }
        if (w->ue->back_off[i].until_ms < w->ue->back_off[place].until_ms)
            place = i;
    }
    w->ue->back_off[place].apn = w->c->asked;
    w->ue->back_off[place].until_ms = ms == UINT64_MAX ? UINT64_MAX : w->event->now_ms + ms;
    return w->ue->back_off[place].until_ms;
}

/* ---- establishment ---- */

/* spec: TS 24.244 5.2.1 - the first and each further connection is asked for alike. */
enum lk_status lk_wlcp_ue_ask(struct lk_wlcp_ue_work *w)
{
    const struct lk_wlcp_event *event = w->event;
    struct lk_wlcp_message m = { .type = LK_WLCP_CONNECTIVITY_REQUEST,
                                 .present = 1u << LK_WLCP_IE_REQUEST_TYPE |
                                            1u << LK_WLCP_IE_PDN_TYPE };
    uint64_t until_ms = back_off_until(w->ue, &event->want.apn, event->now_ms);

    w->c->ref = event->want.ref;
    if (until_ms != 0 && event->want.request_type != LK_WLCP_EMERGENCY)
        return down(w, LK_WLCP_CAUSE_RESOURCES, LK_REASON_WLCP_BACK_OFF, until_ms);
    w->c->asked = event->want.apn;
    w->c->request_type = m.request_type = event->want.request_type;
    w->c->pdn_type = m.pdn_type = event->want.pdn_type;
    m.apn = lk_span_of(w->c->asked.labels, w->c->asked.len);
    m.pco = event->pco;
    if (m.apn.len > 0)
        m.present |= 1u << LK_WLCP_IE_APN;
    return begin(w, &m, LK_WLCP_UE_CONNECT_PENDING);
}

/* It has no identity yet by which it could be disconnected: it will be as soon as it has. */
enum lk_status lk_wlcp_ue_take_back(struct lk_wlcp_ue_work *w)
{
    w->c->unwanted = true;
    return LK_OK;
}

/* Whether an ACCEPT answers what was asked. */
static const char *what_does_not_fit(const struct lk_wlcp_ue_work *w,
                                     const struct lk_wlcp_apn *apn)
{
    if (w->c->asked.len > 0 && !lk_wlcp_apn_is_of(apn, &w->c->asked) &&
        !lk_wlcp_apn_is_of(&w->c->asked, apn))
        return "another APN";
    if ((w->message->address.pdn_type & ~(unsigned)w->c->pdn_type) != 0)
        return "another PDN type";
    return w->message->pdn_id == 0 ? "no identity" : NULL;
}

/* A network that gives an identity, or a connection to an APN, for the second time has lost the
 * first: there is one of each. What the UE believed to have is over. */
static enum lk_status end_older(struct lk_wlcp_ue_work *w)
{
    struct lk_wlcp_ue_connection *newer = w->c;
    enum lk_status status = LK_OK;

    for (size_t i = 0; status == LK_OK && i < LK_WLCP_UE_CONNECTIONS; i++) {
        w->c = &w->ue->connection[i];
        if (w->c != newer && w->c->pdn_id != 0 &&
            (w->c->pdn_id == w->message->pdn_id || lk_wlcp_apn_equal(&w->c->apn, &newer->apn)))
            status = lk_wlcp_ue_lost(w);
    }
    w->c = newer;
    return status;
}

enum lk_status lk_wlcp_ue_complete(struct lk_wlcp_ue_work *w)
{
    const struct lk_wlcp_message *m = w->message;
    struct lk_wlcp_output *item;
    const char *wrong;
    enum lk_status status = lk_wlcp_apn_decode(&w->c->apn, m->apn);

    LK_ASSERT(status == LK_OK); /* the decoder has judged it */
    wrong = what_does_not_fit(w, &w->c->apn);
    if (wrong != NULL)
        /* spec: TS 24.301 7.8 - a message whose contents make no sense: STATUS 95. */
        return lk_wlcp_ue_status(w, m->pti, LK_WLCP_CAUSE_SEMANTIC, LK_REASON_WLCP_SEMANTIC);
    status = end_older(w);
    if (status != LK_OK)
        return status;
    w->c->accept_pti = m->pti;
    lk_wlcp_digest(w->c->accept_digest, w->event->octets);
    w->c->pdn_id = m->pdn_id;
    w->c->cause = m->cause;
    memcpy(w->c->user_plane, m->user_plane, sizeof w->c->user_plane);
    w->c->address = m->address;
    settle(w, LK_WLCP_UE_ACTIVE);
    status = lk_wlcp_ue_answer(w, LK_WLCP_CONNECTIVITY_COMPLETE, 0, false);
    if (status != LK_OK)
        return status;
    if (w->c->unwanted)
        return lk_wlcp_ue_disconnect(w);
    item = add(w, LK_WLCP_OUT_UP);
    if (item == NULL)
        return LK_E_FULL;
    item->pco = m->pco;
    return LK_OK;
}

/* spec: TS 24.301 7.3.1 - an ACCEPT that was taken before: its COMPLETE was lost. */
enum lk_status lk_wlcp_ue_complete_again(struct lk_wlcp_ue_work *w)
{
    return lk_wlcp_ue_answer(w, LK_WLCP_CONNECTIVITY_COMPLETE, 0, false);
}

enum lk_status lk_wlcp_ue_rejected(struct lk_wlcp_ue_work *w)
{
    uint64_t until_ms = back_off(w);

    return down(w, lk_wlcp_cause_taken(w->message->cause, LK_WLCP_UE), LK_REASON_WLCP_REJECTED,
                until_ms);
}

/* ---- disconnection ---- */

/* spec: TS 24.244 5.4 - disconnection that the UE asks for. */
enum lk_status lk_wlcp_ue_disconnect(struct lk_wlcp_ue_work *w)
{
    struct lk_wlcp_message m = { .type = LK_WLCP_DISCONNECT_REQUEST, .pdn_id = w->c->pdn_id,
                                 .present = 1u << LK_WLCP_IE_PDN_ID };

    return begin(w, &m, LK_WLCP_UE_DISCONNECT_PENDING);
}

enum lk_status lk_wlcp_ue_disconnected(struct lk_wlcp_ue_work *w)
{
    return down(w, LK_WLCP_CAUSE_REGULAR, LK_REASON_NONE, 0);
}

/* A connection that is not there cannot be disconnected, and is over; any other goes on. */
enum lk_status lk_wlcp_ue_not_disconnected(struct lk_wlcp_ue_work *w)
{
    if (w->message->cause == LK_WLCP_CAUSE_NO_SUCH_CONNECTION)
        return down(w, w->message->cause, LK_REASON_NONE, 0);
    settle(w, LK_WLCP_UE_ACTIVE);
    return lk_wlcp_outbox_notice(w->out, LK_REASON_WLCP_REJECTED, "disconnect-accept",
                                 lk_wlcp_cause_name(w->message->cause));
}

/* spec: TS 24.244 5.3 - disconnection that the TWAG asks for. When ours is on its way as well, each
 * end accepts the other's. */
enum lk_status lk_wlcp_ue_let_go(struct lk_wlcp_ue_work *w)
{
    bool wanted = w->c->state == LK_WLCP_UE_DISCONNECT_PENDING;
    enum lk_status status = lk_wlcp_ue_answer(w, LK_WLCP_DISCONNECT_ACCEPT, 0, true);

    if (status != LK_OK)
        return status;
    return down(w, lk_wlcp_cause_taken(w->message->cause, LK_WLCP_UE),
                wanted ? LK_REASON_NONE : LK_REASON_WLCP_DISCONNECTED, 0);
}

/* ---- modification ---- */

/* spec: TS 24.244 5.7 - modification that the UE begins. */
enum lk_status lk_wlcp_ue_modify(struct lk_wlcp_ue_work *w)
{
    struct lk_wlcp_message m = { .type = LK_WLCP_MODIFICATION_INDICATION, .pdn_id = w->c->pdn_id,
                                 .present = 1u << LK_WLCP_IE_PDN_ID, .pco = w->event->pco };

    return begin(w, &m, LK_WLCP_UE_MODIFY_PENDING);
}

static enum lk_status tell_modified(struct lk_wlcp_ue_work *w, uint8_t cause,
                                    enum lk_reason reason, struct lk_span pco)
{
    struct lk_wlcp_output *item = add(w, LK_WLCP_OUT_MODIFIED);

    if (item == NULL)
        return LK_E_FULL;
    item->modified.cause = cause;
    item->modified.reason = reason;
    item->pco = pco;
    return LK_OK;
}

enum lk_status lk_wlcp_ue_modified(struct lk_wlcp_ue_work *w)
{
    settle(w, LK_WLCP_UE_ACTIVE);
    return tell_modified(w, 0, LK_REASON_NONE, w->message->pco);
}

enum lk_status lk_wlcp_ue_not_modified(struct lk_wlcp_ue_work *w)
{
    uint8_t cause = lk_wlcp_cause_taken(w->message->cause, LK_WLCP_UE);

    if (cause == LK_WLCP_CAUSE_NO_SUCH_CONNECTION)
        return down(w, cause, LK_REASON_WLCP_REJECTED, 0);
    settle(w, LK_WLCP_UE_ACTIVE);
    return tell_modified(w, cause, LK_REASON_WLCP_REJECTED, w->message->pco);
}

/* spec: TS 24.244 5.6 - modification that the TWAG begins. When ours is on its way as well, the
 * TWAG refuses ours (56) and we take the TWAG's. */
enum lk_status lk_wlcp_ue_accept_modification(struct lk_wlcp_ue_work *w)
{
    enum lk_status status = lk_wlcp_ue_answer(w, LK_WLCP_MODIFICATION_ACCEPT, 0, true);

    return status == LK_OK ? tell_modified(w, 0, LK_REASON_NONE, w->message->pco) : status;
}

enum lk_status lk_wlcp_ue_refuse_modification(struct lk_wlcp_ue_work *w)
{
    return lk_wlcp_ue_answer(w, LK_WLCP_MODIFICATION_REJECT, LK_WLCP_CAUSE_MESSAGE_STATE, true);
}

/* ---- what ends any of them ---- */

static enum lk_status give_up(struct lk_wlcp_ue_work *w, uint8_t cause, enum lk_reason reason)
{
    if (w->c->state != LK_WLCP_UE_MODIFY_PENDING)
        return down(w, cause, reason, 0);
    settle(w, LK_WLCP_UE_ACTIVE);
    return tell_modified(w, cause, reason, lk_span_of(NULL, 0));
}

/* spec: TS 24.301 10.3 - repeat on expiries one to four, give up on the fifth. */
enum lk_status lk_wlcp_ue_again(struct lk_wlcp_ue_work *w)
{
    if (w->event->now_ms < w->c->deadline_ms)
        return LK_E_UNEXPECTED;
    if (++w->c->expiries >= w->config->tries)
        return give_up(w, LK_WLCP_CAUSE_NONE, LK_REASON_WLCP_NO_ANSWER);
    return send_request(w);
}

/* spec: TS 24.244 5.5 - STATUS that says that the other end knows no such procedure ends it. */
enum lk_status lk_wlcp_ue_stopped(struct lk_wlcp_ue_work *w)
{
    return give_up(w, w->message->cause, LK_REASON_WLCP_STATUS);
}

/* spec: TS 24.244 4.1 - no channel, no connection: all end here, without a word. */
enum lk_status lk_wlcp_ue_lost(struct lk_wlcp_ue_work *w)
{
    return down(w, LK_WLCP_CAUSE_NONE, LK_REASON_WLCP_LOST, 0);
}

/* spec: TS 24.244 5.9 - it is used over 3GPP access now: it ends here, without a word. */
enum lk_status lk_wlcp_ue_moved(struct lk_wlcp_ue_work *w)
{
    return down(w, LK_WLCP_CAUSE_NONE, LK_REASON_NONE, 0);
}

/* ---- answers ---- */

enum lk_status lk_wlcp_ue_answer(struct lk_wlcp_ue_work *w, enum lk_wlcp_type type, uint8_t cause,
                                 bool keep)
{
    struct lk_wlcp_message m = { .type = type, .pti = w->message->pti, .cause = cause,
                                 .present = cause != 0 ? 1u << LK_WLCP_IE_CAUSE : 0 };
    struct lk_wlcp_answer answer = { .type = (uint8_t)type, .pti = m.pti, .cause = cause };

    if (keep) {
        /* As long as the other end may repeat its request. */
        answer.until_ms = w->event->now_ms + (uint64_t)w->config->tries * w->config->t_connect_ms;
        lk_wlcp_digest(answer.digest, w->event->octets);
        lk_wlcp_answers_keep(&w->ue->answers, &answer);
    }
    return lk_wlcp_outbox_send(w->out, w->config->table, &m);
}

enum lk_status lk_wlcp_ue_status(struct lk_wlcp_ue_work *w, uint8_t pti, uint8_t cause,
                                 enum lk_reason reason)
{
    struct lk_wlcp_message m = { .type = LK_WLCP_STATUS, .pti = pti, .cause = cause,
                                 .present = 1u << LK_WLCP_IE_CAUSE };
    enum lk_status status = lk_wlcp_outbox_send(w->out, w->config->table, &m);
    char came[LK_REFUSAL_TEXT];

    if (status != LK_OK)
        return status;
    (void)snprintf(came, sizeof came, "%s, PTI %u",
                   lk_wlcp_type_name(w->message->type), pti);
    return lk_wlcp_outbox_notice(w->out, reason, lk_wlcp_cause_name(cause), came);
}
