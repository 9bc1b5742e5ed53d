/* What the TWAG does in each procedure of TS 24.244 clause 5. */
#include <stdio.h>
#include <string.h>

#include "proto/wlcp/twag_parts.h"

static struct lk_wlcp_output *add(struct lk_wlcp_twag_work *w, enum lk_wlcp_output_kind kind)
{
    struct lk_wlcp_output *item = lk_wlcp_outbox_add(w->out, kind);

    if (item != NULL)
        item->which = w->row;
    return item;
}

enum lk_status lk_wlcp_twag_notice(struct lk_wlcp_twag_work *w, enum lk_reason reason,
                                   uint8_t cause)
{
    char came[LK_REFUSAL_TEXT];

    if (w->message != NULL)
        (void)snprintf(came, sizeof came, "%s, PTI %u", lk_wlcp_type_name(w->message->type),
                       w->message->pti);
    return lk_wlcp_outbox_notice(w->out, reason, cause != 0 ? lk_wlcp_cause_name(cause) : NULL,
                                 w->message != NULL ? came : NULL);
}

/* ---- messages, made of the row each time ---- */

/* The DNS servers of the configuration, for who asked for them. Nothing when there is none. */
static struct lk_span dns_options(const struct lk_wlcp_twag_config *config, uint8_t dns,
                                  uint8_t *room, size_t cap)
{
    static const uint8_t none[16];
    struct lk_writer w = lk_writer_of(room, cap);

    lk_pco_begin(&w);
    if ((dns & LK_WLCP_IPV6) != 0 && !lk_span_equal(LK_SPAN(config->dns_ipv6), LK_SPAN(none)))
        lk_pco_put(&w, LK_PCO_DNS_IPV6, LK_SPAN(config->dns_ipv6));
    if ((dns & LK_WLCP_IPV4) != 0 &&
        !lk_span_equal(LK_SPAN(config->dns_ipv4), lk_span_of(none, sizeof config->dns_ipv4)))
        lk_pco_put(&w, LK_PCO_DNS_IPV4, LK_SPAN(config->dns_ipv4));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return w.len > 1 ? lk_writer_span(&w) : lk_span_of(NULL, 0);
}

static enum lk_status send(struct lk_wlcp_twag_work *w, struct lk_wlcp_message *m, uint8_t dns)
{
    uint8_t room[32];

    m->pco = dns_options(w->config, dns, room, sizeof room);
    if (m->pco.len > 0)
        m->present |= 1u << LK_WLCP_IE_PCO;
    return lk_wlcp_outbox_send(w->out, w->config->table, m);
}

/* Which DNS servers a message asks for. */
static uint8_t dns_asked(const struct lk_wlcp_message *m)
{
    struct lk_span contents;
    uint8_t dns = 0;

    if (LK_WLCP_HAS(m, LK_WLCP_IE_PCO)) {
        if (lk_pco_find(m->pco, LK_PCO_DNS_IPV4, &contents))
            dns |= LK_WLCP_IPV4;
        if (lk_pco_find(m->pco, LK_PCO_DNS_IPV6, &contents))
            dns |= LK_WLCP_IPV6;
    }
    return dns;
}

static enum lk_status send_accept(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_message m = {
        .type = LK_WLCP_CONNECTIVITY_ACCEPT, .pti = w->pdn.made_pti, .pdn_id = w->pdn.id,
        .cause = w->pdn.cause, .address = w->pdn.address,
        .apn = lk_span_of(w->pdn.apn.labels, w->pdn.apn.len),
        .present = 1u << LK_WLCP_IE_APN | 1u << LK_WLCP_IE_PDN_ADDRESS | 1u << LK_WLCP_IE_PDN_ID |
                   1u << LK_WLCP_IE_USER_PLANE,
    };

    lk_wlcp_twag_user_plane(m.user_plane, w->pool, w->row, w->pdn.epoch);
    if (m.cause != LK_WLCP_CAUSE_NONE)
        m.present |= 1u << LK_WLCP_IE_CAUSE;
    return send(w, &m, w->pdn.dns);
}

static enum lk_status send_disconnect(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_message m = { .type = LK_WLCP_DISCONNECT_REQUEST, .pti = w->pdn.pti,
                                 .pdn_id = w->pdn.id, .cause = w->pdn.cause,
                                 .present = 1u << LK_WLCP_IE_PDN_ID | 1u << LK_WLCP_IE_CAUSE };

    return send(w, &m, 0);
}

static enum lk_status send_modification(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_message m = { .type = LK_WLCP_MODIFICATION_REQUEST, .pti = w->pdn.pti,
                                 .pdn_id = w->pdn.id, .present = 1u << LK_WLCP_IE_PDN_ID };

    return send(w, &m, LK_WLCP_IPV4V6);
}

static enum lk_status send_answer(struct lk_wlcp_twag_work *w,
                                  const struct lk_wlcp_answer *answer)
{
    struct lk_wlcp_message m = { .type = (enum lk_wlcp_type)answer->type, .pti = answer->pti,
                                 .cause = answer->cause, .tw1 = answer->tw1 };

    if (m.cause != 0)
        m.present |= 1u << LK_WLCP_IE_CAUSE;
    if (m.tw1 != 0)
        m.present |= 1u << LK_WLCP_IE_TW1;
    return send(w, &m, answer->pco);
}

enum lk_status lk_wlcp_twag_repeat(struct lk_wlcp_twag_work *w,
                                   const struct lk_wlcp_answer *answer)
{
    return send_answer(w, answer);
}

/* As long as the UE may repeat a request that has come now. */
static uint64_t repeats_until(const struct lk_wlcp_twag_work *w)
{
    return w->event->now_ms + (uint64_t)w->config->tries * w->config->t_complete_ms;
}

enum lk_status lk_wlcp_twag_reply(struct lk_wlcp_twag_work *w, const struct lk_wlcp_reply *reply)
{
    struct lk_wlcp_answer answer = { .type = (uint8_t)reply->type, .pti = w->message->pti,
                                     .cause = reply->cause, .tw1 = reply->tw1,
                                     .pco = reply->dns };

    if (reply->keep) {
        answer.until_ms = repeats_until(w);
        memcpy(answer.digest, w->digest, sizeof answer.digest);
        lk_wlcp_answers_keep(&w->ue->answers, &answer);
    }
    return send_answer(w, &answer);
}

/* ---- ends and timers ---- */

static enum lk_status arm(struct lk_wlcp_twag_work *w, uint32_t interval_ms)
{
    w->pdn.deadline_ms = interval_ms == 0 ? 0 : w->event->now_ms + interval_ms;
    return lk_wlcp_outbox_timer(w->out, w->row,
                                interval_ms == 0 ? UINT64_MAX : w->pdn.deadline_ms);
}

static enum lk_status unbind(struct lk_wlcp_twag_work *w)
{
    if (!w->pdn.bound)
        return LK_OK;
    w->pdn.bound = false;
    return add(w, LK_WLCP_OUT_UNBIND) != NULL ? LK_OK : LK_E_FULL;
}

static enum lk_status down(struct lk_wlcp_twag_work *w, uint8_t cause, enum lk_reason reason)
{
    enum lk_status status = unbind(w);
    struct lk_wlcp_output *item;

    if (status == LK_OK)
        status = arm(w, 0);
    item = status == LK_OK ? add(w, LK_WLCP_OUT_DOWN) : NULL;
    if (item == NULL)
        return LK_E_FULL;
    item->down.cause = cause;
    item->down.reason = reason;
    w->pdn.state = LK_WLCP_TWAG_INACTIVE;
    w->pdn.pti = LK_WLCP_PTI_UNASSIGNED;
    return LK_OK;
}

static enum lk_status settle(struct lk_wlcp_twag_work *w)
{
    w->pdn.state = LK_WLCP_TWAG_ACTIVE;
    w->pdn.pti = LK_WLCP_PTI_UNASSIGNED;
    w->pdn.expiries = 0;
    return arm(w, 0);
}

/* spec: TS 24.244 5.1.3 - who begins a procedure chooses its identity. */
static uint8_t new_pti(struct lk_wlcp_twag_work *w)
{
    for (;;) {
        bool taken = false;

        w->ue->last_pti = w->ue->last_pti < LK_WLCP_TWAG_PTI_FIRST ||
                                  w->ue->last_pti >= LK_WLCP_TWAG_PTI_LAST
                              ? LK_WLCP_TWAG_PTI_FIRST
                              : (uint8_t)(w->ue->last_pti + 1);
        for (size_t i = 0; i < w->ue->count; i++)
            taken = taken || w->pool->row[w->ue->row[i]].pti == w->ue->last_pti;
        if (!taken)
            return w->ue->last_pti;
    }
}

/* ---- establishment ---- */

static enum lk_status reject(struct lk_wlcp_twag_work *w, uint8_t cause, uint64_t back_off_ms,
                             enum lk_reason reason)
{
    struct lk_wlcp_reply reply = { .type = LK_WLCP_CONNECTIVITY_REJECT, .cause = cause,
                                   .keep = true,
                                   .tw1 = back_off_ms > 0 ? lk_gprs_timer3_of(back_off_ms) : 0 };
    enum lk_status status = lk_wlcp_twag_reply(w, &reply);

    return status == LK_OK ? lk_wlcp_twag_notice(w, reason, cause) : status;
}

/* The same for a request that has waited: what is answered is in the row. */
static enum lk_status reject_row(struct lk_wlcp_twag_work *w, uint8_t cause, uint64_t back_off_ms,
                                 enum lk_reason reason)
{
    struct lk_wlcp_message asked = { .type = LK_WLCP_CONNECTIVITY_REQUEST,
                                     .pti = w->pdn.made_pti };
    enum lk_status status;

    w->message = &asked;
    memcpy(w->digest, w->pdn.digest, sizeof w->digest);
    status = reject(w, cause, back_off_ms, reason);
    w->message = NULL;
    return status == LK_OK ? down(w, cause, reason) : status;
}

static const struct lk_wlcp_twag_apn *find_apn(const struct lk_wlcp_twag_config *config,
                                               const struct lk_wlcp_message *m)
{
    struct lk_wlcp_apn asked;

    if (!LK_WLCP_HAS(m, LK_WLCP_IE_APN))
        return config->apns > 0 ? &config->apn[0] : NULL;
    if (lk_wlcp_apn_decode(&asked, m->apn) != LK_OK)
        return NULL;
    for (size_t i = 0; i < config->apns; i++)
        if (lk_wlcp_apn_is_of(&asked, &config->apn[i].name))
            return &config->apn[i];
    return NULL;
}

/* Takes the request into the row and asks the anchor. */
static enum lk_status bind(struct lk_wlcp_twag_work *w, const struct lk_wlcp_twag_apn *apn)
{
    const struct lk_wlcp_message *m = w->message;

    w->pdn.state = LK_WLCP_TWAG_BIND_PENDING;
    w->pdn.pti = w->pdn.made_pti = m->pti;
    w->pdn.id = lk_wlcp_twag_pool_id(w);
    w->pdn.asked = m->pdn_type & apn->pdn_types;
    w->pdn.cause = LK_WLCP_CAUSE_NONE;
    if (w->pdn.asked != m->pdn_type)
        w->pdn.cause = w->pdn.asked == LK_WLCP_IPV4 ? LK_WLCP_CAUSE_IPV4_ONLY
                                                    : LK_WLCP_CAUSE_IPV6_ONLY;
    w->pdn.expiries = 0;
    w->pdn.dns = dns_asked(m);
    w->pdn.handover = m->request_type == LK_WLCP_HANDOVER;
    w->pdn.bound = true;
    w->pdn.epoch++;
    w->pdn.channel = w->event->channel;
    w->pdn.repeat_ms = repeats_until(w) + w->config->t_bind_ms;
    memcpy(w->pdn.digest, w->digest, sizeof w->pdn.digest);
    w->pdn.apn = apn->name;
    if (add(w, LK_WLCP_OUT_BIND) == NULL)
        return LK_E_FULL;
    return arm(w, w->config->t_bind_ms);
}

/* What a request must be whatever the UE has: NONE when it may be bound. */
static uint8_t judge_request(const struct lk_wlcp_twag_work *w,
                             const struct lk_wlcp_twag_apn *apn, enum lk_reason *reason)
{
    const struct lk_wlcp_message *m = w->message;

    if (w->ue->denied)
        return *reason = LK_REASON_WLCP_SESSION_UNKNOWN, LK_WLCP_CAUSE_AUTHENTICATION;
    if (m->request_type == LK_WLCP_EMERGENCY)
        return *reason = LK_REASON_WLCP_NOT_SUPPORTED, LK_WLCP_CAUSE_NOT_SUPPORTED;
    if (apn == NULL)
        return *reason = LK_REASON_WLCP_APN_UNKNOWN, LK_WLCP_CAUSE_APN_UNKNOWN;
    *reason = LK_REASON_WLCP_PDN_TYPE;
    if (m->pdn_type < LK_WLCP_IPV4 || m->pdn_type > LK_WLCP_IPV4V6)
        return LK_WLCP_CAUSE_PDN_TYPE_UNKNOWN;
    if ((m->pdn_type & apn->pdn_types) == 0)
        return apn->pdn_types == LK_WLCP_IPV4 ? LK_WLCP_CAUSE_IPV4_ONLY : LK_WLCP_CAUSE_IPV6_ONLY;
    return LK_WLCP_CAUSE_NONE;
}

/* T01: no more connections than the quota, and none for an APN that is congested.
 * spec: TS 24.244 5.1.6 - a REJECT may say how long to wait before that APN is asked for again. */
enum lk_status lk_wlcp_twag_judge(struct lk_wlcp_twag_work *w)
{
    const struct lk_wlcp_twag_apn *apn = find_apn(w->config, w->message);
    enum lk_reason reason = LK_REASON_NONE;
    uint8_t cause = judge_request(w, apn, &reason);

    if (cause != LK_WLCP_CAUSE_NONE)
        return reject(w, cause, 0, reason);
    if (apn->congested)
        return reject(w, LK_WLCP_CAUSE_RESOURCES, w->config->back_off_ms,
                      LK_REASON_WLCP_CONGESTED);
    if (w->ue->count >= w->config->connections || w->ue->count >= LK_WLCP_TWAG_CONNECTIONS ||
        w->row == LK_WLCP_NO_ROW)
        return reject(w, LK_WLCP_CAUSE_RESOURCES, 0, LK_REASON_WLCP_QUOTA);
    return bind(w, apn);
}

/* One connection for an APN: a second request is rejected, also while the first one is under way or
 * ends, since two applications of one device may ask at once. A UE that asks over a newer channel
 * may have forgotten the connection, or may have carried it over with a new key. It is asked, by a
 * modification: if it says that it has no such connection, the next request finds none. A question
 * that went over a channel before that one is lost with it, and is asked anew. A connection that is
 * not up yet, or no more, it gets anew, in the same row: the binding is refreshed, not ended. */
enum lk_status lk_wlcp_twag_one_only(struct lk_wlcp_twag_work *w)
{
    const struct lk_wlcp_twag_apn *apn = find_apn(w->config, w->message);
    enum lk_reason reason = LK_REASON_NONE;
    uint8_t cause = judge_request(w, apn, &reason);
    enum lk_status status;
    bool up;

    if (cause != LK_WLCP_CAUSE_NONE)
        return reject(w, cause, 0, reason);
    up = w->pdn.state == LK_WLCP_TWAG_ACTIVE || w->pdn.state == LK_WLCP_TWAG_MODIFY_PENDING;
    if (w->event->channel != w->pdn.channel && !up)
        return bind(w, apn);
    status = reject(w, LK_WLCP_CAUSE_ONE_PER_APN, 0, LK_REASON_WLCP_ONE_PER_APN);
    if (status != LK_OK || w->event->channel == w->pdn.channel ||
        (w->pdn.state == LK_WLCP_TWAG_MODIFY_PENDING && w->event->channel == w->pdn.asked_on))
        return status;
    return lk_wlcp_twag_modify(w);
}

/* The answer is on its way. */
enum lk_status lk_wlcp_twag_wait(struct lk_wlcp_twag_work *w)
{
    return LK_OK;
}

enum lk_status lk_wlcp_twag_accept(struct lk_wlcp_twag_work *w)
{
    uint8_t granted = w->event->address.pdn_type & w->pdn.asked;
    enum lk_status status;

    if (granted == 0)
        return reject_row(w, LK_WLCP_CAUSE_REJECTED_BY_ANCHOR, 0, LK_REASON_WLCP_ANCHOR_REFUSED);
    if (w->pdn.asked == LK_WLCP_IPV4V6 && granted != LK_WLCP_IPV4V6)
        w->pdn.cause = granted == LK_WLCP_IPV4 ? LK_WLCP_CAUSE_IPV4_ONLY
                                               : LK_WLCP_CAUSE_IPV6_ONLY;
    w->pdn.address = w->event->address;
    w->pdn.address.pdn_type = granted;
    w->pdn.state = LK_WLCP_TWAG_CONNECT_PENDING;
    status = send_accept(w);
    return status == LK_OK ? arm(w, w->config->t_complete_ms) : status;
}

/* spec: TS 24.244 5.2 - the repeat of a request gets the ACCEPT that it had. */
enum lk_status lk_wlcp_twag_accept_again(struct lk_wlcp_twag_work *w)
{
    return send_accept(w);
}

enum lk_status lk_wlcp_twag_refused(struct lk_wlcp_twag_work *w)
{
    uint8_t cause = w->event->cause != 0 ? w->event->cause : LK_WLCP_CAUSE_REJECTED_BY_ANCHOR;

    w->pdn.bound = false;
    return reject_row(w, cause, w->event->back_off_ms, LK_REASON_WLCP_ANCHOR_REFUSED);
}

enum lk_status lk_wlcp_twag_no_binding(struct lk_wlcp_twag_work *w)
{
    if (w->event->now_ms < w->pdn.deadline_ms)
        return LK_E_UNEXPECTED;
    return reject_row(w, LK_WLCP_CAUSE_NETWORK_FAILURE, 0, LK_REASON_WLCP_ANCHOR_SILENT);
}

enum lk_status lk_wlcp_twag_turn_down(struct lk_wlcp_twag_work *w)
{
    return reject_row(w, w->event->cause != 0 ? w->event->cause : LK_WLCP_CAUSE_REJECTED, 0,
                      LK_REASON_WLCP_SESSION_UNKNOWN);
}

/* spec: TS 24.244 5.2 - on COMPLETE the connection is active. */
enum lk_status lk_wlcp_twag_completed(struct lk_wlcp_twag_work *w)
{
    enum lk_status status = settle(w);

    if (status != LK_OK)
        return status;
    return add(w, LK_WLCP_OUT_UP) != NULL ? LK_OK : LK_E_FULL;
}

/* spec: TS 24.244 5.5 - STATUS that says that the UE knows no such procedure ends it. */
enum lk_status lk_wlcp_twag_given_up(struct lk_wlcp_twag_work *w)
{
    return down(w, w->message->cause, LK_REASON_WLCP_STATUS);
}

/* ---- disconnection ---- */

/* spec: TS 24.244 5.3 - disconnection that the TWAG asks for. The binding ends at once.
 * spec: TS 24.244 5.1.5 - so does a failed re-authentication. */
enum lk_status lk_wlcp_twag_release(struct lk_wlcp_twag_work *w)
{
    enum lk_status status = unbind(w);

    if (status != LK_OK)
        return status;
    w->pdn.state = LK_WLCP_TWAG_DISCONNECT_PENDING;
    w->pdn.cause = w->event->cause != 0 ? w->event->cause : LK_WLCP_CAUSE_REGULAR;
    w->pdn.pti = new_pti(w);
    w->pdn.expiries = 0;
    status = send_disconnect(w);
    return status == LK_OK ? arm(w, w->config->t_disconnect_ms) : status;
}

enum lk_status lk_wlcp_twag_unbound(struct lk_wlcp_twag_work *w)
{
    w->pdn.bound = false;
    return lk_wlcp_twag_release(w);
}

enum lk_status lk_wlcp_twag_note_unbound(struct lk_wlcp_twag_work *w)
{
    w->pdn.bound = false;
    return LK_OK;
}

/* spec: TS 24.244 5.4 - disconnection that the UE asks for. When ours is on its way as well, each
 * end accepts the other's. */
enum lk_status lk_wlcp_twag_let_go(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_reply reply = { .type = LK_WLCP_DISCONNECT_ACCEPT, .keep = true };
    enum lk_status status = lk_wlcp_twag_reply(w, &reply);

    return status == LK_OK ? down(w, LK_WLCP_CAUSE_REGULAR, LK_REASON_NONE) : status;
}

enum lk_status lk_wlcp_twag_disconnected(struct lk_wlcp_twag_work *w)
{
    return down(w, w->pdn.cause, LK_REASON_NONE);
}

/* ---- modification ---- */

/* spec: TS 24.244 5.7 - modification that the UE begins. */
enum lk_status lk_wlcp_twag_accept_modification(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_reply reply = { .type = LK_WLCP_MODIFICATION_ACCEPT, .keep = true,
                                   .dns = dns_asked(w->message) };

    return lk_wlcp_twag_reply(w, &reply);
}

enum lk_status lk_wlcp_twag_refuse_modification(struct lk_wlcp_twag_work *w)
{
    struct lk_wlcp_reply reply = { .type = LK_WLCP_MODIFICATION_REJECT, .keep = true,
                                   .cause = w->pdn.state == LK_WLCP_TWAG_MODIFY_PENDING
                                                ? LK_WLCP_CAUSE_COLLISION
                                                : LK_WLCP_CAUSE_MESSAGE_STATE };

    return lk_wlcp_twag_reply(w, &reply);
}

/* spec: TS 24.244 5.6 - modification that the TWAG begins. */
enum lk_status lk_wlcp_twag_modify(struct lk_wlcp_twag_work *w)
{
    enum lk_status status;

    w->pdn.state = LK_WLCP_TWAG_MODIFY_PENDING;
    w->pdn.asked_on = w->event->channel;
    w->pdn.pti = new_pti(w);
    w->pdn.expiries = 0;
    status = send_modification(w);
    return status == LK_OK ? arm(w, w->config->t_modify_ms) : status;
}

static enum lk_status end_modification(struct lk_wlcp_twag_work *w, uint8_t cause,
                                       enum lk_reason reason)
{
    enum lk_status status = settle(w);
    struct lk_wlcp_output *item = status == LK_OK ? add(w, LK_WLCP_OUT_MODIFIED) : NULL;

    if (item == NULL)
        return LK_E_FULL;
    item->modified.cause = cause;
    item->modified.reason = reason;
    return LK_OK;
}

/* The UE has the connection, over this channel as well. */
enum lk_status lk_wlcp_twag_modified(struct lk_wlcp_twag_work *w)
{
    w->pdn.channel = w->event->channel;
    return end_modification(w, LK_WLCP_CAUSE_NONE, LK_REASON_NONE);
}

/* A connection that the UE does not have is over here as well. */
enum lk_status lk_wlcp_twag_not_modified(struct lk_wlcp_twag_work *w)
{
    uint8_t cause = lk_wlcp_cause_taken(w->message->cause, LK_WLCP_TWAG);

    if (cause == LK_WLCP_CAUSE_NO_SUCH_CONNECTION)
        return down(w, cause, LK_REASON_WLCP_NO_SUCH_CONNECTION);
    return end_modification(w, cause,
                            w->message->type == LK_WLCP_STATUS ? LK_REASON_WLCP_STATUS
                                                               : LK_REASON_WLCP_REJECTED);
}

/* ---- what ends any of them ---- */

/* spec: TS 24.301 10.3 - repeat on expiries one to four, give up on the fifth. */
enum lk_status lk_wlcp_twag_again(struct lk_wlcp_twag_work *w)
{
    bool last;
    enum lk_status status;

    if (w->event->now_ms < w->pdn.deadline_ms)
        return LK_E_UNEXPECTED;
    last = ++w->pdn.expiries >= w->config->tries;
    if (w->pdn.state == LK_WLCP_TWAG_MODIFY_PENDING) {
        if (last)
            return end_modification(w, LK_WLCP_CAUSE_NONE, LK_REASON_WLCP_NO_ANSWER);
        status = send_modification(w);
        return status == LK_OK ? arm(w, w->config->t_modify_ms) : status;
    }
    if (last)
        return down(w, LK_WLCP_CAUSE_NONE, LK_REASON_WLCP_NO_ANSWER);
    if (w->pdn.state == LK_WLCP_TWAG_DISCONNECT_PENDING) {
        status = send_disconnect(w);
        return status == LK_OK ? arm(w, w->config->t_disconnect_ms) : status;
    }
    status = send_accept(w);
    return status == LK_OK ? arm(w, w->config->t_complete_ms) : status;
}

/* spec: TS 24.244 4.1 - no channel, no connection: it ends here, without a word. */
enum lk_status lk_wlcp_twag_lost(struct lk_wlcp_twag_work *w)
{
    return down(w, LK_WLCP_CAUSE_NONE, LK_REASON_WLCP_LOST);
}

/* spec: TS 24.244 5.8 - the anchor has given the binding to another access: it ends here, without
 * a word to the UE or to the anchor. */
enum lk_status lk_wlcp_twag_moved(struct lk_wlcp_twag_work *w)
{
    w->pdn.bound = false;
    return down(w, LK_WLCP_CAUSE_NONE, LK_REASON_NONE);
}
