/* What a PoS says: lists of TLVs in clear or under an SA, with their transactions; repeats; and N2N
 * over a link. */
#include "base/secret.h"
#include "node/pos_parts.h"

/* A channel is of datagrams, too. What comes through another PoS is of who asks for
 * acknowledgements, or not, by itself. */
bool lk_pos_is_udp(const struct lk_pos_peer *peer)
{
    return peer->way == LK_POS_UDP || peer->way == LK_POS_CHANNEL;
}

void lk_pos_pass(struct lk_pos *pos, const struct lk_pos_peer *peer, struct lk_span octets,
                 struct lk_pos_outbox *out)
{
    struct lk_pos_output *item;

    if (peer->way == LK_POS_LINK) {
        if (!pos->link[peer->handle].up)
            return;
        item = lk_pos_out(out, LK_POS_OUT_N2N);
        item->n2n.link = peer->handle;
        item->n2n.octets = octets;
        return;
    }
    item = lk_pos_out(out, LK_POS_OUT_SEND);
    item->send.peer = *peer;
    item->send.octets = octets;
}

/* Y26: whether so many octets may go there; if so they count. */
static bool may_say(const struct lk_pos_with *with, size_t len)
{
    if (with->most == NULL)
        return true;
    if (len > *with->most)
        return false;
    *with->most -= len;
    return true;
}

/* T46: a list with a K goes under an SA that encrypts, or nowhere: lk_mis_protect judges it. */
static enum lk_status write_pdu(struct lk_pos *pos, const struct lk_pos_with *with,
                                struct lk_writer *w, const struct lk_mis_header *header,
                                struct lk_span list)
{
    struct lk_mis_pdu pdu = { .header = *header,
                              .source = lk_mis_name_of(&pos->config.self),
                              .destination = with->name,
                              .body = list };
    uint8_t iv[LK_MIS_IV_LEN];

    if (with->sa == NULL)
        return lk_mis_encode(w, &pdu, &pos->config.codes);
    lk_draw(&pos->draw, iv, sizeof iv);
    return lk_mis_protect(with->sa, w, header, list, iv, pos->now_ms, &pos->config.codes);
}

enum lk_status lk_pos_say(struct lk_pos *pos, const struct lk_pos_with *with,
                          const struct lk_mis_header *header, struct lk_span list,
                          struct lk_pos_outbox *out)
{
    struct lk_writer w = lk_pos_room(out);
    struct lk_mis_header secured = *header;
    enum lk_status status;

    secured.secured = with->sa != NULL;
    status = write_pdu(pos, with, &w, &secured, list);
    if (status == LK_OK && with->x != NULL && !lk_mis_is_bare_ack(header, list))
        status = lk_mis_exchange_sent(with->x, &secured, lk_writer_span(&w), pos->now_ms);
    if (status != LK_OK)
        return status;
    if (!may_say(with, w.len))
        return LK_OK; /* it is kept, and is due when it would be repeated */
    out->used += w.len;
    lk_pos_pass(pos, with->peer, lk_writer_span(&w), out);
    return LK_OK;
}

enum lk_status lk_pos_say_message(struct lk_pos *pos, const struct lk_pos_with *with,
                                  const struct lk_mis_header *header,
                                  const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    uint8_t list[LK_POS_LIST_SMALL];
    struct lk_writer w = lk_writer_of(list, sizeof list);
    enum lk_status status = lk_mis_message_put(&w, m, &pos->config.codes);

    return status == LK_OK ? lk_pos_say(pos, with, header, lk_writer_span(&w), out) : status;
}

/* Where no transactions are kept, an answer comes again when its request does. */
static enum lk_status header_of(struct lk_mis_header *answer, const struct lk_pos_with *with,
                                const struct lk_mis_header *request,
                                const struct lk_mis_codes *codes)
{
    if (with->x != NULL)
        return lk_mis_exchange_answer(with->x, answer, request);
    *answer = (struct lk_mis_header){
        .ack_response = request->ack_request,
        .id = lk_mis_message_id(lk_mis_action_of(request->id, codes), LK_MIS_RESPONSE, codes),
        .tid = request->tid,
    };
    return LK_OK;
}

enum lk_status lk_pos_answer_list(struct lk_pos *pos, const struct lk_pos_with *with,
                                  const struct lk_mis_header *request, struct lk_span list,
                                  struct lk_pos_outbox *out)
{
    struct lk_mis_header header;
    enum lk_status status = header_of(&header, with, request, &pos->config.codes);

    return status == LK_OK ? lk_pos_say(pos, with, &header, list, out) : status;
}

enum lk_status lk_pos_answer(struct lk_pos *pos, const struct lk_pos_with *with,
                             const struct lk_mis_header *request, const struct lk_mis_message *m,
                             struct lk_pos_outbox *out)
{
    uint8_t list[LK_POS_LIST_SMALL];
    struct lk_writer w = lk_writer_of(list, sizeof list);
    enum lk_status status = lk_mis_message_put(&w, m, &pos->config.codes);

    return status == LK_OK ? lk_pos_answer_list(pos, with, request, lk_writer_span(&w), out)
                           : status;
}

enum lk_status lk_pos_answer_status(struct lk_pos *pos, const struct lk_pos_with *with,
                                    const struct lk_mis_header *request,
                                    enum lk_mis_status result, enum lk_mis_reason reason,
                                    struct lk_pos_outbox *out)
{
    struct lk_mis_message m = { .present = 0 };

    lk_mis_status_put(&m, result, reason);
    return lk_pos_answer(pos, with, request, &m, out);
}

/* For one more, and for what whoever is due may have to say behind it. What waits is due still. */
static bool has_room(const struct lk_pos_outbox *out)
{
    return out->count + LK_POS_BEHIND_MOST < LK_POS_OUTBOX_MAX &&
           out->used + LK_MIS_KEPT_MAX + LK_POS_BEHIND_OCTETS <= sizeof out->octets;
}

bool lk_pos_talk_due(struct lk_pos *pos, const struct lk_pos_with *with,
                     struct lk_pos_outbox *out)
{
    struct lk_mis_due due;
    bool silent = false;

    while (has_room(out) && lk_mis_exchange_due(with->x, &due, pos->now_ms)) {
        if (due.kind == LK_MIS_DUE_SEND && !may_say(with, due.octets.len))
            continue;
        if (due.kind == LK_MIS_DUE_SEND)
            lk_pos_pass(pos, with->peer, lk_pos_keep(out, due.octets), out);
        else if (due.kind == LK_MIS_DUE_ACK)
            (void)(lk_pos_say(pos, with, &due.header, lk_span_of(NULL, 0), out) == LK_OK);
        else
            silent = true;
    }
    return silent;
}

/* T46: over a link that is up, and nowhere else. */
enum lk_status lk_pos_say_n2n(struct lk_pos *pos, uint32_t link,
                              const struct lk_mis_header *header, struct lk_span list,
                              struct lk_pos_outbox *out)
{
    const struct lk_pos_link *row = &pos->link[link];
    struct lk_mis_pdu pdu = { .header = *header,
                              .source = lk_mis_name_of(&pos->config.self),
                              .destination = lk_mis_name_of(&row->name),
                              .body = list };
    struct lk_writer w = lk_pos_room(out);
    struct lk_pos_output *item;
    enum lk_status status;

    if (!row->up)
        return LK_E_NOT_FOUND;
    status = lk_mis_encode(&w, &pdu, &pos->config.codes);
    if (status != LK_OK)
        return status;
    out->used += w.len;
    item = lk_pos_out(out, LK_POS_OUT_N2N);
    item->n2n.link = link;
    item->n2n.octets = lk_writer_span(&w);
    return LK_OK;
}
