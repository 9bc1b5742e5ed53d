/* The other access of a mobile node: gateways of a trusted WLAN, and the AAA that has let it in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"

enum { NOTICE_MS = 1500, RETURNS_MS = 2000 };

static void step(struct sim_world *world, struct sim_mobile *node, unsigned mag,
                 struct lk_pmip_mag_event *event);

static void carry(struct sim_world *world, struct sim_mobile *node, unsigned mag,
                  const struct lk_pmip_mag_output *item)
{
    bool here = node->access == SIM_AT_A_MAG && node->at == mag;
    uint64_t now_ms = sim_mip_clock(world);
    const uint8_t *ipv4;

    switch (item->kind) {
    case LK_PMIP_MAG_OUT_SEND:
        sim_link(world, (struct sim_event){ .kind = SIM_MIP_AT_ANCHOR, .from = mag }, item->send);
        break;
    case LK_PMIP_MAG_OUT_TIMER:
        sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_MAG_TIMER, .who = node->index,
                                             .from = mag, .life = ++node->mag_timer[mag] },
                  item->timer_ms > now_ms ? item->timer_ms - now_ms : 1, NULL, 0);
        break;
    case LK_PMIP_MAG_OUT_BOUND:
        ipv4 = item->bound.ipv4.octets;
        if (!here)
            break;
        node->attached = true;
        node->home = (uint32_t)ipv4[0] << 24 | (uint32_t)ipv4[1] << 16 | (uint32_t)ipv4[2] << 8 |
                     ipv4[3];
        sim_check_home(world, node);
        sim_mobile_arrived(world, node);
        break;
    case LK_PMIP_MAG_OUT_FAILED:
        sim_say(world, "gateway %u, node %u: %s", mag, node->index,
                lk_reason_row(item->failed.refusal.reason)->code);
        if (here) {
            node->attached = false;
            sim_mobile_returns(world, node, RETURNS_MS);
        }
        break;
    case LK_PMIP_MAG_OUT_RELEASED: break;
    }
}

static void step(struct sim_world *world, struct sim_mobile *node, unsigned mag,
                 struct lk_pmip_mag_event *event)
{
    struct lk_pmip_mag_outbox out;

    event->now_ms = sim_mip_clock(world);
    event->sequence = ++world->mip->sequence;
    if (lk_pmip_mag_step(node->mag[mag], &world->mip->mag_config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++)
        carry(world, node, mag, &out.item[i]);
}

/* The AAA has authenticated it behind that gateway, now. */
void sim_wlan_attach(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_radius_class content = { .imsi = node->imsi, .attached_ms = sim_mip_clock(world) };
    uint8_t salt[LK_RADIUS_CLASS_SALT_LEN], token[LK_RADIUS_CLASS_MAX];
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_ATTACH };
    struct lk_pmip_mag **machine = &node->mag[node->at];
    size_t len;

    if (*machine == NULL)
        *machine = calloc(1, sizeof **machine);
    LK_ASSERT(*machine != NULL);
    memset(*machine, 0, sizeof **machine);
    (void)snprintf(content.mag, sizeof content.mag, "mag%u", node->at);
    sim_random_fill(&world->random, salt, sizeof salt);
    len = lk_radius_class_seal(token, &world->mip->class_key, &content, salt);
    event.attach = (struct lk_pmip_attach){
        .nai = lk_span_text(node->nai), .service = lk_span_text("internet"),
        .token = lk_span_of(token, len),
        .handoff = node->home == 0 ? LK_HANDOFF_NEW : LK_HANDOFF_INTERFACES,
        .access = LK_ACCESS_80211, .want_ipv4 = true,
    };
    sim_check_attach(world, node, content.attached_ms);
    step(world, node, node->at, &event);
}

void sim_wlan_leave(struct sim_world *world, struct sim_mobile *node)
{
    node->attached = false;
    node->turn++;
    sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_DETACHED, .who = node->index,
                                         .from = node->at },
              1 + sim_random_below(&world->random, NOTICE_MS), NULL, 0);
}

static void on_message(struct sim_world *world, unsigned mag, struct lk_span octets)
{
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_RECEIVED, .received = octets };
    struct lk_mobility_message message;
    struct sim_mobile *node;

    if (lk_mobility_decode(&message, octets) != LK_OK)
        return;
    node = sim_mobile_named(world, message.options.mn_id.id);
    if (node != NULL && node->mag[mag] != NULL)
        step(world, node, mag, &event);
}

static void on_packet(struct sim_world *world, unsigned mag, struct lk_span packet)
{
    struct sim_mobile *node = sim_home_of(world, packet);

    if (node != NULL && node->access == SIM_AT_A_MAG && node->at == mag && node->attached)
        sim_mobile_packet(world, node, packet);
}

static void on_timer(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mobile *node = &world->mip->node[event->who];
    struct lk_pmip_mag_event expired = { .kind = LK_PMIP_MAG_EV_EXPIRED };

    if (event->life == node->mag_timer[event->from] && node->mag[event->from] != NULL &&
        sim_mip_goes_on(world))
        step(world, node, event->from, &expired);
}

static void on_detached(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mobile *node = &world->mip->node[event->who];
    struct lk_pmip_mag_event detach = { .kind = LK_PMIP_MAG_EV_DETACH };

    if ((node->access != SIM_AT_A_MAG || node->at != event->from) &&
        node->mag[event->from] != NULL)
        step(world, node, event->from, &detach);
}

void sim_wlan_take(struct sim_world *world, const struct sim_event *event)
{
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (event->kind == SIM_MIP_AT_MAG)
        on_message(world, event->who, octets);
    else if (event->kind == SIM_MIP_MAG_DOWN)
        on_packet(world, event->who, octets);
    else if (event->kind == SIM_MOBILE_MAG_TIMER)
        on_timer(world, event);
    else
        on_detached(world, event);
}
