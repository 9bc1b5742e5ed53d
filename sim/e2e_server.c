/* The server of the applications. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/e2e.h"
#include "sim/e2e_seam.h"

enum { TIRED_MS = 5000, KEYED_MS = 40, TICKET_MS = 3600000, NOBODY = SIM_E2E_UES_MAX };

static unsigned index_of(const struct sim_world *world, const struct sim_e2e_place *place)
{
    return (unsigned)(place - world->e2e->place);
}

static void send(struct sim_world *world, struct sim_e2e_place *place, struct lk_span frame)
{
    unsigned who = index_of(world, place);

    sim_e2e_check_frame(world, who < world->options->ues ? &world->e2e->app[who] : NULL, frame);
    sim_link(world, (struct sim_event){ .kind = SIM_E2E_DOWN, .who = who, .from = who,
                                        .life = place->life }, frame);
}

static void over(struct sim_world *world, struct sim_e2e_place *place, enum lk_reason why)
{
    const uint8_t alert[] = { LK_E2E_ALERT, 0, 1, lk_e2e_code_of(why) };

    if (place->state == SIM_E2E_OVER)
        return;
    place->state = SIM_E2E_OVER;
    place->why = why;
    sim_say(world, "place %u is over: %s", index_of(world, place), lk_reason_row(why)->code);
    if (why != LK_REASON_NONE)
        send(world, place, LK_SPAN(alert));
}

static void say(struct sim_world *world, struct sim_e2e_place *place, enum lk_e2e_type type,
                struct lk_span text)
{
    uint8_t frame[SIM_DATAGRAM_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    enum lk_status status =
        lk_e2e_channel_say(&place->session.channel, &w, type, text, world->now_ms);

    LK_ASSERT(status == LK_OK);
    send(world, place, lk_writer_span(&w));
}

/* ---- tickets ---- */

static struct lk_e2e_holder holder_of(const struct sim_world *world,
                                      const struct sim_e2e_place *place)
{
    const struct lk_e2e_holder holder = {
        .scope = sim_e2e_scope(place->app),
        .identity = lk_span_text(world->e2e->app[place->user].identity),
        .client_key = place->client_key };

    return sim_seam_holder(&holder);
}

static void keys_of_today(struct lk_seal_keys *keys, const struct sim_world *world)
{
    lk_seal_keys_derive(keys, &world->e2e->ticket_key, LK_E2E_TICKET_LABEL,
                        lk_node_day_of(SIM_EPOCH_MS + world->now_ms));
}

static void give_ticket(struct sim_world *world, struct sim_e2e_place *place)
{
    const struct lk_e2e_holder holder = holder_of(world, place);
    const struct lk_e2e_ticket ticket = { place->session.flags & LK_E2E_INPUTS,
                                          place->has_resumption ? place->ticket.expires_ms
                                              : SIM_EPOCH_MS + world->now_ms + TICKET_MS,
                                          place->session.resumption };
    uint8_t sealed[LK_E2E_TICKET_LEN];
    struct lk_seal_keys keys;

    keys_of_today(&keys, world);
    lk_e2e_ticket_seal(sealed, &keys, &holder, &ticket);
    say(world, place, LK_E2E_TICKET, LK_SPAN(sealed));
}

static void open_ticket(struct sim_world *world, struct sim_e2e_place *place,
                        struct lk_span ticket)
{
    const struct lk_e2e_holder holder = holder_of(world, place);
    struct lk_seal_keys keys;

    keys_of_today(&keys, world);
    place->has_resumption =
        lk_e2e_ticket_open(&place->ticket, &keys, &holder, ticket,
                           SIM_EPOCH_MS + world->now_ms) == LK_OK;
}

/* ---- the handshake ---- */

static void step(struct sim_world *world, struct sim_e2e_place *place,
                 struct lk_e2e_server_event *event);

static unsigned user_of(const struct sim_world *world, struct lk_span identity)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        if (lk_span_equal(identity, lk_span_text(world->e2e->app[i].identity)))
            return i;
    return NOBODY;
}

/* Whose it is: the identity, with its client key where one is in it, and its key id. */
static bool meet(struct sim_world *world, struct sim_e2e_place *place,
                 const struct lk_e2e_server_output *item)
{
    const struct sim_e2e_app *user;
    const bool resumed = (item->ask_keys.flags & LK_E2E_RESUMED) != 0;

    place->app = (unsigned)item->ask_keys.app;
    place->flags = item->ask_keys.flags;
    place->client_key = item->ask_keys.client_key;
    place->user = user_of(world, item->ask_keys.who.identity);
    place->has_resumption = false;
    if (place->user == NOBODY)
        return false;
    user = &world->e2e->app[place->user];
    if ((place->flags & LK_E2E_WITH_CLIENT_KEY) != 0 &&
        !lk_same_secret(&place->client_key, &user->own.point, sizeof place->client_key))
        return false;
    if (resumed)
        open_ticket(world, place, item->ask_keys.who.key_id);
    else if ((place->flags & LK_E2E_WITH_N) != 0 &&
             !lk_span_equal(item->ask_keys.who.key_id, lk_span_text(user->key_id)))
        return false;
    return resumed ? place->has_resumption : user->app == place->app;
}

static void answer(struct sim_world *world, struct sim_e2e_place *place, bool known,
                   struct lk_e2e_server_event *event)
{
    memset(event, 0, sizeof *event);
    event->kind = LK_E2E_SERVER_EV_KEYS;
    if (!known) {
        event->kind = LK_E2E_SERVER_EV_NO_KEYS;
        sim_random_fill(&world->random, event->no_keys, sizeof event->no_keys);
    } else if (place->has_resumption) {
        event->keys.resumption = &place->ticket.resumption;
        event->keys.resumed_flags = place->ticket.flags;
    } else {
        event->keys.p = (place->flags & LK_E2E_WITH_P) != 0 ? &world->e2e->app[place->user].p
                                                            : NULL;
        event->keys.n = (place->flags & LK_E2E_WITH_N) != 0 ? &place->n : NULL;
    }
}

/* Whether there is one more step, with event. */
static bool asked(struct sim_world *world, struct sim_e2e_place *place,
                  const struct lk_e2e_server_output *item, struct lk_e2e_server_event *event)
{
    bool known;

    switch (item->kind) {
    case LK_E2E_SERVER_OUT_SEND: send(world, place, item->send); return false;
    case LK_E2E_SERVER_OUT_FAILED: over(world, place, item->failed.reason); return false;
    case LK_E2E_SERVER_OUT_GRANT:
        place->session = item->grant;
        place->state = SIM_E2E_OPEN;
        sim_e2e_check_server_open(world, index_of(world, place));
        give_ticket(world, place);
        return false;
    case LK_E2E_SERVER_OUT_ASK_KEYS:
        known = meet(world, place, item);
        if (known && !place->has_resumption && (place->flags & LK_E2E_WITH_N) != 0) {
            sim_later(world, (struct sim_event){ .kind = SIM_E2E_KEYED,
                                                 .who = index_of(world, place),
                                                 .life = place->life },
                      1 + sim_random_below(&world->random, KEYED_MS), NULL, 0);
            return false;
        }
        answer(world, place, known, event);
        return true;
    case LK_E2E_SERVER_OUT_ASK_DH:
        known = sim_seam_multiply(event->dh,
                                  item->ask_dh.own_static ? world->e2e->server.secret
                                                          : place->ephemeral.secret,
                                  &item->ask_dh.peer,
                                  !item->ask_dh.own_static &&
                                      !lk_same_secret(&item->ask_dh.peer, &place->client_key,
                                                      sizeof item->ask_dh.peer)) == LK_OK;
        event->kind = known ? LK_E2E_SERVER_EV_DH : LK_E2E_SERVER_EV_NO_DH;
        return true;
    }
    return false;
}

static void step(struct sim_world *world, struct sim_e2e_place *place,
                 struct lk_e2e_server_event *event)
{
    enum lk_status status;

    do {
        event->now_ms = world->now_ms;
        status = sim_seam_server(world, place, event);
    } while (status == LK_OK && place->out.count > 0 &&
             asked(world, place, &place->out.item[0], event));
    if (status != LK_OK)
        over(world, place, lk_e2e_reason_of(status));
}

/* ---- the session ---- */

static void on_record(struct sim_world *world, struct sim_e2e_place *place,
                      const struct lk_e2e_frame *frame)
{
    uint8_t text[LK_E2E_BODY_MAX];
    size_t len = 0;
    enum lk_status status = lk_e2e_channel_take(&place->session.channel, text, &len, frame);

    if (status != LK_OK)
        over(world, place, lk_e2e_reason_of(status));
    else if (frame->type == LK_E2E_CLOSE)
        over(world, place, LK_REASON_NONE);
    else
        say(world, place, LK_E2E_DATA, lk_span_of(text, len));
}

static void hear(struct sim_world *world, struct sim_e2e_place *place, struct lk_span octets)
{
    struct lk_e2e_server_event event = { .kind = LK_E2E_SERVER_EV_RECEIVED };
    struct lk_e2e_frame frame;
    enum lk_status status;

    if (place->state == SIM_E2E_SHAKING) {
        if (place->server.state == LK_E2E_SERVER_IDLE)
            sim_seam_draw(world, &place->ephemeral, true);
        event.received.frame = octets;
        event.received.e = place->ephemeral.point;
        step(world, place, &event);
        return;
    }
    if (place->state != SIM_E2E_OPEN)
        return;
    status = lk_e2e_frame_decode(&frame, octets);
    if (status == LK_OK && frame.type >= LK_E2E_FINISH && frame.type <= LK_E2E_CLOSE)
        on_record(world, place, &frame);
    else if (status == LK_OK && frame.type == LK_E2E_ALERT)
        over(world, place, LK_REASON_NONE);
    else
        over(world, place, lk_e2e_reason_of(status == LK_OK ? LK_E_UNEXPECTED : status));
}

static void on_keyed(struct sim_world *world, struct sim_e2e_place *place)
{
    struct lk_e2e_server_event event;

    if (place->state != SIM_E2E_SHAKING || place->server.state != LK_E2E_SERVER_AWAIT_KEYS)
        return;
    sim_e2e_server_n(&place->n, world, index_of(world, place), place->user);
    answer(world, place, true, &event);
    step(world, place, &event);
}

void sim_e2e_place_start(struct sim_world *world, unsigned index)
{
    struct sim_e2e_place *place = &world->e2e->place[index];
    struct sim_e2e_path *path = &world->e2e->path[index];
    const struct sim_e2e_octets before = path->hello;

    lk_wipe(&place->session, sizeof place->session);
    place->life = index < world->options->ues ? world->e2e->app[index].life : place->life + 1;
    place->state = SIM_E2E_SHAKING;
    place->why = LK_REASON_NONE;
    place->user = NOBODY;
    lk_wipe(&place->client_key, sizeof place->client_key);
    lk_e2e_server_init(&place->server);
    memset(path, 0, sizeof *path);
    path->old_hello = before;
    path->server_life = world->e2e->server_life;
    sim_later(world, (struct sim_event){ .kind = SIM_E2E_SERVER_TIRED, .who = index,
                                         .life = place->life }, TIRED_MS, NULL, 0);
}

static void restart(struct sim_world *world)
{
    struct sim_e2e *e2e = world->e2e;

    world->report->restarts++;
    e2e->server_life++;
    sim_random_fill(&world->random, e2e->ticket_key.octets, sizeof e2e->ticket_key.octets);
    for (unsigned i = 0; i < world->options->ues + SIM_E2E_OWN; i++)
        over(world, &e2e->place[i], LK_REASON_NONE);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_e2e_place *place = &world->e2e->place[event->who];

    if (event->kind == SIM_E2E_RESTART) {
        restart(world);
        return;
    }
    if (event->life != place->life)
        return;
    if (event->kind == SIM_E2E_KEYED)
        on_keyed(world, place);
    else if (event->kind == SIM_E2E_SERVER_TIRED)
        over(world, place, LK_REASON_NONE);
    else
        hear(world, place, lk_span_of(event->octets, event->len));
}

static void make(struct sim_world *world, unsigned index)
{
    (void)index;
    sim_random_fill(&world->random, world->e2e->ticket_key.octets,
                    sizeof world->e2e->ticket_key.octets);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_E2E_AT_SERVER, .name = "server hears", .link = SIM_LINK_CHANNEL,
      .leg = sim_e2e_leg },
    { .number = SIM_E2E_KEYED, .name = "N has come" },
    { .number = SIM_E2E_SERVER_TIRED, .name = "server has waited" },
    { .number = SIM_E2E_RESTART, .name = "server restarts" },
};

const struct sim_actor sim_e2e_server_actor = {
    .name = "server", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_E2E_RESTART }, .make = make, .take = take,
};
