/* The UE's handlers: what each event does. */
#include "proto/lwa/ue_parts.h"

#include <string.h>

#include "base/secret.h"
#include "keys/rsn.h"

enum { EIA2 = 2, NCC_MODULUS = LK_RRC_NCC_MAX + 1, MS_PER_S = 1000 };

static struct lk_lwa_ue_output *add(struct lk_lwa_ue_work *w, enum lk_lwa_ue_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_LWA_UE_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_lwa_ue_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

static void notice(struct lk_lwa_ue_work *w, enum lk_reason reason, const char *expected,
                   const char *came)
{
    add(w, LK_LWA_UE_OUT_NOTICE)->notice = lk_refusal_of(reason, expected, came);
}

/* ---- SRB1 ---- */

static enum lk_status send(struct lk_lwa_ue_work *w, const struct lk_rrc_uplink *message)
{
    struct lk_lwa_ue_outbox *out = w->out;
    uint8_t octets[LK_LWA_UE_UPLINK_MAX];
    struct lk_writer inner = lk_writer_of(octets, sizeof octets),
                     w_pdu = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    enum lk_status status = lk_rrc_uplink_encode(&inner, message);

    if (status == LK_OK)
        status = lk_srb_send(&w->s->now.srb, &w_pdu, &w->s->now.key, lk_writer_span(&inner));
    if (status != LK_OK)
        return status;
    add(w, LK_LWA_UE_OUT_SEND)->send = lk_writer_span(&w_pdu);
    out->used += w_pdu.len;
    return LK_OK;
}

static enum lk_status send_complete(struct lk_lwa_ue_work *w)
{
    struct lk_rrc_uplink message = { .type = LK_RRC_COMPLETE,
                                     .transaction = w->heard->message.transaction };

    return send(w, &message);
}

/* A report that SRB1 has no COUNT for is lost: the eNB hears of it when it has refreshed the KeNB
 * and asks. */
static void report(struct lk_lwa_ue_work *w, enum lk_rrc_wlan_status what)
{
    struct lk_rrc_uplink message = { .type = LK_RRC_WLAN_STATUS, .status = what };

    w->s->lwa.report_due = false;
    if (send(w, &message) != LK_OK)
        notice(w, LK_REASON_LWA_COUNT_END, "a COUNT for the report", "none is left");
}

/* The PDU has been heard: it is not taken a second time. What the target says on its own bearer
 * shows that it has the answer to the handover, so that the source's key is over. */
static void proven(struct lk_lwa_ue_work *w)
{
    if (w->heard->by_before) {
        w->s->before.srb = w->heard->srb;
        return;
    }
    w->s->now.srb = w->heard->srb;
    lk_wipe(&w->s->before, sizeof w->s->before);
}

static void asked(struct lk_lwa_ue_work *w, struct lk_lwa_ue_bearer *bearer)
{
    bearer->has_asked = true;
    memcpy(bearer->asked, w->heard->digest, sizeof bearer->asked);
}

/* spec: TS 33.401 A.7 - of the KeNB; and every COUNT begins anew with it, or goes on where the
 * attach that made it has ended. */
static void begin_bearer(struct lk_lwa_ue *s)
{
    struct lk_lwa_ue_bearer *bearer = &s->now;

    lk_wipe(bearer, sizeof *bearer);
    bearer->is_set = true;
    lk_k_rrc_int_derive(&bearer->key, &s->context.kenb, EIA2);
    lk_srb_go_on(&bearer->srb, LK_EIA_UPLINK, &s->context.used);
    s->context.used = (struct lk_srb_used){ 0 }; /* of the KeNB that is to come */
}

/* ---- the way to the WLAN ---- */

static void forget_lwa(struct lk_lwa_ue_work *w)
{
    struct lk_lwa_ue *s = w->s;

    if (lk_lwa_ue_has_lwa(s))
        add(w, LK_LWA_UE_OUT_LEAVE)->forget = true;
    s->lwa = (struct lk_lwa_ue_lwa){ .has_key = false };
    s->target = (struct lk_lwa_ue_target){ .ssid_len = 0 };
    s->state = LK_LWA_UE_CONNECTED;
}

/* spec: TS 36.331 5.6.14.2 - T351 begins, or begins anew. Without it the joins end all the same. */
static void begin_deadline(struct lk_lwa_ue_work *w)
{
    uint64_t ms = w->s->lwa.t351_s > 0 ? (uint64_t)w->s->lwa.t351_s * MS_PER_S
                                       : w->config->associate_ms;

    w->s->deadline_ms = w->event->now_ms + ms;
}

static void set_timer(struct lk_lwa_ue_work *w)
{
    const struct lk_lwa_ue *s = w->s;
    bool again_first = s->state == LK_LWA_UE_PAUSED && s->again_ms < s->deadline_ms;

    add(w, LK_LWA_UE_OUT_TIMER)->timer_ms = again_first ? s->again_ms : s->deadline_ms;
}

static void join(struct lk_lwa_ue_work *w)
{
    w->s->state = LK_LWA_UE_JOINING;
    w->s->joined_ms = w->event->now_ms;
    add(w, LK_LWA_UE_OUT_ASSOCIATE)->associate = w->s->target;
    set_timer(w);
}

/* At once when the last join is some time ago, so that one loss costs little; else in a while, so
 * that whoever throws us out again and again does not keep us busy. */
static void join_in_time(struct lk_lwa_ue_work *w)
{
    struct lk_lwa_ue *s = w->s;

    s->again_ms = s->joined_ms + w->config->retry_ms;
    if (w->event->now_ms >= s->again_ms) {
        join(w);
        return;
    }
    s->state = LK_LWA_UE_PAUSED;
    set_timer(w);
}

/* ---- context and handover ---- */

static bool can_be(const struct lk_lwa_ue_context *context)
{
    return context->ncc <= LK_RRC_NCC_MAX && (context->has_nh || context->ncc == 0) &&
           context->cell.pci <= LK_PCI_MAX && context->cell.earfcn_dl <= LK_EARFCN_MAX;
}

/* spec: TS 36.331 5.3.7.5 - a re-established connection begins without LWA. */
enum lk_status lk_lwa_ue_take_context(struct lk_lwa_ue_work *w)
{
    if (!can_be(&w->event->context))
        return LK_E_VALUE;
    forget_lwa(w);
    lk_wipe(&w->s->before, sizeof w->s->before);
    w->s->context = w->event->context;
    if (!w->s->context.has_nh)
        lk_nh_first(&w->s->context.nh, &w->s->context.kasme, &w->s->context.kenb);
    begin_bearer(w->s);
    return LK_OK;
}

/* spec: TS 33.401 7.2.8.4 - with the NCC in use, of the KeNB in use; with another, of the NH that
 * it counts: the chain is followed to it, seven steps at most, as NCC has three bits. Its first NH,
 * of NCC 1, is of the initial KeNB, which horizontal steps may have left behind by then. */
static void follow_key(struct lk_lwa_ue_context *context, const struct lk_rrc_handover *handover)
{
    bool vertical = handover->ncc != context->ncc;

    context->cell.pci = handover->pci;
    context->c_rnti = handover->c_rnti;
    if (handover->has_earfcn)
        context->cell.earfcn_dl = handover->earfcn_dl;
    for (; context->ncc != handover->ncc; context->ncc = (context->ncc + 1) % NCC_MODULUS) {
        if (context->has_nh)
            lk_nh_next(&context->nh, &context->kasme, &context->nh);
        context->has_nh = true;
    }
    if (vertical)
        lk_kenb_star_vertical(&context->kenb, &context->nh, &context->cell);
    else
        lk_kenb_star_horizontal(&context->kenb, &context->kenb, &context->cell);
}

static void take_set_up(struct lk_lwa_ue_work *w);
static void follow_set_up(struct lk_lwa_ue_work *w);

static bool sets_up(const struct lk_rrc_reconfiguration *m)
{
    return m->has_lwa && !m->lwa.release;
}

/* spec: TS 36.331 5.3.5.4 - new keys, then LWA released unless the WT is kept, then what the
 * message configures, of the new KeNB; the answer goes to the target, under its key. */
enum lk_status lk_lwa_ue_hand_over(struct lk_lwa_ue_work *w)
{
    const struct lk_rrc_reconfiguration *m = &w->heard->message;
    struct lk_lwa_ue *s = w->s;
    enum lk_status status;

    proven(w);
    asked(w, &s->now);
    s->before = s->now;
    follow_key(&s->context, &m->handover);
    begin_bearer(s);
    if (m->handover.wt == LK_RRC_WT_RELEASED || (m->has_lwa && m->lwa.release))
        forget_lwa(w);
    if (sets_up(m))
        take_set_up(w);
    status = send_complete(w);
    if (status == LK_OK && sets_up(m))
        follow_set_up(w);
    return status;
}

/* ---- reconfiguration ---- */

/* spec: TS 36.331 5.6.14.2 - S-KWT of the KeNB and the counter is handed on as PMK, before the
 * answer leaves: whoever has the answer knows that the UE has the key. */
static void take_set_up(struct lk_lwa_ue_work *w)
{
    struct lk_s_kwt s_kwt;

    w->s->lwa = w->heard->lwa;
    if (!w->heard->message.lwa.has_counter)
        return;
    lk_s_kwt_derive(&s_kwt, &w->s->context.kenb, w->config->s_kwt_fc,
                    w->heard->message.lwa.wt_counter);
    lk_pmk_of_s_kwt(&add(w, LK_LWA_UE_OUT_PMK)->pmk, &s_kwt);
    w->s->lwa.has_key = true;
    lk_wipe(&s_kwt, sizeof s_kwt);
}

/* The association that there is, or that is under way, stays: a new key is the WT's to bring in.
 *
 * spec-not: TS 36.331 5.6.14.2 - T351 does not run while there is a link: it would end nothing. */
static void stay(struct lk_lwa_ue_work *w)
{
    const struct lk_rrc_lwa *message = &w->heard->message.lwa;

    if (w->s->state == LK_LWA_UE_JOINING) {
        if (message->has_mobility)
            begin_deadline(w);
        set_timer(w);
    } else if (w->s->lwa.report_due && !message->has_counter) {
        report(w, LK_RRC_WLAN_ASSOCIATED);
    }
}

static void follow_set_up(struct lk_lwa_ue_work *w)
{
    const struct lk_rrc_lwa *message = &w->heard->message.lwa;
    struct lk_lwa_ue *s = w->s;
    struct lk_lwa_ue_target target = s->target;

    LK_ASSERT(lk_lwa_ue_choose(&target, &s->lwa, w->config));
    if ((s->state == LK_LWA_UE_ACTIVE || s->state == LK_LWA_UE_JOINING) &&
        lk_span_equal(LK_SPAN(target.ap), LK_SPAN(s->target.ap)) &&
        !(message->has_counter && w->config->reassociate)) {
        s->target = target;
        stay(w);
        return;
    }
    s->target = target;
    begin_deadline(w);
    join(w);
}

/* spec: TS 36.331 5.3.5.3 - the answer to a question has its transaction. */
enum lk_status lk_lwa_ue_set_up(struct lk_lwa_ue_work *w)
{
    enum lk_status status;

    proven(w);
    asked(w, &w->s->now);
    take_set_up(w);
    status = send_complete(w);
    if (status == LK_OK)
        follow_set_up(w);
    return status;
}

/* spec: TS 36.331 5.6.14.3 - key, WLANs and association go. */
enum lk_status lk_lwa_ue_release(struct lk_lwa_ue_work *w)
{
    proven(w);
    asked(w, &w->s->now);
    forget_lwa(w);
    return send_complete(w);
}

enum lk_status lk_lwa_ue_reconfigure(struct lk_lwa_ue_work *w)
{
    proven(w);
    asked(w, &w->s->now);
    return send_complete(w);
}

/* The answer was lost, or is late. Whoever asks again gets it again, under the KeNB in use, and no
 * key is derived and no association begun for it a second time. */
enum lk_status lk_lwa_ue_answer_again(struct lk_lwa_ue_work *w)
{
    proven(w);
    return send_complete(w);
}

/* spec-not: TS 36.331 5.3.5.5 - the UE does not begin a re-establishment: it stays as it was, and
 * the eNB has no answer. */
enum lk_status lk_lwa_ue_pass_over(struct lk_lwa_ue_work *w)
{
    proven(w);
    notice(w, w->heard->strange, NULL, NULL);
    return LK_OK;
}

/* ---- the link ---- */

/* spec: TS 36.331 5.6.15.2 - success is reported where it was asked for: once for each new
 * configuration or key. */
enum lk_status lk_lwa_ue_link_up(struct lk_lwa_ue_work *w)
{
    w->s->state = LK_LWA_UE_ACTIVE;
    if (w->s->lwa.report_due)
        report(w, LK_RRC_WLAN_ASSOCIATED);
    return LK_OK;
}

enum lk_status lk_lwa_ue_lost(struct lk_lwa_ue_work *w)
{
    begin_deadline(w);
    join_in_time(w);
    return LK_OK;
}

enum lk_status lk_lwa_ue_not_joined(struct lk_lwa_ue_work *w)
{
    join_in_time(w);
    return LK_OK;
}

/* spec: TS 36.331 5.6.15.4 - T351 is over: reported, and no more attempts. Where the eNB gave no
 * T351, what it hears is that the WLAN cannot be reached. */
static void stop(struct lk_lwa_ue_work *w)
{
    bool t351 = w->s->lwa.t351_s > 0;

    add(w, LK_LWA_UE_OUT_LEAVE)->forget = false;
    report(w, t351 ? LK_RRC_WLAN_TIMEOUT : LK_RRC_WLAN_RADIO_LINK_FAILURE);
    notice(w, t351 ? LK_REASON_LWA_T351 : LK_REASON_LWA_LINK_LOST, "an association with keys",
           "none in its time");
    w->s->state = LK_LWA_UE_STOPPED;
}

enum lk_status lk_lwa_ue_expired(struct lk_lwa_ue_work *w)
{
    const struct lk_lwa_ue *s = w->s;

    if (w->event->now_ms >= s->deadline_ms)
        stop(w);
    else if (s->state == LK_LWA_UE_PAUSED && w->event->now_ms >= s->again_ms)
        join(w);
    else
        return LK_E_UNEXPECTED;
    return LK_OK;
}

enum lk_status lk_lwa_ue_leave(struct lk_lwa_ue_work *w)
{
    if (lk_lwa_ue_has_lwa(w->s))
        add(w, LK_LWA_UE_OUT_LEAVE)->forget = true;
    lk_lwa_ue_wipe(w->s);
    w->s->state = LK_LWA_UE_OFF;
    return LK_OK;
}
