/* The home AAA of Mobile IP: the daemon's node (node/aaa.h), wired as role/aaa_mip.c wires it. Keys
 * with it are by hand, or of the BSF, as NAF; to a home agent that is none it gives its keys, in
 * that one's name. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/mip_invariants.h"
#include "sim/mip_seam.h"

enum { DOWN_MS = 2000, BSF_MS = 40, SILENT = 50, KEY_S = 90 };

static void make(struct sim_world *world, unsigned index)
{
    struct sim_home *home = &world->mip->home;
    struct lk_node_key node_key;

    (void)index;
    sim_random_fill(&world->random, &node_key, sizeof node_key);
    lk_aaa_config_defaults(&home->config);
    lk_aaa_config_roll(&home->config, &node_key, sim_mip_clock(world));
    home->config.mip.lifetime_s = KEY_S;
    home->config.mip.algorithm =
        sim_random_chance(&world->random, 500) ? LK_MIP_HMAC_MD5 : LK_MIP_HMAC_SHA256;
    home->given = calloc(world->options->ues, sizeof *home->given);
    LK_ASSERT(home->given != NULL);
    home->life = 1;
    for (unsigned i = 0; i < SIM_MIP_CLIENTS; i++)
        sim_client_make(world, i);
}

static void unmake(struct sim_world *world, unsigned index)
{
    (void)index;
    free(world->mip->home.given);
}

/* What was given is in memory that its workers share: it is gone with all of them. */
static void restart(struct sim_world *world)
{
    struct sim_home *home = &world->mip->home;

    world->report->restarts++;
    home->life++;
    home->down_until_ms = world->now_ms + sim_random_below(&world->random, DOWN_MS);
    memset(home->given, 0, world->options->ues * sizeof *home->given);
    for (unsigned i = 0; i < SIM_MIP_JOBS; i++)
        home->job[i].used = false;
}

static void answer(struct sim_world *world, struct sim_home_job *job)
{
    struct sim_home *home = &world->mip->home;

    sim_link(world, (struct sim_event){ .kind = SIM_MIP_AT_CLIENT, .who = job->client },
             lk_span_of(home->out.answer, home->out.answer_len));
    lk_aaa_out_wipe(&home->out);
    lk_aaa_job_wipe(&job->job);
    job->used = false;
}

/* with: NULL where the node has none. */
static void tell(struct sim_world *world, struct sim_home_job *job, const struct lk_mip_msa *with)
{
    struct sim_home *home = &world->mip->home;
    const struct sim_mobile *node = sim_mobile_of(world, &job->job.mip.imsi);
    struct lk_aaa_mip_told told = { .now_ms = sim_mip_clock(world), .with = with,
                                    .reason = LK_REASON_MIP_B_TID };

    sim_random_fill(&world->random, told.entropy, sizeof told.entropy);
    if (node != NULL)
        told.keygen = &home->given[node->index];
    if (with != NULL && job->job.mip.wants == LK_RADIUS_MIP_KEYS)
        sim_check_key(world, node->index, SIM_ROLE_AAA, with);
    sim_seam_home(world, job, &told);
    if (home->out.mip == LK_AAA_MIP_GRANTED)
        sim_check_given(world, &job->job.mip, told.keygen);
    if (home->out.mip == LK_AAA_MIP_REFUSED)
        sim_say(world, "AAA: %s", lk_reason_row(home->out.reason)->code);
    answer(world, job);
}

/* ---- questions ---- */

static void find_key(struct sim_world *world, struct sim_home_job *job)
{
    struct sim_home *home = &world->mip->home;
    const struct lk_aaa_mip *mip = &job->job.mip;
    const struct sim_mobile *node = sim_mobile_of(world, &mip->imsi);
    struct lk_mip_msa msa;

    if (node != NULL && mip->wants == LK_RADIUS_MIP_KEYS && node->way == SIM_WAY_AAA &&
        !node->usim) {
        sim_mip_aaa_msa(&msa, node, NULL);
        tell(world, job, msa.there.spi == mip->spi ? &msa : NULL);
        return;
    }
    if (mip->b_tid_len == 0) {
        tell(world, job, NULL);
        return;
    }
    sim_later(world, (struct sim_event){ .kind = SIM_HOME_AAA_TOLD, .life = home->life,
                                         .who = (unsigned)(job - home->job) },
              1 + sim_random_below(&world->random, BSF_MS), NULL, 0);
}

/* T27: whose it is must be who the NAI says. */
static void on_bsf(struct sim_world *world, struct sim_home_job *job)
{
    const struct lk_aaa_mip *mip = &job->job.mip;
    const struct sim_mobile *node;
    const struct sim_gba *gba =
        sim_mip_bootstrapped(world, lk_span_of(mip->b_tid, mip->b_tid_len), &node);
    struct lk_mip_msa msa;

    if (gba == NULL || !lk_imsi_equal(&node->imsi, &mip->imsi) ||
        (world->faults && sim_random_chance(&world->random, SILENT))) {
        tell(world, job, NULL);
        return;
    }
    if (mip->wants == LK_RADIUS_MIP_KEYS)
        sim_mip_aaa_msa(&msa, node, gba);
    else
        sim_mip_naf_msa(&msa, node, gba, mip->spi);
    msa.there.spi = msa.spi_back = mip->spi;
    tell(world, job, &msa);
    lk_wipe(&msa, sizeof msa);
}

static void on_question(struct sim_world *world, const struct sim_event *event)
{
    struct sim_home *home = &world->mip->home;
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram datagram = { .octets = lk_span_of(event->octets, event->len),
                                        .port = LK_RADIUS_AUTH_PORT,
                                        .client = &home->client[event->from],
                                        .now_ms = sim_mip_clock(world), .entropy = entropy,
                                        .is_protected = true };
    struct sim_home_job *job = NULL;
    enum lk_aaa_verdict verdict;

    for (unsigned i = 0; i < SIM_MIP_JOBS && job == NULL; i++)
        if (!home->job[i].used)
            job = &home->job[i];
    if (job == NULL || world->now_ms < home->down_until_ms)
        return;
    job->used = true;
    job->client = event->from;
    sim_random_fill(&world->random, entropy, sizeof entropy);
    verdict = lk_aaa_job_receive(&job->job, &home->out, &home->config, &datagram);
    if (verdict == LK_AAA_ASK_MIP) {
        find_key(world, job);
        return;
    }
    if (home->out.mip == LK_AAA_MIP_REFUSED)
        sim_say(world, "AAA: %s", lk_reason_row(home->out.reason)->code);
    if (verdict == LK_AAA_ANSWER) {
        answer(world, job);
        return;
    }
    lk_aaa_out_wipe(&home->out);
    job->used = false;
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_home *home = &world->mip->home;

    switch (event->kind) {
    case SIM_AT_HOME_AAA: on_question(world, event); break;
    case SIM_MIP_AT_CLIENT: sim_client_take(world, event); break;
    case SIM_HOME_AAA_TOLD:
        if (event->life == home->life)
            on_bsf(world, &home->job[event->who]);
        break;
    default: restart(world); break;
    }
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_HOME_AAA, .name = "at the home AAA", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_MIP_AT_CLIENT, .name = "the AAA's answer", .link = SIM_LINK_DATAGRAM },
    { .number = SIM_HOME_AAA_TOLD, .name = "the BSF answers the AAA" },
    { .number = SIM_HOME_AAA_RESTART, .name = "the home AAA restarts" },
};

const struct sim_actor sim_home_aaa_actor = {
    .name = "home AAA", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_HOME_AAA_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
