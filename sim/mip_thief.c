/* Who has no part in it: forged registrations under others' names (T10), deregistrations (T11), and
 * floods from anywhere (T15). What is recorded and sent again, or altered, is the link's. */
#include <stdio.h>
#include <string.h>

#include "base/ntp.h"
#include "proto/mip/msa6.h"
#include "sim/mip_invariants.h"

enum { LIFETIME_S = 60, JUNK = 200, HALF = 500, SIX = 250 };

/* How a forgery is made. */
enum act {
    NO_PROOF,     /* no authenticator at all */
    WRONG_KEY,    /* under the SPI that the victim has */
    OWN_KEY,      /* that of another subscriber, under his SPI, with the victim's name */
    OWN_B_TID,    /* and with his B-TID (T27) */
    OWN_NAME,     /* all his own, but for the victim's home address */
    ACTS
};

static struct lk_span any_address(struct sim_world *world, uint8_t octets[4])
{
    sim_random_fill(&world->random, octets, 4);
    return lk_span_of(octets, 4);
}

static void put_names(struct lk_writer *w, const struct sim_mobile *victim,
                      const struct sim_mobile *own, enum act act)
{
    struct lk_mip_extensions to;
    char b_tid[SIM_MIP_B_TID];

    memset(&to, 0, sizeof to);
    to.nai = lk_span_text(act == OWN_NAME ? own->nai : victim->nai);
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    lk_mip_extension_put(w, LK_MIP_NAI, &to);
    lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
    if (act != OWN_B_TID)
        return;
    sim_mip_b_tid(b_tid, own, &own->gba[0]);
    to.vendor_count = 1;
    to.vendor[0] = (struct lk_mip_vendor){ .id = 32473, .type = LK_MIP_VENDOR_B_TID,
                                           .value = lk_span_text(b_tid) };
    lk_mip_extension_put(w, LK_MIP_VENDOR, &to);
}

static void sign(struct lk_writer *w, const struct sim_mobile *victim,
                 const struct sim_mobile *own, enum act act)
{
    struct lk_mip_msa msa;

    if (act == NO_PROOF)
        return;
    sim_mip_configured(&msa, own->index);
    if (own->way == SIM_WAY_NAF)
        sim_mip_naf_msa(&msa, own, &own->gba[0],
                        LK_MIP_SPI_LEAST + (uint32_t)(own->gba[0].serial & 0xffffff));
    if (act == WRONG_KEY && victim->way == SIM_WAY_NAF)
        msa.there.spi = LK_MIP_SPI_LEAST + (uint32_t)(victim->gba[0].serial & 0xffffff);
    else if (act == WRONG_KEY)
        msa.there.spi = LK_MIP_SPI_LEAST;
    lk_mip_msa_sign(w, &msa, msa.there.spi, LK_MIP_MN_HA_AUTH);
}

static void forge(struct sim_world *world)
{
    unsigned ues = world->options->ues, thief = (unsigned)sim_random_below(&world->random,
                                                                           SIM_MIP_THIEVES);
    const struct sim_mobile *victim = &world->mip->node[sim_random_below(&world->random, ues)];
    const struct sim_mobile *own =
        &world->mip->node[(victim->index + 1) % ues];
    enum act act = (enum act)sim_random_below(&world->random, ACTS);
    unsigned place = sim_place(SIM_PLACE_THIEF, thief);
    uint8_t octets[LK_MIP_MESSAGE_MAX], home[4] = { (uint8_t)(victim->home >> 24),
                                                    (uint8_t)(victim->home >> 16),
                                                    (uint8_t)(victim->home >> 8),
                                                    (uint8_t)victim->home };
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE,
        /* Who says that he leaves himself may say so, whatever address he writes. */
        .lifetime_s = act != OWN_NAME && sim_random_chance(&world->random, HALF) ? 0
                                                                                  : LIFETIME_S,
        .home = lk_address_v4(home),
        .agent = world->mip->agent.config.mip.agent,
        .care_of = sim_place_address(place).address,
        .identification = lk_ntp_of(sim_mip_clock(world),
                                    (uint32_t)sim_random_next(&world->random)),
    };

    /* With an own name and no address of another it were an honest registration. */
    if (own == victim ||
        (act == OWN_NAME && (victim->home == 0 || !world->mip->agent.durable)))
        return;
    lk_mip_request_put(&w, &request);
    put_names(&w, victim, own, act);
    sign(&w, victim, own, act);
    LK_ASSERT(w.status == LK_OK);
    world->report->count[SIM_MIP_FORGED]++;
    sim_link(world, (struct sim_event){ .kind = SIM_AT_AGENT, .from = place },
             lk_writer_span(&w));
}

/* The same of MIPv6: another's name under an own key. */
static void forge6(struct sim_world *world)
{
    unsigned ues = world->options->ues;
    const struct sim_mobile *victim = &world->mip->node[sim_random_below(&world->random, ues)];
    const struct sim_mobile *own = &world->mip->node[(victim->index + 1) % ues];
    unsigned place = sim_place(SIM_PLACE_THIEF,
                               (unsigned)sim_random_below(&world->random, SIM_MIP_THIEVES));
    const struct lk_address from = sim_place_address(place).address;
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU,
                                     .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME };
    uint8_t octets[LK_MIP_MESSAGE_MAX], message[LK_MIP_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets),
                     inner = lk_writer_of(message, sizeof message);
    struct lk_mip6_packet packet = { .source = victim->home6,
                                     .destination = world->mip->agent.config.mip.agent6 };
    struct lk_mip_msa msa;

    m.lifetime = sim_random_chance(&world->random, HALF) ? 0 : LIFETIME_S / 4;
    m.options.mn_id.subtype = LK_MN_ID_NAI;
    m.options.mn_id.id = lk_span_text(victim->nai);
    m.options.mesg_id = lk_ntp_of(sim_mip_clock(world), (uint32_t)sim_random_next(&world->random));
    memcpy(m.options.ipv4_care_of.octets, from.octets + LK_ADDRESS_LEN - 4, 4);
    lk_mobility_mark(&m.options, LK_MO_MN_ID);
    lk_mobility_mark(&m.options, LK_MO_MESG_ID);
    lk_mobility_mark(&m.options, LK_MO_IPV4_CARE_OF);
    if (own->usim)
        sim_mip_naf6_msa(&msa, own, &own->gba[0],
                         LK_MIP_SPI_LEAST + (uint32_t)(own->gba[0].serial & 0xffffff));
    else
        sim_mip_configured(&msa, own->index);
    if (own == victim || lk_mip6_msa_sign(&inner, &m, &msa, msa.there.spi, &from,
                                          &packet.source) != LK_OK)
        return; /* of another algorithm */
    packet.message = lk_writer_span(&inner);
    if (lk_mip6_write(&w, &packet) != LK_OK)
        return;
    world->report->count[SIM_MIP_FORGED]++;
    sim_link(world, (struct sim_event){ .kind = SIM_AT_AGENT, .from = place, .life = 1 },
             lk_writer_span(&w));
}

/* Anything, or what looks like a first request of somebody. */
static void flood(struct sim_world *world)
{
    unsigned place = sim_place(SIM_PLACE_STRANGER,
                               (unsigned)sim_random_below(&world->random, 1 << 24));
    uint8_t octets[JUNK], address[4];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_request request = { .lifetime_s = LIFETIME_S };
    struct lk_mip_extensions to;
    char nai[SIM_MIP_NAI];
    size_t len = 1 + sim_random_below(&world->random, sizeof octets - 1);

    world->report->count[SIM_MIP_FLOODED]++;
    if (sim_random_chance(&world->random, HALF)) {
        sim_random_fill(&world->random, octets, len);
        octets[0] = LK_MIP_REQUEST;
        sim_link(world, (struct sim_event){ .kind = SIM_AT_AGENT, .from = place },
                 lk_span_of(octets, len));
        return;
    }
    memset(&to, 0, sizeof to);
    (void)snprintf(nai, sizeof nai, "000199%010u@nai.example",
                   (unsigned)sim_random_below(&world->random, 1u << 30));
    to.nai = lk_span_text(nai);
    (void)any_address(world, address);
    request.care_of = lk_address_v4(address);
    request.identification = lk_ntp_of(sim_mip_clock(world), 0);
    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    sim_random_fill(&world->random, octets + 24 + strlen(nai) + 2, 40);
    sim_link(world, (struct sim_event){ .kind = SIM_AT_AGENT, .from = place },
             lk_writer_span(&w));
}

static void later(struct sim_world *world, unsigned kind, uint64_t mean_ms)
{
    if (mean_ms > 0)
        sim_later(world, (struct sim_event){ .kind = kind },
                  1 + sim_random_below(&world->random, 2 * mean_ms), NULL, 0);
}

static uint64_t flood_ms(const struct sim_world *world)
{
    unsigned a_second = sim_mip_own(world, SIM_MIP_FLOOD_S);

    return a_second == 0 ? 0 : a_second >= 1000 ? 1 : 1000 / a_second;
}

static void make(struct sim_world *world, unsigned index)
{
    (void)index;
    later(world, SIM_MIP_THIEF, sim_mip_own(world, SIM_MIP_THIEF_MS));
    later(world, SIM_MIP_FLOOD, flood_ms(world));
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    if (!world->faults)
        return;
    if (event->kind == SIM_MIP_THIEF) {
        (sim_random_chance(&world->random, SIX) ? forge6 : forge)(world);
        later(world, SIM_MIP_THIEF, sim_mip_own(world, SIM_MIP_THIEF_MS));
    } else {
        flood(world);
        later(world, SIM_MIP_FLOOD, flood_ms(world));
    }
}

static const struct sim_kind kinds[] = {
    { .number = SIM_MIP_THIEF, .name = "a thief forges" },
    { .number = SIM_MIP_FLOOD, .name = "a stranger floods" },
};

const struct sim_actor sim_mip_thief_actor = {
    .name = "thief", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .take = take,
};
