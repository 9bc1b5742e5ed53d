/* Planted bugs of Mobile IP: see plants.h. */
#ifndef LK_SIM_PLANTS_MIP_H
#define LK_SIM_PLANTS_MIP_H

#include "sim/mip.h"

void sim_plant_agent_begin(struct sim_world *world);
/* True: the step is left out. */
bool sim_plant_agent_before(struct sim_world *world, const struct lk_anchor_event *event);
void sim_plant_agent(struct sim_world *world, const struct lk_anchor_event *event);
bool sim_plant_answers_first(void);
/* The same. */
bool sim_plant_mobile_before(const struct sim_mobile *node, const struct lk_mip_mn_event *event);
void sim_plant_mobile(struct sim_world *world, struct sim_mobile *node);

void sim_plant_home(struct sim_world *world, struct lk_aaa_mip_told *told);
void sim_plant_granted(unsigned who, struct lk_mip_aaa_answer *answer);

/* What the foreign agent is given instead. */
const struct lk_fa_event *sim_plant_fa_before(const struct sim_fa *fa,
                                              const struct lk_fa_event *event);
void sim_plant_fa(struct sim_fa *fa);

#endif
