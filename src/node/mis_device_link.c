/* The MN's links: PDUs out and in, under the SA where there is one, and their transactions. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "node/mis_device_parts.h"

enum { SHOWN = 50 }; /* of a name, in a refusal */

/* The transactions are the link's own, wherever the device was copied to. */
static struct lk_mis_exchange *exchange_of(struct lk_mis_device_link *link)
{
    link->x.transaction = link->transaction;
    return &link->x;
}

/* ---- who is at the other end ---- */

void lk_mis_device_drop_sa(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];

    lk_mis_sa_wipe(&link->sa);
    link->holds = LK_MIS_DEVICE_NOTHING;
}

void lk_mis_device_put_sa(struct lk_mis_device_work *w, uint8_t which, const struct lk_mis_sa *sa)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    uint64_t now_ms = w->event->now_ms, early_ms = w->config->renew_ms;
    uint64_t left_ms = sa->expires_ms > now_ms ? sa->expires_ms - now_ms : 0;

    lk_mis_device_add(w, LK_MIS_DEVICE_OUT_KEYS, which)->keys = *sa;
    lk_mis_sa_wipe(&link->sa);
    link->sa = *sa;
    lk_mis_sa_established(&link->sa);
    link->renew_ms = sa->expires_ms - (early_ms < left_ms / 2 ? early_ms : left_ms / 2);
}

void lk_mis_device_leave(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];

    if (link->open)
        (void)lk_mis_device_add(w, LK_MIS_DEVICE_OUT_CLOSE, which);
    lk_wipe(link, sizeof *link);
}

enum lk_status lk_mis_device_name(struct lk_mis_device_work *w, uint8_t which,
                                  const struct lk_mis_pos *pos)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    uint8_t tid[2];

    if (pos->id.len == 0 || pos->id.len > LK_MIS_ID_MAX)
        return LK_E_LENGTH;
    if (lk_mis_name_is(&link->id, pos->id) && link->port == pos->port &&
        lk_address_equal(&link->address, &pos->address))
        return LK_OK;
    lk_mis_device_leave(w, which);
    (void)lk_mis_name_set(&link->id, pos->id);
    link->address = pos->address;
    link->port = pos->port;
    lk_draw(&w->draw, tid, sizeof tid);
    lk_mis_exchange_init(&link->x, link->transaction, LK_MIS_DEVICE_TRANSACTIONS, w->config->udp,
                         (uint16_t)(tid[0] << 8 | tid[1]));
    return LK_OK;
}

/* ---- out ---- */

void lk_mis_device_open(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_mis_device_output *open;

    if (link->open)
        return;
    open = lk_mis_device_add(w, LK_MIS_DEVICE_OUT_OPEN, which);
    open->open.address = link->address;
    open->open.port = link->port;
    link->open = true;
}

static void send(struct lk_mis_device_work *w, uint8_t which, struct lk_span octets)
{
    lk_mis_device_open(w, which);
    lk_mis_device_add(w, LK_MIS_DEVICE_OUT_SEND, which)->send = octets;
}

/* A06: under an SA we are whom the home and we have made of its authentication; before it, nobody
 * that anybody knows. */
struct lk_span lk_mis_device_self(const struct lk_mis_device_link *link, bool secured)
{
    if (secured)
        return lk_mis_name_of(&link->sa.self);
    return lk_mis_name_of(link->holds == LK_MIS_DEVICE_CHANNEL ? &link->self : &link->once);
}

/* header and list as a PDU, into what is left of the outbox. */
static enum lk_status write_pdu(struct lk_writer *room, struct lk_mis_device_work *w,
                                struct lk_mis_device_link *link, const struct lk_mis_header *header,
                                struct lk_span list)
{
    const struct lk_mis_codes *codes = &w->config->mn.codes;
    struct lk_mis_pdu pdu = { .header = *header,
                              .source = lk_mis_device_self(link, header->secured),
                              .destination = lk_mis_name_of(&link->id),
                              .body = list };
    uint8_t iv[LK_MIS_IV_LEN];

    *room = lk_writer_of(w->out->octets + w->out->used, sizeof w->out->octets - w->out->used);
    if (!header->secured)
        return lk_mis_encode(room, &pdu, codes);
    if (link->holds != LK_MIS_DEVICE_SA && link->holds != LK_MIS_DEVICE_HALF_OPEN)
        return LK_E_NOT_FOUND;
    lk_draw(&w->draw, iv, sizeof iv);
    return lk_mis_protect(&link->sa, room, header, list, iv, w->event->now_ms, codes);
}

enum lk_status lk_mis_device_say(struct lk_mis_device_work *w, uint8_t which,
                                 const struct lk_mis_device_saying *saying)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_mis_exchange *x = exchange_of(link);
    struct lk_mis_header header;
    struct lk_writer room;
    enum lk_status status;

    status = saying->answers != NULL
                 ? lk_mis_exchange_answer(x, &header, saying->answers)
                 : lk_mis_exchange_begin(x, &header,
                                         lk_mis_message_id(saying->action, saying->opcode,
                                                           &w->config->mn.codes));
    header.secured = saying->secured;
    if (status == LK_OK)
        status = write_pdu(&room, w, link, &header, saying->list);
    if (status == LK_OK)
        status = lk_mis_exchange_sent(x, &header, lk_writer_span(&room), w->event->now_ms);
    if (status != LK_OK)
        return status;
    w->out->used += room.len;
    send(w, which, lk_writer_span(&room));
    return LK_OK;
}

/* The SA is followed by another one, under another name: the PoS cannot tell that they are of one
 * MN, and is told by what ends the first. Nothing is waited for. */
void lk_mis_device_end_before(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_mis_message bye = { .reason = LK_MIS_REASON_NONE };
    uint8_t octets[16];
    struct lk_writer list = lk_writer_of(octets, sizeof octets), room;
    const struct lk_mis_codes *codes = &w->config->mn.codes;
    struct lk_mis_header header;

    if (link->holds != LK_MIS_DEVICE_SA || link->sa.expires_ms <= w->event->now_ms ||
        lk_mis_name_is(&link->sa.self, lk_mis_name_of(&w->d->named)))
        return;
    lk_mis_mark(&bye, LK_MIS_TLV_REASON);
    LK_ASSERT(lk_mis_message_put(&list, &bye, codes) == LK_OK);
    if (lk_mis_exchange_begin(exchange_of(link), &header,
                              lk_mis_message_id(LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST,
                                                codes)) != LK_OK)
        return;
    header.secured = true;
    if (write_pdu(&room, w, link, &header, lk_writer_span(&list)) != LK_OK)
        return;
    w->out->used += room.len;
    send(w, which, lk_writer_span(&room));
}

/* An answer under the SA before, which may be on its way, can be read no more: nothing of that SA
 * is kept, at either end. A ping is the one question that outlives its SA, and says nothing. */
void lk_mis_device_ask_again(struct lk_mis_device_work *w, uint8_t which)
{
    const struct lk_mis_device_saying ping = { .action = LK_MIS_CAPABILITY_DISCOVER,
                                               .opcode = LK_MIS_REQUEST, .secured = true };
    uint16_t id = lk_mis_message_id(ping.action, ping.opcode, &w->config->mn.codes);
    size_t asked = lk_mis_exchange_withdraw(exchange_of(&w->d->link[which]), id, true);

    for (; asked > 0; asked--)
        if (lk_mis_device_say(w, which, &ping) != LK_OK)
            lk_mis_device_refuse(w, LK_REASON_MIS_NO_ANSWER, "a message that can be sent", NULL);
}

/* ---- what is due ---- */

/* A channel is no way for anything but its SA, and ends with it. ended: by Termination_Auth. */
static void lose(struct lk_mis_device_work *w, uint8_t which, bool ended)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    bool by_channel = link->holds == LK_MIS_DEVICE_CHANNEL;

    lk_mis_device_drop_sa(w, which);
    lk_mis_device_tell(w, LK_MIS_DEVICE_LOST, which)->fact.ended = ended;
    if (by_channel && link->open)
        (void)lk_mis_device_add(w, LK_MIS_DEVICE_OUT_CLOSE, which);
    link->open = link->open && !by_channel;
}

static void acknowledge(struct lk_mis_device_work *w, uint8_t which,
                        const struct lk_mis_header *header)
{
    struct lk_writer room;

    if (write_pdu(&room, w, &w->d->link[which], header, lk_span_of(NULL, 0)) != LK_OK)
        return; /* the SA is over: so is what came under it */
    w->out->used += room.len;
    send(w, which, lk_writer_span(&room));
}

static void repeat(struct lk_mis_device_work *w, uint8_t which, struct lk_span octets)
{
    struct lk_writer room = lk_writer_of(w->out->octets + w->out->used,
                                         sizeof w->out->octets - w->out->used);

    lk_put_span(&room, octets);
    LK_ASSERT(lk_writer_end(&room) == LK_OK);
    w->out->used += room.len;
    send(w, which, lk_writer_span(&room));
}

/* A question under the SA, or over the channel: the PoS is gone, or has forgotten the MN. Nothing
 * proves which, so the SA stays until there is another one; a channel is of no use any more. */
static void miss(struct lk_mis_device_work *w, uint8_t which)
{
    const struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_span id = lk_mis_name_of(&link->id);
    char expected[LK_REFUSAL_TEXT];
    int len = id.len < SHOWN ? (int)id.len : SHOWN;

    (void)snprintf(expected, sizeof expected, "an answer of %.*s", len, (const char *)id.at);
    lk_mis_device_tell(w, LK_MIS_DEVICE_SILENT, which)->fact.why =
        lk_refusal_of(LK_REASON_MIS_NO_ANSWER, expected, "none");
    if (link->holds == LK_MIS_DEVICE_CHANNEL)
        lose(w, which, false);
    else if (link->holds == LK_MIS_DEVICE_SA && which == w->d->serving && !w->d->authenticating)
        (void)!lk_mis_device_authenticate(w, which, true);
}

/* The machine of optimised establishment has a timer of its own. */
static void be_silent(struct lk_mis_device_work *w, uint8_t which,
                      const struct lk_mis_header *header)
{
    enum lk_mis_action action = lk_mis_action_of(header->id, &w->config->mn.codes);
    bool kept = header->secured || w->d->link[which].holds == LK_MIS_DEVICE_CHANNEL;

    if (action == LK_MIS_TERMINATION_AUTH)
        lose(w, which, true);
    else if (action == LK_MIS_CAPABILITY_DISCOVER && kept)
        miss(w, which);
    else if (action == LK_MIS_AUTH || action == LK_MIS_CAPABILITY_DISCOVER)
        lk_mis_device_auth_silent(w, which);
}

uint64_t lk_mis_device_due_ms(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];

    return link->id.len > 0 ? lk_mis_exchange_next_ms(exchange_of(link)) : LK_MIS_NEVER;
}

void lk_mis_device_settle(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_mis_due due;

    for (unsigned i = 0; link->id.len > 0 && i < LK_MIS_DEVICE_REPEATS; i++) {
        if (!lk_mis_exchange_due(exchange_of(link), &due, w->event->now_ms))
            return;
        switch (due.kind) {
        case LK_MIS_DUE_ACK: acknowledge(w, which, &due.header); break;
        case LK_MIS_DUE_SEND: repeat(w, which, due.octets); break;
        case LK_MIS_DUE_SILENT: be_silent(w, which, &due.header); break;
        }
    }
}

void lk_mis_device_cut(struct lk_mis_device_work *w, uint8_t which)
{
    static const enum lk_mis_action asked[] = { LK_MIS_CAPABILITY_DISCOVER,
                                                LK_MIS_TERMINATION_AUTH };
    struct lk_mis_device_link *link = &w->d->link[which];
    bool secured = link->holds != LK_MIS_DEVICE_CHANNEL;

    for (size_t i = 0; i < LK_COUNT_OF(asked); i++)
        lk_mis_exchange_cut(exchange_of(link),
                            lk_mis_message_id(asked[i], LK_MIS_REQUEST, &w->config->mn.codes),
                            secured, w->event->now_ms);
    lk_mis_device_settle(w, which);
}

/* ---- in ---- */

/* spec: IEEE 802.21 9 - where there is an SA with a peer, what comes in clear is nobody's but
 * for what makes the next one. A03, T42: Prereg_Xfer in clear never counts. */
static bool may_be_clear(const struct lk_mis_device_link *link, enum lk_mis_action action)
{
    if (action == LK_MIS_CAPABILITY_DISCOVER || action == LK_MIS_AUTH)
        return true;
    return link->holds == LK_MIS_DEVICE_CHANNEL && action != LK_MIS_PREREG_XFER;
}

static void count_refused(struct lk_mis_device_work *w, enum lk_status status)
{
    struct lk_mis_device_counters *counters = &w->d->counters;

    if (status == LK_E_NOT_FOUND)
        counters->foreign++;
    else if (status == LK_E_DENIED)
        counters->in_clear++;
    else if (status == LK_E_MAC)
        counters->altered++;
    else if (status == LK_E_SYNC)
        counters->replayed++;
    else
        counters->unreadable++;
}

/* The list of TLVs of a PDU. *replayed: it verified, and was there before. */
static enum lk_status open(struct lk_span *list, bool *replayed, struct lk_mis_device_work *w,
                           struct lk_mis_device_link *link, const struct lk_mis_pdu *pdu,
                           struct lk_mis_opened *opened)
{
    const struct lk_mis_codes *codes = &w->config->mn.codes;
    enum lk_status status;

    *replayed = false;
    *list = pdu->body;
    if (!lk_mis_name_is(&link->id, pdu->source) ||
        !lk_span_equal(lk_mis_device_self(link, pdu->header.secured), pdu->destination))
        return LK_E_NOT_FOUND;
    if (!pdu->header.secured)
        return may_be_clear(link, lk_mis_action_of(pdu->header.id, codes)) ? LK_OK : LK_E_DENIED;
    if (link->holds != LK_MIS_DEVICE_SA && link->holds != LK_MIS_DEVICE_HALF_OPEN)
        return LK_E_NOT_FOUND;
    status = lk_mis_unprotect(&link->sa, opened, pdu, w->event->now_ms, codes);
    *list = lk_span_of(opened->octets, opened->len);
    *replayed = status == LK_E_SYNC;
    return *replayed ? LK_OK : status;
}

/* What a PoS can, before an SA; under one, that it is there. */
static enum lk_status discovered(struct lk_mis_device_work *w,
                                 const struct lk_mis_device_heard *heard)
{
    const struct lk_mis_device_link *link = &w->d->link[heard->link];

    if (lk_mis_opcode_of(heard->header->id) != LK_MIS_RESPONSE)
        return LK_E_UNEXPECTED;
    if (heard->opened == NULL && link->holds != LK_MIS_DEVICE_CHANNEL)
        return lk_mis_device_auth_heard(w, heard);
    (void)lk_mis_device_tell(w, LK_MIS_DEVICE_PONG, heard->link);
    return LK_OK;
}

void lk_mis_device_answer(struct lk_mis_device_work *w, const struct lk_mis_device_heard *heard,
                          enum lk_mis_status result)
{
    struct lk_mis_message m = { .present = 0 };
    uint8_t octets[16];
    struct lk_writer list = lk_writer_of(octets, sizeof octets);
    struct lk_mis_device_saying saying = {
        .action = lk_mis_action_of(heard->header->id, &w->config->mn.codes),
        .opcode = LK_MIS_RESPONSE,
        .secured = heard->opened != NULL,
        .answers = heard->header,
    };
    enum lk_status status;

    lk_mis_status_put(&m, result, LK_MIS_REASON_NONE);
    status = lk_mis_message_put(&list, &m, &w->config->mn.codes);
    LK_ASSERT(status == LK_OK);
    saying.list = lk_writer_span(&list);
    if (lk_mis_device_say(w, heard->link, &saying) != LK_OK)
        w->d->counters.unasked++; /* not awaited any more */
}

/* Termination_Auth, under the SA that it ends, or over its channel: of the PoS, and answered there;
 * or the answer to ours. An SA that an SPoS made ends as one by EAP does. */
static enum lk_status terminate(struct lk_mis_device_work *w,
                                const struct lk_mis_device_heard *heard)
{
    enum lk_mis_device_hold holds = w->d->link[heard->link].holds;

    if (holds != LK_MIS_DEVICE_CHANNEL && (heard->opened == NULL || holds != LK_MIS_DEVICE_SA))
        return LK_E_UNEXPECTED;
    if (lk_mis_opcode_of(heard->header->id) == LK_MIS_REQUEST)
        lk_mis_device_answer(w, heard, LK_MIS_SUCCESS);
    lose(w, heard->link, true);
    return LK_OK;
}

static enum lk_status dispatch(struct lk_mis_device_work *w,
                               const struct lk_mis_device_heard *heard)
{
    enum lk_mis_action action = lk_mis_action_of(heard->header->id, &w->config->mn.codes);

    if (action == LK_MIS_AUTH)
        return lk_mis_device_auth_heard(w, heard);
    if (action == LK_MIS_PREREG_XFER)
        return lk_mis_device_prereg(w, heard);
    if (action == LK_MIS_CAPABILITY_DISCOVER)
        return discovered(w, heard);
    if (action == LK_MIS_TERMINATION_AUTH)
        return terminate(w, heard);
    return action == LK_MIS_PUSH_KEY ? lk_mis_device_link_keys(w, heard) : LK_E_UNEXPECTED;
}

static enum lk_status process(struct lk_mis_device_work *w, uint8_t which,
                              const struct lk_mis_pdu *pdu, struct lk_mis_opened *opened)
{
    struct lk_mis_device_link *link = &w->d->link[which];
    struct lk_mis_message message;
    struct lk_mis_device_heard heard = { .link = which,
                                         .header = &pdu->header,
                                         .opened = pdu->header.secured ? opened : NULL,
                                         .message = &message };
    enum lk_mis_heard what;
    struct lk_span list;
    enum lk_status status;
    bool replayed, bare;

    status = open(&list, &replayed, w, link, pdu, opened);
    if (status != LK_OK)
        return status;
    bare = lk_mis_is_bare_ack(&pdu->header, list);
    if (!replayed)
        status = lk_mis_message_get(&message, &pdu->header, list, &w->config->mn.codes);
    if (status == LK_OK)
        status = lk_mis_exchange_hear(exchange_of(link), &what, &pdu->header, bare, replayed,
                                      w->event->now_ms);
    if (status != LK_OK && replayed)
        return LK_E_SYNC;
    if (status != LK_OK || what == LK_MIS_HEARD_ACK || what == LK_MIS_HEARD_AGAIN)
        return status;
    status = dispatch(w, &heard);
    w->d->counters.unasked += status == LK_E_UNEXPECTED;
    return LK_OK;
}

enum lk_status lk_mis_device_hear(struct lk_mis_device_work *w, uint8_t which,
                                  struct lk_span octets)
{
    struct lk_mis_opened opened = { .len = 0 };
    struct lk_mis_pdu pdu;
    enum lk_status status = lk_mis_decode(&pdu, octets, &w->config->mn.codes);

    w->d->counters.heard++;
    if (status == LK_OK)
        status = process(w, which, &pdu, &opened);
    lk_wipe(&opened, sizeof opened);
    if (status != LK_OK)
        count_refused(w, status);
    lk_mis_device_settle(w, which);
    return status;
}
