/* A device in a trusted WLAN: its channel and its WLCP machine, as its connection manager does. */
#include <string.h>

#include "sim/gateway.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { HELLO_MS = 1000, HELLO_TRIES = 10, TURN_MS = 3000 };

bool sim_device_wants(unsigned ue, unsigned apn)
{
    return apn == 0 || ue % 2 == 1;
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_device *d = &world->aaa->mobility->device[index];

    lk_wlcp_ue_defaults(&d->config);
    lk_wlcp_ue_init(&d->wlcp);
}

static struct sim_device *device_of(struct sim_world *world, unsigned ue)
{
    return &world->aaa->mobility->device[ue];
}

static void to_gateway(struct sim_world *world, unsigned ue, enum sim_record kind,
                       struct lk_span octets)
{
    const struct sim_device *d = device_of(world, ue);
    uint8_t record[SIM_RECORD_MAX];
    struct lk_writer w = lk_writer_of(record, sizeof record);
    struct sim_event event = { .kind = SIM_AT_TWAG, .who = d->gateway, .from = ue,
                               .life = d->handle };

    lk_put_u8(&w, (uint8_t)kind);
    lk_put_span(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    sim_link(world, event, lk_writer_span(&w));
}

/* ---- the machine ---- */

static void open_channel(struct sim_world *world, unsigned ue);

static void tell(struct sim_world *world, unsigned ue, struct lk_wlcp_event *event)
{
    struct sim_device *d = device_of(world, ue);
    struct lk_wlcp_outbox out;

    event->now_ms = world->now_ms;
    lk_wlcp_outbox_empty(&out);
    (void)!lk_wlcp_ue_step(&d->wlcp, &d->config, event, &out);
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_wlcp_output *item = &out.item[i];
        struct sim_event timer = { .kind = SIM_DEVICE_TIMER, .who = ue, .from = item->which };

        if (item->kind == LK_WLCP_OUT_SEND && d->handle != 0)
            to_gateway(world, ue, SIM_RECORD_DATA, item->send);
        else if (item->kind == LK_WLCP_OUT_TIMER) {
            timer.life = ++d->timer[item->which];
            sim_later(world, timer, item->timer_at_ms > world->now_ms
                                        ? item->timer_at_ms - world->now_ms : 0, NULL, 0);
        } else if (item->kind == LK_WLCP_OUT_UP)
            sim_check_device_up(world, ue, item->ref - 1, &d->wlcp.connection[item->which]);
        else if (item->kind == LK_WLCP_OUT_DOWN) {
            sim_say(world, "ue %u: connection %u is down: %s, cause %u", ue, item->ref,
                    lk_reason_row(item->down.reason)->code, item->down.cause);
            if (item->down.reason == LK_REASON_WLCP_NO_ANSWER && d->handle != 0)
                open_channel(world, ue); /* as the connection manager does */
        }
    }
}

static void on_timer(struct sim_world *world, unsigned ue, uint32_t which)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_EXPIRED, .which = which };

    tell(world, ue, &event);
}

void sim_device_lost(struct sim_world *world, unsigned ue)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_LOST };
    struct sim_device *d = device_of(world, ue);

    tell(world, ue, &event);
    d->handle = 0;
    d->turn++;
}

/* ---- the channel ---- */

static void say_hello(struct sim_world *world, unsigned ue)
{
    const struct lk_wlcp_key *key = &world->aaa->ue[ue].wlcp;
    struct sim_device *d = device_of(world, ue);
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    uint8_t octets[LK_WLCP_IDENTITY_LEN + 16];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_wlcp_psk_identity(identity, key);
    lk_put_octets(&w, identity, LK_WLCP_IDENTITY_LEN);
    lk_put_be64(&w, sim_name_of(d->nonce, key, sizeof *key).high);
    lk_put_be64(&w, d->nonce);
    to_gateway(world, ue, SIM_RECORD_HELLO, lk_writer_span(&w));
    d->tries++;
}

static void next_turn(struct sim_world *world, unsigned ue, uint64_t delay_ms)
{
    struct sim_event turn = { .kind = SIM_DEVICE_TURN, .who = ue };

    turn.life = ++device_of(world, ue)->turn;
    if (world->faults || world->now_ms < world->heal_ms + SIM_CALM_MS)
        sim_later(world, turn, delay_ms, NULL, 0);
}

static void open_channel(struct sim_world *world, unsigned ue)
{
    struct sim_device *d = device_of(world, ue);

    d->nonce = sim_random_next(&world->random) | 1;
    d->tries = 0;
    say_hello(world, ue);
    next_turn(world, ue, HELLO_MS);
}

void sim_device_key(struct sim_world *world, unsigned ue)
{
    struct sim_device *d = device_of(world, ue);
    unsigned here = world->aaa->ue[ue].twap;
    uint64_t life = world->aaa->mobility->gateway[here].life;

    /* That a gateway has died since, it sees by its user plane. */
    if (d->gateway != here || d->gateway_life != life)
        sim_device_lost(world, ue);
    d->gateway = here;
    d->gateway_life = life;
    open_channel(world, ue);
}

/* ---- what it wants ---- */

static void want(struct sim_world *world, unsigned ue, unsigned apn)
{
    struct sim_device *d = device_of(world, ue);
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };
    enum lk_status status = lk_wlcp_apn_parse(&event.want.apn, sim_apn[apn]);

    LK_ASSERT(status == LK_OK);
    event.want.ref = apn + 1;
    event.want.request_type = d->had[apn] ? LK_WLCP_HANDOVER : LK_WLCP_INITIAL;
    event.want.pdn_type = LK_WLCP_IPV4;
    tell(world, ue, &event);
}

static void mend(struct sim_world *world, unsigned ue, unsigned apn)
{
    struct sim_device *d = device_of(world, ue);
    const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&d->wlcp, apn + 1);
    struct lk_wlcp_event release = { .kind = LK_WLCP_EV_RELEASE };

    if (!sim_device_wants(ue, apn))
        return;
    if (c == NULL) {
        want(world, ue, apn);
    } else if (world->faults && c->state == LK_WLCP_UE_ACTIVE &&
               sim_random_chance(&world->random, 50)) {
        release.which = (uint32_t)(c - d->wlcp.connection);
        tell(world, ue, &release);
    }
}

static void on_turn(struct sim_world *world, unsigned ue)
{
    struct sim_device *d = device_of(world, ue);

    if (d->up != d->nonce && d->tries >= HELLO_TRIES) {
        sim_device_lost(world, ue);
        return;
    }
    if (d->up != d->nonce) {
        say_hello(world, ue);
        next_turn(world, ue, HELLO_MS);
        return;
    }
    for (unsigned i = 0; i < SIM_APNS; i++)
        mend(world, ue, i);
    next_turn(world, ue, TURN_MS);
}

static void receive(struct sim_world *world, unsigned ue, uint64_t handle,
                        struct lk_span record)
{
    struct sim_device *d = device_of(world, ue);
    struct lk_reader r = lk_reader_of(record);
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED };
    uint8_t nonce[sizeof d->nonce];

    memcpy(nonce, &d->nonce, sizeof nonce);
    switch (lk_get_u8(&r)) {
    case SIM_RECORD_UP:
        if (lk_span_equal(lk_get_span(&r, r.left), LK_SPAN(nonce)) && d->up != d->nonce) {
            d->handle = handle;
            d->up = d->nonce;
            on_turn(world, ue);
        }
        break;
    case SIM_RECORD_DATA:
        event.octets = lk_get_span(&r, r.left);
        if (handle == d->handle)
            tell(world, ue, &event);
        break;
    case SIM_RECORD_CLOSE:
        if (handle == d->handle) {
            d->handle = 0;
            open_channel(world, ue);
        }
        break;
    default: break;
    }
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    const struct sim_device *d = device_of(world, event->who);

    if (event->kind == SIM_AT_DEVICE)
        receive(world, event->who, event->life, lk_span_of(event->octets, event->len));
    else if (event->kind == SIM_DEVICE_TURN && event->life == d->turn)
        on_turn(world, event->who);
    else if (event->kind == SIM_DEVICE_TIMER && event->life == d->timer[event->from])
        on_timer(world, event->who, event->from);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_DEVICE, .name = "at device", .link = SIM_LINK_CHANNEL },
    { .number = SIM_DEVICE_TURN, .name = "device turns" },
    { .number = SIM_DEVICE_TIMER, .name = "device timer" },
};

const struct sim_actor sim_device_actor = {
    .name = "connection manager", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .take = take,
};
