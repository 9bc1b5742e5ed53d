/* The home agent as NAF (S4 7.3.5): what role/anchor_naf.c does with a B-TID, and the BSF that it
 * asks. */
#include <stdlib.h>
#include <string.h>

#include "sim/mip_invariants.h"

enum { WAITING = 32, ASKED_MS = 40, SILENT = 50 };

struct question {
    uint32_t spi;
    struct lk_imsi imsi;
    unsigned from;
    uint64_t serial;
    unsigned node; /* whose B-TID it says that it is */
    size_t len;
    uint8_t octets[LK_MIP_MESSAGE_MAX];
};

/* "SERIAL.NODE@bsf.example" */
static bool read_b_tid(struct question *q, struct lk_span b_tid)
{
    char text[SIM_MIP_B_TID], *end;

    if (b_tid.len >= sizeof text)
        return false;
    memcpy(text, b_tid.at, b_tid.len);
    text[b_tid.len] = '\0';
    q->serial = strtoull(text, &end, 16);
    if (*end != '.')
        return false;
    q->node = (unsigned)strtoul(end + 1, &end, 10);
    return *end == '@';
}

void sim_agent_ask(struct sim_world *world, const struct lk_anchor_output *item,
                   const struct lk_anchor_event *event)
{
    struct sim_agent *a = &world->mip->agent;
    const struct lk_anchor_place from = { event->from, event->port, LK_BINDING_MIP };
    struct question q = { .spi = item->ask.spi, .imsi = item->ask.imsi,
                          .from = sim_place_at(world, &from), .len = event->octets.len };

    if (a->asking >= WAITING || q.len > sizeof q.octets || !read_b_tid(&q, item->ask.b_tid))
        return; /* the mobile node asks again */
    memcpy(q.octets, event->octets.at, q.len);
    a->asking++;
    world->report->count[SIM_MIP_ASKED]++;
    sim_later(world, (struct sim_event){ .kind = SIM_AGENT_ASKED, .life = a->life },
              1 + sim_random_below(&world->random, ASKED_MS), &q,
              offsetof(struct question, octets) + q.len);
}

/* What the BSF has under that B-TID; NULL: nothing, any more. */
static const struct sim_gba *bootstrapped(struct sim_world *world, const struct question *q)
{
    uint64_t now_ms = sim_mip_clock(world);

    for (unsigned i = 0; q->node < world->options->ues && i < 2; i++) {
        const struct sim_gba *gba = &world->mip->node[q->node].gba[i];

        if (gba->serial == q->serial && now_ms < gba->ends_ms)
            return gba;
    }
    return NULL;
}

void sim_agent_asked(struct sim_world *world, const struct sim_event *event)
{
    struct sim_agent *a = &world->mip->agent;
    struct question q;
    const struct sim_gba *gba;
    const struct sim_mobile *node;
    struct lk_anchor_place from;
    struct lk_anchor_event again = { .kind = LK_ANCHOR_EV_MIP };
    struct lk_mip_msa msa;

    memcpy(&q, event->octets, event->len);
    a->asking--;
    gba = bootstrapped(world, &q);
    if (gba == NULL || (world->faults && sim_random_chance(&world->random, SILENT)))
        return;
    /* T27: whose it is must be who the NAI says. */
    node = &world->mip->node[q.node];
    if (!lk_imsi_equal(&node->imsi, &q.imsi))
        return;
    sim_mip_naf_msa(&msa, node, gba, q.spi);
    sim_check_key(world, node->index, SIM_ROLE_HA, &msa);
    lk_mip_msas_put(a->msas, lk_imsi_number(&q.imsi), &msa, sim_mip_clock(world));
    from = sim_place_address(q.from);
    again.from = from.address;
    again.port = from.port;
    again.octets = lk_span_of(q.octets, q.len);
    (void)sim_agent_give(world, &again);
}
