/* The anchor: events, time, and rows as the store keeps them. */
#include "node/anchor.h"

#include <string.h>

#include "node/anchor_parts.h"

void lk_anchor_defaults(struct lk_anchor_config *config)
{
    memset(config, 0, sizeof *config);
    lk_pmip_lma_defaults(&config->lma);
    config->token_lifetime_ms = UINT64_C(86400000);
    config->reserve_ms = UINT64_C(604800000);
    config->enterprise = 32473;
    config->service_count = 1;
    memcpy(config->service[0].name, "internet", sizeof "internet");
    config->mag_rate = 20000;
    config->rate = 50000;
    config->icmp_rate = 1000;
}

void lk_anchor_init(struct lk_anchor *anchor, const struct lk_anchor_config *config,
                    struct lk_binding_table *table, uint64_t now_ms)
{
    LK_ASSERT(config->mag_count <= LK_ANCHOR_MAGS && config->service_count > 0);
    memset(anchor, 0, sizeof *anchor);
    anchor->config = config;
    anchor->table = table;
}

uint32_t lk_anchor_mag_number(const struct lk_anchor_config *config, struct lk_span name)
{
    for (size_t i = 0; i < config->mag_count; i++)
        if (lk_span_equal(lk_span_text(config->mag[i].name), name))
            return (uint32_t)i + 1;
    return 0;
}

void lk_anchor_digest(uint8_t digest[LK_BINDING_DIGEST_LEN], const struct lk_anchor *anchor)
{
    lk_binding_digest(digest, anchor->table);
}

struct lk_anchor_output *lk_anchor_add(struct lk_anchor_outbox *out,
                                       enum lk_anchor_output_kind kind, uint32_t mag)
{
    struct lk_anchor_output *item;

    LK_ASSERT(out->count < LK_ANCHOR_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    item->mag = mag;
    return item;
}

const struct lk_pool *lk_anchor_pool_of(const struct lk_anchor_config *config,
                                        const struct lk_address *address)
{
    bool v4 = lk_address_is_v4(address);
    const struct lk_pool *pools = v4 ? config->pool4 : config->pool6;
    size_t count = v4 ? config->pool4_count : config->pool6_count;

    for (size_t i = 0; i < count; i++) {
        struct lk_address_prefix network =
            lk_address_prefix_of(address, pools[i].network.bits);

        if (lk_address_prefix_equal(&network, &pools[i].network))
            return &pools[i];
    }
    return NULL;
}

/* ---- rows as the store keeps them ---- */

static void name_of(char name[LK_BINDING_NAME_MAX + 1], const struct lk_anchor_config *config,
                    uint32_t mag)
{
    memset(name, 0, LK_BINDING_NAME_MAX + 1);
    if (mag != 0)
        memcpy(name, config->mag[mag - 1].name, LK_BINDING_NAME_MAX + 1);
}

void lk_anchor_record(struct lk_binding_record *record, const struct lk_anchor *anchor,
                      const struct lk_binding *b)
{
    const struct lk_pmip_lma *p = &b->pmip;
    enum lk_status status;

    memset(record, 0, sizeof *record);
    status = lk_imsi_from_number(&record->imsi, b->subject);
    LK_ASSERT(status == LK_OK);
    memcpy(record->service, anchor->config->service[b->service].name, sizeof record->service);
    record->epoch = p->epoch;
    record->protocol = b->protocol;
    record->state = p->state;
    record->handoff = p->handoff;
    record->access = p->access;
    record->released = p->released;
    record->has_prefix = b->has_prefix;
    record->has_ipv4 = b->has_ipv4;
    record->prefix = b->prefix;
    memcpy(record->ipv4, b->ipv4.octets, sizeof record->ipv4);
    name_of(record->mag, anchor->config, p->mag);
    name_of(record->answered, anchor->config, p->answered);
    record->sequence = p->sequence;
    record->lifetime = p->lifetime;
    record->timestamp = p->timestamp;
    record->attach_ms = p->attach_ms;
    record->digest = p->digest;
    record->expires_ms = p->expires_ms;
    record->due_ms = p->due_ms;
    record->since_ms = b->since_ms;
    record->up_octets = b->volume.up_octets;
    record->down_octets = b->volume.down_octets;
}

static bool service_of(uint16_t *service, const struct lk_anchor_config *config, const char *name)
{
    for (size_t i = 0; i < config->service_count; i++)
        if (strcmp(config->service[i].name, name) == 0) {
            *service = (uint16_t)i;
            return true;
        }
    return false;
}

static void load_machine(struct lk_binding *b, const struct lk_anchor *anchor,
                         const struct lk_binding_record *r)
{
    struct lk_pmip_lma *p = &b->pmip;
    bool known = r->state < LK_PMIP_LMA_STATE_COUNT;

    p->state = r->state;
    p->mag = known ? lk_anchor_mag_number(anchor->config, lk_span_text(r->mag)) : 0;
    p->answered = lk_anchor_mag_number(anchor->config, lk_span_text(r->answered));
    p->epoch = r->epoch;
    p->handoff = r->handoff;
    p->access = r->access;
    p->released = r->released;
    p->sequence = r->sequence;
    p->lifetime = r->lifetime;
    p->timestamp = r->timestamp;
    p->attach_ms = r->attach_ms;
    p->digest = r->digest;
    p->expires_ms = r->expires_ms;
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
    b->since_ms = r->since_ms;
    b->volume.up_octets = r->up_octets;
    b->volume.down_octets = r->down_octets;
    b->durable = true;
}

enum lk_status lk_anchor_load(struct lk_anchor *anchor, const struct lk_binding_record *record,
                              uint64_t now_ms)
{
    struct lk_mobility_ipv4 ipv4;
    struct lk_address address;
    struct lk_binding *b;
    enum lk_status status;
    uint16_t service;

    if (!service_of(&service, anchor->config, record->service) ||
        record->protocol != LK_BINDING_PMIP)
        return LK_E_VALUE;
    status = lk_binding_add(&b, anchor->table, lk_imsi_number(&record->imsi), service);
    if (status != LK_OK)
        return status;
    /* An address of a network that is not ours any more is left out: the device gets another. */
    memcpy(ipv4.octets, record->ipv4, sizeof ipv4.octets);
    address = lk_address_v4(ipv4.octets);
    if (record->has_ipv4 && lk_anchor_pool_of(anchor->config, &address) != NULL)
        status = lk_binding_set_ipv4(anchor->table, b, ipv4);
    if (status == LK_OK && record->has_prefix &&
        lk_anchor_pool_of(anchor->config, &record->prefix.address) != NULL)
        status = lk_binding_set_prefix(anchor->table, b, &record->prefix);
    if (status != LK_OK) {
        lk_binding_remove(anchor->table, b);
        return LK_E_VALUE;
    }
    b->protocol = record->protocol;
    load_machine(b, anchor, record);
    lk_binding_set_due(anchor->table, b, b->pmip.due_ms);
    return LK_OK;
}

/* ---- what a row's machine said ---- */

static void put_mark(struct lk_anchor *anchor, const struct lk_binding *b,
                     const struct lk_pmip_lma *before, uint64_t now_ms,
                     struct lk_anchor_outbox *out)
{
    struct lk_binding_mark *mark = &lk_anchor_add(out, LK_ANCHOR_OUT_MARK, before->mag)->mark;
    enum lk_status status;

    memset(mark, 0, sizeof *mark);
    status = lk_imsi_from_number(&mark->imsi, b->subject);
    LK_ASSERT(status == LK_OK);
    memcpy(mark->service, anchor->config->service[b->service].name, sizeof mark->service);
    name_of(mark->mag, anchor->config, before->mag);
    mark->epoch = before->epoch;
    mark->since_ms = b->since_ms;
    mark->until_ms = now_ms;
    mark->up_octets = b->volume.up_octets;
    mark->down_octets = b->volume.down_octets;
}

static void count_change(struct lk_anchor_counters *counters, enum lk_pmip_change change)
{
    switch (change) {
    case LK_PMIP_CREATED: counters->created++; break;
    case LK_PMIP_RENEWED: counters->renewed++; break;
    case LK_PMIP_MOVED: counters->moved++; break;
    case LK_PMIP_RELEASED: counters->released++; break;
    case LK_PMIP_RETURNED: counters->returned++; break;
    case LK_PMIP_ENDED: counters->ended++; break;
    }
}

static void changed(struct lk_anchor *anchor, struct lk_binding *b,
                    const struct lk_pmip_lma *before, enum lk_pmip_change change, uint64_t now_ms,
                    struct lk_anchor_outbox *out)
{
    struct lk_anchor_output *item;

    count_change(&anchor->counters, change);
    /* T14: the volume of an epoch ends with it, whoever comes next, and is marked. */
    if (b->pmip.epoch != before->epoch) {
        if (before->mag != 0)
            put_mark(anchor, b, before, now_ms, out);
        memset(&b->volume, 0, sizeof b->volume);
        b->since_ms = now_ms;
    }
    b->durable = false;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_STORE, b->pmip.mag);
    item->store.change = change;
    lk_anchor_record(&item->store.record, anchor, b);
}

void lk_anchor_carry(struct lk_anchor *anchor, struct lk_binding *b,
                     const struct lk_pmip_lma *before, const struct lk_pmip_lma_outbox *said,
                     uint32_t mag, uint64_t now_ms, struct lk_anchor_outbox *out)
{
    const struct lk_pmip_lma_output *change = lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_CHANGED);
    const struct lk_pmip_lma_output *send = lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_SEND);

    if (change != NULL)
        changed(anchor, b, before, change->changed, now_ms, out);
    /* The same again: its answer waits for the store as the first one did. */
    else if (send != NULL && !b->durable && b->pmip.answered == mag)
        changed(anchor, b, &b->pmip, LK_PMIP_RENEWED, now_ms, out);
    if (send != NULL) {
        LK_ASSERT(sizeof out->octets - out->used >= send->send.len);
        memcpy(out->octets + out->used, send->send.at, send->send.len);
        lk_anchor_add(out, LK_ANCHOR_OUT_SEND, mag)->octets =
            lk_span_of(out->octets + out->used, send->send.len);
        out->used += send->send.len;
    }
    if (b->pmip.due_ms != b->due_ms)
        lk_binding_set_due(anchor->table, b, b->pmip.due_ms);
    if (lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_RESUME) != NULL)
        lk_anchor_resume(anchor, b, now_ms, out);
}

/* ---- events ---- */

static void tick(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                 struct lk_anchor_outbox *out)
{
    struct lk_pmip_lma_event expired = { .kind = LK_PMIP_LMA_EV_EXPIRED, .now_ms = event->now_ms };
    struct lk_binding *b = lk_binding_next_due(anchor->table, event->now_ms);
    struct lk_pmip_lma_outbox said;
    struct lk_pmip_lma before;

    if (b == NULL)
        return;
    before = b->pmip;
    if (lk_pmip_lma_step(&b->pmip, &anchor->config->lma, &expired, &said) == LK_OK)
        lk_anchor_carry(anchor, b, &before, &said, 0, event->now_ms, out);
    else /* a clock that went back */
        lk_binding_set_due(anchor->table, b, b->pmip.due_ms);
    (void)lk_anchor_add(out, LK_ANCHOR_OUT_MORE, 0);
}

static void stored(struct lk_anchor *anchor, const struct lk_binding_record *record)
{
    struct lk_binding *b;
    uint16_t service;

    if (!service_of(&service, anchor->config, record->service))
        return;
    b = lk_binding_of(anchor->table, lk_imsi_number(&record->imsi), service);
    /* Only when it is still what was written. */
    if (b != NULL && b->pmip.epoch == record->epoch && b->pmip.digest == record->digest &&
        b->pmip.state == record->state)
        b->durable = true;
}

void lk_anchor_step(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out)
{
    out->count = 0;
    out->used = 0;
    switch (event->kind) {
    case LK_ANCHOR_EV_DATAGRAM: lk_anchor_request(anchor, event, out); break;
    case LK_ANCHOR_EV_TICK: tick(anchor, event, out); break;
    case LK_ANCHOR_EV_STORED: stored(anchor, event->stored); break;
    case LK_ANCHOR_EV_TUNNEL: lk_anchor_from_tunnel(anchor, event, out); break;
    case LK_ANCHOR_EV_NETWORK: lk_anchor_from_network(anchor, event, out); break;
    }
}
