/* Planted bugs, for the test program sim-planted only: each must be caught by the invariant that
 * its row names. */
#ifndef LK_SIM_PLANTS_H
#define LK_SIM_PLANTS_H

#include "sim/gateway.h"

struct sim_plant {
    const char *name;
    const char *caught_by; /* the invariant */
};

/* Of one world each; name NULL behind the last. */
extern const struct sim_plant sim_plants_aaa[], sim_plants_wlan[], sim_plants_lwa[],
    sim_plants_mis[], sim_plants_e2e[], sim_plants_mip[];

/* Whether it is the one that was chosen (planted.c). */
bool sim_planted(const char *name);

void sim_plant_start(void);
void sim_plant_entropy(struct lk_auc_entropy *entropy);
void sim_plant_vault(struct sim_world *world, struct lk_vault_answer *answer,
                     const struct lk_vault_request *request);
void sim_plant_datagram(struct lk_aaa_datagram *datagram);
void sim_plant_step(struct sim_world *world, const struct lk_aaa_job *job);
void sim_plant_reply(const struct sim_node *node, enum lk_reply_found *found);
void sim_plant_taken(struct lk_reauth_context *context, enum lk_status *status,
                     const uint8_t name[LK_REAUTH_NAME_LEN]);
void sim_plant_peer(struct sim_world *world, struct sim_ue *ue, struct lk_outbox *out);
void sim_plant_card(struct sim_ue *ue, const struct lk_card_answer *answer);
/* plants_wlan.c */
void sim_plant_wlan_start(void);
void sim_plant_twap(struct sim_world *world, struct sim_twap *twap);
void sim_plant_twag_event(struct sim_world *world, struct lk_twag_event *event);
void sim_plant_twag(struct sim_world *world, struct sim_gateway *gateway, enum lk_status status);
void sim_plant_anchor(struct sim_world *world, const struct lk_anchor_event *event);

#endif
