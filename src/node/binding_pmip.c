/* PMIPv6 in the table of bindings: its row of functions, and its machine's words in the core's. */
#include <string.h>

#include "node/anchor_parts.h"

static const char *state_name(const struct lk_binding *b)
{
    return lk_pmip_lma_state_name(b->pmip.state);
}

/* spec: RFC 5213 5.3.5 - while a release waits for its delay, packets are dropped. */
static struct lk_binding_standing stands(const struct lk_binding *b)
{
    const struct lk_pmip_lma *p = &b->pmip;

    return (struct lk_binding_standing){
        .epoch = p->epoch, .expires_ms = p->expires_ms, .due_ms = p->due_ms, .owner = p->mag,
        .passes = p->state == LK_PMIP_LMA_ACTIVE || p->state == LK_PMIP_LMA_HELD
    };
}

static void put(struct lk_writer *w, const struct lk_binding *b)
{
    const struct lk_pmip_lma *p = &b->pmip;

    lk_put_u8(w, p->state);
    lk_put_be32(w, p->mag);
    lk_put_be64(w, p->epoch);
    lk_put_be64(w, p->timestamp);
    lk_put_be64(w, p->attach_ms);
    lk_put_be64(w, p->digest);
    lk_put_be16(w, p->sequence);
    lk_put_be64(w, p->expires_ms);
}

/* ---- as the store keeps it ---- */

static void save(struct lk_binding_record *record, const struct lk_binding *b,
                 const struct lk_anchor_config *config)
{
    const struct lk_pmip_lma *p = &b->pmip;

    record->pmip.state = p->state;
    record->pmip.handoff = p->handoff;
    record->pmip.access = p->access;
    record->pmip.released = p->released;
    lk_anchor_mag_name(record->pmip.answered, config, p->answered);
    record->pmip.sequence = p->sequence;
    record->pmip.lifetime = p->lifetime;
    record->pmip.timestamp = p->timestamp;
    record->pmip.attach_ms = p->attach_ms;
    record->pmip.digest = p->digest;
    record->pmip.due_ms = p->due_ms;
}

static void load(struct lk_binding *b, const struct lk_binding_record *record,
                 const struct lk_anchor_config *config)
{
    const struct lk_binding_record_pmip *r = &record->pmip;
    struct lk_pmip_lma *p = &b->pmip;
    bool known = r->state < LK_PMIP_LMA_STATE_COUNT;

    p->state = r->state;
    p->mag = known ? lk_anchor_mag_number(config, lk_span_text(record->mag)) : 0;
    p->answered = lk_anchor_mag_number(config, lk_span_text(r->answered));
    p->epoch = record->epoch;
    p->handoff = r->handoff;
    p->access = r->access;
    p->released = r->released;
    p->sequence = r->sequence;
    p->lifetime = r->lifetime;
    p->timestamp = r->timestamp;
    p->attach_ms = r->attach_ms;
    p->digest = r->digest;
    p->expires_ms = record->expires_ms;
    p->due_ms = r->due_ms;
    /* What was held is not held any more: its request was not stored. */
    if (p->state == LK_PMIP_LMA_HELD) {
        p->state = LK_PMIP_LMA_ACTIVE;
        p->due_ms = p->expires_ms;
    }
    /* A gateway that the configuration does not know any more has nothing; nor has one in a row
     * whose state only a later version knows. */
    if (p->mag == 0 && p->state != LK_PMIP_LMA_NONE) {
        p->state = LK_PMIP_LMA_NONE;
        p->due_ms = 0;
        p->epoch++;
    }
}

static bool is_saved(const struct lk_binding *b, const struct lk_binding_record *record)
{
    return b->pmip.digest == record->pmip.digest && b->pmip.state == record->pmip.state;
}

/* By the gateways' clock and the AAA's. */
static uint64_t newest_ms(const struct lk_binding *b)
{
    uint64_t timestamp_ms = lk_mobility_timestamp_ms(b->pmip.timestamp);

    return timestamp_ms > b->pmip.attach_ms ? timestamp_ms : b->pmip.attach_ms;
}

static void follow(struct lk_binding *b, uint64_t newest)
{
    uint64_t timestamp = lk_mobility_timestamp_of(newest);

    if (timestamp > b->pmip.timestamp)
        b->pmip.timestamp = timestamp;
}

struct lk_pmip_lma lk_anchor_pmip_of(const struct lk_anchor *anchor, const struct lk_binding *b)
{
    struct lk_pmip_lma lma;

    if (b != NULL && b->protocol == LK_BINDING_PMIP)
        return b->pmip;
    lk_pmip_lma_init(&lma);
    lma.epoch = anchor->epoch_floor;
    if (b == NULL)
        return lma;
    lma.epoch = lk_binding_stands(b).epoch;
    lma.attach_ms = lk_binding_protocol(b->protocol)->newest_ms(b);
    lma.timestamp = lk_mobility_timestamp_of(lma.attach_ms);
    return lma;
}

/* ---- what the machine said ---- */

void lk_anchor_carry_pmip(struct lk_anchor *anchor, struct lk_binding *b,
                          const struct lk_binding_standing *before,
                          const struct lk_pmip_lma_outbox *said, uint32_t mag, uint64_t now_ms,
                          struct lk_anchor_outbox *out)
{
    static const enum lk_binding_change changes[] = {
        [LK_PMIP_CREATED] = LK_BINDING_CREATED,   [LK_PMIP_RENEWED] = LK_BINDING_RENEWED,
        [LK_PMIP_MOVED] = LK_BINDING_MOVED,       [LK_PMIP_RELEASED] = LK_BINDING_RELEASED,
        [LK_PMIP_RETURNED] = LK_BINDING_RETURNED, [LK_PMIP_ENDED] = LK_BINDING_ENDED,
    };
    const struct lk_pmip_lma_output *change = lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_CHANGED);
    const struct lk_pmip_lma_output *send = lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_SEND);
    const struct lk_anchor_said words = {
        .before = *before,
        .change = change == NULL ? 0 : changes[change->changed],
        .again = b->protocol == LK_BINDING_PMIP && b->pmip.answered == mag,
        .send = send == NULL ? lk_span_of(NULL, 0) : send->send,
        .mag = mag,
    };

    lk_anchor_carry(anchor, b, &words, now_ms, out);
    if (lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_RESUME) != NULL)
        lk_anchor_resume(anchor, b, now_ms, out);
}

static void expire(struct lk_anchor *anchor, struct lk_binding *b, uint64_t now_ms,
                   struct lk_anchor_outbox *out)
{
    struct lk_pmip_lma_event expired = { .kind = LK_PMIP_LMA_EV_EXPIRED, .now_ms = now_ms };
    const struct lk_binding_standing before = stands(b);
    struct lk_pmip_lma_outbox said;

    if (lk_pmip_lma_step(&b->pmip, &anchor->config->lma, &expired, &said) == LK_OK)
        lk_anchor_carry_pmip(anchor, b, &before, &said, 0, now_ms, out);
    else /* a clock that went back */
        lk_binding_set_due(anchor->table, b, b->pmip.due_ms);
}

const struct lk_binding_protocol lk_binding_pmip = {
    .name = "PMIPv6",
    .state_name = state_name,
    .stands = stands,
    .put = put,
    .save = save,
    .load = load,
    .is_saved = is_saved,
    .newest_ms = newest_ms,
    .follow = follow,
    .expire = expire,
};
