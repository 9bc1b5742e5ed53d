/* Planted bugs of end-to-end keys: see plants.h. */
#include "sim/plants_e2e.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "sim/plants.h"

const struct sim_plant sim_plants_e2e[] = {
    { "ephemeral-repeats", "keys-distinct" },
    { "app-derives-otherwise", "keys-equal" },
    { "anybody-is-application", "proven-first" },
    { "altered-is-taken", "noticed" },
    { "tells-something-else", "same-reason" },
    { "dh-is-left-out", "reads-nothing" },
    { "reader-is-blind", "reader-reads" },
    { "policy-is-forgotten", "policy-held" },
    { "ticket-of-anybody", "ticket-of-one" },
    { "identity-in-clear", "nothing-clear" },
    { "server-deaf-after-restart", "live" },
    { NULL, NULL },
};

void sim_plant_e2e_start(struct sim_world *world)
{
    for (unsigned i = 0; sim_planted("policy-is-forgotten") && i < SIM_E2E_APPS; i++) {
        world->e2e->apps[i].require = 0;
        world->e2e->apps[i].own = false;
    }
}

/* It takes what the server said, whatever came. */
void sim_plant_app_before(struct sim_world *world, const struct sim_e2e_app *app,
                          struct lk_e2e_ue_event *event)
{
    const struct sim_e2e_path *path = &world->e2e->path[app->index];

    if (sim_planted("altered-is-taken") && event->kind == LK_E2E_UE_EV_RECEIVED &&
        path->reply.len > 0 && event->received.at[0] == LK_E2E_REPLY)
        event->received = sim_e2e_span(&path->reply);
}

static void speak_clear(struct sim_e2e_app *app, const struct lk_e2e_ue_output *item)
{
    size_t at = (size_t)(item->send.at - app->out.octets);

    if (item->send.len > sizeof app->identity)
        memcpy(app->out.octets + at + item->send.len - sizeof app->identity, app->identity,
               sizeof app->identity);
}

void sim_plant_app(struct sim_e2e_app *app)
{
    for (size_t i = 0; i < app->out.count; i++) {
        struct lk_e2e_ue_output *item = &app->out.item[i];

        if (sim_planted("identity-in-clear") && item->kind == LK_E2E_UE_OUT_SEND)
            speak_clear(app, item);
        if (sim_planted("app-derives-otherwise") && item->kind == LK_E2E_UE_OUT_GRANT)
            item->grant.exporter.octets[0] ^= 1;
        if (sim_planted("tells-something-else") && item->kind == LK_E2E_UE_OUT_FAILED)
            item->failed.reason = LK_REASON_E2E_SERVER;
    }
}

bool sim_plant_server_before(struct sim_world *world, const struct sim_e2e_place *place,
                             struct lk_e2e_server_event *event)
{
    const struct sim_e2e_path *path = &world->e2e->path[place - world->e2e->place];

    if (event->kind != LK_E2E_SERVER_EV_RECEIVED)
        return false;
    if (sim_planted("altered-is-taken") && path->hello.len > 0 &&
        event->received.frame.at[0] == LK_E2E_HELLO)
        event->received.frame = sim_e2e_span(&path->hello);
    return sim_planted("server-deaf-after-restart") && world->e2e->server_life > 0 &&
           path->act == SIM_E2E_PASSES;
}

/* Whoever says FINISH is in. */
void sim_plant_server(struct sim_e2e_place *place)
{
    struct lk_e2e_server_output *item = &place->out.item[0];

    if (!sim_planted("anybody-is-application") || place->out.count == 0 ||
        item->kind != LK_E2E_SERVER_OUT_FAILED ||
        item->failed.reason != LK_REASON_E2E_UNPROVEN || place->user == SIM_E2E_UES_MAX)
        return;
    memset(item, 0, sizeof *item);
    item->kind = LK_E2E_SERVER_OUT_GRANT;
    item->grant.flags = LK_E2E_INPUTS;
}

void sim_plant_draw(struct sim_e2e_pair *pair, bool of_server)
{
    if (!sim_planted("ephemeral-repeats"))
        return;
    for (size_t i = 0; i < sizeof pair->secret; i++)
        pair->secret[i] = of_server ? 3 : 5;
    lk_x25519_public(pair->point.octets, pair->secret);
}

void sim_plant_multiply(uint8_t shared[32], bool ephemerals)
{
    if (sim_planted("dh-is-left-out") && ephemerals)
        memset(shared, 0, 32);
}

void sim_plant_holder(struct lk_e2e_holder *holder)
{
    if (!sim_planted("ticket-of-anybody"))
        return;
    holder->scope = sim_e2e_scope(0);
    holder->identity = lk_span_of(NULL, 0);
    lk_wipe(&holder->client_key, sizeof holder->client_key);
}

bool sim_plant_reads(void)
{
    return sim_planted("reader-is-blind");
}
