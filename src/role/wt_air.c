/* The air of the WT: a frame of IEEE 802.11 in each UDP datagram. A frame counts where its station
 * may be (role/air_places.h). What answers one goes back to who sent it, and what is for an
 * association to where that is. */
#include "role/wt_process.h"

/* ---- what comes ---- */

/* T13: a frame of another place in the name of a station that is here is nothing but counted. */
static enum lk_air_verdict judge(struct lk_wt_process *wt, const struct lk_80211_header *header,
                                 const struct lk_datagram_peer *from)
{
    const struct lk_air_place *place = lk_air_place_of(&wt->places, header->a2);
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_LWA_ELSEWHERE, NULL, NULL);
    enum lk_air_verdict verdict = LK_AIR_COUNTS;
    struct lk_wt_told told;

    if (place != NULL && lk_wt_told_of(&told, wt->node, header->a2))
        verdict = lk_air_judge(place, from, header->kind, told.has_tk, lk_mono_ms());
    if (verdict != LK_AIR_COUNTS) {
        wt->elsewhere++;
        lk_wt_refused(wt, header->a2, &refusal, from);
    }
    return verdict;
}

static void heard(struct lk_wt_process *wt, const struct lk_wt_sender *sender)
{
    struct lk_air_place *place = lk_air_place_of(&wt->places, sender->mac);

    if (place != NULL && lk_air_is_at(&place->at, sender->peer))
        place->heard_ms = lk_mono_ms();
}

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *peer, struct lk_span frame)
{
    struct lk_wt_process *wt = context;
    struct lk_wt_event event = { .kind = LK_WT_EV_FRAME, .frame = frame };
    struct lk_80211_header header = { .kind = 0 };
    struct lk_wt_sender sender = { .peer = peer, .mac = header.a2 };
    enum lk_air_verdict verdict = LK_AIR_COUNTS;
    struct lk_span body;

    (void)port;
    lk_seen_frame(&wt->seen, frame);
    if (lk_80211_decode(&header, &body, frame) == LK_OK)
        verdict = judge(wt, &header, peer);
    if (verdict == LK_AIR_DROPPED)
        return;
    sender.elsewhere = verdict == LK_AIR_TOLD;
    if (sender.elsewhere)
        event.kind = LK_WT_EV_ELSEWHERE;
    if (lk_wt_give(wt, &event, &sender) == LK_OK)
        heard(wt, &sender);
}

void lk_wt_air_begin(struct lk_wt_process *wt)
{
    const struct lk_worker_setup *setup = wt->process.setup;

    for (size_t i = 0; i < setup->socket_count && wt->ports < LK_WT_PORTS; i++)
        if (setup->sockets[i].serves == LK_WT_AIR)
            lk_udp_port_begin(&wt->port[wt->ports++], &wt->udp, setup->sockets[i].fd, LK_WT_AIR,
                              receive);
}

/* ---- what goes ---- */

/* To the sender goes what answers him, and nothing that is for an association; that it is over is
 * told wherever it was. */
void lk_wt_air_send(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender)
{
    const struct lk_air_place *place =
        sender != NULL && sender->elsewhere ? NULL : lk_air_place_of(&wt->places, item->mac);
    struct lk_80211_header header;
    struct lk_span body;
    bool answers, ends;

    LK_ASSERT(lk_80211_decode(&header, &body, item->frame) == LK_OK);
    answers = sender != NULL && lk_80211_is_management(&header) &&
              lk_span_equal(lk_span_of(sender->mac, LK_STATION_LEN), LK_SPAN(item->mac));
    ends = header.kind == LK_80211_DEAUTHENTICATION;
    lk_seen_frame(&wt->seen, item->frame);
    if (answers)
        lk_datagrams_put(wt->to_air, sender->peer, item->frame);
    else if (place == NULL)
        wt->unplaced++;
    if (place != NULL && (!answers || (ends && !lk_air_is_at(&place->at, sender->peer))))
        lk_datagrams_put(wt->to_air, &place->at, item->frame);
    if (place != NULL && ends && place->has_before)
        lk_datagrams_put(wt->to_air, &place->before, item->frame);
}

void lk_wt_air_fact(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender)
{
    struct lk_air_place *place;

    switch (item->fact.fact) {
    case LK_WT_ASSOCIATED:
        LK_ASSERT(sender != NULL);
        (void)lk_air_bind(&wt->places, item->mac, sender->peer, item->fact.at_ms);
        break;
    case LK_WT_HANDSHAKE_FINISHED:
        place = lk_air_place_of(&wt->places, item->mac);
        if (place != NULL)
            place->has_before = false;
        break;
    case LK_WT_DEAUTHENTICATED:
    case LK_WT_LEFT: lk_air_forget(&wt->places, item->mac); break;
    case LK_WT_HANDSHAKE_BEGAN:
    case LK_WT_SUSPENDED:
    case LK_WT_RESUMED: break;
    }
}
