/* Plain calls from the world of MIS into its nodes: see mis_seam.h. */
#include "sim/mis_seam.h"

#ifdef LK_SIM_PLANTS
#include "sim/plants_mis.h"
#define PLANT(call) call
#else
#define PLANT(call) (void)0
#endif

enum lk_status sim_seam_mn(struct sim_world *world, struct sim_mn *mn,
                           const struct lk_mis_device_event *event)
{
    struct lk_mis_device_event used = *event;

    world->mis->out.count = 0;
    PLANT(if (sim_plant_mn_before(mn, &used)) return LK_OK);
    return lk_mis_device_step(&mn->device, &mn->config, &used, &world->mis->out);
}

enum lk_status sim_seam_pos(struct sim_world *world, struct sim_pos *pos,
                            const struct lk_pos_event *event)
{
    struct lk_pos_event used = *event;
    enum lk_status status;

    (void)world;
    pos->out.count = 0;
    PLANT(if (sim_plant_pos_before(world, pos, &used)) return LK_OK);
    status = lk_pos_step(pos->pos, &used, &pos->out);
    PLANT(sim_plant_pos(world, pos, event));
    return status;
}
