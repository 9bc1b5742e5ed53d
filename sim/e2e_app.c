/* An application: one session after the other with its server. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "sim/e2e.h"
#include "sim/e2e_seam.h"

enum {
    TIRED_MS = 4000,
    LAST_WORDS_MS = 100,
    CALM_MS = 40000, /* after the faults: then nobody begins anything any more */
    POOR = 60, RESUMES = 400, STEALS = 60, /* of a thousand */
};

static void again(struct sim_world *world, const struct sim_e2e_app *app)
{
    /* Its last words are with the server by then. */
    uint64_t pause_ms = LAST_WORDS_MS + world->options->delay_ms +
                        sim_random_below(&world->random,
                                         2 * sim_e2e_own(world, SIM_E2E_PAUSE_MS) + 1);

    if (world->now_ms + pause_ms < world->heal_ms + CALM_MS)
        sim_later(world, (struct sim_event){ .kind = SIM_E2E_START, .who = app->index,
                                             .life = app->life }, pause_ms, NULL, 0);
}

static void send(struct sim_world *world, struct sim_e2e_app *app, struct lk_span frame)
{
    sim_e2e_check_frame(world, app, frame);
    sim_link(world, (struct sim_event){ .kind = SIM_E2E_UP, .who = app->index,
                                        .from = app->index, .life = app->life }, frame);
}

static void over(struct sim_world *world, struct sim_e2e_app *app, enum lk_reason why)
{
    const uint8_t alert[] = { LK_E2E_ALERT, 0, 1, lk_e2e_code_of(why) };

    if (app->state == SIM_E2E_OVER)
        return;
    if ((app->offered & LK_E2E_RESUMED) != 0 && !app->stolen && !app->opened)
        app->saved.is = false; /* the next time without it */
    app->state = SIM_E2E_OVER;
    app->why = why;
    if (why != LK_REASON_NONE)
        send(world, app, LK_SPAN(alert));
    sim_say(world, "app %u is over: %s", app->index, lk_reason_row(why)->code);
    again(world, app);
}

static void say(struct sim_world *world, struct sim_e2e_app *app, enum lk_e2e_type type,
                const char *text)
{
    uint8_t frame[SIM_DATAGRAM_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    enum lk_status status = lk_e2e_channel_say(&app->session.channel, &w, type,
                                               lk_span_text(text), world->now_ms);

    LK_ASSERT(status == LK_OK);
    send(world, app, lk_writer_span(&w));
}

static void say_data(struct sim_world *world, struct sim_e2e_app *app)
{
    char text[SIM_E2E_TEXT];

    (void)snprintf(text, sizeof text, "data of app %04u", app->index);
    say(world, app, LK_E2E_DATA, text);
    app->said++;
}

/* ---- the handshake ---- */

static void granted(struct sim_world *world, struct sim_e2e_app *app,
                    const struct lk_e2e_session *session)
{
    app->session = *session;
    app->state = SIM_E2E_OPEN;
    app->opened = true;
    sim_e2e_check_app_open(world, app);
    say_data(world, app);
}

static void step(struct sim_world *world, struct sim_e2e_app *app, struct lk_e2e_ue_event *event)
{
    const struct lk_e2e_ue_output *item;
    enum lk_status status;

    for (;;) {
        event->now_ms = world->now_ms;
        status = sim_seam_app(world, app, event);
        if (status != LK_OK) {
            over(world, app, lk_e2e_reason_of(status));
            return;
        }
        if ((item = lk_e2e_ue_outbox_find(&app->out, LK_E2E_UE_OUT_SEND)) != NULL)
            send(world, app, item->send);
        if ((item = lk_e2e_ue_outbox_find(&app->out, LK_E2E_UE_OUT_GRANT)) != NULL)
            granted(world, app, &item->grant);
        if ((item = lk_e2e_ue_outbox_find(&app->out, LK_E2E_UE_OUT_FAILED)) != NULL)
            over(world, app, item->failed.reason);
        if ((item = lk_e2e_ue_outbox_find(&app->out, LK_E2E_UE_OUT_ASK_DH)) == NULL)
            return;
        status = sim_seam_multiply(event->dh,
                                   item->ask_dh.own_static ? app->own.secret
                                                           : app->ephemeral.secret,
                                   &item->ask_dh.peer,
                                   !item->ask_dh.own_static &&
                                       !lk_same_secret(&item->ask_dh.peer, &app->config.server,
                                                       sizeof item->ask_dh.peer));
        event->kind = status == LK_OK ? LK_E2E_UE_EV_DH : LK_E2E_UE_EV_NO_DH;
    }
}

/* Less than its application requires: nothing of its own, or not all. */
static uint8_t poor_offer(const struct sim_e2e_app *app)
{
    return app->app == 0 ? app->flags & LK_E2E_WITH_N
                         : app->flags & (uint8_t)~LK_E2E_WITH_P;
}

static const struct sim_e2e_saved *pick_ticket(struct sim_world *world, struct sim_e2e_app *app)
{
    const struct sim_e2e_app *other =
        &world->e2e->app[sim_random_below(&world->random, world->options->ues)];

    if (world->faults && other != app && other->saved.is &&
        sim_random_chance(&world->random, STEALS)) {
        app->stolen = true;
        world->report->count[SIM_E2E_THEFTS]++;
        return &other->saved;
    }
    return app->saved.is && sim_random_chance(&world->random, RESUMES) ? &app->saved : NULL;
}

static void offer(struct sim_world *world, struct sim_e2e_app *app, struct lk_e2e_ue_event *event)
{
    const struct sim_e2e_saved *ticket = pick_ticket(world, app);

    event->start.who.identity = lk_span_text(app->identity);
    if (ticket != NULL) {
        app->used = ticket->resumption;
        app->offered = ticket->flags | LK_E2E_RESUMED;
        event->start.who.kind = LK_E2E_BY_TICKET;
        event->start.who.key_id = LK_SPAN(ticket->ticket);
        event->start.resumption = &app->used;
        event->start.resumed_flags = ticket->flags;
        return;
    }
    app->poor = world->faults && sim_random_chance(&world->random, POOR);
    app->offered = app->poor ? poor_offer(app) : app->flags;
    world->report->count[SIM_E2E_POOR] += app->poor;
    event->start.p = (app->offered & LK_E2E_WITH_P) != 0 ? &app->p : NULL;
    if ((app->offered & LK_E2E_WITH_N) != 0) {
        event->start.n = &app->n;
        event->start.who.kind = LK_E2E_B_TID;
        event->start.who.key_id = lk_span_text(app->key_id);
    }
}

static void start(struct sim_world *world, struct sim_e2e_app *app)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_START };

    if (app->life > 0)
        sim_e2e_check_over(world, app->index);
    app->life++;
    app->state = SIM_E2E_SHAKING;
    app->why = LK_REASON_NONE;
    app->said = app->heard = 0;
    app->opened = app->poor = app->stolen = false;
    sim_e2e_place_start(world, app->index);
    lk_e2e_ue_init(&app->ue);
    sim_seam_draw(world, &app->ephemeral, false);
    offer(world, app, &event);
    event.start.e = app->ephemeral.point;
    app->config.client_key =
        (app->offered & LK_E2E_WITH_CLIENT_KEY) != 0 ? &app->own.point : NULL;
    sim_later(world, (struct sim_event){ .kind = SIM_E2E_APP_TIRED, .who = app->index,
                                         .life = app->life }, TIRED_MS, NULL, 0);
    step(world, app, &event);
}

/* ---- the session ---- */

static void on_data(struct sim_world *world, struct sim_e2e_app *app)
{
    world->report->count[SIM_E2E_RECORDS]++;
    if (++app->heard < sim_e2e_own(world, SIM_E2E_SAYS)) {
        say_data(world, app);
        return;
    }
    app->was_open = true;
    say(world, app, LK_E2E_CLOSE, "");
    over(world, app, LK_REASON_NONE);
}

static void on_record(struct sim_world *world, struct sim_e2e_app *app,
                      const struct lk_e2e_frame *frame)
{
    uint8_t text[LK_E2E_BODY_MAX];
    size_t len = 0;
    enum lk_status status = lk_e2e_channel_take(&app->session.channel, text, &len, frame);

    if (status != LK_OK) {
        over(world, app, lk_e2e_reason_of(status));
    } else if (frame->type == LK_E2E_TICKET && len == LK_E2E_TICKET_LEN) {
        app->saved.is = true;
        memcpy(app->saved.ticket, text, len);
        app->saved.flags = app->session.flags & LK_E2E_INPUTS;
        app->saved.resumption = app->session.resumption;
    } else if (frame->type == LK_E2E_DATA) {
        on_data(world, app);
    }
}

static void hear(struct sim_world *world, struct sim_e2e_app *app, struct lk_span octets)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_RECEIVED, .received = octets };
    struct lk_e2e_frame frame;
    enum lk_status status;

    if (app->state == SIM_E2E_SHAKING) {
        step(world, app, &event);
        return;
    }
    if (app->state != SIM_E2E_OPEN)
        return;
    status = lk_e2e_frame_decode(&frame, octets);
    if (status == LK_OK && frame.type >= LK_E2E_FINISH && frame.type <= LK_E2E_CLOSE)
        on_record(world, app, &frame);
    else if (status == LK_OK && frame.type == LK_E2E_ALERT)
        over(world, app, LK_REASON_NONE); /* the server has hung up */
    else
        over(world, app, lk_e2e_reason_of(status == LK_OK ? LK_E_UNEXPECTED : status));
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_e2e_app *app = &world->e2e->app[event->who];

    if (event->life != app->life)
        return;
    if (event->kind == SIM_E2E_START)
        start(world, app);
    else if (event->kind == SIM_E2E_APP_TIRED)
        over(world, app, LK_REASON_NONE);
    else
        hear(world, app, lk_span_of(event->octets, event->len));
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_e2e_app *app = &world->e2e->app[index];

    app->index = index;
    app->app = index % SIM_E2E_APPS;
    app->flags = app->app == 0   ? (index % 2 == 0 ? LK_E2E_WITH_P : LK_E2E_WITH_CLIENT_KEY)
                 : app->app == 1 ? LK_E2E_WITH_N | LK_E2E_WITH_P
                                 : LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY;
    if (sim_random_chance(&world->random, 500))
        app->flags |= LK_E2E_WITH_N;
    (void)snprintf(app->identity, sizeof app->identity, "user-%04u@maker", index);
    (void)snprintf(app->key_id, sizeof app->key_id, "btid-%04u@bsf", index);
    app->p.len = 32;
    sim_random_fill(&world->random, app->p.octets, app->p.len);
    sim_random_fill(&world->random, app->n.octets, sizeof app->n.octets);
    sim_e2e_draw(world, &app->own);
    app->config = (struct lk_e2e_ue_config){ .scope = sim_e2e_scope(app->app),
                                             .server = world->e2e->server.point };
    sim_later(world, (struct sim_event){ .kind = SIM_E2E_START, .who = index },
              sim_random_below(&world->random, 1000), NULL, 0);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_E2E_START, .name = "wants a session" },
    { .number = SIM_E2E_AT_APP, .name = "hears", .link = SIM_LINK_CHANNEL, .leg = sim_e2e_leg },
    { .number = SIM_E2E_APP_TIRED, .name = "has waited" },
};

const struct sim_actor sim_e2e_app_actor = {
    .name = "app", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds), .make = make, .take = take,
};
