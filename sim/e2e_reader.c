/* Reading what was recorded, with given secrets: as in tests/flow/e2e_claims_test.c, on sessions of
 * the world. What cannot be multiplied is guessed at, as a careless end might take it. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "sim/e2e.h"
#include "sim/e2e_seam.h"

enum { GUESSES = 3 };

/* One attempt. */
struct reader {
    const struct sim_e2e *e2e;
    const struct sim_e2e_app *app;
    const struct sim_e2e_place *place;
    unsigned secrets, guess;
    struct lk_e2e_psk psk;
};

static const uint8_t *private_of(const struct reader *r, const struct lk_noise_point *point)
{
    const struct {
        const struct sim_e2e_pair *pair;
        unsigned in;
    } known[] = {
        { &r->e2e->server, SIM_E2E_S }, { &r->app->own, SIM_E2E_C },
        { &r->app->ephemeral, SIM_E2E_E }, { &r->place->ephemeral, SIM_E2E_F },
        { &r->e2e->own, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(known); i++)
        if ((known[i].in & ~r->secrets) == 0 &&
            lk_same_secret(&known[i].pair->point, point, sizeof *point))
            return known[i].pair->secret;
    return NULL;
}

static void product(uint8_t shared[32], const struct reader *r, const struct lk_noise_point *a,
                    const struct lk_noise_point *b)
{
    const uint8_t *key = private_of(r, a);
    const struct lk_noise_point *with = b;

    if (key == NULL) {
        key = private_of(r, b);
        with = a;
    }
    memset(shared, 0, 32);
    if (key != NULL)
        (void)(lk_x25519_shared(shared, key, with->octets) == LK_OK);
    else if (r->guess > 0)
        memcpy(shared, r->guess == 1 ? a->octets : b->octets, 32);
}

static enum lk_status go(const struct reader *r, struct lk_noise *noise)
{
    enum lk_noise_need need;
    enum lk_status status;
    uint8_t shared[32];

    while ((status = lk_e2e_noise_go(noise, &need, &r->psk)) == LK_OK && need == LK_NOISE_DH) {
        product(shared, r, noise->ask.own_static ? &noise->s : &noise->e, &noise->ask.peer);
        lk_noise_dh(noise, shared);
    }
    return status;
}

static struct lk_span body_of(const struct sim_e2e_octets *frame)
{
    return lk_span_of(frame->at + LK_E2E_HEADER, frame->len - LK_E2E_HEADER);
}

static bool opens(const struct reader *r, const struct sim_e2e_path *path)
{
    const struct lk_e2e_scope scope = sim_e2e_scope(r->app->app);
    struct lk_e2e_frame finish;
    struct lk_e2e_session session;
    struct lk_e2e_hello hello;
    struct lk_noise noise;
    uint8_t nothing[1];
    size_t len;

    if (lk_e2e_hello_decode(&hello, body_of(&path->hello)) != LK_OK ||
        lk_e2e_frame_decode(&finish, sim_e2e_span(&path->finish)) != LK_OK)
        return false;
    lk_e2e_noise_start(&noise, false, &hello, &r->place->ephemeral.point, &r->e2e->server.point,
                       NULL);
    if (lk_noise_take(&noise, hello.message) != LK_OK || go(r, &noise) != LK_OK ||
        lk_noise_say(&noise, lk_span_of(NULL, 0)) != LK_OK || go(r, &noise) != LK_OK ||
        !lk_span_equal(lk_span_of(noise.out.octets, noise.out.len), body_of(&path->reply)))
        return false;
    lk_e2e_session_of(&session, &noise, &scope, hello.flags, false, 0);
    return lk_e2e_channel_take(&session.channel, nothing, &len, &finish) == LK_OK;
}

bool sim_e2e_reads(struct sim_world *world, unsigned ue, unsigned secrets)
{
    const struct sim_e2e_app *app = &world->e2e->app[ue];
    struct reader r = { .e2e = world->e2e, .app = app, .place = &world->e2e->place[ue],
                        .secrets = secrets };
    const struct lk_e2e_scope scope = sim_e2e_scope(app->app);
    const uint8_t flags = app->offered;
    bool resumed = (flags & LK_E2E_RESUMED) != 0, opened = false;

    lk_e2e_psk_combine(&r.psk, &scope,
                       !resumed && (flags & LK_E2E_WITH_P) != 0 ? &app->p : NULL,
                       !resumed && (flags & LK_E2E_WITH_N) != 0 ? &app->n : NULL,
                       resumed ? &app->used : NULL);
    for (; r.guess < GUESSES && !opened; r.guess++)
        opened = opens(&r, &world->e2e->path[ue]);
    return sim_seam_reads(opened);
}
