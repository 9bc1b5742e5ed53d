/* The WT as an access point: what frames of stations do. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/station.h"
#include "node/wt_parts.h"

/* ---- answers ---- */

static void send_deauthentication(struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN],
                                  uint16_t code, struct lk_wt_outbox *out)
{
    struct lk_writer w = lk_wt_frame_to(wt, mac, LK_80211_DEAUTHENTICATION, out);

    lk_put_le16(&w, code);
    lk_wt_send_frame(mac, &w, out);
    wt->counters.deauthentications++;
}

/* ---- the end of an association ---- */

/* All but the frame: keys, the machines, what is told. */
static void end_association(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out)
{
    struct lk_rsn_event left = { .kind = LK_RSN_EV_LEFT };

    if (!ue->associated)
        return;
    ue->associated = ue->group_due = false;
    if (ue->rsn.state != LK_RSN_AUTHENTICATOR_IDLE)
        LK_ASSERT(lk_wt_feed_rsn(wt, ue, &left, out) == LK_OK);
    lk_wt_forget_keys(wt, ue, out);
    lk_wt_schedule(wt, ue);
    lk_wt_tell(wt, ue, LK_LWA_WT_EV_LEFT, out);
}

void lk_wt_deauthenticate(struct lk_wt *wt, struct lk_wt_ue *ue, uint16_t code,
                          enum lk_reason reason, struct lk_wt_outbox *out)
{
    send_deauthentication(wt, ue->mac, code, out);
    lk_wt_fact(wt, ue, LK_WT_DEAUTHENTICATED, out);
    out->item[out->count - 1].fact.code = code;
    out->item[out->count - 1].fact.reason = reason;
    ue->authenticated = false;
    end_association(wt, ue, out);
}

/* spec: IEEE 802.11 11.3.5 - a station that says that it leaves has left. */
static enum lk_status on_leave(struct lk_wt *wt, struct lk_wt_ue *ue, bool deauthenticated,
                               struct lk_span body, struct lk_wt_outbox *out)
{
    uint16_t reason;
    enum lk_status status = lk_80211_reason_decode(&reason, body);

    if (status != LK_OK)
        return status;
    if (ue == NULL)
        return LK_E_NOT_FOUND;
    if (deauthenticated)
        ue->authenticated = false;
    if (!ue->associated)
        return LK_E_UNEXPECTED;
    lk_wt_fact(wt, ue, LK_WT_LEFT, out);
    out->item[out->count - 1].fact.code = reason;
    end_association(wt, ue, out);
    return LK_OK;
}

/* ---- authentication and association ---- */

/* spec: IEEE 802.11 11.3.4 - open system: everybody is answered, which proves nothing and costs
 * nothing; an association that there is goes on. */
static enum lk_status on_authentication(struct lk_wt *wt, struct lk_wt_ue *ue,
                                        const struct lk_80211_header *header, struct lk_span body,
                                        struct lk_wt_outbox *out)
{
    struct lk_80211_authentication message;
    struct lk_writer w;
    enum lk_status status = lk_80211_authentication_decode(&message, body);

    if (status != LK_OK)
        return status;
    if (message.transaction != 1)
        return LK_E_UNEXPECTED;
    message.status = message.algorithm == LK_80211_OPEN_SYSTEM ? LK_80211_SUCCESS
                                                               : LK_80211_ALGORITHM;
    message.transaction = 2;
    message.elements = lk_span_of(NULL, 0);
    w = lk_wt_frame_to(wt, header->a2, LK_80211_AUTHENTICATION, out);
    LK_ASSERT(lk_80211_authentication_encode(&w, &message) == LK_OK);
    lk_wt_send_frame(header->a2, &w, out);
    wt->counters.authentications++;
    if (ue != NULL && message.status == LK_80211_SUCCESS)
        ue->authenticated = true;
    return LK_OK;
}

static enum lk_status turn_down_keyless(struct lk_wt *wt, const struct lk_80211_header *header,
                                        enum lk_reason reason, struct lk_wt_outbox *out)
{
    const struct lk_refusal why = lk_refusal_of(reason, NULL, NULL);

    return lk_wt_turn_down(wt, header, LK_80211_INVALID_PMKID, &why, out);
}

static enum lk_status turn_down_ssid(struct lk_wt *wt, const struct lk_80211_header *header,
                                     struct lk_span came, struct lk_wt_outbox *out)
{
    char own[LK_80211_SSID_TEXT], its[LK_80211_SSID_TEXT];
    struct lk_refusal why;

    lk_80211_ssid_text(own, lk_span_of(wt->config.ssid, wt->config.ssid_len));
    lk_80211_ssid_text(its, came);
    why = lk_refusal_of(LK_REASON_LWA_SSID, own, its);
    return lk_wt_turn_down(wt, header, LK_80211_REFUSED, &why, out);
}

/* spec: IEEE 802.11 11.3.5 - an association, first or again: of a station that an eNB has
 * announced, that was authenticated, for our SSID. Who was not announced is told the same as who
 * has no key. */
static enum lk_status on_association(struct lk_wt *wt, struct lk_wt_ue *ue,
                                     const struct lk_80211_header *header, struct lk_span body,
                                     const struct lk_wt_event *event, struct lk_wt_outbox *out)
{
    struct lk_span ssid = lk_span_of(wt->config.ssid, wt->config.ssid_len);
    struct lk_80211_association_request request;
    enum lk_status status = lk_80211_association_request_decode(
        &request, header->kind == LK_80211_REASSOCIATION_REQUEST, body);

    if (status != LK_OK)
        return status;
    if (ue == NULL) {
        wt->counters.strangers_refused++;
        return turn_down_keyless(wt, header, LK_REASON_LWA_STATION, out);
    }
    if (!ue->authenticated) {
        send_deauthentication(wt, header->a2, LK_80211_REASON_NOT_AUTHENTICATED, out);
        return LK_E_UNEXPECTED;
    }
    if (ssid.len > 0 && !lk_span_equal(ssid, request.elements.ssid))
        return turn_down_ssid(wt, header, request.elements.ssid, out);
    if (!ue->lwa.has_key)
        return turn_down_keyless(wt, header, LK_REASON_RSN_NO_PMK, out);
    return event->kind == LK_WT_EV_ELSEWHERE
               ? lk_wt_invite(wt, ue, header, request.elements.rsne, event->from, out)
               : lk_wt_associate(wt, ue, header, request.elements.rsne, out);
}

/* ---- data ---- */

static enum lk_status on_eapol(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span octets,
                               struct lk_wt_outbox *out)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    enum lk_status status;

    event.received = octets;
    status = lk_wt_feed_rsn(wt, ue, &event, out);
    wt->counters.eapol_refused += status != LK_OK;
    return status;
}

/* spec: TS 36.300 22A.1.2 - a PDCP PDU goes to the eNB that serves the UE, by its bearer. */
static enum lk_status on_lwa(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span octets,
                             struct lk_wt_outbox *out)
{
    const struct lk_lwa_wt_bearer *bearer;
    struct lk_writer w = lk_wt_room(out);
    struct lk_lwaap lwaap;
    struct lk_wt_output *up;
    enum lk_status status = lk_lwaap_decode(&lwaap, octets);

    if (status == LK_OK && lwaap.pdu.len > LK_WT_PDU_MAX)
        status = LK_E_LENGTH;
    if (status != LK_OK)
        return status;
    bearer = lk_lwa_wt_bearer_of(&ue->lwa, lwaap.drb);
    if (bearer == NULL || !lk_lwa_wt_is_open(&ue->lwa))
        return LK_E_NOT_FOUND;
    lk_put_span(&w, lwaap.pdu);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    up = lk_wt_out(out, LK_WT_OUT_DATA_UP, ue->mac);
    up->up.link = ue->lwa.link;
    up->up.enb_ue_id = ue->lwa.enb_ue_id;
    up->up.drb = lwaap.drb;
    up->up.endpoint = bearer->endpoint;
    up->up.pdu = lk_writer_span(&w);
    out->used += w.len;
    wt->counters.data_up++;
    return LK_OK;
}

/* T51: the station sends under the TK that is prepared. Message 4 says so itself. A TK that the
 * authenticator does not know any more is not worth its frame. */
static enum lk_status on_used(struct lk_wt *wt, struct lk_wt_ue *ue,
                              const struct lk_80211_payload *p, struct lk_wt_outbox *out)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_USED };
    enum lk_status status;

    if (ue->rsn.state == LK_RSN_AUTHENTICATOR_AWAIT_M4 && p->ethertype == LK_EAPOL_ETHERTYPE)
        return LK_OK;
    event.used = ue->ccmp.next.tk;
    status = lk_wt_feed_rsn(wt, ue, &event, out);
    wt->counters.installs_refused += status != LK_OK;
    lk_wipe(&event, sizeof event);
    return status;
}

static void count_dropped(struct lk_wt_counters *counters, enum lk_status status)
{
    counters->in_clear += status == LK_E_DENIED;
    counters->in_pieces += status == LK_E_UNSUPPORTED;
    counters->replayed += status == LK_E_SYNC;
    counters->altered += status == LK_E_MAC;
}

/* spec: IEEE 802.11 12.5.3.4 - A05: with a TK, what is not protected is dropped, EAPOL too,
 * whatever happens to keys. Before the first one there is nothing but EAPOL in clear; the repeat of
 * a message 4 that was lost comes under the TK that is to come. */
static enum lk_status open_data(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_80211_payload *p,
                                const struct lk_80211_header *header, struct lk_span frame,
                                struct lk_span body)
{
    bool protected = (header->flags & LK_80211_PROTECTED) != 0;
    enum lk_status status = LK_OK;

    wt->opened.by_next = false;
    if (protected || ue->ccmp.now.is_set) {
        status = lk_rsn_ccmp_open(&ue->ccmp, &wt->opened, frame, wt->now_ms);
        body = lk_span_of(wt->opened.octets, wt->opened.len);
    }
    if (status == LK_OK)
        status = lk_80211_payload_decode(p, header, body);
    if (status == LK_OK && !protected && p->ethertype != LK_EAPOL_ETHERTYPE)
        status = LK_E_DENIED;
    count_dropped(&wt->counters, status);
    if (status == LK_OK && protected)
        ue->heard_ms = wt->now_ms;
    return status;
}

/* Data of where the station has no association.
 *
 * spec: IEEE 802.11 11.3.2 - a station that believes to be associated is told, but for one that is
 * on its way to be. */
static enum lk_status on_stray(struct lk_wt *wt, struct lk_wt_ue *ue,
                               const struct lk_80211_header *header, struct lk_span body,
                               const struct lk_wt_event *event, struct lk_wt_outbox *out)
{
    bool waits = ue != NULL && ue->authenticated && !ue->associated;
    struct lk_80211_payload p;

    if (ue != NULL && (header->flags & LK_80211_PROTECTED) == 0 &&
        lk_80211_payload_decode(&p, header, body) == LK_OK && p.ethertype == LK_EAPOL_ETHERTYPE &&
        event->from.len > 0) {
        enum lk_status status = lk_wt_take_invited(wt, ue, p.octets, event->from, out);

        if (status == LK_OK || ue->associated)
            return status;
    }
    wt->counters.frames_unassociated++;
    if (!waits)
        send_deauthentication(wt, header->a2, LK_80211_REASON_NOT_ASSOCIATED, out);
    return LK_E_NOT_FOUND;
}

static enum lk_status on_data(struct lk_wt *wt, struct lk_wt_ue *ue,
                              const struct lk_80211_header *header, struct lk_span body,
                              const struct lk_wt_event *event, struct lk_wt_outbox *out)
{
    struct lk_80211_payload payload;
    enum lk_status status;

    if ((header->flags & (LK_80211_TO_DS | LK_80211_FROM_DS)) != LK_80211_TO_DS)
        return LK_E_VALUE;
    /* CCMP does not cover all of the subtype: no packet number is spent on another one. */
    if (header->kind != LK_80211_DATA && header->kind != LK_80211_QOS_DATA)
        return LK_E_UNKNOWN;
    if (ue == NULL || !ue->associated || event->kind == LK_WT_EV_ELSEWHERE)
        return on_stray(wt, ue, header, body, event, out);
    status = open_data(wt, ue, &payload, header, event->frame, body);
    if (status == LK_OK && wt->opened.by_next)
        status = on_used(wt, ue, &payload, out);
    if (status == LK_OK && payload.ethertype == LK_EAPOL_ETHERTYPE)
        status = on_eapol(wt, ue, payload.octets, out);
    else if (status == LK_OK && payload.ethertype == LK_LWA_ETHERTYPE)
        status = on_lwa(wt, ue, payload.octets, out);
    else if (status == LK_OK)
        status = LK_E_UNKNOWN;
    wt->counters.up_dropped += status != LK_OK;
    lk_wipe(wt->opened.octets, wt->opened.len);
    wt->opened.len = 0;
    return status;
}

/* ---- frames ---- */

/* What ends an association counts only where it is. */
static enum lk_status on_management(struct lk_wt *wt, struct lk_wt_ue *ue,
                                    const struct lk_80211_header *header, struct lk_span body,
                                    const struct lk_wt_event *event, struct lk_wt_outbox *out)
{
    bool leaves = header->kind == LK_80211_DEAUTHENTICATION ||
                  header->kind == LK_80211_DISASSOCIATION;

    if ((header->flags & (LK_80211_PROTECTED | LK_80211_MORE_FRAGMENTS)) != 0 ||
        header->fragment != 0)
        return LK_E_UNSUPPORTED;
    if (leaves && event->kind == LK_WT_EV_ELSEWHERE)
        return LK_E_DENIED;
    switch (header->kind) {
    case LK_80211_AUTHENTICATION: return on_authentication(wt, ue, header, body, out);
    case LK_80211_ASSOCIATION_REQUEST:
    case LK_80211_REASSOCIATION_REQUEST: return on_association(wt, ue, header, body, event, out);
    case LK_80211_DEAUTHENTICATION: return on_leave(wt, ue, true, body, out);
    case LK_80211_DISASSOCIATION: return on_leave(wt, ue, false, body, out);
    default: return LK_E_UNKNOWN;
    }
}

/* Who asks another address to be let in was told that one, and is told nothing here. */
static void foreign(struct lk_wt *wt, const struct lk_80211_header *header,
                    struct lk_wt_outbox *out)
{
    char own[LK_STATION_TEXT], its[LK_STATION_TEXT];

    wt->counters.frames_foreign++;
    if (header->kind != LK_80211_AUTHENTICATION || (header->a1[0] & 1) != 0 ||
        lk_span_equal(LK_SPAN(header->a1), LK_SPAN(wt->config.lwa.mac)) ||
        lk_span_equal(LK_SPAN(header->a1), LK_SPAN(wt->foreign)))
        return;
    memcpy(wt->foreign, header->a1, sizeof wt->foreign);
    lk_station_text(own, wt->config.lwa.mac);
    lk_station_text(its, header->a1);
    lk_wt_refuse(out, header->a2, LK_REASON_LWA_BSSID, own, its);
}

static enum lk_status decode(struct lk_wt *wt, struct lk_80211_header *header,
                             struct lk_span *body, struct lk_span frame, struct lk_wt_outbox *out)
{
    enum lk_status status =
        frame.len > LK_80211_FRAME_MAX ? LK_E_LENGTH : lk_80211_decode(header, body, frame);

    wt->counters.frames++;
    if (status != LK_OK) {
        wt->counters.frames_malformed++;
        return status;
    }
    /* Our own address as the sender's, or a group's, is nobody's. */
    if (!lk_span_equal(LK_SPAN(header->a1), LK_SPAN(wt->config.lwa.mac)) ||
        lk_span_equal(LK_SPAN(header->a2), LK_SPAN(wt->config.lwa.mac)) ||
        (header->a2[0] & 1) != 0) {
        foreign(wt, header, out);
        return LK_E_NOT_FOUND;
    }
    return LK_OK;
}

enum lk_status lk_wt_on_frame(struct lk_wt *wt, const struct lk_wt_event *event,
                              struct lk_wt_outbox *out)
{
    struct lk_80211_header header;
    struct lk_wt_ue *ue;
    struct lk_span body;
    enum lk_status status = decode(wt, &header, &body, event->frame, out);

    if (status != LK_OK)
        return status;
    ue = lk_wt_of_mac(wt, header.a2);
    return lk_80211_is_management(&header) ? on_management(wt, ue, &header, body, event, out)
                                           : on_data(wt, ue, &header, body, event, out);
}
