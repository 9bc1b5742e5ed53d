/* What a PoS hears of mobile nodes, and of strangers: in clear, under an SA, over a channel; and
 * what is for another PoS. */
#include "base/secret.h"
#include "node/pos_parts.h"
#include "wire/mis_framer.h"

/* ---- to anybody ---- */

/* spec: IEEE 802.21 9 - what can be agreed on may be asked by everybody, and costs nothing here. */
static enum lk_status say_capability(struct lk_pos *pos, const struct lk_pos_with *with,
                                     const struct lk_mis_header *request,
                                     struct lk_pos_outbox *out)
{
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS };

    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    lk_mis_mark(&m, LK_MIS_TLV_CAPABILITY);
    m.capability = (struct lk_mis_capability){ .tls = true, .eap = true,
                                               .key_distribution = LK_MIS_KEYS_PUSH |
                                                                   LK_MIS_KEYS_PROACTIVE_PULL,
                                               .prfs = pos->config.tpos.offers.prfs };
    for (size_t i = 0; i < pos->config.tpos.offers.suites; i++)
        switch (lk_mis_suite_of(&pos->config.codes, pos->config.tpos.offers.suite[i])) {
        case LK_MIS_SUITE_CCM: m.capability.ciphers |= LK_MIS_CIPHER_CCM; break;
        case LK_MIS_SUITE_CBC_SHA1:
            m.capability.ciphers |= LK_MIS_CIPHER_CBC;
            m.capability.integrity |= LK_MIS_INTEGRITY_HMAC_SHA1;
            break;
        case LK_MIS_SUITE_NULL_SHA1:
            m.capability.ciphers |= LK_MIS_CIPHER_NULL;
            m.capability.integrity |= LK_MIS_INTEGRITY_HMAC_SHA1;
            break;
        case LK_MIS_SUITE_NULL_CMAC:
            m.capability.ciphers |= LK_MIS_CIPHER_NULL;
            m.capability.integrity |= LK_MIS_INTEGRITY_CMAC_AES;
            break;
        case LK_MIS_SUITE_COUNT: break;
        }
    return lk_pos_answer(pos, with, request, &m, out);
}

/* T44: of what comes in clear, only questions about capabilities and authentications are looked at;
 * spec: IEEE 802.21 9 - all else is said under an SA. Y26: over UDP, a question that is shorter
 * than its answer gets none. */
static enum lk_status hear_clear(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                 const struct lk_mis_pdu *pdu, size_t len,
                                 struct lk_pos_outbox *out)
{
    const struct lk_pos_with with = { .peer = peer, .name = pdu->source,
                                      .most = peer->way == LK_POS_UDP ? &len : NULL };
    enum lk_mis_action action = lk_mis_action_of(pdu->header.id, &pos->config.codes);

    if (peer->way == LK_POS_LINK ||
        (action != LK_MIS_AUTH && action != LK_MIS_CAPABILITY_DISCOVER)) {
        pos->counters.strangers++;
        return LK_E_DENIED;
    }
    if (action == LK_MIS_AUTH)
        return lk_pos_on_auth(pos, peer, pdu, len, out);
    if (lk_mis_opcode_of(pdu->header.id) != LK_MIS_REQUEST || pdu->header.ack_response)
        return LK_E_UNEXPECTED;
    return say_capability(pos, &with, &pdu->header, out);
}

/* ---- through another PoS ---- */

/* An MN that has one radio says the first words to its target through its SPoS, for as long as what
 * is half-open there lives. Nothing of it is looked into. */
static enum lk_status relay(struct lk_pos *pos, const struct lk_pos_peer *peer,
                            const struct lk_mis_pdu *pdu, struct lk_span octets,
                            struct lk_pos_outbox *out)
{
    bool down = peer->way == LK_POS_LINK;
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos, down ? pdu->destination : pdu->source);
    struct lk_pos_peer to = { .way = LK_POS_LINK };

    if (mn == NULL || mn->relay_ms <= pos->now_ms || !pdu->header.secured ||
        !lk_mis_name_is(&mn->spos.target, down ? pdu->source : pdu->destination)) {
        pos->counters.foreign++;
        return LK_E_DENIED;
    }
    to.handle = lk_pos_link_of(pos, lk_mis_name_of(&mn->spos.target));
    if (to.handle == LK_POS_NONE || !lk_pos_same_peer(peer, down ? &to : &mn->peer)) {
        pos->counters.foreign++;
        return LK_E_DENIED;
    }
    pos->counters.relayed++;
    lk_pos_pass(pos, down ? &mn->peer : &to, lk_pos_keep(out, octets), out);
    return LK_OK;
}

/* ---- under an SA ---- */

/* What ends is all that the MN has here: its SA, its channel, and the key of one. */
static enum lk_status terminate(struct lk_pos *pos, struct lk_pos_mn *mn,
                                const struct lk_pos_with *with,
                                const struct lk_mis_header *request, struct lk_pos_outbox *out)
{
    enum lk_status status = lk_pos_answer_status(pos, with, request, LK_MIS_SUCCESS,
                                                 LK_MIS_REASON_NONE, out);

    pos->counters.left++;
    lk_pos_fact(out, LK_POS_LEFT, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL, NULL);
    lk_pos_forget(pos, mn, out);
    return status;
}

/* One message under way. */
struct heard {
    struct lk_pos_mn *mn;
    bool under_next;
    const struct lk_pos_peer *peer;
    const struct lk_mis_header *header;
    const struct lk_mis_message *m;
};

static enum lk_status on_prereg(struct lk_pos *pos, const struct heard *h,
                                struct lk_pos_outbox *out)
{
    struct lk_mis_serving serving = lk_mis_serving_of(&h->mn->sa);

    if (lk_mis_opcode_of(h->header->id) != LK_MIS_REQUEST)
        return LK_E_UNEXPECTED;
    if (h->under_next || (lk_mis_has(h->m, LK_MIS_TLV_AUTH_VALUE) && !h->mn->has_next))
        return lk_pos_on_confirm(pos, h->mn, h->header, h->m, out);
    return lk_pos_on_request(pos, h->mn, &serving, h->header, h->m, out);
}

static enum lk_status dispatch(struct lk_pos *pos, const struct heard *h,
                               struct lk_pos_outbox *out)
{
    struct lk_pos_with with = lk_pos_with_mn(pos, h->mn, &h->mn->sa);
    enum lk_mis_action action = lk_mis_action_of(h->header->id, &pos->config.codes);

    if (action == LK_MIS_PREREG_XFER)
        return on_prereg(pos, h, out);
    pos->counters.pings++;
    if (lk_mis_opcode_of(h->header->id) != LK_MIS_REQUEST)
        return LK_OK; /* an event: that it was acknowledged is all */
    if (action == LK_MIS_CAPABILITY_DISCOVER)
        return say_capability(pos, &with, h->header, out);
    if (action == LK_MIS_TERMINATION_AUTH)
        return terminate(pos, h->mn, &with, h->header, out);
    return lk_pos_answer_status(pos, &with, h->header, LK_MIS_REJECTED, LK_MIS_REASON_NONE, out);
}

/* spec: RFC 5677 6.3 - who acknowledges the answer has it, and with it K: it is erased here. */
static void acked(struct lk_pos *pos, const struct heard *h, struct lk_pos_outbox *out)
{
    if (lk_mis_action_of(h->header->id, &pos->config.codes) == LK_MIS_PREREG_XFER &&
        lk_mis_opcode_of(h->header->id) == LK_MIS_RESPONSE)
        lk_pos_spos_tell(pos, h->mn, LK_MIS_SPOS_EV_ACKED, out);
}

/* T43, Y01: what was there before begins nothing and ends nothing: anybody who overheard it may say
 * it again, over another transport, too. NULL: that, or there are too many. */
static struct lk_pos_talk *talk_for(struct lk_pos *pos, const struct heard *h, bool replayed)
{
    uint32_t *talk = h->under_next ? &h->mn->next_talk : &h->mn->talk;
    bool udp = lk_pos_is_udp(h->peer) ||
               (h->peer->way == LK_POS_LINK && h->header->ack_request);

    if (!replayed)
        return lk_pos_talk_of(pos, talk, udp);
    return *talk == LK_POS_NONE || pos->talk[*talk].x.udp != udp ? NULL : &pos->talk[*talk];
}

/* It verified. From now on the MN is where it came from: T40: under the half-open SA, once that
 * counts, for the PoS that made its K has it, too. */
static enum lk_status hear_verified(struct lk_pos *pos, struct heard *h, bool replayed, bool bare,
                                    struct lk_pos_outbox *out)
{
    struct lk_pos_talk *talk = talk_for(pos, h, replayed);
    enum lk_status status = replayed ? LK_E_SYNC : LK_E_FULL;
    enum lk_mis_heard heard;

    if (!replayed && h->under_next)
        h->mn->next_peer = *h->peer;
    else if (!replayed)
        lk_pos_place_set(pos, h->mn, h->peer, out);
    if (talk != NULL)
        status = lk_mis_exchange_hear(&talk->x, &heard, h->header, bare, replayed, pos->now_ms);
    if (status != LK_OK) {
        pos->counters.unexpected++;
        return status;
    }
    if (heard == LK_MIS_HEARD_ACK && !h->under_next)
        acked(pos, h, out);
    if (heard == LK_MIS_HEARD_ANSWER && !h->under_next)
        lk_pos_on_pushed(pos, h->mn, h->header, h->m, out);
    if (heard != LK_MIS_HEARD_NEW)
        return LK_OK;
    /* spec: IEEE 802.21.1 5.14.2 - who speaks under the new SA has it. */
    if (h->under_next &&
        lk_mis_action_of(h->header->id, &pos->config.codes) != LK_MIS_PREREG_XFER)
        lk_pos_proven(pos, h->mn, out);
    return dispatch(pos, h, out);
}

/* Under an SA of before we began anew, say: nothing can be said under it, and in clear nothing
 * would count. Over TCP the end of the connection says enough, and proves nothing: the MN asks
 * elsewhere, or authenticates. What ends an SA that is over has nothing to wait for. */
static void hang_up(struct lk_pos *pos, const struct lk_pos_peer *peer,
                    const struct lk_mis_pdu *pdu, struct lk_pos_outbox *out)
{
    if (peer->way != LK_POS_STREAM ||
        lk_mis_action_of(pdu->header.id, &pos->config.codes) == LK_MIS_TERMINATION_AUTH)
        return;
    lk_pos_auths_gone(pos, peer);
    lk_pos_out(out, LK_POS_OUT_CLOSE)->close = *peer;
}

static enum lk_status hear_secured(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                   const struct lk_mis_pdu *pdu, struct lk_pos_outbox *out)
{
    struct heard h = { .peer = peer, .header = &pdu->header };
    struct lk_mis_message m;
    struct lk_span list;
    enum lk_status status;
    bool replayed, bare;

    h.mn = lk_pos_mn_of_said(pos, &pdu->said, &h.under_next);
    if (h.mn == NULL) {
        pos->counters.unknown_sa++;
        hang_up(pos, peer, pdu, out);
        return LK_E_NOT_FOUND;
    }
    status = lk_mis_unprotect(h.under_next ? &h.mn->next : &h.mn->sa, &pos->opened, pdu,
                              pos->now_ms, &pos->config.codes);
    replayed = status == LK_E_SYNC; /* T43 */
    pos->counters.replayed += replayed;
    if (status != LK_OK && !replayed) {
        pos->counters.unverified++;
        return status;
    }
    list = lk_span_of(pos->opened.octets, pos->opened.len);
    bare = lk_mis_is_bare_ack(&pdu->header, list);
    status = replayed ? LK_OK : lk_mis_message_get(&m, &pdu->header, list, &pos->config.codes);
    h.m = &m;
    if (status == LK_OK)
        status = hear_verified(pos, &h, replayed, bare, out);
    else
        pos->counters.malformed++;
    lk_wipe(&m, sizeof m);
    lk_wipe(&pos->opened, sizeof pos->opened);
    if (h.mn->used) {
        lk_pos_catch_up(pos, h.mn, out);
        lk_pos_settle(pos, h.mn);
    }
    return status;
}

/* ---- over a channel: the SA by TLS ---- */

/* T41: from there no K is had; the machine says so. */
static enum lk_status hear_channel(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                   const struct lk_mis_pdu *pdu, struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_of_channel(pos, peer);
    struct lk_pos_with with = { .peer = peer, .name = pdu->source };
    enum lk_mis_action action;
    struct lk_mis_message m;
    enum lk_status status;

    if (mn == NULL || !lk_mis_name_is(&mn->name, pdu->source)) {
        pos->counters.strangers++;
        return LK_E_DENIED;
    }
    mn->heard_ms = pos->now_ms;
    status = lk_mis_message_get(&m, &pdu->header, pdu->body, &pos->config.codes);
    if (status != LK_OK) {
        pos->counters.malformed++;
        return status;
    }
    pos->counters.pings++;
    if (lk_mis_opcode_of(pdu->header.id) != LK_MIS_REQUEST || pdu->header.ack_response)
        return LK_OK;
    action = lk_mis_action_of(pdu->header.id, &pos->config.codes);
    if (action == LK_MIS_CAPABILITY_DISCOVER)
        return say_capability(pos, &with, &pdu->header, out);
    if (action == LK_MIS_PREREG_XFER)
        return lk_pos_on_tls_request(pos, mn, &with, &pdu->header, &m, out);
    if (action == LK_MIS_TERMINATION_AUTH)
        return terminate(pos, mn, &with, &pdu->header, out);
    return lk_pos_answer_status(pos, &with, &pdu->header, LK_MIS_REJECTED, LK_MIS_REASON_NONE,
                                out);
}

enum lk_status lk_pos_hear(struct lk_pos *pos, const struct lk_pos_peer *peer,
                           struct lk_span octets, struct lk_pos_outbox *out)
{
    struct lk_mis_pdu pdu;
    enum lk_status status = LK_E_LENGTH;

    pos->counters.messages++;
    if (octets.len <= LK_MIS_FRAME_MAX)
        status = lk_mis_decode(&pdu, octets, &pos->config.codes);
    if (status != LK_OK) {
        pos->counters.malformed++;
        return status;
    }
    if (pdu.destination.len > 0 && !lk_mis_name_is(&pos->config.self, pdu.destination))
        return relay(pos, peer, &pdu, octets, out);
    if (pdu.header.secured)
        return hear_secured(pos, peer, &pdu, out);
    if (peer->way == LK_POS_CHANNEL)
        return hear_channel(pos, peer, &pdu, out);
    return hear_clear(pos, peer, &pdu, octets.len, out);
}
