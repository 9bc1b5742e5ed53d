/* Between the world of MIS and its nodes: see seam.h. */
#ifndef LK_SIM_MIS_SEAM_H
#define LK_SIM_MIS_SEAM_H

#include "sim/mis.h"

/* Each leaves what the step puts out in the node's out. */
enum lk_status sim_seam_mn(struct sim_world *world, struct sim_mn *mn,
                           const struct lk_mis_device_event *event);
enum lk_status sim_seam_pos(struct sim_world *world, struct sim_pos *pos,
                            const struct lk_pos_event *event);

#endif
