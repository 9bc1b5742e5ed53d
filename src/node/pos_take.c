/* The target PoS: what a partner hands over becomes an SA that waits for its mobile node. */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

/* ---- the offer ---- */

/* One offer under way: nothing of it has a row yet. */
struct offer {
    const struct lk_pos_event *event;
    const struct lk_mis_header *header;
    const struct lk_mis_message *m;
    uint32_t link;
    struct lk_mis_tpos tpos;
};

static enum lk_status say(struct lk_pos *pos, const struct offer *o, struct lk_span list,
                          struct lk_pos_outbox *out)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &pos->config.codes),
        .tid = o->header->tid,
    };

    return lk_pos_say_n2n(pos, o->link, &header, list, out);
}

static void not_taken(struct lk_pos *pos, const struct offer *o, const struct lk_refusal *why,
                      struct lk_pos_outbox *out)
{
    struct lk_span mn = lk_mis_has(o->m, LK_MIS_TLV_MN) ? o->m->mn : lk_span_of(NULL, 0);

    pos->counters.not_taken++;
    lk_pos_fact(out, LK_POS_NOT_TAKEN, mn, lk_mis_name_of(&pos->link[o->link].name), NULL, why);
}

/* T44: a link has a share of the rows for those who have not come yet, and half of all for those
 * and whom it handed over: a partner that announces and announces, and speaks for them, does not
 * take all of them. */
static bool has_place(const struct lk_pos *pos, const struct offer *o, struct lk_span name)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos, name);
    const struct lk_pos_link *link = &pos->link[o->link];
    struct lk_span spos = lk_mis_name_of(&link->name);

    if (mn != NULL && mn->has_next && mn->link == o->link)
        return true;
    if ((mn == NULL && !lk_pos_has_room(pos)) || link->half_opens >= pos->config.half_opens)
        return false;
    return (mn != NULL && lk_mis_name_is(&mn->from, spos)) ||
           lk_pos_count_from(pos, spos) + link->half_opens < (pos->config.mns + 1) / 2;
}

/* When the home authenticated whom that mark is of; 0: there is none. */
static uint64_t start_of(struct lk_span octets)
{
    struct lk_start_mark mark;

    return octets.len > 0 && lk_start_mark_read(&mark, octets) == LK_OK ? mark.start_s : 0;
}

/* Half-open through another link, and not the home's: where what that gave did not prove itself,
 * the MN goes on with what counts. */
static bool holds_another(const struct lk_pos_mn *mn, const struct offer *o)
{
    return mn->has_next && mn->link != o->link && !mn->tpos.of_home;
}

/* T40: every PoS of an earlier chain still holds a good mark, and the MN has the same name after
 * ERP: what stands on an earlier authentication never takes the place of a later one, */
static bool is_older(const struct lk_pos *pos, const struct offer *o,
                     const struct lk_mis_tpos_output *asked)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos, lk_mis_name_of(&asked->ask.mn));
    uint64_t start_s = start_of(asked->ask.mark);

    if (mn == NULL)
        return false;
    return start_s < start_of(lk_span_of(mn->mark, mn->mark_len)) ||
           (holds_another(mn, o) &&
            start_s < start_of(lk_span_of(mn->tpos.mark, mn->tpos.mark_len)));
}

/* and of the same one, another partner's offer waits until the half-open SA is over. */
static bool is_awaited(const struct lk_pos *pos, const struct offer *o,
                       const struct lk_mis_tpos_output *asked)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos, lk_mis_name_of(&asked->ask.mn));

    return mn != NULL && holds_another(mn, o) &&
           start_of(asked->ask.mark) ==
               start_of(lk_span_of(mn->tpos.mark, mn->tpos.mark_len));
}

static enum lk_status say_no(struct lk_pos *pos, const struct offer *o, enum lk_reason reason,
                             enum lk_mis_reason told, struct lk_pos_outbox *out)
{
    const struct lk_refusal why = lk_refusal_of(reason, NULL, NULL);
    struct lk_mis_message m = { .present = 0 };
    uint8_t list[LK_POS_LIST_SMALL];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    lk_mis_status_put(&m, LK_MIS_REJECTED, told);
    LK_ASSERT(lk_mis_message_put(&w, &m, &pos->config.codes) == LK_OK);
    pos->counters.full += reason == LK_REASON_MIS_FULL;
    not_taken(pos, o, &why, out);
    return say(pos, o, lk_writer_span(&w), out);
}

static const struct lk_pos_home *home_of(const struct lk_pos *pos, struct lk_span octets)
{
    struct lk_start_mark mark;

    if (octets.len == 0 || lk_start_mark_read(&mark, octets) != LK_OK)
        return NULL;
    for (size_t i = 0; i < pos->config.homes; i++)
        if (lk_mis_same_realm(pos->config.home[i].realm, mark.realm))
            return &pos->config.home[i];
    return NULL;
}

static void announce(struct lk_pos *pos, struct offer *o, const struct lk_mis_sa *sa,
                     struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_add(pos, lk_mis_name_of(&o->tpos.mn));

    LK_ASSERT(mn != NULL); /* has_place */
    lk_pos_next_set(pos, mn, sa, o->link);
    mn->tpos = o->tpos;
    pos->counters.prepared++;
    lk_pos_fact(out, LK_POS_PREPARED, lk_mis_name_of(&mn->name), lk_mis_name_of(&o->tpos.spos),
                &o->tpos.chain, NULL);
    lk_pos_offer(pos, sa, out);
    lk_pos_settle(pos, mn);
}

static enum lk_status carry_offer(struct lk_pos *pos, struct offer *o,
                                  const struct lk_mis_tpos_outbox *said,
                                  struct lk_pos_outbox *out)
{
    const struct lk_mis_tpos_output *item = lk_mis_tpos_outbox_find(said, LK_MIS_TPOS_OUT_REFUSED);

    if (item != NULL)
        not_taken(pos, o, &item->refused, out);
    item = lk_mis_tpos_outbox_find(said, LK_MIS_TPOS_OUT_SA);
    if (item != NULL)
        announce(pos, o, &item->sa, out);
    item = lk_mis_tpos_outbox_find(said, LK_MIS_TPOS_OUT_ANSWER);
    return item == NULL ? LK_OK : say(pos, o, item->answer, out);
}

/* T40, T43: of what the home did not sign, not even the nonce is remembered. */
static enum lk_status tell(struct lk_pos *pos, struct offer *o,
                           const struct lk_mis_tpos_output *asked, enum lk_mis_mark_verdict mark,
                           const struct lk_pos_told *told, struct lk_pos_outbox *out)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_TOLD, .now_ms = pos->now_ms };
    struct lk_mis_tpos_outbox said;
    enum lk_status status;

    lk_draw(&pos->draw, event.entropy, sizeof event.entropy);
    event.told.mark = mark;
    if (mark == LK_MIS_MARK_SIGNED || (mark == LK_MIS_MARK_NO_KEY && pos->config.tpos.unmarked))
        event.told.seen = lk_pos_nonce_seen(pos, lk_mis_name_of(&asked->ask.mn),
                                            asked->ask.nonce_t, asked->ask.remember_s);
    if (told != NULL && told->has_dh) {
        event.told.dh = told->dh;
        event.told.z = told->z;
    }
    status = lk_mis_tpos_step(&o->tpos, &pos->config.tpos, &event, &said);
    if (status == LK_OK)
        status = carry_offer(pos, o, &said, out);
    lk_mis_tpos_outbox_wipe(&said);
    lk_wipe(&event, sizeof event);
    return status;
}

/* What takes the heap is asked for; what needs none of it is judged at once. */
static enum lk_status on_ask(struct lk_pos *pos, struct offer *o,
                             const struct lk_mis_tpos_output *asked, struct lk_pos_outbox *out)
{
    const struct lk_pos_home *home = home_of(pos, asked->ask.mark);
    const struct lk_pos_told *told = o->event->link.told;
    bool hopeless = home == NULL && !pos->config.tpos.unmarked;
    struct lk_pos_output *item;

    if (is_older(pos, o, asked))
        return say_no(pos, o, LK_REASON_MIS_MARK, LK_MIS_REASON_NO_TRUST, out);
    if (is_awaited(pos, o, asked) || !has_place(pos, o, lk_mis_name_of(&asked->ask.mn)))
        return say_no(pos, o, LK_REASON_MIS_FULL, LK_MIS_REASON_UNREACHABLE, out);
    if (hopeless || (home == NULL && !asked->ask.wants_dh))
        return tell(pos, o, asked, LK_MIS_MARK_NO_KEY, NULL, out);
    if (told != NULL && home == NULL)
        return tell(pos, o, asked, LK_MIS_MARK_NO_KEY, told, out);
    if (told != NULL)
        return tell(pos, o, asked,
                    told->mark_is_signed ? LK_MIS_MARK_SIGNED : LK_MIS_MARK_FALSE, told, out);
    item = lk_pos_out(out, LK_POS_OUT_ASK);
    if (home != NULL) {
        item->ask.mark = lk_pos_keep(out, asked->ask.mark);
        item->ask.home = home->key;
    }
    item->ask.wants_dh = asked->ask.wants_dh;
    memcpy(item->ask.dh, asked->ask.dh, sizeof item->ask.dh);
    return LK_OK;
}

enum lk_status lk_pos_on_offer(struct lk_pos *pos, const struct lk_pos_event *event,
                               const struct lk_mis_header *header,
                               const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    struct offer o = { .event = event, .header = header, .m = m, .link = event->link.link };
    struct lk_mis_tpos_event request = { .kind = LK_MIS_TPOS_EV_REQUEST, .now_ms = pos->now_ms };
    const struct lk_mis_tpos_output *asked;
    struct lk_mis_tpos_outbox said;
    enum lk_status status;

    lk_mis_tpos_init(&o.tpos);
    request.request.peer = lk_mis_name_of(&pos->link[o.link].name);
    request.request.protected_link = pos->link[o.link].up;
    request.request.message = m;
    status = lk_mis_tpos_step(&o.tpos, &pos->config.tpos, &request, &said);
    asked = lk_mis_tpos_outbox_find(&said, LK_MIS_TPOS_OUT_ASK);
    if (status != LK_OK)
        pos->counters.n2n_malformed++;
    else if (asked == NULL)
        status = carry_offer(pos, &o, &said, out);
    else
        status = on_ask(pos, &o, asked, out);
    lk_mis_tpos_outbox_wipe(&said);
    lk_wipe(&o, sizeof o);
    return status;
}

/* ---- the mobile node ---- */

/* The SA counts, with where it was spoken under and what was said there, and the MN's is the chain
 * of which it came. */
static void promote(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    struct lk_mis_sa sa = mn->next;
    uint32_t talk = mn->next_talk;

    LK_ASSERT(mn->has_next);
    mn->next_talk = LK_POS_NONE;
    lk_pos_next_drop(pos, mn);
    lk_pos_sa_end(pos, mn, out);
    lk_pos_sa_set(pos, mn, &sa);
    lk_wipe(&sa, sizeof sa);
    mn->talk = talk;
    lk_pos_place_set(pos, mn, &mn->next_peer, out);
    lk_pos_from_set(pos, mn, lk_mis_name_of(&mn->tpos.spos));
    mn->max = mn->tpos.chain.max;
    mn->mark_len = mn->tpos.mark_len;
    memcpy(mn->mark, mn->tpos.mark, mn->mark_len);
    pos->counters.arrived++;
    lk_pos_fact(out, LK_POS_ARRIVED, lk_mis_name_of(&mn->name), lk_mis_name_of(&mn->from),
                &mn->tpos.chain, NULL);
}

static void carry_mn(struct lk_pos *pos, struct lk_pos_mn *mn,
                     const struct lk_mis_header *request, const struct lk_mis_tpos_outbox *said,
                     struct lk_pos_outbox *out)
{
    struct lk_pos_with with = lk_pos_with_mn(pos, mn, mn->has_next ? &mn->next : &mn->sa);

    for (size_t i = 0; i < said->count; i++) {
        const struct lk_mis_tpos_output *item = &said->item[i];

        switch (item->kind) {
        case LK_MIS_TPOS_OUT_REPLY:
            if (request == NULL ||
                lk_pos_answer_list(pos, &with, request, item->reply, out) != LK_OK)
                pos->counters.unexpected++;
            break;
        case LK_MIS_TPOS_OUT_READY: promote(pos, mn, out); break;
        case LK_MIS_TPOS_OUT_DROP: lk_pos_next_drop(pos, mn); break;
        case LK_MIS_TPOS_OUT_REFUSED:
            pos->counters.not_come++;
            lk_pos_fact(out, LK_POS_NOT_COME, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0),
                        NULL, &item->refused);
            break;
        case LK_MIS_TPOS_OUT_TIMER: /* tpos.due_ms */
        case LK_MIS_TPOS_OUT_ASK:
        case LK_MIS_TPOS_OUT_ANSWER:
        case LK_MIS_TPOS_OUT_SA: break;
        }
    }
}

static enum lk_status feed(struct lk_pos *pos, struct lk_pos_mn *mn,
                           struct lk_mis_tpos_event *event, const struct lk_mis_header *request,
                           struct lk_pos_outbox *out)
{
    struct lk_mis_tpos_outbox said;
    enum lk_status status;

    event->now_ms = pos->now_ms;
    status = lk_mis_tpos_step(&mn->tpos, &pos->config.tpos, event, &said);
    if (status == LK_OK)
        carry_mn(pos, mn, request, &said, out);
    else
        pos->counters.unexpected++;
    lk_mis_tpos_outbox_wipe(&said);
    return status;
}

enum lk_status lk_pos_on_confirm(struct lk_pos *pos, struct lk_pos_mn *mn,
                                 const struct lk_mis_header *header,
                                 const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_CONFIRM, .confirm = m };

    return feed(pos, mn, &event, header, out);
}

void lk_pos_proven(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_PROVEN };

    (void)(feed(pos, mn, &event, NULL, out) == LK_OK);
}

void lk_pos_tpos_expire(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_EXPIRED };

    (void)(feed(pos, mn, &event, NULL, out) == LK_OK);
}
