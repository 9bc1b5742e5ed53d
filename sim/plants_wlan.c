/* Planted bugs of the trusted WLAN: see plants.h. */
#include <string.h>

#include "sim/plants.h"

const struct sim_plant sim_plants_wlan[] = {
    { "wlcp-key-is-msk", "keys-distinct" },
    { "ue-kdf-differs", "keys-equal" },
    { "session-too-early", "proven-first" },
    { "session-of-another", "one-identity" },
    { "generation-stands-still", "nothing-retired" },
    { "retired-key-comes-back", "nothing-retired" },
    { "failure-ends-session", "failure-changes-nothing" },
    { "stranger-gets-session", "nothing-left-behind" },
    { "request-never-ends", "nothing-left-behind" },
    { "twap-overflows", "memory-bounded" },
    { "wlcp-key-to-point", "nothing-clear" },
    { "private-to-point", "nothing-clear" },
    { "refused-message-ends-session", "failure-changes-nothing" },
    { "refusal-moves-binding", "failure-changes-nothing" },
    { "address-shared", "one-binding" },
    { "epoch-falls", "epochs-grow" },
    { "older-request-counts", "order-rises" },
    { "repeat-stores-again", "same-reply" },
    { "address-of-another", "one-identity" },
    { "captured-gateway-believed", "one-identity" },
    { "answer-to-another", "channel-of-one" },
    { "anchor-deaf-after-restart", "live" },
    { "address-wanders", "same-address" },
    { NULL, NULL },
};

static struct lk_wlcp_key first[256]; /* that a device had in this run */
static bool has_first[256];

void sim_plant_wlan_start(void)
{
    memset(first, 0, sizeof first);
    memset(has_first, 0, sizeof has_first);
}

static struct lk_twap_output *find(struct lk_twap_outbox *out, enum lk_twap_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

static void mac_of(uint8_t mac[LK_STATION_LEN], unsigned ue)
{
    memcpy(mac, (const uint8_t[]){ 2, 0, 0, 0, (uint8_t)(ue >> 8), (uint8_t)ue }, LK_STATION_LEN);
}

/* A challenge is on its way to the device, and it has a session already. */
static void session_too_early(struct sim_world *world, struct lk_twap_outbox *out)
{
    struct lk_twap_output *sent = find(out, LK_TWAP_OUT_AP), *item;
    unsigned ue = sent == NULL ? 0 : sent->send.address_port - SIM_POINT_PORT;

    if (sent == NULL || sent->send.octets.at[0] != LK_RADIUS_ACCESS_CHALLENGE)
        return;
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = LK_TWAP_OUT_SESSION;
    item->session.imsi = world->aaa->ue[ue].imsi;
    mac_of(item->session.ue_mac, ue);
    item->session.generation = UINT64_MAX;
}

static void spoil_session(struct sim_world *world, const struct sim_twap *twap,
                          struct lk_wlan_session *session)
{
    unsigned ue = sim_ue_of_mac(session->ue_mac);

    if (sim_planted("generation-stands-still") && twap->session[ue].generation != 0)
        session->generation = twap->session[ue].generation;
    if (sim_planted("session-of-another"))
        session->imsi = world->aaa->ue[(ue + 1) % world->options->ues].imsi;
    if (sim_planted("retired-key-comes-back")) {
        if (!has_first[ue % 256])
            first[ue % 256] = session->key;
        has_first[ue % 256] = true;
        session->key = sim_random_chance(&world->random, 300) ? first[ue % 256] : session->key;
    }
}

/* What goes to the access point, with len octets of data behind it. */
static void append(struct lk_twap_output *sent, const void *data, size_t len)
{
    static uint8_t packet[LK_RADIUS_PACKET_MAX + 64];
    size_t all = sent->send.octets.len + len;

    memcpy(packet, sent->send.octets.at, sent->send.octets.len);
    memcpy(packet + sent->send.octets.len, data, len);
    packet[2] = (uint8_t)(all >> 8);
    packet[3] = (uint8_t)all;
    sent->send.octets = lk_span_of(packet, all);
}

static void leak(struct lk_twap_outbox *out)
{
    static const uint8_t mode[] = { 26, 12, 0, 0, 0x7e, 0xd9, 2, 6, 0, 0, 0, 4 };
    struct lk_twap_output *sent = find(out, LK_TWAP_OUT_AP);
    const struct lk_twap_output *session = find(out, LK_TWAP_OUT_SESSION);
    uint8_t reply[2 + 32] = { 18, 2 + 32 };

    if (sent == NULL || session == NULL)
        return;
    if (sim_planted("wlcp-key-to-point")) {
        memcpy(reply + 2, session->session.key.octets, 32);
        append(sent, reply, sizeof reply);
    }
    if (sim_planted("private-to-point"))
        append(sent, mode, sizeof mode);
}

void sim_plant_twap(struct sim_world *world, struct sim_twap *twap)
{
    struct lk_twap_outbox *out = &world->aaa->wlan->out;
    struct lk_twap_output *session = find(out, LK_TWAP_OUT_SESSION);
    bool dropped = find(out, LK_TWAP_OUT_NOTED) != NULL;
    uint8_t mac[LK_STATION_LEN] = { 2 };
    struct lk_twap_session *row;

    mac[5] = (uint8_t)sim_random_below(&world->random, world->options->ues);
    row = lk_twap_sessions_find(&twap->twap.sessions, mac);
    if (sim_planted("session-too-early") && session == NULL)
        session_too_early(world, out);
    if (session != NULL)
        spoil_session(world, twap, &session->session);
    leak(out);
    if (sim_planted("stranger-gets-session") && dropped && row == NULL)
        (void)lk_twap_sessions_add(&twap->twap.sessions, mac, &world->aaa->ue[mac[5]].imsi,
                                   SIM_EPOCH_MS + world->now_ms);
    if (sim_planted("failure-ends-session") && dropped && row != NULL)
        lk_twap_sessions_remove(&twap->twap.sessions, row);
    if (sim_planted("twap-overflows") && session != NULL)
        twap->memory[twap->size] = 0;
}

/* ---- gateways and anchor ---- */

static struct lk_binding *some_binding(struct sim_world *world)
{
    struct lk_binding_table *table = world->aaa->mobility->anchor.table;
    uint32_t index = (uint32_t)sim_random_below(&world->random, lk_binding_used(table) + 1);

    return lk_binding_row(table, index);
}

void sim_plant_twag_event(struct sim_world *world, struct lk_twag_event *event)
{
    const struct lk_binding *other = some_binding(world);

    if (event->kind != LK_TWAG_EV_BOUND)
        return;
    if (sim_planted("address-of-another") && other != NULL && other->has_ipv4)
        memcpy(event->binding.ipv4, other->ipv4.octets, sizeof event->binding.ipv4);
    if (sim_planted("address-wanders"))
        event->binding.ipv4[1] = (uint8_t)sim_random_next(&world->random);
}

void sim_plant_twag(struct sim_world *world, struct sim_gateway *gateway, enum lk_status status)
{
    struct lk_twag_event end = { .kind = LK_TWAG_EV_SESSION_END, .now_ms = SIM_EPOCH_MS,
                                 .end = { .generation = UINT64_MAX } };
    unsigned ue;

    if (sim_planted("refused-message-ends-session") && status != LK_OK) {
        ue = (unsigned)sim_random_below(&world->random, world->options->ues);
        end.now_ms += world->now_ms;
        end.end.imsi = world->aaa->ue[ue].imsi;
        mac_of(end.end.ue_mac, ue);
        (void)!lk_twag_step(gateway->twag, &end, &gateway->out);
    }
    for (size_t i = 0; sim_planted("answer-to-another") && i < gateway->out.count; i++)
        if (gateway->out.item[i].kind == LK_TWAG_OUT_CHANNEL_SEND)
            gateway->out.item[i].channel.handle ^= 1;
}

void sim_plant_anchor(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct lk_anchor_outbox *out = &world->aaa->mobility->anchor.out;
    struct lk_binding *some = some_binding(world), *other = some_binding(world);
    bool refused = false, stored = false;

    for (size_t i = 0; i < out->count; i++) {
        refused = refused || out->item[i].kind == LK_ANCHOR_OUT_REFUSED;
        stored = stored || out->item[i].kind == LK_ANCHOR_OUT_STORE;
    }
    if (some == NULL)
        return;
    if (sim_planted("refusal-moves-binding") && refused)
        some->pmip.mag = 3 - some->pmip.mag;
    if (sim_planted("address-shared") && other != NULL && other != some)
        some->ipv4 = other->ipv4;
    if (sim_planted("epoch-falls") && some->pmip.epoch > 1)
        some->pmip.epoch--;
    if (sim_planted("older-request-counts"))
        some->pmip.timestamp -= some->pmip.timestamp != 0;
    if (sim_planted("repeat-stores-again") && !stored && event->kind == LK_ANCHOR_EV_DATAGRAM &&
        out->count < LK_ANCHOR_OUTPUTS) {
        out->item[out->count].kind = LK_ANCHOR_OUT_STORE;
        lk_anchor_record(&out->item[out->count++].store.record,
                         &world->aaa->mobility->anchor.anchor, some);
    }
}
