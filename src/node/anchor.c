/* The anchor: events, time, and rows as the store keeps them. */
#include "node/anchor.h"

#include <string.h>

#include "node/anchor_parts.h"

enum { PLACES = 4, PLACES_MOST = 1 << 20 }; /* places of a device that were left a moment ago */

void lk_anchor_defaults(struct lk_anchor_config *config)
{
    memset(config, 0, sizeof *config);
    lk_pmip_lma_defaults(&config->lma);
    lk_mip_ha_defaults(&config->mip.ha);
    lk_mip_ha6_defaults(&config->mip.ha6);
    lk_mip_revoker_defaults(&config->mip.revoker);
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

uint32_t lk_anchor_fa_number(const struct lk_anchor_config *config, struct lk_span name)
{
    for (size_t i = 0; i < config->mip.fa_count; i++)
        if (lk_span_equal(lk_span_text(config->mip.fa[i].name), name))
            return (uint32_t)i + 1;
    return 0;
}

uint32_t lk_anchor_places(uint32_t rows)
{
    return rows < PLACES_MOST / PLACES ? rows * PLACES : PLACES_MOST;
}

void lk_anchor_serve_mip(struct lk_anchor *anchor, struct lk_mip_msas *msas,
                         struct lk_budgets *unproven)
{
    anchor->msas = msas;
    anchor->unproven = unproven;
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
    item->to = (struct lk_anchor_place){ .port = 0 };
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

void lk_anchor_mag_name(char name[LK_BINDING_NAME_MAX + 1], const struct lk_anchor_config *config,
                        uint32_t mag)
{
    memset(name, 0, LK_BINDING_NAME_MAX + 1);
    if (mag != 0)
        memcpy(name, config->mag[mag - 1].name, LK_BINDING_NAME_MAX + 1);
}

void lk_anchor_owner_name(char name[LK_BINDING_NAME_MAX + 1],
                          const struct lk_anchor_config *config,
                          const struct lk_binding_standing *standing)
{
    bool device = standing->owner == LK_BINDING_DEVICE;

    lk_anchor_mag_name(name, config, device ? 0 : standing->owner);
    if (device)
        lk_address_text(name, &standing->care_of);
}

void lk_anchor_record(struct lk_binding_record *record, const struct lk_anchor *anchor,
                      const struct lk_binding *b)
{
    const struct lk_binding_protocol *protocol = lk_binding_protocol(b->protocol);
    const struct lk_binding_standing now = protocol->stands(b);
    enum lk_status status;

    memset(record, 0, sizeof *record);
    status = lk_imsi_from_number(&record->imsi, b->subject);
    LK_ASSERT(status == LK_OK);
    memcpy(record->service, anchor->config->service[b->service].name, sizeof record->service);
    record->epoch = now.epoch;
    record->protocol = b->protocol;
    record->has_prefix = b->has_prefix;
    record->has_ipv4 = b->has_ipv4;
    record->prefix = b->prefix;
    memcpy(record->ipv4, b->ipv4.octets, sizeof record->ipv4);
    lk_anchor_owner_name(record->mag, anchor->config, &now);
    record->expires_ms = now.expires_ms;
    protocol->save(record, b, anchor->config);
    record->since_ms = b->since_ms;
    record->up_octets = b->volume.up_octets;
    record->down_octets = b->volume.down_octets;
}

static bool service_named(uint16_t *service, const struct lk_anchor_config *config,
                          struct lk_span name)
{
    for (size_t i = 0; i < config->service_count; i++)
        if (lk_span_equal(lk_span_text(config->service[i].name), name)) {
            *service = (uint16_t)i;
            return true;
        }
    return false;
}

static bool service_of(uint16_t *service, const struct lk_anchor_config *config, const char *name)
{
    return service_named(service, config, lk_span_text(name));
}

bool lk_anchor_was_loaded(const struct lk_anchor *anchor, uint64_t subject, struct lk_span service)
{
    uint16_t number;

    return service_named(&number, anchor->config, service) &&
           lk_binding_of(anchor->table, subject, number) != NULL;
}

void lk_anchor_seen_soon(const struct lk_anchor *anchor, uint64_t subject, struct lk_span service,
                         bool first)
{
    uint16_t number;

    if (service_named(&number, anchor->config, service))
        (first ? lk_binding_fetch_chain : lk_binding_fetch)(anchor->table, subject, number);
}

void lk_anchor_load_soon(const struct lk_anchor *anchor, const struct lk_binding_record *record,
                         struct lk_binding_coming *coming)
{
    *coming = (struct lk_binding_coming){ .subject = lk_imsi_number(&record->imsi),
                                          .prefix = record->prefix };
    if (!service_of(&coming->service, anchor->config, record->service))
        return;
    memcpy(coming->ipv4.octets, record->ipv4, sizeof coming->ipv4.octets);
    lk_binding_fetch_chains(anchor->table, coming);
}

enum lk_status lk_anchor_load(struct lk_anchor *anchor, const struct lk_binding_record *record,
                              uint64_t now_ms)
{
    const struct lk_binding_protocol *protocol = lk_binding_protocol(record->protocol);
    struct lk_mobility_ipv4 ipv4;
    struct lk_address address;
    struct lk_binding *b;
    enum lk_status status;
    uint16_t service;

    if (!service_of(&service, anchor->config, record->service) || protocol == NULL)
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
    protocol->load(b, record, anchor->config);
    b->since_ms = record->since_ms;
    b->volume.up_octets = record->up_octets;
    b->volume.down_octets = record->down_octets;
    b->durable = true;
    lk_binding_set_due(anchor->table, b, protocol->stands(b).due_ms);
    return LK_OK;
}

/* ---- what a row's machine said ---- */

static void put_mark(struct lk_anchor *anchor, const struct lk_binding *b,
                     const struct lk_binding_standing *before, uint64_t now_ms,
                     struct lk_anchor_outbox *out)
{
    struct lk_binding_mark *mark = &lk_anchor_add(out, LK_ANCHOR_OUT_MARK, before->owner)->mark;
    enum lk_status status;

    memset(mark, 0, sizeof *mark);
    status = lk_imsi_from_number(&mark->imsi, b->subject);
    LK_ASSERT(status == LK_OK);
    memcpy(mark->service, anchor->config->service[b->service].name, sizeof mark->service);
    lk_anchor_owner_name(mark->mag, anchor->config, before);
    mark->epoch = before->epoch;
    mark->since_ms = b->since_ms;
    mark->until_ms = now_ms;
    mark->up_octets = b->volume.up_octets;
    mark->down_octets = b->volume.down_octets;
}

static void count_change(struct lk_anchor_counters *counters, enum lk_binding_change change)
{
    switch (change) {
    case LK_BINDING_CREATED: counters->created++; break;
    case LK_BINDING_RENEWED: counters->renewed++; break;
    case LK_BINDING_MOVED: counters->moved++; break;
    case LK_BINDING_RELEASED: counters->released++; break;
    case LK_BINDING_RETURNED: counters->returned++; break;
    case LK_BINDING_ENDED: counters->ended++; break;
    case LK_BINDING_REVOKED: counters->revoked++; break;
    }
}

static void changed(struct lk_anchor *anchor, struct lk_binding *b, enum lk_binding_change change,
                    const struct lk_binding_standing *before, uint64_t now_ms,
                    struct lk_anchor_outbox *out)
{
    const struct lk_binding_standing now = lk_binding_stands(b);
    struct lk_anchor_output *item;

    count_change(&anchor->counters, change);
    /* T14: the volume of an epoch ends with it, whoever comes next, and is marked; so it does where
     * a protocol took the row over for a deregistration, and nobody has it any more. */
    if (now.epoch != before->epoch || (before->owner != 0 && now.owner == 0)) {
        if (before->owner != 0)
            put_mark(anchor, b, before, now_ms, out);
        memset(&b->volume, 0, sizeof b->volume);
        b->since_ms = now_ms;
    }
    b->durable = false;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_STORE, now.owner);
    item->store.change = change;
    lk_anchor_record(&item->store.record, anchor, b);
}

void lk_anchor_carry(struct lk_anchor *anchor, struct lk_binding *b,
                     const struct lk_anchor_said *said, uint64_t now_ms,
                     struct lk_anchor_outbox *out)
{
    const struct lk_binding_standing now = lk_binding_stands(b);
    struct lk_anchor_output *item;

    if (said->change != 0)
        changed(anchor, b, said->change, &said->before, now_ms, out);
    else if (said->again && said->send.len > 0 && !b->durable)
        changed(anchor, b, LK_BINDING_RENEWED, &now, now_ms, out);
    if (said->send.len > 0) {
        LK_ASSERT(sizeof out->octets - out->used >= said->send.len);
        memcpy(out->octets + out->used, said->send.at, said->send.len);
        item = lk_anchor_add(out, LK_ANCHOR_OUT_SEND, said->mag);
        item->to = said->to;
        item->octets = lk_span_of(out->octets + out->used, said->send.len);
        out->used += said->send.len;
    }
    if (now.due_ms != b->due_ms)
        lk_binding_set_due(anchor->table, b, now.due_ms);
}

/* ---- events ---- */

static void tick(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                 struct lk_anchor_outbox *out)
{
    struct lk_binding *b = lk_binding_next_due(anchor->table, event->now_ms);

    if (b != NULL)
        lk_binding_protocol(b->protocol)->expire(anchor, b, event->now_ms, out);
    else if (!lk_anchor_revoke_due(anchor, event->now_ms, out))
        return;
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
    if (b != NULL && b->protocol == record->protocol &&
        lk_binding_stands(b).epoch == record->epoch &&
        lk_binding_protocol(b->protocol)->is_saved(b, record))
        b->durable = true;
}

void lk_anchor_step(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out)
{
    out->count = 0;
    out->used = 0;
    switch (event->kind) {
    case LK_ANCHOR_EV_DATAGRAM: lk_anchor_request(anchor, event, out); break;
    case LK_ANCHOR_EV_MIP: lk_anchor_mip(anchor, event, out); break;
    case LK_ANCHOR_EV_MIP6: lk_anchor_mip6(anchor, event, out); break;
    case LK_ANCHOR_EV_REVOKE: lk_anchor_revoke(anchor, event, out); break;
    case LK_ANCHOR_EV_TICK: tick(anchor, event, out); break;
    case LK_ANCHOR_EV_STORED: stored(anchor, event->stored); break;
    case LK_ANCHOR_EV_TUNNEL: lk_anchor_from_tunnel(anchor, event, out); break;
    case LK_ANCHOR_EV_NETWORK: lk_anchor_from_network(anchor, event, out); break;
    }
}
