/* The world: makes everybody, then takes one event after the other. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

static const char *const event_names[SIM_EVENT_KIND_COUNT] = {
    [SIM_UE_BEGINS] = "begins", [SIM_CARD_AWAKE] = "card awake", [SIM_UE_TIMER] = "timer",
    [SIM_AT_NODE] = "at node", [SIM_AT_POINT] = "at point", [SIM_ROW_READ] = "row read",
    [SIM_AT_VAULT] = "at vault", [SIM_VAULT_SAID] = "vault said", [SIM_ROW_SWAPPED] = "row swapped",
    [SIM_NODE_RESTART] = "node restarts", [SIM_VAULT_RESTART] = "vault restarts",
    [SIM_AT_TWAP] = "at twap", [SIM_BACK_AT_TWAP] = "back at twap", [SIM_TWAP_TICK] = "twap ticks",
    [SIM_TWAP_RESTART] = "twap restarts", [SIM_AT_TWAG] = "at twag", [SIM_AT_DEVICE] = "at device",
    [SIM_DEVICE_TURN] = "device turns", [SIM_DEVICE_TIMER] = "device timer",
    [SIM_TWAG_WAKE] = "twag wakes", [SIM_MAG_WAKE] = "mag wakes", [SIM_AT_ANCHOR] = "at anchor",
    [SIM_BACK_AT_MAG] = "back at mag", [SIM_ANCHOR_TICK] = "anchor ticks",
    [SIM_ANCHOR_RESTART] = "anchor restarts",
    [SIM_FAULTS_END] = "faults end",
};

void lk_sim_defaults(struct lk_sim_options *options)
{
    *options = (struct lk_sim_options){
        .seed = 1, .ues = 8, .seconds = 120, .loss = 100, .duplicate = 100, .corrupt = 30,
        .replay = 50, .delay_ms = 400, .restart_s = 30,
    };
}

uint64_t sim_wall_ms(const struct sim_world *world, const struct sim_node *node)
{
    return SIM_EPOCH_MS + world->now_ms + (uint64_t)node->skew_ms;
}

void sim_event_of(struct sim_world *world, struct lk_event *event, enum lk_event_kind kind,
                  uint64_t now_ms)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->now_ms = now_ms;
    sim_random_fill(&world->random, event->entropy, sizeof event->entropy);
}

void sim_later(struct sim_world *world, struct sim_event event, uint64_t delay_ms,
               const void *octets, size_t len)
{
    event.at_ms = world->now_ms + delay_ms;
    sim_queue_put(&world->queue, &event, octets, len);
}

void sim_say(const struct sim_world *world, const char *format, ...)
{
    va_list list;

    if (!world->options->verbose)
        return;
    fprintf(stderr, "%8llu ", (unsigned long long)world->now_ms);
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

/* ---- making ---- */

static void make_client(struct sim_world *world)
{
    enum lk_status status = lk_address_prefix_parse(&world->client.prefix, "10.0.0.0/24");

    if (status == LK_OK)
        status = lk_radius_secret_set(&world->client.secret, lk_span_text("simulated secret"));
    if (status == LK_OK)
        status = lk_radius_clients_set(&world->clients, &world->client, 1);
    LK_ASSERT(status == LK_OK);
}

static void configure(struct sim_world *world, struct sim_node *node, uint64_t choices)
{
    struct lk_eap_server_config *eap = &node->config.eap;

    eap->protect_success = (choices & 1) != 0;
    eap->ask_identity = (choices & 6) == 6;
    eap->send_bidding = (choices & 8) != 0;
    eap->use_pseudonyms = (choices & 0x30) != 0;
    eap->use_reauth = (choices & 0xc0) != 0;
    eap->reauth_max = (uint16_t)(2 + (choices >> 8) % 8);
    (void)world;
}

static void make(struct sim_world *world)
{
    unsigned ues = world->options->ues;
    struct lk_master_key master;
    uint64_t choices;

    sim_random_start(&world->random, world->options->seed);
    sim_random_fill(&world->random, &master, sizeof master);
    lk_row_key_derive(&world->row_key, &master);
    sim_random_fill(&world->random, &world->node_key, sizeof world->node_key);
    world->mode = sim_random_chance(&world->random, 700) ? LK_SQN_TIME : LK_SQN_COUNTER;
    world->block = (unsigned)(1 + sim_random_below(&world->random, 32));
    choices = sim_random_next(&world->random);
    world->ue = calloc(ues, sizeof *world->ue);
    world->row = calloc(ues, sizeof *world->row);
    world->seen = calloc(SIM_SEEN, sizeof *world->seen);
    world->sequence = calloc((size_t)ues * SIM_NODES, sizeof *world->sequence);
    world->corrections = calloc(ues, sizeof *world->corrections);
    world->corrected_ms = calloc(ues, sizeof *world->corrected_ms);
    LK_ASSERT(world->ue != NULL && world->row != NULL && world->seen != NULL &&
              world->sequence != NULL && world->corrected_ms != NULL && world->corrections != NULL);
    make_client(world);
    for (unsigned n = 0; n < SIM_NODES; n++) {
        sim_node_make(world, &world->node[n], n);
        configure(world, &world->node[n], choices);
    }
    if (world->options->wlan)
        sim_wlan_make(world);
    for (unsigned i = 0; i < ues; i++) {
        sim_ue_make(world, &world->ue[i], i);
        sim_later(world, (struct sim_event){ .kind = SIM_UE_BEGINS, .who = i },
                  sim_random_below(&world->random, 5000), NULL, 0);
    }
    lk_wipe(&master, sizeof master);
}

static void unmake(struct sim_world *world)
{
    for (unsigned n = 0; n < SIM_NODES; n++)
        sim_node_free(&world->node[n]);
    sim_wlan_free(world);
    sim_queue_free(&world->queue);
    sim_ledger_free(&world->ledger);
    free(world->ue);
    free(world->row);
    free(world->seen);
    free(world->sequence);
    free(world->corrections);
    free(world->corrected_ms);
    free(world);
}

/* ---- running ---- */

static void hash(uint64_t *trace, const void *octets, size_t len)
{
    *trace = *trace * 0x9e3779b97f4a7c15u ^ sim_name_of(*trace, octets, len).high;
}

static bool is_datagram(enum sim_event_kind kind)
{
    return kind == SIM_AT_NODE || kind == SIM_AT_POINT || kind == SIM_AT_TWAP ||
           kind == SIM_BACK_AT_TWAP || kind == SIM_AT_TWAG || kind == SIM_AT_DEVICE ||
           kind == SIM_AT_ANCHOR || kind == SIM_BACK_AT_MAG;
}

static void trace(struct sim_world *world, const struct sim_event *event)
{
    const uint64_t words[] = { event->at_ms, event->kind, event->who, event->from, event->len };

    hash(&world->report->trace, words, sizeof words);
    if (is_datagram(event->kind))
        hash(&world->report->trace, event->octets, event->len);
    sim_say(world, "%s %u from %u, %zu octets", event_names[event->kind], event->who, event->from,
            event->len);
}

/* A question of a node that has died since: what the store had in hand may still be done. */
static void on_former_life(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_ROW_SWAPPED && sim_random_chance(&world->random, 500))
        (void)sim_row_swap(world, event->octets);
}

static void on_node_event(struct sim_world *world, const struct sim_event *event)
{
    struct sim_node *node = &world->node[event->who];

    if (event->life != node->life) {
        on_former_life(world, event);
        return;
    }
    if (event->kind == SIM_ROW_READ)
        sim_node_row_read(world, node, event->from);
    else if (event->kind == SIM_AT_VAULT)
        sim_vault_receive(world, node, event->from, event->octets);
    else if (event->kind == SIM_VAULT_SAID)
        sim_node_vault_said(world, node, event->from, event->len == 0 ? NULL : event->octets);
    else
        sim_node_row_swapped(world, node, event->from, event->octets);
}

static void on_twap_event(struct sim_world *world, const struct sim_event *event)
{
    struct sim_twap *twap = &world->wlan->twap[event->who];
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (event->kind == SIM_AT_TWAP)
        sim_twap_receive(world, twap, event->from, octets);
    else if (event->kind == SIM_BACK_AT_TWAP)
        sim_twap_answered(world, twap, event->from, octets);
    else if (event->kind == SIM_TWAP_RESTART)
        sim_twap_restart(world, twap);
    else if (event->life == twap->life)
        sim_twap_tick(world, twap);
}

static void on_gateway_event(struct sim_world *world, const struct sim_event *event)
{
    struct sim_gateway *gateway = &world->mobility->gateway[event->who];
    struct lk_span octets = lk_span_of(event->octets, event->len);

    if (event->kind == SIM_AT_TWAG)
        sim_gateway_receive(world, gateway, event->from, event->life, octets);
    else if (event->kind == SIM_BACK_AT_MAG)
        sim_gateway_acknowledged(world, gateway, octets);
    else if (event->kind == SIM_TWAG_WAKE && event->life == gateway->wake)
        sim_gateway_wake(world, gateway);
    else if (event->kind == SIM_MAG_WAKE && event->life == gateway->mag_wake)
        sim_gateway_mag_wake(world, gateway);
}

static void on_device_event(struct sim_world *world, const struct sim_event *event)
{
    struct sim_device *device = &world->mobility->device[event->who];

    if (event->kind == SIM_AT_DEVICE)
        sim_device_receive(world, event->who, event->life, lk_span_of(event->octets, event->len));
    else if (event->kind == SIM_DEVICE_TURN && event->life == device->turn)
        sim_device_turn(world, event->who);
    else if (event->kind == SIM_DEVICE_TIMER && event->life == device->timer[event->from])
        sim_device_timer(world, event->who, event->from);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct lk_span octets = lk_span_of(event->octets, event->len);

    switch (event->kind) {
    case SIM_UE_BEGINS:
        sim_ue_begin(world, &world->ue[event->who]);
        break;
    case SIM_CARD_AWAKE:
        if (event->life == world->ue[event->who].attempts)
            sim_ue_card_awake(world, &world->ue[event->who], octets.at);
        break;
    case SIM_UE_TIMER:
        sim_ue_timer(world, &world->ue[event->who], event->life);
        break;
    case SIM_AT_NODE:
        sim_node_receive(world, &world->node[event->who], event->from, octets);
        break;
    case SIM_AT_POINT:
        sim_ue_receive(world, &world->ue[event->who], octets);
        break;
    case SIM_NODE_RESTART:
        sim_node_restart(world, &world->node[event->who]);
        break;
    case SIM_VAULT_RESTART:
        sim_vault_restart(world, &world->node[event->who]);
        break;
    case SIM_FAULTS_END:
        sim_faults_end(world);
        break;
    case SIM_AT_TWAP:
    case SIM_BACK_AT_TWAP:
    case SIM_TWAP_TICK:
    case SIM_TWAP_RESTART:
        on_twap_event(world, event);
        break;
    case SIM_AT_TWAG:
    case SIM_BACK_AT_MAG:
    case SIM_TWAG_WAKE:
    case SIM_MAG_WAKE:
        on_gateway_event(world, event);
        break;
    case SIM_AT_DEVICE:
    case SIM_DEVICE_TURN:
    case SIM_DEVICE_TIMER:
        on_device_event(world, event);
        break;
    case SIM_AT_ANCHOR:
        sim_anchor_receive(world, event->from, event->life == 1, octets);
        break;
    case SIM_ANCHOR_TICK:
        sim_anchor_tick(world);
        break;
    case SIM_ANCHOR_RESTART:
        sim_anchor_restart(world);
        break;
    case SIM_ROW_READ:
    case SIM_AT_VAULT:
    case SIM_VAULT_SAID:
    case SIM_ROW_SWAPPED:
    case SIM_EVENT_KIND_COUNT:
        on_node_event(world, event);
        break;
    }
}

void lk_sim_run(struct lk_sim_report *report, const struct lk_sim_options *options)
{
    struct sim_world *world = calloc(1, sizeof *world);
    struct sim_event event;

    LK_ASSERT(world != NULL && options->ues > 0 && options->ues <= LK_SIM_UES_MAX);
    memset(report, 0, sizeof *report);
    world->options = options;
    world->report = report;
    sim_seam_start();
    make(world);
    sim_faults_plan(world);
    while (report->broken == NULL && sim_queue_take(&world->queue, &event)) {
        world->now_ms = event.at_ms;
        report->events++;
        trace(world, &event);
        take(world, &event);
        sim_queue_done(&world->queue, &event);
        sim_check_event(world);
    }
    if (report->broken == NULL)
        sim_check_end(world);
    unmake(world);
}
