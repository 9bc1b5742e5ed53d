/* The invariants of gateways, anchor and devices. What they are called and mean: invariants.h. */
#include <string.h>

#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum kind { OF_REQUEST = 200 }; /* names in the ledger */

static const struct lk_binding *binding_at(struct sim_world *world, const uint8_t ipv4[4])
{
    struct lk_address address = lk_address_v4(ipv4);

    return lk_binding_at(world->aaa->mobility->anchor.table, &address);
}

static bool is_of(const struct lk_binding *binding, const struct lk_imsi *imsi)
{
    return binding == NULL || binding->subject == lk_imsi_number(imsi);
}

/* ---- channel, connection, device ---- */

void sim_check_channel(struct sim_world *world, unsigned ue, const struct lk_imsi *imsi)
{
    if (ue >= world->options->ues || imsi == NULL || !lk_imsi_equal(&world->aaa->ue[ue].imsi, imsi))
        sim_break(world, "channel-of-one", "the channel of ue %u speaks of another", ue);
}

void sim_check_twag(struct sim_world *world, const struct sim_gateway *gateway,
                    const uint8_t before[LK_TWAG_DIGEST_LEN], enum lk_status status)
{
    uint8_t after[LK_TWAG_DIGEST_LEN];

    lk_twag_digest(after, gateway->twag);
    if (status != LK_OK && !lk_span_equal(LK_SPAN(after), lk_span_of(before, sizeof after)))
        sim_break(world, "failure-changes-nothing", "twag %u: a refused event changed it",
                  gateway->index);
    if (lk_twag_session_count(gateway->twag) > world->options->ues)
        sim_break(world, "nothing-left-behind", "twag %u: more sessions than subscribers",
                  gateway->index);
}

void sim_check_pdn_up(struct sim_world *world, const struct lk_imsi *imsi, const uint8_t ipv4[4])
{
    if (!is_of(binding_at(world, ipv4), imsi))
        sim_break(world, "one-identity", "a connection is up with an address of another");
}

void sim_check_device_up(struct sim_world *world, unsigned ue, unsigned apn,
                         const struct lk_wlcp_ue_connection *connection)
{
    struct sim_device *d = &world->aaa->mobility->device[ue];
    const uint8_t *ipv4 = connection->address.ipv4;
    const struct lk_binding *binding = binding_at(world, ipv4);

    if (!is_of(binding, &world->aaa->ue[ue].imsi) || (binding != NULL && binding->service != apn))
        sim_break(world, "one-identity", "ue %u has an address of another", ue);
    if (!d->had[apn])
        memcpy(d->address[apn], ipv4, sizeof d->address[apn]);
    else if (!lk_span_equal(LK_SPAN(d->address[apn]), lk_span_of(ipv4, 4)))
        sim_break(world, "same-address", "ue %u has another address than before", ue);
    d->had[apn] = true;
}

/* ---- the anchor ---- */

void sim_check_anchor_before(struct sim_world *world)
{
    lk_anchor_digest(world->aaa->mobility->anchor.before, &world->aaa->mobility->anchor.anchor);
}

static const struct lk_anchor_output *find(const struct lk_anchor_outbox *out,
                                           enum lk_anchor_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

/* A row against what it was, over restarts too; rows before it against its address. */
static void check_row(struct sim_world *world, uint32_t index)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    const struct lk_binding *row = lk_binding_row(a->table, index), *other;
    struct sim_order *order;
    unsigned ue = 0;

    if (row == NULL)
        return;
    while (ue < world->options->ues && lk_imsi_number(&world->aaa->ue[ue].imsi) != row->subject)
        ue++;
    if (ue == world->options->ues || !world->aaa->ue[ue].has_granted) {
        sim_break(world, "one-binding", "a binding of who was never authenticated");
        return;
    }
    for (uint32_t i = 0; i < index; i++) {
        other = lk_binding_row(a->table, i);
        if (other != NULL && row->has_ipv4 && other->has_ipv4 &&
            lk_span_equal(LK_SPAN(other->ipv4.octets), LK_SPAN(row->ipv4.octets)))
            sim_break(world, "one-binding", "two bindings have one address");
    }
    order = &a->order[ue * SIM_APNS + row->service];
    if (row->pmip.epoch < order->epoch)
        sim_break(world, "epochs-grow", "ue %u: epoch %llu after %llu", ue,
                  (unsigned long long)row->pmip.epoch, (unsigned long long)order->epoch);
    if (row->pmip.timestamp < order->timestamp || row->pmip.attach_ms < order->attach_ms)
        sim_break(world, "order-rises", "ue %u: an older request counts", ue);
    *order = (struct sim_order){ row->pmip.epoch, row->pmip.timestamp, row->pmip.attach_ms };
}

/* The same request again has no second effect. */
static void check_repeat(struct sim_world *world, const struct lk_anchor_event *event)
{
    bool fresh;
    uint64_t *stores;

    if (event->kind != LK_ANCHOR_EV_DATAGRAM ||
        find(&world->aaa->mobility->anchor.out, LK_ANCHOR_OUT_STORE) == NULL)
        return;
    stores = sim_ledger_at(&world->ledger,
                           sim_name_of((uint64_t)OF_REQUEST << 32 | event->mag, event->octets.at,
                                       event->octets.len), &fresh);
    if (++*stores > 1)
        sim_break(world, "same-reply", "a repeated request changed a binding again");
}

void sim_check_anchor(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    uint8_t after[LK_BINDING_DIGEST_LEN];

    lk_anchor_digest(after, &a->anchor);
    if (find(&a->out, LK_ANCHOR_OUT_REFUSED) != NULL &&
        !lk_span_equal(LK_SPAN(after), LK_SPAN(a->before)))
        sim_break(world, "failure-changes-nothing", "a refused request changed a binding");
    for (uint32_t i = 0; i < lk_binding_used(a->table); i++)
        check_row(world, i);
    check_repeat(world, event);
}

/* T31: a gateway has no token for who attached elsewhere, and can do nothing about him. */
void sim_check_captured(struct sim_world *world)
{
    struct sim_anchor *a = &world->aaa->mobility->anchor;
    uint8_t after[LK_BINDING_DIGEST_LEN];

    lk_anchor_digest(after, &a->anchor);
    if (!lk_span_equal(LK_SPAN(after), LK_SPAN(a->before)))
        sim_break(world, "one-identity", "a captured gateway has changed a binding");
}

/* ---- at the end ---- */

static void check_device(struct sim_world *world, unsigned ue)
{
    const struct sim_device *d = &world->aaa->mobility->device[ue];

    if (d->handle == 0)
        sim_break(world, "live", "ue %u has no channel", ue);
    for (unsigned i = 0; i < SIM_APNS; i++) {
        const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&d->wlcp, i + 1);
        const struct lk_binding *binding;

        if (!sim_device_wants(ue, i))
            continue;
        if (c == NULL || c->state != LK_WLCP_UE_ACTIVE) {
            sim_break(world, "live", "ue %u has no connection to %s", ue, sim_apn[i]);
            continue;
        }
        binding = binding_at(world, c->address.ipv4);
        if (binding == NULL || binding->pmip.mag != d->gateway + 1)
            sim_break(world, "one-identity", "ue %u is at gateway %u, its binding is not", ue,
                      d->gateway);
    }
}

void sim_check_mobility_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        if (world->aaa->ue[i].last_won && world->aaa->ue[i].multi)
            check_device(world, i);
}
