/* A mobile node, wired as role/ue wires it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "sim/mis_invariants.h"
#include "sim/mis_seam.h"

enum { SAVE_MS = 40, SWITCH_MS = 400, DIES = 250 };

static void begin(struct sim_mn *mn)
{
    const struct lk_mis_chain chain = { mn->stored, SIM_MIS_LIMIT };

    mn->life++;
    lk_mis_device_init(&mn->device, &chain);
    for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        mn->way[i] = SIM_MIS_NOBODY;
        memset(mn->row[i], 0, sizeof mn->row[i]);
    }
    mn->wanted_ms = 0;
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_mn *mn = &world->mis->mn[index];
    struct lk_aka_card card = { .algorithm = LK_AKA_MILENAGE, .res_len = 8, .k_len = 16 };
    struct lk_mis_device_config *c = &mn->config;

    mn->index = index;
    (void)snprintf(mn->imsi, sizeof mn->imsi, "00101%010u", index);
    sim_random_fill(&world->random, card.k, card.k_len);
    sim_random_fill(&world->random, card.topc, 16);
    lk_usim_init(&mn->usim, &card);
    lk_mis_device_defaults(c);
    mn->tcp = sim_random_chance(&world->random, world->options->own[SIM_MIS_TCP]);
    c->udp = !mn->tcp;
    c->mn.partners = (struct lk_mis_partners){ world->mis->realm, SIM_REALMS - 1 };
    LK_ASSERT(lk_imsi_parse(&c->eap.imsi, lk_span_text(mn->imsi)) == LK_OK);
    c->eap.use_reauth = false;
    c->eap.realm_len = (uint8_t)strlen("home.example");
    memcpy(c->eap.realm, "home.example", c->eap.realm_len);
    c->erp.realm = lk_span_text("home.example");
    mn->mixes = sim_random_chance(&world->random, world->options->own[SIM_MIS_MIX]);
    begin(mn);
}

/* ---- a step ---- */

static void send(struct sim_world *world, struct sim_mn *mn,
                 const struct lk_mis_device_output *item)
{
    struct sim_event record = { .kind = SIM_POS_RECORD, .who = mn->way[item->link],
                                .from = mn->index, .life = mn->channel };

    if (mn->device.link[item->link].holds == LK_MIS_DEVICE_CHANNEL) {
        if ((mn->channel & 1) != 0)
            sim_link(world, record, item->send);
        return;
    }
    sim_check_mis_air(world, item->send);
    if (mn->tcp)
        sim_stream_send(world, mn, item->link, item->send);
    else if (mn->way[item->link] < world->mis->count)
        sim_link(world, (struct sim_event){ .kind = SIM_POS_HEARD, .who = mn->way[item->link],
                                            .from = mn->index }, item->send);
}

static void wake_at(struct sim_world *world, struct sim_mn *mn, uint64_t at_ms)
{
    struct sim_event wake = { .kind = SIM_MN_WAKE, .who = mn->index, .life = ++mn->wake };
    uint64_t now_ms = sim_mis_clock(world);

    if (sim_mis_goes_on(world, at_ms))
        sim_later(world, wake, at_ms > now_ms ? at_ms - now_ms : 0, NULL, 0);
}

static void on_fact(struct sim_world *world, struct sim_mn *mn,
                    const struct lk_mis_device_output *item)
{
    struct sim_event go = { .kind = SIM_MN_SWITCHES, .who = mn->index, .life = mn->life };

    sim_say(world, "mn %u: fact %u of link %u, %s, told %u", mn->index, item->fact.what, item->link,
            lk_reason_row(item->fact.why.reason)->code, item->fact.told);
    sim_check_mn_fact(world, mn, item);
    if (item->fact.what == LK_MIS_DEVICE_LOST)
        sim_mis_lost(world, mn);
    if (item->fact.what == LK_MIS_DEVICE_ATTACHED &&
        sim_random_chance(&world->random, world->options->own[SIM_MIS_TLS]))
        sim_later(world, (struct sim_event){ .kind = SIM_MN_DIALS, .who = mn->index,
                                             .life = mn->life },
                  2 * SWITCH_MS, NULL, 0);
    if (item->fact.what == LK_MIS_DEVICE_READY ||
        (item->fact.what == LK_MIS_DEVICE_ATTACHED && item->link != mn->device.serving))
        sim_later(world, go, 1 + sim_random_below(&world->random, SWITCH_MS), NULL, 0);
}

struct owed {
    unsigned count;
    struct lk_mis_device_event event[4];
    uint8_t z[LK_MIS_DH_LEN];
};

static void owe(struct owed *owed, struct sim_mn *mn, const struct lk_mis_device_output *item)
{
    struct lk_mis_device_event *event = &owed->event[owed->count++];

    LK_ASSERT(owed->count <= LK_COUNT_OF(owed->event));
    memset(event, 0, sizeof *event);
    if (item->kind == LK_MIS_DEVICE_OUT_ASK_CARD) {
        event->kind = LK_MIS_DEVICE_EV_CARD;
        lk_usim_answer(&mn->usim, &event->card, item->ask_card.rand, item->ask_card.autn);
        return;
    }
    event->kind = LK_MIS_DEVICE_EV_SHARED;
    if (lk_x25519_shared(owed->z, mn->dh_secret, item->ask_shared) == LK_OK)
        event->z = owed->z;
}

static void close_channel(struct sim_world *world, struct sim_mn *mn)
{
    mn->channel++;
    sim_pos_channel(world, mn->way[mn->channel_link], mn, false);
}

void sim_mn_hang_up(struct sim_world *world, struct sim_mn *mn)
{
    struct lk_mis_device_event down = { .kind = LK_MIS_DEVICE_EV_DOWN };

    if ((mn->channel & 1) == 0)
        return;
    mn->channel++;
    down.way.link = mn->channel_link;
    sim_mn_step(world, mn, &down);
}

static void carry_out(struct sim_world *world, struct sim_mn *mn, struct owed *owed,
                      const struct lk_mis_device_output *item)
{
    switch (item->kind) {
    case LK_MIS_DEVICE_OUT_OPEN:
        if (mn->tcp)
            sim_stream_open(world, mn, item->link);
        mn->way[item->link] = item->open.address.octets[15];
        break;
    case LK_MIS_DEVICE_OUT_CLOSE:
        sim_stream_close(world, mn, item->link);
        if (mn->device.link[item->link].holds != LK_MIS_DEVICE_SA &&
            (mn->channel & 1) != 0 && mn->channel_link == item->link)
            close_channel(world, mn);
        mn->way[item->link] = SIM_MIS_NOBODY;
        break;
    case LK_MIS_DEVICE_OUT_SEND: send(world, mn, item); break;
    case LK_MIS_DEVICE_OUT_ASK_CARD:
    case LK_MIS_DEVICE_OUT_ASK_SHARED: owe(owed, mn, item); break;
    case LK_MIS_DEVICE_OUT_SAVE:
        sim_later(world, (struct sim_event){ .kind = SIM_MN_SAVED, .who = mn->index,
                                             .from = item->save, .life = mn->life },
                  sim_random_below(&world->random, SAVE_MS), NULL, 0);
        break;
    case LK_MIS_DEVICE_OUT_FACT: on_fact(world, mn, item); break;
    case LK_MIS_DEVICE_OUT_WAKE: wake_at(world, mn, item->wake_ms); break;
    case LK_MIS_DEVICE_OUT_REFUSAL:
        sim_say(world, "mn %u: %s", mn->index, lk_reason_row(item->why.reason)->code);
        mn->wanted_ms = 0; /* a reason */
        break;
    case LK_MIS_DEVICE_OUT_PSK:
        lk_mis_psk_identity(mn->identity, &item->psk.key);
        mn->psk_self = item->psk.self;
        mn->psk_of = mn->way[item->link];
        break;
    case LK_MIS_DEVICE_OUT_LINK_KEY:
    case LK_MIS_DEVICE_OUT_KEYS: break;
    }
}

void sim_mn_step(struct sim_world *world, struct sim_mn *mn, struct lk_mis_device_event *event)
{
    struct sim_mis *mis = world->mis;
    struct owed owed = { .count = 0 };

    event->now_ms = sim_mis_clock(world);
    sim_random_fill(&world->random, event->seed, sizeof event->seed);
    (void)!sim_seam_mn(world, mn, event);
    for (size_t i = 0; i < mis->out.count; i++)
        carry_out(world, mn, &owed, &mis->out.item[i]);
    lk_mis_device_outbox_wipe(&mis->out);
    for (unsigned i = 0; i < owed.count; i++)
        sim_mn_step(world, mn, &owed.event[i]);
    lk_wipe(&owed, sizeof owed);
}

/* ---- events ---- */

static void hear(struct sim_world *world, struct sim_mn *mn, const struct sim_event *event)
{
    struct lk_mis_device_event came = { .kind = LK_MIS_DEVICE_EV_HEARD };

    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        if (mn->way[i] != event->from)
            continue;
        came.way.link = i;
        came.way.octets = lk_span_of(event->octets, event->len);
        sim_mn_step(world, mn, &came);
        return;
    }
}

/* DTLS with the PoS that serves it, whose key both have. */
static void dial(struct sim_world *world, struct sim_mn *mn)
{
    struct lk_mis_device_event up = { .kind = LK_MIS_DEVICE_EV_CHANNEL };
    const struct lk_mis_device_link *link = lk_mis_device_serving(&mn->device);
    struct lk_mis_psk psk;
    unsigned pos;

    if (link == NULL || link->holds != LK_MIS_DEVICE_SA || (mn->channel & 1) != 0 ||
        mn->device.authenticating || mn->wanted_ms != 0)
        return;
    pos = sim_pos_named(lk_mis_name_of(&link->id));
    if (pos != mn->psk_of || lk_pos_psk(&psk, world->mis->pos[pos].pos,
                                        lk_span_text(mn->identity)) != LK_OK)
        return;
    world->report->count[SIM_MIS_CHANNELS]++;
    mn->channel++;
    mn->channel_link = mn->device.serving;
    mn->way[mn->device.serving] = pos;
    sim_pos_channel(world, pos, mn, true);
    up.channel.pos = world->mis->neighbour[pos].pos;
    up.channel.self = lk_mis_name_of(&mn->psk_self);
    sim_mn_step(world, mn, &up);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mn *mn = &world->mis->mn[event->who];
    struct lk_mis_device_event came = { .kind = LK_MIS_DEVICE_EV_EXPIRED };
    unsigned link;

    if (event->kind == SIM_MN_RESTART) {
        if (!sim_random_chance(&world->random, DIES))
            return; /* MNs live longer than PoS */
        world->report->restarts++;
        if ((mn->channel & 1) != 0)
            close_channel(world, mn);
        for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++)
            sim_stream_close(world, mn, i);
        lk_mis_device_wipe(&mn->device);
        begin(mn);
    } else if (event->kind == SIM_MN_HEARD) {
        hear(world, mn, event);
    } else if (event->kind == SIM_MN_RECORD) {
        if (event->life == mn->channel)
            hear(world, mn, event);
    } else if (event->kind == SIM_MN_STREAM) {
        if (sim_stream_is(mn, event->life, &link))
            hear(world, mn, event);
    } else if (event->kind == SIM_MN_CUT) {
        if (sim_stream_is(mn, event->life, &link))
            sim_stream_break(world, mn, link, true);
    } else if (event->kind == SIM_MN_DIALS) {
        if (event->life == mn->life)
            dial(world, mn);
    } else if (event->kind == SIM_MN_SAVED) {
        mn->stored = (uint8_t)event->from; /* durable, though the MN may have died since */
        came.kind = LK_MIS_DEVICE_EV_SAVED;
        came.saved.used = mn->stored;
        came.saved.done = true;
        if (event->life == mn->life)
            sim_mn_step(world, mn, &came);
    } else if (event->life == mn->wake) {
        sim_mn_step(world, mn, &came);
    }
}

static const struct sim_kind kinds[] = {
    { .number = SIM_MN_HEARD, .name = "mn hears", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_MN_RECORD, .name = "mn has a record", .link = SIM_LINK_CHANNEL },
    { .number = SIM_MN_DIALS, .name = "mn dials" },
    { .number = SIM_MN_STREAM, .name = "mn reads", .link = SIM_LINK_CHANNEL,
      .leg = sim_stream_leg },
    { .number = SIM_MN_CUT, .name = "a stream breaks" },
    { .number = SIM_MN_SAVED, .name = "mn has saved" },
    { .number = SIM_MN_WAKE, .name = "mn wakes" },
    { .number = SIM_MN_RESTART, .name = "mn dies" },
};

const struct sim_actor sim_mn_actor = {
    .name = "mn", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_MN_RESTART }, .make = make, .take = take,
};
