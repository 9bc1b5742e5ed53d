/* Planted bugs of LTE-WLAN aggregation: see plants.h. */
#ifndef LK_SIM_PLANTS_LWA_H
#define LK_SIM_PLANTS_LWA_H

#include "sim/lwa.h"

void sim_plant_lwa_start(struct sim_world *world);
void sim_plant_phone_event(struct sim_world *world, struct sim_phone *phone,
                           struct lk_lwa_device_event *event);
void sim_plant_phone(struct sim_world *world, struct sim_phone *phone);
/* True: the WT is not to see it; its out is what it says. */
bool sim_plant_wt_event(struct sim_world *world, struct lk_wt_event *event);
void sim_plant_enb_event(struct lk_enb_event *event);

#endif
