/* The world of end-to-end keys: its row, and what its actors share. */
#include "sim/e2e.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sim/e2e_seam.h"

static const char *const app_names[SIM_E2E_APPS] = { "notes", "chat", "safe" };

unsigned sim_e2e_own(const struct sim_world *world, enum sim_e2e_own word)
{
    return world->options->own[word];
}

void sim_e2e_draw(struct sim_world *world, struct sim_e2e_pair *pair)
{
    sim_random_fill(&world->random, pair->secret, sizeof pair->secret);
    lk_x25519_public(pair->point.octets, pair->secret);
}

struct lk_e2e_scope sim_e2e_scope(unsigned app)
{
    return (struct lk_e2e_scope){ lk_span_text(SIM_E2E_FQDN), lk_span_text(app_names[app]) };
}

struct lk_span sim_e2e_span(const struct sim_e2e_octets *octets)
{
    return lk_span_of(octets->at, octets->len);
}

void sim_e2e_keep(struct sim_e2e_octets *octets, struct lk_span span)
{
    LK_ASSERT(span.len <= sizeof octets->at);
    memcpy(octets->at, span.at, span.len);
    octets->len = span.len;
}

struct sim_leg sim_e2e_leg(struct sim_world *world, const struct sim_event *event,
                           struct lk_span octets)
{
    const bool up = event->kind == SIM_E2E_UP || event->kind == SIM_E2E_AT_SERVER;
    struct sim_leg leg = { .delay_ms = world->options->delay_ms / 8 };

    (void)octets;
    if (event->who < world->options->ues)
        leg.last_ms = up ? &world->e2e->app[event->who].up_ms
                         : &world->e2e->app[event->who].down_ms;
    return leg;
}

static void make(struct sim_world *world)
{
    struct sim_e2e *e2e = calloc(1, sizeof *e2e);
    unsigned places = world->options->ues + SIM_E2E_OWN;

    LK_ASSERT(e2e != NULL);
    world->e2e = e2e;
    e2e->app = calloc(world->options->ues, sizeof *e2e->app);
    e2e->place = calloc(places, sizeof *e2e->place);
    e2e->path = calloc(places, sizeof *e2e->path);
    LK_ASSERT(e2e->app != NULL && e2e->place != NULL && e2e->path != NULL);
    for (unsigned i = 0; i < SIM_E2E_APPS; i++)
        e2e->apps[i].name = sim_e2e_scope(i).app;
    e2e->apps[0].own = true;
    e2e->apps[1].require = LK_E2E_WITH_N | LK_E2E_WITH_P;
    e2e->apps[2].require = LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY;
    sim_e2e_draw(world, &e2e->server);
    e2e->server_config = (struct lk_e2e_server_config){
        .fqdn = lk_span_text(SIM_E2E_FQDN), .key = e2e->server.point, .apps = e2e->apps,
        .app_count = SIM_E2E_APPS };
    sim_e2e_seam_start(world);
}

static void unmake(struct sim_world *world)
{
    free(world->e2e->app);
    free(world->e2e->place);
    free(world->e2e->path);
    free(world->e2e);
}

static void calm(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        world->e2e->app[i].was_open = false;
}

static const struct lk_sim_word words[] = {
    [SIM_E2E_ACTIVE] = { "active", 1000, 400,
                         "of a thousand connections: the operator does more than to pass on" },
    [SIM_E2E_PAUSE_MS] = { "pause-ms", 1000000, 4000, "mean time between sessions" },
    [SIM_E2E_SAYS] = { "says", 1000, 4, "records of data in a session, each way" },
};

static const char *const counts[SIM_E2E_COUNTS] = {
    [SIM_E2E_OPENED] = "opened",   [SIM_E2E_RESUMED] = "resumed", [SIM_E2E_RECORDS] = "records",
    [SIM_E2E_ACTS] = "acts",       [SIM_E2E_CALLS] = "calls",     [SIM_E2E_NOTICED] = "noticed",
    [SIM_E2E_CUT] = "cut",         [SIM_E2E_POOR] = "poor",       [SIM_E2E_THEFTS] = "thefts",
    [SIM_E2E_TRIED] = "tried",
};

static const struct lk_sim_invariant invariants[] = {
    { 4, "keys-distinct", "no two sessions have one exporter, of whatever application" },
    { 5, "proven-first", "the server has a session only with the application that has it, too" },
    { 24, "nothing-clear", "no frame shows who it is of, a secret, or what is said" },
    { 25, "live", "once faults stop, every application gets a session" },
    { 0, "keys-equal", "both ends of a session have one exporter" },
    { 0, "reads-nothing", "the operator, with all its keys and later all that lasts, opens "
                          "nothing that it recorded (T60, T62)" },
    { 0, "reader-reads", "... and does so by the same way with an ephemeral key: the control" },
    { 0, "noticed", "whatever the operator touches in a handshake opens no session (T61)" },
    { 0, "same-reason", "both ends give up with one reason (T61)" },
    { 0, "policy-held", "no session has less than its application requires (T61)" },
    { 0, "ticket-of-one", "a ticket is nothing to another application or identity (T63)" },
};

static const struct sim_actor *const actors[] = {
    &sim_e2e_app_actor, &sim_e2e_server_actor, &sim_e2e_operator_actor,
};

const struct lk_sim_row sim_e2e_row = {
    .name = "e2e",
    .help = "applications, their server, and a curious operator in the path",
    .ues_max = SIM_E2E_UES_MAX,
    .words = words,
    .word_count = LK_COUNT_OF(words),
    .counts = counts,
    .count_count = LK_COUNT_OF(counts),
    .main_count = SIM_E2E_OPENED,
    .invariants = invariants,
    .invariant_count = LK_COUNT_OF(invariants),
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = make,
    .unmake = unmake,
    .calm = calm,
    .check = sim_check_e2e_event,
    .check_end = sim_check_e2e_end,
};
