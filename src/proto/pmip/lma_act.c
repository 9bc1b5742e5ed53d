/* The anchor's machine: what each rule does. */
#include "proto/pmip/lma_parts.h"

enum { UNIT_MS = LK_MOBILITY_LIFETIME_UNIT_S * 1000 };

static enum lk_status send(struct lk_pmip_lma_serving *s, const struct lk_pmip_answer *answer)
{
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    enum lk_status status = lk_pmip_lma_answer(&w, s->config, s->event->request, answer);

    if (status == LK_OK)
        lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_SEND)->send = lk_writer_span(&w);
    return status;
}

/* A refusal is an answer, and changes nothing. */
static enum lk_status refuse(struct lk_pmip_lma_serving *s, uint8_t status, enum lk_reason reason)
{
    const struct lk_mobility_message *request = s->event->request;
    struct lk_pmip_answer answer = { .status = status, .sequence = request->sequence,
                                     .now_ms = s->event->now_ms };
    struct lk_pmip_lma_output *item = lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_REFUSED);

    /* spec: RFC 6275 9.5.4 - a sequence number out of window is answered with the last accepted. */
    if (status == LK_BA_SEQUENCE)
        answer.sequence = s->lma->sequence;
    item->refused.status = status;
    item->refused.refusal = lk_refusal_of(reason, NULL, lk_mobility_status_name(status));
    return send(s, &answer);
}

static void due(struct lk_pmip_lma_serving *s, uint64_t at_ms)
{
    s->lma->due_ms = at_ms;
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_TIMER)->timer_ms = at_ms;
}

static enum lk_status answer_accepted(struct lk_pmip_lma_serving *s)
{
    struct lk_pmip_answer answer = { .status = LK_BA_ACCEPTED,
                                     .sequence = s->event->request->sequence,
                                     .lifetime = s->lma->released ? 0 : s->lma->lifetime,
                                     .lease = s->event->lease,
                                     .now_ms = s->event->now_ms };

    return send(s, &answer);
}

/* What every accepted request leaves behind: the order of what follows. */
static void note(struct lk_pmip_lma_serving *s)
{
    const struct lk_pmip_lma_event *event = s->event;
    struct lk_pmip_lma *lma = s->lma;

    lma->sequence = event->request->sequence;
    if (s->config->timestamps && event->request->options.timestamp > lma->timestamp)
        lma->timestamp = event->request->options.timestamp;
    lma->attach_ms = event->attach_ms;
    lma->digest = event->digest;
    lma->answered = event->mag;
    lma->released = event->request->lifetime == 0;
}

/* spec: RFC 5213 5.3.1 - the granted lifetime is at most the one asked for. */
static void grant(struct lk_pmip_lma_serving *s)
{
    const struct lk_mobility_message *request = s->event->request;
    struct lk_pmip_lma *lma = s->lma;

    lma->lifetime = request->lifetime < s->config->lifetime_max ? request->lifetime
                                                                : s->config->lifetime_max;
    lma->expires_ms = s->event->now_ms + (uint64_t)lma->lifetime * UNIT_MS;
    lma->handoff = request->options.handoff;
    lma->access = request->options.access;
}

/* Accepts, unless the request names addresses that are not the device's. */
static enum lk_status accept_as(struct lk_pmip_lma_serving *s, enum lk_pmip_change change)
{
    struct lk_pmip_lma *lma = s->lma;
    struct lk_pmip_verdict verdict =
        lk_pmip_lma_addresses(s->event->request, s->event->lease, lma->state != LK_PMIP_LMA_NONE);
    bool held = lma->state == LK_PMIP_LMA_HELD && change == LK_PMIP_RENEWED;

    if (verdict.status != LK_BA_ACCEPTED)
        return refuse(s, verdict.status, verdict.reason);
    note(s);
    grant(s);
    /* Invariant 9: a new owner is a new epoch. */
    if (change == LK_PMIP_CREATED || change == LK_PMIP_MOVED)
        lma->epoch++;
    lma->mag = s->event->mag;
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_CHANGED)->changed = change;
    if (!held) {
        lma->state = LK_PMIP_LMA_ACTIVE;
        due(s, lma->expires_ms);
    }
    return answer_accepted(s);
}

/* spec: RFC 5213 5.3.2 - initial registration. */
enum lk_status lk_pmip_lma_register(struct lk_pmip_lma_serving *s)
{
    return accept_as(s, LK_PMIP_CREATED);
}

/* spec: RFC 5213 5.3.3 - the lifetime is extended; nothing else moves. */
enum lk_status lk_pmip_lma_renew(struct lk_pmip_lma_serving *s)
{
    return accept_as(s, LK_PMIP_RENEWED);
}

/* spec: RFC 5213 5.3.4 - extension after a handoff: the binding has another owner, and the tunnel
 * another end. Invariant 8: it is the same binding, so there never are two of an address. */
enum lk_status lk_pmip_lma_move(struct lk_pmip_lma_serving *s)
{
    return accept_as(s, LK_PMIP_MOVED);
}

/* A release that is taken back before its delay was over. */
enum lk_status lk_pmip_lma_return(struct lk_pmip_lma_serving *s)
{
    return accept_as(s, LK_PMIP_RETURNED);
}

/* spec: RFC 5213 5.4.1.2 - handoff unknown, while another gateway has the binding: that one has
 * MaxDelayBeforeNewBCEAssign to release it. */
enum lk_status lk_pmip_lma_hold(struct lk_pmip_lma_serving *s)
{
    if (s->config->max_assign_ms == 0)
        return accept_as(s, LK_PMIP_MOVED);
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_HOLD);
    if (s->lma->state != LK_PMIP_LMA_HELD) {
        s->lma->state = LK_PMIP_LMA_HELD;
        due(s, s->event->now_ms + s->config->max_assign_ms);
    }
    return LK_OK;
}

/* spec: RFC 5213 5.3.5 - a release of the owner is answered at once, and carried out after
 * MinDelayBeforeBCEDelete, so that the next gateway finds the binding. */
enum lk_status lk_pmip_lma_release(struct lk_pmip_lma_serving *s)
{
    bool first = s->lma->state != LK_PMIP_LMA_LEAVING;

    note(s);
    s->lma->state = LK_PMIP_LMA_LEAVING;
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_CHANGED)->changed = LK_PMIP_RELEASED;
    if (first)
        due(s, s->event->now_ms + s->config->min_delete_ms);
    return answer_accepted(s);
}

/* The old gateway releases while another waits: that one has its turn now. */
enum lk_status lk_pmip_lma_let_go(struct lk_pmip_lma_serving *s)
{
    enum lk_status status = lk_pmip_lma_release(s);

    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_RESUME);
    return status;
}

/* spec: RFC 5213 5.3.5 - a release that does not come from the owner is answered, and changes
 * nothing: the device has gone on to where the binding is. */
enum lk_status lk_pmip_lma_keep(struct lk_pmip_lma_serving *s)
{
    struct lk_pmip_answer answer = { .status = LK_BA_ACCEPTED,
                                     .sequence = s->event->request->sequence,
                                     .now_ms = s->event->now_ms };

    return send(s, &answer);
}

/* Invariant 11: the last accepted request again has the same answer, octet by octet, and no second
 * effect. spec: RFC 6275 9.5.1 - it is not newer, so it registers nothing. */
enum lk_status lk_pmip_lma_repeat(struct lk_pmip_lma_serving *s)
{
    return answer_accepted(s);
}

/* spec: RFC 5213 5.5 - not newer than the last accepted. */
enum lk_status lk_pmip_lma_stale(struct lk_pmip_lma_serving *s)
{
    return refuse(s, s->config->timestamps ? LK_BA_TIMESTAMP_LOWER : LK_BA_SEQUENCE,
                  LK_REASON_PMIP_STALE);
}

enum lk_status lk_pmip_lma_old_attach(struct lk_pmip_lma_serving *s)
{
    return refuse(s, LK_BA_MAG_NOT_AUTHORIZED, LK_REASON_PMIP_ATTACH_OLD);
}

/* MaxDelayBeforeNewBCEAssign is over. */
enum lk_status lk_pmip_lma_resume(struct lk_pmip_lma_serving *s)
{
    s->lma->state = LK_PMIP_LMA_ACTIVE;
    due(s, s->lma->expires_ms);
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_RESUME);
    return LK_OK;
}

/* The lifetime, or the delay behind a release, is over: the binding is nobody's. What orders
 * requests stays, so that an old one does not bring it back. */
enum lk_status lk_pmip_lma_end(struct lk_pmip_lma_serving *s)
{
    struct lk_pmip_lma *lma = s->lma;

    lma->state = LK_PMIP_LMA_NONE;
    lma->mag = 0;
    lma->due_ms = 0;
    lma->epoch++;
    lk_pmip_lma_add(s->out, LK_PMIP_LMA_OUT_CHANGED)->changed = LK_PMIP_ENDED;
    return LK_OK;
}
