/* The home network's keys, as card and BSF have them: bootstrappings, B-TIDs, Ks_NAF. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/mip.h"

static const char agent_name[] = "ha.example", aaa_name[] = "aaa.example";
static const struct lk_ua_id agent_ua = { { 1, 0, 0, 0, 0xf1 } }, aaa_ua = { { 1, 0, 0, 0, 0xf0 } },
                             agent6_ua = { { 1, 0, 0, 0, 0xf3 } };

enum { SPI_MASK = 0xffffff, AAA_SPI = 1000, SHORT = 16 };

void sim_mip_b_tid(char b_tid[SIM_MIP_B_TID], const struct sim_mobile *node,
                   const struct sim_gba *gba)
{
    (void)snprintf(b_tid, SIM_MIP_B_TID, "%llx.%u@bsf.example", (unsigned long long)gba->serial,
                   node->index);
}

void sim_mip_bootstrap(struct sim_world *world, struct sim_mobile *node)
{
    uint64_t life_ms = (uint64_t)sim_mip_own(world, SIM_MIP_KS_S) * 1000;
    struct sim_gba *gba = &node->gba[0];

    node->gba[1] = *gba;
    gba->serial = ++world->mip->serial;
    gba->ends_ms = sim_mip_clock(world) + life_ms;
    sim_random_fill(&world->random, gba->rand, sizeof gba->rand);
    sim_random_fill(&world->random, &gba->ks, sizeof gba->ks);
    world->report->count[SIM_MIP_BOOTSTRAPS]++;
}

static void msa_of(struct lk_mip_msa *msa, uint32_t spi, uint16_t algorithm)
{
    memset(msa, 0, sizeof *msa);
    msa->there.spi = msa->spi_back = spi;
    msa->there.algorithm = algorithm;
    msa->replay = LK_MIP_TIMESTAMPS;
}

static void naf_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                    const struct sim_gba *gba, uint32_t spi, const char *name,
                    const struct lk_ua_id *ua)
{
    struct lk_naf_id id;
    struct lk_ks_naf key;
    enum lk_status status;

    lk_naf_id_of(&id, lk_span_text(name), ua);
    lk_ks_naf_derive(&key, &gba->ks, gba->rand, lk_span_text(node->nai), &id);
    msa_of(msa, spi, LK_MIP_HMAC_SHA256);
    msa->ends_ms = gba->ends_ms;
    status = lk_mip_secret_set(&msa->there.secret, LK_SPAN(key.octets));
    LK_ASSERT(status == LK_OK);
    lk_wipe(&key, sizeof key);
}

void sim_mip_naf_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                     const struct sim_gba *gba, uint32_t spi)
{
    naf_msa(msa, node, gba, spi, agent_name, &agent_ua);
}

void sim_mip_naf6_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                      const struct sim_gba *gba, uint32_t spi)
{
    naf_msa(msa, node, gba, spi, agent_name, &agent6_ua);
    msa->there.algorithm = LK_MIP_HMAC_SHA1;
    msa->there.secret.len = SHORT;
}

static void by_hand(struct lk_mip_msa *msa, unsigned node, uint8_t what)
{
    msa->ends_ms = UINT64_MAX;
    msa->there.secret.len = 16;
    for (size_t i = 0; i < 16; i++)
        msa->there.secret.octets[i] = what;
    memcpy(msa->there.secret.octets, &node, sizeof node);
}

void sim_mip_aaa_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                     const struct sim_gba *gba)
{
    if (node->usim) {
        naf_msa(msa, node, gba, AAA_SPI + (uint32_t)(gba->serial & SPI_MASK), aaa_name, &aaa_ua);
        return;
    }
    msa_of(msa, AAA_SPI, LK_MIP_HMAC_SHA256);
    by_hand(msa, node->index, 0xaa);
}

/* "SERIAL.NODE@bsf.example" */
const struct sim_gba *sim_mip_bootstrapped(struct sim_world *world, struct lk_span b_tid,
                                           const struct sim_mobile **node)
{
    uint64_t now_ms = sim_mip_clock(world), serial;
    char text[SIM_MIP_B_TID], *end;
    unsigned index;

    *node = NULL;
    if (b_tid.len >= sizeof text)
        return NULL;
    memcpy(text, b_tid.at, b_tid.len);
    text[b_tid.len] = '\0';
    serial = strtoull(text, &end, 16);
    if (*end != '.')
        return NULL;
    index = (unsigned)strtoul(end + 1, &end, 10);
    if (*end != '@' || index >= world->options->ues)
        return NULL;
    *node = &world->mip->node[index];
    for (unsigned i = 0; i < 2; i++)
        if ((*node)->gba[i].serial == serial && now_ms < (*node)->gba[i].ends_ms)
            return &(*node)->gba[i];
    return NULL;
}

/* Of a device that has no USIM of ours: by hand, at both ends. */
void sim_mip_configured(struct lk_mip_msa *msa, unsigned node)
{
    static const uint16_t algorithms[] = { LK_MIP_HMAC_SHA1, LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA256 };

    msa_of(msa, LK_MIP_SPI_LEAST, algorithms[node % LK_COUNT_OF(algorithms)]);
    by_hand(msa, node, 0xc0);
}
