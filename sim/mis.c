/* The world of MIS: where MNs go, which links break, what strangers say; and its row. */
#include "sim/mis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sim/mis_invariants.h"

enum {
    WORD_MAX = 600,
    BUSY_MS = 3000,      /* an MN that has something under way is asked again then */
    SETTLE_MS = 200000,  /* after the faults all comes to rest within that */
    LAST_MS = 60000,     /* and the last move is begun within that */
};

uint64_t sim_mis_clock(const struct sim_world *world)
{
    return SIM_EPOCH_MS + world->now_ms;
}

uint64_t *sim_mis_link(struct sim_world *world, unsigned a, unsigned b)
{
    return a < b ? &world->mis->link[a][b] : &world->mis->link[b][a];
}

bool sim_mis_is_up(struct sim_world *world, unsigned a, unsigned b)
{
    return (*sim_mis_link(world, a, b) & 1) != 0;
}

bool sim_mis_goes_on(const struct sim_world *world, uint64_t clock_ms)
{
    return clock_ms < SIM_EPOCH_MS + world->heal_ms + SETTLE_MS;
}

/* "pos12@..." */
unsigned sim_pos_named(struct lk_span name)
{
    unsigned index = 0;

    if (name.len < 5 || !lk_span_equal(lk_span_of(name.at, 3), lk_span_text("pos")))
        return SIM_MIS_NOBODY;
    for (size_t i = 3; i < name.len && name.at[i] >= '0' && name.at[i] <= '9'; i++)
        index = index * 10 + name.at[i] - '0';
    return index < SIM_POS_MOST ? index : SIM_MIS_NOBODY;
}

unsigned sim_mn_of(const struct sim_world *world, const char *imsi)
{
    unsigned index = 0;

    if (strlen(imsi) != 15)
        return SIM_MIS_NOBODY;
    for (size_t i = 5; i < 15; i++)
        index = index * 10 + (unsigned)(imsi[i] - '0');
    if (index >= world->options->ues || strcmp(imsi, world->mis->mn[index].imsi) != 0)
        return SIM_MIS_NOBODY;
    return index;
}

/* ---- what anybody may say in clear ---- */

/* An indication that asks to be authenticated, or a request for a K. */
static struct lk_span word_of(struct sim_world *world, uint8_t octets[WORD_MAX],
                              struct lk_span name, const struct sim_pos *to, bool asks)
{
    uint8_t list[WORD_MAX], nonce[LK_MIS_NONCE_LEN];
    struct lk_writer w = lk_writer_of(octets, WORD_MAX), l = lk_writer_of(list, sizeof list);
    const struct sim_mis *mis = world->mis;
    struct lk_mis_message m = { .nonce_t = LK_SPAN(nonce), .mn = name,
                                .chain = { 0, SIM_MIS_LIMIT } };
    struct lk_mis_pdu pdu = { .header = { .tid = 9 }, .source = name,
                              .destination = lk_span_text(to->name) };

    sim_random_fill(&world->random, nonce, sizeof nonce);
    pdu.header.id = lk_mis_message_id(asks ? LK_MIS_AUTH : LK_MIS_PREREG_XFER,
                                      asks ? LK_MIS_INDICATION : LK_MIS_REQUEST,
                                      &lk_mis_codes_default);
    lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
    lk_mis_offers_say(&m, &mis->mn[0].config.mn.offers);
    if (!asks) {
        lk_mis_mark(&m, LK_MIS_TLV_MN);
        lk_mis_mark(&m, LK_MIS_TLV_CHAIN);
        lk_mis_mark(&m, LK_MIS_TLV_POS);
        m.pos = mis->neighbour[(to->index + 1) % mis->count].pos;
    }
    LK_ASSERT(lk_mis_message_put(&l, &m, &lk_mis_codes_default) == LK_OK);
    pdu.body = lk_writer_span(&l);
    LK_ASSERT(lk_mis_encode(&w, &pdu, &lk_mis_codes_default) == LK_OK);
    return lk_writer_span(&w);
}

/* T41: an MN that does not know better asks for a K over its channel. */
static void ask_over_channel(struct sim_world *world, const struct sim_mn *mn)
{
    struct lk_pos_peer peer = sim_mn_channel(mn->index);
    unsigned pos = mn->way[mn->channel_link];
    uint8_t octets[WORD_MAX];

    if ((mn->channel & 1) != 0 && pos < world->mis->count)
        sim_pos_hear(world, pos, &peer,
                     word_of(world, octets, lk_mis_device_named(&mn->device),
                             &world->mis->pos[pos], false));
}

/* ---- where MNs go ---- */

static unsigned own(const struct sim_world *world, enum sim_mis_word word)
{
    return world->options->own[word];
}

static void move_later(struct sim_world *world, unsigned mn, uint64_t most_ms)
{
    sim_later(world, (struct sim_event){ .kind = SIM_MN_MOVES, .who = 0, .from = mn },
              1 + sim_random_below(&world->random, most_ms), NULL, 0);
}

/* Whose SA ended after its last move, since the home's word made room for another one, say: the
 * device waits for its owner. */
void sim_mis_lost(struct sim_world *world, struct sim_mn *mn)
{
    if (world->faults || mn->moved_again)
        return;
    mn->moved_again = true;
    move_later(world, mn->index, BUSY_MS);
}

static bool is_busy(const struct sim_mn *mn)
{
    const struct lk_mis_device *d = &mn->device;

    return d->authenticating ||
           (d->mn.state != LK_MIS_MN_IDLE && d->mn.state != LK_MIS_MN_SERVED);
}

static void begin_move(struct sim_world *world, struct sim_mn *mn)
{
    struct sim_mis *mis = world->mis;
    const struct lk_mis_device_link *link = lk_mis_device_serving(&mn->device);
    unsigned to = (unsigned)sim_random_below(&world->random, mis->count);
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_ATTACH };
    struct lk_mis_message known = { .present = 0 };

    if (link != NULL && sim_pos_named(lk_mis_name_of(&link->id)) == to)
        to = (to + 1) % mis->count;
    mn->wanted_ms = world->now_ms;
    mn->mixing = mn->mixes;
    /* Who names none stays where it is, if that is all that there is: with a PoS that forgot it. */
    mn->names_none = world->faults &&
                     sim_random_chance(&world->random, own(world, SIM_MIS_SELECT));
    if (link == NULL) {
        event.pos = mis->neighbour[to].pos;
        sim_mn_step(world, mn, &event);
        return;
    }
    event.kind = LK_MIS_DEVICE_EV_HANDOVER;
    if (mn->names_none) { /* it says which radio it has, of which there is one */
        lk_mis_mark(&known, LK_MIS_TLV_LINK_TYPES);
        known.link_types = lk_span_of(&mis->link_type[to], 1);
        event.handover.known = &known;
    } else {
        event.handover.target = &mis->neighbour[to].pos;
    }
    if (mn->mixes) {
        sim_random_fill(&world->random, mn->dh_secret, sizeof mn->dh_secret);
        lk_x25519_public(mn->dh, mn->dh_secret);
        event.handover.dh = mn->dh;
    }
    sim_mn_step(world, mn, &event);
    sim_check_nonce_t(world, mn);
}

static void on_move(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mn *mn = &world->mis->mn[event->from];
    struct lk_mis_device_event ping = { .kind = LK_MIS_DEVICE_EV_PING };

    sim_check_mn_waits(world, mn);
    if (is_busy(mn)) {
        if (world->now_ms < world->heal_ms + LAST_MS + LAST_MS)
            move_later(world, mn->index, BUSY_MS);
        return;
    }
    if (lk_mis_device_serving(&mn->device) != NULL) {
        ask_over_channel(world, mn);
        sim_mn_step(world, mn, &ping);
    }
    begin_move(world, mn);
    if (world->now_ms < world->heal_ms)
        move_later(world, mn->index, 2 * (uint64_t)own(world, SIM_MIS_MOVE_MS) + 1);
    else if (lk_mis_device_serving(&mn->device) == NULL && world->now_ms < world->heal_ms + LAST_MS)
        move_later(world, mn->index, BUSY_MS);
}

static void on_switch(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mn *mn = &world->mis->mn[event->who];
    struct lk_mis_device_event go = { .kind = LK_MIS_DEVICE_EV_SWITCHED };

    if (event->life == mn->life &&
        mn->device.link[mn->device.serving ^ 1].holds == LK_MIS_DEVICE_SA)
        sim_mn_step(world, mn, &go);
}

/* ---- links ---- */

static void turn(struct sim_world *world, unsigned a, unsigned b)
{
    bool up;

    ++*sim_mis_link(world, a, b);
    up = sim_mis_is_up(world, a, b);
    world->report->count[SIM_MIS_CUTS] += !up;
    sim_pos_link(world, a, b, up);
    sim_pos_link(world, b, a, up);
}

static void on_turn(struct sim_world *world)
{
    unsigned n = world->mis->count, mean_ms = own(world, SIM_MIS_CUT_MS);
    unsigned a = (unsigned)sim_random_below(&world->random, n);
    unsigned b = (a + 1 + (unsigned)sim_random_below(&world->random, n - 1)) % n;

    if (!world->faults || mean_ms == 0)
        return;
    turn(world, a, b);
    sim_later(world, (struct sim_event){ .kind = SIM_LINK_TURNS },
              1 + sim_random_below(&world->random, 2 * (uint64_t)mean_ms), NULL, 0);
}

/* ---- strangers: whatever somebody may say who is nobody's subscriber ---- */

static void on_stranger(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    struct sim_pos *pos = &mis->pos[sim_random_below(&world->random, mis->count)];
    unsigned who = SIM_MIS_UES_MAX + (unsigned)sim_random_below(&world->random, 60000);
    struct lk_pos_peer peer = sim_mn_peer(who);
    bool asks = sim_random_chance(&world->random, 500);
    uint8_t octets[WORD_MAX];
    char name[40];
    struct lk_span said;
    uint32_t rows;

    if (!world->faults || own(world, SIM_MIS_STRANGER_MS) == 0)
        return;
    (void)snprintf(name, sizeof name, "00999%010u@home.example", who);
    said = word_of(world, octets, lk_span_text(name), pos, asks);
    rows = lk_pos_mn_count(pos->pos);
    world->report->count[SIM_MIS_STRANGERS]++;
    sim_pos_hear(world, pos->index, &peer, said);
    sim_check_stranger(world, pos, rows);
    sim_later(world, (struct sim_event){ .kind = SIM_STRANGER },
              1 + sim_random_below(&world->random, 2 * (uint64_t)own(world, SIM_MIS_STRANGER_MS)),
              NULL, 0);
}

/* ---- thieves ---- */

static void on_forge(struct sim_world *world)
{
    if (!world->faults || own(world, SIM_MIS_FORGE_MS) == 0)
        return;
    sim_thief_forges(world);
    sim_later(world, (struct sim_event){ .kind = SIM_FORGES },
              1 + sim_random_below(&world->random, 2 * (uint64_t)own(world, SIM_MIS_FORGE_MS)),
              NULL, 0);
}

/* ---- the actor of all that ---- */

static void make_journey(struct sim_world *world, unsigned index)
{
    struct sim_mis *mis = world->mis;

    (void)index;
    for (unsigned a = 0; a < mis->count; a++)
        for (unsigned b = a + 1; b < mis->count; b++)
            turn(world, a, b);
    for (unsigned i = 0; i < world->options->ues; i++)
        move_later(world, i, own(world, SIM_MIS_MOVE_MS) + 1);
    sim_later(world, (struct sim_event){ .kind = SIM_LINK_TURNS }, own(world, SIM_MIS_CUT_MS),
              NULL, 0);
    sim_later(world, (struct sim_event){ .kind = SIM_STRANGER }, own(world, SIM_MIS_STRANGER_MS),
              NULL, 0);
    sim_later(world, (struct sim_event){ .kind = SIM_FORGES }, own(world, SIM_MIS_FORGE_MS), NULL,
              0);
    sim_thief_reach_none(world);
}

static void take_journey(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_MN_MOVES)
        on_move(world, event);
    else if (event->kind == SIM_MN_SWITCHES)
        on_switch(world, event);
    else if (event->kind == SIM_LINK_TURNS)
        on_turn(world);
    else if (event->kind == SIM_FORGES)
        on_forge(world);
    else
        on_stranger(world);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_MN_MOVES, .name = "mn is to move" },
    { .number = SIM_MN_SWITCHES, .name = "mn switches" },
    { .number = SIM_LINK_TURNS, .name = "a link turns" },
    { .number = SIM_STRANGER, .name = "a stranger speaks" },
    { .number = SIM_FORGES, .name = "a thief hands over" },
};

const struct sim_actor sim_journey_actor = {
    .name = "journey", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make_journey, .take = take_journey,
};

/* ---- the world ---- */

static void place(struct sim_world *world, unsigned i)
{
    struct sim_mis *mis = world->mis;
    struct sim_pos *pos = &mis->pos[i];
    const uint8_t address[4] = { 192, 0, 2, (uint8_t)i };
    const uint8_t to_home[4] = { 127, 0, 2, (uint8_t)i }; /* what nobody else reads */

    pos->index = i;
    pos->realm = i % SIM_REALMS;
    pos->captured = sim_random_chance(&world->random, own(world, SIM_MIS_CAPTURED));
    (void)snprintf(pos->name, sizeof pos->name, "pos%u@%s", i, mis->realm_name[pos->realm]);
    mis->link_type[i] = (uint8_t)(i + 1);
    mis->neighbour[i].link_types = lk_span_of(&mis->link_type[i], 1);
    mis->neighbour[i].network = mis->realm[pos->realm];
    mis->neighbour[i].pos = (struct lk_mis_pos){ .id = lk_span_text(pos->name),
                                                 .address = lk_address_v4(address),
                                                 .port = LK_MIS_PORT };
    mis->client[i] = (struct lk_radius_client){ .secret = mis->secret, .pos = pos->name };
    mis->client[i].prefix.address = lk_address_v4(to_home);
}

static void make(struct sim_world *world)
{
    struct sim_mis *mis = calloc(1, sizeof *mis);

    LK_ASSERT(mis != NULL);
    world->mis = mis;
    mis->mn = calloc(world->options->ues, sizeof *mis->mn);
    mis->pos = calloc(SIM_POS_MOST, sizeof *mis->pos);
    LK_ASSERT(mis->mn != NULL && mis->pos != NULL);
    mis->count = own(world, SIM_MIS_POS) < 2 ? 2 : own(world, SIM_MIS_POS);
    for (unsigned i = 0; i < SIM_REALMS; i++) {
        (void)snprintf(mis->realm_name[i], sizeof mis->realm_name[i], "d%u.example", i);
        mis->realm[i] = lk_span_text(mis->realm_name[i]);
    }
    sim_home_make(world);
    for (unsigned i = 0; i < mis->count; i++)
        place(world, i);
}

static void unmake(struct sim_world *world)
{
    sim_home_unmake(world);
    free(world->mis->mn);
    free(world->mis->pos);
    free(world->mis);
}

static void calm(struct sim_world *world)
{
    for (unsigned a = 0; a < world->mis->count; a++)
        for (unsigned b = a + 1; b < world->mis->count; b++)
            if (!sim_mis_is_up(world, a, b))
                turn(world, a, b);
    for (unsigned i = 0; i < world->options->ues; i++)
        move_later(world, i, BUSY_MS);
}

static const struct lk_sim_word words[] = {
    [SIM_MIS_POS] = { "pos", SIM_POS_MOST, 8, "points of service" },
    [SIM_MIS_CAPTURED] = { "captured", 1000, 300, "of a thousand of them" },
    [SIM_MIS_MOVE_MS] = { "move-ms", 1000000, 4000, "mean time between an MN's moves" },
    [SIM_MIS_MIX] = { "mix", 1000, 300, "of a thousand MNs mix K with X25519" },
    [SIM_MIS_CUT_MS] = { "cut-ms", 1000000, 3000, "mean time until a link turns; 0: none does" },
    [SIM_MIS_STRANGER_MS] = { "stranger-ms", 1000000, 500,
                              "mean time between words of strangers; 0: none" },
    [SIM_MIS_TLS] = { "tls", 1000, 200, "of a thousand full establishments lead to a channel" },
    [SIM_MIS_TCP] = { "tcp", 1000, 400, "of a thousand MNs speak TCP" },
    [SIM_MIS_SELECT] = { "select", 1000, 200, "of a thousand handovers name no target" },
    [SIM_MIS_FORGE_MS] = { "forge-ms", 1000000, 1000,
                           "mean time until some captured PoS hands over an MN that did not ask; "
                           "0: none does" },
};

static const char *const counts[SIM_MIS_COUNTS] = {
    [SIM_MIS_ATTACHED] = "attached",   [SIM_MIS_BY_ERP] = "by_erp",
    [SIM_MIS_OPTIMISED] = "optimised", [SIM_MIS_SERVED] = "served",
    [SIM_MIS_FALLBACKS] = "fallbacks", [SIM_MIS_STAYED] = "stayed",
    [SIM_MIS_REFUSED] = "refused",     [SIM_MIS_CUTS] = "cuts",
    [SIM_MIS_STRANGERS] = "strangers", [SIM_MIS_KNOWN] = "known",
    [SIM_MIS_CHANNELS] = "channels",   [SIM_MIS_PONGS] = "pongs",
    [SIM_MIS_SELECTED] = "selected",   [SIM_MIS_BREAKS] = "breaks",
    [SIM_MIS_FORGED] = "forged",
};

static const struct lk_sim_invariant invariants[] = {
    { 4, "keys-distinct", "no MISK comes again" },
    { 0, "reach", "a captured PoS leads no further than the limit (T40)" },
    { 0, "no-k-by-tls", "an SA by TLS never has a K (T41)" },
    { 0, "replay-makes-nothing", "a nonce of an MN makes one half-open SA at most (T43)" },
    { 0, "nonces-fresh", "no MN says a Nonce-T twice (T43)" },
    { 0, "marked-only", "no PoS takes a K without a start mark of its MN's home (T40)" },
    { 0, "forged-in-vain", "what a thief made up makes nothing without a mark of that MN (T40)" },
    { 0, "within-its-mark", "no SA that was handed over outlives its start mark (T40)" },
    { 0, "strangers-cost-no-row", "who is nobody's subscriber gets no row (T44)" },
    { 0, "partners-only", "K goes to partners only, and an MN takes none for others (T45)" },
    { 0, "link-is-up", "nothing goes to a link that is down (T46)" },
    { 12, "nothing-left-behind", "what is half-open ends" },
    { 13, "memory-bounded", "the world fits into base plus users times budget" },
    { 18, "keys-equal", "an MN has no MISK but that of its PoS" },
    { 24, "nothing-clear", "no K is on the air" },
    { 25, "live", "once faults stop, every MN is served by a PoS that knows it" },
    { 0, "answered-in-time", "who wants an SA has it within its time, or a reason" },
};

static const struct sim_actor *const actors[] = {
    &sim_pos_actor, &sim_mn_actor, &sim_home_actor, &sim_journey_actor,
};

const struct lk_sim_row sim_mis_row = {
    .name = "mis",
    .help = "points of service of several networks, captured ones among them, and mobile nodes",
    .ues_max = SIM_MIS_UES_MAX,
    .words = words,
    .word_count = LK_COUNT_OF(words),
    .counts = counts,
    .count_count = LK_COUNT_OF(counts),
    .main_count = SIM_MIS_SERVED,
    .table = &sim_mis_reach,
    .invariants = invariants,
    .invariant_count = LK_COUNT_OF(invariants),
    .actors = actors,
    .actor_count = LK_COUNT_OF(actors),
    .make = make,
    .unmake = unmake,
    .calm = calm,
    .check = sim_check_mis_event,
    .check_end = sim_check_mis_end,
};
