/* What the eNB's machine says: by RRC to the UE, by XwAP to the WT. */
#include "proto/lwa/enb_parts.h"

#include <string.h>

#include "base/secret.h"

enum { RRC_ROOM = 1024, XW_ROOM = 1024 };

struct lk_lwa_enb_output *lk_lwa_enb_add(struct lk_lwa_enb_work *w,
                                         enum lk_lwa_enb_output_kind kind)
{
    struct lk_lwa_enb_outbox *out = w->out;

    LK_ASSERT(out->count < LK_LWA_ENB_OUTPUTS);
    out->item[out->count] = (struct lk_lwa_enb_output){ .kind = kind };
    return &out->item[out->count++];
}

void lk_lwa_enb_notice(struct lk_lwa_enb_work *w, enum lk_reason reason, const char *expected,
                       const char *came)
{
    lk_lwa_enb_add(w, LK_LWA_ENB_OUT_NOTICE)->notice = lk_refusal_of(reason, expected, came);
}

void lk_lwa_enb_timer(struct lk_lwa_enb_work *w, uint64_t after_ms)
{
    w->e->timer_ms = after_ms == LK_LWA_NEVER ? LK_LWA_NEVER : w->event->now_ms + after_ms;
}

void lk_lwa_as_begin(struct lk_lwa_as *as, const struct lk_kenb *kenb, uint8_t ncc,
                     uint8_t algorithm)
{
    as->kenb = *kenb;
    as->ncc = ncc;
    lk_k_rrc_int_derive(&as->k_rrc_int, kenb, algorithm);
    lk_srb_begin(&as->srb, LK_EIA_DOWNLINK);
}

/* ---- to the UE ---- */

static struct lk_writer room_of(struct lk_lwa_enb_work *w)
{
    return lk_writer_of(w->out->octets + w->out->used, LK_LWA_ENB_OCTETS - w->out->used);
}

static void send(struct lk_lwa_enb_work *w, enum lk_lwa_enb_output_kind kind,
                 const struct lk_writer *octets)
{
    w->out->used += octets->len;
    lk_lwa_enb_add(w, kind)->octets = lk_writer_span(octets);
}

/* At the end of its COUNT nothing goes out, and the tries end: a refresh comes long before. */
static void send_rrc(struct lk_lwa_enb_work *w, struct lk_lwa_as *as, struct lk_span message)
{
    struct lk_writer pdu = room_of(w);

    if (lk_srb_send(&as->srb, &pdu, &as->k_rrc_int, message) != LK_OK)
        return;
    send(w, LK_LWA_ENB_OUT_RRC, &pdu);
    if (w->e->unheard < UINT8_MAX)
        w->e->unheard++;
}

static void say(struct lk_lwa_enb_work *w, struct lk_lwa_as *as,
                const struct lk_rrc_reconfiguration *message)
{
    uint8_t octets[RRC_ROOM];
    struct lk_writer rrc = lk_writer_of(octets, sizeof octets);

    LK_ASSERT(lk_rrc_reconfiguration_encode(&rrc, message) == LK_OK);
    send_rrc(w, as, lk_writer_span(&rrc));
}

/* spec: TS 36.331 5.3.5.3 - the counter, and with it where the UE may move, and for how long it may
 * try. */
void lk_lwa_enb_say_setup(struct lk_lwa_enb_work *w)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_rrc_reconfiguration message = {
        .transaction = e->transaction, .has_lwa = true,
        .lwa = { .has_counter = true, .wt_counter = e->counter, .has_mobility = true,
                 .association_timer_s = w->config->association_timer_s, .success_report = true,
                 .to_add = w->config->mobility, .has_wt_mac = e->has_wt_mac } };

    memcpy(message.lwa.wt_mac, e->wt_mac, sizeof message.lwa.wt_mac);
    e->configured = true;
    say(w, &e->as, &message);
}

void lk_lwa_enb_say_counter(struct lk_lwa_enb_work *w)
{
    struct lk_rrc_reconfiguration message = {
        .transaction = w->e->transaction, .has_lwa = true,
        .lwa = { .has_counter = true, .wt_counter = w->e->counter } };

    say(w, &w->e->as, &message);
}

void lk_lwa_enb_say_release(struct lk_lwa_enb_work *w)
{
    struct lk_rrc_reconfiguration message = { .transaction = w->e->transaction, .has_lwa = true,
                                              .lwa = { .release = true } };

    say(w, &w->e->as, &message);
}

void lk_lwa_enb_say_nothing(struct lk_lwa_enb_work *w, struct lk_lwa_as *as)
{
    struct lk_rrc_reconfiguration message = { .transaction = w->e->transaction };

    say(w, as, &message);
}

void lk_lwa_enb_say_command(struct lk_lwa_enb_work *w)
{
    send_rrc(w, &w->e->as, lk_span_of(w->e->command, w->e->command_len));
}

/* spec: TS 36.331 5.3.5.4 - a UE that is not told that its WT stays releases LWA. */
void lk_lwa_enb_make_command(struct lk_lwa_enb_work *w, const struct lk_eps_cell *cell,
                             uint8_t ncc, bool kept)
{
    struct lk_lwa_enb *e = w->e;
    struct lk_writer rrc = lk_writer_of(e->command, sizeof e->command);
    struct lk_rrc_reconfiguration message = {
        .transaction = e->transaction, .has_handover = true,
        .handover = { .pci = cell->pci, .has_earfcn = true, .earfcn_dl = cell->earfcn_dl,
                      .c_rnti = (uint16_t)e->enb_ue_id, .has_security = true, .ncc = ncc,
                      .wt = kept ? LK_RRC_WT_KEPT : LK_RRC_WT_RELEASED } };

    LK_ASSERT(lk_rrc_reconfiguration_encode(&rrc, &message) == LK_OK);
    e->command_len = (uint8_t)rrc.len;
}

/* ---- to the WT ---- */

static struct lk_xwap message_of(const struct lk_lwa_enb *e, enum lk_xwap_type type)
{
    struct lk_xwap message = { .type = type, .enb_ue_id = e->enb_ue_id, .wt_ue_id = e->wt_ue_id };

    lk_xwap_mark(&message, LK_XWAP_ENB_UE_ID);
    return message;
}

static void say_xw(struct lk_lwa_enb_work *w, const struct lk_xwap *message)
{
    struct lk_writer octets = room_of(w);

    LK_ASSERT(lk_xwap_encode(&octets, message) == LK_OK);
    send(w, LK_LWA_ENB_OUT_XW, &octets);
}

static void cause(struct lk_xwap *message, enum lk_xwap_cause_group group, uint8_t value)
{
    lk_xwap_mark(message, LK_XWAP_CAUSE);
    message->cause = (struct lk_xwap_cause){ group, value };
}

/* The S-KWT of the counter that is being told: the same each time that it is asked for. */
static struct lk_s_kwt s_kwt_of(const struct lk_lwa_enb_work *w)
{
    struct lk_s_kwt s_kwt;

    lk_s_kwt_derive(&s_kwt, &w->e->as.kenb, w->config->fc, w->e->counter);
    return s_kwt;
}

/* spec: TS 36.463 8.8 - a UE by its MAC address, one bearer, and its key; of a UE that the WT has,
 * the WT's identity instead of a key, or beside it: one that came to this eNB without LWA. */
void lk_lwa_enb_ask_addition(struct lk_lwa_enb_work *w, bool known)
{
    struct lk_xwap message = message_of(w->e, LK_XWAP_ADDITION_REQUEST);
    struct lk_s_kwt s_kwt = s_kwt_of(w);

    memcpy(message.ue_identity, w->e->ue_mac, sizeof message.ue_identity);
    lk_xwap_mark(&message, LK_XWAP_UE_IDENTITY);
    message.added.count = 1;
    message.added.bearer[0] = w->config->bearer;
    message.added.bearer[0].endpoint.teid = w->e->enb_ue_id;
    lk_xwap_mark(&message, LK_XWAP_TO_BE_ADDED);
    message.mobility_set = w->config->mobility;
    lk_xwap_mark(&message, LK_XWAP_MOBILITY_SET);
    if (known || w->e->wt_knows)
        lk_xwap_mark(&message, LK_XWAP_WT_UE_ID);
    if (!known) {
        message.key = LK_SPAN(s_kwt.octets);
        lk_xwap_mark(&message, LK_XWAP_SECURITY);
    }
    say_xw(w, &message);
    if (w->e->open_requests < UINT8_MAX)
        w->e->open_requests++;
    lk_wipe(&s_kwt, sizeof s_kwt);
}

/* spec: TS 36.463 8.9 - a key alone is a modification too. */
void lk_lwa_enb_ask_modification(struct lk_lwa_enb_work *w)
{
    struct lk_xwap message = message_of(w->e, LK_XWAP_MODIFICATION_REQUEST);
    struct lk_s_kwt s_kwt = s_kwt_of(w);

    lk_xwap_mark(&message, LK_XWAP_WT_UE_ID);
    cause(&message, LK_XWAP_CAUSE_RADIO, LK_XWAP_RADIO_UNSPECIFIED);
    message.key = LK_SPAN(s_kwt.octets);
    lk_xwap_mark(&message, LK_XWAP_CONTEXT);
    say_xw(w, &message);
    if (w->e->open_requests < UINT8_MAX)
        w->e->open_requests++;
    lk_wipe(&s_kwt, sizeof s_kwt);
}

void lk_lwa_enb_say_wt_release(struct lk_lwa_enb_work *w, uint8_t radio_cause, bool kept)
{
    struct lk_xwap message = message_of(w->e, LK_XWAP_RELEASE_REQUEST);

    lk_xwap_mark(&message, LK_XWAP_WT_UE_ID);
    cause(&message, LK_XWAP_CAUSE_RADIO, radio_cause);
    if (kept)
        lk_xwap_mark(&message, LK_XWAP_CONTEXT_KEPT);
    say_xw(w, &message);
}

/* spec: TS 36.463 8.9.4 - what the WT requires while the eNB's own request is open is refused. */
void lk_lwa_enb_answer_wt(struct lk_lwa_enb_work *w, enum lk_xwap_type type)
{
    struct lk_xwap message = message_of(w->e, type);

    lk_xwap_mark(&message, LK_XWAP_WT_UE_ID);
    if (type == LK_XWAP_MODIFICATION_REFUSE)
        cause(&message, LK_XWAP_CAUSE_PROTOCOL, LK_XWAP_RECEIVER_STATE);
    say_xw(w, &message);
}
