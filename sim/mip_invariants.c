/* The invariants of the anchor's bindings in the world of Mobile IP: see mip_invariants.h. */
#include "sim/mip_invariants.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntp.h"
#include "node/binding_protocol.h"

enum {
    PREFIX = 8, ALLOWANCE = 3, RENEW_MS = 20000, /* T13: so many at once, and one more then */
    EVENTS_BASE = 2048, EVENTS_PER_UE = 64,
    OCTETS_BASE = 512 * 1024, OCTETS_PER_UE = 32 * 1024,
};

/* The row that the message in work names, as it was. */
static struct {
    struct sim_mobile *node; /* NULL: it names none */
    struct sim_name print;
} before;

void sim_mip_truth_make(struct sim_world *world)
{
    world->mip->truth = calloc(world->options->ues, sizeof *world->mip->truth);
    LK_ASSERT(world->mip->truth != NULL);
    before.node = NULL;
}

void sim_mip_truth_unmake(struct sim_world *world)
{
    free(world->mip->truth);
}

struct sim_mip_truth *sim_truth_of(const struct sim_world *world, const struct sim_mobile *node)
{
    return &world->mip->truth[node->index];
}

struct lk_binding *sim_row_of(const struct sim_world *world, const struct sim_mobile *node)
{
    return lk_binding_of(world->mip->agent.table, lk_imsi_number(&node->imsi), 0);
}

/* Where the anchor has no store, addresses begin anew with each life. */
static struct sim_name home_name(const struct sim_world *world, const uint8_t ipv4[4])
{
    const struct sim_agent *a = &world->mip->agent;

    return sim_name_of((uint64_t)SIM_OF_HOME << 32 | (a->durable ? 0 : (uint32_t)a->life), ipv4,
                       4);
}

struct sim_mobile *sim_owner_of(struct sim_world *world, const uint8_t ipv4[4])
{
    const uint64_t *at = sim_ledger_find(&world->ledger, home_name(world, ipv4));

    return at == NULL || *at == 0 ? NULL : &world->mip->node[*at - 1];
}

struct sim_mobile *sim_home_of(struct sim_world *world, struct lk_span packet)
{
    return packet.len < SIM_ADDRESS_AT + 4 ? NULL : sim_owner_of(world, packet.at + SIM_ADDRESS_AT);
}

/* ---- rows ---- */

static struct sim_name print_of(const struct sim_world *world, const struct sim_mobile *node)
{
    const struct lk_binding *row = sim_row_of(world, node);
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (row == NULL)
        return (struct sim_name){ 0, 0 };
    lk_put_u8(&w, row->protocol);
    lk_put_octets(&w, row->ipv4.octets, sizeof row->ipv4.octets);
    lk_binding_protocol(row->protocol)->put(&w, row);
    LK_ASSERT(w.status == LK_OK);
    return sim_name_of(0, octets, w.len);
}

static struct sim_mobile *named_by(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct lk_mobility_message message;
    struct sim_mip_words words;

    if ((event->kind == LK_ANCHOR_EV_MIP || event->kind == LK_ANCHOR_EV_MIP6) &&
        sim_request_read(&words, event->kind == LK_ANCHOR_EV_MIP6, event->octets))
        return sim_mobile_named(world, words.nai);
    if (event->kind == LK_ANCHOR_EV_DATAGRAM &&
        lk_mobility_decode(&message, event->octets) == LK_OK)
        return sim_mobile_named(world, message.options.mn_id.id);
    return NULL;
}

static bool is_same_place(const struct lk_anchor_place *a, const struct lk_anchor_place *b)
{
    return a->port == b->port && a->port != 0 && lk_address_equal(&a->address, &b->address);
}

/* Until when what was sent to that address for the node is of its allowance. */
static uint64_t *allowance_of(struct sim_world *world, const struct sim_mobile *node,
                              const struct lk_address *address)
{
    struct {
        uint64_t node, life;
        struct lk_address address;
    } name = { node->index, world->mip->agent.life, *address };
    bool fresh;

    return sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_UNPROVEN, &name, sizeof name), &fresh);
}

/* By its prefix, which is the device's. */
static struct sim_name home6_name(const struct sim_world *world, const struct lk_address *home)
{
    const struct sim_agent *a = &world->mip->agent;

    return sim_name_of((uint64_t)SIM_OF_HOME6 << 32 | (a->durable ? 0 : (uint32_t)a->life),
                       home->octets, PREFIX);
}

struct sim_mobile *sim_owner6_of(struct sim_world *world, const struct lk_address *home)
{
    const uint64_t *at = sim_ledger_find(&world->ledger, home6_name(world, home));

    return at == NULL ? NULL : &world->mip->node[*at];
}

/* Whose packet out of a tunnel that is; NULL: none that can be read. */
static struct sim_mobile *sender_of(struct sim_world *world, struct lk_ip_packet *packet,
                                    const struct lk_anchor_event *event)
{
    struct lk_span octets = event->octets;
    struct lk_mip_tunnel data;

    if (event->kind == LK_ANCHOR_EV_MIP) {
        if (lk_mip_type_of(octets) != LK_MIP_TUNNEL || lk_mip_tunnel_decode(&data, octets) != LK_OK)
            return NULL;
        octets = data.packet;
    }
    if (lk_ip_read(packet, octets) != LK_OK)
        return NULL;
    return packet->version == 6
               ? sim_owner6_of(world, &packet->source)
               : sim_owner_of(world, octets.at + SIM_SOURCE_AT);
}

/* What a node's stack sends back to the anchor's own address, from where it is bound. */
static void note_proof(struct sim_world *world, const struct lk_anchor_event *event)
{
    const struct lk_anchor_place from = { event->from, event->port, LK_BINDING_MIP };
    struct lk_ip_packet packet;
    struct sim_mobile *node = sender_of(world, &packet, event);

    if (node == NULL ||
        packet.protocol != (packet.version == 6 ? LK_IP_ICMPV6 : LK_IP_ICMP))
        return;
    if (node == NULL || !is_same_place(&sim_truth_of(world, node)->bound, &from))
        return;
    sim_truth_of(world, node)->proven = from;
    *allowance_of(world, node, &from.address) = 0;
    world->report->count[SIM_MIP_PROVEN]++;
}

void sim_check_agent_before(struct sim_world *world, const struct lk_anchor_event *event)
{
    before.node = named_by(world, event);
    if (before.node != NULL)
        before.print = print_of(world, before.node);
    if (event->kind == LK_ANCHOR_EV_MIP || event->kind == LK_ANCHOR_EV_MIP6)
        note_proof(world, event);
}

static bool stores(const struct lk_anchor_outbox *out, const struct sim_mobile *node)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_ANCHOR_OUT_STORE &&
            lk_imsi_equal(&out->item[i].store.record.imsi, &node->imsi))
            return true;
    return false;
}

/* ---- what a record says, against all that was ---- */

/* Octet by octet what its machine has signed. */
static bool is_said(struct sim_world *world, const struct sim_mobile *node,
                    const struct lk_anchor_event *event)
{
    struct sim_mip_words words;
    const uint64_t *at;

    if (!sim_request_read(&words, event->kind == LK_ANCHOR_EV_MIP6, event->octets))
        return false;
    at = sim_ledger_find(&world->ledger, words.covered);
    return at != NULL && *at == node->index;
}

static struct sim_name request_name(unsigned of, const struct sim_mobile *node,
                                    uint64_t identification, const struct lk_anchor_place *to)
{
    struct {
        uint64_t node, identification, port;
        struct lk_address address;
    } name = { node->index, identification, to == NULL ? 0 : to->port, { { 0 } } };

    if (to != NULL)
        name.address = to->address;
    return sim_name_of(of, &name, sizeof name);
}

static void check_owner6(struct sim_world *world, const struct sim_mobile *node,
                         const struct lk_address *home)
{
    bool fresh;
    uint64_t *owner = sim_ledger_at(&world->ledger, home6_name(world, home), &fresh);

    if (!fresh && *owner != node->index)
        sim_break(world, "one-binding", "node %u has the IPv6 address of node %llu", node->index,
                  (unsigned long long)*owner);
    *owner = node->index;
}

static void check_owner(struct sim_world *world, const struct sim_mobile *node,
                        const struct lk_binding_record *record,
                        const struct lk_anchor_event *event)
{
    bool fresh;
    uint64_t *owner;

    if ((event->kind == LK_ANCHOR_EV_MIP || event->kind == LK_ANCHOR_EV_MIP6) &&
        !is_said(world, node, event))
        sim_break(world, "one-binding", "node %u: a binding is made of what it never said",
                  node->index);
    if (record->protocol == LK_BINDING_PMIP &&
        record->pmip.attach_ms > sim_truth_of(world, node)->attach_ms &&
        event->kind == LK_ANCHOR_EV_DATAGRAM)
        sim_break(world, "one-binding", "node %u: a binding at a gateway that nobody let it in",
                  node->index);
    if (record->protocol == LK_BINDING_MIP6 && record->mip6.state == LK_MIP_HA6_ACTIVE)
        check_owner6(world, node, &record->mip6.home);
    if (!record->has_ipv4)
        return;
    owner = sim_ledger_at(&world->ledger, home_name(world, record->ipv4), &fresh);
    if (fresh || *owner == 0)
        *owner = node->index + 1;
    memcpy(sim_truth_of(world, node)->owned, record->ipv4, sizeof record->ipv4);
    if (*owner != node->index + 1)
        sim_break(world, "one-binding", "node %u has the address of node %llu", node->index,
                  (unsigned long long)*owner - 1);
}

/* Of either Mobile IP. */
static uint64_t identification_of(const struct lk_binding_record *record)
{
    return record->protocol == LK_BINDING_MIP6 ? record->mip6.identification
                                               : record->mip.identification;
}

static uint64_t newest_of(const struct lk_binding_record *record)
{
    uint64_t stamp_ms;

    if (record->protocol != LK_BINDING_PMIP)
        return lk_ntp_ms(identification_of(record));
    stamp_ms = lk_mobility_timestamp_ms(record->pmip.timestamp);
    return stamp_ms > record->pmip.attach_ms ? stamp_ms : record->pmip.attach_ms;
}

static void check_order(struct sim_world *world, const struct sim_mobile *node,
                        const struct lk_binding_record *record)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);
    uint64_t newest_ms = newest_of(record);
    bool six = record->protocol == LK_BINDING_MIP6;

    if (record->epoch < t->epoch)
        sim_break(world, "epochs-grow", "node %u: epoch %llu after %llu", node->index,
                  (unsigned long long)record->epoch, (unsigned long long)t->epoch);
    if (record->protocol != LK_BINDING_PMIP && identification_of(record) < t->identification[six])
        sim_break(world, "order-rises", "node %u: an Identification falls", node->index);
    if (newest_ms < t->newest_ms)
        sim_break(world, "order-rises", "node %u: what is older by %llu ms counts", node->index,
                  (unsigned long long)(t->newest_ms - newest_ms));
    t->epoch = record->epoch;
    t->newest_ms = newest_ms;
    if (record->protocol != LK_BINDING_PMIP)
        t->identification[six] = identification_of(record);
}

/* Nothing that was answered has an effect again, in whatever life of the anchor that was. */
static void check_again(struct sim_world *world, const struct sim_mobile *node,
                        const struct lk_anchor_event *event)
{
    struct sim_name now = print_of(world, node);
    struct sim_mip_words words;
    const uint64_t *life;

    if ((event->kind != LK_ANCHOR_EV_MIP && event->kind != LK_ANCHOR_EV_MIP6) ||
        node != before.node ||
        (now.low == before.print.low && now.high == before.print.high) ||
        !sim_request_read(&words, event->kind == LK_ANCHOR_EV_MIP6, event->octets))
        return;
    life = sim_ledger_find(&world->ledger, request_name(SIM_OF_ANSWERED + words.by, node,
                                                        words.identification, NULL));
    if (life != NULL)
        sim_break(world, *life == world->mip->agent.life ? "same-reply" : "order-rises",
                  "node %u: what was answered changes its binding again", node->index);
}

static void check_end(struct sim_world *world, const struct sim_mobile *node,
                      const struct lk_anchor_output *item, uint64_t now_ms)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);

    if (item->store.change == LK_BINDING_ENDED && now_ms < t->expires_ms &&
        item->store.record.protocol != LK_BINDING_PMIP)
        sim_break(world, "outlives-its-key", "node %u: its binding ends %llu ms too early",
                  node->index, (unsigned long long)(t->expires_ms - now_ms));
    t->expires_ms = item->store.record.expires_ms;
}

/* T13: where a foreign agent is it has signed. */
static bool is_relayed(struct sim_world *world, const struct sim_mobile *node,
                       uint64_t identification, const struct lk_anchor_place *place)
{
    return sim_ledger_find(&world->ledger,
                           request_name(SIM_OF_RELAYED, node, identification, place)) != NULL;
}

void sim_check_relayed(struct sim_world *world, const struct sim_fa *fa, struct lk_span octets)
{
    const struct lk_anchor_place place = sim_place_address(sim_place(SIM_PLACE_FA, fa->index));
    const struct sim_mobile *node;
    struct lk_mip_request request;
    bool fresh;

    if (lk_mip_request_decode(&request, octets) != LK_OK || request.lifetime_s == 0)
        return;
    node = sim_mobile_named(world, request.extensions.nai);
    if (node != NULL)
        (void)sim_ledger_at(&world->ledger,
                            request_name(SIM_OF_RELAYED, node, request.identification, &place),
                            &fresh);
}

/* T13: another place has proven nothing yet. */
static void note_place(struct sim_world *world, const struct sim_mobile *node,
                       const struct lk_binding_record *record)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);
    struct lk_anchor_place at = { .by = LK_BINDING_MIP };

    if (record->protocol == LK_BINDING_MIP)
        at = (struct lk_anchor_place){ lk_address_v4(record->mip.from), record->mip.port,
                                       LK_BINDING_MIP };
    if (record->protocol == LK_BINDING_MIP6)
        at = (struct lk_anchor_place){ lk_address_v4(record->mip6.from), record->mip6.port,
                                       LK_BINDING_MIP6 };

    if (at.port != t->bound.port || !lk_address_equal(&at.address, &t->bound.address))
        t->proven.port = 0;
    if (record->protocol == LK_BINDING_MIP &&
        is_relayed(world, node, record->mip.identification, &at))
        t->proven = at;
    t->bound = at;
}

static void check_store(struct sim_world *world, const struct lk_anchor_output *item,
                        const struct lk_anchor_event *event)
{
    const struct lk_binding_record *record = &item->store.record;
    const struct sim_mobile *node = sim_mobile_of(world, &record->imsi);

    if (node == NULL) {
        sim_break(world, "one-binding", "a binding of who is nobody's subscriber");
        return;
    }
    check_owner(world, node, record, event);
    check_order(world, node, record);
    check_again(world, node, event);
    check_end(world, node, item, event->now_ms);
    note_place(world, node, record);
}

/* ---- a step ---- */

static void check_decided(struct sim_world *world, const struct lk_anchor_output *item);

/* What another row has of it is another's. */
void sim_check_agent(struct sim_world *world, const struct lk_anchor_event *event)
{
    const struct lk_anchor_outbox *out = &world->mip->agent.out;

    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_ANCHOR_OUT_MARK)
            sim_check_mark(world, &out->item[i].mark);
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_anchor_output *item = &out->item[i];

        if (item->kind == LK_ANCHOR_OUT_STORE)
            check_store(world, item, event);
        else if (item->kind == LK_ANCHOR_OUT_TUNNEL || item->kind == LK_ANCHOR_OUT_NETWORK)
            sim_check_packet_on(world, item);
        else if (item->kind == LK_ANCHOR_OUT_SEND)
            check_decided(world, item);
    }
    sim_check_within(world, event);
    if (before.node != NULL && !stores(out, before.node)) {
        struct sim_name now = print_of(world, before.node);

        if (now.low != before.print.low || now.high != before.print.high)
            sim_break(world, "failure-changes-nothing",
                      "node %u: its binding is another, and nobody was told", before.node->index);
    }
}

/* ---- crashes ---- */

void sim_check_durable(struct sim_world *world, const struct lk_binding_record *record)
{
    struct sim_mip_truth *t = sim_truth_of(world, sim_mobile_of(world, &record->imsi));

    t->durable_epoch = record->epoch;
    t->durable_ms = newest_of(record);
}

/* An address that nobody was told is not his. */
static void forget_address(struct sim_world *world, unsigned node)
{
    struct sim_mip_truth *t = &world->mip->truth[node];
    bool fresh;

    if (!world->mip->agent.store[node].there && t->owned[0] != 0)
        *sim_ledger_at(&world->ledger, home_name(world, t->owned), &fresh) = 0;
    if (!world->mip->agent.store[node].there)
        memset(t->owned, 0, sizeof t->owned);
}

/* What was durable counts from now on, and what was answered must be among it. */
void sim_check_crash(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        struct sim_mip_truth *t = &world->mip->truth[i];

        forget_address(world, i);
        t->epoch = t->durable_epoch;
        memcpy(t->identification, t->answered, sizeof t->identification);
        t->newest_ms = t->durable_ms > t->answered_ms ? t->durable_ms : t->answered_ms;
        if (world->mip->agent.durable)
            t->marked = t->marked_durable;
        else
            t->newest_ms = 0; /* gateways' messages have no quarantine */
    }
}

static void check_loaded(struct sim_world *world, const struct sim_mobile *node)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);
    const struct lk_binding *row = sim_row_of(world, node);
    uint64_t accounted = t->marked;

    if (row != NULL) {
        t->up = row->volume.up_octets;
        t->down = row->volume.down_octets;
        t->expires_ms = lk_binding_stands(row).expires_ms;
        accounted += t->up + t->down;
        if ((row->protocol == LK_BINDING_MIP && row->mip.identification < t->answered[0]) ||
            (row->protocol == LK_BINDING_MIP6 && row->mip6.identification < t->answered[1]))
            sim_break(world, "order-rises", "node %u: what it was told is forgotten", node->index);
    } else {
        t->up = t->down = 0;
        if (world->mip->agent.durable && (t->answered[0] != 0 || t->answered[1] != 0))
            sim_break(world, "order-rises", "node %u: its binding is forgotten", node->index);
    }
    if (accounted > t->forwarded)
        sim_break(world, "volume-right", "node %u: octets are accounted twice", node->index);
    world->report->count[SIM_MIP_UNWRITTEN] += t->forwarded - accounted;
    t->forwarded = accounted;
    t->proven.port = t->bound.port = 0;
    if (row != NULL && row->protocol == LK_BINDING_MIP6)
        t->bound = (struct lk_anchor_place){ lk_address_v4(row->mip6.from.octets), row->mip6.port,
                                             LK_BINDING_MIP6 };
    if (row == NULL || row->protocol != LK_BINDING_MIP)
        return;
    t->bound = (struct lk_anchor_place){ lk_address_v4(row->mip.from.octets), row->mip.port,
                                         LK_BINDING_MIP };
    if (is_relayed(world, node, row->mip.identification, &t->bound))
        t->proven = t->bound;
}

void sim_check_life(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        check_loaded(world, &world->mip->node[i]);
}

/* ---- what leaves the anchor ---- */

/* T13: three at once, and one more every twenty seconds, until it was proven. */
static void check_place(struct sim_world *world, const struct sim_mobile *node,
                        const struct lk_anchor_place *to)
{
    uint64_t *full_ms = allowance_of(world, node, &to->address);

    sim_say(world, "node %u: a packet to %x port %u, %s", node->index,
            sim_place_at(world, to), to->port,
            is_same_place(&sim_truth_of(world, node)->proven, to) ? "proven" : "unproven");
    if (is_same_place(&sim_truth_of(world, node)->proven, to))
        return;
    if (*full_ms < world->now_ms)
        *full_ms = world->now_ms;
    if (*full_ms > world->now_ms + (ALLOWANCE - 1) * RENEW_MS)
        sim_break(world, "proven-place", "node %u: one packet too many to where it says it is",
                  node->index);
    *full_ms += RENEW_MS;
}

/* The same request has the same answer, where it came from. */
static void check_reply(struct sim_world *world, const struct sim_mobile *node,
                        const struct sim_mip_words *reply, const struct lk_anchor_place *to,
                        struct lk_span octets)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger,
                                 request_name(SIM_OF_REPLY + reply->by, node,
                                              reply->identification, to), &fresh);
    uint64_t hash = sim_name_of(SIM_OF_REPLY, octets.at, octets.len).low;

    if (!fresh && *at != hash)
        sim_break(world, "same-reply", "node %u: a repeated request has another reply",
                  node->index);
    *at = hash;
    at = sim_ledger_at(&world->ledger,
                       request_name(SIM_OF_ANSWERED + reply->by, node, reply->identification,
                                    NULL), &fresh);
    if (fresh)
        *at = world->mip->agent.life;
    if (reply->identification > t->answered[reply->by == LK_BINDING_MIP6])
        t->answered[reply->by == LK_BINDING_MIP6] = reply->identification;
    if (lk_ntp_ms(reply->identification) > t->answered_ms)
        t->answered_ms = lk_ntp_ms(reply->identification);
}

void sim_check_answer(struct sim_world *world, uint32_t mag, const struct lk_anchor_place *to,
                      struct lk_span octets)
{
    const struct sim_mobile *node;
    struct sim_mip_words reply;

    if (mag != 0 || !sim_reply_read(&reply, to->by == LK_BINDING_MIP6, octets))
        return;
    node = sim_mobile_named(world, reply.nai);
    if (node == NULL)
        return;
    if (reply.accepted)
        check_reply(world, node, &reply, to, octets);
}

/* It was decided now that this is of the allowance, however long it waits for the store. */
static void check_decided(struct sim_world *world, const struct lk_anchor_output *item)
{
    const struct sim_mobile *node;
    struct sim_mip_words reply;

    if (item->mag != 0 || !sim_reply_read(&reply, item->to.by == LK_BINDING_MIP6, item->octets))
        return;
    node = sim_mobile_named(world, reply.nai);
    /* A foreign agent of ours has budgets for its visitors. */
    if (node != NULL && !is_relayed(world, node, reply.identification, &item->to))
        check_place(world, node, &item->to);
}

void sim_check_tunnel(struct sim_world *world, const struct lk_anchor_output *item)
{
    struct lk_ip_packet packet;
    const struct sim_mobile *node = sim_home_of(world, item->octets);

    if (lk_ip_read(&packet, item->octets) == LK_OK && packet.version == 6)
        node = sim_owner6_of(world, &packet.destination);
    if (item->mag == 0 && node != NULL)
        check_place(world, node, &item->to);
}

/* ---- the world ---- */

void sim_check_mip_event(struct sim_world *world)
{
    size_t ues = world->options->ues;

    if (world->queue.count > EVENTS_BASE + ues * EVENTS_PER_UE ||
        world->queue.octets > OCTETS_BASE + ues * OCTETS_PER_UE)
        sim_break(world, "memory-bounded", "%zu events with %zu octets", world->queue.count,
                  world->queue.octets);
}
