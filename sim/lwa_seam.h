/* Between the world of LTE-WLAN aggregation and its nodes: see seam.h. */
#ifndef LK_SIM_LWA_SEAM_H
#define LK_SIM_LWA_SEAM_H

#include "sim/lwa.h"

/* A run begins; the nodes are to have these configurations. */
void sim_lwa_seam_start(struct sim_world *world);
/* Each leaves what the step puts out in the node's out. */
enum lk_status sim_seam_phone(struct sim_world *world, struct sim_phone *phone,
                              const struct lk_lwa_device_event *event);
enum lk_status sim_seam_wt(struct sim_world *world, const struct lk_wt_event *event);
enum lk_status sim_seam_enb(struct sim_world *world, const struct lk_enb_event *event);
/* The uplink NAS COUNT that the next KeNB is of. */
uint32_t sim_seam_nas_count(struct sim_phone *phone);

#endif
