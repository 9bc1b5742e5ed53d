/* Places, and who has them; how long a move took. */
#include <stdlib.h>
#include <string.h>

#include "sim/mip.h"

/* Where each kind's addresses begin. */
static const struct {
    uint8_t first[4];
    uint16_t port;
} lands[] = {
    [SIM_PLACE_OWN] = { { 100, 64, 0, 0 }, LK_MIP_PORT },
    [SIM_PLACE_NAT] = { { 198, 18, 0, 0 }, 1024 },
    [SIM_PLACE_VICTIM] = { { 203, 0, 0, 0 }, LK_MIP_PORT },
    [SIM_PLACE_THIEF] = { { 192, 0, 2, 128 }, SIM_MIP_PORT_HIGH },
    [SIM_PLACE_FA] = { { 172, 16, 0, 1 }, LK_MIP_PORT },
    [SIM_PLACE_LINK] = { { 172, 32, 0, 0 }, LK_MIP_PORT },
    [SIM_PLACE_STRANGER] = { { 11, 0, 0, 0 }, SIM_MIP_PORT_HIGH },
    [SIM_PLACE_AGENT] = { { 192, 0, 2, 1 }, LK_MIP_PORT },
};

static uint32_t number_of(const uint8_t octets[4])
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

struct lk_anchor_place sim_place_address(unsigned place)
{
    enum sim_place_kind kind = sim_place_kind(place);
    unsigned n = sim_place_number(place);
    uint32_t address = number_of(lands[kind].first) + (kind == SIM_PLACE_NAT ? n / SIM_MIP_NAT_PORTS
                                                                             : n);
    const uint8_t octets[4] = { (uint8_t)(address >> 24), (uint8_t)(address >> 16),
                                (uint8_t)(address >> 8), (uint8_t)address };

    return (struct lk_anchor_place){
        lk_address_v4(octets),
        (uint16_t)(lands[kind].port + (kind == SIM_PLACE_NAT ? n % SIM_MIP_NAT_PORTS : 0)),
        LK_BINDING_MIP,
    };
}

static unsigned count_of(const struct sim_world *world, enum sim_place_kind kind)
{
    switch (kind) {
    case SIM_PLACE_OWN:
    case SIM_PLACE_NAT: return world->mip->places;
    case SIM_PLACE_FA: return world->mip->fas;
    case SIM_PLACE_THIEF: return SIM_MIP_THIEVES;
    case SIM_PLACE_AGENT: return 1;
    case SIM_PLACE_VICTIM:
    case SIM_PLACE_LINK: return world->options->ues;
    case SIM_PLACE_NONE:
    case SIM_PLACE_STRANGER: break;
    }
    return 0;
}

unsigned sim_place_at(const struct sim_world *world, const struct lk_anchor_place *at)
{
    uint32_t address = number_of(at->address.octets + LK_ADDRESS_LEN - 4);

    for (unsigned kind = SIM_PLACE_OWN; kind <= SIM_PLACE_AGENT; kind++) {
        uint32_t n = address - number_of(lands[kind].first);

        if (kind == SIM_PLACE_STRANGER)
            continue;
        if (kind == SIM_PLACE_NAT && at->port >= lands[kind].port &&
            at->port < lands[kind].port + SIM_MIP_NAT_PORTS &&
            n < count_of(world, kind) / SIM_MIP_NAT_PORTS + 1)
            return sim_place(kind, n * SIM_MIP_NAT_PORTS + at->port - lands[kind].port);
        if (kind != SIM_PLACE_NAT && at->port == lands[kind].port && n < count_of(world, kind))
            return sim_place(kind, n);
    }
    return 0;
}

/* ---- who has one ---- */

void sim_places_make(struct sim_world *world)
{
    struct sim_mip *mip = world->mip;

    mip->places = world->options->ues + world->options->ues / 4 + SIM_MIP_NAT_PORTS;
    mip->places -= mip->places % SIM_MIP_NAT_PORTS;
    for (unsigned kind = SIM_PLACE_OWN; kind <= SIM_PLACE_NAT; kind++) {
        mip->holder[kind] = calloc(mip->places, sizeof *mip->holder[kind]);
        mip->free[kind] = calloc(mip->places, sizeof *mip->free[kind]);
        LK_ASSERT(mip->holder[kind] != NULL && mip->free[kind] != NULL);
        for (unsigned i = 0; i < mip->places; i++) {
            mip->holder[kind][i] = SIM_MIP_NOBODY;
            mip->free[kind][i] = mip->places - 1 - i;
        }
        mip->free_count[kind] = mip->places;
    }
    for (unsigned i = 0; i < SIM_GAPS; i++) {
        mip->gap[i] = calloc(SIM_MIP_GAPS, sizeof *mip->gap[i]);
        LK_ASSERT(mip->gap[i] != NULL);
    }
}

void sim_places_unmake(struct sim_world *world)
{
    struct sim_mip *mip = world->mip;

    for (unsigned kind = SIM_PLACE_OWN; kind <= SIM_PLACE_NAT; kind++) {
        free(mip->holder[kind]);
        free(mip->free[kind]);
    }
    for (unsigned i = 0; i < SIM_GAPS; i++)
        free(mip->gap[i]);
}

unsigned sim_place_take(struct sim_world *world, enum sim_place_kind kind, unsigned node)
{
    struct sim_mip *mip = world->mip;
    unsigned number;

    LK_ASSERT(mip->free_count[kind] > 0); /* there are more than devices */
    number = mip->free[kind][--mip->free_count[kind]];
    mip->holder[kind][number] = node;
    return sim_place(kind, number);
}

void sim_place_leave(struct sim_world *world, unsigned place)
{
    struct sim_mip *mip = world->mip;
    unsigned kind = sim_place_kind(place), number = sim_place_number(place);

    mip->holder[kind][number] = SIM_MIP_NOBODY;
    mip->free[kind][mip->free_count[kind]++] = number;
    world->report->count[SIM_MIP_REUSED]++; /* the next who moves has it */
}

unsigned sim_place_holder(const struct sim_world *world, unsigned place)
{
    unsigned kind = sim_place_kind(place), number = sim_place_number(place);

    if (kind == SIM_PLACE_LINK)
        return number;
    return kind == SIM_PLACE_OWN || kind == SIM_PLACE_NAT ? world->mip->holder[kind][number]
                                                          : SIM_MIP_NOBODY;
}

/* ---- gaps ---- */

void sim_gap_note(struct sim_world *world, enum sim_gap gap, uint64_t ms)
{
    world->mip->gap[gap][ms < SIM_MIP_GAPS ? ms : SIM_MIP_GAPS - 1]++;
    world->report->count[SIM_MIP_HANDOVERS]++;
}

/* The ms within which so many of a hundred were done; 0: there was none. */
static uint64_t percentile(const uint32_t *gap, uint64_t total, unsigned hundredths)
{
    uint64_t wanted = (total * hundredths + 99) / 100, passed = 0;

    for (unsigned ms = 0; total > 0 && ms < SIM_MIP_GAPS; ms++) {
        passed += gap[ms];
        if (passed >= wanted)
            return ms;
    }
    return 0;
}

void sim_gaps_report(struct sim_world *world)
{
    for (unsigned i = 0; i < SIM_GAPS; i++) {
        const uint32_t *gap = world->mip->gap[i];
        uint64_t total = 0;

        for (unsigned ms = 0; ms < SIM_MIP_GAPS; ms++)
            total += gap[ms];
        world->report->table[i][0] = percentile(gap, total, 50);
        world->report->table[i][1] = percentile(gap, total, 99);
    }
}

static const char *const rows[SIM_GAPS] = {
    [SIM_GAP_OWN] = "to an address of its own",
    [SIM_GAP_NAT] = "behind a translator, or to another port",
    [SIM_GAP_FA] = "to a foreign agent",
    [SIM_GAP_TO_WLAN] = "from Mobile IP to a gateway (PMIPv6)",
    [SIM_GAP_FROM_WLAN] = "and back",
};
static const char *const columns[] = { "median", "p99" };

const struct lk_sim_table sim_mip_gaps = {
    .name = "gap_ms",
    .says = "ms from leaving a place to being registered in the next",
    .row = rows,
    .rows = SIM_GAPS,
    .column = columns,
    .columns = LK_COUNT_OF(columns),
};
