/* A mobile node: its machine, its keys and its packets. Where it goes: mip_moves.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"
#include "wire/mip_agent.h"

enum {
    RETURNS_MS = 3000,  /* who failed tries again within that */
    HEADER = 20, PAYLOAD = 16, SUM_AT = 8, PACKET_MOST = 180, MARK = 0x4d,
    BOMBS = 20,         /* packets that a bomber has sent to itself */
};

static uint64_t clock_of(const struct sim_world *world, const struct sim_mobile *node)
{
    return sim_mip_clock(world) + (uint64_t)node->skew_ms;
}

/* ---- packets ---- */

static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* What else its own transport would see: that it was altered on the way. */
static uint64_t sum_of(const uint8_t *packet)
{
    uint8_t of[8 + SUM_AT];

    memcpy(of, packet + 12, 8);
    memcpy(of + 8, packet + HEADER, SUM_AT);
    return sim_name_of(MARK, of, sizeof of).low;
}

size_t sim_mip_packet(uint8_t octets[SIM_MIP_PACKET], uint32_t source, uint32_t destination,
                      unsigned node, uint32_t serial, size_t len)
{
    uint64_t sum;

    memset(octets, 0, len);
    octets[0] = 0x45;
    octets[2] = (uint8_t)(len >> 8);
    octets[3] = (uint8_t)len;
    octets[8] = 64;
    octets[9] = 17;
    put32(octets + 12, source);
    put32(octets + 16, destination);
    put32(octets + HEADER, (uint32_t)MARK << 24 | node);
    put32(octets + HEADER + 4, serial);
    sum = sum_of(octets);
    memcpy(octets + HEADER + SUM_AT, &sum, sizeof sum);
    return len;
}

bool sim_mip_packet_read(unsigned *node, uint32_t *serial, struct lk_span packet)
{
    uint64_t sum;

    if (packet.len < HEADER + PAYLOAD || packet.at[9] != 17 || packet.at[HEADER] != MARK)
        return false;
    sum = sum_of(packet.at);
    if (!lk_span_equal(lk_span_of(packet.at + HEADER + SUM_AT, sizeof sum),
                       lk_span_of((const uint8_t *)&sum, sizeof sum)))
        return false;
    *node = get32(packet.at + HEADER) & 0xffffffu;
    *serial = get32(packet.at + HEADER + 4);
    return true;
}

static size_t any_len(struct sim_world *world)
{
    return HEADER + PAYLOAD + sim_random_below(&world->random, PACKET_MOST);
}

/* It may speak: it is registered where it is. */
static bool is_up(const struct sim_mobile *node)
{
    return node->access == SIM_AT_A_MAG ? node->attached
                                        : node->access != SIM_NOWHERE &&
                                              lk_mip_mn_is_bound(&node->mn);
}

void sim_mobile_up(struct sim_world *world, struct sim_mobile *node, struct lk_span packet)
{
    const struct lk_mip_tunnel data = { .encapsulation = LK_MIP_IN_IP, .packet = packet };
    struct sim_event event = { .kind = SIM_AT_AGENT, .from = node->place };
    uint8_t octets[SIM_MIP_PACKET + 64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (node->access == SIM_AT_A_MAG) {
        sim_link(world, (struct sim_event){ .kind = SIM_MIP_MAG_UP, .from = node->at }, packet);
        return;
    }
    if (node->six) {
        event.life = 1;
        if (node->access == SIM_AT_OWN)
            sim_link(world, event, packet);
        return;
    }
    if (node->access == SIM_AT_AN_FA) {
        event.kind = SIM_AT_FA;
        event.who = node->at;
        event.from = sim_place(SIM_PLACE_LINK, node->index);
    }
    lk_mip_tunnel_put(&w, &data);
    LK_ASSERT(w.status == LK_OK);
    if (node->access != SIM_NOWHERE)
        sim_link(world, event, lk_writer_span(&w));
}

/* Somebody out there writes to it, whether it is there or not. */
static void write_to(struct sim_world *world, struct sim_mobile *node)
{
    uint8_t packet[SIM_MIP_PACKET];
    size_t len = sim_mip_packet(packet, 0x08080808, node->home, node->index, ++node->sent_down,
                                any_len(world));
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_NETWORK,
                                     .octets = lk_span_of(packet, len) };

    (void)sim_agent_give(world, &event);
}

void sim_mobile_speak(struct sim_world *world, struct sim_mobile *node)
{
    uint8_t packet[SIM_MIP_PACKET];
    unsigned times = sim_place_kind(node->place) == SIM_PLACE_VICTIM ? BOMBS : 1;

    if (node->home == 0)
        return;
    if (!world->faults && node->access == SIM_AT_A_MAG && node->attached &&
        node->heard != node->sent_down)
        sim_wlan_attach(world, node); /* its owner sees that nothing comes, and connects again */
    for (unsigned i = 0; i < times; i++)
        write_to(world, node);
    if (is_up(node)) {
        size_t len = sim_mip_packet(packet, node->home, 0x08080808, node->index, ++node->sent,
                                    any_len(world));

        sim_mobile_up(world, node, lk_span_of(packet, len));
    }
}

/* spec: RFC 3519 4.10 - what is asked for an echo in the tunnel answers. */
void sim_mobile_packet(struct sim_world *world, struct sim_mobile *node, struct lk_span packet)
{
    uint8_t octets[SIM_MIP_PACKET];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_ip_packet read;
    uint32_t serial;
    unsigned of;

    if (lk_ip_read(&read, packet) != LK_OK)
        return;
    if (read.protocol == LK_IP_ICMP && read.payload.len > 0 &&
        read.payload.at[0] == LK_MIP_ADVERTISEMENT) {
        sim_mobile_advertised(world, node, read.payload);
        return;
    }
    if (read.version == 6) {
        if (lk_address_equal(&read.destination, &node->home6) && lk_ip_echo(&w, &read) == LK_OK)
            sim_mobile_up(world, node, lk_writer_span(&w));
        return;
    }
    if (get32(read.destination.octets + LK_ADDRESS_LEN - 4) != node->home || node->home == 0)
        return; /* it is of who was here before */
    if (lk_ip_echo(&w, &read) == LK_OK) {
        sim_mobile_up(world, node, lk_writer_span(&w));
        return;
    }
    if (!sim_mip_packet_read(&of, &serial, packet))
        return;
    sim_check_heard(world, node, of);
    world->report->count[SIM_MIP_PACKETS]++;
    if (serial > node->heard)
        node->heard = serial;
}

/* ---- the machine ---- */

static void send(struct sim_world *world, struct sim_mobile *node,
                 const struct lk_mip_mn_output *item)
{
    struct sim_event event = { .kind = SIM_AT_AGENT, .from = node->place };

    event.life = node->six;
    sim_check_request(world, node, item->send.octets);
    if (node->access == SIM_AT_AN_FA) {
        event.kind = SIM_AT_FA;
        event.who = node->at;
        event.from = sim_place(SIM_PLACE_LINK, node->index);
    }
    if (node->access == SIM_AT_OWN || node->access == SIM_AT_AN_FA)
        sim_link(world, event, item->send.octets);
}

static void wake_at(struct sim_world *world, struct sim_mobile *node, uint64_t at_ms)
{
    uint64_t now_ms = clock_of(world, node);
    struct sim_event event = { .kind = SIM_MOBILE_TIMER, .who = node->index,
                               .life = ++node->timer };

    sim_later(world, event, at_ms > now_ms ? at_ms - now_ms : 1, NULL, 0);
}

static void bound(struct sim_world *world, struct sim_mobile *node,
                  const struct lk_mip_mn_bound *bound)
{
    node->home = get32(bound->home.octets + LK_ADDRESS_LEN - 4);
    world->report->count[SIM_MIP_REGISTRATIONS]++;
    sim_check_home(world, node);
    sim_mobile_arrived(world, node);
}

static void failed(struct sim_world *world, struct sim_mobile *node,
                   const struct lk_mip_mn_output *item)
{
    world->report->count[SIM_MIP_FAILURES]++;
    sim_say(world, "node %u fails: %s", node->index, lk_reason_row(item->why.refusal.reason)->code);
    /* Another may have the address that it had, where the anchor has no store. */
    if (item->why.code == LK_MIP_CODE_HA_PROHIBITED)
        node->home = 0;
    node->idle = true;
    sim_mobile_returns(world, node, RETURNS_MS);
}

static void carry(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_mip_mn_outbox out = world->mip->out;

    for (size_t i = 0; i < out.count; i++) {
        struct lk_mip_mn_output *item = &out.item[i];

        switch (item->kind) {
        case LK_MIP_MN_OUT_SEND:
            item->send.octets.at = out.octets; /* of this copy */
            send(world, node, item);
            break;
        case LK_MIP_MN_OUT_TIMER: wake_at(world, node, item->timer_ms); break;
        case LK_MIP_MN_OUT_BOUND: bound(world, node, &item->bound); break;
        case LK_MIP_MN_OUT_KEPT:
            sim_check_key(world, node->index, SIM_ROLE_HA, &item->kept);
            break;
        case LK_MIP_MN_OUT_DROPPED:
            sim_say(world, "node %u drops: %s", node->index,
                    lk_reason_row(item->why.refusal.reason)->code);
            break;
        case LK_MIP_MN_OUT_RELEASED:
            world->report->count[SIM_MIP_RELEASES]++;
            sim_mobile_released(world, node);
            break;
        case LK_MIP_MN_OUT_FAILED: failed(world, node, item); break;
        }
    }
}

static bool awaits(const struct sim_mobile *node)
{
    return node->mn.state == LK_MIP_MN_AWAIT_BOUND || node->mn.state == LK_MIP_MN_AWAIT_RENEWED ||
           node->mn.state == LK_MIP_MN_AWAIT_MOVED || node->mn.state == LK_MIP_MN_AWAIT_RELEASED;
}

enum lk_status sim_mobile_step(struct sim_world *world, struct sim_mobile *node,
                               struct lk_mip_mn_event *event)
{
    unsigned before = node->mn.state;
    enum lk_status status;

    event->now_ms = clock_of(world, node);
    event->entropy = sim_random_next(&world->random);
    sim_check_mobile_before(world, node);
    status = sim_seam_mobile(world, node, event);
    if (!awaits(node))
        node->since_ms = 0;
    else if (node->since_ms == 0 || before != node->mn.state ||
             event->kind == LK_MIP_MN_EV_MOVE || event->kind == LK_MIP_MN_EV_START)
        node->since_ms = world->now_ms;
    sim_check_mobile(world, node, event);
    if (world->mip->out.count > 0 && world->mip->out.item[0].kind != LK_MIP_MN_OUT_DROPPED)
        sim_check_node_keys(world, node);
    carry(world, node);
    return status;
}

void sim_mobile_hear(struct sim_world *world, struct sim_mobile *node, bool six,
                     struct lk_span octets)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_RECEIVED, .received = octets };
    struct lk_mip_tunnel data;
    struct lk_mip6_packet message;

    if (six != node->six)
        return; /* nobody listens there */
    if (six && lk_mip6_read(&message, octets) == LK_E_UNKNOWN) {
        sim_mobile_packet(world, node, octets);
        return;
    }
    if (!six && lk_mip_type_of(octets) == LK_MIP_TUNNEL) {
        if (lk_mip_tunnel_decode(&data, octets) == LK_OK)
            sim_mobile_packet(world, node, data.packet);
        return;
    }
    if (node->access == SIM_AT_OWN || node->access == SIM_AT_AN_FA)
        (void)sim_mobile_step(world, node, &event);
}

/* ---- events ---- */

static void keys(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_KEYS };
    struct lk_mip_msa *msa = &event.keys.msa;
    char b_tid[SIM_MIP_B_TID] = "";

    event.keys.aaa = node->way == SIM_WAY_AAA;
    if (event.keys.aaa)
        sim_mip_aaa_msa(msa, node, &node->gba[0]);
    else if (node->way == SIM_WAY_CONFIGURED)
        sim_mip_configured(msa, node->index);
    else
        (node->six ? sim_mip_naf6_msa : sim_mip_naf_msa)(
            msa, node, &node->gba[0],
            LK_MIP_SPI_LEAST + (uint32_t)(node->gba[0].serial & 0xffffff));
    if (node->usim) {
        sim_mip_b_tid(b_tid, node, &node->gba[0]);
        msa->ends_ms += (uint64_t)node->skew_ms; /* by its own clock */
    }
    sim_check_key(world, node->index, event.keys.aaa ? SIM_ROLE_AAA : SIM_ROLE_HA, msa);
    event.keys.b_tid = lk_span_text(b_tid);
    (void)sim_mobile_step(world, node, &event);
}

/* Renewed off-line, before its end; some are late (T30). */
static void bootstrap(struct sim_world *world, struct sim_mobile *node)
{
    uint64_t life_ms = (uint64_t)sim_mip_own(world, SIM_MIP_KS_S) * 1000;
    uint64_t at_ms = life_ms * 6 / 10 + sim_random_below(&world->random, life_ms * 5 / 10 + 1);

    sim_mip_bootstrap(world, node);
    keys(world, node);
    sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_KEYS, .who = node->index,
                                         .life = node->gba[0].serial }, at_ms, NULL, 0);
}

void sim_mobile_keys(struct sim_world *world, struct sim_mobile *node)
{
    if (!node->usim)
        keys(world, node);
    else if (sim_mip_clock(world) + RETURNS_MS >= node->gba[0].ends_ms)
        bootstrap(world, node);
    else
        keys(world, node);
}

static void begin_life(struct sim_world *world, struct sim_mobile *node)
{
    node->life++;
    node->timer++;
    node->since_ms = 0;
    sim_mobile_speaks(world, node, false);
    sim_mobile_any(world, node);
    sim_mobile_keys(world, node);
}

static void on_restart(struct sim_world *world, struct sim_mobile *node)
{
    bool at_gateway = node->access == SIM_AT_A_MAG;

    node->leaving = false;
    node->moved_ms = 0;
    world->report->restarts++;
    begin_life(world, node);
    if (!at_gateway)
        sim_mobile_here(world, node);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_mobile *node = &world->mip->node[index];
    uint64_t speak_ms = sim_mip_own(world, SIM_MIP_SPEAK_MS);
    struct sim_event first = { .who = index };

    begin_life(world, node);
    first.kind = SIM_MOBILE_MOVES;
    sim_later(world, first, 1 + sim_random_below(&world->random,
                                                 sim_mip_own(world, SIM_MIP_MOVE_MS) + 1),
              NULL, 0);
    first.kind = SIM_MOBILE_SPEAKS;
    if (speak_ms > 0)
        sim_later(world, first, 1 + sim_random_below(&world->random, 2 * speak_ms), NULL, 0);
    first.kind = SIM_MOBILE_REBINDS;
    if (sim_mip_own(world, SIM_MIP_REBIND_MS) > 0)
        sim_later(world, first,
                  1 + sim_random_below(&world->random,
                                       2 * (uint64_t)sim_mip_own(world, SIM_MIP_REBIND_MS)),
                  NULL, 0);
    first.kind = SIM_MOBILE_RESTART;
    if (sim_mip_own(world, SIM_MIP_DIES_S) > 0)
        sim_later(world, first,
                  1 + sim_random_below(&world->random,
                                       2000 * (uint64_t)sim_mip_own(world, SIM_MIP_DIES_S)),
                  NULL, 0);
}

static void unmake(struct sim_world *world, unsigned index)
{
    for (unsigned i = 0; i < SIM_MIP_MAGS; i++)
        free(world->mip->node[index].mag[i]);
}

static void again(struct sim_world *world, const struct sim_event *event, uint64_t mean_ms)
{
    if (world->faults && mean_ms > 0)
        sim_later(world, *event, 1 + sim_random_below(&world->random, 2 * mean_ms), NULL, 0);
}

static void at_place(struct sim_world *world, const struct sim_event *event)
{
    unsigned holder = sim_place_holder(world, event->who);

    if (sim_place_kind(event->who) == SIM_PLACE_VICTIM)
        world->report->count[SIM_MIP_BOMBED]++;
    if (holder == SIM_MIP_NOBODY)
        return;
    if (sim_place_kind(event->who) == SIM_PLACE_LINK &&
        (world->mip->node[holder].access != SIM_AT_AN_FA ||
         world->mip->node[holder].at != event->from))
        return; /* it has left that link */
    sim_mobile_hear(world, &world->mip->node[holder], event->life != 0,
                    lk_span_of(event->octets, event->len));
}

static void on_timer(struct sim_world *world, struct sim_mobile *node, uint64_t timer)
{
    struct lk_mip_mn_event expired = { .kind = LK_MIP_MN_EV_EXPIRED };

    if (timer == node->timer && node->access != SIM_AT_A_MAG && sim_mip_goes_on(world))
        (void)sim_mobile_step(world, node, &expired);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mobile *node;

    if (event->kind == SIM_AT_PLACE) {
        at_place(world, event);
        return;
    }
    node = &world->mip->node[event->who];
    switch (event->kind) {
    case SIM_MOBILE_TIMER: on_timer(world, node, event->life); break;
    case SIM_MOBILE_MOVES:
        sim_mobile_moves(world, node);
        again(world, event, sim_mip_own(world, SIM_MIP_MOVE_MS));
        break;
    case SIM_MOBILE_SPEAKS:
        sim_mobile_speak(world, node);
        again(world, event, sim_mip_own(world, SIM_MIP_SPEAK_MS));
        break;
    case SIM_MOBILE_REBINDS:
        sim_mobile_rebinds(world, node);
        again(world, event, sim_mip_own(world, SIM_MIP_REBIND_MS));
        break;
    case SIM_MOBILE_KEYS:
        if (event->life == node->gba[0].serial && sim_mip_goes_on(world))
            bootstrap(world, node);
        break;
    case SIM_MOBILE_RETURNS:
        if (event->life == node->turn)
            sim_mobile_here(world, node);
        break;
    case SIM_MOBILE_RESTART:
        if (world->faults)
            on_restart(world, node);
        again(world, event, 1000 * (uint64_t)sim_mip_own(world, SIM_MIP_DIES_S));
        break;
    default: sim_wlan_take(world, event); break;
    }
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_PLACE, .name = "at place", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_MOBILE_TIMER, .name = "node's time" },
    { .number = SIM_MOBILE_MOVES, .name = "node moves" },
    { .number = SIM_MOBILE_SPEAKS, .name = "node speaks" },
    { .number = SIM_MOBILE_REBINDS, .name = "a translator forgets node" },
    { .number = SIM_MOBILE_KEYS, .name = "node bootstraps" },
    { .number = SIM_MOBILE_RETURNS, .name = "node tries again" },
    { .number = SIM_MOBILE_RESTART, .name = "node restarts" },
    { .number = SIM_MOBILE_DETACHED, .name = "a gateway misses node" },
    { .number = SIM_MOBILE_MAG_TIMER, .name = "a gateway's time for node" },
    { .number = SIM_MIP_AT_MAG, .name = "at gateway", .link = SIM_LINK_CHANNEL },
    { .number = SIM_MIP_MAG_DOWN, .name = "a packet at gateway", .link = SIM_LINK_CHANNEL },
};

const struct sim_actor sim_mobile_actor = {
    .name = "mobile node", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .unmake = unmake, .take = take,
};
