/* The serving PoS: a mobile node asks for a target, gets a K for it, and so does the target. */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

enum { TRIES = 64 }; /* for a TID that nobody waits for */

static void carry(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_mis_spos_outbox *said,
                  struct lk_pos_outbox *out);

static enum lk_status feed(struct lk_pos *pos, struct lk_pos_mn *mn,
                           struct lk_mis_spos_event *event, struct lk_pos_outbox *out)
{
    struct lk_mis_spos_outbox said;
    enum lk_status status;

    event->now_ms = pos->now_ms;
    status = lk_mis_spos_step(&mn->spos, &pos->config.spos, event, &said);
    if (status == LK_OK)
        carry(pos, mn, &said, out);
    else
        pos->counters.unexpected++;
    lk_mis_spos_outbox_wipe(&said);
    return status;
}

void lk_pos_spos_tell(struct lk_pos *pos, struct lk_pos_mn *mn, enum lk_mis_spos_event_kind kind,
                      struct lk_pos_outbox *out)
{
    struct lk_mis_spos_event event = { .kind = kind, .target.run = mn->spos.run };

    (void)(feed(pos, mn, &event, out) == LK_OK);
}

/* ---- the target ---- */

static bool is_live(const struct lk_pos *pos, const struct lk_pos_question *question)
{
    const struct lk_pos_mn *mn;

    if (question->mn == LK_POS_NONE)
        return false;
    if (question->mn >= pos->config.mns)
        return lk_pos_errand_waits(&pos->errand[question->mn - pos->config.mns], question);
    mn = &pos->mn[question->mn];
    return mn->used && mn->spos.state == LK_MIS_SPOS_AWAIT_TARGET &&
           mn->spos.run == question->run &&
           lk_span_equal(LK_SPAN(mn->spos.nonce_t), LK_SPAN(question->nonce_t));
}

/* The next TID on that link that no question has; 0: there is none near. */
static uint16_t next_tid(const struct lk_pos *pos, const struct lk_pos_link *link)
{
    uint16_t tid = link->tid;

    for (unsigned i = 0; i < TRIES; i++) {
        tid = (uint16_t)(tid % (LK_POS_TIDS - 1) + 1);
        if (!is_live(pos, &link->question[tid]))
            return tid;
    }
    return 0;
}

/* spec: IEEE 802.21.1 5.14.1 - T46: K leaves over a link that is up, and in no other way. */
enum lk_status lk_pos_ask_target(struct lk_pos *pos, const struct lk_pos_question *asker,
                                 const struct lk_mis_spos_output *item, struct lk_pos_outbox *out)
{
    uint32_t number = lk_pos_link_of(pos, lk_mis_name_of(&item->ask.target));
    struct lk_pos_link *link = number == LK_POS_NONE ? NULL : &pos->link[number];
    uint16_t tid = link == NULL ? 0 : next_tid(pos, link);
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &pos->config.codes),
        .tid = tid,
    };

    if (tid == 0)
        return LK_E_NOT_FOUND;
    link->tid = tid;
    link->question[tid] = *asker;
    return lk_pos_say_n2n(pos, number, &header, item->ask.list, out);
}

enum lk_status lk_pos_on_target(struct lk_pos *pos, uint32_t link,
                                const struct lk_mis_header *header,
                                const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    struct lk_pos_question *question = &pos->link[link].question[header->tid % LK_POS_TIDS];
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ANSWER,
                                       .target = { question->run, m } };
    struct lk_pos_mn *mn;
    enum lk_status status;
    uint32_t number;

    if (header->tid >= LK_POS_TIDS || !is_live(pos, question)) {
        pos->counters.n2n_unexpected++;
        return LK_E_NOT_FOUND;
    }
    number = question->mn;
    question->mn = LK_POS_NONE;
    if (number >= pos->config.mns) {
        lk_pos_errand_heard(pos, &pos->errand[number - pos->config.mns], m, out);
        return LK_OK;
    }
    mn = &pos->mn[number];
    status = feed(pos, mn, &event, out);
    lk_pos_settle(pos, mn);
    return status;
}

void lk_pos_spos_heard(struct lk_pos *pos, const struct lk_pos_question *asker,
                       struct lk_span list, struct lk_pos_outbox *out)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &pos->config.codes),
    };
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ANSWER,
                                       .target.run = asker->run };
    struct lk_mis_message m;

    if (!is_live(pos, asker) ||
        lk_mis_message_get(&m, &header, list, &pos->config.codes) != LK_OK)
        return;
    event.target.message = &m;
    (void)(feed(pos, &pos->mn[asker->mn], &event, out) == LK_OK);
    lk_pos_settle(pos, &pos->mn[asker->mn]);
}

/* Those who wait for it are told, a few in each step. */
void lk_pos_link_lost(struct lk_pos *pos, uint32_t link)
{
    lk_pos_errands_lost(pos, link);
    for (unsigned tid = 0; tid < LK_POS_TIDS; tid++) {
        struct lk_pos_question *question = &pos->link[link].question[tid];

        if (is_live(pos, question) && question->mn >= pos->config.mns) {
            lk_pos_errand_lost(pos, question->mn - pos->config.mns);
        } else if (is_live(pos, question)) {
            pos->mn[question->mn].lost = true;
            lk_due_set(&pos->due, question->mn, pos->now_ms);
        }
        question->mn = LK_POS_NONE;
    }
}

/* ---- the mobile node ---- */

static void answer(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_span list,
                   bool refused, struct lk_pos_outbox *out)
{
    struct lk_pos_with with = lk_pos_with_mn(pos, mn, &mn->sa);
    struct lk_span target = lk_mis_name_of(&mn->spos.target);
    bool reliable = with.x == NULL || !with.x->udp;

    if (!mn->has_sa || with.x == NULL ||
        lk_pos_answer_list(pos, &with, &mn->asked, list, out) != LK_OK) {
        pos->counters.unexpected++;
        return;
    }
    if (refused)
        return;
    pos->counters.handed_over++;
    mn->relay_ms = pos->now_ms + pos->config.spos.half_open_ms;
    lk_pos_fact(out, LK_POS_HANDED_OVER, lk_mis_name_of(&mn->name), target, &mn->spos.chain, NULL);
    /* spec: RFC 5677 6 - over a stream there are no acknowledgements: it is on its way. */
    if (reliable)
        lk_pos_spos_tell(pos, mn, LK_MIS_SPOS_EV_ACKED, out);
}

/* The target; or the PoS of the MN's home, which may be us. */
static enum lk_status ask(struct lk_pos *pos, const struct lk_pos_mn *mn,
                          const struct lk_mis_spos_output *item, struct lk_pos_outbox *out)
{
    struct lk_pos_question question = { .mn = lk_pos_mn_row(pos, mn), .run = item->ask.run };

    memcpy(question.nonce_t, mn->spos.nonce_t, sizeof question.nonce_t);
    if (lk_mis_name_is(&pos->config.self, lk_mis_name_of(&item->ask.target)))
        return lk_pos_own_wish(pos, &question, item->ask.list, out);
    return lk_pos_ask_target(pos, &question, item, out);
}

static void carry(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_mis_spos_outbox *said,
                  struct lk_pos_outbox *out)
{
    const struct lk_mis_spos_output *refused =
        lk_mis_spos_outbox_find(said, LK_MIS_SPOS_OUT_REFUSED);

    for (size_t i = 0; i < said->count; i++) {
        const struct lk_mis_spos_output *item = &said->item[i];

        switch (item->kind) {
        case LK_MIS_SPOS_OUT_ASK:
            if (ask(pos, mn, item, out) == LK_OK)
                break;
            pos->counters.no_link++;
            lk_pos_spos_tell(pos, mn, LK_MIS_SPOS_EV_NO_LINK, out);
            break;
        case LK_MIS_SPOS_OUT_ANSWER:
            answer(pos, mn, item->answer, refused != NULL, out);
            break;
        case LK_MIS_SPOS_OUT_REFUSED:
            pos->counters.not_handed++;
            lk_pos_fact(out, LK_POS_NOT_HANDED, lk_mis_name_of(&mn->name),
                        lk_mis_name_of(&mn->spos.target), NULL, &item->refused);
            break;
        case LK_MIS_SPOS_OUT_TIMER: break; /* spos.due_ms */
        }
    }
}

/* The PoS of the MN's home, which gives a K of the home: we ourselves, or a partner at the other
 * end of a link. */
static struct lk_span home_of(const struct lk_pos *pos, const struct lk_pos_mn *mn)
{
    struct lk_span realm = lk_mis_realm(lk_mis_name_of(&mn->name));
    struct lk_span self = lk_mis_name_of(&pos->config.self);

    if (lk_mis_same_realm(realm, lk_mis_realm(self)))
        return self;
    for (uint32_t i = 0; i < pos->config.links; i++) {
        struct lk_span name = lk_pos_link_name(pos, i);

        if (name.len > 0 && lk_mis_same_realm(realm, lk_mis_realm(name)) &&
            lk_mis_is_partner(&pos->config.tpos.partners, name))
            return name;
    }
    return lk_span_of(NULL, 0);
}

static void prepare(struct lk_mis_spos_event *event, struct lk_pos *pos,
                    const struct lk_pos_mn *mn, const struct lk_mis_serving *serving,
                    const struct lk_mis_neighbours *neighbours, const struct lk_mis_message *m)
{
    *event = (struct lk_mis_spos_event){ .kind = LK_MIS_SPOS_EV_REQUEST, .now_ms = pos->now_ms };
    lk_draw(&pos->draw, event->entropy, sizeof event->entropy);
    event->request.serving = *serving;
    event->request.start_mark = lk_span_of(mn->mark, mn->mark_len);
    event->request.max = mn->max;
    event->request.neighbours = neighbours;
    event->request.message = m;
    event->request.home = home_of(pos, mn);
}

enum lk_status lk_pos_on_request(struct lk_pos *pos, struct lk_pos_mn *mn,
                                 const struct lk_mis_serving *serving,
                                 const struct lk_mis_header *header,
                                 const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    const struct lk_mis_neighbours neighbours = { pos->neighbour, pos->config.neighbours };
    struct lk_mis_header before = mn->asked;
    struct lk_mis_spos_event event;
    enum lk_status status;

    prepare(&event, pos, mn, serving, &neighbours, m);
    mn->asked = *header;
    status = feed(pos, mn, &event, out);
    if (status != LK_OK)
        mn->asked = before;
    lk_wipe(&event, sizeof event);
    return status;
}

/* T41: the machine judges it by the type of the SA; nothing of it stays. */
enum lk_status lk_pos_on_tls_request(struct lk_pos *pos, const struct lk_pos_mn *mn,
                                     const struct lk_pos_with *with,
                                     const struct lk_mis_header *header,
                                     const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    const struct lk_mis_neighbours neighbours = { pos->neighbour, pos->config.neighbours };
    const struct lk_mis_serving serving = { .peer = lk_mis_name_of(&mn->name),
                                            .type = LK_MIS_SA_TLS, .hides = true,
                                            .expires_ms = mn->until_ms };
    const struct lk_mis_spos_output *item;
    struct lk_mis_spos_outbox said;
    struct lk_mis_spos_event event;
    struct lk_mis_spos spos;
    enum lk_status status;

    lk_mis_spos_init(&spos);
    prepare(&event, pos, mn, &serving, &neighbours, m);
    status = lk_mis_spos_step(&spos, &pos->config.spos, &event, &said);
    item = lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_REFUSED);
    if (status == LK_OK && item != NULL) {
        pos->counters.not_handed++;
        lk_pos_fact(out, LK_POS_NOT_HANDED, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL,
                    &item->refused);
        item = lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_ANSWER);
        status = lk_pos_answer_list(pos, with, header, item->answer, out);
    }
    lk_wipe(&event, sizeof event);
    lk_mis_spos_wipe(&spos);
    lk_mis_spos_outbox_wipe(&said);
    return status;
}
