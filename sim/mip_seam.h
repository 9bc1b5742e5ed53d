/* Between the world of Mobile IP and its nodes: see seam.h. */
#ifndef LK_SIM_MIP_SEAM_H
#define LK_SIM_MIP_SEAM_H

#include "sim/mip.h"

/* A life of the anchor begins. */
void sim_seam_agent_begin(struct sim_world *world);
/* Leaves what the step puts out in the anchor's out. */
void sim_seam_agent(struct sim_world *world, const struct lk_anchor_event *event);
/* An answer waits for the store, unless there is none. */
bool sim_seam_answer_waits(const struct sim_agent *agent, bool stores);
/* Leaves it in out of the world. */
enum lk_status sim_seam_mobile(struct sim_world *world, struct sim_mobile *node,
                               const struct lk_mip_mn_event *event);

/* The home AAA is told what key there is: leaves its answer in out of it. */
void sim_seam_home(struct sim_world *world, struct sim_home_job *job,
                   struct lk_aaa_mip_told *told);
/* What an agent has of it. */
void sim_seam_granted(struct sim_world *world, unsigned who, const struct sim_mip_held *held,
                      struct lk_mip_aaa_answer *answer);

/* Leaves what the step puts out in the foreign agent's out. */
void sim_seam_fa(struct sim_world *world, struct sim_fa *fa, const struct lk_fa_event *event);

#endif
