/* Plain calls from the world of LTE-WLAN aggregation into its nodes: see lwa_seam.h. */
#include "sim/lwa_seam.h"

#ifdef LK_SIM_PLANTS
#include "sim/plants.h"
#include "sim/plants_lwa.h"
#define PLANT(call) call
#else
#define PLANT(call) (void)0
#endif

void sim_lwa_seam_start(struct sim_world *world)
{
    (void)world;
    PLANT(sim_plant_lwa_start(world));
}

enum lk_status sim_seam_phone(struct sim_world *world, struct sim_phone *phone,
                              const struct lk_lwa_device_event *event)
{
    struct sim_lwa *lwa = world->lwa;
    struct lk_lwa_device_event used = *event;
    enum lk_status status;

    PLANT(sim_plant_phone_event(world, phone, &used));
    status = lk_lwa_device_step(&phone->device, &lwa->phone_config, &used, &lwa->out);
    PLANT(sim_plant_phone(world, phone));
    return status;
}

enum lk_status sim_seam_wt(struct sim_world *world, const struct lk_wt_event *event)
{
    struct sim_wt *wt = &world->lwa->wt;
    struct lk_wt_event used = *event;
    enum lk_status status;

    PLANT(if (sim_plant_wt_event(world, &used)) return LK_OK);
    status = lk_wt_step(wt->wt, &used, &wt->out);
    return status;
}

enum lk_status sim_seam_enb(struct sim_world *world, const struct lk_enb_event *event)
{
    struct sim_enb *enb = &world->lwa->enb;

    struct lk_enb_event used = *event;

    enb->out.count = 0;
    PLANT(sim_plant_enb_event(&used));
    PLANT(if (sim_planted("enbs-deaf-after-restart") && enb->life > 1) return LK_OK);
    return lk_enb_step(enb->node, &used, &enb->out);
}

uint32_t sim_seam_nas_count(struct sim_phone *phone)
{
    PLANT(if (sim_planted("kenb-again") && phone->nas_count > 0) return phone->nas_count);
    return ++phone->nas_count;
}
