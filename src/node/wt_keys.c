/* The keys of a station at the WT: what its authenticator says, carried out in order, and frames
 * under its TK. */
#include <string.h>

#include "base/secret.h"
#include "node/wt_parts.h"

/* ---- frames to the station ---- */

static struct lk_80211_header header_to(struct lk_wt *wt, struct lk_wt_ue *ue, uint8_t kind)
{
    struct lk_80211_header header = { .kind = kind, .flags = LK_80211_FROM_DS };

    memcpy(header.a1, ue->mac, sizeof header.a1);
    memcpy(header.a2, wt->config.lwa.mac, sizeof header.a2);
    memcpy(header.a3, wt->config.lwa.mac, sizeof header.a3);
    ue->sequence = (ue->sequence + 1) & LK_80211_SEQUENCE_MAX;
    header.sequence = ue->sequence;
    return header;
}

void lk_wt_send_clear(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span eapol,
                      struct lk_wt_outbox *out)
{
    struct lk_80211_header header = header_to(wt, ue, LK_80211_DATA);
    struct lk_writer w = lk_wt_room(out);

    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    lk_80211_payload_put(&w, &(struct lk_80211_payload){ LK_EAPOL_ETHERTYPE, eapol });
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_wt_out(out, LK_WT_OUT_FRAME, ue->mac)->frame = lk_writer_span(&w);
    out->used += w.len;
}

/* spec: IEEE 802.11 12.7.9 - with a TK all data is protected by it, EAPOL of a re-key too; before,
 * nothing but EAPOL goes out: LK_E_BUSY. */
enum lk_status lk_wt_send_data(struct lk_wt *wt, struct lk_wt_ue *ue, uint16_t ethertype,
                               struct lk_span octets, struct lk_wt_outbox *out)
{
    struct lk_80211_header header;
    uint8_t plain[LK_RSN_DATA_MAX];
    struct lk_writer body = lk_writer_of(plain, sizeof plain), w = lk_wt_room(out);
    enum lk_status status;

    if (!ue->ccmp.now.is_set) {
        if (ethertype != LK_EAPOL_ETHERTYPE)
            return LK_E_BUSY;
        lk_wt_send_clear(wt, ue, octets, out);
        return LK_OK;
    }
    header = header_to(wt, ue, LK_80211_DATA);
    lk_80211_payload_put(&body, &(struct lk_80211_payload){ ethertype, octets });
    status = lk_writer_end(&body);
    if (status == LK_OK)
        status = lk_rsn_ccmp_seal(&ue->ccmp, &w, &header, lk_writer_span(&body));
    if (status == LK_OK) {
        lk_wt_out(out, LK_WT_OUT_FRAME, ue->mac)->frame = lk_writer_span(&w);
        out->used += w.len;
    }
    lk_wipe(plain, body.len);
    return status;
}

/* ---- keys ---- */

static void offer(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_pmk *pmk,
                  const struct lk_tk *tk, struct lk_wt_outbox *out)
{
    struct lk_wt_output *keys;

    if (!wt->config.offer_keys)
        return;
    keys = lk_wt_out(out, LK_WT_OUT_KEYS, ue->mac);
    keys->keys.has_pmk = pmk != NULL;
    if (pmk != NULL)
        keys->keys.pmk = *pmk;
    else
        keys->keys.tk = *tk;
}

void lk_wt_forget_keys(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    bool had = ue->ccmp.now.is_set;

    lk_rsn_ccmp_wipe(&ue->ccmp);
    lk_rsn_ccmp_init(&ue->ccmp);
    ue->rsn_due_ms = LK_DUE_NEVER;
    if (had && !ue->suspended) {
        ue->suspended = true;
        lk_wt_fact(wt, ue, LK_WT_SUSPENDED, out);
    }
}

/* A02, T54: a TK that is in already, or none at all, is not put in, and its numbers stay. */
static void install(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_tk *tk,
                    struct lk_wt_outbox *out)
{
    if (lk_rsn_ccmp_install(&ue->ccmp, tk, wt->now_ms) != LK_OK) {
        wt->counters.installs_refused++;
        return;
    }
    wt->counters.installs++;
    offer(wt, ue, NULL, tk, out);
    if (ue->suspended) {
        ue->suspended = false;
        lk_wt_fact(wt, ue, LK_WT_RESUMED, out);
    }
}

void lk_wt_handshake_began(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    wt->counters.handshakes++;
    lk_wt_fact(wt, ue, LK_WT_HANDSHAKE_BEGAN, out);
    out->item[out->count - 1].fact.rekey = ue->ccmp.now.is_set;
    offer(wt, ue, &ue->rsn.pmk, NULL, out);
}

static void sends(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span eapol,
                  struct lk_wt_outbox *out)
{
    if (ue->rsn.state == LK_RSN_AUTHENTICATOR_AWAIT_M2 && ue->rsn.tries == 1)
        lk_wt_handshake_began(wt, ue, out);
    if (lk_wt_send_data(wt, ue, LK_EAPOL_ETHERTYPE, eapol, out) != LK_OK)
        wt->counters.eapol_refused++;
}

static void notice(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_refusal *why,
                   struct lk_wt_outbox *out)
{
    wt->counters.notices++;
    lk_wt_out(out, LK_WT_OUT_NOTICE, ue->mac)->refusal = *why;
}

/* What is left to do when all of a step has been carried out. */
struct after {
    bool opened, rekey, failed;
    uint16_t code;
    enum lk_reason reason;
};

static void carry_one(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_rsn_output *o,
                      struct after *after, struct lk_wt_outbox *out)
{
    switch (o->kind) {
    case LK_RSN_OUT_SEND: sends(wt, ue, o->send, out); break;
    case LK_RSN_OUT_TIMER: ue->rsn_due_ms = o->timer_ms; break;
    case LK_RSN_OUT_PREPARE:
        if (lk_rsn_ccmp_prepare(&ue->ccmp, &o->tk) != LK_OK)
            wt->counters.installs_refused++;
        break;
    case LK_RSN_OUT_INSTALL: install(wt, ue, &o->tk, out); break;
    case LK_RSN_OUT_INSTALL_GROUP:
    case LK_RSN_OUT_GROUP_DONE: break;
    case LK_RSN_OUT_OPEN:
        lk_wt_fact(wt, ue, LK_WT_HANDSHAKE_FINISHED, out);
        out->item[out->count - 1].fact.rekey = o->rekey;
        after->opened = true;
        break;
    case LK_RSN_OUT_REASSOCIATE:
    case LK_RSN_OUT_FAILED:
        after->failed = true;
        after->code = o->ended.code;
        after->reason = o->ended.why.reason;
        break;
    case LK_RSN_OUT_REFUSED: break; /* of an association: judged before it is carried out */
    case LK_RSN_OUT_NOTICE:
        notice(wt, ue, &o->notice, out);
        /* S3, option 1: who answers under another key is sent away. */
        if (o->notice.reason == LK_REASON_RSN_M2_MIC && wt->config.deauth_on_mismatch) {
            after->failed = true;
            after->code = LK_80211_REASON_MIC;
            after->reason = LK_REASON_RSN_M2_MIC;
        }
        break;
    }
}

/* T51: finished is said of the newest key alone: not when the authenticator went on to another
 * handshake in the same step. */
static bool is_settled(const struct lk_wt_ue *ue)
{
    return ue->rsn.state == LK_RSN_AUTHENTICATOR_OPEN ||
           ue->rsn.state == LK_RSN_AUTHENTICATOR_AWAIT_G2;
}

void lk_wt_carry_rsn(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_rsn_outbox *said,
                     struct lk_wt_outbox *out)
{
    struct after after = { .opened = false };

    for (size_t i = 0; i < said->count; i++)
        carry_one(wt, ue, &said->item[i], &after, out);
    if (ue->rsn.state == LK_RSN_AUTHENTICATOR_IDLE || ue->rsn.state == LK_RSN_AUTHENTICATOR_OPEN)
        ue->rsn_due_ms = LK_DUE_NEVER;
    lk_wt_schedule(wt, ue);
    if (after.failed)
        lk_wt_deauthenticate(wt, ue, after.code, after.reason, out);
    else if (after.opened && is_settled(ue))
        lk_wt_tell(wt, ue, LK_LWA_WT_EV_FINISHED, out);
}

void lk_wt_prepare_event(struct lk_wt *wt, struct lk_rsn_event *event)
{
    event->now_ms = wt->now_ms;
    lk_draw(&wt->draw, event->entropy, sizeof event->entropy);
}

enum lk_status lk_wt_feed_rsn(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_rsn_event *event,
                              struct lk_wt_outbox *out)
{
    struct lk_rsn_outbox said;
    enum lk_status status;

    lk_wt_prepare_event(wt, event);
    status = lk_rsn_authenticator_step(&ue->rsn, &wt->config.rsn, event, &said);
    if (status == LK_OK)
        lk_wt_carry_rsn(wt, ue, &said, out);
    lk_rsn_outbox_wipe(&said);
    return status;
}
