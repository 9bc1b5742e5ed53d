/* Plain calls from the world of end-to-end keys into its machines: see e2e_seam.h. */
#include "sim/e2e_seam.h"

#include "crypto/crypto.h"

#ifdef LK_SIM_PLANTS
#include "sim/plants_e2e.h"
#define PLANT(call) call
#else
#define PLANT(call) (void)0
#endif

void sim_e2e_seam_start(struct sim_world *world)
{
    (void)world;
    PLANT(sim_plant_e2e_start(world));
}

enum lk_status sim_seam_app(struct sim_world *world, struct sim_e2e_app *app,
                            const struct lk_e2e_ue_event *event)
{
    struct lk_e2e_ue_event used = *event;
    enum lk_status status;

    (void)world;
    PLANT(sim_plant_app_before(world, app, &used));
    status = lk_e2e_ue_step(&app->ue, &app->config, &used, &app->out);
    PLANT(sim_plant_app(app));
    return status;
}

enum lk_status sim_seam_server(struct sim_world *world, struct sim_e2e_place *place,
                               const struct lk_e2e_server_event *event)
{
    struct lk_e2e_server_event used = *event;
    enum lk_status status;

    place->out.count = 0;
    PLANT(if (sim_plant_server_before(world, place, &used)) return LK_OK);
    status = lk_e2e_server_step(&place->server, &world->e2e->server_config, &used, &place->out);
    PLANT(sim_plant_server(place));
    return status;
}

void sim_seam_draw(struct sim_world *world, struct sim_e2e_pair *pair, bool of_server)
{
    sim_e2e_draw(world, pair);
    (void)of_server;
    PLANT(sim_plant_draw(pair, of_server));
}

enum lk_status sim_seam_multiply(uint8_t shared[32], const uint8_t secret[32],
                                 const struct lk_noise_point *point, bool ephemerals)
{
    enum lk_status status = lk_x25519_shared(shared, secret, point->octets);

    (void)ephemerals;
    PLANT(sim_plant_multiply(shared, ephemerals));
    return status;
}

struct lk_e2e_holder sim_seam_holder(const struct lk_e2e_holder *holder)
{
    struct lk_e2e_holder used = *holder;

    PLANT(sim_plant_holder(&used));
    return used;
}

bool sim_seam_reads(bool opened)
{
    PLANT(if (sim_plant_reads()) return false);
    return opened;
}
