/* Planted bugs of MIS: see plants.h. */
#ifndef LK_SIM_PLANTS_MIS_H
#define LK_SIM_PLANTS_MIS_H

#include "sim/mis.h"

/* True: the node is not to see it. */
bool sim_plant_mn_before(struct sim_mn *mn, struct lk_mis_device_event *event);
bool sim_plant_pos_before(struct sim_world *world, struct sim_pos *pos, struct lk_pos_event *event);
void sim_plant_pos(struct sim_world *world, struct sim_pos *pos, const struct lk_pos_event *event);

#endif
