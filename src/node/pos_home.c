/* The PoS of a home: it gives a K of the home to a visited PoS, on demand. The mobile node sends an
 * Initiate of early authentication (RFC 6630) that names its target, by way of the PoS that serves
 * it; here it goes to the AAA, and with the key that comes back the target is asked as by an SPoS.
 *
 *     SPoS --wish--> we --RADIUS--> AAA
 *                     |<--pMSK, mark--|
 *                     '--K, mark--> target
 *     SPoS <--the target's answer--'          no K goes there: the MN has it of itself
 *
 * T40: so the K is nobody's of a chain, and the SA with the target stands on none. */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"
#include "wire/erp.h"

enum { MS_PER_S = 1000, LINK_SHARE = 4 };

/* ---- answers ---- */

static void answer(struct lk_pos *pos, const struct lk_pos_asker *asker, struct lk_span list,
                   struct lk_pos_outbox *out)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &pos->config.codes),
        .tid = asker->tid,
    };

    if (asker->link == LK_POS_NONE)
        lk_pos_spos_heard(pos, &asker->own, list, out);
    else if (lk_pos_say_n2n(pos, asker->link, &header, list, out) != LK_OK)
        pos->counters.unexpected++;
}

static void say_refused(struct lk_pos *pos, const struct lk_pos_asker *asker, struct lk_span mn,
                        const struct lk_refusal *why, struct lk_pos_outbox *out)
{
    struct lk_span other = lk_mis_name_of(asker->link == LK_POS_NONE
                                              ? &pos->config.self
                                              : &pos->link[asker->link].name);

    pos->counters.not_given++;
    lk_pos_fact(out, LK_POS_NOT_GIVEN, mn, other, NULL, why);
}

static void refuse(struct lk_pos *pos, const struct lk_pos_asker *asker, struct lk_span mn,
                   enum lk_mis_reason told, const struct lk_refusal *why,
                   struct lk_pos_outbox *out)
{
    struct lk_mis_message m = { .present = 0 };
    uint8_t list[LK_POS_LIST_SMALL];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    lk_mis_status_put(&m, LK_MIS_REJECTED, told);
    LK_ASSERT(lk_mis_message_put(&w, &m, &pos->config.codes) == LK_OK);
    say_refused(pos, asker, mn, why, out);
    answer(pos, asker, lk_writer_span(&w), out);
}

/* ---- errands ---- */

static uint32_t number_of(const struct lk_pos *pos, const struct lk_pos_errand *errand)
{
    return (uint32_t)(errand - pos->errand);
}

static bool has_room(const struct lk_pos *pos, const struct lk_pos_asker *asker)
{
    uint32_t of_link = 0;

    for (uint32_t i = 0; i < pos->config.errands; i++)
        of_link += pos->errand[i].used && pos->errand[i].asker.link == asker->link;
    return pos->errand_free != LK_POS_NONE &&
           of_link < (pos->config.errands + LINK_SHARE - 1) / LINK_SHARE;
}

static struct lk_pos_errand *add(struct lk_pos *pos, const struct lk_pos_asker *asker,
                                 const struct lk_mis_message *m, struct lk_span list)
{
    struct lk_pos_errand *errand = &pos->errand[pos->errand_free];

    pos->errand_free = errand->next;
    *errand = (struct lk_pos_errand){ .used = true, .asker = *asker, .len = list.len };
    LK_ASSERT(lk_mis_name_set(&errand->mn, m->mn));
    memcpy(errand->list, list.at, list.len);
    errand->end_ms = pos->now_ms + pos->config.spos.target_ms;
    lk_mis_spos_init(&errand->spos);
    lk_pos_leg_init(&errand->leg, pos->config.auths + number_of(pos, errand));
    return errand;
}

static void drop(struct lk_pos *pos, struct lk_pos_errand *errand)
{
    uint32_t number = number_of(pos, errand);

    lk_pos_leg_end(pos, &errand->leg);
    lk_due_set(&pos->due, pos->config.mns + pos->config.auths + number, LK_DUE_NEVER);
    lk_wipe(errand, sizeof *errand);
    errand->next = pos->errand_free;
    pos->errand_free = number;
}

static void settle(struct lk_pos *pos, const struct lk_pos_errand *errand)
{
    uint64_t at_ms = errand->end_ms;

    if (errand->leg.due_ms < at_ms)
        at_ms = errand->leg.due_ms;
    if (errand->spos.due_ms < at_ms)
        at_ms = errand->spos.due_ms;
    lk_due_set(&pos->due, pos->config.mns + pos->config.auths + number_of(pos, errand), at_ms);
}

static void end(struct lk_pos *pos, struct lk_pos_errand *errand, enum lk_mis_reason told,
                const struct lk_refusal *why, struct lk_pos_outbox *out)
{
    refuse(pos, &errand->asker, lk_mis_name_of(&errand->mn), told, why, out);
    drop(pos, errand);
}

void lk_pos_errands_lost(struct lk_pos *pos, uint32_t link)
{
    for (uint32_t i = 0; i < pos->config.errands; i++)
        if (pos->errand[i].used && pos->errand[i].asker.link == link)
            drop(pos, &pos->errand[i]);
}

void lk_pos_errand_lost(struct lk_pos *pos, uint32_t number)
{
    pos->errand[number].lost = true;
    lk_due_set(&pos->due, pos->config.mns + pos->config.auths + number, pos->now_ms);
}

/* ---- the wish ---- */

/* spec: RFC 6630 5.2 - the Initiate names the target; a PoS that asks for another one gets nothing.
 * That it is the MN's own, the AAA judges by its tag. */
static bool names_target(const struct lk_mis_message *m)
{
    struct lk_erp erp;

    return lk_erp_decode(&erp, m->auth_info, 0) == LK_OK && erp.code == LK_ERP_INITIATE &&
           (erp.flags & LK_ERP_EARLY) != 0 && lk_span_equal(erp.cap_id, m->pos.id);
}

/* T44: of strangers nothing is looked at. T45: nor is there a K for a target that is none of our
 * partners, or that we have no protected link to (T46). */
static enum lk_mis_reason judge(enum lk_reason *reason, const struct lk_pos *pos,
                                const struct lk_pos_asker *asker, const struct lk_mis_message *m)
{
    const struct lk_mis_partners *partners = &pos->config.tpos.partners;
    struct lk_span home = lk_mis_realm(lk_mis_name_of(&pos->config.self));

    *reason = LK_REASON_MIS_STRANGER;
    if (asker->link != LK_POS_NONE &&
        !lk_mis_is_partner(partners, lk_mis_name_of(&pos->link[asker->link].name)))
        return LK_MIS_REASON_NO_TRUST;
    *reason = LK_REASON_MIS_NOT_OF_HOME;
    if (!lk_mis_same_realm(lk_mis_realm(m->mn), home))
        return LK_MIS_REASON_UNKNOWN_MN;
    if (!names_target(m))
        return LK_MIS_REASON_AUTH_FAILED;
    *reason = LK_REASON_MIS_NO_TARGET;
    if (!lk_mis_is_partner(partners, m->pos.id))
        return LK_MIS_REASON_NO_TRUST;
    *reason = LK_REASON_MIS_UNREACHABLE;
    if (lk_pos_link_of(pos, m->pos.id) == LK_POS_NONE)
        return LK_MIS_REASON_UNREACHABLE;
    *reason = LK_REASON_MIS_FULL;
    return has_room(pos, asker) ? LK_MIS_REASON_NONE : LK_MIS_REASON_UNREACHABLE;
}

static enum lk_status read_wish(struct lk_mis_message *m, const struct lk_pos *pos,
                                struct lk_span list)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &pos->config.codes),
    };
    enum lk_status status = lk_mis_message_get(m, &header, list, &pos->config.codes);

    if (status != LK_OK)
        return status;
    if (list.len > LK_POS_ERRAND_OCTETS)
        return LK_E_LENGTH;
    return lk_mis_has(m, LK_MIS_TLV_POS) && lk_mis_has(m, LK_MIS_TLV_AUTH_INFO) ? LK_OK
                                                                               : LK_E_MISSING;
}

static enum lk_status begin(struct lk_pos *pos, const struct lk_pos_asker *asker,
                            struct lk_span list, struct lk_pos_outbox *out)
{
    struct lk_pos_errand *errand;
    struct lk_mis_message m;
    struct lk_refusal why;
    enum lk_mis_reason told;
    enum lk_reason reason;
    enum lk_status status = read_wish(&m, pos, list);

    if (status != LK_OK)
        return status;
    told = judge(&reason, pos, asker, &m);
    if (told != LK_MIS_REASON_NONE) {
        why = lk_refusal_of(reason, NULL, NULL);
        refuse(pos, asker, m.mn, told, &why, out);
        return LK_OK;
    }
    errand = add(pos, asker, &m, list);
    if (lk_pos_leg_ask(pos, &errand->leg, m.auth_info, &why, out))
        settle(pos, errand);
    else
        end(pos, errand, LK_MIS_REASON_UNREACHABLE, &why, out);
    return LK_OK;
}

enum lk_status lk_pos_on_wish(struct lk_pos *pos, uint32_t link,
                              const struct lk_mis_header *header, struct lk_span list,
                              struct lk_pos_outbox *out)
{
    const struct lk_pos_asker asker = { .link = link, .tid = header->tid };
    enum lk_status status = begin(pos, &asker, list, out);

    pos->counters.n2n_malformed += status != LK_OK;
    return status;
}

enum lk_status lk_pos_own_wish(struct lk_pos *pos, const struct lk_pos_question *own,
                               struct lk_span list, struct lk_pos_outbox *out)
{
    const struct lk_pos_asker asker = { .link = LK_POS_NONE, .own = *own };

    return begin(pos, &asker, list, out);
}

/* ---- the target ---- */

static void feed(struct lk_pos *pos, struct lk_pos_errand *errand,
                 struct lk_mis_spos_event *event, struct lk_pos_outbox *out);

static void tell(struct lk_pos *pos, struct lk_pos_errand *errand,
                 enum lk_mis_spos_event_kind kind, struct lk_pos_outbox *out)
{
    struct lk_mis_spos_event event = { .kind = kind, .target.run = errand->spos.run };

    feed(pos, errand, &event, out);
}

static void ask_target(struct lk_pos *pos, struct lk_pos_errand *errand,
                       const struct lk_mis_spos_output *item, struct lk_pos_outbox *out)
{
    struct lk_pos_question question = { .mn = pos->config.mns + number_of(pos, errand),
                                        .run = item->ask.run };

    memcpy(question.nonce_t, errand->spos.nonce_t, sizeof question.nonce_t);
    if (lk_pos_ask_target(pos, &question, item, out) == LK_OK)
        return;
    pos->counters.no_link++;
    tell(pos, errand, LK_MIS_SPOS_EV_NO_LINK, out);
}

/* K goes with the errand, as soon as there is an answer: the target has it then. */
static void conclude(struct lk_pos *pos, struct lk_pos_errand *errand, struct lk_span list,
                     const struct lk_mis_spos_output *refused, struct lk_pos_outbox *out)
{
    if (refused != NULL) {
        say_refused(pos, &errand->asker, lk_mis_name_of(&errand->mn), &refused->refused, out);
    } else {
        pos->counters.given++;
        lk_pos_fact(out, LK_POS_GIVEN, lk_mis_name_of(&errand->mn),
                    lk_mis_name_of(&errand->spos.target), &errand->spos.chain, NULL);
    }
    answer(pos, &errand->asker, list, out);
    drop(pos, errand);
}

static void feed(struct lk_pos *pos, struct lk_pos_errand *errand,
                 struct lk_mis_spos_event *event, struct lk_pos_outbox *out)
{
    const struct lk_mis_spos_output *item;
    struct lk_mis_spos_outbox said;

    event->now_ms = pos->now_ms;
    if (lk_mis_spos_step(&errand->spos, &pos->config.spos, event, &said) != LK_OK)
        pos->counters.unexpected++;
    item = lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_ASK);
    if (item != NULL)
        ask_target(pos, errand, item, out);
    item = lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_ANSWER);
    if (item != NULL)
        conclude(pos, errand, item->answer,
                 lk_mis_spos_outbox_find(&said, LK_MIS_SPOS_OUT_REFUSED), out);
    lk_mis_spos_outbox_wipe(&said);
}

/* The machine of an SPoS, whose MN has with us an SA by EAP, as it were: with the home, and by a
 * key that nobody else has. */
static void give(struct lk_pos *pos, struct lk_pos_errand *errand,
                 const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out)
{
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_REQUEST };
    struct lk_mis_home_k home_k = { .origin = LK_MIS_ORIGIN_ERP };
    struct lk_mis_neighbour target = { .partner = true, .up = true };
    const struct lk_mis_neighbours neighbours = { &target, 1 };
    struct lk_start_mark mark;
    struct lk_mis_message m;

    LK_ASSERT(read_wish(&m, pos, lk_span_of(errand->list, errand->len)) == LK_OK);
    lk_mis_k_of_msk(&home_k.k, &outcome->msk);
    target.pos = m.pos;
    event.request.serving = (struct lk_mis_serving){
        .peer = lk_mis_name_of(&errand->mn), .type = LK_MIS_SA_EAP, .hides = true,
        .expires_ms = pos->now_ms + (uint64_t)MS_PER_S * outcome->mis.lifetime_s,
    };
    event.request.start_mark = lk_span_of(outcome->mis.mark, outcome->mis.mark_len);
    event.request.max = lk_start_mark_read(&mark, event.request.start_mark) == LK_OK
                            ? mark.max
                            : pos->config.spos.max;
    event.request.neighbours = &neighbours;
    event.request.home_k = &home_k;
    event.request.message = &m;
    feed(pos, errand, &event, out);
    lk_wipe(&home_k, sizeof home_k);
}

/* T02: whose key it is, the home says. */
static enum lk_reason judge_home(const struct lk_pos_errand *errand,
                                 const struct lk_radius_outcome *outcome)
{
    if (outcome->code != LK_RADIUS_ACCESS_ACCEPT)
        return LK_REASON_MIS_HOME_REFUSES;
    if (!outcome->has_msk || !outcome->has_mis)
        return LK_REASON_MIS_HOME_SILENT;
    return lk_mis_name_is(&errand->mn, lk_span_of(outcome->mis.mn, outcome->mis.mn_len))
               ? LK_REASON_NONE
               : LK_REASON_MIS_OTHER_MN;
}

void lk_pos_errand_answered(struct lk_pos *pos, struct lk_pos_errand *errand,
                            const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out)
{
    struct lk_refusal why = lk_refusal_of(judge_home(errand, outcome), NULL, NULL);

    if (why.reason == LK_REASON_NONE)
        give(pos, errand, outcome, out);
    else
        end(pos, errand, LK_MIS_REASON_AUTH_FAILED, &why, out);
    if (errand->used)
        settle(pos, errand);
}

bool lk_pos_errand_waits(const struct lk_pos_errand *errand,
                         const struct lk_pos_question *question)
{
    return errand->used && errand->spos.state == LK_MIS_SPOS_AWAIT_TARGET &&
           errand->spos.run == question->run &&
           lk_span_equal(LK_SPAN(errand->spos.nonce_t), LK_SPAN(question->nonce_t));
}

void lk_pos_errand_heard(struct lk_pos *pos, struct lk_pos_errand *errand,
                         const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ANSWER,
                                       .target = { errand->spos.run, m } };

    feed(pos, errand, &event, out);
    if (errand->used)
        settle(pos, errand);
}

void lk_pos_errand_due(struct lk_pos *pos, struct lk_pos_errand *errand,
                       struct lk_pos_outbox *out)
{
    struct lk_refusal why = errand->leg.asked
                                ? lk_pos_aaa_silent(pos)
                                : lk_refusal_of(LK_REASON_MIS_UNREACHABLE, NULL, NULL);
    bool over = errand->end_ms <= pos->now_ms;

    if (!over && errand->leg.due_ms <= pos->now_ms)
        over = !lk_pos_leg_due(pos, &errand->leg, &why, out);
    if (over) {
        end(pos, errand, LK_MIS_REASON_UNREACHABLE, &why, out);
        return;
    }
    if (errand->lost)
        tell(pos, errand, LK_MIS_SPOS_EV_NO_LINK, out);
    else if (errand->spos.due_ms <= pos->now_ms)
        tell(pos, errand, LK_MIS_SPOS_EV_EXPIRED, out);
    if (errand->used)
        settle(pos, errand);
}
