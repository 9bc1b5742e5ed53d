/* Links to other PoS: which are up, and what comes over them. */
#include <string.h>

#include "node/pos_parts.h"

uint32_t lk_pos_link_of(const struct lk_pos *pos, struct lk_span name)
{
    for (uint32_t i = 0; i < pos->config.links; i++)
        if (pos->link[i].up && lk_mis_name_is(&pos->link[i].name, name))
            return i;
    return LK_POS_NONE;
}

/* spec: IEEE 802.21.1 5.14.3 - the SPoS chooses among partners, and those that it can reach. */
void lk_pos_refresh_neighbours(struct lk_pos *pos)
{
    for (size_t i = 0; i < pos->config.neighbours; i++) {
        struct lk_mis_neighbour *n = &pos->neighbour[i];

        n->partner = lk_mis_is_partner(&pos->config.tpos.partners, n->pos.id);
        n->up = lk_pos_link_of(pos, n->pos.id) != LK_POS_NONE;
    }
}

static void questions_clear(struct lk_pos_link *link)
{
    for (unsigned tid = 0; tid < LK_POS_TIDS; tid++)
        link->question[tid].mn = LK_POS_NONE;
}

enum lk_status lk_pos_on_link(struct lk_pos *pos, const struct lk_pos_event *event)
{
    struct lk_pos_link *link;
    bool up = event->kind == LK_POS_EV_LINK_UP;

    if (event->link.link >= pos->config.links)
        return LK_E_VALUE;
    link = &pos->link[event->link.link];
    if (link->up)
        lk_pos_link_lost(pos, event->link.link);
    link->up = false;
    if (up && (!lk_mis_name_set(&link->name, event->link.name) ||
               lk_mis_name_is(&pos->config.self, event->link.name))) {
        lk_pos_refresh_neighbours(pos);
        return LK_E_VALUE;
    }
    link->up = up;
    questions_clear(link);
    lk_pos_refresh_neighbours(pos);
    return LK_OK;
}

/* T44: who it is of says the link, and the message must say the same. Whoever asks is told no at
 * once, under the name that it goes by: the other end of the link has its answer, and no K is
 * looked at. */
static enum lk_status refuse_foreign(struct lk_pos *pos, const struct lk_pos_peer *through,
                                     const struct lk_mis_pdu *pdu, struct lk_pos_outbox *out)
{
    const struct lk_pos_with with = { .peer = through, .name = pdu->source };

    pos->counters.foreign++;
    if (lk_mis_action_of(pdu->header.id, &pos->config.codes) == LK_MIS_N2N_PREREG_XFER &&
        lk_mis_opcode_of(pdu->header.id) == LK_MIS_REQUEST)
        (void)(lk_pos_answer_status(pos, &with, &pdu->header, LK_MIS_REJECTED,
                                    LK_MIS_REASON_NO_TRUST, out) == LK_OK);
    return LK_E_DENIED;
}

static enum lk_status hear(struct lk_pos *pos, const struct lk_pos_event *event,
                           const struct lk_mis_pdu *pdu, struct lk_pos_outbox *out)
{
    struct lk_mis_message m;
    enum lk_status status;

    status = lk_mis_message_get(&m, &pdu->header, pdu->body, &pos->config.codes);
    if (status != LK_OK) {
        pos->counters.n2n_malformed++;
        return status;
    }
    if (lk_mis_action_of(pdu->header.id, &pos->config.codes) == LK_MIS_N2N_PREREG_XFER) {
        if (lk_mis_opcode_of(pdu->header.id) == LK_MIS_REQUEST &&
            lk_mis_has(&m, LK_MIS_TLV_AUTH_INFO))
            return lk_pos_on_wish(pos, event->link.link, &pdu->header, pdu->body, out);
        if (lk_mis_opcode_of(pdu->header.id) == LK_MIS_REQUEST)
            return lk_pos_on_offer(pos, event, &pdu->header, &m, out);
        if (lk_mis_opcode_of(pdu->header.id) == LK_MIS_RESPONSE)
            return lk_pos_on_target(pos, event->link.link, &pdu->header, &m, out);
    }
    pos->counters.n2n_unexpected++;
    return LK_E_UNEXPECTED;
}

/* spec: IEEE 802.21.1 5.14.1 - T46: what comes over a link that is not up came over no link. */
enum lk_status lk_pos_on_n2n(struct lk_pos *pos, const struct lk_pos_event *event,
                             struct lk_pos_outbox *out)
{
    const struct lk_pos_peer through = { .way = LK_POS_LINK, .handle = event->link.link };
    struct lk_mis_pdu pdu;
    enum lk_status status;

    if (event->link.link >= pos->config.links || !pos->link[event->link.link].up)
        return LK_E_DENIED;
    pos->counters.n2n_messages += event->link.told == NULL;
    status = lk_mis_decode(&pdu, event->link.octets, &pos->config.codes);
    if (status != LK_OK) {
        pos->counters.n2n_malformed++;
        return status;
    }
    if (pdu.header.secured || !lk_mis_name_is(&pos->config.self, pdu.destination))
        return lk_pos_hear(pos, &through, event->link.octets, out);
    if (!lk_mis_name_is(&pos->link[event->link.link].name, pdu.source))
        return refuse_foreign(pos, &through, &pdu, out);
    return hear(pos, event, &pdu, out);
}
