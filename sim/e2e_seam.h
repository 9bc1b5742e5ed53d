/* Between the world of end-to-end keys and its machines: see seam.h. */
#ifndef LK_SIM_E2E_SEAM_H
#define LK_SIM_E2E_SEAM_H

#include "sim/e2e.h"

void sim_e2e_seam_start(struct sim_world *world);
/* Each leaves what the step puts out in the end's out. frame: as the other end said it. */
enum lk_status sim_seam_app(struct sim_world *world, struct sim_e2e_app *app,
                            const struct lk_e2e_ue_event *event);
enum lk_status sim_seam_server(struct sim_world *world, struct sim_e2e_place *place,
                               const struct lk_e2e_server_event *event);
/* An end's fresh key, and its Diffie-Hellman. ephemerals: both of them are. */
void sim_seam_draw(struct sim_world *world, struct sim_e2e_pair *pair, bool of_server);
enum lk_status sim_seam_multiply(uint8_t shared[32], const uint8_t secret[32],
                                 const struct lk_noise_point *point, bool ephemerals);
/* Whose a ticket is. */
struct lk_e2e_holder sim_seam_holder(const struct lk_e2e_holder *holder);
/* What an attempt to read says. */
bool sim_seam_reads(bool opened);

#endif
