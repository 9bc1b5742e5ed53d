/* The air of the WT: a frame of IEEE 802.11 in each UDP datagram. The node is told which are of
 * another place than their station's (role/air_places.h). What answers one goes back to who sent
 * it, and what is for an association to where that is. */
#include "role/wt_process.h"

/* ---- what comes ---- */

/* T13: a frame of another place in the name of a station that is here is counted, and told. */
static bool is_elsewhere(struct lk_wt_process *wt, const struct lk_80211_header *header,
                         const struct lk_datagram_peer *from)
{
    const struct lk_air_place *place = lk_air_place_of(&wt->places, header->a2);
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_LWA_ELSEWHERE, NULL, NULL);

    if (place == NULL || lk_air_is_at(&place->at, from))
        return false;
    wt->elsewhere++;
    lk_wt_refused(wt, header->a2, &refusal, from);
    return true;
}

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *peer, struct lk_span frame)
{
    struct lk_wt_process *wt = context;
    struct lk_wt_event event = { .kind = LK_WT_EV_FRAME };
    struct lk_80211_header header = { .kind = 0 };
    struct lk_wt_sender sender = { .peer = peer, .mac = header.a2 };
    struct lk_address address = lk_datagram_address(peer);
    uint8_t from[LK_ADDRESS_LEN + sizeof(uint16_t)];
    struct lk_writer w = lk_writer_of(from, sizeof from);
    struct lk_span body;

    (void)port;
    lk_seen_frame(&wt->seen, frame);
    if (lk_80211_decode(&header, &body, frame) == LK_OK)
        sender.elsewhere = is_elsewhere(wt, &header, peer);
    if (sender.elsewhere)
        event.kind = LK_WT_EV_ELSEWHERE;
    lk_put_octets(&w, address.octets, sizeof address.octets);
    lk_put_be16(&w, lk_datagram_port(peer));
    event.frame = frame;
    event.from = lk_writer_span(&w);
    (void)(lk_wt_give(wt, &event, &sender) == LK_OK);
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

/* To the sender goes what answers him, and nothing that is for an association elsewhere. */
void lk_wt_air_send(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender)
{
    const struct lk_air_place *place = lk_air_place_of(&wt->places, item->mac);
    struct lk_80211_header header;
    struct lk_span body;
    bool answers;

    LK_ASSERT(lk_80211_decode(&header, &body, item->frame) == LK_OK);
    answers = sender != NULL && (sender->elsewhere || lk_80211_is_management(&header)) &&
              lk_span_equal(lk_span_of(sender->mac, LK_STATION_LEN), LK_SPAN(item->mac));
    lk_seen_frame(&wt->seen, item->frame);
    if (answers)
        lk_datagrams_put(wt->to_air, sender->peer, item->frame);
    else if (place != NULL)
        lk_datagrams_put(wt->to_air, &place->at, item->frame);
    else
        wt->unplaced++;
}

void lk_wt_air_fact(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender)
{
    switch (item->fact.fact) {
    case LK_WT_ASSOCIATED:
        LK_ASSERT(sender != NULL);
        (void)lk_air_bind(&wt->places, item->mac, sender->peer);
        break;
    case LK_WT_DEAUTHENTICATED:
    case LK_WT_LEFT: lk_air_forget(&wt->places, item->mac); break;
    case LK_WT_HANDSHAKE_BEGAN:
    case LK_WT_HANDSHAKE_FINISHED:
    case LK_WT_SUSPENDED:
    case LK_WT_RESUMED: break;
    }
}
