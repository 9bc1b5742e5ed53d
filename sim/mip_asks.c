/* The home agent's questions: as NAF the BSF for a B-TID (S4 7.3.5), as role/anchor_naf.c, and its
 * AAA (S4 7.3.4, 7.3.6), as role/anchor_aaa.c. */
#include <string.h>

#include "base/secret.h"
#include "sim/mip_invariants.h"

enum { WAITING = 32, ASKED_MS = 40, SILENT = 50 };

struct question {
    uint32_t spi;
    struct lk_imsi imsi;
    unsigned from;
    bool six;
    size_t b_tid_len, len;
    uint8_t b_tid[SIM_MIP_B_TID];
    uint8_t octets[LK_MIP_MESSAGE_MAX];
};

static void ask_bsf(struct sim_world *world, const struct lk_anchor_output *item,
                    unsigned from, const struct lk_anchor_event *event)
{
    struct lk_span octets = event->octets;
    struct sim_agent *a = &world->mip->agent;
    struct question q = { .spi = item->ask.spi, .imsi = item->ask.imsi, .from = from,
                          .six = event->kind == LK_ANCHOR_EV_MIP6,
                          .b_tid_len = item->ask.b_tid.len, .len = octets.len };

    if (a->asking >= WAITING || q.len > sizeof q.octets || q.b_tid_len > sizeof q.b_tid)
        return; /* the mobile node asks again */
    memcpy(q.b_tid, item->ask.b_tid.at, q.b_tid_len);
    memcpy(q.octets, octets.at, q.len);
    a->asking++;
    world->report->count[SIM_MIP_ASKED]++;
    sim_later(world, (struct sim_event){ .kind = SIM_AGENT_ASKED, .life = a->life },
              1 + sim_random_below(&world->random, ASKED_MS), &q,
              offsetof(struct question, octets) + q.len);
}

void sim_agent_ask(struct sim_world *world, const struct lk_anchor_output *item,
                   const struct lk_anchor_event *event)
{
    const struct lk_anchor_place from = { event->from, event->port, LK_BINDING_MIP };
    unsigned place = sim_place_at(world, &from);

    if (item->ask.wants == 0)
        ask_bsf(world, item, place, event);
    else
        sim_client_ask(world, 0, item->ask.wants, place, event->octets);
}

/* The same request again. */
static void again(struct sim_world *world, bool six, unsigned from, struct lk_span octets,
                  const struct lk_mip_grant *grant, const struct lk_mip_msa *key)
{
    const struct lk_anchor_place place = sim_place_address(from);
    struct lk_anchor_event event = { .kind = six ? LK_ANCHOR_EV_MIP6 : LK_ANCHOR_EV_MIP,
                                     .from = place.address,
                                     .port = place.port, .octets = octets, .grant = grant,
                                     .key = key };

    (void)sim_agent_give(world, &event);
}

void sim_agent_asked(struct sim_world *world, const struct sim_event *event)
{
    struct sim_agent *a = &world->mip->agent;
    struct question q;
    const struct sim_gba *gba;
    const struct sim_mobile *node;
    struct lk_mip_msa msa;

    memcpy(&q, event->octets, event->len);
    a->asking--;
    gba = sim_mip_bootstrapped(world, lk_span_of(q.b_tid, q.b_tid_len), &node);
    if (gba == NULL || (world->faults && sim_random_chance(&world->random, SILENT)))
        return;
    /* T27: whose it is must be who the NAI says. */
    if (!lk_imsi_equal(&node->imsi, &q.imsi))
        return;
    (q.six ? sim_mip_naf6_msa : sim_mip_naf_msa)(&msa, node, gba, q.spi);
    sim_check_key(world, node->index, SIM_ROLE_HA, &msa);
    again(world, q.six, q.from, lk_span_of(q.octets, q.len), NULL, &msa);
}

/* ---- the AAA's answers ---- */

/* T26: beside what the node has, and of RFC 3957 not before it took its part in it. */
void sim_agent_granted(struct sim_world *world, const struct sim_mip_held *held,
                       const struct lk_mip_aaa_answer *answer)
{
    uint64_t now_ms = sim_mip_clock(world);
    struct lk_span octets = lk_span_of(held->octets, held->len);
    const struct sim_mobile *node = NULL;
    struct lk_mip_request request;
    struct lk_mip_grant grant;
    struct lk_mip_msa msa;

    if (answer->reason != LK_REASON_NONE) {
        sim_say(world, "anchor: the AAA says %s, %s", lk_reason_row(answer->reason)->code,
                lk_reason_row(answer->told)->code);
        return;
    }
    if (lk_mip_request_decode(&request, octets) == LK_OK)
        node = sim_mobile_named(world, request.extensions.nai);
    LK_ASSERT(node != NULL); /* or it were not asked for */
    lk_mip_aaa_grant(&grant, &answer->mip, now_ms);
    if (held->wants == LK_RADIUS_MIP_KEYS) {
        world->report->count[SIM_MIP_GRANTED]++;
        again(world, false, held->from, octets, &grant, NULL);
    } else if (answer->mip.secret.len > 0) {
        world->report->count[SIM_MIP_GIVEN]++;
        lk_mip_aaa_msa(&msa, &answer->mip, now_ms);
        again(world, false, held->from, octets, NULL, &msa);
    }
    lk_wipe(&grant, sizeof grant);
}
