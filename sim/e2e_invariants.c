/* What must hold between applications, their server and the curious operator. */
#include <string.h>

#include "base/secret.h"
#include "sim/e2e.h"

enum { NAME_EXPORTER = 1, READ = 400 /* of a thousand sessions: each costs some 20 products */ };

/* ---- frames ---- */

static bool shows(struct lk_span frame, struct lk_span what)
{
    return what.len > 0 && memmem(frame.at, frame.len, what.at, what.len) != NULL;
}

void sim_e2e_check_frame(struct sim_world *world, const struct sim_e2e_app *app,
                         struct lk_span frame)
{
    if (app == NULL)
        return;
    if (shows(frame, lk_span_text(app->identity)) || shows(frame, lk_span_text(app->key_id)) ||
        shows(frame, LK_SPAN(app->n.octets)) ||
        shows(frame, lk_span_of(app->p.octets, app->p.len)) ||
        shows(frame, LK_SPAN(app->session.exporter.octets)) ||
        shows(frame, lk_span_text("data of app")))
        sim_break(world, "nothing-clear", "a frame of app %u shows what it should not",
                  app->index);
}

/* ---- sessions ---- */

static void check_fresh(struct sim_world *world, const struct sim_e2e_app *app)
{
    const struct sim_name name = sim_name_of(NAME_EXPORTER, app->session.exporter.octets,
                                             sizeof app->session.exporter.octets);
    bool fresh;

    (void)sim_ledger_at(&world->ledger, name, &fresh);
    if (!fresh)
        sim_break(world, "keys-distinct", "the exporter of app %u was there before", app->index);
}

void sim_e2e_check_app_open(struct sim_world *world, struct sim_e2e_app *app)
{
    const struct sim_e2e_path *path = &world->e2e->path[app->index];

    check_fresh(world, app);
    if (path->shaken)
        sim_break(world, "noticed", "app %u has a session that the operator was in, act %d",
                  app->index, (int)path->act);
}

/* What each application requires, once more. */
static bool is_enough(unsigned app, uint8_t flags)
{
    static const uint8_t all[SIM_E2E_APPS] = { 0, LK_E2E_WITH_N | LK_E2E_WITH_P,
                                               LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY };

    return (all[app] & ~flags) == 0 &&
           (app != 0 || (flags & (LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY)) != 0);
}

void sim_e2e_check_server_open(struct sim_world *world, unsigned index)
{
    const struct sim_e2e_place *place = &world->e2e->place[index];
    const struct sim_e2e_path *path = &world->e2e->path[index];
    const struct sim_e2e_app *app =
        index < world->options->ues ? &world->e2e->app[index] : NULL;

    if (app != NULL && app->stolen) {
        sim_break(world, "ticket-of-one", "app %u came with the ticket of another", index);
        return;
    }
    if (!is_enough(place->app, place->session.flags)) {
        sim_break(world, "policy-held", "a session of %s has flags %u only",
                  sim_e2e_scope(place->app).app.at, place->session.flags);
        return;
    }
    if (app == NULL || !app->opened || place->user != index) {
        sim_break(world, "proven-first", "place %u has a session, and no application has it",
                  index);
        return;
    }
    if (path->shaken)
        sim_break(world, "noticed", "place %u has a session that the operator was in", index);
    if (!lk_same_secret(&app->session.exporter, &place->session.exporter,
                        sizeof place->session.exporter))
        sim_break(world, "keys-equal", "app %u and its server have different exporters", index);
    world->report->count[SIM_E2E_OPENED]++;
    world->report->count[SIM_E2E_RESUMED] += place->has_resumption;
}

/* ---- behind a connection ---- */

static void check_touched(struct sim_world *world, const struct sim_e2e_app *app,
                          const struct sim_e2e_place *place, const struct sim_e2e_path *path)
{
    if (!path->shaken) {
        if (app->why == LK_REASON_NONE && place->why == LK_REASON_NONE)
            sim_break(world, "noticed", "records of app %u were touched, and nobody saw, act %d",
                      app->index, (int)path->act);
        world->report->count[SIM_E2E_CUT]++;
        return;
    }
    if (app->why == LK_REASON_NONE || place->why == LK_REASON_NONE || app->why != place->why)
        sim_break(world, "same-reason", "app %u says %s, its server %s, act %d", app->index,
                  lk_reason_row(app->why)->code, lk_reason_row(place->why)->code,
                  (int)path->act);
    world->report->count[SIM_E2E_NOTICED]++;
}

/* T60, T62: with all that lasts, from either end; and with an ephemeral key, as the control. */
static void check_reading(struct sim_world *world, const struct sim_e2e_app *app)
{
    const struct sim_e2e_path *path = &world->e2e->path[app->index];

    if (path->finish.len == 0 || path->reply.len == 0 ||
        !sim_random_chance(&world->random, READ))
        return;
    world->report->count[SIM_E2E_TRIED]++;
    if (sim_e2e_reads(world, app->index, SIM_E2E_S | SIM_E2E_C))
        sim_break(world, "reads-nothing", "the session of app %u opens without an ephemeral key",
                  app->index);
    else if (!sim_e2e_reads(world, app->index, SIM_E2E_E | SIM_E2E_C))
        sim_break(world, "reader-reads", "the session of app %u does not open with its own keys",
                  app->index);
}

void sim_e2e_check_over(struct sim_world *world, unsigned ue)
{
    const struct sim_e2e_app *app = &world->e2e->app[ue];
    const struct sim_e2e_place *place = &world->e2e->place[ue];
    const struct sim_e2e_path *path = &world->e2e->path[ue];

    if (path->server_life != world->e2e->server_life)
        return; /* it died meanwhile */
    if (path->touched)
        check_touched(world, app, place, path);
    if (app->opened && !path->shaken)
        check_reading(world, app);
}

void sim_check_e2e_event(struct sim_world *world)
{
    (void)world;
}

void sim_check_e2e_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        if (world->report->broken == NULL && world->e2e->app[i].life > 0)
            sim_e2e_check_over(world, i);
        if (!world->e2e->app[i].was_open)
            sim_break(world, "live", "app %u had no session since the faults ended", i);
    }
}
