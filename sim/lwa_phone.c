/* A device of LTE-WLAN aggregation, wired as role/ue wires it. */
#include <string.h>

#include "base/secret.h"
#include "sim/lwa_invariants.h"
#include "sim/lwa_seam.h"

enum { DRB = 1 };

unsigned sim_phone_cell(const struct sim_phone *phone)
{
    return phone->device.ue.context.cell.pci % SIM_CELLS;
}

/* ---- a step ---- */

static void send_rrc(struct sim_world *world, struct sim_phone *phone, struct lk_span pdu)
{
    struct sim_event event = { .kind = SIM_AT_CELL, .who = sim_phone_cell(phone),
                               .from = phone->index, .life = phone->connection };

    sim_check_uu(world, phone, pdu);
    sim_link(world, event, pdu);
}

static void send_frame(struct sim_world *world, const struct sim_phone *phone, struct lk_span frame)
{
    sim_check_air(world, phone, frame);
    sim_link(world, (struct sim_event){ .kind = SIM_WT_FRAME, .from = phone->index }, frame);
}

static void wake_at(struct sim_world *world, struct sim_phone *phone, uint64_t at_ms)
{
    struct sim_event wake = { .kind = SIM_PHONE_WAKE, .who = phone->index,
                              .life = ++phone->wake };

    if (sim_lwa_goes_on(world, at_ms))
        sim_later(world, wake, at_ms > world->now_ms ? at_ms - world->now_ms : 0, NULL, 0);
}

static void carry_out(struct sim_world *world, struct sim_phone *phone,
                      const struct lk_lwa_device_output *item)
{
    switch (item->kind) {
    case LK_LWA_DEVICE_OUT_RRC: send_rrc(world, phone, item->send); break;
    case LK_LWA_DEVICE_OUT_FRAME: send_frame(world, phone, item->send); break;
    case LK_LWA_DEVICE_OUT_DATA_DOWN:
        sim_check_packet(world, phone, SIM_END_PHONE, item->down.pdu);
        break;
    case LK_LWA_DEVICE_OUT_FACT:
        sim_say(world, "ue %u: fact %u, code %u", phone->index, item->fact.what, item->fact.code);
        break;
    case LK_LWA_DEVICE_OUT_WAKE: wake_at(world, phone, item->wake_ms); break;
    case LK_LWA_DEVICE_OUT_REFUSAL:
    case LK_LWA_DEVICE_OUT_NOTICE:
        sim_say(world, "ue %u: %s, came %s", phone->index, lk_reason_row(item->why.reason)->code,
                item->why.came);
        break;
    }
}

static void step(struct sim_world *world, struct sim_phone *phone,
                 struct lk_lwa_device_event *event)
{
    struct lk_lwa_device_outbox *out = &world->lwa->out;
    uint64_t replayed = phone->device.counters.replayed;

    event->now_ms = world->now_ms;
    sim_random_fill(&world->random, event->entropy, sizeof event->entropy);
    (void)!sim_seam_phone(world, phone, event);
    phone->lost += phone->device.counters.replayed != replayed; /* overtaken, or a copy */
    sim_check_phone(world, phone);
    for (size_t i = 0; i < out->count; i++)
        carry_out(world, phone, &out->item[i]);
}

/* ---- events ---- */

void sim_phone_connected(struct sim_world *world, struct sim_phone *phone,
                         const struct lk_lwa_ue_context *context)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_CONTEXT };

    event.context = *context;
    step(world, phone, &event);
    lk_wipe(&event, sizeof event);
}

void sim_phone_speak(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_DATA_UP, .up = { .drb = DRB } };
    uint8_t packet[SIM_PACKET_LEN];

    if (!phone->device.usable)
        return;
    sim_packet(packet, phone, SIM_END_PHONE);
    event.up.pdu = LK_SPAN(packet);
    step(world, phone, &event);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_phone *phone = &world->lwa->phone[index];
    const uint8_t mac[LK_STATION_LEN] = { 2, 0, 0, (uint8_t)(index >> 16), (uint8_t)(index >> 8),
                                          (uint8_t)index };

    phone->index = index;
    memcpy(phone->mac, mac, sizeof mac);
    lk_lwa_device_init(&phone->device, mac);
    sim_random_fill(&world->random, &phone->kasme, sizeof phone->kasme);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_phone *phone = &world->lwa->phone[event->who];
    struct lk_lwa_device_event came = {
        .kind = event->kind == SIM_AT_PHONE ? LK_LWA_DEVICE_EV_RRC : LK_LWA_DEVICE_EV_FRAME,
        .octets = lk_span_of(event->octets, event->len),
    };

    if (event->kind == SIM_PHONE_WAKE && event->life != phone->wake)
        return;
    if (event->kind == SIM_PHONE_WAKE)
        came.kind = LK_LWA_DEVICE_EV_EXPIRED;
    /* It hears the cell that it is in, and nothing of a connection that is over. */
    if (event->kind == SIM_AT_PHONE &&
        (event->from != sim_phone_cell(phone) || event->life != phone->connection))
        return;
    step(world, phone, &came);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_PHONE, .name = "at ue", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_PHONE_FRAME, .name = "frame at ue", .link = SIM_LINK_CHANNEL,
      .leg = sim_lwa_leg },
    { .number = SIM_PHONE_WAKE, .name = "ue wakes" },
};

const struct sim_actor sim_phone_actor = {
    .name = "device", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .take = take,
};
