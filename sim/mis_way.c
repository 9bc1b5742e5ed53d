/* Streams of mobile nodes that speak TCP: what is said arrives, in order, for as long as there is
 * the connection. It breaks where a datagram would be lost, and when an end of it dies. */
#include "sim/mis.h"

static uint64_t life_of(const struct sim_mn *mn, unsigned link)
{
    return mn->stream[link] * LK_MIS_DEVICE_LINKS + link;
}

bool sim_stream_is(const struct sim_mn *mn, uint64_t life, unsigned *link)
{
    *link = (unsigned)(life % LK_MIS_DEVICE_LINKS);
    return life == life_of(mn, *link) && (mn->stream[*link] & 1) != 0;
}

struct lk_pos_peer sim_mn_stream(const struct sim_mn *mn, unsigned link)
{
    struct lk_pos_peer peer = sim_mn_peer(mn->index);

    peer.way = LK_POS_STREAM;
    peer.handle = (uint32_t)(life_of(mn, link) << 16 ^ mn->index);
    return peer;
}

void sim_stream_open(struct sim_world *world, struct sim_mn *mn, unsigned link)
{
    sim_stream_close(world, mn, link);
    mn->stream[link]++;
}

static struct sim_event event_of(const struct sim_mn *mn, unsigned link, unsigned kind)
{
    bool there = kind == SIM_POS_STREAM;

    return (struct sim_event){ .kind = kind, .who = there ? mn->way[link] : mn->index,
                               .from = there ? mn->index : mn->way[link],
                               .life = life_of(mn, link) };
}

static void send(struct sim_world *world, struct sim_mn *mn, unsigned link, unsigned kind,
                 struct lk_span octets)
{
    if ((mn->stream[link] & 1) == 0 || mn->way[link] >= world->mis->count)
        return;
    if (world->faults && sim_random_chance(&world->random, world->options->loss / 4))
        sim_later(world, event_of(mn, link, SIM_MN_CUT), 1, NULL, 0);
    else
        sim_link(world, event_of(mn, link, kind), octets);
}

void sim_stream_send(struct sim_world *world, struct sim_mn *mn, unsigned link,
                     struct lk_span octets)
{
    send(world, mn, link, SIM_POS_STREAM, octets);
}

void sim_stream_answer(struct sim_world *world, const struct sim_pos *pos,
                       const struct lk_pos_peer *peer, struct lk_span octets)
{
    struct sim_mn *mn = &world->mis->mn[peer->handle & 0xffff];

    for (unsigned link = 0; link < LK_MIS_DEVICE_LINKS; link++)
        if (mn->way[link] == pos->index && sim_mn_stream(mn, link).handle == peer->handle)
            send(world, mn, link, SIM_MN_STREAM, octets);
}

void sim_stream_close(struct sim_world *world, struct sim_mn *mn, unsigned link)
{
    struct lk_pos_peer peer = sim_mn_stream(mn, link);

    if ((mn->stream[link] & 1) == 0)
        return;
    mn->stream[link]++;
    sim_pos_gone(world, mn->way[link], &peer);
}

void sim_stream_break(struct sim_world *world, struct sim_mn *mn, unsigned link, bool pos_lives)
{
    struct lk_mis_device_event down = { .kind = LK_MIS_DEVICE_EV_DOWN };

    if ((mn->stream[link] & 1) == 0)
        return;
    world->report->count[SIM_MIS_BREAKS]++;
    if (pos_lives)
        sim_stream_close(world, mn, link);
    else
        mn->stream[link]++;
    down.way.link = (uint8_t)link;
    sim_mn_step(world, mn, &down);
}

/* Nothing overtakes. */
struct sim_leg sim_stream_leg(struct sim_world *world, const struct sim_event *event,
                              struct lk_span octets)
{
    bool there = event->kind == SIM_POS_STREAM;
    struct sim_mn *mn = &world->mis->mn[there ? event->from : event->who];

    (void)octets;
    return (struct sim_leg){ .delay_ms = world->options->delay_ms,
                             .last_ms = &mn->stream_ms[event->life % LK_MIS_DEVICE_LINKS][there] };
}
