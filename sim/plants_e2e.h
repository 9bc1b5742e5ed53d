/* Planted bugs of end-to-end keys: see plants.h. */
#ifndef LK_SIM_PLANTS_E2E_H
#define LK_SIM_PLANTS_E2E_H

#include "sim/e2e.h"

void sim_plant_e2e_start(struct sim_world *world);
void sim_plant_app_before(struct sim_world *world, const struct sim_e2e_app *app,
                          struct lk_e2e_ue_event *event);
void sim_plant_app(struct sim_e2e_app *app);
/* True: the machine is not to see it. */
bool sim_plant_server_before(struct sim_world *world, const struct sim_e2e_place *place,
                             struct lk_e2e_server_event *event);
void sim_plant_server(struct sim_e2e_place *place);
void sim_plant_draw(struct sim_e2e_pair *pair, bool of_server);
void sim_plant_multiply(uint8_t shared[32], bool ephemerals);
void sim_plant_holder(struct lk_e2e_holder *holder);
bool sim_plant_reads(void);

#endif
