/* A TWAG and its MAG, wired as role/wlan wires them. */
#include "sim/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { FOLLOW_MAX = 64 };

const char *const sim_apn[SIM_APNS] = { "internet", "ims" };

/* Events that a step brings about, to be taken when it is done. */
struct follow {
    size_t count;
    struct lk_twag_event event[FOLLOW_MAX];
};

static uint64_t wall(const struct sim_world *world)
{
    return SIM_EPOCH_MS + world->now_ms;
}

/* ---- making ---- */

static void begin_life(struct sim_world *world, struct sim_gateway *g)
{
    uint8_t seed[LK_TWAG_SEED_LEN];

    g->life++;
    g->wake++;
    g->mag_wake++;
    sim_random_fill(&world->random, seed, sizeof seed);
    g->twag = lk_twag_init(g->memory, &g->config, seed);
    lk_mag_in(&g->mag, g->mag_memory, g->config.connections, sim_random_next(&world->random));
    memset(g->hello, 0, world->options->ues * sizeof *g->hello);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_gateway *g = &world->aaa->mobility->gateway[index];
    static const char realm[] = "nai.epc.mnc001.mcc001.3gppnetwork.org";
    unsigned ues = world->options->ues;

    g->index = index;
    lk_twag_defaults(&g->config);
    g->config.sessions = ues;
    g->config.connections = ues * SIM_APNS;
    g->config.wlcp.apns = SIM_APNS;
    for (unsigned i = 0; i < SIM_APNS; i++) {
        enum lk_status status = lk_wlcp_apn_parse(&g->config.wlcp.apn[i].name, sim_apn[i]);

        LK_ASSERT(status == LK_OK);
        g->config.wlcp.apn[i].pdn_types = LK_WLCP_IPV4;
    }
    lk_mag_defaults(&g->mag_config);
    memcpy(g->mag_config.realm, realm, sizeof realm);
    g->mag_config.back_off_ms = 5000;
    g->memory = malloc(lk_twag_size(&g->config));
    g->mag_memory = malloc(lk_mag_size(g->config.connections));
    g->hello = calloc(ues, sizeof *g->hello);
    LK_ASSERT(g->memory != NULL && g->mag_memory != NULL && g->hello != NULL);
    begin_life(world, g);
}

static void unmake(struct sim_world *world, unsigned index)
{
    struct sim_gateway *g = &world->aaa->mobility->gateway[index];

    free(g->memory);
    free(g->mag_memory);
    free(g->hello);
}

void sim_gateway_restart(struct sim_world *world, struct sim_gateway *g)
{
    begin_life(world, g);
}

/* ---- towards the anchor ---- */

static void sleep_mag(struct sim_world *world, struct sim_gateway *g)
{
    uint64_t due = lk_mag_due_ms(&g->mag);
    struct sim_event wake = { .kind = SIM_MAG_WAKE, .who = g->index, .life = ++g->mag_wake };

    if (due == UINT64_MAX || due > SIM_EPOCH_MS + world->heal_ms + SIM_CALM_MS)
        return;
    sim_later(world, wake, due > wall(world) ? due - wall(world) : 0, NULL, 0);
}

static void follow_bound(struct follow *follow, const struct lk_mag_output *item)
{
    struct lk_twag_event *next = &follow->event[follow->count++];

    LK_ASSERT(follow->count <= FOLLOW_MAX);
    memset(next, 0, sizeof *next);
    next->binding.ref = (struct lk_twag_ref){ item->ref.row, item->ref.epoch };
    if (item->kind == LK_MAG_OUT_BOUND) {
        next->kind = LK_TWAG_EV_BOUND;
        next->binding.has_ipv4 = item->bound.has_ipv4;
        memcpy(next->binding.ipv4, &item->bound.ipv4, sizeof next->binding.ipv4);
        return;
    }
    next->kind = item->kind == LK_MAG_OUT_REFUSED ? LK_TWAG_EV_REFUSED : LK_TWAG_EV_UNBOUND;
    next->binding.cause = item->refused.cause;
    next->binding.back_off_ms = item->refused.back_off_ms;
}

static void on_mag(struct sim_world *world, struct sim_gateway *g,
                   const struct lk_mag_outbox *out, struct follow *follow)
{
    struct sim_event pbu = { .kind = SIM_AT_ANCHOR, .from = g->index };

    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_MAG_OUT_SEND)
            sim_link(world, pbu, out->item[i].send);
        else
            follow_bound(follow, &out->item[i]);
    sleep_mag(world, g);
}

static void on_register(struct sim_world *world, struct sim_gateway *g,
                        const struct lk_twag_output *item, struct follow *follow)
{
    const struct sim_ue *ue = sim_ue_of(world, item->imsi);
    const uint8_t mac[] = { 2, 0, 0, 0, (uint8_t)(ue->index >> 8), (uint8_t)ue->index };
    char apn[LK_WLCP_APN_TEXT];
    struct lk_mag_register wanted = { .ref = { item->pdn.ref.row, item->pdn.ref.epoch },
                                      .imsi = *item->imsi, .token = item->pdn.token,
                                      .link_layer_id = LK_SPAN(mac), .want_ipv4 = true,
                                      .handover = item->pdn.handover };
    struct lk_mag_outbox out;
    struct lk_mag_output refused = { .kind = LK_MAG_OUT_REFUSED, .ref = wanted.ref };

    lk_wlcp_apn_text(apn, item->pdn.apn);
    wanted.service = lk_span_text(apn);
    refused.refused.cause = LK_WLCP_CAUSE_RESOURCES;
    if (lk_mag_register(&g->mag, &g->mag_config, &wanted, wall(world), &out) == LK_OK)
        on_mag(world, g, &out, follow);
    else
        follow_bound(follow, &refused);
}

static void on_deregister(struct sim_world *world, struct sim_gateway *g,
                          const struct lk_twag_output *item, struct follow *follow)
{
    const struct lk_mag_ref ref = { item->pdn.ref.row, item->pdn.ref.epoch };
    struct lk_mag_outbox out;

    if (lk_mag_deregister(&g->mag, &g->mag_config, ref, wall(world), &out) == LK_OK)
        on_mag(world, g, &out, follow);
}

/* ---- a step ---- */

static void to_device(struct sim_world *world, struct sim_gateway *g, enum sim_record kind,
                      uint64_t handle, struct lk_span octets)
{
    uint8_t record[SIM_RECORD_MAX];
    struct lk_writer w = lk_writer_of(record, sizeof record);
    struct sim_event event = { .kind = SIM_AT_DEVICE, .who = (unsigned)(handle & 0xffff),
                               .from = g->index, .life = handle };

    lk_put_u8(&w, (uint8_t)kind);
    lk_put_span(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    sim_link(world, event, lk_writer_span(&w));
}

static void carry_out(struct sim_world *world, struct sim_gateway *g,
                      const struct lk_twag_output *item, struct follow *follow)
{
    struct sim_event wake = { .kind = SIM_TWAG_WAKE, .who = g->index };
    uint64_t last = SIM_EPOCH_MS + world->heal_ms + SIM_CALM_MS;

    switch (item->kind) {
    case LK_TWAG_OUT_CHANNEL_SEND:
        sim_check_channel(world, (unsigned)(item->channel.handle & 0xffff), item->imsi);
        to_device(world, g, SIM_RECORD_DATA, item->channel.handle, item->channel.octets);
        break;
    case LK_TWAG_OUT_CHANNEL_CLOSE:
        to_device(world, g, SIM_RECORD_CLOSE, item->channel.handle, lk_span_of(NULL, 0));
        break;
    case LK_TWAG_OUT_MAG_REGISTER: on_register(world, g, item, follow); break;
    case LK_TWAG_OUT_MAG_DEREGISTER: on_deregister(world, g, item, follow); break;
    case LK_TWAG_OUT_PDN_UP:
        world->report->count[SIM_CONNECTIONS]++;
        sim_check_pdn_up(world, item->imsi, item->pdn.address->ipv4);
        break;
    case LK_TWAG_OUT_WAKE:
        wake.life = ++g->wake;
        if (item->wake_at_ms <= last)
            sim_later(world, wake, item->wake_at_ms > wall(world) ? item->wake_at_ms - wall(world)
                                                                  : 0, NULL, 0);
        break;
    case LK_TWAG_OUT_REFUSAL:
        sim_say(world, "twag %u: %s", g->index, lk_reason_row(item->refusal.reason)->code);
        break;
    case LK_TWAG_OUT_KEY:
    case LK_TWAG_OUT_FRAME:
    case LK_TWAG_OUT_TUNNEL:
    case LK_TWAG_OUT_PDN_DOWN:
    case LK_TWAG_OUTPUT_KIND_COUNT: break;
    }
}

/* The event, and all that it brings about. */
static enum lk_status take(struct sim_world *world, struct sim_gateway *g,
                           struct lk_twag_event *event, struct follow *follow)
{
    uint8_t before[LK_TWAG_DIGEST_LEN];
    enum lk_status first = LK_OK;
    size_t done = 0;

    if (event != NULL) {
        event->now_ms = wall(world);
        lk_twag_digest(before, g->twag);
        first = sim_seam_twag(world, g, event);
        sim_check_twag(world, g, before, first);
        for (size_t i = 0; i < g->out.count; i++)
            carry_out(world, g, &g->out.item[i], follow);
    }
    while (done < follow->count) {
        struct lk_twag_event next = follow->event[done++];

        next.now_ms = wall(world);
        (void)!sim_seam_twag(world, g, &next);
        for (size_t i = 0; i < g->out.count; i++)
            carry_out(world, g, &g->out.item[i], follow);
    }
    return first;
}

static enum lk_status step(struct sim_world *world, struct sim_gateway *g,
                           struct lk_twag_event *event)
{
    struct follow follow = { .count = 0 };

    return take(world, g, event, &follow);
}

void sim_gateway_session(struct sim_world *world, struct sim_gateway *g,
                         const struct lk_wlan_session *session)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = session };

    if (step(world, g, &event) != LK_OK)
        sim_break(world, "proven-first", "twag %u: a session of the AAA is refused", g->index);
}

void sim_gateway_end(struct sim_world *world, struct sim_gateway *g,
                     const struct lk_twap_output *ended)
{
    bool failed = ended->kind == LK_TWAP_OUT_SESSION_FAILED;
    struct lk_twag_event event = { .kind = failed ? LK_TWAG_EV_REAUTH_FAILED
                                                  : LK_TWAG_EV_SESSION_END,
                                   .end = { .imsi = ended->end.imsi,
                                            .generation = ended->end.generation,
                                            .why = ended->end.why } };

    memcpy(event.end.ue_mac, ended->end.ue_mac, sizeof event.end.ue_mac);
    (void)!step(world, g, &event);
}

/* The handshake, as far as it matters: does the device have the key behind this identity? */
static void on_hello(struct sim_world *world, struct sim_gateway *g, unsigned from,
                     struct lk_reader *r)
{
    struct lk_twag_event up = { .kind = LK_TWAG_EV_CHANNEL_UP };
    const uint8_t address[4] = { 10, 1, (uint8_t)(from >> 8), (uint8_t)from };
    struct sim_hello *hello = &g->hello[from];
    struct lk_span identity = lk_get_span(r, LK_WLCP_IDENTITY_LEN);
    uint64_t proof = lk_get_be64(r), nonce = lk_get_be64(r);
    struct lk_wlcp_key key;

    if (hello->nonce == nonce) {
        to_device(world, g, SIM_RECORD_UP, hello->handle, LK_SPAN(hello->is));
        return;
    }
    if (lk_twag_key(&key, g->twag, identity, wall(world)) != LK_OK ||
        sim_name_of(nonce, &key, sizeof key).high != proof)
        return;
    up.channel.handle = ++world->aaa->mobility->handles << 16 | from;
    up.channel.identity = identity;
    up.channel.address = lk_address_v4(address);
    if (step(world, g, &up) == LK_OK) {
        hello->nonce = nonce;
        hello->handle = up.channel.handle;
        memcpy(hello->is, &nonce, sizeof hello->is);
        to_device(world, g, SIM_RECORD_UP, hello->handle, LK_SPAN(hello->is));
    }
    lk_wipe(&key, sizeof key);
}

static void receive(struct sim_world *world, struct sim_gateway *g, unsigned from,
                         uint64_t handle, struct lk_span record)
{
    struct lk_reader r = lk_reader_of(record);
    struct lk_twag_event data = { .kind = LK_TWAG_EV_CHANNEL_DATA };

    if (world->now_ms < world->aaa->wlan->twap[g->index].down_until_ms)
        return;
    if (lk_get_u8(&r) == SIM_RECORD_HELLO) {
        on_hello(world, g, from, &r);
        return;
    }
    data.channel.handle = handle;
    data.channel.octets = lk_get_span(&r, r.left);
    if (step(world, g, &data) == LK_E_NOT_FOUND)
        to_device(world, g, SIM_RECORD_CLOSE, handle, lk_span_of(NULL, 0));
}

static void acknowledged(struct sim_world *world, struct sim_gateway *g, struct lk_span pba)
{
    struct follow follow = { .count = 0 };
    struct lk_mag_outbox out;

    if (world->now_ms < world->aaa->wlan->twap[g->index].down_until_ms ||
        lk_mag_received(&g->mag, &g->mag_config, pba, wall(world), &out) != LK_OK)
        return;
    on_mag(world, g, &out, &follow);
    (void)!take(world, g, NULL, &follow);
}

static void on_wake(struct sim_world *world, struct sim_gateway *g)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_EXPIRED };

    (void)!step(world, g, &event);
}

static void on_mag_wake(struct sim_world *world, struct sim_gateway *g)
{
    struct follow follow = { .count = 0 };
    struct lk_mag_outbox out;

    while (lk_mag_expired(&g->mag, &g->mag_config, wall(world), &out))
        on_mag(world, g, &out, &follow);
    sleep_mag(world, g);
    (void)!take(world, g, NULL, &follow);
}

static void take_event(struct sim_world *world, const struct sim_event *event)
{
    struct sim_gateway *g = &world->aaa->mobility->gateway[event->who];
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (event->kind == SIM_AT_TWAG)
        receive(world, g, event->from, event->life, octets);
    else if (event->kind == SIM_BACK_AT_MAG)
        acknowledged(world, g, octets);
    else if (event->kind == SIM_TWAG_WAKE && event->life == g->wake)
        on_wake(world, g);
    else if (event->kind == SIM_MAG_WAKE && event->life == g->mag_wake)
        on_mag_wake(world, g);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_TWAG, .name = "at twag", .link = SIM_LINK_CHANNEL },
    { .number = SIM_BACK_AT_MAG, .name = "back at mag", .link = SIM_LINK_CHANNEL },
    { .number = SIM_TWAG_WAKE, .name = "twag wakes" },
    { .number = SIM_MAG_WAKE, .name = "mag wakes" },
};

/* It dies with its TWAP. */
const struct sim_actor sim_gateway_actor = {
    .name = "gateway", .count = SIM_TWAPS, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .unmake = unmake, .take = take_event,
};
