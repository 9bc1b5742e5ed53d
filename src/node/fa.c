/* The foreign agent: its table of visitors, and the one step. */
#include "node/fa.h"

#include <string.h>

#include "base/hash.h"
#include "base/secret.h"
#include "node/fa_parts.h"

enum { ALIGN = 16, MSAS_A_VISITOR = 2, MSAS_BESIDE = 128 };

/* ---- what a step says ---- */

struct lk_fa_output *lk_fa_add(struct lk_fa_outbox *out, enum lk_fa_output_kind kind)
{
    struct lk_fa_output *item;

    LK_ASSERT(out->count < LK_FA_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

void lk_fa_send(struct lk_fa_outbox *out, const struct lk_fa_place *to, struct lk_span octets)
{
    struct lk_fa_output *item = lk_fa_add(out, LK_FA_OUT_SEND);

    LK_ASSERT(out->used + octets.len <= sizeof out->octets);
    memcpy(out->octets + out->used, octets.at, octets.len);
    item->send.to = *to;
    item->send.octets = lk_span_of(out->octets + out->used, octets.len);
    out->used += octets.len;
}

void lk_fa_refused(struct lk_fa *fa, const struct lk_fa_event *event, uint8_t code,
                   const struct lk_refusal *refusal, struct lk_fa_outbox *out)
{
    struct lk_fa_output *item = lk_fa_add(out, LK_FA_OUT_REFUSED);

    fa->counters.refused++;
    item->refused.code = code;
    item->refused.from = event->from;
    item->refused.refusal = *refusal;
}

static void tell(struct lk_fa_told *told, const struct lk_fa_visitor *v)
{
    *told = (struct lk_fa_told){ .at = v->at, .home = v->home, .agent = v->agent.address,
                                 .state = v->mip.state, .epoch = v->epoch,
                                 .since_ms = v->since_ms, .until_ms = v->until_ms,
                                 .up_packets = v->up_packets, .up_octets = v->up_octets,
                                 .down_packets = v->down_packets,
                                 .down_octets = v->down_octets, .proven = v->spi != 0 };
    memcpy(told->nai, v->nai, sizeof told->nai);
}

void lk_fa_changed(const struct lk_fa_visitor *v, enum lk_fa_change change,
                   struct lk_fa_outbox *out)
{
    struct lk_fa_output *item = lk_fa_add(out, LK_FA_OUT_CHANGED);

    item->changed.change = change;
    tell(&item->changed.who, v);
}

/* ---- who is where ---- */

uint64_t lk_fa_hash(const struct lk_fa *fa, struct lk_span octets)
{
    return lk_hash(fa->seed, LK_HASH_FACTOR, octets);
}

static uint64_t place_hash(const struct lk_fa *fa, const struct lk_fa_place *at)
{
    const uint8_t port[2] = { (uint8_t)(at->port >> 8), (uint8_t)at->port };

    return lk_hash(lk_fa_hash(fa, LK_SPAN(at->address.octets)), LK_HASH_FACTOR, LK_SPAN(port));
}

static uint64_t id_hash(const struct lk_fa *fa, uint64_t identification)
{
    const uint32_t low = (uint32_t)identification;

    return lk_fa_hash(fa, lk_span_of(&low, sizeof low));
}

bool lk_fa_same_place(const struct lk_fa_place *a, const struct lk_fa_place *b)
{
    return a->port == b->port && lk_address_equal(&a->address, &b->address);
}

static uint32_t number_of(const struct lk_fa *fa, const struct lk_fa_visitor *v)
{
    return (uint32_t)(v - fa->visitor);
}

const struct lk_fa_home_agent *lk_fa_agent_at(const struct lk_fa_config *config,
                                              const struct lk_fa_place *at)
{
    for (size_t i = 0; i < config->home_agent_count; i++)
        if (lk_fa_same_place(&config->home_agent[i].at, at))
            return &config->home_agent[i];
    return NULL;
}

struct lk_fa_visitor *lk_fa_at(const struct lk_fa *fa, const struct lk_fa_place *at)
{
    for (uint32_t i = lk_index_first(&fa->by_place, place_hash(fa, at)); i != LK_INDEX_NONE;
         i = lk_index_next(&fa->by_place, i))
        if (lk_fa_same_place(&fa->visitor[i].at, at))
            return &fa->visitor[i];
    return NULL;
}

struct lk_fa_visitor *lk_fa_home(const struct lk_fa *fa, const struct lk_address *home,
                                 const struct lk_fa_place *agent)
{
    for (uint32_t i = lk_index_first(&fa->by_home, lk_fa_hash(fa, LK_SPAN(home->octets)));
         i != LK_INDEX_NONE; i = lk_index_next(&fa->by_home, i))
        if (lk_address_equal(&fa->visitor[i].home, home) &&
            lk_fa_same_place(&fa->visitor[i].agent, agent))
            return &fa->visitor[i];
    return NULL;
}

/* One that is not but, and that waits for a reply with that low half of the agent there. */
static struct lk_fa_visitor *waits(const struct lk_fa *fa, uint64_t identification,
                                   const struct lk_fa_place *agent,
                                   const struct lk_fa_visitor *but)
{
    const struct lk_mip_reply reply = { .identification = identification };

    for (uint32_t i = lk_index_first(&fa->by_id, id_hash(fa, identification));
         i != LK_INDEX_NONE; i = lk_index_next(&fa->by_id, i))
        if (&fa->visitor[i] != but && lk_mip_fa_awaits(&fa->visitor[i].mip, &reply) &&
            lk_address_equal(&fa->visitor[i].mip.agent, &agent->address))
            return &fa->visitor[i];
    return NULL;
}

struct lk_fa_visitor *lk_fa_awaiting(const struct lk_fa *fa, const struct lk_mip_reply *reply,
                                     const struct lk_fa_place *agent)
{
    return waits(fa, reply->identification, agent, NULL);
}

bool lk_fa_is_asked(const struct lk_fa *fa, uint64_t identification,
                    const struct lk_fa_place *agent, const struct lk_fa_visitor *but)
{
    return waits(fa, identification, agent, but) != NULL;
}

/* ---- coming and going ---- */

static void forget(struct lk_fa *fa, struct lk_fa_visitor *v)
{
    uint32_t number = number_of(fa, v);

    lk_index_take(&fa->by_place, number);
    if (v->heard)
        lk_index_take(&fa->by_id, number);
    if (v->known)
        lk_index_take(&fa->by_home, number);
    lk_due_set(&fa->due, number, LK_DUE_NEVER);
    lk_due_set(&fa->waiting, number, LK_DUE_NEVER);
    lk_wipe(v, sizeof *v);
    fa->free[fa->free_count++] = number;
}

bool lk_fa_has_room(const struct lk_fa *fa)
{
    return fa->free_count > 0 || fa->waiting.count > 0;
}

/* T15: who was there first gives way, so that a flood takes from others no more than time. */
static void make_room(struct lk_fa *fa)
{
    if (fa->waiting.count < fa->config->pending && fa->free_count > 0)
        return;
    LK_ASSERT(fa->waiting.count > 0);
    fa->counters.made_room++;
    forget(fa, &fa->visitor[lk_due_first(&fa->waiting)]);
}

struct lk_fa_visitor *lk_fa_enter(struct lk_fa *fa, const struct lk_fa_place *at)
{
    struct lk_fa_visitor *v;

    make_room(fa);
    v = &fa->visitor[fa->free[--fa->free_count]];
    memset(v, 0, sizeof *v);
    v->there = true;
    v->at = *at;
    lk_mip_fa_init(&v->mip);
    lk_index_put(&fa->by_place, number_of(fa, v), place_hash(fa, at));
    return v;
}

void lk_fa_settle(struct lk_fa *fa, struct lk_fa_visitor *v)
{
    uint32_t number = number_of(fa, v);

    if (v->mip.state == LK_MIP_FA_NONE) {
        forget(fa, v);
        return;
    }
    v->until_ms = v->mip.bound_until_ms;
    if (v->mip.pending_ms == 0) {
        lk_wipe(&v->key, sizeof v->key);
        v->has_key = false;
    }
    if (v->heard)
        lk_index_take(&fa->by_id, number);
    v->heard = v->mip.pending_ms != 0;
    if (v->heard)
        lk_index_put(&fa->by_id, number, id_hash(fa, v->mip.identification));
    lk_due_set(&fa->due, number, v->mip.due_ms == 0 ? LK_DUE_NEVER : v->mip.due_ms);
    lk_due_set(&fa->waiting, number,
               v->mip.state == LK_MIP_FA_PENDING ? v->mip.pending_ms : LK_DUE_NEVER);
}

void lk_fa_leave(struct lk_fa *fa, struct lk_fa_visitor *v, enum lk_fa_change change,
                 struct lk_fa_outbox *out)
{
    if (!v->known)
        return;
    lk_fa_changed(v, change, out);
    lk_index_take(&fa->by_home, number_of(fa, v));
    v->known = false;
    v->home = (struct lk_address){ { 0 } };
    fa->served--;
    fa->counters.left++;
}

void lk_fa_serve(struct lk_fa *fa, struct lk_fa_visitor *v, const struct lk_address *home,
                 const struct lk_fa_place *agent)
{
    LK_ASSERT(!v->known);
    v->known = true;
    v->home = *home;
    v->agent = *agent;
    v->epoch = ++fa->epochs;
    v->up_packets = v->up_octets = v->down_packets = v->down_octets = 0;
    lk_index_put(&fa->by_home, number_of(fa, v), lk_fa_hash(fa, LK_SPAN(home->octets)));
    fa->served++;
    fa->counters.arrived++;
}

/* ---- the step ---- */

static void datagram(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    switch (lk_mip_type_of(event->octets)) {
    case LK_MIP_REQUEST: lk_fa_request(fa, event, out); break;
    case LK_MIP_REPLY: lk_fa_reply(fa, event, out); break;
    case LK_MIP_TUNNEL: lk_fa_packet(fa, event, out); break;
    case LK_MIP_REVOCATION: lk_fa_revoked(fa, event, out); break;
    case LK_MIP_REVOCATION_ACK: lk_fa_revoke_acked(fa, event, out); break;
    default: fa->counters.malformed++; break;
    }
}

void lk_fa_step(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    out->count = 0;
    out->used = 0;
    switch (event->kind) {
    case LK_FA_EV_DATAGRAM: datagram(fa, event, out); break;
    case LK_FA_EV_UNREACHABLE: lk_fa_unreachable(fa, event, out); break;
    case LK_FA_EV_TICK: lk_fa_tick(fa, event, out); break;
    case LK_FA_EV_REVOKE: lk_fa_revoke(fa, event, out); break;
    }
}

/* ---- memory ---- */

static size_t round_up(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static uint32_t msas_of(const struct lk_fa_config *config)
{
    return MSAS_A_VISITOR * config->visitors + MSAS_BESIDE;
}

size_t lk_fa_size(const struct lk_fa_config *config)
{
    uint32_t rows = config->visitors;

    return round_up(sizeof(struct lk_fa)) + round_up(rows * sizeof(struct lk_fa_visitor)) +
           3 * round_up(lk_index_size(rows)) + 2 * round_up(lk_due_size(rows)) +
           round_up(rows * sizeof(uint32_t)) + round_up(lk_mip_msas_size(msas_of(config)));
}

static void *take(uint8_t **memory, size_t size)
{
    void *at = *memory;

    *memory += round_up(size);
    return at;
}

struct lk_fa *lk_fa_init(void *memory, const struct lk_fa_config *config,
                         struct lk_budgets *sources, uint64_t seed)
{
    uint32_t rows = config->visitors;
    uint8_t *at = memory;
    struct lk_fa *fa = take(&at, sizeof *fa);

    fa->config = config;
    fa->sources = sources;
    fa->seed = seed;
    fa->visitor = take(&at, rows * sizeof *fa->visitor);
    lk_index_in(&fa->by_place, take(&at, lk_index_size(rows)), rows);
    lk_index_in(&fa->by_home, take(&at, lk_index_size(rows)), rows);
    lk_index_in(&fa->by_id, take(&at, lk_index_size(rows)), rows);
    lk_due_in(&fa->due, take(&at, lk_due_size(rows)), rows);
    lk_due_in(&fa->waiting, take(&at, lk_due_size(rows)), rows);
    fa->free = take(&at, rows * sizeof *fa->free);
    fa->msas = lk_mip_msas_in(take(&at, lk_mip_msas_size(msas_of(config))), msas_of(config),
                              lk_fa_hash(fa, lk_span_text("associations")));
    for (uint32_t i = 0; i < rows; i++)
        fa->free[fa->free_count++] = rows - 1 - i;
    return fa;
}

void lk_fa_wipe(struct lk_fa *fa)
{
    lk_mip_msas_wipe(fa->msas);
    for (uint32_t i = 0; i < fa->config->visitors; i++)
        if (fa->visitor[i].there)
            lk_wipe(&fa->visitor[i], sizeof fa->visitor[i]);
}

void lk_fa_defaults(struct lk_fa_config *config)
{
    memset(config, 0, sizeof *config);
    lk_mip_fa_defaults(&config->mip);
    config->mip.reverse_mandatory = true;
    config->mip.udp = true;
    config->mip.revokes = true;
    lk_mip_revoker_defaults(&config->revoker);
    config->visitors = 1024;
    config->pending = 256;
    config->rate = 1000;
    config->source_rate = 20;
    config->challenge_ms = 60000;
    config->advertised_s = 30;
}

/* ---- what is asked ---- */

const struct lk_fa_counters *lk_fa_counted(const struct lk_fa *fa)
{
    return &fa->counters;
}

uint32_t lk_fa_served(const struct lk_fa *fa)
{
    return fa->served;
}

uint32_t lk_fa_waiting(const struct lk_fa *fa)
{
    return fa->waiting.count;
}

bool lk_fa_told_at(struct lk_fa_told *told, const struct lk_fa *fa, uint32_t number)
{
    if (number >= fa->config->visitors || !fa->visitor[number].there)
        return false;
    tell(told, &fa->visitor[number]);
    return true;
}
