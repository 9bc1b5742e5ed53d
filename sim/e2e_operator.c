/* The curious operator. It has every octet in its hands, N of every application, and knows who has
 * which identity; it has neither the server's key, nor P, nor an application's key. */
#include <string.h>

#include "crypto/crypto.h"
#include "sim/e2e.h"

enum {
    CURIOUS_MS = 1500,  /* mean time between calls of its own */
    FLAGS_AT = LK_E2E_HEADER + 1, POINT = 32,
    ALTERS_WITHIN = 8,  /* frames of a connection */
};

/* ---- passing on ---- */

static void pass(struct sim_world *world, unsigned kind, const struct sim_event *event,
                 struct lk_span frame)
{
    if (kind == SIM_E2E_AT_APP && event->who >= world->options->ues)
        return;
    sim_link(world, (struct sim_event){ .kind = kind, .who = event->who, .from = event->who,
                                        .life = event->life }, frame);
}

static void touch(struct sim_e2e_path *path, enum lk_e2e_type type)
{
    path->touched = true;
    if (type == LK_E2E_HELLO || type == LK_E2E_REPLY)
        path->shaken = true;
}

/* ---- with keys of its own ---- */

/* What it cannot multiply, it leaves as zeroes. */
static enum lk_status go(struct sim_world *world, struct lk_noise *noise,
                         const struct lk_e2e_psk *psk)
{
    const struct sim_e2e_pair *own = &world->e2e->own;
    enum lk_noise_need need;
    enum lk_status status;

    while ((status = lk_e2e_noise_go(noise, &need, psk)) == LK_OK && need == LK_NOISE_DH) {
        uint8_t shared[POINT] = { 0 };

        if (!noise->ask.own_static)
            (void)(lk_x25519_shared(shared, own->secret, noise->ask.peer.octets) == LK_OK);
        lk_noise_dh(noise, shared);
    }
    return status;
}

/* It knows N, and guesses at P. */
static void psk_of(struct lk_e2e_psk *psk, const struct sim_e2e_app *app, unsigned index,
                   uint8_t flags)
{
    static const struct lk_e2e_p guess = { .len = 32 };
    const struct lk_e2e_scope scope = sim_e2e_scope(index);

    lk_e2e_psk_combine(psk, &scope, (flags & LK_E2E_WITH_P) != 0 ? &guess : NULL,
                       (flags & LK_E2E_WITH_N) != 0 ? &app->n : NULL, NULL);
}

/* To the application, as if it were the server. */
static void answer_as_server(struct sim_world *world, const struct sim_event *event,
                             const struct lk_e2e_hello *hello)
{
    const struct sim_e2e_app *app = &world->e2e->app[event->who];
    uint8_t frame[SIM_E2E_KEPT];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_e2e_psk psk;
    struct lk_noise noise;

    psk_of(&psk, app, app->app, hello->flags);
    lk_e2e_noise_start(&noise, false, hello, &world->e2e->own.point, &world->e2e->server.point,
                       NULL);
    if (lk_noise_take(&noise, hello->message) != LK_OK)
        return;
    if (go(world, &noise, &psk) != LK_OK) { /* it cannot open that, and goes on */
        noise.rs = app->own.point;
        noise.busy = false;
        noise.message = 1;
        noise.token = 0;
    }
    if (lk_noise_say(&noise, lk_span_of(NULL, 0)) == LK_OK && go(world, &noise, &psk) == LK_OK &&
        lk_e2e_frame_of(&w, LK_E2E_REPLY, lk_span_of(NULL, 0), &noise) == LK_OK)
        pass(world, SIM_E2E_AT_APP, event, lk_writer_span(&w));
}

/* To the server, as if it were that application. */
static void call_as_app(struct sim_world *world, const struct sim_event *event,
                        const struct sim_e2e_app *app, uint8_t flags)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    const struct lk_e2e_scope scope = sim_e2e_scope(app->app);
    const struct lk_e2e_hello hello = { .flags = flags, .fqdn = scope.fqdn, .app = scope.app };
    const bool n = (flags & LK_E2E_WITH_N) != 0;
    const struct lk_e2e_who who = { n ? LK_E2E_B_TID : LK_E2E_NO_KEY_ID,
                                    lk_span_text(n ? app->key_id : ""),
                                    lk_span_text(app->identity) };
    uint8_t offer[LK_E2E_OFFER_MAX], text[128], frame[SIM_E2E_KEPT];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), t = lk_writer_of(text, sizeof text);
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_e2e_psk psk;

    path->offered = flags;
    psk_of(&psk, app, app->app, flags);
    lk_e2e_noise_start(&path->noise, true, &hello, &world->e2e->own.point, &app->own.point,
                       &world->e2e->server.point);
    lk_e2e_who_encode(&t, &who);
    lk_e2e_offer_encode(&o, &hello);
    if (lk_noise_say(&path->noise, lk_writer_span(&t)) == LK_OK &&
        go(world, &path->noise, &psk) == LK_OK &&
        lk_e2e_frame_of(&w, LK_E2E_HELLO, lk_writer_span(&o), &path->noise) == LK_OK)
        pass(world, SIM_E2E_AT_SERVER, event, lk_writer_span(&w));
}

/* Whether the REPLY opens or not: it says FINISH as well as it can. */
static void finish_as_app(struct sim_world *world, const struct sim_event *event,
                          const struct sim_e2e_app *app, struct lk_span body)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    const struct lk_e2e_scope scope = sim_e2e_scope(app->app);
    uint8_t frame[SIM_E2E_KEPT];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_e2e_session session;
    struct lk_e2e_psk psk;

    psk_of(&psk, app, app->app, path->offered);
    if (lk_noise_take(&path->noise, body) != LK_OK)
        return;
    if (go(world, &path->noise, &psk) != LK_OK) {
        path->noise.busy = false;
        path->noise.message = 2;
    }
    lk_e2e_session_of(&session, &path->noise, &scope, path->offered, false, world->now_ms);
    if (lk_e2e_channel_say(&session.channel, &w, LK_E2E_FINISH, lk_span_of(NULL, 0),
                           world->now_ms) == LK_OK)
        pass(world, SIM_E2E_AT_SERVER, event, lk_writer_span(&w));
}

/* ---- what it makes of a frame ---- */

static void put_small_point(struct sim_world *world, uint8_t *point)
{
    static const uint8_t one[POINT] = { 1 };

    /* RFC 7748 6.1: zero and one are of small order */
    memcpy(point, one, POINT);
    if (sim_random_chance(&world->random, 500))
        point[0] = 0;
}

static void strip(struct sim_world *world, uint8_t *frame)
{
    uint8_t bit;

    do
        bit = (uint8_t)(1u << sim_random_below(&world->random, 4));
    while ((frame[FLAGS_AT] & LK_E2E_FLAGS) != 0 && (frame[FLAGS_AT] & bit) == 0);
    frame[FLAGS_AT] ^= bit;
}

static void swap_app(struct sim_world *world, const struct sim_event *event,
                     struct lk_e2e_hello hello)
{
    uint8_t offer[LK_E2E_OFFER_MAX], frame[SIM_E2E_KEPT];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), w = lk_writer_of(frame, sizeof frame);
    unsigned app = world->e2e->app[event->who].app;

    hello.app = sim_e2e_scope((app + 1) % SIM_E2E_APPS).app;
    lk_e2e_offer_encode(&o, &hello);
    lk_e2e_frame_encode(&w, LK_E2E_HELLO, lk_writer_span(&o), hello.message);
    pass(world, SIM_E2E_AT_SERVER, event, lk_writer_span(&w));
}

/* An application's own words come back to it as a REPLY. */
static void reflect(struct sim_world *world, const struct sim_event *event, struct lk_span message)
{
    uint8_t frame[SIM_E2E_KEPT];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    lk_e2e_frame_encode(&w, LK_E2E_REPLY, message, lk_span_of(NULL, 0));
    pass(world, SIM_E2E_AT_APP, event, lk_writer_span(&w));
}

/* True: it is dealt with. */
static bool act_on_hello(struct sim_world *world, const struct sim_event *event, uint8_t *frame,
                         size_t len)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    struct lk_e2e_hello hello;

    if (lk_e2e_hello_decode(&hello, lk_span_of(frame + LK_E2E_HEADER, len - LK_E2E_HEADER)) !=
        LK_OK)
        return false; /* altered already */
    if (path->act == SIM_E2E_OWN_KEYS) {
        touch(path, LK_E2E_HELLO);
        answer_as_server(world, event, &hello);
        call_as_app(world, event, &world->e2e->app[event->who],
                    world->e2e->app[event->who].flags);
        return true;
    }
    if (path->act == SIM_E2E_REFLECTS && path->at % 2 == 0) {
        touch(path, LK_E2E_HELLO);
        reflect(world, event, hello.message);
        return true;
    }
    if (path->act == SIM_E2E_SWAPS_APP) {
        touch(path, LK_E2E_HELLO);
        swap_app(world, event, hello);
        return true;
    }
    if (path->act == SIM_E2E_REPLAYS && path->old_hello.len > 0) {
        touch(path, LK_E2E_HELLO);
        pass(world, SIM_E2E_AT_SERVER, event, sim_e2e_span(&path->old_hello));
        return true;
    }
    if (path->act == SIM_E2E_STRIPS || (path->act == SIM_E2E_SMALL_ORDER && path->at % 2 == 0)) {
        touch(path, LK_E2E_HELLO);
        if (path->act == SIM_E2E_STRIPS)
            strip(world, frame);
        else
            put_small_point(world, frame + (hello.message.at - frame));
    }
    return false;
}

static bool act_on_reply(struct sim_world *world, const struct sim_event *event, uint8_t *frame,
                         size_t len)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];

    if (path->act == SIM_E2E_SMALL_ORDER && path->at % 2 == 1) {
        touch(path, LK_E2E_REPLY);
        put_small_point(world, frame + LK_E2E_HEADER);
    }
    if (path->act != SIM_E2E_REFLECTS || path->at % 2 == 0)
        return false;
    touch(path, LK_E2E_REPLY);
    pass(world, SIM_E2E_AT_SERVER, event, lk_span_of(frame, len));
    return true;
}

static bool act_on_record(struct sim_world *world, const struct sim_event *event,
                          enum lk_e2e_type type, unsigned to, struct lk_span frame)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    const struct sim_e2e_path *other =
        &world->e2e->path[sim_random_below(&world->random, world->options->ues)];

    if (path->act == SIM_E2E_SWAPS_TICKET && type == LK_E2E_TICKET && other != path &&
        other->ticket.len > 0) {
        touch(path, type);
        pass(world, to, event, sim_e2e_span(&other->ticket));
        return true;
    }
    if (path->act == SIM_E2E_REPEATS && type == LK_E2E_DATA && !path->touched) {
        touch(path, type);
        pass(world, to, event, frame);
    }
    return false;
}

static void record(struct sim_e2e_path *path, enum lk_e2e_type type, struct lk_span frame)
{
    if (type == LK_E2E_HELLO)
        sim_e2e_keep(&path->hello, frame);
    else if (type == LK_E2E_REPLY)
        sim_e2e_keep(&path->reply, frame);
    else if (type == LK_E2E_FINISH)
        sim_e2e_keep(&path->finish, frame);
    else if (type == LK_E2E_TICKET)
        sim_e2e_keep(&path->ticket, frame);
}

static void alter(struct sim_world *world, struct sim_e2e_path *path, enum lk_e2e_type type,
                  uint8_t *frame, size_t len)
{
    if (path->act != SIM_E2E_ALTERS || path->touched || path->frames != path->at ||
        type == LK_E2E_ALERT || len <= LK_E2E_HEADER)
        return;
    touch(path, type);
    frame[LK_E2E_HEADER + sim_random_below(&world->random, len - LK_E2E_HEADER)] ^=
        (uint8_t)(1 + sim_random_below(&world->random, 255));
}

static void begin(struct sim_world *world, struct sim_e2e_path *path)
{
    if (!world->faults || !sim_random_chance(&world->random, sim_e2e_own(world, SIM_E2E_ACTIVE)))
        return;
    path->act = (enum sim_e2e_act)(1 + sim_random_below(&world->random, SIM_E2E_ACT_COUNT - 1));
    path->at = (unsigned)sim_random_below(&world->random, ALTERS_WITHIN);
    world->report->count[SIM_E2E_ACTS]++;
}

static void on_frame(struct sim_world *world, const struct sim_event *event)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    const unsigned to = event->kind == SIM_E2E_UP ? SIM_E2E_AT_SERVER : SIM_E2E_AT_APP;
    const struct lk_span said = lk_span_of(event->octets, event->len);
    uint8_t frame[SIM_DATAGRAM_MAX];
    enum lk_e2e_type type;
    bool done = false;

    LK_ASSERT(said.len >= LK_E2E_HEADER && said.len <= sizeof frame);
    memcpy(frame, said.at, said.len);
    type = (enum lk_e2e_type)frame[0];
    if (type == LK_E2E_HELLO)
        begin(world, path);
    record(path, type, said);
    alter(world, path, type, frame, said.len);
    path->frames++;
    if (type == LK_E2E_HELLO)
        done = act_on_hello(world, event, frame, said.len);
    else if (path->act == SIM_E2E_OWN_KEYS && to == SIM_E2E_AT_SERVER)
        done = true; /* the application speaks with the operator alone */
    else if (path->act == SIM_E2E_OWN_KEYS && type == LK_E2E_REPLY)
        finish_as_app(world, event, &world->e2e->app[event->who],
                      lk_span_of(frame + LK_E2E_HEADER, said.len - LK_E2E_HEADER));
    else if (type == LK_E2E_REPLY)
        done = act_on_reply(world, event, frame, said.len);
    else
        done = act_on_record(world, event, type, to, lk_span_of(frame, said.len));
    if (!done && path->act != SIM_E2E_OWN_KEYS)
        pass(world, to, event, lk_span_of(frame, said.len));
}

/* It gives the ends N, and they may differ. */
void sim_e2e_server_n(struct lk_e2e_n *n, struct sim_world *world, unsigned place, unsigned user)
{
    struct sim_e2e_path *path = &world->e2e->path[place];

    *n = world->e2e->app[user].n;
    if (path->act != SIM_E2E_CHOOSES_N)
        return;
    touch(path, LK_E2E_HELLO);
    memset(n, (int)sim_random_below(&world->random, 2), sizeof *n);
}

/* ---- by itself ---- */

static void on_answer(struct sim_world *world, const struct sim_event *event)
{
    struct sim_e2e_path *path = &world->e2e->path[event->who];
    const uint8_t *frame = event->octets;

    if (frame[0] == LK_E2E_REPLY && path->act == SIM_E2E_OWN_KEYS)
        finish_as_app(world, event, &world->e2e->app[path->at],
                      lk_span_of(frame + LK_E2E_HEADER, event->len - LK_E2E_HEADER));
    else if (frame[0] == LK_E2E_REPLY && path->finish.len > 0)
        pass(world, SIM_E2E_AT_SERVER, event, sim_e2e_span(&path->finish));
}

/* Either as an application, with what it knows of it, or with what one said before, whole. */
static void call(struct sim_world *world, unsigned place)
{
    struct sim_e2e_path *path = &world->e2e->path[place];
    unsigned ue = (unsigned)sim_random_below(&world->random, world->options->ues);
    const struct sim_e2e_app *app = &world->e2e->app[ue];
    const struct sim_e2e_path *old = &world->e2e->path[ue];
    const bool replays = old->finish.len > 0 && sim_random_chance(&world->random, 400);
    struct sim_event event = { .who = place };

    sim_e2e_place_start(world, place);
    event.life = world->e2e->place[place].life;
    path->at = ue;
    path->touched = path->shaken = true;
    world->report->count[SIM_E2E_CALLS]++;
    if (replays) {
        path->act = SIM_E2E_REPLAYS;
        path->finish = old->finish;
        pass(world, SIM_E2E_AT_SERVER, &event, sim_e2e_span(&old->hello));
        return;
    }
    path->act = SIM_E2E_OWN_KEYS;
    call_as_app(world, &event, app, sim_random_chance(&world->random, 300)
                                        ? LK_E2E_WITH_N : app->flags | LK_E2E_WITH_N);
}

static void curious_later(struct sim_world *world)
{
    sim_later(world, (struct sim_event){ .kind = SIM_E2E_CURIOUS },
              1 + sim_random_below(&world->random, 2 * CURIOUS_MS), NULL, 0);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    const unsigned ues = world->options->ues;

    if (event->kind == SIM_E2E_CURIOUS) {
        if (!world->faults)
            return;
        call(world, ues + (unsigned)sim_random_below(&world->random, SIM_E2E_OWN));
        curious_later(world);
        return;
    }
    if (event->life != world->e2e->place[event->who].life)
        return;
    if (event->who < ues)
        on_frame(world, event);
    else
        on_answer(world, event);
}

static void make(struct sim_world *world, unsigned index)
{
    (void)index;
    sim_e2e_draw(world, &world->e2e->own);
    curious_later(world);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_E2E_UP, .name = "operator, up", .link = SIM_LINK_CHANNEL,
      .leg = sim_e2e_leg },
    { .number = SIM_E2E_DOWN, .name = "operator, down", .link = SIM_LINK_CHANNEL,
      .leg = sim_e2e_leg },
    { .number = SIM_E2E_CURIOUS, .name = "operator calls" },
};

const struct sim_actor sim_e2e_operator_actor = {
    .name = "operator", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .take = take,
};
