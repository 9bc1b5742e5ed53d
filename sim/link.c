/* What happens to octets between two actors. */
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN = 64 }; /* datagrams that an attacker remembers */

static struct sim_leg leg_of(struct sim_world *world, const struct sim_event *event,
                             struct lk_span octets)
{
    const struct lk_sim_options *o = world->options;

    if (world->kind[event->kind]->leg != NULL)
        return world->kind[event->kind]->leg(world, event, octets);
    return (struct sim_leg){ .loss = o->loss, .duplicate = o->duplicate, .corrupt = o->corrupt,
                             .replay = o->replay, .delay_ms = o->delay_ms };
}

static void deliver(struct sim_world *world, const struct sim_leg *leg,
                    const struct sim_event *event, struct lk_span octets)
{
    uint64_t delay = leg->least_ms > 1 ? leg->least_ms : 1;

    if (world->faults)
        delay += sim_random_below(&world->random, leg->delay_ms + 1);
    if (leg->last_ms != NULL) {
        if (*leg->last_ms > world->now_ms + delay)
            delay = *leg->last_ms - world->now_ms;
        *leg->last_ms = world->now_ms + delay;
    }
    sim_later(world, *event, delay, octets.at, octets.len);
}

/* ---- datagrams, and an attacker who sends again what he has seen ---- */

static void remember(struct sim_world *world, const struct sim_event *event, struct lk_span octets)
{
    struct sim_seen *seen;

    if (world->seen == NULL)
        world->seen = calloc(SEEN, sizeof *world->seen);
    LK_ASSERT(world->seen != NULL);
    seen = &world->seen[sim_random_below(&world->random, SEEN)];
    if (octets.len > sizeof seen->octets)
        return;
    *seen = (struct sim_seen){ .event = *event, .len = octets.len };
    memcpy(seen->octets, octets.at, octets.len);
}

static void deliver_corrupt(struct sim_world *world, const struct sim_leg *leg,
                            const struct sim_event *event, struct lk_span octets)
{
    uint8_t copy[SIM_DATAGRAM_MAX];
    size_t len = octets.len;

    LK_ASSERT(len > 0 && len <= sizeof copy);
    memcpy(copy, octets.at, len);
    for (uint64_t n = 1 + sim_random_below(&world->random, 4); n > 0; n--)
        copy[sim_random_below(&world->random, len)] ^=
            (uint8_t)(1 + sim_random_below(&world->random, 255));
    if (sim_random_chance(&world->random, 250))
        len = sim_random_below(&world->random, len);
    deliver(world, leg, event, lk_span_of(copy, len));
}

static void replay(struct sim_world *world, const struct sim_leg *leg)
{
    const struct sim_seen *seen = &world->seen[sim_random_below(&world->random, SEEN)];
    struct sim_event event = seen->event;

    if (seen->len == 0)
        return;
    if (world->kind[event.kind]->elsewhere != NULL)
        world->kind[event.kind]->elsewhere(world, &event);
    deliver(world, leg, &event, lk_span_of(seen->octets, seen->len));
}

static void send_datagram(struct sim_world *world, const struct sim_leg *leg,
                          const struct sim_event *event, struct lk_span octets)
{
    if (!world->faults) {
        deliver(world, leg, event, octets);
        return;
    }
    remember(world, event, octets);
    if (sim_random_chance(&world->random, leg->replay))
        replay(world, leg);
    if (sim_random_chance(&world->random, leg->duplicate))
        deliver(world, leg, event, octets);
    if (sim_random_chance(&world->random, leg->corrupt))
        deliver_corrupt(world, leg, event, octets);
    else if (!sim_random_chance(&world->random, leg->loss))
        deliver(world, leg, event, octets);
}

/* ---- channels ---- */

/* Nobody can change what a channel carries, or send it again as his own. But whoever has an end of
 * a channel may say what another one says. */
static void send_record(struct sim_world *world, const struct sim_leg *leg,
                        const struct sim_event *event, struct lk_span octets)
{
    const struct sim_kind *kind = world->kind[event->kind];
    unsigned copies = 1;

    if (world->faults && sim_random_chance(&world->random, leg->loss))
        copies--;
    if (world->faults && sim_random_chance(&world->random, leg->duplicate))
        copies++;
    if (kind->elsewhere != NULL && world->faults &&
        sim_random_chance(&world->random, leg->replay)) {
        struct sim_event other = *event;

        kind->elsewhere(world, &other);
        deliver(world, leg, &other, octets);
    }
    if (copies == 0 && leg->lost != NULL)
        ++*leg->lost;
    for (; copies > 0; copies--)
        deliver(world, leg, event, octets);
}

void sim_link(struct sim_world *world, struct sim_event event, struct lk_span octets)
{
    struct sim_leg leg = leg_of(world, &event, octets);

    world->report->datagrams++;
    switch (world->kind[event.kind]->link) {
    case SIM_LINK_DATAGRAM: send_datagram(world, &leg, &event, octets); break;
    case SIM_LINK_CHANNEL: send_record(world, &leg, &event, octets); break;
    case SIM_LINK_NONE: LK_ASSERT(false); break;
    }
}
