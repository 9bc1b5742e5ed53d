/* Plain calls from the world of Mobile IP into its nodes: see mip_seam.h. */
#include "sim/mip_seam.h"

#ifdef LK_SIM_PLANTS
#include "sim/plants_mip.h"
#define PLANT(call) call
#else
#define PLANT(call) (void)0
#endif

void sim_seam_agent_begin(struct sim_world *world)
{
    (void)world;
    PLANT(sim_plant_agent_begin(world));
}

void sim_seam_agent(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct sim_agent *agent = &world->mip->agent;

    agent->out.count = 0;
    PLANT(if (sim_plant_agent_before(world, event)) return);
    lk_anchor_step(&agent->anchor, event, &agent->out);
    PLANT(sim_plant_agent(world, event));
}

bool sim_seam_answer_waits(const struct sim_agent *agent, bool stores)
{
    PLANT(if (sim_plant_answers_first()) return false);
    return stores && agent->durable;
}

enum lk_status sim_seam_mobile(struct sim_world *world, struct sim_mobile *node,
                               const struct lk_mip_mn_event *event)
{
    enum lk_status status;
    struct lk_mip_mn_config config = world->mip->mn_config;

    config.nai = lk_span_text(node->nai);
    config.foreign_key = node->way == SIM_WAY_AAA;
    world->mip->out.count = 0;
    PLANT(if (sim_plant_mobile_before(node, event)) return LK_OK);
    status = node->six ? sim_mobile6_step(world, node, event)
                       : lk_mip_mn_step(&node->mn, &config, event, &world->mip->out);
    PLANT(sim_plant_mobile(world, node));
    return status;
}

void sim_seam_home(struct sim_world *world, struct sim_home_job *job,
                   struct lk_aaa_mip_told *told)
{
    struct sim_home *home = &world->mip->home;
    enum lk_aaa_verdict verdict;

    PLANT(sim_plant_home(world, told));
    verdict = lk_aaa_job_told_mip(&job->job, &home->out, &home->config, told);
    LK_ASSERT(verdict == LK_AAA_ANSWER);
}

void sim_seam_granted(struct sim_world *world, unsigned who, const struct sim_mip_held *held,
                      struct lk_mip_aaa_answer *answer)
{
    (void)world;
    (void)who;
    (void)held;
    (void)answer;
    PLANT(sim_plant_granted(who, answer));
}

void sim_seam_fa(struct sim_world *world, struct sim_fa *fa, const struct lk_fa_event *event)
{
    (void)world;
    PLANT(event = sim_plant_fa_before(fa, event));
    lk_fa_step(fa->node, event, &fa->out);
    PLANT(sim_plant_fa(fa));
}
