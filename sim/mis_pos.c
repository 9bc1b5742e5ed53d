/* A PoS, wired as role/pos wires it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "node/pos_parts.h"
#include "sim/mis_invariants.h"
#include "sim/mis_seam.h"

enum { AUTHS = 64, TALKS = 128, HALF_OPENS = 256, NONCES = 4096, STRANGERS_NET = 198 };

struct lk_pos_peer sim_mn_peer(unsigned index)
{
    const uint8_t octets[4] = { index < SIM_MIS_UES_MAX ? 10 : STRANGERS_NET,
                                (uint8_t)(index >> 16), (uint8_t)(index >> 8), (uint8_t)index };

    return (struct lk_pos_peer){ .way = LK_POS_UDP, .address = lk_address_v4(octets),
                                 .port = LK_MIS_PORT };
}

struct lk_pos_peer sim_mn_channel(unsigned index)
{
    struct lk_pos_peer peer = sim_mn_peer(index);

    peer.way = LK_POS_CHANNEL;
    peer.handle = index;
    return peer;
}

/* SIM_MIS_UES_MAX: a stranger. */
static unsigned mn_at(const struct lk_pos_peer *peer)
{
    const uint8_t *o = peer->address.octets + 12;

    return o[0] == 10 ? (unsigned)o[1] << 16 | (unsigned)o[2] << 8 | o[3] : SIM_MIS_UES_MAX;
}

static void begin(struct sim_world *world, struct sim_pos *pos)
{
    uint8_t seed[LK_POS_SEED_LEN];

    sim_random_fill(&world->random, seed, sizeof seed);
    pos->pos = lk_pos_init(pos->memory, &pos->config, seed);
    pos->life++;
}

static uint32_t at_most(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void configure(struct sim_world *world, struct sim_pos *pos)
{
    struct sim_mis *mis = world->mis;
    struct lk_pos_config *c = &pos->config;
    uint32_t ues = world->options->ues;

    lk_pos_defaults(c);
    LK_ASSERT(lk_mis_name_set(&c->self, lk_span_text(pos->name)));
    c->mns = ues;
    c->auths = at_most(ues + 4, AUTHS + ues / mis->count);
    c->talks = at_most(ues + 4, TALKS + 4 * ues / mis->count);
    c->links = mis->count;
    c->half_opens = HALF_OPENS;
    c->nonces = NONCES;
    c->places = mis->count;
    c->home = &mis->home;
    c->homes = 1;
    c->tpos.partners = (struct lk_mis_partners){ mis->realm, SIM_REALMS - 1 };
    c->neighbour = mis->neighbour;
    c->neighbours = mis->count;
    c->offer_keys = true;
    c->radius.secret = mis->secret;
    c->radius.address = mis->client[pos->index].prefix.address;
    c->radius.enterprise = LK_AAA_ENTERPRISE;
    memcpy(c->radius.pos, pos->name, sizeof pos->name);
    if (pos->captured) {
        c->spos.max = LK_MIS_CHAIN_MOST;
        c->tpos.partners.count = SIM_REALMS; /* T45: it selects whom it likes */
    }
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_pos *pos = &world->mis->pos[index];

    if (index >= world->mis->count)
        return;
    configure(world, pos);
    pos->memory = malloc(lk_pos_size(&pos->config));
    LK_ASSERT(pos->memory != NULL);
    begin(world, pos);
}

static void unmake(struct sim_world *world, unsigned index)
{
    free(world->mis->pos[index].memory);
}

/* ---- a step ---- */

static void send(struct sim_world *world, const struct sim_pos *pos,
                 const struct lk_pos_output *item)
{
    unsigned mn = mn_at(&item->send.peer);
    struct sim_event record = { .kind = SIM_MN_RECORD, .who = mn, .from = pos->index };

    if (item->send.peer.way == LK_POS_CHANNEL) {
        record.life = world->mis->mn[mn].channel;
        sim_link(world, record, item->send.octets);
        return;
    }
    sim_check_mis_air(world, item->send.octets);
    if (item->send.peer.way == LK_POS_STREAM)
        sim_stream_answer(world, pos, &item->send.peer, item->send.octets);
    else if (mn < world->options->ues)
        sim_link(world, (struct sim_event){ .kind = SIM_MN_HEARD, .who = mn, .from = pos->index },
                 item->send.octets);
}

static void send_n2n(struct sim_world *world, const struct sim_pos *pos,
                     const struct lk_pos_output *item)
{
    unsigned to = item->n2n.link;
    struct sim_event event = { .kind = SIM_POS_N2N, .who = to, .from = pos->index };

    sim_check_n2n(world, pos, to, item->n2n.octets);
    event.life = *sim_mis_link(world, pos->index, to);
    sim_link(world, event, item->n2n.octets);
}

static void wake_at(struct sim_world *world, struct sim_pos *pos, uint64_t at_ms)
{
    struct sim_event wake = { .kind = SIM_POS_WAKE, .who = pos->index, .life = ++pos->wake };
    uint64_t now_ms = sim_mis_clock(world);

    if (sim_mis_goes_on(world, at_ms))
        sim_later(world, wake, at_ms > now_ms ? at_ms - now_ms : 0, NULL, 0);
}

static void carry_out(struct sim_world *world, struct sim_pos *pos,
                      const struct lk_pos_output *item)
{
    switch (item->kind) {
    case LK_POS_OUT_SEND: send(world, pos, item); break;
    case LK_POS_OUT_N2N: send_n2n(world, pos, item); break;
    case LK_POS_OUT_RADIUS:
        sim_link(world, (struct sim_event){ .kind = SIM_HOME_RADIUS, .from = pos->index,
                                            .life = item->radius.socket }, item->radius.octets);
        break;
    case LK_POS_OUT_KEYS: sim_check_pos_keys(world, pos, &item->keys); break;
    case LK_POS_OUT_FACT:
        sim_say(world, "pos %u: fact %u, %s", pos->index, item->fact.fact,
                lk_reason_row(item->fact.refusal.reason)->code);
        world->report->count[SIM_MIS_REFUSED] += item->fact.fact == LK_POS_NOT_TAKEN;
        break;
    case LK_POS_OUT_WAKE: wake_at(world, pos, item->wake_at_ms); break;
    case LK_POS_OUT_LINK_KEY:
    case LK_POS_OUT_STREAM:
    case LK_POS_OUT_ASK: /* step */
    case LK_POS_OUT_CLOSE: break;
    }
}

static void obey(struct sim_world *world, struct sim_pos *pos)
{
    for (size_t i = 0; i < pos->out.count; i++)
        carry_out(world, pos, &pos->out.item[i]);
}

static struct lk_pos_told answer_ask(struct sim_world *world, const struct lk_pos_output *asked)
{
    struct lk_pos_told told = { .has_dh = false };
    uint8_t secret[LK_X25519_LEN];

    told.mark_is_signed = asked->ask.mark.len > 0 &&
                          lk_start_mark_verify(asked->ask.mark, &asked->ask.home) == LK_OK;
    if (asked->ask.wants_dh) {
        sim_random_fill(&world->random, secret, sizeof secret);
        lk_x25519_public(told.dh, secret);
        told.has_dh = lk_x25519_shared(told.z, secret, asked->ask.dh) == LK_OK;
    }
    return told;
}

static void step(struct sim_world *world, struct sim_pos *pos, struct lk_pos_event *event)
{
    const struct lk_pos_output *asked;
    struct lk_pos_told told = { .has_dh = false };

    event->now_ms = sim_mis_clock(world);
    sim_thief_lies(world, pos, event);
    (void)!sim_seam_pos(world, pos, event);
    asked = lk_pos_outbox_find(&pos->out, LK_POS_OUT_ASK);
    if (asked != NULL) {
        told = answer_ask(world, asked);
        event->link.told = &told;
        obey(world, pos);
        (void)!sim_seam_pos(world, pos, event);
    }
    sim_thief_lies_to_targets(pos);
    sim_check_prepared(world, pos, event);
    sim_check_tls(world, pos, event);
    lk_wipe(&told, sizeof told);
    obey(world, pos);
    lk_pos_outbox_wipe(&pos->out);
}

/* ---- events ---- */

void sim_pos_link(struct sim_world *world, unsigned pos, unsigned other, bool up)
{
    struct lk_pos_event event = { .kind = up ? LK_POS_EV_LINK_UP : LK_POS_EV_LINK_DOWN };

    event.link.link = other;
    event.link.name = lk_span_text(world->mis->pos[other].name);
    step(world, &world->mis->pos[pos], &event);
}

void sim_pos_hear(struct sim_world *world, unsigned pos, const struct lk_pos_peer *peer,
                  struct lk_span octets)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_HEARD, .heard = { *peer, octets } };

    step(world, &world->mis->pos[pos], &event);
}

void sim_pos_gone(struct sim_world *world, unsigned pos, const struct lk_pos_peer *peer)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_GONE, .gone = *peer };

    if (pos < world->mis->count)
        step(world, &world->mis->pos[pos], &event);
}

void sim_pos_channel(struct sim_world *world, unsigned pos, const struct sim_mn *mn, bool up)
{
    struct lk_pos_event event = { .kind = up ? LK_POS_EV_CHANNEL_UP : LK_POS_EV_GONE };

    if (up) {
        event.channel.peer = sim_mn_channel(mn->index);
        event.channel.identity = lk_span_text(mn->identity);
    } else {
        event.gone = sim_mn_channel(mn->index);
    }
    if (pos < world->mis->count)
        step(world, &world->mis->pos[pos], &event);
}

static void hang_up(struct sim_world *world, struct sim_mn *mn, unsigned pos)
{
    if (mn->way[mn->channel_link] == pos)
        sim_mn_hang_up(world, mn);
    for (unsigned link = 0; link < LK_MIS_DEVICE_LINKS; link++)
        if (mn->way[link] == pos)
            sim_stream_break(world, mn, link, false);
}

static void restart(struct sim_world *world, struct sim_pos *pos)
{
    struct sim_mis *mis = world->mis;

    world->report->restarts++;
    lk_pos_wipe(pos->pos);
    begin(world, pos);
    for (unsigned i = 0; i < world->options->ues; i++)
        hang_up(world, &mis->mn[i], pos->index);
    for (unsigned i = 0; i < mis->count; i++) {
        if (i == pos->index || !sim_mis_is_up(world, pos->index, i))
            continue;
        *sim_mis_link(world, pos->index, i) += 2; /* TLS is made anew */
        sim_pos_link(world, i, pos->index, false);
        sim_pos_link(world, i, pos->index, true);
        sim_pos_link(world, pos->index, i, true);
    }
}

static void hear_stream(struct sim_world *world, const struct sim_pos *pos,
                        const struct sim_event *event)
{
    const struct sim_mn *mn = &world->mis->mn[event->from];
    struct lk_pos_peer peer;
    unsigned link;

    if (!sim_stream_is(mn, event->life, &link))
        return; /* it was under way when the stream broke */
    peer = sim_mn_stream(mn, link);
    sim_pos_hear(world, pos->index, &peer, lk_span_of(event->octets, event->len));
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_pos *pos = &world->mis->pos[event->who];
    struct lk_pos_event came = { .kind = LK_POS_EV_EXPIRED };
    struct lk_span octets = lk_span_of(event->octets, event->len);
    struct lk_pos_peer peer;

    if (event->who >= world->mis->count ||
        (event->kind == SIM_POS_WAKE && event->life != pos->wake))
        return;
    if (event->kind == SIM_POS_RESTART) {
        restart(world, pos);
        return;
    }
    if (event->kind == SIM_POS_HEARD) {
        peer = sim_mn_peer(event->from);
        sim_pos_hear(world, pos->index, &peer, octets);
        return;
    }
    if (event->kind == SIM_POS_RECORD) {
        peer = sim_mn_channel(event->from);
        if (event->life == world->mis->mn[event->from].channel)
            sim_pos_hear(world, pos->index, &peer, octets);
        return;
    }
    if (event->kind == SIM_POS_STREAM) {
        hear_stream(world, pos, event);
        return;
    }
    if (event->kind == SIM_POS_N2N) {
        if (event->life != *sim_mis_link(world, event->who, event->from))
            return; /* it was under way when the link was cut */
        came.kind = LK_POS_EV_N2N;
        came.link.link = event->from;
        came.link.octets = octets;
    } else if (event->kind == SIM_POS_RADIUS) {
        came.kind = LK_POS_EV_RADIUS;
        came.radius.socket = event->from;
        came.radius.octets = octets;
    }
    step(world, pos, &came);
}

/* A captured PoS says again, to another, what it said before; others do not. */
static struct sim_leg leg_of_link(struct sim_world *world, const struct sim_event *event,
                                  struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;
    struct sim_pos *from = &world->mis->pos[event->from];

    (void)octets;
    return (struct sim_leg){ .duplicate = o->duplicate, .delay_ms = o->delay_ms,
                             .replay = from->captured ? o->replay : 0,
                             .last_ms = &from->last_ms[event->who] };
}

static void to_another(struct sim_world *world, struct sim_event *event)
{
    event->who = (unsigned)sim_random_below(&world->random, world->mis->count);
    event->life = event->who == event->from ? 0 : *sim_mis_link(world, event->who, event->from);
    if (event->who == event->from)
        event->who = (event->who + 1) % world->mis->count;
}

static const struct sim_kind kinds[] = {
    { .number = SIM_POS_HEARD, .name = "pos hears", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_POS_N2N, .name = "n2n at pos", .link = SIM_LINK_CHANNEL, .leg = leg_of_link,
      .elsewhere = to_another },
    { .number = SIM_POS_RADIUS, .name = "radius at pos", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_POS_RECORD, .name = "record at pos", .link = SIM_LINK_CHANNEL },
    { .number = SIM_POS_STREAM, .name = "pos reads", .link = SIM_LINK_CHANNEL,
      .leg = sim_stream_leg },
    { .number = SIM_POS_WAKE, .name = "pos wakes" },
    { .number = SIM_POS_RESTART, .name = "pos dies" },
};

const struct sim_actor sim_pos_actor = {
    .name = "pos", .count = SIM_POS_MOST, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_POS_RESTART }, .make = make, .unmake = unmake, .take = take,
};
