/* The WT: events in, outputs out. Here is the step, Xw, and what the machine of a UE says; stations
 * are in wt_station.c, their keys in wt_keys.c, rows in wt_table.c.
 *
 * It implements the WT's part of TS 36.463 for UEs, and of TS 33.401 annex G. */
#include "node/wt.h"

#include <string.h>

#include "base/secret.h"
#include "node/wt_parts.h"

enum {
    STEP_MOST = 12,          /* outputs of one thing that is due, and WAKE */
    STEP_OCTETS = 2 * LK_LWA_WT_OCTETS,
    GROUP_MS = 3600000,
    QUIET_MS = 3000,         /* a station that was heard before is asked whether it is there */
};

void lk_wt_defaults(struct lk_wt_config *config)
{
    *config = (struct lk_wt_config){ .ues = 1000, .group_ms = GROUP_MS };
    lk_lwa_wt_defaults(&config->lwa);
    lk_rsn_defaults(&config->rsn);
}

/* ---- outputs ---- */

void lk_wt_outbox_wipe(struct lk_wt_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

struct lk_wt_output *lk_wt_out(struct lk_wt_outbox *out, enum lk_wt_output_kind kind,
                               const uint8_t *mac)
{
    struct lk_wt_output *item;

    LK_ASSERT(out->count < LK_WT_OUTBOX_MAX);
    item = &out->item[out->count++];
    *item = (struct lk_wt_output){ .kind = kind };
    if (mac != NULL)
        memcpy(item->mac, mac, sizeof item->mac);
    return item;
}

struct lk_writer lk_wt_room(struct lk_wt_outbox *out)
{
    return lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
}

void lk_wt_fact(struct lk_wt *wt, struct lk_wt_ue *ue, enum lk_wt_fact fact,
                struct lk_wt_outbox *out)
{
    struct lk_wt_output *item = lk_wt_out(out, LK_WT_OUT_FACT, ue->mac);

    item->fact.fact = fact;
    item->fact.at_ms = wt->now_ms;
}

void lk_wt_refuse(struct lk_wt_outbox *out, const uint8_t *mac, enum lk_reason reason,
                  const char *expected, const char *came)
{
    lk_wt_out(out, LK_WT_OUT_REFUSAL, mac)->refusal = lk_refusal_of(reason, expected, came);
}

/* ---- the machine of a UE ---- */

static void send_xw(struct lk_wt_outbox *out, const uint8_t *mac, uint32_t link,
                    struct lk_span octets)
{
    struct lk_writer w = lk_wt_room(out);
    struct lk_wt_output *item = lk_wt_out(out, LK_WT_OUT_XW, mac);

    lk_put_span(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    item->xw.link = link;
    item->xw.octets = lk_writer_span(&w);
    out->used += w.len;
}

/* The association is of a context that is over. */
static void end_old(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    if (ue->associated)
        lk_wt_deauthenticate(wt, ue, LK_80211_REASON_LEAVING, LK_REASON_NONE, out);
}

/* The context is over: so is the association, and the row. */
static void release(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    end_old(wt, ue, out);
    lk_wt_drop(wt, ue);
}

/* A re-key of the association that there is. */
static void rekey(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_pmk *pmk,
                  struct lk_wt_outbox *out)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    event.pmk = *pmk;
    LK_ASSERT(lk_wt_feed_rsn(wt, ue, &event, out) == LK_OK);
    lk_wipe(&event, sizeof event);
}

/* link: of the eNB that had the UE when it was said. */
static void carry(struct lk_wt *wt, struct lk_wt_ue *ue, uint32_t link,
                  const struct lk_lwa_wt_outbox *said, struct lk_wt_outbox *out)
{
    for (size_t i = 0; i < said->count && ue->used; i++) {
        const struct lk_lwa_wt_output *o = &said->item[i];

        switch (o->kind) {
        case LK_LWA_WT_OUT_SEND: send_xw(out, ue->mac, o->send.link, o->send.octets); break;
        case LK_LWA_WT_OUT_KEY: rekey(wt, ue, &o->key, out); break;
        case LK_LWA_WT_OUT_RELEASED:
            lk_wt_mark(wt, ue, link, o->away_since_ms);
            release(wt, ue, out);
            break;
        case LK_LWA_WT_OUT_TAKEN: end_old(wt, ue, out); break;
        case LK_LWA_WT_OUT_TIMER:
            ue->lwa_due_ms = o->timer_ms;
            lk_wt_schedule(wt, ue);
            break;
        case LK_LWA_WT_OUT_REFUSED:
            wt->counters.xw_refused++;
            lk_wt_out(out, LK_WT_OUT_REFUSAL, ue->mac)->refusal = o->refused;
            break;
        case LK_LWA_WT_OUT_NOTICE:
            wt->counters.notices++;
            lk_wt_out(out, LK_WT_OUT_NOTICE, ue->mac)->refusal = o->notice;
            break;
        }
    }
}

enum lk_status lk_wt_feed(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_lwa_wt_event *event,
                          struct lk_wt_outbox *out)
{
    struct lk_lwa_wt_outbox said;
    uint32_t link = ue->lwa.link;
    enum lk_status status;

    event->now_ms = wt->now_ms;
    status = lk_lwa_wt_step(&ue->lwa, &wt->config.lwa, event, &said);
    if (status == LK_OK)
        carry(wt, ue, link, &said, out);
    lk_lwa_wt_outbox_wipe(&said);
    return status;
}

/* What the station did; a machine that waits for another association does not mind. */
void lk_wt_tell(struct lk_wt *wt, struct lk_wt_ue *ue, enum lk_lwa_wt_event_kind kind,
                struct lk_wt_outbox *out)
{
    struct lk_lwa_wt_event event = { .kind = kind };

    (void)(lk_wt_feed(wt, ue, &event, out) == LK_OK);
}

/* ---- Xw ---- */

static void reject(uint32_t link, const struct lk_xwap *m, struct lk_xwap_cause cause,
                   const struct lk_xwap_diagnostics *diagnostics, struct lk_wt_outbox *out)
{
    uint8_t octets[LK_LWA_WT_OCTETS];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (lk_lwa_wt_reject(&w, m, cause, diagnostics) == LK_OK)
        send_xw(out, NULL, link, lk_writer_span(&w));
}

static enum lk_status turn_down(struct lk_wt *wt, const struct lk_wt_event *event,
                                const struct lk_xwap *m, uint8_t cause, enum lk_reason reason,
                                struct lk_wt_outbox *out)
{
    reject(event->xw.link, m, (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, cause }, NULL, out);
    wt->counters.xw_refused++;
    lk_wt_refuse(out, NULL, reason, NULL, lk_xwap_type_name(m->type));
    return reason == LK_REASON_LWA_WT_FULL ? LK_E_FULL : LK_E_NOT_FOUND;
}

/* Another eNB wants the MAC address of a UE whose station may be gone without a word. G1 with the
 * key that the group has asks it; who does not answer is not associated any more. */
static void ask_station(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    struct lk_rsn_event ask = { .kind = LK_RSN_EV_ASK };

    if (ue->associated && wt->now_ms - ue->heard_ms >= QUIET_MS)
        (void)(lk_wt_feed_rsn(wt, ue, &ask, out) == LK_OK);
}

static enum lk_status hear(struct lk_wt *wt, const struct lk_wt_event *event,
                           const struct lk_xwap *m, struct lk_wt_outbox *out)
{
    bool fresh = m->type == LK_XWAP_ADDITION_REQUEST && !lk_xwap_has(m, LK_XWAP_WT_UE_ID);
    struct lk_wt_ue *ue = fresh ? lk_wt_of_mac(wt, m->ue_identity) : lk_wt_of_id(wt, m->wt_ue_id);
    struct lk_lwa_wt_event heard = { .kind = LK_LWA_WT_EV_XW };
    enum lk_status status;

    if (ue == NULL && m->type == LK_XWAP_RELEASE_CONFIRM)
        return LK_E_NOT_FOUND; /* the answer to what was said of a UE that is gone */
    if (ue == NULL && !fresh)
        return turn_down(wt, event, m, LK_XWAP_UNKNOWN_WT_ID, LK_REASON_LWA_UE_UNKNOWN, out);
    if (ue == NULL)
        ue = lk_wt_add(wt, m->ue_identity);
    if (ue == NULL)
        return turn_down(wt, event, m, LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_WT_FULL, out);
    heard.xw.link = event->xw.link;
    heard.xw.message = m;
    heard.xw.fresh_id = lk_wt_next_id(wt, ue);
    heard.xw.away_since_ms = lk_wt_marked(wt, ue->mac, event->xw.link);
    status = lk_wt_feed(wt, ue, &heard, out);
    wt->counters.xw_unexpected += status != LK_OK;
    if (!ue->used)
        return status;
    if (ue->lwa.state == LK_LWA_WT_IDLE)
        lk_wt_drop(wt, ue);
    else if (ue->lwa.wt_ue_id == heard.xw.fresh_id)
        ue->epoch++;
    else if (fresh && ue->lwa.link != event->xw.link)
        ask_station(wt, ue, out);
    return status;
}

/* spec: TS 36.463 10.3 - what must be understood and is not, or is missing, is said in the answer,
 * where there is one. */
static enum lk_status on_xw(struct lk_wt *wt, const struct lk_wt_event *event,
                            struct lk_wt_outbox *out)
{
    static const struct lk_xwap_cause cause = { LK_XWAP_CAUSE_PROTOCOL,
                                                LK_XWAP_ABSTRACT_SYNTAX_REJECT };
    struct lk_xwap_diagnostics found;
    struct lk_xwap m;
    enum lk_status status = lk_xwap_decode(&m, &found, event->xw.octets);

    wt->counters.xw_messages++;
    if (status == LK_OK)
        return hear(wt, event, &m, out);
    wt->counters.xw_malformed++;
    if (status == LK_E_UNKNOWN || status == LK_E_MISSING)
        reject(event->xw.link, &m, cause, &found, out);
    lk_wt_refuse(out, NULL, LK_REASON_LWA_XW_MALFORMED, NULL, lk_status_name(status));
    return status;
}

/* T53: when a link is up again its UEs say what is out, a few in each step. */
static void on_link(struct lk_wt *wt, uint32_t link, bool is_up, struct lk_wt_outbox *out)
{
    for (uint32_t i = 0; i < wt->touched; i++) {
        struct lk_wt_ue *ue = &wt->ue[i];

        if (!ue->used || ue->lwa.link != link)
            continue;
        ue->up_due = is_up;
        if (!is_up)
            lk_wt_tell(wt, ue, LK_LWA_WT_EV_XW_DOWN, out);
        lk_wt_schedule(wt, ue);
    }
}

/* ---- data ---- */

/* spec: TS 36.300 22A.1.2 - LWA's EtherType, the bearer's number, the PDU; under the TK, or not at
 * all. */
static enum lk_status on_data_down(struct lk_wt *wt, const struct lk_wt_event *event,
                                   struct lk_wt_outbox *out)
{
    struct lk_wt_ue *ue = lk_wt_of_id(wt, event->down.wt_ue_id);
    const struct lk_lwaap lwaap = { event->down.drb, event->down.pdu };
    uint8_t octets[1 + LK_WT_PDU_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    enum lk_status status = lk_lwaap_encode(&w, &lwaap);

    if (status == LK_OK && (ue == NULL || lk_lwa_wt_bearer_of(&ue->lwa, lwaap.drb) == NULL))
        status = LK_E_NOT_FOUND;
    if (status == LK_OK && !lk_lwa_wt_is_open(&ue->lwa))
        status = LK_E_BUSY;
    if (status == LK_OK)
        status = lk_wt_send_data(wt, ue, LK_LWA_ETHERTYPE, lk_writer_span(&w), out);
    wt->counters.data_down += status == LK_OK;
    wt->counters.down_dropped += status != LK_OK;
    lk_wipe(octets, w.len);
    return status;
}

/* ---- the operator, and time ---- */

static enum lk_status on_want(struct lk_wt *wt, const struct lk_wt_event *event,
                              enum lk_lwa_wt_event_kind kind, struct lk_wt_outbox *out)
{
    struct lk_wt_ue *ue = lk_wt_of_mac(wt, event->want.mac);
    struct lk_lwa_wt_event want = { .kind = kind, .want = { event->want.cause,
                                                            event->want.e_rab_id } };

    return ue == NULL ? LK_E_NOT_FOUND : lk_wt_feed(wt, ue, &want, out);
}

/* One thing of it at a time: the others are due still. */
static void on_due(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    struct lk_rsn_event rsn = { .kind = LK_RSN_EV_EXPIRED };

    if (ue->up_due) {
        ue->up_due = false;
        lk_wt_tell(wt, ue, LK_LWA_WT_EV_XW_UP, out);
    } else if (ue->group_due) {
        ue->group_due = false;
        rsn.kind = LK_RSN_EV_GROUP;
        rsn.group = wt->group;
        (void)(lk_wt_feed_rsn(wt, ue, &rsn, out) == LK_OK);
        lk_wipe(&rsn, sizeof rsn);
    } else if (ue->lwa_due_ms <= wt->now_ms) {
        ue->lwa_due_ms = LK_DUE_NEVER;
        lk_wt_tell(wt, ue, LK_LWA_WT_EV_EXPIRED, out);
    } else if (ue->rsn_due_ms <= wt->now_ms) {
        ue->rsn_due_ms = LK_DUE_NEVER;
        (void)(lk_wt_feed_rsn(wt, ue, &rsn, out) == LK_OK);
    } else {
        lk_rsn_ccmp_expire(&ue->ccmp, wt->now_ms); /* or it went by a frame */
    }
    if (ue->used)
        lk_wt_schedule(wt, ue);
}

static enum lk_status on_expired(struct lk_wt *wt, struct lk_wt_outbox *out)
{
    wt->wake_ms = LK_DUE_NEVER; /* that wake is used up, early or not */
    if (wt->group_due_ms <= wt->now_ms) {
        lk_wt_renew_group(wt);
        wt->group_due_ms = LK_DUE_NEVER;
    }
    while (lk_due_next_ms(&wt->due) <= wt->now_ms && out->count + STEP_MOST <= LK_WT_OUTBOX_MAX &&
           out->used + STEP_OCTETS <= sizeof out->octets)
        on_due(wt, &wt->ue[lk_due_first(&wt->due)], out);
    return LK_OK;
}

/* The key of the group grows old while somebody may use it. */
static void wake(struct lk_wt *wt, struct lk_wt_outbox *out)
{
    uint64_t at_ms = lk_due_next_ms(&wt->due);

    if (wt->group_due_ms == LK_DUE_NEVER && wt->ues > 0 && wt->config.group_ms > 0)
        wt->group_due_ms = wt->now_ms + wt->config.group_ms;
    if (wt->group_due_ms < at_ms)
        at_ms = wt->group_due_ms;
    if (at_ms == wt->wake_ms && at_ms > wt->now_ms)
        return;
    wt->wake_ms = at_ms;
    lk_wt_out(out, LK_WT_OUT_WAKE, NULL)->wake_at_ms = at_ms;
}

enum lk_status lk_wt_step(struct lk_wt *wt, const struct lk_wt_event *event,
                          struct lk_wt_outbox *out)
{
    enum lk_status status = LK_OK;

    out->count = out->used = 0;
    wt->now_ms = event->now_ms;
    switch (event->kind) {
    case LK_WT_EV_XW: status = on_xw(wt, event, out); break;
    case LK_WT_EV_XW_UP: on_link(wt, event->xw.link, true, out); break;
    case LK_WT_EV_XW_DOWN: on_link(wt, event->xw.link, false, out); break;
    case LK_WT_EV_FRAME:
    case LK_WT_EV_ELSEWHERE: status = lk_wt_on_frame(wt, event, out); break;
    case LK_WT_EV_DATA_DOWN: status = on_data_down(wt, event, out); break;
    case LK_WT_EV_RELEASE: status = on_want(wt, event, LK_LWA_WT_EV_RELEASE, out); break;
    case LK_WT_EV_REMOVE: status = on_want(wt, event, LK_LWA_WT_EV_REMOVE, out); break;
    case LK_WT_EV_EXPIRED: status = on_expired(wt, out); break;
    }
    wake(wt, out);
    return status;
}
