/* What the WT's machine says: its messages, and what of a message's bearers it admits. */
#include <string.h>

#include "base/secret.h"
#include "proto/lwa/wt_parts.h"
#include "wire/ieee80211.h"

enum { TEIDS_OF_UE = 16 }; /* as many as E-RAB identities */

void lk_lwa_wt_outbox_wipe(struct lk_lwa_wt_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_lwa_wt_output *lk_lwa_wt_outbox_find(const struct lk_lwa_wt_outbox *out,
                                                     enum lk_lwa_wt_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_lwa_wt_output *lk_lwa_wt_put(struct lk_lwa_wt_outbox *out,
                                       enum lk_lwa_wt_output_kind kind)
{
    LK_ASSERT(out->count < LK_LWA_WT_OUTPUTS);
    out->item[out->count] = (struct lk_lwa_wt_output){ .kind = kind };
    return &out->item[out->count++];
}

void lk_lwa_wt_refused(struct lk_lwa_wt_work *w, enum lk_reason reason, const char *expected,
                       const char *came)
{
    lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_REFUSED)->refused = lk_refusal_of(reason, expected, came);
}

void lk_lwa_wt_notice(struct lk_lwa_wt_work *w, enum lk_reason reason, const char *expected,
                      const char *came)
{
    lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_NOTICE)->notice = lk_refusal_of(reason, expected, came);
}

/* ---- messages ---- */

static void send_on(struct lk_lwa_wt_outbox *out, uint32_t link, const struct lk_writer *w)
{
    struct lk_lwa_wt_output *output = lk_lwa_wt_put(out, LK_LWA_WT_OUT_SEND);

    output->send.link = link;
    output->send.octets = lk_writer_span(w);
    out->used += w->len;
}

static struct lk_writer room_of(struct lk_lwa_wt_outbox *out)
{
    return lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
}

struct lk_xwap lk_lwa_wt_message(const struct lk_lwa_wt *wt, enum lk_xwap_type type)
{
    struct lk_xwap m = { .type = type, .enb_ue_id = wt->enb_ue_id, .wt_ue_id = wt->wt_ue_id };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    return m;
}

static void say_on(struct lk_lwa_wt_outbox *out, uint32_t link, const struct lk_xwap *message)
{
    struct lk_writer room = room_of(out);

    LK_ASSERT(lk_xwap_encode(&room, message) == LK_OK);
    send_on(out, link, &room);
}

void lk_lwa_wt_send(struct lk_lwa_wt_work *w, const struct lk_xwap *message)
{
    say_on(w->out, w->wt->link, message);
}

/* What is out: the release of the UE, or of a bearer. */
void lk_lwa_wt_ask(struct lk_lwa_wt_work *w)
{
    bool leaving = w->wt->state == LK_LWA_WT_RELEASING;
    struct lk_xwap m = lk_lwa_wt_message(w->wt, leaving ? LK_XWAP_RELEASE_REQUIRED
                                                        : LK_XWAP_MODIFICATION_REQUIRED);

    if (w->wt->is_down)
        return;
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    m.cause = w->wt->cause;
    if (!leaving) {
        lk_xwap_mark(&m, LK_XWAP_REQUIRED_RELEASED);
        m.released.count = 1;
        m.released.bearer[0].e_rab_id = w->wt->required_e_rab;
        m.released.bearer[0].cause = w->wt->cause;
    }
    lk_lwa_wt_send(w, &m);
}

/* spec: TS 36.463 8.13 - the UE is associated, and its first 4-way handshake is over.
 *
 * spec-not: TS 36.463 8.13 - we say it after each handshake, as the eNB's next re-key waits for the
 * end of the last one (T51) and XwAP has no other word for it; as the clause has it by config. */
void lk_lwa_wt_confirm(struct lk_lwa_wt_work *w)
{
    struct lk_xwap m = lk_lwa_wt_message(w->wt, LK_XWAP_ASSOCIATION_CONFIRMATION);

    if (w->wt->confirmed && !w->config->finished_each_time)
        return;
    w->wt->confirmed = true;
    if (!w->wt->is_down)
        lk_lwa_wt_send(w, &m);
}

/* spec-not: TS 36.463 8.12 - said once, as its context is gone: nothing waits for the answer. */
void lk_lwa_wt_say_taken(struct lk_lwa_wt_work *w, const struct lk_lwa_wt *before)
{
    struct lk_xwap m = lk_lwa_wt_message(before, LK_XWAP_RELEASE_REQUIRED);

    if (before->is_down || before->state == LK_LWA_WT_RELEASING)
        return;
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    m.cause = (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, LK_XWAP_UE_LOST };
    say_on(w->out, before->link, &m);
}

enum lk_status lk_lwa_wt_reject(struct lk_writer *w, const struct lk_xwap *message,
                                struct lk_xwap_cause cause,
                                const struct lk_xwap_diagnostics *diagnostics)
{
    struct lk_xwap m = { .enb_ue_id = message->enb_ue_id, .wt_ue_id = message->wt_ue_id,
                         .cause = cause };

    if (message->type != LK_XWAP_ADDITION_REQUEST && message->type != LK_XWAP_MODIFICATION_REQUEST)
        return LK_E_MISSING;
    m.type = message->type == LK_XWAP_ADDITION_REQUEST ? LK_XWAP_ADDITION_REJECT
                                                       : LK_XWAP_MODIFICATION_REJECT;
    m.present = message->present & 1u << LK_XWAP_ENB_UE_ID;
    if (m.type == LK_XWAP_MODIFICATION_REJECT)
        m.present |= message->present & 1u << LK_XWAP_WT_UE_ID;
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    if (diagnostics != NULL) {
        lk_xwap_mark(&m, LK_XWAP_DIAGNOSTICS);
        m.diagnostics = *diagnostics;
    }
    return lk_xwap_encode(w, &m);
}

enum lk_status lk_lwa_wt_turn_down(struct lk_lwa_wt_work *w, uint8_t cause, enum lk_reason reason)
{
    struct lk_writer room = room_of(w->out);
    enum lk_status status =
        lk_lwa_wt_reject(&room, w->event->xw.message,
                         (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, cause }, NULL);

    if (status != LK_OK)
        return status;
    send_on(w->out, w->event->xw.link, &room);
    lk_lwa_wt_refused(w, reason, NULL, lk_xwap_type_name(w->event->xw.message->type));
    return LK_OK;
}

/* ---- bearers ---- */

static struct lk_lwa_wt_bearer *find(struct lk_lwa_wt *wt, uint8_t e_rab_id)
{
    for (uint8_t i = 0; i < wt->bearers; i++)
        if (wt->bearer[i].e_rab_id == e_rab_id)
            return &wt->bearer[i];
    return NULL;
}

void lk_lwa_wt_remove(struct lk_lwa_wt *wt, uint8_t e_rab_id)
{
    struct lk_lwa_wt_bearer *bearer = find(wt, e_rab_id);

    if (bearer != NULL)
        *bearer = wt->bearer[--wt->bearers];
}

/* Where the eNB is to send a bearer's data. */
static struct lk_xwap_endpoint endpoint_of(const struct lk_lwa_wt_work *w, uint8_t e_rab_id)
{
    struct lk_xwap_endpoint endpoint = w->config->endpoint;

    endpoint.teid = w->wt->wt_ue_id * TEIDS_OF_UE + e_rab_id % TEIDS_OF_UE;
    return endpoint;
}

static void list(struct lk_xwap *answer, enum lk_xwap_ie ie, struct lk_xwap_bearers *bearers,
                 struct lk_xwap_bearer bearer)
{
    lk_xwap_mark(answer, ie);
    bearers->bearer[bearers->count++] = bearer;
}

/* One that nobody has yet, under a number that LWAAP can say. */
static bool add_one(struct lk_lwa_wt *wt, const struct lk_xwap_bearer *asked)
{
    uint8_t drb = asked->drb_id != 0 ? asked->drb_id : asked->e_rab_id;

    if (wt->bearers == LK_LWA_WT_BEARERS || drb > LK_LWAAP_DRB_MAX ||
        find(wt, asked->e_rab_id) != NULL || lk_lwa_wt_bearer_of(wt, drb) != NULL)
        return false;
    wt->bearer[wt->bearers++] = (struct lk_lwa_wt_bearer){ asked->e_rab_id, drb, asked->endpoint };
    return true;
}

static void add_all(struct lk_lwa_wt_work *w, struct lk_xwap *answer, enum lk_xwap_ie admitted)
{
    const struct lk_xwap_bearers *asked = &w->event->xw.message->added;

    for (uint8_t i = 0; i < asked->count; i++) {
        struct lk_xwap_bearer bearer = { .e_rab_id = asked->bearer[i].e_rab_id };

        if (add_one(w->wt, &asked->bearer[i])) {
            bearer.endpoint = endpoint_of(w, bearer.e_rab_id);
            list(answer, admitted, &answer->added, bearer);
        } else {
            bearer.cause = (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, LK_XWAP_RADIO_UNSPECIFIED };
            list(answer, LK_XWAP_NOT_ADMITTED, &answer->not_admitted, bearer);
        }
    }
}

void lk_lwa_wt_admit(struct lk_lwa_wt_work *w, struct lk_xwap *answer)
{
    w->wt->bearers = 0;
    add_all(w, answer, LK_XWAP_ADMITTED_ADDED);
}

void lk_lwa_wt_change(struct lk_lwa_wt_work *w, struct lk_xwap *answer)
{
    const struct lk_xwap *m = w->event->xw.message;

    for (uint8_t i = 0; i < m->released.count; i++) {
        struct lk_xwap_bearer bearer = { .e_rab_id = m->released.bearer[i].e_rab_id };

        lk_lwa_wt_remove(w->wt, bearer.e_rab_id);
        list(answer, LK_XWAP_ACKNOWLEDGED_RELEASED, &answer->released, bearer);
    }
    for (uint8_t i = 0; i < m->modified.count; i++) {
        struct lk_xwap_bearer bearer = { .e_rab_id = m->modified.bearer[i].e_rab_id };
        struct lk_lwa_wt_bearer *ours = find(w->wt, bearer.e_rab_id);

        if (ours == NULL)
            continue;
        if (m->modified.bearer[i].endpoint.address_bits != 0)
            ours->endpoint = m->modified.bearer[i].endpoint;
        list(answer, LK_XWAP_ACKNOWLEDGED_MODIFIED, &answer->modified, bearer);
    }
    add_all(w, answer, LK_XWAP_ACKNOWLEDGED_ADDED);
}
